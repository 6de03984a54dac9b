"""Cohort pictures: curves, rows of intervals and daily series of both arms, as SVG.

The baseline is a blue circle, the candidate an orange diamond; words stand beside both. A thin
bar or a pale band is a 95 % interval. Hatching means that there is no number.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from shipcall.report.cohort import (
    ARMS,
    LEGEND,
    PLAIN,
    SHARE,
    Unit,
    absent,
    change_texts,
    compared,
    fatigue_text,
    forecast_text,
    said,
    survival_text,
)
from shipcall.report.cohort_grids import migration_grid, triangle
from shipcall.report.intervals import Line, Mark, intervals
from shipcall.report.palette import paint
from shipcall.report.svg import (
    MUTE,
    Look,
    Picture,
    frame,
    hatched,
    marker,
    seed,
    tenth,
    upright,
    words,
)
from shipcall.report.words import View, significant

_WIDTH, _LEFT, _RIGHT, _TOP = 760, 70, 140, 30
_HIGH, _FOOT = 230, 46
_CLOSE = 24
"""Labels nearer than this would touch; so much because phones show them larger."""
_MOST_TICKS = 8
_TOPS = (0.04, 0.08, 0.12, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Upper ends of an axis of shares: its four lines stand at whole percentages."""


class Plot(NamedTuple):
    """Where numbers lie in a picture with two axes."""

    across: tuple[float, float]
    up: tuple[float, float]

    def x(self, number: float) -> float:
        """Place of a number of the axis across."""
        low, high = self.across
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (number - low) / max(high - low, 1e-9)

    def y(self, number: float) -> float:
        """Place of a number of the axis upwards; what lies outside goes to the edge."""
        low, high = self.up
        share = min(max((number - low) / max(high - low, 1e-9), 0.0), 1.0)
        return _TOP + _HIGH * (1 - share)


def cohort_svgs(exhibits: Mapping[str, Any]) -> dict[str, Markup]:
    """Draw the exhibits of a cohort stage.

    Args:
        exhibits: As the cohort stage gives them, in plain form.

    Returns:
        Name -> picture; a picture of which nothing is known is not there.
    """
    if not exhibits or absent(exhibits):
        return {}
    drawn = {
        "retention": triangle(exhibits["retention"]),
        "survival": survival(exhibits["survival"]),
        "fatigue": fatigue(exhibits["fatigue"]),
        "depth": depth(exhibits["depth"]),
        "migration": migration_grid(exhibits["migration"]),
        "changes": changes(exhibits["changes"]),
        "forecast": forecast(exhibits["forecast"]),
    }
    return {name: picture for name, picture in drawn.items() if picture is not None}


def survival(view: View) -> Markup | None:
    """Draw the share that is still there at each age, with bands."""
    if absent(view):
        return None
    points = view["curve"]
    plot = Plot((0.0, float(points[-1]["age"])), (0.0, 1.0))
    body = [*_share_axis(plot), *_ticks(plot, [0, *(p["age"] for p in points)], "days")]
    ends = []
    for arm in ARMS:
        known = [(p["age"], p[arm]) for p in points if not absent(p[arm])]
        body += _band(plot, arm, known)
        ends.append((arm, known[-1][1]["value"] if known else 1.0))
    body += _labels(plot, ends)
    key = seed("survival", str(points))
    said_ = f"{survival_text(view)} {LEGEND}."
    return frame(body, _picture(key, "survival", "Share of units that is still there", said_))


def fatigue(view: View) -> Markup | None:
    """Draw the chance to drop right after each number of active days."""
    shown = [h for h in view["hazards"] if any(not absent(h[arm]) for arm in ARMS)]
    if not shown:
        return None
    tops = [
        h[arm]["high"] for h in shown for arm in ARMS if not absent(h[arm]) and h[arm]["n"] > 30
    ]
    plot = Plot((0.0, shown[-1]["exposures"] + 1.0), (0.0, _top(max(tops, default=1.0))))
    body = [*_share_axis(plot), *_ticks(plot, [h["exposures"] for h in shown], "active days")]
    ends = []
    for side, arm in enumerate(ARMS):
        known = [(h["exposures"] + 0.24 * side - 0.12, h[arm]) for h in shown if not absent(h[arm])]
        body += [piece for x, one in known for piece in _whisker(plot, arm, x, one)]
        ends.append((arm, known[-1][1]["value"] if known else 0.0))
    body += _labels(plot, ends)
    key = seed("fatigue", str(shown))
    title = "Chance to drop right after so many active days"
    said_ = f"{fatigue_text(view)} {LEGEND}. An arrow: the interval goes on."
    return frame(body, _picture(key, "fatigue", title, said_))


def depth(view: View) -> Markup | None:
    """Draw quantiles of depth, both arms on one axis."""
    if absent(view):
        return None
    rows = [(f"quantile {one['q']:g}", one) for one in view["quantiles"]]
    text = f"Distance between the arms: {said(view['distance'], PLAIN)}. {LEGEND}."
    return _rows("depth", "Depth of sessions, median of each unit's first week", rows, PLAIN, text)


def forecast(view: View) -> Markup | None:
    """Draw the share that is expected to be there on day 28, honestly wide."""
    if absent(view):
        return None
    name = f"day {view['age']} from day {view['from']}"
    title = f"Share still there on day {view['age']}, if nothing changes"
    return _rows("forecast", title, [(name, view)], SHARE, f"{forecast_text(view)} {LEGEND}.")


def changes(view: View) -> Markup | None:
    """Draw the share of units that came on each day, and where its difference moved."""
    if absent(view):
        return None
    series, days = view["series"], view["days"]
    values = [v for arm in ARMS for v in series[arm] if v is not None]
    if not values:
        return None
    plot = Plot((0.0, max(len(days) - 1.0, 1.0)), (0.0, _top(max(values))))
    key = seed("changes", *days, str(values))
    body = [*_share_axis(plot)]
    for place, value in enumerate(series["difference"]):
        if value is None:
            body.append(hatched(key, plot.x(place - 0.5), _TOP, plot.x(1) - plot.x(0), _HIGH))
    body += [piece for one in _places(view) for piece in _moment(plot, one)]
    ends = []
    for arm in ARMS:
        known = [(i, v) for i, v in enumerate(series[arm]) if v is not None]
        body.append(_line([(plot.x(i), plot.y(v)) for i, v in known], arm))
        body += [marker(arm, plot.x(i), plot.y(v)) for i, v in known]
        ends.append((arm, known[-1][1]))
    step = -(-len(days) // _MOST_TICKS)
    for place in range(0, len(days), step):
        body.append(words(plot.x(place), _TOP + _HIGH + 18, days[place][5:], anchor="middle"))
    body += _labels(plot, ends)
    text = f"{' '.join(change_texts(view))} {LEGEND}. Dashed: a change of the difference."
    return frame(body, _picture(key, "changes", "Share of units that came, day by day", text))


def _top(most: float) -> float:
    """The least upper end that a number does not reach."""
    return next((top for top in _TOPS if most <= top), _TOPS[-1])


def _places(view: View) -> Sequence[View]:
    found = view["found"]["difference"]
    return [] if absent(found) else [one["at"] for one in found["changes"]]


def _moment(plot: Plot, at: View) -> list[Markup]:
    """A dashed line where the difference moved, and the days between which it may lie."""
    low, high = max(at["low"], plot.across[0]), min(at["high"], plot.across[1])
    area = Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}" fill-opacity=".08"/>')
    return [
        area.format(
            tenth(plot.x(low)), _TOP, tenth(plot.x(high) - plot.x(low)), _HIGH, paint("ink")
        ),
        upright(plot.x(at["value"]), _TOP, _TOP + _HIGH, requirement=True),
    ]


def _picture(key: str, css: str, title: str, desc: str) -> Picture:
    return Picture(key, css, _WIDTH, _TOP + _HIGH + _FOOT, title, desc)


def _share_axis(plot: Plot) -> list[Markup]:
    """Four light lines with their percentages."""
    low, high = plot.up
    body = []
    for step in range(5):
        share = low + (high - low) * step / 4
        y, text = plot.y(share), f"{significant(100 * share, 2)} %"
        body.append(_line([(_LEFT, y), (_WIDTH - _RIGHT, y)], "line", 1))
        body.append(words(_LEFT - 8, y + 4, text, anchor="end", look=MUTE))
    return body


def _ticks(plot: Plot, numbers: Sequence[int], unit: str) -> list[Markup]:
    step = -(-len(numbers) // _MOST_TICKS)
    shown = [n for n in numbers if (n - numbers[0]) % step == 0]
    y = _TOP + _HIGH + 18
    body = [words(plot.x(n), y, f"{n}", anchor="middle", look=MUTE) for n in shown]
    return [*body, words(_WIDTH - _RIGHT, y + 18, unit, anchor="end", look=MUTE)]


def _labels(plot: Plot, ends: Sequence[tuple[str, float]]) -> list[Markup]:
    """Names at the ends of the curves, moved apart where they would touch."""
    places = {arm: plot.y(value) for arm, value in ends}
    upper, lower = sorted(places, key=lambda arm: places[arm])
    lack = max(_CLOSE - (places[lower] - places[upper]), 0.0) / 2
    places[upper], places[lower] = places[upper] - lack, places[lower] + lack
    x = _WIDTH - _RIGHT + 14
    return [
        piece
        for arm, y in places.items()
        for piece in (
            marker(arm, x, y),
            words(x + 10, y + 4, arm, look=Look(arm, bold=True)),
        )
    ]


def _band(plot: Plot, arm: str, known: Sequence[tuple[int, View]]) -> list[Markup]:
    if not known:
        return []
    low = [(plot.x(age), plot.y(one["low"])) for age, one in known]
    high = [(plot.x(age), plot.y(one["high"])) for age, one in reversed(known)]
    path = "L".join(f"{tenth(x)} {tenth(y)}" for x, y in [*low, *high])
    area = Markup('<path d="M{}Z" fill="{}" fill-opacity=".16"/>').format(path, paint(arm))
    middle = [(plot.x(0), plot.y(1.0)), *((plot.x(a), plot.y(o["value"])) for a, o in known)]
    dots = [marker(arm, *place) for place in middle[1 :: max(len(middle) // 8, 1)]]
    return [area, _line(middle, arm), *dots]


def _whisker(plot: Plot, arm: str, x: float, one: View) -> list[Markup]:
    """An upright interval with its estimate; an arrow where it goes on above the picture."""
    place, top = plot.x(x), plot.y(plot.up[1])
    pieces = [_line([(place, plot.y(one["low"])), (place, plot.y(one["high"]))], arm)]
    if one["high"] > plot.up[1]:
        pieces.append(_line([(place - 4, top + 1), (place, top - 5), (place + 4, top + 1)], arm))
    if one["value"] <= plot.up[1]:
        pieces.append(marker(arm, place, plot.y(one["value"])))
    return pieces


def _line(places: Sequence[tuple[float, float]], tone: str, width: int = 2) -> Markup:
    path = "L".join(f"{tenth(x)} {tenth(y)}" for x, y in places)
    return Markup('<path d="M{}" fill="none" stroke="{}" stroke-width="{}"/>').format(
        path, paint(tone), width
    )


def _rows(css: str, title: str, rows: Sequence[tuple[str, View]], unit: Unit, text: str) -> Markup:
    """Draw intervals of both arms below each other, on one axis."""
    points = Unit(unit.factor, unit.decimals, " pp") if unit is SHARE else unit
    full = "; ".join(f"{name}: {compared(one, unit, points)}" for name, one in rows)
    lines = [Line(name, [_arm(arm, one[arm], unit) for arm in ARMS]) for name, one in rows]
    return intervals(css, title, f"{full}. {text}", lines)


def _arm(arm: str, one: View, unit: Unit) -> Mark:
    told = "no data" if absent(one) else said(one, unit)
    return Mark(one, f"{arm} {told}", tone=arm, arm=True)
