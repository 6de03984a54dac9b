"""Grid: two crossed slicing columns as a heat map with the number in every cell."""

from collections.abc import Callable
from typing import NamedTuple

from markupsafe import Markup

from shipcall.report.findings import Crossing
from shipcall.report.palette import DEEPEST, paint
from shipcall.report.strip import shows_zero
from shipcall.report.svg import MUTE, Look, Picture, frame, hatched, seed, tenth, words
from shipcall.report.text import shorten
from shipcall.report.words import (
    View,
    finding_sentence,
    interval_text,
    mark_of,
    measure,
    units_text,
    value_text,
    whole,
)

GRID_SIDE = 12
"""Most levels of a column that a grid shows."""
_LEFT, _TOP, _WIDE, _HIGH = 150, 40, 104, 58
_STEPS = 4


Link = Callable[[str], str]
"""Id of a check -> address of what there is to say about it."""


class Place(NamedTuple):
    """Upper left corner of a cell, and the key of its picture."""

    x: float
    y: float
    key: str


def slice_grid(crossing: Crossing, *, link: Link | None = None) -> Markup | None:
    """Draw two crossed columns; None where a column has over GRID_SIDE levels.

    Blue: better, orange: worse, darker: larger. A thick edge with a square: fail. Hatched: no
    data. Every cell has the shape of its answer and its units. An empty place was never promised.

    Args:
        crossing: The slices of one metric under two columns.
        link: Where a cell leads to; None where the picture stands alone.
    """
    rows, columns = (_levels(crossing, place) for place in (0, 1))
    if max(len(rows), len(columns)) > GRID_SIDE:
        return None
    cells = {_place_of(f): f for f in crossing.findings}
    key = seed("grid", crossing.metric, *(f["id"] for f in crossing.findings))
    largest = max((abs(gain_of(f)) for f in crossing.findings), default=0.0)
    body = [words(0, 14, " by ".join(crossing.columns), look=MUTE)]
    for x, level in enumerate(columns):
        middle = _LEFT + _WIDE * x + _WIDE / 2
        body.append(words(middle, _TOP - 8, shorten(level, 14), anchor="middle"))
    for y, level in enumerate(rows):
        body.append(words(0, _TOP + _HIGH * y + 33, shorten(level, 20)))
        for x, other in enumerate(columns):
            finding = cells.get((level, other))
            if finding is not None:
                place = Place(_LEFT + _WIDE * x, _TOP + _HIGH * y, key)
                body.append(linked(cell(finding, place, largest), finding, link))
    title = f"{crossing.metric} by {crossing.columns[0]} and {crossing.columns[1]}"
    width, height = _LEFT + _WIDE * len(columns) + 4, _TOP + _HIGH * len(rows) + 4
    said = _sentence(crossing)
    return frame(body, Picture(key, "grid", width, height, title, said, link is not None))


def _levels(crossing: Crossing, place: int) -> list[str]:
    return sorted({f["slice_pairs"][place][1] for f in crossing.findings}, key=natural)


def natural(level: str) -> tuple[bool, float, str]:
    """Order levels as people count: by their first number where they begin with one."""
    head = level.lstrip("<>=+ ").split("-", maxsplit=1)[0].strip()
    return (False, float(head), level) if head.isdecimal() and head.isascii() else (True, 0, level)


def _place_of(finding: View) -> tuple[str, str]:
    (_, first), (_, second) = finding["slice_pairs"]
    return first, second


def gain_of(finding: View) -> float:
    """Difference with positive always better; 0 where better and worse have no zero, or no side."""
    estimate, sided = finding.get("estimate"), finding.get("better") != ""
    if estimate is None or not sided or not shows_zero({"estimand": finding["estimand"]}):
        return 0.0
    value: float = estimate["value"]
    return value if finding.get("better") != "lower" else -value


def linked(body: list[Markup], finding: View, link: Link | None) -> Markup:
    """Put the pieces of a cell together, with what it says as its tip, and lead to its check."""
    whole_cell = Markup("").join(body)
    if link is None:
        return whole_cell
    said = f"{finding['slice']}: {value_text(finding)} {interval_text(finding)}"
    tip = f"{said}, {units_text(finding)} units, {mark_of(finding).word}"
    return Markup('<a href="{}"><title>{}</title>{}</a>').format(
        link(finding["id"]), tip, whole_cell
    )


def cell(finding: View, place: Place, largest: float) -> list[Markup]:
    """Draw one slice with its answer, number and units; tinted by its size against the largest."""
    x, y, key = place
    middle, shape = x + _WIDE / 2, mark_of(finding).shape
    if finding.get("estimate") is None:
        return [
            hatched(key, x + 1, y + 1, _WIDE - 2, _HIGH - 2),
            _box(place, "bg", 0.8, "none", inset=9),
            words(middle, y + 33, f"{shape} {units_text(finding)}", anchor="middle", look=MUTE),
        ]
    gain = gain_of(finding)
    tint = "baseline" if gain > 0 else "candidate" if gain < 0 else "panel"
    failed = finding["standing"] == "BREACH"
    how, estimate = measure(finding), finding["estimate"]
    number = f"{shape} {how.write(estimate['value'])}"
    return [
        _box(place, tint, depth_of(gain, largest), "fail" if failed else "line"),
        words(middle, y + 19, number, anchor="middle", look=Look(bold=failed)),
        words(middle, y + 35, _half_width(finding), anchor="middle"),
        words(middle, y + 50, f"n {units_text(finding)}", anchor="middle"),
    ]


def depth_of(gain: float, largest: float) -> float:
    """How deep a cell is tinted, in steps, against the largest of the picture."""
    if not gain or not largest:
        return 1.0
    step = max(1, round(abs(gain) / largest * _STEPS))
    return DEEPEST * step / _STEPS


def _box(place: Place, tint: str, depth: float, edge: str, inset: float = 1.5) -> Markup:
    stroke = "" if edge == "none" else f"{paint(edge)}"
    return Markup(
        '<rect x="{}" y="{}" width="{}" height="{}" rx="3" fill="{}" fill-opacity="{}" '
        'stroke="{}" stroke-width="{}"/>'
    ).format(
        tenth(place.x + inset),
        tenth(place.y + inset),
        tenth(_WIDE - 2 * inset),
        tenth(_HIGH - 2 * inset),
        paint(tint),
        f"{depth:.3g}",
        stroke or "none",
        3 if edge == "fail" else 1,
    )


def _half_width(finding: View) -> str:
    estimate, how = finding["estimate"], measure(finding)
    low, high = estimate.get("low"), estimate.get("high")
    if estimate.get("census"):
        return "counted"
    if low is None or high is None:
        return "open end"
    return "\u00b1" + how._replace(signed=False).bare((high - low) / 2)


def _sentence(crossing: Crossing) -> str:
    failed = [f for f in crossing.findings if f["standing"] == "BREACH"]
    absent = sum(f["standing"] == "ABSENT" for f in crossing.findings)
    said = f"{whole(len(crossing.findings))} crossed slices, {whole(absent)} without data, "
    said += f"{whole(len(failed))} failed."
    return said if not failed else f"{said} {finding_sentence(failed[0])}"
