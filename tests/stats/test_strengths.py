"""Strengths: Bradley-Terry by hand and by simulation."""

import math

import numpy as np
import pytest
from numpy.typing import ArrayLike

from shipcall.core import Absent, Estimate, Measured, Reason, Tails
from shipcall.stats.clusters import Clusters
from shipcall.stats.strengths import Games, first_surplus, groups, one_order, strengths

TAILS = Tails(0.05, 0.05)
RUNS = 300


def at_most(misses: int, runs: int = RUNS) -> bool:
    """Chance below 0.002 of more at a rate of 0.05."""
    return misses <= runs * 0.05 + 3 * math.sqrt(runs * 0.05 * 0.95)


def games(first: ArrayLike, second: ArrayLike, won: ArrayLike, clusters: Clusters) -> Games:
    one, other = (np.asarray(side, dtype=np.int64) for side in (first, second))
    models = int(np.concatenate([one, other, [1]]).max()) + 1
    share = np.asarray(won, dtype=float)
    return Games(first=one, second=other, won=share, clusters=clusters, models=models)


def abilities(
    first: ArrayLike, second: ArrayLike, won: ArrayLike, clusters: Clusters
) -> list[Measured]:
    """Log odds of every other model against the first."""
    seen = strengths(games(first, second, won, clusters))
    assert not isinstance(seen, Absent)
    return [seen.between(one, 0, TAILS) for one in range(1, seen.ability.size)]


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
        seen = abilities(game[:, 0], game[:, 1], home, Clusters.of(code))[1]
        if isinstance(seen, Estimate):
            used += 1
            low += seen.low > 1.0
            high += seen.high < 1.0
    assert used == RUNS
    assert at_most(low)
    assert at_most(high)


def test_a_tie_is_half_a_win_for_each() -> None:
    """Two models, 30 wins, 10 losses, 20 ties: odds 40 to 20, so log 2."""
    won = np.r_[np.ones(30), np.zeros(10), np.full(20, 0.5)]
    ones = np.ones(60, dtype=int)
    (seen,) = abilities(ones, 1 - ones, won, Clusters.singles(60))
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
    seen = strengths(games(winner, loser, np.ones(size), Clusters.singles(size)))
    assert isinstance(seen, Absent)
    assert seen.reason is Reason.NOT_CONNECTED


def test_no_comparison_and_one_cluster_have_no_ability() -> None:
    none = strengths(games([], [], [], Clusters.singles(0)))
    assert isinstance(none, Absent)
    assert none.reason is Reason.NOT_CONNECTED
    seen = strengths(games([0, 1], [1, 0], [1, 1], Clusters.of(np.zeros(2, dtype=int))))
    assert isinstance(seen, Absent)
    assert seen.reason is Reason.TOO_FEW_CLUSTERS


def test_clusters_that_all_say_the_same_have_no_spread() -> None:
    winner, loser = [0, 1] * 10, [1, 0] * 10
    (seen,) = abilities(winner, loser, np.ones(20), Clusters.of(np.arange(20) // 2))
    assert isinstance(seen, Absent)
    assert seen.reason is Reason.CONSTANT


def test_strengths_over_the_mean_sum_to_nothing() -> None:
    rng = np.random.default_rng(3)
    first, second = np.tile([0, 1, 2], 40), np.tile([1, 2, 0], 40)
    seen = strengths(games(first, second, rng.integers(0, 3, 120) / 2, Clusters.singles(120)))
    assert not isinstance(seen, Absent)
    values = [seen.over_mean(one, TAILS) for one in range(3)]
    assert all(isinstance(one, Estimate) for one in values)
    assert sum(one.value for one in values if isinstance(one, Estimate)) == pytest.approx(0)


def test_rounding_is_no_spread() -> None:
    """Every cluster has two wins and a loss: log 2 in each, and nothing to learn an error from."""
    code = np.repeat(np.arange(12), 3)
    (seen,) = abilities([1, 1, 1] * 12, [0, 0, 0] * 12, [1, 1, 0] * 12, Clusters.of(code))
    assert isinstance(seen, Absent)
    assert seen.reason is Reason.CONSTANT


def test_models_are_grouped_by_ways_of_wins() -> None:
    """0 and 1 beat each other and both beat 2; 3 and 4 met nobody else, and 3 always won."""
    first, second = [0, 1, 0, 1, 3], [1, 0, 2, 2, 4]
    table = games(first, second, np.ones(5), Clusters.singles(5)).wins
    found = {group.models: (group.beat, group.lost) for group in groups(table)}
    assert found == {
        (0, 1): (True, False),
        (2,): (False, True),
        (3,): (True, False),
        (4,): (False, True),
    }


def test_pairs_that_were_shown_in_one_order_are_named() -> None:
    shown = games([0, 1, 2, 2], [1, 0, 0, 1], np.ones(4), Clusters.singles(4))
    assert one_order(shown) == [(2, 0), (2, 1)]


@pytest.mark.slow
def test_a_liking_for_the_first_is_found_as_often_as_promised() -> None:
    """A judge names the first whatever it is with chance 0.1, else as strength has it.

    Of the strongest models, one stands first in two of three comparisons: place and strength go
    together. The truth is the mean over many games of the surplus at the strengths they give.
    """
    truth = np.array([0.0, 0.4, 0.8, 1.2])

    def drawn(rng: np.random.Generator, items: int) -> Games:
        one = rng.integers(0, 4, 3 * items)
        other = (one + rng.integers(1, 4, 3 * items)) % 4
        swap = (one < other) & (rng.random(3 * items) < 1 / 3)
        first, second = np.where(swap, other, one), np.where(swap, one, other)
        liking = rng.random(3 * items) < 0.1
        by_strength = rng.random(3 * items) < 1 / (1 + np.exp(truth[second] - truth[first]))
        return games(
            first, second, liking | by_strength, Clusters.of(np.repeat(np.arange(items), 3))
        )

    rng = np.random.default_rng(8)
    many = drawn(rng, 200_000)
    fitted = strengths(many)
    assert not isinstance(fitted, Absent)
    aim = first_surplus(fitted, many, TAILS)
    assert isinstance(aim, Estimate)
    low = high = 0
    for _ in range(RUNS):
        some = drawn(rng, 80)
        seen = strengths(some)
        assert not isinstance(seen, Absent)
        surplus = first_surplus(seen, some, TAILS)
        assert isinstance(surplus, Estimate)
        low += surplus.low > aim.value
        high += surplus.high < aim.value
    assert aim.value > 0.02
    assert at_most(low)
    assert at_most(high)
