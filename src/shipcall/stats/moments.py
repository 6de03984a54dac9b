"""Moments: from rows to a PairSample, two ratios of sums with a covariance that knows clusters."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shipcall.stats.clusters import Clusters, inner
from shipcall.stats.sample import Crosstab, Floats, Influence, Lost, PairSample, Skew

FARTHEST = 1e50
"""Contributions beyond this are not cubed as they are: the cube would be no number."""
_SLACK = 1e-9
"""Values may leave a declared range by this share of its width: rounding, not a false range."""


class _Arm(NamedTuple):
    """One model: its value, and what each cluster contributes to it."""

    value: float | None
    weight: float
    weights: Floats
    """Denominator of each cluster, shape (G,)."""
    totals: Floats
    """Numerator of each cluster, shape (G,)."""
    influence: Floats
    """With the small-sample weights in: the variance is the sum of squares; shape (G,)."""
    df: float


def pair_sample(  # noqa: PLR0913 - four columns and what is known about them
    num_baseline: ArrayLike,
    den_baseline: ArrayLike,
    num_candidate: ArrayLike,
    den_candidate: ArrayLike,
    clusters: Clusters,
    *,
    range: tuple[float, float] | None = None,  # noqa: A002 - the word of the contract
    lost: Lost = Lost(),  # noqa: B008 - frozen
    binary: bool = False,
    influence: bool = False,
    amounts: bool = False,
) -> PairSample:
    """Sum the rows of both models into two ratios with their joint cluster-robust covariance.

    Each value is sum(num) / sum(den), linearised (delta method) around itself; with den = 1 it
    is a mean and the linearisation is exact. Residuals are summed per cluster and divided by
    sqrt(1 - share of the cluster), the CR2 correction of a model with an intercept only. With
    two clusters of unequal size that correction is too small when the rows of a cluster agree
    with each other; there the weights are those which are unbiased under full agreement.
    Degrees of freedom are Satterthwaite's under independent rows or under full agreement within
    clusters, whichever are fewer, and never more than clusters - 1.

    Rows are centred before they are summed, so a large common level costs no digits.
    Assumes independent clusters, and denominators that are not negative.

    Args:
        num_baseline: Numerator of the baseline, shape (rows,).
        den_baseline: Denominator, not negative, shape (rows,); 1 for a mean, 0 where the row
            does not count.
        num_candidate: Numerator of the candidate, on the same rows.
        den_candidate: Denominator of the candidate.
        clusters: Which rows belong together.
        range: Least and greatest value of num / den of one row. Dropped, together with the range
            of lost rows, if the data leave it: a false range would make false bounds.
        lost: Rows that were expected and cannot be paired.
        binary: Numerators are 0 or 1; asks for the counts that exact methods need.
        influence: Keep what each cluster contributes, for joint methods over slices.
        amounts: Denominators are amounts, of which a few make most; see `df_by_fourth`.

    Returns:
        The sample. A value is None where its denominator is zero or its sum is not finite.

    References:
        Bell & McCaffrey (2002), Bias reduction in standard errors for linear regression with
        multi-stage samples, Survey Methodology 28(2), section 3 (weights and degrees of freedom).
        Pustejovsky & Tipton (2018), Small-sample methods for cluster-robust variance estimation,
        J. Bus. Econ. Stat. 36(4), 672-683 (the choice of a working model).
    """
    nums = (_column(num_baseline, clusters), _column(num_candidate, clusters))
    dens = (_column(den_baseline, clusters), _column(den_candidate, clusters))
    if any(den.size and not den.min() >= 0 for den in dens):
        raise ValueError("a denominator is negative or not a number: give 0 to rows out of play")
    shares = _shares(dens[0], clusters)
    baseline = _arm(nums[0], dens[0], shares, clusters)
    same = dens[0] is dens[1]
    candidate = _arm(nums[1], dens[1], shares if same else _shares(dens[1], clusters), clusters)
    counting = (dens[0] > 0) | (dens[1] > 0)
    rows = int(np.count_nonzero(counting))
    touched = _touched(baseline) | _touched(candidate)
    count = int(np.count_nonzero(touched))
    differences = clusters.sums(gains(nums, dens, baseline.value))
    kept = range if _within(range, baseline) and _within(range, candidate) else None
    exact = binary and rows == count and clusters.count and one_row_each(counting, clusters)
    hits = [hits_of(num, den) if exact else None for num, den in zip(nums, dens, strict=True)]
    psi_baseline, psi_candidate = baseline.influence, candidate.influence
    var_baseline, var_candidate = _squares(psi_baseline), _squares(psi_candidate)
    return PairSample(
        rows=rows,
        clusters=count,
        baseline=baseline.value,
        candidate=candidate.value,
        weight_baseline=baseline.weight,
        weight_candidate=candidate.weight,
        var_baseline=var_baseline,
        var_candidate=var_candidate,
        covariance=(var_baseline + var_candidate - _squares(psi_candidate - psi_baseline)) / 2,
        df=min(baseline.df, candidate.df, max(count - 1.0, 0.0)),
        df_apart=_df_apart(psi_candidate - psi_baseline, count) if amounts else None,
        skew=skew_of(psi_baseline, psi_candidate, count),
        crosstab=crosstab_of(nums, dens, counting) if all(hits) else None,
        hits_baseline=hits[0],
        hits_candidate=hits[1],
        gained_clusters=int(np.count_nonzero(differences > 0)),
        lost_clusters=int(np.count_nonzero(differences < 0)),
        largest_share=max(_largest(baseline), _largest(candidate)),
        range=kept,
        lost=Lost(rows=lost.rows, range=lost.range if kept == range else None),
        influence=Influence(
            cluster=clusters.codes[touched],
            baseline=psi_baseline[touched],
            candidate=psi_candidate[touched],
        )
        if influence
        else None,
    )


def _column(values: ArrayLike, clusters: Clusters) -> Floats:
    column = np.asarray(values, dtype=np.float64)
    if column.shape != (clusters.rows,):
        raise ValueError(f"a column of shape {column.shape} for {clusters.rows} rows")
    return column


class _Shares(NamedTuple):
    """How a denominator is spread over the clusters."""

    weight: float
    weights: Floats
    """Shape (G,)."""
    inflation: Floats
    """What the squared residual of each cluster is multiplied by, shape (G,)."""
    df: float


def _shares(den: Floats, clusters: Clusters) -> _Shares:
    weight, weights = float(den.sum()), clusters.sums(den)
    if not (np.isfinite(weight) and weight > 0):
        return _Shares(weight, weights, np.ones_like(weights), 0.0)
    shares = weights / weight
    inflation = _inflation(shares)
    df = df_of(spread_of(shares, inflation)) if np.all(shares < 1) else 0.0
    return _Shares(weight, weights, inflation, df)


def _arm(num: Floats, den: Floats, shares: _Shares, clusters: Clusters) -> _Arm:
    weight, weights, inflation, df = shares
    with np.errstate(all="ignore"):
        total = float(num.sum())
        centre = total / weight if weight > 0 else np.nan
    if not (np.isfinite(weight) and np.isfinite(centre)):
        nothing = np.zeros(clusters.count)
        weight = weight if np.isfinite(weight) else 0.0
        return _Arm(None, weight, weights, nothing, nothing, 0.0)
    residuals = clusters.sums(num - centre * den)
    step = float(residuals.sum()) / weight
    totals = residuals + centre * weights
    influence = (residuals - step * weights) / weight * np.sqrt(inflation)
    return _Arm(centre + step, weight, weights, totals, influence, df)


def _inflation(shares: Floats) -> Floats:
    if not np.all(shares < 1):
        return np.ones_like(shares)
    if np.count_nonzero(shares) == 2:
        return 1.0 / (1.0 - 2.0 * shares + _squares(shares))
    return 1.0 / (1.0 - shares)


class Spread(NamedTuple):
    """How unequal clusters are: sums over them of p, a = inflation * p^2 and b = inflation * p.

    They add up: those of two sets of clusters are the sums of theirs.
    """

    holders: float
    """Clusters with a share."""
    pp: float
    a: float
    pa: float
    aa: float
    b: float
    bb: float
    ab: float
    paa: float
    app: float


def spread_of(shares: Floats, inflation: Floats) -> Spread:
    """Sum what the degrees of freedom need of the shares p of some clusters.

    Args:
        shares: Of the denominator, shape (G,).
        inflation: What the squared residual of each cluster is multiplied by, shape (G,).
    """
    p, a = shares, inflation * shares**2
    b = inflation * shares
    return Spread(
        holders=float(np.count_nonzero(p)),
        pp=_squares(p),
        a=float(a.sum()),
        pa=inner(p, a),
        aa=_squares(a),
        b=float(b.sum()),
        bb=_squares(b),
        ab=inner(a, b),
        paa=inner(p, a**2),
        app=inner(a, p**2),
    )


def df_of(spread: Spread) -> float:
    """Fewer of the degrees of freedom under independent rows and under one value per cluster.

    The variance is a quadratic form u'Mu with M = A - p a' - a p' + s p p', where a = inflation
    * p^2, A = diag(a) and s = sum(a). Both tr(M)^2 / tr(M^2) reduce to sums over clusters.
    """
    s, square, cross, norm = spread.a, spread.pp, spread.pa, spread.aa
    apart_square = spread.bb - 2.0 * spread.ab + s**2
    trace = s - 2.0 * cross + s * square
    trace_square = (
        norm
        - 4.0 * spread.paa
        + 2.0 * s * spread.app
        + (s * square) ** 2
        + 2.0 * square * norm
        + 2.0 * cross**2
        - 4.0 * s * square * cross
    )
    if not (apart_square > 0 and trace_square > 0):
        return 0.0
    apart = (spread.b - s) ** 2 / apart_square
    return min(apart, trace**2 / trace_square, spread.holders - 1.0)


def df_by_fourth(square: float, fourth: float, clusters: int) -> float:
    """Degrees of freedom of a sum of squares, read from how unequal the squares are.

    The sum of G independent squares q varies by about sum(q^2) - sum(q)^2 / G, and chi-square
    with v degrees of freedom, scaled to the mean S, by 2 S^2 / v (Satterthwaite's matching of two
    moments). With k = G sum(q^2) / S^2, the kurtosis, v = 2 G / (k - 1): G for normal values,
    twice the number of differing pairs where few 0/1 pairs differ, and fewer where amounts make
    some of those count for most.

    Args:
        square: Sum of the squares.
        fourth: Sum of the fourth powers.
        clusters: How many there are, those with 0 among them.
    """
    if square <= 0:
        return 0.0
    kurtosis = clusters * fourth / square**2
    return 2.0 * clusters / (kurtosis - 1.0) if kurtosis > 1.0 else math.inf


def _df_apart(difference: Floats, clusters: int) -> float:
    squares = difference**2
    return df_by_fourth(float(squares.sum()), _squares(squares), clusters)


def skew_of(baseline: Floats, candidate: Floats, clusters: int) -> Skew:
    """Say how much the laws of both values and of their difference lean.

    Args:
        baseline: What each cluster contributes to the baseline's value; shape (G,).
        candidate: The same for the candidate's.
        clusters: How many of the clusters carry the values, at most G.
    """
    return Skew(
        baseline=lean(baseline, clusters),
        candidate=lean(candidate, clusters),
        difference=lean(candidate - baseline, clusters),
    )


def lean(influence: Floats, clusters: int) -> float:
    """Skewness of the contributions over the root of their number, for small samples adjusted.

    It does not depend on their unit, so contributions of which the cube would be no number are
    measured against the greatest.
    """
    greatest = float(np.abs(influence).max(initial=0.0))
    if FARTHEST < greatest < math.inf:
        influence = influence / greatest
    return skewness(_squares(influence), inner(influence**2, influence), clusters)


def skewness(square: float, cube: float, clusters: int) -> float:
    """Skewness as in `lean`, from the sums of squares and of cubes of the contributions.

    NaN where a power of them is no number: nobody knows then which way they lean.
    """
    if clusters < 3 or square <= 0:
        return 0.0
    if square > FARTHEST**4:
        return math.nan
    adjusted = math.sqrt(clusters * (clusters - 1.0)) / (clusters - 2.0)
    return float(adjusted * cube / square**1.5)


def _squares(values: Floats) -> float:
    return inner(values, values)


def _touched(arm: _Arm) -> NDArray[np.bool_]:
    touched: NDArray[np.bool_] = (arm.weights > 0) | (arm.totals != 0)
    return touched


def _largest(arm: _Arm) -> float:
    return float(arm.weights.max()) / arm.weight if arm.weight > 0 else 0.0


def _within(limits: tuple[float, float] | None, arm: _Arm) -> bool:
    return limits is None or within(limits, arm.weights, arm.totals)


def within(limits: tuple[float, float], weights: Floats, totals: Floats) -> bool:
    """Can the totals of clusters be sums of rows that keep to the limits?"""
    slack = _SLACK * (limits[1] - limits[0]) * weights
    low, high = limits[0] * weights - slack, limits[1] * weights + slack
    return bool(np.all((totals >= low) & (totals <= high)))


Both = tuple[Floats, Floats]
"""A column of each model."""


def gains(nums: Both, dens: Both, value: float | None) -> Floats:
    """Gain of the candidate per row; denominators that differ are charged at the value."""
    with np.errstate(all="ignore"):
        gain = nums[1] - nums[0]
    if dens[0] is dens[1] or np.array_equal(*dens):
        return gain
    return gain - (value or 0.0) * (dens[1] - dens[0])


def one_row_each(counting: NDArray[np.bool_], clusters: Clusters) -> bool:
    """Has no cluster two rows that count?"""
    if clusters.count == clusters.rows:
        return True
    return int(np.bincount(clusters.index[counting]).max(initial=0)) <= 1


def hits_of(num: Floats, den: Floats) -> tuple[int, int] | None:
    """(events, trials) if every denominator is 0 or 1 and so is every numerator within it."""
    if not (_zero_or_one(num) and _zero_or_one(den) and bool(np.all(num <= den))):
        return None
    return int(num.sum()), int(den.sum())


def _zero_or_one(column: Floats) -> bool:
    return bool(np.all((column == 0) | (column == 1)))


def crosstab_of(nums: Both, dens: Both, counting: NDArray[np.bool_]) -> Crosstab | None:
    """Count 0/1 outcomes of both models; None where their denominators differ."""
    if not np.array_equal(*dens):
        return None
    both = int(np.count_nonzero((nums[0] > 0) & (nums[1] > 0)))
    baseline, candidate = (int(np.count_nonzero(num)) for num in nums)
    return Crosstab(
        both=both,
        only_baseline=baseline - both,
        only_candidate=candidate - both,
        neither=int(np.count_nonzero(counting)) - baseline - candidate + both,
    )
