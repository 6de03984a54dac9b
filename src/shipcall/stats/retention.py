"""Retention: who comes back at which age, by cohort and arm; and who comes back after a lapse.

A cohort is the units that began together. An age counts windows since a unit's first exposure.
A cell is mature when the window of every unit of its cohort has closed; nothing is ever said of
a cell before, because those whose windows close first are not like the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shipcall.core import Absent, Measured, Reason, Tails
from shipcall.stats.arms import ByArm, Hits, share_by_arm, weighted_share_by_arm
from shipcall.stats.sample import Floats, Ints

DAY = 24.0
"""Hours of a window."""


class Window(StrEnum):
    """What an age counts; the same activity gives other shares under each, so screens name it."""

    ELAPSED = "24h"
    """Age k covers hours 24k to 24k + 24 after the unit's own first exposure."""
    CALENDAR = "calendar"
    """Age k is the k-th calendar day after the day of the first exposure; day 0 is shorter."""

    def age(self, first: Floats, at: Floats) -> Ints:
        """Give the window into which a moment falls; both in hours, midnights at multiples of 24.

        Args:
            first: First exposure of the unit, shape (n,).
            at: The moment, shape (n,).
        """
        if self is Window.ELAPSED:
            return np.floor((at - first) / DAY).astype(np.int64)
        return (np.floor(at / DAY) - np.floor(first / DAY)).astype(np.int64)

    def closes(self, first: Floats, age: int) -> Floats:
        """Give the hour at which a window is over, shape (n,)."""
        start = first if self is Window.ELAPSED else np.floor(first / DAY) * DAY
        return np.asarray(start + DAY * (age + 1), dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Returns:
    """Units of one arm by cohort and age: how many began, closed their window, came back.

    Raises:
        ValueError: On shapes that differ, or unless returned <= closed <= units.
    """

    cohorts: tuple[str, ...]
    ages: tuple[int, ...]
    window: Window
    units: Ints
    """Units that began, shape (C,)."""
    closed: Ints
    """Units whose window has closed, shape (C, A)."""
    returned: Ints
    """Units among `closed` that were active in that window, shape (C, A)."""

    def __post_init__(self) -> None:
        shape = len(self.cohorts), len(self.ages)
        if self.units.shape != shape[:1] or not self.closed.shape == self.returned.shape == shape:
            raise ValueError(f"counts do not have {shape[0]} cohorts and {shape[1]} ages")
        counts = self.returned, self.closed, np.broadcast_to(self.units[:, None], shape)
        if not ((counts[0] >= 0) & (counts[0] <= counts[1]) & (counts[1] <= counts[2])).all():
            raise ValueError("expected 0 <= returned <= closed <= units in every cell")

    def merged(self, other: "Returns") -> "Returns":
        """Add other units of the same arm, cohorts, ages and window.

        Raises:
            ValueError: Where these differ.
        """
        if (self.cohorts, self.ages, self.window) != (other.cohorts, other.ages, other.window):
            raise ValueError("only tables of the same cohorts, ages and window can be added")
        return Returns(
            cohorts=self.cohorts,
            ages=self.ages,
            window=self.window,
            units=self.units + other.units,
            closed=self.closed + other.closed,
            returned=self.returned + other.returned,
        )

    def mature(self, cohort: int, age: int) -> bool:
        """Say whether the window of every unit of a cell (by position) has closed."""
        return bool(self.closed[cohort, age] == self.units[cohort] > 0)

    def hits(self, cohort: int, age: int) -> Hits:
        """Give the counts of a cell by position."""
        return Hits(int(self.returned[cohort, age]), int(self.units[cohort]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Visits:
    """When the units of one arm were active, in hours; what counting starts from."""

    first: Floats
    """First exposure of each unit, shape (n,)."""
    cohort: Ints
    """Position of each unit's cohort, shape (n,)."""
    unit: Ints
    """Position of the unit of each activity, shape (m,)."""
    at: Floats
    """Moment of each activity, shape (m,); what lies before the first exposure is left out."""

    def __post_init__(self) -> None:
        if not (np.isfinite(self.first).all() and np.isfinite(self.at).all()):
            raise ValueError("a moment is not known: leave the unit out and count it as lost")


def count_returns(
    visits: Visits, *, cohorts: Sequence[str], ages: Sequence[int], window: Window, until: float
) -> Returns:
    """Count who came back in which window, each unit at most once a window.

    Args:
        visits: The units of one arm and their activity.
        cohorts: Names of the cohorts, by position.
        ages: Ages to count, each 0 or more.
        window: What an age counts.
        until: Hour up to which the evidence is complete; later windows have not closed.
    """
    age = window.age(visits.first[visits.unit], visits.at)
    closed = np.zeros((len(cohorts), len(ages)), dtype=np.int64)
    returned = np.zeros_like(closed)
    for column, wanted in enumerate(ages):
        over = window.closes(visits.first, wanted) <= until
        active = np.zeros(visits.first.size, dtype=bool)
        active[visits.unit[age == wanted]] = True
        closed[:, column] = _counted(visits.cohort, over, len(cohorts))
        returned[:, column] = _counted(visits.cohort, over & active, len(cohorts))
    return Returns(
        cohorts=tuple(cohorts),
        ages=tuple(ages),
        window=window,
        units=_counted(visits.cohort, np.ones(visits.first.size, dtype=bool), len(cohorts)),
        closed=closed,
        returned=returned,
    )


def _counted(cohort: Ints, kept: NDArray[np.bool_], size: int) -> Ints:
    return np.bincount(cohort[kept], minlength=size).astype(np.int64, copy=False)


class Cell(NamedTuple):
    """One cohort at one age; all three are Absent unless it is mature in both arms."""

    cohort: str
    age: int
    mature: bool
    shares: ByArm


class Column(NamedTuple):
    """One age over all cohorts that are mature there in both arms."""

    age: int
    cohorts: tuple[str, ...]
    """The cohorts that went in."""
    shares: ByArm


class Triangle(NamedTuple):
    """Retention by cohort and age."""

    window: Window
    cells: list[Cell]
    """Cohort by cohort, ages in order."""
    columns: list[Column]


def retention_triangle(baseline: Returns, candidate: Returns, tails: Tails) -> Triangle:
    """Compare the share that comes back, cell by cell and age by age, over mature cells only.

    A column weighs its cohorts as `weighted_share_by_arm` says, so that a ramp which fills the
    candidate with late cohorts makes no difference by itself; cohorts that are not mature in
    both arms leave it altogether. Columns of different ages rest on different cohorts: do not
    read a row of columns as one curve without looking at `cohorts`.
    Intervals hold for each cell alone, not for all of them together. Assumes that units are
    independent and were dealt to the arms at random; an arm's cell is a share of all its units,
    so that who stopped coming counts as who did not come.

    Args:
        baseline: Counts of the baseline's units.
        candidate: Counts of the candidate's, with the same cohorts, ages and window.
        tails: One-sided error level of each end.

    Raises:
        ValueError: Where the two tables differ in cohorts, ages or window.
    """
    shape = baseline.cohorts, baseline.ages, baseline.window
    if shape != (candidate.cohorts, candidate.ages, candidate.window):
        raise ValueError("the arms must have the same cohorts, ages and window")
    arms = baseline, candidate
    cells = [
        _cell(arms, cohort, age, tails)
        for cohort in range(len(baseline.cohorts))
        for age in range(len(baseline.ages))
    ]
    columns = [_column(arms, age, tails) for age in range(len(baseline.ages))]
    return Triangle(baseline.window, cells, columns)


def _cell(arms: tuple[Returns, Returns], cohort: int, age: int, tails: Tails) -> Cell:
    baseline, candidate = arms
    name, number = baseline.cohorts[cohort], baseline.ages[age]
    if _both(arms, cohort, age):
        hits = baseline.hits(cohort, age), candidate.hits(cohort, age)
        return Cell(name, number, mature=True, shares=share_by_arm(*hits, tails))
    units = sum(int(arm.units[cohort]) for arm in arms)
    if min(int(arm.units[cohort]) for arm in arms) == 0:
        absent = Absent(
            reason=Reason.NO_ROWS, detail=f"cohort {name} lacks units of an arm", n=units
        )
    else:
        closed = sum(int(arm.closed[cohort, age]) for arm in arms)
        detail = f"cohort {name}, age {number}: {closed} of {units} windows have closed"
        absent = Absent(reason=Reason.MATURING, detail=detail, n=units)
    return Cell(name, number, mature=False, shares=ByArm(absent, absent, absent))


def _column(arms: tuple[Returns, Returns], age: int, tails: Tails) -> Column:
    kept = [c for c in range(len(arms[0].cohorts)) if _both(arms, c, age)]
    number = arms[0].ages[age]
    if not kept:
        detail = f"no cohort is mature at age {number} in both arms"
        absent = Absent(reason=Reason.MATURING, detail=detail)
        return Column(number, (), ByArm(absent, absent, absent))
    before, after = ([arm.hits(c, age) for c in kept] for arm in arms)
    names = tuple(arms[0].cohorts[c] for c in kept)
    return Column(number, names, weighted_share_by_arm(before, after, tails))


def _both(arms: tuple[Returns, Returns], cohort: int, age: int) -> bool:
    return all(arm.mature(cohort, age) for arm in arms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapses:
    """Units of one arm that had stopped coming, and how many of them came back in time.

    Count a unit once, at its first lapse, and only if the window to come back has closed.
    """

    units: int
    """Units exposed whose windows have closed."""
    lapsed: int
    returned: int

    def __post_init__(self) -> None:
        if not 0 <= self.returned <= self.lapsed <= self.units:
            raise ValueError(f"expected 0 <= returned <= lapsed <= units, got {self}")

    def merged(self, other: "Lapses") -> "Lapses":
        """Add other units of the same arm."""
        return Lapses(
            units=self.units + other.units,
            lapsed=self.lapsed + other.lapsed,
            returned=self.returned + other.returned,
        )


class Reengagement(NamedTuple):
    """Who came back after a lapse, of those who lapsed and of all."""

    of_lapsed: ByArm
    of_all: ByArm
    """Lapsed and came back, of all units: comparable between arms in any case."""


def reengagement(
    baseline: Lapses, candidate: Lapses, tails: Tails, *, lapsed_before: bool
) -> Reengagement:
    """Compare the share of lapsed units that come back.

    Where units lapsed before they were exposed, the lapsed of both arms are alike and the
    difference is the model's doing. Where they lapsed afterwards, the model chose who lapsed:
    a candidate that drives the faithful away has lapsed units who come back more readily. Then
    the difference among the lapsed is Absent, and the share of all units is what to read, beside
    the share that lapsed.

    Args:
        baseline: Counts of the baseline's units.
        candidate: The candidate's.
        tails: One-sided error level of each end.
        lapsed_before: Whether every lapse had begun before the unit's first exposure.
    """
    among = share_by_arm(
        Hits(baseline.returned, baseline.lapsed), Hits(candidate.returned, candidate.lapsed), tails
    )
    if not lapsed_before:
        among = among._replace(difference=_chosen(baseline, candidate))
    every = share_by_arm(
        Hits(baseline.returned, baseline.units), Hits(candidate.returned, candidate.units), tails
    )
    return Reengagement(among, every)


def _chosen(baseline: Lapses, candidate: Lapses) -> Measured:
    detail = "units lapsed after exposure: the arms' lapsed units are not alike"
    return Absent(reason=Reason.UNSOUND, detail=detail, n=baseline.lapsed + candidate.lapsed)
