"""Average precision: how pure the top of a ranking is, for two models on the same rows."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from shipcall.core import Absent, Estimand, Estimate, Measured, Reason, Tails
from shipcall.stats.bounds import hull, lean_of, leaning, quantile, student_ends, third_side
from shipcall.stats.clusters import Clusters, inner
from shipcall.stats.moments import skew_of
from shipcall.stats.proportions import Ends
from shipcall.stats.ranking import checked_label, checked_score, root_factor
from shipcall.stats.sample import Floats, Influence, Ints, Lost, PairSample

MIN_POSITIVES = 20
"""Fewest effective clusters with a positive row: with fewer the interval misses too often."""
RANGE = (0.0, 1.0)
_SAME = 1e-12
"""Variance of a difference below this share of the two variances is rounding."""


class _Placed(NamedTuple):
    """One model's average precision and what every row contributes to it."""

    value: float
    influence: Floats
    """Sums to zero; shape (rows,)."""
    optimism: float
    """How much too high the value is in expectation, to first order."""


def average_precision_sample(  # noqa: PLR0913 - columns of one table
    label: ArrayLike,
    score_baseline: ArrayLike,
    score_candidate: ArrayLike,
    weight: ArrayLike,
    cluster: Ints,
    *,
    lost: Lost,
    influence: bool,
) -> PairSample:
    """Measure the average precision of both models on the same rows.

    The value is exact: the mean over the positive rows of the precision at their own score, where
    rows of one score are called together. Its covariance comes from the influence function. With
    W the sum of all weights, W+ that of the positives, and for a score s

        P(s) = precision if everything scored at least s is called,
        S(s) = share of the weight that is called then,
        A(s) = sum over positives scored at most s of w / (W S),
        B(s) = the same sum with P w / (W S),

    a row with label y and score s contributes w / W+ * (y (P(s) - AP + A(s)) - B(s)): the first
    part is its own precision, the others are what it does to the precision of the positives below
    it. (Put a point mass of weight e at a row, differentiate AP by e at 0.) Contributions are
    summed within clusters; a cluster that holds a share h of the positives has its sum divided by
    sqrt(1 - h).

    In the sample that comes back, `weight_baseline` and `weight_candidate` are the weights of the
    positive and of all rows. `optimism` is what rows add to their own precision: every
    positive, and what its cluster holds above it, is among the rows its precision is taken of.

    Assumes that clusters are independent. Not for scores that were fitted on these rows, and not
    for comparing tables with another share of positives: chance alone gives that share.

    Args:
        label: 1 for positive, 0 for negative; shape (rows,).
        score_baseline: Any increasing score, no NaN; shape (rows,).
        score_candidate: Likewise.
        weight: Weight of each row, not negative; shape (rows,).
        cluster: Code of the cluster of each row; shape (rows,).
        lost: Expected rows that could not be paired.
        influence: Also give each cluster's contribution, for joint methods.

    Raises:
        ValueError: On labels other than 0 and 1, NaN scores, negative weights, unequal lengths.

    References:
        Boyd, Eng & Page (2013), Area under the precision-recall curve: point estimates and
        confidence intervals, ECML PKDD, LNCS 8190, 451-466 (the logit interval).
    """
    positive = checked_label(label)
    scores = [checked_score(score, positive.size) for score in (score_baseline, score_candidate)]
    weights = np.asarray(weight, dtype=np.float64)
    clusters = Clusters.of(cluster)
    if weights.shape != positive.shape or clusters.rows != positive.size:
        raise ValueError(f"{positive.size} labels, {weights.size} weights, {clusters.rows} codes")
    if weights.size and not weights.min() >= 0:
        raise ValueError("a weight is negative or not a number")
    gained = positive * weights
    total = float(gained.sum())
    if not total > 0:
        return no_positive(positive.size, clusters.count, float(weights.sum()), lost)
    placed = [_place(score, gained, weights, clusters) for score in scores]
    shares, mass = clusters.sums(gained) / total, clusters.sums(weights)
    factor = root_factor(shares)
    psi = [factor * clusters.sums(one.influence) for one in placed]
    return PairSample(
        rows=positive.size,
        clusters=clusters.count,
        baseline=placed[0].value,
        candidate=placed[1].value,
        weight_baseline=total,
        weight_candidate=float(weights.sum()),
        var_baseline=inner(psi[0], psi[0]),
        var_candidate=inner(psi[1], psi[1]),
        covariance=inner(psi[0], psi[1]),
        df=df_of(inner(shares, shares), inner(mass, mass) / float(weights.sum()) ** 2),
        skew=skew_of(psi[0], psi[1], int(np.count_nonzero(shares))),
        optimism=(placed[0].optimism, placed[1].optimism),
        largest_share=float(shares.max()),
        range=RANGE,
        lost=lost,
        influence=Influence(cluster=clusters.codes, baseline=psi[0], candidate=psi[1])
        if influence
        else None,
    )


def df_of(positives: float, rows: float) -> float:
    """Degrees of freedom: one fewer than clusters count of the positives, or of all rows.

    A negative row that outweighs all others decides every precision below it.

    Args:
        positives: Sum over clusters of squares of their shares of the positive rows, in (0, 1].
        rows: Likewise of all rows.
    """
    return max(1.0 / max(positives, rows) - 1.0, 0.0)


def _place(score: Floats, gained: Floats, weight: Floats, clusters: Clusters) -> _Placed:
    order, starts, group = ranked(score)
    won, called = gained[order], weight[order]
    positives = np.add.reduceat(won, starts)
    above = np.cumsum(np.add.reduceat(called, starts))
    some = np.where(above > 0, above, 1.0)
    precision = np.cumsum(positives) / some
    total = float(positives.sum())
    value = inner(positives, precision) / total
    helped = np.cumsum((positives / some)[::-1])[::-1]
    charged = np.cumsum((positives * precision / some)[::-1])[::-1]
    own = won * (precision[group] - value + helped[group]) - called * charged[group]
    influence = np.empty_like(own)
    influence[order] = own / total
    mine = own_cluster(won, called, group, clusters.index[order])
    optimism = inner(won, (mine.positives - precision[group] * mine.called) / some[group]) / total
    return _Placed(value, influence, optimism)


class Ranked(NamedTuple):
    """Rows from the highest score to the lowest; those of one score are a group."""

    order: Ints
    """Positions of the rows, shape (rows,)."""
    starts: Ints
    """Place in that order at which each group begins, shape (groups,)."""
    group: Ints
    """Number of the group of each row, in that order; shape (rows,)."""


def ranked(score: Floats) -> Ranked:
    """Put rows in the order of their scores, the highest first."""
    order = np.argsort(-score, kind="stable")
    down = score[order]
    starts = np.flatnonzero(np.concatenate(([True], down[1:] != down[:-1])))
    group = np.repeat(np.arange(starts.size), np.diff(starts, append=down.size))
    return Ranked(order, starts, group)


class Own(NamedTuple):
    """What the cluster of each row has at the score of the row or above it; shapes (rows,)."""

    positives: Floats
    """Weight of its positive rows."""
    called: Floats
    """Weight of all its rows."""


def own_cluster(won: Floats, called: Floats, group: Ints, cluster: Ints) -> Own:
    """Sum what each row's own cluster has at its score or above it; rows as `ranked` puts them.

    Args:
        won: Weight of each positive row, 0 for the others; shape (rows,).
        called: Weight of each row.
        group: Number of its score, from the top.
        cluster: Number of its cluster.
    """
    together = np.lexsort((group, cluster))
    codes, tied = cluster[together], group[together]
    first = np.concatenate(([True], codes[1:] != codes[:-1]))
    block = np.flatnonzero(first | np.concatenate(([True], tied[1:] != tied[:-1])))
    ends = np.append(block[1:], codes.size) - 1
    starts = np.maximum.accumulate(np.where(first, np.arange(codes.size), 0))

    def running(values: Floats) -> Floats:
        own = values[together]
        summed = np.cumsum(own)
        reached = np.repeat(summed[ends], ends - block + 1)
        found = np.empty_like(summed)
        found[together] = reached - (summed - own)[starts]
        return found

    return Own(running(won), running(called))


def no_positive(rows: int, clusters: int, weight: float, lost: Lost) -> PairSample:
    """Give the sample of rows of which none is positive: no precision is defined."""
    return PairSample(
        rows=rows,
        clusters=clusters,
        baseline=None,
        candidate=None,
        weight_baseline=0.0,
        weight_candidate=weight,
        var_baseline=0.0,
        var_candidate=0.0,
        covariance=0.0,
        df=0.0,
        range=RANGE,
        lost=lost,
    )


def average_precision_estimate(sample: PairSample, estimand: Estimand, tails: Tails) -> Measured:
    """Estimate an average precision, a difference or a ratio of two, or say why it cannot be done.

    One model's own value gets the wider, at each end, of t on its own scale and t on the logit
    scale, moved outwards for skewness; the low end also pays for the optimism of the value, which
    is reported as it is. Comparisons get the wider of t and of ends joined from the two models'
    own intervals with their correlation. At levels from 0.05 to 0.0025 an end misses no more than
    about 1.4 times its level from 20 effective clusters with a positive (design/0029 has the
    measured rates).

    Args:
        sample: From `average_precision_sample`.
        estimand: DIFFERENCE, RELATIVE, CANDIDATE or BASELINE.
        tails: One-sided error level of each end.

    Returns:
        An estimate, or Absent: lost rows can change the precision of every positive, so no
        interval survives them.

    References:
        Boyd, Eng & Page (2013), as above.
        Zou & Donner (2008), Construction of confidence limits about effect measures, Statistics
        in Medicine 27, 1693-1702 (joined ends).
    """
    refused = _refusal(sample)
    if refused is not None:
        return refused
    if estimand in (Estimand.CANDIDATE, Estimand.BASELINE):
        return _own(sample, estimand, tails)
    if estimand in (Estimand.DIFFERENCE, Estimand.RELATIVE):
        return _compared(sample, estimand, tails)
    detail = f"an average precision has no estimand {estimand.value!r}"
    return _absent(sample, Reason.NOT_MEASURABLE, detail)


def _refusal(sample: PairSample) -> Absent | None:
    if sample.lost.rows:
        detail = f"{sample.lost.rows} rows are lost; each could change the precision of many"
        return _absent(sample, Reason.ROWS_MISSING, detail)
    if sample.rows == 0:
        return _absent(sample, Reason.NO_ROWS, "0 rows")
    if sample.baseline is None or sample.weight_baseline >= sample.weight_candidate:
        which = "no" if sample.baseline is None else "no row but"
        return _absent(sample, Reason.ONE_CLASS, f"{which} positive rows")
    if sample.df + 1 < MIN_POSITIVES:
        detail = (
            f"{sample.df + 1:.1f} effective clusters of positive rows, or of all; "
            f"{MIN_POSITIVES} are needed"
        )
        return _absent(sample, Reason.TOO_FEW_EVENTS, detail)
    return _flawless(sample)


def _flawless(sample: PairSample) -> Absent | None:
    models = (
        ("baseline", sample.baseline, sample.var_baseline),
        ("candidate", sample.candidate, sample.var_candidate),
    )
    for model, value, variance in models:
        if variance <= 0 or value is None or not 0 < value < 1:
            detail = (
                f"the {model}'s average precision is {value} with no spread between rows; how far "
                "it could be off cannot be told"
            )
            return _absent(sample, Reason.CONSTANT, detail)
    return None


def _absent(sample: PairSample, reason: Reason, detail: str) -> Absent:
    return Absent(reason=reason, detail=detail, n=sample.clusters)


def _own(sample: PairSample, estimand: Estimand, tails: Tails) -> Measured:
    baseline = estimand is Estimand.BASELINE
    value = (sample.baseline if baseline else sample.candidate) or 0.0
    low, high = _own_ends(sample, estimand, tails)
    return Estimate(
        value=value,
        low=low,
        high=high,
        tails=tails,
        n=sample.clusters,
        method="average_precision_own",
    )


def _own_ends(sample: PairSample, estimand: Estimand, tails: Tails) -> Ends:
    baseline = estimand is Estimand.BASELINE
    value = (sample.baseline if baseline else sample.candidate) or 0.0
    variance = sample.var_baseline if baseline else sample.var_candidate
    lean = lean_of(sample, estimand)
    plain = student_ends(value, variance, sample.df, tails, lean)
    optimism = max(sample.optimism[0 if baseline else 1], 0.0)
    lower = max(value - optimism, value / 2)
    ends = Ends(
        _logit_end(lower, variance, -leaning(quantile(sample.df, tails.low), lean.low)),
        _logit_end(value, variance, quantile(sample.df, tails.high)),
    )
    wide = hull(ends, Ends(plain.low - optimism, plain.high))
    return Ends(max(wide.low, 0.0), min(wide.high, 1.0))


def _logit_end(value: float, variance: float, point: float) -> float:
    error = math.sqrt(variance) / (value * (1.0 - value))
    return float(special.expit(special.logit(value) + point * error))


def _compared(sample: PairSample, estimand: Estimand, tails: Tails) -> Measured:
    baseline, candidate = sample.baseline or 0.0, sample.candidate or 0.0
    relative = estimand is Estimand.RELATIVE
    scale = (baseline, candidate) if relative else (1.0, 1.0)
    spread = sample.var_baseline / scale[0] ** 2 + sample.var_candidate / scale[1] ** 2
    variance = spread - 2.0 * sample.covariance / (scale[0] * scale[1])
    if variance <= _SAME * spread:
        detail = f"both models put the rows in the same order (average precision {baseline:.6g})"
        return _absent(sample, Reason.CONSTANT, detail)
    value = math.log(candidate / baseline) if relative else candidate - baseline
    lean = lean_of(sample, estimand)
    student = student_ends(value, variance, sample.df, tails, lean)
    low, high = hull(student, _joined_ends(sample, tails, relative=relative))
    if relative:
        value, low, high = math.expm1(value), math.expm1(low), math.expm1(high)
    else:
        low, high = max(low, -1.0), min(high, 1.0)
    return Estimate(
        value=value,
        low=low,
        high=high,
        tails=tails,
        n=sample.clusters,
        method="average_precision_log_ratio" if relative else "average_precision_difference",
    )


def _joined_ends(sample: PairSample, tails: Tails, *, relative: bool) -> Ends:
    """Ends of a difference (of logarithms, if relative) from the two models' own ends."""
    across = Tails(tails.high, tails.low)
    c = (sample.candidate or 0.0, *_own_ends(sample, Estimand.CANDIDATE, tails))
    b = (sample.baseline or 0.0, *_own_ends(sample, Estimand.BASELINE, across))
    if relative:
        c, b = _logs(c), _logs(b)
    rho = sample.covariance / math.sqrt(sample.var_baseline * sample.var_candidate)
    return Ends(
        c[0] - b[0] - third_side(c[0] - c[1], b[2] - b[0], rho),
        c[0] - b[0] + third_side(c[2] - c[0], b[0] - b[1], rho),
    )


def _logs(ends: tuple[float, float, float]) -> tuple[float, float, float]:
    value, low, high = ends
    return math.log(value), math.log(max(low, 1e-300)), math.log(high)
