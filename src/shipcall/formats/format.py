"""Format: the shape of one evidence table, as data."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What the values of a column are."""

    TEXT = "text"
    """Read as text, whatever the file says; never null where required."""
    NUMBER = "number"
    """Finite: NaN and infinity are refused where they stand, null is no value."""
    VALUE = "value"
    """Text or a finite number (a class, a score, a probability)."""
    TIME = "time"
    """A moment with a time zone, or all moments of the table without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a format."""

    name: str
    kind: Kind
    doc: str
    required: bool = False
    nullable: bool = False
    """A null is allowed and means what `doc` says; otherwise it is an errored row."""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One kind of evidence table. Columns beyond these may be slices."""

    name: str
    row: str
    """What one row is."""
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    """Columns that name a row; two rows with one key are duplicates."""
    numbered: tuple[str, ...] = ()
    """Columns which may come as name_0, name_1, … (one per class)."""
    wide: tuple[str, ...] = ()
    """Names of two columns that may stand for the two arms of a long table, side by side."""

    def column(self, name: str) -> Column | None:
        """The column with this name, or None."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns without which the table is not this format."""
        return tuple(column.name for column in self.columns if column.required)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all its columns."""
        return tuple(column.name for column in self.columns)
