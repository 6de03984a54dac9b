"""Claims: what their probabilities lose on average, by hand, and that honesty loses least."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.tiny import tiny_play
from shipcall.practice.scoring.claims import claim_scores

PRIOR = np.array([0.3, 0.5, 0.2])
shares = st.floats(0, 1)


def test_a_claim_is_held_against_its_chance_and_against_what_was_so() -> None:
    """The trap alone loses mails: chance .3. Stated .5: (.5 - .3)^2 = .04, (.5 - 1)^2 = .25."""
    worse, logging = claim_scores(tiny_play(truth=0), {"worse": 0.5, "logging": 0.1}, PRIOR)
    assert (worse.posterior, worse.excess, worse.so, worse.brier) == pytest.approx(
        (0.3, 0.04, True, 0.25)
    )
    assert (logging.posterior, logging.excess, logging.so, logging.brier) == pytest.approx(
        (0.2, 0.01, False, 0.01)
    )


def test_claims_left_open_have_no_score() -> None:
    assert [one.name for one in claim_scores(tiny_play(), {"logging": 0.2}, PRIOR)] == ["logging"]
    assert claim_scores(tiny_play(), {}, PRIOR) == []


@given(trap=shares, stated=shares)
def test_no_misreport_of_a_claim_improves_the_expected_score(trap: float, stated: float) -> None:
    belief = np.array([trap, 1 - trap, 0.0])

    def expected(said: float) -> float:
        return trap * (said - 1) ** 2 + (1 - trap) * said**2

    assert expected(trap) <= expected(stated) + 1e-12
    (scored,) = claim_scores(PLAY, {"worse": stated}, belief)
    assert scored.excess == pytest.approx(expected(stated) - expected(trap), abs=1e-12)


PLAY = tiny_play()
