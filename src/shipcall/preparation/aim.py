"""Aim: for which company somebody prepares, until when, with how much time, by which claims."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from shipcall.core import UsageError
from shipcall.preparation.loop import Loop, load_loop, loop_ids

GENERIC = "generic"
HOURS = 6.0
"""A week, where nobody says how many."""
MOST_HOURS = 60.0
FARTHEST = 730
"""Days: a date beyond is taken for a slip of the pen."""
GENTLY = 30
"""Days that the plan is made for; what lies before them starts gently."""
SHORT = 7
"""Days up to which there is only time for mixed days and rehearsals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What somebody prepares for."""

    company: str
    interview: date
    hours: float
    """A week."""
    loops: tuple[Loop, ...]
    """As they were claimed when it began; all of them count alike."""
    begun: date
    known: bool
    """Is there a loop of this company? Else it is the generic one."""
    zone: str = ""
    """Time zone in which its days begin and end; empty: that of the machine."""

    @property
    def minutes(self) -> float:
        """Of one day."""
        return self.hours * 60 / 7


def aimed(  # noqa: PLR0913 - what a person may say of an aim
    company: str,
    interview: date,
    *,
    today: date,
    hours: float = HOURS,
    loops: Sequence[Loop] = (),
    zone: str = "",
) -> Aim:
    """Set an aim.

    Args:
        company: As the person writes it.
        interview: The day.
        today: The day it is said.
        hours: A week.
        loops: Those the person chose; none: all that are claimed of the company, or the generic.
        zone: Europe/Berlin, say; empty: days are those of the machine.

    Raises:
        UsageError: If there is no company, the day is past, or nobody has so many hours.
    """
    named = " ".join(company.split())
    if not named or len(named) > 80:
        raise UsageError("name the company in at most 80 characters: --company Anthropic")
    left = (interview - today).days
    if left < 0:
        raise UsageError(
            f"{interview} is past; today is {today}. Give the day of the interview that comes, "
            "and keep one that was with: shipcall practice interviews --add"
        )
    if left > FARTHEST:
        raise UsageError(f"{interview} is {left} days away. Is the year right?")
    if not 0.5 <= hours <= MOST_HOURS:
        raise UsageError(f"give hours a week from 0.5 to {MOST_HOURS:g}; got {hours:g}.")
    claimed = loops_of(named)
    return Aim(
        company=named,
        interview=interview,
        hours=hours,
        loops=tuple(loops) or claimed or (load_loop(GENERIC),),
        begun=today,
        known=bool(loops) or bool(claimed),
        zone=zone,
    )


def loops_of(company: str) -> tuple[Loop, ...]:
    """Give the loops that are claimed of a company, whatever its name's case; none: unknown."""
    every = map(load_loop, loop_ids())
    wanted = _bare(company)
    return tuple(one for one in every if one.id != GENERIC and wanted == _bare(one.company))


def _bare(company: str) -> str:
    return re.sub(r"^(a|an|the) ", "", company.casefold().strip())


def day_of(text: str, today: date) -> date:
    """Read the day of an interview: 2026-12-22, or days from today, such as 30d.

    Raises:
        UsageError: If it is neither.
    """
    told = text.strip().lower()
    if re.fullmatch(r"\d{1,4} ?d(ays?)?", told):
        return today + timedelta(days=int(re.sub(r"\D", "", told)))
    try:
        return date.fromisoformat(told)
    except ValueError:
        raise UsageError(
            f"{text!r} is no day. Write it as {today + timedelta(days=30)}, or as days from today: "
            "30d."
        ) from None


def remarks(aim: Aim, today: date) -> list[str]:
    """Say what somebody should know of an aim: who claims the rounds, and what the days allow."""
    said = []
    if not aim.known:
        said.append(
            f"Nobody's account of rounds at {aim.company} came along, so the plan takes a generic "
            "loop. With one of your own: --loop FILE."
        )
    sources = ", ".join(f"{one.id} ({one.claimed_by})" for one in aim.loops)
    said.append(f"Rounds as claimed, not as the company says: {sources}.")
    if len(aim.loops) > 1:
        said.append("These accounts differ; all of them count alike.")
    return [*said, _days(aim, today)]


def _days(aim: Aim, today: date) -> str:
    left = (aim.interview - today).days
    if left < 0:
        return "The interview was. Keep what was asked: shipcall practice interviews --add"
    if left == 0:
        return "It is today. Nothing new now: look at your cards if it calms you, and go."
    if left == 1:
        return "It is tomorrow. One mixed day, then sleep; a plan cannot help more than that."
    if left < GENTLY:
        short = "mixed days and rehearsals, nothing else fits."
        return f"{left} days: {short if left <= SHORT else 'the whole plan, pressed together.'}"
    return "30 days: the whole plan." if left == GENTLY else _GENTLY.format(left=left)


_GENTLY = "{left} days: a lesson and cards a day until 30 are left, then the whole plan."


def plain_aim(aim: Aim) -> dict[str, Any]:
    """Write an aim as the diary keeps it, loops and all."""
    return {
        "company": aim.company,
        "interview": aim.interview.isoformat(),
        "hours": aim.hours,
        "loops": [one.model_dump(mode="json") for one in aim.loops],
        "begun": aim.begun.isoformat(),
        "known": aim.known,
        "zone": aim.zone,
    }


def aim_from(held: Mapping[str, Any]) -> Aim:
    """Read back what `plain_aim` wrote."""
    return Aim(
        company=held["company"],
        interview=date.fromisoformat(held["interview"]),
        hours=float(held["hours"]),
        loops=tuple(Loop.model_validate(one) for one in held["loops"]),
        begun=date.fromisoformat(held["begun"]),
        known=bool(held["known"]),
        zone=str(held.get("zone", "")),
    )
