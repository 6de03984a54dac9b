"""Calibration: does what a person calls 90 % come about nine times in ten?

Only what came about counts here, and the unit is the play: claims of one play speak of one truth,
so fourteen claims of nine plays tell as much as nine. Nothing is said before it could be known.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

import numpy as np
from scipy import special

from shipcall.core import Absent, Estimate, Measured, Reason, Tails
from shipcall.practice.finished import Finished
from shipcall.practice.laws import Floats

BINS = 5
LEAST_PLAYS = 10
"""Plays from which a bin is shown."""
LEAST_SLOPE = 20
"""Plays from which a slope has an interval."""
LEVEL, POWER = 0.05, 0.80
"""One-sided error of the sentence "too sure", and its least chance where it is deserved."""
TAILS = Tails(0.025, 0.025)
_NEAREST = 0.01
"""Stated chances of 0 and 1 are taken for this far from them in the slope."""


class Claimed(NamedTuple):
    """One claim that was made and came about, or did not."""

    play: str
    stated: float
    """Probability, in [0, 1]."""
    so: bool


class Told(NamedTuple):
    """A level of sureness that is watched, and what it is to be told from."""

    said: float
    """Sureness, from one half to 1."""
    low: float
    """Claims said with at least this …"""
    high: float
    """… and less than this belong to it."""
    truth: float
    """How often it then holds with somebody who is too sure."""


WATCHED = (Told(0.9, 0.85, 1.01, 0.75), Told(0.8, 0.75, 0.85, 0.60))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Claims of about one probability."""

    low: float
    high: float
    claims: int
    plays: int
    stated: float | None
    """Mean probability; None where nothing was claimed."""
    so: float | None
    """Share that came about, every play with the same weight; None while it is not `shown`."""
    so_low: float | None
    so_high: float | None

    @property
    def shown(self) -> bool:
        """Are there plays enough to look at it?"""
        return self.so is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sureness:
    """One of WATCHED, held against what came about."""

    said: float
    truth: float
    plays: int
    needed: int
    """Plays from which one can be told from the other."""
    right: float | None
    """Share that held; None while there are fewer plays than needed."""
    too_sure: bool | None
    """None: nobody can know yet."""


class Recalibration(NamedTuple):
    """logit P(so) = intercept + slope * logit(stated); 0 and 1 for what is stated as it is."""

    intercept: Measured
    slope: Measured


def claims_of(plays: Iterable[Finished]) -> list[Claimed]:
    """Collect the claims of rated plays; others were hinted at, seen before, or not in time."""
    return [
        Claimed(play.id, float(claim["stated"]), bool(claim["so"]))
        for play in plays
        if play.rated
        for claim in play.score.get("claims") or ()
    ]


def curve(claims: Sequence[Claimed]) -> list[Bin]:
    """Lay claims into five bins of equal width, with 95 % intervals where they can be looked at."""
    edges = np.linspace(0, 1, BINS + 1)
    place = [min(int(claim.stated * BINS), BINS - 1) for claim in claims]
    return [
        _bin(
            float(edges[k]),
            float(edges[k + 1]),
            [claim for claim, at in zip(claims, place, strict=True) if at == k],
        )
        for k in range(BINS)
    ]


def _bin(low: float, high: float, claims: Sequence[Claimed]) -> Bin:
    each = [np.mean([one.so for one in group]) for group in _by_play(claims)]
    right, plays = float(np.sum(each)), len(each)
    shown = plays >= LEAST_PLAYS
    ends = jeffreys(right, plays) if shown else (None, None)
    return Bin(
        low=low,
        high=high,
        claims=len(claims),
        plays=plays,
        stated=float(np.mean([one.stated for one in claims])) if claims else None,
        so=right / plays if shown else None,
        so_low=ends[0],
        so_high=ends[1],
    )


def _by_play(claims: Sequence[Claimed]) -> list[list[Claimed]]:
    ordered = sorted(claims, key=lambda one: one.play)
    return [list(group) for _, group in groupby(ordered, key=lambda one: one.play)]


class Ends(NamedTuple):
    """The two ends of an interval."""

    low: float
    high: float


def jeffreys(right: float, trials: int) -> Ends:
    """Give a share its 95 % interval by Jeffreys' prior; the end is 0 or 1 where nothing else is.

    Right on average over the possible shares, not at each: for looking, not for promising.

    Args:
        right: How many were so, 0 to `trials`; may be a fraction, where units are means.
        trials: Independent units.

    References:
        Brown, Cai and DasGupta (2001), Interval estimation for a binomial proportion, Statistical
        Science 16(2), section 4.1.2 for the two ends.
    """
    a, b = right + 0.5, trials - right + 0.5
    low = float(special.betaincinv(a, b, TAILS.low)) if right > 0 else 0.0
    return Ends(low, float(special.betaincinv(a, b, 1 - TAILS.high)) if right < trials else 1.0)


@lru_cache(maxsize=64)
def needed(said: float, truth: float, *, level: float = LEVEL, power: float = POWER) -> int:
    """Count the claims from which somebody who says `said` can be told to be right `truth`.

    Exact binomial test against "holds as often as said", one-sided. Because counts are whole, the
    power dips a little below what is asked at a few larger numbers.

    Args:
        said: Stated sureness, in (0, 1).
        truth: How often it holds, in (0, said).
        level: Error of finding it where it holds as said.
        power: Chance of finding it.

    Returns:
        The smallest number of independent claims.

    Raises:
        ValueError: If `truth` is not below `said`.
    """
    if not 0 < truth < said < 1:
        raise ValueError(f"{truth} is not between 0 and {said}: nothing is to be told apart")
    n = 1
    while True:
        most = _most_rejected(n, said, level)
        if most >= 0 and special.bdtr(most, n, truth) >= power:
            return n
        n += 1


def _most_rejected(n: int, said: float, level: float) -> int:
    """Largest count at most as likely as the level under what was said; -1 where none is."""
    tails = special.bdtr(np.arange(n + 1, dtype=np.float64), n, said)
    return int(np.searchsorted(tails, level, side="right")) - 1


def sureness(claims: Sequence[Claimed]) -> list[Sureness]:
    """Say of every watched level whether a person is too sure, once that can be known.

    A claim said with 10 % counts as its opposite said with 90 %. The first claim of a play at a
    level stands for the play, so that the exact law of independent claims holds.
    """
    return [_sureness(told, claims) for told in WATCHED]


def _sureness(told: Told, claims: Sequence[Claimed]) -> Sureness:
    folded = [_folded(one) for one in claims]
    first = {one.play: one for one in reversed(folded) if told.low <= one.stated < told.high}
    ones = list(first.values())
    least = needed(told.said, told.truth)
    enough = len(ones) >= least
    right = sum(one.so for one in ones)
    return Sureness(
        said=told.said,
        truth=told.truth,
        plays=len(ones),
        needed=least,
        right=right / len(ones) if enough else None,
        too_sure=chance_of_at_most(right, [one.stated for one in ones]) <= LEVEL
        if enough
        else None,
    )


def _folded(one: Claimed) -> Claimed:
    return one if one.stated >= 0.5 else Claimed(one.play, 1 - one.stated, not one.so)


def chance_of_at_most(right: int, stated: Sequence[float]) -> float:
    """Chance that no more than `right` come about if each does with the chance that was stated.

    Exact: the law of a sum of independent unequal 0/1 outcomes, by convolution.
    """
    law: Floats = np.ones(1)
    for chance in stated:
        law = np.convolve(law, [1 - chance, chance])
    return float(min(law[: right + 1].sum(), 1.0))


def recalibrate(claims: Sequence[Claimed]) -> Recalibration:
    """Fit how far stated chances have to be stretched; a slope below 1 says: too extreme.

    Penalised logistic regression: one observation's worth of pull towards "as stated" (normal
    priors of unit variance around 0 and 1), so that it exists always. Errors are those of whole
    plays (sandwich, t with plays - 1 degrees of freedom); below LEAST_SLOPE plays it is Absent.

    Args:
        claims: All of them, of rated plays.

    References:
        Cox (1958), Two further applications of a model for binary regression, Biometrika 45, for
        the line; the penalised score equations are solved by Newton's steps.
    """
    plays = len({one.play for one in claims})
    if plays < LEAST_SLOPE:
        told = Absent(
            reason=Reason.TOO_FEW_CLUSTERS,
            detail=f"claims of {plays} plays; a slope needs {LEAST_SLOPE}",
            n=plays,
        )
        return Recalibration(told, told)
    at, error = fit_line(claims)
    reach = float(special.stdtrit(plays - 1, 1 - TAILS.high))
    both = [
        Estimate(
            value=float(value),
            low=float(value - reach * spread),
            high=float(value + reach * spread),
            tails=TAILS,
            n=plays,
            method="penalised logistic recalibration, errors by play",
        )
        for value, spread in zip(at, error, strict=True)
    ]
    return Recalibration(*both)


class Line(NamedTuple):
    """Intercept and slope, and their standard errors; each of shape (2,)."""

    at: Floats
    error: Floats


def fit_line(claims: Sequence[Claimed], *, penalty: float = 1.0) -> Line:
    """Solve the penalised score equations; `penalty` is the precision of both priors."""
    stated = np.clip([one.stated for one in claims], _NEAREST, 1 - _NEAREST)
    design = np.stack([np.ones(len(claims)), special.logit(stated)], axis=1)
    so = np.array([one.so for one in claims], dtype=np.float64)
    middle = np.array([0.0, 1.0])
    at = middle.copy()
    for _ in range(100):
        chance = special.expit(design @ at)
        bend = (design.T * (chance * (1 - chance))) @ design + penalty * np.eye(2)
        step = np.linalg.solve(bend, design.T @ (so - chance) - penalty * (at - middle))
        at = at + np.clip(step, -1.0, 1.0)
        if float(np.abs(step).max()) < 1e-10:
            break
    chance = special.expit(design @ at)
    bend = (design.T * (chance * (1 - chance))) @ design + penalty * np.eye(2)
    _, code = np.unique([one.play for one in claims], return_inverse=True)
    sums = np.zeros((int(code.max()) + 1, 2))
    np.add.at(sums, code, design * (so - chance)[:, None])
    meat = sums.T @ sums * len(sums) / max(len(sums) - 1, 1) + penalty * np.eye(2)
    inverse = np.linalg.inv(bend)
    return Line(at, np.sqrt(np.diag(inverse @ meat @ inverse)))


class Covered(NamedTuple):
    """One forecast: the likeliest bins that hold at least a share, and whether it came there."""

    stated: float
    """What the person gave to these bins together."""
    hit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Forecasts of many plays."""

    plays: int
    stated: float
    """Mean probability given to the bins that were held for likely."""
    hit: float
    """Share in which it came there."""
    low: float
    high: float
    too_narrow: bool
    """Fewer hits than stated, with an error of LEVEL."""


def covered(stated: Sequence[float], came: int, *, share: float = 0.8) -> Covered:
    """Take the likeliest bins of a forecast until they hold a share, and see whether it came there.

    With wide bins they hold more than the share; therefore what was stated is kept beside the hit.

    Args:
        stated: Probability of each bin, adding up to 1.
        came: Bin of what was then seen.
        share: Least probability that the bins hold together.
    """
    order = sorted(range(len(stated)), key=lambda k: -stated[k])
    taken: list[int] = []
    while sum(stated[k] for k in taken) < share - 1e-9:
        taken.append(order[len(taken)])
    return Covered(min(sum(stated[k] for k in taken), 1.0), came in taken)


def coverage(forecasts: Sequence[Covered]) -> Coverage | None:
    """Hold many forecasts against what they said of themselves; None below LEAST_PLAYS."""
    if len(forecasts) < LEAST_PLAYS:
        return None
    hits = sum(one.hit for one in forecasts)
    ends = jeffreys(hits, len(forecasts))
    return Coverage(
        plays=len(forecasts),
        stated=float(np.mean([one.stated for one in forecasts])),
        hit=hits / len(forecasts),
        low=ends.low,
        high=ends.high,
        too_narrow=chance_of_at_most(hits, [one.stated for one in forecasts]) <= LEVEL,
    )
