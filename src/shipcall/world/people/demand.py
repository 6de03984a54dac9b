"""Demand: how many requests all people make on a day, before anything is decided about them."""

import numpy as np

from shipcall.world.chance.draws import Floats
from shipcall.world.chance.laws import Law, Normal
from shipcall.world.people.cells import Fact, fact
from shipcall.world.people.population import population
from shipcall.world.people.traffic import days
from shipcall.world.truth import World

_LEAST_ERROR = 1e-9


def demand_laws(world: World) -> dict[str, Law]:
    """Give the law of "requests": those of each day and cell, shape (days, cells).

    Mean and variance are exact: people come and go, and differ by habit, so the variance is more
    than that of a Poisson law. The normal shape is fair from some dozens of people in a cell on;
    days of one world share their people, so a likelihood is that of one line.
    """
    people = population(world)
    there, asked = _there(world)
    rate = people.cells.visits[:, None] * people.rates
    first = rate @ people.habit_chances
    second = rate**2 @ people.habit_chances
    mean = there * asked[:, None] * first
    square = there * asked[:, None] ** 2 * second
    variance = people.count * (mean + square - mean**2)
    return {"requests": Normal(people.count * mean, np.sqrt(variance) + _LEAST_ERROR)}


def demand_truth(world: World) -> list[Fact]:
    """Expected requests and people of each day; both models would see the same."""
    people = population(world)
    there, asked = _there(world)
    each = there * (people.cells.visits * world.people.visits)
    facts: list[Fact] = []
    for day in range(days(world)):
        for metric, values in (("people", there[day]), ("requests", each[day] * asked[day])):
            for name, inside in people.cells.slices():
                expected = float(people.count * values[inside].sum())
                facts.append(fact("demand", metric, name, expected, expected) | {"day": day})
    return facts


def _there(world: World) -> tuple[Floats, Floats]:
    """Share of all people that is there, (days, cells), and busy days in each day, (days,)."""
    people = population(world)
    midnights = 24.0 * np.arange(days(world) + 1)
    covered = (people.spells.joined[:, None] <= midnights[:-1]) & (
        midnights[:-1] < people.spells.left[:, None]
    )
    there: Floats = covered.T.astype(np.float64) @ people.spells.chances
    return there, np.diff(people.clock.busy(midnights))
