"""Cards: due when FSRS says so, worked out from what was done, never more than ten."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from shipcall.app.prepare import Desk, desk_at, lesson_told
from shipcall.app.prepare_cards import card_view, cards_view, recalled
from shipcall.core import UsageError
from shipcall.preparation.cards import (
    FARTHEST,
    MOST,
    Grade,
    Recall,
    due,
    every_card,
    grade_of,
    standings,
)

TODAY = date(2026, 11, 21)
NAME = "non-inferiority"


def on(day: int, grade: Grade, name: str = NAME) -> Recall:
    return Recall(
        card=name, at=datetime(2026, 11, 1, 9, tzinfo=UTC) + timedelta(days=day), grade=grade
    )


def due_after(*recalls: Recall, interview: date | None = None, today: date = TODAY) -> date:
    (one,) = [s for s in standings(recalls, [], today, interview=interview) if s.recalls]
    return one.due


@pytest.mark.parametrize(
    ("grade", "days"), [(Grade.AGAIN, 1), (Grade.HARD, 1), (Grade.GOOD, 2), (Grade.EASY, 8)]
)
def test_the_first_interval_is_the_published_initial_stability(grade: Grade, days: int) -> None:
    """FSRS-6 default weights w0 to w3: 0.212, 1.2931, 2.3065, 8.2956 days at retention 0.9."""
    assert due_after(on(0, grade)) == date(2026, 11, 1) + timedelta(days=days)


def test_a_better_recall_is_never_asked_sooner() -> None:
    found = [due_after(on(0, Grade.GOOD), on(2, grade)) for grade in Grade]
    assert found == sorted(found)


def test_the_order_in_which_recalls_are_read_does_not_matter() -> None:
    recalls = [on(0, Grade.GOOD), on(2, Grade.HARD), on(4, Grade.EASY)]
    assert due_after(*recalls) == due_after(*reversed(recalls))


def test_no_card_waits_longer_than_a_month_or_half_of_the_days_left() -> None:
    easy = [on(day, Grade.EASY) for day in (0, 10, 20)]
    last = date(2026, 11, 21)
    assert due_after(*easy) == last + timedelta(days=FARTHEST)
    assert due_after(*easy, interview=TODAY + timedelta(days=8)) == last + timedelta(days=4)


def test_after_the_interview_there_is_still_a_schedule() -> None:
    assert due_after(on(0, Grade.EASY), interview=date(2026, 10, 1)) == date(2026, 11, 2)


def test_only_lessons_that_were_read_bring_cards() -> None:
    assert standings([], [], TODAY) == []
    assert {one.lesson for one in standings([], [3, 5], TODAY)} == {3, 5}


def test_a_day_has_at_most_ten_cards_and_the_most_overdue_come_first() -> None:
    overdue = on(0, Grade.AGAIN, "rollback-trigger")
    found = due(standings([overdue], list(range(1, 30)), TODAY), TODAY)
    assert len(found) == MOST
    assert found[0].card.id == "rollback-trigger"


@pytest.mark.parametrize("told", ["good", "GOOD ", "3"])
def test_a_grade_is_a_word_or_a_number(told: str) -> None:
    assert grade_of(told) is Grade.GOOD


@pytest.mark.parametrize("told", ["", "5", "perfect"])
def test_what_is_no_grade_is_refused(told: str) -> None:
    with pytest.raises(UsageError, match="is no grade"):
        grade_of(told)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return desk_at(tmp_path)


def test_a_lesson_brings_its_cards_and_a_recall_sends_them_away(desk: Desk) -> None:
    assert cards_view(desk)["due"] == []
    lesson_told(desk, "3")
    assert next(one["id"] for one in cards_view(desk)["due"]) == NAME
    assert all("back" not in one for one in cards_view(desk)["due"])
    assert recalled(desk, NAME, "good")["back"] == every_card()[NAME][1].back
    assert NAME not in [one["id"] for one in cards_view(desk)["due"]]
    assert cards_view(desk)["known"] == 3


def test_a_card_that_is_not_there_is_not_put_down(desk: Desk) -> None:
    with pytest.raises(UsageError, match="no card 'charm'"):
        recalled(desk, "charm", "good")
    assert desk.diary is None
    with pytest.raises(UsageError, match="no card"):
        card_view("charm")
