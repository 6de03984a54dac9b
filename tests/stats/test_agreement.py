"""Agreement: kappas and alpha hold their level, and say so where they cannot."""

import math

import numpy as np
import pytest
from scipy import stats

from shipcall.core import Absent, Estimate, Reason, Tails
from shipcall.stats.agreement import cohen, fleiss, krippendorff, share_estimate
from shipcall.stats.clusters import Clusters
from shipcall.stats.jackknife import jackknife_estimate

TAILS = Tails(0.05, 0.05)
RUNS = 400


def at_most(misses: int, runs: int = RUNS) -> bool:
    """Chance below 0.002 of more at a rate of 0.05."""
    return misses <= runs * 0.05 + 3 * math.sqrt(runs * 0.05 * 0.95)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rows", "share", "alike", "each"),
    [
        (20, 0.5, 0.6, 1),
        (50, 0.1, 0.8, 1),
        (100, 0.05, 0.9, 1),
        (100, 0.5, 0.98, 1),
        (100, 0.3, 0.7, 5),
        (200, 0.4, 0.6, 1),
    ],
)
def test_kappa_holds_its_level(rows: int, share: float, alike: float, each: int) -> None:
    """The second rater repeats the first with chance `alike`, else deals: kappa is `alike`.

    p = alike + (1 - alike) e with e the agreement by habit, so (p - e) / (1 - e) = alike.
    """
    rng = np.random.default_rng(rows)
    low = high = none = 0
    for _ in range(RUNS):
        one = np.repeat(rng.random(rows // each) < share, each)
        other = np.where(rng.random(rows) < alike, one, rng.random(rows) < share)
        clusters = Clusters.of(np.repeat(np.arange(rows // each), each))
        seen = cohen(one, other, clusters, TAILS)
        if isinstance(seen, Absent):
            none += 1
            continue
        low += seen.low > alike
        high += seen.high < alike
    assert at_most(low)
    assert at_most(high)
    assert none <= 0.05 * RUNS


def test_kappa_where_all_is_alike_is_not_certain() -> None:
    """Clopper-Pearson by hand: all 40 of 40 alike, p at least 0.05 ** (1 / 40); habits even."""
    codes = np.arange(40) % 2
    seen = cohen(codes, codes, Clusters.singles(40), TAILS)
    assert isinstance(seen, Estimate)
    assert (seen.value, seen.high) == (1.0, 1.0)
    assert seen.low == pytest.approx((0.05 ** (1 / 40) - 0.5) / 0.5)


def test_two_raters_with_one_word_say_nothing() -> None:
    seen = cohen(np.ones(30, dtype=int), np.ones(30, dtype=int), Clusters.singles(30), TAILS)
    assert isinstance(seen, Absent)
    assert seen.reason is Reason.CONSTANT


def test_nothing_rated_is_no_data() -> None:
    nobody = Clusters.singles(0)
    assert isinstance(cohen([], [], nobody, TAILS), Absent)
    assert isinstance(fleiss(np.zeros((0, 3)), nobody, TAILS), Absent)
    single = np.array([[1.0, math.nan], [math.nan, 2.0]])
    assert isinstance(krippendorff(single, Clusters.singles(2), TAILS), Absent)


def test_one_cluster_is_no_data() -> None:
    codes = np.array([0, 1, 1, 0, 1])
    seen = cohen(codes, codes[::-1], Clusters.of(np.zeros(5, dtype=int)), TAILS)
    assert isinstance(seen, Absent)


def test_weights_count_an_item_once_however_often_it_was_compared() -> None:
    one, other = np.array([0, 0, 0, 1, 1, 0]), np.array([0, 0, 0, 1, 0, 1])
    item = Clusters.of(np.array([0, 0, 0, 1, 2, 3]))
    thin = [cohen(one[2:], other[2:], Clusters.singles(4), TAILS)]
    thin.append(cohen(one, other, item, TAILS, np.array([1 / 3] * 3 + [1, 1, 1])))
    assert all(isinstance(seen, Estimate) for seen in thin)
    assert thin[0].value == pytest.approx(thin[1].value)  # type: ignore[union-attr]


def test_agreement_of_many_equals_alpha_but_for_the_small_sample() -> None:
    """Krippendorff (2011): alpha = 1 - (1 - kappa) (N n - 1) / (N n) for complete nominal data."""
    rng = np.random.default_rng(3)
    ratings = rng.integers(0, 3, (25, 1)) * (rng.random((25, 4)) < 0.8)
    counts = np.stack([(ratings == k).sum(axis=1) for k in range(3)], axis=1)
    singles = Clusters.singles(25)
    kappa, alpha = fleiss(counts, singles, TAILS), krippendorff(ratings, singles, TAILS)
    assert isinstance(kappa, Estimate)
    assert isinstance(alpha, Estimate)
    assert 1 - alpha.value == pytest.approx((1 - kappa.value) * 99 / 100)


def test_fleiss_needs_as_many_raters_for_each_item() -> None:
    with pytest.raises(ValueError, match="take krippendorff"):
        fleiss([[2, 1], [1, 1]], Clusters.singles(2), TAILS)


@pytest.mark.slow
@pytest.mark.parametrize(("items", "raters", "lost"), [(15, 3, 0.0), (40, 2, 0.0), (60, 4, 0.4)])
def test_alpha_holds_its_level(items: int, raters: int, lost: float) -> None:
    """Each rating is the item's value with chance 0.8, else dealt: alpha tends to 0.64."""
    rng = np.random.default_rng(items)
    low = high = used = 0
    for _ in range(RUNS):
        truth = rng.integers(0, 3, (items, 1))
        dealt = rng.integers(0, 3, (items, raters))
        ratings = np.where(rng.random(dealt.shape) < 0.8, truth, dealt).astype(float)
        ratings[rng.random(ratings.shape) < lost] = math.nan
        seen = krippendorff(ratings, Clusters.singles(items), TAILS)
        if isinstance(seen, Estimate):
            used += 1
            low += seen.low > 0.64
            high += seen.high < 0.64
    assert used >= 0.98 * RUNS
    assert at_most(low)
    assert at_most(high)


def test_a_share_of_single_rows_is_exact() -> None:
    """scipy.stats.binomtest, exact: each end at 0.05."""
    seen = share_estimate(np.arange(50) < 7, Clusters.singles(50), TAILS)
    assert isinstance(seen, Estimate)
    ends = stats.binomtest(7, 50).proportion_ci(confidence_level=0.9, method="exact")
    assert (seen.low, seen.high) == pytest.approx((ends.low, ends.high))


def test_a_jackknife_of_a_mean_has_the_error_of_the_mean() -> None:
    """Efron & Stein: for a mean the jackknife is the usual variance, s^2 / n."""
    values = np.array([1.0, 4.0, 2.0, 8.0, 5.0, 7.0, 1.5, 3.0] * 20)
    without = (values.sum() - values) / (values.size - 1)
    seen = jackknife_estimate(float(values.mean()), without, TAILS, what="mean")
    assert isinstance(seen, Estimate)
    error = values.std(ddof=1) / math.sqrt(values.size)
    assert (seen.high - seen.low) / 2 / error == pytest.approx(1.654, rel=0.02)


@pytest.mark.parametrize(
    ("value", "left_out", "reason"),
    [
        (1.0, [1.0], Reason.TOO_FEW_CLUSTERS),
        (1.0, [1.0, 1.0, 1.0], Reason.CONSTANT),
        (math.nan, [1.0, 2.0], Reason.UNDEFINED),
        (1.0, [1.0, math.nan], Reason.UNDEFINED),
    ],
)
def test_a_jackknife_says_why_it_has_no_interval(
    value: float, left_out: list[float], reason: Reason
) -> None:
    seen = jackknife_estimate(value, np.array(left_out), TAILS, what="it")
    assert isinstance(seen, Absent)
    assert seen.reason is reason
