"""Calendar: on which days the activity of which units can be believed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from shipcall.stats.sample import Ints

T = TypeVar("T")

MOST_MOVED = 0.001
"""Share of a cohort, and at least two units, that another model may have answered."""
SURE = 14.0
"""Units expected on a day of which none came: chance alone leaves it empty once in a million."""


class Both(NamedTuple, Generic[T]):
    """The same thing of both arms."""

    baseline: T
    candidate: T


class Cell(StrEnum):
    """What can be said of a cohort on a day."""

    KNOWN = "known"
    MATURING = "maturing"
    """The day is not over, or the table does not reach it yet."""
    GAP = "gap"
    """Nobody has a row on that day: a pipeline stood still."""
    MOVED = "moved"
    """Too many units of the cohort had another model by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Which days count; days are numbers since 1970, in UTC."""

    last: int
    """Last day that is known for everybody."""
    gaps: frozenset[int] = frozenset()
    """Days of which nobody, or nobody of an arm that ought to be there, has a row."""
    moved: Mapping[int, int] = field(default_factory=dict)
    """Day on which a cohort began -> first day on which too many of it had the other arm."""

    def cell(self, start: int, age: int) -> Cell:
        """Say what can be said of the cohort of a day at an age."""
        day = start + age
        if day > self.last:
            return Cell.MATURING
        if day >= self.moved.get(start, day + 1):
            return Cell.MOVED
        return Cell.GAP if day in self.gaps else Cell.KNOWN

    def steady(self, start: int) -> int:
        """Greatest age up to which every day of a cohort can be believed; -1 if none can."""
        end = min(self.last, self.moved.get(start, self.last + 1) - 1)
        broken = [gap for gap in self.gaps if start < gap <= end]
        return min([end, *(gap - 1 for gap in broken)]) - start


def name_of(day: int) -> str:
    """Write a day as 2026-11-20."""
    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Daily:
    """Who came, day by day from the first start of a unit on; shapes (days,)."""

    first: int
    everybody: Ints
    """Units with a row, whoever they are."""
    active: Both[Ints]
    """Units of each arm that came and had begun on an earlier day."""
    begun: Both[Ints]
    """Units of each arm that had begun on an earlier day."""

    def gaps(self) -> frozenset[int]:
        """Find the days of which nobody, or nobody of a large enough arm, has a row."""
        found = set(np.flatnonzero(self.everybody == 0).tolist())
        for came, could in zip(self.active, self.begun, strict=True):
            shares = came[came > 0] / could[came > 0]
            expected = could * float(np.median(shares)) if shares.size else np.zeros(could.size)
            found |= set(np.flatnonzero((came == 0) & (expected >= SURE)).tolist())
        return frozenset(self.first + place for place in found)


def switches(moves: Mapping[int, Mapping[int, int]], units: Mapping[int, int]) -> dict[int, int]:
    """Find the day from which on a cohort is no longer comparable.

    Args:
        moves: Start of a cohort -> day -> units that moved to the other arm on that day.
        units: Start of a cohort -> units.
    """
    found = {}
    for start, by_day in moves.items():
        gone = 0
        for day in sorted(by_day):
            gone += by_day[day]
            if gone >= 2 and gone > MOST_MOVED * units[start]:
                found[start] = day
                break
    return found
