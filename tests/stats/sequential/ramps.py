"""Ramps: simulated sums by day and arm, many rollouts at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shipcall.core import Estimand
from shipcall.stats.sequential.centre import Start
from shipcall.stats.sequential.epochs import Cell, Epochs, Pair, Sums, Table
from shipcall.stats.sequential.score import Paths, Side, evidence, score_paths

Floats = NDArray[np.float64]
DAYS = np.arange(21)
SHARES = np.array([0.01] * 3 + [0.1] * 4 + [0.5] * 14)
SEASON = (1 + 0.3 * np.sin(2 * np.pi * DAYS / 7)) * (1 + 0.5 * np.exp(-DAYS / 2))
"""A weekly cycle on a launch bump."""


@dataclass(frozen=True)
class Ramp:
    """Shares, rates of both arms and units by day."""

    share: Floats
    baseline: Floats
    candidate: Floats
    units: float

    def draw(self, runs: int, rng: np.random.Generator) -> Table:
        """Draw the table of many rollouts; sums have shape (runs, 2, days)."""
        n = rng.poisson(self.units, (runs, self.share.size))
        candidate = rng.binomial(n, self.share)
        y = [
            rng.binomial(n - candidate, self.baseline),
            rng.binomial(candidate, self.candidate),
        ]
        return tabled(self.share, np.stack([n - candidate, candidate], -2), np.stack(y, -2))

    @property
    def information(self) -> float:
        """Planned V."""
        rate = float(self.baseline.mean())
        weight = self.share * (1 - self.share)
        return float(weight.sum()) * self.units * rate * (1 - rate)


def tabled(share: Floats, n: NDArray[np.int64], y: NDArray[np.int64]) -> Table:
    """Lay 0/1 sums out as a table."""
    outcomes = y.astype(np.float64)
    nothing = np.zeros_like(outcomes)
    return Table(
        np.arange(share.size), share, n.astype(np.float64), *[outcomes] * 2, *[nothing] * 3
    )


def seasonal(rate: float, effect: float | Floats = 0.0, units: float = 4000) -> Ramp:
    """Ramp 1 -> 10 -> 50 % with season; the candidate's rate differs by `effect`."""
    return Ramp(SHARES, rate * SEASON, rate * SEASON + effect, units)


def paths(table: Table, start: float) -> Paths:
    """Score paths of all runs."""
    return score_paths(table, Start(start), Estimand.DIFFERENCE)


def ever(table: Table, ramp: Ramp, side: Side, rho: float, level: float, bar: float = 0.0) -> float:
    """Share of runs in which the evidence beyond the bar is proof at some day."""
    log = evidence(paths(table, float(ramp.baseline.mean())), -bar, side, rho)
    return float((log >= -np.log(level)).any(axis=-1).mean())


def run(table: Table, number: int) -> Table:
    """One of the runs."""
    sums = (part[number] for part in table[2:])
    return Table(table.epoch, table.share, *sums)


def state(table: Table, number: int) -> Epochs:
    """The state of one run."""
    one, scale = run(table, number), 2**20

    def sums(arm: int, day: int) -> Sums:
        events = int(one.y[arm, day])
        return Sums(int(one.n[arm, day]), events * scale, events * scale**2)

    cells = {
        Cell(int(epoch), 0, float(share)): Pair(sums(0, day), sums(1, day))
        for day, (epoch, share) in enumerate(zip(one.epoch, one.share, strict=True))
    }
    return Epochs(cells=cells)
