"""Habits: how units of both arms stayed, tired, went deep and moved, counted in the database.

A unit has dropped when it was silent for `QUIET` days in a row after an active one; whether it
had is known for an age as soon as that many days more are over, for all units of a cohort alike.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import ibis
import numpy as np

from shipcall.core import Absent, Reason
from shipcall.data.activity import Activity, Row
from shipcall.data.beginnings import AMOUNTS, TASTES
from shipcall.data.calendar import Both, name_of
from shipcall.data.sources import ARMS
from shipcall.stats.fatigue import Exposed, Wear
from shipcall.stats.forecast import Survivors
from shipcall.stats.migration import Moves
from shipcall.stats.retention import Lapses
from shipcall.stats.sample import Ints
from shipcall.stats.shape import Depths
from shipcall.stats.survival import Exits

QUIET = 7
"""Days of silence after which a unit counts as dropped."""
BACK = 7
"""Days after that silence within which it may come back."""
LAPSED_BY = 7
"""Coming back is asked of lapses that began by this age."""
WEEK = 7
AFTERWARDS = (28, 21, 14)
"""Last days of the week in which behaviour afterwards is counted; the latest that is known."""
EARLY, LATE = (1, 7), (22, 28)
"""Ages whose mean activity is compared to see a gain wear off."""
BEHAVIOURS = ("no day", "1-2 days", "3-4 days", "5-7 days")
"""Behaviours by the active days of a week."""
_STEPS = (0, 1, 1, 2, 2, 3, 3, 3)


class Departures(NamedTuple):
    """Who dropped when."""

    cohorts: tuple[str, ...]
    exits: Both[list[Exits]]
    """One entry for each cohort that has units of both arms and a known age."""
    survivors: Both[list[Survivors]]
    """The same units, counted at each age."""
    lapses: Both[Lapses] | Absent


class Moved(NamedTuple):
    """Behaviour before and afterwards."""

    moves: Both[Moves]
    by: str
    """What tells of behaviour before: `segment`, or the week before exposure."""
    until: int
    """Last age of the week of behaviour afterwards."""
    units: int


def departures(activity: Activity, steps: Any) -> Departures | Absent:
    """Count who dropped at which age, cohort by cohort.

    Args:
        activity: Of both arms.
        steps: From `steps_of`.

    Returns:
        Absent where no cohort of both arms has been followed for longer than `QUIET` days.
    """
    gone = steps.filter(steps.last)
    rows = activity.counts(gone, ibis.struct({"age": gone.age, "next": gone.next.fill_null(-1)}))
    known = {s: activity.calendar.steady(s) - QUIET for s in _starts(activity)}
    kept = [start for start, age in known.items() if age >= 0]
    if not kept:
        detail = f"nobody was followed for more than {QUIET} days after the first"
        return Absent(reason=Reason.MATURING, detail=detail)
    by_cell: dict[tuple[int, int], list[Row]] = {}
    for row in rows:
        by_cell.setdefault((row.start, row.arm), []).append(row)
    counts = [[_dropped(by_cell.get((s, arm), []), known[s]) for s in kept] for arm in range(2)]
    return Departures(
        cohorts=tuple(name_of(start) for start in kept),
        exits=Both(*([_exits(one) for one in arm] for arm in counts)),
        survivors=Both(*([_survivors(one) for one in arm] for arm in counts)),
        lapses=_lapses(by_cell, {s: known[s] for s in kept}),
    )


def steps_of(activity: Activity) -> Any:
    """One line per unit and active age up to its first lapse: its number, and the next age.

    The day of the first exposure is an active one, whether it has a row or not.
    """
    seen = activity.seen.select("who", "start", "arm", "age")
    units = activity.units.filter(~activity.units.torn)
    first = units.select("who", "start", "arm", age=ibis.literal(0, "int64"))
    rows = ibis.union(seen, first, distinct=True)
    own = ibis.window(group_by="who", order_by="age")
    rows = rows.mutate(next=rows.age.lead().over(own), number=ibis.row_number().over(own) + 1)
    quiet = rows.next.isnull() | (rows.next - rows.age > QUIET)
    rows = rows.mutate(quiet=quiet)
    lapse = rows.age.min(where=rows.quiet).over(ibis.window(group_by="who"))
    rows = rows.mutate(lapse=lapse)
    rows = rows.filter(rows.age <= rows.lapse)
    return activity.kept("steps", rows.mutate(last=rows.age == rows.lapse))


def _starts(activity: Activity) -> list[int]:
    """Beginnings of cohorts with units of both arms."""
    sizes = activity.sizes
    return [s for s in activity.starts if all(sizes.get((s, arm), 0) for arm in range(2))]


def _dropped(rows: Sequence[Row], known: int) -> Ints:
    """Units that dropped after ages 0 to `known`, and last those that had not; (known + 2,)."""
    found = np.zeros(known + 2, dtype=np.int64)
    for row in rows:
        found[min(row.key["age"], known + 1)] += row.units
    return found


def _exits(dropped: Ints) -> Exits:
    hidden = np.zeros(dropped.size - 1, dtype=np.int64)
    hidden[-1] = dropped[-1]
    kept = np.flatnonzero(dropped[:-1] + hidden)
    times = (kept + 1).astype(np.float64)
    return Exits(times=times, dropped=dropped[kept], hidden=hidden[kept])


def _survivors(dropped: Ints) -> Survivors:
    return Survivors(counts=int(dropped.sum()) - np.concatenate(([0], np.cumsum(dropped[:-1]))))


def _lapses(
    by_cell: dict[tuple[int, int], list[Row]], known: dict[int, int]
) -> Both[Lapses] | Absent:
    kept = [start for start, age in known.items() if age >= LAPSED_BY + BACK]
    if not kept:
        detail = f"nobody was followed for {LAPSED_BY + QUIET + BACK} days"
        return Absent(reason=Reason.MATURING, detail=detail)
    arms = []
    for arm in range(2):
        rows = [row for start in kept for row in by_cell.get((start, arm), [])]
        lapsed = [row for row in rows if row.key["age"] <= LAPSED_BY]
        back = [r for r in lapsed if 0 <= r.key["next"] <= r.key["age"] + QUIET + BACK]
        units, gone, came = (sum(row.units for row in part) for part in (rows, lapsed, back))
        arms.append(Lapses(units=units, lapsed=gone, returned=came))
    return Both(*arms)


def exposures_to_drop(activity: Activity, steps: Any) -> Both[Exposed]:
    """Count units at each number of active days, and those that dropped right after it.

    An exposure is a day with the model, the first included.

    Args:
        activity: Of both arms.
        steps: From `steps_of`.
    """
    key = ibis.struct({"number": steps.number, "age": steps.age, "last": steps.last})
    known = {s: activity.calendar.steady(s) - QUIET for s in _starts(activity)}
    rows = [r for r in activity.counts(steps, key) if r.key["age"] <= known.get(r.start, -1)]
    most = max((row.key["number"] for row in rows), default=0)
    counts = np.zeros((2, 2, most), dtype=np.int64)
    for row in rows:
        counts[row.arm, 0, row.key["number"] - 1] += row.units
        counts[row.arm, 1, row.key["number"] - 1] += row.units * row.key["last"]
    numbers = np.arange(1, most + 1)
    return Both(*(Exposed(exposures=numbers, at_risk=r, dropped=d) for r, d in counts))


def depths(activity: Activity, column: str, *, digits: int = 1) -> Both[Depths] | Absent:
    """Count units by their median of an amount over the days of their first week.

    Args:
        activity: Of both arms.
        column: One of `AMOUNTS` or `TASTES`.
        digits: Decimals to which medians are rounded.
    """
    if column not in (*AMOUNTS, *TASTES) or not activity.has(column):
        detail = f"activity has no column {column!r}"
        return Absent(reason=Reason.WRONG_COLUMNS, detail=detail)
    kept = [s for s in _starts(activity) if activity.calendar.steady(s) >= WEEK - 1]
    t = activity.seen.filter(activity.seen.age.between(0, WEEK - 1))
    t = t.filter(t[column].notnull())
    each = t.group_by("who", "start", "arm").aggregate(middle=t[column].median().round(digits))
    rows = [r for r in activity.counts(each, each.middle.cast("float64")) if r.start in set(kept)]
    values = sorted({row.key for row in rows})
    if len(values) < 2:
        reason = Reason.CONSTANT if values else Reason.MATURING
        detail = f"{column}: {len(values)} values in the first week of cohorts that are known"
        return Absent(reason=reason, detail=detail, n=sum(row.units for row in rows))
    counts = np.zeros((2, len(values)), dtype=np.int64)
    for row in rows:
        counts[row.arm, values.index(row.key)] += row.units
    return Both(*(Depths(depths=np.array(values), units=arm) for arm in counts))


def moves(activity: Activity) -> Moved | Absent:
    """Count units by behaviour before exposure and by the active days of a week afterwards."""
    told = activity.has("segment")
    starts = _starts(activity)
    if not told:
        starts = [s for s in starts if s - WEEK >= activity.since]
    if not starts:
        detail = "no column segment, and no week of activity before anybody was exposed"
        return Absent(reason=Reason.WRONG_COLUMNS, detail=detail)
    found = _afterwards(activity, starts)
    if found is None:
        detail = f"nobody was followed for {AFTERWARDS[-1]} days"
        return Absent(reason=Reason.MATURING, detail=detail)
    until, kept = found
    units = activity.units.filter(~activity.units.torn)
    week = activity.seen.filter(activity.seen.age.between(until - WEEK + 1, until))
    came = week.group_by("who").aggregate(days=week.age.nunique())
    both = units.left_join(came, "who")
    before = both.before if told else both.week.cast("string")
    key = ibis.struct({"before": before, "days": both.days.fill_null(0)})
    rows = [row for row in activity.counts(both, key) if row.start in set(kept)]
    name = (lambda text: text) if told else (lambda text: BEHAVIOURS[_STEPS[int(text)]])
    names = sorted({name(row.key["before"]) for row in rows}, key=_order)
    counts = np.zeros((2, len(names), len(BEHAVIOURS)), dtype=np.int64)
    for row in rows:
        place = names.index(name(row.key["before"])), _STEPS[row.key["days"]]
        counts[(row.arm, *place)] += row.units
    arms = [Moves(before=tuple(names), after=BEHAVIOURS, counts=arm) for arm in counts]
    by = "segment" if told else "the week before exposure"
    return Moved(Both(*arms), by, until, int(counts.sum()))


def _order(behaviour: str) -> tuple[int, str]:
    return (BEHAVIOURS.index(behaviour) if behaviour in BEHAVIOURS else -1, behaviour)


def _afterwards(activity: Activity, starts: Sequence[int]) -> tuple[int, list[int]] | None:
    """Find the latest week that is known for half of the units, or else for any."""
    sizes = activity.sizes
    weigh = {s: sum(sizes.get((s, arm), 0) for arm in range(2)) for s in starts}
    options = []
    for until in AFTERWARDS:
        kept = [s for s in starts if activity.calendar.steady(s) >= until]
        if kept:
            options.append((until, kept))
    half = sum(weigh.values()) / 2
    return next(
        (one for one in options if sum(weigh[s] for s in one[1]) >= half),
        options[0] if options else None,
    )


def wear(activity: Activity) -> Both[Wear] | Absent:
    """Sum by how much each unit's share of active days fell from its first week to its fourth."""
    kept = {s for s in _starts(activity) if activity.calendar.steady(s) >= LATE[1]}
    if not kept:
        detail = f"nobody was followed for {LATE[1]} days"
        return Absent(reason=Reason.MATURING, detail=detail)
    seen = activity.seen
    early, late = (seen.age.between(*ages) for ages in (EARLY, LATE))
    each = seen.group_by("who", "start", "arm").aggregate(
        fall=early.sum().fill_null(0) - late.sum().fill_null(0)
    )
    sums = np.zeros((2, 2))
    for row in activity.counts(each, each.fall):
        if row.start in kept:
            fall = row.key / WEEK
            sums[row.arm] += row.units * fall, row.units * fall**2
    units = [sum(activity.sizes.get((s, arm), 0) for s in kept) for arm in range(len(ARMS))]
    arms = [
        Wear(units=n, total=float(total), squares=float(squares))
        for n, (total, squares) in zip(units, sums, strict=True)
    ]
    return Both(*arms)
