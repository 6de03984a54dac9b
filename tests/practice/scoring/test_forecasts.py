"""Forecasts by bins: the ranked score by hand, and that honesty loses least."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from practice.tiny import tiny_play
from shipcall.practice.laws import Floats
from shipcall.practice.scoring.forecasts import forecast_score, ranked_probability_score
from shipcall.practice.scoring.score import ForecastScore

PRIOR = np.array([0.3, 0.5, 0.2])
PLAY = tiny_play()
EVEN = (0.2, 0.2, 0.2, 0.2, 0.2)


def scored(stated: tuple[float, ...], belief: Floats = PRIOR) -> ForecastScore:
    found = forecast_score(PLAY, PLAY.case.forecast, stated, belief)
    assert found is not None
    return found


@st.composite
def bins(draw: st.DrawFn) -> tuple[float, ...]:
    weights = draw(st.lists(st.floats(0, 1), min_size=5, max_size=5).filter(lambda w: sum(w) > 0.1))
    return tuple(weight / sum(weights) for weight in weights)


@pytest.mark.parametrize(
    ("seen", "score"),
    [
        ([True, True], 0.8**2 + 0.3**2),
        ([False, True], 0.2**2 + 0.3**2),
        ([False, False], 0.2**2 + 0.7**2),
    ],
)
def test_the_ranked_score_adds_up_over_the_edges(seen: list[bool], score: float) -> None:
    """Bins .2, .5, .3, so .2 and .7 below the edges, for a value in the first to the last bin."""
    said = np.array([0.2, 0.7])
    assert ranked_probability_score(said, np.array(seen)) == pytest.approx(score)


def test_near_misses_cost_less_than_far_ones() -> None:
    near, far = np.array([0.0, 1.0, 1.0]), np.array([0.0, 0.0, 0.0])
    seen = np.array([True, True, True])
    assert ranked_probability_score(near, seen) == 1.0
    assert ranked_probability_score(far, seen) == 3.0


def test_the_posterior_forecast_is_a_mixture_of_normals() -> None:
    """Means 2, -1 and 0 with deviation .5, at edges -1.5, -.5, .5, 1.5."""
    edges = np.array([-1.5, -0.5, 0.5, 1.5])
    below = 0.3 * stats.norm.cdf(edges, 2, 0.5) + 0.5 * stats.norm.cdf(edges, -1, 0.5)
    below += 0.2 * stats.norm.cdf(edges, 0, 0.5)
    found = scored(EVEN)
    assert np.cumsum(found.posterior)[:-1] == pytest.approx(below)
    assert sum(found.posterior) == pytest.approx(1.0)
    assert found.excess == pytest.approx(((np.array([0.2, 0.4, 0.6, 0.8]) - below) ** 2).sum())


def test_weights_need_not_add_up() -> None:
    assert scored((2, 2, 2, 2, 2)) == scored(EVEN)


def test_the_value_seen_later_does_not_depend_on_what_was_forecast() -> None:
    assert scored(EVEN).realised == scored((1, 0, 0, 0, 0)).realised


def test_values_seen_later_have_the_law_of_the_truth() -> None:
    """Truth 0 has mean 2 and deviation .5: 400 values within 4 standard errors."""
    trap = tiny_play(truth=0)
    seen = []
    for seed in range(400):
        one = forecast_score(replace(trap, seed=seed), trap.case.forecast, EVEN, PRIOR)
        assert one is not None
        seen.append(one.realised)
    assert np.mean(seen) == pytest.approx(2.0, abs=4 * 0.5 / 20)
    assert np.std(seen) == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(800))


def test_nothing_asked_or_stated_is_no_score() -> None:
    assert forecast_score(PLAY, None, EVEN, PRIOR) is None
    assert forecast_score(PLAY, PLAY.case.forecast, (), PRIOR) is None


@given(stated=bins(), trap=st.floats(0, 1))
def test_no_misreport_of_bins_improves_the_expected_score(
    stated: tuple[float, ...], trap: float
) -> None:
    """Expected over the bins as the posterior has them: the score is paid bin by bin."""
    belief = np.array([trap, 1 - trap, 0.0])
    posterior = np.array(scored(stated, belief).posterior)

    def expected(spread: Floats) -> float:
        said, places = np.cumsum(spread)[:-1], np.arange(4)
        paid = [ranked_probability_score(said, places >= place) for place in range(5)]
        return float(posterior @ paid)

    honest = expected(posterior)
    assert honest <= expected(np.array(stated)) + 1e-12
    found = scored(stated, belief)
    assert found.excess == pytest.approx(expected(np.array(stated)) - honest, abs=1e-9)
    assert found.excess >= 0
