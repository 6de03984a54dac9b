"""Weeks: how people of one beginning behave weeks later: the law of it, and the rows it is seen in.

Days of one person depend on each other, so nothing here counts days. Every person is counted once:
by how many days of a late week it was active on, or by how deep its sessions were on one late day.
Given the point, people know nothing of each other, so those counts are multinomial, and their
chances are sums over everything a person may go through: its habit, its behaviour day by day, and
the day of its exposure, which is an active day in any case.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from shipcall.practice.laws import Floats
from shipcall.world.people.behaviour import BEHAVIOURS, moves, pace, start
from shipcall.world.people.population import Population, population
from shipcall.world.people.traffic import days
from shipcall.world.tables import TABLES
from shipcall.world.truth import ARMS, World

WEEK = 7
MOST = 24
"""Requests of one day beyond which nobody is told apart."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Doings:
    """Rows of `activity`, one for each person and active day; every array has the shape (rows,)."""

    person: Ints
    """Number of the person, counted from 0."""
    day: Ints
    """Days since the first one."""
    candidate: Ints
    """1 where the candidate answered."""
    began: Ints
    """Behaviour before, as an index into BEHAVIOURS."""
    events: Ints
    sessions: Ints
    inside: NDArray[np.bool_]
    """Is the person in the slice that was asked for?"""


def doings(world: World, where: Mapping[str, str]) -> Doings:
    """Read what the file `activity` of a world holds of a slice of its people.

    Args:
        world: As it is drawn.
        where: Trait -> level; empty: everybody.

    Raises:
        KeyError: If the world has no such trait.
    """
    return _doings(world.model_dump_json(), tuple(sorted(where.items())))


@lru_cache(maxsize=4)
def _doings(text: str, where: tuple[tuple[str, str], ...]) -> Doings:
    world, rows = World.model_validate_json(text), _rows(text)
    day, arm, began = rows.texts["day"], rows.texts["arm"], rows.texts["segment"]
    inside = np.ones(len(day.codes), dtype=bool)
    for trait, level in where:
        inside &= rows.texts[trait].read(level.__eq__).astype(bool)
    return Doings(
        person=rows.texts["unit"].codes,
        day=day.read(lambda told: (date.fromisoformat(told) - world.start.date()).days),
        candidate=arm.read(ARMS.index),
        began=began.read(BEHAVIOURS.index),
        events=rows.numbers["events"],
        sessions=rows.numbers["sessions"],
        inside=inside,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Coded:
    """A column of texts: a code for each row, a text for each code."""

    codes: Ints
    texts: Sequence[str]

    def read(self, meaning: Callable[[str], Any]) -> NDArray[Any]:
        """Give each row what its text means."""
        return np.array([meaning(text) for text in self.texts])[self.codes]


class _Rows(NamedTuple):
    texts: Mapping[str, _Coded]
    numbers: Mapping[str, Ints]


@lru_cache(maxsize=2)
def _rows(text: str) -> _Rows:
    """Read all of `activity`, as it is written for this world."""
    world, drawn = World.model_validate_json(text), TABLES["activity"]
    parts = [drawn.rows(world, chunk) for chunk in range(drawn.chunks(world))]
    numbers = {
        name: np.concatenate([np.asarray(part[name], dtype=np.int64) for part in parts])
        for name in ("events", "sessions")
    }
    names = ("unit", "day", "arm", "segment", *world.traits)
    return _Rows({name: _coded([part[name] for part in parts]) for name in names}, numbers)


def _coded(parts: Sequence[Any]) -> _Coded:
    known: dict[str, int] = {}
    codes = []
    for part in parts:
        coded = part.combine_chunks().dictionary_encode()
        texts = coded.dictionary.to_pylist()
        places = np.array([known.setdefault(text, len(known)) for text in texts], dtype=np.int64)
        codes.append(places[np.asarray(coded.indices)])
    return _Coded(np.concatenate(codes), list(known))


def counted_weeks(rows: Doings, begun: Sequence[str], first: int) -> Floats:
    """Count people by the days on which they were active in a late week.

    Args:
        rows: What was seen.
        begun: Behaviours before; who began otherwise is left out.
        first: First day of the late week.

    Returns:
        Shape (behaviours before, arms, 8). Who was not active in the first seven days is left out:
        nobody knows from the file that such a person is there.
    """
    size = int(rows.person.max()) + 1
    early = np.bincount(rows.person[rows.inside & (rows.day < WEEK)], minlength=size) > 0
    late = rows.inside & (rows.day >= first) & (rows.day < first + WEEK)
    active = np.bincount(rows.person[late], minlength=size)
    began, arm = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    began[rows.person], arm[rows.person] = rows.began, rows.candidate
    counts = np.zeros((len(begun), len(ARMS), WEEK + 1))
    for place, name in enumerate(begun):
        some = early & (began == BEHAVIOURS.index(name))
        np.add.at(counts[place], (arm[some], active[some]), 1)
    return counts


def week_chances(worlds: Sequence[World], begun: Sequence[str], first: int) -> Floats:
    """Chance of each number of active days in a late week, given some activity in the first week.

    A forward sum over days: with each night the behaviour takes its step, and beside it go whether
    the person has met the rollout, whether it was seen in the first week, and its days so far.

    Args:
        worlds: World of every point; they differ in how people move, and in nothing else.
        begun: Behaviours before.
        first: First day of the late week; 7 or later.

    Returns:
        Shape (points, behaviours before, arms, 8).

    Raises:
        ValueError: If people come and go, differ in visits by trait, or are not in one stage from
            the first day to the last: this law is not theirs.
    """
    people = _plain(worlds[0])
    steps = np.stack([[moves(world, arm) for arm in ARMS] for world in worlds])
    quiet = np.stack([_quiet(world, people) for world in worlds])
    unmet = _unmet(people)
    shape = (len(worlds), len(ARMS), len(people.rates), len(begun), len(BEHAVIOURS), 2, 2, WEEK + 1)
    mass = np.zeros(shape)
    for place, name in enumerate(begun):
        mass[:, :, :, place, BEHAVIOURS.index(name), 0, 0, 0] = people.habit_chances
    for day in range(first + WEEK):
        still = quiet[:, None, :, None, :, None, None, day]
        mass = _one_day(mass, still, unmet[:, day], early=day < WEEK, late=day >= first)
        mass = np.einsum("pahsbmek,pabc->pahscmek", mass, steps)
    seen = mass[..., 1, :].sum(axis=(2, 4, 5))
    chances: Floats = np.swapaxes(seen / seen.sum(axis=-1, keepdims=True), 1, 2)
    return chances


def _one_day(mass: Floats, still: Floats, unmet: Floats, *, early: bool, late: bool) -> Floats:
    """Let a day go by, before the night; axes as in `week_chances`."""
    stays = unmet[:, None, None, None, None]
    silent, active = np.empty_like(mass), np.empty_like(mass)
    new, old = mass[..., 0, :, :], mass[..., 1, :, :]
    silent[..., 0, :, :] = new * stays * still
    silent[..., 1, :, :] = old * still
    active[..., 0, :, :] = new * stays * (1 - still)
    active[..., 1, :, :] = old * (1 - still) + new * (1 - stays)
    if early:
        active[..., 1, :] += active[..., 0, :]
        active[..., 0, :] = 0.0
    if late:
        active = np.roll(active, 1, axis=-1)
    total: Floats = silent + active
    return total


def counted_depths(rows: Doings, day: int) -> Floats:
    """Count people of one day by requests and sessions, shape (arms, patterns); see `DEPTHS`."""
    some = rows.inside & (rows.day == day)
    events = np.minimum(rows.events[some], MOST)
    sessions = np.minimum(rows.sessions[some], events)
    counts = np.zeros((len(ARMS), MOST, MOST))
    np.add.at(counts, (rows.candidate[some], events - 1, sessions - 1), 1)
    return counts[:, *np.tril_indices(MOST)]


_EVENTS, _SESSIONS = (place + 1 for place in np.tril_indices(MOST))
DEPTHS: Floats = _EVENTS / _SESSIONS
"""Requests in the mean session of a day, for each pattern of requests and sessions."""


def depth_chances(worlds: Sequence[World], day: int) -> Floats:
    """Chance of each pattern of requests and sessions, given that a person is active that day.

    Args:
        worlds: World of every point.
        day: Days since the first one.

    Returns:
        Shape (points, arms, patterns), as `counted_depths` counts them.

    Raises:
        ValueError: As `week_chances`.
    """
    people = _plain(worlds[0])
    unmet = _unmet(people)
    enters = np.prod(unmet[:, :day], axis=1) * (1 - unmet[:, day])
    found = np.empty((len(worlds), len(ARMS), MOST))
    for place, world in enumerate(worlds):
        rates = -np.log(_quiet(world, people)[:, :, day])
        each = np.exp(special.xlogy(np.arange(MOST + 1), rates[..., None]) - rates[..., None])
        each /= special.factorial(np.arange(MOST + 1))
        each[..., MOST] += 1 - each.sum(axis=-1)
        each[..., 1] += each[..., 0] * enters[:, None]
        for arm, name in enumerate(ARMS):
            now = start(world) @ np.linalg.matrix_power(moves(world, name), day)
            found[place, arm] = np.einsum("h,b,hbe->e", people.habit_chances, now, each)[1:]
    found /= found.sum(axis=-1, keepdims=True)
    chances: Floats = found[..., _EVENTS - 1] * _split(worlds[0].people.session)
    return chances


def _split(session: float) -> Floats:
    """Chance of so many sessions among so many requests, for each pattern."""
    more, chance = _EVENTS - 1, 1 / max(session, 1.0)
    ways = special.binom(more, _SESSIONS - 1)
    found: Floats = ways * chance ** (_SESSIONS - 1.0) * (1 - chance) ** (_EVENTS - _SESSIONS * 1.0)
    return found


def _plain(world: World) -> Population:
    people = population(world)
    whole = len(people.stages) == 1 and people.stages[0].starts == 0
    if not whole or people.stages[0].ends < 24 * days(world):
        raise ValueError("weeks are counted where one stage lasts from the first day to the last")
    if len(people.spells.joined) > 1 or np.ptp(people.cells.visits) > 0:
        raise ValueError("weeks are counted where nobody comes or goes, and all traits visit alike")
    return people


def _busy(people: Population) -> Floats:
    """Busy days in each day."""
    return np.diff(people.clock.busy(np.arange(0, people.clock.hours + 1, 24)))


def _quiet(world: World, people: Population) -> Floats:
    """Chance of a day without a request of its own, (habits, behaviours, days)."""
    found: Floats = np.exp(-people.rates[:, None, None] * pace(world)[:, None] * _busy(people))
    return found


def _unmet(people: Population) -> Floats:
    """Chance not to meet the rollout on a day, (habits, days)."""
    found: Floats = np.exp(-people.rates[:, None] * _busy(people))
    return found
