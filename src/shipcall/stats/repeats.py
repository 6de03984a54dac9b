"""Repeats: how often units come back, when nobody says that they have left.

The BG/NBD law: while a unit is active it returns as a Poisson process whose rate is gamma
distributed over units; after each return it leaves for good with a chance that is beta
distributed over units.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy import special

from shipcall.core import Absent, Estimate, Measured, Reason, Tails
from shipcall.stats.arms import ByArm, joined
from shipcall.stats.sample import Floats, Ints

FEW_REPEATERS = 50
"""Fewer units with a return than this carry no four parameters."""
FEW_REPEATED = 10
"""Nor do fewer units with at least two returns."""
_STEPS = 200
_SETTLED = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Histories:
    """Units of one arm, alike ones counted together; independent.

    Raises:
        ValueError: On shapes that differ, or a history that cannot be.
    """

    repeats: Ints
    """Returns after the first visit, shape (K,)."""
    latest: Floats
    """Age at the last return, 0 without one, shape (K,)."""
    followed: Floats
    """Age up to which the unit was followed, shape (K,)."""
    units: Ints
    """Units with this history, shape (K,)."""

    def __post_init__(self) -> None:
        shape = self.repeats.shape
        if not shape == self.latest.shape == self.followed.shape == self.units.shape:
            raise ValueError("a history has one number of each kind")
        possible = (self.repeats >= 0) & (self.units >= 0) & (self.followed > 0)
        possible &= (self.latest >= 0) & (self.latest <= self.followed)
        possible &= (self.repeats > 0) == (self.latest > 0)
        if not possible.all():
            raise ValueError("expected 0 <= latest <= followed, and latest 0 only without a return")

    def merged(self, other: "Histories") -> "Histories":
        """Add other units of the same arm."""
        return Histories(
            repeats=np.concatenate((self.repeats, other.repeats)),
            latest=np.concatenate((self.latest, other.latest)),
            followed=np.concatenate((self.followed, other.followed)),
            units=np.concatenate((self.units, other.units)),
        )

    @property
    def n(self) -> int:
        """Number of units."""
        return int(self.units.sum())


class Repeating(NamedTuple):
    """A BG/NBD law fitted by maximum likelihood."""

    r: float
    """Shape of the gamma law of rates."""
    alpha: float
    """Its rate parameter, in the unit of the ages."""
    a: float
    """First parameter of the beta law of the chance to leave."""
    b: float
    """Its second parameter."""
    log_likelihood: float
    covariance: Floats
    """Of the logarithms of r, alpha, a, b; robust to a wrong law; shape (4, 4)."""
    n: int

    def expected(self, age: float) -> float:
        """Give the mean number of returns of a unit up to an age; Fader et al., equation 9."""
        return _expected(np.log([self.r, self.alpha, self.a, self.b]), age)


def fit_repeats(histories: Histories) -> Repeating | Absent:
    """Fit BG/NBD by maximum likelihood; Absent where it has no peak inside.

    The covariance is the sandwich of the units' own gradients, so that what is estimated holds
    its level for the best BG/NBD law also where the truth is another one. Nothing tells the data
    of a unit that left from one that pauses: the law fills that in, and long pauses (weekends,
    seasons) break it.

    References:
        Fader, Hardie & Lee (2005), "Counting your customers" the easy way: an alternative to the
        Pareto/NBD model, Marketing Science 24(2), 275-284, equations 6 and 9.
    """
    n = histories.n
    again = int(histories.units[histories.repeats > 0].sum())
    twice = int(histories.units[histories.repeats > 1].sum())
    if again < FEW_REPEATERS or twice < FEW_REPEATED:
        detail = f"{again} of {n} units returned, {twice} at least twice"
        return Absent(reason=Reason.TOO_FEW_EVENTS, detail=detail, n=n)
    peak = _climbed(histories)
    if peak is None:
        detail = "the likelihood has no peak inside: units do not differ, or nobody leaves"
        return Absent(reason=Reason.UNSOUND, detail=detail, n=n)
    at = peak.at
    bread = np.linalg.inv(peak.curvature)
    slopes = _slopes(lambda point: _each(point, histories), at)
    meat = (slopes * histories.units) @ slopes.T
    best = float(np.sum(histories.units * _each(at, histories)))
    r, alpha, a, b = np.exp(at).tolist()
    return Repeating(r, alpha, a, b, best, bread @ meat @ bread, n)


def expected_repeats(histories: Histories, start: float, end: float, tails: Tails) -> Measured:
    """Estimate how often a unit returns between two ages, on average over units that begin.

    Ends on the log scale by the delta method, for the best BG/NBD law. Beyond the ages that
    were followed it is a forecast, and the interval says nothing of how far the law errs there:
    hold it against an older cohort first. Use `retention` for what was seen.

    Args:
        histories: One arm.
        start: Age from which returns count, 0 or more.
        end: Age to which they count, above `start`.
        tails: One-sided error level of each end.
    """
    if not 0 <= start < end:
        raise ValueError(f"expected 0 <= start < end, got {start}, {end}")
    fitted = fit_repeats(histories)
    if isinstance(fitted, Absent):
        return fitted

    def value(point: Floats) -> Floats:
        return np.array([math.log(_expected(point, end) - _expected(point, start))])

    at = np.log([fitted.r, fitted.alpha, fitted.a, fitted.b])
    slope = _slopes(value, at)[:, 0]
    error = math.sqrt(float(slope @ fitted.covariance @ slope))
    centre = float(value(at)[0])
    return Estimate(
        value=math.exp(centre),
        low=math.exp(centre + float(special.ndtri(tails.low)) * error),
        high=math.exp(centre - float(special.ndtri(tails.high)) * error),
        tails=tails,
        n=fitted.n,
        method="BG/NBD, sandwich",
    )


def expected_repeats_by_arm(
    baseline: Histories, candidate: Histories, start: float, end: float, tails: Tails
) -> ByArm:
    """Compare the expected returns of a unit between independent arms; see `joined`."""
    return joined(
        partial(expected_repeats, baseline, start, end),
        partial(expected_repeats, candidate, start, end),
        tails,
    )


def _each(point: Floats, histories: Histories) -> Floats:
    """Log-likelihood of each history, at the logarithms of r, alpha, a, b; shape (K,)."""
    r, alpha, a, b = np.exp(point)
    x = histories.repeats
    returning = special.gammaln(r + x) - special.gammaln(r) + r * point[1]
    whole = special.betaln(a, b)
    active = special.betaln(a, b + x) - whole - (r + x) * np.log(alpha + histories.followed)
    later = np.maximum(x, 1)
    gone = special.betaln(a + 1, b + later - 1) - whole
    gone = gone - (r + x) * np.log(alpha + histories.latest)
    either = np.where(x > 0, np.logaddexp(active, gone), active)
    return np.asarray(returning + either)


def _expected(point: Floats, age: float) -> float:
    r, alpha, a, b = np.exp(point).tolist()
    if abs(a - 1) < 1e-6:
        a = 1 + 1e-6
    shrunk = (alpha / (alpha + age)) ** r * special.hyp2f1(r, b, a + b - 1, age / (alpha + age))
    return float((a + b - 1) / (a - 1) * (1 - shrunk))


class _Peak(NamedTuple):
    at: Floats
    curvature: Floats
    """Minus the second derivatives, positive definite."""


def _climbed(histories: Histories) -> _Peak | None:
    """Find the peak by Newton's steps, damped where the surface is not a bowl."""

    def total(point: Floats) -> Floats:
        return np.array([np.sum(histories.units * _each(point, histories))])

    at, best = np.zeros(4), float(total(np.zeros(4))[0])
    for _ in range(_STEPS):
        slope, curvature = _slopes(total, at)[:, 0], _curvature(total, at)
        least = float(np.linalg.eigvalsh(curvature)[0])
        damped = curvature + max(1e-3 * np.abs(curvature).max() - least, 0.0) * np.eye(4)
        step = np.linalg.solve(curvature if least > 0 else damped, slope)
        step *= min(1.0, 1.0 / float(np.abs(step).max() + 1e-300))
        at, gained = _stepped(total, at, step, best)
        if np.abs(at).max() > 12:
            return None
        if gained <= _SETTLED * abs(best):
            return _Peak(at, curvature) if least > 0 else None
        best += gained
    return None


class _Moved(NamedTuple):
    at: Floats
    gained: float


def _stepped(total: Callable[[Floats], Floats], at: Floats, step: Floats, best: float) -> _Moved:
    """Go the whole step, or the first half of it that climbs."""
    for halving in range(30):
        reached = at + step / 2**halving
        gained = float(total(reached)[0]) - best
        if gained > 0:
            return _Moved(reached, gained)
    return _Moved(at, 0.0)


def _slopes(value: Callable[[Floats], Floats], at: Floats) -> Floats:
    """First derivatives by central differences, shape (4, K)."""
    moves = 1e-5 * np.eye(at.size)
    return np.array([(value(at + move) - value(at - move)) / 2e-5 for move in moves])


def _curvature(total: Callable[[Floats], Floats], at: Floats) -> Floats:
    """Minus the second derivatives by central differences, shape (4, 4)."""
    width = 1e-3
    moves = width * np.eye(at.size)
    centre = float(total(at)[0])
    found = np.empty((at.size, at.size))
    for i, one in enumerate(moves):
        ahead, behind = float(total(at + one)[0]), float(total(at - one)[0])
        found[i, i] = -(ahead - 2 * centre + behind) / width**2
        for j, two in enumerate(moves[:i]):
            same = float(total(at + one + two)[0]) + float(total(at - one - two)[0])
            opposite = float(total(at + one - two)[0]) + float(total(at - one + two)[0])
            found[i, j] = found[j, i] = -(same - opposite) / (4 * width**2)
    return found
