"""Decisions: what a score is worth once it is cut at a threshold: cells, cost, net benefit."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from shipcall.core import Absent, Estimand, Estimate, Measured, Reason, Tails
from shipcall.core.estimate import census
from shipcall.stats.clusters import Clusters
from shipcall.stats.means import pair_estimate
from shipcall.stats.moments import pair_sample
from shipcall.stats.sample import Floats, Ints, Lost, PairSample


class Prices(NamedTuple):
    """What the two kinds of error cost, in any currency; not negative, not both 0."""

    false_alarm: float
    miss: float

    @property
    def fair_threshold(self) -> float:
        """Where calibrated probabilities are best cut: f / (f + m).

        Calling a row positive costs (1 - p) f on average, not calling it p m; they are equal at
        this p.
        """
        return self.false_alarm / (self.false_alarm + self.miss)


@dataclass(frozen=True, kw_only=True, eq=False)
class Scored:
    """Labelled rows with the score of one model."""

    cluster: Ints
    """Code of the cluster of each row, from 0; shape (rows,)."""
    positive: Floats
    """1 for a positive row, 0 for a negative one."""
    score: Floats
    """A row is called positive where this is at least the threshold; finite."""
    lost: int = 0
    """Rows that were promised and whose label or score is not known."""

    @cached_property
    def clusters(self) -> Clusters:
        """Which rows belong together."""
        return Clusters.of(self.cluster)

    @property
    def rate(self) -> float:
        """Share of positive rows; NaN without rows."""
        return float(np.mean(self.positive)) if self.positive.size else math.nan

    def called(self, threshold: float) -> Floats:
        """1 where the score is at least the threshold."""
        return (self.score >= threshold).astype(np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """The four cells at one threshold: rows, and shares of all rows with intervals."""

    threshold: float
    counts: tuple[int, int, int, int]
    """True positives, false positives, false negatives, true negatives."""
    shares: tuple[Measured, Measured, Measured, Measured]
    """In the same order."""
    alarms: Measured
    """False-positive rate: share of the negative rows that is called positive."""
    misses: Measured
    """Share of the positive rows that is not called positive; recall is one minus it."""


def confusion(scored: Scored, threshold: float, tails: Tails) -> Confusion:
    """Count the four cells at a threshold and give their shares intervals.

    Args:
        scored: The rows.
        threshold: In the unit of the score.
        tails: One-sided error level of each end.
    """
    called, positive = scored.called(threshold), scored.positive
    cells = (called * positive, called * (1 - positive), (1 - called) * positive,
             (1 - called) * (1 - positive))  # fmt: skip
    tp, fp, fn, tn = (_share(scored, cell, tails) for cell in cells)
    rates = _sample(scored, called * (1 - positive), (1 - called) * positive, by_class=True)
    return Confusion(
        threshold=threshold,
        counts=_counts(cells),
        shares=(tp, fp, fn, tn),
        alarms=pair_estimate(rates, Estimand.BASELINE, tails),
        misses=pair_estimate(rates, Estimand.CANDIDATE, tails),
    )


def cost_of(
    scored: Scored, prices: Prices, called: Floats, tails: Tails, rate: float | None = None
) -> Measured:
    """Estimate the mean cost of a row when these rows are called positive.

    false_alarm * share of false alarms + miss * share of misses; with a live rate
    (1 - rate) * false_alarm * FPR + rate * miss * FNR. The latter assumes that positives still look
    like the positives of the evaluation, and negatives like its negatives (prior-probability
    shift). If what makes a row positive has changed, it does not hold.

    The intervals of both errors are joined from their own ends (MOVER), so that a rare and dear
    error keeps its exact end: a t interval of the mean would not know of misses nobody has seen.
    A correlation over clusters that widens the sum is used, one that narrows it is not.

    Args:
        scored: The rows.
        prices: Of the two errors.
        called: 1 where a row is called positive, shape (rows,).
        tails: One-sided error level of each end.
        rate: Share of positive rows live, in [0, 1]; None: as evaluated.

    Returns:
        Absent with a rate where a class has no row.

    References:
        Zou & Donner (2008), Construction of confidence limits about effect measures: a general
        approach, Statistics in Medicine 27, 1693-1702.
    """
    alarms, misses = called * (1 - scored.positive), (1 - called) * scored.positive
    sample = _sample(scored, alarms, misses, by_class=rate is not None)
    return _joined(sample, _weights((prices.false_alarm, prices.miss), rate), tails)


def cost_at(
    scored: Scored, prices: Prices, threshold: float, tails: Tails, rate: float | None = None
) -> Measured:
    """Estimate the mean cost of a row when scores are cut at a threshold; see `cost_of`.

    Args:
        scored: The rows.
        prices: Of the two errors.
        threshold: In the unit of the score; -inf calls every row positive, inf none.
        tails: One-sided error level of each end.
        rate: Share of positive rows live; None: as evaluated.
    """
    return cost_of(scored, prices, scored.called(threshold), tails, rate)


def cost_difference(  # noqa: PLR0913, PLR0917 - two models, each cut at its own place
    baseline: Scored,
    candidate: Scored,
    prices: Prices,
    cuts: tuple[float, float],
    tails: Tails,
    rate: float | None = None,
) -> Measured:
    """Estimate how much more a row costs with the candidate, each model cut at its own place.

    Args:
        baseline: The rows with the baseline's scores.
        candidate: The same rows, in the same order, with the candidate's.
        prices: Of the two errors.
        cuts: Threshold of the baseline and of the candidate.
        tails: One-sided error level of each end.
        rate: Share of positive rows live; None: as evaluated.
    """
    called = baseline.called(cuts[0]), candidate.called(cuts[1])
    weights = _weights((prices.false_alarm, -prices.miss), rate)
    return _changed(baseline, called, weights, tails, by_class=rate is not None)


def costs(scored: Scored, prices: Prices, threshold: float) -> Floats:
    """Give the cost of every row at a threshold, shape (rows,)."""
    called = scored.called(threshold)
    spent: Floats = (
        prices.false_alarm * called * (1 - scored.positive)
        + prices.miss * (1 - called) * scored.positive
    )
    return spent


def net_benefit(
    scored: Scored, probability: float, tails: Tails, rate: float | None = None
) -> Measured:
    """Estimate the net benefit of acting at a threshold probability, in true positives per row.

    TP/n - FP/n * p / (1 - p): a false alarm weighs as much as whoever acts at p says it does. To
    act on nobody is worth 0. Only for scores that are probabilities.

    Args:
        scored: The rows, with probabilities as scores.
        probability: The threshold p, in (0, 1).
        tails: One-sided error level of each end.
        rate: Share of positive rows live; None: as evaluated.

    References:
        Vickers & Elkin (2006), Decision curve analysis: a novel method for evaluating prediction
        models, Medical Decision Making 26(6), 565-574.
    """
    called = scored.called(probability)
    alarms, found = called * (1 - scored.positive), called * scored.positive
    sample = _sample(scored, alarms, found, by_class=rate is not None)
    return _joined(sample, _weights((-odds(probability), 1.0), rate), tails)


def benefit_difference(
    baseline: Scored,
    candidate: Scored,
    probability: float,
    tails: Tails,
    rate: float | None = None,
) -> Measured:
    """Estimate how much more net benefit the candidate brings, paired on the same rows.

    Args:
        baseline: The rows with the baseline's probabilities.
        candidate: The same rows with the candidate's.
        probability: The threshold at which people act, in (0, 1).
        tails: One-sided error level of each end.
        rate: Share of positive rows live; None: as evaluated.
    """
    called = baseline.called(probability), candidate.called(probability)
    weights = _weights((-odds(probability), 1.0), rate)
    return _changed(baseline, called, weights, tails, by_class=rate is not None)


def everyone(
    scored: Scored, probability: float, tails: Tails, rate: float | None = None
) -> Measured:
    """Estimate the net benefit of acting on every row: what a model has to beat, beside 0.

    Args:
        scored: The rows; scores are not looked at.
        probability: The threshold at which people act, in (0, 1).
        tails: One-sided error level of each end.
        rate: Share of positive rows live, which makes it a fact; None: as evaluated.
    """
    if rate is not None:
        return census(rate - (1 - rate) * odds(probability), "the stated share of positives")
    called = np.ones(scored.positive.size)
    sample = _sample(scored, 1 - scored.positive, scored.positive * called, by_class=False)
    return _joined(sample, (-odds(probability), 1.0), tails)


def odds(probability: float) -> float:
    """What a false alarm weighs against a true positive for whoever acts at a probability."""
    if not 0 < probability < 1:
        raise ValueError(f"a threshold probability of {probability} is not between 0 and 1")
    return probability / (1 - probability)


def _counts(cells: tuple[Floats, ...]) -> tuple[int, int, int, int]:
    tp, fp, fn, tn = (int(np.count_nonzero(cell)) for cell in cells)
    return tp, fp, fn, tn


def _share(scored: Scored, cell: Floats, tails: Tails) -> Measured:
    sample = _sample(scored, cell, cell, by_class=False)
    return pair_estimate(sample, Estimand.CANDIDATE, tails)


def _weights(weights: tuple[float, float], rate: float | None) -> tuple[float, float]:
    """What a negative's and a positive's outcome weigh where so many rows are positive."""
    if rate is None:
        return weights
    if not 0 <= rate <= 1:
        raise ValueError(f"a rate of {rate} is no share")
    return (1 - rate) * weights[0], rate * weights[1]


def _sample(scored: Scored, negatives: Floats, positives: Floats, *, by_class: bool) -> PairSample:
    """Sum 0/1 outcomes of negatives (as baseline) and of positives (as candidate).

    By class they are shares of the rows of their class, otherwise of all rows.
    """
    ones, limits = np.ones(negatives.size), (0.0, 1.0)
    dens = (1 - scored.positive, scored.positive) if by_class else (ones, ones)
    return pair_sample(
        negatives, dens[0], positives, dens[1], scored.clusters,
        range=limits, lost=Lost(rows=scored.lost, range=limits), binary=True,
    )  # fmt: skip


def _joined(sample: PairSample, weights: tuple[float, float], tails: Tails) -> Measured:
    """Weigh and add the two shares of a sample, with ends from their own ends."""
    parts = [pair_estimate(sample, arm, tails) for arm in (Estimand.BASELINE, Estimand.CANDIDATE)]
    return _added(parts, weights, _correlation(sample), tails)


def _changed(
    scored: Scored,
    called: tuple[Floats, Floats],
    weights: tuple[float, float],
    tails: Tails,
    *,
    by_class: bool,
) -> Measured:
    """Weigh and add how calls change on negatives and on positives, paired row by row."""
    classes = (1 - scored.positive, scored.positive)
    parts = []
    for one in classes:
        den = one if by_class else np.ones(one.size)
        sample = pair_sample(
            called[0] * one, den, called[1] * one, den, scored.clusters,
            range=(0.0, 1.0), lost=Lost(rows=scored.lost, range=(0.0, 1.0)), binary=True,
        )  # fmt: skip
        parts.append(pair_estimate(sample, Estimand.DIFFERENCE, tails))
    moved = called[1] - called[0]
    dens = classes if by_class else (np.ones(moved.size), np.ones(moved.size))
    both = pair_sample(moved * classes[0], dens[0], moved * classes[1], dens[1], scored.clusters)
    return _added(parts, weights, _correlation(both), tails)


def _correlation(sample: PairSample) -> float:
    scale = math.sqrt(sample.var_baseline * sample.var_candidate)
    return min(max(sample.covariance / scale, -1.0), 1.0) if scale > 0 else 0.0


def _added(
    parts: Sequence[Measured], weights: tuple[float, float], rho: float, tails: Tails
) -> Measured:
    first, second = parts
    if isinstance(first, Absent) or isinstance(second, Absent):
        return first if isinstance(first, Absent) else second
    together = max(rho * math.copysign(1.0, weights[0] * weights[1]), 0.0)
    value, below, above = 0.0, [], []
    for weight, part in zip(weights, (first, second), strict=True):
        spans = part.value - part.low, part.high - part.value
        value += weight * part.value
        below.append(abs(weight) * spans[weight < 0])
        above.append(abs(weight) * spans[weight > 0])
    low, high = (_root(spans, together) for spans in (below, above))
    if not low + high > 0:
        detail = "no error weighs anything at this rate and these prices"
        return Absent(reason=Reason.CONSTANT, detail=detail, n=first.n)
    return Estimate(
        value=value,
        low=value - low,
        high=value + high,
        tails=tails,
        n=first.n,
        method=f"MOVER of both classes ({first.method})",
    )


def _root(spans: Sequence[float], rho: float) -> float:
    one, other = spans
    return math.sqrt(one * one + other * other + 2 * rho * one * other)
