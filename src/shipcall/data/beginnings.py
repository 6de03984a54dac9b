"""Beginnings: who began when, in which arm, and what was known of them before.

All functions take and give relations of the engine; nobody loops over rows.
"""

from collections.abc import Sequence
from typing import Any

import ibis

from shipcall.data.cells import as_number, as_seconds, as_text
from shipcall.data.sources import NO_LEVEL
from shipcall.data.views import Bound, arm_of

DAY = 86_400
"""Seconds of a day; days are counted from 1970 in UTC."""
AMOUNTS = ("sessions", "depth", "events")
TASTES = ("surprise", "predictability")
"""Columns that a ranker's table may bring beside those of the format: how unlike, and how like,
what a person has seen before, the things shown on that day were."""
_FAILED = ("ERROR", "DEFAULT")
"""Reasons of an exposure in which the provider failed towards an arm."""


def unit_days(bound: Bound, last: int, by: Sequence[str]) -> Any:
    """One line per unit and active day: unit, day, rows, arm, arms, amounts, b0, b1, …, before.

    Of several rows of one unit and day the greatest amounts count; `rows` says how many there are.

    Args:
        bound: The table `activity`.
        last: Last day that is known; later ones are left out.
        by: Slice columns; those that the table does not have are not there.
    """
    t, parts = bound.table, bound.parts
    moment = as_text(parts.cell(t, "day")).try_cast("date").cast("timestamp")
    columns = {
        "unit": as_text(parts.cell(t, "unit")),
        "day": (moment.epoch_seconds() // DAY).cast("int64"),
        "arm": arm_of(bound, t) if parts.has("arm") else ibis.null("string"),
        **{name: _amount(bound, t, name) for name in (*AMOUNTS, *TASTES)},
        **_levels(bound, t, by),
    }
    if parts.has("segment"):
        columns["before"] = as_text(parts.cell(t, "segment")).fill_null(NO_LEVEL)
    rows = t.select(**columns)
    rows = rows.filter(rows.day <= last)
    others = [name for name in columns if name not in ("unit", "day", "arm")]
    return rows.group_by("unit", "day").aggregate(
        rows=rows.count(),
        arm=rows.arm.min(),
        arms=rows.arm.nunique(),
        **{name: rows[name].max() for name in others},
    )


def _amount(bound: Bound, t: Any, name: str) -> Any:
    parts = bound.parts
    if parts.has(name):
        return as_number(parts.cell(t, name))
    if name in parts.slices:
        number = as_number(t[parts.slices[name]])
        return (number.isnan() | number.isinf()).ifelse(ibis.null("float64"), number)
    return ibis.null("float64")


def _levels(bound: Bound, t: Any, by: Sequence[str]) -> dict[str, Any]:
    known = bound.parts.slices
    return {
        f"b{i}": as_text(t[known[name]]).fill_null(NO_LEVEL)
        for i, name in enumerate(by)
        if name in known
    }


def exposed(bound: Bound, last: int, by: Sequence[str]) -> Any:
    """One line per unit: start, first_arm, arms at that moment, moved, b0, b1, ….

    `moved` is the day of its first exposure to the other arm, null if there is none.
    """
    t, parts = bound.table, bound.parts
    seconds = as_seconds(parts.cell(t, "at"))
    rows = t.select(
        unit=as_text(parts.cell(t, "unit")),
        seconds=seconds,
        day=(seconds // DAY).cast("int64"),
        arm=arm_of(bound, t),
        failed=as_text(parts.cell(t, "reason")).upper().isin(_FAILED).fill_null(False)
        if parts.has("reason")
        else ibis.literal(False),
        **_levels(bound, t, by),
    )
    rows = rows.filter(rows.arm.notnull() & (rows.day <= last) & ~rows.failed)
    rows = rows.mutate(first=rows.seconds.min().over(ibis.window(group_by="unit")))
    now = rows.filter(rows.seconds == rows.first)
    levels = [name for name in rows.columns if name[0] == "b" and name[1:].isdigit()]
    first = now.group_by("unit").aggregate(
        start=now.day.min(),
        first_arm=now.arm.min(),
        arms_at_first=now.arm.nunique(),
        **{name: now[name].max() for name in levels},
    )
    return _with_moves(first, rows.select("unit", "day", "arm"))


def appeared(days: Any) -> Any:
    """The same lines for a table without exposures: a unit began on its first day there."""
    rows = days.filter(days.arm.notnull())
    rows = rows.mutate(first=rows.day.min().over(ibis.window(group_by="unit")))
    now = rows.filter(rows.day == rows.first)
    first = now.group_by("unit").aggregate(
        start=now.day.min(), first_arm=now.arm.min(), arms_at_first=now.arms.max()
    )
    return first.mutate(moved=ibis.null("int64"))


def _with_moves(first: Any, rows: Any) -> Any:
    both = rows.join(first.select("unit", "first_arm"), "unit")
    other = both.filter(both.arm != both.first_arm)
    moves = other.group_by("unit").aggregate(moved=other.day.min())
    joined = first.left_join(moves, "unit")
    return joined.select(*first.columns, "moved")


def begun(first: Any, days: Any, by: Sequence[str]) -> Any:
    """One line per unit with everything that is known of it from before it began.

    Adds: a number `who`, quicker to group by than a name; levels of slice columns that exposures
    do not have, and `before`, from the earliest day of the unit in `activity`, which may not lie
    after its start; whether it was seen on the day it began; days on which it was active in the
    week before; and moves that only `activity` tells of.

    Args:
        first: From `exposed` or `appeared`.
        days: From `unit_days`.
        by: Slice columns.
    """
    wanted = [f"b{i}" for i in range(len(by)) if f"b{i}" not in first.columns]
    told = [name for name in (*wanted, "before") if name in days.columns]
    rows = days.join(first.select("unit", "start", "first_arm"), "unit")
    early = rows.filter(rows.day <= rows.start)
    known = early.group_by("unit").aggregate(
        **{name: early[name].argmin(early.day) for name in told},
        seen=(early.day == early.start).any(),
        week=((early.day < early.start) & (early.day >= early.start - 7)).sum(),
    )
    late = rows.filter((rows.day > rows.start) & (rows.arm != rows.first_arm))
    left = late.group_by("unit").aggregate(left=late.day.min())
    t = first.left_join(known, "unit").drop("unit_right").left_join(left, "unit")
    nothing = ibis.literal(NO_LEVEL)
    levels = {
        f"b{i}": t[f"b{i}"].fill_null(NO_LEVEL) if f"b{i}" in t.columns else nothing
        for i in range(len(by))
    }
    return t.select(
        unit=t.unit,
        who=ibis.row_number().over(),
        start=t.start,
        arm=t.first_arm,
        torn=t.arms_at_first > 1,
        moved=ibis.least(ibis.coalesce(t.moved, t.left), ibis.coalesce(t.left, t.moved)),
        seen=t.seen.fill_null(False),
        week=t.week.fill_null(0),
        before=t.before.fill_null(NO_LEVEL) if "before" in t.columns else ibis.null("string"),
        **levels,
    )
