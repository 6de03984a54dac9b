"""Loops: claims of articles as data, rehearsals without repeats, a committee that waits."""

from pathlib import Path

import pytest

from shipcall.app.prepare import Desk, desk_at, lock_answer, question_view, read_answer
from shipcall.app.prepare_loops import loop_begun, loop_view, loops_view, rehearsal_view
from shipcall.core import UsageError
from shipcall.preparation.answer import Met, Reading
from shipcall.preparation.loop import (
    Committee,
    Loop,
    committee,
    load_loop,
    loop_ids,
    read_loop,
    rehearse,
)
from shipcall.preparation.question import load_question

SMALL = """
id = "small"
company = "Small"
says = "Two rounds."
claimed_by = "a friend"
status = "own"
round = [
    { name = "depth", kind = "technical", weight = 0.6, veto = true },
    { name = "vision", kind = "product sense", weight = 0.4 },
]
"""


def read_all(loop: Loop, met: dict[str, bool], *, but: str = "") -> Committee:
    drawn = rehearse(loop, 1)
    readings = {}
    for one in drawn:
        for name in one.questions if one.round.name != but else ():
            found = tuple(
                Met(criterion=c.id, quotes=("Said.",) if met[one.round.name] else ())
                for c in load_question(name).criteria
            )
            readings[name] = Reading(question=name, reader="Ada", answer="d", met=found)
    return committee(loop, drawn, readings)


def test_the_loops_of_the_articles_are_there_and_say_who_claims_them() -> None:
    every = [load_loop(name) for name in loop_ids()]
    assert {one.company for one in every} >= {"Google", "Meta", "Anthropic", "OpenAI", "Valve"}
    assert len(every) == 9
    assert all(one.status == "claimed" and one.claimed_by.startswith("S") for one in every)


def test_where_articles_disagree_both_are_kept_and_name_each_other() -> None:
    for name in loop_ids():
        for other in load_loop(name).conflicts:
            assert name in load_loop(other).conflicts


@pytest.mark.parametrize("name", loop_ids())
def test_every_round_has_a_question_and_none_is_asked_twice(name: str) -> None:
    drawn = rehearse(load_loop(name), 3)
    asked = [question for one in drawn for question in one.questions]
    assert all(one.questions for one in drawn)
    assert len(asked) == len(set(asked))


def test_the_same_seed_asks_the_same_and_another_asks_others() -> None:
    one = load_loop("generic")
    assert rehearse(one, 1) == rehearse(one, 1)
    assert rehearse(one, 1) != rehearse(one, 2)


def test_what_was_seen_comes_when_nothing_else_is_left() -> None:
    one = load_loop("generic")
    first = {question for r in rehearse(one, 1) for question in r.questions}
    again = {question for r in rehearse(one, 1, seen=first) for question in r.questions}
    assert not first & again


def test_weights_that_do_not_sum_to_one_are_refused() -> None:
    with pytest.raises(UsageError, match="sum to 90 %"):
        read_loop(SMALL.replace("0.6", "0.5"), name="small.toml")


def test_a_weight_for_some_rounds_only_is_refused() -> None:
    with pytest.raises(UsageError, match="every round has a weight or none"):
        read_loop(SMALL.replace(", weight = 0.4", ""), name="small.toml")


def test_nothing_is_said_of_the_whole_while_a_round_is_unread() -> None:
    loop = read_loop(SMALL, name="small.toml")
    told = read_all(loop, {"depth": True, "vision": True}, but="vision")
    assert told.unread == ("vision",)
    assert told.share is None


def test_a_question_that_was_left_out_does_not_look_good() -> None:
    """One answer of each round, all criteria met: the others are missing, and so is the whole."""
    loop = read_loop(SMALL, name="small.toml")
    drawn = rehearse(loop, 1)
    assert all(len(one.questions) > 1 for one in drawn)
    readings = {}
    for one in drawn:
        name = one.questions[0]
        met = tuple(Met(criterion=c.id, quotes=("Said.",)) for c in load_question(name).criteria)
        readings[name] = Reading(question=name, reader="Ada", answer="d", met=met)
    told = committee(loop, drawn, readings)
    assert told.unread == ("depth", "vision")
    assert told.share is None


def test_a_strong_vision_does_not_outvote_a_veto() -> None:
    loop = read_loop(
        SMALL.replace('kind = "technical"', 'kind = "technical", minutes = 120'), name="s"
    )
    told = read_all(loop, {"depth": False, "vision": True})
    assert told.vetoes == ("depth",)
    assert told.conflicts == (("vision", "depth"),)
    assert told.share == pytest.approx(0.4)
    assert told.blocks["ML"] == 0.0


def test_few_answers_show_neither_a_conflict_nor_a_veto() -> None:
    """Nothing met of 2 answers leaves up to 78 % open: 1 - 0.05 ** (1 / 2)."""
    loop = read_loop(
        SMALL.replace('kind = "technical"', 'kind = "technical", minutes = 22'), name="s"
    )
    told = read_all(loop, {"depth": False, "vision": True})
    depth = told.packets[0]
    answers = len(rehearse(loop, 1)[0].questions)
    assert depth.high == pytest.approx(1 - 0.05 ** (1 / answers))
    assert not told.vetoes


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return desk_at(tmp_path)


def test_a_rehearsal_counts_the_first_answer_since_it_began(desk: Desk) -> None:
    begun = loop_begun(desk, "generic", seed=1)
    name = begun["rounds"][0]["questions"][0]["id"]
    criterion = load_question(name).criteria[0].id
    lock_answer(desk, name, "We agree before training.", seconds=1.0)
    read_answer(desk, name, {})
    lock_answer(desk, name, "Copied from the strong answer.", seconds=1.0)
    read_answer(desk, name, {criterion: [1]})
    packet = rehearsal_view(desk)["committee"]["packets"][0]
    assert packet["met"] == 0
    assert packet["criteria"] == len(question_view(desk, name)["criteria"])


def test_a_peer_counts_before_oneself(desk: Desk) -> None:
    begun = loop_begun(desk, "generic", seed=1)
    name = begun["rounds"][0]["questions"][0]["id"]
    criterion = load_question(name).criteria[0].id
    lock_answer(desk, name, "We agree before training.", seconds=1.0)
    read_answer(desk, name, {criterion: [1]}, reader="Ada")
    read_answer(desk, name, {})
    assert rehearsal_view(desk)["committee"]["packets"][0]["met"] == 1


def test_no_rehearsal_is_no_committee(desk: Desk) -> None:
    with pytest.raises(UsageError, match="no rehearsal was begun"):
        rehearsal_view(desk)


def test_a_loop_of_ones_own_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(SMALL, encoding="utf-8")
    assert loop_view(str(path))["status"] == "own"
    with pytest.raises(UsageError, match="cannot be read"):
        loop_view(str(tmp_path / "gone.toml"))


def test_every_view_says_that_it_is_a_claim() -> None:
    assert "Claimed by an article" in loops_view()["note"]
