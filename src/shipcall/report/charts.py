"""Charts: SVG of one finding on the axis of its own bar, and of many slices on a common one.

Pure functions of dictionaries. View boxes are fixed, numbers rounded to a tenth, ids seeded by
the finding, so the same view gives the same bytes. Colours are CSS variables of the page with
the light ones as fallback. Hatching means not there or not allowed, and nothing else.
"""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from shipcall.report.findings import by_urgency, tally_text
from shipcall.report.marks import forbidden, interval, labels, landmarks
from shipcall.report.strip import Scale, axis_of, axis_of_many, scale_of
from shipcall.report.svg import MUTE, Look, Picture, frame, hatched, seed, words
from shipcall.report.text import shorten
from shipcall.report.words import (
    ESTIMANDS,
    View,
    bar_words,
    finding_sentence,
    id_of,
    interval_text,
    mark_of,
    units_text,
    value_text,
    whole,
)

STRIP = (260, 42)
"""Width and height of a gate strip."""
FOREST_ROWS = 60
_FOREST_WIDTH, _ROW, _TOP = 1040, 24, 30
_PLOT = (250, 420)
"""Left edge and width of the plot of a forest."""


class Forest(NamedTuple):
    """A forest of slices, and what it had no room for."""

    svg: Markup
    shown: int
    more: int
    """Slices that only the table lists."""


def gate_strip(finding: View) -> Markup:
    """Draw one finding on the axis of its own bar.

    Thick bar: interval. Open circle: estimate. Dashed: requirement. Hatched: where the number
    must not be, or that there is no number. Thin: zero.
    """
    width, height = STRIP
    key = seed("strip", id_of(finding))
    title = f"{id_of(finding)}: {mark_of(finding).word}"
    if finding.get("estimate") is None:
        body = [
            hatched(key, 1, 2, width - 2, 22),
            words(width / 2, 38, "no interval", anchor="middle", look=MUTE),
        ]
    else:
        scale = scale_of(finding, axis_of(finding), width - 16, 4)
        body = [forbidden(key, scale, 8, 2, 22), *landmarks(finding, scale, 8, 2, 24)]
        body += [*interval(finding, scale, 8, 13), *labels(finding, scale, 8, 38)]
    picture = Picture(key, "strip", width, height, title, finding_sentence(finding))
    return frame(body, picture)


def forest(
    slices: Sequence[View], *, because: Sequence[str] = (), cap: int = FOREST_ROWS
) -> Forest:
    """Draw slices with one bar on one axis, the most urgent first.

    Args:
        slices: Findings of one metric, estimand and bar (see `findings.comparable`).
        because: Ids of the checks that made the call: they come first, in bold.
        cap: Most rows drawn; the others are counted and stand in the table.
    """
    ordered = by_urgency(slices, because)
    shown, more = ordered[:cap], max(0, len(ordered) - cap)
    first = ordered[0]
    key = seed("forest", *(f["id"] for f in shown))
    left, span = _PLOT
    scale = scale_of(first, axis_of_many(shown), span, 4)
    bottom = _TOP + _ROW * len(shown)
    body = [forbidden(key, scale, left, _TOP, bottom - _TOP)]
    body += [*landmarks(first, scale, left, _TOP - 4, bottom), *labels(first, scale, left, 18)]
    body += [words(0, 18, "slice", look=MUTE), *_headings(first)]
    for place, finding in enumerate(shown):
        middle = _TOP + _ROW * place + _ROW / 2
        body += _forest_row(finding, scale, middle, key, bold=finding["id"] in because)
    name = first.get("metric_title") or first["metric"]
    said = _forest_sentence(slices, shown, first)
    picture = Picture(key, "forest", _FOREST_WIDTH, bottom + 6, f"{name} by slice", said)
    return Forest(frame(body, picture), len(shown), more)


def _forest_sentence(slices: Sequence[View], shown: Sequence[View], first: View) -> str:
    said = f"{whole(len(slices))} slices, needed {bar_words(first)}: {tally_text(slices)}."
    return f"{said} First: {finding_sentence(shown[0])}"


def _headings(first: View) -> list[Markup]:
    return [
        words(686, 18, f"{ESTIMANDS[first['estimand']]} and interval", look=MUTE),
        words(926, 18, "n", anchor="end", look=MUTE),
        words(944, 18, "answer", look=MUTE),
    ]


def _forest_row(
    finding: View, scale: Scale, middle: float, key: str, *, bold: bool
) -> list[Markup]:
    left, span = _PLOT
    mark = mark_of(finding)
    name = shorten(finding["slice"], 20 if finding.get("protected") else 31)
    if finding.get("protected"):
        name += " (protected)"
    row = [words(0, middle + 4, name, look=Look(bold=bold))]
    if finding.get("estimate") is None:
        row.append(hatched(key, left, middle - 7, span, 14))
        row.append(words(686, middle + 4, "no interval", look=MUTE))
    else:
        row += interval(finding, scale, left, middle)
        row.append(words(686, middle + 4, f"{value_text(finding)} {interval_text(finding)}"))
    row.append(words(926, middle + 4, units_text(finding), anchor="end"))
    row.append(words(944, middle + 4, mark.text(), look=Look(mark.tone, bold=True)))
    return row
