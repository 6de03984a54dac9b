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
    Engine,
    Integer,
    MetaData,
    NullPool,
    String,
    Table,
    create_engine,
    event,
    insert,
    make_url,
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
    read_back,
    written,
)
from shipcall.ledger.exposure import check_body
from shipcall.ledger.sign import SigningKey

WAIT_SECONDS = 30.0
"""How long a writer waits for its turn."""

_MAGIC = b"SQLite format 3\x00"

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
        self._engine = _engine(path)

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
        path = _path(where)
        _check_file(path, create=create)
        ledger = cls(path)
        if create and _empty(path):
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
        `WAIT_SECONDS`, and sees the entry before it.

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
        if kind not in list(Kind):
            raise LedgerError(f"kind {kind!r} is not one of {', '.join(Kind)}")
        check_body(Kind(kind), body)
        draft = Draft(kind=Kind(kind), subject=subject, body=body, at=at)
        _check_writable(self.path)
        with self._transaction(immediate=True) as connection:
            migrations.migrate(connection)
            new = connection.scalar(select(_KEYS.c.key_id).filter_by(key_id=key.key_id)) is None
            entry = extend(_last(connection), draft, key, introduce=new)
            if new:
                introduced = {"key_id": key.key_id, "public_key": key.public.hex}
                connection.execute(insert(_KEYS), introduced)
            connection.execute(insert(_ENTRIES), _row(entry))
        return entry

    def entries(self, subject: str | None = None, kind: Kind | str | None = None) -> Iterator[Entry]:
        """Give the entries in their order, all of them as of the first one that is taken.

        Every row is read whatever is asked for, so that a damaged one cannot hide by no longer
        looking like what it was.

        Args:
            subject: Only entries of this release.
            kind: Only entries that say this.

        Raises:
            LedgerError: If any row of the ledger is not an entry.
        """
        with self._transaction() as connection:
            everything = _entries(connection)
        for entry in _readable(self.path, everything):
            if subject in (None, entry.subject) and kind in (None, entry.kind):
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
        if path.exists() and path.samefile(self.path):
            raise LedgerError(f"{path} is the ledger itself. Export to another file.")
        lines = [written(entry.plain) + b"\n" for entry in self.entries()]
        if not lines:
            raise LedgerError(f"{self.path}: the ledger has no entries, so there is no export.")
        try:
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
            with self._engine.connect().execution_options(immediate=immediate) as connection:
                with connection.begin():
                    yield connection
        except (SQLAlchemyError, sqlite3.Error, MemoryError) as why:
            cause = getattr(why, "orig", None) or why
            raise LedgerError(
                f"{self.path}: the ledger cannot be used ({cause}). If another process holds it, "
                "wait for it; if the file is damaged, restore it from a backup."
            ) from why


def _engine(path: Path) -> Engine:
    uri = f"{path.absolute().as_uri()}?mode=rw"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            uri, uri=True, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.text_factory = _text
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _text(seen: bytes) -> str:
    """Let damaged text through, so that it can be said which entry it is in."""
    return seen.decode("utf-8", "surrogateescape")


def _path(where: str | Path) -> Path:
    if isinstance(where, Path) or "://" not in where:
        return Path(where)
    try:
        url = make_url(where)
    except SQLAlchemyError as why:
        raise LedgerError(f"{where!r} is neither a path nor an URL ({why})") from why
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        raise LedgerError(
            f"{url.render_as_string(hide_password=True)}: this version keeps ledgers in SQLite "
            "files. Give the path of one."
        )
    return Path(url.database)


def _check_file(path: Path, *, create: bool) -> None:
    try:
        if path.is_dir():
            raise LedgerError(f"{path} is a folder, expected the file of a ledger.")
        if create:
            path.touch(exist_ok=True)
        with path.open("rb") as file:
            start = file.read(len(_MAGIC))
    except FileNotFoundError as why:
        raise LedgerError(
            f"{path}: there is no ledger here. Name the file of one, or start one with "
            "`shipcall seal`."
        ) from why
    except OSError as why:
        raise LedgerError(f"{path}: the ledger cannot be read ({why.strerror}).") from why
    if not start and not create:
        raise LedgerError(f"{path}: the file is empty, a ledger is not. Restore it from a backup.")
    if start and start != _MAGIC:
        raise LedgerError(f"{path} is not a SQLite file, so it is not a ledger.")


def _empty(path: Path) -> bool:
    return path.stat().st_size == 0


def _check_writable(path: Path) -> None:
    """Refuse a file marked read-only, for those whom the system would let through as well."""
    try:
        writable = path.stat().st_mode & 0o222
    except OSError as why:
        raise LedgerError(f"{path}: the ledger is gone ({why.strerror}).") from why
    if not writable:
        raise LedgerError(
            f"{path}: the ledger is read-only, nothing was appended. If it is a copy, append to "
            f"the original; if not, run: chmod u+w {path}"
        )


def _row(entry: Entry) -> dict[str, Any]:
    row = entry.plain
    row["position"] = row.pop("index")
    row["body"] = written(entry.body).decode("utf-8")
    return row


def _entry(row: Mapping[str, Any]) -> Entry | Unreadable:
    fields = dict(row)
    position = fields.pop("position")
    try:
        if not isinstance(fields["body"], str):
            raise LedgerError("its body is not text")
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
