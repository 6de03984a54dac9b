"""Cards: concepts of lessons and words one keeps, asked again when they are about to be forgotten.

When a card is due is what FSRS says (Ye et al. 2022, A stochastic shortest path algorithm for
optimizing spaced repetition scheduling, KDD, 4381-4390; version 6 with its published weights): no
steps within a day, no chance, nine of ten recalled. The schedule is worked out from the diary each
time, so it has no state that could differ from what was done.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import IntEnum

import fsrs

from shipcall.core import UsageError
from shipcall.preparation.lesson import Card, lesson_slugs, load_lesson
from shipcall.preparation.vocabulary import vocabulary

MOST = 10
"""Cards of one day: more would crowd out cases."""
FARTHEST = 30
"""Days until which a card may wait, however well it is known."""


class Grade(IntEnum):
    """What a person says of a recall, before or after looking; the scale of FSRS."""

    AGAIN = 1
    HARD = 2
    GOOD = 3
    EASY = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """One recall of one card."""

    card: str
    at: datetime
    """With its zone."""
    grade: Grade


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one card stands."""

    card: Card
    lesson: int
    """Number of the lesson that brings it; 0: it is a word of the vocabulary."""
    recalls: int
    due: date
    """From this day on; the day it is first met, for a new card."""


def every_card() -> dict[str, tuple[int, Card]]:
    """Give all cards by their ids, with the lesson that brings each; words have lesson 0.

    In the order of lessons, and then of words.
    """
    taught = (load_lesson(slug) for slug in lesson_slugs())
    of_lessons = {card.id: (one.number, card) for one in taught for card in one.card}
    return of_lessons | {one.card.id: (0, one.card) for one in vocabulary()}


def standings(
    recalls: Iterable[Recall],
    read: Sequence[int],
    today: date,
    *,
    interview: date | None = None,
    kept: Collection[str] = (),
) -> list[Standing]:
    """Say when each card is due: of lessons that were read, kept, and those recalled before.

    Args:
        recalls: In any order.
        read: Numbers of the lessons that were read.
        today: The day it is asked; a card never recalled is due on it.
        interview: The day to be ready on: no card waits longer than half of the days left.
        kept: Ids of cards of words that the person wants to keep.

    Returns:
        The most overdue first; in the order of lessons where that is the same.
    """
    by_card: dict[str, list[Recall]] = {}
    for one in sorted(recalls, key=lambda recall: recall.at):
        by_card.setdefault(one.card, []).append(one)
    scheduler = _scheduler(today, interview)
    found = [
        Standing(
            card=card,
            lesson=lesson,
            recalls=len(by_card.get(name, [])),
            due=_due(scheduler, by_card[name]) if name in by_card else today,
        )
        for name, (lesson, card) in every_card().items()
        if lesson in read or name in by_card or name in kept
    ]
    return sorted(found, key=lambda one: (one.due, one.lesson))


def due(found: Sequence[Standing], today: date) -> list[Standing]:
    """Give the cards of a day: those that are due, the most overdue first, ten at most."""
    return [one for one in found if one.due <= today][:MOST]


def grade_of(told: str) -> Grade:
    """Read a grade: again, hard, good, easy, or 1 to 4.

    Raises:
        UsageError: If it is none.
    """
    names: Mapping[str, Grade] = {one.name.lower(): one for one in Grade}
    names = {**names, **{str(one.value): one for one in Grade}}
    grade = names.get(told.strip().lower())
    if grade is None:
        raise UsageError(f"{told!r} is no grade. Say again, hard, good or easy.")
    return grade


def _scheduler(today: date, interview: date | None) -> fsrs.Scheduler:
    left = FARTHEST if interview is None else (interview - today).days // 2
    return fsrs.Scheduler(
        learning_steps=(),
        relearning_steps=(),
        enable_fuzzing=False,
        desired_retention=0.9,
        maximum_interval=max(1, min(FARTHEST, left)),
    )


def _due(scheduler: fsrs.Scheduler, recalls: Sequence[Recall]) -> date:
    card = fsrs.Card(card_id=0)
    for one in recalls:
        noon = datetime.combine(one.at.astimezone(UTC).date(), time(12), UTC)
        card, _ = scheduler.review_card(card, fsrs.Rating(one.grade.value), noon)
    return card.due.date()
