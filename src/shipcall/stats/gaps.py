"""Gaps: how far slices lie apart, without the part that noise alone would make."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy import special

from shipcall.core import Absent, Estimate, Measured, Reason, Tails
from shipcall.stats.sample import Floats
from shipcall.stats.together import FEWEST, Together, too_few

_STEPS = 50
_SPREAD = "Paule-Mandel, Q profile"
_GAP = "pairs of slices"


def spread(slices: Together, tails: Tails) -> Measured:
    """Estimate the standard deviation between the true values of slices.

    The plain deviation of the values is too large by their errors; this is not. The value solves
    Q(spread) = k - 1 and the ends solve Q(spread) = quantiles of chi-square with k - 1 degrees of
    freedom, where Q is the squared distance of the values from their mean in units of their
    errors and the spread together.

    Assumes that true values lie around their mean as a normal law; errors may share one
    correlation. With few slices the interval is wide, and rightly so.

    Args:
        slices: At least three, none with lost rows.
        tails: One-sided error level of each end.

    Returns:
        Spread, at least 0, in the unit of the values. Absent with fewer than three slices, and
        where values agree so closely that no spread explains it.

    References:
        Paule & Mandel (1982), Consensus values and weighting factors, J. Res. Natl. Bur. Stand.
        87(5), 377-385.
        Viechtbauer (2007), Confidence intervals for the amount of heterogeneity in meta-analysis,
        Statistics in Medicine 26, 37-52 (the Q profile).
    """
    k = slices.values.size
    if k < FEWEST:
        return too_few(k)
    quantiles = special.chdtri(k - 1, [tails.low, 1.0 - tails.high])
    low, value, high = _spreads_at(slices, np.array([quantiles[0], k - 1.0, quantiles[1]]))
    if not high > 0:
        detail = f"{k} slices agree more closely than their errors allow: no spread explains that"
        return Absent(reason=Reason.UNSOUND, detail=detail, n=min(slices.n))
    return Estimate(value=value, low=low, high=high, tails=tails, n=min(slices.n), method=_SPREAD)


def _spreads_at(slices: Together, distances: Floats) -> list[float]:
    """Find the spreads at which Q, which falls in them, equals distances; 0 if it starts below."""
    low = np.zeros(distances.size)
    high = np.full(distances.size, float(slices.errors.max() + np.ptp(slices.values)))
    while (slices.fit(high).distance > distances).any():
        high *= 2.0
    never = slices.fit(low).distance <= distances
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        beyond = slices.fit(middle).distance > distances
        low, high = np.where(beyond, middle, low), np.where(beyond, high, middle)
    return [float(found) for found in np.where(never, 0.0, (low + high) / 2.0)]


Drawn = Callable[[Tails], Sequence[Estimate]]
"""Draws the estimate of every slice anew, with the error levels it is given."""


class _Halves(NamedTuple):
    value: Floats
    down: Floats
    """Distance from the value to the low end; shape (k,)."""
    up: Floats


def slice_gap(drawn: Drawn, correlation: float, tails: Tails) -> Measured:
    """Bound the largest true value of any slice minus the smallest.

    The value is the largest estimate minus the smallest, which noise makes too large, the more
    so the more slices there are; read the interval, or `spread`, which is not. The high end is
    the greatest high end over all pairs of slices. It needs no correction for their number: the
    pair that truly lies furthest apart is one pair, and its own high end holds. The low end is
    the greatest low end over all pairs at the error level divided by their number, and 0 if no
    pair is told apart, so that picking the pair is paid for.

    Two intervals join into that of their difference by their halves on the sides that matter
    (Zou & Donner), so skewness, few clusters and lost rows count as they do for each slice.

    Args:
        drawn: Estimates of the same estimand, at least two slices that share no row.
        correlation: Of the errors of two slices, in [0, 1).
        tails: One-sided error level of each end.

    References:
        Zou & Donner (2008), Construction of confidence limits about effect measures, Statistics
        in Medicine 27, 1693-1702.
    """
    near = drawn(Tails(tails.high, tails.high))
    k = len(near)
    if k < 2:
        detail = f"{k} slices with an estimate: there is nothing to compare"
        return Absent(reason=Reason.UNSOUND, detail=detail)
    share = tails.low / (k * (k - 1))
    far = drawn(Tails(share, share))
    if len(far) != k:
        detail = f"{k - len(far)} slices have no interval at the level of all pairs"
        return Absent(reason=Reason.UNSOUND, detail=detail)
    high = float(_ends(_halves(near), correlation, side=1.0).max())
    low = float(_ends(_halves(far), correlation, side=-1.0).max())
    value = max(e.value for e in near) - min(e.value for e in near)
    if not high > 0:
        return Absent(reason=Reason.CONSTANT, detail="every slice has the same value")
    return Estimate(
        value=value,
        low=min(max(low, 0.0), value),
        high=max(high, value),
        tails=tails,
        n=min(e.n for e in near),
        method=_GAP,
    )


def _halves(estimates: Sequence[Estimate]) -> _Halves:
    value = np.array([e.value for e in estimates])
    down = value - np.array([e.low for e in estimates])
    return _Halves(value, down, np.array([e.high for e in estimates]) - value)


def _ends(slices: _Halves, correlation: float, *, side: float) -> Floats:
    """Give the high (side 1) or low (side -1) end of row minus column, for all pairs; (k, k)."""
    of_row, of_column = (slices.up, slices.down) if side > 0 else (slices.down, slices.up)
    row, column = of_row[:, None], of_column[None, :]
    square = row**2 + column**2 - 2.0 * correlation * row * column
    ends: Floats = (
        slices.value[:, None] - slices.value[None, :] + side * np.sqrt(np.maximum(square, 0.0))
    )
    np.fill_diagonal(ends, -np.inf)
    return ends
