"""Sense: what a world says that cannot be, although each of its keys is in order."""

import difflib
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from shipcall.formats import FORMATS
from shipcall.world.faults.catalogue import FAULTS
from shipcall.world.people.cells import MOST_CELLS
from shipcall.world.people.traffic import days
from shipcall.world.tables import TABLES, asked
from shipcall.world.truth import Fault, Where, World


class Remark(NamedTuple):
    """Something that makes no sense."""

    code: str
    place: tuple[str | int, ...]
    """Path of the key."""
    seen: str
    expected: str
    fix: str
    leans: frozenset[str] = frozenset()
    """Sections that have to be read well for this to be so."""


def remarks(world: World) -> Iterator[Remark]:
    """Say everything that makes no sense in a world."""
    yield from _traits(world)
    yield from _slices(world)
    yield from _names(world)
    yield from _written(world)
    for number, fault in enumerate(world.fault):
        yield from _fault(world, number, fault)


def meant(word: str, known: Collection[str], otherwise: str) -> str:
    """A fix: the nearest known word if there is one, else what to do instead."""
    close = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.65)
    return f"did you mean {close[0]!r}?" if close else otherwise


def _traits(world: World) -> Iterator[Remark]:
    taken = {column for form in FORMATS.values() for column in form.names}
    cells = 1
    for number, trait in enumerate(world.trait):
        cells *= len(trait.levels)
        place = ("trait", number, "column")
        if trait.column in taken:
            yield Remark(
                "E417",
                place,
                f"a trait {trait.column!r}",
                "a name that no column of the evidence has",
                f"call it {trait.column + '_group'!r}",
            )
        taken.add(trait.column)
        for key, by_level in _by_level(world, number).items():
            for level in by_level.keys() - trait.levels.keys():
                at = ("trait", number, key, level)
                yield _unknown("E415", at, level, trait.levels, "level", "trait")
    if cells > MOST_CELLS:
        seen = f"{cells:,} combinations of levels"
        yield Remark("E417", ("trait", 0), seen, f"at most {MOST_CELLS:,}", "leave out a trait")


def _by_level(world: World, number: int) -> Mapping[str, Mapping[str, float]]:
    trait = world.trait[number]
    return {"visits": trait.visits, "growth": trait.growth, "odds": trait.odds}


def _slices(world: World) -> Iterator[Remark]:
    for number, effect in enumerate(world.effect):
        yield from _slice(world, ("effect", number, "where"), effect.where)
    for number, fault in enumerate(world.fault):
        yield from _slice(world, ("fault", number, "where"), fault.where)
    if world.shadow:
        yield from _slice(world, ("shadow", "skipped"), world.shadow.skipped)


def _slice(world: World, place: tuple[str | int, ...], where: Where) -> Iterator[Remark]:
    levels = {trait.column: trait.levels for trait in world.trait}
    for column, level in where.items():
        at = (*place, column)
        if column not in levels:
            yield _unknown("E415", at, column, levels, "trait", "trait")
        elif level not in levels[column]:
            yield _unknown("E415", at, level, levels[column], f"level of {column}", "trait")


def _names(world: World) -> Iterator[Remark]:
    names = [outcome.name for outcome in world.outcome]
    for number, name in enumerate(names):
        if name in names[:number]:
            yield Remark(
                "E417",
                ("outcome", number, "name"),
                f"a second outcome {name!r}",
                "one section for each outcome",
                "give one of them another name",
            )
    for number, effect in enumerate(world.effect):
        if effect.outcome is not None and effect.outcome not in names:
            at = ("effect", number, "outcome")
            yield _unknown("E414", at, effect.outcome, names, "outcome", "outcome")
    if world.link and world.link.outcome not in names:
        word = world.link.outcome
        yield _unknown("E414", ("link", "outcome"), word, names, "outcome", "outcome")
    noisy = world.labels.noisy
    if noisy is not None and noisy not in world.labels.sources:
        sources = world.labels.sources
        yield _unknown("E414", ("labels", "noisy"), noisy, sources, "source", "labels")


def _written(world: World) -> Iterator[Remark]:
    able = {name for name, table in TABLES.items() if table.asked(world)}
    for number, name in enumerate(world.write):
        place = ("write", number)
        if name not in TABLES:
            yield _unknown("E414", place, name, TABLES, "table")
        elif name not in able:
            yield Remark(
                "E417",
                place,
                f"the table {name!r}",
                f"a table that this world draws: {_listed(able)}",
                "add the section it is drawn from, or take it out",
                frozenset(World.model_fields) - {"name", "seed"},
            )


def _fault(world: World, number: int, fault: Fault) -> Iterator[Remark]:
    place = ("fault", number, "kind")
    if fault.kind not in FAULTS:
        yield _unknown("E414", place, fault.kind, FAULTS, "kind of fault")
        return
    kind, drawn = FAULTS[fault.kind], set(asked(world))
    if kind.tables and drawn.isdisjoint(kind.tables):
        yield Remark(
            "E416",
            place,
            f"{fault.kind!r} in a world that draws {_listed(drawn)}",
            f"a world that draws {' or '.join(kind.tables)}",
            "add the section they are drawn from, or take the fault out",
            frozenset(World.model_fields) - {"name", "seed"},
        )
    needed = _needed(world, fault)
    if needed:
        yield Remark(
            "E416",
            place,
            f"{fault.kind!r} without {needed}",
            f"a world with {needed}",
            f"give it {needed}, or take the fault out",
            frozenset({"stream", "trait", "items"}),
        )
    if fault.day >= days(world):
        yield Remark(
            "E416",
            ("fault", number, "day"),
            f"a fault from day {fault.day:g} on, in a world of {days(world)} days",
            "a day that is in the world",
            "let it begin earlier, or make the world longer",
            frozenset({"rollout", "shadow", "days"}),
        )


def _needed(world: World, fault: Fault) -> str:
    """Say what a fault needs and the world lacks; nothing if it lacks nothing."""
    if fault.kind == "traffic_mix" and not (world.trait or fault.where):
        return "a trait"
    if fault.kind == "lost_epoch" and world.items and world.items.repeats == 1:
        return "items.repeats above 1"
    if fault.kind == "other_content" and world.items and not world.items.hashed:
        return "items.hashed"
    if world.stream and fault.kind == "feedback_loop" and not world.stream.exploration:
        return "stream.exploration above 0"
    if world.stream and fault.kind == "benign_covariate" and not world.stream.idle:
        return "stream.idle above 0"
    return ""


def _unknown(
    code: str,
    place: tuple[str | int, ...],
    word: str,
    known: Collection[str],
    what: str,
    *leans: str,
) -> Remark:
    fix = meant(word, known, "take one of those")
    expected = f"a known {what}: {_listed(known)}"
    return Remark(code, place, f"{what} {word!r}", expected, fix, frozenset(leans))


def _listed(names: Collection[str]) -> str:
    return ", ".join(sorted(names)) or "none"
