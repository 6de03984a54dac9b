"""Cards of the day: what is due, and what a person said of each recall."""

import time
from datetime import UTC, date, datetime
from typing import Any

from shipcall.app.prepare import Desk
from shipcall.core import UsageError, plain
from shipcall.preparation.cards import Recall, due, every_card, grade_of, standings
from shipcall.preparation.diary import KEPT, RECALLED, TAUGHT, Diary
from shipcall.preparation.lesson import load_lesson

View = dict[str, Any]


def cards_view(desk: Desk, *, interview: date | None = None) -> View:
    """Show the cards of today, without their backs, and how many wait.

    Args:
        desk: Of the person.
        interview: The day to be ready on.
    """
    diary, today = desk.diary, datetime.now(UTC).date()
    recalls = _recalls(diary) if diary else []
    read = [load_lesson(entry.what).number for entry in diary.of(TAUGHT)] if diary else []
    kept = [entry.what for entry in diary.of(KEPT)] if diary else []
    found = standings(recalls, read, today, interview=interview, kept=kept)
    return {
        "kind": "cards",
        "today": today.isoformat(),
        "known": len(found),
        "all": len(every_card()),
        "recalls": len(recalls),
        "due": [
            plain(
                {"id": one.card.id, "front": one.card.front, "lesson": one.lesson, "due": one.due}
            )
            for one in due(found, today)
        ],
    }


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
    desk.write().add(RECALLED, name, held, wall=time.time())
    return {**sides, **held}


def _recalls(diary: Diary) -> list[Recall]:
    return [
        Recall(
            card=entry.what,
            at=datetime.fromtimestamp(entry.wall, UTC),
            grade=grade_of(str(entry.held["grade"])),
        )
        for entry in diary.of(RECALLED)
    ]
