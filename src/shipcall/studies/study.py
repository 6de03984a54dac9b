"""Study: one shape for everything that a study shows: a sentence, questions, tables and charts.

A study holds no check and no bar, so nothing in it can pass or fail. Every number in it is an
estimate with its interval, a count, or arithmetic on numbers that somebody stated.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shipcall.core import Measured

Cell = Measured | float | int | str | None
"""An estimate or why there is none; a count or stated number; a text; nothing to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table."""

    name: str
    title: str
    unit: str = ""
    """share, ms, a currency, or empty for a bare number."""
    difference: bool = False
    """Its numbers are differences: written with a sign, shares as percentage points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of a study."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, Cell], ...]
    """Name of a column -> cell; a column that is not named has nothing to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A place of a line, with the interval of its height where there is one."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a chart."""

    title: str
    tone: str
    """Name of a colour: baseline, candidate, mute."""
    points: tuple[Point, ...]
    joined: bool = True
    """False: places that stand alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A place on the horizontal axis that is worth a name."""

    x: float
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A picture of a study: lines over one axis."""

    name: str
    title: str
    says: str
    """What it shows, in one sentence, for those who do not see it."""
    x_title: str
    y_title: str
    x_unit: str = ""
    y_unit: str = ""
    x_log: bool = False
    y_log: bool = False
    lines: tuple[Line, ...]
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What a study found."""

    name: str
    """The command that made it: cascade, costs, labels."""
    title: str
    sentence: str
    """The answer in one sentence, or which question has to be answered first."""
    questions: tuple[str, ...] = ()
    """What only a person can say, and how to say it."""
    stated: tuple[str, ...] = ()
    """Numbers that nobody measured, and where they come from."""
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    notes: tuple[str, ...] = ()
    """What the numbers assume, and what they do not say."""
