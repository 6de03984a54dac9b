"""Traffic: when requests come, and how many of them, hour by hour.

Hours are counted from the first day of the world. One busy day is the time in which a person
with one request a day makes one on average: an hour of a quiet night is less than 1/24 of it.
"""

import math
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shipcall.world.chance.draws import Floats, Ints
from shipcall.world.truth import World

_PEAK_HOUR = 19
_PEAK_MONTH, _PEAK_DAY = 12, 15
_YEAR_DAYS = 365.25


class Stage(NamedTuple):
    """One stage of the rollout, as it was really served."""

    name: str
    """Its number, from 1."""
    share: float
    """Share of the candidate; what is held back is not in it."""
    starts: float
    """Hours after the first day begins."""
    ends: float


@dataclass(frozen=True, slots=True, eq=False)
class Clock:
    """How busy the hours of a world are."""

    until: Floats
    """Busy days from the first hour until the end of each, shape (hours + 1,); it never falls."""

    @property
    def hours(self) -> int:
        """Hours of the world."""
        return len(self.until) - 1

    def busy(self, hours: NDArray[Any]) -> Floats:
        """Busy days until each hour; before the first and after the last none are added."""
        whole: Floats = np.interp(hours, np.arange(len(self.until)), self.until)
        return whole

    def when(self, busy: Floats) -> Floats:
        """Hour at which so many busy days have gone by: the inverse of `busy`."""
        hours: Floats = np.interp(busy, self.until, np.arange(len(self.until)))
        return hours


def clock(world: World) -> Clock:
    """Lay out the hours of a world: night, weekday and season.

    The wave of the day and the weekdays have a mean of 1; the season has it over a whole year.
    """
    hours = np.arange(24 * days(world))
    first = world.start.astimezone(UTC)
    hour = (hours + first.hour + first.minute / 60) % 24
    night = 1 + world.people.night * np.cos(2 * np.pi * (hour - _PEAK_HOUR) / 24)
    weekdays = np.asarray(world.people.weekday)
    started = first.hour + first.minute / 60
    weekday = (first.weekday() + ((hours + started) // 24).astype(np.int64)) % 7
    since = (first - first.replace(month=_PEAK_MONTH, day=_PEAK_DAY)) / timedelta(days=1)
    season = 1 + world.people.season * np.cos(2 * np.pi * (since + hours / 24) / _YEAR_DAYS)
    each = night * (weekdays / weekdays.mean())[weekday] * season / 24
    return Clock(np.concatenate(([0.0], np.cumsum(each))))


def days(world: World) -> int:
    """Days in the world: those asked for, or as many as shadow and rollout take."""
    rollout = stages(world)
    least = rollout[-1].ends if rollout else 24 * shadow_days(world)
    return max(world.days, math.ceil(least / 24))


def shadow_days(world: World) -> float:
    """Days of shadow mode before the rollout; 0 where there is none."""
    return world.shadow.days if world.shadow else 0.0


def stages(world: World) -> list[Stage]:
    """List the stages of the rollout, which follows shadow mode without a gap."""
    if world.rollout is None:
        return []
    ends = 24 * shadow_days(world) + np.cumsum(world.rollout.hours)
    served = np.minimum(world.rollout.shares, 1 - world.rollout.holdback)
    return [
        Stage(str(number), float(share), float(end - length), float(end))
        for number, (share, end, length) in enumerate(
            zip(served, ends, world.rollout.hours, strict=True), start=1
        )
    ]


def moments(world: World, hours: Floats) -> Ints:
    """Turn hours into microseconds since 1970 in UTC."""
    start = round(world.start.timestamp() * 1_000_000)
    return start + np.floor(np.asarray(hours) * 3.6e9).astype(np.int64)
