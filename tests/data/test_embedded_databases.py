"""Tables in DuckDB files: read as a whole, and nothing beyond the file with them."""

# ruff: noqa: S608 - the statements are those of the tests themselves

import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from data.tables import ITEM, RIGHT, exact, graded, pair, sample, write
from shipcall.core import Absent, EvidenceError, Fault, Reason
from shipcall.data.changes import changes_within
from shipcall.data.databases import demand_address, outside
from shipcall.data.embedded import embedded
from shipcall.data.evidence import Evidence
from shipcall.data.sources import Source, UnitColumns

ROWS = graded((1, 1), (0, 1), (1, 0), (0, 1), (None, 1), country=lambda _, i: "NZ" if i else "BR")
ADDRESS = "duckdb:///runs.duckdb?table=eval.scores"


def keep(file: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the table eval.scores of a database."""
    table = pa.Table.from_pylist([dict(row) for row in rows])
    with duckdb.connect(str(file)) as connection:
        connection.register("rows", table)
        connection.execute("CREATE SCHEMA IF NOT EXISTS eval")
        connection.execute("CREATE OR REPLACE TABLE eval.scores AS SELECT * FROM rows")


def run(file: Path, *statements: str) -> None:
    with duckdb.connect(str(file)) as connection:
        for statement in statements:
            connection.execute(statement)


def opened(root: Path, address: str = ADDRESS) -> Evidence:
    return Evidence(
        {"scores": Source(format="scores", path=address)},
        root=root,
        unit=ITEM,
        metrics={"right": RIGHT},
    )


def refusal(root: Path, address: str = ADDRESS) -> Fault:
    with pytest.raises(EvidenceError) as raised:
        opened(root, address).facts("scores")
    (fault,) = raised.value.faults
    assert str(root) not in str(fault)
    return fault


def test_a_table_says_what_the_same_table_in_a_file_says(tmp_path: Path) -> None:
    keep(tmp_path / "runs.duckdb", ROWS)
    write(tmp_path / "s.csv", ROWS)
    stored, file = opened(tmp_path), opened(tmp_path, "s.csv")
    assert exact(sample(stored, "proportion")) == exact(sample(file, "proportion"))
    assert stored.facts("scores").units == 5
    stored.close()


def test_the_order_in_which_rows_were_stored_changes_nothing(tmp_path: Path) -> None:
    keep(tmp_path / "runs.duckdb", ROWS)
    before = opened(tmp_path).digests()
    keep(tmp_path / "runs.duckdb", [*reversed(ROWS)])
    assert opened(tmp_path).digests() == before
    run(tmp_path / "runs.duckdb", "UPDATE eval.scores SET value = 1 WHERE item = 'q1'")
    assert opened(tmp_path).digests() != before


def test_no_file_and_no_table_are_no_data(tmp_path: Path) -> None:
    for detail in ("no file at 'runs.duckdb'", "Did you mean 'eval.scores_2'?"):
        absent = sample(opened(tmp_path), "proportion")
        assert isinstance(absent, Absent)
        assert absent.reason is Reason.NO_EVIDENCE
        assert detail in absent.detail
        run(
            tmp_path / "runs.duckdb",
            "CREATE SCHEMA IF NOT EXISTS eval",
            "CREATE TABLE IF NOT EXISTS eval.scores_2 (item INT)",
        )


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "runs.duckdb").write_bytes(b"item,arm\n" * 1000)
    assert refusal(tmp_path).code == "E202"


def test_a_view_cannot_read_another_file(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("item\n1\n", encoding="utf-8")
    view = f"CREATE VIEW eval.scores AS SELECT * FROM read_csv('{tmp_path}/secret.csv')"
    run(tmp_path / "runs.duckdb", "CREATE SCHEMA eval", view)
    assert "PermissionException" in refusal(tmp_path).seen


def test_a_database_that_another_program_writes_to_is_refused(tmp_path: Path) -> None:
    keep(tmp_path / "runs.duckdb", ROWS)
    program = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); "
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "runs.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "open\n"
        assert "lock" in refusal(tmp_path).seen
        writer.communicate("")


def test_two_readers_at_once_do_not_meet(tmp_path: Path) -> None:
    """Each reads into a folder of its own, with settings of its own, as the pages do."""
    keep(tmp_path / "runs.duckdb", ROWS)
    address = demand_address(ADDRESS)
    folders = [tmp_path / "a", tmp_path / "b"]

    def read(folder: Path) -> bytes:
        folder.mkdir()
        with embedded(address, tmp_path / "runs.duckdb", folder) as one:
            one.copy(address, folder / "t.csv")
        return (folder / "t.csv").read_bytes()

    with ThreadPoolExecutor(2) as readers:
        first, second = readers.map(read, folders)
    assert first == second


def test_a_view_reads_the_tables_of_its_own_file(tmp_path: Path) -> None:
    keep(tmp_path / "runs.duckdb", ROWS)
    run(
        tmp_path / "runs.duckdb",
        "CREATE TABLE good AS SELECT * FROM eval.scores WHERE value IS NOT NULL",
        "CREATE VIEW eval.seen AS SELECT * FROM good",
    )
    seen = opened(tmp_path, "duckdb:///runs.duckdb?table=eval.seen")
    assert pair(seen, "proportion").rows == 4


def test_what_was_written_and_not_yet_merged_is_read(tmp_path: Path) -> None:
    """A program that ends without closing leaves its last rows in the log beside the file."""
    keep(tmp_path / "runs.duckdb", ROWS[:4])
    program = (
        "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]); c.execute(sys.argv[2]); "
        "os._exit(0)"
    )
    more = "INSERT INTO eval.scores SELECT * REPLACE ('q8' AS item) FROM eval.scores LIMIT 2"
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "runs.duckdb"), more], check=True)
    assert (tmp_path / "runs.duckdb.wal").exists()
    assert opened(tmp_path).facts("scores").units == 3


def test_reading_leaves_the_database_as_it_is(tmp_path: Path) -> None:
    keep(tmp_path / "runs.duckdb", ROWS)
    before = (tmp_path / "runs.duckdb").read_bytes()
    opened(tmp_path).facts("scores")
    assert (tmp_path / "runs.duckdb").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["runs.duckdb"]


def test_a_value_that_does_not_fit_is_named_by_its_row(tmp_path: Path) -> None:
    rows = [row | {"value": str(row["value"])} for row in ROWS[:4]]
    keep(tmp_path / "runs.duckdb", [*rows, rows[0] | {"item": "q9", "value": "good"}])
    fault = refusal(tmp_path)
    assert (fault.code, fault.file, fault.line) == ("E211", ADDRESS, None)
    assert "(row 3)" in fault.seen


def test_an_address_that_is_none_is_refused_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="E221") as raised:
        opened(tmp_path, "postgresql://eval:hunter2@h/d?table=t")
    assert "hunter2" not in str(raised.value)


def test_a_watcher_sees_a_change_and_a_database_that_is_gone(tmp_path: Path) -> None:
    nowhere = outside(ADDRESS, tmp_path)
    keep(tmp_path / "runs.duckdb", ROWS)
    first = outside(ADDRESS, tmp_path)
    assert first == outside(ADDRESS, tmp_path)
    run(tmp_path / "runs.duckdb", "DELETE FROM eval.scores WHERE item = 'q1'")
    assert len({nowhere, first, outside(ADDRESS, tmp_path)}) == 3


def test_a_watcher_is_not_stopped_by_a_server_that_does_not_answer(tmp_path: Path) -> None:
    ((told, size, changed),) = outside("postgresql://127.0.0.1:1/d?table=t", tmp_path)
    assert told.startswith("postgresql://127.0.0.1:1/d?table=t ")
    assert (size, changed) == (-1, -1)


def test_changes_of_the_world_may_lie_in_a_database(tmp_path: Path) -> None:
    run(
        tmp_path / "world.duckdb",
        "CREATE TABLE changes AS SELECT TIMESTAMPTZ '2026-03-01 10:00:00+00' AS at, "
        "'deploy' AS kind, 'search 4.2' AS what",
    )
    source = Source(format="changes", path="duckdb:///world.duckdb?table=changes")
    first, last = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    found = changes_within(source, tmp_path, UnitColumns(id="unit"), first, last)
    assert [change.what for change in found.listed] == ["search 4.2"]
