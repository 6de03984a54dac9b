"""Crowds: one chunk of the people of a world as rows, with names, spells and entries.

The counts of kinds are drawn once for the world and dealt to the chunks; what is not counted
is then drawn for each person. Names are tried one after the other until every band of positions
has the people it was dealt, which is the same as naming people blindly: positions come from a
hash and know nothing else.
"""

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shipcall.assign.shipcall_v1 import positions
from shipcall.world.chance.dealing import splits
from shipcall.world.chance.draws import CHUNK, Floats, Ints, chunk_sizes, generator
from shipcall.world.people.population import Population, population
from shipcall.world.truth import World

_FIRST_NAME = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """People of one chunk; every array has the shape (people,)."""

    kinds: Ints
    """Kind of each person, as an index into the flat law of the population."""
    cell: Ints
    habit: Ints
    band: Ints
    pattern: Ints
    joined: Floats
    """Hours until the person is there."""
    left: Floats
    """Hours until it is gone."""
    rate: Floats
    """Requests in a busy day."""

    def take(self, some: Ints) -> "Crowd":
        """Give some of them, by their place."""
        return Crowd(**{field.name: getattr(self, field.name)[some] for field in fields(self)})


class Entries(NamedTuple):
    """First requests of units in stages, one after the other."""

    who: Ints
    """Index into the crowd."""
    stage: Ints
    """Index into the stages."""
    hour: Floats
    """When the unit entered."""


def panel(world: World) -> Ints:
    """Count the people of each kind, as drawn for this seed; shape (kinds,)."""
    return _panel(world.model_dump_json())


@lru_cache(maxsize=8)
def _panel(text: str) -> Ints:
    world = World.model_validate_json(text)
    counts = population(world).law().draw(generator(world, "panels", "people"))
    people: Ints = counts[0].astype(np.int64)
    return people


def sizes(world: World) -> list[int]:
    """People in each chunk."""
    return chunk_sizes(population(world).count, CHUNK)


def chunks(world: World) -> int:
    """Chunks into which the people of a world are dealt."""
    return -(-population(world).count // CHUNK)


def dealt(world: World, chunk: int) -> Ints:
    """Count the people of each kind in one chunk, shape (kinds,)."""
    counts = panel(world)
    for split in splits(world, counts, sizes(world), chunk):
        counts = split.half(split.whole, split.left)
    return counts


def crowd(world: World, chunk: int) -> Crowd:
    """Draw the people of one chunk, in random order."""
    people, rng = population(world), generator(world, "people", "crowd", chunk)
    counts = dealt(world, chunk)
    kinds = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    cell, habit, band, pattern = np.unravel_index(kinds, people.shape)
    spell = _draw_spells(people, cell, habit, pattern, rng)
    return Crowd(
        kinds=kinds,
        cell=cell,
        habit=habit,
        band=band,
        pattern=pattern,
        joined=people.spells.joined[spell],
        left=people.spells.left[spell],
        rate=people.rates[habit] * people.cells.visits[cell],
    )


def _draw_spells(
    people: Population, cell: Ints, habit: Ints, pattern: Ints, rng: np.random.Generator
) -> Ints:
    spell = np.zeros(len(cell), dtype=np.int64)
    if len(people.spells.joined) == 1:
        return spell
    shape = (people.shape[0], people.shape[1], people.shape[3])
    group = np.ravel_multi_index((cell, habit, pattern), shape)
    order = np.argsort(group, kind="stable")
    found, starts = np.unique(group[order], return_index=True)
    chances: dict[float, Floats] = {}
    for one, rows in zip(found, np.split(order, starts[1:]), strict=True):
        c, h, p = np.unravel_index(one, shape)
        factor = float(people.cells.visits[c])
        if factor not in chances:
            chances[factor] = people.pattern_chances(factor)
        total = np.cumsum(people.spells.chances[:, c] * chances[factor][:, h, p])
        place = np.searchsorted(total, rng.random(len(rows)) * total[-1], side="right")
        spell[rows] = np.minimum(place, len(total) - 1)
    return spell


def units(world: World, chunk: int, band: Ints) -> pa.Array:
    """Name the people of a chunk, so that their buckets are those of their bands.

    Args:
        world: Names the salt of the buckets; without a rollout there are none.
        chunk: The chunk; it is part of every name, so that names never repeat.
        band: Band of each person.
    """
    people = population(world)
    if len(people.edges) == 1:
        return _names(chunk, np.arange(len(band)))
    salt = world.rollout.salt if world.rollout else ""
    wanted = np.bincount(band, minlength=len(people.edges))
    found: list[list[Ints]] = [[] for _ in people.edges]
    missing, tried = wanted.copy(), 0
    while missing.any():
        batch = int(np.clip(1.02 * (missing / people.widths).max() + 16, 64, CHUNK))
        names = _names(chunk, np.arange(tried, tried + batch)).to_pylist()
        at = np.searchsorted(people.edges, positions(salt, names), side="right") - 1
        for number in np.flatnonzero(missing):
            some = np.flatnonzero(at == number)[: missing[number]] + tried
            found[int(number)].append(some)
            missing[number] -= len(some)
        tried += batch
    numbers = np.empty(len(band), dtype=np.int64)
    for place, lists in enumerate(found):
        if lists:
            numbers[band == place] = np.concatenate(lists)
    return _names(chunk, numbers)


def _names(chunk: int, numbers: Ints) -> pa.Array:
    """Names such as u0003-1000017."""
    digits = pa.array(_FIRST_NAME + numbers).cast(pa.string())
    return pc.binary_join_element_wise(pa.scalar(f"u{chunk:04d}"), digits, "-")


def entries(world: World, chunk: int, who: Crowd) -> Entries:
    """Draw when each person entered each stage of its pattern.

    Requests of a person come as a Poisson process whose rate follows the clock; an entry is the
    first of them after the stage is open to the unit, given that there was one.
    """
    people, rng = population(world), generator(world, "people", "entries", chunk)
    found = []
    for number, stage in enumerate(people.stages):
        some = np.flatnonzero(people.entered[who.pattern, number])
        first = np.maximum(people.opens[who.pattern[some], number], who.joined[some])
        last = np.maximum(first, np.minimum(stage.ends, who.left[some]))
        begin = people.clock.busy(first)
        asked = who.rate[some] * (people.clock.busy(last) - begin)
        waited = -np.log1p(rng.random(len(some)) * np.expm1(-asked)) / who.rate[some]
        hour = np.clip(people.clock.when(begin + waited), first, last - 1e-9)
        found.append((some, np.full(len(some), number), hour))
    if not found:
        empty = np.zeros(0, dtype=np.int64)
        return Entries(empty, empty, np.zeros(0))
    whos, steps, hours = (np.concatenate(part) for part in zip(*found, strict=True))
    return Entries(whos, steps, hours)
