"""Addresses: what names a table in a database, and what a contract may not hold."""

import pytest

from shipcall.formats.address import Address, Wrong, address_of, is_address, masked


def read(text: str) -> Address:
    found = address_of(text)
    assert isinstance(found, Address), found
    return found


def refused(text: str) -> Wrong:
    found = address_of(text)
    assert isinstance(found, Wrong), found
    return found


def test_an_address_names_server_database_schema_and_table() -> None:
    one = read("postgresql://eval@db.example:5433/warehouse?table=eval.scores&sslmode=require")
    assert (one.kind, one.user, one.host, one.port) == ("postgresql", "eval", "db.example", 5433)
    assert (one.database, one.name, one.sslmode) == ("warehouse", "eval.scores", "require")


def test_what_is_not_said_is_what_the_databases_take_themselves() -> None:
    assert (read("postgres://h/d?table=t").name, read("postgresql://h/d?table=t").port) == (
        "public.t",
        5432,
    )
    assert read("duckdb:///a.duckdb?table=t").name == "main.t"


def test_a_socket_is_named_by_its_folder() -> None:
    assert read("postgresql:///d?host=/run/postgresql&table=t").host == "/run/postgresql"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("duckdb:///runs/a.duckdb?table=t", "runs/a.duckdb"),
        ("duckdb:////data/a.duckdb?table=t", "/data/a.duckdb"),
        ("duckdb:///night%20run.duckdb?table=t", "night run.duckdb"),
    ],
)
def test_three_strokes_are_relative_and_four_are_absolute(text: str, path: str) -> None:
    """As SQLAlchemy writes the paths of SQLite and DuckDB."""
    assert read(text).database == path


@pytest.mark.parametrize("path", ["evidence/*.parquet", "a.csv", "C:/a.csv", "../b.jsonl"])
def test_a_path_is_no_address(path: str) -> None:
    assert not is_address(path)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("s3://bucket/a.parquet", "s3://"),
        ("postgresql://h/d", "no table"),
        ("postgresql://h/d?table=a.b.c", "'a.b.c'"),
        ("postgresql://h/d?table=.t", "'.t'"),
        ("postgresql://h/d?table=t&table=u", "twice"),
        ("postgresql://h/d?table=t#x", "after #"),
        ("postgresql://h/d?tabel=t", "'tabel'"),
        ("postgresql://h/?table=t", "no database"),
        ("postgresql://h/d?host=/run&table=t", "two hosts"),
        ("postgresql://h:many/d?table=t", "cannot be read"),
        ("postgresql://h/d?table=t&sslmode=prefer", "'prefer'"),
        ("postgresql://h/d?table=t&password_env=AWS_SECRET", "'AWS_SECRET'"),
        ("duckdb://a.duckdb?table=t", "host"),
        ("duckdb:///?table=t", "no file"),
        ("duckdb:///a.duckdb?table=t&sslmode=require", "'sslmode'"),
    ],
)
def test_what_is_no_address_says_what_was_seen(text: str, seen: str) -> None:
    assert seen in refused(text).seen


def test_a_near_miss_is_named() -> None:
    assert "postgresql" in refused("postgressql://h/d?table=t").fix
    assert "table" in refused("postgresql://h/d?tabel=t").fix


PASSWORDS = (
    "postgresql://eval:hunter2@h/d?table=t",
    "postgresql://eval:hun/hunter2@h/d?table=t",
    "postgresql://eval:hun@hunter2@h/d?table=t",
    "postgresql://h/d?table=t&password=hunter2",
    "postgresql://h/d?PASSWORD=hunter2&table=t",
)


@pytest.mark.parametrize("text", PASSWORDS)
def test_a_password_is_refused_and_not_repeated(text: str) -> None:
    assert "hunter2" not in " ".join(refused(text))


@pytest.mark.parametrize("text", PASSWORDS)
def test_a_masked_line_keeps_its_length_and_loses_the_password(text: str) -> None:
    line = f'scores = {{ path = "{text}" }}  # for the night run'
    assert "hunter2" not in masked(line)
    assert len(masked(line)) == len(line)
    assert masked(line).endswith('" }  # for the night run')


@pytest.mark.parametrize("text", ["postgresql://eval@h:5433/d?table=t", "at 10:30, see a@b"])
def test_what_holds_no_password_is_left_alone(text: str) -> None:
    assert masked(text) == text
