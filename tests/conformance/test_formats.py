"""Every format keeps to the same rules, and every one is read by them."""

from pathlib import Path
from typing import Any

import pytest

from data.tables import evidence, write
from shipcall.core import EvidenceError
from shipcall.data.sources import UnitColumns
from shipcall.formats import FORMATS, READ, STATUSES, Column, Format, Kind

VALUES: dict[Kind, Any] = {
    Kind.TEXT: "x",
    Kind.NUMBER: 0.5,
    Kind.VALUE: 1,
    Kind.TIME: "2026-11-20T09:30:00Z",
}
MODELS = {"first": "baseline", "second": "candidate"}
"""Columns that name the two models without a list of choices."""

each_format = pytest.mark.parametrize("format_", FORMATS.values(), ids=lambda f: f.name)
each_judged = pytest.mark.parametrize("format_", READ.values(), ids=lambda f: f.name)


def full_rows(format_: Format, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Two rows which hold these columns and differ in their key."""
    rows = []
    for number in range(2):
        row = {}
        for name in names:
            column = format_.column(name)
            assert column is not None
            value = MODELS.get(name, VALUES[column.kind])
            row[name] = column.choices[0] if column.choices else value
            if name in format_.key and not column.choices:
                row[name] = _named(column, number)
        rows.append(row)
    return rows


def _named(column: Column, number: int) -> str:
    if column.kind is Kind.TIME:
        return f"2026-11-2{number}T09:30:00Z"
    return f"2026-11-2{number}" if column.name == "day" else f"{column.name}-{number}"


@each_format
def test_a_format_says_what_a_row_is_and_what_each_column_means(format_: Format) -> None:
    assert FORMATS[format_.name] is format_
    assert format_.row
    assert all(column.doc.endswith((".", ";")) for column in format_.columns)
    assert len(set(format_.names)) == len(format_.names)


@each_format
def test_the_key_and_the_numbered_columns_are_columns(format_: Format) -> None:
    assert set(format_.key) <= set(format_.names)
    assert set(format_.numbered) <= set(format_.required)
    assert format_.column("no such column") is None


@each_format
def test_what_names_a_row_is_text_or_a_moment_and_never_null(format_: Format) -> None:
    for name in format_.key:
        column = format_.column(name)
        assert column is not None
        assert column.kind in (Kind.TEXT, Kind.TIME)
        assert not column.nullable


@each_judged
@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_a_table_of_the_required_columns_is_read(
    tmp_path: Path, format_: Format, suffix: str
) -> None:
    write(tmp_path / f"a.{suffix}", full_rows(format_, format_.required))
    found = evidence(tmp_path, f"a.{suffix}", format=format_.name, metrics={})
    assert found.facts(format_.name).rows == 2
    assert found.columns(format_.name) == ()


@each_judged
def test_a_table_of_all_columns_is_read_and_none_is_a_slice(
    tmp_path: Path, format_: Format
) -> None:
    write(tmp_path / "a.parquet", full_rows(format_, format_.names))
    found = evidence(tmp_path, "a.parquet", format=format_.name, metrics={})
    assert found.facts(format_.name).units == 2
    assert found.columns(format_.name) == ()


@pytest.mark.parametrize(
    ("format_", "name"),
    [(f, name) for f in READ.values() for name in f.required],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_every_required_column_is_missed_by_name(
    tmp_path: Path, format_: Format, name: str
) -> None:
    rows = full_rows(format_, tuple(n for n in format_.required if n != name))
    write(tmp_path / "a.csv", rows)
    unit = UnitColumns(id="something else")
    with pytest.raises(EvidenceError, match=f"E210(.|\n)*{name!r}"):
        evidence(tmp_path, "a.csv", format=format_.name, unit=unit).facts(format_.name)


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_is_read(tmp_path: Path, status: str) -> None:
    rows = full_rows(FORMATS["scores"], FORMATS["scores"].required)
    write(tmp_path / "a.csv", [row | {"status": status} for row in rows])
    facts = evidence(tmp_path, "a.csv", format="scores", metrics={}).facts("scores")
    assert facts.errored == ({} if status == "ok" else {("baseline", status): 2})
