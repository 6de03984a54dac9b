"""Agreement: how often raters say the same of the same items, beyond what chance would give."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from shipcall.core import Absent, Estimand, Estimate, Measured, Reason, Tails
from shipcall.stats.clusters import Clusters
from shipcall.stats.jackknife import jackknife_estimate
from shipcall.stats.means import pair_estimate
from shipcall.stats.moments import pair_sample
from shipcall.stats.sample import Floats

_LIMITS = (-1.0, 1.0)


def share_estimate(
    hit: ArrayLike, clusters: Clusters, tails: Tails, weight: ArrayLike | None = None
) -> Measured:
    """Estimate a share of rows, exact where every cluster has one row.

    Args:
        hit: 1 or 0, or a part of 1; shape (rows,).
        clusters: Which rows belong together.
        tails: One-sided error level of each end.
        weight: What each row counts, not negative; None: 1. Shape (rows,).
    """
    hits = np.asarray(hit, dtype=np.float64)
    weights = np.ones_like(hits) if weight is None else np.asarray(weight, dtype=np.float64)
    num = hits * weights
    sample = pair_sample(num, weights, num, weights, clusters, range=(0.0, 1.0), binary=True)
    return pair_estimate(sample, Estimand.CANDIDATE, tails)


def cohen(
    one: ArrayLike,
    other: ArrayLike,
    clusters: Clusters,
    tails: Tails,
    weight: ArrayLike | None = None,
) -> Measured:
    """Estimate Cohen's kappa of two raters: agreement beyond what their habits alone would give.

    kappa = (p - e) / (1 - e), with p the share of rows on which both say the same, and e the sum
    over categories of the product of the two raters' shares. Each end is the further one of the
    jackknife's over clusters and of the clustered end of p with e as it is: the latter is exact
    where nearly all rows agree, of which a spread says nothing.

    Depends on how common the categories are: where one rater always says the same, kappa is 0
    whatever the share of agreement. Assumes independent clusters.

    Args:
        one: Category that the first rater said, integers from 0; shape (rows,).
        other: Likewise for the second rater.
        clusters: Which rows belong together: several rows of one item do.
        tails: One-sided error level of each end.
        weight: What each row counts, not negative; None: 1. Shape (rows,).

    Returns:
        The estimate in [-1, 1]; Absent where both raters always say one and the same category.

    References:
        Cohen (1960), A coefficient of agreement for nominal scales, Educational and
        Psychological Measurement 20, 37-46.
    """
    first, second = np.asarray(one, dtype=np.int64), np.asarray(other, dtype=np.int64)
    weights = np.ones(first.shape) if weight is None else np.asarray(weight, dtype=np.float64)
    if not first.size:
        return Absent(reason=Reason.NO_ROWS, detail="no row has both raters")
    size = int(max(first.max(), second.max())) + 1
    cell = (clusters.index * size + first) * size + second
    tables = np.bincount(cell, weights, minlength=clusters.count * size * size)
    tables = tables.reshape(clusters.count, size, size)
    total = tables.sum(axis=0)
    value, expected = float(_kappa(total)), float(_expected(total))
    if not expected < 1:
        detail = f"both raters say one category on all {first.size} rows"
        return Absent(reason=Reason.CONSTANT, detail=detail, n=clusters.count)
    agreed = share_estimate(first == second, clusters, tails, weights)
    if isinstance(agreed, Absent):
        return agreed
    low, high = ((end - expected) / (1.0 - expected) for end in (agreed.low, agreed.high))
    spread = jackknife_estimate(value, _kappa(total - tables), tails, what="kappa", limits=_LIMITS)
    if isinstance(spread, Absent):
        if spread.reason is not Reason.CONSTANT:
            return spread
        method = f"kappa, chance as it is ({agreed.method})"
        return Estimate(
            value=value, low=low, high=high, tails=tails, n=clusters.count, method=method
        )
    return replace(spread, low=min(spread.low, max(low, -1.0)), high=max(spread.high, high))


def _expected(tables: Floats) -> Floats:
    """Agreement by habit, of tables in the last two axes."""
    with np.errstate(all="ignore"):
        shares = tables / tables.sum(axis=(-2, -1), keepdims=True)
    return np.asarray((shares.sum(axis=-1) * shares.sum(axis=-2)).sum(axis=-1))


def _kappa(tables: Floats) -> Floats:
    expected = _expected(tables)
    with np.errstate(all="ignore"):
        agreed = np.trace(tables, axis1=-2, axis2=-1) / tables.sum(axis=(-2, -1))
        return np.asarray((agreed - expected) / (1.0 - expected))


def fleiss(counts: ArrayLike, clusters: Clusters, tails: Tails) -> Measured:
    """Estimate Fleiss' kappa of many raters, who need not be the same for each item.

    kappa = (P - e) / (1 - e): P is the mean over items of the share of pairs of raters that
    agree, e the sum of squares of the categories' shares in all ratings (Fleiss 1971, equation
    7). Every item needs the same number of raters, at least 2; with missing ratings take
    `krippendorff`. The interval leaves out each cluster of items in turn: the raters are taken
    as they are, another panel may agree less.

    Args:
        counts: Raters who chose each category, shape (items, categories).
        clusters: Which items belong together.
        tails: One-sided error level of each end.

    Raises:
        ValueError: If items have different numbers of raters, or fewer than 2.

    References:
        Fleiss (1971), Measuring nominal scale agreement among many raters, Psychological
        Bulletin 76, 378-382.
    """
    table = np.asarray(counts, dtype=np.float64)
    raters = table.sum(axis=1)
    if not raters.size:
        return Absent(reason=Reason.NO_ROWS, detail="no item was rated")
    if raters.min() < 2 or raters.min() != raters.max():
        raise ValueError(
            f"items with {raters.min():g} to {raters.max():g} raters: Fleiss' kappa needs the "
            "same number for all, at least 2; take krippendorff"
        )
    each = float(raters[0])
    agreed = (table * (table - 1.0)).sum(axis=1) / (each * (each - 1.0))
    own = np.stack([clusters.sums(column) for column in table.T], axis=1)
    parts = clusters.sums(agreed), clusters.sums(np.ones_like(agreed))

    def kappa(pairs: Floats, items: Floats, chosen: Floats) -> Floats:
        with np.errstate(all="ignore"):
            shares = chosen / chosen.sum(axis=-1, keepdims=True)
            expected = (shares**2).sum(axis=-1)
            return np.asarray((pairs / items - expected) / (1.0 - expected))

    totals = [part.sum() for part in parts]
    value = float(kappa(totals[0], totals[1], own.sum(axis=0)))
    without = [total - part for total, part in zip(totals, parts, strict=True)]
    left_out = kappa(without[0], without[1], own.sum(axis=0) - own)
    return jackknife_estimate(value, left_out, tails, what="Fleiss' kappa", limits=_LIMITS)


def krippendorff(
    ratings: ArrayLike, clusters: Clusters, tails: Tails, scale: str = "nominal"
) -> Measured:
    """Estimate Krippendorff's alpha: one less the disagreement seen over that expected.

    Any number of raters, any rating may be missing; items with a single rating say nothing and
    are left out. 1: full agreement, 0: as if ratings were dealt out at random. The interval
    leaves out each cluster of items in turn, with ordinal distances taken as they are.

    Args:
        ratings: What each rater said of each item, NaN where nothing; shape (items, raters).
        clusters: Which items belong together.
        tails: One-sided error level of each end.
        scale: `nominal`, `ordinal`, `interval` or `ratio` (values not negative).

    Returns:
        The estimate, at most 1; Absent where all ratings are one value.

    References:
        Krippendorff (2011), Computing Krippendorff's alpha-reliability, University of
        Pennsylvania, sections C and D.
    """
    table = np.asarray(ratings, dtype=np.float64)
    known = np.isfinite(table)
    paired = known.sum(axis=1) >= 2
    table, known, groups = table[paired], known[paired], clusters.subset(paired)
    if not table.size:
        return Absent(reason=Reason.NO_ROWS, detail="no item has two ratings")
    values, code = np.unique(table[known], return_inverse=True)
    counts = np.zeros((len(table), values.size))
    np.add.at(counts, (np.nonzero(known)[0], code.ravel()), 1.0)
    apart = _DISTANCES[scale](values, counts.sum(axis=0))
    raters = counts.sum(axis=1)
    within = np.einsum("ic,ck,ik->i", counts, apart, counts) / (raters - 1.0)
    own = np.stack([groups.sums(column) for column in counts.T], axis=1)
    seen, total = groups.sums(within), own.sum(axis=0)

    def alpha(disagreed: Floats, chosen: Floats) -> Floats:
        expected = np.einsum("...c,ck,...k->...", chosen, apart, chosen)
        with np.errstate(all="ignore"):
            return np.asarray(1.0 - (chosen.sum(axis=-1) - 1.0) * disagreed / expected)

    value = float(alpha(seen.sum(), total))
    left_out = alpha(seen.sum() - seen, total - own)
    return jackknife_estimate(
        value, left_out, tails, what="Krippendorff's alpha", limits=(-math.inf, 1.0)
    )


def _nominal(values: Floats, _counts: Floats) -> Floats:
    return 1.0 - np.eye(values.size)


def _ordinal(_values: Floats, counts: Floats) -> Floats:
    """Square of the ratings between two values, half of their own counted."""
    middle = np.cumsum(counts) - counts / 2.0
    return np.asarray((middle[:, None] - middle[None, :]) ** 2)


def _interval(values: Floats, _counts: Floats) -> Floats:
    return np.asarray((values[:, None] - values[None, :]) ** 2)


def _ratio(values: Floats, _counts: Floats) -> Floats:
    total = values[:, None] + values[None, :]
    with np.errstate(all="ignore"):
        return np.where(total > 0, ((values[:, None] - values[None, :]) / total) ** 2, 0.0)


_DISTANCES: Mapping[str, Callable[[Floats, Floats], Floats]] = {
    "nominal": _nominal,
    "ordinal": _ordinal,
    "interval": _interval,
    "ratio": _ratio,
}
"""Scale -> squared distance of every two values, given how often each was said."""
