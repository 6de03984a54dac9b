"""Entered: who was exposed to what: units by arm, stage and slice, counted from the files.

given = {}                                    a row for each stage
given = { columns = ["phone", "country"] }    and one for each level of these

Every unit is counted once, at its first stage: later ones repeat how it was dealt. Readings are
the candidate's share of the units: "share" (of the first stage), "share stage=2",
"share phone=slow", and "share worst", the slice farthest from what was planned.

How many came is not told to anybody beforehand, so the law is that of the split given the total.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from shipcall.core import Estimate, Tails
from shipcall.practice.language import Panel, Section
from shipcall.practice.laws import Floats, Stack, Tallies
from shipcall.practice.panels.entries import Ints, entries, mix
from shipcall.practice.panels.panel import Reading, Row, Setting, Shown
from shipcall.stats.proportions import wilson
from shipcall.world.people.cells import Cells
from shipcall.world.people.population import population
from shipcall.world.truth import ARMS, World

_TAILS = Tails(0.025, 0.025)


class Given(Section):
    """What the panel counts."""

    columns: list[str] = []
    """Traits whose levels have a row of their own."""


class Entered:
    """Units by arm, at their first stage."""

    def stack(self, panel: Panel, setting: Setting) -> Stack:
        """One multinomial for each stage: arms times the cells that have a row of their own."""
        given = Given.model_validate(panel.given)
        counts = counted(given, setting.drawn)
        chances = [_chances(given, world) for world in setting.worlds]
        return Tallies(counts.sum(axis=(1, 2)), np.array(chances))

    def seen(
        self, panel: Panel, setting: Setting, stack: Stack, rng: np.random.Generator
    ) -> Floats:
        """Count the rows of the drawn world, shape (stages * arms * slices,)."""
        del stack, rng
        return counted(Given.model_validate(panel.given), setting.drawn).ravel()

    def shown(self, panel: Panel, seen: Floats, setting: Setting) -> Shown:
        """A row for each stage, and for each level of each column."""
        given = Given.model_validate(panel.given)
        stages = population(setting.drawn).stages
        labels, _ = _slices(given, setting.drawn)
        counts = seen.reshape(len(stages), 2, len(labels))
        rows = [
            _row(f"stage={stage.name}", table.sum(axis=1), stage.share)
            for stage, table in zip(stages, counts, strict=True)
        ]
        readings = [_reading("share", rows[0]), *(_reading(f"share {r['slice']}", r) for r in rows)]
        by_level = list(_levels(given, labels, counts, [stage.share for stage in stages]))
        readings += [_reading(f"share {row['slice']}", row) for row in by_level]
        if by_level:
            worst = max(by_level, key=_distance)
            readings.append(_reading("share worst", worst))
        return Shown(rows=rows + by_level, readings=readings, text=panel.text)


def _slices(given: Given, world: World) -> tuple[list[dict[str, str]], Ints]:
    """Combinations of the columns that are shown, and that of each cell."""
    known: Cells = population(world).cells
    own = [tuple(name[column] for column in given.columns) for name in known.names]
    kinds = list(dict.fromkeys(own))
    labels = [dict(zip(given.columns, kind, strict=True)) for kind in kinds]
    return labels, np.array([kinds.index(one) for one in own], dtype=np.int64)


def counted(given: Given, world: World) -> Floats:
    """Count the units of each stage, arm and slice at their first entry."""
    all_of = entries(world)
    labels, of = _slices(given, world)
    counts = np.zeros((len(population(world).stages), 2, len(labels)))
    some = all_of.first
    np.add.at(counts, (all_of.stage[some], all_of.arm[some], of[all_of.cell[some]]), 1.0)
    return counts


def _chances(given: Given, world: World) -> Floats:
    """Chance of each arm and slice for a unit in the file, shape (stages, arms * slices)."""
    known, (labels, of) = population(world), _slices(given, world)
    lines = []
    for stage in known.stages:
        arms = []
        for arm, share in zip(ARMS, (1 - stage.share, stage.share), strict=True):
            weight = share * mix(world, arm)
            arms.append(np.bincount(of, weight, len(labels)))
        line = np.concatenate(arms)
        lines.append(line / line.sum())
    return np.array(lines)


def _levels(
    given: Given, labels: Sequence[dict[str, str]], counts: Floats, shares: Sequence[float]
) -> Iterator[Row]:
    """Rows of all levels over all stages; what was planned there follows the units of a stage."""
    for column in given.columns:
        for level in dict.fromkeys(label[column] for label in labels):
            inside = [label[column] == level for label in labels]
            table = counts[:, :, inside].sum(axis=2)
            units = table.sum(axis=1)
            planned = float(units @ np.array(shares) / max(units.sum(), 1))
            yield _row(f"{column}={level}", table.sum(axis=0), planned)


def _row(name: str, table: Floats, planned: float) -> Row:
    units = int(table.sum())
    found = wilson(int(table[1]), units, _TAILS)
    value, low, high = (
        (found.value, found.low, found.high) if isinstance(found, Estimate) else (None, None, None)
    )
    return {
        "slice": name,
        "baseline_n": int(table[0]),
        "candidate_n": int(table[1]),
        "share": value,
        "low": low,
        "high": high,
        "planned": planned,
    }


def _reading(name: str, row: Row) -> Reading:
    """Read the candidate's share; where nobody came it may be anything."""
    whole = (0.5, 0.0, 1.0) if row["share"] is None else (row["share"], row["low"], row["high"])
    return Reading(
        name=name,
        title=f"{row['slice']}: share of the candidate",
        value=whole[0],
        low=whole[1],
        high=whole[2],
        unit="share",
    )


def _distance(row: Row) -> float:
    """How far a share is from what was planned, in units of its interval."""
    if row["share"] is None:
        return 0.0
    return float(abs(row["share"] - row["planned"]) / max(row["high"] - row["low"], 1e-9))
