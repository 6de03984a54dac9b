"""Preference: who wins comparisons of two answers, and what else than the answers decides it."""

import numpy as np
from numpy.typing import ArrayLike

from shipcall.core import Absent, Measured, Reason, Tails
from shipcall.stats.balanced import balanced_sample
from shipcall.stats.clusters import Clusters
from shipcall.stats.jackknife import jackknife_estimate
from shipcall.stats.sample import Floats, Ints, Lost, PairSample


def preference_sample(
    won: ArrayLike, first: ArrayLike, clusters: Clusters, *, lost: Lost, influence: bool
) -> PairSample:
    """Sum comparisons into the win rates of both models, both orders of showing counted alike.

    A rater who prefers whatever stands first adds as much to one order as he takes from the
    other: the mean of both does not know of it, however often each was shown. The two rates are
    one number seen from two sides; their difference is twice the rate less 1.

    Args:
        won: 1 where the candidate won, 0.5 for a tie, 0 where it lost; shape (rows,).
        first: 1 where the candidate's answer stood first, else 0; shape (rows,).
        clusters: Which comparisons belong together: at least those of one item.
        lost: Comparisons that were made or promised and say nothing.
        influence: Keep what each cluster contributes, for joint methods.
    """
    return balanced_sample(
        **by_order(won, first), clusters=clusters, classes=2, lost=lost, influence=influence
    )


def by_order(won: ArrayLike, first: ArrayLike) -> dict[str, Floats]:
    """Write comparisons as the columns of `balanced_sample`: the orders are its two classes.

    Args:
        won: As for `preference_sample`, shape (rows,).
        first: Likewise.
    """
    wins = np.asarray(won, dtype=np.float64)
    ones = np.ones_like(wins)
    return {
        "label": np.asarray(first, dtype=np.float64),
        "num_baseline": 1.0 - wins,
        "den_baseline": ones,
        "num_candidate": wins,
        "den_candidate": ones,
    }


def slope(x: ArrayLike, y: ArrayLike, clusters: Clusters, tails: Tails) -> Measured:
    """Estimate by how much y rises for one more of x: least squares, clustered.

    A straight line through what need not be straight, so the mean slope over the x that are
    there. Of length and preference it says what goes together: longer answers may be better.
    Compare the slope of a judge with that of people on the same items.

    Args:
        x: Such as the logarithm of a quotient of lengths; shape (rows,).
        y: Such as 1 for a win, 0.5 for a tie, 0; shape (rows,).
        clusters: Which rows belong together.
        tails: One-sided error level of each end.

    Returns:
        The estimate in units of y per unit of x; Absent where x does not vary.
    """
    xs, ys = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if not xs.size:
        return Absent(reason=Reason.NO_ROWS, detail="no row has both numbers")
    x0, y0 = xs - xs.mean(), ys - ys.mean()
    columns = (np.ones_like(x0), x0, y0, x0 * x0, x0 * y0)
    own = np.stack([clusters.sums(column) for column in columns])
    total = own.sum(axis=1)
    return jackknife_estimate(
        float(_slope(total)), _slope(total[:, None] - own), tails, what="slope"
    )


def _slope(sums: Floats) -> Floats:
    n, x, y, xx, xy = sums
    with np.errstate(all="ignore"):
        spread = xx - x * x / n
        return np.asarray(np.where(spread > 1e-12 * np.abs(xx), (xy - x * y / n) / spread, np.nan))


def showings(group: ArrayLike, first: ArrayLike, *, swapped: bool) -> tuple[Ints, Ints]:
    """Pair up showings of one thing: in both orders, or again in the same one.

    Args:
        group: Number of what was shown to whom, the same for all showings; shape (rows,).
        first: 1 where the candidate's answer stood first, else 0; shape (rows,).
        swapped: Pair each showing with those in the other order; otherwise with the next one in
            the same order.

    Returns:
        Positions of the rows of each pair, one array for each side.
    """
    groups, orders = np.asarray(group, dtype=np.int64), np.asarray(first, dtype=np.int64)
    rows = np.lexsort((orders, groups))
    if not swapped:
        same = (np.diff(groups[rows]) == 0) & (np.diff(orders[rows]) == 0)
        return rows[:-1][same], rows[1:][same]
    back, front = rows[orders[rows] == 0], rows[orders[rows] == 1]
    return crossed(groups, back, front)


def crossed(group: Ints, one: Ints, other: Ints) -> tuple[Ints, Ints]:
    """Pair every row of one sort with every row of another sort that has the same group.

    Args:
        group: Number of the group of each row; shape (rows,).
        one: Positions of rows of the first sort.
        other: Positions of rows of the second sort.

    Returns:
        Positions of both rows of each pair.
    """
    sorted_ = other[np.argsort(group[other], kind="stable")]
    begins = np.searchsorted(group[sorted_], group[one], side="left")
    counts = np.searchsorted(group[sorted_], group[one], side="right") - begins
    within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(one, counts), sorted_[np.repeat(begins, counts) + within]
