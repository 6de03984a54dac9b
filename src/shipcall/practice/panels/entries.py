"""Entries: what the rollout files of a world hold, one entry for each exposure.

An entry is a unit that meets a stage, joined with its outcomes as a reader of the files joins
them: an outcome belongs to the last exposure of its unit before it, and only within its window.
Counted from the rows themselves, so that a panel never differs from the files, whatever was lost
on the way.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from shipcall.practice.laws import Floats
from shipcall.world.faults.spoils import spoiled
from shipcall.world.people.population import population
from shipcall.world.rollout.responses import State, responses
from shipcall.world.tables import TABLES
from shipcall.world.truth import ARMS, ArmName, World

Ints = NDArray[np.int64]
_HOUR = 3_600_000_000
_BLEEDS = 0.2
"""Share of the candidate's exposures that the strongest `bleed` loses."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Entries:
    """All exposures of a world; every array has the shape (entries,)."""

    arm: Ints
    """0 baseline, 1 candidate."""
    stage: Ints
    """Index into the stages."""
    age: Floats
    """Days from the start of the stage of the unit's first entry to that of this one."""
    day: Ints
    """Days from the start of the world to the entry."""
    cell: Ints
    """Index into the cells of the world."""
    first: NDArray[np.bool_]
    """Is it the unit's first entry of all?"""
    values: Mapping[str, Floats]
    """Metric -> what followed; NaN where nothing was logged."""


def entries(world: World) -> Entries:
    """Count up the files of a world; the same world is read once.

    Raises:
        ValueError: If the world has no rollout.
    """
    return _entries(world.model_dump_json())


@lru_cache(maxsize=4)
def _entries(text: str) -> Entries:
    world = World.model_validate_json(text)
    shown = rows(world, "exposures")
    unit, names = _codes(shown["unit"])
    at = _micros(shown["at"])
    order = np.lexsort((at, unit))
    shown, unit, at = shown.take(pa.array(order)), unit[order], at[order]
    stage = _places(shown["stage"], pa.array([step.name for step in population(world).stages]))
    starts = np.array([step.starts for step in population(world).stages])
    first = np.append([True], unit[1:] != unit[:-1])
    origin = starts[stage[np.flatnonzero(first)]][np.cumsum(first) - 1]
    return Entries(
        arm=_places(shown["arm"], pa.array(ARMS)),
        stage=stage,
        age=(starts[stage] - origin) / 24,
        day=(at - round(world.start.timestamp() * 1_000_000)) // (24 * _HOUR),
        cell=_cells(world, shown),
        first=first,
        values=_values(world, names, unit, at),
    )


def rows(world: World, table: str) -> pa.Table:
    """Give the rows of one table as they stand in its file.

    Raises:
        ValueError: If the world does not write it.
    """
    drawn = TABLES[table]
    if not drawn.asked(world):
        raise ValueError(f"the world {world.name!r} has no rollout: there is no table {table!r}")
    return pa.concat_tables(
        spoiled(world, table, chunk, drawn.rows(world, chunk))
        for chunk in range(drawn.chunks(world))
    )


def _values(world: World, names: pa.Array, unit: Ints, at: Ints) -> dict[str, Floats]:
    """Hang every outcome on the last entry of its unit before it, if its window is still open."""
    values = {one.name: np.full(len(unit), np.nan) for one in world.outcome}
    if not world.outcome:
        return values
    logged = rows(world, "outcomes")
    whose = _places(logged["unit"], names)
    when = _micros(logged["at"])
    place = _last_before(unit, at, whose, when)
    waited = np.where(place >= 0, when - at[place], np.iinfo(np.int64).max)
    metric, number = logged["metric"].to_numpy(), logged["value"].to_numpy()
    for one in world.outcome:
        some = (metric == one.name) & (waited <= round(one.window_hours * _HOUR))
        values[one.name][place[some]] = number[some]
    return values


def _last_before(unit: Ints, at: Ints, whose: Ints, when: Ints) -> Ints:
    """Place of the last entry of `whose` at or before `when`; -1 where there is none."""
    span = int(max(at.max(), when.max())) - int(min(at.min(), when.min())) + 1
    low = min(at.min(), when.min())
    place = np.searchsorted(unit * span + (at - low), whose * span + (when - low), side="right") - 1
    owned = (place >= 0) & (whose >= 0) & (unit[np.maximum(place, 0)] == whose)
    return np.where(owned, place, -1)


def _codes(column: pa.ChunkedArray) -> tuple[Ints, pa.Array]:
    coded = column.combine_chunks().dictionary_encode()
    return coded.indices.to_numpy().astype(np.int64), coded.dictionary


def _places(column: pa.ChunkedArray, known: pa.Array) -> Ints:
    """Place of each text among the known ones, -1 where it is none of them."""
    found = pc.fill_null(pc.index_in(column, value_set=known), -1)
    return np.asarray(found.to_numpy(), dtype=np.int64)


def _micros(column: pa.ChunkedArray) -> Ints:
    return np.asarray(column.cast(pa.int64()).to_numpy(), dtype=np.int64)


def _cells(world: World, shown: pa.Table) -> Ints:
    """Place of every row's combination of levels, in the order of the cells of the world."""
    place = np.zeros(len(shown), dtype=np.int64)
    for trait in world.trait:
        place = place * len(trait.levels) + _places(
            shown[trait.column], pa.array(list(trait.levels))
        )
    return place


def event_chances(world: World, metric: str, arm: int, age: float) -> Floats:
    """Chance of an outcome in every cell, for a unit that has had its model for so many days.

    Args:
        world: Its outcome does not differ by habit: who enters again would not be like the rest.
        metric: Name of the outcome, a proportion.
        arm: 0 baseline, 1 candidate.
        age: Days since the start of the stage in which the unit first met the candidate.

    Returns:
        Shape (cells,).

    Raises:
        ValueError: If there is no such outcome, or its rows are not independent.
    """
    return _event_chances(world.model_dump_json(), metric, arm, float(age))


@lru_cache(maxsize=4_096)
def _event_chances(text: str, metric: str, arm: int, age: float) -> Floats:
    world = World.model_validate_json(text)
    outcome = {one.name: one for one in world.outcome}.get(metric)
    if outcome is None or outcome.kind != "proportion" or outcome.habit or outcome.carry_over:
        raise ValueError(
            f"a panel counts events of independent units, so {metric!r} has to be an outcome of "
            "this world, a proportion, with habit = 0 and carry_over = 0"
        )
    shares = {stage.share for stage in population(world).stages}
    if (outcome.novelty or outcome.fatigue) and len(shares) > 1:
        raise ValueError(
            f"{metric!r} changes with the time since exposure, so all stages need one share: "
            "else who stands there for how long depends on the model"
        )
    served = State(0, arm, age if arm else 0.0, met=bool(arm))
    chances = responses(world, outcome, served)
    return np.asarray(chances[:, 0])


def mix(world: World, arm: ArmName) -> Floats:
    """What each cell weighs among the exposures of one model that reach the file, (cells,).

    Raises:
        ValueError: If people of some cells come more often than others, or a fault begins later
            than the world: the mix would change with the stage or the day.
    """
    known = population(world).cells
    weights = known.weights
    if np.ptp(known.visits) > 0 or np.ptp(known.growth) > 0:
        raise ValueError("a panel of exposures wants traits without `visits` and `growth`")
    for fault in world.fault:
        if fault.kind != "bleed":
            continue
        if fault.day:
            raise ValueError("a fault of exposures has to begin on day 0")
        if arm == "candidate":
            gone = _BLEEDS * fault.severity * fault.share * known.inside(fault.where)
            weights = weights * (1 - gone)
    return weights
