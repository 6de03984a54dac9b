"""The plan of somebody who prepares: begun, worked out for a day, ticked, taken away as a file."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from shipcall.app.prepare_loops import found_loop
from shipcall.app.prepare_study import (
    FORMED,
    TICKED,
    Study,
    diagnosed,
    known,
    recalled_in,
    unread,
)
from shipcall.app.writing import write_whole
from shipcall.core import UsageError, plain
from shipcall.practice.journal import Entry
from shipcall.preparation.aim import HOURS, Aim, aimed, day_of, plain_aim, remarks
from shipcall.preparation.diagnostic import ASKED
from shipcall.preparation.diary import ANSWERED, BEGUN, READ, REHEARSED, TAUGHT
from shipcall.preparation.exported import WRITERS
from shipcall.preparation.plan import Day, Plan, plan
from shipcall.preparation.tasks import Task, papers

View = dict[str, Any]
NOTE = (
    "Shares of time follow from claimed rounds, from what was seen of you, and from numbers that "
    "are judged. They say what to do next, and nothing about how it will go. Cards of later days "
    "are a forecast: those you met so far, and three for each lesson, if all are recalled well."
)


def begin_plan(  # noqa: PLR0913 - what a person may say of an aim
    place: Path,
    company: str,
    interview: str,
    *,
    hours: float = HOURS,
    loops: Sequence[str] = (),
    zone: str = "",
    today: date | None = None,
) -> View:
    """Put down for which company and day somebody prepares; the newest such line counts.

    Args:
        place: Folder in a workspace.
        company: Its name; where no loop of it is known, the generic one stands in.
        interview: 2026-12-22, or days from today, such as 30d.
        hours: A week.
        loops: Ids or files of loops; none: those that are claimed of the company.
        zone: In which its days begin and end, as Europe/Berlin; empty: that of the machine.
        today: None: the day it is there.

    Raises:
        UsageError: If a day, a number, a zone or a loop makes no sense.
    """
    study = Study.at(place)
    on = today or study.desk.machine.named(zone.strip()).today
    aim = aimed(
        company,
        day_of(interview, on),
        today=on,
        hours=hours,
        loops=[found_loop(name) for name in loops],
        zone=zone.strip(),
    )
    study.desk.write().add(BEGUN, aim.company, plain_aim(aim))
    return aim_view(place, today)


def aim_view(place: Path, today: date | None = None) -> View:
    """Show the newest aim, with what there is to say of it.

    Raises:
        UsageError: If nothing was begun.
    """
    study = Study.at(place, today)
    return {"kind": "aim", **_aim(study.aim, study.today)}


def _aim(aim: Aim, today: date) -> View:
    return {
        "company": aim.company,
        "interview": aim.interview.isoformat(),
        "days": (aim.interview - today).days,
        "hours": aim.hours,
        "begun": aim.begun.isoformat(),
        "zone": aim.zone,
        "known": aim.known,
        "loops": [{"id": one.id, "claimed_by": one.claimed_by} for one in aim.loops],
        "remarks": remarks(aim, today),
    }


def plan_view(place: Path, today: date | None = None) -> View:
    """Show the plan as it is on this day, with why each skill gets its share of time.

    Raises:
        UsageError: If nothing was begun.
    """
    study = Study.at(place, today)
    made = planned(study)
    done = ticks(study, made)
    return {
        "kind": "plan",
        "today": study.today.isoformat(),
        "aim": _aim(study.aim, study.today),
        "note": NOTE,
        "needs": plain(made.needs),
        "days": [_day(day, frozenset() if n else done) for n, day in enumerate(made.days)],
    }


def today_view(place: Path, today: date | None = None) -> View:
    """Show what there is to do today, and what of it is done.

    Raises:
        UsageError: If nothing was begun.
    """
    study = Study.at(place, today)
    made = planned(study)
    day = made.days[0] if made.days else None
    return {
        "kind": "today",
        "today": study.today.isoformat(),
        "aim": _aim(study.aim, study.today),
        "day": _day(day, ticks(study, made)) if day else None,
        "tomorrow": made.days[1].title if len(made.days) > 1 else None,
    }


def _day(day: Day, done: frozenset[str]) -> View:
    return {
        "on": day.on.isoformat(),
        "theme": day.theme,
        "title": day.title,
        "minutes": day.minutes,
        "tasks": [{**plain(one), "done": one.id in done} for one in day.tasks],
    }


def tick(place: Path, task: str, today: date | None = None) -> View:
    """Put down that a task was done, where nothing here can see that it was.

    Raises:
        UsageError: If today has no such task, and no paper has this id.
    """
    study = Study.at(place, today)
    made = planned(study)
    known = [one.id for one in (made.days[0].tasks if made.days else ())]
    if task not in known and task not in {one.id for one in papers()}:
        raise UsageError(f"no task {task!r} today. There are: {', '.join(known) or 'none'}.")
    study.desk.write().add(TICKED, task, {"on": study.today.isoformat()})
    return today_view(place, today)


def export_plan(place: Path, kind: str, file: Path, today: date | None = None) -> View:
    """Write the plan as ics or markdown, or the cards for Anki.

    Raises:
        UsageError: If nothing was begun, there is no such kind, or the file cannot be written.
    """
    if kind not in WRITERS:
        raise UsageError(f"no export {kind!r}. There are: {', '.join(WRITERS)}.")
    study = Study.at(place, today)
    write_whole(file, WRITERS[kind](study.aim, planned(study)))
    return {"kind": "plan_export", "as": kind, "file": str(file)}


def exported_text(place: Path, kind: str, today: date | None = None) -> str:
    """Give the same as text.

    Raises:
        UsageError: If nothing was begun.
    """
    study = Study.at(place, today)
    return WRITERS[kind](study.aim, planned(study))


def planned(study: Study) -> Plan:
    """Work out the plan as it was on the morning of this day."""
    return plan(study.aim, study.today, known(study))


def ticks(study: Study, made: Plan) -> frozenset[str]:
    """Say which tasks of the first day are done: seen in diary or plays, or ticked by hand."""
    if not made.days:
        return frozenset()
    since = study.since
    by_hand = {one.what for one in since if one.did == TICKED}
    return frozenset(
        one.id for one in made.days[0].tasks if one.id in by_hand or _seen(one, study, since)
    )


def _seen(task: Task, study: Study, since: Sequence[Entry]) -> bool:
    """Is a task done, as far as the diary and the plays of this day show?"""
    return task.kind in _SEEN and _SEEN[task.kind](task, _Done(study, since))


class _Done:
    """What was done on one day."""

    def __init__(self, study: Study, since: Sequence[Entry]) -> None:
        self.entries = since
        self.plays = study.played_since
        self.desk = study.desk

    def has(self, did: str, what: str) -> bool:
        """Does the diary of the day say this of it?"""
        return any(one.did == did and one.what == what for one in self.entries)

    def all(self, did: str) -> set[str]:
        """Of what the diary of the day says this."""
        return {one.what for one in self.entries if one.did == did}


_SEEN: Mapping[str, Callable[[Task, _Done], bool]] = {
    "diagnostic": lambda _, day: diagnosed(day.entries) and day.has(ANSWERED, ASKED),
    "cards": lambda task, day: len(recalled_in(day.entries)) >= task.count,
    "spot": lambda task, day: sum(one.mode == "spot" for one in day.plays) >= task.count,
    "case": lambda task, day: any(
        one.case == task.about and one.mode != "spot" for one in day.plays
    ),
    "lesson": lambda task, day: day.has(TAUGHT, task.about),
    "question": lambda task, day: day.has(ANSWERED, task.about) and day.has(READ, task.about),
    "form": lambda task, day: day.has(FORMED, task.command.rpartition(" ")[2]),
    "loop": lambda _, day: bool(day.all(REHEARSED)),
    "packets": lambda _, day: bool(day.all(READ)) and not unread(day.desk),
}
"""Kind of task -> is it done? What is not here is ticked by hand."""
