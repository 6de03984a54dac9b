"""Preference: win rates and slopes, by hand and by simulation."""

import math

import numpy as np
import pytest
import statsmodels.api as sm

from shipcall.core import Absent, Estimand, Estimate, Tails
from shipcall.stats.balanced import balanced_estimate
from shipcall.stats.clusters import Clusters
from shipcall.stats.preference import (
    crossed,
    preference_sample,
    showings,
    slope,
)
from shipcall.stats.sample import Lost

TAILS = Tails(0.05, 0.05)
RUNS = 300


def at_most(misses: int, runs: int = RUNS) -> bool:
    """Chance below 0.002 of more at a rate of 0.05."""
    return misses <= runs * 0.05 + 3 * math.sqrt(runs * 0.05 * 0.95)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("items", "rate", "lean", "orders", "each"),
    [
        (30, 0.5, 0.3, 2, 1),
        (100, 0.9, 0.0, 2, 1),
        (100, 0.6, 0.8, 1, 1),
        (200, 0.6, 0.2, 2, 10),
    ],
)
def test_win_rates_hold_their_level_whatever_place_the_judge_prefers(
    items: int, rate: float, lean: float, orders: int, each: int
) -> None:
    """A judge names the first with chance `lean`, else what is better; then the mean over orders
    is rate * (1 - lean) + lean / 2. Items of one cluster mostly have one better model."""
    rng = np.random.default_rng(items + orders)
    truth = rate * (1 - lean) + lean / 2
    low = high = 0
    for _ in range(RUNS):
        shared = np.repeat(rng.random(items // each), each)
        own = np.where(rng.random(items) < 0.5, shared, rng.random(items))
        better = own < rate
        item = np.repeat(np.arange(items), orders)
        first = np.tile([0, 1], items) if orders == 2 else rng.integers(0, 2, items)
        won = np.where(rng.random(item.size) < lean, first, better[item]).astype(float)
        tie = rng.random(item.size) < 0.1
        won = np.where(tie, (won + (1 - won)) / 2, won)
        sample = preference_sample(
            won, first, Clusters.of(item // each), lost=Lost(), influence=False
        )
        seen = balanced_estimate(sample, Estimand.CANDIDATE, TAILS)
        assert isinstance(seen, Estimate)
        low += seen.low > 0.9 * truth + 0.05
        high += seen.high < 0.9 * truth + 0.05
    assert at_most(low)
    assert at_most(high)


def both_orders(won: np.ndarray) -> Estimate:
    """Every item in both orders, by a judge who goes by the answers alone."""
    item, first = np.repeat(np.arange(won.size), 2), np.tile([0, 1], won.size)
    sample = preference_sample(
        won[item].astype(float), first, Clusters.of(item), lost=Lost(), influence=False
    )
    seen = balanced_estimate(sample, Estimand.CANDIDATE, TAILS)
    assert isinstance(seen, Estimate)
    return seen


@pytest.mark.parametrize("items", [5, 50, 400])
def test_an_item_that_is_shown_in_both_orders_is_no_two_items(items: int) -> None:
    """R: binom.test(50, 50, alternative = "greater")$conf.int[1] is 0.05^(1/50) = 0.9418."""
    assert both_orders(np.ones(items)).low == pytest.approx(0.05 ** (1 / items), abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("rate", [0.95, 0.98])
def test_win_rates_near_one_hold_their_level_where_both_orders_agree(rate: float) -> None:
    """Few items are lost, so the covariance of both orders is hardly seen."""
    rng = np.random.default_rng(50)
    assert at_most(sum(both_orders(rng.random(50) < rate).low > rate for _ in range(RUNS)))


def test_the_difference_is_twice_the_rate_less_one() -> None:
    rng = np.random.default_rng(1)
    won, first = rng.integers(0, 3, 200) / 2, rng.integers(0, 2, 200)
    sample = preference_sample(won, first, Clusters.singles(200), lost=Lost(), influence=True)
    rate, gap = (
        balanced_estimate(sample, estimand, TAILS)
        for estimand in (Estimand.CANDIDATE, Estimand.DIFFERENCE)
    )
    assert isinstance(rate, Estimate)
    assert isinstance(gap, Estimate)
    assert gap.value == pytest.approx(2 * rate.value - 1)
    assert (gap.low, gap.high) == pytest.approx((2 * rate.low - 1, 2 * rate.high - 1), abs=2e-3)


def test_one_order_is_no_mean_of_both() -> None:
    sample = preference_sample(
        np.ones(20), np.ones(20), Clusters.singles(20), lost=Lost(), influence=False
    )
    seen = balanced_estimate(sample, Estimand.CANDIDATE, TAILS)
    assert isinstance(seen, Absent)


def test_a_slope_is_that_of_least_squares() -> None:
    """statsmodels OLS, errors clustered in fives; the jackknife is a little wider."""
    rng = np.random.default_rng(2)
    code = np.repeat(np.arange(60), 5)
    x = rng.normal(size=300) + rng.normal(size=60)[code]
    y = (rng.random(300) < 1 / (1 + np.exp(-0.5 * x))).astype(float)
    fit = sm.OLS(y, sm.add_constant(x)).fit(cov_type="cluster", cov_kwds={"groups": code})
    seen = slope(x, y, Clusters.of(code), TAILS)
    assert isinstance(seen, Estimate)
    assert seen.value == pytest.approx(fit.params[1])
    ratio = (seen.high - seen.low) / 2 / (1.671 * fit.bse[1])
    assert 1.0 <= ratio <= 1.15


@pytest.mark.parametrize("x", [np.full(20, 3.0), np.r_[1.0, np.zeros(19)]])
def test_lengths_that_do_not_vary_carry_no_slope(x: np.ndarray) -> None:
    """In the second case one item carries it all: without it there is no slope."""
    seen = slope(x, np.arange(20) % 2, Clusters.singles(20), TAILS)
    assert isinstance(seen, Absent)


def test_showings_are_paired_across_orders_or_along_one() -> None:
    group, first = np.array([7, 7, 7, 3, 3, 9]), np.array([0, 1, 1, 0, 0, 1])
    swapped = sorted(zip(*(a.tolist() for a in showings(group, first, swapped=True)), strict=True))
    again = sorted(zip(*(a.tolist() for a in showings(group, first, swapped=False)), strict=True))
    assert swapped == [(0, 1), (0, 2)]
    assert again == [(1, 2), (3, 4)]


def test_rows_of_two_sorts_are_crossed_within_their_group() -> None:
    group = np.array([1, 1, 2, 2, 1, 5])
    one, other = crossed(group, np.array([0, 2, 5]), np.array([1, 3, 4]))
    assert list(zip(one.tolist(), other.tolist(), strict=True)) == [(0, 1), (0, 4), (2, 3)]
