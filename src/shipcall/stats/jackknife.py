"""Jackknife: the interval of a statistic from its values with one cluster left out at a time."""

import math

import numpy as np

from shipcall.core import Absent, Estimate, Measured, Reason, Tails
from shipcall.stats.bounds import HIDDEN, Lean, student_ends
from shipcall.stats.clusters import inner
from shipcall.stats.moments import lean
from shipcall.stats.sample import Floats

_ROUNDING = 1e-12
"""A spread below this, in the unit of the statistic, is rounding."""


def jackknife_estimate(
    value: float,
    left_out: Floats,
    tails: Tails,
    *,
    what: str,
    limits: tuple[float, float] = (-math.inf, math.inf),
) -> Measured:
    """Bound a smooth statistic of independent clusters; each end holds alone.

    The variance is (G - 1) / G times the sum of squares of the values with one cluster left out
    about their mean, which on average is too large rather than too small (Efron & Stein 1981,
    theorem 1, for the variance with G - 1 clusters). t with G - 1 degrees of freedom, moved
    outwards for the skewness that was seen and that G clusters can hide.

    Args:
        value: The statistic of all clusters.
        left_out: The statistic without each of the clusters, shape (G,).
        tails: One-sided error level of each end.
        what: Names the statistic in `method` and in reasons.
        limits: Least and greatest value that it can have.

    Returns:
        The estimate, or Absent with fewer than 2 clusters, where the statistic is not defined
        for all or without one of the clusters, or where it does not depend on any of them.

    When not to use: statistics that jump, such as a median of few values.

    References:
        Efron & Stein (1981), The jackknife estimate of variance, Annals of Statistics 9(3),
        586-596.
    """
    clusters = left_out.size
    if clusters < 2:
        detail = f"{what}: {clusters} clusters"
        return Absent(reason=Reason.TOO_FEW_CLUSTERS, detail=detail, n=clusters)
    if not (math.isfinite(value) and bool(np.isfinite(left_out).all())):
        detail = f"{what} is not defined for all {clusters} clusters, or without one of them"
        return Absent(reason=Reason.UNDEFINED, detail=detail, n=clusters)
    apart = left_out.mean() - left_out
    variance = (clusters - 1.0) / clusters * inner(apart, apart)
    if variance <= _ROUNDING**2:
        detail = f"{what} is {value:g} whichever of {clusters} clusters is left out"
        return Absent(reason=Reason.CONSTANT, detail=detail, n=clusters)
    seen = min(max(lean(apart, clusters), -1.0), 1.0)
    unseen = HIDDEN * math.sqrt(6.0) / clusters
    ends = student_ends(value, variance, clusters - 1.0, tails, Lean(unseen - seen, unseen + seen))
    return Estimate(
        value=value,
        low=max(ends.low, limits[0]),
        high=min(ends.high, limits[1]),
        tails=tails,
        n=clusters,
        method=f"{what}, jackknife t over clusters",
    )
