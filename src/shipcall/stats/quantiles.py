"""Quantiles: p50, p99 and their kind for two models, without assuming a distribution."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from shipcall.core import Absent, Estimand, Estimate, Measured, Reason, Tails
from shipcall.stats.clusters import Clusters, inner
from shipcall.stats.sample import Floats, Ints, Lost, QuantileSample

MIN_DF = 9.0
"""With several rows per cluster: ten clusters with rows above the quantile, ten below."""


Mask = NDArray[np.bool_]


class _Ranks(NamedTuple):
    """1-based ranks of the two bounds among the sorted values; outside 1..rows: no bound."""

    low: int
    high: int


class _Sided(NamedTuple):
    """A quantile of one model with its two one-sided bounds."""

    value: float
    low: float
    high: float


def quantile_sample(
    value_baseline: Floats, value_candidate: Floats, *, q: float, cluster: Ints, lost: Lost
) -> QuantileSample:
    """Put the values of both models in order, each with its cluster.

    Args:
        value_baseline: Without NaN, shape (rows,).
        value_candidate: On the same rows.
        q: Which quantile, in (0, 1).
        cluster: Code of the cluster of each row; shape (rows,).
        lost: Expected rows that could not be paired.
    """
    first, second = (np.argsort(v, kind="stable") for v in (value_baseline, value_candidate))
    return QuantileSample(
        q=q,
        baseline=value_baseline[first],
        candidate=value_candidate[second],
        cluster_baseline=cluster[first],
        cluster_candidate=cluster[second],
        clusters=Clusters.of(cluster).count,
        lost=lost,
    )


def quantile_estimate(sample: QuantileSample, estimand: Estimand, tails: Tails) -> Measured:
    """Estimate a quantile of one model, or the difference or relative change between two.

    Where each cluster has one row, a model's own bounds are order statistics: exact for every
    continuous distribution, conservative with ties. Where clusters have several rows, the
    bounds of the share below are inverted, with a cluster-robust error and t quantiles.
    Comparisons join the two models' bounds and count that the same clusters are slow in both.

    The value is the smallest one with at least a share q of the rows at or below it. A bound
    that rests on a tie with the value is moved to the next distinct value.

    Lost rows are filled at their worst for each end: as slow as nothing before, and as fast. No
    range is needed while fewer are lost than lie beyond the bound.

    Args:
        sample: Values of both models with their clusters, in any order.
        estimand: CANDIDATE, BASELINE, DIFFERENCE or RELATIVE (positive values only).
        tails: One-sided error level of each end, each at most one half.

    Returns:
        An estimate in the unit of the values (RELATIVE: a share of the baseline's), or Absent:
        too few units for the bounds to exist (p99 at 5 % needs 299), no spread, or so many rows
        lost that a bound could be one of them.

    Raises:
        ValueError: On NaN among the values, q or a tail out of range.

    References:
        David & Nagaraja (2003), Order statistics, section 7.1, for the exact bounds.
        Woodruff (1952), Confidence intervals for medians and other position measures.
        Zou & Donner (2008), Construction of confidence limits about effect measures, for joining.
    """
    _check(sample, tails)
    refused = _refusal(sample, estimand)
    if refused is not None:
        return refused
    try:
        if estimand is Estimand.CANDIDATE:
            return _own(sample, _candidate(sample), tails)
        if estimand is Estimand.BASELINE:
            return _own(sample, _baseline(sample), tails)
        return _compared(sample, estimand, tails)
    except _NoBoundError as stop:
        return Absent(reason=stop.reason, detail=stop.detail, n=sample.clusters)


def sample_quantile(values: Floats, q: float) -> float | None:
    """Give the smallest value with at least a share q of the values at or below it.

    Args:
        values: Shape (rows,), without NaN.
        q: In (0, 1).

    Returns:
        One of the values; None where there is none.
    """
    if values.size == 0:
        return None
    return float(np.sort(values)[_value_rank(values.size, q) - 1])


class _NoBoundError(Exception):
    """A bound does not exist; never leaves this module."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def _check(sample: QuantileSample, tails: Tails) -> None:
    if not 0 < sample.q < 1:
        raise ValueError(f"q = {sample.q} is not between 0 and 1")
    if not (0 < tails.low <= 0.5 and 0 < tails.high <= 0.5):
        raise ValueError(f"tails {tuple(tails)} are not both in (0, 0.5]")
    if np.isnan(sample.baseline).any() or np.isnan(sample.candidate).any():
        raise ValueError("a value is NaN; count the row as lost instead of sorting it")


def _refusal(sample: QuantileSample, estimand: Estimand) -> Absent | None:
    if estimand is Estimand.COUNT:
        detail = "a quantile has no estimand 'count'"
        return Absent(reason=Reason.NOT_MEASURABLE, detail=detail, n=sample.clusters)
    if min(sample.baseline.size, sample.candidate.size) == 0:
        detail = f"{sample.baseline.size} baseline and {sample.candidate.size} candidate rows"
        return Absent(reason=Reason.NO_ROWS, detail=detail, n=sample.clusters)
    return None


class _Rows(NamedTuple):
    """Values of one model, sorted together with rows whose value nobody knows."""

    values: Floats
    cluster: Ints
    lost: int

    def filled(self, value: float) -> "_Rows":
        """Give every lost row this value and a cluster of its own."""
        if not self.lost:
            return self
        beyond = int(self.cluster.max()) + 1
        own = np.arange(beyond, beyond + self.lost, dtype=np.int64)
        values = np.concatenate((self.values, np.full(self.lost, value)))
        return _Rows(values, np.concatenate((self.cluster, own)), 0)


def _baseline(sample: QuantileSample) -> _Rows:
    return _Rows(sample.baseline, sample.cluster_baseline, sample.lost.rows)


def _candidate(sample: QuantileSample) -> _Rows:
    return _Rows(sample.candidate, sample.cluster_candidate, sample.lost.rows)


def _own(sample: QuantileSample, rows: _Rows, tails: Tails) -> Estimate:
    _demand_spread(rows)
    least, most = (_sided(rows.filled(end), sample.q, tails) for end in (-math.inf, math.inf))
    exact = Clusters.of(rows.cluster).sizes.max() == 1
    method = "quantile_order_statistics" if exact else "quantile_woodruff"
    return Estimate(
        value=_known(rows, sample.q),
        low=least.low,
        high=most.high,
        tails=tails,
        n=sample.clusters,
        method=_method(method, rows.lost),
    )


def _method(name: str, lost: int) -> str:
    return f"{name}, worst-case fill of {lost} rows" if lost else name


def _known(rows: _Rows, q: float) -> float:
    """The quantile of the values that are there."""
    return float(np.sort(rows.values)[_value_rank(rows.values.size, q) - 1])


def _demand_spread(rows: _Rows) -> None:
    if rows.values.min() == rows.values.max():
        detail = f"all {rows.values.size} values are {rows.values[0]:g}"
        raise _NoBoundError(Reason.CONSTANT, detail)


def _sided(rows: _Rows, q: float, tails: Tails) -> _Sided:
    values = rows.values
    ranked = np.sort(values)
    value = float(ranked[_value_rank(ranked.size, q) - 1])
    clusters = Clusters.of(rows.cluster)
    if clusters.sizes.max() == 1:
        ranks = _exact_ranks(ranked.size, q, tails)
    else:
        ranks = _woodruff_ranks(values <= value, clusters, q, tails)
    if ranks.low < 1 or ranks.high > ranked.size:
        side = "upper" if ranks.high > ranked.size else "lower"
        detail = f"{ranked.size} rows: no {side} bound of the {q:g} quantile at {tuple(tails)}"
        raise _NoBoundError(Reason.TOO_FEW_UNITS, detail)
    _demand_known(ranked, ranks)
    return _untied(ranked, value, ranks)


def _demand_known(ranked: Floats, ranks: _Ranks) -> None:
    """A bound may not be a row that was lost."""
    if np.isfinite(ranked[ranks.low - 1]) and np.isfinite(ranked[ranks.high - 1]):
        return
    lost = int(np.count_nonzero(~np.isfinite(ranked)))
    detail = f"{lost} of {ranked.size} rows are lost, and a bound could be one of them"
    raise _NoBoundError(Reason.ROWS_MISSING, detail)


def _value_rank(rows: int, q: float) -> int:
    return min(max(math.ceil(rows * q - 1e-9), 1), rows)


def _exact_ranks(rows: int, q: float, tails: Tails) -> _Ranks:
    """Greatest r with P(count < r) <= tail, least r with P(count >= r) <= tail; binomial."""
    return _Ranks(
        low=_binomial_quantile(tails.low, rows, q, strict=True),
        high=_binomial_quantile(1 - tails.high, rows, q, strict=False) + 1,
    )


def _binomial_quantile(share: float, rows: int, q: float, *, strict: bool) -> int:
    """Least k with P(count <= k) >= share, or > share where `strict`."""

    def reached(k: int) -> bool:
        below = float(special.bdtr(k, rows, q))
        return below > share if strict else below >= share

    k = math.floor(rows * q + float(special.ndtri(share)) * math.sqrt(rows * q * (1 - q)))
    k = min(max(k, 0), rows)
    while k > 0 and reached(k - 1):
        k -= 1
    while k < rows and not reached(k):
        k += 1
    return k


def _woodruff_ranks(below: Mask, clusters: Clusters, q: float, tails: Tails) -> _Ranks:
    """Invert the t interval of the share of rows at or below the quantile."""
    spread = clusters.sums(below - below.mean()) / below.size
    least = int(min(np.count_nonzero(clusters.sums(side)) for side in (below, ~below)))
    df = float(least - 1)
    if df < MIN_DF:
        detail = f"{least} of {clusters.count} clusters have rows beyond the quantile; 10 needed"
        raise _NoBoundError(Reason.TOO_FEW_EVENTS, detail)
    error = math.sqrt(inner(spread, spread) * clusters.count / (clusters.count - 1))
    return _Ranks(
        low=math.floor(below.size * (q + error * float(special.stdtrit(df, tails.low)))),
        high=math.floor(below.size * (q - error * float(special.stdtrit(df, tails.high)))) + 1,
    )


def _untied(ranked: Floats, value: float, ranks: _Ranks) -> _Sided:
    """Move a bound that equals the value to the next distinct value."""
    low, high = float(ranked[ranks.low - 1]), float(ranked[ranks.high - 1])
    if low >= value:
        before = int(np.searchsorted(ranked, value, side="left"))
        low = float(ranked[before - 1]) if before else -math.inf
    if high <= value:
        after = int(np.searchsorted(ranked, value, side="right"))
        high = float(ranked[after]) if after < ranked.size else math.inf
    return _Sided(value, low, high)


def _compared(sample: QuantileSample, estimand: Estimand, tails: Tails) -> Estimate | Absent:
    """Join the bounds of both models (MOVER), on the log scale for the relative change."""
    if np.array_equal(sample.baseline, sample.candidate):
        detail = "both models have the same value in every row"
        return Absent(reason=Reason.CONSTANT, detail=detail, n=sample.clusters)
    low = _both(sample, estimand, Tails(tails.low, tails.low), worst=(math.inf, -math.inf))
    high = _both(sample, estimand, Tails(tails.high, tails.high), worst=(-math.inf, math.inf))
    rho = _correlation(sample)
    value = _difference(sample, estimand)
    below = _joined(low.candidate.value - low.candidate.low, low.baseline, rho, up=True)
    above = _joined(high.candidate.high - high.candidate.value, high.baseline, rho, up=False)
    below += value - (low.candidate.value - low.baseline.value)
    above += high.candidate.value - high.baseline.value - value
    if below <= 0 and above <= 0:
        detail = f"the models differ by {value:g} throughout"
        return Absent(reason=Reason.CONSTANT, detail=detail, n=sample.clusters)
    ends = _Sided(value, value - below, value + above)
    if estimand is Estimand.RELATIVE:
        ends = _Sided(*(math.expm1(end) for end in ends))
    return Estimate(
        value=ends.value,
        low=ends.low,
        high=ends.high,
        tails=tails,
        n=sample.clusters,
        method=_method("quantile_mover", sample.lost.rows),
    )


def _difference(sample: QuantileSample, estimand: Estimand) -> float:
    """Difference of the quantiles that are there, of their logarithms for the relative change."""
    baseline, candidate = (_known(rows(sample), sample.q) for rows in (_baseline, _candidate))
    if estimand is Estimand.RELATIVE:
        return math.log(candidate) - math.log(baseline)
    return candidate - baseline


class _Pair(NamedTuple):
    baseline: _Sided
    candidate: _Sided


def _both(
    sample: QuantileSample, estimand: Estimand, tails: Tails, *, worst: tuple[float, float]
) -> _Pair:
    """Bound both models, with their lost rows at the worst end for each."""
    for rows in (_baseline(sample), _candidate(sample)):
        _demand_spread(rows)
    baseline = _sided(_baseline(sample).filled(worst[0]), sample.q, tails)
    candidate = _sided(_candidate(sample).filled(worst[1]), sample.q, tails)
    if not all(map(math.isfinite, (*baseline, *candidate))):
        detail = f"the {sample.q:g} quantile is the greatest or the least value seen"
        raise _NoBoundError(Reason.CONSTANT, detail)
    if estimand is not Estimand.RELATIVE:
        return _Pair(baseline, candidate)
    if baseline.low <= 0:
        detail = f"the baseline's {sample.q:g} quantile may be {baseline.low:g}"
        raise _NoBoundError(Reason.BASELINE_NEAR_ZERO, detail)
    if candidate.low <= 0:
        detail = f"the candidate's {sample.q:g} quantile may be {candidate.low:g}: no ratio"
        raise _NoBoundError(Reason.UNDEFINED, detail)
    return _Pair(_Sided(*map(math.log, baseline)), _Sided(*map(math.log, candidate)))


def _joined(own: float, baseline: _Sided, rho: float, *, up: bool) -> float:
    """Half-width of the difference from the candidate's and the baseline's opposite one."""
    other = baseline.high - baseline.value if up else baseline.value - baseline.low
    return math.sqrt(max(own**2 + other**2 - 2 * rho * own * other, 0.0))


def _correlation(sample: QuantileSample) -> float:
    """Correlation over clusters of the shares of rows at or below each model's quantile."""
    rows = sample.baseline.size
    joint = Clusters.of(np.concatenate((sample.cluster_baseline, sample.cluster_candidate)))
    nothing = np.zeros(rows), np.zeros(sample.candidate.size)
    baseline = joint.sums(np.concatenate((_centred(sample.baseline, sample.q), nothing[1])))
    candidate = joint.sums(np.concatenate((nothing[0], _centred(sample.candidate, sample.q))))
    scale = math.sqrt(inner(baseline, baseline) * inner(candidate, candidate))
    return inner(baseline, candidate) / scale if scale > 0 else 0.0


def _centred(values: Floats, q: float) -> Floats:
    rank = _value_rank(values.size, q) - 1
    below = values <= np.partition(values, rank)[rank]
    centred: Floats = below - below.mean()
    return centred
