"""Tables in PostgreSQL: read as a whole, of one moment, and refused in words."""

# ruff: noqa: S608 - the statements are those of the tests themselves

import gc
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

from clusters import DATABASE, OWNER, Cluster
from data.stored import ROWS, opened, refusal
from data.tables import exact, pair, sample, write
from shipcall.core import Absent, EvidenceError, Reason
from shipcall.data.databases import copied, demand_address, outside
from shipcall.data.postgres import Postgres

PROGRAM = shutil.which("psql")


def test_a_table_says_what_the_same_table_in_a_file_says(
    cluster: Cluster, table: str, tmp_path: Path
) -> None:
    cluster.fill(table, ROWS)
    write(tmp_path / "s.csv", ROWS)
    for address in (cluster.address(table), cluster.by_socket(table)):
        stored, file = opened(address, tmp_path), opened("s.csv", tmp_path)
        assert exact(sample(stored, "proportion")) == exact(sample(file, "proportion"))
        assert stored.facts("scores").units == file.facts("scores").units == 5
        assert stored.columns("scores") == file.columns("scores") == ("country",)


@pytest.mark.skipif(PROGRAM is None, reason="no psql here to compare with")
def test_the_hash_is_that_of_a_file_which_psql_writes(
    cluster: Cluster, table: str, tmp_path: Path
) -> None:
    cluster.fill(table, [*ROWS, ROWS[0] | {"item": 'a "b"\r\nc, d é', "value": 7}])
    query = f'COPY (SELECT * FROM {table} AS t ORDER BY ROW(t.*)::text COLLATE "C") TO STDOUT'
    written = subprocess.run(
        [str(PROGRAM), "-X", "-q", "-c", f"{query} (FORMAT csv, HEADER)", DATABASE],
        env={**os.environ, "PGHOST": "127.0.0.1", "PGPORT": str(cluster.port), "PGUSER": OWNER},
        capture_output=True,
        check=True,
    ).stdout
    digests = opened(cluster.address(table), tmp_path).digests()
    assert digests == {"scores": hashlib.sha256(written).hexdigest()}


def test_the_order_in_which_rows_were_stored_changes_nothing(
    cluster: Cluster, table: str, tmp_path: Path
) -> None:
    cluster.fill(table, ROWS)
    before = opened(cluster.address(table), tmp_path).digests()
    cluster.fill(table, [*reversed(ROWS)])
    assert opened(cluster.address(table), tmp_path).digests() == before
    cluster.run(f"UPDATE {table} SET value = 1 WHERE item = 'q1'")
    assert opened(cluster.address(table), tmp_path).digests() != before


def test_every_type_is_written_as_a_file_would_hold_it(
    cluster: Cluster, table: str, tmp_path: Path
) -> None:
    cluster.run(
        f"CREATE TABLE {table} (b boolean, f real, d double precision, n numeric, "
        "z timestamptz, t text, nothing text)",
        f"INSERT INTO {table} VALUES (true, 0.1, 1e-20, 0.10, '2026-01-01 00:30+02', 'ä', NULL)",
    )
    copies = copied([demand_address(cluster.address(table))], tmp_path, tmp_path)
    (file,) = copies.files.values()
    assert file.path.read_text(encoding="utf-8").splitlines() == [
        "b,f,d,n,z,t,nothing",
        "true,0.1,1e-20,0.10,2025-12-31 22:30:00+00,ä,",
    ]


def test_tables_of_one_database_are_of_one_moment(
    cluster: Cluster, table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = f"{table}_too"
    cluster.fill(table, ROWS)
    cluster.fill(other, ROWS)
    copy = Postgres.copy

    def written_between(self: Postgres, *arguments: Any) -> None:
        copy(self, *arguments)
        cluster.run(f"DELETE FROM {table}", f"DELETE FROM {other}")

    monkeypatch.setattr(Postgres, "copy", written_between)
    addresses = [demand_address(cluster.address(name)) for name in (table, other)]
    copies = copied(addresses, tmp_path, tmp_path)
    lines = [len(file.path.read_bytes().splitlines()) for file in copies.files.values()]
    assert lines == [len(ROWS) + 1, len(ROWS) + 1]


def test_each_model_may_have_a_table_of_its_own(
    cluster: Cluster, table: str, tmp_path: Path
) -> None:
    paths = {}
    for arm in ("baseline", "candidate"):
        rows = [{k: v for k, v in row.items() if k != "arm"} for row in ROWS if row["arm"] == arm]
        rows.sort(key=lambda row: row["value"] is None)
        cluster.fill(f"{table}_{arm}", rows)
        paths[arm] = cluster.address(f"{table}_{arm}")
    write(tmp_path / "s.csv", ROWS)
    stored = opened("both", tmp_path, arm_paths=paths)
    assert exact(sample(stored, "proportion")) == exact(
        sample(opened("s.csv", tmp_path), "proportion")
    )


def test_one_table_under_the_names_of_both_models_is_refused(
    cluster: Cluster, table: str, tmp_path: Path
) -> None:
    cluster.fill(table, ROWS)
    address = cluster.address(table)
    stored = opened("both", tmp_path, arm_paths={"baseline": address, "candidate": address})
    with pytest.raises(EvidenceError, match="E217"):
        stored.demand_two_runs()


def test_a_table_nobody_wrote_yet_is_no_data_and_names_what_is_near(
    cluster: Cluster, table: str, tmp_path: Path
) -> None:
    cluster.fill(table, ROWS)
    lacking = opened(cluster.address(table + "s"), tmp_path)
    assert not lacking.present("scores")
    absent = sample(lacking, "proportion")
    assert isinstance(absent, Absent)
    assert absent.reason is Reason.NO_EVIDENCE
    assert f"Did you mean '{table}'" in absent.detail


def test_a_table_without_rows_or_dropped_is_never_a_number(
    cluster: Cluster, table: str, tmp_path: Path
) -> None:
    cluster.fill(table, ROWS)
    for change in (f"DELETE FROM {table}", f"DROP TABLE {table}"):
        cluster.run(change)
        assert isinstance(sample(opened(cluster.address(table), tmp_path), "proportion"), Absent)


def test_a_missing_column_is_named_with_the_nearest(
    cluster: Cluster, table: str, tmp_path: Path
) -> None:
    cluster.fill(table, [{"itm" if k == "item" else k: v for k, v in row.items()} for row in ROWS])
    fault = refusal(cluster.address(table), tmp_path)
    assert fault.code == "E210"
    assert "itm" in str(fault)
    assert fault.file == cluster.address(table)


def test_a_value_that_does_not_fit_is_named_by_its_row(
    cluster: Cluster, table: str, tmp_path: Path
) -> None:
    """Third of its rows by their text: those of the baseline come first, q0 before q1 …"""
    rows = [row | {"value": str(row["value"])} for row in ROWS]
    cluster.fill(table, [*rows[:4], rows[4] | {"value": "good"}])
    fault = refusal(cluster.address(table), tmp_path)
    assert (fault.code, fault.line) == ("E211", None)
    assert "'good'" in fault.seen
    assert "(row 3)" in fault.seen


def test_a_table_that_breaks_off_is_no_table(cluster: Cluster, table: str, tmp_path: Path) -> None:
    cluster.run(f"CREATE VIEW {table} AS SELECT 1 / (3 - i) AS item FROM generate_series(1, 5) i")
    fault = refusal(cluster.address(table), tmp_path)
    assert "22012" in fault.seen
    assert "division by zero" in fault.seen


def test_nothing_can_be_written_while_reading(cluster: Cluster, table: str, tmp_path: Path) -> None:
    cluster.fill(table, ROWS)
    cluster.run(
        f"CREATE FUNCTION {table}_f() RETURNS int LANGUAGE sql AS 'DELETE FROM {table}; SELECT 1'",
        f"CREATE VIEW {table}_v AS SELECT {table}_f() AS item",
    )
    assert "25006" in refusal(cluster.address(f"{table}_v"), tmp_path).seen
    assert pair(opened(cluster.address(table), tmp_path), "proportion").rows == 4


def test_names_are_quoted_whatever_they_hold(cluster: Cluster, tmp_path: Path) -> None:
    odd = 'a";drop table x;--:y'
    quoted = odd.replace('"', '""')
    cluster.run(
        f'CREATE TABLE "{quoted}" ("t" int, "{quoted}" int)',
        f'INSERT INTO "{quoted}" VALUES (1, 2)',
    )
    address = demand_address(cluster.address(odd.replace(";", "%3B").replace('"', "%22")))
    (file,) = copied([address], tmp_path, tmp_path).files.values()
    assert file.path.read_text(encoding="utf-8").splitlines()[1] == "1,2"


def test_the_state_changes_with_the_table_and_not_by_itself(
    cluster: Cluster, table: str, tmp_path: Path
) -> None:
    cluster.fill(table, ROWS)
    address = cluster.address(table)
    before = outside(address, tmp_path)
    assert outside(address, tmp_path) == before
    cluster.run(f"UPDATE {table} SET value = 0")
    assert outside(address, tmp_path) != before
    assert opened(address, tmp_path).stats() == opened(address, tmp_path).stats()


def test_without_the_driver_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pg8000.native", None)
    assert "shipcall[postgres]" in refusal("postgresql://h/d?table=t", tmp_path).fix


def test_a_server_is_asked_only_when_somebody_wants_to_know(tmp_path: Path) -> None:
    opened("postgresql://nobody.invalid/d?table=t", tmp_path).close()


def test_copies_are_removed_when_they_are_closed_or_forgotten(
    cluster: Cluster, table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    cluster.fill(table, ROWS)
    first, second = (opened(cluster.address(table), tmp_path) for _ in range(2))
    assert first.present("scores")
    assert second.present("scores")
    folders = [path for path in tmp_path.iterdir() if path.is_dir()]
    assert [path.stat().st_mode & 0o077 for path in folders] == [0, 0]
    first.close()
    del second
    gc.collect()
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]
