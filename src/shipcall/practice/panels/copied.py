"""Copied: live requests that both models answered, as shadow mode writes them.

given = { of = ["unsafe"], by = "language", where = { tier = "new" }, days = [0, 2], read = 40 }

`of` says what is told apart, one or several of

    unsafe        whose answer breaks a rule                    where both answered
    agreement     whether the decisions are equal               where both answered
    differences   which of the two says yes                     where they are not equal
    status        whether a run ended, failed or was lost       all requests

Requests are independent of each other, and when they came tells nothing of what became of them:
given how many there are, counts are multinomial in every slice and in every window of days. How
many there are is taken as told: in a case of this kind no state may move it.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from functools import lru_cache
from typing import Annotated, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field, model_validator

from shipcall.practice.language import Panel, Section
from shipcall.practice.laws import Floats, Stack, Tallies
from shipcall.practice.panels.copies import ANSWERED, Ints, Part, kinds_of, shape_of, tell
from shipcall.practice.panels.panel import Reading, Row, Setting, Shown
from shipcall.world.people.population import population
from shipcall.world.rollout.shadow import ENDS, TABLE, shadow_pairs_laws
from shipcall.world.truth import ARMS, World

_DAY = np.timedelta64(1, "D")


class Sought(Section):
    """What a panel tells of the copies."""

    of: Annotated[list[Part], Field(min_length=1)]
    by: str = ""
    """Trait; a line for each of its levels."""
    where: dict[str, str] = {}
    """Only these requests."""
    days: tuple[float, float] | None = None
    """Only from the one to before the other, in days since the first moment of the world."""
    read: Annotated[int, Field(ge=1)] | None = None
    """Only so many of each group, the earliest."""
    says: dict[Literal["no", "yes"], str] = {}
    """What a decision is called in this product."""
    texts: dict[Literal["baseline", "candidate"], list[str]] = {}
    """Requests to be read one by one, by the model that alone says yes."""

    @model_validator(mode="after")
    def _read_differences(self) -> "Sought":
        if self.texts and (self.of != ["differences"] or not all(self.texts.get(a) for a in ARMS)):
            raise ValueError("texts are for `of = ['differences']`, some for each of the models")
        return self


class Copied:
    """Counts of pairs of answers; every group of requests has its own line."""

    def stack(self, panel: Panel, setting: Setting) -> Stack:
        """Multinomial in every group, among as many requests as the drawn world has."""
        sought = _sought(panel)
        chances = [_chances(sought, world) for world in setting.worlds]
        return Tallies(_counts(sought, setting.drawn).sum(axis=1), np.stack(chances))

    def seen(
        self, panel: Panel, setting: Setting, stack: Stack, rng: np.random.Generator
    ) -> Floats:
        """Count the rows that lie in the workspace."""
        del stack, rng
        counted: Floats = _counts(_sought(panel), setting.drawn).ravel()
        return counted

    def shown(self, panel: Panel, seen: Floats, setting: Setting) -> Shown:
        """A line and its readings for each group, or the differences themselves to be read."""
        sought = _sought(panel)
        rows, readings = list[Row](), list[Reading]()
        counts = seen.reshape(-1, *shape_of(sought.of))
        for name, group in zip(_groups(sought, setting.drawn), counts, strict=True):
            row: dict[str, object] = {"where": name or "all", "requests": int(group.sum())}
            for place, part in enumerate(sought.of):
                others = tuple(axis for axis in range(group.ndim) if axis != place)
                told = tell(part, group.sum(axis=others), name)
                row |= told.row
                readings += told.readings
            rows.append(row)
        if sought.texts:
            rows = _one_by_one(sought, counts.sum(axis=0), setting.drawn.seed)
        return Shown(rows=rows, readings=readings, text=panel.text)


def _sought(panel: Panel) -> Sought:
    return Sought.model_validate(panel.given)


def _groups(sought: Sought, world: World) -> dict[str, dict[str, str]]:
    """Name of every group -> its requests; the nameless one is all that is asked for."""
    if not sought.by:
        return {"": sought.where}
    levels = dict.fromkeys(name[sought.by] for name in population(world).cells.names)
    return {f"{sought.by}={level}": {**sought.where, sought.by: level} for level in levels}


def _chances(sought: Sought, world: World) -> Floats:
    """Chance of each kind in each group, shape (groups, kinds); even where nobody is copied."""
    rates, kinds = _rates(world.model_dump_json()), kinds_of(sought.of)
    found, counted = population(world).cells, kinds >= 0
    lines = []
    for where in _groups(sought, world).values():
        expected = rates[found.inside(where)].sum(axis=0)
        line = np.bincount(
            kinds[counted], expected[counted], minlength=int(np.prod(shape_of(sought.of)))
        )
        lines.append(line / line.sum() if line.sum() > 0 else np.full(len(line), 1 / len(line)))
    return np.stack(lines)


@lru_cache(maxsize=128)
def _rates(text: str) -> Floats:
    """Expected requests, shape (cells, pairs of ENDS)."""
    law = shadow_pairs_laws(World.model_validate_json(text))["pairs"]
    rates: Floats = np.asarray(law.rate)  # type: ignore[attr-defined]
    return rates


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Log:
    """All copies of a world in the order of time; every array has the shape (requests,)."""

    end: Ints
    """Pair of ENDS, the baseline's slowest."""
    day: Floats
    traits: Mapping[str, NDArray[np.str_]]


def _counts(sought: Sought, world: World) -> Floats:
    """Count the rows of the file, shape (groups, kinds)."""
    log, kinds = _log(world.model_dump_json()), kinds_of(sought.of)
    inside = kinds[log.end] >= 0
    if sought.days is not None:
        inside &= (log.day >= sought.days[0]) & (log.day < sought.days[1])
    counts = []
    for where in _groups(sought, world).values():
        some = inside.copy()
        for column, level in where.items():
            some &= log.traits[column] == level
        read = kinds[log.end[np.flatnonzero(some)[: sought.read]]]
        counts.append(np.bincount(read, minlength=int(np.prod(shape_of(sought.of)))))
    return np.array(counts, dtype=np.float64)


@lru_cache(maxsize=2)
def _log(text: str) -> _Log:
    world = World.model_validate_json(text)
    table = pa.concat_tables(TABLE.rows(world, chunk) for chunk in range(TABLE.chunks(world)))
    table = table.sort_by([("at", "ascending"), ("request", "ascending")])
    before, after = (_ends(table, arm) for arm in ARMS)
    first = np.datetime64(world.start.astimezone(UTC).replace(tzinfo=None))
    return _Log(
        end=before * len(ENDS) + after,
        day=(table["at"].to_numpy() - first) / _DAY,
        traits={name: np.array(table[name].to_pylist()) for name in world.traits},
    )


def _ends(table: pa.Table, arm: str) -> Ints:
    """Place in ENDS of each answer of one model."""
    status = np.array(table[f"status_{arm}"].to_pylist())
    yes = pc.fill_null(pc.equal(table[f"decision_{arm}"], "yes"), fill_value=False).to_numpy()
    unsafe = pc.fill_null(table[f"safety_{arm}"], 0.0).to_numpy() > 0
    answered = ANSWERED + 2 * yes.astype(np.int64) + unsafe
    silent = np.where(status == "infra_error", ENDS.index("lost"), ENDS.index("failed"))
    return np.where(status == "ok", answered, silent)


def _one_by_one(sought: Sought, counts: Floats, seed: int) -> list[Row]:
    """Write out the differences in an order that tells nothing; texts come round again."""
    says = (sought.says.get("no", "no"), sought.says.get("yes", "yes"))
    texts = [itertools.cycle(sought.texts[arm]) for arm in ARMS]
    alone = np.repeat(np.arange(2), counts.astype(np.int64))
    return [
        {
            "number": number,
            "request": next(texts[who]),
            "baseline": says[int(who == 0)],
            "candidate": says[int(who == 1)],
        }
        for number, who in enumerate(np.random.default_rng(seed).permutation(alone), start=1)
    ]
