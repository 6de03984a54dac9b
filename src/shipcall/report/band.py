"""Band: SVG of one check of a rollout over time, with its requirement and the shares behind it.

The band is the interval at each look and holds at all of them at once. Hatched is where the number
must not be; the marks below the plot say how the check stood after each look.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil

from markupsafe import Markup

from shipcall.report.course import instant, since_text
from shipcall.report.strip import Axis, Scale, scale_of, shows_zero, spread
from shipcall.report.svg import (
    BOLD,
    MUTE,
    Look,
    Picture,
    Point,
    across,
    area,
    column,
    curve,
    dot,
    frame,
    hatched,
    seed,
    shapes,
    upright,
    words,
)
from shipcall.report.words import (
    ANSWERS,
    Measure,
    View,
    bounds_of,
    finding_sentence,
    id_of,
    mark_of,
    measure,
    share_text,
)

SIZE = (1040, 262)
"""Width and height of a band."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 72.0, 1028.0, 22.0, 214.0
_MARKS, _DAYS = 228.0, 246.0
_APART = 13.0
"""Labels of the vertical axis, and marks below the plot, nearer than this would touch."""
_LABEL = 52.0
"""Room that the label of a share needs."""
_ANSWER = 880.0
"""Where the answer of the verdict begins, above the plot; shares further right stand inside."""
_REACH = 2.5
"""How many times as far as the newest interval the picture reaches."""
_MOST_DAYS = 12
_DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plot:
    """Turns times and values into places."""

    start: float
    stop: float
    scale: Scale

    def x(self, moment: float) -> float:
        """Place of a time, kept inside the plot."""
        part = (moment - self.start) / (self.stop - self.start)
        return _LEFT + (_RIGHT - _LEFT) * min(max(part, 0.0), 1.0)

    def y(self, value: float) -> float:
        """Place of a value, kept inside the plot and on its side of the requirement."""
        return _BOTTOM - self.scale.place(value)


def band(
    finding: View,
    looks: Sequence[View],
    steps: Sequence[View],
    until: str,
    changes: Sequence[View] = (),
) -> Markup:
    """Draw a check over the looks of a rollout.

    Args:
        finding: The check as it stands now.
        looks: Its looks, oldest first, at least one: `course.looks_of`.
        steps: The shares with their first exposures.
        until: Time of the verdict.
        changes: What else was changed meanwhile, each with `at`; marked by its number from 1.
    """
    plot = _plot(finding, looks, steps, until)
    key = seed("band", id_of(finding))
    how = measure(_newest(finding, looks))
    body = [*_columns(steps, plot), *_forbidden(key, plot.scale), *_levels(finding, plot, how)]
    for stretch in _stretches(looks):
        body += _stretch(stretch, plot)
    body += [*_marks(looks, plot), *_days(plot), *_changes(changes, plot)]
    body += _verdict(finding, looks, plot)
    mark = mark_of(finding)
    title = f"{id_of(finding)} over the rollout: {mark.word}"
    said = f"{finding_sentence(finding)} {len(looks)} looks; {since_text(looks)}."
    return frame(body, Picture(key, "forest", *SIZE, title, said))


def _newest(finding: View, looks: Sequence[View]) -> View:
    """The finding, or its newest look that has an estimate: numbers are written as there."""
    if finding.get("estimate") is not None:
        return finding
    return next((look for look in reversed(looks) if look["estimate"] is not None), finding)


def _plot(finding: View, looks: Sequence[View], steps: Sequence[View], until: str) -> _Plot:
    starts = [instant(step["first"]) for step in steps[:1]]
    times = [instant(look["at"]) for look in looks]
    start, stop = min([*starts, *times]), max([instant(until), *times])
    scale = scale_of(finding, _axis(finding, looks), _BOTTOM - _TOP, 3)
    return _Plot(start=start, stop=max(stop, start + 3600.0), scale=scale)


def _axis(finding: View, looks: Sequence[View]) -> Axis:
    """Fit the axis to the newest looks; the wide band of the first ones runs out of the picture."""
    points = [*bounds_of(finding), *([0.0] if shows_zero(finding) else [])]
    newest = _newest(finding, looks).get("estimate")
    if newest is None:
        return spread(points or [0.0])
    ends = [newest[end] for end in ("low", "high") if newest[end] is not None]
    reach = max((abs(newest["value"] - end) for end in ends), default=0.0)
    points += [newest["value"] - _REACH * reach, newest["value"] + _REACH * reach]
    return spread(points)


def _columns(steps: Sequence[View], plot: _Plot) -> Iterator[Markup]:
    """Every second share is shaded; a label stands where it does not touch the one before."""
    edges = [*(plot.x(instant(step["first"])) for step in steps), _RIGHT]
    free = 0.0
    for place, step in enumerate(steps):
        left, right = edges[place], edges[place + 1]
        if place % 2 == 0:
            yield column(left, _TOP, right - left, _BOTTOM - _TOP)
        yield upright(left, _TOP - 4, _BOTTOM)
        attempt = f" (attempt {step['attempt']})" if step["attempt"] > 1 else ""
        wide = _LABEL + 7.0 * len(attempt)
        if left >= free and left + wide <= _RIGHT:
            y = _TOP - 6 if left + wide < _ANSWER else _TOP + 12
            yield words(left + 4, y, share_text(step["share"]) + attempt, look=MUTE)
            free = left + wide


def _forbidden(key: str, scale: Scale) -> Iterator[Markup]:
    width = _RIGHT - _LEFT
    if scale.fence_low is not None:
        yield hatched(key, _LEFT, _BOTTOM - scale.fence_low, width, scale.fence_low)
    if scale.fence_high is not None:
        yield hatched(key, _LEFT, _TOP, width, _BOTTOM - scale.fence_high - _TOP)


def _levels(finding: View, plot: _Plot, how: Measure) -> Iterator[Markup]:
    """Requirement, zero and the ends of the axis, with their numbers."""
    scale = plot.scale
    taken: list[float] = []
    for fence, bound in ((scale.fence_low, scale.low), (scale.fence_high, scale.high)):
        if fence is not None and bound is not None:
            y = _BOTTOM - fence
            taken.append(y)
            yield across(y, _LEFT, _RIGHT, requirement=True)
            yield words(_LEFT - 6, y + 4, how.bare(bound), anchor="end", look=Look(bold=True))
    if shows_zero(finding) and scale.axis.low <= 0 <= scale.axis.high:
        y = plot.y(0.0)
        yield across(y, _LEFT, _RIGHT)
        if _free(y, taken):
            taken.append(y)
            yield words(_LEFT - 6, y + 4, "0", anchor="end", look=MUTE)
    for y, value in ((_TOP + 5, scale.axis.high), (_BOTTOM - 6, scale.axis.low)):
        if _free(y, taken):
            yield words(_LEFT - 6, y + 4, how.bare(value), anchor="end", look=MUTE)
    if how.unit:
        yield words(_LEFT - 6, _TOP - 6, how.unit, anchor="end", look=MUTE)


def _free(place: float, taken: Sequence[float]) -> bool:
    return all(abs(place - other) >= _APART for other in taken)


def _stretches(looks: Sequence[View]) -> Iterator[list[View]]:
    """Looks in a row that have an estimate: where there is none the band is broken."""
    for there, stretch in groupby(looks, lambda look: look["estimate"] is not None):
        if there:
            yield list(stretch)


def _stretch(looks: Sequence[View], plot: _Plot) -> list[Markup]:
    places = [plot.x(instant(look["at"])) for look in looks]
    estimates = [look["estimate"] for look in looks]
    upper = [_end(x, e["high"], plot, _TOP) for x, e in zip(places, estimates, strict=True)]
    lower = [_end(x, e["low"], plot, _BOTTOM) for x, e in zip(places, estimates, strict=True)]
    line = [Point(x, plot.y(e["value"])) for x, e in zip(places, estimates, strict=True)]
    return [area(upper, lower, tone="candidate"), curve(line, tone="candidate")]


def _end(x: float, bound: float | None, plot: _Plot, edge: float) -> Point:
    """An end that nothing bounds lies at the edge of the plot."""
    return Point(x, edge if bound is None else plot.y(bound))


def _marks(looks: Sequence[View], plot: _Plot) -> Iterator[Markup]:
    """How the check stood after each look, as shapes below the plot."""
    yield words(_LEFT - 6, _MARKS, "looks", anchor="end", look=MUTE)
    for standing, mark in ANSWERS.items():
        places = [plot.x(instant(look["at"])) for look in looks if look["standing"] == standing]
        if places:
            yield shapes(places, _MARKS, mark.shape, tone=mark.tone)


def _days(plot: _Plot) -> Iterator[Markup]:
    days = (plot.stop - plot.start) / _DAY
    every = max(1, ceil(days / _MOST_DAYS))
    for day in range(0, int(days) + 1, every):
        x = plot.x(plot.start + day * _DAY)
        yield words(min(x, _RIGHT - 16), _DAYS, f"day {day}", anchor="middle", look=MUTE)


def _changes(changes: Sequence[View], plot: _Plot) -> Iterator[Markup]:
    """A mark for each change; above marks that touch stand the first and the last number."""
    touching: list[list[tuple[int, float]]] = []
    for number, change in enumerate(changes, 1):
        place = number, plot.x(instant(change["at"]))
        if touching and place[1] - touching[-1][-1][1] < _APART:
            touching[-1].append(place)
        else:
            touching.append([place])
    for group in touching:
        (first, start), (last, stop) = group[0], group[-1]
        label = f"{first}" if first == last else f"{first}\u2013{last}"
        middle = min(max((start + stop) / 2, _LEFT + 8), _RIGHT - 8)
        yield words(middle, _BOTTOM - 14, label, anchor="middle", look=BOLD)
        for _, x in group:
            yield words(x, _BOTTOM - 2, "\u25b2", anchor="middle")


def _verdict(finding: View, looks: Sequence[View], plot: _Plot) -> Iterator[Markup]:
    """The look that the verdict was made on."""
    mark, newest = mark_of(finding), looks[-1]
    x = plot.x(instant(newest["at"]))
    yield upright(x, _TOP, _BOTTOM)
    if newest["estimate"] is not None:
        yield dot(x, plot.y(newest["estimate"]["value"]), tone=mark.tone)
    look = Look(mark.tone, bold=True)
    yield words(_RIGHT, _TOP - 6, f"verdict: {mark.text()}", anchor="end", look=look)
