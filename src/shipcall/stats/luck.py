"""Luck: how much of a mean of repeated runs is chance of the runs, and what more runs would buy."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from shipcall.core import Absent, Estimate, Measured, Reason, Tails

_SURE = 1.0 - 1e-9


class Luck(NamedTuple):
    """What repeats leave to chance."""

    share: Measured
    """Share of the variance of an item's mean that lies between its runs, 0 to 1."""
    twice: Measured
    """Width of the interval with twice the runs of the same items, as a multiple of today's."""
    endless: Measured
    """The same with runs without end: what more runs can never beat."""


def luck(agreement: Measured, runs: float) -> Luck:
    """Say what chance of the runs adds to the error of a mean over items.

    The variance of a mean over items of m runs each is proportional to r + (1 - r) / m, where r is
    the agreement of two runs of one item (Searle, Casella & McCulloch 1992, Variance components,
    section 3.6: V_b / I + V_w / (I m) with r = V_b / (V_b + V_w)). All three numbers move one way
    with r, so their ends are those of r. An agreement below 0 is read as 0.

    Do not use it where runs of one item are not exchangeable, or to plan more items: their number
    divides everything alike.

    Args:
        agreement: Intraclass correlation of single runs (`variance.spread_estimate`).
        runs: Runs of an item, on average, at least 1.
    """
    if isinstance(agreement, Estimate) and agreement.high <= 0:
        detail = "runs of one item agree less than chance makes them: no share explains that"
        agreement = Absent(reason=Reason.UNSOUND, detail=detail, n=agreement.n)
    if isinstance(agreement, Absent):
        return Luck(agreement, agreement, agreement)

    def whole(r: float, many: float) -> float:
        return r + (1.0 - r) / many

    return Luck(
        share=_carried(agreement, lambda r: (1.0 - r) / runs / whole(r, runs)),
        twice=_carried(agreement, lambda r: math.sqrt(whole(r, 2 * runs) / whole(r, runs))),
        endless=_carried(agreement, lambda r: math.sqrt(r / whole(r, runs))),
    )


def _carried(agreement: Estimate, value: Callable[[float], float]) -> Estimate:
    """Carry the interval of the agreement over to what moves one way with it."""
    ends = (agreement.low, agreement.value, agreement.high)
    first, middle, last = (value(min(max(end, 0.0), _SURE)) for end in ends)
    tails = agreement.tails if first < last else Tails(agreement.tails.high, agreement.tails.low)
    low, high = min(first, last), max(first, last)
    method = "from the agreement of runs"
    return replace(agreement, value=middle, low=low, high=high, tails=tails, method=method)
