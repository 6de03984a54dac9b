"""Strip: an interval drawn to scale beside its requirement, as one line of text.

    //////|   :   [==o==]        ASCII: forbidden, requirement, zero, interval with estimate

The picture always agrees with the answer: an end that lies inside the bar is never drawn on or
past the requirement, however close it is, and the other way round.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from shipcall.report.words import View, bounds_of


class Axis(NamedTuple):
    """The range of numbers that a picture shows."""

    low: float
    high: float

    def share(self, number: float) -> float:
        """Place of a number on the axis, 0 to 1; what lies outside goes to the end."""
        return min(max((number - self.low) / (self.high - self.low), 0.0), 1.0)


class Glyphs(NamedTuple):
    """The characters of a text strip."""

    forbidden: str
    requirement: str
    zero: str
    crossed: str
    """Zero, where the interval runs over it."""
    body: str
    estimate: str
    ends: str
    """Low and high end."""
    arrows: str
    """Ends that nothing bounds."""


UNICODE = Glyphs(
    "\u2591", "\u2506", "\u2502", "\u253c", "\u2501", "\u25cb", "\u251c\u2524", "\u25c2\u25b8"
)
ASCII = Glyphs("/", "|", ":", ":", "=", "o", "[]", "<>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Turns numbers into places on a line and keeps them on their side of the requirement."""

    axis: Axis
    low: float | None
    """Low bound of the bar, if there is one."""
    high: float | None
    length: float
    """Last place of the line; the first is 0."""
    gap: float
    """Least distance between a requirement and whatever is not on it."""

    @property
    def fence_low(self) -> float | None:
        """Place of the low bound."""
        if self.low is None:
            return None
        last = self.length - (self.gap if self.high is None else 3 * self.gap)
        return min(max(self._raw(self.low), self.gap), last)

    @property
    def fence_high(self) -> float | None:
        """Place of the high bound."""
        if self.high is None:
            return None
        low = self.fence_low
        first = self.gap if low is None else low + 2 * self.gap
        return min(max(self._raw(self.high), first), self.length - self.gap)

    def place(self, number: float) -> float:
        """Place of a number that is not a bound."""
        place, low, high = self._raw(number), self.fence_low, self.fence_high
        if low is not None and self.low is not None:
            inside = number >= self.low
            place = max(place, low + self.gap) if inside else min(place, low - self.gap)
        if high is not None and self.high is not None:
            inside = number <= self.high
            place = min(place, high - self.gap) if inside else max(place, high + self.gap)
        return place

    def _raw(self, number: float) -> float:
        place = self.axis.share(number) * self.length
        return math.floor(place + 0.5) if self.gap == 1 else place


def shows_zero(finding: View) -> bool:
    """Is zero a landmark here? For differences, unless the requirement itself is zero."""
    differs = (finding.get("estimand") or "difference") in ("difference", "relative")
    return differs and 0.0 not in bounds_of(finding)


def axis_of(finding: View) -> Axis:
    """Choose the axis of one finding: interval, requirement and, for differences, zero."""
    estimate, bar = finding.get("estimate") or {}, finding.get("bar") or {}
    seen = [estimate.get(name) for name in ("value", "low", "high")]
    seen += [bar.get("low"), bar.get("high"), 0.0 if shows_zero(finding) else None]
    points = [point for point in seen if point is not None]
    return spread(points or [0.0])


def axis_of_many(findings: Sequence[View]) -> Axis:
    """Choose a common axis: bar, zero and every estimate are on it.

    An interval that reaches more than three times as far as the usual one is cut, so that one
    tiny slice does not flatten all others; a cut end is drawn as an arrow.
    """
    points = [*bounds_of(findings[0]), *([0.0] if shows_zero(findings[0]) else [])]
    estimates = [f["estimate"] for f in findings if f.get("estimate") is not None]
    points += [e["value"] for e in estimates]
    ends = [(e["value"], e[end]) for e in estimates for end in ("low", "high")]
    sides = [(value, end) for value, end in ends if end is not None]
    reach = sorted(abs(value - end) for value, end in sides)
    limit = 3 * reach[len(reach) // 2] if reach else 0.0
    points += [end for value, end in sides if abs(value - end) <= limit]
    return spread(points or [0.0])


def cut_ends(estimate: View, axis: Axis) -> tuple[bool, bool]:
    """Which ends of an interval lie outside the axis, or are bounded by nothing."""
    low, high = estimate.get("low"), estimate.get("high")
    return low is None or low < axis.low, high is None or high > axis.high


def spread(points: list[float]) -> Axis:
    """Make an axis that holds all points with some air at both ends."""
    low, high = min(points), max(points)
    air = (high - low) * 0.12 or abs(high) * 0.1 or 1.0
    return Axis(low - air, high + air)


def scale_of(finding: View, axis: Axis, length: float, gap: float) -> Scale:
    """Make the scale of one finding on an axis."""
    bar = finding.get("bar") or {}
    return Scale(axis=axis, low=bar.get("low"), high=bar.get("high"), length=length, gap=gap)


def interval_strip(
    finding: View, *, width: int = 21, unicode: bool = True, axis: Axis | None = None
) -> str:
    """Draw a finding as one line of text, `width` columns wide.

    Args:
        finding: A finding or a row of a comparison; without an estimate it says so.
        width: Columns, at least 9.
        unicode: Box-drawing characters; otherwise ASCII.
        axis: A common axis for several strips; its own where None.
    """
    if finding.get("estimate") is None:
        return "no interval".center(width)[:width]
    glyphs = UNICODE if unicode else ASCII
    scale = scale_of(finding, axis or axis_of(finding), width - 1, 1)
    cells = _ground(scale, width, glyphs)
    _draw_interval(cells, finding, scale, glyphs)
    return "".join(cells)


def _ground(scale: Scale, width: int, glyphs: Glyphs) -> list[str]:
    cells = [" "] * width
    low, high = scale.fence_low, scale.fence_high
    for place in range(width):
        if (low is not None and place < low) or (high is not None and place > high):
            cells[place] = glyphs.forbidden
    return cells


def _draw_interval(cells: list[str], finding: View, scale: Scale, glyphs: Glyphs) -> None:
    estimate = finding["estimate"]
    low, high = estimate.get("low"), estimate.get("high")
    cut_low, cut_high = cut_ends(estimate, scale.axis)
    start = 0 if cut_low else int(scale.place(low))
    stop = len(cells) - 1 if cut_high else int(scale.place(high))
    for place in range(start, stop + 1):
        cells[place] = glyphs.body
    if shows_zero(finding) and scale.axis.low <= 0 <= scale.axis.high:
        zero = int(scale.place(0.0))
        cells[zero] = glyphs.crossed if start < zero < stop else glyphs.zero
    cells[start] = glyphs.arrows[0] if cut_low else glyphs.ends[0]
    cells[stop] = glyphs.arrows[1] if cut_high else glyphs.ends[1]
    for fence in (scale.fence_low, scale.fence_high):
        if fence is not None:
            cells[int(fence)] = glyphs.requirement
    cells[int(scale.place(estimate["value"]))] = glyphs.estimate
