"""Population: who the people are, how often they come, and in which stages they meet the rollout.

A person has a cell of traits, a habit, a spell (first and last day), a band of positions in the
buckets, and a pattern: the stages in which it made a request. All of them are discrete, so a
whole population is one table of counts with one multinomial law.

* **Habit** takes one of seven values, the nodes of a Gauss-Hermite rule: the logarithm of the
  request rate has the standard deviation `people.spread`, the rate itself a mean of 1, and every
  mean over habits is a sum.
* **Band**: between two neighbouring shares nobody is told apart by any stage.
* **Entry**: a unit enters a stage with its first request in it. Who entered an earlier stage is
  held until the longest outcome window is over for everyone who entered there, counted from the
  end of that stage: until then its assignment is frozen, and its requests are no entries.
"""

import itertools
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from shipcall.world.chance.draws import Floats, Ints
from shipcall.world.chance.laws import Multinomial
from shipcall.world.people.cells import Cells, cells
from shipcall.world.people.traffic import Clock, Stage, clock, days, stages
from shipcall.world.truth import World

_HABITS = 7


@dataclass(frozen=True, slots=True, eq=False)
class Spells:
    """When people come and go. `chances` tells how common each spell is in each cell."""

    joined: Floats
    """Hours until the person is there, shape (spells,)."""
    left: Floats
    """Hours until it is gone for good."""
    chances: Floats
    """Share of all people of the world, shape (spells, cells); adds up to 1."""


def _spells(world: World, known: Cells) -> Spells:
    people, last = world.people, days(world)
    cohorts = range(last if people.growth else 1)
    joined, left, chances = [], [], []
    for day in cohorts:
        weights = known.weights * np.exp(known.growth * day)
        size = people.growth if day else 1.0
        stays = 1.0
        for leaving in range(day + 1, last if people.churn else day):
            joined.append(day)
            left.append(leaving)
            chances.append(size * stays * people.churn * weights / weights.sum())
            stays *= 1 - people.churn
        joined.append(day)
        left.append(last)
        chances.append(size * stays * weights / weights.sum())
    every = np.asarray(chances)
    hours = 24.0 * np.asarray([joined, left], dtype=np.float64)
    return Spells(hours[0], hours[1], every / every.sum())


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """All a world says about its people, laid out once."""

    count: int
    """Everybody who is ever there."""
    cells: Cells
    spells: Spells
    clock: Clock
    stages: tuple[Stage, ...]
    rates: Floats
    """Requests in a busy day of each habit, shape (habits,), before the factor of the cell."""
    habits: Floats
    """Rate of each habit over the mean rate."""
    habit_chances: Floats
    edges: Floats
    """Positions at which the bands begin, shape (bands,)."""
    widths: Floats
    """Share of the positions in each band."""
    opens: Floats
    """Hour from which a unit with this pattern can enter a stage, shape (patterns, stages)."""
    entered: Ints
    """1 where a pattern has entered a stage, shape (patterns, stages)."""
    candidate: Ints
    """1 where a band has the candidate in a stage, shape (bands, stages)."""
    chances: Floats
    """Share of the people of each kind, shape (cells, habits, bands, patterns)."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Cells, habits, bands and patterns."""
        return self.chances.shape

    def law(self) -> Multinomial:
        """How many people of each kind there are; kinds are in the order of `chances`."""
        return Multinomial(np.array([self.count]), self.chances.reshape(1, -1))

    def busy(self, pattern: int, stage: int) -> Floats:
        """Busy days in which an entry can fall, for each spell: first and last, (2, spells)."""
        first = np.maximum(self.opens[pattern, stage], self.spells.joined)
        last = np.maximum(first, np.minimum(self.stages[stage].ends, self.spells.left))
        return self.clock.busy(np.stack([first, last]))

    def pattern_chances(self, factor: float) -> Floats:
        """Chance of each pattern for people of one factor: (spells, habits, patterns)."""
        rate = factor * self.rates
        chances = np.ones((len(self.spells.joined), len(rate), len(self.entered)))
        for pattern, entered in enumerate(self.entered):
            for stage, bit in enumerate(entered):
                first, last = self.busy(pattern, stage)
                asked = (last - first)[:, None] * rate
                chances[:, :, pattern] *= -np.expm1(-asked) if bit else np.exp(-asked)
        return chances


def population(world: World) -> Population:
    """Lay out the people of a world; the same world is laid out once."""
    return _population(world.model_dump_json())


@lru_cache(maxsize=8)
def _population(text: str) -> Population:
    world = World.model_validate_json(text)
    known, steps = cells(world), stages(world)
    spells = _spells(world, known)
    nodes, weights = np.polynomial.hermite_e.hermegauss(_HABITS)
    weights = weights / weights.sum()
    habits = np.exp(world.people.spread * nodes)
    habits = habits / float(weights @ habits)
    shares = {stage.share for stage in steps}
    edges = np.array(sorted({0.0, *shares} - {1.0}))
    entered = np.array(list(itertools.product((0, 1), repeat=len(steps))), dtype=np.int64)
    growth = world.people.growth * (days(world) - 1)
    people = Population(
        count=round(world.people.count * (1 + growth)),
        cells=known,
        spells=spells,
        clock=clock(world),
        stages=tuple(steps),
        rates=world.people.visits * habits,
        habits=habits,
        habit_chances=weights,
        edges=edges,
        widths=np.diff(np.append(edges, 1.0)),
        opens=_opens(steps, entered, _window(world)),
        entered=entered,
        candidate=np.array([[int(edge < s.share) for s in steps] for edge in edges]),
        chances=np.empty((len(known.weights), _HABITS, len(edges), len(entered))),
    )
    _fill(people)
    return people


def _fill(people: Population) -> None:
    for factor in np.unique(people.cells.visits):
        same = np.flatnonzero(people.cells.visits == factor)
        kinds = np.einsum(
            "sc,shp->chp", people.spells.chances[:, same], people.pattern_chances(float(factor))
        )
        kinds = kinds * people.habit_chances[:, None]
        people.chances[same] = kinds[:, :, None, :] * people.widths[:, None]
    people.chances[:] = people.chances / people.chances.sum()


def _window(world: World) -> float:
    return max((outcome.window_hours for outcome in world.outcome), default=0.0)


def _opens(steps: list[Stage], entered: Ints, window: float) -> Floats:
    opens = np.zeros(entered.shape)
    for pattern, bits in enumerate(entered):
        free = 0.0
        for number, (step, bit) in enumerate(zip(steps, bits, strict=True)):
            opens[pattern, number] = min(step.ends, max(step.starts, free))
            free = step.ends + window if bit else free
    return opens
