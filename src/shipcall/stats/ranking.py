"""Ranking: how well scores put positives above negatives, for two models on the same rows."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from shipcall.core import Absent, Estimand, Estimate, Measured, Reason, Tails
from shipcall.stats.bounds import third_side
from shipcall.stats.clusters import Clusters, inner
from shipcall.stats.sample import Floats, Influence, Ints, Lost, PairSample
from shipcall.stats.separated import apart, halved, separated_area

MIN_EVENTS = 10
"""Fewest positives, and fewest negatives, for an interval that holds its level."""
MIN_DF = 3.5
"""Fewest degrees of freedom: about five clusters of similar size with each class."""
PRIOR_MISPLACED = 5.0
"""With this many misplaced units of the rarer class, data and model speak equally."""
AUC_RANGE = (0.0, 1.0)
_SAME = 1e-12
"""Variance of a difference below this share of the two variances is rounding."""


class _Placed(NamedTuple):
    auc: float
    excess: Floats
    """Placement of each row minus the AUC; shape (rows,)."""


def auc_pair_sample(  # noqa: PLR0913 - columns of one table
    label: ArrayLike,
    score_baseline: ArrayLike,
    score_candidate: ArrayLike,
    cluster: Ints,
    weight: ArrayLike | None = None,
    *,
    lost: Lost,
    influence: bool,
) -> PairSample:
    """Measure the area under the ROC curve of both models on the same rows.

    The area is exact: the share of (positive, negative) pairs that the score puts in the right
    order, a tie counting one half. Its covariance is DeLong's for clustered rows: placement
    values are summed within clusters first, and a cluster that holds a share h of the positives
    has its sum over positives divided by sqrt(1 - h), likewise for negatives (CR2). With one row
    per cluster this is DeLong's formula, with clusters of equal make-up Obuchowski's.

    With weights a row counts as so many rows of its cluster: a pair counts the product of its
    weights, shares are shares of the weight of a class.

    In the sample that comes back, `weight_baseline` is the number of positive rows and
    `weight_candidate` the number of negative rows; with weights the effective numbers,
    (sum w)^2 / sum w^2. Values are None where a class is missing.
    `df` is one less than the effective number of clusters (1 / sum of squared shares) of the
    class that has fewer; it is at most the number of clusters with that class, minus one.

    Assumes that clusters are independent and that rows of one cluster may depend on each other
    in any way. Not for scores that were fitted on these rows.

    Args:
        label: 1 for positive, 0 for negative; shape (rows,).
        score_baseline: Any increasing score, no NaN; shape (rows,).
        score_candidate: Likewise.
        cluster: Code of the cluster of each row, not negative; gaps are allowed; shape (rows,).
        weight: Weight of each row, not negative; shape (rows,). None: all count alike.
        lost: Expected rows that could not be paired.
        influence: Also give each cluster's contribution, for joint methods.

    Raises:
        ValueError: On labels other than 0 and 1, on NaN scores, on negative weights, on columns of
            unequal length.

    References:
        DeLong, DeLong & Clarke-Pearson (1988), Comparing the areas under two or more
        correlated receiver operating characteristic curves.
        Obuchowski (1997), Nonparametric analysis of clustered ROC curve data.
    """
    positive = checked_label(label)
    scores = [checked_score(score, positive.size) for score in (score_baseline, score_candidate)]
    clusters = Clusters.of(cluster)
    if clusters.rows != positive.size:
        raise ValueError(f"{positive.size} labels but {clusters.rows} cluster codes")
    weights = _weights(weight, positive.size)
    held = [np.where(side, weights, 0) for side in (positive, ~positive)]
    totals = [one.sum() for one in held]
    counts = [_effective(one) for one in held]
    if not all(totals):
        return one_class(positive.size, counts[0], counts[1], clusters.count, lost)
    placed = [_place(score, held[0], held[1], positive) for score in scores]
    shares = [clusters.sums(one) / total for one, total in zip(held, totals, strict=True)]
    df = min(max(1.0 / inner(share, share) - 1.0, 0.0) for share in shares)
    factor = weights * np.where(
        positive,
        (root_factor(shares[0]) / totals[0])[clusters.index],
        (root_factor(shares[1]) / totals[1])[clusters.index],
    )
    psi = [clusters.sums(factor * p.excess) for p in placed]
    return PairSample(
        rows=positive.size,
        clusters=clusters.count,
        baseline=placed[0].auc,
        candidate=placed[1].auc,
        weight_baseline=counts[0],
        weight_candidate=counts[1],
        var_baseline=inner(psi[0], psi[0]),
        var_candidate=inner(psi[1], psi[1]),
        covariance=inner(psi[0], psi[1]),
        df=df,
        largest_share=float(clusters.sizes.max()) / positive.size,
        range=AUC_RANGE,
        lost=lost,
        influence=Influence(cluster=clusters.codes, baseline=psi[0], candidate=psi[1])
        if influence and df >= 1
        else None,
    )


def auc_estimate(sample: PairSample, estimand: Estimand, tails: Tails) -> Measured:
    """Estimate an AUC, or the difference or ratio of two, or say why it cannot be done.

    One model's own value gets the wider, at each end, of a t interval on the logit scale and of
    a score interval whose variance is that of a model with this AUC: near 1 the rows seen show
    too little spread. Its degrees of freedom are no more than the effective number of misplaced
    units, (1 - AUC)^2 over the variance: a few sure mistakes make most of both. Comparisons get
    the wider of a t interval (on the difference, or on the log of the ratio) and of one joined
    from the two models' own intervals with their correlation. Approximate: needs ten positives,
    ten negatives and about five clusters with each. A model that never errs has exact ends where
    rows are independent (`separated`), and no interval otherwise.

    Args:
        sample: From `auc_pair_sample`.
        estimand: DIFFERENCE, RELATIVE, CANDIDATE or BASELINE.
        tails: One-sided error level of each end.

    Returns:
        An estimate in AUC units (RELATIVE: a share of the baseline's AUC), or Absent: lost
        rows can change the order of every pair, so no interval survives them.

    References:
        Obuchowski (1997), for the difference.
        Newcombe (2006), Confidence intervals for an effect size measure based on the
        Mann-Whitney statistic, part 2, method 5, for the score interval.
        Zou & Donner (2008), Construction of confidence limits about effect measures, for joining.
    """
    refused = _refusal(sample)
    if refused is not None:
        return refused
    if estimand is Estimand.CANDIDATE:
        return _own(sample, sample.candidate, sample.var_candidate, "candidate", tails)
    if estimand is Estimand.BASELINE:
        return _own(sample, sample.baseline, sample.var_baseline, "baseline", tails)
    if estimand in (Estimand.DIFFERENCE, Estimand.RELATIVE):
        return _compared(sample, estimand, tails)
    return _absent(sample, Reason.NOT_MEASURABLE, f"an AUC has no estimand {estimand.value!r}")


def checked_label(label: ArrayLike) -> NDArray[np.bool_]:
    """Say which rows are positive; refuse labels other than 0 and 1."""
    values = np.asarray(label)
    positive: NDArray[np.bool_] = values == 1
    if not (positive | (values == 0)).all():
        raise ValueError("a label is neither 0 nor 1; map the classes with `positive`")
    return positive


def checked_score(score: ArrayLike, rows: int) -> Floats:
    """Bring scores as numbers; refuse NaN and another length than the labels'."""
    values = np.asarray(score, dtype=np.float64)
    if values.size != rows:
        raise ValueError(f"{rows} labels but {values.size} scores")
    if np.isnan(values).any():
        raise ValueError("a score is NaN; count the row as lost instead of ranking it")
    return values


def _weights(weight: ArrayLike | None, rows: int) -> Floats | Ints:
    if weight is None:
        return np.ones(rows, dtype=np.int64)
    weights = np.asarray(weight, dtype=np.float64)
    if weights.shape != (rows,):
        raise ValueError(f"{rows} labels but {weights.size} weights")
    if weights.size and not weights.min() >= 0:
        raise ValueError("a weight is negative or not a number")
    return weights


def _effective(weights: Floats | Ints) -> float:
    """(sum w)^2 / sum w^2: the number of rows if all that have a weight weigh alike."""
    square = float((weights * weights).sum())
    return float(weights.sum()) ** 2 / square if square > 0 else 0.0


def _place(
    score: Floats, gained: Floats | Ints, fallen: Floats | Ints, positive: NDArray[np.bool_]
) -> _Placed:
    """Share of the other class that each row is on the right side of, a tie counting half.

    Args:
        score: Shape (rows,).
        gained: Weight of each positive row, 0 for the others; shape (rows,).
        fallen: Weight of each negative row, 0 for the others.
        positive: Which rows are positive.
    """
    order = np.argsort(score)
    ranked = score[order]
    starts = np.flatnonzero(np.concatenate(([True], ranked[1:] != ranked[:-1])))
    sizes = np.diff(starts, append=ranked.size)
    positive_in = np.add.reduceat(gained[order], starts)
    negative_in = np.add.reduceat(fallen[order], starts)
    positives, negatives = positive_in.sum(), negative_in.sum()
    twice_below = 2 * np.cumsum(negative_in) - negative_in
    twice_above = 2 * (positives - np.cumsum(positive_in)) + positive_in
    auc = inner(positive_in, twice_below) / (2.0 * positives * negatives)
    group = np.empty(ranked.size, dtype=np.int64)
    group[order] = np.repeat(np.arange(starts.size), sizes)
    placement = np.where(
        positive, twice_below[group] / (2.0 * negatives), twice_above[group] / (2.0 * positives)
    )
    return _Placed(float(auc), placement - auc)


def root_factor(share: Floats) -> Floats:
    """Make up for what a cluster pulls the value towards itself; 1 where it is all there is."""
    factor: Floats = 1.0 / np.sqrt(np.where(share < 1, 1.0 - share, 1.0))
    return factor


def one_class(
    rows: int, positives: float, negatives: float, clusters: int, lost: Lost
) -> PairSample:
    """Give the sample of rows that are all of one class: no area is defined."""
    return PairSample(
        rows=rows,
        clusters=clusters,
        baseline=None,
        candidate=None,
        weight_baseline=positives,
        weight_candidate=negatives,
        var_baseline=0.0,
        var_candidate=0.0,
        covariance=0.0,
        df=0.0,
        range=AUC_RANGE,
        lost=lost,
    )


def _refusal(sample: PairSample) -> Absent | None:
    positives, negatives = int(sample.weight_baseline), int(sample.weight_candidate)
    if sample.lost.rows:
        detail = f"{sample.lost.rows} rows are lost; each could change the order of many pairs"
        return _absent(sample, Reason.ROWS_MISSING, detail)
    if sample.rows == 0:
        return _absent(sample, Reason.NO_ROWS, "0 rows")
    counts = f"{positives} positive and {negatives} negative rows"
    if sample.baseline is None or sample.candidate is None:
        return _absent(sample, Reason.ONE_CLASS, counts)
    if min(positives, negatives) < MIN_EVENTS:
        return _absent(sample, Reason.TOO_FEW_EVENTS, f"{counts}; {MIN_EVENTS} of each needed")
    if sample.df < MIN_DF:
        detail = (
            f"{sample.clusters} clusters count as {sample.df + 1:.1f} of equal size for one class; "
            "about 5 needed"
        )
        return _absent(sample, Reason.TOO_FEW_CLUSTERS, detail)
    return None


def _absent(sample: PairSample, reason: Reason, detail: str) -> Absent:
    return Absent(reason=reason, detail=detail, n=sample.clusters)


class _Ends(NamedTuple):
    low: float
    high: float


def _own(
    sample: PairSample, value: float | None, variance: float, model: str, tails: Tails
) -> Measured:
    if value is None or variance <= 0:
        return separated_area(sample, value, tails) or _flawless(sample, model, value)
    misplaced = max(min(value, 1 - value) ** 2 / variance, 1.0)
    low, high = _own_ends(sample, value, variance, min(sample.df, misplaced), tails)
    return Estimate(
        value=value, low=low, high=high, tails=tails, n=sample.clusters, method="auc_own"
    )


def _own_ends(sample: PairSample, value: float, variance: float, df: float, tails: Tails) -> _Ends:
    error = math.sqrt(variance) / (value * (1 - value))
    low, high = _t_ends(float(special.logit(value)), error, df, tails)
    factor = _variance_factor(sample, value, variance)
    below = _score_end(sample, value, 0.0, factor, float(special.stdtrit(df, tails.low)))
    above = _score_end(sample, value, 1.0, factor, float(special.stdtrit(df, tails.high)))
    return _Ends(
        min(value, float(special.expit(low)), below), max(value, float(special.expit(high)), above)
    )


def _modelled_variance(sample: PairSample, auc: float) -> float:
    """Variance of an AUC of independent rows if both classes' scores were exponential."""
    positives, negatives = sample.weight_baseline, sample.weight_candidate
    more = (positives + negatives) / 2 - 1
    spread = 1 + more * ((1 - auc) / (2 - auc) + auc / (1 + auc))
    return auc * (1 - auc) * spread / (positives * negatives)


def _variance_factor(sample: PairSample, value: float, variance: float) -> float:
    """Ratio of the variance to the modelled one, held up to 1 while few rows are misplaced."""
    seen = variance / _modelled_variance(sample, value)
    misplaced = (sample.df + 1) * value * (1 - value)
    return (misplaced * seen + PRIOR_MISPLACED * max(seen, 1.0)) / (misplaced + PRIOR_MISPLACED)


def _score_end(
    sample: PairSample, value: float, limit: float, factor: float, point: float
) -> float:
    """Farthest AUC towards `limit` from which the value is not further than its own t says."""
    square = point**2 * factor
    inside, outside = value, limit
    for _ in range(60):
        middle = (inside + outside) / 2
        if (value - middle) ** 2 <= square * _modelled_variance(sample, middle):
            inside = middle
        else:
            outside = middle
    return outside


def _compared(sample: PairSample, estimand: Estimand, tails: Tails) -> Measured:
    baseline, candidate = sample.baseline, sample.candidate
    relative = estimand is Estimand.RELATIVE
    if baseline is None or candidate is None or min(sample.var_baseline, sample.var_candidate) <= 0:
        half = halved(tails)
        across = Tails(half.high, half.low)
        before = _own(sample, baseline, sample.var_baseline, "baseline", across)
        after = _own(sample, candidate, sample.var_candidate, "candidate", half)
        return apart(before, after, tails, relative=relative)
    scale_b, scale_c = (baseline, candidate) if relative else (1.0, 1.0)
    spread = sample.var_candidate / scale_c**2 + sample.var_baseline / scale_b**2
    variance = spread - 2 * sample.covariance / (scale_b * scale_c)
    if variance <= _SAME * spread:
        detail = f"both models put the rows in the same order (AUC {baseline:.6g})"
        return _absent(sample, Reason.CONSTANT, detail)
    value = math.log(candidate / baseline) if relative else candidate - baseline
    student = _t_ends(value, math.sqrt(variance), sample.df, tails)
    joined = _joined_ends(sample, baseline, candidate, tails, relative=relative)
    low, high = min(student.low, joined.low), max(student.high, joined.high)
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
        method="auc_log_ratio" if relative else "auc_difference",
    )


def _joined_ends(
    sample: PairSample, baseline: float, candidate: float, tails: Tails, *, relative: bool
) -> _Ends:
    """Ends of a difference (of logs, if relative) from the two models' own ends."""
    across = Tails(tails.high, tails.low)
    own_c = _own_ends(sample, candidate, sample.var_candidate, sample.df, tails)
    own_b = _own_ends(sample, baseline, sample.var_baseline, sample.df, across)
    c = (candidate, *own_c)
    b = (baseline, *own_b)
    if relative:
        c = (math.log(c[0]), math.log(c[1]), math.log(c[2]))
        b = (math.log(b[0]), math.log(b[1]), math.log(b[2]))
    rho = sample.covariance / math.sqrt(sample.var_baseline * sample.var_candidate)
    return _Ends(
        c[0] - b[0] - third_side(c[0] - c[1], b[2] - b[0], rho),
        c[0] - b[0] + third_side(c[2] - c[0], b[0] - b[1], rho),
    )


def _t_ends(value: float, error: float, df: float, tails: Tails) -> _Ends:
    return _Ends(
        value + error * float(special.stdtrit(df, tails.low)),
        value - error * float(special.stdtrit(df, tails.high)),
    )


def _flawless(sample: PairSample, model: str, value: float | None) -> Absent:
    detail = (
        f"the {model}'s AUC is {value} with no spread between rows; "
        "how far it could be off cannot be told"
    )
    return _absent(sample, Reason.CONSTANT, detail)
