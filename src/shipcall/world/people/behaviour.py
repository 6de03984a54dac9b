"""Behaviour: lapsed, casual, regular or heavy, and how a model moves people between them.

Every night a person may take one step, with the chances that belong to the model which answered
that day. A behaviour sets the pace of a person: a factor on its requests, whose mean over the
behaviours of the first day is 1. Without a migration everybody is regular and stays so.
"""

import numpy as np

from shipcall.world.chance.draws import Floats, Ints
from shipcall.world.people.population import Population, population
from shipcall.world.people.traffic import days
from shipcall.world.truth import ARMS, ArmName, Migration, World

BEHAVIOURS = ("lapsed", "casual", "regular", "heavy")
"""From the quietest to the busiest."""
_NOON = 12


def migration(world: World) -> Migration:
    """Give the migration of a world; without one, nobody moves."""
    return world.migration or Migration(start={"regular": 1.0}, up=0.0, down=0.0)


def start(world: World) -> Floats:
    """Share of each behaviour on the first day, shape (behaviours,)."""
    weights = np.array([migration(world).start.get(name, 0.0) for name in BEHAVIOURS])
    known: Floats = weights / weights.sum()
    return known


def pace(world: World) -> Floats:
    """Factor on the requests of each behaviour, shape (behaviours,); nothing from the lapsed."""
    factors = np.array([migration(world).pace.get(name, 1.0) for name in BEHAVIOURS])
    factors[BEHAVIOURS.index("lapsed")] = 0.0
    mean = float(start(world) @ factors)
    return factors / mean if mean > 0 else factors


def moves(world: World, arm: ArmName) -> Floats:
    """Chance to go from each behaviour to each one over a night, (behaviours, behaviours).

    Going down gives way where both chances add up to more than 1.
    """
    known, steps = migration(world), len(BEHAVIOURS)
    served = arm == "candidate"
    up = float(np.clip(known.up + served * known.candidate_up, 0, 1))
    chances = np.zeros((steps, steps))
    for place, name in enumerate(BEHAVIOURS):
        more = known.candidate_down + known.candidate_down_casual * (name == "casual")
        climbs = up if place < steps - 1 else 0.0
        falls = float(np.clip(known.down + served * more, 0, 1 - climbs)) if place else 0.0
        chances[place, min(place + 1, steps - 1)] += climbs
        chances[place, max(place - 1, 0)] += falls
        chances[place, place] += 1 - climbs - falls
    return chances


def served(world: World) -> Ints:
    """Model of each day for every band and pattern, (bands, patterns, days); 1 is the candidate.

    The stage in force at noon decides, and the last one after the rollout. A unit whose outcome
    window may still be open keeps the model of its last entry.
    """
    people, last = population(world), days(world)
    arms = np.zeros((len(people.edges), len(people.entered), last), dtype=np.int64)
    window = max((outcome.window_hours for outcome in world.outcome), default=0.0)
    for day in range(last):
        noon = 24 * day + _NOON
        now = max((n for n, step in enumerate(people.stages) if step.starts <= noon), default=-1)
        for pattern in range(len(people.entered)):
            ruling = _ruling(people, pattern, now, noon - window)
            if ruling >= 0:
                arms[:, pattern, day] = people.candidate[:, ruling]
    return arms


def _ruling(people: Population, pattern: int, now: int, since: float) -> int:
    """Stage whose assignment holds: the last one entered if it ended after `since`, or now."""
    for stage in np.flatnonzero(people.entered[pattern, : max(now, 0)])[::-1]:
        return int(stage) if people.stages[stage].ends > since else now
    return now


def shares(world: World, arms: Ints) -> Floats:
    """Share of each behaviour on each day, for each behaviour of the first day.

    Args:
        world: Says how people move.
        arms: Model of each day, shape (days,).

    Returns:
        Shape (days, behaviours at the start, behaviours that day).
    """
    matrices = [moves(world, arm) for arm in ARMS]
    found = [np.eye(len(BEHAVIOURS))]
    for arm in arms[:-1]:
        found.append(found[-1] @ matrices[arm])
    return np.stack(found)
