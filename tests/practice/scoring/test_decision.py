"""The call, by hand. Worth of the options of the tiny case (points trap, twin, other):

advance  w = -10 harm                               -20        10         0
hold     .1 w + .8 w Phi(w / 4) - 1                 -3.0000046  7.9503227 -1
back     3 where the log is wrong                     0          0         3

Phi(-5) = 2.8665e-7 and Phi(2.5) = 0.9937903, from a printed table.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.tiny import PANELS, tiny_play
from shipcall.practice.belief import log_likelihoods
from shipcall.practice.language import PRIORS
from shipcall.practice.laws import Floats
from shipcall.practice.play import Play
from shipcall.practice.scoring.decision import decision_score, grade_of, share_lost
from shipcall.practice.scoring.score import Decision, Grade

NOTHING_TOLD: dict[str, Floats] = {name: np.zeros(3) for name in PANELS}
TRAP_TOLD = NOTHING_TOLD | {"effect": np.array([0.0, -1000.0, -1000.0])}


def called(
    option: str | None, *, truth: int = 0, logs: dict[str, Floats] | None = None
) -> Decision:
    return decision_score(
        tiny_play(truth=truth), option, [], best=[], logs=NOTHING_TOLD if logs is None else logs
    )


def test_expected_worth_is_the_sum_over_what_may_be() -> None:
    """Chances .3, .5, .2: advance -6 + 5 = -1; hold -.9 + 3.975161 - .2; back .6."""
    found = called("hold")
    assert found.expected == pytest.approx({"advance": -1.0, "hold": 2.87516, "back": 0.6})
    assert found.best == "hold"
    assert found.stake == pytest.approx(3.87516)


def test_the_loss_is_a_share_of_the_stake_under_each_view() -> None:
    """Hopeful .2, .6, .2: advance 2, hold 3.970193, back .6. Doubtful .4, .4, .2: advance -4,
    hold 1.780127, back .6. So back loses 2.27516 of 3.87516, 3.370193 of the same, 1.180127 of
    5.780127."""
    found = called("back")
    assert found.loss == pytest.approx(2.27516)
    assert found.losses == pytest.approx(
        {"published": 0.587114, "hopeful": 1.0, "doubtful": 0.204170}, abs=1e-6
    )
    assert found.loss_share == found.losses["published"]
    assert found.grade == "blunder"


@pytest.mark.parametrize(
    ("published", "hopeful", "doubtful", "grade"),
    [
        (0.01, 0.9, 0.9, "best"),
        (0.03, 0.9, 0.9, "good"),
        (0.08, 0.9, 0.9, "inaccuracy"),
        (0.15, 0.15, 0.15, "mistake"),
        (0.15, 0.15, 0.07, "inaccuracy"),
        (0.15, 0.0, 0.15, "inaccuracy"),
        (0.9, 0.9, 0.9, "blunder"),
        (0.9, 0.9, 0.1, "mistake"),
        (0.9, 0.02, 0.9, "inaccuracy"),
    ],
)
def test_a_call_is_a_mistake_only_if_it_is_one_under_every_view(
    published: float, hopeful: float, doubtful: float, grade: Grade
) -> None:
    assert grade_of(dict(zip(PRIORS, (published, hopeful, doubtful), strict=True))) == grade


def test_options_within_a_hundredth_of_the_stake_are_all_best() -> None:
    """All but certainly the trap: advance -20, hold -3, back 0, so nothing is near back."""
    assert called("back", logs=TRAP_TOLD).as_good == ["back"]
    alike = {"name": "again", "title": "The same", "call": "ROLL BACK", "costs": 0.19}
    play = tiny_play()
    more = tiny_play(option=[*(one.model_dump() for one in play.case.option), alike])
    found = decision_score(more, "again", [], best=[], logs=TRAP_TOLD)
    assert found.as_good == ["back", "again"]
    assert found.grade == "best"
    assert found.loss == pytest.approx(0.19, abs=1e-5)


def test_no_call_loses_the_whole_stake_and_has_no_luck() -> None:
    found = called(None, truth=1)
    assert found.loss == found.stake
    assert (found.loss_share, found.grade, found.luck) == (1.0, "blunder", 0.0)
    assert found.hindsight == 10.0
    assert called(None).as_looked == 1.0


def test_no_call_is_no_better_where_nothing_is_at_stake() -> None:
    assert share_lost(np.zeros(3), None) == 1.0
    assert share_lost(np.zeros(3), 1) == 0.0


def test_luck_and_hindsight_stand_apart_from_the_decision() -> None:
    """Advance is worth -1 on the evidence and -20 in the trap, where back is worth 0."""
    unlucky, lucky = called("advance", truth=0), called("advance", truth=1)
    assert unlucky.loss == lucky.loss
    assert (unlucky.luck, lucky.luck) == pytest.approx((-19.0, 11.0))
    assert (unlucky.hindsight, lucky.hindsight) == (20.0, 0.0)


def test_what_was_not_looked_at_is_part_of_the_decision_only() -> None:
    """The effect gives the trap away; whoever never looks holds, and loses 3 of 20."""
    found = called("hold", logs=TRAP_TOLD)
    assert found.loss_share == pytest.approx(0.15, abs=1e-6)
    assert found.as_looked == 0.0
    assert found.in_minutes == pytest.approx(0.15, abs=1e-6)
    seen = decision_score(tiny_play(), "hold", ["effect"], best=["effect"], logs=TRAP_TOLD)
    assert seen.as_looked == pytest.approx(0.15, abs=1e-6)
    assert seen.in_minutes == 0.0


PLAY = tiny_play(5)
LOGS = log_likelihoods(PLAY)


def scored(play: Play, option: str | None, opened: list[str]) -> Decision:
    return decision_score(play, option, opened, best=["effect"], logs=LOGS)


@given(opened=st.permutations(PANELS), count=st.integers(0, len(PANELS)))
def test_the_order_of_panels_never_changes_the_decision(opened: list[str], count: int) -> None:
    some = opened[:count]
    assert scored(PLAY, "hold", some) == scored(PLAY, "hold", sorted(some))


@given(seed=st.integers(0, 10**6), option=st.sampled_from(["advance", "hold", "back"]))
def test_no_loss_is_negative_and_no_answer_is_worse_than_none(seed: int, option: str) -> None:
    play = tiny_play(seed)
    logs = log_likelihoods(play)
    made, none = (
        decision_score(play, one, ["flags"], best=["effect"], logs=logs) for one in (option, None)
    )
    for of_call, of_none in (
        (made.loss, none.loss),
        (made.loss_share, none.loss_share),
        (made.as_looked, none.as_looked),
        (made.hindsight, none.hindsight),
        *zip(made.losses.values(), none.losses.values(), strict=True),
    ):
        assert 0 <= of_call <= of_none + 1e-12
