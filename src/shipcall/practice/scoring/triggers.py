"""Triggers: a rule that rolls back by itself, executed on replays of what may be so.

A replay draws a world from the posterior at all panels, because a rule acts as a call does, and
then one value a day for every scope. A release that does harm costs points on every day it is out;
one that does none costs points if it is taken back. Half of the replays are worlds with harm and
half are without, however sure the posterior is, and count with its chances: what a rule misses and
what it stops for nothing are seen equally well.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shipcall.practice.language import Trigger
from shipcall.practice.laws import Floats
from shipcall.practice.play import Play, rng_of
from shipcall.practice.points import line, prior
from shipcall.practice.scoring.score import TriggerScore
from shipcall.practice.sheet import TriggerAnswer

REPLAYS = 2_000
BARS = 33
"""Bars tried for each scope and window, at even shares of what the replays reach."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Replays:
    """Days that may come."""

    daily: Mapping[str, Floats]
    """Scope -> what is seen there, shape (replays, days)."""
    loses: Floats
    """Points a day while the release is out, shape (replays,); above 0 is harm."""
    chances: Floats
    """How likely each replay is, adding up to 1, shape (replays,)."""
    false_costs: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one rule does over all replays."""

    fired_false: float | None
    missed: float | None
    days_to_fire: float | None
    loss: float


def trigger_score(
    play: Play, asked: Trigger | None, rule: TriggerAnswer | None, belief: Floats
) -> TriggerScore | None:
    """Execute a rule on many replays and hold it against the best rule of its form.

    The best one is found on the same replays, so it is a little luckier than it would be on
    others. Only ROLL BACK takes a release back; a rule with another action stops nothing.

    Args:
        play: The play.
        asked: The trigger of the case; None: it asks for none.
        rule: Scope, bar and window; None: no answer.
        belief: Posterior at all panels, shape (points,).
    """
    if asked is None or rule is None:
        return None
    replays = drawn(play, asked, belief)
    reached = _reached(replays.daily[rule.scope], rule.window_days)
    told = executed(replays, reached, rule.bar if _rolls_back(rule) else np.inf)
    best, least = best_rule(asked, replays)
    return TriggerScore(
        replays=REPLAYS,
        fired_false=told.fired_false,
        missed=told.missed,
        days_to_fire=told.days_to_fire,
        loss=told.loss,
        best_loss=min(least, told.loss),
        best=best if least < told.loss else _named(rule.scope, rule.bar, rule.window_days),
        curve=list(_curve(replays, reached)),
    )


def drawn(play: Play, asked: Trigger, belief: Floats) -> Replays:
    """Draw worlds from a belief, half of them with harm, and the days that follow in each."""
    rng, loses = rng_of(play.seed, "trigger"), line(asked.loses, play.points)
    so, chances = _worlds(belief, prior(play.points), loses > 0, rng)
    daily = {
        scope.name: line(scope.of, play.points)[so, None]
        + scope.error * rng.standard_normal((len(so), asked.days))
        for scope in asked.scope
    }
    return Replays(daily=daily, loses=loses[so], chances=chances, false_costs=asked.false_costs)


def _worlds(
    belief: Floats, common: Floats, harm: NDArray[np.bool_], rng: np.random.Generator
) -> tuple[NDArray[np.intp], Floats]:
    """Places of points, as many with harm as without where both may be, and their chances.

    A kind that the belief rules out altogether is drawn as it is commonly, and counts nothing.
    """
    kinds = [kind for kind in (harm, ~harm) if common[kind].any()]
    each, so, chances = REPLAYS // len(kinds), [], []
    for kind in kinds:
        mass = belief * kind
        among = mass if mass.any() else common * kind
        so.append(rng.choice(len(belief), size=each, p=among / among.sum()))
        chances.append(np.full(each, mass.sum() / belief.sum() / each))
    return np.concatenate(so), np.concatenate(chances)


def executed(replays: Replays, reached: Floats, bar: float) -> Told:
    """Let a rule fire where the mean over its window first lies above its bar.

    Args:
        replays: The days that come.
        reached: Highest mean over the window so far, shape (replays, days); -inf before the
            first window is full.
        bar: In the unit of the metric.
    """
    days = reached.shape[1]
    quiet = (reached <= bar).sum(axis=1)
    fired, harm = quiet < days, replays.loses > 0
    out = np.minimum(quiet + 1, days)
    lost = np.where(harm, replays.loses * out, replays.false_costs * fired)
    caught = fired & harm
    return Told(
        fired_false=_share(fired, ~harm),
        missed=_share(~fired, harm),
        days_to_fire=float(np.median(out[caught])) if caught.any() else None,
        loss=float(replays.chances @ lost),
    )


def best_rule(asked: Trigger, replays: Replays) -> tuple[Mapping[str, float | str], float]:
    """Search scopes, windows and bars for the rule that loses least; give it with its loss."""
    found = [
        (executed(replays, reached, bar).loss, scope.name, bar, window)
        for scope in asked.scope
        for window in asked.windows
        if window <= asked.days
        for reached in [_reached(replays.daily[scope.name], window)]
        for bar in _bars(reached)
    ]
    loss, scope, bar, window = min(found)
    return _named(scope, bar, window), loss


def _curve(replays: Replays, reached: Floats) -> Iterator[Mapping[str, float | None]]:
    for bar in _bars(reached):
        told = executed(replays, reached, bar)
        yield {
            "bar": bar,
            "fired_false": told.fired_false,
            "missed": told.missed,
            "loss": told.loss,
        }


def _reached(daily: Floats, window: int) -> Floats:
    """Highest mean over a window up to each day, shape (replays, days)."""
    sums = np.cumsum(daily, axis=1)
    sums[:, window:] -= sums[:, :-window].copy()
    means = sums / window
    means[:, : window - 1] = -np.inf
    highest: Floats = np.maximum.accumulate(means, axis=1)
    return highest


def _bars(reached: Floats) -> Sequence[float]:
    """Bars from one that nearly every replay passes to one that none does."""
    tops = np.quantile(reached[:, -1], np.linspace(0, 1, BARS))
    first = np.quantile(reached[np.isfinite(reached)], 0.001)
    return [float(bar) for bar in np.unique(np.append(tops, first))]


def _share(which: NDArray[np.bool_], among: NDArray[np.bool_]) -> float | None:
    return float(which[among].mean()) if among.any() else None


def _rolls_back(rule: TriggerAnswer) -> bool:
    return rule.action.strip().upper().replace("_", " ").replace("-", " ") == "ROLL BACK"


def _named(scope: str, bar: float, window: int) -> Mapping[str, float | str]:
    return {"scope": scope, "bar": bar, "window": float(window)}
