"""outcomes: what each unit did in the window after it entered a stage.

One row per entry (unit and stage, as in `exposures`) and metric: one unit, one increment. The
window of every outcome begins with the entry; because entries wait until the windows of earlier
stages are over, windows of one unit never overlap and its model never changes within one. An
event is logged when it happens, evenly in the window; "nothing happened" and means are logged
when the window closes. What is lost has no row.

Panels are counted by group: state (stage, model, days with it), cell and habit. They are given
the people of the world: `outcomes_laws` takes the panel of people, or uses that of the seed.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from shipcall.formats import FORMATS
from shipcall.world.chance.dealing import split_kinds, splits
from shipcall.world.chance.draws import Floats, Ints, Rng, Table, generator
from shipcall.world.chance.laws import Law, Multinomial, Normal, Panels, draw
from shipcall.world.chance.names import chosen, ordered
from shipcall.world.people import crowd
from shipcall.world.people.population import population
from shipcall.world.people.traffic import moments
from shipcall.world.rollout.exposures import TIME
from shipcall.world.rollout.responses import responses, states
from shipcall.world.truth import ARMS, Outcome, World

NAME = "outcomes"
KINDS = ("none", "event", "lost")
"""What can be known of an outcome; a mean has values instead of events."""


class Group(NamedTuple):
    """Where a panel of means is counted."""

    stage: str
    arm: str
    cell: int


def group_index(world: World) -> Ints:
    """Give the group of each kind of person at each stage, -1 for no entry: (stages, kinds)."""
    return _group_index(world.model_dump_json())


@lru_cache(maxsize=2)
def _group_index(text: str) -> Ints:
    world = World.model_validate_json(text)
    people = population(world)
    of = states(world).of[:, None, None, :, :]
    cells, habits = people.shape[:2]
    base = np.arange(cells * habits).reshape(cells, habits, 1, 1)
    whole = np.where(of < 0, -1, of * cells * habits + base)
    return whole.reshape(len(people.stages), -1)


def groups(world: World, people: Ints) -> Ints:
    """Count the entries of each group, (groups,), from the people of each kind, (kinds,)."""
    count = len(states(world).states) * int(np.prod(population(world).shape[:2]))
    total = np.zeros(count, dtype=np.int64)
    for index in group_index(world):
        some = index >= 0
        total += np.bincount(index[some], people[some], count).astype(np.int64)
    return total


def group_chances(world: World, outcome: Outcome) -> Floats:
    """Chance of each of KINDS in each group, (groups, 3)."""
    if outcome.kind == "mean":
        event = np.zeros(len(_values(world, outcome)))
    else:
        event = _values(world, outcome)
    logged = 1 - outcome.lost
    return np.stack([(1 - event) * logged, event * logged, 0 * event + outcome.lost], axis=1)


def _values(world: World, outcome: Outcome) -> Floats:
    """Probability or mean of every group, (groups,)."""
    every = [responses(world, outcome, state).ravel() for state in states(world).states]
    return np.concatenate(every)


def outcomes_laws(world: World, people: Floats | None = None) -> dict[str, Law]:
    """Give the laws of all outcomes, given how many people of each kind there are.

    Args:
        world: A world with a rollout.
        people: The panel "people" of `exposures_laws`; None: that of the seed.

    Returns:
        For every outcome `NAME`: counts of KINDS in each group, shape (groups, 3); for a mean
        also `NAME.mean`: means of the logged values, shape (len(mean_groups),), with the number
        of logged values at its expectation.
    """
    entered = groups(world, _counts(world, people))
    laws: dict[str, Law] = {}
    for outcome in world.outcome:
        laws[outcome.name] = Multinomial(entered, group_chances(world, outcome))
        if outcome.kind == "mean" and outcome.spread and outcome.lost < 1:
            laws[f"{outcome.name}.mean"] = _mean_law(world, outcome, entered)
    return laws


def mean_groups(world: World, people: Floats | None = None) -> list[Group]:
    """Name the places of the panel of a mean: stages, models and cells that somebody entered."""
    entered = by_entry(world, groups(world, _counts(world, people)))
    names = [step.name for step in population(world).stages]
    return [Group(names[s], ARMS[a], int(c)) for s, a, c in np.argwhere(entered > 0)]


def _counts(world: World, people: Floats | None) -> Ints:
    return crowd.panel(world) if people is None else np.asarray(people, dtype=np.int64).ravel()


def by_entry(world: World, counts: Floats | Ints) -> Floats:
    """Add up groups to stages, models and cells: (groups, ...) to (stages, arms, cells, ...)."""
    people, known = population(world), states(world).states
    cells, habits = people.shape[:2]
    parts = np.asarray(counts).reshape(len(known), cells, habits, *np.shape(counts)[1:]).sum(2)
    total = np.zeros((len(people.stages), 2, *parts.shape[1:]))
    for state, part in zip(known, parts, strict=True):
        total[state.stage, state.arm] += part
    return total


def _mean_law(world: World, outcome: Outcome, entered: Ints) -> Normal:
    values = _values(world, outcome)
    count, first, second = (
        by_entry(world, part)
        for part in (entered, entered * values, entered * (values**2 + outcome.spread**2))
    )
    some = count > 0
    mean = first[some] / count[some]
    variance = second[some] / count[some] - mean**2
    return Normal(mean, np.sqrt(variance / (count[some] * (1 - outcome.lost))))


class _Part(NamedTuple):
    """Rows of one outcome."""

    entry: Ints
    metric: Ints
    hour: Floats
    value: Floats


def rows(world: World, chunk: int) -> pa.Table:
    """Rows of one chunk of people, in the order of time; none is later than its window closes."""
    who = crowd.crowd(world, chunk)
    entries = crowd.entries(world, chunk, who)
    group = group_index(world)[entries.stage, who.kinds[entries.who]]
    unit = crowd.units(world, chunk, who.band).take(pa.array(entries.who))
    counts = _dealt(world, chunk)
    parts = [
        _part(world, number, group, counts[outcome.name], chunk)
        for number, outcome in enumerate(world.outcome)
    ]
    entry, metric, waited, value = (np.concatenate(part) for part in zip(*parts, strict=True))
    hour = entries.hour[entry] + waited
    order = np.argsort(hour, kind="stable")
    window = np.array([round(one.window_hours * 3.6e9) for one in world.outcome])[metric]
    closes = moments(world, entries.hour[entry]) + window
    at = np.minimum(moments(world, hour), closes)[order]
    return ordered(
        FORMATS[NAME],
        {
            "unit": unit.take(pa.array(entry[order])),
            "metric": chosen([outcome.name for outcome in world.outcome], metric[order]),
            "value": pa.array(value[order]),
            "at": pa.array(at).cast(TIME),
        },
    )


def _part(world: World, number: int, group: Ints, counts: Ints, chunk: int) -> _Part:
    """Draw one outcome for every entry of a chunk; `hour` counts from the entry."""
    outcome = world.outcome[number]
    rng = generator(world, "outcomes", outcome.name, chunk)
    kind = _kinds(group, counts, rng)
    logged = np.flatnonzero(kind < KINDS.index("lost"))
    happened = kind[logged] == KINDS.index("event")
    waited = outcome.window_hours * np.where(happened, rng.random(len(logged)), 1.0)
    value = happened.astype(np.float64)
    if outcome.kind == "mean":
        value = _gamma(_values(world, outcome)[group[logged]], outcome.spread, rng)
    return _Part(logged, np.full(len(logged), number), waited, value)


def _dealt(world: World, chunk: int) -> dict[str, Ints]:
    """Counts of KINDS in the groups of one chunk, for every outcome."""
    drawn = _panels(world.model_dump_json())
    counts = {outcome.name: drawn[outcome.name].astype(np.int64) for outcome in world.outcome}
    for split in splits(world, crowd.panel(world), crowd.sizes(world), chunk):
        whole, left = groups(world, split.whole), groups(world, split.left)
        for name, kinds in counts.items():
            rng = generator(world, "outcomes", name, "split", *split.name)
            counts[name] = split.half(kinds, split_kinds(kinds, whole, left, rng))
    return counts


@lru_cache(maxsize=2)
def _panels(text: str) -> Panels:
    world = World.model_validate_json(text)
    return draw(outcomes_laws(world), generator(world, "panels", NAME))


def _kinds(group: Ints, counts: Ints, rng: Rng) -> Ints:
    """Give each row one of KINDS, so that every group has its counts."""
    shuffled = rng.permutation(len(group))
    order = shuffled[np.argsort(group[shuffled], kind="stable")]
    kind = np.empty(len(group), dtype=np.int64)
    kind[order] = np.repeat(np.tile(np.arange(len(KINDS)), len(counts)), counts.ravel())
    return kind


def _gamma(mean: Floats, spread: float, rng: Rng) -> Floats:
    """Draw values with these means and one standard deviation; a mean of 0 gives zeros."""
    if not spread:
        return mean
    scale = np.divide(spread**2, mean, out=np.zeros_like(mean), where=mean > 0)
    drawn: Floats = rng.standard_gamma((mean / spread) ** 2) * scale
    return drawn


TABLE = Table(
    format=NAME,
    asked=lambda world: world.rollout is not None and bool(world.outcome),
    chunks=crowd.chunks,
    rows=rows,
)
