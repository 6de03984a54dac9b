"""Preference: who wins comparisons of two answers, and what else than the answers decides it."""

import numpy as np
from numpy.typing import ArrayLike

from shipcall.core import Absent, Estimate, Measured, Reason, Tails
from shipcall.stats.balanced import balanced_sample
from shipcall.stats.bounds import HIDDEN, Lean, student_ends
from shipcall.stats.clusters import Clusters, inner
from shipcall.stats.jackknife import jackknife_estimate
from shipcall.stats.moments import lean
from shipcall.stats.sample import Floats, Ints, Lost, PairSample

_STEPS = 100
_STILL = 1e-12
"""A step of Newton's method below this changes nothing that is shown."""


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
    wins = np.asarray(won, dtype=np.float64)
    ones = np.ones_like(wins)
    return balanced_sample(
        first,
        1.0 - wins,
        ones,
        wins,
        ones,
        clusters,
        classes=2,
        lost=lost,
        influence=influence,
    )


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


def bradley_terry(
    winner: ArrayLike, loser: ArrayLike, weight: ArrayLike, clusters: Clusters, tails: Tails
) -> tuple[Measured, ...]:
    """Estimate the abilities of several models from comparisons of two, against the first model.

    P(i wins over j) = 1 / (1 + exp(b_j - b_i)), b_0 = 0, by maximum likelihood (Newton). A tie is
    half a win for each: two rows of weight 0.5. The errors are those of the score equations
    summed by cluster, times sqrt(G / (G - 1)), so that the law of single comparisons need not be
    right; t with G - 1 degrees of freedom. Assumes one order of ability for all items.

    Args:
        winner: Number of the model that won, from 0; shape (rows,).
        loser: Number of the model that lost; shape (rows,).
        weight: What each row counts, above 0; shape (rows,).
        clusters: Which rows belong together: at least those of one item.
        tails: One-sided error level of each end.

    Returns:
        b_1, b_2, … in log odds; all Absent where they are not defined, because some models won
        or lost everything against the rest (Ford 1957), or there are too few clusters.

    References:
        Bradley & Terry (1952), Rank analysis of incomplete block designs, Biometrika 39, 324-345.
        Ford (1957), Solution of a ranking problem from binary comparisons, American Mathematical
        Monthly 64(8), 28-33 (when there is a solution).
    """
    won, fell = np.asarray(winner, dtype=np.int64), np.asarray(loser, dtype=np.int64)
    weights = np.asarray(weight, dtype=np.float64)
    if not won.size:
        return ()
    size = int(max(won.max(), fell.max())) + 1
    wins = np.zeros((size, size))
    np.add.at(wins, (won, fell), weights)
    absent = _no_order(wins, clusters)
    if absent is not None:
        return (absent,) * (size - 1)
    ability = _fitted(wins)
    chance = 1.0 / (1.0 + np.exp(ability[fell] - ability[won]))
    surprise = weights * (1.0 - chance)
    scores = np.stack(
        [
            clusters.sums(surprise * ((won == one).astype(np.float64) - (fell == one)))
            for one in range(1, size)
        ],
        axis=1,
    )
    influence = scores @ np.linalg.inv(_information(wins, ability)[1:, 1:])
    many = clusters.count / (clusters.count - 1.0)
    return tuple(
        _bounded(float(ability[one]), influence[:, one - 1] * np.sqrt(many), tails)
        for one in range(1, size)
    )


def _bounded(value: float, influence: Floats, tails: Tails) -> Measured:
    count = influence.size
    seen = min(max(lean(influence, count), -1.0), 1.0)
    unseen = HIDDEN * np.sqrt(6.0) / count
    around = Lean(unseen - seen, unseen + seen)
    ends = student_ends(value, inner(influence, influence), count - 1.0, tails, around)
    if not ends.low < ends.high:
        return Absent(reason=Reason.CONSTANT, detail="every cluster says the same", n=count)
    return Estimate(
        value=value,
        low=ends.low,
        high=ends.high,
        tails=tails,
        n=count,
        method="Bradley-Terry, clustered t",
    )


def _no_order(wins: Floats, clusters: Clusters) -> Absent | None:
    """Is there a way of wins from every model to every other? Otherwise abilities run away."""
    if clusters.count < 2:
        detail = f"{clusters.count} clusters"
        return Absent(reason=Reason.TOO_FEW_CLUSTERS, detail=detail, n=clusters.count)
    reach = (wins > 0) | np.eye(len(wins), dtype=np.bool_)
    for _ in range(len(wins)):
        reach = (reach.astype(np.int64) @ reach.astype(np.int64)) > 0
    if reach.all():
        return None
    detail = "some models won, or lost, every comparison with the others, or were not compared"
    return Absent(reason=Reason.UNDEFINED, detail=detail, n=clusters.count)


def _fitted(wins: Floats) -> Floats:
    """Newton's method with halved steps; the likelihood is concave, so it cannot end elsewhere."""
    ability = np.zeros(len(wins))
    for _ in range(_STEPS):
        chance = 1.0 / (1.0 + np.exp(ability[None, :] - ability[:, None]))
        games = wins + wins.T
        gradient = (wins - games * chance).sum(axis=1)
        step = np.linalg.solve(_information(wins, ability)[1:, 1:], gradient[1:])
        step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
        ability[1:] += step
        if np.abs(step).max() < _STILL:
            break
    return ability


def _information(wins: Floats, ability: Floats) -> Floats:
    chance = 1.0 / (1.0 + np.exp(ability[None, :] - ability[:, None]))
    cell = (wins + wins.T) * chance * (1.0 - chance)
    return np.asarray(np.diag(cell.sum(axis=1)) - cell)


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
