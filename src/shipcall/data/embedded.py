"""Embedded: tables of one DuckDB file, read in one transaction that can only read."""

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from shipcall.data.connect import quoted, text
from shipcall.data.faults import Trouble, refuse
from shipcall.formats.address import Address

_FOLDERS = re.compile(r"""(?<=["'])/[^"']*/|(?<=\s)/[^\s"']*/""")
_FILE = "evidence"
"""Name under which the file is attached."""
_OWN = f"database_name = '{_FILE}' AND NOT internal"
_TABLES = (
    f"SELECT schema_name, table_name FROM duckdb_tables() WHERE {_OWN} "  # noqa: S608 - constants
    f"UNION ALL SELECT schema_name, view_name FROM duckdb_views() WHERE {_OWN}"
)
_COLUMNS = (
    f"SELECT column_name FROM duckdb_columns() WHERE {_OWN} "  # noqa: S608 - constants
    "AND schema_name = ? AND table_name = ? ORDER BY column_index"
)


_ONE_AT_A_TIME = threading.Lock()
"""Before 1.5 the engine does not attach one file twice in one process."""


@contextmanager
def embedded(address: Address, file: Path, folder: Path) -> Iterator["Embedded"]:
    """Open the database of an address; what is read within is of one moment.

    A view of it can read the tables of the file, and nothing else on this machine. One reader at a
    time: another thread waits, and the same one must not open a second.

    Args:
        address: Names the table, for messages.
        file: The database.
        folder: Where copies are written.

    Raises:
        EvidenceError: If the file is no database, or somebody writes to it.
    """
    with _ONE_AT_A_TIME, _connected(address) as connection:
        with _told(address):
            for setting in (
                "SET autoinstall_known_extensions = false",
                "SET autoload_known_extensions = false",
                f"ATTACH {text(str(file))} AS {_FILE} (TYPE duckdb, READ_ONLY)",
                f"USE {_FILE}",
                "SET TimeZone = 'UTC'",
                f"SET temp_directory = {text(str(folder / 'spill'))}",
                "SET enable_progress_bar = false",
                f"SET allowed_directories = [{text(str(folder))}]",
                "SET enable_external_access = false",
                "SET lock_configuration = true",
                "BEGIN TRANSACTION",
            ):
                connection.execute(setting)
        yield Embedded(connection)


@contextmanager
def _connected(address: Address) -> Iterator[duckdb.DuckDBPyConnection]:
    with _told(address):
        connection = duckdb.connect()
    try:
        yield connection
    finally:
        connection.close()


class Embedded:
    """An open transaction."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def lists(self, address: Address) -> bool:
        """Is there such a table or view?"""
        return address.name in self.names(address)

    def names(self, address: Address) -> list[str]:
        """Tables and views of people, with their schemas, by name."""
        with _told(address):
            rows = self._connection.execute(_TABLES).fetchall()
        return sorted(f"{schema}.{name}" for schema, name in rows)

    def copy(self, address: Address, path: Path) -> None:
        """Write a table as CSV, its rows in the order of their text.

        Raises:
            EvidenceError: If it cannot be read to its end.
        """
        with _told(address):
            query = _query(address, self._columns(address))
            self._connection.execute(f"COPY ({query}) TO {text(str(path))} (FORMAT csv, HEADER)")

    def _columns(self, address: Address) -> list[str]:
        rows = self._connection.execute(_COLUMNS, [address.schema, address.table]).fetchall()
        return [str(name) for (name,) in rows]


def _query(address: Address, columns: Sequence[str]) -> str:
    written = ", ".join(f"CAST({quoted(name)} AS VARCHAR) AS {quoted(name)}" for name in columns)
    relation = f"{_FILE}.{quoted(address.schema)}.{quoted(address.table)}"
    return f"SELECT * FROM (SELECT {written} FROM {relation}) ORDER BY ALL"  # noqa: S608 - names are quoted


@contextmanager
def _told(address: Address) -> Iterator[None]:
    """Turn every error of the engine into an EvidenceError; no path of this machine is repeated."""
    try:
        yield
    except duckdb.Error as error:
        first = (str(error).strip().splitlines() or [""])[0]
        told = _FOLDERS.sub("", first)[:200]
        raise refuse(
            Trouble.UNREADABLE,
            address.text,
            seen=f"{type(error).__name__}: {told}",
            expected="a DuckDB file that nobody writes to, and a table that reads no other file",
            fix="Wait until it is written, or write it again with a version that is read here.",
        ) from error
