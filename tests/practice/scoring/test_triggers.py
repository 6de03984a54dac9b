"""Triggers: nearly noiseless replays by hand, noisy ones against closed forms.

In the tiny case the trap shows 2 a day and costs 4 points a day for 10 days; its twin shows -1
and the other state 0, both without harm; taking back what does none costs 15 points.
"""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from practice.tiny import tiny, tiny_play
from shipcall.practice.laws import Floats
from shipcall.practice.play import Play
from shipcall.practice.scoring.score import TriggerScore
from shipcall.practice.scoring.triggers import trigger_score
from shipcall.practice.sheet import TriggerAnswer

TRAP, TWIN, OTHER = np.eye(3)
EVEN = np.array([0.5, 0.25, 0.25])


def asked(error: float, **changes: Any) -> dict[str, Any]:
    """The trigger of the tiny case with this much noise in both scopes."""
    told = tiny().trigger
    assert told is not None
    plain = told.model_dump()
    scopes = [scope | {"error": error} for scope in plain["scope"]]
    return plain | {"scope": scopes} | changes


def rule(
    bar: float, window: int = 3, *, scope: str = "all", action: str = "ROLL BACK"
) -> TriggerAnswer:
    return TriggerAnswer(scope=scope, bar=bar, window_days=window, action=action)


def run(answer: TriggerAnswer, belief: Floats, play: Play) -> TriggerScore:
    found = trigger_score(play, play.case.trigger, answer, belief)
    assert found is not None
    return found


QUIET = tiny_play(trigger=asked(1e-6))
NOISY = tiny_play()


@pytest.mark.parametrize(
    ("bar", "window", "belief", "loss"),
    [
        (1.0, 3, TRAP, 12.0),
        (1.0, 1, TRAP, 4.0),
        (1.0, 10, TRAP, 40.0),
        (3.0, 3, TRAP, 40.0),
        (1.0, 3, TWIN, 0.0),
        (-0.5, 3, TWIN, 0.0),
        (-0.5, 3, OTHER, 15.0),
        (-5.0, 3, TWIN, 15.0),
        (1.0, 3, EVEN, 6.0),
        (-0.5, 3, EVEN, 0.5 * 12 + 0.25 * 15),
    ],
)
def test_points_are_lost_until_the_window_fills_above_the_bar(
    bar: float, window: int, belief: Floats, loss: float
) -> None:
    """The two harmless states are drawn half and half, so their share errs by 4 x .5 / sqrt(1000)
    of 15 points at most."""
    found = run(rule(bar, window), belief, QUIET)
    assert found.loss == pytest.approx(loss, abs=0.5 * 15 * 0.064 if belief is EVEN else 1e-9)


def test_firing_for_nothing_and_never_firing_are_told_apart() -> None:
    good, deaf, jumpy = (run(rule(bar), EVEN, QUIET) for bar in (1.0, 3.0, -5.0))
    assert (good.fired_false, good.missed, good.days_to_fire) == (0.0, 0.0, 3.0)
    assert (deaf.fired_false, deaf.missed, deaf.days_to_fire) == (0.0, 1.0, None)
    assert (jumpy.fired_false, jumpy.missed, jumpy.days_to_fire) == (1.0, 0.0, 3.0)


def test_what_a_rule_misses_is_seen_even_where_harm_is_all_but_ruled_out() -> None:
    found = run(rule(3.0), TWIN, QUIET)
    assert (found.missed, found.fired_false, found.loss) == (1.0, 0.0, 0.0)


def test_without_any_harm_that_may_be_nothing_can_be_missed() -> None:
    play = tiny_play(trigger=asked(1.0, loses={}))
    found = run(rule(1.0), EVEN, play)
    assert found.missed is None
    assert found.fired_false is not None
    harmful = tiny_play(trigger=asked(1.0, loses={"1": 1.0}))
    assert run(rule(1.0), EVEN, harmful).fired_false is None


def test_the_best_rule_fires_at_once_where_only_harm_is_likely_and_nothing_is_noise() -> None:
    found = run(rule(1.0), EVEN, QUIET)
    assert found.best_loss == pytest.approx(0.5 * 4)
    assert found.best["window"] == 1.0


def test_only_rolling_back_stops_the_loss() -> None:
    assert run(rule(1.0, action="HOLD"), TRAP, QUIET).loss == pytest.approx(40.0)
    assert run(rule(1.0, action="roll_back"), TRAP, QUIET).loss == pytest.approx(12.0)


def test_a_scope_sees_its_own_harm() -> None:
    """New Zealand shows 3 where all show 2."""
    assert run(rule(2.5, scope="nz"), TRAP, QUIET).missed == 0.0
    assert run(rule(2.5, scope="all"), TRAP, QUIET).missed == 1.0


def test_a_window_of_all_days_fires_as_often_as_its_mean_lies_above_the_bar() -> None:
    """The mean of 10 days is normal about 2 with deviation 2 / sqrt(10); 1,000 replays, 4 SE."""
    found = run(rule(1.5, 10), TRAP, NOISY)
    missed = float(stats.norm.cdf(1.5, 2, 2 / np.sqrt(10)))
    assert found.missed == pytest.approx(missed, abs=4 * np.sqrt(missed * (1 - missed) / 1000))


def test_daily_peeks_fire_as_often_as_the_highest_of_their_days() -> None:
    """Ten independent days about 0 with deviation 2: 1 - Phi(bar / 2)^10; 1,000 replays, 4 SE."""
    found = run(rule(4.0, 1), OTHER, NOISY)
    false = 1 - float(stats.norm.cdf(4.0, 0, 2)) ** 10
    assert found.fired_false == pytest.approx(false, abs=4 * np.sqrt(false * (1 - false) / 1000))


def test_a_higher_bar_misses_more_and_stops_less_for_nothing() -> None:
    curve = run(rule(1.0), EVEN, NOISY).curve
    for key, sign in (("bar", 1), ("missed", 1), ("fired_false", -1)):
        values = np.array([point[key] for point in curve], dtype=np.float64)
        assert (sign * np.diff(values) >= 0).all()
    assert curve[-1]["missed"] == 1.0


def test_no_answer_is_no_score() -> None:
    assert trigger_score(NOISY, NOISY.case.trigger, None, EVEN) is None
    assert trigger_score(NOISY, None, rule(1.0), EVEN) is None


@settings(max_examples=15, deadline=None)
@given(
    bar=st.floats(-10, 10),
    window=st.integers(1, 10),
    scope=st.sampled_from(["all", "nz"]),
    harm=st.floats(0, 1),
)
def test_no_rule_beats_the_best_one(bar: float, window: int, scope: str, harm: float) -> None:
    belief = np.array([harm, 1 - harm, 0.0])
    found = run(rule(bar, window, scope=scope), belief, NOISY)
    assert 0 <= found.best_loss <= found.loss


@pytest.mark.slow
def test_the_search_finds_the_best_bar_of_a_closed_form() -> None:
    """One look at the mean of all days: loss(b) = P(harm) 40 + P(none) 15 (1 - Phi(b / s)), with
    a twin at 0 and nothing to save after day 10, so the best rule never fires and loses 20."""
    play = tiny_play(trigger=asked(2.0, windows=[10]))
    found = run(rule(0.0, 10), np.array([0.5, 0.0, 0.5]), play)
    assert found.best_loss == pytest.approx(20.0)
    sigma = 2 / np.sqrt(10)
    assert found.loss == pytest.approx(
        20 + 0.5 * 15 * float(stats.norm.sf(0, 0, sigma)), abs=0.5 * 15 * 0.064
    )
