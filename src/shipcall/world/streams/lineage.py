"""lineage: OpenLineage run events of the jobs that make the stream, one START and end a day.

    events -> load -> rows -> features -> served -> label -> labels

Row counts are those of the file of the stream; labels are counted when they are a day old.
A lost partition is a run that failed; stale features are a run that read the day before.
"""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from shipcall.world.chance.draws import Table, generator
from shipcall.world.faults.catalogue import strength, weekend
from shipcall.world.people.traffic import days
from shipcall.world.streams.panels import OUTCOMES, stream_counts
from shipcall.world.truth import World

PRODUCER = "https://example.org/shipcall-world"
_EVENT = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
_STATISTICS = (
    "https://openlineage.io/spec/facets/1-0-2/OutputStatisticsOutputDatasetFacet.json"
    "#/$defs/OutputStatisticsOutputDatasetFacet"
)
_JOBS = (("load", "events", "rows"), ("features", "rows", "served"), ("label", "rows", "labels"))
_SCHEMA = pa.schema(
    [
        ("eventTime", pa.string()),
        ("eventType", pa.string()),
        ("run", pa.struct([("runId", pa.string())])),
        ("job", pa.struct([("namespace", pa.string()), ("name", pa.string())])),
        ("inputs", pa.list_(pa.struct([("namespace", pa.string()), ("name", pa.string())]))),
        (
            "outputs",
            pa.list_(
                pa.struct(
                    [
                        ("namespace", pa.string()),
                        ("name", pa.string()),
                        (
                            "outputFacets",
                            pa.struct(
                                [
                                    (
                                        "outputStatistics",
                                        pa.struct(
                                            [
                                                ("_producer", pa.string()),
                                                ("_schemaURL", pa.string()),
                                                ("rowCount", pa.int64()),
                                            ]
                                        ),
                                    )
                                ]
                            ),
                        ),
                    ]
                )
            ),
        ),
        ("producer", pa.string()),
        ("schemaURL", pa.string()),
    ]
)


def rows(world: World, chunk: int) -> pa.Table:
    """Give the events about the rows of one day, in the order in which they were sent."""
    day = chunk
    counts = stream_counts(world, [[day]], ("copied", "outcome"))[0]
    served = int((counts.sum(axis=1) * (1, 2)).sum())
    young = counts[:, [OUTCOMES.index(f"{label} at age 0") for label in (0, 1)]]
    labelled = int((young.sum(axis=1) * (1, 2)).sum())
    written = {"load": served, "features": served, "label": labelled}
    lost, stale = (_strong(world, kind, day) for kind in ("missing_partition", "skew"))
    events: list[dict[str, Any]] = []
    for number, (job, source, target) in enumerate(_JOBS):
        rng = generator(world, "lineage", day, job)
        run = str(uuid.UUID(bytes=rng.bytes(16), version=4))
        later = 2 if job == "label" else 1
        hours = number + float(rng.uniform(0, 0.5))
        begins = world.start + timedelta(days=day + later, hours=hours)
        ends = begins + timedelta(minutes=float(rng.uniform(5, 25)))
        failed = job == "load" and lost and weekend(world, day)
        read = day - 1 if job == "features" and stale else day
        inputs = [_dataset(world, source, read)]
        outputs = [_dataset(world, target, day)]
        events.append(_event(begins, "START", run, job, inputs, outputs))
        if not failed:
            outputs = [{**outputs[0], "outputFacets": _statistics(written[job])}]
        events.append(_event(ends, "FAIL" if failed else "COMPLETE", run, job, inputs, outputs))
    events.sort(key=lambda event: str(event["eventTime"]))
    return pa.Table.from_pylist(events, schema=_SCHEMA)


def _strong(world: World, kind: str, day: int) -> bool:
    return any(strength(f, world, day) > 0 for f in world.fault if f.kind == kind)


def _dataset(world: World, name: str, day: int) -> dict[str, Any]:
    date = (world.start + timedelta(days=day)).date().isoformat()
    return {"namespace": world.name, "name": f"{name}/day={date}"}


def _statistics(count: int) -> dict[str, Any]:
    facet = {"_producer": PRODUCER, "_schemaURL": _STATISTICS, "rowCount": count}
    return {"outputStatistics": facet}


def _event(  # noqa: PLR0913, PLR0917 - an event has these parts
    at: datetime,
    kind: str,
    run: str,
    job: str,
    inputs: list[dict[str, Any]],
    outputs: list[dict[str, Any]],
) -> dict[str, Any]:
    return {
        "eventTime": at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "eventType": kind,
        "run": {"runId": run},
        "job": {"namespace": "world", "name": job},
        "inputs": inputs,
        "outputs": outputs,
        "producer": PRODUCER,
        "schemaURL": _EVENT,
    }


TABLE = Table(
    format="lineage",
    asked=lambda world: world.stream is not None,
    chunks=days,
    rows=rows,
)
