"""Counted: 95 % bounds of what counts say: shares, rates, their changes, and distances."""

from typing import NamedTuple

import numpy as np
from scipy import special

from shipcall.practice.laws import Floats

_TAIL = 0.025
_Z = 1.959963984540054


class Distance(NamedTuple):
    """A Kullback-Leibler divergence of counts, in nats."""

    value: float
    """Of the counts themselves. Chance alone makes it about (bands - 1) / (2 rows)."""
    low: float
    high: float
    """95 % bounds of the divergence of the laws behind the counts."""


def share_bounds(hits: float, n: float) -> tuple[float, float]:
    """Bound a share; without rows it may be anything.

    References:
        Clopper and Pearson (1934): exact 95 % bounds from the quantiles of beta laws.
    """
    if n == 0:
        return 0.0, 1.0
    low = float(special.betaincinv(hits, n - hits + 1, _TAIL)) if hits > 0 else 0.0
    high = float(special.betaincinv(hits + 1, n - hits, 1 - _TAIL)) if hits < n else 1.0
    return low, high


def rate_bounds(count: float, days: float) -> tuple[float, float]:
    """Bound the mean number of events a day.

    References:
        Garwood (1936): exact 95 % bounds of a Poisson mean.
    """
    low = float(special.gammaincinv(count, _TAIL)) if count > 0 else 0.0
    return low / days, float(special.gammaincinv(count + 1, 1 - _TAIL)) / days


def ratio_bounds(before: tuple[float, float], after: tuple[float, float]) -> tuple[float, float]:
    """Bound the ratio of two rates, each a count and its days.

    Given both counts together, the later one is binomial with odds that are the ratio of the
    rates times the ratio of the days: exact bounds of that share are exact bounds of the ratio.
    """
    (a, days_a), (b, days_b) = before, after
    low, high = share_bounds(b, a + b)
    odds = days_a / days_b
    return low / (1 - low) * odds, high / (1 - high) * odds if high < 1 else float("inf")


def share_change_bounds(
    before: tuple[float, float], after: tuple[float, float]
) -> tuple[float, float]:
    """Bound the difference of two shares, each hits and rows; without rows it may be anything.

    References:
        Newcombe (1998), Interval estimation for the difference between independent proportions,
        method 10: Wilson bounds of both shares, combined.
    """
    if not before[1] or not after[1]:
        return -1.0, 1.0
    (p, low_p, high_p), (q, low_q, high_q) = _wilson(*before), _wilson(*after)
    down = np.hypot(q - low_q, high_p - p)
    up = np.hypot(high_q - q, p - low_p)
    return float(q - p - down), float(q - p + up)


def _wilson(hits: float, n: float) -> tuple[float, float, float]:
    share = hits / n
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    return share, float(middle - half), float(middle + half)


def distance(counts: Floats, reference: Floats) -> Distance:
    """Measure how far counts by band are from a reference, and what that says of their laws.

    The divergence of counts is biased upward: without any difference, 2 m times it is nearly
    chi-square with bands - 1 degrees of freedom, where 1 / m = 1 / rows + 1 / rows of the
    reference; with a difference D it is nearly noncentral, with 2 m D. The bounds invert that.
    Empty bands of the reference count half a row.

    Args:
        counts: Rows by band, shape (bands,).
        reference: The same, shape (bands,).

    Returns:
        Value and bounds; without rows the value is 0 and the upper bound infinite.
    """
    n, n_reference = float(counts.sum()), float(reference.sum())
    if not n or not n_reference:
        return Distance(0.0, 0.0, float("inf"))
    shares = counts / n
    known = np.maximum(reference, 0.5)
    value = max(0.0, float(special.rel_entr(shares, known / known.sum()).sum()))
    m = n * n_reference / (n + n_reference)
    df, square = len(counts) - 1, 2 * m * value
    low, high = (_pull(square, df, share) / (2 * m) for share in (1 - _TAIL, _TAIL))
    return Distance(value, low, high)


def _pull(square: float, df: int, share: float) -> float:
    """Noncentrality at which so large a share of a chi-square law lies below what was seen."""
    if special.chdtr(df, square) <= share:
        return 0.0
    return float(special.chndtrinc(square, df, share))
