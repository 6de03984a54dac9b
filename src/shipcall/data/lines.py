"""Lines: text files looked at line by line, for their header and to say where a fault stands.

The engine reads whole files fast and says little when it cannot; this reads slowly and says where.
"""

import csv
import gzip
import itertools
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from shipcall.core import EvidenceError, Fault
from shipcall.data.faults import Place, Trouble, fault, refuse, shown
from shipcall.data.files import File, Shape

LONGEST_LINE = 2_097_152
"""Bytes of one row of a CSV file that the engine takes."""
_WIDE = (b"\xff\xfe", b"\xfe\xff")


def csv_header(file: File) -> tuple[str, ...]:
    """Read the column names of a CSV file.

    Raises:
        EvidenceError: If the first line is no header in UTF-8.
    """
    with _text(file) as stream:
        row = next(csv.reader(stream, strict=True), None)
    if not row:
        raise refuse(
            Trouble.EMPTY,
            Place(file.name, 1),
            seen="an empty first line",
            expected="the names of the columns, separated by commas",
            fix="Write the file again with its header.",
        )
    return tuple(row)


def csv_fault(file: File, columns: int) -> Fault | None:
    """Find the first place where a CSV file is not a table of so many columns."""
    found = _line_fault(file)
    if found is not None:
        return found
    with _text(file) as stream:
        reader = csv.reader(stream, strict=True)
        for row in reader:
            if row and len(row) != columns:
                return fault(
                    Trouble.RAGGED,
                    Place(file.name, reader.line_num),
                    seen=f"{len(row)} values",
                    expected=f"{columns} values, one per column of the header",
                    fix="Put values that hold a comma or a line end between double quotes.",
                )
    return None


def json_fault(file: File) -> Fault | None:
    """Find the first line of a JSONL file that is not one object in UTF-8."""
    for number, line in enumerate(_bytes(file), start=1):
        place = Place(file.name, number)
        if number == 1 and line.startswith(b"\xef\xbb\xbf"):
            return fault(
                Trouble.ENCODING,
                place,
                seen="a byte order mark",
                expected="UTF-8 without a mark",
                fix="Save the file as plain UTF-8.",
            )
        found = _undecodable(line, place) or _no_object(line, place)
        if found is not None:
            return found
    return None


def line_of(file: File, row: int) -> int | None:
    """Say on which line a row of a text file ends; rows count from 1, without the header.

    None where that cannot be told.
    """
    if file.shape is Shape.CSV:
        reader = csv.reader(_decoded(file))
        ends = (reader.line_num for cells in reader if cells)
        before = 1
    else:
        ends = (line for line, content in enumerate(_bytes(file), start=1) if content.strip())
        before = 0
    try:
        return next(itertools.islice(ends, row - 1 + before, None), None)
    except (csv.Error, EvidenceError):
        return None


def _line_fault(file: File) -> Fault | None:
    ends = set()
    for number, line in enumerate(_bytes(file), start=1):
        place = Place(file.name, number)
        found = _undecodable(line, place)
        if found is not None:
            return found
        if len(line) > LONGEST_LINE:
            return fault(
                Trouble.DAMAGED,
                place,
                seen=f"a line of {len(line):,} bytes",
                expected=f"at most {LONGEST_LINE:,}",
                fix="Leave the long column out, or write Parquet.",
            )
        ends |= {line[-2:] == b"\r\n"} if line.endswith(b"\n") else set()
        if len(ends) > 1:
            return fault(
                Trouble.LINE_ENDS,
                place,
                seen="a line that ends unlike the lines before it",
                expected="one kind of line end: LF or CR LF",
                fix="Save the file again with one kind of line end.",
            )
    return None


def _undecodable(line: bytes, place: Place) -> Fault | None:
    if line.startswith(_WIDE) or b"\x00" in line:
        seen = "UTF-16, or zero bytes"
    else:
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            seen = f"byte 0x{line[error.start]:02x} at position {error.start + 1} of the line"
        else:
            return None
    return fault(
        Trouble.ENCODING, place, seen=seen, expected="UTF-8", fix="Save the file as UTF-8."
    )


def _no_object(line: bytes, place: Place) -> Fault | None:
    if not line.strip():
        return None
    try:
        pairs = json.loads(line, object_pairs_hook=list)
    except (ValueError, RecursionError):
        pairs = None
    if not isinstance(pairs, list) or not line.lstrip().startswith(b"{"):
        return fault(
            Trouble.DAMAGED,
            place,
            seen=shown(line.decode("utf-8").strip()),
            expected="one JSON object on one line",
            fix="Write one object per line, each on a line of its own.",
        )
    names = [name for name, _ in pairs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is None:
        return None
    return fault(
        Trouble.TWICE,
        place,
        seen=f"the key {shown(twice)} twice in one object",
        expected="each key once",
        fix="Write the file again with each key once.",
    )


def _open(file: File) -> IO[bytes] | gzip.GzipFile:
    if file.packed:
        return gzip.open(file.path, "rb")
    return file.path.open("rb")


@contextmanager
def _damage(file: File) -> Iterator[None]:
    try:
        yield
    except (EOFError, OSError, zlib.error, csv.Error) as error:
        raise refuse(
            Trouble.DAMAGED,
            file.name,
            seen=str(error) or type(error).__name__,
            expected="a file that can be read to its end",
            fix="Write the file again.",
        ) from error


@contextmanager
def _text(file: File) -> Iterator[Iterator[str]]:
    with _damage(file):
        yield _decoded(file)


def _decoded(file: File) -> Iterator[str]:
    for number, line in enumerate(_bytes(file), start=1):
        found = _undecodable(line, Place(file.name, number))
        if found is not None:
            raise EvidenceError([found])
        yield line.decode("utf-8-sig" if number == 1 else "utf-8")


def _bytes(file: File) -> Iterator[bytes]:
    with _damage(file), _open(file) as stream:
        yield from stream
