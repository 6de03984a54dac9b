"""Calibration error against another program, hand arithmetic and pairwise definitions."""

import os
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import statsmodels.api as sm
from scipy import stats

from shipcall.core import Estimand, Estimate, Tails
from shipcall.stats.calibration import bin_sample, ece_estimate, plug_in_ece, width_edges
from shipcall.stats.sample import Floats, Lost


def _data() -> Path:
    named = os.environ.get("SHIPCALL_DATA")
    folder = Path(named) if named else Path(__file__).resolve().parents[3] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no data folder {folder}: set SHIPCALL_DATA to run this test")
    return folder


def test_top_label_error_of_vgg16_on_cifar10_matches_another_program() -> None:
    """uncertainty-calibration: ECE, 15 equal-width bins, .03978005; accuracy .9359, mean .97557.

    It sums in single precision: seven digits agree.
    """
    table = pq.read_table(_data() / "calib" / "cifar10_vgg16_probs.parquet")
    probability = np.column_stack([table[f"p{i}"].to_numpy() for i in range(10)]).astype(float)
    confidence = np.minimum(probability.max(axis=1), 1.0)
    right = (probability.argmax(axis=1) == table["label"].to_numpy()).astype(float)
    assert right.mean() == pytest.approx(0.9359, abs=5e-5)
    assert confidence.mean() == pytest.approx(0.97557, abs=5e-6)
    rows = np.arange(right.size)
    sample = bin_sample(confidence, right, confidence, right, rows, width_edges(15), lost=Lost())
    assert plug_in_ece(sample).candidate == pytest.approx(0.03978005, abs=5e-8)
    measured = ece_estimate(sample, Estimand.CANDIDATE, Tails(0.05, 0.05), np.random.default_rng(1))
    assert isinstance(measured, Estimate)
    assert 0.03 < measured.low < measured.value <= 0.03978005 < measured.high < 0.05


def test_gaps_of_five_rows_by_hand() -> None:
    """Bins (0, .5] and (.5, 1]: gaps ((0-.2)+(1-.4))/5 = .08 and (-.9+.2+.3)/5 = -.08."""
    confidence = [0.2, 0.4, 0.9, 0.8, 0.7]
    outcome = [0, 1, 0, 1, 1]
    sample = bin_sample(
        confidence, outcome, outcome, outcome, np.arange(5), width_edges(2), lost=Lost()
    )
    assert sample.gaps == pytest.approx(np.array([[0.08, -0.08], [0.0, 0.0]]))
    assert plug_in_ece(sample) == pytest.approx((0.16, 0.0))


def test_covariance_matches_cluster_robust_regression() -> None:
    """statsmodels OLS of (outcome - confidence) * in-bin on 1, cov_type cluster.

    statsmodels multiplies by G / (G - 1) * (n - 1) / (n - k); with k = 1 the second factor is 1.
    """
    rng = np.random.default_rng(4)
    rows, bins = 400, 3
    cluster = rng.integers(0, 40, rows)
    confidence, other = rng.random(rows), rng.random(rows)
    outcome = (rng.random(rows) < confidence).astype(float)
    edges = width_edges(bins)
    sample = bin_sample(confidence, outcome, other, outcome, cluster, edges, lost=Lost())
    columns = []
    for stated in (confidence, other):
        held = np.searchsorted(edges[1:-1], stated)
        columns += [np.where(held == b, outcome - stated, 0.0) for b in range(bins)]

    def variance(column: Floats) -> float:
        fit = sm.OLS(column, np.ones(rows)).fit(cov_type="cluster", cov_kwds={"groups": cluster})
        return float(fit.cov_params()[0, 0])

    for i, one in enumerate(columns):
        assert sample.covariance[i, i] == pytest.approx(variance(one), rel=1e-10)
        for j, two in enumerate(columns[:i]):
            crossed = (variance(one + two) - variance(one) - variance(two)) / 2
            assert sample.covariance[i, j] == pytest.approx(crossed, rel=1e-8, abs=1e-15)


def test_interval_of_one_sure_bin_is_that_of_a_mean() -> None:
    """One bin, gap far from zero: mean gap -/+ t * s / sqrt(n); scipy.stats.t.interval."""
    rng = np.random.default_rng(6)
    confidence = np.full(200, 0.9)
    outcome = (rng.random(200) < 0.5).astype(float)
    sample = bin_sample(
        confidence, outcome, confidence, outcome, np.arange(200), width_edges(1), lost=Lost()
    )
    measured = ece_estimate(sample, Estimand.BASELINE, Tails(0.05, 0.01), rng)
    assert isinstance(measured, Estimate)
    gap = confidence - outcome
    error = stats.sem(gap)
    assert measured.value == pytest.approx(gap.mean(), rel=1e-9)
    assert measured.low == pytest.approx(gap.mean() - stats.t.ppf(0.95, 199) * error, rel=1e-9)
    assert measured.high == pytest.approx(gap.mean() + stats.t.ppf(0.99, 199) * error, rel=1e-9)


def test_interval_of_one_unsure_bin_bounds_below_by_the_absolute_noise() -> None:
    """One bin near zero: low end is |gap| - t(1 - tail / 2) * se, since |noise| is two-sided."""
    confidence = np.full(200, 0.6)
    outcome = np.repeat([1.0, 0.0], [135, 65])
    sample = bin_sample(
        confidence, outcome, confidence, outcome, np.arange(200), width_edges(1), lost=Lost()
    )
    rng = np.random.default_rng(7)
    measured = ece_estimate(sample, Estimand.BASELINE, Tails(0.05, 0.05), rng)
    assert isinstance(measured, Estimate)
    error = float(stats.sem(outcome))
    assert measured.low == pytest.approx(0.075 - stats.t.ppf(0.975, 199) * error, abs=0.03 * error)
    assert measured.high == pytest.approx(0.075 + stats.t.ppf(0.95, 199) * error, rel=1e-9)
