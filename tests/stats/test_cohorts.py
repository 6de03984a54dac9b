"""Cohorts: shares, means and ratios over cohorts, by hand, by simulation, and where absent."""

import math

import numpy as np
import pytest
from scipy import stats

from shipcall.core import Absent, Estimand, Estimate, Reason, Tails
from shipcall.stats.arms import Hits, weighted_share_by_arm
from shipcall.stats.cohorts import CohortSample, cohort_estimate, cohort_values

_95 = Tails(0.025, 0.025)
_90 = Tails(0.05, 0.05)


def sample(arms: list[list[list[float]]], most: float) -> CohortSample:
    """Sums of values given arm by arm and cohort by cohort."""

    def sums(of: object) -> np.ndarray:
        return np.array([[of(np.array(cohort)) for cohort in arm] for arm in arms])  # type: ignore[operator]

    return CohortSample(
        cohorts=tuple(str(number) for number in range(len(arms[0]))),
        most=most,
        units=sums(len).astype(np.int64),
        total=sums(np.sum).astype(np.float64),
        squares=sums(lambda v: np.sum(v**2)).astype(np.float64),
        some=sums(lambda v: np.sum(v > 0)).astype(np.int64),
        full=sums(lambda v: np.sum(v == most)).astype(np.int64),
    )


def yes(*cells: tuple[int, int]) -> list[list[float]]:
    return [[1.0] * hits + [0.0] * (units - hits) for hits, units in cells]


def estimate(found: CohortSample, estimand: Estimand, tails: Tails = _95) -> Estimate:
    measured = cohort_estimate(found, estimand, tails)
    assert isinstance(measured, Estimate), measured
    return measured


def test_a_share_is_the_weighted_share_of_both_arms() -> None:
    found = sample([yes((30, 100), (20, 50)), yes((40, 120), (5, 60))], 1)
    by_arm = weighted_share_by_arm([Hits(30, 100), Hits(20, 50)], [Hits(40, 120), Hits(5, 60)], _95)
    assert cohort_estimate(found, Estimand.DIFFERENCE, _95) == by_arm.difference
    assert cohort_estimate(found, Estimand.CANDIDATE, _95) == by_arm.candidate
    assert cohort_estimate(found, Estimand.BASELINE, _95) == by_arm.baseline


def test_a_mean_of_one_cohort_has_the_interval_of_student() -> None:
    """scipy.stats.t.interval on the values of each arm."""
    rng = np.random.default_rng(3)
    arms = [rng.integers(0, 8, 60).astype(float), rng.integers(0, 7, 80).astype(float)]
    found = sample([[arms[0].tolist()], [arms[1].tolist()]], 7)
    for estimand, values in zip((Estimand.BASELINE, Estimand.CANDIDATE), arms, strict=True):
        error = values.std(ddof=1) / math.sqrt(values.size)
        low, high = stats.t.interval(0.95, values.size - 1, values.mean(), error)
        measured = estimate(found, estimand)
        assert measured.value == pytest.approx(values.mean())
        assert (measured.low, measured.high) == pytest.approx((low, high))


def test_a_ramp_that_fills_the_candidate_with_late_cohorts_makes_no_difference() -> None:
    """The first cohort comes 6 days, the second 2, in both arms; pooled, they differ by 2.4."""
    early, late = [5.0, 6.0, 7.0] * 30, [1.0, 2.0, 3.0] * 30
    found = sample([[early, late[:9]], [early[:9], late]], 7)
    measured = estimate(found, Estimand.DIFFERENCE)
    assert measured.value == pytest.approx(0.0)
    values = cohort_values(found)
    assert values is not None
    assert values.baseline == pytest.approx(4.0)
    assert values.candidate == pytest.approx(4.0)


def test_a_ratio_is_joined_on_the_logarithm() -> None:
    """By hand from each arm's own ends."""
    found = sample([yes((40, 100)), yes((30, 100))], 1)
    own = {e: estimate(found, e) for e in (Estimand.BASELINE, Estimand.CANDIDATE)}
    before, after = own[Estimand.BASELINE], own[Estimand.CANDIDATE]
    down = math.hypot(math.log(after.value / after.low), math.log(before.high / before.value))
    up = math.hypot(math.log(after.high / after.value), math.log(before.value / before.low))
    measured = estimate(found, Estimand.RELATIVE)
    assert measured.value == pytest.approx(-0.25)
    assert measured.low == pytest.approx(0.75 * math.exp(-down) - 1)
    assert measured.high == pytest.approx(0.75 * math.exp(up) - 1)


def test_nobody_and_nothing_that_varies_is_absent() -> None:
    none = sample([yes((3, 10), (0, 0)), yes((0, 0), (4, 10))], 1)
    assert isinstance(cohort_estimate(none, Estimand.DIFFERENCE, _95), Absent)
    assert cohort_values(none) is None
    lone = sample([[[3.0]], [[4.0, 5.0]]], 7)
    absent = cohort_estimate(lone, Estimand.DIFFERENCE, _95)
    assert isinstance(absent, Absent)
    assert absent.reason is Reason.TOO_FEW_UNITS
    same = sample([[[3.0] * 20], [[3.0] * 20]], 7)
    absent = cohort_estimate(same, Estimand.DIFFERENCE, _95)
    assert isinstance(absent, Absent)
    assert absent.reason is Reason.CONSTANT
    assert not same.constant


def test_all_or_none_is_called_constant() -> None:
    assert sample([yes((0, 9)), yes((0, 9))], 1).constant
    assert sample([yes((9, 9)), yes((9, 9))], 1).constant
    assert not sample([yes((9, 9)), yes((0, 9))], 1).constant


def test_a_ratio_needs_a_baseline_above_zero_and_a_candidate_that_came_at_all() -> None:
    empty = cohort_estimate(sample([yes((0, 50)), yes((9, 50))], 1), Estimand.RELATIVE, _95)
    assert isinstance(empty, Absent)
    assert empty.reason is Reason.BASELINE_NEAR_ZERO
    gone = cohort_estimate(sample([yes((9, 50)), yes((0, 50))], 1), Estimand.RELATIVE, _95)
    assert isinstance(gone, Absent)
    assert gone.reason is Reason.UNDEFINED


def test_few_that_came_at_all_have_exact_ends() -> None:
    """Three of 60 units came, one day each: t would promise too much."""
    few = sample([[[1.0] * 3 + [0.0] * 57], [[2.0, 3.0] * 30]], 7)
    measured = estimate(few, Estimand.BASELINE)
    exact = 7 * stats.beta.ppf(0.975, 60 * 0.05 / 7 + 1, 60 - 60 * 0.05 / 7)
    assert measured.high == pytest.approx(exact)
    assert measured.low == 0.0


def test_sums_that_no_values_have_are_refused() -> None:
    good = sample([yes((3, 10)), yes((3, 10))], 1)
    with pytest.raises(ValueError, match="does not fit values from 0 to 1"):
        CohortSample(
            cohorts=good.cohorts, most=1, units=good.units, total=good.total * 9,
            squares=good.squares, some=good.some, full=good.full,
        )  # fmt: skip
    with pytest.raises(ValueError, match="expected sums of shape"):
        CohortSample(
            cohorts=("a", "b"), most=1, units=good.units, total=good.total,
            squares=good.squares, some=good.some, full=good.full,
        )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("estimand", [Estimand.DIFFERENCE, Estimand.RELATIVE])
@pytest.mark.parametrize(("scale", "sizes"), [(1.0, 200), (1.0, 30), (0.15, 60)])
def test_means_over_cohorts_of_a_ramp_hold_their_level(
    estimand: Estimand, scale: float, sizes: int
) -> None:
    """Days of 7 with chances that differ between units; three cohorts, .05 promised each side."""
    rng = np.random.default_rng(8)
    ramp = [(1.5, 0.5), (1.0, 1.0), (0.5, 1.5)]
    units = np.array([[round(sizes * pair[arm]) for pair in ramp] for arm in range(2)])
    chances = scale * np.array([[0.5, 0.4, 0.3], [0.45, 0.36, 0.27]])
    weights = units.prod(axis=0) / units.sum(axis=0)
    means = 7 * (chances * weights).sum(axis=1) / weights.sum()
    difference = estimand is Estimand.DIFFERENCE
    truth = means[1] - means[0] if difference else means[1] / means[0] - 1
    misses = np.zeros(2)
    runs = 2_000
    for _ in range(runs):
        arms = [
            [
                rng.binomial(7, rng.beta(2 * p, 2 * (1 - p), n)).astype(float).tolist()
                for p, n in zip(chances[arm], units[arm], strict=True)
            ]
            for arm in range(2)
        ]
        measured = cohort_estimate(sample(arms, 7), estimand, _90)
        if isinstance(measured, Estimate):
            misses += measured.low > truth, measured.high < truth
    assert (misses / runs < 0.05 + 3.5 * math.sqrt(0.05 * 0.95 / runs)).all(), misses / runs
