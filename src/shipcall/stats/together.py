"""Together: the values of several slices, their standard errors and how far they move as one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import special

from shipcall.core import Absent, Estimand, Estimate, Measured, Reason
from shipcall.stats.resample import average_correlation
from shipcall.stats.sample import BinSample, Floats, PairSample, Sample

FEWEST = 3
"""Fewer slices than this do not say how much slices differ."""


class Fit(NamedTuple):
    """What a spread between slices implies, for one spread or for each of T of them."""

    mean: Floats
    """Generalised least squares mean of all slices; shape (T,)."""
    precision: Floats
    """Inverse of the variance of that mean; shape (T,)."""
    distance: Floats
    """Squared distance of the values from the mean, in units of their covariance; shape (T,)."""
    log_det: Floats
    """Logarithm of the determinant of that covariance; shape (T,)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Together:
    """Values of slices whose errors all share one correlation.

    The covariance of the errors is s_i s_j r for two slices and s_i^2 for one. Its inverse, with a
    spread added to the diagonal, is that of a diagonal and a product (Sherman & Morrison), so that
    nothing grows faster than the number of slices.
    """

    values: Floats
    """Shape (k,)."""
    errors: Floats
    """Standard errors, > 0; shape (k,)."""
    correlation: float = 0.0
    """Of the errors of any two slices, in [0, 1): clusters with rows in several slices."""
    n: tuple[int, ...] = ()
    """Independent units of each slice."""

    def diagonal(self, spread: Floats) -> Floats:
        """Variance that each slice has for itself at each spread; shape (T, k)."""
        own: Floats = (1.0 - self.correlation) * self.errors**2 + spread[:, None] ** 2
        return own

    def weighed(self, spread: Floats, column: Floats) -> Floats:
        """Multiply the inverse of the covariance at each spread with a column; shape (T, k).

        Args:
            spread: Standard deviation between slices, not negative; shape (T,).
            column: Shape (k,) or (T, k).
        """
        own = self.diagonal(spread)
        shared = self.errors / own
        scale = self.correlation / (1.0 + self.correlation * (self.errors * shared).sum(axis=1))
        along = (shared * column).sum(axis=1)
        weighed: Floats = column / own - shared * (scale * along)[:, None]
        return weighed

    def fit(self, spread: Floats) -> Fit:
        """Fit one mean to all slices at each spread; shape (T,) in."""
        ones = self.weighed(spread, np.ones_like(self.errors))
        precision = ones.sum(axis=1)
        mean = (ones * self.values).sum(axis=1) / precision
        rest = self.values - mean[:, None]
        distance = (rest * self.weighed(spread, rest)).sum(axis=1)
        own = self.diagonal(spread)
        shared = self.correlation * (self.errors**2 / own).sum(axis=1)
        return Fit(mean, precision, distance, np.log(own).sum(axis=1) + np.log1p(shared))


class Kept(NamedTuple):
    """The slices that can be looked at together, and why the others cannot."""

    places: tuple[int, ...]
    """Positions of those that can, ascending."""
    refused: tuple[Absent | None, ...]
    """One for each slice; None where it can."""


def together(
    samples: Sequence[Sample | Absent], estimates: Sequence[Measured], estimand: Estimand
) -> tuple[Kept, Together]:
    """Put slices side by side, with errors as wide as their own intervals.

    The error of a slice is the wider half of its own interval over the normal quantile at that
    end, so that few clusters, skewness and rare events count as they do for the slice alone.

    A slice that lost rows is left out: what rows would have said leans to one side in every slice
    alike, and looking at more slices does not make that smaller. So is one whose sample keeps no
    contributions of clusters, because nobody knows what it shares with the others.

    Args:
        samples: One per slice of one column or cross, so that no row is in two of them.
        estimates: Their estimates of the same estimand.
        estimand: DIFFERENCE, RELATIVE, CANDIDATE or BASELINE.
    """
    refused = tuple(_refused(s, e) for s, e in zip(samples, estimates, strict=True))
    places = tuple(i for i, absent in enumerate(refused) if absent is None)
    kept = [e for e, r in zip(estimates, refused, strict=True) if r is None]
    found = [e for e in kept if isinstance(e, Estimate)]
    pairs = [samples[i] for i in places]
    shared = average_correlation([s for s in pairs if isinstance(s, PairSample)], estimand)
    joined = Together(
        values=np.array([e.value for e in found]),
        errors=np.array([_error(e) for e in found]),
        correlation=shared,
        n=tuple(e.n for e in found),
    )
    return Kept(places, refused), joined


def _refused(sample: Sample | Absent, estimate: Measured) -> Absent | None:
    for one in (sample, estimate):
        if isinstance(one, Absent):
            return one
    if not isinstance(sample, PairSample) or sample.influence is None:
        kind = "bins" if isinstance(sample, BinSample) else "no contributions of clusters"
        detail = f"the sums of this metric keep {kind}: what slices share is not known"
        return Absent(reason=Reason.NOT_MEASURABLE, detail=detail)
    if sample.lost.rows:
        detail = f"{sample.lost.rows} rows lost: they lean alike in every slice"
        return Absent(reason=Reason.ROWS_MISSING, detail=detail, n=sample.clusters)
    if isinstance(estimate, Estimate) and not math.isfinite(_error(estimate)):
        detail = "its interval has an end at infinity"
        return Absent(reason=Reason.UNSOUND, detail=detail, n=sample.clusters)
    return None


def _error(estimate: Estimate) -> float:
    down = (estimate.value - estimate.low) / -float(special.ndtri(estimate.tails.low))
    up = (estimate.high - estimate.value) / -float(special.ndtri(estimate.tails.high))
    return max(down, up)


def too_few(slices: int) -> Absent:
    """Say that so few slices say nothing about how much slices differ."""
    detail = f"{slices} slices with an estimate; how much slices differ needs {FEWEST}"
    return Absent(reason=Reason.UNSOUND, detail=detail)
