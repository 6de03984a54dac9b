"""Bounds of counts, against numbers from elsewhere."""

import math

import numpy as np
import pytest
from scipy import stats

from shipcall.practice.panels.counted import (
    distance,
    rate_bounds,
    ratio_bounds,
    share_bounds,
    share_change_bounds,
)


def test_a_share_has_the_exact_bounds_of_r() -> None:
    """R: binom.test(7, 50)$conf.int"""
    assert share_bounds(7, 50) == pytest.approx((0.05819170, 0.26739600), abs=1e-6)


def test_no_hit_leaves_the_rule_of_three() -> None:
    """Exactly 1 - 0.025^(1/100)."""
    low, high = share_bounds(0, 100)
    assert low == 0.0
    assert high == pytest.approx(1 - 0.025 ** (1 / 100))
    assert share_bounds(100, 100) == pytest.approx((1 - high, 1.0))


def test_without_rows_a_share_may_be_anything() -> None:
    assert share_bounds(0, 0) == (0.0, 1.0)
    assert share_change_bounds((0, 0), (3, 10)) == (-1.0, 1.0)


def test_a_rate_has_the_bounds_of_garwood() -> None:
    """Ten events: 4.795389 to 18.390356, as in R: poisson.test(10)$conf.int"""
    assert rate_bounds(10, 1) == pytest.approx((4.795389, 18.390356), abs=1e-6)
    assert rate_bounds(10, 5) == pytest.approx((4.795389 / 5, 18.390356 / 5), abs=1e-6)
    assert rate_bounds(0, 1) == pytest.approx((0.0, -math.log(0.025)))


def test_a_ratio_of_rates_has_exact_conditional_bounds() -> None:
    """Of 11 and 25 events in as many days: odds of the bounds of 25 in 36 (scipy's binomtest)."""
    low, high = stats.binomtest(25, 36).proportion_ci()
    found = ratio_bounds((11, 7), (25, 7))
    assert found == pytest.approx((low / (1 - low), high / (1 - high)), rel=1e-9)
    assert ratio_bounds((0, 7), (5, 7))[1] == math.inf
    assert ratio_bounds((11, 7), (25, 14)) == pytest.approx([bound / 2 for bound in found])


def test_a_difference_of_shares_has_the_bounds_of_newcombe() -> None:
    """Newcombe (1998), table II, method 10: 56 of 70 against 48 of 80 gives 0.0524 to 0.3339."""
    low, high = share_change_bounds((48, 80), (56, 70))
    assert (low, high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_a_distance_is_the_divergence_of_the_counts() -> None:
    """KL of (1/4, 3/4) against (1/2, 1/2): log 2 less the entropy of 1/4, in nats."""
    found = distance(np.array([25.0, 75.0]), np.array([500.0, 500.0]))
    entropy = -(0.25 * math.log(0.25) + 0.75 * math.log(0.75))
    assert found.value == pytest.approx(math.log(2) - entropy)


def test_bounds_of_a_distance_invert_the_noncentral_law() -> None:
    """scipy.stats.ncx2 at the bounds gives back the two tails."""
    counts, reference = np.array([60.0, 30.0, 60.0]), np.array([400.0, 400.0, 400.0])
    found = distance(counts, reference)
    m = 150 * 1200 / 1350
    tails = [stats.ncx2.cdf(2 * m * found.value, 2, 2 * m * d) for d in (found.low, found.high)]
    assert tails == pytest.approx([0.975, 0.025], abs=1e-6)


def test_without_rows_a_distance_may_be_anything() -> None:
    found = distance(np.zeros(3), np.array([4.0, 5.0, 6.0]))
    assert found == (0.0, 0.0, math.inf)
    assert distance(np.array([4.0, 5.0, 6.0]), np.zeros(3)).high == math.inf


def test_alike_counts_are_no_proof_of_a_distance() -> None:
    found = distance(np.array([50.0, 50.0]), np.array([500.0, 500.0]))
    assert found.value == 0.0
    assert found.low == 0.0


@pytest.mark.parametrize("shift", [0.0, 0.08])
def test_bounds_of_a_distance_hold_as_often_as_they_say(shift: float) -> None:
    """2,000 draws; 95 % with four standard errors, and the chi-square is an approximation."""
    rng = np.random.default_rng(5)
    known = np.full(6, 1 / 6)
    law = known + shift * np.array([1, -1, 0.5, -0.5, 0, 0])
    true = float((law * np.log(law / known)).sum())
    held = 0
    weeks = rng.multinomial(400, law, size=2_000).astype(float)
    references = rng.multinomial(2_000, known, size=2_000).astype(float)
    for counts, reference in zip(weeks, references, strict=True):
        found = distance(counts, reference)
        held += found.low <= true <= found.high
    assert 0.93 <= held / 2_000 <= 0.985
