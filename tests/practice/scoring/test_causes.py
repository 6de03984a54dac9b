"""Probabilities of causes: the bits by hand, and nothing gained by saying what one doubts."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.tiny import tiny, tiny_play
from shipcall.practice.laws import Floats
from shipcall.practice.scoring.causes import (
    FLOOR,
    bits_lost,
    causes_score,
    complete,
    floored,
)
from shipcall.practice.scoring.score import Causes, Looking

PRIOR = np.array([0.3, 0.5, 0.2])
LOOKING = Looking(
    opened=("flags",), minutes=2, bits=0.5, best_bits=1.25, pace=0.5, best=("effect",), missed=None
)


def scored(stated: dict[str, float], belief: Floats = PRIOR, *, truth: int = 0) -> Causes:
    found = causes_score(tiny_play(truth=truth), stated, belief, LOOKING)
    assert found is not None
    return found


@st.composite
def chances(draw: st.DrawFn, parts: int = 4) -> Floats:
    """A distribution, often with entries that are 0 or below the floor."""
    raw = draw(
        st.lists(
            st.sampled_from([0.0, 1e-4, 0.004, 0.02, 0.3, 1.0]), min_size=parts, max_size=parts
        ).filter(any)
    )
    jitter = draw(st.lists(st.floats(0.5, 1.0), min_size=parts, max_size=parts))
    weights = np.array(raw) * np.array(jitter)
    return np.asarray(weights / weights.sum())


def expected_log_score(posterior: Floats, stated: Floats) -> float:
    """Mean of -log2 of the probability given to what is so: what the person will be charged."""
    return float(-(posterior * np.log2(floored(stated))).sum())


def test_bits_are_the_divergence_from_the_posterior() -> None:
    """.5 log2(.5/.25) + .25 log2(.25/.5) + .25 log2(.25/.25) = .5 - .25 + 0."""
    found = scored({"rot": 0.25, "sound": 0.5, "log": 0.25}, np.array([0.5, 0.25, 0.25]))
    assert found.inference == pytest.approx(0.25)
    assert found.posterior == pytest.approx({"rot": 0.5, "sound": 0.25, "log": 0.25})
    assert found.realised == pytest.approx(2.0)


def test_stating_the_posterior_loses_nothing_even_below_the_floor() -> None:
    assert scored({"rot": 0.3, "sound": 0.5, "log": 0.2}).inference == pytest.approx(0.0)
    sure = np.array([0.999, 0.001, 0.0])
    assert scored({"rot": 0.999, "sound": 0.001, "log": 0}, sure).inference == 0.0


def test_causes_not_named_share_the_rest() -> None:
    assert complete(tiny(), {"rot": 0.4}) == pytest.approx([0.4, 0.3, 0.3])
    assert complete(tiny(), {"rot": 0.9, "sound": 0.9}) == pytest.approx([0.5, 0.5, 0.0])
    assert complete(tiny(), {"rot": 0.1, "sound": 0.1, "log": 0.2}) == pytest.approx(
        [0.25, 0.25, 0.5]
    )


def test_small_chances_lie_on_the_floor_and_the_others_shrink_alike() -> None:
    assert floored(np.array([0.995, 0.005, 0.0])) == pytest.approx([0.98, 0.01, 0.01])
    assert floored(np.array([0.6, 0.393, 0.007])) == pytest.approx(
        [0.6 * 0.99 / 0.993, 0.393 * 0.99 / 0.993, 0.01]
    )


def test_a_floor_reached_by_shrinking_is_a_floor_too() -> None:
    """.0101 lies above it until the others have made room for the two zeros."""
    chances = np.array([0.9899, 0.0101, 0.0, 0.0])
    assert floored(chances) == pytest.approx([0.97, 0.01, 0.01, 0.01])


def test_being_sure_of_the_wrong_cause_costs_no_more_than_the_floor_allows() -> None:
    found = scored({"rot": 0, "sound": 1, "log": 0}, np.array([1.0, 0.0, 0.0]))
    assert found.realised == pytest.approx(math.log2(100))
    assert found.inference == pytest.approx(math.log2(0.98 / 0.01))


def test_what_was_never_looked_for_is_counted_apart() -> None:
    assert scored({"rot": 0.3, "sound": 0.5, "log": 0.2}).investigation == 0.75


def test_nothing_stated_is_no_score() -> None:
    assert causes_score(tiny_play(), {}, PRIOR, LOOKING) is None


@given(posterior=chances(), stated=chances())
def test_no_misreport_of_causes_improves_the_expected_score(
    posterior: Floats, stated: Floats
) -> None:
    honest = expected_log_score(posterior, posterior)
    assert honest <= expected_log_score(posterior, stated) + 1e-12
    lost = bits_lost(posterior, floored(stated))
    assert lost == pytest.approx(expected_log_score(posterior, stated) - honest, abs=1e-9)
    assert lost >= 0


@given(posterior=chances())
def test_every_chance_stays_above_the_floor_and_all_add_up(posterior: Floats) -> None:
    found = floored(posterior)
    assert found.min() >= FLOOR - 1e-15
    assert found.sum() == pytest.approx(1.0)


def test_lifting_first_and_dividing_afterwards_would_pay_for_a_lie() -> None:
    """Why `floored` is not max(p, floor) / sum: who believes .995 gains by stating 1."""

    def lifted(stated: Floats) -> Floats:
        raised = np.maximum(stated, FLOOR)
        return np.asarray(raised / raised.sum())

    belief, lie = np.array([0.995, 0.005, 0.0]), np.array([1.0, 0.0, 0.0])
    assert -(belief * np.log2(lifted(lie))).sum() < -(belief * np.log2(lifted(belief))).sum()
    assert expected_log_score(belief, belief) <= expected_log_score(belief, lie)
