"""Calibration error: bins, refusals, honest intervals near zero, coverage."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit, ndtri

from shipcall.core import Absent, Estimand, Estimate, Measured, Reason, Tails
from shipcall.stats.calibration import (
    bin_sample,
    ece_estimate,
    plug_in_ece,
    quantile_edges,
    width_edges,
)
from shipcall.stats.sample import BinSample, Floats, Lost

TAILS = Tails(0.05, 0.05)
SCORES = 1.5 + 1.2 * ndtri((np.arange(200_000) + 0.5) / 200_000)
"""A fine grid of the population of log odds from which tests draw."""
EDGES = quantile_edges(expit(SCORES), 15)


def _true_ece(slope: float, edges: Floats) -> float:
    """Confidence is expit(score / slope) where the chance of a positive is expit(score)."""
    stated, bins = expit(SCORES / slope), edges.size - 1
    held = np.searchsorted(edges[1:-1], stated)
    gaps = np.bincount(held, weights=expit(SCORES) - stated, minlength=bins)
    return float(np.abs(gaps).sum()) / SCORES.size


def _draw(
    rng: np.random.Generator, rows: int, slopes: tuple[float, float], lost: int = 0
) -> BinSample:
    score = 1.5 + 1.2 * rng.normal(size=rows)
    outcome = rng.random(rows) < expit(score)
    baseline, candidate = (expit(score / slope) for slope in slopes)
    return bin_sample(
        baseline, outcome, candidate, outcome, np.arange(rows), EDGES, lost=Lost(rows=lost)
    )


def _reason(measured: Measured) -> Reason | None:
    return measured.reason if isinstance(measured, Absent) else None


def test_quantile_edges_hold_equally_many_rows(rng: np.random.Generator) -> None:
    values = rng.beta(5, 1, size=1_500)
    edges = quantile_edges(values, 15)
    counts = np.bincount(np.searchsorted(edges[1:-1], values))
    assert counts.tolist() == [100] * 15
    assert (edges[0], edges[-1]) == (0.0, 1.0)


def test_tied_confidences_are_not_split_and_leave_no_empty_bin() -> None:
    values = np.repeat([0.2, 0.9, 1.0], [10, 5, 85])
    edges = quantile_edges(values, 20)
    counts = np.bincount(np.searchsorted(edges[1:-1], values), minlength=edges.size - 1)
    assert edges.tolist() == [0.0, 0.2, 0.9, 1.0]
    assert counts.tolist() == [10, 5, 85]


@pytest.mark.parametrize("value", [0.0, 0.4, 1.0])
def test_constant_confidence_makes_one_bin(value: float) -> None:
    assert quantile_edges(np.full(30, value), 15).tolist() == [0.0, 1.0]


def test_no_rows_have_no_quantiles() -> None:
    with pytest.raises(ValueError, match="no rows"):
        quantile_edges([], 15)


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_a_confidence_outside_its_range_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match=r"outside \[0, 1\]"):
        quantile_edges([0.5, value], 15)


def test_columns_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="3 cluster codes, 2 confidences"):
        bin_sample(
            [0.5, 0.5], [0, 1], [0.5, 0.5], [0, 1], np.arange(3), width_edges(2), lost=Lost()
        )


def test_the_candidate_may_leave_the_range_of_the_edges() -> None:
    edges = quantile_edges([0.4, 0.5, 0.6, 0.7], 2)
    rows = np.arange(4)
    sample = bin_sample(
        [0.4, 0.5, 0.6, 0.7],
        [0, 1, 0, 1],
        [0.0, 0.1, 0.9, 1.0],
        [0, 1, 0, 1],
        rows,
        edges,
        lost=Lost(),
    )
    assert sample.gaps[1] == pytest.approx([0.9 / 4, -0.9 / 4])


def test_order_of_rows_changes_nothing_but_rounding(rng: np.random.Generator) -> None:
    stated, outcome, cluster = rng.random(500), rng.random(500) < 0.5, rng.integers(0, 60, 500)
    moved = rng.permutation(500)
    one = bin_sample(stated, outcome, 1 - stated, outcome, cluster, EDGES, lost=Lost())
    two = bin_sample(
        stated[moved],
        outcome[moved],
        1 - stated[moved],
        outcome[moved],
        cluster[moved],
        EDGES,
        lost=Lost(),
    )
    assert one.gaps == pytest.approx(two.gaps, abs=1e-14)
    assert one.covariance == pytest.approx(two.covariance, abs=1e-14)


def test_more_clusters_than_one_chunk_give_the_same_covariance(
    rng: np.random.Generator,
) -> None:
    rows = 40_000
    stated = rng.random(rows)
    outcome = (rng.random(rows) < stated).astype(float)
    edges = width_edges(2)
    sample = bin_sample(stated, outcome, stated, outcome, np.arange(rows), edges, lost=Lost())
    upper = np.where(stated > 0.5, outcome - stated, 0.0)
    assert sample.covariance[1, 1] == pytest.approx(np.var(upper, ddof=1) / rows, rel=1e-10)


def test_lost_rows_leave_no_calibration(rng: np.random.Generator) -> None:
    sample = _draw(rng, 500, (1.0, 0.8), lost=1)
    assert _reason(ece_estimate(sample, Estimand.CANDIDATE, TAILS, rng)) is Reason.ROWS_MISSING


@pytest.mark.parametrize("estimand", [Estimand.RELATIVE, Estimand.COUNT])
def test_a_ratio_of_calibration_errors_is_not_offered(
    rng: np.random.Generator, estimand: Estimand
) -> None:
    sample = _draw(rng, 500, (1.0, 0.8))
    assert _reason(ece_estimate(sample, estimand, TAILS, rng)) is Reason.NOT_MEASURABLE


def test_no_rows_are_no_calibration(rng: np.random.Generator) -> None:
    sample = _draw(rng, 0, (1.0, 0.8))
    assert _reason(ece_estimate(sample, Estimand.CANDIDATE, TAILS, rng)) is Reason.NO_ROWS


def test_nineteen_clusters_are_too_few(rng: np.random.Generator) -> None:
    stated = rng.random(1_900)
    outcome = rng.random(1_900) < stated
    cluster = np.arange(1_900) % 19
    sample = bin_sample(stated, outcome, stated, outcome, cluster, EDGES, lost=Lost())
    measured = ece_estimate(sample, Estimand.CANDIDATE, TAILS, rng)
    assert _reason(measured) is Reason.TOO_FEW_CLUSTERS


def test_one_row_per_bin_is_too_little(rng: np.random.Generator) -> None:
    stated = (np.arange(30) + 0.5) / 30
    outcome = rng.random(30) < stated
    sample = bin_sample(
        stated, outcome, stated, outcome, np.arange(30), width_edges(30), lost=Lost()
    )
    measured = ece_estimate(sample, Estimand.CANDIDATE, TAILS, rng)
    assert _reason(measured) is Reason.TOO_FEW_UNITS


def test_one_cluster_has_a_covariance_of_zero_and_no_estimate(rng: np.random.Generator) -> None:
    cluster = np.zeros(50, dtype=np.int64)
    stated = rng.random(50)
    sample = bin_sample(stated, stated, stated, stated, cluster, EDGES, lost=Lost())
    assert sample.df == 0
    assert _reason(ece_estimate(sample, Estimand.BASELINE, TAILS, rng)) is Reason.TOO_FEW_CLUSTERS


def test_constant_rows_are_no_pass(rng: np.random.Generator) -> None:
    ones = np.ones(500)
    sample = bin_sample(ones, ones, ones, ones, np.arange(500), EDGES, lost=Lost())
    assert plug_in_ece(sample) == (0.0, 0.0)
    assert _reason(ece_estimate(sample, Estimand.CANDIDATE, TAILS, rng)) is Reason.CONSTANT


def test_the_same_model_twice_has_no_difference_to_measure(rng: np.random.Generator) -> None:
    sample = _draw(rng, 2_000, (0.8, 0.8))
    assert _reason(ece_estimate(sample, Estimand.DIFFERENCE, TAILS, rng)) is Reason.CONSTANT


def test_a_bin_without_errors_is_never_sure(rng: np.random.Generator) -> None:
    """All 30 rows at .99 are right: the interval still reaches one cluster in the other bin."""
    stated = np.concatenate([np.full(30, 0.99), np.full(30, 0.4)])
    outcome = np.concatenate([np.ones(30), np.tile([1.0, 0.0], 15)])
    sample = bin_sample(
        stated, outcome, stated, outcome, np.arange(60), np.array([0.0, 0.5, 1.0]), lost=Lost()
    )
    measured = ece_estimate(sample, Estimand.CANDIDATE, TAILS, rng)
    assert isinstance(measured, Estimate)
    spread = np.sqrt(sample.covariance[2, 2] + 1 / 60**2)
    assert measured.high - plug_in_ece(sample).candidate > 1.6 * spread


def test_the_same_seed_gives_the_same_interval(rng: np.random.Generator) -> None:
    sample = _draw(rng, 500, (1.0, 0.8))
    seeds = (np.random.default_rng(3), np.random.default_rng(3))
    one, two = (ece_estimate(sample, Estimand.DIFFERENCE, TAILS, seed) for seed in seeds)
    assert one == two


def test_far_tails_go_on_beyond_the_draws(rng: np.random.Generator) -> None:
    sample = _draw(rng, 2_000, (1.0, 1.0))
    highs = []
    for tail in (1e-2, 1e-3, 1e-4, 1e-6):
        measured = ece_estimate(sample, Estimand.CANDIDATE, Tails(tail, tail), rng)
        assert isinstance(measured, Estimate)
        assert measured.low == 0.0
        highs.append(measured.high)
    assert (np.diff(highs) > 0).all()


@pytest.mark.slow
@pytest.mark.parametrize("slope", [1.0, 1.5])
@pytest.mark.parametrize("rows", [200, 2_000])
def test_interval_of_one_model_holds_its_level(
    slope: float, rows: int, rng: np.random.Generator
) -> None:
    """Perfect and miscalibrated models, 200 draws, 5 % a side, + 3 standard errors."""
    truth = _true_ece(slope, EDGES)
    misses = np.zeros(2)
    for _ in range(200):
        sample = _draw(rng, rows, (slope, 1.0))
        measured = ece_estimate(sample, Estimand.BASELINE, TAILS, rng)
        assert isinstance(measured, Estimate)
        misses += (measured.low > truth, measured.high < truth)
    assert (misses / 200 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)).all(), misses


@pytest.mark.slow
@pytest.mark.parametrize("slopes", [(1.25, 1.0), (1.0, 1.25), (2.0, 1.6)])
def test_interval_of_a_paired_difference_holds_its_level(
    slopes: tuple[float, float], rng: np.random.Generator
) -> None:
    """Two models on the same 2,000 rows, 150 draws, 5 % a side, + 3 standard errors."""
    truth = _true_ece(slopes[1], EDGES) - _true_ece(slopes[0], EDGES)
    misses = np.zeros(2)
    for _ in range(150):
        measured = ece_estimate(_draw(rng, 2_000, slopes), Estimand.DIFFERENCE, TAILS, rng)
        assert isinstance(measured, Estimate)
        misses += (measured.low > truth, measured.high < truth)
    assert (misses / 150 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 150)).all(), misses


@pytest.mark.slow
def test_clustered_rows_hold_the_level_where_a_model_is_calibrated(
    rng: np.random.Generator,
) -> None:
    """Sixty clusters of 1-39 rows, a shared uniform decides 40 % of rows; 200 draws, one side."""
    misses = 0
    for _ in range(200):
        cluster = np.repeat(np.arange(60), rng.integers(1, 40, 60))
        stated = expit(1.5 + 1.2 * rng.normal(size=cluster.size))
        shared, own = rng.random(60)[cluster], rng.random(cluster.size)
        outcome = np.where(rng.random(cluster.size) < 0.4, shared, own) < stated
        sample = bin_sample(stated, outcome, stated, outcome, cluster, EDGES, lost=Lost())
        measured = ece_estimate(sample, Estimand.BASELINE, TAILS, rng)
        assert isinstance(measured, Estimate)
        misses += measured.low > 0
    assert misses / 200 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)


@pytest.mark.slow
def test_debiased_value_lies_nearer_to_the_truth_than_the_plug_in(
    rng: np.random.Generator,
) -> None:
    values = np.zeros(2)
    truth = _true_ece(1.15, EDGES)
    for _ in range(100):
        sample = _draw(rng, 1_000, (1.15, 1.0))
        measured = ece_estimate(sample, Estimand.BASELINE, TAILS, rng)
        assert isinstance(measured, Estimate)
        values += (measured.value / 100, plug_in_ece(sample).baseline / 100)
    assert truth < values[0] < values[1]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20_261_120)


def test_edges_of_whole_weights_are_those_of_the_rows_written_out(
    rng: np.random.Generator,
) -> None:
    stated, weight = rng.random(400).round(2), rng.integers(1, 6, 400)
    for bins in (2, 7, 15):
        weighed = quantile_edges(stated, bins, weight)
        assert weighed.tolist() == quantile_edges(np.repeat(stated, weight), bins).tolist()
        assert quantile_edges(stated, bins, np.full(400, 0.1)).tolist() == (
            quantile_edges(stated, bins).tolist()
        )


def test_a_heavy_row_takes_rows_from_the_count_and_not_from_the_sums() -> None:
    """By hand: gaps .5 and -.25, weights 3 and 1 over 4; n' = 16 / 10, so G' = 1.6 of 2."""
    sample = bin_sample(
        [0.5, 0.25],
        [1, 0],
        [0.5, 0.25],
        [1, 0],
        np.arange(2),
        width_edges(1),
        lost=Lost(),
        weight=[3, 1],
    )
    gap = (3 * 0.5 - 0.25) / 4
    residuals = 3 * 0.5 - 3 * gap, -0.25 - gap
    square = sum(one**2 for one in residuals) / 16 * (1.6 / 0.6)
    assert sample.gaps.tolist() == [[gap], [gap]]
    assert sample.covariance == pytest.approx(np.full((2, 2), square))
    assert (sample.evenness, sample.df) == pytest.approx((0.8, 0.6))


@pytest.mark.parametrize("weight", [[1.0, 0.0], [1.0, float("inf")], [1.0, float("nan")], [1.0]])
def test_weights_that_weigh_nothing_are_refused(weight: list[float]) -> None:
    with pytest.raises(ValueError, match="2 rows need as many weights"):
        bin_sample(
            [0.5, 0.5], [0, 1], [0.5, 0.5], [0, 1], np.arange(2), EDGES, lost=Lost(), weight=weight
        )


def test_a_few_heavy_rows_are_few_rows(rng: np.random.Generator) -> None:
    stated = rng.uniform(0.2, 0.8, 400)
    outcome = (rng.random(400) < stated).astype(float)
    weight = np.where(np.arange(400) < 15, 1e6, 1.0)
    columns = (stated, outcome, stated, outcome, np.arange(400))
    sample = bin_sample(*columns, width_edges(5), lost=Lost(), weight=weight)
    refused = ece_estimate(sample, Estimand.CANDIDATE, TAILS, rng)
    assert isinstance(refused, Absent)
    assert refused.detail == "400 clusters that count as 15.0; 20 needed"


def test_models_that_are_one_shift_apart_have_no_difference_that_varies(
    rng: np.random.Generator,
) -> None:
    stated = rng.uniform(0.3, 0.9, 2_000)
    outcome = (rng.random(2_000) < stated).astype(float)
    rows = np.arange(2_000)
    edges = width_edges(5)
    sample = bin_sample(stated - 0.1, outcome, stated - 0.2, outcome, rows, edges, lost=Lost())
    refused = ece_estimate(sample, Estimand.DIFFERENCE, TAILS, rng)
    assert _reason(refused) is Reason.CONSTANT


@pytest.mark.slow
@pytest.mark.parametrize(("heavy", "share"), [(5.0, 0.2), (20.0, 0.05)])
def test_weighted_ends_miss_no_more_often_than_they_say(heavy: float, share: float) -> None:
    """The law has gaps of .08 and .2 on light rows and .05 more on heavy ones, whatever is said."""
    rng, runs, n = np.random.default_rng(23), 400, 1_000
    more = 0.05 * heavy * share / (heavy * share + 1 - share)
    misses, errors = np.zeros(4), []
    for _ in range(runs):
        chance, large = rng.uniform(0.3, 0.9, n), rng.random(n) < share
        outcome = (rng.random(n) < chance + 0.05 * large).astype(float)
        weight = np.where(large, heavy, 1.0)
        said = (chance - 0.08, outcome, chance - 0.2, outcome, np.arange(n))
        sample = bin_sample(*said, width_edges(5), lost=Lost(), weight=weight)
        baseline, candidate = (
            ece_estimate(sample, one, TAILS, rng) for one in (Estimand.BASELINE, Estimand.CANDIDATE)
        )
        assert isinstance(baseline, Estimate)
        assert isinstance(candidate, Estimate)
        truth = 0.08 + more, 0.2 + more
        misses += [baseline.low > truth[0], baseline.high < truth[0], candidate.low > truth[1],
                   candidate.high < truth[1]]  # fmt: skip
        errors.append(candidate.value - truth[1])
    assert misses.max() <= stats.binom.isf(0.001 / 8, runs, 0.05)
    assert abs(np.mean(errors)) < 5 * np.std(errors) / np.sqrt(runs) + 0.002
