"""AUC and its covariance against other programs, definitions and published figures."""

import json
import os
from itertools import product
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from scipy.stats import mannwhitneyu
from sklearn.metrics import roc_auc_score

from shipcall.core import Estimand, Estimate, Tails
from shipcall.stats.ranking import auc_estimate, auc_pair_sample
from shipcall.stats.sample import Floats, Ints, Lost, PairSample


def _data() -> Path:
    named = os.environ.get("SHIPCALL_DATA")
    folder = Path(named) if named else Path(__file__).resolve().parents[3] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no data folder {folder}: set SHIPCALL_DATA to run this test")
    return folder


def _sample(label: Ints, baseline: Floats, candidate: Floats, cluster: Ints) -> PairSample:
    return auc_pair_sample(label, baseline, candidate, cluster, lost=Lost(), influence=True)


def _draw(seed: int, rows: int) -> tuple[Ints, Floats, Floats]:
    rng = np.random.default_rng(seed)
    label = (rng.random(rows) < 0.4).astype(np.int64)
    baseline = np.round(rng.normal(size=rows) + label, 1)
    candidate = np.round(0.6 * baseline + rng.normal(size=rows) + label, 1)
    return label, baseline, candidate


def _wins(positive: float, negative: float) -> float:
    return 0.5 if positive == negative else float(positive > negative)


def test_four_rows_match_the_scikit_learn_manual() -> None:
    """sklearn manual, roc_auc_score: y = [0, 0, 1, 1], scores = [.1, .4, .35, .8] give 0.75."""
    scores = np.array([0.1, 0.4, 0.35, 0.8])
    sample = _sample(np.array([0, 0, 1, 1]), scores, -scores, np.arange(4))
    assert sample.baseline == pytest.approx(0.75)
    assert sample.candidate == pytest.approx(0.25)


@pytest.mark.parametrize("seed", range(5))
def test_value_with_many_ties_matches_sklearn_and_mann_whitney(seed: int) -> None:
    """sklearn.metrics.roc_auc_score; scipy.stats.mannwhitneyu statistic / (m n)."""
    label, baseline, candidate = _draw(seed, 300)
    sample = _sample(label, baseline, candidate, np.arange(300))
    assert sample.baseline == pytest.approx(roc_auc_score(label, baseline), abs=1e-14)
    u = mannwhitneyu(candidate[label == 1], candidate[label == 0]).statistic
    pairs = label.sum() * (label.size - label.sum())
    assert sample.candidate == pytest.approx(u / pairs, abs=1e-14)


def test_covariance_matches_delong_by_structural_components() -> None:
    """DeLong et al. (1988), every pair compared: S10 / m + S01 / n."""
    label, *scores = _draw(11, 90)
    m, n = int(label.sum()), int((label == 0).sum())
    v10, v01 = np.empty((2, m)), np.empty((2, n))
    for model, score in enumerate(scores):
        wins = np.array([[_wins(p, q) for q in score[label == 0]] for p in score[label == 1]])
        v10[model], v01[model] = wins.mean(axis=1), wins.mean(axis=0)
    expected = np.cov(v10) / m + np.cov(v01) / n
    sample = _sample(label, scores[0], scores[1], np.arange(90))
    assert sample.var_baseline == pytest.approx(expected[0, 0], rel=1e-12)
    assert sample.var_candidate == pytest.approx(expected[1, 1], rel=1e-12)
    assert sample.covariance == pytest.approx(expected[0, 1], rel=1e-12)
    assert sample.df <= min(m, n) - 1 + 1e-9


def test_equal_clusters_match_obuchowski_by_definition() -> None:
    """Obuchowski (1997): S10 / m + S01 / n + 2 S11 / (m n), sums of placements by cluster."""
    rng = np.random.default_rng(3)
    groups, positives, negatives = 12, 3, 4
    cluster = np.repeat(np.arange(groups), positives + negatives)
    label = np.tile([1] * positives + [0] * negatives, groups)
    score = np.round(rng.normal(size=groups)[cluster] + rng.normal(size=label.size) + label, 1)
    sample = _sample(label, score, -score, cluster)
    m, n, theta = groups * positives, groups * negatives, sample.baseline
    assert theta is not None
    x, y = np.zeros(groups), np.zeros(groups)
    ones, zeros = np.flatnonzero(label == 1), np.flatnonzero(label == 0)
    for i, j in product(ones, zeros):
        x[cluster[i]] += _wins(score[i], score[j]) / n
        y[cluster[j]] += _wins(score[i], score[j]) / m
    dx, dy = x - positives * theta, y - negatives * theta
    factor = groups / (groups - 1)
    s10, s01, s11 = factor * dx @ dx / m, factor * dy @ dy / n, factor * dx @ dy
    expected = s10 / m + s01 / n + 2 * s11 / (m * n)
    assert sample.var_baseline == pytest.approx(expected, rel=1e-12)
    assert sample.df == pytest.approx(groups - 1)


def test_unequal_clusters_match_the_definition_pair_by_pair() -> None:
    """Placement sums by cluster, each class's sum over sqrt(1 - share): O(mn) by hand."""
    label, baseline, candidate = _draw(7, 80)
    cluster = np.random.default_rng(8).integers(0, 15, 80) * 3
    sample = _sample(label, baseline, candidate, cluster)
    psi = np.zeros((2, 50))
    ones, zeros = np.flatnonzero(label == 1), np.flatnonzero(label == 0)
    share1 = np.bincount(cluster[ones], minlength=50) / ones.size
    share0 = np.bincount(cluster[zeros], minlength=50) / zeros.size
    for model, score in enumerate((baseline, candidate)):
        wins = np.array([[_wins(score[i], score[j]) for j in zeros] for i in ones])
        for i, placed in zip(ones, wins.mean(axis=1) - wins.mean(), strict=True):
            psi[model, cluster[i]] += placed / ones.size / np.sqrt(1 - share1[cluster[i]])
        for j, placed in zip(zeros, wins.mean(axis=0) - wins.mean(), strict=True):
            psi[model, cluster[j]] += placed / zeros.size / np.sqrt(1 - share0[cluster[j]])
    assert sample.var_baseline == pytest.approx(psi[0] @ psi[0], rel=1e-12)
    assert sample.covariance == pytest.approx(psi[0] @ psi[1], rel=1e-12)


def test_difference_at_large_samples_is_delong_with_a_normal_quantile() -> None:
    """DeLong's interval: difference -/+ 1.6449 * sqrt(v1 + v2 - 2 c); 95 % one-sided each."""
    label, baseline, candidate = _draw(5, 20_000)
    sample = _sample(label, baseline, candidate, np.arange(20_000))
    measured = auc_estimate(sample, Estimand.DIFFERENCE, Tails(0.05, 0.05))
    assert isinstance(measured, Estimate)
    variance = sample.var_baseline + sample.var_candidate - 2 * sample.covariance
    half = 1.6448536 * float(np.sqrt(variance))
    assert measured.value - measured.low == pytest.approx(half, rel=5e-3)
    assert measured.high - measured.value == pytest.approx(half, rel=5e-3)


def test_ten_chunks_of_car_loans_match_the_published_auc() -> None:
    """NannyML notebook, realised ROC AUC of ten chunks of 5,000, six decimals."""
    folder = _data() / "drift"
    score = pq.read_table(folder / "carloan_analysis.parquet")["y_pred_proba"].to_numpy()
    label = pq.read_table(folder / "carloan_analysis_target.parquet")["repaid"].to_numpy()
    published = json.loads((folder / "carloan_published.json").read_text())["roc_auc"]
    for chunk, expected in enumerate(published):
        rows = slice(5_000 * chunk, 5_000 * (chunk + 1))
        sample = _sample(label[rows], score[rows], score[rows], np.arange(5_000))
        assert sample.baseline == pytest.approx(expected, abs=5e-7)


@pytest.mark.parametrize("seed", range(3))
def test_a_weighted_area_matches_sklearn(seed: int) -> None:
    """sklearn.metrics.roc_auc_score with sample_weight; some rows weigh nothing."""
    label, baseline, candidate = _draw(seed, 300)
    weight = np.random.default_rng(seed).choice([0.0, 0.2, 1.0, 3.7], 300)
    sample = auc_pair_sample(
        label, baseline, candidate, np.arange(300), weight, lost=Lost(), influence=True
    )
    wanted = [roc_auc_score(label, said, sample_weight=weight) for said in (baseline, candidate)]
    assert [sample.baseline, sample.candidate] == pytest.approx(wanted, abs=1e-13)


def test_a_weight_of_three_is_three_rows_of_one_cluster() -> None:
    """By definition: the same rows written out as often as they weigh, clusters kept."""
    label, baseline, candidate = _draw(9, 200)
    cluster = np.random.default_rng(9).integers(0, 60, 200)
    weight = np.random.default_rng(8).integers(0, 4, 200)
    weighed = auc_pair_sample(
        label, baseline, candidate, cluster, weight, lost=Lost(), influence=False
    )
    often = np.repeat(np.arange(200), weight)
    written = _sample(label[often], baseline[often], candidate[often], cluster[often])
    for name in ("baseline", "candidate", "var_baseline", "var_candidate", "covariance", "df"):
        assert getattr(weighed, name) == pytest.approx(getattr(written, name), rel=1e-10), name
    positive = weight[label == 1]
    effective = positive.sum() ** 2 / (positive**2).sum()
    assert weighed.weight_baseline == pytest.approx(effective)
