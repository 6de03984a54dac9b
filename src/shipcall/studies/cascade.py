"""Cascade: a first model answers, and where its signal is weak a second one takes over."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from shipcall.core import Absent, Estimand, Measured, Reason, Tails
from shipcall.core.estimate import census
from shipcall.stats.clusters import Clusters
from shipcall.stats.means import pair_estimate
from shipcall.stats.moments import pair_sample
from shipcall.stats.quantiles import quantile_estimate
from shipcall.stats.sample import Floats, Ints, Lost, PairSample, QuantileSample

Mask = NDArray[np.bool_]
LEAST = 10
"""Fewer clusters than this on one side of a threshold do not say whether its rows were picked well:
with six of sixty an end misses in 3.7 % of cases at a level of 2.5 %."""
HALF, NEARLY_ALL = 0.5, 0.99
"""The quantiles of latency that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What one of the two models did on every row, in the order of the rows."""

    value: Floats
    """Worth of its answer, shape (rows,); finite. Greater is better."""
    cost: Floats | None = None
    """Price of its answer; NaN where nobody knows it, None where nobody says any."""
    latency: Floats | None = None
    """Time to its answer in ms, likewise."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """Rows on which both models and the signal are known, and how many are not."""

    cluster: Ints
    """Code of the cluster of each row, from 0; shape (rows,)."""
    signal: Floats
    """The first model's answer is kept where this is at least the threshold; finite."""
    first: Model
    second: Model
    lost: int = 0
    """Rows that were promised and of which a value or the signal is not known."""
    range: tuple[float, float] | None = None
    """Least and greatest worth of an answer; None where nothing bounds it."""
    binary: bool = False
    """Answers are worth 0 or 1, so that exact methods apply."""

    def part(self, rows: Mask) -> "Rows":
        """The rows of a mask, with all the lost ones: nobody knows where they belong."""
        return Rows(
            cluster=self.cluster[rows],
            signal=self.signal[rows],
            first=_of(self.first, rows),
            second=_of(self.second, rows),
            lost=self.lost,
            range=self.range,
            binary=self.binary,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A cascade at one threshold."""

    threshold: float
    """-inf keeps every answer of the first model, inf asks the second one every time."""
    fallback: Measured
    """Share of rows that the second model answers."""
    value: Measured
    """Mean worth of the answers."""
    difference: Measured
    """Mean worth less that of the second model alone, on the same rows."""
    over_random: Measured
    """Mean worth more than if as many rows, picked at random, fell back: what the signal is
    good for."""
    cost: Measured
    """Mean price of a row: whoever falls back pays for both."""
    p50: Measured
    """Median latency in ms: whoever falls back waits for both."""
    p99: Measured

    def expense(self) -> float | None:
        """What a row costs, or the share that falls back where nobody knows prices."""
        spent = self.fallback if isinstance(self.cost, Absent) else self.cost
        return None if isinstance(spent, Absent) else spent.value


def grid(signal: Floats, most: int = 21) -> tuple[float, ...]:
    """Choose thresholds: nothing falls back, quantiles of the signal, everything falls back.

    Looks at the signal alone, never at what the answers were worth.

    Args:
        signal: Of the rows, shape (rows,).
        most: Most thresholds between the two ends.
    """
    between = np.unique(np.quantile(signal, np.arange(1, most + 1) / (most + 1), method="higher"))
    within = between[between > signal.min()] if signal.size else between
    return (-math.inf, *(float(threshold) for threshold in within), math.inf)


def settings(rows: Rows, thresholds: Sequence[float], tails: Tails) -> list[Setting]:
    """Estimate quality, price, latency and fallback share of the cascade at every threshold.

    The second model's answer is taken from its own run on the same row, so the cascade is
    replayed, not modelled. Assumes that the second model answers the same when it is asked
    second, that both are asked one after the other, and that asking the first costs its full
    price and time. Each interval holds by itself, not for all thresholds at once.

    Args:
        rows: At least one.
        thresholds: As from `grid`.
        tails: One-sided error level of each end.
    """
    clusters = Clusters.of(rows.cluster)
    return [_setting(rows, clusters, threshold, tails) for threshold in thresholds]


def paired(rows: Rows, kept: Mask, clusters: Clusters) -> PairSample:
    """Sum the cascade (as candidate) and the second model alone (as baseline) on the same rows.

    Args:
        rows: The rows.
        kept: Whose first answer is kept, shape (rows,).
        clusters: Of the rows.
    """
    ones = np.ones(clusters.rows)
    return pair_sample(
        rows.second.value,
        ones,
        np.where(kept, rows.first.value, rows.second.value),
        ones,
        clusters,
        range=rows.range,
        lost=Lost(rows=rows.lost, range=rows.range),
        binary=rows.binary,
    )


def fallback_share(rows: Rows, kept: Mask, clusters: Clusters, tails: Tails) -> Measured:
    """Estimate the share of rows that the second model answers; a fact where it is all or none.

    Args:
        rows: The rows.
        kept: Whose first answer is kept, shape (rows,).
        clusters: Of the rows.
        tails: One-sided error level of each end.
    """
    if kept.all() or not kept.any():
        return census(0.0 if kept.all() else 1.0, "by construction")
    sent = (~kept).astype(np.float64)
    return _mean(sent, clusters, tails, lost=rows.lost, limits=(0.0, 1.0), binary=True)


def front(settings: Sequence[Setting]) -> list[bool]:
    """Say which settings no other beats: none is at least as good and as cheap, and better in one.

    By the values alone: two neighbours on the front need not be different. A setting without a
    value or an expense is not on it.
    """
    places = [_place(setting) for setting in settings]
    known = [place for place in places if place is not None]
    return [
        place is not None and not any(_beats(other, place) for other in known) for place in places
    ]


def _of(model: Model, rows: Mask) -> Model:
    return Model(
        value=model.value[rows],
        cost=None if model.cost is None else model.cost[rows],
        latency=None if model.latency is None else model.latency[rows],
    )


def _place(setting: Setting) -> tuple[float, float] | None:
    expense = setting.expense()
    if isinstance(setting.value, Absent) or expense is None:
        return None
    return setting.value.value, expense


def _beats(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one != other and one[0] >= other[0] and one[1] <= other[1]


def _setting(rows: Rows, clusters: Clusters, threshold: float, tails: Tails) -> Setting:
    kept = rows.signal >= threshold
    sample = paired(rows, kept, clusters)
    same = "the second model alone"
    return Setting(
        threshold=threshold,
        fallback=fallback_share(rows, kept, clusters, tails),
        value=pair_estimate(sample, Estimand.CANDIDATE, tails),
        difference=pair_estimate(sample, Estimand.DIFFERENCE, tails)
        if threshold < math.inf
        else census(0.0, same),
        over_random=_over_random(rows, kept, clusters, tails),
        cost=_cost(rows, kept, clusters, tails),
        p50=_latency(rows, kept, HALF, tails),
        p99=_latency(rows, kept, NEARLY_ALL, tails),
    )


def _over_random(rows: Rows, kept: Mask, clusters: Clusters, tails: Tails) -> Measured:
    """Covariance of being kept and of what keeping brings: mean of (k - mean k)(d - mean d).

    A random choice of as many rows gains mean k * mean d over the second model alone, the
    cascade the mean of k d; the difference is the covariance, and its linearisation the product
    of the deviations.
    """
    if kept.all() or not kept.any():
        return census(0.0, "no row is picked")
    least = min(int(np.count_nonzero(clusters.sums(side))) for side in (kept, ~kept))
    if least < LEAST:
        detail = f"{least} clusters are kept, or fall back; {LEAST} are needed"
        return Absent(reason=Reason.TOO_FEW_EVENTS, detail=detail, n=clusters.count)
    gain = rows.first.value - rows.second.value
    product = (kept - kept.mean()) * (gain - gain.mean())
    return _mean(product, clusters, tails, lost=rows.lost, limits=None)


def _cost(rows: Rows, kept: Mask, clusters: Clusters, tails: Tails) -> Measured:
    spent = _summed(rows.first.cost, rows.second.cost, kept)
    if spent is None:
        return Absent(reason=Reason.NO_EVIDENCE, detail="nobody says what an answer costs")
    first, second = _only(rows.first.cost), _only(rows.second.cost)
    if first is not None and (second is not None or kept.all()):
        return _priced(fallback_share(rows, kept, clusters, tails), first, second or 0.0)
    known = np.isfinite(spent)
    lost = rows.lost + int(np.count_nonzero(~known))
    return _mean(spent[known], clusters.subset(known), tails, lost=lost, limits=None)


def _only(prices: Floats | None) -> float | None:
    """The price of every row, where it is one; None where it is not, or not known."""
    if prices is None or not prices.size or not np.all(prices == prices[0]):
        return None
    return float(prices[0])


def _priced(fallback: Measured, first: float, second: float) -> Measured:
    """What a row costs where every answer of a model has one price."""
    if isinstance(fallback, Absent):
        return fallback
    if fallback.census or second == 0:
        return census(first + second * fallback.value, "one price for every row")
    return replace(
        fallback,
        value=first + second * fallback.value,
        low=first + second * fallback.low,
        high=first + second * fallback.high,
        method=f"price of the {fallback.method} share",
    )


def _latency(rows: Rows, kept: Mask, q: float, tails: Tails) -> Measured:
    waited = _summed(rows.first.latency, rows.second.latency, kept)
    if waited is None:
        return Absent(reason=Reason.NO_EVIDENCE, detail="nobody says how long an answer takes")
    known = np.isfinite(waited)
    values, cluster = waited[known], rows.cluster[known]
    lost = rows.lost + int(np.count_nonzero(~known))
    sample = QuantileSample(
        q=q,
        baseline=values,
        candidate=values,
        cluster_baseline=cluster,
        cluster_candidate=cluster,
        clusters=Clusters.of(cluster).count,
        lost=Lost(rows=lost),
    )
    return quantile_estimate(sample, Estimand.CANDIDATE, tails)


def _summed(first: Floats | None, second: Floats | None, kept: Mask) -> Floats | None:
    """What the first model takes, and the second on top where it is asked."""
    if first is None or (second is None and not kept.all()):
        return None
    more = 0.0 if second is None else np.where(kept, 0.0, second)
    summed: Floats = first + more
    return summed


def _mean(  # noqa: PLR0913 - one column and what is known about it
    values: Floats,
    clusters: Clusters,
    tails: Tails,
    *,
    lost: int,
    limits: tuple[float, float] | None,
    binary: bool = False,
) -> Measured:
    ones = np.ones(values.size)
    sample = pair_sample(
        values, ones, values, ones, clusters,
        range=limits, lost=Lost(rows=lost, range=limits), binary=binary,
    )  # fmt: skip
    return pair_estimate(sample, Estimand.CANDIDATE, tails)
