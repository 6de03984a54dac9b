"""Cards: concepts of lessons and words one keeps, asked again when they are about to be forgotten.

When a card is due is what FSRS says (Ye et al. 2022, A stochastic shortest path algorithm for
optimizing spaced repetition scheduling, KDD, 4381-4390; version 6 with its published weights): no
steps within a day, no chance, nine of ten recalled. The schedule is worked out from the diary each
time, so it has no state that could differ from what was done.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
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
    on: date
    """The day, on the clock of the person."""
    grade: Grade
    wall: float = 0.0
    """Seconds since 1970, which tell the order of recalls within a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one card stands."""

    card: Card
    lesson: int
    """Number of the lesson that brings it; 0: it is a word of the vocabulary."""
    recalls: int
    due: date
    """From this day on; the day it is first met, for a new card."""
    memory: fsrs.Card | None
    """What FSRS keeps of it; None: it was never recalled."""


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
    for one in sorted(recalls, key=lambda recall: (recall.on, recall.wall)):
        by_card.setdefault(one.card, []).append(one)
    found = [
        _standing(card, lesson, by_card.get(name, []), today, interview)
        for name, (lesson, card) in every_card().items()
        if lesson in read or name in by_card or name in kept
    ]
    return sorted(found, key=lambda one: (one.due, one.lesson))


def _standing(
    card: Card, lesson: int, recalls: Sequence[Recall], today: date, interview: date | None
) -> Standing:
    memory = None
    for one in recalls:
        memory = _recalled(memory, one.grade, one.on)
    due_on = _due(memory, _longest(today, interview)) if memory else today
    return Standing(card=card, lesson=lesson, recalls=len(recalls), due=due_on, memory=memory)


def due(found: Sequence[Standing], today: date, *, done: int = 0) -> list[Standing]:
    """Give the cards of a day: those that are due, the most overdue first, ten at most.

    Args:
        found: From `standings`.
        today: The day.
        done: Recalled on this day already; they count towards the ten.
    """
    return [one for one in found if one.due <= today][: max(0, MOST - done)]


class Forecast:
    """How many cards each day to come will bring; a forecast, as nobody recalled them yet.

    It takes every card for recalled with the grade good on the day it comes, ten a day at most,
    and every card of a lesson for met on the day after the lesson. Cards that are not recalled
    come again sooner, so days will bring rather more than this.
    """

    def __init__(self, found: Sequence[Standing], interview: date | None) -> None:
        """Begin with where the cards stand.

        Args:
            found: From `standings`.
            interview: The day to be ready on.
        """
        self._interview = interview
        self._memories = {one.card.id: one.memory for one in found}
        self._met = {one.card.id: one.due for one in found}

    def taken(self, on: date) -> int:
        """Recall what is due on a day, and say how many cards those were.

        Args:
            on: Days have to be asked in their order.
        """
        longest = _longest(on, self._interview)
        when = {
            name: _due(memory, longest) if memory else self._met[name]
            for name, memory in self._memories.items()
        }
        taken = sorted((name for name in when if when[name] <= on), key=lambda name: when[name])
        for name in taken[:MOST]:
            self._memories[name] = _recalled(self._memories[name], Grade.GOOD, on)
        return len(taken[:MOST])

    def learned(self, slug: str, on: date) -> None:
        """Read a lesson on a day: its cards come from the next day on."""
        for card in load_lesson(slug).card:
            if card.id not in self._memories:
                self._memories[card.id] = None
                self._met[card.id] = on + timedelta(days=1)


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


_SCHEDULER = fsrs.Scheduler(
    learning_steps=(),
    relearning_steps=(),
    enable_fuzzing=False,
    desired_retention=0.9,
    maximum_interval=FARTHEST,
)


def _recalled(memory: fsrs.Card | None, grade: Grade, on: date) -> fsrs.Card:
    """What FSRS keeps after one more recall; a day is a day to it, so all are at its noon."""
    noon = datetime.combine(on, time(12), UTC)
    found, _ = _SCHEDULER.review_card(
        memory or fsrs.Card(card_id=0), fsrs.Rating(grade.value), noon
    )
    return found


def _longest(today: date, interview: date | None) -> int:
    """Days a card may wait: half of those that are left, at least one and at most 30."""
    left = FARTHEST if interview is None else (interview - today).days // 2
    return max(1, min(FARTHEST, left))


def _due(memory: fsrs.Card, longest: int) -> date:
    """When a card comes again. The longest wait changes when that is, and not what is kept."""
    if memory.last_review is None:
        raise ValueError("a card that was never recalled has no day to come again")
    waits = min(memory.due - memory.last_review, timedelta(days=longest))
    return (memory.last_review + waits).date()
