"""Answers of a play: each is kept before it is told, and what makes no sense is refused."""

from typing import Any

import pytest

from practice.rooms import CASE, begun
from practice.shelves import case_of, hidden
from shipcall.app import practise
from shipcall.app.practise_room import Room
from shipcall.app.practise_seat import seat
from shipcall.core import UsageError, plain
from shipcall.practice.answers import answered, asked, open_parts
from shipcall.practice.journal import read_journal
from shipcall.practice.sheet import SelfEstimate, Sheet, TriggerAnswer

# ── answers


def test_every_answer_is_in_the_journal_before_it_is_told(room: Room) -> None:
    play = begun(room)
    said: list[tuple[str, Any]] = [
        ("contract", "shipcall = 1\n"),
        ("call", "2"),
        ("causes", {"rot": 0.5, "sound": 0.25}),
        ("claims", {"worse": 0.75}),
        ("forecast", [0.1, 0.2, 0.3, 0.2, 0.2]),
        ("trigger", {"scope": "nz", "bar": 0.5, "window_days": 3}),
        ("size", 77),
        ("why", "Two in three."),
        ("estimate", {"loss_below": 0.03, "probability": 0.8}),
    ]
    for part, value in said:
        practise.answer(room, play, part, value)
        last = read_journal(room.journal_path(play)).entries[-1]
        assert (last.did, last.what) == ("answered", part)
    assert seat(room, play).session.sheet == Sheet(
        option="hold",
        causes={"rot": 0.5, "sound": 0.25},
        claims={"worse": 0.75},
        forecast=(0.1, 0.2, 0.3, 0.2, 0.2),
        trigger=TriggerAnswer(scope="nz", bar=0.5, window_days=3),
        size=77.0,
        contract="shipcall = 1\n",
        reason="Two in three.",
        estimate=SelfEstimate(loss_below=0.03, probability=0.8),
    )
    assert practise.at(room, play)["unanswered"] == ["causes", "claims"]


def test_a_contract_of_ones_own_is_never_counted_as_open(room: Room) -> None:
    view = practise.at(room, begun(room))
    assert view["parts"][0]["part"] == "contract"
    assert "contract" not in view["unanswered"]


@pytest.mark.parametrize(
    ("part", "said", "why"),
    [
        ("call", "ship it", "no option 'ship it'. There are: 1 advance"),
        ("causes", {"rot": 0.7, "sound": 0.6}, "add up to 130 %"),
        ("causes", {"rot": 0, "sound": 0, "log": 0}, "every cause has 0 %"),
        ("causes", {"rot": 1.2}, "a share lies between"),
        ("causes", {"rust": 0.2}, "no cause 'rust'"),
        ("causes", [0.2], "expected a share for each cause"),
        ("claims", {"worse": float("nan")}, "expected a number"),
        ("claims", {"worse": True}, "expected a number"),
        ("forecast", [0.5, 0.5], "has 5 bins"),
        ("forecast", "20202", "has 5 bins"),
        ("forecast", [0, 0, 0, 0, 0], "every bin has 0 %"),
        ("trigger", {"scope": "nz", "bar": 0.5}, "the trigger needs"),
        ("trigger", {"scope": "nz", "bar": 0.5, "window_days": 99}, "from 1 to 10"),
        ("trigger", {"scope": "nz", "bar": 0.5, "window_days": 1.5}, "whole days"),
        ("size", 0, "above 0"),
        ("size", "many", "expected a number"),
        ("why", 7, "expected a text"),
        ("why", "x" * 20_001, "at most 20,000"),
        ("contract", " \n", "is empty"),
        ("estimate", {"loss_below": 3, "probability": 0.8}, "a share lies between"),
        ("mood", "fine", "'mood' is not asked"),
    ],
)
def test_what_makes_no_sense_is_refused_and_not_kept(
    room: Room, part: str, said: Any, why: str
) -> None:
    play = begun(room)
    with pytest.raises(UsageError, match=why):
        practise.answer(room, play, part, said)
    assert seat(room, play).session.sheet == Sheet()


def test_causes_that_are_all_stated_are_brought_to_one_hundred_percent() -> None:
    sheet = answered(CASE, Sheet(), "causes", {"rot": 0.6, "sound": 0.6, "log": 0.3})
    assert plain(sheet.causes) == {"rot": 0.4, "sound": 0.4, "log": 0.2}


def test_an_answer_can_be_taken_back(room: Room) -> None:
    play = begun(room)
    practise.answer(room, play, "call", "hold")
    view = practise.answer(room, play, "call", None)
    assert "call" in view["unanswered"]
    assert seat(room, play).session.sheet == Sheet()


def test_text_that_is_no_unicode_is_kept_as_far_as_it_is(room: Room) -> None:
    play = begun(room)
    practise.answer(room, play, "why", "so \udcff what")
    assert seat(room, play).session.sheet.reason == "so ? what"


def test_a_contract_is_written_before_anything_is_looked_at(room: Room) -> None:
    play = begun(room)
    practise.look(room, play, "notes")
    with pytest.raises(UsageError, match="before anything was looked at; you have opened notes"):
        practise.answer(room, play, "contract", "shipcall = 1")


def test_parts_that_a_case_does_not_have_are_not_asked() -> None:
    bare = case_of({k: v for k, v in hidden().items() if k not in ("forecast", "trigger", "size")})
    assert asked(bare, "stress") == ["contract", "call", "causes", "claims", "why", "estimate"]
    assert open_parts(bare, "spot", Sheet(), "worse") == ["call", "claims"]
