"""Coverage: how many of many items are seen at least once, for two models on the same queries."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shipcall.core import Absent, Estimand, Estimate, Measured, Reason, Tails
from shipcall.stats.bounds import lean_of, quantile, student_ends
from shipcall.stats.clusters import Clusters, inner
from shipcall.stats.moments import lean
from shipcall.stats.sample import Floats, Influence, Ints, Lost, PairSample, Skew

HIDDEN_CLUSTERS = 3.0
"""Clusters that are added to the variance, each with as many items of its own as the one with
most: of events that were not seen, three may be expected at level 0.05."""
MIN_CLUSTERS = 10
"""Fewer clusters than this say too little about what one more of them would show."""


class _Seen(NamedTuple):
    """What one model showed."""

    items: int
    """Different items."""
    own: Floats
    """Items that no other cluster was shown, shape (G,)."""


def coverage_sample(  # noqa: PLR0913 - columns of one table
    item: ArrayLike,
    shown_baseline: ArrayLike,
    shown_candidate: ArrayLike,
    catalogue: ArrayLike,
    clusters: Clusters,
    *,
    lost: Lost,
    influence: bool,
) -> PairSample:
    """Count the different items that each model shows, and how far single clusters carry the count.

    The count of different items over G independent clusters changes by `own` when a cluster is
    left out: the items that nobody else was shown. The sum of squares of these changes about their
    mean is the jackknife's variance; on average it is no less than the variance of the count
    (Efron & Stein, theorem 1). Because it is 0 where every item is shown twice, it is raised by
    `HIDDEN_CLUSTERS` times the square of the greatest `own` (1 where there is none).

    The value belongs to as many clusters as there are: more queries show more items.
    Assumes independent clusters.

    Args:
        item: Number of the item of each line, not negative; shape (lines,).
        shown_baseline: 1 where the baseline shows it, else 0; shape (lines,).
        shown_candidate: Likewise.
        catalogue: Number of items there are, the same on every line.
        clusters: Which lines belong together.
        lost: Lines that were expected and are not known.
        influence: Also give each cluster's contribution, for joint methods.

    References:
        Efron & Stein (1981), The jackknife estimate of variance, Annals of Statistics 9(3),
        586-596.
    """
    items = np.asarray(item, dtype=np.int64)
    size = float(np.max(np.asarray(catalogue, dtype=np.float64), initial=0.0))
    arms = [_seen(items, np.asarray(s) > 0, clusters) for s in (shown_baseline, shown_candidate)]
    scale = 1.0 / size if size > 0 else 0.0
    psi = [_contribution(arm.own) * scale for arm in arms]
    apart = _contribution(arms[1].own - arms[0].own) * scale
    floors = [_floor(arm.own) * scale**2 for arm in (*arms, _Seen(0, arms[1].own - arms[0].own))]
    spread = [inner(p, p) + floor for p, floor in zip((*psi, apart), floors, strict=True)]
    gains = arms[1].own - arms[0].own
    return PairSample(
        rows=items.size,
        clusters=clusters.count,
        baseline=arms[0].items * scale if size else None,
        candidate=arms[1].items * scale if size else None,
        weight_baseline=size,
        weight_candidate=size,
        var_baseline=spread[0],
        var_candidate=spread[1],
        covariance=(spread[0] + spread[1] - spread[2]) / 2,
        df=max(clusters.count - 1.0, 0.0),
        skew=Skew(*(lean(p, clusters.count) for p in (*psi, apart))),
        gained_clusters=int(np.count_nonzero(gains > 0)),
        lost_clusters=int(np.count_nonzero(gains < 0)),
        range=(0.0, 1.0),
        lost=lost,
        influence=Influence(cluster=clusters.codes, baseline=psi[0], candidate=psi[1])
        if influence
        else None,
    )


def _seen(item: Ints, shown: NDArray[np.bool_], clusters: Clusters) -> _Seen:
    """Count each item once for each cluster that was shown it."""
    pairs = np.unique(item[shown] * np.int64(max(clusters.count, 1)) + clusters.index[shown])
    items, first, times = np.unique(
        pairs // max(clusters.count, 1), return_index=True, return_counts=True
    )
    alone = pairs[first[times == 1]] % max(clusters.count, 1)
    own = np.bincount(alone, minlength=clusters.count).astype(np.float64)
    return _Seen(int(items.size), own)


def _contribution(own: Floats) -> Floats:
    """What is summed and squared to the jackknife's variance."""
    if not own.size:
        return own
    centred: Floats = (own - own.mean()) * math.sqrt((own.size - 1) / own.size)
    return centred


def _floor(own: Floats) -> float:
    most = max(float(np.abs(own).max(initial=0.0)), 1.0)
    return HIDDEN_CLUSTERS * most**2


def coverage_estimate(sample: PairSample, estimand: Estimand, tails: Tails) -> Measured:
    """Estimate a share of the catalogue, or the difference or ratio of two, over as many queries.

    t with G - 1 degrees of freedom and the leaning of `means`; the ratio on the logarithm.
    Conservative: half the width was 1.9 to 5 standard deviations at level 0.05 in design record
    0027, where Student's t has 1.7, and 10 of them with ten clusters. Absent with fewer than ten
    clusters, and where a query is lost: nobody knows which items it would have shown.

    Args:
        sample: From `coverage_sample`.
        estimand: DIFFERENCE, RELATIVE, CANDIDATE or BASELINE.
        tails: One-sided error level of each end.
    """
    absent = _refusal(sample)
    if absent is not None:
        return absent
    baseline, candidate = sample.baseline or 0.0, sample.candidate or 0.0
    limits = (0.0, 1.0)
    if estimand is Estimand.BASELINE:
        value, variance = baseline, sample.var_baseline
    elif estimand is Estimand.CANDIDATE:
        value, variance = candidate, sample.var_candidate
    else:
        value, limits = candidate - baseline, (-1.0, 1.0)
        variance = sample.var_baseline + sample.var_candidate - 2 * sample.covariance
    if estimand is Estimand.RELATIVE:
        return _relative(sample, tails)
    ends = student_ends(value, variance, sample.df, tails, lean_of(sample, estimand))
    return Estimate(
        value=value,
        low=max(ends.low, limits[0]),
        high=min(ends.high, limits[1]),
        tails=tails,
        n=sample.clusters,
        method="jackknife t over clusters",
    )


def _refusal(sample: PairSample) -> Absent | None:
    if sample.lost.rows:
        detail = f"{sample.lost.rows} lists lost; nobody knows which items they would have shown"
        return Absent(reason=Reason.ROWS_MISSING, detail=detail, n=sample.clusters)
    if sample.baseline is None or sample.candidate is None:
        return Absent(reason=Reason.NO_ROWS, detail="no item at all", n=sample.clusters)
    if sample.clusters < MIN_CLUSTERS:
        detail = f"{sample.clusters} clusters; {MIN_CLUSTERS} needed"
        return Absent(reason=Reason.TOO_FEW_CLUSTERS, detail=detail, n=sample.clusters)
    return None


def _relative(sample: PairSample, tails: Tails) -> Measured:
    """Ratio by the variance of the difference of logarithms, delta method."""
    baseline, candidate = sample.baseline or 0.0, sample.candidate or 0.0
    error = math.sqrt(sample.var_baseline)
    if baseline <= 2 * quantile(sample.df, min(tails)) * error or candidate <= 0:
        detail = f"a baseline of {baseline:g} cannot be told from zero"
        return Absent(reason=Reason.BASELINE_NEAR_ZERO, detail=detail, n=sample.clusters)
    variance = (
        sample.var_baseline / baseline**2
        + sample.var_candidate / candidate**2
        - 2 * sample.covariance / (baseline * candidate)
    )
    value = math.log(candidate / baseline)
    leans = lean_of(sample, Estimand.DIFFERENCE)
    ends = student_ends(value, max(variance, 0.0), sample.df, tails, leans)
    low, high = math.expm1(ends.low), math.expm1(ends.high)
    if not low < high:
        detail = "both models show the same items; the ratio has no spread"
        return Absent(reason=Reason.CONSTANT, detail=detail, n=sample.clusters)
    return Estimate(
        value=math.expm1(value),
        low=low,
        high=high,
        tails=tails,
        n=sample.clusters,
        method="jackknife t over clusters, log ratio",
    )
