"""Threshold: where a score is cheapest to cut, and how little the rows say about that place."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from shipcall.core import Absent, Estimate, Measured, Reason, Tails
from shipcall.stats.sample import Floats
from shipcall.studies.decisions import Prices, Scored, cost_of, costs

GRID = 60
"""Most thresholds that compete."""
LEAST = 10
"""Fewer clusters than this with a positive row, or with a negative one, carry no best place."""
FOLDS = 5
"""Parts of the clusters: each is judged at the threshold which the others chose."""
BUCKETS = 1_024
"""More clusters than this are summed into so many random buckets before they are drawn again."""
_REPLICATES = 1_000
_SAME = 1e-12


class Best(NamedTuple):
    """The cheapest threshold, and what cutting there really costs."""

    threshold: Measured
    """With all thresholds that cannot be told from the cheapest; -inf or inf as an end where
    calling everything, or nothing, is among them."""
    cost: Measured
    """Mean cost of a row when the threshold is chosen on other rows, by cross-fitting: the cost
    at the chosen threshold on the very rows that chose it looks too good."""


def thresholds(score: Floats, most: int = GRID) -> tuple[float, ...]:
    """Choose the thresholds that compete: quantiles of the score, and infinity (call nothing).

    Args:
        score: Of the rows, shape (rows,), at least one.
        most: Most quantiles.
    """
    found = np.unique(np.quantile(score, np.linspace(0, 1, most), method="higher"))
    return (*(float(place) for place in found), math.inf)


def best_threshold(
    scored: Scored,
    prices: Prices,
    tails: Tails,
    rng: np.random.Generator,
    rate: float | None = None,
) -> Best:
    """Find the cheapest threshold with an interval, and its cost on rows that did not choose it.

    The least point of a curve of counts moves by jumps, at the cube root of the rows, and
    percentiles of its bootstrap do not cover it. So the interval is a set of tests turned round:
    it holds every threshold that no other is shown to be cheaper than. The critical value is the
    (1 - level) quantile, over multiplier-bootstrap draws of whole clusters, of the greatest
    studentised difference from that threshold to any other: it covers the cheapest threshold of
    the grid with at least the level, asymptotically in the clusters. The interval reaches on to
    the neighbouring places of the grid, between which it knows nothing.

    Args:
        scored: The rows.
        prices: Of the two errors.
        tails: One-sided error level of each end; the set has the sum of both.
        rng: For the bootstrap and the folds.
        rate: Share of positive rows live, in (0, 1); None: as evaluated.

    Returns:
        Absent in both parts with fewer than ten clusters that have a positive row, or a negative.

    References:
        Kim & Pollard (1990), Cube root asymptotics, Annals of Statistics 18(1), 191-219.
        Abrevaya & Huang (2005), On the bootstrap of the maximum score estimator, Econometrica
        73(4), 1175-1204, for the bootstrap that fails.
        Hansen, Lunde & Nason (2011), The model confidence set, Econometrica 79(2), 453-497, for
        sets of what cannot be told from the best.
    """
    absent = _refused(scored)
    if absent is not None:
        return Best(absent, absent)
    places = thresholds(scored.score)
    spent = _bucketed(scored, prices, places, rate, rng)
    level = tails.low + tails.high
    held = _undecided(spent, level, rng)
    least = int(np.argmin(spent.mean))
    threshold = _interval(places, least, held, tails, scored.clusters.count)
    return Best(threshold, _crossfitted(scored, prices, tails, rng, rate))


def _refused(scored: Scored) -> Absent | None:
    both = (scored.positive, 1 - scored.positive)
    least = min(int(np.count_nonzero(scored.clusters.sums(side))) for side in both)
    if least >= LEAST:
        return None
    detail = f"{least} clusters have rows of the rarer class; {LEAST} are needed"
    return Absent(reason=Reason.TOO_FEW_EVENTS, detail=detail, n=scored.clusters.count)


class _Spent(NamedTuple):
    mean: Floats
    """Mean cost at every threshold; shape (thresholds,)."""
    influence: Floats
    """What each bucket of clusters contributes to it; shape (buckets, thresholds)."""


def _bucketed(
    scored: Scored,
    prices: Prices,
    places: Sequence[float],
    rate: float | None,
    rng: np.random.Generator,
) -> _Spent:
    clusters = scored.clusters
    width = min(clusters.count, BUCKETS)
    bucket = rng.permutation(clusters.count) % width
    weight = _weight(scored, rate)
    total = float(weight.sum())
    mass = clusters.sums(weight)
    mean, influence = np.empty(len(places)), np.empty((width, len(places)))
    for i, place in enumerate(places):
        sums = clusters.sums(costs(scored, prices, place) * weight)
        mean[i] = sums.sum() / total
        psi = (sums - mean[i] * mass) / total
        influence[:, i] = np.bincount(bucket, weights=psi, minlength=width)
    return _Spent(mean, influence * math.sqrt(width / max(width - 1, 1)))


def _weight(scored: Scored, rate: float | None) -> Floats:
    """What a row counts, so that the share of positives is the live one."""
    if rate is None:
        return np.ones(scored.positive.size)
    negative, positive = (1 - rate) / (1 - scored.rate), rate / scored.rate
    weight: Floats = np.where(scored.positive > 0, positive, negative)
    return weight


def _undecided(spent: _Spent, level: float, rng: np.random.Generator) -> list[int]:
    """Places of the thresholds that no other is shown to be cheaper than."""
    draws = rng.standard_normal((_REPLICATES, spent.influence.shape[0])) @ spent.influence
    held = []
    for i in range(spent.mean.size):
        error = np.sqrt(((spent.influence[:, [i]] - spent.influence) ** 2).sum(axis=0))
        other = error > _SAME * max(float(spent.mean.max()), _SAME)
        if not other.any():
            held.append(i)
            continue
        dearer = (spent.mean[i] - spent.mean[other]) / error[other]
        drawn = ((draws[:, [i]] - draws[:, other]) / error[other]).max(axis=1)
        if dearer.max() <= np.quantile(drawn, 1 - level, method="higher"):
            held.append(i)
    return held


def _interval(
    places: Sequence[float], least: int, held: Sequence[int], tails: Tails, n: int
) -> Measured:
    if math.isinf(places[least]):
        detail = "calling nothing positive is the cheapest: no threshold of the score is"
        return Absent(reason=Reason.UNDEFINED, detail=detail, n=n)
    first, last = min(*held, least), max(*held, least)
    return Estimate(
        value=places[least],
        low=places[first - 1] if first > 0 else -math.inf,
        high=places[min(last + 1, len(places) - 1)],
        tails=tails,
        n=n,
        method="bootstrap set of thresholds that cannot be told from the cheapest",
    )


def _crossfitted(
    scored: Scored,
    prices: Prices,
    tails: Tails,
    rng: np.random.Generator,
    rate: float | None,
) -> Measured:
    """Mean cost of the rows, each called by the threshold that the other folds chose."""
    clusters = scored.clusters
    fold = (rng.permutation(clusters.count) % FOLDS)[clusters.index]
    weight = _weight(scored, rate)
    called = np.empty(scored.score.size)
    for part in range(FOLDS):
        own = fold == part
        places = thresholds(scored.score[~own])
        sums = [float(np.sum((costs(scored, prices, p) * weight)[~own])) for p in places]
        called[own] = scored.called(places[int(np.argmin(sums))])[own]
    return cost_of(scored, prices, called, tails, rate)
