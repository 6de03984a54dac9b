"""Study charts: lines over one axis with their intervals, as SVG."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from shipcall.report.palette import paint
from shipcall.report.svg import (
    MUTE,
    Look,
    Picture,
    Point,
    across,
    area,
    curve,
    frame,
    marker,
    seed,
    tenth,
    upright,
    words,
)
from shipcall.report.text import shorten
from shipcall.report.words import View, significant

_WIDTH, _HEIGHT = 720, 340
_LEFT, _TOP, _WIDE, _HIGH = 84, 44, 460, 232
_TICKS = 5
_APART = 16
"""Pixels between two names beside the lines."""


class Axis(NamedTuple):
    """From numbers to pixels."""

    low: float
    high: float
    log: bool
    start: float
    length: float

    def at(self, number: float) -> float:
        """Pixels of a number; one beyond an end lies at that end."""
        low, high, x = self.low, self.high, number
        if self.log:
            low, high, x = math.log(low), math.log(high), math.log(x)
        share = (x - low) / (high - low) if high > low else 0.5
        return self.start + self.length * min(max(share, 0.0), 1.0)

    def ticks(self, most: int = _TICKS) -> list[float]:
        """Round numbers on the axis, about so many."""
        if self.log:
            first, last = math.ceil(math.log10(self.low)), math.floor(math.log10(self.high))
            return [10.0**power for power in range(first, last + 1)] or [self.low, self.high]
        step = _round_step((self.high - self.low) / most)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [step * i for i in range(first, last + 1)]


def study_svg(chart: View) -> Markup:
    """Draw one chart of a study.

    A band is the interval at each place by itself, not of the whole line. A circle stands for a
    place that is not joined with others; a dashed upright line for a place with a name.

    Args:
        chart: As in the view of a study, with at least one point.
    """
    points = [point for line in chart["lines"] for point in line["points"]]
    marks = [mark["x"] for mark in chart["marks"]]
    x = axis([*(p["x"] for p in points), *marks], log=chart["x_log"], start=_LEFT, length=_WIDE)
    heights = [p[end] for p in points for end in ("y", "low", "high") if p[end] is not None]
    y = axis(heights, log=chart["y_log"], start=_TOP + _HIGH, length=-_HIGH)
    body = [words(_LEFT, 24, shorten(chart["title"], 80), look=Look(bold=True))]
    body += _frame(chart, x, y)
    body += _marks(chart, x)
    for line in chart["lines"]:
        body += _line(line, x, y)
    body += _names(chart["lines"], y)
    key = seed("study", chart["name"], chart["title"], str(len(points)))
    picture = Picture(key, "study", _WIDTH, _HEIGHT, chart["title"], chart["says"])
    return frame(body, picture)


def axis(numbers: Sequence[float], *, log: bool, start: float, length: float) -> Axis:
    """Lay an axis under numbers, with a little room at both ends.

    Args:
        numbers: At least one; above 0 where the axis is logarithmic.
        log: Equal steps are equal ratios.
        start: Pixels of its low end.
        length: Pixels of it; negative upwards.
    """
    low, high = min(numbers), max(numbers)
    if not log:
        room = 0.03 * (high - low) or abs(high) or 1.0
        low, high = low - room, high + room
    elif low == high:
        low, high = low / 2, high * 2
    return Axis(low, high, log, start, length)


def _round_step(rough: float) -> float:
    """The least of 1, 2 and 5 times a power of ten that is not below."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * k for k in (1, 2, 5, 10) if power * k >= rough * (1 - 1e-9))


def _frame(chart: View, x: Axis, y: Axis) -> list[Markup]:
    body = []
    for tick in y.ticks():
        height = y.at(tick)
        body.append(across(height, _LEFT, _LEFT + _WIDE))
        text = tick_text(tick, chart["y_unit"])
        body.append(words(_LEFT - 8, height + 4, text, anchor="end", look=MUTE))
    for tick in x.ticks():
        text = tick_text(tick, chart["x_unit"])
        body.append(words(x.at(tick), _TOP + _HIGH + 18, text, anchor="middle", look=MUTE))
    middle = _LEFT + _WIDE / 2
    titled = _titled(chart["x_title"], chart["x_unit"])
    body.append(words(middle, _TOP + _HIGH + 40, titled, anchor="middle", look=MUTE))
    body.append(words(_LEFT + _WIDE + 8, 24, _titled(chart["y_title"], chart["y_unit"]), look=MUTE))
    return body


def _titled(title: str, unit: str) -> str:
    return f"{title}, {unit}" if unit and unit != "share" else title


def tick_text(number: float, unit: str) -> str:
    """Write a number beside an axis: shares in percent."""
    if unit == "share":
        return f"{significant(100 * number)} %"
    return f"{number:.0e}".replace("e+0", "e") if abs(number) >= 1e7 else significant(number)


def _marks(chart: View, x: Axis) -> list[Markup]:
    body = []
    for i, mark in enumerate(chart["marks"]):
        place = x.at(mark["x"])
        body.append(upright(place, _TOP, _TOP + _HIGH, requirement=True))
        body.append(words(place + 4, _TOP + 12 + 14 * i, shorten(mark["title"], 24)))
    return body


def _line(line: View, x: Axis, y: Axis) -> list[Markup]:
    places = [Point(x.at(p["x"]), y.at(p["y"])) for p in line["points"]]
    if not line["joined"]:
        return [marker("baseline", *place) for place in places]
    bounded = [p for p in line["points"] if p["low"] is not None and p["high"] is not None]
    body = []
    if len(bounded) > 1:
        upper = [Point(x.at(p["x"]), y.at(p["high"])) for p in bounded]
        lower = [Point(x.at(p["x"]), y.at(p["low"])) for p in bounded]
        body.append(area(upper, lower, tone=line["tone"]))
    if line["tone"] == "mute":
        return [*body, _dashed(places)]
    return [*body, curve(places, tone=line["tone"])]


def _dashed(places: Sequence[Point]) -> Markup:
    corners = " ".join(f"{tenth(x)},{tenth(y)}" for x, y in places)
    return Markup(
        '<polyline points="{}" fill="none" stroke="{}" stroke-width="1.5" stroke-dasharray="3 3"/>'
    ).format(corners, paint("mute"))


def _names(lines: Sequence[View], y: Axis) -> list[Markup]:
    """Names beside the last points, moved apart where they would touch."""
    named = [(y.at(line["points"][-1]["y"]), line) for line in lines if line["points"]]
    body, last = [], -math.inf
    for height, line in sorted(named, key=lambda pair: pair[0]):
        last = max(height, last + _APART)
        shape = "" if line["joined"] else "\u25cb "
        text = shape + shorten(line["title"], 22)
        look = Look(line["tone"] if line["joined"] else "baseline", bold=line["joined"])
        body.append(words(_LEFT + _WIDE + 8, last + 4, text, look=look))
    return body
