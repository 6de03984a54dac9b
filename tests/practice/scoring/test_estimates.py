"""The self-estimate: so or not so, and its square."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.tiny import PANELS, tiny_play
from shipcall.practice.scoring.decision import decision_score
from shipcall.practice.scoring.estimates import estimate_score
from shipcall.practice.scoring.score import Decision, EstimateScore
from shipcall.practice.sheet import SelfEstimate


def called(option: str | None) -> Decision:
    """Without evidence hold loses nothing, and back .587 of the stake."""
    logs = {name: np.zeros(3) for name in PANELS}
    return decision_score(tiny_play(), option, [], best=[], logs=logs)


def estimated(option: str | None, below: float, probability: float) -> EstimateScore:
    found = estimate_score(SelfEstimate(loss_below=below, probability=probability), called(option))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("option", "below", "so", "brier"),
    [("hold", 0.05, True, 0.04), ("back", 0.05, False, 0.64), ("back", 0.6, True, 0.04)],
)
def test_an_estimate_is_held_against_the_loss(
    option: str, below: float, *, so: bool, brier: float
) -> None:
    found = estimated(option, below, 0.8)
    assert found.so is so
    assert found.brier == pytest.approx(brier)


def test_no_call_is_below_nothing() -> None:
    assert not estimated(None, 1.0, 1.0).so


def test_no_estimate_has_no_score() -> None:
    assert estimate_score(None, called("hold")) is None


@given(chance=st.floats(0, 1), stated=st.floats(0, 1))
def test_no_misreport_of_the_estimate_improves_the_expected_score(
    chance: float, stated: float
) -> None:
    """With chance p the loss is below the line: hold (0) against back (.587), line at .3."""

    def expected(said: float) -> float:
        below, above = estimate(said, HELD), estimate(said, BACK)
        return chance * below + (1 - chance) * above

    assert expected(chance) <= expected(stated) + 1e-12


HELD, BACK = called("hold"), called("back")


def estimate(said: float, call: Decision) -> float:
    found = estimate_score(SelfEstimate(loss_below=0.3, probability=said), call)
    assert found is not None
    return found.brier
