"""Activity: what units did after they began, by arm and cohort, counted in the database.

A unit belongs to the arm of its first exposure, whatever it saw later; its cohort is the day of
that exposure. Without exposures it is the first day and arm in the table of activity itself.
An age is a number of calendar days (UTC) after that day. A cohort is cut off where too many of
its units had another arm, and a day without rows is absent in all it touches.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

import ibis
import numpy as np

from shipcall.core import Absent, Reason, Slice
from shipcall.data.beginnings import DAY, appeared, begun, exposed, unit_days
from shipcall.data.calendar import Both, Calendar, Cell, Daily, name_of, switches
from shipcall.data.connect import Engine, guarded
from shipcall.data.facts import Counted
from shipcall.data.sources import ARMS
from shipcall.data.views import Bound
from shipcall.stats.cohorts import CohortSample
from shipcall.stats.retention import Returns, Window
from shipcall.stats.sample import Ints

ALL = Slice()
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - days have no zone: they are in UTC


class Row(NamedTuple):
    """Units of one cohort and arm that share a fact."""

    start: int
    arm: int
    """0 baseline, 1 candidate."""
    key: Any
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityFacts:
    """What was counted of the tables; nothing is estimated."""

    rows: int
    """Rows of `activity` until the last known day."""
    units: Both[int]
    """Units that began, by arm."""
    duplicates: Counted
    """Lines of one unit and one day that are there more than once."""
    crossed: Counted
    """Units in both arms at once, or that went back from the candidate to the baseline."""
    moved: int
    """Units that went on from the baseline to the candidate, as a ramp does."""
    unseen: Both[int]
    """Units that have no row on the day of their first exposure; 0 without exposures."""
    strangers: int
    """Units of `activity` that never began: nobody exposed them."""
    gaps: tuple[str, ...]
    """Days without rows, as 2026-11-20."""
    first: str
    last: str
    """First day on which a unit began, and last day that is known."""
    behind: int
    """Days that were over at the time of the verdict and of which nobody has a row yet."""
    exposed: bool
    """Beginnings are first exposures; otherwise first days in the table."""


class Activity:
    """The activity of one release until a moment.

    Args:
        bound: The table `activity`.
        exposures: The table `exposures`, or None where there is none.
        engine: Where both are.
        as_of: Time of the verdict; days that are not over then are not known.
        by: Slice columns that will be asked for.
    """

    def __init__(
        self,
        bound: Bound,
        exposures: Bound | None,
        engine: Engine,
        as_of: datetime,
        by: Sequence[str] = (),
    ) -> None:
        self._bound, self._exposures, self._engine = bound, exposures, engine
        self._by = tuple(by)
        self._over = int((as_of.replace(tzinfo=None) - _EPOCH).total_seconds() // DAY) - 1
        self._names: set[str] = set()
        self._came: dict[Slice, dict[tuple[int, int, int], int]] = {}

    @property
    def what(self) -> str:
        """What an error message calls it."""
        return self._bound.source.path

    def has(self, column: str) -> bool:
        """Does the table have a column, of the format or beyond it?"""
        return self._bound.parts.has(column) or column in self._bound.parts.slices

    @property
    def untold(self) -> tuple[str, ...]:
        """Slice columns that neither table has."""
        tables = [self._bound, *([self._exposures] if self._exposures else [])]
        return tuple(c for c in self._by if not any(c in table.parts.slices for table in tables))

    @property
    def armless(self) -> bool:
        """Does nothing say which arm a unit had?"""
        return self._exposures is None and not self._bound.parts.has("arm")

    @cached_property
    def days(self) -> Any:
        """One line per unit and active day; see `unit_days`."""
        return self.kept("unit_days", unit_days(self._bound, self._over, self._by))

    @cached_property
    def units(self) -> Any:
        """One line per unit that began; see `begun`."""
        first = appeared(self.days)
        if self._exposures is not None:
            first = exposed(self._exposures, self._over, self._by)
        return self.kept("begun", begun(first, self.days, self._by))

    @cached_property
    def seen(self) -> Any:
        """One line per unit and active day from its beginning on, with its age and its arm."""
        units = self.units.filter(~self.units.torn)
        told = [name for name in self.days.columns if name == "before"]
        rows = self.days.drop("arm", *told, *self._levels(self.days))
        rows = rows.join(units, "unit")
        rows = rows.filter(rows.day >= rows.start)
        age = (rows.day - rows.start).cast("int64")
        rows = rows.mutate(age=age, side=(rows.arm == ARMS[1]).cast("int8"))
        return self.kept("seen", rows.drop("unit", "rows", "arms", "torn", "moved", "seen", "week"))

    def _levels(self, t: Any) -> list[str]:
        return [name for name in t.columns if name[0] == "b" and name[1:].isdigit()]

    def kept(self, name: str, relation: Any) -> Any:
        """Keep a relation, which is asked several times, under a name."""
        place = f"{name}_{self._over}_{len(self._by)}_{id(self)}"
        if place not in self._names:
            with guarded(self.what):
                sql = ibis.to_sql(relation, dialect="duckdb")
                self._engine.run(f"CREATE TEMP TABLE {place} AS {sql}")
            self._names.add(place)
        return self._engine.table(place)

    def fetch(self, expression: Any) -> list[dict[str, Any]]:
        """Run an expression that gives a small table."""
        found: list[dict[str, Any]] = self._engine.fetch(expression, self.what).to_pylist()
        return found

    def counts(self, relation: Any, key: Any) -> list[Row]:
        """Count lines by cohort, arm and a key; the relation has one line for each unit counted."""
        side = (relation.arm == ARMS[1]).cast("int8")
        keyed = relation.select(start=relation.start, side=side, key=key)
        grouped = keyed.group_by("start", "side", "key").aggregate(units=keyed.count())
        rows = self.fetch(grouped.order_by("start", "side", "key"))
        return [Row(row["start"], row["side"], row["key"], row["units"]) for row in rows]

    @cached_property
    def calendar(self) -> Calendar:
        """Which days of which cohorts can be believed."""
        units: dict[int, int] = {}
        moves: dict[int, dict[int, int]] = {}
        for (start, _), count in self.sizes.items():
            units[start] = units.get(start, 0) + count
        sure = self.units.filter(~self.units.torn & self.units.moved.notnull())
        for row in self.counts(sure, sure.moved):
            own = moves.setdefault(row.start, {})
            own[row.key] = own.get(row.key, 0) + row.units
        last = self._last
        gaps = self.daily.gaps() if units else frozenset()
        return Calendar(last=last, gaps=gaps, moved=switches(moves, units))

    @cached_property
    def _last(self) -> int:
        """Last day of which anybody has a row: later ones are not known, whatever the time."""
        seen = self.fetch(self.days.aggregate(last=self.days.day.max()))
        return -1 if seen[0]["last"] is None else int(seen[0]["last"])

    @cached_property
    def daily(self) -> Daily:
        """Who came on each day from the first beginning to the last known day."""
        starts = self.starts
        first = min(starts, default=self._last + 1)
        size = max(self._last - first + 1, 0)
        everybody = np.zeros(size, dtype=np.int64)
        days = self.days.filter(self.days.day >= first)
        for row in self.fetch(days.group_by("day").aggregate(units=days.count())):
            everybody[row["day"] - first] = row["units"]
        active, begun_ = np.zeros((2, 2, size), dtype=np.int64)
        late = self.seen.filter(self.seen.age > 0)
        grouped = late.group_by("day", "side").aggregate(units=late.count())
        for row in self.fetch(grouped):
            active[row["side"], row["day"] - first] = row["units"]
        for (start, arm), units in self.sizes.items():
            begun_[arm, start + 1 - first :] += units
        return Daily(first=first, everybody=everybody, active=Both(*active), begun=Both(*begun_))

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Days on which units of both arms taken together began, ascending."""
        return tuple(sorted({start for start, _ in self.sizes}))

    @cached_property
    def sizes(self) -> Mapping[tuple[int, int], int]:
        """(day of the beginning, 0 baseline or 1 candidate) -> units."""
        return self._sizes(ALL)

    @cached_property
    def since(self) -> int:
        """First day of which anybody has a row."""
        seen = self.fetch(self.days.aggregate(first=self.days.day.min()))
        return self._last + 1 if seen[0]["first"] is None else int(seen[0]["first"])

    def _sizes(self, part: Slice) -> dict[tuple[int, int], int]:
        """(start, arm) -> units that began."""
        t = self.units.filter(~self.units.torn & self._in(self.units, part))
        return {(row.start, row.arm): row.units for row in self.counts(t, ibis.literal(0))}

    def _in(self, t: Any, part: Slice) -> Any:
        inside = ibis.literal(True)
        for column, level in part.pairs:
            inside &= t[f"b{self._by.index(column)}"] == level
        return inside

    def _ages(self, part: Slice) -> dict[tuple[int, int, int], int]:
        """(start, arm, age) -> units that were active at that age."""
        if part not in self._came:
            t = self.seen.filter(self._in(self.seen, part))
            rows = self.counts(t, t.age)
            self._came[part] = {(row.start, row.arm, row.key): row.units for row in rows}
        return self._came[part]

    @cached_property
    def facts(self) -> ActivityFacts:
        """What the tables hold."""
        t, days = self.units, self.days
        back = t.torn | ((t.arm == ARMS[1]) & t.moved.notnull())
        twice = days.rows > 1
        seen = self.fetch(
            t.aggregate(
                **{arm: (~t.torn & (t.arm == arm)).sum() for arm in ARMS},
                crossed=back.sum(),
                example=t.unit.min(where=back),
                moved=(~t.torn & (t.arm == ARMS[0]) & t.moved.notnull()).sum(),
                **{f"unseen_{arm}": (~t.torn & (t.arm == arm) & ~t.seen).sum() for arm in ARMS},
            )
        )[0]
        rows = self.fetch(
            days.aggregate(
                rows=days.rows.sum(), twice=twice.sum(), example=days.unit.min(where=twice)
            )
        )[0]
        strange = days.select("unit").distinct().anti_join(t, "unit")
        calendar = self.calendar
        return ActivityFacts(
            rows=int(rows["rows"] or 0),
            units=Both(*(int(seen[arm] or 0) for arm in ARMS)),
            duplicates=Counted(int(rows["twice"] or 0), rows["example"]),
            crossed=Counted(int(seen["crossed"] or 0), seen["example"]),
            moved=int(seen["moved"] or 0),
            unseen=Both(*(int(seen[f"unseen_{arm}"] or 0) for arm in ARMS)),
            strangers=int(self.fetch(strange.aggregate(units=strange.count()))[0]["units"]),
            gaps=tuple(name_of(day) for day in sorted(calendar.gaps)),
            first=name_of(min(self.starts, default=calendar.last)),
            last=name_of(calendar.last),
            behind=self._over - calendar.last,
            exposed=self._exposures is not None,
        )

    def returns(self, ages: Sequence[int], part: Slice = ALL, *, days: int = 1) -> Both[Returns]:
        """Count who came back at which age; a cell that cannot be believed has no closed window.

        Args:
            ages: In calendar days after the day of the first exposure, each 1 or more.
            part: A slice from before exposure.
            days: Days of beginnings that make one cohort.
        """
        sizes, came = self._sizes(part), self._ages(part)
        groups = self.groups(days)
        names = tuple(name_of(group[0]) for group in groups)
        arms = []
        for arm in range(2):
            units = np.array(
                [sum(sizes.get((s, arm), 0) for s in group) for group in groups], dtype=np.int64
            )
            closed = np.zeros((len(groups), len(ages)), dtype=np.int64)
            returned = np.zeros_like(closed)
            for row, group in enumerate(groups):
                for column, age in enumerate(ages):
                    if all(self.calendar.cell(s, age) is Cell.KNOWN for s in group):
                        closed[row, column] = units[row]
                        returned[row, column] = sum(came.get((s, arm, age), 0) for s in group)
            arms.append(
                Returns(
                    cohorts=names,
                    ages=tuple(ages),
                    window=Window.CALENDAR,
                    units=units,
                    closed=closed,
                    returned=returned,
                )
            )
        return Both(*arms)

    def groups(self, days: int) -> list[tuple[int, ...]]:
        """Put beginnings together into cohorts of so many days, counted from the first."""
        found: dict[int, list[int]] = {}
        for start in self.starts:
            found.setdefault((start - self.starts[0]) // days, []).append(start)
        return [tuple(group) for group in found.values()]

    def came_back(self, day: int, part: Slice = ALL) -> CohortSample | Absent:
        """Sum who was active at an age, over the cohorts for which that day is known."""
        kept = [s for s in self.starts if self.calendar.cell(s, day) is Cell.KNOWN]
        sizes, came = self._sizes(part), self._ages(part)
        hits = self._table(kept, lambda start, arm: came.get((start, arm, day), 0))
        return self._sample(kept, sizes, [hits] * 4, 1.0, day)

    def active_days(self, day: int, part: Slice = ALL) -> CohortSample | Absent:
        """Sum the active days 1 to `day` of each unit, over cohorts for which all are known."""
        kept = [s for s in self.starts if self.calendar.steady(s) >= day]
        t = self.seen.filter(self._in(self.seen, part) & self.seen.age.between(1, day))
        each = t.group_by("who", "start", "arm").aggregate(days=t.age.nunique())
        sums: dict[tuple[int, int], list[int]] = {}
        for row in self.counts(each, each.days):
            own = sums.setdefault((row.start, row.arm), [0, 0, 0, 0])
            whole = row.units * row.key
            for place, add in enumerate(
                (whole, whole * row.key, row.units, row.units * (row.key == day))
            ):
                own[place] += add
        tables = [
            self._table(kept, lambda s, arm, i=i: sums.get((s, arm), (0,) * 4)[i]) for i in range(4)
        ]
        return self._sample(kept, self._sizes(part), tables, float(day), day)

    def _table(self, starts: Sequence[int], value: Any) -> Ints:
        return np.array([[value(s, arm) for s in starts] for arm in range(2)], dtype=np.int64)

    def _sample(
        self,
        kept: Sequence[int],
        sizes: Mapping[tuple[int, int], int],
        tables: Sequence[Ints],
        most: float,
        day: int,
    ) -> CohortSample | Absent:
        if not sizes:
            return Absent(reason=Reason.NO_ROWS, detail="no unit began")
        if not kept:
            return self._unripe(day, sum(sizes.values()))
        total, squares, some, full = tables
        return CohortSample(
            cohorts=tuple(name_of(start) for start in kept),
            most=most,
            units=self._table(kept, lambda s, arm: sizes.get((s, arm), 0)),
            total=total.astype(np.float64),
            squares=squares.astype(np.float64),
            some=some,
            full=full,
        )

    def _unripe(self, day: int, units: int) -> Absent:
        """Why no cohort can be believed at an age: the reason of the one that came closest."""
        cells = [self.calendar.cell(start, day) for start in self.starts]
        if Cell.MATURING in cells:
            known = name_of(self.calendar.last)
            detail = f"day {day} is not over for any cohort; activity is known to {known}"
            return Absent(reason=Reason.MATURING, detail=detail, n=units)
        if Cell.GAP in cells or Cell.KNOWN in cells:
            detail = f"days without rows touch day {day} of every cohort"
            return Absent(reason=Reason.ROWS_MISSING, detail=detail, n=units)
        detail = f"too many units of every cohort had the other model before day {day}"
        return Absent(reason=Reason.UNSOUND, detail=detail, n=units)
