"""Neither the order of rows and files nor their shape changes a bit of what is measured."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
