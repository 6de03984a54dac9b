"""Arms: differences between two models that different units saw, joined from each one's interval.

Units of the two arms are independent here: nobody was dealt to both. Where both models answered
the same items use `means` and `pairs.paired_difference`, which are paired.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from shipcall.core import Absent, Estimate, Measured, Reason, Tails
from shipcall.stats.proportions import (
    Ends,
    binomial_ends,
    clopper_pearson,
    newcombe_difference,
    score_ends,
)
from shipcall.stats.sample import Floats, Ints

RARE = 5
"""Fewer outcomes of either kind than this in either arm: the exact box is drawn as well."""


class ByArm(NamedTuple):
    """The same quantity under both models, and candidate minus baseline."""

    baseline: Measured
    candidate: Measured
    difference: Measured


class Hits(NamedTuple):
    """Events among independent units of one arm."""

    events: int
    units: int


At = Callable[[Tails], Measured]
"""One arm's interval at given tails."""


def joined(baseline: At, candidate: At, tails: Tails) -> ByArm:
    """Give candidate minus baseline an interval from the two arms' own intervals.

    Each end takes the candidate's distance to its own end and the baseline's to its opposite
    end, at the same one-sided level, and adds them as a right-angled triangle does. It keeps
    the lopsidedness of both intervals. Assumes independent arms.

    Args:
        baseline: The baseline's interval at given tails.
        candidate: The candidate's.
        tails: One-sided error level of each end of the difference.

    Returns:
        Both arms at `tails`, and the difference; Absent where either arm is.

    References:
        Zou & Donner (2008), Construction of confidence limits about effect measures, Statistics
        in Medicine 27, 1693-1702.
    """
    before, after = baseline(tails), candidate(tails)
    other = baseline(Tails(tails.high, tails.low))
    return ByArm(before, after, _joined(other, after, tails))


def _joined(before: Measured, after: Measured, tails: Tails) -> Measured:
    if isinstance(before, Absent) or isinstance(after, Absent):
        return before if isinstance(before, Absent) else after
    value = after.value - before.value
    return Estimate(
        value=value,
        low=value - math.hypot(after.value - after.low, before.high - before.value),
        high=value + math.hypot(after.high - after.value, before.value - before.low),
        tails=tails,
        n=before.n + after.n,
        method=f"joined: {after.method}",
    )


def share_by_arm(baseline: Hits, candidate: Hits, tails: Tails) -> ByArm:
    """Compare the share of events of two independent arms.

    Each arm's own interval is exact. The difference is Newcombe's; where fewer than `RARE`
    events or non-events lie in an arm it is the wider of that and the box of both arms' exact
    ends at half the error level each, which cannot miss more often than it says.

    Args:
        baseline: Events and units of the baseline; at most one event a unit.
        candidate: The candidate's.
        tails: One-sided error level of each end.

    References:
        Newcombe (1998), Interval estimation for the difference between independent proportions,
        Statistics in Medicine 17, 873-890, method 10.
    """
    before = clopper_pearson(*baseline, tails)
    after = clopper_pearson(*candidate, tails)
    difference = newcombe_difference(*baseline, *candidate, tails)
    if isinstance(difference, Estimate) and min(map(_rarer, (baseline, candidate))) < RARE:
        difference = _hull(difference, _box(baseline, candidate, tails))
    return ByArm(before, after, difference)


def _rarer(hits: Hits) -> int:
    return min(hits.events, hits.units - hits.events)


def _box(baseline: Hits, candidate: Hits, tails: Tails) -> Ends:
    half = Tails(tails.low / 2, tails.high / 2)
    before = binomial_ends(*baseline, Tails(half.high, half.low))
    after = binomial_ends(*candidate, half)
    return Ends(after.low - before.high, after.high - before.low)


def _hull(measured: Estimate, ends: Ends) -> Estimate:
    return Estimate(
        value=measured.value,
        low=min(measured.low, ends.low),
        high=max(measured.high, ends.high),
        tails=measured.tails,
        n=measured.n,
        method="exact box of independent shares",
    )


def weighted_share_by_arm(
    baseline: Sequence[Hits], candidate: Sequence[Hits], tails: Tails
) -> ByArm:
    """Compare shares over several cohorts without letting their mixture pose as a difference.

    Cohort c weighs n1 n0 / (n1 + n0) in both arms alike (Cochran's weights): a share of the
    candidate that grew from cohort to cohort cannot make a difference on its own. The values are
    those of the mixture these weights give, not of all units. Each arm's interval is that of a
    share of as many units as give the weighted mean its variance, never more than the weights
    allow at equal shares; exact (Korn-Graubard) where events are rare, Wilson's otherwise.

    Args:
        baseline: One entry per cohort, in the same order for both arms.
        candidate: The same.
        tails: One-sided error level of each end.

    Returns:
        Absent where no cohort has units of both arms.

    References:
        Cochran (1954), Some methods for strengthening the common chi-squared tests, Biometrics
        10(4), 417-451 (weights).
        Yan & Su (2010), Stratified Wilson and Newcombe confidence intervals for multiple binomial
        proportions, Statistics in Biopharmaceutical Research 2(3), 329-335 (the idea of joining).
    """
    sizes = np.array([[b.units, c.units] for b, c in zip(baseline, candidate, strict=True)])
    kept = [i for i, pair in enumerate(sizes) if pair.min() > 0]
    if not kept:
        nothing = Absent(reason=Reason.NO_ROWS, detail="no cohort has units of both arms")
        return ByArm(nothing, nothing, nothing)
    weights = sizes[kept].prod(axis=1) / sizes[kept].sum(axis=1)
    weights = weights / weights.sum()
    before = _Mixture.of([baseline[i] for i in kept], weights)
    after = _Mixture.of([candidate[i] for i in kept], weights)
    return joined(before.measured, after.measured, tails)


class _Mixture(NamedTuple):
    """A weighted mean of shares, as one share of fewer units."""

    share: float
    effective: float
    units: int
    rare: bool

    @classmethod
    def of(cls, cohorts: list[Hits], weights: Floats) -> "_Mixture":
        events: Ints = np.array([hits.events for hits in cohorts])
        units: Ints = np.array([hits.units for hits in cohorts])
        shares = events / units
        share = float(np.sum(weights * shares))
        effective = 1.0 / float(np.sum(weights**2 / units))
        variance = float(np.sum(weights**2 * shares * (1 - shares) / units))
        if variance > 0:
            effective = min(effective, share * (1 - share) / variance)
        total = int(events.sum()), int(units.sum())
        return cls(share, effective, total[1], _rarer(Hits(*total)) < 2 * RARE)

    def measured(self, tails: Tails) -> Estimate:
        if self.rare:
            ends = binomial_ends(self.share * self.effective, self.effective, tails)
        else:
            ends = score_ends(self.share, self.effective, tails)
        return Estimate(
            value=self.share,
            low=max(min(ends.low, self.share), 0.0),
            high=min(max(ends.high, self.share), 1.0),
            tails=tails,
            n=self.units,
            method="weighted share, Korn-Graubard" if self.rare else "weighted share, Wilson",
        )
