"""Exceedance: sequences for a quantile, through the share of each unit that exceeds a value.

A unit's rows (requests, say) are not independent, so a unit counts once: its score at a value t
is the share of its rows beyond t, minus 1 - q. Where t is the quantile, scores have mean zero.
The state is a histogram with fixed edges, in which each unit has mass one.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shipcall.core.check import Estimand
from shipcall.core.estimate import Absent, Estimate, Measured, Tails, Validity
from shipcall.core.reasons import Reason
from shipcall.stats.sample import Floats, Ints
from shipcall.stats.sequential.epochs import Cell
from shipcall.stats.sequential.mixtures import gamma_exponential, tuned_rho

_ONE = 2**30
_METHOD = "exceedance sequence, one mass a unit"


class Arms(NamedTuple):
    """Masses by bin of the two arms of a cell, in units of 2^-30."""

    baseline: tuple[int, ...]
    candidate: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Masses:
    """The state of one quantile metric on one slice; add batches with `merge`."""

    edges: tuple[float, ...]
    """Ascending and sealed: bin j holds values above edge j - 1 up to edge j; the last bin holds
    all beyond."""
    cells: Mapping[Cell, Arms] = field(default_factory=dict)

    def merge(self, other: "Masses") -> "Masses":
        """Add the units of another state; a unit's rows of one window come in one state."""
        if self.edges != other.edges:
            raise ValueError("edges differ; histograms on different edges do not add up")
        merged = dict(self.cells)
        for cell, arms in other.cells.items():
            own = merged.get(cell, self._empty())
            merged[cell] = Arms(*(_added(a, b) for a, b in zip(own, arms, strict=True)))
        return Masses(edges=self.edges, cells=dict(sorted(merged.items())))

    def _empty(self) -> Arms:
        nothing = (0,) * (len(self.edges) + 1)
        return Arms(nothing, nothing)

    def plain(self) -> dict[str, Any]:
        """Give the state as plain data: the same units give the same bytes."""
        rows = [[*cell, *map(list, arms)] for cell, arms in sorted(self.cells.items())]
        return {"edges": list(self.edges), "cells": rows}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "Masses":
        """Read what `plain` gave."""
        cells = {
            Cell(int(epoch), int(stage), float(share)): Arms(tuple(baseline), tuple(candidate))
            for epoch, stage, share, baseline, candidate in plain["cells"]
        }
        return cls(edges=tuple(plain["edges"]), cells=dict(sorted(cells.items())))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows that enter a state, one element each, all arrays of shape (N,)."""

    epoch: Ints
    """Epoch of the unit's exposure, not of the row."""
    stage: Ints
    share: Floats
    candidate: NDArray[np.bool_]
    unit: Ints
    """Code of the unit; rows of one unit in one cell share its mass."""
    value: Floats


def log_edges(least: float, greatest: float, error: float) -> tuple[float, ...]:
    """Lay edges so that a bin is at most a share `error` wide: the price of a state of fixed size.

    Args:
        least: First edge, > 0.
        greatest: No edge before the last lies beyond it.
        error: Width of a bin over its lower edge, for instance 0.02.
    """
    if not 0 < least < greatest or not error > 0:
        raise ValueError(f"edges from {least} to {greatest} by {error}: need 0 < least < greatest")
    count = math.ceil(math.log(greatest / least) / math.log1p(error)) + 1
    return tuple(float(edge) for edge in np.geomspace(least, greatest, count))


def collect_masses(rows: Rows, edges: tuple[float, ...]) -> Masses:
    """Spread the mass of each unit over the bins of its rows.

    Raises:
        ValueError: On a value that is not finite: a missing latency is counted elsewhere.
    """
    if not bool(np.all(np.isfinite(rows.value))):
        raise ValueError("a value is missing or infinite; count lost rows, never place them")
    state = Masses(edges=edges)
    bins = np.searchsorted(np.asarray(edges), rows.value, side="left")
    keys = np.rec.fromarrays([rows.epoch, rows.stage, rows.share])
    cells, code = np.unique(keys, return_inverse=True)
    arm = rows.candidate.astype(np.int64)
    member = np.stack([code.reshape(-1), arm, rows.unit])
    _, place, size = np.unique(member, axis=1, return_inverse=True, return_counts=True)
    mass = np.rint(_ONE / size[place.reshape(-1)]).astype(np.int64)
    total = np.zeros((cells.size, 2, len(edges) + 1), dtype=np.int64)
    np.add.at(total, (code.reshape(-1), arm, bins), mass)
    return state.merge(
        Masses(
            edges=edges,
            cells={
                Cell(int(cell[0]), int(cell[1]), float(cell[2])): Arms(
                    *(tuple(int(part) for part in side) for side in sums)
                )
                for cell, sums in zip(cells, total, strict=True)
            },
        )
    )


class QuantilePlan(NamedTuple):
    """What is sealed before the first exposure."""

    q: float
    """Which quantile, in (0, 1)."""
    units: float
    """Planned units of the smaller arm, at which intervals shall be tightest."""


def quantile_estimate(
    masses: Masses, plan: QuantilePlan, estimand: Estimand, tails: Tails
) -> Measured:
    """Bound a quantile of one model, or how far two quantiles lie apart, at every look.

    One model (BASELINE, CANDIDATE): the value that a share q of its rows does not exceed, each
    unit counting once, over its units so far. Two models (DIFFERENCE, RELATIVE): the candidate's
    units weigh 1 - e and the baseline's e, so that both describe the same overlap-weighted mix
    of stages and nothing is pooled over a ramp; each model's bound takes half of the error.

    Exact for independent units at any number of looks, with no assumption on the distribution.
    It needs about log(1 / tail) / (1 - q) units for a finite high end and more for looking often;
    p99 from fewer than some 500 units has no high end, and says so by an infinite one.

    Args:
        masses: The state; the width of a bin is inside the interval.
        plan: What was sealed.
        estimand: BASELINE, CANDIDATE, DIFFERENCE or RELATIVE (first edge above 0, no negative
            values).
        tails: One-sided error level of each end, over all looks together.

    Returns:
        The estimate, ends at edges; Absent without units or where the quantile lies beyond the
        last edge.

    References:
        Howard et al. (2021), Ann. Statist. 49(2), theorem 4, on the scores.
    """
    if not 0 < plan.q < 1:
        raise ValueError(f"quantile {plan.q} is not in (0, 1)")
    if estimand in (Estimand.BASELINE, Estimand.CANDIDATE):
        return _one_arm(masses, plan, 1 if estimand is Estimand.CANDIDATE else 0, tails, None)
    half = Tails(tails.low / 2, tails.high / 2)
    weights = _overlap(masses)
    baseline = _one_arm(masses, plan, 0, Tails(half.high, half.low), weights)
    candidate = _one_arm(masses, plan, 1, half, weights)
    if isinstance(baseline, Absent) or isinstance(candidate, Absent):
        return candidate if isinstance(candidate, Absent) else baseline
    compare = _difference if estimand is Estimand.DIFFERENCE else _quotient
    return Estimate(
        value=compare(candidate.value, baseline.value),
        low=compare(candidate.low, baseline.high),
        high=compare(candidate.high, baseline.low),
        tails=tails,
        n=baseline.n + candidate.n,
        method=_METHOD,
        validity=Validity.ANYTIME,
    )


def _added(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(x + y for x, y in zip(a, b, strict=True))


def _overlap(masses: Masses) -> Floats:
    """Weights of the two arms by cell, zero where nothing was randomised; shape (2, C)."""
    share = np.array([cell.share for cell in masses.cells])
    free = (share > 0) & (share < 1)
    return np.stack([np.where(free, share, 0.0), np.where(free, 1.0 - share, 0.0)])


def _one_arm(
    masses: Masses, plan: QuantilePlan, arm: int, tails: Tails, weights: Floats | None
) -> Measured:
    mass = np.array([arms[arm] for arms in masses.cells.values()], dtype=np.float64) / _ONE
    if not mass.size:
        return Absent(reason=Reason.NO_ROWS, detail="no unit has entered")
    weight = np.ones(mass.shape[0]) if weights is None else weights[arm]
    n = round(float(mass[weight > 0].sum()))
    if n < 1:
        return Absent(reason=Reason.NO_ROWS, detail="no unit of one model has entered", n=n)
    beyond = mass.sum(axis=1, keepdims=True) - np.cumsum(mass, axis=1)[:, :-1]
    units, rest = mass.sum(axis=1), 1.0 - plan.q
    score = weight @ (beyond - rest * units[:, None])
    inside = units[:, None] - beyond
    squares = weight**2 @ (beyond * plan.q**2 + inside * rest**2)
    if score[-1] > 1e-9 * n:
        detail = f"the quantile lies beyond the last edge, {masses.edges[-1]:g}"
        return Absent(reason=Reason.UNSOUND, detail=detail, n=n)
    return _bounded(masses.edges, _Scores(score, squares, n), plan, tails)


class _Scores(NamedTuple):
    """Sum of scores and of their squares at each edge."""

    score: Floats
    squares: Floats
    n: int


def _bounded(
    edges: tuple[float, ...], scores: _Scores, plan: QuantilePlan, tails: Tails
) -> Estimate:
    """Move each end outwards to the edge before which (after which) every edge is excluded."""
    information = plan.units * plan.q * (1.0 - plan.q)
    rho = [tuned_rho(information, tail) for tail in tails]
    at = int(np.argmax(scores.score <= 1e-9 * scores.n))
    low, high = -math.inf, math.inf
    for place, edge in enumerate(edges[:at]):
        s, v = float(scores.score[place]), float(scores.squares[place])
        if gamma_exponential(s, v, rho[0], 1.0 - plan.q) < -math.log(tails.low):
            break
        low = edge
    for place in range(len(edges) - 1, at - 1, -1):
        s, v = -float(scores.score[place]), float(scores.squares[place])
        if gamma_exponential(s, v, rho[1], plan.q) < -math.log(tails.high):
            break
        high = edges[place]
    return Estimate(
        value=edges[at],
        low=low,
        high=high,
        tails=tails,
        n=scores.n,
        method=_METHOD,
        validity=Validity.ANYTIME,
    )


def _difference(candidate: float, baseline: float) -> float:
    return candidate - baseline


def _quotient(candidate: float, baseline: float) -> float:
    """Divide values that cannot be negative; a baseline that may be zero bounds nothing."""
    return max(candidate, 0.0) / baseline - 1.0 if baseline > 0 else math.inf
