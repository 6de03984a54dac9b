"""File: where a ledger lies, how SQLite reaches it, and what to say when it does not."""

import sqlite3
from pathlib import Path

from sqlalchemy import Connection, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from shipcall.core import LedgerError

WAIT_SECONDS = 30.0
"""How long a writer waits for its turn."""


def engine(path: Path) -> Engine:
    """Give the way to a database that exists; it never makes one.

    Transactions begin as readers, or with the execution option `immediate` as the one writer.
    Every connection is closed after use, so the engine may be used by any thread.
    """
    uri = f"{path.absolute().as_uri()}?mode=rw"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            uri, uri=True, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.text_factory = _text
        return connection

    made = create_engine("sqlite://", creator=connect, poolclass=NullPool)
    event.listen(made, "begin", _begin)
    return made


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def trouble(why: Exception) -> str:
    """Say in a sentence, to be put behind a path, why a database did not do as it was told."""
    cause = why.orig if isinstance(why, DBAPIError) else why
    if getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
        return " is not a SQLite file, so it is not a ledger. Name the file of one."
    return (
        f": the ledger cannot be used ({cause}). If another process holds it, wait for it; "
        "if the file is damaged, restore it from a backup."
    )


def _text(seen: bytes) -> str:
    """Let damaged text through, so that it can be said which entry it is in."""
    return seen.decode("utf-8", "surrogateescape")


def path_of(where: str | Path) -> Path:
    """Give the file which a path or an URL names.

    Raises:
        LedgerError: On an URL of anything but a SQLite file.
    """
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


def check_file(path: Path, *, create: bool) -> None:
    """Say what is wrong with a path before SQLite sees it.

    The file is never opened here: closing it would drop the locks which SQLite holds on it for
    other threads of this process.

    Raises:
        LedgerError: If there is no file that could be a ledger.
    """
    try:
        if path.is_dir():
            raise LedgerError(f"{path} is a folder, expected the file of a ledger.")
        if create:
            path.touch(exist_ok=True)
        empty = is_empty(path)
    except FileNotFoundError as why:
        raise LedgerError(
            f"{path}: there is no ledger here. Name the file of one, or start one with "
            "`shipcall seal`."
        ) from why
    except OSError as why:
        raise LedgerError(f"{path}: the ledger cannot be reached ({why.strerror}).") from why
    if empty and not create:
        raise LedgerError(f"{path}: the file is empty, a ledger is not. Restore it from a backup.")


def is_empty(path: Path) -> bool:
    """Has nothing ever been written to the file?"""
    return path.stat().st_size == 0


def check_writable(path: Path) -> None:
    """Refuse a file marked read-only, for those whom the system would let through as well.

    Raises:
        LedgerError: If the file is read-only, or gone.
    """
    try:
        writable = path.stat().st_mode & 0o222
    except OSError as why:
        raise LedgerError(f"{path}: the ledger is gone ({why.strerror}).") from why
    if not writable:
        raise LedgerError(
            f"{path}: the ledger is read-only, nothing was appended. If it is a copy, append to "
            f"the original; if not, run: chmod u+w {path}"
        )
