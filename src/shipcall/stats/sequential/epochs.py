"""Epochs: the sums, one line per epoch, stage and share, from which every sequence is computed.

Sums are integers on a fixed grid, so that any batching and any order of the same units gives the
same state, to the bit. The state grows with the hours of a rollout, not with its units.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shipcall.stats.sample import Floats, Ints

STEP = 2.0**-20
"""Grid on which outcomes are rounded unless the metric names another."""
_MOST_STEPS = 2**30
_HALF = 31


class Cell(NamedTuple):
    """Units that entered together: same epoch, same stage, same chance of the candidate."""

    epoch: int
    """Hour of the first exposure, counted in UTC; never the hour of the outcome."""
    stage: int
    """Position of the stage in the rollout; a second attempt goes on counting."""
    share: float
    """Chance of the candidate for these units, given all that came before, in [0, 1]."""


class Sums(NamedTuple):
    """Sums over the units of one arm of one cell, in steps of the grid."""

    n: int = 0
    y: int = 0
    yy: int = 0
    x: int = 0
    """The same for a covariate from before exposure; 0 where there is none."""
    xx: int = 0
    xy: int = 0

    def plus(self, other: "Sums") -> "Sums":
        """Add the units of another batch."""
        return Sums(*(a + b for a, b in zip(self, other, strict=True)))


class Pair(NamedTuple):
    """The two arms of a cell."""

    baseline: Sums = Sums()
    candidate: Sums = Sums()


class Table(NamedTuple):
    """Cells in order of exposure, as arrays; the axis of arms is baseline, candidate."""

    epoch: Ints
    """Shape (C,), ascending."""
    share: Floats
    """Shape (C,)."""
    n: Floats
    """Units; this and the following have shape (2, C)."""
    y: Floats
    yy: Floats
    x: Floats
    xx: Floats
    xy: Floats

    @property
    def closes(self) -> NDArray[np.intp]:
        """Position of the last cell of each epoch: the places where a verdict may be given."""
        return np.flatnonzero(np.append(np.diff(self.epoch) != 0, True)[: self.epoch.size])


@dataclass(frozen=True, slots=True, kw_only=True)
class Epochs:
    """The state of one metric on one slice; add batches with `merge`.

    One unit enters once per stage, when its outcome window has closed, in the epoch of its
    exposure. The caller makes sure of that: sums cannot tell a unit that came twice.
    """

    step: float = STEP
    """Size of one step of the grid, in the unit of the metric."""
    cells: Mapping[Cell, Pair] = field(default_factory=dict)

    def merge(self, other: "Epochs") -> "Epochs":
        """Add the units of another state; the order of merging changes nothing."""
        if self.step != other.step:
            raise ValueError(
                f"grids differ ({self.step} and {other.step}); sums on two grids do not add up"
            )
        merged = dict(self.cells)
        for cell, (baseline, candidate) in other.cells.items():
            own = merged.get(cell, Pair())
            merged[cell] = Pair(own.baseline.plus(baseline), own.candidate.plus(candidate))
        return Epochs(step=self.step, cells=dict(sorted(merged.items())))

    def until(self, epoch: int) -> "Epochs":
        """Keep the units exposed in `epoch` or earlier."""
        kept = {cell: pair for cell, pair in self.cells.items() if cell.epoch <= epoch}
        return Epochs(step=self.step, cells=kept)

    def constant(self) -> bool:
        """Whether every randomised unit of either arm has one and the same outcome."""
        free = [pair for cell, pair in self.cells.items() if 0 < cell.share < 1]
        totals = (_total([pair[arm] for pair in free]) for arm in (0, 1))
        return all(sums.n * sums.yy == sums.y * sums.y for sums in totals)

    def plain(self) -> dict[str, Any]:
        """Give the state as plain data: the same units give the same bytes."""
        rows = [[*cell, *map(list, pair)] for cell, pair in sorted(self.cells.items())]
        return {"step": self.step, "cells": rows}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "Epochs":
        """Read what `plain` gave."""
        cells = {
            Cell(int(epoch), int(stage), float(share)): Pair(Sums(*baseline), Sums(*candidate))
            for epoch, stage, share, baseline, candidate in plain["cells"]
        }
        return cls(step=float(plain["step"]), cells=dict(sorted(cells.items())))

    def table(self) -> Table:
        """Lay the cells out as arrays in the unit of the metric, in order of exposure."""
        ordered = sorted(self.cells)
        sums = np.array(
            [[list(arm) for arm in self.cells[cell]] for cell in ordered], dtype=np.float64
        ).reshape(len(ordered), 2, 6)
        scaled = sums * self.step ** np.array([0.0, 1.0, 2.0, 1.0, 2.0, 2.0])
        epoch = np.array([cell.epoch for cell in ordered], dtype=np.int64)
        share = np.array([cell.share for cell in ordered], dtype=np.float64)
        return Table(epoch, share, *np.moveaxis(scaled, 2, 0).transpose(0, 2, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """Units that enter a state, one element each, all arrays of shape (N,)."""

    epoch: Ints
    stage: Ints
    share: Floats
    """Chance of the candidate given the past; see `conditional_share`."""
    candidate: NDArray[np.bool_]
    """Whether the unit was assigned to the candidate (as assigned, not as served)."""
    outcome: Floats
    """Over a window of the same length for every unit, in the unit of the metric."""
    covariate: Floats | None = None
    """From before exposure."""


def conditional_share(before: float, now: float) -> float:
    """Find the chance of the candidate for a unit that the baseline kept through earlier stages.

    With nested buckets a unit that had the candidate keeps it: nothing about it is random any
    more and it must not enter again. A unit that was never exposed before enters with `now`.

    Args:
        before: Share of the stage before, in [0, 1).
        now: Share of this stage, in [before, 1].
    """
    if not 0 <= before <= now <= 1 or before == 1:
        raise ValueError(f"shares {before} -> {now}: nested shares grow within [0, 1]")
    return (now - before) / (1.0 - before)


def collect(entries: Entries, *, step: float = STEP) -> Epochs:
    """Sum units into a state; any split of the same units into batches merges to the same state.

    Raises:
        ValueError: On an outcome that is not finite (a missing outcome is counted elsewhere and
            never enters as a number), on one beyond 2^30 steps, on an arm that its share rules
            out.
    """
    arms = entries.candidate.astype(np.int64)
    _impossible(entries.share, arms)
    y = _steps(entries.outcome, step, "outcome")
    x = np.zeros_like(y)
    if entries.covariate is not None:
        x = _steps(entries.covariate, step, "covariate")
    if not y.size:
        return Epochs(step=step)
    order = np.lexsort((arms, entries.share, entries.stage, entries.epoch))
    keys = [part[order] for part in (entries.epoch, entries.stage, entries.share, arms)]
    changed = np.any([np.diff(key) != 0 for key in keys], axis=0)
    starts = np.flatnonzero(np.append(True, changed))
    one = np.ones_like(y)
    parts = [_totals(part[order], starts) for part in (one, y, y * y, x, x * x, x * y)]
    cells: dict[Cell, Pair] = {}
    for place, sums in zip(starts, zip(*parts, strict=True), strict=True):
        cell = Cell(int(keys[0][place]), int(keys[1][place]), float(keys[2][place]))
        arm = "candidate" if keys[3][place] else "baseline"
        cells[cell] = cells.get(cell, Pair())._replace(**{arm: Sums(*sums)})
    return Epochs(step=step, cells=cells)


def _total(parts: Iterable[Sums]) -> Sums:
    return reduce(Sums.plus, parts, Sums())


def _impossible(share: Floats, arms: Ints) -> None:
    if not bool(np.all((share >= 0) & (share <= 1))):
        raise ValueError("a share lies outside [0, 1]; shares are chances, not percent")
    if bool(np.any(np.where(arms == 1, share == 0, share == 1))):
        raise ValueError(
            "a unit has an arm which its share rules out (candidate at 0 or baseline at 1); "
            "look for units assigned by another stage, and count them under sanity"
        )


def _steps(values: Floats, step: float, what: str) -> Ints:
    if not bool(np.all(np.isfinite(values))):
        raise ValueError(f"an {what} is missing or infinite; count lost units, never sum them")
    steps = np.rint(np.asarray(values, dtype=np.float64) / step)
    if bool(np.any(np.abs(steps) >= _MOST_STEPS)):
        raise ValueError(
            f"an {what} of {np.abs(values).max():g} lies beyond 2^30 steps of {step:g}; "
            "give the metric a coarser grid"
        )
    return steps.astype(np.int64)


def _totals(values: Ints, starts: NDArray[np.intp]) -> list[int]:
    """Sum each run without overflow: low and high halves apart."""
    low = np.add.reduceat(values & ((1 << _HALF) - 1), starts)
    high = np.add.reduceat(values >> _HALF, starts)
    return [(int(h) << _HALF) + int(part) for h, part in zip(high, low, strict=True)]
