"""Ladder: the proof that a case scores what it means to score, before anybody is scored by it.

T1 the bots stand in order; T2 the oracle is calibrated; T3 who games loses; T5 trap and twin can
be told apart, and not at a glance; T7 how many cases tell whom from whom. T4 (propriety) and T6
(the same bytes) are properties of the code and stand among the tests.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from shipcall.practice.belief import believed, log_likelihoods, telling
from shipcall.practice.bots import calls_of_bots
from shipcall.practice.language import PRIORS
from shipcall.practice.laws import Floats, weigh
from shipcall.practice.play import Play
from shipcall.practice.points import caused, prior, worths
from shipcall.practice.redraw import drawn_logs, redrawn

DRAWS = 8_000
"""Least draws of what panels say, for the twins and the histogram."""
RANKS = 20
"""Bins of the rank histogram."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One player on one case."""

    who: str
    loss: float
    """Mean share of the stake lost, given the evidence."""
    error: float
    """Its standard error."""
    best: float
    """Share of the plays in which it took the best option, within one hundredth of the stake."""
    in_trap: float | None
    """Mean loss where the trap is so; None: not counted apart."""
    in_twin: float | None
    """The same where its twin is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What one case was found to be."""

    case: str
    plays: int
    rungs: tuple[Rung, ...]
    calls: Mapping[str, float]
    """Option -> how often it is the best one."""
    auc: float
    """Chance that the oracle believes more in the trap at a trap than at a twin."""
    ranks: tuple[int, ...]
    """Histogram of where the truth ranks in the posterior, in RANKS bins."""
    ranks_p: float
    """Chance of a histogram as uneven under a calibrated oracle."""
    right_all: float
    """How often the oracle's likeliest cause is so, with every panel."""
    right_in_minutes: float
    """The same with the best panels for the evidence-minutes."""


def losses(play: Play, calls: Mapping[str, str]) -> dict[str, float]:
    """Share of the stake each call loses, given every panel of the play."""
    logs = log_likelihoods(play)
    opened = [panel.name for panel in play.case.panel]
    expected = worths(play.case, play.points) @ believed(play, opened, logs=logs)
    stake = float(expected.max() - expected.min())
    names = [option.name for option in play.case.option]
    top = float(expected.max())
    return {
        who: (top - float(expected[names.index(option)])) / stake if stake > 0 else 0.0
        for who, option in calls.items()
    }


def stand(play: Play, count: int, *, seed: int) -> Standing:
    """Let all bots but the work verdict play a case many times.

    Args:
        play: Any play of the case; numbers of rows are taken from it.
        count: Plays.
        seed: Of the redrawing.
    """
    rows: dict[str, list[float]] = {}
    roles: list[str] = []
    best: list[str] = []
    for one in redrawn(play, count, seed=seed):
        calls = calls_of_bots(one)
        best.append(calls["oracle"])
        roles.append(one.truth.state.role)
        for who, loss in losses(one, calls).items():
            rows.setdefault(who, []).append(loss)
    truths, logs = drawn_logs(play, max(count, DRAWS), seed=seed + 1)
    every = _beliefs(play, logs, [panel.name for panel in play.case.panel])
    ranks = rank_histogram(every, truths, rng=np.random.default_rng(seed))
    return Standing(
        case=play.case.id,
        plays=count,
        rungs=tuple(rung_of(who, np.array(lost), np.array(roles)) for who, lost in rows.items()),
        calls={option.name: best.count(option.name) / count for option in play.case.option},
        auc=twin_auc(play, every, truths),
        ranks=tuple(int(n) for n in ranks),
        ranks_p=_uneven(ranks),
        right_all=cause_right(play, every, truths),
        right_in_minutes=cause_right(play, _beliefs(play, logs, best_panels(play, logs)), truths),
    )


def rung_of(who: str, lost: Floats, roles: NDArray[np.str_] | None) -> Rung:
    """Sum up what one player lost.

    Args:
        who: The player.
        lost: Share of the stake in each play, shape (plays,).
        roles: Role of what was so in each play; None: not counted apart.
    """
    return Rung(
        who=who,
        loss=float(lost.mean()),
        error=float(lost.std(ddof=1) / np.sqrt(len(lost))),
        best=float((lost <= 0.01).mean()),
        in_trap=None if roles is None else float(lost[roles == "trap"].mean()),
        in_twin=None if roles is None else float(lost[roles == "twin"].mean()),
    )


def _beliefs(play: Play, logs: Mapping[str, Floats], opened: Sequence[str]) -> Floats:
    """Posterior of every draw given some panels, shape (draws, points)."""
    total: Floats = np.zeros_like(next(iter(logs.values())))
    for name in telling(play.case, opened):
        total = total + logs[name]
    return weigh(prior(play.points, PRIORS[0]), total)


def twin_auc(play: Play, beliefs: Floats, truths: Floats) -> float:
    """Chance that the belief in the trap is higher at a trap than at a twin; ties count half."""
    roles = np.array([point.state.role for point in play.points])
    odds = beliefs[:, roles == "trap"].sum(axis=1)
    so = roles[truths.astype(int)]
    trap, twin = odds[so == "trap"], np.sort(odds[so == "twin"])
    below = np.searchsorted(twin, trap, side="left") + np.searchsorted(twin, trap, side="right")
    return float(below.mean() / (2 * len(twin)))


def rank_histogram(beliefs: Floats, truths: Floats, *, rng: np.random.Generator) -> Floats:
    """Count where truths rank among the points of their posterior (simulation-based calibration).

    Points are laid out in a random but fixed order, and the truth takes an even place within its
    own mass, so that ranks are uniform exactly where the posterior is right.

    References:
        Talts, Betancourt, Simpson, Vehtari and Gelman (2018), Validating Bayesian inference
        algorithms with simulation-based calibration, theorem 1; here with mass in place of draws.
    """
    order = rng.permutation(beliefs.shape[1])
    place = np.argsort(order)[truths.astype(int)]
    laid = np.cumsum(beliefs[:, order], axis=1)
    rows = np.arange(len(laid))
    own = beliefs[rows, truths.astype(int)]
    at = laid[rows, place] - own * rng.random(len(laid))
    counts, _ = np.histogram(np.clip(at, 0, 1), bins=RANKS, range=(0, 1))
    return counts.astype(np.float64)


def _uneven(ranks: Floats) -> float:
    expected = ranks.sum() / len(ranks)
    square = float(((ranks - expected) ** 2 / expected).sum())
    return float(special.gammaincc((len(ranks) - 1) / 2, square / 2))


def cause_right(play: Play, beliefs: Floats, truths: Floats) -> float:
    """How often the likeliest cause is so."""
    by_cause = caused(play.case, play.points)
    likeliest = (beliefs @ by_cause.T).argmax(axis=1)
    return float((likeliest == by_cause[:, truths.astype(int)].argmax(axis=0)).mean())


def bits_of(play: Play, logs: Mapping[str, Floats], opened: Sequence[str]) -> float:
    """Information about the cause that panels bring on average, in bits."""
    by_cause = caused(play.case, play.points)
    before = by_cause @ prior(play.points, PRIORS[0])
    after = _beliefs(play, logs, opened) @ by_cause.T
    return float(_entropy(before) - _entropy(after).mean())


def _entropy(chances: Floats) -> Floats:
    bits: Floats = -special.xlogy(chances, chances).sum(axis=-1) / np.log(2)
    return bits


def best_panels(play: Play, logs: Mapping[str, Floats]) -> list[str]:
    """Order panels by information per minute, one after the other, within the evidence-minutes."""
    case, opened, left = play.case, list[str](), play.case.looking
    while True:
        had = bits_of(play, logs, opened)
        gains = {
            panel.name: (bits_of(play, logs, [*opened, panel.name]) - had) / panel.minutes
            for panel in case.panel
            if panel.name not in opened and panel.minutes <= left + 1e-9
        }
        if not gains or max(gains.values()) <= 1e-6:
            return opened
        taken = max(gains, key=lambda name: gains[name])
        opened.append(taken)
        left -= case.panel_of(taken).minutes
