"""The truths that stand beside a population are those of its rows."""

import math
import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate, special, stats

from shipcall.core import Estimand
from shipcall.world.populations.lost import (
    clusters_lost_to_flatter,
    rows_lost_at_random,
    rows_lost_to_flatter,
)
from shipcall.world.populations.means import (
    LAWS,
    Agreement,
    all_of_k,
    cluster_means,
    cluster_sizes,
    grades,
    positive_mean,
    repeated,
    ruined,
    telling_sizes,
    weighted_pairs,
)
from shipcall.world.populations.releases import (
    SIZES,
    Promise,
    release,
    sliced_answers,
    sliced_grades,
)
from shipcall.world.populations.rows import (
    Contribution,
    Drawn,
    Pairs,
    lost_at_random,
    lost_to_flatter,
    paired_share,
    rows_of,
    share,
)
from shipcall.world.populations.scores import (
    binormal,
    clustered_calls,
    found_positives,
    latencies,
    one_sided_gaps,
    overconfident,
    precise_calls,
    sharpened,
)

Floats = NDArray[np.float64]
MANY = 400_000
FAR = 5.0
"""Standard errors by which a mean may lie off: one in 1.7 million."""


def near(values: Floats, truth: float) -> bool:
    """Does the mean of independent values lie as near the truth as chance leaves it?"""
    error = values.std() / math.sqrt(values.size)
    return bool(abs(values.mean() - truth) <= FAR * error)


def by_cluster(population: Drawn, column: str) -> Floats:
    """Mean of a column, or of the difference, over the rows of each cluster of equal size."""
    rows = population.draw(np.random.default_rng(1))
    values = rows.candidate - rows.baseline if column == "difference" else getattr(rows, column)
    means: Floats = np.bincount(rows.cluster, weights=values) / np.bincount(rows.cluster)
    return means


def test_the_world_loads_no_module_of_those_who_judge() -> None:
    program = (
        "import sys, shipcall.world.populations.rows, shipcall.world.populations.means\n"
        "import shipcall.world.populations.scores, shipcall.world.populations.releases\n"
        "names = ('stats', 'metrics', 'stages', 'studies', 'data', 'contract', 'release')\n"
        "judges = tuple(f'shipcall.{name}' for name in names)\n"
        "print([name for name in sys.modules if name.startswith(judges)])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("law", LAWS)
def test_laws_of_clusters_have_mean_zero_and_variance_one(law: str) -> None:
    drawn = LAWS[law].draw(np.random.default_rng(3), MANY)
    assert near(drawn, 0.0)
    if LAWS[law].contribution is not Contribution.SYMMETRIC:
        assert near(drawn**2, 1.0)


def test_the_skewness_of_the_laws_is_that_of_scipy() -> None:
    """scipy.stats.expon, gamma(0.5) and lognorm with s = 1 and 0.5."""
    exponential, lognormal = stats.expon().stats("s"), stats.lognorm(1.0).stats("s")
    mild, gamma = stats.lognorm(0.5).stats("s"), stats.gamma(0.5).stats("s")
    assert LAWS["lognormal 0.5, tail up"].skewness == pytest.approx(float(mild))
    assert LAWS["gamma 0.5, tail down"].skewness == pytest.approx(-float(gamma))
    assert LAWS["exponential, tail up"].skewness == pytest.approx(float(exponential))
    assert LAWS["lognormal, tail up"].skewness == pytest.approx(float(lognormal))
    assert LAWS["lognormal, tail down"].skewness == -LAWS["lognormal, tail up"].skewness


def test_the_skewness_of_a_cluster_is_thinned_by_the_noise_of_its_rows() -> None:
    """Ten rows: 2 / (1 + 1 / 10)^1.5, as variances add and only the law has a third moment."""
    population = cluster_means(LAWS["exponential, tail up"], 100_000, "equal")
    assert population.shape.skewness == pytest.approx(2.0 / 1.1**1.5)
    values = by_cluster(population, "difference")
    assert stats.skew(values) == pytest.approx(population.shape.skewness, abs=0.08)


@pytest.mark.parametrize(
    ("layout", "sizes"),
    [
        ("single", [1, 1, 1, 1]),
        ("equal", [10, 10, 10, 10]),
        ("4 to 16", [4, 8, 12, 16]),
        ("one holds half", [24, 8, 8, 8]),
    ],
)
def test_clusters_are_as_large_as_their_name_says(layout: str, sizes: list[int]) -> None:
    assert cluster_sizes(layout, 4).tolist() == sizes


@pytest.mark.parametrize(
    "population",
    [
        cluster_means(LAWS["normal"], MANY // 10, "equal"),
        cluster_means(LAWS["exponential, tail down"], MANY, "single"),
        grades(MANY),
        ruined(MANY, 0.02),
        repeated(MANY // 4, 4, Agreement(mean=0.7, correlation=0.3), loss=0.05),
    ],
    ids=lambda population: population.name,
)
def test_the_difference_of_a_mean_is_what_is_said(population: Drawn) -> None:
    truth = population.truth[Estimand.DIFFERENCE]
    assert near(by_cluster(population, "difference"), truth)
    if Estimand.CANDIDATE in population.truth:
        assert near(by_cluster(population, "candidate"), population.truth[Estimand.CANDIDATE])


def test_a_mean_over_rows_loses_what_is_said_where_sizes_tell_of_losses() -> None:
    """Per cluster, sum of differences + 0.1 * size has mean zero exactly if the ratio is -0.1."""
    rows = telling_sizes(MANY).draw(np.random.default_rng(2))
    sizes = np.bincount(rows.cluster)
    sums = np.bincount(rows.cluster, weights=rows.candidate - rows.baseline)
    assert near(sums + 0.1 * sizes, 0.0)
    assert not near(sums / sizes, -0.1)


def test_a_positive_mean_is_one_and_falls_by_its_share() -> None:
    rows = positive_mean(MANY, 0.5).draw(np.random.default_rng(4))
    assert near(rows.baseline, 1.0)
    assert near(rows.candidate, 0.98)
    assert rows.candidate.min() > 0


def test_weights_carry_the_loss() -> None:
    """Sum of w (difference + 0.04) has mean zero exactly if the weighted difference is -0.04."""
    rows = weighted_pairs(MANY).draw(np.random.default_rng(5))
    assert rows.weight is not None
    assert near(rows.weight * (rows.candidate - rows.baseline + 0.04), 0.0)
    assert not near(rows.candidate - rows.baseline, -0.04)


def test_runs_of_one_item_correlate_as_said() -> None:
    population = repeated(MANY, 2, Agreement(mean=0.7, correlation=0.3), loss=0.05)
    first, second = population.draw(np.random.default_rng(6)).baseline.reshape(-1, 2).T
    assert np.corrcoef(first, second)[0, 1] == pytest.approx(0.3, abs=0.01)


def test_the_chance_that_all_runs_succeed_is_a_moment_of_the_beta_law() -> None:
    """scipy.stats.beta(a, b).moment(3) with a = .7 * .7 / .3, b = .3 * .7 / .3."""
    law = Agreement(mean=0.7, correlation=0.3)
    assert law.all_right(3) == pytest.approx(stats.beta(0.49 / 0.3, 0.21 / 0.3).moment(3))
    population = all_of_k(MANY // 3, 3, 3, law, loss=0.05)
    right = by_cluster(population, "baseline") == 1.0
    assert near(right.astype(np.float64), population.truth[Estimand.BASELINE])


def test_an_adversary_loses_the_rows_that_fell_most() -> None:
    rows = rows_lost_to_flatter(grades(1_000), 0.02).draw(np.random.default_rng(7))
    lost = np.isnan(rows.candidate)
    whole = grades(1_000).draw(np.random.default_rng(7))
    fell = whole.candidate - whole.baseline
    assert lost.sum() == 20
    assert np.isnan(rows.baseline).sum() == 20
    assert fell[lost].max() <= fell[~lost].min()


def test_rows_are_lost_by_chance_as_often_as_said_and_the_truth_stays() -> None:
    whole = grades(100_000)
    lossy = rows_lost_at_random(whole, 0.1)
    rows = lossy.draw(np.random.default_rng(7))
    lost = np.isnan(rows.candidate)
    assert (lost == np.isnan(rows.baseline)).all()
    assert near(lost.astype(np.float64), 0.1)
    assert lossy.truth == whole.truth
    assert (lossy.units, lossy.shape) == (whole.units, whole.shape)
    assert near((rows.candidate - rows.baseline)[~lost], whole.truth[Estimand.DIFFERENCE])


def test_whole_clusters_that_fell_most_are_lost_while_the_share_allows_it() -> None:
    """300 items of 4 runs, 2 % are 24 rows: six items, none of them in part."""
    whole = repeated(300, 4, Agreement(mean=0.7, correlation=0.3), loss=0.05)
    rows = clusters_lost_to_flatter(whole, 0.02).draw(np.random.default_rng(7))
    full = whole.draw(np.random.default_rng(7))
    lost = np.isnan(rows.candidate)
    sums = np.bincount(full.cluster, full.candidate - full.baseline)
    items = np.unique(full.cluster[lost])
    assert items.size == 6
    assert lost.sum() == 24
    assert sums[items].max() <= np.delete(sums, items).min()


def test_a_share_below_one_row_loses_nothing_to_flatter() -> None:
    for lose in (rows_lost_to_flatter, clusters_lost_to_flatter):
        rows = lose(grades(20), 0.02).draw(np.random.default_rng(7))
        assert np.isfinite(rows.candidate).all()


def test_pairs_differ_and_lose_as_said() -> None:
    """differing .2, loss .05: .125 fall, .075 gain; of the other .8 a quarter is wrong twice."""
    pairs = Pairs(differing=0.2, loss=0.05, right=0.75)
    assert pairs.chances == pytest.approx((0.6, 0.125, 0.075, 0.2))
    assert pairs.truth[Estimand.BASELINE] == pytest.approx(0.725)
    assert pairs.truth[Estimand.RELATIVE] == pytest.approx(0.675 / 0.725 - 1)
    assert pairs.spread == pytest.approx(math.sqrt(0.2 - 0.05**2))
    tables = paired_share(1_000, pairs).tables(np.random.default_rng(8), 2_000)
    assert (tables.sum(axis=1) == 1_000).all()
    assert near((tables[:, 2] - tables[:, 1]) / 1_000, -0.05)


def test_one_share_is_binomial() -> None:
    tables = share(300, 0.05).tables(np.random.default_rng(9), 20_000)
    assert near(tables[:, 2] / 300, 0.05)
    assert tables[:, 2].var() == pytest.approx(300 * 0.05 * 0.95, rel=0.05)
    assert (tables[:, 2] + tables[:, 3] == 300).all()


def test_lost_pairs_are_lost_at_random_or_to_flatter() -> None:
    pairs = Pairs(differing=0.2, loss=0.05)
    at_random = lost_at_random(1_000, 0.02, pairs).tables(np.random.default_rng(1), 5_000)
    assert near(at_random[:, 4] / 1_000, 0.02)
    assert near((at_random[:, 2] - at_random[:, 1]) / (1_000 - at_random[:, 4]), -0.05)
    flattering = lost_to_flatter(1_000, 0.02, pairs).tables(np.random.default_rng(1), 5_000)
    assert (flattering[:, 4] == 20).all()
    assert near((flattering[:, 2] - flattering[:, 1] - 20) / 1_000, -0.05)


def test_a_table_becomes_its_rows() -> None:
    rows = rows_of(np.array([1, 2, 0, 1, 1]))
    assert rows.baseline[:4].tolist() == [1, 1, 1, 0]
    assert rows.candidate[:4].tolist() == [1, 0, 0, 0]
    assert np.isnan(rows.baseline[4])
    assert np.isnan(rows.candidate[4])


@pytest.mark.parametrize("rows_each", [1, 4])
def test_the_area_of_binormal_scores_is_what_is_said(rows_each: int) -> None:
    """Mann-Whitney's U over the pairs, scipy.stats."""
    population = binormal(40_000, 0.9, rows_each=rows_each)
    rows = population.draw(np.random.default_rng(10))
    for scores, truth in ((rows.baseline, 0.9), (rows.candidate, 0.88)):
        positive, negative = scores[rows.label == 1], scores[rows.label == 0]
        u = stats.mannwhitneyu(positive, negative).statistic
        assert u / positive.size / negative.size == pytest.approx(truth, abs=0.008)


@pytest.mark.parametrize("q", [0.5, 0.9, 0.99])
def test_the_quantile_of_a_latency_is_that_of_the_lognormal_law(q: float) -> None:
    """scipy.stats.lognorm(s=0.3, scale=100).ppf(q)."""
    population = latencies(MANY // 2, q, runs=2)
    truth = float(stats.lognorm(0.3, scale=100).ppf(q))
    assert population.truth[Estimand.BASELINE] == pytest.approx(truth)
    assert population.truth[Estimand.DIFFERENCE] == pytest.approx(10.0)
    rows = population.draw(np.random.default_rng(11))
    assert np.mean(rows.baseline <= truth) == pytest.approx(q, abs=0.006)
    assert np.mean(rows.candidate <= truth + 10) == pytest.approx(q, abs=0.006)


def test_gaps_of_one_sign_are_the_calibration_error() -> None:
    population = one_sided_gaps(MANY, 0.03, 0.06)
    rows = population.draw(np.random.default_rng(12))
    assert rows.label is not None
    assert near(rows.candidate - rows.label, population.truth[Estimand.CANDIDATE])
    assert rows.baseline.min() >= 0
    assert rows.candidate.max() <= 1


def test_overconfidence_is_the_mean_gap_on_either_side_of_one_half() -> None:
    population = overconfident(MANY, 0.7)
    rows = population.draw(np.random.default_rng(13))
    assert rows.label is not None
    gap = np.where(rows.candidate > 0.5, rows.candidate - rows.label, rows.label - rows.candidate)
    assert near(gap, population.truth[Estimand.CANDIDATE])
    assert population.truth[Estimand.CANDIDATE] == pytest.approx(0.075)


@pytest.mark.parametrize("loss", ["log", "brier"])
@pytest.mark.parametrize("a", [0.7, 2.0])
def test_expected_losses_are_those_of_another_quadrature(loss: str, a: float) -> None:
    """scipy.integrate.quad over the chance itself, split at the ends where it is singular."""
    slopes = (1.2, 1.5)
    population = sharpened(10, slopes, loss, a)

    def integrand(chance: float, slope: float) -> float:
        odds = slope * special.logit(chance)
        if loss == "log":
            losses = np.logaddexp(0, -odds), np.logaddexp(0, odds)
        else:
            losses = special.expit(-odds) ** 2, special.expit(odds) ** 2
        mean = chance * losses[0] + (1 - chance) * losses[1]
        return float(stats.beta(a, a).pdf(chance) * mean)

    for estimand, slope in zip((Estimand.BASELINE, Estimand.CANDIDATE), slopes, strict=True):
        expected, _ = integrate.quad(integrand, 0, 1, args=(slope,), points=[0.01, 0.5, 0.99])
        assert population.truth[estimand] == pytest.approx(expected, rel=1e-6)


def test_losses_are_those_of_the_rows() -> None:
    population = sharpened(MANY, (1.2, 1.5), "log")
    rows = population.draw(np.random.default_rng(14))
    assert rows.label is not None
    losses = [
        -np.log(np.where(rows.label == 1, said, 1 - said))
        for said in (rows.baseline, rows.candidate)
    ]
    assert near(losses[1] - losses[0], population.truth[Estimand.DIFFERENCE])
    assert stats.skew(losses[1] - losses[0]) == pytest.approx(population.shape.skewness, rel=0.1)


def test_calls_have_the_precision_that_is_said() -> None:
    rows = precise_calls(MANY, (0.80, 0.75)).draw(np.random.default_rng(15))
    assert rows.label is not None
    assert near(rows.label[rows.baseline == 1], 0.80)
    assert near(rows.label[rows.candidate == 1], 0.75)


def test_positives_are_found_as_often_as_said() -> None:
    population = found_positives(MANY, Pairs(differing=0.2, loss=0.05))
    rows = population.draw(np.random.default_rng(16))
    assert rows.label is not None
    positive = rows.label == 1
    assert near(rows.label, 0.2)
    assert near(rows.candidate[positive] - rows.baseline[positive], -0.05)


def test_false_alarms_of_clusters_have_the_rates_that_are_said() -> None:
    rows = clustered_calls(MANY // 15, (0.10, 0.14)).draw(np.random.default_rng(17))
    assert rows.label is not None
    negative = 1.0 - rows.label
    for said, truth in ((rows.baseline, 0.10), (rows.candidate, 0.14)):
        per_cluster = np.bincount(rows.cluster, weights=said * negative) / 10
        assert near(per_cluster, truth)


@pytest.mark.parametrize("correlation", [0.0, 0.9])
def test_a_release_keeps_its_truth_over_all_and_in_its_protected_slice(correlation: float) -> None:
    promise = Promise(right=0.02, grade=-0.03, unsafe=0.03, protected=-0.05)
    drawn = release(MANY, promise, correlation=correlation, name="r")
    items = drawn.draw(np.random.default_rng(18))
    right, grade, unsafe = (items.metrics[name] for name in ("right", "grade", "unsafe"))
    gain = right.candidate - right.baseline
    assert near(gain, 0.02)
    assert near(gain[items.slices["country"] == 0], -0.05)
    assert near(grade.candidate - grade.baseline, -0.03)
    assert near(unsafe.candidate, 0.03)
    assert grade.candidate.min() >= 0
    assert grade.candidate.max() <= 1
    assert np.bincount(items.slices["country"]).tolist() == [80_000, 120_000, 200_000]
    assert drawn.levels["country"] == {0: 80_000, 1: 120_000, 2: 200_000}


def test_metrics_of_a_release_lean_on_each_other_as_asked() -> None:
    apart, close = (
        release(MANY, Promise(), correlation=rho, name="r").draw(np.random.default_rng(19))
        for rho in (0.0, 0.9)
    )
    correlations = [
        np.corrcoef(-items.metrics["right"].candidate, items.metrics["grade"].candidate)[0, 1]
        for items in (apart, close)
    ]
    assert abs(correlations[0]) < 0.01
    assert correlations[1] > 0.5


def test_all_slices_lose_the_same() -> None:
    for population in (sliced_grades("normal", copies=90), sliced_answers()):
        rng = np.random.default_rng(20)
        items = population.draw(rng)
        rows, part = items.metrics["m"], items.slices["part"]
        gains = np.bincount(part, weights=rows.candidate - rows.baseline)
        sizes = np.bincount(part)
        assert sizes.tolist() == list(population.levels["part"].values())
        scores = (gains + 0.02 * sizes) / np.sqrt(sizes)
        assert abs(scores).max() < FAR
        assert sizes[: len(SIZES)].tolist() == list(SIZES)


def test_a_second_cut_divides_the_same_items_otherwise() -> None:
    population = sliced_grades("normal", overlapping=True)
    slices = population.draw(np.random.default_rng(21)).slices
    assert sorted(slices["cut"]) == sorted(slices["part"])
    assert np.mean(slices["cut"] == slices["part"]) < 0.5
