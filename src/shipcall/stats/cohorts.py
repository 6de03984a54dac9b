"""Cohorts: a share or a mean of two independent arms, compared within cohorts.

A value of one unit lies between 0 and `most`: 1 if it came back, or its number of active days.
Cohort c weighs n1 n0 / (n1 + n0) in both arms alike, so that a ramp which fills the candidate with
late cohorts makes no difference by itself.
"""

import math
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy import special

from shipcall.core import Absent, Estimand, Estimate, Measured, Reason, Tails
from shipcall.stats.arms import At, Hits, joined, weighted_share_by_arm
from shipcall.stats.proportions import binomial_ends
from shipcall.stats.sample import Floats, Ints

FEW = 10
"""Fewer units than this above 0, or below the most that can be: exact ends are drawn as well."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CohortSample:
    """Sums over the units of each cohort whose windows have all closed; independent units.

    Raises:
        ValueError: On shapes that differ, or sums that no values in [0, most] have.
    """

    cohorts: tuple[str, ...]
    most: float
    """Greatest value of a unit: 1 for yes or no, else a number of days."""
    units: Ints
    """Units of the baseline and of the candidate, shape (2, C)."""
    total: Floats
    """Sum of their values, shape (2, C)."""
    squares: Floats
    """Sum of their squared values, shape (2, C)."""
    some: Ints
    """Units with a value above 0, shape (2, C)."""
    full: Ints
    """Units with the greatest value, shape (2, C)."""

    def __post_init__(self) -> None:
        shape = (2, len(self.cohorts))
        for sums in (self.units, self.total, self.squares, self.some, self.full):
            if sums.shape != shape:
                raise ValueError(f"expected sums of shape {shape}, got {sums.shape}")
        if (self.total < 0).any() or (self.total > self.most * self.units * (1 + 1e-9)).any():
            raise ValueError(f"a sum does not fit values from 0 to {self.most:g}")

    @property
    def constant(self) -> bool:
        """Has every unit of both arms the same value, the least or the greatest?"""
        everybody = int(self.units.sum())
        return everybody > 1 and (not self.some.any() or int(self.full.sum()) == everybody)


class Values(NamedTuple):
    """The value of each arm, over the same mixture of cohorts."""

    baseline: float
    candidate: float


def cohort_estimate(sample: CohortSample, estimand: Estimand, tails: Tails) -> Measured:
    """Estimate how many came back, or how many days they came; one look.

    A share of yes and no goes through `weighted_share_by_arm`. A mean has ends by t, with the
    variance of each cohort and Satterthwaite's degrees of freedom; where fewer than `FEW` units
    are above 0, or below the most, never inside the exact ends of a share of as many units as the
    weights allow. The difference joins both arms' intervals (see `joined`). The relative
    difference joins them on the logarithm: the logarithm of a ratio is a difference of logarithms,
    and the logarithm of an interval is the interval of the logarithm.
    Assumes that units are independent and were dealt to the arms at random within a cohort.

    Args:
        sample: Sums by cohort.
        estimand: Difference, relative difference, or the value of one arm.
        tails: One-sided error level of each end.

    Returns:
        Absent where no cohort has enough units of both arms (1 for a share, 2 for a mean), where
        every unit has one value, or where a ratio has no lower end of its denominator above 0.
    """
    baseline, candidate = _ats(sample)
    if estimand is Estimand.CANDIDATE:
        return candidate(tails)
    if estimand is Estimand.BASELINE:
        return baseline(tails)
    if estimand is Estimand.RELATIVE:
        return _relative(baseline, candidate, tails)
    return joined(baseline, candidate, tails).difference


def cohort_values(sample: CohortSample) -> Values | None:
    """Give the values of both arms; None where no cohort has enough units of both."""
    weights = _weights(sample)
    if not weights.any():
        return None
    means = sample.total / np.maximum(sample.units, 1)
    return Values(*(float(np.sum(weights * arm)) for arm in means))


def _ats(sample: CohortSample) -> tuple[At, At]:
    if sample.most == 1:
        hits = [_hits(sample, arm) for arm in range(2)]

        def share(arm: int, tails: Tails) -> Measured:
            return weighted_share_by_arm(hits[0], hits[1], tails)[arm]

        return partial(share, 0), partial(share, 1)
    weights = _weights(sample)
    return partial(_mean, sample, 0, weights), partial(_mean, sample, 1, weights)


def _hits(sample: CohortSample, arm: int) -> list[Hits]:
    pairs = zip(sample.total[arm].tolist(), sample.units[arm].tolist(), strict=True)
    return [Hits(round(came), units) for came, units in pairs]


def _weights(sample: CohortSample) -> Floats:
    """Weight of each cohort; 0 where an arm has too few units for a share, or for a spread."""
    least = 1 if sample.most == 1 else 2
    units = sample.units.astype(np.float64)
    weights = units.prod(axis=0) / np.maximum(units.sum(axis=0), 1.0)
    weights = np.where(sample.units.min(axis=0) >= least, weights, 0.0)
    whole = float(weights.sum())
    return weights / whole if whole > 0 else weights


def _mean(sample: CohortSample, arm: int, weights: Floats, tails: Tails) -> Measured:
    kept = weights > 0
    n = int(sample.units[arm][kept].sum())
    if not kept.any():
        whole = int(sample.units[arm].sum())
        detail = "no cohort has two units of both arms"
        return Absent(reason=Reason.TOO_FEW_UNITS, detail=detail, n=whole)
    units = sample.units[arm][kept].astype(np.float64)
    weight, total = weights[kept], sample.total[arm][kept]
    value = float(np.sum(weight * total / units))
    rest = np.maximum(sample.squares[arm][kept] - total**2 / units, 0.0)
    parts = weight**2 * rest / (units - 1) / units
    variance = float(parts.sum())
    if not variance > 1e-12 * sample.most**2 / n:
        detail = f"{n} units, the same number of days in each"
        return Absent(reason=Reason.CONSTANT, detail=detail, n=n)
    df = variance**2 / float(np.sum(parts**2 / (units - 1)))
    error = math.sqrt(variance)
    low = value + float(special.stdtrit(df, tails.low)) * error
    high = value - float(special.stdtrit(df, tails.high)) * error
    method = "weighted mean over cohorts, t"
    some, full = int(sample.some[arm][kept].sum()), int(sample.full[arm][kept].sum())
    if min(some, n - full) < FEW:
        trials = 1.0 / float(np.sum(weight**2 / units))
        exact = binomial_ends(value / sample.most * trials, trials, tails)
        low, high = min(low, sample.most * exact.low), max(high, sample.most * exact.high)
        method = "weighted mean over cohorts, exact ends"
    return Estimate(
        value=value,
        low=min(max(low, 0.0), value),
        high=max(min(high, sample.most), value),
        tails=tails,
        n=n,
        method=method,
    )


def _relative(baseline: At, candidate: At, tails: Tails) -> Measured:
    before, after = baseline(Tails(tails.high, tails.low)), candidate(tails)
    if isinstance(before, Absent) or isinstance(after, Absent):
        return before if isinstance(before, Absent) else after
    n = before.n + after.n
    if not before.low > 0:
        detail = f"the baseline's value {before.value:g} may be 0"
        return Absent(reason=Reason.BASELINE_NEAR_ZERO, detail=detail, n=n)
    if not after.value > 0:
        detail = "the candidate's value is 0: its logarithm has no interval"
        return Absent(reason=Reason.UNDEFINED, detail=detail, n=n)
    ratio = after.value / before.value
    down = math.inf
    if after.low > 0:
        down = math.hypot(math.log(after.value / after.low), math.log(before.high / before.value))
    up = math.hypot(math.log(after.high / after.value), math.log(before.value / before.low))
    return Estimate(
        value=ratio - 1,
        low=ratio * math.exp(-down) - 1,
        high=ratio * math.exp(up) - 1,
        tails=tails,
        n=n,
        method=f"ratio, joined on the logarithm: {after.method}",
    )
