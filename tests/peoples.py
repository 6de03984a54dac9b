"""Peoples: small tables of who was exposed and who came, and the same counted in plain Python."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data.tables import write
from shipcall.data.activity import Activity
from shipcall.data.evidence import Evidence
from shipcall.data.sources import Source, UnitColumns
from shipcall.world.rollout import activity, exposures
from shipcall.world.truth import World

START = date(2026, 10, 5)
ROW = Mapping[str, Any]


def day(number: int) -> str:
    """The n-th day of the tables, as a file writes it."""
    return (START + timedelta(days=number)).isoformat()


def number(text: str) -> int:
    """The opposite of `day`."""
    return (date.fromisoformat(text) - START).days


def noon(after: int) -> datetime:
    """Noon of the n-th day: the day before it is the last that is over."""
    return datetime(2026, 10, 5, 12, tzinfo=UTC) + timedelta(days=after)


def exposure(unit: str, arm: str, at: int, stage: str = "1", **more: Any) -> dict[str, Any]:
    """One exposure in the morning of a day."""
    row = {"unit": unit, "arm": arm, "stage": stage, "share": 0.5, "at": f"{day(at)}T09:00:00Z"}
    return row | more


def active(unit: str, days: Iterable[int], **more: Any) -> list[dict[str, Any]]:
    """One row for each day on which a unit was active."""
    return [{"unit": unit, "day": day(one), **more} for one in days]


def evidence(root: Path, came: Sequence[ROW], exposed: Sequence[ROW] | None = None) -> Evidence:
    """Evidence of both tables, or of activity alone."""
    tables = {"activity": came} if exposed is None else {"activity": came, "exposures": exposed}
    for name, rows in tables.items():
        write(root / f"{name}.csv", rows)
    sources = {name: Source(format=name, path=f"{name}.csv") for name in tables}
    return Evidence(sources, root=root, unit=UnitColumns(id="unit"), metrics={})


def people(
    root: Path,
    came: Sequence[ROW],
    exposed: Sequence[ROW] | None = None,
    *,
    until: int,
    by: Sequence[str] = (),
) -> Activity:
    """What was done until the noon of a day."""
    found = evidence(root, came, exposed).people(noon(until), by)
    assert isinstance(found, Activity), found
    return found


def harm(seed: int = 1, *, count: int = 1_500, days: int = 20, **sections: Any) -> World:
    """A world in which the candidate drives casual people away; half and half from day 0 on."""
    plain: dict[str, Any] = {
        "people": {"count": count, "visits": 0.6},
        "days": days,
        "rollout": {"shares": [0.5], "hours": [24 * days]},
        "migration": {"candidate_down_casual": 0.08, "down": 0.01},
        "trait": [{"column": "country", "levels": {"NZ": 1, "US": 3}}],
    }
    known = {"shipcall_world": 1, "name": "w", "seed": seed, **plain, **sections}
    return World.model_validate(known)


def drawn(world: World, root: Path) -> dict[str, list[dict[str, Any]]]:
    """Write both tables of a world, and give their rows."""
    found = {}
    for table in (activity.TABLE, exposures.TABLE):
        rows = pa.concat_tables([table.rows(world, c) for c in range(table.chunks(world))])
        pq.write_table(rows, root / f"{table.format}.parquet")
        found[table.format] = rows.to_pylist()
    return found


def reopened(root: Path) -> Evidence:
    """Evidence of the tables that `drawn` wrote."""
    sources = {n: Source(format=n, path=f"{n}.parquet") for n in ("activity", "exposures")}
    return Evidence(sources, root=root, unit=UnitColumns(id="unit"), metrics={})
