"""Habits: calibration and rating of a person, each with how little is known of it."""

from collections.abc import Sequence

from markupsafe import Markup

from shipcall.report.palette import paint
from shipcall.report.practice.beside import percent
from shipcall.report.svg import (
    BOLD,
    MUTE,
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
    tenth,
    words,
)
from shipcall.report.words import View, counted

_SIDE, _LEFT, _TOP = 300, 56, 30
_WIDTH, _HEIGHT, _RIGHT = 760, 250, 560
_CLOSE = 16
_GOOD = (170, 20)
_Z = 1.96


def said_svg(bins: Sequence[View]) -> Markup:
    """Draw how often came about what was said with each chance, where it can be looked at.

    On the dashed diagonal chances are right; hatched: too few plays to say.

    Args:
        bins: Each with `low`, `high`, `plays`, `stated`, `so`, `so_low`, `so_high` and `shown`.
    """
    key = seed("said", *(f"{one['low']} {one['plays']} {one['so']}" for one in bins))
    body = [column(_LEFT, _TOP, _SIDE, _SIDE)]
    for one in bins:
        body += _bin_ground(one, key)
    body += _diagonal()
    for one in bins:
        body += _bin_marks(one)
    title, size = "What came about of what you said", (_LEFT + _SIDE + 30, _TOP + _SIDE + 60)
    return frame(body, Picture(key, "said", *size, title, _said(bins)))


def _x(share: float) -> float:
    return _LEFT + _SIDE * share


def _y(share: float) -> float:
    return _TOP + _SIDE * (1 - share)


def _bin_ground(one: View, key: str) -> list[Markup]:
    left, wide = _x(one["low"]), _SIDE * (one["high"] - one["low"])
    plays = counted(one["plays"], "play")
    label = words(left + wide / 2, _TOP + _SIDE + 34, plays, anchor="middle", look=MUTE)
    return [label] if one["shown"] else [hatched(key, left, _TOP, wide, _SIDE), label]


def _diagonal() -> list[Markup]:
    line = Markup('<path d="M{} {}L{} {}" stroke="{}" stroke-width="2" stroke-dasharray="4 3"/>')
    foot = _TOP + _SIDE
    return [
        line.format(_LEFT, foot, _LEFT + _SIDE, _TOP, paint("ink")),
        *(words(_LEFT - 8, _y(s) + 4, percent(s), anchor="end", look=MUTE) for s in (0, 0.5, 1)),
        *(
            words(_x(k / 5), foot + 17, percent(k / 5), anchor="middle", look=MUTE)
            for k in range(6)
        ),
        words(_LEFT, 16, "share that was so", look=MUTE),
        words(_x(0.5), foot + 52, "said with this chance", anchor="middle", look=MUTE),
    ]


def _bin_marks(one: View) -> list[Markup]:
    if not one["shown"]:
        return []
    at = _x(one["stated"])
    line = Markup('<path d="M{} {}V{}" stroke="{}" stroke-width="5"/>')
    ends = tenth(_y(one["so_high"])), tenth(_y(one["so_low"]))
    return [line.format(tenth(at), *ends, paint("ink")), dot(at, _y(one["so"]), tone="ink")]


def _said(bins: Sequence[View]) -> str:
    told = [
        f"said with {percent(one['low'])} to {percent(one['high'])}: {percent(one['so'])} were so"
        for one in bins
        if one["shown"]
    ]
    return "; ".join(told) + "." if told else "Too few plays in every bin."


def rating_svg(history: Sequence[View], bots: Sequence[View]) -> Markup | None:
    """Draw the rating day by day with its 95 % band, and the bots on the same scale.

    Args:
        history: Days with `on`, `rating` (None while it is not shown) and `deviation`.
        bots: Each with `who` and `rating`.

    Returns:
        None while no day may be shown.
    """
    days = [day for day in history if day["rating"] is not None]
    if not days:
        return None
    upper = [day["rating"] + _Z * day["deviation"] for day in days]
    lower = [day["rating"] - _Z * day["deviation"] for day in days]
    every = [*upper, *lower, *(bot["rating"] for bot in bots)]
    low, span = min(every), (max(every) - min(every)) or 1.0
    foot = _HEIGHT - 34

    def line(ratings: Sequence[float]) -> list[Point]:
        wide = (_RIGHT - _LEFT) / max(len(days) - 1, 1)
        heights = [foot - (foot - _TOP) * (rating - low) / span for rating in ratings]
        return [Point(_LEFT + wide * k, height) for k, height in enumerate(heights)]

    middle = line([day["rating"] for day in days])
    now = f"{days[-1]['rating']:.0f} \u00b1{days[-1]['deviation']:.0f}"
    body = [
        column(_LEFT, _TOP, _RIGHT - _LEFT, foot - _TOP),
        *_marks_of(bots, [point.y for point in line([bot["rating"] for bot in bots])]),
        area(line(upper), line(lower), tone="mute"),
        curve(middle, tone="ink"),
        dot(*middle[-1], tone="ink"),
        words(_LEFT, foot + 18, days[0]["on"], look=MUTE),
        words(_RIGHT, foot + 18, days[-1]["on"], anchor="end", look=MUTE),
        words(_RIGHT, 16, now, anchor="end", look=BOLD),
    ]
    key = seed("rating", now, *(str(day["on"]) for day in days))
    return frame(body, Picture(key, "curve", _WIDTH, _HEIGHT, "Rating, with its 95 % band", now))


def _marks_of(bots: Sequence[View], heights: Sequence[float]) -> list[Markup]:
    """A line for every bot, the best first; labels move down where they would touch."""
    pieces: list[Markup] = []
    free = -float(_CLOSE)
    for bot, height in sorted(zip(bots, heights, strict=True), key=lambda one: one[1]):
        free = max(height, free + _CLOSE)
        said = f"{bot['who']} {bot['rating']:.0f}"
        pieces += [across(height, _LEFT, _RIGHT), words(_RIGHT + 8, free + 4, said, look=MUTE)]
    return pieces


def good_strip(good: View, name: str) -> Markup:
    """Draw the share of good calls with its exact interval, on a line from 0 to 100 %."""
    width, height = _GOOD
    middle, length = height / 2, width - 16

    def x(share: float) -> float:
        return 8 + length * share

    ends = Markup('<path d="M{} {}H{}" stroke="{}" stroke-width="6" stroke-linecap="round"/>')
    body = [
        across(middle, 8, width - 8),
        ends.format(tenth(x(good["low"])), middle, tenth(x(good["high"])), paint("mute")),
        dot(x(good["share"]), middle, tone="mute"),
    ]
    said = (
        f"{percent(good['share'])} good calls, between {percent(good['low'])} and "
        f"{percent(good['high'])}"
    )
    return frame(body, Picture(seed("good", name), "strip", width, height, name, said))
