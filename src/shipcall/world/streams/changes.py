"""changes: the log of dated changes, as honest or as silent as the world says it is."""

from collections.abc import Mapping
from datetime import timedelta

import numpy as np
import pyarrow as pa

from shipcall.formats.monitoring import CHANGES
from shipcall.world.chance.draws import Table, generator
from shipcall.world.chance.names import ordered
from shipcall.world.faults.catalogue import FAULTS
from shipcall.world.people.traffic import stages
from shipcall.world.truth import Fault, World

_INNOCENT = (
    "new build of the web client",
    "library update in the gateway",
    "restart of the search nodes",
    "new help texts",
)
_KINDS: Mapping[str, str] = {
    "serving_change": "policy",
    "unit_change": "schema",
    "null_surge": "schema",
    "label_noise": "label_guideline",
    "latency": "deploy",
    "feedback_loop": "policy",
    "bleed": "experiment",
}
"""Kind of fault -> kind of change that the log calls it; the others are changes of data."""
_LINES: Mapping[str, str] = {
    "serving_change": "new rule after the model",
    "unit_change": "upstream table of x1 rewritten",
    "null_surge": "upstream table of x1 moved",
    "label_noise": "new guideline for labels",
    "label_lag": "labels now come from another vendor",
    "latency": "capacity of the model servers reduced",
    "missing_partition": "new schedule of the loading job",
    "skew": "feature store moved to another cluster",
    "feedback_loop": "exploration switched to the policy of the new ranker",
    "traffic_mix": "campaign in one market",
    "cold_start": "launch for people who are new",
    "bleed": "routing table of the experiment edited",
}
"""Kind of fault -> what the log says of it; it names the change, never the harm."""


def rows(world: World, chunk: int) -> pa.Table:
    """Give the log in the order of its dates: stages, logged faults, innocent deploys."""
    del chunk
    lines = [
        (
            _micros(step.starts),
            "experiment",
            f"stage {step.name}: {world.candidate} for {100 * step.share:g} % of the units",
        )
        for step in stages(world)
    ]
    for number, fault in enumerate(world.fault):
        lines += _of_fault(world, number, fault)
    start = round(world.start.timestamp() * 1_000_000)
    lines.sort()
    at, kind, what = zip(*lines, strict=True) if lines else ((), (), ())
    return ordered(
        CHANGES,
        {
            "at": pa.array(start + np.array(at, dtype=np.int64)).cast(pa.timestamp("us", tz="UTC")),
            "kind": pa.array(kind, pa.string()),
            "what": pa.array(what, pa.string()),
        },
    )


def _of_fault(world: World, number: int, fault: Fault) -> list[tuple[int, str, str]]:
    """Give what the log says on the day of a fault: of itself, of something innocent, or nothing.

    Both come in the early hours, before the fault is seen, so their moments tell nothing.
    """
    rng = generator(world, "changes", number)
    early = rng.uniform(0, 5, size=2)
    innocent = _INNOCENT[int(rng.integers(len(_INNOCENT)))]
    day, lines = 24 * int(fault.day), []
    if fault.logged and fault.kind != "none":
        kind, what = _KINDS.get(fault.kind, "data"), _LINES.get(fault.kind)
        lines.append((_micros(day + early[0]), kind, what or FAULTS[fault.kind].title))
    if fault.decoy:
        lines.append((_micros(day + early[1]), "deploy", innocent))
    return lines


def _micros(hours: float) -> int:
    return int(timedelta(hours=float(hours)) / timedelta(microseconds=1))


TABLE = Table(
    format="changes",
    asked=lambda world: bool(world.stream or world.rollout or world.fault),
    chunks=lambda _: 1,
    rows=rows,
)
