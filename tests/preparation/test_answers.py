"""Answers: locked before the strong one is seen, and read by pointing at what is there."""

from pathlib import Path

import pytest

from shipcall.app.prepare import (
    Desk,
    bank,
    desk_at,
    lock_answer,
    question_view,
    read_answer,
    self_knowledge,
)
from shipcall.core import UsageError

NAME = "ship-new-recommender"
TEXT = """We write down with research what better means. New users may lose 0.5 points.
If complaints are more than 20 % above the old version for a day, we roll back."""
HIDDEN = ("strong", "weak", "criteria", "red_flags", "drill")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return desk_at(tmp_path)


def test_nothing_is_revealed_before_an_answer(desk: Desk) -> None:
    shown = question_view(desk, NAME)
    assert not shown["locked"]
    assert not set(HIDDEN) & set(shown)


def test_looking_writes_no_diary(desk: Desk) -> None:
    bank(desk)
    question_view(desk, NAME)
    assert not desk.folder.exists()


def test_a_locked_answer_reveals_and_stays(desk: Desk) -> None:
    shown = lock_answer(desk, NAME, TEXT, seconds=90.0)
    assert set(HIDDEN) <= set(shown)
    assert shown["answer"]["text"] == TEXT
    again = question_view(Desk(folder=desk.folder), NAME)
    assert again["answer"]["digest"] == shown["answer"]["digest"]


def test_a_second_answer_does_not_erase_the_first(desk: Desk) -> None:
    lock_answer(desk, NAME, "First try.", seconds=1.0)
    lock_answer(desk, NAME, TEXT, seconds=2.0)
    diary = desk.diary
    assert diary is not None
    assert [one.answer.text for one in diary.answers(NAME)] == ["First try.", TEXT]


def test_a_criterion_is_met_by_a_sentence_of_ones_own_or_not_at_all(desk: Desk) -> None:
    lock_answer(desk, NAME, TEXT, seconds=1.0)
    shown = read_answer(desk, NAME, {"regression-budget": [2], "committed": []})
    met = {one["criterion"]: one["quotes"] for one in shown["readings"][-1]["met"]}
    assert met["regression-budget"] == ["New users may lose 0.5 points."]
    assert not met["committed"]
    assert not met["slices"]


@pytest.mark.parametrize(
    ("marks", "said"),
    [({"charm": [1]}, "no criterion 'charm'"), ({"committed": [9]}, "no sentence 9")],
)
def test_what_is_not_there_cannot_be_ticked(
    desk: Desk, marks: dict[str, list[int]], said: str
) -> None:
    lock_answer(desk, NAME, TEXT, seconds=1.0)
    with pytest.raises(UsageError, match=said):
        read_answer(desk, NAME, marks)


def test_an_empty_answer_is_refused(desk: Desk) -> None:
    with pytest.raises(UsageError, match="nothing was written"):
        lock_answer(desk, NAME, " \n ", seconds=1.0)
    assert not question_view(desk, NAME)["locked"]


def test_nothing_is_read_before_it_is_answered(desk: Desk) -> None:
    with pytest.raises(UsageError, match="nothing was answered"):
        read_answer(desk, NAME, {})


def test_signs_are_found_in_words_and_quoted(desk: Desk) -> None:
    signs = lock_answer(desk, NAME, TEXT, seconds=1.0)["signs"]
    assert signs["a number"] == "New users may lose 0.5 points."
    assert "roll back" in signs["a trigger with metric, bar, window and action"]
    assert signs["a slice, by name"] is None


def test_self_and_peer_are_compared_on_the_same_answer(desk: Desk) -> None:
    lock_answer(desk, NAME, TEXT, seconds=1.0)
    read_answer(desk, NAME, {"regression-budget": [2], "slices": [1]})
    read_answer(desk, NAME, {"regression-budget": [2]}, reader="Ada")
    found = self_knowledge(desk)
    assert (found["criteria"], found["own"], found["peers"], found["differ"]) == (9, 2, 1, 1)


def test_a_later_reading_by_the_same_person_replaces_the_earlier(desk: Desk) -> None:
    lock_answer(desk, NAME, TEXT, seconds=1.0)
    read_answer(desk, NAME, {"slices": [1]})
    read_answer(desk, NAME, {})
    read_answer(desk, NAME, {}, reader="Ada")
    assert self_knowledge(desk)["own"] == 0


def test_a_diary_that_was_edited_is_refused(desk: Desk) -> None:
    lock_answer(desk, NAME, TEXT, seconds=1.0)
    path = desk.folder / "diary.jsonl"
    path.write_text(path.read_text().replace("0.5", "0.1"))
    with pytest.raises(UsageError, match="not what was written"):
        question_view(desk, NAME)


def test_the_bank_narrows(desk: Desk) -> None:
    every = bank(desk)
    some = bank(desk, {"covers": "p1"})
    assert 0 < len(some["questions"]) < len(every["questions"]) == every["count"]
    assert all("P1" in one["covers"] for one in some["questions"])
