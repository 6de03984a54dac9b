"""Terminal cohort: what happened to people after a release, as lines of text."""

from collections.abc import Iterator, Mapping
from typing import Any

from shipcall.report.cohort import (
    ARMS,
    PLAIN,
    POINTS,
    SHARE,
    absent,
    apart,
    change_texts,
    compared,
    fatigue_text,
    forecast_text,
    interval,
    migration_text,
    number,
    p_text,
    people_text,
    said,
    survival_text,
)
from shipcall.report.text import wrapped
from shipcall.report.words import View

_WIDTH = 78
_FEW_HAZARDS = 6


def cohort_lines(exhibits: Mapping[str, Any]) -> list[str]:
    """Write the exhibits of a cohort stage; every number with its interval, or why it is absent.

    Args:
        exhibits: As the cohort stage gives them, in plain form.

    Returns:
        Lines of at most 80 columns, empty where there are no exhibits.
    """
    if not exhibits:
        return []
    if absent(exhibits):
        return _text(f"No data: {exhibits['detail']}.")
    lines = [
        *_text(people_text(exhibits["people"])),
        *_holes(exhibits["people"]),
        "Intervals are of 95 %, for each number alone; they move no call.",
    ]
    for title, part in (
        ("who came back, by day after the first exposure", _retention(exhibits["retention"])),
        ("how long they stay", _text(survival_text(exhibits["survival"]))),
        ("whether the days with the model tire", _fatigue(exhibits["fatigue"])),
        ("whether a first effect wears off", _novelty(exhibits["novelty"])),
        ("how deep sessions go, medians of the first week", _depth(exhibits["depth"])),
        ("surprise against predictability", _taste(exhibits["taste"])),
        ("who stopped and came back", _reengagement(exhibits["reengagement"])),
        ("who moved between behaviours", _migration(exhibits["migration"])),
        ("when daily activity changed", _changes(exhibits["changes"])),
        ("day 28", _text(forecast_text(exhibits["forecast"]))),
    ):
        lines += ["", title, *(f"  {line}" for line in part)]
    return lines


def _text(text: str) -> list[str]:
    return list(wrapped(text, _WIDTH))


def _holes(view: View) -> list[str]:
    if not view["gaps"]:
        return []
    days = ", ".join(view["gaps"][:6])
    return _text(f"Nobody has a row on {days}: what these days touch is no data.")


def _retention(view: View) -> Iterator[str]:
    if absent(view):
        yield from _text(f"No data: {view['detail']}.")
        return
    yield f"{'day':>4} {'baseline':>9} {'candidate':>9} {'difference':>11}  interval"
    for column in view["columns"]:
        difference = column["difference"]
        shown = (number(column[arm], SHARE) for arm in ARMS)
        head = f"{column['age']:>4} {next(shown):>9} {next(shown):>9} "
        if absent(difference):
            yield f"{head}{'':>11}  no data: {difference['detail']}"[:_WIDTH]
            continue
        beyond = " *" if apart(difference) else ""
        yield (
            f"{head}{number(difference, POINTS, signed=True):>11}  "
            f"{interval(difference, POINTS, signed=True)}, {column['cohorts']} cohorts{beyond}"
        )
    yield "* the interval leaves 0 out; days rest on different cohorts"


def _fatigue(view: View) -> Iterator[str]:
    for hazard in view["hazards"][:_FEW_HAZARDS]:
        yield from _text(
            f"after active day {hazard['exposures']} dropped: {compared(hazard, SHARE, POINTS)}"
        )
    yield from _text(fatigue_text(view))


def _novelty(view: View) -> list[str]:
    if absent(view):
        return _text(f"No data: {view['detail']}.")
    return _text(
        "Fall of the share of active days from the first week to the fourth: "
        f"{compared(view, SHARE, POINTS)}."
    )


def _depth(view: View) -> Iterator[str]:
    if absent(view):
        yield from _text(f"No data: {view['detail']}.")
        return
    yield from _quantiles(view)
    for one in view.get("classes", ()):
        yield from _text(f"from {one['least']:g} on: {compared(one, SHARE, POINTS)}")


def _quantiles(view: View) -> Iterator[str]:
    for one in view["quantiles"]:
        yield from _text(f"quantile {one['q']:g}: {compared(one, PLAIN, PLAIN)}")
    yield from _text(f"distance between the arms: {said(view['distance'], PLAIN)}")


def _taste(view: View) -> Iterator[str]:
    for name, found in view.items():
        if absent(found):
            yield from _text(f"{name}: no data, {found['detail']}")
        else:
            yield name
            yield from _quantiles(found)


def _reengagement(view: View) -> list[str]:
    if absent(view):
        return _text(f"No data: {view['detail']}.")
    return [
        *_text(
            f"Of all units, silent for {view['quiet_days']} days and back within "
            f"{view['back_days']} more: {compared(view['of_all'], SHARE, POINTS)}."
        ),
        *_text(f"Of those who were silent: {compared(view['of_lapsed'], SHARE, POINTS)}."),
    ]


def _migration(view: View) -> Iterator[str]:
    yield from _text(migration_text(view))
    if absent(view):
        return
    for move in view["moves"]:
        if move["marked"]:
            route = f"{move['before']} to {move['after']}"
            yield from _text(f"* {route}: {compared(move, SHARE, POINTS)}")
    alike = view["alike"]
    if not absent(alike):
        yield f"that both arms move alike in all: {p_text(alike['p'])}"


def _changes(view: View) -> Iterator[str]:
    for text in change_texts(view):
        yield from _text(text)
