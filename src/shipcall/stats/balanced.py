"""Balanced: the mean over classes of a share within each class, for two models."""

import math
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from shipcall.core import Absent, Estimand, Estimate, Measured, Reason, Tails
from shipcall.stats.clusters import Clusters, inner
from shipcall.stats.means import pair_estimate
from shipcall.stats.moments import pair_sample, skew_of
from shipcall.stats.sample import Floats, Influence, Ints, Lost, PairSample

RANGE = (0.0, 1.0)
UNSEEN = 2
"""Clusters that turn in all classes at once, beside those that were seen."""


class _Sums(NamedTuple):
    """What each cluster contributes, over all classes; shapes (G,)."""

    baseline: Floats
    candidate: Floats
    gain: Floats
    """Gain of the candidate."""
    share: Floats
    """Share of the value that the cluster's rows make."""


def balanced_sample(  # noqa: PLR0913, PLR0917 - columns of one table
    label: ArrayLike,
    num_baseline: ArrayLike,
    den_baseline: ArrayLike,
    num_candidate: ArrayLike,
    den_candidate: ArrayLike,
    clusters: Clusters,
    *,
    classes: int,
    lost: Lost,
    influence: bool,
) -> PairSample:
    """Measure the mean over classes of a share within each class, for both models.

    Each class counts alike, however many rows it has. The covariance is that of the mean of the
    classes' ratios: a cluster's contribution is the mean of its CR2 contributions to each class
    (`moments.pair_sample`), so that clusters with rows of several classes are taken care of.
    Degrees of freedom are those of the class that has fewest.

    Args:
        label: Number of the class of each row, 0 to classes - 1; shape (rows,).
        num_baseline: Weight of the row where the baseline is right, else 0; shape (rows,).
        den_baseline: Weight of the row, not negative; shape (rows,).
        num_candidate: As for the baseline.
        den_candidate: As for the baseline.
        clusters: Which rows belong together.
        classes: Classes that have to be there: the mean of fewer would be another quantity.
        lost: Expected rows that could not be paired; nobody knows of which class they are.
        influence: Keep what each cluster contributes, for joint methods over slices.

    Returns:
        A sample with one part per class. Its values are None where a class has no row.
    """
    columns = (num_baseline, den_baseline, num_candidate, den_candidate)
    nums = [np.asarray(column, dtype=np.float64) for column in columns]
    codes = np.asarray(label, dtype=np.float64)
    if codes.shape != (clusters.rows,):
        raise ValueError(f"{codes.size} labels for {clusters.rows} rows")
    rows_of = rows_by_class(codes, classes)
    parts = tuple(
        pair_sample(
            nums[0][rows],
            nums[1][rows],
            nums[2][rows],
            nums[3][rows],
            clusters.subset(rows),
            range=RANGE,
            lost=lost,
            binary=True,
            influence=True,
        )
        for rows in rows_of
    )
    sums = _summed(parts, rows_of, nums, clusters)
    return _joined(parts, sums, clusters, lost, influence=influence)


def rows_by_class(label: Floats, classes: int) -> list[Ints]:
    """Find the rows of every class.

    Args:
        label: Number of the class of each row; shape (rows,).
        classes: How many there are.

    Returns:
        Positions of the rows of each class, ascending.

    Raises:
        ValueError: On a label that is none of the numbers 0 to classes - 1.
    """
    order = np.argsort(label, kind="stable")
    bounds = np.searchsorted(label[order], np.arange(classes + 1))
    rows_of = [order[low:high] for low, high in pairwise(bounds)]
    if sum(rows.size for rows in rows_of) != label.size or np.any(label != np.floor(label)):
        raise ValueError(f"a label is none of the numbers 0 to {classes - 1}")
    return rows_of


def _summed(
    parts: tuple[PairSample, ...], rows_of: list[Ints], nums: list[Floats], clusters: Clusters
) -> _Sums:
    sums = _Sums(*(np.zeros(clusters.count) for _ in _Sums._fields))
    for part, rows in zip(parts, rows_of, strict=True):
        own = part.influence
        if own is None or not part.weight_baseline > 0:
            continue
        at = np.searchsorted(clusters.codes, own.cluster)
        sums.baseline[at] += own.baseline / len(parts)
        sums.candidate[at] += own.candidate / len(parts)
        scale = 1.0 / (len(parts) * part.weight_baseline)
        where = clusters.index[rows]
        gain, share = (nums[2] - nums[0])[rows] * scale, nums[1][rows] * scale
        np.add(sums.gain, np.bincount(where, gain, clusters.count), out=sums.gain)
        np.add(sums.share, np.bincount(where, share, clusters.count), out=sums.share)
    return sums


def _joined(
    parts: tuple[PairSample, ...], sums: _Sums, clusters: Clusters, lost: Lost, *, influence: bool
) -> PairSample:
    touched = sums.share > 0
    count = int(np.count_nonzero(touched))
    return PairSample(
        rows=sum(part.rows for part in parts),
        clusters=count,
        baseline=mean_over_classes([part.baseline for part in parts]),
        candidate=mean_over_classes([part.candidate for part in parts]),
        weight_baseline=sum(part.weight_baseline for part in parts),
        weight_candidate=sum(part.weight_candidate for part in parts),
        var_baseline=inner(sums.baseline, sums.baseline),
        var_candidate=inner(sums.candidate, sums.candidate),
        covariance=inner(sums.baseline, sums.candidate),
        df=min((part.df for part in parts), default=0.0),
        skew=skew_of(sums.baseline, sums.candidate, count),
        gained_clusters=int(np.count_nonzero(sums.gain > 0)),
        lost_clusters=int(np.count_nonzero(sums.gain < 0)),
        largest_share=float(sums.share.max(initial=0.0)),
        parts=tuple(replace(part, influence=None) for part in parts),
        range=RANGE,
        lost=lost,
        influence=Influence(
            cluster=clusters.codes[touched],
            baseline=sums.baseline[touched],
            candidate=sums.candidate[touched],
        )
        if influence
        else None,
    )


def mean_over_classes(values: list[float | None]) -> float | None:
    """Give the mean of the classes' values; None where a class has none."""
    known = [value for value in values if value is not None]
    return math.fsum(known) / len(known) if known and len(known) == len(values) else None


def balanced_estimate(sample: PairSample, estimand: Estimand, tails: Tails) -> Measured:
    """Estimate a mean over classes, a difference or a relative change of two.

    Every class brings its own ends, which are exact where it has few rows: errors that a rare
    class did not happen to show would not be noticed in the whole. Their distances from the
    classes' values are joined as independent errors are, times the root of what the whole varies
    more than its parts, where clusters hold several classes. Where rows are lost the distances
    are added up, each class having lost all of them: nobody knows of which class they were. A
    relative change is bounded by the ends of the difference and of the baseline, with half of
    the error level for each.

    Args:
        sample: From `balanced_sample`; without parts it is taken as one mean.
        estimand: DIFFERENCE, RELATIVE, CANDIDATE or BASELINE.
        tails: One-sided error level of each end.

    Returns:
        The estimate, or Absent where a class has no row or carries no estimate of its own.

    References:
        Zou & Donner (2008), Construction of confidence limits about effect measures, Statistics
        in Medicine 27, 1693-1702 (joined ends).
    """
    if not sample.parts:
        return pair_estimate(sample, estimand, tails)
    empty = sum(1 for part in sample.parts if part.baseline is None)
    if sample.rows and empty:
        detail = f"{empty} of {len(sample.parts)} classes have no row here"
        return Absent(reason=Reason.ONE_CLASS, detail=detail, n=sample.clusters)
    if estimand is Estimand.RELATIVE:
        return _relative(sample, tails)
    measured = []
    for part in sample.parts:
        own = pair_estimate(part, estimand, tails)
        if isinstance(own, Absent):
            return own
        measured.append(own)
    return _of_parts(sample, estimand, tails, measured)


def _of_parts(
    sample: PairSample, estimand: Estimand, tails: Tails, measured: list[Estimate]
) -> Estimate:
    classes, lost = len(measured), sample.lost.rows
    value = math.fsum(one.value for one in measured) / classes
    join = math.fsum if lost else partial(_hypotenuse, more=_more(sample, estimand))
    low = value - join([one.value - one.low for one in measured]) / classes
    high = value + join([one.high - one.value for one in measured]) / classes
    filled = f", worst-case fill of {lost} rows in every class" if lost else ""
    return Estimate(
        value=value,
        low=max(low, -1.0 if estimand is Estimand.DIFFERENCE else 0.0),
        high=min(high, 1.0),
        tails=tails,
        n=sample.clusters,
        method=f"mean over {classes} classes ({measured[0].method}){filled}",
    )


def _hypotenuse(distances: list[float], *, more: float) -> float:
    return more * math.hypot(*distances)


def _more(sample: PairSample, estimand: Estimand) -> float:
    """Root of how much more the whole varies than classes of clusters of their own would.

    Where a cluster has rows of several classes, two clusters that turn in all of them at once are
    added to what was seen: one answer given 50 times in both orders is 50 answers and not 100,
    and nothing that varies could have shown it.
    """
    classes = len(sample.parts)
    parts = math.fsum(_variance(part, estimand) for part in sample.parts) / classes**2
    whole = _variance(sample, estimand)
    shared = sum(part.clusters for part in sample.parts) / max(sample.clusters, 1) - 1.0
    if shared > 0:
        turn = UNSEEN * math.fsum(part.clusters**-2 for part in sample.parts) / classes**2
        whole, parts = whole + (1.0 + shared) * turn, parts + turn
    return math.sqrt(max(whole / parts, 1.0)) if parts > 0 else 1.0


def _variance(sample: PairSample, estimand: Estimand) -> float:
    if estimand is Estimand.BASELINE:
        return sample.var_baseline
    if estimand is Estimand.CANDIDATE:
        return sample.var_candidate
    return max(sample.var_baseline + sample.var_candidate - 2.0 * sample.covariance, 0.0)


def _relative(sample: PairSample, tails: Tails) -> Measured:
    half = Tails(tails.low / 2, tails.high / 2)
    difference = balanced_estimate(sample, Estimand.DIFFERENCE, half)
    least = min(half)
    baseline = balanced_estimate(sample, Estimand.BASELINE, Tails(least, least))
    if isinstance(difference, Absent) or isinstance(baseline, Absent):
        return difference if isinstance(difference, Absent) else baseline
    if baseline.low <= 0:
        detail = f"a baseline of {baseline.value:g} cannot be told from zero"
        return Absent(reason=Reason.BASELINE_NEAR_ZERO, detail=detail, n=sample.clusters)
    value = difference.value / baseline.value
    low = difference.low / (baseline.low if difference.low < 0 else baseline.high)
    high = difference.high / (baseline.high if difference.high < 0 else baseline.low)
    return replace(
        difference,
        value=value,
        low=min(max(low, -1.0), value),
        high=max(high, value),
        tails=tails,
        method=f"quotient of bounds ({difference.method})",
    )
