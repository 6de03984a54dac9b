"""Neither the order of rows and files nor their shape changes a bit of what is measured."""

import datetime as dt
import gzip
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.nasty.files import parquet
from data.tables import Row, evidence, exact, pair, request, write
from shipcall.core import EvidenceError, Slice
from shipcall.data.evidence import Evidence
from shipcall.data.plan import StatisticsPlan
from shipcall.data.sources import UnitColumns

SHAPES = ("csv", "jsonl", "parquet", "csv.gz", "ndjson.gz")
NZ = Slice.of({"country": "NZ"})
CROSS = Slice.of({"country": "NZ", "device": "(none)"})
KINDS = ("accuracy", "recall", "log_loss", "ece", "roc_auc")
ITEM = UnitColumns(id="item")


def prediction_rows(n: int = 300) -> list[dict[str, Any]]:
    rng = np.random.default_rng(7)
    label = rng.integers(0, 2, n)
    said = np.clip(rng.normal(0.3 + 0.4 * label, 0.3, (2, n)), 0.001, 0.999)
    return [
        {
            "unit": f"u{i:03d}",
            "cluster": f"c{rng.integers(60)}",
            "label": int(label[i]),
            "baseline": float(said[0, i]),
            "candidate": float(said[1, i]) if i % 17 else None,
            "weight": float(rng.choice([0.1, 0.7, 1.3])),
            "country": ["NZ", "BR"][i % 2],
            "device": ["tv", "phone", None][i % 3],
            "at": f"2026-11-{1 + i % 28:02d}T10:00:00Z",
        }
        for i in range(n)
    ]


def score_rows(n: int = 60) -> list[dict[str, Any]]:
    rng = np.random.default_rng(8)
    return [
        {
            "arm": arm,
            "item": f"q{i}",
            "repeat": repeat,
            "metric": "right",
            "value": float(rng.random()) if status == "ok" else None,
            "status": status,
            "country": ["NZ", "BR"][i % 2],
            "device": None if i % 3 else "tv",
            "latency_ms": float(rng.gamma(2, 100)),
        }
        for arm in ("baseline", "candidate")
        for i in range(n)
        for repeat in range(3)
        for status in [rng.choice(["ok", "model_error", "infra_error"], p=[0.9, 0.05, 0.05])]
    ]


def everything(found: Evidence, table: str) -> Any:
    """Samples, facts and levels of a table, to the bit; without what depends on the file."""
    if table == "predictions":
        asked = [request(kind, NZ, CROSS, name=kind) for kind in KINDS]
    else:
        asked = [
            request("proportion", NZ, CROSS),
            request("mean", NZ, name="right", column="latency_ms"),
            request("pass_k", NZ, k=2),
        ]
    samples = [found.samples(StatisticsPlan(requests=(one,))) for one in asked]
    by = ["country", "country*device"]
    return exact([dict(one) for one in samples]), found.facts(table), found.levels(by, table)


@pytest.mark.parametrize("table", ["predictions", "scores"])
def test_every_shape_says_the_same(tmp_path: Path, table: str) -> None:
    rows = prediction_rows() if table == "predictions" else score_rows()
    seen = []
    for shape in SHAPES:
        write(tmp_path / f"a.{shape}", rows)
        found = evidence(tmp_path, f"a.{shape}", format=table, unit=ITEM)
        seen.append(everything(found, table))
    assert all(one == seen[0] for one in seen[1:])


@pytest.mark.parametrize("table", ["predictions", "scores"])
@pytest.mark.parametrize("shape", ["csv", "jsonl", "parquet"])
def test_order_of_rows_and_files_changes_nothing(tmp_path: Path, table: str, shape: str) -> None:
    rows = prediction_rows() if table == "predictions" else score_rows()
    write(tmp_path / f"whole.{shape}", rows)
    order = np.random.default_rng(3).permutation(len(rows))
    for number, part in enumerate(np.array_split(order, 3)):
        write(tmp_path / "deep" / f"{number}" / f"part.{shape}", [rows[i] for i in part])
    whole = evidence(tmp_path, f"whole.{shape}", format=table, unit=ITEM)
    parts = evidence(tmp_path, f"deep/**/*.{shape}", format=table, unit=ITEM)
    assert everything(parts, table) == everything(whole, table)


def test_columns_in_another_order_and_type_say_the_same(tmp_path: Path) -> None:
    """One file holds whole numbers, the other floats, and their columns are swapped."""
    rows = [r | {"label": float(r["label"])} for r in prediction_rows(40)]
    swapped = [dict(reversed(list(r.items()))) | {"label": int(r["label"])} for r in rows[20:]]
    write(tmp_path / "a.parquet", rows)
    write(tmp_path / "two" / "a.parquet", rows[:20])
    write(tmp_path / "two" / "b.parquet", swapped)
    whole = everything(evidence(tmp_path, "a.parquet"), "predictions")
    assert everything(evidence(tmp_path, "two/*.parquet"), "predictions") == whole


def test_the_digest_is_that_of_the_bytes_in_path_order(tmp_path: Path) -> None:
    """coreutils: printf 'unit\\na\\n' | sha256sum; cat a.csv b.csv | sha256sum."""
    (tmp_path / "b.csv").write_bytes(b"unit\nb\n")
    (tmp_path / "a.csv").write_bytes(b"unit\na\n")
    one = evidence(tmp_path, "a.csv").digests()["predictions"]
    two = evidence(tmp_path, "*.csv").digests()["predictions"]
    assert one == "45e2ae08b5920165cd47e5b80874ef633d017599d4c3868615d378268820c07e"
    assert two == "397627cc5abb84ea28c53c3da30cda6da873f6b1a3cb57e76ba1653e03572f89"


def test_lost_rows_in_a_gzip_file_have_a_line(tmp_path: Path) -> None:
    text = "unit,label,baseline,candidate\na,1,1,1\nb,1,x,inf\n"
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(text.encode()))
    with pytest.raises(EvidenceError, match=r"a\.csv\.gz:3: E211"):
        evidence(tmp_path, "a.csv.gz").facts("predictions")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(dropped=st.sets(st.integers(0, 35), min_size=1, max_size=20), keep=st.integers(0, 35))
def test_losing_promised_rows_never_leaves_nothing_lost(
    tmp_path_factory: pytest.TempPathFactory, dropped: set[int], keep: int
) -> None:
    rows = complete_rows()
    kept: list[Row] = [r for i, r in enumerate(rows) if i not in dropped - {keep}]
    if len(kept) == len(rows):
        return
    folder = tmp_path_factory.mktemp("lost")
    write(folder / "s.jsonl", kept)
    found = evidence(folder, "s.jsonl", format="scores", unit=ITEM, expect_units=6)
    facts = found.facts("scores")
    assert pair(found, "proportion").lost.rows > 0
    assert facts.lost_pairs.total + facts.unfound_units > 0 or facts.pairs < 18


def complete_rows() -> list[Row]:
    """Six items, three runs, two arms: nothing is missing."""
    return [
        {
            "arm": a,
            "item": f"q{i}",
            "repeat": r,
            "metric": "right",
            "value": (i + r) % 2,
            "status": "ok",
        }
        for a in ("baseline", "candidate")
        for i in range(6)
        for r in range(3)
    ]


def test_columns_of_every_parquet_type_are_read(tmp_path: Path) -> None:
    """Booleans are 0 and 1, decimals are numbers, moments keep their zone, the rest is text."""
    zone = dt.timezone(dt.timedelta(hours=2))
    columns = {
        "unit": pa.array([1, 2], pa.uint64()),
        "label": pa.array([True, False]),
        "baseline": pa.array([Decimal("0.75"), Decimal("0.25")]),
        "candidate": pa.array([1, 1], pa.uint8()),
        "at": pa.array([dt.datetime(2026, 11, 20, 9, tzinfo=zone)] * 2, pa.timestamp("us", "UTC")),
        "day": pa.array([dt.date(2026, 11, 20)] * 2),
        "deep": pa.array([{"a": 1}, {"a": 2}]),
        "blob": pa.array([b"x", b"y"]),
    }
    (tmp_path / "a.parquet").write_bytes(parquet(columns))
    found = evidence(tmp_path, "a.parquet")
    one = pair(found, "brier")
    span = found.facts("predictions").span
    assert (one.baseline, one.candidate) == (0.0625, 0.5)
    assert found.columns("predictions") == ("blob", "day", "deep")
    assert Slice.of({"day": "2026-11-20"}) in found.levels(["day"], "predictions")
    assert len(found.levels(["deep", "blob"], "predictions")) == 4
    assert span is not None
    assert span.first.isoformat() == "2026-11-20T07:00:00+00:00"


def test_days_and_naive_moments_count_as_utc(tmp_path: Path) -> None:
    for name, value in (
        ("day", pa.array([dt.date(2026, 11, 20)])),
        ("moment", pa.array([dt.datetime(2026, 11, 20)], pa.timestamp("ns"))),  # noqa: DTZ001
    ):
        one = {"unit": ["a"], "label": [1], "baseline": [1], "candidate": [0], "at": value}
        (tmp_path / f"{name}.parquet").write_bytes(parquet(one))
        span = evidence(tmp_path, f"{name}.parquet").facts("predictions").span
        assert span is not None
        assert span.last.isoformat() == "2026-11-20T00:00:00+00:00"


@pytest.mark.parametrize(
    ("first", "second"), [([1, 0], [1.0, 0.0]), ([1, 0], ["1", "0"]), ([True, False], [1, 0])]
)
def test_files_may_write_one_column_in_several_types(
    tmp_path: Path, first: list[Any], second: list[Any]
) -> None:
    for name, label in (("a", first), ("b", second)):
        units = [f"{name}{i}" for i in range(2)]
        said = {"baseline": [0.9, 0.1], "candidate": [0.1, 0.9]}
        content = parquet({"unit": units, "label": label, **said})
        (tmp_path / f"{name}.parquet").write_bytes(content)
    one = pair(evidence(tmp_path, "*.parquet"), "accuracy")
    assert (one.rows, one.baseline, one.candidate) == (4, 1.0, 0.0)


def test_objects_may_lack_keys_that_are_not_required(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(
        b'{"unit": "a", "label": 1, "baseline": 1, "candidate": 1, "x/~y": "NZ"}\n'
        b'{"unit": "b", "label": 0, "candidate": 1, "baseline": null}\n'
    )
    found = evidence(tmp_path, "a.jsonl")
    assert pair(found, "accuracy").lost.rows == 1
    assert found.levels(["x/~y"], "predictions") == {
        Slice.of({"x/~y": "(none)"}): 1,
        Slice.of({"x/~y": "NZ"}): 1,
    }
