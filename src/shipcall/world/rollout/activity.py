"""activity: who was active on which day, how much, and with which behaviour it had begun.

Rows are drawn person by person, because the days of one person depend on each other. A person
makes requests as a Poisson process at the rate of its habit, cell and behaviour of the day; a day
on which it entered a stage is an active day in any case. `segment` is the behaviour of the first
day: what the file shows of later behaviour is how much people do.

The panel counts active people by day, model and segment. Each of its lines has exactly the stated
law; lines of one world are not independent, so a likelihood is that of one line.
"""

from datetime import UTC

import numpy as np
import pyarrow as pa

from shipcall.formats import FORMATS
from shipcall.world.chance.draws import CHUNK, Floats, Ints, Rng, Table, generator
from shipcall.world.chance.laws import Law, Multinomial
from shipcall.world.chance.names import chosen, ordered
from shipcall.world.people import crowd
from shipcall.world.people.behaviour import BEHAVIOURS, moves, pace, served, shares, start
from shipcall.world.people.cells import Fact, fact
from shipcall.world.people.population import Population, population
from shipcall.world.people.traffic import days
from shipcall.world.truth import ARMS, World

NAME = "activity"

_PERSON_DAYS = 1_000_000
"""Most people times days that are held at once."""


def activity_laws(world: World) -> dict[str, Law]:
    """Give the law of "activity": active people of each day, shape (days, kinds).

    Kinds are the segments under the baseline, those under the candidate, and not active.
    """
    people = population(world)
    active = _active_chances(world).reshape(days(world), -1)
    chances = np.column_stack([active, 1 - active.sum(axis=1)])
    return {"activity": Multinomial(np.full(len(chances), people.count), chances)}


def _active_chances(world: World) -> Floats:
    """Chance to be active with each model and segment, (days, arms, segments)."""
    people, first, speed = population(world), start(world), pace(world)
    found = np.zeros((days(world), len(ARMS), len(BEHAVIOURS)))
    arms = served(world)
    there = _there(people, days(world))
    asked = np.diff(people.clock.busy(24 * np.arange(days(world) + 1)))
    for factor in np.unique(people.cells.visits):
        same = people.cells.visits == factor
        chances = people.pattern_chances(float(factor)) * people.habit_chances[:, None]
        chances *= people.spells.chances[:, same].sum(axis=1)[:, None, None]
        quiet = np.exp(-factor * people.rates[:, None, None] * speed[:, None] * asked)
        for band, pattern in np.ndindex(*arms.shape[:2]):
            path = arms[band, pattern]
            still = np.einsum("dab,hbd->had", shares(world, path), quiet)
            still = still * _no_entry(people, pattern, float(factor), days(world))[:, :, None]
            weight = chances[:, :, pattern] * people.widths[band]
            active = np.einsum("sh,shad,sd->da", weight, 1 - still, there) * first
            found[np.arange(len(path)), path] += active
    return found


def _there(people: Population, last: int) -> Floats:
    """1.0 where a spell covers a day, (spells, days)."""
    day = 24.0 * np.arange(last)
    spells = people.spells
    covered = (spells.joined[:, None] <= day) & (day < spells.left[:, None])
    return covered.astype(np.float64)


def _no_entry(people: Population, pattern: int, factor: float, last: int) -> Floats:
    """Chance that no entry of a pattern falls on a day, (spells, habits, days)."""
    rate = factor * people.rates[:, None]
    midnights = people.clock.busy(24 * np.arange(last + 1))
    chance = np.ones((len(people.spells.joined), len(people.rates), last))
    for stage in np.flatnonzero(people.entered[pattern]):
        first, end = people.busy(pattern, int(stage))[:, :, None]
        waited = np.clip(midnights, first, end) - first
        gone = np.exp(-rate * waited[:, None, :])
        ever = -np.expm1(-rate * (end - first)[:, None, :])
        within = np.divide(gone[..., :-1] - gone[..., 1:], ever, where=ever > 0, out=0 * chance)
        chance *= 1 - within
    return chance


def activity_truth(world: World) -> list[Fact]:
    """State the share of each behaviour on the last day, and the requests a day that follow.

    As if one model had answered everybody on all days: a step a night, from the first to the
    last, over the people of the first day. `requests` is before the rhythm of the week.
    """
    last = days(world)
    ends = [start(world) @ np.linalg.matrix_power(moves(world, arm), last - 1) for arm in ARMS]
    facts = [
        fact(NAME, f"share_{name}", "all", float(ends[0][n]), float(ends[1][n]))
        for n, name in enumerate(BEHAVIOURS)
    ]
    requests = [world.people.visits * float(end @ pace(world)) for end in ends]
    return [one | {"day": last - 1} for one in (*facts, fact(NAME, "requests", "all", *requests))]


def chunks(world: World) -> int:
    """Chunks of the table: several for each chunk of people, so that all days of each fit."""
    return crowd.chunks(world) * _parts(world)


def _parts(world: World) -> int:
    most = min(CHUNK, population(world).count)
    return -(-most // max(1, _PERSON_DAYS // days(world)))


def rows(world: World, chunk: int) -> pa.Table:
    """Rows of some people, day by day."""
    block, part = divmod(chunk, _parts(world))
    everybody = crowd.crowd(world, block)
    some = np.array_split(np.arange(len(everybody.kinds)), _parts(world))[part]
    who = everybody.take(some)
    arms = served(world)[who.band, who.pattern]
    rng = generator(world, NAME, chunk)
    begun = rng.choice(len(BEHAVIOURS), len(some), p=start(world))
    events = _requests(world, who, begun, arms, rng)
    events = np.maximum(events, _entry_days(world, block, everybody)[some])
    day, person = np.nonzero(events.T)
    count = events[person, day]
    sessions = 1 + rng.binomial(count - 1, 1 / max(world.people.session, 1.0))
    first = np.datetime64(world.start.astimezone(UTC).date())
    names = crowd.units(world, block, everybody.band).take(pa.array(some))
    columns = {
        "unit": names.take(pa.array(person)),
        "day": chosen([str(first + number) for number in range(days(world))], day),
        "arm": chosen(ARMS, arms[person, day]),
        "sessions": pa.array(sessions),
        "depth": pa.array(count / sessions),
        "events": pa.array(count),
        "segment": chosen(BEHAVIOURS, begun[person]),
    }
    return ordered(FORMATS[NAME], columns | population(world).cells.texts(who.cell[person]))


def _entry_days(world: World, block: int, everybody: crowd.Crowd) -> Ints:
    """1 on the days on which a person entered a stage, (people, days)."""
    entries = crowd.entries(world, block, everybody)
    entered = np.zeros((len(everybody.kinds), days(world)), dtype=np.int64)
    entered[entries.who, (entries.hour // 24).astype(np.int64)] = 1
    return entered


def _requests(world: World, who: crowd.Crowd, begun: Ints, arms: Ints, rng: Rng) -> Ints:
    """Draw requests, and on the way the behaviours, (people, days)."""
    last, speed, now = days(world), pace(world), begun
    asked = np.diff(population(world).clock.busy(24 * np.arange(last + 1)))
    nights = np.cumsum(np.stack([moves(world, arm) for arm in ARMS]), axis=2)
    events = np.empty((len(begun), last), dtype=np.int64)
    for day in range(last):
        there = (who.joined <= 24 * day) & (24 * day < who.left)
        events[:, day] = rng.poisson(who.rate * speed[now] * asked[day] * there)
        place = rng.random(len(now))[:, None] >= nights[arms[:, day], now][:, :-1]
        now = place.sum(axis=1)
    return events


TABLE = Table(
    format=NAME,
    asked=lambda world: world.migration is not None,
    chunks=chunks,
    rows=rows,
)
