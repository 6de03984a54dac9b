"""Means against numbers from elsewhere: NIST, Stata's data in statsmodels, and scipy."""

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from shipcall.core import Estimand, Estimate, Tails
from shipcall.stats.bounds import leaning
from shipcall.stats.clusters import Clusters
from shipcall.stats.means import pair_estimate
from shipcall.stats.moments import pair_sample
from shipcall.stats.sample import Skew

_NIST = {
    "numacc1": ([10000001.0, 10000003.0, 10000002.0], 10000002.0, 1.0),
    "numacc2": ([1.2, *[1.1, 1.3] * 500], 1.2, 0.1),
    "numacc3": ([1000000.2, *[1000000.1, 1000000.3] * 500], 1000000.2, 0.1),
    "numacc4": ([10000000.2, *[10000000.1, 10000000.3] * 500], 10000000.2, 0.1),
}


@pytest.mark.parametrize("name", _NIST)
def test_nist_numacc_keeps_its_digits(name: str) -> None:
    """NIST StRD, univariate summary statistics, NumAcc1 to 4: certified mean and SD.

    With one row per cluster the CR2 variance of a mean is SD^2 / n. The data of NumAcc4 are
    themselves rounded to 1e-9, which leaves 8 digits of the SD.
    """
    values, mean, sd = _NIST[name]
    n = len(values)
    sample = pair_sample(values, np.ones(n), np.zeros(n), np.ones(n), Clusters.singles(n))
    assert sample.baseline == pytest.approx(mean, rel=1e-15)
    assert np.sqrt(sample.var_baseline * n) == pytest.approx(sd, rel=2e-8)
    assert sample.df == pytest.approx(n - 1)


def test_cluster_robust_error_of_a_mean_matches_statsmodels() -> None:
    """statsmodels OLS on a constant, cov_type="cluster", use_correction=False, equal sizes.

    With G equal clusters CR2 is the uncorrected sandwich times G / (G - 1).
    """
    rng = np.random.default_rng(11)
    groups = np.repeat(np.arange(12), 7)
    values = rng.normal(size=84) + rng.normal(size=12)[groups]
    fit = sm.OLS(values, np.ones(84)).fit(
        cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}
    )
    sample = pair_sample(values, np.ones(84), values, np.ones(84), Clusters.of(groups))
    assert sample.var_baseline == pytest.approx(fit.bse[0] ** 2 * 12 / 11, rel=1e-12)


def test_unequal_clusters_match_the_matrix_form_of_cr2() -> None:
    """Bell & McCaffrey (2002): A_g = (I - H_gg)^(-1/2) row by row, with an intercept only.

    H = 11'/N; the symmetric root is taken by eigenvalues, the sandwich in full matrices.
    """
    rng = np.random.default_rng(12)
    sizes = [1, 4, 9, 2, 6]
    groups = np.repeat(np.arange(5), sizes)
    values = rng.normal(size=22)
    residuals = values - values.mean()
    total = 0.0
    for group, size in enumerate(sizes):
        roots, axes = np.linalg.eigh(np.eye(size) - np.full((size, size), 1 / 22))
        adjusted = axes @ np.diag(roots**-0.5) @ axes.T @ residuals[groups == group]
        total += float(adjusted.sum()) ** 2
    sample = pair_sample(values, np.ones(22), values, np.ones(22), Clusters.of(groups))
    assert sample.var_baseline == pytest.approx(total / 22**2, rel=1e-12)


def test_paired_difference_of_single_rows_is_the_paired_t_interval() -> None:
    """scipy.stats.ttest_rel(...).confidence_interval(0.9)"""
    rng = np.random.default_rng(13)
    baseline = rng.normal(size=20)
    candidate = baseline + rng.normal(0.3, 0.5, size=20)
    one = np.ones(20)
    sample = pair_sample(baseline, one, candidate, one, Clusters.singles(20))
    sample = replace(sample, skew=Skew(unseen=0.0))
    found = pair_estimate(sample, Estimand.DIFFERENCE, Tails(0.05, 0.05))
    expected = stats.ttest_rel(candidate, baseline).confidence_interval(0.9)
    assert isinstance(found, Estimate)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-10)


def test_each_end_holds_its_own_level() -> None:
    """scipy.stats.t.ppf(0.95, 9) = 1.8331 and t.ppf(0.995, 9) = 3.2498, as in any t table.

    Values 0..9: mean 4.5, SD^2 = 55/6, standard error = sqrt(55/60) = 0.957427.
    """
    values = np.arange(10.0)
    one = np.ones(10)
    sample = pair_sample(np.zeros(10), one, values, one, Clusters.singles(10))
    sample = replace(sample, skew=Skew(unseen=0.0))
    found = pair_estimate(sample, Estimand.CANDIDATE, Tails(0.05, 0.005))
    assert isinstance(found, Estimate)
    assert found.low == pytest.approx(4.5 - 1.8331 * 0.957427, abs=1e-4)
    assert found.high == pytest.approx(4.5 + 3.2498 * 0.957427, abs=1e-4)


def test_ratio_variance_matches_the_textbook_linearisation() -> None:
    """Cochran (1977), Sampling Techniques, 3rd ed., section 2.11, without finite correction.

    v(R) = sum (y - R x)^2 / (n (n - 1) xbar^2); ours weighs each cluster by 1 / (1 - share)
    instead of n / (n - 1), so equal denominators of 2 must agree exactly.
    """
    num = np.array([1.0, 3.0, 2.0, 4.0, 3.5])
    den = np.full(5, 2.0)
    ratio = num.sum() / den.sum()
    expected = ((num - ratio * den) ** 2).sum() / (5 * 4 * 4.0)
    sample = pair_sample(num, den, num, den, Clusters.singles(5))
    assert sample.baseline == pytest.approx(1.35)
    assert sample.var_baseline == pytest.approx(expected, rel=1e-12)


def test_fieller_matches_a_published_root_formula() -> None:
    """Fieller (1954) in the form of Finney: with g = t^2 v22 / b^2,

    [a/b - g v12/v22 -+ (t/b) sqrt(v11 - 2 (a/b) v12 + (a/b)^2 v22 - g (v11 - v12^2/v22))] / (1-g).
    """
    rng = np.random.default_rng(14)
    baseline = rng.normal(5, 1.5, size=15)
    candidate = baseline * 0.8 + rng.normal(1.3, 1.0, size=15)
    one = np.ones(15)
    sample = pair_sample(baseline, one, candidate, one, Clusters.singles(15))
    sample = replace(sample, skew=Skew(unseen=0.0))
    v = np.cov(candidate, baseline) / 15
    a, b = candidate.mean(), baseline.mean()
    t = stats.t.ppf(0.95, 14)
    g = t * t * v[1, 1] / b**2
    r = a / b
    inner = v[0, 0] - 2 * r * v[0, 1] + r * r * v[1, 1] - g * (v[0, 0] - v[0, 1] ** 2 / v[1, 1])
    ends = [(r - g * v[0, 1] / v[1, 1] + s * t / b * np.sqrt(inner)) / (1 - g) - 1 for s in (-1, 1)]
    found = pair_estimate(sample, Estimand.RELATIVE, Tails(0.05, 0.05))
    assert isinstance(found, Estimate)
    assert (found.low, found.high) == pytest.approx(ends, rel=1e-9)


def test_the_end_on_the_side_of_the_long_tail_moves_out_and_the_other_stays() -> None:
    """By hand: t + L (1 + 2 t^2) / 6 + L^2 t^3 / 3, with what ten clusters show and may hide.

    Values 0 x 9 and 1: mean .1, SD^2 = .1, standard error .1, t.ppf(.95, 9) = 1.833113. By hand
    the adjusted skewness is 3.162278 (scipy.stats.skew(bias=False)), over sqrt(10) it is 1; a
    skewness of normal data has the standard error sqrt(6 / 10), over sqrt(10) 4/3 of it are
    .326599. So L = 1.326599 and the high end is .1 + .1 (1.833113 + 1.707018 + 3.613508) =
    .815364. Towards the low end L is negative, and t stays.
    """
    values = np.array([0.0] * 9 + [1.0])
    assert stats.skew(values, bias=False) == pytest.approx(3.162278, abs=1e-6)
    one = np.ones(10)
    sample = pair_sample(values, one, values, one, Clusters.singles(10))
    assert sample.skew.candidate == pytest.approx(1.0)
    found = pair_estimate(sample, Estimand.CANDIDATE, Tails(0.05, 0.05))
    assert isinstance(found, Estimate)
    assert found.high == pytest.approx(0.815364, abs=1e-5)
    assert found.low == pytest.approx(0.1 - 0.1833113, abs=1e-6)


@pytest.mark.parametrize("point", [1.2, 1.833113, 3.5])
def test_a_slight_lean_moves_the_point_by_johnsons_term(point: float) -> None:
    """Johnson (1978): to first order in the skewness L, t moves by L (1 + 2 t^2) / 6."""
    moved = (leaning(point, 1e-7) - point) / 1e-7
    assert moved == pytest.approx((1 + 2 * point**2) / 6, rel=1e-5)
