"""Survival: how long units stay, by arm, when some of them are still there.

The input are sums by time: how many dropped and how many went out of sight. Sums of parts add.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from shipcall.core import Absent, Estimate, Measured, Reason, Tails
from shipcall.stats.arms import ByArm, joined
from shipcall.stats.clusters import Clusters, inner
from shipcall.stats.proportions import Ends, binomial_ends
from shipcall.stats.sample import Floats, Ints

FEW = 10
"""Fewer drops, or fewer units still there, than this: exact ends are drawn as well."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Exits:
    """Drops and disappearances of one arm at each distinct time; independent units.

    Raises:
        ValueError: On times that do not ascend, negative counts or shapes that differ.
    """

    times: Floats
    """Time since the unit began, ascending, in days or exposures; shape (T,)."""
    dropped: Ints
    """Units that dropped at that time; shape (T,)."""
    hidden: Ints
    """Units last seen there, still with us: out of sight right after the drops; shape (T,)."""

    def __post_init__(self) -> None:
        if not self.times.shape == self.dropped.shape == self.hidden.shape:
            raise ValueError("times, dropped and hidden are one number for each time")
        if self.times.size and not (np.isfinite(self.times).all() and self.times[0] >= 0):
            raise ValueError("a time is negative or not finite")
        if (np.diff(self.times) <= 0).any():
            raise ValueError("times do not ascend: sum the counts of equal times first")
        if (self.dropped < 0).any() or (self.hidden < 0).any():
            raise ValueError("a count is negative")

    @classmethod
    def of(cls, times: ArrayLike, dropped: ArrayLike) -> Self:
        """Count units by the time at which they were last seen.

        Args:
            times: Time of each unit, not negative, shape (n,).
            dropped: Whether it dropped then (1) or is only out of sight (0), shape (n,).
        """
        seen = np.asarray(times, dtype=np.float64)
        events = np.asarray(dropped, dtype=bool)
        distinct, index = np.unique(seen, return_inverse=True)
        every = np.bincount(index, minlength=distinct.size)
        gone = np.bincount(index[events], minlength=distinct.size)
        return cls(times=distinct, dropped=gone, hidden=every - gone)

    def merged(self, other: "Exits") -> "Exits":
        """Add the counts of other units of the same arm."""
        times = np.union1d(self.times, other.times)
        dropped, hidden = np.zeros((2, times.size), dtype=np.int64)
        for part in (self, other):
            place = np.searchsorted(times, part.times)
            dropped[place] += part.dropped
            hidden[place] += part.hidden
        return Exits(times=times, dropped=dropped, hidden=hidden)

    @property
    def units(self) -> int:
        """Number of units."""
        return int(self.dropped.sum() + self.hidden.sum())

    @property
    def at_risk(self) -> Ints:
        """Units that had neither dropped nor disappeared before each time; shape (T,)."""
        return np.cumsum((self.dropped + self.hidden)[::-1])[::-1]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spells:
    """Spells that are not independent: a unit, or a household, brings several of them."""

    times: Floats
    """Length of each spell, shape (n,)."""
    dropped: Ints
    """1 where it ended with a drop, 0 where it is out of sight; shape (n,)."""
    cluster: Ints
    """Code of what is independent; shape (n,)."""


def survival_at(units: Exits | Spells, at: float, tails: Tails) -> Measured:
    """Estimate the share that stays longer than `at`, with units out of sight counted rightly.

    Kaplan-Meier. Ends on the log-log scale with Greenwood's variance, or over clusters for
    `Spells` (t with one less than the clusters); where fewer than `FEW` units dropped or are left,
    never inside the exact ends of a share of as many units as give the same variance.

    It misleads where units disappear because of what would have become of them (people who are
    about to leave and decline to be measured), and where spells of later units are longer: it
    assumes that at every age those in sight are like those out of sight.

    Args:
        units: One arm.
        at: Age in the unit of the times.
        tails: One-sided error level of each end.

    Returns:
        A share in [0, 1]; Absent where nobody is in sight at that age and some had stayed.

    References:
        Kaplan & Meier (1958), Nonparametric estimation from incomplete observations, J. Amer.
        Stat. Assoc. 53, 457-481.
        Kalbfleisch & Prentice (2002), The statistical analysis of failure time data, 2nd ed.,
        section 1.4 (log-log ends).
        Korn & Graubard (1998), Survey Methodology 24(2), 193-201 (effective sample size).
    """
    seen = _exits(units)
    curve = _Curve.of(seen)
    stays = curve.before(at, inclusive=True)
    absent = _out_of_sight(seen, at, stays)
    if absent:
        return absent
    used = seen.times <= at
    spread = _variance(units, curve, np.where(used, stays, 0.0))
    if isinstance(spread, Absent):
        return spread
    left = int(seen.hidden[-1]) if used.all() else int(seen.at_risk[~used][0])
    counts = _Counts(gone=int(seen.dropped[used].sum()), left=left, last=_last_at_risk(seen))
    ends = _share_ends(stays, spread, counts, tails)
    low, high = min(max(ends.low, 0.0), stays), max(min(ends.high, 1.0), stays)
    method = f"Kaplan-Meier, {spread.method}"
    return Estimate(value=stays, low=low, high=high, tails=tails, n=spread.n, method=method)


def restricted_mean(units: Exits | Spells, horizon: float, tails: Tails) -> Measured:
    """Estimate the mean time spent within a horizon: the area under the curve up to there.

    Ends by t; with fewer than `FEW` drops never inside the exact ends of a share of the horizon.
    It needs no assumption on the shape and stays a fair summary where curves cross, which a
    hazard ratio and the log-rank do not.

    Args:
        units: One arm.
        horizon: Age up to which time counts, above 0; everybody's time is cut there.
        tails: One-sided error level of each end.

    Returns:
        A time in [0, horizon]; Absent where nobody was followed that long.

    References:
        Klein & Moeschberger (2003), Survival analysis, 2nd ed., equations 4.5.1 and 4.5.2.
    """
    if not (math.isfinite(horizon) and horizon > 0):
        raise ValueError(f"horizon {horizon} is not a time above 0")
    seen = _exits(units)
    curve = _Curve.of(seen)
    absent = _out_of_sight(seen, horizon, curve.before(horizon, inclusive=False))
    if absent:
        return absent
    area = curve.area_after(horizon)
    value = float(area.whole)
    spread = _variance(units, curve, area.after)
    if isinstance(spread, Absent):
        return spread
    spread = spread._replace(df=min(spread.df, spread.n - 1.0))
    if spread.df < 1:
        return Absent(reason=Reason.TOO_FEW_UNITS, detail="one unit has no spread", n=spread.n)
    ends = Ends(
        value + spread.quantile(tails.low) * math.sqrt(spread.variance),
        value - spread.quantile(tails.high) * math.sqrt(spread.variance),
    )
    if int(seen.dropped[seen.times < horizon].sum()) < FEW:
        ends = _bounded_ends(ends, value, horizon, spread, seen, tails)
    low, high = max(ends.low, 0.0), min(ends.high, horizon)
    method = f"restricted mean, {spread.method}"
    if not low < high:
        return Absent(reason=Reason.CONSTANT, detail=f"{method}: no spread", n=spread.n)
    return Estimate(
        value=value,
        low=min(low, value),
        high=max(high, value),
        tails=tails,
        n=spread.n,
        method=method,
    )


def survival_by_arm(
    baseline: Exits | Spells, candidate: Exits | Spells, at: float, tails: Tails
) -> ByArm:
    """Compare the share that stays longer than `at` between independent arms; see `joined`."""
    return joined(partial(survival_at, baseline, at), partial(survival_at, candidate, at), tails)


def restricted_mean_by_arm(
    baseline: Exits | Spells, candidate: Exits | Spells, horizon: float, tails: Tails
) -> ByArm:
    """Compare the mean time within a horizon between independent arms; see `joined`."""
    return joined(
        partial(restricted_mean, baseline, horizon),
        partial(restricted_mean, candidate, horizon),
        tails,
    )


class LogRank(NamedTuple):
    """Drops of the candidate against what equal hazards would have given."""

    dropped: int
    """Drops of the candidate."""
    expected: float
    """Expected drops of the candidate, given all drops, under equal hazards."""
    z: float
    """Above 0: the candidate's units drop sooner. Squared, the log-rank chi-squared."""
    p: float
    """Two-sided, in (0, 1]."""


def log_rank(baseline: Sequence[Exits], candidate: Sequence[Exits]) -> LogRank | Absent:
    """Ask whether units of one arm drop sooner at all; cohorts are compared within themselves.

    Ties count with the hypergeometric variance. It looks for hazards that differ in one
    direction throughout: where curves cross, early and late differences cancel and it finds
    nothing; report `restricted_mean_by_arm` beside it. It says nothing about how much.
    Independent units only. Normal: with fewer than `FEW` drops it is Absent.

    Args:
        baseline: One entry per cohort, in the same order for both arms; one entry if there are
            no cohorts.
        candidate: The same.

    References:
        Mantel (1966), Evaluation of survival data and two new rank order statistics arising in
        its consideration, Cancer Chemotherapy Reports 50, 163-170.
    """
    parts = [_compared(b, c) for b, c in zip(baseline, candidate, strict=True)]
    dropped, expected, variance = (sum(part[i] for part in parts) for i in range(3))
    gone = sum(int(part.dropped.sum()) for part in (*baseline, *candidate))
    n = sum(part.units for part in (*baseline, *candidate))
    if gone < FEW or variance <= 0:
        return Absent(reason=Reason.TOO_FEW_EVENTS, detail=f"{gone} drops in {n} units", n=n)
    z = (dropped - expected) / math.sqrt(variance)
    return LogRank(int(dropped), expected, z, float(2 * special.ndtr(-abs(z))))


def _compared(baseline: Exits, candidate: Exits) -> tuple[float, float, float]:
    """Drops of the candidate, expected drops, variance."""
    both = baseline.merged(candidate)
    risk, gone = both.at_risk.astype(np.float64), both.dropped.astype(np.float64)
    place = np.searchsorted(candidate.times, both.times)
    own = np.append(candidate.at_risk, 0)[place].astype(np.float64)
    share = own / risk
    spread = gone * share * (1 - share) * (risk - gone) / np.maximum(risk - 1, 1.0)
    return float(candidate.dropped.sum()), float(np.sum(gone * share)), float(np.sum(spread))


def _exits(units: Exits | Spells) -> Exits:
    return units if isinstance(units, Exits) else Exits.of(units.times, units.dropped)


def _out_of_sight(seen: Exits, at: float, stays: float) -> Absent | None:
    if seen.units == 0:
        return Absent(reason=Reason.NO_ROWS, detail="no unit at all")
    if at > seen.times[-1] and stays > 0:
        detail = f"nobody was followed to {at:g}; the longest to {seen.times[-1]:g}"
        return Absent(reason=Reason.MATURING, detail=detail, n=seen.units)
    return None


class _Area(NamedTuple):
    whole: float
    """Area under the curve up to the horizon."""
    after: Floats
    """Area from each time to the horizon; 0 beyond it; shape (T,)."""


class _Curve(NamedTuple):
    times: Floats
    stays: Floats
    """Share that stays longer than each time."""

    @classmethod
    def of(cls, seen: Exits) -> "_Curve":
        risk = np.maximum(seen.at_risk, 1)
        return cls(seen.times, np.cumprod(1.0 - seen.dropped / risk, dtype=np.float64))

    def before(self, at: float, *, inclusive: bool) -> float:
        side = np.searchsorted(self.times, at, side="right" if inclusive else "left")
        return float(self.stays[side - 1]) if side else 1.0

    def area_after(self, horizon: float) -> _Area:
        edges = np.minimum(np.append(self.times, horizon), horizon)
        steps = self.stays * np.maximum(np.diff(edges, append=horizon)[:-1], 0.0)
        after = np.cumsum(steps[::-1])[::-1]
        return _Area(float(edges[0] + after[0]), np.where(self.times < horizon, after, 0.0))


class _Spread(NamedTuple):
    """Variance of a value, and on how many independent units it rests."""

    variance: float
    n: int
    df: float
    method: str

    def quantile(self, tail: float) -> float:
        if math.isinf(self.df):
            return float(special.ndtri(tail))
        return float(special.stdtrit(self.df, tail))


def _variance(units: Exits | Spells, curve: _Curve, weights: Floats) -> _Spread | Absent:
    """Find the variance of a value that moves by `weights` when a log hazard step moves.

    A drop at time s, less what was expected of the unit there, moves log S by one over the units
    at risk that stay; the value moves by the weight of s. For independent units the squares sum
    to weight^2 d / (Y (Y - d)), Greenwood's formula; for clusters they are summed first.
    """
    seen = _exits(units)
    risk, gone = seen.at_risk.astype(np.float64), seen.dropped.astype(np.float64)
    left = risk - gone
    gain = np.divide(weights, left, out=np.zeros_like(left), where=left > 0)
    if isinstance(units, Exits):
        return _Spread(float(np.sum(gain**2 * gone * left / risk)), seen.units, math.inf, "units")
    clusters = Clusters.of(units.cluster)
    if clusters.count < 2:
        detail = f"{clusters.count} clusters: no variance can be estimated"
        return Absent(reason=Reason.TOO_FEW_CLUSTERS, detail=detail, n=clusters.count)
    expected = np.cumsum(gain * gone / risk)
    place = np.searchsorted(curve.times, units.times)
    moved = clusters.sums(np.where(units.dropped > 0, gain[place], 0.0) - expected[place])
    g = clusters.count
    return _Spread(inner(moved, moved) * g / (g - 1), g, g - 1.0, "clusters")


class _Counts(NamedTuple):
    """Units behind a share that stays."""

    gone: int
    """That dropped before or at the age."""
    left: int
    """In sight after it."""
    last: int
    """At risk at the last drop of all."""


def _share_ends(stays: float, spread: _Spread, counts: _Counts, tails: Tails) -> Ends:
    if not 0 < stays < 1 or spread.variance <= 0:
        trials = max(min(counts.left if stays > 0 else counts.last, spread.n), 1)
        return binomial_ends(stays * trials, trials, tails)
    error = math.sqrt(spread.variance) / (stays * -math.log(stays))
    ends = Ends(
        stays ** math.exp(-spread.quantile(tails.low) * error),
        stays ** math.exp(spread.quantile(tails.high) * error),
    )
    if min(counts.gone, counts.left) >= FEW:
        return ends
    effective = min(stays * (1 - stays) / spread.variance, float(spread.n))
    exact = binomial_ends(stays * effective, effective, tails)
    return Ends(min(ends.low, exact.low), max(ends.high, exact.high))


def _last_at_risk(seen: Exits) -> int:
    """Units at risk at the last drop, 0 if nobody dropped."""
    drops = np.flatnonzero(seen.dropped)
    return int(seen.at_risk[drops[-1]]) if drops.size else 0


def _bounded_ends(  # noqa: PLR0913, PLR0917 - one interval
    ends: Ends, value: float, horizon: float, spread: _Spread, seen: Exits, tails: Tails
) -> Ends:
    """Widen by the exact ends of a share: no time outside [0, horizon] has this mean's spread."""
    share = min(max(value / horizon, 0.0), 1.0)
    within = seen.at_risk[seen.times < horizon]
    trials = min(int(within[-1]) if within.size else seen.units, spread.n)
    exact = binomial_ends(share * trials, trials, tails)
    return Ends(min(ends.low, horizon * exact.low), max(ends.high, horizon * exact.high))
