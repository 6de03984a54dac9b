"""Postgres: tables of one PostgreSQL database, read in one transaction that can only read."""

import getpass
import os
import re
import socket
import ssl
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from shipcall.core import EvidenceError
from shipcall.data.faults import Trouble, refuse
from shipcall.formats.address import Address

PATIENCE = 10.0
"""Seconds within which a server has to let somebody in."""
SILENCE = 900.0
"""Seconds that a server may take before it sends something: it sorts first."""
_SETTINGS = (
    "START TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
    "SET LOCAL search_path = pg_catalog",
    "SET LOCAL client_encoding = 'UTF8'",
    "SET LOCAL TimeZone = 'UTC'",
    "SET LOCAL DateStyle = 'ISO, YMD'",
    "SET LOCAL IntervalStyle = 'postgres'",
    "SET LOCAL bytea_output = 'hex'",
    "SET LOCAL extra_float_digits = 3",
    "SET LOCAL row_security = off",
)
"""One state of the database for all tables; every value has one way to be written; no policy hides
rows in silence."""
_KINDS = "('r', 'v', 'm', 'p', 'f')"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_DENIED = ("28P01", "28000")
_NO_RIGHT = ("42501",)
_NO_DATABASE = ("3D000",)


@contextmanager
def postgres(address: Address) -> Iterator["Postgres"]:
    """Open the database of an address; what is read within is of one moment.

    Raises:
        EvidenceError: If nobody answers, nobody is let in, or the server breaks off.
    """
    connection = _connected(address)
    try:
        with _told(address):
            for setting in _SETTINGS:
                connection.run(setting)
        yield Postgres(connection)
    finally:
        _closed(connection)


class Postgres:
    """An open transaction."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def lists(self, address: Address) -> bool:
        """Is there such a table or view?"""
        return self._relation(address) is not None

    def names(self, address: Address) -> list[str]:
        """Tables and views of people, with their schemas, by name."""
        with _told(address):
            rows = self._connection.run(
                "SELECT n.nspname || '.' || c.relname FROM pg_class c "  # noqa: S608 - constants
                "JOIN pg_namespace n ON n.oid = c.relnamespace "
                f"WHERE c.relkind IN {_KINDS} AND n.nspname !~ '^(pg_|information_schema$)' "
                "ORDER BY 1"
            )
        return [str(name) for (name,) in rows]

    def state(self, address: Address) -> str:
        """Say what changes with every change of the database, and sometimes without one.

        Two equal answers: whatever was to be seen then is to be seen now.
        """
        with _told(address):
            ((snapshot,),) = self._connection.run("SELECT txid_current_snapshot()::text")
        return f"{snapshot} {self._relation(address)}"

    def copy(self, address: Address, path: Path) -> None:
        """Write a table as CSV, its rows in the order of their text.

        Raises:
            EvidenceError: If the user may not read all of it, or the server breaks off.
        """
        oid = self._relation(address)
        self._demand_every_row(address, oid)
        query = self._query(address, oid)
        with path.open("wb") as stream, _told(address):
            self._connection.run(
                f"COPY ({query}) TO STDOUT WITH (FORMAT csv, HEADER true)", stream=stream
            )

    def _relation(self, address: Address) -> int | None:
        with _told(address):
            rows = self._connection.run(
                "SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "  # noqa: S608 - constants
                f"WHERE c.relkind IN {_KINDS} AND n.nspname = :schema AND c.relname = :name",
                schema=address.schema,
                name=address.table,
            )
        return int(rows[0][0]) if rows else None

    def _demand_every_row(self, address: Address, oid: int | None) -> None:
        with _told(address):
            ((hidden,),) = self._connection.run("SELECT row_security_active(:oid::oid)", oid=oid)
        if hidden:
            raise refuse(
                Trouble.UNREADABLE,
                address.text,
                seen=f"a row policy on {address.name}: this user would see a part of the rows",
                expected="a table that is read as a whole: rows hidden in silence are lost rows",
                fix="Read with a user whom no policy binds, or make a view that says what belongs.",
            )

    def _query(self, address: Address, oid: int | None) -> str:
        """Write the query of a table; truth values are spelled out as in files."""
        with _told(address):
            rows = self._connection.run(
                "SELECT a.attname, t.typcategory FROM pg_attribute a "
                "JOIN pg_type t ON t.oid = a.atttypid "
                "WHERE a.attrelid = :oid AND a.attnum > 0 AND NOT a.attisdropped "
                "ORDER BY a.attnum",
                oid=oid,
            )
        if not rows:
            raise refuse(
                Trouble.EMPTY,
                address.text,
                seen="no column at all",
                expected="a table",
                fix="Make the table again.",
            )
        columns = ", ".join(
            f"{_named(name)}::text AS {_named(name)}" if category == "B" else _named(name)
            for name, category in rows
        )
        relation = f"{_named(address.schema)}.{_named(address.table)}"
        return (
            f"SELECT t.* FROM (SELECT {columns} FROM {relation}) AS t "  # noqa: S608 - names are quoted
            'ORDER BY ROW(t.*)::text COLLATE "C"'
        )


def _named(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _connected(address: Address) -> Any:
    try:
        from pg8000.native import Connection  # noqa: PLC0415 - comes with an extra
    except ImportError:
        raise refuse(
            Trouble.UNREADABLE,
            address.text,
            seen="a table in PostgreSQL, and the package pg8000 is not installed",
            expected="pg8000, which speaks to PostgreSQL",
            fix="Install it: pip install 'shipcall[postgres]'.",
        ) from None
    host = address.host or os.environ.get("PGHOST", "localhost")
    encryption = _encryption(address, host)
    with _told(address):
        way = _way(host, address.port)
        try:
            return Connection(
                _user(address),
                host=host,
                database=address.database,
                password=os.environ.get(address.password_env or "PGPASSWORD"),
                sock=way,
                ssl_context=encryption,
                application_name="shipcall",
            )
        except BaseException:
            way.close()
            raise


def _way(host: str, port: int) -> socket.socket:
    """Connect to a server, or to the socket in a folder."""
    if host.startswith("/"):
        way = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            way.connect(f"{host}/.s.PGSQL.{port}")
        except OSError:
            way.close()
            raise
    else:
        way = socket.create_connection((host, port), PATIENCE)
        way.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    way.settimeout(SILENCE)
    return way


def _encryption(address: Address, host: str) -> Any:
    """Encrypt as the address says; if it does not, prove the name of every server elsewhere."""
    near = host.startswith("/") or host in _LOOPBACK
    mode = address.sslmode or ("disable" if near else "verify-full")
    if mode == "disable":
        return False
    return ssl.create_default_context() if mode == "verify-full" else True


def _user(address: Address) -> str:
    return address.user or os.environ.get("PGUSER") or getpass.getuser()


def _closed(connection: Any) -> None:
    """Hang up; a server that is gone already does not mind."""
    from pg8000.native import Error  # noqa: PLC0415 - comes with an extra

    try:
        connection.close()
    except (Error, OSError):
        return


@contextmanager
def _told(address: Address) -> Iterator[None]:
    """Turn every error of the server, and of the way to it, into an EvidenceError."""
    from pg8000.native import DatabaseError, Error  # noqa: PLC0415 - comes with an extra

    try:
        yield
    except DatabaseError as error:
        raise _refused(address, error.args[0]) from error
    except ssl.SSLError as error:
        raise _unproved(address, error) from error
    except (Error, OSError, struct.error, KeyError, IndexError, ValueError) as error:
        raise refuse(
            Trouble.UNREADABLE,
            address.text,
            seen=f"no answer that PostgreSQL gives: {_cause(error)}",
            expected="a server that lets this user in",
            fix="Start the server, or correct host, port and sslmode of the address.",
        ) from error


def _refused(address: Address, told: Any) -> EvidenceError:
    code, message = told.get("C", ""), _line(str(told.get("M", "")))
    variable = address.password_env or "PGPASSWORD"
    if code in _DENIED:
        secret = "a password" if os.environ.get(variable) else "no password"
        seen = f"user {_user(address)!r} is not let in, with {secret} in {variable}: {message}"
        fix = f"Set PGUSER (or name the user in the address) and {variable}."
    elif code in _NO_DATABASE:
        seen, fix = f"no database {address.database!r} there", "Correct the address."
    elif code in _NO_RIGHT:
        seen = f"user {_user(address)!r} has no right to read {address.name}: {message}"
        fix = f"Grant it: USAGE on schema {address.schema}, SELECT on {address.name}, all columns."
    else:
        seen = f"the server broke off with {code}: {message}"
        fix = "Mend the table or view, or run the stage again when nobody rebuilds it."
    return refuse(
        Trouble.UNREADABLE, address.text, seen=seen, expected="a table read to its end", fix=fix
    )


def _unproved(address: Address, error: ssl.SSLError) -> EvidenceError:
    return refuse(
        Trouble.UNREADABLE,
        address.text,
        seen=f"no proof of the server's name: {_cause(error)}",
        expected="a certificate for the host of the address, from an authority known here",
        fix="Name the authority in SSL_CERT_FILE; sslmode=require encrypts without proof.",
    )


def _cause(error: BaseException) -> str:
    """Name the first reason of an error."""
    while error.__cause__ is not None:
        error = error.__cause__
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"{type(error).__name__}: {_line(text)}"


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()[:200]
