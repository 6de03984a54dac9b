"""Clock: on which day of a person something was done, wherever the person was when it was.

A day begins at midnight of the person's clock: of the zone a plan names, or of the machine on
which shipcall runs. Clocks are put forward and back, and people fly. So the diary says by how much
a clock was away from UTC whenever that changed, and each line keeps the day that was shown when it
was written: a day of 23 hours loses nothing, and no flight makes one evening's work count twice.
"""

import time
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from itertools import accumulate
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shipcall.core import UsageError
from shipcall.practice.journal import Entry

MOVED = "moved"
"""What the diary says when the clock's distance from UTC has changed; until then it is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What time it is, and on which day."""

    now: Callable[[], float] = time.time
    """Seconds since 1970."""
    zone: tzinfo | None = None
    """None: that of this machine."""

    def offset(self, wall: float) -> int:
        """By how many seconds this clock is ahead of UTC at an instant."""
        away = datetime.fromtimestamp(wall, UTC).astimezone(self.zone).utcoffset()
        return round((away or timedelta()).total_seconds())

    @property
    def today(self) -> date:
        """The day it is on this clock."""
        wall = self.now()
        return day_at(wall, self.offset(wall))

    def named(self, zone: str) -> "Clock":
        """The same clock in another zone.

        Args:
            zone: Europe/Berlin, or nothing: this clock as it is.

        Raises:
            UsageError: If no zone of this name is known here.
        """
        return replace(self, zone=zone_of(zone)) if zone else self


def zone_of(name: str) -> ZoneInfo:
    """Find a time zone by its name.

    Raises:
        UsageError: If none of this name is known here.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            f"no time zone {name!r} is known here. Write it as Europe/Berlin or Asia/Tokyo; where "
            "none is known at all, `pip install tzdata` brings them."
        ) from None


def day_at(wall: float, offset: int) -> date:
    """Say which day a clock shows that is so many seconds ahead of UTC.

    Examples:
        >>> str(day_at(1_700_000_000, -8 * 3600)), str(day_at(1_700_000_000, 9 * 3600))
        ('2023-11-14', '2023-11-15')
    """
    return datetime.fromtimestamp(wall, timezone(timedelta(seconds=offset))).date()


class Days:
    """The days of one person: which day an instant belonged to, as it was shown then."""

    def __init__(self, entries: Iterable[Entry], clock: Clock) -> None:
        """Read the offsets off a diary.

        Args:
            entries: All of it, oldest first.
            clock: As it is now.
        """
        lines = tuple(entries)
        offsets = accumulate(lines, lambda so_far, one: offset_in(one, so_far), initial=0)
        self._offsets = tuple(offsets)[1:]
        self._walls = tuple(accumulate((one.wall for one in lines), max))
        self._clock = clock

    def of(self, wall: float) -> date:
        """Say on which day something was done.

        A line of the diary has its own day. What was kept elsewhere, such as a play, has the day
        of the clock as it is now if the next line of the diary agrees with it, and else of the
        clock by which that line was written.

        Args:
            wall: Seconds since 1970.
        """
        place = bisect_left(self._walls, wall)
        if place == len(self._walls):
            return day_at(wall, self._clock.offset(wall))
        there, offset = self._walls[place], self._offsets[place]
        agrees = there != wall and self._clock.offset(there) == offset
        return day_at(wall, self._clock.offset(wall) if agrees else offset)


def offset_in(one: Entry, so_far: int) -> int:
    """Give the offset from a line of the diary on."""
    return int(one.held["offset"]) if one.did == MOVED else so_far
