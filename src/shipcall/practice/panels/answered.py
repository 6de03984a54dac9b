"""Answered: what people did after their exposure: events of n by arm, counted from the files.

given = { metric = "useful", by = "all" }            one row
given = { metric = "useful", by = "slice", columns = ["country", "usage"] }
given = { metric = "useful", by = "stage" }          a row for each stage
given = { metric = "useful", by = "age" }            stage, and days since the unit's first stage
given = { metric = "useful", by = "day" }            day by day so far, with an interval that
                                                     holds at every look

Readings are named by the metric and the row: "useful", "useful country=NZ", "useful stage=2",
"useful stage=2 age=7"; "useful worst" is the slice that looks worst, "useful peak" the day that
looked best so far, "useful always" the last day with the interval for every look.

Rows of one panel are independent given the point, so its law is a product of binomials. Several
columns are counted at once and shown apart: nothing is kept from the reader as long as at no
point the chance of an event depends on two of them together.
"""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from shipcall.core import Estimate, Tails
from shipcall.practice.language import Panel, Section
from shipcall.practice.laws import Floats, Stack, Tallies
from shipcall.practice.panels.entries import Entries, entries, event_chances, mix
from shipcall.practice.panels.panel import Reading, Row, Setting, Shown
from shipcall.stats.arms import Hits, share_by_arm
from shipcall.stats.sequential.mixtures import tuned_rho
from shipcall.world.people.population import population
from shipcall.world.truth import ARMS, World

Mask = NDArray[np.bool_]
_TAILS = Tails(0.025, 0.025)
_LEVEL = 0.05


class Given(Section):
    """What the panel counts."""

    metric: str
    by: Literal["all", "slice", "stage", "age", "day"] = "all"
    columns: list[str] = []
    """Traits that a slice is made of."""
    better: Literal["higher", "lower"] = "higher"
    """Says which slice looks worst."""
    planned: Annotated[int, Field(ge=2)] | None = None
    """Units of both arms at which the interval for every look is tightest; None: all people."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Group:
    """Entries that are counted together in each arm."""

    label: Mapping[str, str | float]
    """Column of the panel -> what stands there."""
    cells: Mask
    """Which cells belong to it."""
    entries: Mask
    """Which entries of the drawn world do."""
    ages: Mapping[float, float]
    """Days with the model -> share of its entries."""


class Answered:
    """Events of n by arm, for all or by one split."""

    def stack(self, panel: Panel, setting: Setting) -> Stack:
        """Binomials with the n of the drawn world: when people come moves with no point."""
        given = Given.model_validate(panel.given)
        found = groups(given, setting.drawn)
        counts = counted(given, setting.drawn, found)
        chances = [
            [_chance(world, given.metric, arm, one) for one in found for arm in (0, 1)]
            for world in setting.worlds
        ]
        events = np.array(chances)
        return Tallies(counts.sum(axis=2).ravel(), np.stack([events, 1 - events], axis=2))

    def seen(
        self, panel: Panel, setting: Setting, stack: Stack, rng: np.random.Generator
    ) -> Floats:
        """Count the rows of the drawn world, shape (groups * arms * (event, none),)."""
        del stack, rng
        given = Given.model_validate(panel.given)
        return counted(given, setting.drawn, groups(given, setting.drawn)).ravel()

    def shown(self, panel: Panel, seen: Floats, setting: Setting) -> Shown:
        """A row for each group with both shares and their difference."""
        given = Given.model_validate(panel.given)
        found = groups(given, setting.drawn)
        counts = seen.reshape(len(found), 2, 2)
        if given.by == "day":
            rows, readings = _course(given, found, counts, setting.drawn)
        elif given.by == "slice":
            rows, readings = _slices(given, found, counts)
        else:
            rows = [_row(one.label, table) for one, table in zip(found, counts, strict=True)]
            readings = _readings(given, rows)
        return Shown(rows=rows, readings=readings, text=panel.text)


def groups(given: Given, world: World) -> tuple[Group, ...]:
    """List what is counted apart, in the order in which it is shown; what nobody entered is out."""
    return _found(given.model_dump_json(), world.model_dump_json())


@lru_cache(maxsize=32)
def _found(given: str, world: str) -> tuple[Group, ...]:
    read = World.model_validate_json(world)
    known = _groups(Given.model_validate_json(given), read, entries(read))
    return tuple(one for one in known if one.entries.any())


def _groups(given: Given, world: World, all_of: Entries) -> Iterator[Group]:
    label: dict[str, str | float]
    every = np.ones(len(population(world).cells), dtype=bool)
    if given.by == "slice":
        for levels in _levels(given, world):
            cells = population(world).cells.inside(levels)
            yield _group(levels, cells, cells[all_of.cell], all_of)
    elif given.by == "all":
        yield _group({}, every, np.ones(len(all_of.arm), dtype=bool), all_of)
    elif given.by == "day":
        for day in np.unique(all_of.day):
            yield _group({"day": int(day) + 1}, every, all_of.day == day, all_of)
    else:
        keys = ("stage", "age") if given.by == "age" else ("stage",)
        columns = np.column_stack([getattr(all_of, key) for key in keys])
        for place in np.unique(columns, axis=0):
            values = [int(place[0]) + 1, *(int(age) for age in place[1:])]
            label = dict(zip(keys, values, strict=True))
            yield _group(label, every, (columns == place).all(axis=1), all_of)


def _levels(given: Given, world: World) -> Iterator[dict[str, str]]:
    levels = {trait.column: list(trait.levels) for trait in world.trait}
    for combination in itertools.product(*(levels[column] for column in given.columns)):
        yield dict(zip(given.columns, combination, strict=True))


def _group(label: Mapping[str, str | float], cells: Mask, some: Mask, all_of: Entries) -> Group:
    ages, times = np.unique(all_of.age[some], return_counts=True)
    shares = {float(age): float(n / times.sum()) for age, n in zip(ages, times, strict=True)}
    return Group(label=label, cells=cells, entries=some, ages=shares)


def counted(given: Given, world: World, found: Sequence[Group]) -> Floats:
    """Count events and other outcomes, shape (groups, arms, 2); what was not logged is out."""
    all_of = entries(world)
    value = all_of.values[given.metric]
    counts = [
        [
            [float((value[one.entries & (all_of.arm == arm)] == so).sum()) for so in (1, 0)]
            for arm in (0, 1)
        ]
        for one in found
    ]
    return np.array(counts)


def _chance(world: World, metric: str, arm: int, one: Group) -> float:
    """Chance of an event for a unit of a group: over its cells as far as they reach the file."""
    weight = mix(world, ARMS[arm]) * one.cells
    each = [event_chances(world, metric, arm, age) * share for age, share in one.ages.items()]
    return float(weight @ np.sum(each, axis=0) / weight.sum())


def _row(label: Mapping[str, str | float], table: Floats) -> Row:
    """Both shares and their difference with its 95 % interval; None where an arm is empty."""
    n = table.sum(axis=1)
    difference = _difference(table)
    return {
        **label,
        "baseline": float(table[0, 0] / n[0]) if n[0] else None,
        "baseline_n": int(n[0]),
        "candidate": float(table[1, 0] / n[1]) if n[1] else None,
        "candidate_n": int(n[1]),
        "difference": difference.value if difference else None,
        "low": difference.low if difference else None,
        "high": difference.high if difference else None,
    }


def _difference(table: Floats) -> Estimate | None:
    hits = [Hits(int(arm[0]), int(arm.sum())) for arm in table]
    found = share_by_arm(hits[0], hits[1], _TAILS).difference
    return found if isinstance(found, Estimate) else None


def _readings(given: Given, rows: Sequence[Row]) -> list[Reading]:
    return [
        _reading(" ".join([given.metric, *_marks(row)]), row)
        for row in rows
        if row["difference"] is not None
    ]


def _marks(row: Row) -> list[str]:
    if "slice" in row:
        return [str(row["slice"])]
    return [f"{key}={row[key]}" for key in ("stage", "age") if key in row]


def _reading(name: str, row: Row, ends: tuple[str, str] = ("low", "high")) -> Reading:
    return Reading(
        name=name,
        title=f"{name}: candidate minus baseline",
        value=row["difference"],
        low=row[ends[0]],
        high=row[ends[1]],
        unit="share",
    )


def _slices(
    given: Given, found: Sequence[Group], counts: Floats
) -> tuple[list[Row], list[Reading]]:
    """Show each column for itself, and name the slice that looks worst."""
    rows = []
    for column in given.columns:
        for level in dict.fromkeys(one.label[column] for one in found):
            inside = [one.label[column] == level for one in found]
            label = {"slice": f"{column}={level}"}
            rows.append(_row(label, counts[inside].sum(axis=0)))
    readings = _readings(given, rows)
    if readings:
        worst = min(readings, key=lambda one: _looks(given, one))
        row = next(row for row in rows if worst.name.endswith(f" {row['slice']}"))
        readings.append(_reading(f"{given.metric} worst", row))
    return rows, readings


def _looks(given: Given, one: Reading) -> float:
    """How good a slice looks: its difference in units of its interval."""
    sign = 1.0 if given.better == "higher" else -1.0
    return sign * one.value / max(one.high - one.low, 1e-9)


def _course(
    given: Given, found: Sequence[Group], counts: Floats, world: World
) -> tuple[list[Row], list[Reading]]:
    """Add up day by day, with an interval for one look and one for every look."""
    rows: list[Row] = []
    for one, table in zip(found, np.cumsum(counts, axis=0), strict=True):
        row = dict(_row(one.label, table))
        low, high = always(table, given.planned or world.people.count)
        rows.append(row | {"always_low": low, "always_high": high})
    last = rows[-1]
    if last["difference"] is None:
        return rows, []
    known = [row for row in rows if row["difference"] is not None]
    peak = max(known, key=lambda row: _looks(given, _reading(given.metric, row)))
    readings = [_reading(given.metric, last), _reading(f"{given.metric} peak", peak)]
    if last["always_low"] is not None:
        readings.append(_reading(f"{given.metric} always", last, ("always_low", "always_high")))
    return rows, readings


def always(table: Floats, planned: int) -> tuple[float | None, float | None]:
    """Bound a difference of shares at every look together, at 95 %.

    Normal mixture over the information v = 1 / SE^2 gathered so far: the sum s = v * difference
    drifts with the true difference, and

        |s - v * truth| < sqrt((v + rho) (2 log(1 / level) + log((v + rho) / rho)))

    for all looks but with chance `level`. Asymptotic: it wants some hundred units in each arm.
    Not the sequence a release is judged by, which takes every unit as it comes.

    Args:
        table: Events and other outcomes by arm, shape (2, 2).
        planned: Units of both arms at which it shall be tightest, decided beforehand.

    Returns:
        Lower and upper end; None where an arm has nothing to vary.

    References:
        Howard, Ramdas, McAuliffe & Sekhon (2021), Time-uniform, nonparametric, nonasymptotic
        confidence sequences, Ann. Statist. 49(2): the two-sided normal mixture.
    """
    n, share = table.sum(axis=1), table[:, 0] / np.maximum(table.sum(axis=1), 1)
    spread = share * (1 - share)
    if not (spread > 0).all():
        return None, None
    v = 1 / float((spread / n).sum())
    rho = tuned_rho(v * planned / float(n.sum()), _LEVEL, two_sided=True)
    radius = math.sqrt((v + rho) * (2 * math.log(1 / _LEVEL) + math.log((v + rho) / rho))) / v
    difference = float(share[1] - share[0])
    return max(difference - radius, -1.0), min(difference + radius, 1.0)
