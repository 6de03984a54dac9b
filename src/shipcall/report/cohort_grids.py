"""Cohort grids: the triangle of retention and the moves between behaviours, as SVG."""

from collections.abc import Sequence

from markupsafe import Markup

from shipcall.report.cohort import (
    ARMS,
    POINTS,
    SHARE,
    WHY,
    absent,
    apart,
    compared,
    migration_text,
    number,
)
from shipcall.report.palette import DEEPEST, paint
from shipcall.report.svg import MUTE, Look, Picture, box, frame, hatched, seed, tenth, words
from shipcall.report.text import shorten
from shipcall.report.words import View, whole, write

_LEFT, _TOP, _WIDE, _HIGH = 150, 48, 84, 46
_MOST_COHORTS = 16
_STEPS = 4
_BARS = 156
"""Width of a cell of the moves, and length of its bars at 100 %."""


def triangle(view: View) -> Markup | None:
    """Draw retention by cohort and age: difference, both arms, and half the interval's width.

    Blue: more came back, orange: fewer, darker: further apart. A thick edge and a star: the
    interval leaves 0 out. Hatched: not known, with the reason.
    """
    if absent(view):
        return None
    ages, cohorts = view["ages"], view["cohorts"][:_MOST_COHORTS]
    cells = {(cell["cohort"], cell["age"]): cell for cell in view["cells"]}
    columns = {column["age"]: column for column in view["columns"]}
    known = [c["difference"]["value"] for c in cells.values() if not absent(c["difference"])]
    largest = max((abs(value) for value in known), default=0.0)
    key = seed("triangle", str(view["cells"]))
    body = [words(0, 14, "difference, baseline \u2192 candidate, half width", look=MUTE)]
    for x, age in enumerate(ages):
        middle = _LEFT + _WIDE * x + _WIDE / 2
        body.append(words(middle, _TOP - 8, f"day {age}", anchor="middle"))
    for y, cohort in enumerate(cohorts):
        body += _name(cohort["name"], f"{whole(cohort['baseline'] + cohort['candidate'])} units", y)
        for x, age in enumerate(ages):
            body += _cell(key, cells[cohort["name"], age], x, y, largest)
    last = len(cohorts)
    body += _name("all that are known", "weighed alike", last)
    for x, age in enumerate(ages):
        body += _cell(key, columns[age] | {"state": "maturing"}, x, last, largest)
    left_out = len(view["cohorts"]) - last
    width, height = _LEFT + _WIDE * len(ages) + 4, _TOP + _HIGH * (last + 1) + 8
    title = f"Retention by cohort of {view['cohort_days']} days and by day after the first exposure"
    return frame(body, Picture(key, "triangle", width, height, title, _said(view, left_out)))


def _name(name: str, below: str, row: int) -> list[Markup]:
    top = _TOP + _HIGH * row
    return [words(0, top + 20, name), words(0, top + 36, below, look=MUTE)]


def _cell(key: str, cell: View, column: int, row: int, largest: float) -> list[Markup]:
    x, y, middle = _LEFT + _WIDE * column, _TOP + _HIGH * row, _LEFT + _WIDE * (column + 0.5)
    difference = cell["difference"]
    if absent(difference):
        why = WHY.get(cell["state"], "no data").split()[:3]
        return [
            hatched(key, x + 1, y + 1, _WIDE - 2, _HIGH - 2),
            box(x + 6, y + 14, _WIDE - 12, 18, "bg", 0.85, "none"),
            words(middle, y + 27, " ".join(why), anchor="middle", look=MUTE),
        ]
    value, far = difference["value"], apart(difference)
    tint = "baseline" if value > 0 else "candidate"
    step = max(1, round(abs(value) / largest * _STEPS)) if largest and value else 0
    shares = " \u2192 ".join(write(100 * cell[arm]["value"], decimals=1) for arm in ARMS)
    half = (difference["high"] - difference["low"]) / 2
    points = number(difference, POINTS, signed=True) + (" *" if far else "")
    edge = "ink" if far else "line"
    return [
        box(x + 1.5, y + 1.5, _WIDE - 3, _HIGH - 3, tint, DEEPEST * step / _STEPS, edge),
        words(middle, y + 15, points, anchor="middle", look=Look(bold=far)),
        words(middle, y + 28, shares, anchor="middle"),
        words(middle, y + 41, f"\u00b1{write(100 * half, decimals=1)}", anchor="middle"),
    ]


def _said(view: View, left_out: int) -> str:
    known = [column for column in view["columns"] if not absent(column["difference"])]
    if not known:
        return "No day is over for any cohort of both models."
    last = known[-1]
    text = f"Day {last['age']}, {last['cohorts']} cohorts: {compared(last, SHARE, POINTS)}."
    empty = sum(absent(cell["difference"]) for cell in view["cells"])
    text += f" {whole(empty)} of {whole(len(view['cells']))} cells are not known."
    return text + (f" {whole(left_out)} later cohorts are not drawn." if left_out > 0 else "")


def migration_grid(view: View) -> Markup | None:
    """Draw where units of each behaviour went, both arms as bars; what differs has an edge.

    Rows: behaviour before exposure. Columns: active days of a week afterwards. A bar as long as
    its cell is 100 % of those who began with the behaviour.
    """
    if absent(view):
        return None
    before, after = view["before"], view["after"]
    cells = {(move["before"], move["after"]): move for move in view["moves"]}
    key = seed("migration", str(view["moves"]))
    title = (
        f"Moves between behaviours, from {view['by']} to days {view['until'] - 6}-{view['until']}"
    )
    body = [words(0, 14, "before, and afterwards in a week", look=MUTE)]
    wide = _BARS + 20
    for x, name in enumerate(after):
        body.append(words(_LEFT + wide * (x + 0.5), _TOP - 8, name, anchor="middle"))
    for y, name in enumerate(before):
        units = sum(view["units"][arm][y] for arm in ARMS)
        body += _name(shorten(name, 20), f"{whole(units)} units", y)
        for x, other in enumerate(after):
            body += _move(key, cells[name, other], _LEFT + wide * x, _TOP + _HIGH * y)
    width, height = _LEFT + wide * len(after) + 4, _TOP + _HIGH * len(before) + 8
    text = f"{migration_text(view)} Upper bar: baseline; lower bar: candidate."
    return frame(body, Picture(key, "migration", width, height, title, text))


def _move(key: str, move: View, x: float, y: float) -> list[Markup]:
    far = move["marked"]
    edge = "ink" if far else "line"
    pieces = [box(x + 2, y + 2, _BARS + 14, _HIGH - 4, "panel", 1.0, edge)]
    if absent(move["difference"]):
        return [*pieces, hatched(key, x + 3, y + 3, _BARS + 12, _HIGH - 6)]
    pieces += [_share_bar(arm, move[arm], x + 8, y + 8 + 8 * at) for at, arm in enumerate(ARMS)]
    text = number(move["difference"], POINTS, signed=True) + (" *" if far else "")
    shares: Sequence[str] = [write(100 * move[arm]["value"], decimals=0) for arm in ARMS]
    return [
        *pieces,
        words(x + 8, y + 38, f"{shares[0]} \u2192 {shares[1]} %", look=MUTE),
        words(x + _BARS + 10, y + 38, text, anchor="end", look=Look(bold=far)),
    ]


def _share_bar(arm: str, share: View, x: float, y: float) -> Markup:
    return Markup('<rect x="{}" y="{}" width="{}" height="6" fill="{}"/>').format(
        tenth(x), tenth(y), tenth(max(_BARS * share["value"], 0.5)), paint(arm)
    )
