"""Pairs of a few runs, and runs that differ as wholes."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from shipcall.core import Absent, Estimate, Reason, Tails
from shipcall.stats.runs import runs_apart, share_of_pairs

TAILS = Tails(0.05, 0.05)


def bounded(events: int, runs: int) -> Estimate:
    measured = share_of_pairs(events, runs, TAILS)
    assert isinstance(measured, Estimate)
    return measured


@pytest.mark.parametrize("runs", [2, 3, 4, 9, 20])
def test_without_an_event_the_high_end_is_the_exact_one_of_disjoint_pairs(runs: int) -> None:
    """Clopper-Pearson without an event solves (1 - p)^m = 0.05, with m = floor(runs / 2)."""
    exact = stats.binomtest(0, runs // 2).proportion_ci(0.90, method="exact").high
    seen = bounded(0, runs)
    assert seen.low == seen.value == 0.0
    assert seen.high == pytest.approx(exact, abs=1e-12)
    assert seen.n == runs // 2


def test_ends_lie_where_the_relative_entropy_says() -> None:
    """By hand: 10 runs, 18 of 90, m = 5: 5 KL(0.2 || p) = ln 20 at both ends."""
    seen = bounded(18, 10)
    for end in (seen.low, seen.high):
        entropy = 0.2 * math.log(0.2 / end) + 0.8 * math.log(0.8 / (1 - end))
        assert 5 * entropy == pytest.approx(math.log(20), rel=1e-6)
    assert seen.low < 0.2 < seen.high


def test_with_an_event_in_every_pair_the_low_end_is_the_exact_one() -> None:
    assert bounded(12, 4).low == pytest.approx(math.sqrt(0.05), abs=1e-12)
    assert bounded(12, 4).high == 1.0


def test_one_run_has_no_pair() -> None:
    measured = share_of_pairs(0, 1, TAILS)
    assert isinstance(measured, Absent)
    assert measured.reason is Reason.TOO_FEW_UNITS


def test_more_events_than_pairs_are_refused() -> None:
    with pytest.raises(ValueError, match="13 events in 12 ordered pairs"):
        share_of_pairs(13, 4, TAILS)


@pytest.mark.parametrize("runs", [4, 10])
@pytest.mark.parametrize("bar", [0.3, 1.0, 2.0])
def test_each_end_misses_no_more_often_than_it_says_although_pairs_share_runs(
    runs: int, bar: float
) -> None:
    """Runs with normal effects; a pair blocks if the second lies more than `bar` below the first.

    The true share is P(N(0, 2) < -bar). 4,000 sets of runs; 260 misses of 200 expected at most
    have chance below 0.00002.
    """
    rng = np.random.default_rng(11)
    effects = rng.standard_normal((4_000, runs))
    blocked = (effects[:, None, :] - effects[:, :, None] < -bar).sum(axis=(1, 2))
    truth = stats.norm.cdf(-bar / math.sqrt(2))
    ends = {int(k): bounded(int(k), runs) for k in np.unique(blocked)}
    above = sum(ends[int(k)].low > truth for k in blocked)
    below = sum(ends[int(k)].high < truth for k in blocked)
    assert above <= 260
    assert below <= 260


@pytest.mark.slow
def test_the_p_value_is_that_of_every_exchange() -> None:
    """Three clusters and two runs have eight exchanges, which can be written down."""
    num = np.array([[5.0, 1.0], [4.0, 2.0], [3.0, 3.5]])
    spreads = []
    for flips in itertools.product((False, True), repeat=3):
        placed = np.array(
            [row[::-1] if flip else row for row, flip in zip(num, flips, strict=True)]
        )
        spreads.append(float(np.var(placed.mean(axis=0))))
    exact = np.mean([spread >= spreads[0] - 1e-12 for spread in spreads])
    rng = np.random.default_rng(1)
    (seen,) = runs_apart(num[None], np.ones((1, 3, 2)), draws=20_000, rng=rng)
    assert seen is not None
    assert seen.values == pytest.approx((4.0, 6.5 / 3))
    assert seen.p_value == pytest.approx(exact, abs=0.015)


def test_runs_without_a_denominator_have_no_answer() -> None:
    den = np.array([[[1.0, 0.0], [1.0, 0.0]]])
    rng = np.random.default_rng(1)
    assert runs_apart(np.ones((1, 2, 2)), den, draws=19, rng=rng) == [None]


def test_runs_that_agree_on_every_item_are_not_apart() -> None:
    num = np.repeat(np.arange(20.0)[:, None], 3, axis=1)[None]
    (seen,) = runs_apart(num, np.ones_like(num), draws=19, rng=np.random.default_rng(1))
    assert seen is not None
    assert seen.p_value == 1.0


def test_too_few_draws_are_refused() -> None:
    with pytest.raises(ValueError, match="19 or more"):
        runs_apart(np.ones((1, 2, 2)), np.ones((1, 2, 2)), draws=18, rng=np.random.default_rng(1))


@pytest.mark.slow
def test_a_p_value_is_small_as_seldom_as_it_says() -> None:
    """Items of very unequal means, no effect of a run: 600 sets, 30 expected at 0.05.

    More than 48 has chance 0.0007.
    """
    rng = np.random.default_rng(7)
    small = 0
    for _ in range(600):
        chances = rng.random((50, 1))
        num = (rng.random((50, 3)) < chances).astype(float)[None]
        (seen,) = runs_apart(num, np.ones_like(num), draws=99, rng=rng)
        small += seen is not None and seen.p_value <= 0.05
    assert small <= 48
