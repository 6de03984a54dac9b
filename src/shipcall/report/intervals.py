"""Intervals: lines with a name and one or more intervals each, drawn below each other.

Thick bar and full words: what to read. Thin bar: what it came from. Thin upright: a landmark.
Dashed upright: what was promised, hatched where the number must not be. The words stand beside.
"""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from shipcall.report.cohort import absent
from shipcall.report.palette import paint
from shipcall.report.strip import Axis, spread
from shipcall.report.svg import (
    BOLD,
    MUTE,
    Look,
    Picture,
    dot,
    frame,
    hatched,
    marker,
    seed,
    tenth,
    upright,
    words,
)
from shipcall.report.text import shorten
from shipcall.report.words import View

WIDTH, BARS = 480, 230
"""Width of a picture, which fits a phone, and of its bars."""
_START, _HEAD, _MARK, _FOOT = 6, 24, 17, 10
_FAR = 3.0
"""An interval that reaches so many times as far as the usual one is cut, with an arrow."""


class Mark(NamedTuple):
    """One interval of a line."""

    shown: View
    """`value`, `low`, `high`, or `absent` with its `detail`."""
    text: str
    """The same in words."""
    thin: bool = False
    """Whether it stands behind another one that should be read instead."""
    shape: str = ""
    """Of an answer, before the words."""
    tone: str = "ink"
    arm: bool = False
    """Whether its dot has the shape of the model that the tone names."""


class Line(NamedTuple):
    """One thing of which intervals are drawn."""

    name: str
    marks: Sequence[Mark]
    note: str = ""
    """Said at the right: how many units, or what was promised."""
    axis: Axis | None = None
    """Its own axis; None: the one of all lines."""
    landmark: float | None = None
    """A number that says nothing either way: zero, or one half."""
    at_least: float | None = None
    """What was promised: the low end has to reach it."""


def intervals(css: str, title: str, said: str, lines: Sequence[Line]) -> Markup:
    """Draw lines of intervals.

    Args:
        css: Name of the picture in the style sheet.
        title: What it is.
        said: What it shows, as a sentence, for those who do not see it.
        lines: At least one.
    """
    key = seed(css, title, str(lines))
    shared, top, body = axis_of(lines), 0, []
    for line in lines:
        body += _line(key, line, line.axis or shared, top)
        top += _HEAD + _MARK * len(line.marks) + _FOOT
    return frame(body, Picture(key, css, WIDTH, top, title, said))


def axis_of(lines: Sequence[Line]) -> Axis:
    """Choose a common axis: every value and landmark is on it, and every end that is not far out.

    Args:
        lines: Those without an axis of their own count.
    """
    common = [line for line in lines if line.axis is None]
    shown = [m.shown for line in common for m in line.marks if not absent(m.shown)]
    points = [line.landmark for line in common if line.landmark is not None]
    points += [one["value"] for one in shown]
    ends = [(one["value"], one[end]) for one in shown for end in ("low", "high")]
    known = [(value, end) for value, end in ends if end is not None]
    reach = sorted(abs(value - end) for value, end in known)
    most = _FAR * reach[len(reach) // 2] if reach else 0.0
    points += [end for value, end in known if abs(value - end) <= most]
    return spread(points or [0.0])


def _line(key: str, line: Line, axis: Axis, top: float) -> list[Markup]:
    body = [words(0, top + 14, shorten(line.name, 40), look=BOLD)]
    if line.note:
        body.append(words(WIDTH, top + 14, shorten(line.note, 34), anchor="end", look=MUTE))
    begin, end = top + _HEAD - 5, top + _HEAD + _MARK * len(line.marks) - 2
    if line.at_least is not None:
        fence = _place(axis, line.at_least)
        body.append(hatched(key, _START, begin, fence - _START, end - begin))
        body.append(upright(fence, begin, end, requirement=True))
    if line.landmark is not None and axis.low <= line.landmark <= axis.high:
        body.append(upright(_place(axis, line.landmark), begin, end))
    for number, mark in enumerate(line.marks):
        body += _mark(key, mark, axis, top + _HEAD + _MARK * number + 5)
    return body


def _mark(key: str, mark: Mark, axis: Axis, y: float) -> list[Markup]:
    tone = "mute" if mark.thin or absent(mark.shown) else mark.tone
    text = f"{mark.shape} {mark.text}".strip()
    label = words(_START + BARS + 14, y + 4, shorten(text, 38), look=Look(tone))
    if absent(mark.shown):
        return [hatched(key, _START, y - 5, BARS, 10), label]
    low, high = mark.shown.get("low"), mark.shown.get("high")
    cut = low is None or low < axis.low, high is None or high > axis.high
    start = _START if cut[0] or low is None else _place(axis, low)
    stop = _START + BARS if cut[1] or high is None else _place(axis, high)
    pieces = [_stroke([(start, y), (stop, y)], tone, 2 if mark.thin else 5)]
    if cut[0]:
        pieces.append(_stroke([(start + 5, y - 5), (start, y), (start + 5, y + 5)], tone, 2))
    if cut[1]:
        pieces.append(_stroke([(stop - 5, y - 5), (stop, y), (stop - 5, y + 5)], tone, 2))
    at = _place(axis, mark.shown["value"])
    return [*pieces, marker(mark.tone, at, y) if mark.arm else dot(at, y, tone=tone), label]


def _place(axis: Axis, number: float) -> float:
    return _START + BARS * axis.share(number)


def _stroke(places: Sequence[tuple[float, float]], tone: str, width: int) -> Markup:
    path = "L".join(f"{tenth(x)} {tenth(y)}" for x, y in places)
    return Markup('<path d="M{}" fill="none" stroke="{}" stroke-width="{}"/>').format(
        path, paint(tone), width
    )
