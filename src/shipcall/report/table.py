"""Table: columns of text that fit a width, or nothing where they do not."""

from collections.abc import Sequence
from typing import NamedTuple

from shipcall.report.text import display_width, pad, shorten, wrapped

_GAP = 2


class Column(NamedTuple):
    """A column of a table."""

    title: str
    right: bool = False
    least: int = 0
    """Width down to which the column may shrink; 0: never."""
    whole: bool = False
    """A text wider than the shrunken column stands whole on a line above; else it is shortened."""


class Cell(NamedTuple):
    """A text and the name of its colour."""

    text: str
    tone: str = ""


class Painter(NamedTuple):
    """Puts colour on text for a terminal, where it was asked for."""

    colour: bool

    def paint(self, text: str, tone: str) -> str:
        """The text, in the colour of an answer; the bare text without colour."""
        code = _CODES.get(tone)
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and code else text


_CODES = {"pass": "32", "open": "33", "fail": "1;35", "none": "2", "mute": "2", "head": "1"}


def fitted(
    columns: Sequence[Column], rows: Sequence[Sequence[Cell]], width: int, painter: Painter
) -> list[list[str]] | None:
    """Lay a table out in at most `width` columns of text; None where it cannot fit.

    Columns with a `least` shrink first, the widest of them before the others.

    Returns:
        The lines of the heading and of every row.
    """
    widths = [
        max([display_width(column.title), *(display_width(row[i].text) for row in rows)])
        for i, column in enumerate(columns)
    ]
    room = width - _GAP * (len(columns) - 1)
    while sum(widths) > room:
        spare = [w - c.least if c.least else 0 for w, c in zip(widths, columns, strict=True)]
        widest = spare.index(max(spare))
        if spare[widest] <= 0:
            return None
        widths[widest] -= 1
    heads = [Cell(column.title, "mute") for column in columns]
    return [_lines(cells, columns, widths, painter) for cells in (heads, *rows)]


def _lines(
    cells: Sequence[Cell], columns: Sequence[Column], widths: Sequence[int], painter: Painter
) -> list[str]:
    above: list[str] = []
    parts = []
    for cell, column, width in zip(cells, columns, widths, strict=True):
        text = cell.text
        if column.whole and display_width(text) > width:
            above += wrapped(text, sum(widths))
            text = ""
        last = cell is cells[-1] and not column.right
        padded = pad(shorten(text, width), 0 if last else width, right=column.right)
        parts.append(painter.paint(padded, cell.tone))
    return [*above, (" " * _GAP).join(parts).rstrip()]
