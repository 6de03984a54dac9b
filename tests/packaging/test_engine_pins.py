"""The calls of ibis, DuckDB, sqlglot and Arrow that the package relies on, one by one.

With sqlglot 30.18 or newer ibis 12 writes `DROP TABLE IF EXISTS` without the table's name, and
with DuckDB 2 its Arrow calls are gone; reading expressions went on working in both. So what writes
is tried as well as what reads.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import sqlglot
from ibis.common.exceptions import IbisError, TableNotFound

ROWS = {
    "unit": ["a", "b", "c", "c"],
    "value": [1.0, 2.0, None, 4.0],
    "right": [True, False, True, True],
}


@pytest.fixture
def backend() -> Iterator[Any]:
    connected = ibis.duckdb.connect()
    yield connected
    connected.disconnect()


@pytest.fixture
def t(backend: Any) -> Any:
    return backend.create_table("t", pa.table(ROWS))


def test_a_table_is_created_replaced_and_dropped_by_its_name(backend: Any, t: Any) -> None:
    assert backend.list_tables() == ["t"]
    backend.create_table("t", t.filter(t.unit == "a"), overwrite=True)
    assert backend.table("t").count().to_pyarrow().as_py() == 1
    backend.drop_table("t")
    assert backend.list_tables() == []


def test_a_view_is_created_and_dropped_by_its_name(backend: Any, t: Any) -> None:
    backend.create_view("v", t.filter(t.right))
    assert backend.list_tables() == ["t", "v"]
    backend.drop_view("v")
    assert backend.list_tables() == ["t"]


def test_a_dropped_table_keeps_its_name_in_every_dialect() -> None:
    """Sqlglot 30.18 renamed the field that ibis sets, and takes unknown ones without a word."""
    table = sqlglot.exp.Table(this=sqlglot.exp.to_identifier("t", quoted=True))
    drop = sqlglot.exp.Drop(kind="TABLE", exists=True, this=table)
    for dialect in ("duckdb", "postgres", "clickhouse", "spark"):
        assert "t" in drop.sql(dialect=dialect).removeprefix("DROP TABLE IF EXISTS").strip('"` ')


def test_statements_of_our_own_run_on_the_connection_below(backend: Any) -> None:
    backend.con.execute("CREATE TEMP TABLE own AS SELECT 1 AS c0").fetchall()
    backend.con.execute("CREATE OR REPLACE TEMP VIEW seen AS SELECT * FROM own").fetchall()
    assert backend.table("own").schema() == ibis.schema({"c0": "int32"})
    assert backend.table("seen").to_pyarrow().to_pylist() == [{"c0": 1}]


def test_a_locked_engine_reads_the_allowed_file_and_no_other(backend: Any, tmp_path: Path) -> None:
    allowed, other = tmp_path / "allowed.csv", tmp_path / "other.csv"
    for file in (allowed, other):
        file.write_text("unit\na\n", encoding="utf-8")
    for setting in (
        f"SET temp_directory = '{tmp_path / 'spill'}'",
        "SET TimeZone = 'UTC'",
        "SET autoinstall_known_extensions = false",
        "SET autoload_known_extensions = false",
        "SET enable_progress_bar = false",
        f"SET allowed_paths = ['{allowed}']",
        "SET enable_external_access = false",
        "SET lock_configuration = true",
    ):
        backend.con.execute(setting)
    read = "SELECT * FROM read_csv('{}', columns = {{'f0': 'VARCHAR'}}, auto_detect = false)"
    assert backend.con.execute(read.format(allowed)).fetchall()[-1] == ("a",)
    with pytest.raises(duckdb.PermissionException):
        backend.con.execute(read.format(other))
    with pytest.raises(duckdb.InvalidInputException):
        backend.con.execute("SET enable_external_access = true")


def test_files_are_read_with_the_options_we_give(backend: Any, tmp_path: Path) -> None:
    pq, lines, csv = tmp_path / "t.parquet", tmp_path / "t.jsonl", tmp_path / "t.csv"
    backend.con.execute(f"COPY (SELECT 1::TINYINT AS n, [1, 2] AS l) TO '{pq}' (FORMAT parquet)")
    lines.write_text('{"a/b": 1, "c": null}\n', encoding="utf-8")
    csv.write_text('unit,value\n"a ""x""",\n', encoding="utf-8")

    def ask(sql: str) -> list[Any]:
        found: list[Any] = backend.con.execute(sql).fetchall()
        return found

    schema = ask(f"SELECT name, num_children FROM parquet_schema('{pq}')")  # noqa: S608 - a path of our own
    assert [name for name, _ in schema][1:3] == ["n", "l"]
    read = f"read_parquet(['{pq}'], hive_partitioning = false)"
    assert [row[:2] for row in ask(f"DESCRIBE SELECT * FROM {read}")] == [  # noqa: S608 - a path of our own
        ("n", "TINYINT"),
        ("l", "INTEGER[]"),
    ]
    objects = f"read_ndjson_objects(['{lines}'], maximum_object_size = 1048576)"
    assert ask(f"SELECT json ->> '/a~1b', json_type(json), json_keys(json) FROM {objects}") == [  # noqa: S608 - a path of our own
        ("1", "OBJECT", ["a/b", "c"])
    ]
    strict = (
        f"read_csv(['{csv}'], columns = {{'f0': 'VARCHAR', 'f1': 'VARCHAR'}}, auto_detect = false, "
        "header = true, delim = ',', quote = '\"', escape = '\"', strict_mode = true, "
        "null_padding = false, nullstr = '', hive_partitioning = false)"
    )
    assert ask(f"SELECT f0, f1 FROM {strict}") == [('a "x"', None)]  # noqa: S608 - a path of our own


def test_sums_of_no_rows_are_null_and_not_zero(t: Any) -> None:
    none = t.filter(t.unit == "nobody")
    seen = none.aggregate(n=none.count(), total=none.value.sum())
    assert seen.to_pyarrow().to_pylist() == [{"n": 0, "total": None}]


def test_groups_windows_cases_and_unions_give_what_they_say(t: Any) -> None:
    known = t.value.notnull()
    view = t.mutate(
        once=t.count().over(ibis.window(group_by=t.unit)) == 1,
        filled=known.ifelse(t.value, ibis.null("float64")),
        named=ibis.cases((t.unit == "a", "first"), (known, "known"), else_="absent"),
        most=ibis.greatest(t.value, ibis.literal(2.0)),
        first=ibis.coalesce(t.value, 9.0),
    )
    rows = view.order_by("unit", "first").to_pyarrow().to_pylist()
    assert [row["once"] for row in rows] == [True, True, False, False]
    assert [row["named"] for row in rows] == ["first", "known", "known", "absent"]
    assert [row["first"] for row in rows] == [1.0, 2.0, 4.0, 9.0]
    both = ibis.union(view.select("unit"), view.select("unit"), distinct=False)
    counted = both.group_by("unit").aggregate(n=both.count()).order_by("unit").limit(2)
    assert counted.to_pyarrow().to_pylist() == [{"unit": "a", "n": 2}, {"unit": "b", "n": 2}]


def test_arms_are_joined_even_where_one_of_them_is_lost(t: Any) -> None:
    baseline = t.filter(t.unit != "c").select(unit="unit", baseline="value")
    candidate = t.filter(t.unit != "a").distinct(on="unit").select(key="unit", candidate="value")
    joined = baseline.outer_join(candidate, baseline.unit == candidate.key)
    whole = joined.select(
        unit=ibis.coalesce(joined.unit, joined.key), lost=joined.unit.isnull() | joined.key.isnull()
    )
    rows = whole.order_by("unit").to_pyarrow().to_pylist()
    assert [(row["unit"], row["lost"]) for row in rows] == [("a", True), ("b", False), ("c", True)]


def test_text_that_is_no_number_becomes_null(backend: Any) -> None:
    cells = backend.create_table("cells", pa.table({"x": ["1.5", "one", "", None]}))
    seen = cells.select(x=cells.x.try_cast("float64")).to_pyarrow()
    assert seen.column("x").to_pylist() == [1.5, None, None, None]


def test_arrow_comes_back_in_the_order_asked_for(t: Any) -> None:
    table = t.order_by(t.unit.desc()).select("unit").to_pyarrow()
    assert isinstance(table, pa.Table)
    encoded = pc.dictionary_encode(table.column("unit")).combine_chunks()
    assert encoded.dictionary.to_pylist() == ["c", "b", "a"]


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "clickhouse", "bigquery", "snowflake"])
def test_an_expression_is_written_in_other_dialects_without_a_server(dialect: str) -> None:
    t = ibis.table({"unit": "string", "value": "float64"}, name="t")
    sql = str(ibis.to_sql(t.group_by("unit").aggregate(s=t.value.sum()), dialect=dialect))
    assert "SUM(" in sql.upper()
    assert "GROUP BY" in sql


def test_errors_of_the_engine_are_of_the_classes_we_catch(
    backend: Any, t: Any, tmp_path: Path
) -> None:
    with pytest.raises(IbisError):
        t.select(n=backend.create_table("u", pa.table(ROWS)).unit)
    damaged = tmp_path / "t.parquet"
    damaged.write_bytes(b"PAR1 and then nothing")
    with pytest.raises(duckdb.Error):
        backend.con.execute(f"SELECT * FROM read_parquet('{damaged}')").fetchall()  # noqa: S608 - a path of our own
    assert issubclass(pa.ArrowInvalid, pa.ArrowException)


def test_a_table_nobody_made_is_an_error_of_a_class_of_its_own(backend: Any) -> None:
    """In ibis 12.0.0 TableNotFound is a plain Exception: catching IbisError does not catch it."""
    assert not issubclass(TableNotFound, IbisError)
    with pytest.raises(TableNotFound):
        backend.table("nobody")
