"""The debrief opens the truth, scores the call and gives one rule to carry."""

import json

import pytest

from shipcall.core import Action, Call, UsageError
from shipcall.practice.case import Case, load_case, open_case
from shipcall.practice.debrief import debrief
from shipcall.practice.panels import judge_case
from shipcall.release.judge import Judgement


@pytest.fixture(scope="module")
def case() -> Case:
    return load_case("hidden-slice")


@pytest.fixture(scope="module")
def judgement(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Judgement:
    return judge_case(case, open_case(case, tmp_path_factory.mktemp("play")))


def said(action: Action, probability: float = 0.02) -> Call:
    return Call(action=action, probability=probability, why="pt loses", by="me", blind=True)


def test_the_contract_makes_the_best_call_and_names_the_slice(
    case: Case, judgement: Judgement
) -> None:
    told = debrief(case, judgement, said(Action.NO_SHIP), looked=("slices",))
    assert told["verdict"]["call"] == "NO SHIP"
    assert told["verdict"]["because"] == ["slice.language=pt"]
    assert told["verdict"]["failed"] == [told["truth"]["slice"]] == ["language=pt"]
    assert told["score"]["decision"]["best"] == "NO SHIP"


def test_the_truth_matches_the_world_it_was_drawn_from(case: Case, judgement: Judgement) -> None:
    """.09 - .05 = .04 elsewhere, less .20 there; seen 34 - 102 of 387."""
    truth = debrief(case, judgement, said(Action.HOLD))["truth"]
    assert truth["true_difference_elsewhere"] == pytest.approx(0.04)
    assert truth["true_difference_there"] == pytest.approx(-0.16)
    assert truth["difference_seen_there"] == pytest.approx(-68 / 387)


def test_the_ladder_runs_from_the_habit_of_shipping_to_the_careful_reader(
    case: Case, judgement: Judgement
) -> None:
    """Chance of broken .999: SHIP -39.95, HOLD -3.989, NO SHIP -.002."""
    ladder = debrief(case, judgement, said(Action.HOLD))["score"]["ladder"]
    lost = {rung["who"]: rung["loss"] for rung in ladder}
    assert lost["always SHIP"] == pytest.approx(39.948)
    assert lost["always HOLD"] == pytest.approx(3.987)
    assert lost["best call on the launch slide alone"] == pytest.approx(3.987)
    assert lost["the contract's verdict"] == lost["careful reader who looked everywhere"] == 0


def test_the_debrief_says_whether_the_slices_were_asked_for(
    case: Case, judgement: Judgement
) -> None:
    call = said(Action.HOLD)
    assert not debrief(case, judgement, call, looked=("headline",))["you"]["asked_for_slices"]
    assert debrief(case, judgement, call, looked=("flips:tier=pro",))["you"]["asked_for_slices"]


def test_one_case_is_not_called_a_measure_of_a_person(case: Case, judgement: Judgement) -> None:
    assert (
        "says little about a person" in debrief(case, judgement, said(Action.HOLD))["score"]["note"]
    )


def test_the_rule_to_carry_is_one_sentence_and_comes_with_its_clause(
    case: Case, judgement: Judgement
) -> None:
    carry = debrief(case, judgement, said(Action.HOLD))["carry"]
    assert carry["rule"].count(".") == 1
    assert carry["clause"].startswith("[slices]")


def test_the_debrief_can_be_written_as_json(case: Case, judgement: Judgement) -> None:
    told = debrief(case, judgement, said(Action.SHIP, 0.9))
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_a_call_that_the_case_does_not_offer_has_no_debrief(
    case: Case, judgement: Judgement
) -> None:
    with pytest.raises(UsageError, match="SHIP, HOLD, NO SHIP"):
        debrief(case, judgement, said(Action.ADVANCE))
