"""Ledger: the entries in a SQLite file, written by many, changed by nobody."""

import os
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    RowMapping,
    String,
    Table,
    insert,
    select,
)
from sqlalchemy.exc import SQLAlchemyError

from shipcall.core import LedgerError
from shipcall.ledger import migrations
from shipcall.ledger.chain import Draft, entry_hash, extend
from shipcall.ledger.entry import (
    NOTHING_BEFORE,
    Entry,
    Kind,
    Unreadable,
    kind_of,
    read_back,
    written,
)
from shipcall.ledger.exposure import check_body
from shipcall.ledger.sign import SigningKey
from shipcall.ledger.sqlite import (
    check_file,
    check_writable,
    engine,
    is_empty,
    path_of,
    trouble,
)

_TABLES = MetaData()
_ENTRIES = Table(
    "ledger_entries",
    _TABLES,
    Column("position", Integer, primary_key=True),
    *(
        Column(name, String)
        for name in (
            "at",
            "kind",
            "subject",
            "body",
            "previous",
            "key_id",
            "public_key",
            "hash",
            "signature",
        )
    ),
)
_KEYS = Table(
    "ledger_keys",
    _TABLES,
    Column("key_id", String, primary_key=True),
    Column("public_key", String),
)


_FROM_SQLITE = (SQLAlchemyError, sqlite3.Error, UnicodeDecodeError, MemoryError)
"""What comes out of SQLite: the last two where a damaged file asks for an absurd amount of memory
or has damaged names, which its message repeats."""


class Stored(NamedTuple):
    """Everything a ledger file holds, read in one transaction."""

    entries: list[Entry | Unreadable]
    """In the order of their index."""
    keys: list[tuple[Any, Any]]
    """(key id, public key) as the table of keys has them."""
    damage: list[str]
    """What the database says about itself, if it is not sound."""
    fences: bool
    """Are the triggers that keep entries from being changed in their place?"""


class Ledger:
    """An append-only chain of signed entries in one SQLite file.

    Reading checks the shape of every entry, not the chain: call `verify` before a ledger is
    believed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = engine(path)

    @classmethod
    def open(cls, where: str | Path, *, create: bool = False) -> "Ledger":
        """Open a ledger.

        Tables of an older version are brought up to date by the first append; reading alone
        changes nothing.

        Args:
            where: Path of the file, or an URL such as `sqlite:////srv/team/ledger.db`.
            create: Start an empty ledger if there is none. Without it, an absent or empty file
                is an error: a ledger that is gone must not look like one that is new.

        Raises:
            LedgerError: If it cannot be opened, or is no ledger.
        """
        path = path_of(where)
        check_file(path, create=create)
        ledger = cls(path)
        if create and is_empty(path):
            with ledger._transaction(immediate=True) as connection:
                migrations.found(connection)
        with ledger._transaction() as connection:
            migrations.applied(connection)
        return ledger

    def append(
        self, kind: Kind | str, subject: str, body: Mapping[str, Any], *, at: str, key: SigningKey
    ) -> Entry:
        """Write one entry to the end, or nothing.

        Any number of threads and processes may do so at once: each waits for its turn, up to
        `sqlite.WAIT_SECONDS`, and sees the entry before it.

        Args:
            kind: What the entry says.
            subject: Id of the release.
            body: Anything `core.plain` takes; its plain form is what the entry holds.
            at: The time, UTC, as 2026-11-20T13:31:04Z.
            key: Who signs.

        Raises:
            LedgerError: If the entry is malformed, the file cannot be written, or its last
                entry is damaged: nothing is chained to a broken link.
        """
        draft = Draft(kind=kind_of(kind), subject=subject, body=body, at=at)
        check_body(draft.kind, body)
        check_writable(self.path)
        with self._transaction(immediate=True) as connection:
            migrations.migrate(connection)
            new = connection.scalar(select(_KEYS.c.key_id).filter_by(key_id=key.key_id)) is None
            entry = extend(_last(connection), draft, key, introduce=new)
            if new:
                introduced = {"key_id": key.key_id, "public_key": key.public.hex}
                connection.execute(insert(_KEYS), introduced)
            connection.execute(insert(_ENTRIES), _row(entry))
        return entry

    def entries(
        self, subject: str | None = None, kind: Kind | str | None = None
    ) -> Iterator[Entry]:
        """Give the entries in their order, all of them as of the first one that is taken.

        Every row is read whatever is asked for, so that a damaged one cannot hide by no longer
        looking like what it was.

        Args:
            subject: Only entries of this release.
            kind: Only entries that say this.

        Raises:
            LedgerError: If any row of the ledger is not an entry, or no entry is of that kind
                because there is no such kind.
        """
        wanted = None if kind is None else kind_of(kind)
        with self._transaction() as connection:
            everything = _entries(connection)
        for entry in _readable(self.path, everything):
            if subject in (None, entry.subject) and wanted in (None, entry.kind):
                yield entry

    def head(self) -> str:
        """Give the hash of the last entry, `NOTHING_BEFORE` if there is none.

        Printed elsewhere, it is what later shows that entries were cut off the end.

        Raises:
            LedgerError: If the last entry is damaged.
        """
        with self._transaction() as connection:
            last = _last(connection)
        return NOTHING_BEFORE if last is None else last.hash

    def count(self) -> int:
        """Count the entries.

        Raises:
            LedgerError: If the file cannot be read.
        """
        with self._transaction() as connection:
            return len(connection.execute(select(_ENTRIES.c.position)).all())

    def export(self, path: Path) -> int:
        """Write all entries to a file, one JSON object per line, and say how many.

        The file appears whole or not at all; one that was there before is replaced.

        Raises:
            LedgerError: If there is nothing to export, a row is not an entry, or the file
                cannot be written.
        """
        lines = [written(entry.plain) + b"\n" for entry in self.entries()]
        if not lines:
            raise LedgerError(f"{self.path}: the ledger has no entries, so there is no export.")
        try:
            if path.exists() and path.samefile(self.path):
                raise LedgerError(f"{path} is the ledger itself. Export to another file.")
            _write_whole(path, b"".join(lines))
        except OSError as why:
            raise LedgerError(
                f"{path}: the export cannot be written ({why.strerror}). Nothing was left there; "
                "choose a folder you can write to."
            ) from why
        return len(lines)

    def stored(self) -> Stored:
        """Read everything as it lies there, damaged rows included.

        Raises:
            LedgerError: If the database cannot be read at all.
        """
        with self._transaction() as connection:
            done = migrations.applied(connection)
            sound = connection.exec_driver_sql("PRAGMA integrity_check(5)").scalars().all()
            triggers = connection.exec_driver_sql(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
            )
            return Stored(
                entries=_entries(connection),
                keys=[(row[0], row[1]) for row in connection.execute(select(_KEYS))],
                damage=[str(line) for line in sound if line != "ok"],
                fences=done < 2 or {row[0]: row[1] for row in triggers} == migrations.FENCES,
            )

    @contextmanager
    def _transaction(self, *, immediate: bool = False) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                connection.execution_options(immediate=immediate)
                with connection.begin():
                    yield connection
        except _FROM_SQLITE as why:
            raise LedgerError(f"{self.path}{trouble(why)}") from why


def _row(entry: Entry) -> dict[str, Any]:
    row = entry.plain
    row["position"] = row.pop("index")
    row["body"] = written(entry.body).decode("utf-8")
    return row


def _entry(row: RowMapping) -> Entry | Unreadable:
    fields: dict[str, Any] = {str(name): value for name, value in row.items()}
    position = fields.pop("position")
    try:
        fields["body"] = read_back(fields["body"])
        return Entry.of({**fields, "index": position})
    except LedgerError as why:
        return Unreadable(f"row {position}", str(why))


def _entries(connection: Connection) -> list[Entry | Unreadable]:
    rows = connection.execute(select(_ENTRIES).order_by(_ENTRIES.c.position))
    return [_entry(row) for row in rows.mappings()]


def _last(connection: Connection) -> Entry | None:
    rows = connection.execute(select(_ENTRIES).order_by(_ENTRIES.c.position.desc()).limit(1))
    row = rows.mappings().first()
    if row is None:
        return None
    last = _entry(row)
    if isinstance(last, Unreadable) or entry_hash(last) != last.hash:
        raise LedgerError(
            "the last entry of the ledger is damaged, so nothing can be chained to it. "
            "Run `shipcall ledger verify` and restore the file."
        )
    return last


def _readable(path: Path, everything: list[Entry | Unreadable]) -> Iterator[Entry]:
    for entry in everything:
        if isinstance(entry, Unreadable):
            raise LedgerError(
                f"{path}: {entry.place} is not an entry: {entry.why}. "
                "Run `shipcall ledger verify` and restore the file."
            )
    yield from (entry for entry in everything if isinstance(entry, Entry))


def _write_whole(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
