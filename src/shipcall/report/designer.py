"""Designer: what a cascade is worth, sends on, costs and takes, above one axis of thresholds."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from shipcall.report.studies import cell_text
from shipcall.report.studies_charts import Axis, axis, tick_text
from shipcall.report.svg import (
    MUTE,
    Look,
    Picture,
    Point,
    across,
    area,
    curve,
    dot,
    frame,
    hatched,
    marker,
    seed,
    upright,
    words,
)
from shipcall.report.text import shorten
from shipcall.report.words import View, significant

_WIDTH, _LEFT, _PLOT, _END = 720, 84, 440, 40
"""Pixels: of the picture, to the left of the ends, of the thresholds, of the place of an end."""
_TOP, _HIGH, _LOW, _GAP = 84, 84, 34, 46
"""Pixels: down to the first small chart, height of one, of one without a number, between two."""
_TICKS = 4
_NO_TICK = 1e-12
"""What is nearer to zero than this is zero that was reached by steps."""
_APART, _NAME = 15, 120
"""Pixels between two names beside the lines; of the name of a threshold."""


class _Panel(NamedTuple):
    """One small chart: columns of the table that share an axis, each with its colour."""

    title: str
    columns: Mapping[str, str]
    from_zero: bool = False
    """A band that holds zero is one of which nobody can tell; zero has a line."""


_PANELS = (
    _Panel("worth of an answer", {"value": "candidate"}),
    _Panel("worth over a random choice", {"over_random": "candidate"}, from_zero=True),
    _Panel("share that falls back", {"fallback": "candidate"}),
    _Panel("price of a row", {"cost": "candidate"}),
    _Panel("time to the answer", {"p50": "baseline", "p99": "candidate"}),
)


class _Sheet(NamedTuple):
    """What the panels share."""

    rows: Sequence[Mapping[str, Any]]
    """Of the table, nothing falling back first."""
    chosen: Mapping[str, Any] | None
    shown: Sequence[float]
    """Thresholds that were tested and shown to keep a claim."""
    units: Mapping[str, str]
    x: Axis
    rising: bool
    """Does more fall back to the right?"""
    key: str

    def place(self, row: Mapping[str, Any]) -> float:
        """Pixels of a row: its threshold, or the place of its end."""
        if isinstance(row["threshold"], float | int):
            return self.x.at(row["threshold"])
        first = row is self.rows[0]
        left, right = _LEFT + _END / 2, _LEFT + _END * 1.5 + _PLOT
        return left if first == self.rising else right

    @property
    def right(self) -> bool:
        """Does the threshold that was asked for lie in the right half?"""
        return self.chosen is not None and self.place(self.chosen) > _LEFT + _END + _PLOT / 2


def designer_svg(view: View) -> Markup | None:
    """Draw a cascade against its threshold: four small charts above one axis.

    Bands are the 95 % interval at each threshold by itself. The places at both ends stand for
    keeping every answer, and for asking the second model every time. The dashed line is the
    threshold that was asked for, with what was measured there as open circles.

    Args:
        view: A study.

    Returns:
        The picture; None where the study is no cascade or has no threshold between its ends.
    """
    tables = {table["name"]: table for table in view["tables"]}
    if view["study"] != "cascade" or len(between(view)) < 2:
        return None
    table = tables["settings"]
    sheet = _sheet(tables)
    title = "The cascade against its threshold"
    heights = [_HIGH if _numbers(panel, sheet) else _LOW for panel in _PANELS]
    bottom = _TOP + sum(heights) + _GAP * (len(heights) - 1)
    body = [words(_LEFT, 20, title, look=Look(bold=True)), *_places(sheet, bottom)]
    top = _TOP
    for panel, height in zip(_PANELS, heights, strict=True):
        body += _drawn(panel, sheet, top)
        top += height + _GAP
    body += _below(table, sheet, bottom)
    picture = Picture(sheet.key, "designer", _WIDTH, bottom + 50, title, _said(sheet))
    return frame(body, picture)


def between(view: View) -> list[float]:
    """Give the thresholds of a cascade between its two ends, in the order of its table."""
    rows: Sequence[View] = next(
        (table["rows"] for table in view["tables"] if table["name"] == "settings"), ()
    )
    return [row["threshold"] for row in rows if isinstance(row["threshold"], float | int)]


def designer_rows(view: View) -> list[dict[str, Any]]:
    """Give the numbers of the picture: each estimate with its ends, the one asked for at last.

    Args:
        view: A study of a cascade.
    """
    found = []
    for table in view["tables"]:
        if table["name"] not in {"settings", "chosen"}:
            continue
        for row in table["rows"]:
            flat = {"threshold": row["threshold"], "asked_for": table["name"] == "chosen"}
            for panel in _PANELS:
                for name in panel.columns:
                    for part in ("value", "low", "high"):
                        flat[f"{name}_{part}"] = _number(row[name], part)
            found.append(flat)
    return found


def _sheet(tables: Mapping[str, View]) -> _Sheet:
    table, rows = tables["settings"], tables["settings"]["rows"]
    chosen = tables["chosen"]["rows"][0] if "chosen" in tables else None
    tested = (
        [row.get("threshold") for row in tables["tested"]["rows"]] if "tested" in tables else []
    )
    shown = [place for place in tested if isinstance(place, float | int)]
    places = [row["threshold"] for row in rows if isinstance(row["threshold"], float | int)]
    asked = [chosen["threshold"]] if chosen else []
    start = _LEFT + _END
    return _Sheet(
        rows=rows,
        chosen=chosen,
        shown=shown,
        units={column["name"]: column["unit"] for column in table["columns"]},
        x=axis([*places, *asked, *shown], log=False, start=start, length=_PLOT),
        rising=places[0] <= places[-1],
        key=seed("designer", str(places), str(asked), str(shown)),
    )


def _number(cell: Any, part: str) -> float | None:
    found: float | None = cell.get(part) if isinstance(cell, dict) and "value" in cell else None
    return found


def _drawn(panel: _Panel, sheet: _Sheet, top: float) -> list[Markup]:
    unit = sheet.units[next(iter(panel.columns))]
    named = f"{panel.title}, {unit}" if unit and unit != "share" else panel.title
    right = _LEFT + _PLOT + 2 * _END
    start, anchor = (_LEFT, "start") if sheet.right else (right, "end")
    body = [words(start, top - 10, named, anchor=anchor, look=MUTE)]
    numbers = _numbers(panel, sheet)
    if not numbers:
        body.append(hatched(sheet.key, _LEFT, top, right - _LEFT, _LOW))
        why = shorten(_why(sheet.rows[-1][next(iter(panel.columns))]), 70)
        body.append(words(right - 10, top + _LOW / 2 + 4, why, anchor="end"))
        return body
    y = axis(numbers, log=False, start=top + _HIGH, length=-_HIGH)
    for tick in y.ticks(_TICKS):
        heavy = panel.from_zero and abs(tick) < _NO_TICK
        body.append(across(y.at(tick), _LEFT, right, requirement=heavy))
        text = tick_text(tick, unit)
        body.append(words(_LEFT - 8, y.at(tick) + 4, text, anchor="end", look=MUTE))
    named_at = -math.inf
    for name, tone in reversed(list(panel.columns.items())):
        body += _line(name, tone, sheet, y)
        if len(panel.columns) > 1:
            named_at = max(_last(name, sheet, y) + 4, named_at + _APART)
            body.append(words(right + 8, named_at, name, look=Look(tone, bold=True)))
    return body


def _numbers(panel: _Panel, sheet: _Sheet) -> list[float]:
    """Every number of a small chart, and zero where it is held against zero."""
    found = [
        number
        for name in panel.columns
        for row in (*sheet.rows, *([sheet.chosen] if sheet.chosen else []))
        for part in ("value", "low", "high")
        if (number := _number(row[name], part)) is not None and math.isfinite(number)
    ]
    return [*found, 0.0] if found and panel.from_zero else found


def _why(cell: Any) -> str:
    return f"no data: {cell['detail']}" if isinstance(cell, dict) else "no data"


def _last(name: str, sheet: _Sheet, y: Axis) -> float:
    """Height of the right end of a line."""
    row = sheet.rows[-1] if sheet.rising else sheet.rows[0]
    value = _number(row[name], "value")
    return y.start if value is None else y.at(value)


def _line(name: str, tone: str, sheet: _Sheet, y: Axis) -> list[Markup]:
    body, line, upper, lower = [], [], [], []
    for row in sheet.rows:
        value, low, high = (_number(row[name], part) for part in ("value", "low", "high"))
        if value is None:
            continue
        place = sheet.place(row)
        if not isinstance(row["threshold"], float | int):
            body.append(marker(tone, place, y.at(value)))
            continue
        line.append(Point(place, y.at(value)))
        if low is not None and high is not None and math.isfinite(low) and math.isfinite(high):
            upper.append(Point(place, y.at(high)))
            lower.append(Point(place, y.at(low)))
    if len(upper) > 1:
        body.append(area(upper, lower, tone=tone))
    if len(line) > 1:
        body.append(curve(line, tone=tone))
    at = None if sheet.chosen is None else _number(sheet.chosen[name], "value")
    if at is not None and sheet.chosen is not None:
        body.append(dot(sheet.place(sheet.chosen), y.at(at), tone=tone))
    return body


def _places(sheet: _Sheet, bottom: float) -> list[Markup]:
    """The threshold that was asked for, dashed; those that were shown to keep a claim, thin."""
    body = []
    for threshold in sheet.shown:
        place = sheet.x.at(threshold)
        text = f"shown: {significant(threshold, 6)}"
        body += [upright(place, _TOP - 42, bottom), words(place, _TOP - 46, text, anchor="middle")]
    if sheet.chosen is None:
        return body
    place = sheet.place(sheet.chosen)
    text = f"asked for: {significant(sheet.chosen['threshold'], 6)}"
    crossed = any(place - _NAME < sheet.x.at(one) < place for one in sheet.shown)
    anchor = "end" if sheet.right and not crossed else "start"
    return [
        *body,
        upright(place, _TOP - 24, bottom, requirement=True),
        words(place, _TOP - 28, text, anchor=anchor, look=Look(bold=True)),
    ]


def _below(table: View, sheet: _Sheet, bottom: float) -> list[Markup]:
    body = []
    for tick in sheet.x.ticks():
        text = tick_text(tick, "")
        body.append(words(sheet.x.at(tick), bottom + 18, text, anchor="middle", look=MUTE))
    ends = ("keep all", "ask always") if sheet.rising else ("ask always", "keep all")
    left, right = _LEFT + _END / 2, _LEFT + _END * 1.5 + _PLOT
    for place, text in zip((left, right), ends, strict=True):
        body.append(words(place, bottom + 36, text, anchor="middle", look=MUTE))
    title = next(c["title"] for c in table["columns"] if c["name"] == "threshold")
    middle = _LEFT + _END + _PLOT / 2
    return [*body, words(middle, bottom + 38, f"answers {title}", anchor="middle", look=MUTE)]


def _said(sheet: _Sheet) -> str:
    ends = [_place(row, sheet) for row in (sheet.rows[0], sheet.rows[-1])]
    said = f"Nothing falling back: {ends[0]}. Everything: {ends[1]}."
    if sheet.chosen is None:
        return said
    at = significant(sheet.chosen["threshold"], 6)
    return f"At {at}: {_place(sheet.chosen, sheet)}. {said}"


def _place(row: Mapping[str, Any], sheet: _Sheet) -> str:
    told = [
        f"{title} {_text(row[name], sheet.units[name])}"
        for name, title in (("value", "worth"), ("cost", "price"), ("p99", "p99"))
        if _number(row[name], "value") is not None
    ]
    return ", ".join(told) or "no data"


def _text(cell: Any, unit: str) -> str:
    written = cell_text(cell["value"], {"unit": unit, "difference": False})
    return f"{written} %" if unit == "share" else f"{written} {unit}".rstrip()
