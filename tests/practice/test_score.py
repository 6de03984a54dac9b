"""A call is scored by what was to be expected of it; luck and hindsight stand apart."""

import pytest

from shipcall.core import Action, Call, UsageError
from shipcall.practice.case import Case, load_case
from shipcall.practice.score import decision, expected_values, score


@pytest.fixture
def case() -> Case:
    return load_case("hidden-slice")


def said(action: Action, probability: float = 0.1) -> Call:
    return Call(action=action, probability=probability, why="read it", by="me", blind=True)


def test_expected_values_match_hand_arithmetic(case: Case) -> None:
    """.75 x 10 - .25 x 40 = -2.5; .75 x 7 - .25 x 4 = 4.25; .75 x -2 + 0 = -1.5."""
    expected = expected_values(case, 0.25)
    assert expected[Action.SHIP] == pytest.approx(-2.5)
    assert expected[Action.HOLD] == pytest.approx(4.25)
    assert expected[Action.NO_SHIP] == pytest.approx(-1.5)


def test_loss_and_stake_match_hand_arithmetic(case: Case) -> None:
    """Best HOLD 4.25, worst SHIP -2.5: stake 6.75, and NO SHIP loses 5.75 of it."""
    held = decision(case, Action.NO_SHIP, 0.25)
    assert held.best is Action.HOLD
    assert held.stake == pytest.approx(6.75)
    assert held.loss == pytest.approx(5.75)
    assert held.loss_share == pytest.approx(5.75 / 6.75)


@pytest.mark.parametrize(
    ("broken", "best"), [(0.0, Action.SHIP), (0.3, Action.HOLD), (1.0, Action.NO_SHIP)]
)
def test_each_call_is_the_best_one_under_some_belief(
    case: Case, broken: float, best: Action
) -> None:
    """A case in which one call is always best would teach nothing."""
    assert decision(case, best, broken).is_best


def test_the_case_is_solvable(case: Case) -> None:
    """Refusing beats always holding and always shipping by more than a tenth of the stake."""
    looked = ("slices",)
    assert score(case, said(Action.NO_SHIP), looked=looked).decision.is_best
    for habit in (Action.HOLD, Action.SHIP):
        assert score(case, said(habit), looked=looked).decision.loss > 0
    hold = score(case, said(Action.HOLD), looked=looked).decision
    assert hold.loss_share > 0.09
    assert score(case, said(Action.SHIP), looked=looked).decision.loss_share == 1.0


def test_a_hold_on_the_launch_slide_is_sound_reasoning_from_too_little(case: Case) -> None:
    """Inference and investigation are told apart."""
    scored = score(case, said(Action.HOLD), looked=("headline",))
    assert scored.as_looked.is_best
    assert not scored.decision.is_best


def test_brier_matches_hand_arithmetic(case: Case) -> None:
    """The release keeps its promises: 0. Said .3, squared .09; said .9, squared .81."""
    assert score(case, said(Action.HOLD, 0.3)).brier == pytest.approx(0.09)
    assert score(case, said(Action.HOLD, 0.9)).brier == pytest.approx(0.81)


def test_luck_is_what_came_less_what_was_to_be_expected(case: Case) -> None:
    """Chance of broken .999: SHIP is worth .001 x 10 - .999 x 40 = -39.95, and gave -40."""
    assert score(case, said(Action.SHIP)).luck == pytest.approx(-0.05)
    assert score(case, said(Action.NO_SHIP)).luck == pytest.approx(0.002)


def test_looking_more_never_changes_the_score_of_the_decision_itself(case: Case) -> None:
    little, much = (
        score(case, said(Action.HOLD), looked=looked) for looked in ((), ("headline", "slices"))
    )
    assert little.decision == much.decision
    assert little.as_looked != much.as_looked


def test_a_call_that_the_case_does_not_offer_has_no_score(case: Case) -> None:
    with pytest.raises(UsageError, match="SHIP, HOLD, NO SHIP"):
        score(case, said(Action.ADVANCE))
