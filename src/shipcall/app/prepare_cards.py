"""Cards of the day: what is due, and what a person said of each recall."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from shipcall.app.prepare import Desk
from shipcall.app.prepare_study import recalled_in, standings_of
from shipcall.core import UsageError, plain
from shipcall.practice.journal import Entry
from shipcall.preparation.cards import due, every_card, grade_of
from shipcall.preparation.clock import Days
from shipcall.preparation.diary import BEGUN, RECALLED

View = dict[str, Any]


def cards_view(desk: Desk, *, interview: date | None = None) -> View:
    """Show the cards of today, without their backs, and how many wait.

    Args:
        desk: Of the person.
        interview: The day to be ready on; None: that of the plan, if there is one.
    """
    diary, clock = desk.diary, desk.clock
    entries, today = diary.entries if diary else (), clock.today
    days, ready = Days(entries, clock), interview or _aimed_at(entries, today)
    found = standings_of(entries, days, today, interview=ready)
    done = recalled_in(one for one in entries if days.of(one.wall) == today)
    return {
        "kind": "cards",
        "today": today.isoformat(),
        "interview": ready.isoformat() if ready else None,
        "known": len(found),
        "all": len(every_card()),
        "recalls": sum(one.did == RECALLED for one in entries),
        "done": len(done),
        "due": [
            plain(
                {"id": one.card.id, "front": one.card.front, "lesson": one.lesson, "due": one.due}
            )
            for one in due(found, today, done=len(done))
        ],
    }


def _aimed_at(entries: Sequence[Entry], today: date) -> date | None:
    """The day of the interview that the newest plan names, unless it was."""
    newest = next((one for one in reversed(entries) if one.did == BEGUN), None)
    named = date.fromisoformat(newest.held["interview"]) if newest else None
    return named if named and named >= today else None


def card_view(name: str) -> View:
    """Show both sides of a card.

    Raises:
        UsageError: If there is none of this id.
    """
    every = every_card()
    if name not in every:
        raise UsageError(f"no card {name!r}. Cards come with lessons: shipcall practice lesson")
    lesson, card = every[name]
    return {"kind": "card_sides", "lesson": lesson, **card.model_dump()}


def recalled(desk: Desk, name: str, grade: str) -> View:
    """Put down how a recall went.

    Raises:
        UsageError: If there is no such card or grade.
    """
    sides = card_view(name)
    held = {"grade": grade_of(grade).value}
    desk.write().add(RECALLED, name, held)
    return {**sides, **held}
