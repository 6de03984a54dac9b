"""Overlap: what a rollout estimates while it runs, and what it means for everybody.

Three effects of one outcome, which agree only where nothing differs between people and stages:

* the **launch effect** on day d: everybody is served the candidate and has known it for d days,
  against everybody on the baseline; people of the first day, each counted once;
* the **running overlap-weighted effect** after a stage: every entry so far counts with e (1 - e),
  where e is the chance of the candidate given all that the unit's earlier entries have told about
  its position. A unit that has had the candidate keeps it while the share grows: e is 1 and the
  entry counts nothing;
* the **first-entry effect** after a stage: the same over the first entry of every unit alone,
  where e is the share of the stage.

Where the second comes from: an outcome Y = b + A tau, with A the model by chance e and any centre
c fixed before, has E[(Y - c)(A - e)] = E[A (A - e)] tau = e (1 - e) tau. Sums of such scores over
sums of e (1 - e) therefore estimate the mean of tau with weights e (1 - e).
"""

import numpy as np

from shipcall.world.chance.draws import Floats, Ints
from shipcall.world.people.cells import Fact, fact
from shipcall.world.people.population import Population, population
from shipcall.world.rollout.responses import State, history, responses, states
from shipcall.world.truth import Outcome, World

TOLD_DAYS = (0, 1, 7, 14, 28)
"""Days since first exposure for which the launch effect is stated."""


def outcomes_truth(world: World) -> list[Fact]:
    """State these effects of every outcome, in every slice by one trait.

    Launch effects stand under `"estimand": "launch"` with their `day`, the others under
    `"overlap"` and `"first_entry"` with the `stage` after which they hold. A stage until whose
    end nothing was left to chance has no line.
    """
    facts = []
    for outcome in world.outcome:
        for day in TOLD_DAYS:
            named: Fact = {"estimand": "launch", "day": day}
            facts += _facts(world, outcome, launch(world, outcome, day), named)
        for estimand, first in (("overlap", False), ("first_entry", True)):
            sums = running(world, outcome, first=first)
            for step, line in zip(population(world).stages, sums, strict=True):
                facts += _facts(world, outcome, line, {"estimand": estimand, "stage": step.name})
    return facts


def _facts(world: World, outcome: Outcome, sums: Floats, named: Fact) -> list[Fact]:
    facts = []
    for name, within in population(world).cells.slices():
        weight, baseline, candidate = (float(line[within].sum()) for line in sums)
        if weight > 0:
            means = (baseline / weight, candidate / weight)
            facts.append(fact("outcomes", outcome.name, name, *means) | named)
    return facts


def launch(world: World, outcome: Outcome, day: float) -> Floats:
    """Sum up people, their baseline and their candidate when all are served, (3, cells)."""
    people = population(world)
    served = (State(0, 0, 0.0, met=False), State(0, 1, float(day), met=True))
    means = [responses(world, outcome, state) @ people.habit_chances for state in served]
    weights = people.cells.weights
    return np.stack([weights, weights * means[0], weights * means[1]])


def running(world: World, outcome: Outcome, *, first: bool = False) -> Floats:
    """Sum up overlap weights, and with them baseline and candidate, (stages, 3, cells).

    Line s holds all entries until the end of stage s. Entries are taken at their expectation.

    Args:
        world: A world with a rollout.
        outcome: What is asked for.
        first: Count the first entry of every unit alone.
    """
    people = population(world)
    sums = np.zeros((len(people.stages), 3, people.shape[0]))
    held: dict[State, Floats] = {}
    for stage in range(len(people.stages)):
        for band, pattern in np.argwhere(states(world).of[stage] >= 0):
            chance = _chance(people, stage, band, people.entered[pattern])
            weight = people.chances[:, :, band, pattern] * chance * (1 - chance)
            if not weight.any() or (first and people.entered[pattern, :stage].any()):
                continue
            pair = []
            for state in _either(people, stage, band, pattern):
                if state not in held:
                    held[state] = responses(world, outcome, state)
                pair.append(held[state])
            sums[stage] += np.stack([weight, weight * pair[0], weight * pair[1]]).sum(axis=2)
    return np.cumsum(sums, axis=0)


def _either(people: Population, stage: int, band: int, pattern: int) -> list[State]:
    """States of a unit at an entry if it is given the baseline, and if the candidate."""
    arms = np.tile(people.candidate[band], (2, 1))
    arms[:, stage] = (0, 1)
    bits = people.entered[pattern, : stage + 1]
    return [history(people, one, bits)[-1] for one in arms]


def _chance(people: Population, stage: int, band: int, bits: Ints) -> float:
    """Chance of the candidate in a stage, given the models of the earlier entries."""
    low, high = 0.0, 1.0
    for earlier in np.flatnonzero(bits[:stage]):
        share = people.stages[earlier].share
        if people.candidate[band, earlier]:
            high = min(high, share)
        else:
            low = max(low, share)
    return float(np.clip((people.stages[stage].share - low) / (high - low), 0.0, 1.0))
