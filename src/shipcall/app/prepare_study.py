"""Study: everything a plan is worked out from, at one place and on the morning of one day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

from shipcall.app.practise_room import Room, kept, open_room
from shipcall.app.prepare import Desk, desk_at
from shipcall.app.prepare_loops import rehearsal_view
from shipcall.core import UsageError
from shipcall.practice.finished import Finished
from shipcall.practice.journal import Entry
from shipcall.practice.scoring.score import DUE_DAYS
from shipcall.practice.shelf import shelf
from shipcall.preparation.aim import Aim, aim_from
from shipcall.preparation.cards import Recall, Standing, grade_of, standings
from shipcall.preparation.clock import Days
from shipcall.preparation.diagnostic import APART as COMPARED
from shipcall.preparation.diary import ANSWERED, BEGUN, KEPT, RECALLED, REHEARSED, TAUGHT
from shipcall.preparation.lesson import load_lesson
from shipcall.preparation.plan import Known, Shelved
from shipcall.preparation.seen import APART, DIAGNOSED, items_of, wall_of
from shipcall.preparation.skills import needs, skill_of

FORMED, TICKED = "formed", "ticked"
"""What the diary says of a form that was answered, and of a task that was ticked by hand."""


@dataclass(frozen=True)
class Study:
    """Everything a plan is worked out from, at one place on one day."""

    desk: Desk
    room: Room
    today: date

    @classmethod
    def at(cls, place: Path, today: date | None = None) -> "Study":
        """Find where a person prepares and plays."""
        desk = desk_at(place)
        return cls(desk=desk, room=open_room(place), today=today or desk.clock.today)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The whole diary; empty where there is none."""
        diary = self.desk.diary
        return diary.entries if diary else ()

    @cached_property
    def finished(self) -> list[Finished]:
        """All plays that were revealed."""
        return kept(self.room).finished

    @cached_property
    def days(self) -> Days:
        """On which day of the person each thing was done."""
        return Days(self.entries, self.desk.clock)

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
            if self._early(one.wall) or (through and one.held.get("of") == DIAGNOSED)
        ]

    @property
    def played_before(self) -> list[Finished]:
        """Plays that were revealed by the morning, and those of a diagnostic that is through."""
        asked = {str(one.held.get("play")) for one in self.before}
        return [one for one in self.finished if self._early(wall_of(one.at)) or one.id in asked]

    @property
    def since(self) -> list[Entry]:
        """What was done on this day."""
        return [one for one in self.entries if self.days.of(one.wall) == self.today]

    @property
    def played_since(self) -> list[Finished]:
        """Plays that were revealed on this day."""
        return [one for one in self.finished if self.days.of(wall_of(one.at)) == self.today]

    def _early(self, wall: float) -> bool:
        """Was it done before the morning?"""
        return self.days.of(wall) < self.today


def known(study: Study) -> Known:
    """Gather what was known on the morning."""
    before, played = study.before, study.played_before
    done = {did: {one.what for one in before if one.did == did} for did in (TAUGHT, ANSWERED)}
    formed = [one.what for one in before if one.did == FORMED]
    early = [one for one in study.entries if study.days.of(one.wall) < study.today]
    rehearsed = [one for one in early if one.did == REHEARSED]
    return Known(
        needs=needs(study.aim.loops, items_of(before, played)),
        cases=shelved(played, study.days),
        lessons=frozenset(done[TAUGHT]),
        questions=frozenset(done[ANSWERED] | _compared(study.entries)),
        forms={name: formed.count(name) for name in set(formed)},
        ticked=frozenset(one.what for one in before if one.did == TICKED),
        cards=standings_of(before, study.days, study.today, interview=study.aim.interview),
        diagnosed=diagnosed(early),
        rehearsals=len(rehearsed),
        unread=bool(rehearsed) and unread(study.desk),
    )


def _compared(entries: Sequence[Entry]) -> set[str]:
    """The question whose strong answer the diagnostic shows, once it did."""
    return {COMPARED} if any(one.held.get("part") == APART for one in entries) else set()


def diagnosed(entries: Sequence[Entry]) -> bool:
    """Is a diagnostic through, apart from the answer in writing?"""
    return any(one.did == DIAGNOSED and one.held.get("part") == APART for one in entries)


def shelved(played: Sequence[Finished], days: Days) -> list[Shelved]:
    """Give every case with the skill it trains and the day it comes back after these plays."""
    last = {one.case: one for one in sorted(played, key=lambda one: one.at)}
    return [
        Shelved(
            id=case.id,
            slug=case.slug,
            title=case.title,
            minutes=case.minutes,
            skill=skill_of(case),
            due=_back(last[case.id], days) if case.id in last else None,
        )
        for case in shelf().values()
    ]


def _back(play: Finished, days: Days) -> date:
    grade = play.score["decision"]["grade"]
    return days.of(wall_of(play.at)) + timedelta(days=DUE_DAYS[grade])


def standings_of(
    entries: Sequence[Entry], days: Days, today: date, *, interview: date | None
) -> list[Standing]:
    """Say where the cards of a diary stand: of lessons read, words kept, and all recalled before.

    Args:
        entries: Those that count, of a diary.
        days: Of the whole diary.
        today: The day it is asked.
        interview: The day to be ready on.
    """
    recalls = [
        Recall(
            card=one.what,
            on=days.of(one.wall),
            wall=one.wall,
            grade=grade_of(str(one.held["grade"])),
        )
        for one in entries
        if one.did == RECALLED
    ]
    return standings(
        recalls,
        [load_lesson(one.what).number for one in entries if one.did == TAUGHT],
        today,
        interview=interview,
        kept=[one.what for one in entries if one.did == KEPT],
    )


def recalled_in(entries: Iterable[Entry]) -> set[str]:
    """Give the cards recalled in these lines; those of a diagnostic are no work of a day."""
    mine = (one for one in entries if one.did == RECALLED and one.held.get("of") != DIAGNOSED)
    return {one.what for one in mine}


def unread(desk: Desk) -> bool:
    """Is there a question of the newest rehearsal that was not answered or read?"""
    return bool(rehearsal_view(desk)["committee"]["unread"])
