"""Responses: how likely an outcome is, given who the unit is and what it has been served.

A unit's **clock** runs from the start of the first stage in which it entered with the candidate
to the start of the stage in which it entered now. So a response depends on the kind of a person
and the stage alone, every law is a sum over kinds, and nothing fades within a stage.

    baseline     base + effects on the baseline in the cell
    candidate    base + lift + effects in the cell + novelty 2^(-days / novelty_days)
                 + fatigue (1 - 2^(-days / fatigue_days))
    gone back    base + carry_over * what was added while the unit last had the candidate

The base differs by habit: log odds (or the log of the mean) move by `habit` for every doubling of
the request rate, around a value that makes the mean over all people the stated base. A probability
stays in [0, 1] and a mean above or at zero: truth is computed after that.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy import special

from shipcall.world.chance.draws import Floats, Ints
from shipcall.world.people.population import Population, population
from shipcall.world.rollout.link import realised_lift
from shipcall.world.truth import ArmName, Outcome, World

_HALVINGS = 80
_WIDEST = 60.0


class State(NamedTuple):
    """What a unit is served at an entry, and how long it has known the candidate."""

    stage: int
    """Index into the stages."""
    arm: int
    """0 baseline, 1 candidate."""
    days: float
    """Days since the first entry with the candidate; 0 where there was none before."""
    met: bool
    """Has it ever entered with the candidate, this time included?"""


class States(NamedTuple):
    """All states of a world, and the state of each kind at each stage."""

    states: tuple[State, ...]
    of: Ints
    """Index of the state, -1 where the unit has no entry: (stages, bands, patterns)."""


def states(world: World) -> States:
    """Work out what every kind of person is served in every stage."""
    return _states(world.model_dump_json())


@lru_cache(maxsize=8)
def _states(text: str) -> States:
    people = population(World.model_validate_json(text))
    known: dict[State, int] = {}
    of = np.full((len(people.stages), len(people.edges), len(people.entered)), -1)
    for band, arms in enumerate(people.candidate):
        for pattern, bits in enumerate(people.entered):
            for state in history(people, arms, bits):
                of[state.stage, band, pattern] = known.setdefault(state, len(known))
    return States(tuple(known), of)


def history(people: Population, arms: Ints, bits: Ints) -> list[State]:
    """List the states of a unit, one for each of its entries.

    Args:
        people: The people of the world.
        arms: Model of the unit in each stage, shape (stages,).
        bits: 1 where the unit entered, shape (stages,) or shorter.
    """
    known, first, days = [], None, 0.0
    for stage in np.flatnonzero(bits):
        if arms[stage]:
            starts = people.stages[stage].starts
            first = starts if first is None else first
            days = (starts - first) / 24
        known.append(State(int(stage), int(arms[stage]), days, first is not None))
    return known


def lifts(world: World, outcome: Outcome, arm: ArmName) -> Floats:
    """Lasting effect of one model on an outcome in each cell, shape (cells,)."""
    known = population(world).cells
    lift = np.zeros(len(known.weights))
    if arm == "candidate":
        lift += outcome.lift + realised_lift(world, outcome.name)
    for effect in world.effect:
        if effect.outcome == outcome.name and effect.model == arm:
            lift += effect.lift * known.inside(effect.where)
    return lift


def added(outcome: Outcome, days: float) -> float:
    """What novelty and fatigue add to the lasting effect so many days after the first exposure."""
    fresh: float = 2 ** (-days / outcome.novelty_days)
    worn: float = 1 - 2 ** (-days / outcome.fatigue_days)
    return outcome.novelty * fresh + outcome.fatigue * worn


def responses(world: World, outcome: Outcome, served: State) -> Floats:
    """Probability (or mean) of an outcome in a state, shape (cells, habits)."""
    effect = lifts(world, outcome, "baseline")
    if served.met:
        change = lifts(world, outcome, "candidate") + added(outcome, served.days)
        effect = change if served.arm else effect + outcome.carry_over * (change - effect)
    highest = 1.0 if outcome.kind == "proportion" else np.inf
    whole: Floats = np.clip(effect[:, None] + bases(world, outcome), 0.0, highest)
    return whole


def bases(world: World, outcome: Outcome) -> Floats:
    """Probability (or mean) before any effect, for each habit; its mean over people is the base."""
    people = population(world)
    chances, steps = people.habit_chances, outcome.habit * np.log2(people.habits)
    if outcome.kind == "mean":
        shape = np.exp(steps)
        scaled: Floats = outcome.base * shape / float(chances @ shape)
        return scaled
    if outcome.base in {0.0, 1.0}:
        return np.full(len(steps), outcome.base)
    reach = _WIDEST + float(np.abs(steps).max())
    low, high = -reach, reach
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        below = float(chances @ special.expit(middle + steps)) < outcome.base
        low, high = (middle, high) if below else (low, middle)
    found: Floats = special.expit((low + high) / 2 + steps)
    return found
