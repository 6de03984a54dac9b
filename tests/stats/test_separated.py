"""Separated: areas of 0 and 1 have exact ends where rows are independent."""

import numpy as np
import pytest
from numpy.typing import ArrayLike
from scipy.special import ndtr
from scipy.stats import binomtest

from shipcall.core import Absent, Estimand, Estimate, Reason, Tails
from shipcall.stats.ranking import auc_estimate, auc_pair_sample
from shipcall.stats.sample import Lost, PairSample

TAILS = Tails(0.05, 0.02)
LABEL = np.repeat([1, 0], [30, 12])


def _sample(
    baseline: ArrayLike, candidate: ArrayLike, weight: ArrayLike | None = None
) -> PairSample:
    rows = np.arange(LABEL.size)
    return auc_pair_sample(LABEL, baseline, candidate, rows, weight, lost=Lost(), influence=False)


def _estimate(sample: PairSample, estimand: Estimand, tails: Tails = TAILS) -> Estimate:
    measured = auc_estimate(sample, estimand, tails)
    assert isinstance(measured, Estimate)
    return measured


def test_a_perfect_model_has_the_exact_bound_of_as_many_pairs_as_the_rarer_class_has_rows() -> None:
    """scipy: the one-sided bound of 12 successes of 12, 0.05^(1/12) = 0.7791."""
    oracle = binomtest(12, 12, alternative="greater").proportion_ci(0.95).low
    seen = _estimate(_sample(-LABEL, LABEL), Estimand.CANDIDATE)
    assert (seen.value, seen.high) == (1.0, 1.0)
    assert seen.low == pytest.approx(oracle)


def test_a_model_that_is_always_wrong_has_the_bound_of_no_success() -> None:
    """scipy: the one-sided bound of 0 successes of 12, 1 - 0.02^(1/12) = 0.2782."""
    oracle = binomtest(0, 12, alternative="less").proportion_ci(0.98).high
    seen = _estimate(_sample(-LABEL, LABEL), Estimand.BASELINE)
    assert (seen.value, seen.low) == (0.0, 0.0)
    assert seen.high == pytest.approx(oracle)


def test_two_perfect_models_may_differ_by_what_either_could_be_off() -> None:
    """Each end has half of its level: 1 - 0.025^(1/12) below, 1 - 0.01^(1/12) above."""
    seen = _estimate(_sample(LABEL, 2.0 * LABEL), Estimand.DIFFERENCE)
    assert seen.value == 0.0
    assert (-seen.low, seen.high) == pytest.approx((1 - 0.025 ** (1 / 12), 1 - 0.01 ** (1 / 12)))


def test_a_change_relative_to_a_perfect_baseline_is_that_of_the_areas() -> None:
    noisy = LABEL + np.random.default_rng(1).normal(size=LABEL.size)
    sample = _sample(LABEL, noisy)
    gap = _estimate(sample, Estimand.DIFFERENCE)
    share = _estimate(sample, Estimand.RELATIVE)
    assert share.value == pytest.approx(gap.value)
    assert share.low == pytest.approx(gap.low)


def test_nothing_is_relative_to_a_baseline_that_is_always_wrong() -> None:
    measured = auc_estimate(_sample(-LABEL, LABEL), Estimand.RELATIVE, TAILS)
    assert isinstance(measured, Absent)
    assert measured.reason is Reason.BASELINE_NEAR_ZERO


def test_rows_of_unequal_weight_have_no_exact_bound() -> None:
    weight = np.where(np.arange(LABEL.size) % 2, 1.0, 1.2)
    measured = auc_estimate(_sample(-LABEL, LABEL, weight), Estimand.CANDIDATE, TAILS)
    assert isinstance(measured, Absent)
    assert measured.reason is Reason.CONSTANT


@pytest.mark.slow
def test_areas_near_one_hold_their_level() -> None:
    """Normal scores 3.2 apart: the area is Phi(3.2 / sqrt 2), and often 1 in the sample."""
    rng, truth, misses, perfect = np.random.default_rng(7), ndtr(3.2 / np.sqrt(2)), 0, 0
    for _ in range(400):
        score = rng.normal(size=LABEL.size) + 3.2 * LABEL
        seen = _estimate(_sample(-score, score), Estimand.CANDIDATE, Tails(0.05, 0.05))
        misses += seen.low > truth
        perfect += seen.value == 1.0
    assert perfect > 40
    assert misses <= 20 + 3 * np.sqrt(19)
