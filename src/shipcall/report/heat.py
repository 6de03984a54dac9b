"""Heat: the slices of one column, or of two crossed ones, however many levels they have."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from shipcall.report.findings import Crossing, by_urgency, tally_text
from shipcall.report.grid import Link, Place, cell, depth_of, gain_of, linked, natural, slice_grid
from shipcall.report.palette import paint
from shipcall.report.svg import (
    MUTE,
    Look,
    Picture,
    frame,
    hatched,
    seed,
    tenth,
    words,
)
from shipcall.report.text import shorten
from shipcall.report.words import ANSWERS, View, whole

MOST_LEVELS = 40
"""Levels of one column that are drawn; the most urgent of more."""
MOST_SIDE = 60
"""Levels on each side of a map; the most urgent of more."""
_IN_LINE = 9
_CELL = (104, 58)
_TITLE, _LABEL = 26, 18
_SMALL = (22, 18)
_HEAD = 92


def heat(findings: Sequence[View], *, link: Link | None = None) -> Markup:
    """Draw the slices of one metric under one column, or under two crossed ones.

    Crossed columns of up to twelve levels each stand with every number; more levels as a map of
    small cells, with the shape of the answer in each. Blue: better, orange: worse, darker:
    larger; hatched: no data.

    Args:
        findings: At least one; all of one metric and of the same one or two slice columns.
        link: Where a cell leads to; None where the picture stands alone.
    """
    names = tuple(column for column, _ in findings[0]["slice_pairs"])
    if len(names) == 1:
        return _column(findings, names[0], link)
    crossing = Crossing(findings[0]["metric"], (names[0], names[1]), list(findings))
    return slice_grid(crossing, link=link) or _map(crossing, link)


def _column(findings: Sequence[View], name: str, link: Link | None) -> Markup:
    """Draw the levels of one column, line by line, each with its number."""
    shown = by_urgency(findings)[:MOST_LEVELS]
    shown.sort(key=lambda finding: natural(_level(finding, 0)))
    key = seed("column", findings[0]["metric"], *(f["id"] for f in shown))
    largest = max((abs(gain_of(f)) for f in shown), default=0.0)
    wide, high = _CELL[0], _CELL[1] + _LABEL
    body = [words(0, 14, _heading(findings, name, len(shown)), look=MUTE)]
    for number, finding in enumerate(shown):
        line, across = divmod(number, _IN_LINE)
        place = Place(wide * across, _TITLE + high * line + _LABEL, key)
        label = shorten(_level(finding, 0), 15)
        look = Look(bold=bool(finding.get("protected")))
        body.append(words(place.x + wide / 2, place.y - 4, label, anchor="middle", look=look))
        body.append(linked(cell(finding, place, largest), finding, link))
    lines = -(-len(shown) // _IN_LINE)
    width = wide * min(len(shown), _IN_LINE) + 4
    title = f"{findings[0]['metric']} by {name}"
    size = max(width, 320), _TITLE + high * lines + 4
    return frame(body, Picture(key, "grid", *size, title, _sentence(findings), link is not None))


def _map(crossing: Crossing, link: Link | None) -> Markup:
    """Draw two columns with many levels: a small cell for every slice, with its shape."""
    rows, columns = (_chosen(crossing.findings, place) for place in (0, 1))
    key = seed("map", crossing.metric, *(f["id"] for f in crossing.findings))
    largest = max((abs(gain_of(f)) for f in crossing.findings), default=0.0)
    wide, high = _SMALL
    left = 12 + 7 * max(len(shorten(level, 20)) for level in rows)
    heading = _heading(crossing.findings, " by ".join(crossing.columns), None)
    body = [words(0, 14, heading, look=MUTE)]
    body += [_upright(left + wide * x + wide / 2 + 4, _HEAD - 6, lvl) for lvl, x in columns.items()]
    for level, y in rows.items():
        body.append(words(0, _HEAD + high * y + 13, shorten(level, 20)))
    drawn = 0
    for finding in crossing.findings:
        level, other = _level(finding, 0), _level(finding, 1)
        if level in rows and other in columns:
            place = Place(left + wide * columns[other], _HEAD + high * rows[level], key)
            body.append(linked(_small(finding, place, largest), finding, link))
            drawn += 1
    if drawn < len(crossing.findings):
        told = f"{whole(drawn)} of {whole(len(crossing.findings))} drawn"
        body.append(words(left + 240, 14, told))
    size = left + wide * len(columns) + 30, _HEAD + high * len(rows) + 4
    title = f"{crossing.metric} by {crossing.columns[0]} and {crossing.columns[1]}"
    said = _sentence(crossing.findings)
    return frame(body, Picture(key, "grid", *size, title, said, link is not None))


def _chosen(findings: Sequence[View], place: int) -> Mapping[str, int]:
    """Number the levels that are drawn: those with the most urgent slices, in natural order."""
    ordered = dict.fromkeys(_level(finding, place) for finding in by_urgency(findings))
    kept = sorted(list(ordered)[:MOST_SIDE], key=natural)
    return {level: number for number, level in enumerate(kept)}


def _level(finding: View, place: int) -> str:
    return str(finding["slice_pairs"][place][1])


def _heading(findings: Sequence[View], name: str, shown: int | None) -> str:
    said = f"{findings[0].get('metric_title') or findings[0]['metric']} by {name}"
    if shown is None or shown == len(findings):
        return said
    return f"{said}: the {whole(shown)} most urgent of {whole(len(findings))}"


def _upright(x: float, y: float, level: str) -> Markup:
    text = Markup('<text x="{x}" y="{y}" fill="{tone}" transform="rotate(-60 {x} {y})">{t}</text>')
    return text.format(x=tenth(x), y=tenth(y), tone=paint("ink"), t=shorten(level, 12))


def _small(finding: View, place: Place, largest: float) -> list[Markup]:
    wide, high = _SMALL
    if finding.get("estimate") is None:
        return [hatched(place.key, place.x + 1, place.y + 1, wide - 2, high - 2)]
    gain, failed = gain_of(finding), finding["standing"] == "BREACH"
    tint = "baseline" if gain > 0 else "candidate" if gain < 0 else "panel"
    box = Markup(
        '<rect x="{}" y="{}" width="{}" height="{}" rx="2" fill="{}" fill-opacity="{}"{}/>'
    ).format(
        tenth(place.x + 1),
        tenth(place.y + 1),
        wide - 2,
        high - 2,
        paint(tint),
        f"{depth_of(gain, largest):.3g}",
        Markup(' stroke="{}" stroke-width="2"').format(paint("fail")) if failed else "",
    )
    shape = ANSWERS[finding["standing"]].shape
    look = Look("fail" if failed else "ink")
    mark = words(place.x + wide / 2, place.y + 13, shape, anchor="middle", look=look)
    return [box, mark]


def _sentence(findings: Sequence[View]) -> str:
    return f"{whole(len(findings))} slices: {tally_text(findings)}."
