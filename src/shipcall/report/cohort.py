"""Cohort: numbers and sentences on people after a release, for the terminal and for pictures."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from shipcall.report.words import View, significant, whole, write

ARMS = ("baseline", "candidate")
LEGEND = "baseline: circle, blue; candidate: diamond, orange"
WHY = {
    "maturing": "not over yet",
    "gap": "a day without rows",
    "moved": "too many had the other model",
}
"""Why a cell of the triangle is empty."""


class Unit(NamedTuple):
    """How a number is written."""

    factor: float = 1.0
    decimals: int = 2
    suffix: str = ""


SHARE = Unit(100.0, 1, " %")
POINTS = Unit(100.0, 1, " pp")
DAYS = Unit(1.0, 2, " days")
PLAIN = Unit()


def absent(view: View) -> bool:
    """Is there no estimate?"""
    return "absent" in view


def number(view: View, unit: Unit, *, signed: bool = False) -> str:
    """The value alone: "38.6 %"; a dash where there is none."""
    if absent(view):
        return "\u2013"
    return write(view["value"] * unit.factor, decimals=unit.decimals, signed=signed) + unit.suffix


def interval(view: View, unit: Unit, *, signed: bool = False) -> str:
    """The interval alone: "[36.5, 40.7]"; where there is none, why."""
    if absent(view):
        return str(view["detail"])
    ends = (
        "\u2026"
        if view[end] is None
        else write(view[end] * unit.factor, decimals=unit.decimals, signed=signed)
        for end in ("low", "high")
    )
    return f"[{', '.join(ends)}]"


def said(view: View, unit: Unit, *, signed: bool = False) -> str:
    """Value and interval, or why there is none."""
    if absent(view):
        return f"no data: {view['detail']}"
    return f"{number(view, unit, signed=signed)} {interval(view, unit, signed=signed)}"


def apart(view: View) -> bool:
    """Does the interval of a difference leave 0 out?"""
    if absent(view):
        return False
    low, high = view["low"], view["high"]
    return bool((low is not None and low > 0) or (high is not None and high < 0))


def compared(view: View, unit: Unit, points: Unit) -> str:
    """Both arms and their difference in one sentence without its full stop."""
    return (
        f"candidate {number(view['candidate'], unit)}, baseline {number(view['baseline'], unit)}, "
        f"difference {said(view['difference'], points, signed=True)}"
    )


def p_text(p: float) -> str:
    """A p-value with as many digits as it deserves."""
    return "p below 0.0001" if p < 1e-4 else f"p {significant(p, 2)}"


def people_text(view: View) -> str:
    """Who began, since when, and to which day that is known."""
    how = "first exposed" if view["exposed"] else "first seen"
    return (
        f"{whole(view['baseline'])} units of the baseline and {whole(view['candidate'])} of the "
        f"candidate, {how} from {view['first']} on; activity is known to {view['last']}."
    )


def survival_text(view: View) -> str:
    """How long people stay, by arm."""
    if absent(view):
        return f"No data: {view['detail']}."
    ranked = view["log_rank"]
    rank = (
        f"Log-rank within cohorts: no data, {ranked['detail']}."
        if absent(ranked)
        else f"Log-rank within cohorts: {p_text(ranked['p'])}."
    )
    return (
        f"Mean days until a silence of {view['quiet_days']} days, within {view['horizon']} days: "
        f"{compared(view['mean'], DAYS, DAYS)}. {rank}"
    )


def fatigue_text(view: View) -> str:
    """Whether further days with the model make it likelier to drop."""
    return (
        "Log odds of dropping with each doubling of active days: "
        f"{compared(view['slope'], PLAIN, PLAIN)}. "
        "It mixes fatigue with who is still there; the mean days above do not."
    )


def forecast_text(view: View) -> str:
    """What day 28 will be, from which day, and how that is known."""
    if absent(view):
        return f"No forecast: {view['detail']}."
    source = (
        f"{whole(view['older'])} older cohorts show how far it errs"
        if view["older"]
        else "no older cohort shows how far it errs: the width is a stated doubt"
    )
    return (
        f"Still there on day {view['age']}, seen from day {view['from']} of {view['cohorts']} "
        f"cohorts, if nothing changes: {compared(view, SHARE, POINTS)} ({source})."
    )


def change_texts(view: View) -> Iterator[str]:
    """Where the daily share of active units moved, by arm and in the difference."""
    if absent(view):
        yield f"No daily series: {view['detail']}."
        return
    for name, found in view["found"].items():
        if absent(found):
            yield f"{name}: no data, {found['detail']}."
        elif not found["changes"]:
            yield f"{name}: no change found ({p_text(found['p'])})."
        else:
            yield from (_change(name, one, found) for one in found["changes"])


def _change(name: str, change: View, found: View) -> str:
    text = f"{name}: {number_of(change['size'])} from {change['day']} on ({p_text(found['p'])})"
    width = found.get("abruptness")
    if width and not absent(width):
        text += f", within {said(width, Unit(1.0, 0, ' days'))}"
    weekly = (
        "" if found["block"] > 1 or name == "difference" else "; a weekly rhythm can pose as it"
    )
    return f"{text}{weekly}."


def number_of(size: float) -> str:
    """A move of a share in points."""
    return write(100 * size, decimals=1, signed=True) + " pp"


def marked(view: View) -> Sequence[Mapping[str, Any]]:
    """The moves that differ between the arms beyond noise."""
    return [move for move in view.get("moves", ()) if move["marked"]]


def migration_text(view: View) -> str:
    """How many moves differ beyond noise, and the largest of them."""
    if absent(view):
        return f"No data: {view['detail']}."
    moves = marked(view)
    head = (
        f"From behaviour before ({view['by']}) to the active days of days {view['until'] - 6} to "
        f"{view['until']}: "
    )
    if not moves:
        return f"{head}no move differs between the arms beyond noise."
    first = max(moves, key=lambda move: abs(_gap(move)))
    count = f"{len(moves)} of {len(view['moves'])} moves differ beyond noise; "
    return (
        f"{head}{count}most of all {first['before']} to {first['after']}, "
        f"{compared(first, SHARE, POINTS)}."
    )


def _gap(move: View) -> float:
    difference = move["difference"]
    return 0.0 if absent(difference) else float(difference["value"])
