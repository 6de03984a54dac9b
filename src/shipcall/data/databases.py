"""Databases: tables named by an address, copied out of one moment of each database."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from shipcall.core import EvidenceError
from shipcall.data.embedded import embedded
from shipcall.data.faults import Trouble, near, refuse
from shipcall.data.files import File, Shape, paths
from shipcall.data.postgres import postgres
from shipcall.formats.address import DUCKDB, Address, Wrong, address_of, is_address

Seen = tuple[tuple[str, int, int], ...]
"""Name, size and time of change of whatever holds a table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """What was found at some addresses."""

    files: Mapping[str, File]
    """Text of the address -> the copy."""
    lacking: Mapping[str, str]
    """Text of the address -> what is there instead."""


class _Opened(Protocol):
    """A database within one transaction."""

    def lists(self, address: Address) -> bool: ...
    def names(self, address: Address) -> list[str]: ...
    def copy(self, address: Address, path: Path) -> None: ...


def demand_address(text: str) -> Address:
    """Read an address.

    Raises:
        EvidenceError: If it is none.
    """
    address = address_of(text)
    if isinstance(address, Wrong):
        place = text.partition("://")[0] + "://…"
        raise refuse(Trouble.ADDRESS, place, **address._asdict())
    return address


def copied(addresses: Sequence[Address], root: Path, folder: Path) -> Copies:
    """Copy tables out of their databases; those of one database are of one moment.

    A copy is CSV in UTF-8 with a header, rows in the order of their text: equal rows give equal
    bytes, whatever their order in the database. A table that is not there is no error, as a file
    that is not there is none: nobody may have written it yet.

    Args:
        addresses: The tables.
        root: Folder of the contract; paths of database files are relative to it.
        folder: Where the copies are written; it belongs to the caller.

    Raises:
        EvidenceError: If a database is there and does not hand over a table as a whole.
    """
    files: dict[str, File] = {}
    lacking: dict[str, str] = {}
    for place in dict.fromkeys(address.place for address in addresses):
        members = [address for address in addresses if address.place == place]
        first = members[0]
        if _no_file(first, root):
            lacking |= {a.text: f"no file at {a.database!r}" for a in members}
            continue
        with _opened(first, root, folder) as database:
            for address in members:
                if database.lists(address):
                    path = folder / f"table{len(files)}.csv"
                    database.copy(address, path)
                    files[address.text] = _file(address, path)
                else:
                    hint = near(address.name, database.names(address))
                    lacking[address.text] = f"no table {address.name!r} there.{hint}"
    return Copies(files=files, lacking=lacking)


def state(address: Address, root: Path) -> Seen:
    """Say what a database looks like from outside; another answer does not prove a change.

    Equal answers prove that there was none. PostgreSQL names the transactions that it has seen:
    on a busy server that is another answer each time.

    Raises:
        EvidenceError: If the database does not answer.
    """
    if address.kind == DUCKDB:
        file = root / address.database
        names = [file, file.with_name(f"{file.name}.wal")]
        return tuple((str(name), *_sizes(name)) for name in names)
    with postgres(address) as database:
        return ((f"{address.text} {database.state(address)}", 0, 0),)


def outside(pattern: str, root: Path) -> Seen:
    """Say what a table looks like from outside, wherever it lies; nothing is read from it.

    A file that is just being replaced does not count, and a database that does not answer is
    one that has changed: reading it will say why.

    Args:
        pattern: Path, glob or address.
        root: Folder of the contract.
    """
    if is_address(pattern):
        try:
            return state(demand_address(pattern), root)
        except EvidenceError as error:
            return ((f"{pattern} {error.faults[0].seen}", -1, -1),)
    return tuple(
        (str(path), *sizes) for path in paths(pattern, root) if (sizes := _sizes(path)) != _GONE
    )


_GONE = (-1, -1)


def _sizes(path: Path) -> tuple[int, int]:
    try:
        known = os.stat(path)  # noqa: PTH116 - one call for both numbers
    except FileNotFoundError:
        return _GONE
    return known.st_size, known.st_mtime_ns


def _no_file(address: Address, root: Path) -> bool:
    return address.kind == DUCKDB and not (root / address.database).exists()


@contextmanager
def _opened(address: Address, root: Path, folder: Path) -> Iterator[_Opened]:
    if address.kind == DUCKDB:
        with embedded(address, root / address.database, folder) as file:
            yield file
    else:
        with postgres(address) as server:
            yield server


def _file(address: Address, path: Path) -> File:
    return File(path=path, name=address.text, shape=Shape.CSV, copied=True)
