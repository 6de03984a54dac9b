"""Standings: where a sequence stands to a bar at every look, without finding its ends.

An end lies beyond the bar exactly where the evidence excludes the bar itself, so thousands of
drawn rollouts can be judged at once. The standings are those of `score_estimate` and
`rare_estimate`, look by look.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shipcall.core.check import Bar, Estimand
from shipcall.core.estimate import Tails
from shipcall.stats.sequential.epochs import Table
from shipcall.stats.sequential.mixtures import tuned_rho
from shipcall.stats.sequential.rare import events_of, tilt_evidence
from shipcall.stats.sequential.score import ScorePlan, Side, coordinate, evidence, score_paths

Flags = NDArray[np.bool_]
Excluded = Callable[[float, Side, float], Flags]
"""(effect, side, error level) -> is the effect excluded at each look?"""


class Standings(NamedTuple):
    """One flag for each look; leading axes are those of the table (drawn rollouts)."""

    present: Flags
    """There is an estimate."""
    clear: Flags
    """The interval lies inside the bar."""
    breach: Flags
    """The interval lies outside the bar."""


def score_standings(
    table: Table, plan: ScorePlan, estimand: Estimand, bar: Bar, tails: Tails
) -> Standings:
    """Judge the score sequence at each epoch close.

    Args:
        table: Cells in order of exposure; its sums may have leading axes.
        plan: What was sealed; alike for all that were drawn.
        estimand: DIFFERENCE or RELATIVE.
        bar: Where the effect has to lie.
        tails: One-sided error level of each end.
    """
    paths = score_paths(table, plan.start, estimand)
    present = paths.units.min(axis=-2) >= max(plan.min_units, 1)

    def excluded(effect: float, side: Side, tail: float) -> Flags:
        x, rho = coordinate(estimand, effect), tuned_rho(plan.information, tail)
        return np.asarray(evidence(paths, x, side, rho) >= -math.log(tail))

    return _standings(present, bar, tails, excluded)


def rare_standings(table: Table, bar: Bar, tails: Tails) -> Standings:
    """Judge the sequence of rare events at each epoch close; the bar is on a relative change."""
    events, closes = events_of(table), table.closes
    free = (table.share > 0) & (table.share < 1)
    units = np.cumsum(table.n * free, axis=-1)[..., closes]
    seen = np.cumsum(events.baseline + events.candidate, axis=-1)[..., closes]
    present = (units.min(axis=-2) >= 1) & (seen > 0)

    def excluded(effect: float, side: Side, tail: float) -> Flags:
        if not effect > -1:
            return np.ones_like(present)
        log = tilt_evidence(events, math.log1p(effect), side)[..., closes]
        return np.asarray(log >= -math.log(tail))

    return _standings(present, bar, tails, excluded)


def _standings(present: Flags, bar: Bar, tails: Tails, excluded: Excluded) -> Standings:
    """A bound is cleared where it is excluded from the far side, breached from the near one."""
    clear, breach = present.copy(), np.zeros_like(present)
    if math.isfinite(bar.low):
        clear &= excluded(bar.low, "above", tails.low)
        breach |= excluded(bar.low, "below", tails.high)
    if math.isfinite(bar.high):
        clear &= excluded(bar.high, "below", tails.high)
        breach |= excluded(bar.high, "above", tails.low)
    return Standings(present, clear, present & breach)
