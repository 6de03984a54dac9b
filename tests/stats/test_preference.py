"""Preference: win rates, abilities and slopes, by hand and by simulation."""

import math

import numpy as np
import pytest
import statsmodels.api as sm

from shipcall.core import Absent, Estimand, Estimate, Reason, Tails
from shipcall.stats.balanced import balanced_estimate
from shipcall.stats.clusters import Clusters
from shipcall.stats.preference import (
    bradley_terry,
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


@pytest.mark.slow
@pytest.mark.parametrize(("items", "each"), [(40, 1), (40, 5)])
def test_abilities_hold_their_level(items: int, each: int) -> None:
    """Three models with log abilities 0, 0.5, 1; every item compares all pairs `each` times."""
    rng = np.random.default_rng(each)
    truth = np.array([0.0, 0.5, 1.0])
    pairs = np.array([(0, 1), (0, 2), (1, 2)])
    low = high = used = 0
    for _ in range(RUNS):
        game = np.tile(np.repeat(pairs, each, axis=0), (items, 1))
        code = np.repeat(np.arange(items), 3 * each)
        chance = 1 / (1 + np.exp(truth[game[:, 1]] - truth[game[:, 0]]))
        home = rng.random(len(game)) < chance
        won, fell = (np.where(home, game[:, i], game[:, 1 - i]) for i in (0, 1))
        seen = bradley_terry(won, fell, np.ones(len(game)), Clusters.of(code), TAILS)[1]
        if isinstance(seen, Estimate):
            used += 1
            low += seen.low > 1.0
            high += seen.high < 1.0
    assert used == RUNS
    assert at_most(low)
    assert at_most(high)


def test_a_tie_is_half_a_win_for_each() -> None:
    """Two models, 30 wins, 10 losses, 20 ties: odds 40 to 20, so log 2."""
    won = np.r_[np.ones(30), np.zeros(10), np.ones(20), np.zeros(20)].astype(int)
    weight = np.r_[np.ones(40), np.full(40, 0.5)]
    game = np.r_[np.arange(40), np.arange(40, 60), np.arange(40, 60)]
    (seen,) = bradley_terry(won, 1 - won, weight, Clusters.of(game), TAILS)
    assert isinstance(seen, Estimate)
    assert seen.value == pytest.approx(math.log(2))


@pytest.mark.parametrize(
    ("winner", "loser"),
    [
        ([1] * 9, [0] * 9),
        ([1, 0, 2, 3] * 3, [0, 1, 3, 2] * 3),
        ([1, 0, 2, 2] * 3, [0, 1, 0, 1] * 3),
    ],
)
def test_models_that_win_everything_or_never_met_have_no_ability(
    winner: list[int], loser: list[int]
) -> None:
    size = len(winner)
    seen = bradley_terry(winner, loser, np.ones(size), Clusters.singles(size), TAILS)
    assert seen
    assert all(isinstance(one, Absent) and one.reason is Reason.UNDEFINED for one in seen)


def test_no_comparison_and_one_cluster_have_no_ability() -> None:
    assert bradley_terry([], [], [], Clusters.singles(0), TAILS) == ()
    (seen,) = bradley_terry([0, 1], [1, 0], [1, 1], Clusters.of(np.zeros(2, dtype=int)), TAILS)
    assert isinstance(seen, Absent)
    assert seen.reason is Reason.TOO_FEW_CLUSTERS


def test_clusters_that_all_say_the_same_have_no_spread() -> None:
    winner, loser = [0, 1] * 10, [1, 0] * 10
    (seen,) = bradley_terry(winner, loser, np.ones(20), Clusters.of(np.arange(20) // 2), TAILS)
    assert isinstance(seen, Absent)
    assert seen.reason is Reason.CONSTANT


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
