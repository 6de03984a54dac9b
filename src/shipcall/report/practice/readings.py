"""Readings: a panel of practice as a table whose intervals are drawn, as pages of work draw them.

A panel makes no promise, so its strips have no requirement: a bar, its estimate, and zero.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from shipcall.report.strip import Axis, spread
from shipcall.report.svg import MUTE, Picture, bar, dot, frame, seed, upright, words
from shipcall.report.text import shorten
from shipcall.report.words import View

STRIP = (190, 22)
_TONE = "mute"
_APART = ("ratio", "change")
"""Last words of readings that stand on another scale than those they belong to."""
_WIDTH, _ROW, _TOP, _PLOT = 760, 26, 14, (300, 260)
_NAME = 44


class Lane(NamedTuple):
    """One row of a panel, as it is laid out."""

    cells: list[str]
    interval: str
    strip: Markup | None


class Table(NamedTuple):
    """A panel as a table."""

    names: list[str]
    right: list[bool]
    """Which columns hold numbers."""
    lanes: list[Lane]
    drawn: bool
    """Is there a column of intervals?"""


class _Drawn(NamedTuple):
    """A reading, the columns in which its ends stand, and the axis it shares with its like."""

    reading: View
    ends: tuple[str, str]
    axis: Axis


def cell_text(value: Any) -> str:
    """Write a cell for people: whole numbers whole, others to four digits."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else " ".join(str(value).split())


def panel_table(panel: View) -> Table:
    """Lay out a panel; where a row is a reading, its interval is drawn instead of written twice.

    Args:
        panel: View of a panel: `rows` and `readings`.
    """
    rows: Sequence[View] = panel["rows"]
    drawn = _drawn(panel)
    ends = _ends(drawn)
    names = [
        name
        for name in (rows[0] if rows else ())
        if name not in ends and any(row[name] not in (None, "") for row in rows)
    ]
    right = [all(not isinstance(row[name], str) for row in rows) for name in names]
    lanes = [
        Lane(
            cells=[cell_text(row[name]) for name in names],
            interval=_interval(row, ends),
            strip=None if one is None else _strip(one, f"{panel['name']} {place}"),
        )
        for place, (row, one) in enumerate(zip(rows, drawn, strict=True))
    ]
    return Table(names, right, lanes, bool(ends))


def readings_svg(panel: View) -> Markup | None:
    """Draw the readings of a panel below each other; None where it has none with an interval."""
    shown = [
        (row, one) for row, one in zip(panel["rows"], _drawn(panel), strict=True) if one is not None
    ]
    if not shown:
        return None
    key = seed("readings", panel["name"])
    left, length = _PLOT
    body: list[Markup] = []
    for place, (row, one) in enumerate(shown):
        middle = _TOP + _ROW * place + _ROW / 2
        said = f"{cell_text(one.reading['value'])} {_interval(row, one.ends)}"
        body.append(words(0, middle + 4, shorten(_name(row, one), _NAME)))
        body += _marks(one, left, length, middle)
        body.append(words(left + length + 20, middle + 4, said, look=MUTE))
    height = _TOP + _ROW * len(shown) + 8
    return frame(body, Picture(key, "readings", _WIDTH, height, panel["title"], panel["asks"]))


def readings_rows(panel: View) -> list[dict[str, Any]]:
    """Give the rows of a panel as they are; a panel of words gives its lines."""
    rows = [dict(row) for row in panel["rows"]]
    return rows or [{"text": line} for line in panel["text"]]


def _drawn(panel: View) -> list[_Drawn | None]:
    """Find for every row the reading whose interval stands in it."""
    found = [_of_row(row, panel["readings"]) for row in panel["rows"]]
    scales: dict[tuple[str, ...], list[View]] = {}
    for one in found:
        if one is not None:
            scales.setdefault(_scale(one[0]), []).append(one[0])
    axes = {name: _axis(readings) for name, readings in scales.items()}
    return [None if one is None else _Drawn(*one, axes[_scale(one[0])]) for one in found]


def _of_row(row: View, readings: Sequence[View]) -> tuple[View, tuple[str, str]] | None:
    numbers = {
        name: value
        for name, value in row.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    for reading in readings:
        low, high = reading["low"], reading["high"]
        if low is None or high is None or low >= high:
            continue
        lows = [name for name, value in numbers.items() if _same(value, low)]
        highs = [name for name, value in numbers.items() if _same(value, high)]
        if lows and highs:
            return reading, (lows[-1], highs[-1])
    return None


def _same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)


def _ends(drawn: Sequence[_Drawn | None]) -> tuple[str, str] | tuple[()]:
    counted = Counter(one.ends for one in drawn if one is not None)
    return counted.most_common(1)[0][0] if counted else ()


def _scale(reading: View) -> tuple[str, ...]:
    """Name the scale of a reading: shares share one, other numbers only with their namesakes."""
    said = str(reading["name"]).split() or [""]
    apart = said[-1] if said[-1] in _APART else ""
    return (str(reading["unit"]) or said[0], apart)


def _axis(readings: Sequence[View]) -> Axis:
    points = [reading[end] for reading in readings for end in ("low", "high")]
    low, high = min(points), max(points)
    near = min(abs(low), abs(high)) <= 0.6 * (high - low)
    return spread([*points, 0.0] if near else points)


def _interval(row: View, ends: tuple[str, str] | tuple[()]) -> str:
    if not ends or any(row.get(end) is None for end in ends):
        return "no interval"
    return f"[{cell_text(row[ends[0]])}, {cell_text(row[ends[1]])}]"


def _name(row: Mapping[str, Any], one: _Drawn) -> str:
    texts = [str(value) for value in row.values() if isinstance(value, str) and value]
    return ", ".join(texts) or str(one.reading["title"])


def _strip(one: _Drawn, place: str) -> Markup:
    width, height = STRIP
    reading = one.reading
    said = (
        f"{reading['title']}: {cell_text(reading['value'])}, 95 % interval "
        f"{cell_text(reading['low'])} to {cell_text(reading['high'])}"
    )
    key = seed("reading", place, str(reading["name"]))
    picture = Picture(key, "strip", width, height, str(reading["title"]), said)
    return frame(_marks(one, 8, width - 16, height / 2), picture)


def _marks(one: _Drawn, left: float, length: float, middle: float) -> list[Markup]:
    def x(number: float) -> float:
        return left + length * one.axis.share(number)

    reading, marks = one.reading, []
    if one.axis.low <= 0 <= one.axis.high:
        marks.append(upright(x(0.0), middle - 10, middle + 10))
    ends = (reading["low"], reading["high"])
    marks.append(bar(x(ends[0]), x(ends[1]), middle, tone=_TONE, arrows=(False, False)))
    return [*marks, dot(x(reading["value"]), middle, tone=_TONE)]
