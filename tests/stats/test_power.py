"""Power: planning against statsmodels and a published calculator, advice against its own bounds."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.power import TTestPower

from shipcall.core import Bar, Estimand, Estimate, Tails
from shipcall.core.estimate import census
from shipcall.stats.clusters import Clusters
from shipcall.stats.means import pair_estimate
from shipcall.stats.moments import pair_sample
from shipcall.stats.power import more_units, power_at, units_for_power, units_per_arm
from shipcall.stats.proportions import clopper_pearson

_BAR = Bar(low=-0.02, text="may lose 0.02")
_TAILS = Tails(0.05, 0.05)


def _estimate(value: float, half: float, n: int = 100) -> Estimate:
    return Estimate(
        value=value, low=value - half, high=value + half, tails=_TAILS, n=n, method="given"
    )


@pytest.mark.parametrize(("distance", "n"), [(0.5, 20), (0.1, 400), (0.02, 9), (1.5, 5)])
def test_power_matches_statsmodels(distance: float, n: int) -> None:
    """statsmodels TTestPower().power(effect, nobs, alpha, alternative="larger")"""
    expected = TTestPower().power(distance, n, 0.05, alternative="larger")
    assert power_at(2 * distance, 2.0, n, 0.05) == pytest.approx(float(expected), abs=1e-6)


def test_units_match_statsmodels() -> None:
    """statsmodels TTestPower().solve_power(effect_size=0.3, power=0.8, alpha=0.05) = 70.1"""
    exact = TTestPower().solve_power(
        effect_size=0.3, power=0.8, alpha=0.05, alternative="larger", nobs=None
    )
    assert units_for_power(0.3, 1.0, 0.8, 0.05) == math.ceil(float(exact))


def test_units_per_arm_match_evan_millers_calculator() -> None:
    """Calculator's default: 20 %, 5 points absolute, power 80 %, 5 % two-sided: 1030 per arm.

    It rounds 1030.2 down; a promise needs the next whole unit.
    """
    assert units_per_arm(0.20, 0.05, 0.80, 0.025) == 1031


def test_power_at_the_bar_is_the_error_level() -> None:
    assert power_at(0.0, 1.0, 50, 0.05) == pytest.approx(0.05)
    assert power_at(-0.5, 1.0, 50, 0.05) < 0.001


def test_power_of_huge_samples_is_one_and_of_one_unit_is_none() -> None:
    assert power_at(0.1, 1.0, 10**9, 0.05) == pytest.approx(1.0)
    assert power_at(9.0, 1.0, 1, 0.05) == 0.0


@pytest.mark.parametrize("units", [6, 1001])
def test_power_stays_a_number_where_the_library_gives_none(units: int) -> None:
    """scipy's noncentral t is NaN around a noncentrality of 38; the power there is 1."""
    assert power_at(38 / math.sqrt(units), 1.0, units, 0.05) == pytest.approx(1.0)


def test_no_sample_shows_what_is_not_there() -> None:
    assert units_for_power(0.0, 1.0, 0.8, 0.05) is None
    assert units_for_power(-1.0, 1.0, 0.8, 0.05) is None
    assert units_for_power(1e-12, 1.0, 0.8, 0.05) is None
    assert units_per_arm(0.2, 0.0, 0.8, 0.05) is None


def test_the_fewest_units_reach_the_power_and_one_fewer_does_not() -> None:
    units = units_for_power(0.05, 0.7, 0.9, 0.01)
    assert units is not None
    assert power_at(0.05, 0.7, units, 0.01) >= 0.9 > power_at(0.05, 0.7, units - 1, 0.01)


@pytest.mark.parametrize(("spread", "tail"), [(0.0, 0.05), (math.nan, 0.05), (1.0, 0.6), (1.0, 0)])
def test_a_plan_without_spread_or_level_is_refused(spread: float, tail: float) -> None:
    with pytest.raises(ValueError, match=r"a (spread|tail) of"):
        power_at(0.1, spread, 10, tail)


def test_impossible_shares_and_powers_are_refused() -> None:
    with pytest.raises(ValueError, match="do not both lie"):
        units_per_arm(0.9, 0.2, 0.8, 0.05)
    with pytest.raises(ValueError, match="a power of"):
        units_for_power(0.1, 1.0, 1.0, 0.05)


def test_half_the_distance_needs_four_times_the_units() -> None:
    """By hand: value 0, half-width 0.04 at n = 100, bar at -0.02: n = 100 * (0.04/0.02)^2."""
    assert more_units(_estimate(0.0, 0.04), _BAR) == 300


def test_a_wanted_power_adds_its_quantile() -> None:
    """By hand: (1.6449 + 0.8416) / 1.6449 = 1.5117 times the half-width."""
    assert more_units(_estimate(0.0, 0.04), _BAR, power=0.8) == math.ceil(
        400 * (2.486475 / 1.644854) ** 2 - 100
    )


def test_a_cleared_bar_needs_nothing_and_a_lost_one_cannot_be_bought() -> None:
    assert more_units(_estimate(0.0, 0.01), _BAR) == 0
    assert more_units(_estimate(-0.03, 0.02), _BAR) is None
    assert more_units(_estimate(-0.02, 0.02), _BAR) is None


def test_an_end_at_level_one_half_gives_no_spread_and_no_number() -> None:
    coin = Estimate(value=0.0, low=-0.04, high=0.04, tails=Tails(0.5, 0.5), n=9, method="given")
    assert more_units(coin, _BAR) is None


def test_a_power_below_the_level_asks_for_no_more_than_one_unit() -> None:
    assert more_units(_estimate(0.0, 0.04), _BAR, power=0.01) == 1


def test_both_sides_of_a_two_sided_bar_are_asked() -> None:
    """By hand: the near side, 0.01 away, asks for 100 * (0.04 / 0.01)^2 = 1600 units."""
    bar = Bar(low=-0.03, high=0.01, text="within")
    assert more_units(_estimate(0.0, 0.04), bar) == 1500


def test_a_count_and_an_unbounded_end_have_no_number() -> None:
    assert more_units(census(0.4, "count"), Bar(high=0.1, text="at most 0.1")) is None
    open_end = Estimate(value=0.0, low=-math.inf, high=1.0, tails=_TAILS, n=5, method="given")
    assert more_units(open_end, _BAR) is None


@pytest.mark.parametrize("bar", [0.02, 0.005])
def test_without_events_the_exact_bound_is_inverted(bar: float) -> None:
    """By hand: 1 - 0.05^(1/n) <= 0.02 at n = 149; 0.005 at n = 598 (rule of three: 600)."""
    measured = clopper_pearson(0, 50, _TAILS)
    assert isinstance(measured, Estimate)
    more = more_units(measured, Bar(high=bar, text="at most"))
    assert more is not None
    assert 50 + more == {0.02: 149, 0.005: 598}[bar]
    after = clopper_pearson(0, 50 + more, _TAILS)
    assert isinstance(after, Estimate)
    assert after.high <= bar


def test_identical_models_are_told_how_many_pairs_show_it() -> None:
    """As above, through the paired interval, whose bound is a little above the binomial's."""
    same, one = np.ones(10), np.ones(10)
    sample = pair_sample(same, one, same, one, Clusters.singles(10), range=(0.0, 1.0), binary=True)
    measured = pair_estimate(sample, Estimand.DIFFERENCE, _TAILS)
    assert isinstance(measured, Estimate)
    assert more_units(measured, _BAR) == pytest.approx(139, abs=2)


@given(st.floats(-0.019, 0.5), st.floats(0.001, 2.0), st.integers(2, 10**6))
def test_advice_is_positive_exactly_when_the_bar_is_open(value: float, half: float, n: int) -> None:
    estimate = _estimate(value, half, n)
    more = more_units(estimate, _BAR)
    if estimate.low >= _BAR.low:
        assert more == 0
    else:
        assert more is None or more >= 1
