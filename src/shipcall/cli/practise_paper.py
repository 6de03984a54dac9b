"""Paper: how debrief and tracker are drawn in plain characters: tables, bars, scales."""

from collections.abc import Mapping, Sequence
from typing import Any

from shipcall.cli.output import colour_wanted, unicode_stream
from shipcall.report.screen import Screen
from shipcall.report.table import Cell, Column, fitted

View = Mapping[str, Any]
BAR = 12
"""Characters of a full bar."""
SCALE = 5
"""Steps to each side of a scale; one step is one bit."""


def paper(width: int, *, unicode: bool | None = None) -> Screen:
    """Give what is drawn on; what the terminal can show is asked where it is not said."""
    shows = unicode_stream() if unicode is None else unicode
    return Screen(width=width, colour=colour_wanted() and unicode is None, unicode=shows)


def bar(on: Screen, share: float | None) -> str:
    """Draw a share as a bar with its percent; nothing said is not the same as 0 %."""
    if share is None:
        return f"{'not said':<{BAR + 5}}"
    full, empty = ("█", "░") if on.unicode else ("#", ".")
    filled = round(min(max(share, 0.0), 1.0) * BAR)
    return f"{full * filled}{empty * (BAR - filled)} {shortly(share):>4}"


def shortly(share: float) -> str:
    """Write a share for a table; what is not quite 0 or 1 is not written so.

    Examples:
        >>> shortly(0.25), shortly(0.001), shortly(0.9999)
        ('25%', '<1%', '>99%')
    """
    if 0 < share < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= share < 1 else f"{share:.0%}"


def scale(on: Screen, bits: float) -> str:
    """Draw a weight on a line from the twin (left) to the trap (right)."""
    line, middle, mark = ("─", "┼", "●") if on.unicode else ("-", "+", "o")
    place = SCALE + round(min(max(bits, -SCALE), SCALE))
    marks = [middle if k == SCALE else line for k in range(2 * SCALE + 1)]
    marks[place] = mark
    return "".join(marks)


def table(
    on: Screen, columns: Sequence[Column], rows: Sequence[Sequence[str]], *, indent: int = 2
) -> list[str]:
    """Lay out a table; where it cannot fit, every row becomes a few lines of its own."""
    cells = [[Cell(text) for text in row] for row in rows]
    made = fitted(columns, cells, on.width - indent, on.painter)
    if made is not None:
        return [" " * indent + line for lines in made for line in lines]
    return [
        line
        for row in rows
        for column, text in zip(columns, row, strict=True)
        for line in on.wrap(f"{column.title} {text}".strip(), indent=indent)
    ]


def head(on: Screen, title: str) -> list[str]:
    """Write the heading of a screen."""
    return [on.rule(), *on.head(title)]


def sentences(on: Screen, says: Sequence[str], *, indent: int = 2) -> list[str]:
    """Write sentences, each on a line of its own."""
    return [line for text in says for line in on.wrap(text, indent=indent)]


def labelled(on: Screen, label: str, text: str) -> list[str]:
    """Write a text under its label; nothing where there is no text."""
    if not text.strip():
        return []
    lines = [line for piece in text.splitlines() for line in on.wrap(piece.strip(), indent=4)]
    return [f"  {label}", *lines]


def number(value: float | None) -> str:
    """Write a number as short as it stays readable.

    Examples:
        >>> number(0.1234567), number(1234567.0), number(None)
        ('0.123', '1,234,567', '-')
    """
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
