"""exposures: which unit entered which stage, when, and which model it was given.

One row per unit and stage: its first request in the stage after the stage is open to it (see
`population`). The candidate stands where the position of the unit is below the share; positions
from 1 - holdback on keep the baseline in every stage.
"""

import numpy as np
import pyarrow as pa

from shipcall.assign import shipcall_v1
from shipcall.formats import FORMATS
from shipcall.world.chance.draws import Floats, Table
from shipcall.world.chance.laws import Law
from shipcall.world.chance.names import chosen, constant, ordered
from shipcall.world.people import crowd
from shipcall.world.people.cells import Fact, fact
from shipcall.world.people.population import population
from shipcall.world.people.traffic import moments
from shipcall.world.truth import ARMS, World

NAME = "exposures"

TIME = pa.timestamp("us", tz="UTC")


def exposures_laws(world: World) -> dict[str, Law]:
    """Give the law of the people of each kind; `exposed` adds them up as they are counted.

    The panel has the shape (1, kinds): one line, because every person is of one kind, and units
    that enter several stages make the counts of those stages depend on each other.
    """
    return {"people": population(world).law()}


def exposed(world: World, panel: Floats) -> Floats:
    """Count the exposures in a panel: (stages, arms, cells); baseline first."""
    people = population(world)
    kinds = np.asarray(panel).reshape(people.shape).sum(axis=1)
    by_stage = np.einsum("cbp,ps->sbc", kinds, people.entered)
    candidate = np.einsum("sbc,bs->sc", by_stage, people.candidate)
    return np.stack([by_stage.sum(axis=1) - candidate, candidate], axis=1)


def exposures_truth(world: World) -> list[Fact]:
    """Expected number of exposures of each stage and slice, and the share that is served."""
    people = population(world)
    expected = exposed(world, people.count * people.chances)
    return [
        fact(NAME, "units", name, *(float(arm[within].sum()) for arm in counts))
        | {"stage": stage.name, "share": stage.share}
        for stage, counts in zip(people.stages, expected, strict=True)
        for name, within in people.cells.slices()
    ]


def rows(world: World, chunk: int) -> pa.Table:
    """Rows of one chunk of people, in the order of time."""
    people, who = population(world), crowd.crowd(world, chunk)
    entries = crowd.entries(world, chunk, who)
    order = np.argsort(entries.hour, kind="stable")
    person, stage = entries.who[order], entries.stage[order]
    at = moments(world, entries.hour[order])
    arm = people.candidate[who.band[person], stage]
    contract = world.rollout.contract if world.rollout else ""
    length = len(person)
    return ordered(
        FORMATS[NAME],
        {
            "unit": crowd.units(world, chunk, who.band).take(pa.array(person)),
            "arm": chosen(list(ARMS), arm),
            "stage": chosen([step.name for step in people.stages], stage),
            "share": pa.array(np.array([step.share for step in people.stages])[stage]),
            "at": pa.array(at).cast(TIME),
            "reason": constant("SPLIT", length),
            "bucketing": constant(shipcall_v1.NAME, length),
            "contract": constant(contract, length),
            **people.cells.texts(who.cell[person]),
        },
    )


TABLE = Table(
    format=NAME,
    asked=lambda world: world.rollout is not None,
    chunks=crowd.chunks,
    rows=rows,
)
