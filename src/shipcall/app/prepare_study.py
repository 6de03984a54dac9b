"""Study: everything a plan is worked out from, at one place and on the morning of one day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path

from shipcall.app.practise_room import Room, kept, open_room
from shipcall.app.prepare import Desk, desk_at
from shipcall.app.prepare_loops import rehearsal_view
from shipcall.core import UsageError
from shipcall.practice.finished import Finished
from shipcall.practice.journal import Entry
from shipcall.practice.retelling.words import DUE_DAYS
from shipcall.practice.tracker import shelf
from shipcall.preparation.aim import BEGUN, Aim, aim_from
from shipcall.preparation.cards import Recall, due, grade_of, standings
from shipcall.preparation.diagnostic import APART as COMPARED
from shipcall.preparation.diary import ANSWERED, RECALLED, REHEARSED, TAUGHT
from shipcall.preparation.lesson import load_lesson
from shipcall.preparation.plan import Known, Shelved
from shipcall.preparation.seen import APART, DIAGNOSED, items_of, wall_of
from shipcall.preparation.skills import needs, skill_of

FORMED, TICKED = "formed", "ticked"
"""What the diary says of a form that was answered, and of a task that was ticked by hand."""


def today_utc() -> date:
    """The day it is, UTC."""
    return datetime.now(UTC).date()


@dataclass(frozen=True)
class Study:
    """Everything a plan is worked out from, at one place on one day."""

    desk: Desk
    room: Room
    today: date

    @classmethod
    def at(cls, place: Path, today: date | None = None) -> "Study":
        """Find where a person prepares and plays."""
        return cls(desk=desk_at(place), room=open_room(place), today=today or today_utc())

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The whole diary; empty where there is none."""
        diary = self.desk.diary
        return diary.entries if diary else ()

    @cached_property
    def finished(self) -> list[Finished]:
        """All plays that were revealed."""
        return kept(self.room).finished

    @property
    def dawn(self) -> float:
        """When the day begins, in seconds since 1970."""
        return datetime(*self.today.timetuple()[:3], tzinfo=UTC).timestamp()

    @property
    def aim(self) -> Aim:
        """The newest aim.

        Raises:
            UsageError: If nothing was begun.
        """
        begun = [one for one in self.entries if one.did == BEGUN]
        if not begun:
            raise UsageError(
                "nothing was begun here. Name a company and a day: shipcall practice begin "
                f"--company Anthropic --interview {self.today + timedelta(days=30)}"
            )
        return aim_from(begun[-1].held)

    @property
    def before(self) -> list[Entry]:
        """What the diary held on the morning; a diagnostic counts as soon as it is through."""
        through = diagnosed(self.entries)
        return [
            one
            for one in self.entries
            if one.wall < self.dawn or (through and one.held.get("of") == DIAGNOSED)
        ]

    @property
    def played_before(self) -> list[Finished]:
        """Plays that were revealed by the morning, and those of a diagnostic that is through."""
        asked = {str(one.held.get("play")) for one in self.before}
        return [one for one in self.finished if wall_of(one.at) < self.dawn or one.id in asked]

    @property
    def since(self) -> list[Entry]:
        """What was done on this day."""
        return [one for one in self.entries if 0 <= one.wall - self.dawn < 86_400]

    @property
    def played_since(self) -> list[Finished]:
        """Plays that were revealed on this day."""
        return [one for one in self.finished if 0 <= wall_of(one.at) - self.dawn < 86_400]


def known(study: Study) -> Known:
    """Gather what was known on the morning."""
    before, played = study.before, study.played_before
    done = {did: {one.what for one in before if one.did == did} for did in (TAUGHT, ANSWERED)}
    formed = [one.what for one in before if one.did == FORMED]
    rehearsed = [one for one in before if one.did == REHEARSED and one.wall < study.dawn]
    return Known(
        needs=needs(study.aim.loops, items_of(before, played)),
        cases=shelved(played),
        lessons=frozenset(done[TAUGHT]),
        questions=frozenset(done[ANSWERED] | _compared(study.entries)),
        forms={name: formed.count(name) for name in set(formed)},
        ticked=frozenset(one.what for one in before if one.did == TICKED),
        cards=_cards_due(study, before),
        diagnosed=diagnosed([one for one in study.entries if one.wall < study.dawn]),
        rehearsals=len(rehearsed),
        unread=bool(rehearsed) and unread(study.desk),
    )


def _compared(entries: Sequence[Entry]) -> set[str]:
    """The question whose strong answer the diagnostic shows, once it did."""
    return {COMPARED} if any(one.held.get("part") == APART for one in entries) else set()


def diagnosed(entries: Sequence[Entry]) -> bool:
    """Is a diagnostic through, apart from the answer in writing?"""
    return any(one.did == DIAGNOSED and one.held.get("part") == APART for one in entries)


def shelved(played: Sequence[Finished]) -> list[Shelved]:
    """Give every case with the skill it trains and the day it comes back after these plays."""
    last = {one.case: one for one in sorted(played, key=lambda one: one.at)}
    return [
        Shelved(
            id=case.id,
            slug=case.slug,
            title=case.title,
            minutes=case.minutes,
            skill=skill_of(case),
            due=_back(last[case.id]) if case.id in last else None,
        )
        for case in shelf().values()
    ]


def _back(play: Finished) -> date:
    grade = play.score["decision"]["grade"]
    return date.fromisoformat(play.at[:10]) + timedelta(days=DUE_DAYS[grade])


def _cards_due(study: Study, before: Sequence[Entry]) -> int:
    recalls = recalls_of(before)
    read = [load_lesson(one.what).number for one in before if one.did == TAUGHT]
    found = standings(recalls, read, study.today, interview=study.aim.interview)
    return len(due(found, study.today))


def recalls_of(entries: Sequence[Entry]) -> list[Recall]:
    """Read the recalls of a diary."""
    return [
        Recall(
            card=one.what,
            at=datetime.fromtimestamp(one.wall, UTC),
            grade=grade_of(str(one.held["grade"])),
        )
        for one in entries
        if one.did == RECALLED
    ]


def unread(desk: Desk) -> bool:
    """Is there a question of the newest rehearsal that was not answered or read?"""
    return bool(rehearsal_view(desk)["committee"]["unread"])
