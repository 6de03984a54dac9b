"""Faults of evidence: what was seen, what was expected, what to do. Codes E201 to E299."""

import difflib
from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from shipcall.core import EvidenceError, Fault

SHOWN = 60
"""Characters of a value that are shown; the rest is counted."""


class Trouble(Enum):
    """Kinds of fault: code and three or four words."""

    NOT_A_FILE = ("E201", "not a file")
    UNREADABLE = ("E202", "cannot be opened")
    EMPTY = ("E203", "empty file")
    UNKNOWN_KIND = ("E204", "unknown kind of file")
    ENCODING = ("E205", "not UTF-8 text")
    DAMAGED = ("E206", "damaged file")
    RAGGED = ("E207", "rows of unequal length")
    TWICE = ("E208", "two columns, one name")
    DISAGREE = ("E209", "files disagree")
    NO_COLUMN = ("E210", "missing column")
    NOT_A_NUMBER = ("E211", "not a finite number")
    NOT_A_TIME = ("E212", "not a moment")
    UNKNOWN_VALUE = ("E213", "unknown value")
    NOT_A_PROBABILITY = ("E214", "not a probability")
    LABELS = ("E215", "labels of another type")
    SLICES = ("E216", "cannot be sliced")
    MAPPING = ("E217", "contradictory mapping")
    NULL = ("E218", "required value is null")
    LINE_ENDS = ("E219", "mixed line ends")
    RUNS = ("E220", "no replicates")
    ADDRESS = ("E221", "no address of a table")
    REPEATED = ("E222", "stands twice")
    ENGINE = ("E299", "engine refused")


class Place(NamedTuple):
    """Where in the evidence something was seen."""

    file: str
    line: int | None = None
    """Line of a text file, from 1."""
    row: int | None = None
    """Row of the table, from 1, where the file has no lines."""

    def seen(self, text: str) -> str:
        """Add the row to what was seen, where no line can be named."""
        return f"{text} (row {self.row})" if self.row and not self.line else text


def fault(  # noqa: PLR0913 - a fault has these parts
    trouble: Trouble, place: Place | str, *, seen: str, expected: str, fix: str, source: str = ""
) -> Fault:
    """Make one fault."""
    where = Place(place) if isinstance(place, str) else place
    code, title = trouble.value
    return Fault(
        file=where.file,
        line=where.line,
        code=code,
        title=title,
        seen=where.seen(seen),
        expected=expected,
        fix=fix,
        source=source,
    )


def refuse(
    trouble: Trouble, place: Place | str, *, seen: str, expected: str, fix: str
) -> EvidenceError:
    """Make the error that carries a single fault."""
    return EvidenceError([fault(trouble, place, seen=seen, expected=expected, fix=fix)])


def shown(value: object) -> str:
    """Quote a value of the evidence; long ones are cut, control characters are escaped."""
    text = str(value)
    if len(text) <= SHOWN:
        return repr(text)
    return f"{text[:SHOWN]!r}… ({len(text):,} characters)"


def listed(names: Iterable[str], most: int = 10) -> str:
    """List names for a message, cut after `most`."""
    every = list(names)
    text = ", ".join(shown(name) for name in every[:most])
    return f"{text}, … ({len(every)} in all)" if len(every) > most else text or "none"


def near(name: str, known: Iterable[str]) -> str:
    """Say which known names are near, as a sentence with a space before it; or nothing."""
    hits = difflib.get_close_matches(name, list(known), n=2, cutoff=0.6)
    return f" Did you mean {' or '.join(shown(hit) for hit in hits)}?" if hits else ""
