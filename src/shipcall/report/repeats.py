"""Repeats: how much of what graded runs say is luck, and what more runs would buy."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from shipcall.report.cohort import SHARE, Unit, absent, said
from shipcall.report.intervals import Line, Mark, intervals
from shipcall.report.strip import Axis
from shipcall.report.text import wrapped
from shipcall.report.words import View, significant, whole

Row = dict[str, Any]

_WIDTH = 76
_TIMES = Unit(1.0, 2, " times")
_WHOLE = Axis(0.0, 1.0)
_PARTS = (
    ("share", "luck of the runs", SHARE, "of a difference's variance"),
    ("twice", "interval with twice the runs", _TIMES, "today's width is 1"),
    ("endless", "interval with endless runs", _TIMES, "today's width is 1"),
)


def repeat_lines(exhibits: Mapping[str, Any]) -> list[str]:
    """Write what repeats leave to chance; empty where nothing was run twice.

    Args:
        exhibits: As the gate gives them, in plain form.

    Returns:
        Lines of at most 80 columns.
    """
    runs: Sequence[View] = exhibits.get("repeats") or []
    if not runs:
        return []
    lines = ["Repeats of graded runs, with 95 % intervals; nothing of it moves the call."]
    for one in runs:
        told = (line for sentence in _sentences(one) for line in wrapped(sentence, _WIDTH))
        lines += ["", one["metric"], *(f"  {line}" for line in told)]
    return lines


def _sentences(one: View) -> Iterator[str]:
    if "share" not in one:
        yield f"No data: {one['detail']}."
        return
    flaky = one["flaky"]
    yield (
        f"{whole(one['items'])} items with {significant(one['runs'])} runs each; with different "
        f"grades from run to run: {whole(flaky['baseline'])} of the baseline's, "
        f"{whole(flaky['candidate'])} of the candidate's."
    )
    if absent(one["share"]):
        yield f"How much of it is luck is not known: {one['share']['detail']}."
        return
    yield f"Luck of the runs is {said(one['share'], SHARE)} of the variance of a difference."
    yield (
        f"Twice the runs of the same items would make its interval {said(one['twice'], _TIMES)} "
        f"as wide, runs without end {said(one['endless'], _TIMES)}; beyond that only more items "
        "help."
    )


def repeat_svgs(exhibits: Mapping[str, Any]) -> dict[str, Markup]:
    """Draw what repeats leave to chance, a picture for each metric, name -> SVG."""
    return {
        f"luck-{one['metric']}": _picture(one)
        for one in exhibits.get("repeats") or ()
        if "share" in one and not absent(one["share"])
    }


def _picture(one: View) -> Markup:
    lines = [
        Line(name, [Mark(one[key], said(one[key], unit))], note=note, axis=_WHOLE)
        for key, name, unit, note in _PARTS
    ]
    title = f"{one['metric']}: luck of the runs, and what more of them would buy"
    return intervals("luck", title, " ".join(_sentences(one)), lines)


def repeat_rows(exhibits: Mapping[str, Any]) -> dict[str, list[Row]]:
    """Give the numbers of every picture of `repeat_svgs`: name -> rows."""
    return {
        f"luck-{one['metric']}": [
            {"what": key, **{end: one[key].get(end) for end in ("value", "low", "high", "n")}}
            for key, *_ in _PARTS
        ]
        for one in exhibits.get("repeats") or ()
        if "share" in one and not absent(one["share"])
    }
