"""Changes in the world: read for a span of time, and refused where they are no such table."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from shipcall.core import EvidenceError
from shipcall.data.changes import MOST, Change, Changes, changes_within
from shipcall.data.sources import Source, UnitColumns

FIRST, LAST = datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 9, tzinfo=UTC)


def read(
    folder: Path, text: str, columns: dict[str, str] | None = None, path: str = "changes.csv"
) -> Changes:
    (folder / "changes.csv").write_text(text, encoding="utf-8")
    source = Source(format="changes", path=path, columns=columns or {})
    return changes_within(source, folder, UnitColumns(id="user", time="served_at"), FIRST, LAST)


def test_changes_of_the_span_come_oldest_first(tmp_path: Path) -> None:
    text = (
        "at,kind,what\n"
        "2026-11-05T12:00:00Z,policy,stricter\n"
        "2026-11-02T00:00:00Z,deploy,app 8\n"
        "2026-11-01T23:59:59Z,deploy,too early\n"
        "2026-11-09T00:00:01Z,deploy,too late\n"
    )
    assert read(tmp_path, text).listed == (
        Change(FIRST, "deploy", "app 8"),
        Change(datetime(2026, 11, 5, 12, tzinfo=UTC), "policy", "stricter"),
    )


def test_columns_are_mapped_as_in_every_table(tmp_path: Path) -> None:
    text = "when,kind,what\n2026-11-05T12:00:00Z,policy,stricter\n"
    assert len(read(tmp_path, text, {"at": "when"}).listed) == 1


def test_what_nobody_wrote_down_is_empty(tmp_path: Path) -> None:
    (change,) = read(tmp_path, "at,kind,what\n2026-11-05T12:00:00Z,,\n").listed
    assert (change.kind, change.what) == ("", "")


def test_many_changes_are_listed_in_part_and_counted(tmp_path: Path) -> None:
    lines = [f"2026-11-03T{i // 60 % 24:02d}:{i % 60:02d}:00Z,deploy,n{i}" for i in range(MOST + 7)]
    found = read(tmp_path, "\n".join(["at,kind,what", *lines]) + "\n")
    assert (len(found.listed), found.left) == (MOST, 7)
    assert found.listed[0].what == "n0"


def test_without_a_file_there_are_none(tmp_path: Path) -> None:
    assert read(tmp_path, "", path="other.csv") == Changes((), 0)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("at,kind,what\nyesterday,deploy,x\n", "E212"),
        ("at,kind\n2026-11-05T12:00:00Z,deploy\n", "E210"),
    ],
)
def test_another_table_is_refused(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(EvidenceError, match=code):
        read(tmp_path, text)
