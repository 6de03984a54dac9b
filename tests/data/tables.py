"""Tables for the tests of `data`: written in every shape, read back through Evidence."""

import csv
import gzip
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shipcall.core import Slice
from shipcall.data.evidence import Evidence
from shipcall.data.plan import Request, StatisticsPlan
from shipcall.data.sources import MetricUse, Source, UnitColumns
from shipcall.metrics import METRICS, Options
from shipcall.stats.sample import PairSample

Row = Mapping[str, Any]
ALL = Slice()
ITEM = UnitColumns(id="item")
RIGHT = MetricUse(name="right", range=(0.0, 1.0))


def write(path: Path, rows: Sequence[Row]) -> Path:
    """Write rows as the kind of file that the name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    names = list(rows[0])
    if path.suffix == ".parquet":
        pq.write_table(pa.table({n: pa.array([row[n] for row in rows]) for n in names}), path)
        return path
    if "json" in path.name:
        text = "".join(json.dumps(dict(row)) + "\n" for row in rows)
    else:
        text = _csv(path, names, rows)
    content = text.encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def _csv(path: Path, names: Sequence[str], rows: Sequence[Row]) -> str:
    draft = path.with_name("draft.txt")
    with draft.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    text = draft.read_text(encoding="utf-8")
    draft.unlink()
    return text


def evidence(
    root: Path,
    path: str,
    *,
    format: str = "predictions",  # noqa: A002 - the word of the contract
    unit: UnitColumns | None = None,
    metrics: Mapping[str, MetricUse] | None = None,
    **source: Any,
) -> Evidence:
    """Evidence of one table."""
    return Evidence(
        {format: Source(format=format, path=path, **source)},
        root=root,
        unit=unit or UnitColumns(id="unit"),
        metrics={"right": RIGHT} if metrics is None else metrics,
    )


def request(
    kind: str, *slices: Slice, name: str = "right", evidence: str | None = None, **options: Any
) -> Request:
    """One metric on all rows and on some slices."""
    metric = METRICS[kind]
    return Request(
        metric=name,
        kind=kind,
        options=Options(name=name, **options),
        evidence=evidence or metric.formats[0],
        statistic=metric.statistic,
        granularity=metric.granularity,
        slices=(ALL, *slices),
        influence=False,
    )


def sample(found: Evidence, kind: str, part: Slice = ALL, **options: Any) -> Any:
    """What `samples` gives for one metric on one slice."""
    asked = request(kind, *([] if part == ALL else [part]), **options)
    return found.samples(StatisticsPlan(requests=(asked,)))[asked.metric, part]


def pair(found: Evidence, kind: str, part: Slice = ALL, **options: Any) -> PairSample:
    """The same where it is known to be a pair of values."""
    given = sample(found, kind, part, **options)
    assert isinstance(given, PairSample), given
    return given


def exact(thing: Any) -> Any:
    """A form of a sample that is equal only if every bit is."""
    if isinstance(thing, np.ndarray):
        return thing.dtype.str, thing.shape, thing.tobytes()
    if isinstance(thing, float):
        return thing.hex()
    if is_dataclass(thing) and not isinstance(thing, type):
        return {field.name: exact(getattr(thing, field.name)) for field in fields(thing)}
    if isinstance(thing, Mapping):
        return {key: exact(value) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [exact(one) for one in thing]
    return thing


def graded(*pairs: tuple[Any, Any], **columns: Any) -> list[dict[str, Any]]:
    """Item i got pairs[i]; extra columns are values or functions of (arm, i)."""
    rows = []
    for i, values in enumerate(pairs):
        for arm, value in zip(("baseline", "candidate"), values, strict=True):
            row = {
                "arm": arm,
                "item": f"q{i}",
                "metric": "right",
                "value": value,
                "status": "ok" if value is not None else "infra_error",
            }
            rows.append(row | {n: c(arm, i) if callable(c) else c for n, c in columns.items()})
    return rows


def scores(
    folder: Path,
    rows: list[dict[str, Any]],
    metrics: dict[str, MetricUse] | None = None,
    **source: Any,
) -> Evidence:
    write(folder / "s.csv", rows)
    return evidence(folder, "s.csv", format="scores", unit=ITEM, metrics=metrics, **source)


def open_pack() -> Path:
    """Folder of the real data, or skip and say so."""
    default = Path(__file__).parents[3] / "shared" / "data"
    folder = Path(os.environ.get("SHIPCALL_DATA", default))
    if not folder.is_dir():
        pytest.skip(f"REAL DATA NOT CHECKED: no folder {folder}; set SHIPCALL_DATA")
    return folder
