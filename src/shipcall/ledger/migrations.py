"""Migrations: how the tables of a ledger came to be, one step after the other.

A step that has been released is never edited: a change of the tables is a new step at the end.
"""

from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import Connection, inspect

from shipcall.core import LedgerError

TABLE = "ledger_migrations"


class Migration(NamedTuple):
    """One step, in a transaction of whoever runs it."""

    name: str
    run: Callable[[Connection], None]


_TABLES = (
    """
    CREATE TABLE ledger_entries (
        position INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        body TEXT NOT NULL,
        previous TEXT NOT NULL UNIQUE,
        key_id TEXT NOT NULL,
        public_key TEXT,
        hash TEXT NOT NULL UNIQUE,
        signature TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE ledger_keys (
        key_id TEXT PRIMARY KEY NOT NULL,
        public_key TEXT NOT NULL
    )
    """,
)

FENCES = {
    "ledger_entries_follow": (
        "CREATE TRIGGER ledger_entries_follow BEFORE INSERT ON ledger_entries "
        "WHEN NEW.position IS NOT (SELECT coalesce(max(position) + 1, 0) FROM ledger_entries) "
        "BEGIN SELECT RAISE(ABORT, 'an entry goes to the end of the ledger'); END"
    ),
    "ledger_entries_stay": (
        "CREATE TRIGGER ledger_entries_stay BEFORE DELETE ON ledger_entries "
        "BEGIN SELECT RAISE(ABORT, 'the entries of a ledger stay'); END"
    ),
    "ledger_entries_hold": (
        "CREATE TRIGGER ledger_entries_hold BEFORE UPDATE ON ledger_entries "
        "BEGIN SELECT RAISE(ABORT, 'the entries of a ledger do not change'); END"
    ),
    "ledger_keys_stay": (
        "CREATE TRIGGER ledger_keys_stay BEFORE DELETE ON ledger_keys "
        "BEGIN SELECT RAISE(ABORT, 'the keys of a ledger stay'); END"
    ),
    "ledger_keys_hold": (
        "CREATE TRIGGER ledger_keys_hold BEFORE UPDATE ON ledger_keys "
        "BEGIN SELECT RAISE(ABORT, 'the keys of a ledger do not change'); END"
    ),
}
"""Triggers against slips of the hand. Whoever owns the file can drop them; `verify` cannot be
dropped."""


def _make_tables(connection: Connection) -> None:
    for statement in _TABLES:
        connection.exec_driver_sql(statement)


def _make_fences(connection: Connection) -> None:
    for statement in FENCES.values():
        connection.exec_driver_sql(statement)


MIGRATIONS = (
    Migration("tables", _make_tables),
    Migration("fences", _make_fences),
)


def applied(connection: Connection) -> int:
    """Count the steps that these tables have behind them.

    Raises:
        LedgerError: If there is no ledger, or one with steps that this version does not know.
    """
    if not inspect(connection).has_table(TABLE):
        raise LedgerError("this database holds no ledger. Name the file of a ledger.")
    rows = connection.exec_driver_sql(f"SELECT number, name FROM {TABLE} ORDER BY number")  # noqa: S608
    steps = [tuple(row) for row in rows]
    known = [(number, step.name) for number, step in enumerate(MIGRATIONS, start=1)]
    if steps != known[: len(steps)] or not steps:
        raise LedgerError(
            f"the tables of this ledger went through {steps}, this version knows {known}: a "
            "newer version wrote it, or it is damaged. Install the newer version, or restore it."
        )
    return len(steps)


def migrate(connection: Connection) -> None:
    """Bring the tables up to date, inside the caller's transaction.

    Raises:
        LedgerError: As `applied`.
    """
    _run(connection, applied(connection))


def found(connection: Connection) -> None:
    """Make the tables of a new ledger, or bring those of an old one up to date.

    Raises:
        LedgerError: As `applied`; a database with other tables does not become a ledger.
    """
    if inspect(connection).get_table_names():
        migrate(connection)
        return
    connection.exec_driver_sql(
        f"CREATE TABLE {TABLE} (number INTEGER PRIMARY KEY, name TEXT NOT NULL)"
    )
    _run(connection, 0)


def _run(connection: Connection, done: int) -> None:
    for number, step in enumerate(MIGRATIONS[done:], start=done + 1):
        step.run(connection)
        connection.exec_driver_sql(
            f"INSERT INTO {TABLE} (number, name) VALUES (?, ?)",  # noqa: S608
            (number, step.name),
        )
