"""Slices: levels come from the baseline's rows and from nothing else."""

from pathlib import Path
from typing import Any

import pytest

from data.tables import evidence, pair, sample, write
from shipcall.core import Absent, EvidenceError, Reason, Slice
from shipcall.data.sources import UnitColumns

ITEM = UnitColumns(id="item")


def rows(n: int = 12, **columns: Any) -> list[dict[str, Any]]:
    return [
        {"unit": f"u{i}", "label": i % 2, "baseline": 0.9, "candidate": 0.1}
        | {name: value(i) for name, value in columns.items()}
        for i in range(n)
    ]


def test_levels_and_crosses_are_counted_in_units(tmp_path: Path) -> None:
    """By hand: 12 units, every third in BR, every second new, of which none says its device."""
    table = rows(
        country=lambda i: "NZ" if i % 3 else "BR",
        tenure=lambda i: "old" if i % 2 else "new",
        device=lambda i: "tv" if i % 2 else None,
    )
    write(tmp_path / "a.parquet", table)
    found = evidence(tmp_path, "a.parquet")
    assert found.columns("predictions") == ("country", "device", "tenure")
    assert found.levels(["country", "tenure * device"], "predictions") == {
        Slice.of({"country": "BR"}): 4,
        Slice.of({"country": "NZ"}): 8,
        Slice.of({"device": "(none)", "tenure": "new"}): 6,
        Slice.of({"device": "tv", "tenure": "old"}): 6,
    }
    cross = Slice.of({"country": "BR", "device": "(none)", "tenure": "new"})
    assert pair(found, "accuracy", cross).rows == 2


def test_a_unit_that_stands_twice_is_one_unit_of_its_level(tmp_path: Path) -> None:
    table = [*rows(4, country=lambda _: "NZ"), *rows(2, country=lambda _: "NZ")]
    write(tmp_path / "a.csv", table)
    levels = evidence(tmp_path, "a.csv").levels(["country"], "predictions")
    assert levels == {Slice.of({"country": "NZ"}): 4}


def test_levels_do_not_depend_on_labels_answers_or_the_candidate(tmp_path: Path) -> None:
    table = [
        {
            "arm": arm,
            "item": f"q{i}",
            "metric": "right",
            "value": value,
            "status": status,
            "country": country,
        }
        for arm, country, value, status in (
            ("baseline", "NZ", 1, "ok"),
            ("candidate", "only the candidate", 0, "ok"),
        )
        for i in range(3)
    ]
    blank = [
        row | {"value": None, "status": "not_run"} for row in table if row["arm"] == "baseline"
    ]
    for name, some in (("all", table), ("blank", blank)):
        write(tmp_path / f"{name}.csv", some)
        found = evidence(tmp_path, f"{name}.csv", format="scores", unit=ITEM)
        assert found.levels(["country"], "scores") == {Slice.of({"country": "NZ"}): 3}


@pytest.mark.parametrize("n", [2_000, 2_001])
def test_a_column_with_too_many_levels_looks_like_an_id(tmp_path: Path, n: int) -> None:
    write(tmp_path / "a.parquet", rows(n, session=lambda i: f"s{i}"))
    found = evidence(tmp_path, "a.parquet")
    if n == 2_000:
        assert len(found.levels(["session"], "predictions")) == n
    else:
        with pytest.raises(EvidenceError, match=r"E216(.|\n)*looks like an id"):
            found.levels(["session"], "predictions")


def test_an_unknown_slice_column_names_what_is_near(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", rows(country=lambda _: "NZ"))
    with pytest.raises(EvidenceError, match=r"E216(.|\n)*Did you mean 'country'") as raised:
        evidence(tmp_path, "a.csv").levels(["contry", "tenure*country"], "predictions")
    assert len(raised.value.faults) == 2


def test_a_level_that_is_not_there_is_no_rows_and_a_column_is_wrong_columns(
    tmp_path: Path,
) -> None:
    write(tmp_path / "a.csv", rows(country=lambda _: "NZ"))
    found = evidence(tmp_path, "a.csv")
    reasons = {
        Slice.of({"country": "BR"}): Reason.NO_ROWS,
        Slice.of({"city": "Lima"}): Reason.WRONG_COLUMNS,
        Slice.of({"city": "Lima", "country": "NZ"}): Reason.WRONG_COLUMNS,
    }
    for part, reason in reasons.items():
        absent = sample(found, "accuracy", part)
        assert isinstance(absent, Absent)
        assert absent.reason is reason


def test_answers_and_names_are_no_slices(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", rows(at=lambda _: "2026-11-20", eval_set=lambda _: "v1"))
    with pytest.raises(EvidenceError, match="E216"):
        evidence(tmp_path, "a.csv").levels(["label"], "predictions")
