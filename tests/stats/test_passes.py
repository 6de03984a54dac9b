"""Two passes over blocks give what one look at all rows gives, also where rows are strange."""

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.special import expit, logit

from shipcall.core import Absent, Estimand, Tails
from shipcall.data.passes import Passes
from shipcall.stats.average_precision import average_precision_sample
from shipcall.stats.balanced import balanced_sample
from shipcall.stats.calibration import bin_sample, quantile_edges
from shipcall.stats.clusters import Clusters
from shipcall.stats.means import pair_estimate
from shipcall.stats.moments import pair_sample
from shipcall.stats.passes.balanced import BalancedPasses
from shipcall.stats.passes.bins import BinPasses
from shipcall.stats.passes.lines import LinePasses
from shipcall.stats.passes.pairs import PairPasses
from shipcall.stats.passes.precision import PrecisionPasses
from shipcall.stats.passes.ranks import RankPasses
from shipcall.stats.ranking import auc_pair_sample
from shipcall.stats.recalibration import intercept_sample, slope_sample
from shipcall.stats.sample import Floats, Ints, Lost, PairSample

Columns = dict[str, Floats]
ESTIMAND, TAILS = Estimand.CANDIDATE, Tails(0.05, 0.05)
LOST = Lost(rows=3, range=(0.0, 1.0))


def blocks(columns: Columns, cluster: Ints, size: int) -> Iterator[tuple[Columns, Clusters]]:
    """Rows in blocks of whole clusters, `size` clusters each; rows are sorted by cluster."""
    starts = np.searchsorted(cluster, np.arange(0, cluster.max() + 1 + size, size))
    for low, high in pairwise(starts):
        rows = np.arange(low, high)
        if rows.size:
            held = {name: column[rows] for name, column in columns.items()}
            whole = Clusters.of(cluster[rows])
            yield held, whole


def passed(passes: PairPasses, columns: Columns, cluster: Ints, size: int = 7) -> PairSample:
    """Show all blocks twice."""
    for held, clusters in blocks(columns, cluster, size):
        passes.first(held, clusters)
    passes.settle()
    for held, clusters in blocks(columns, cluster, size):
        passes.second(held, clusters)
    return passes.sample(LOST)


def at_once(
    columns: Columns,
    cluster: Ints,
    *,
    range: tuple[float, float] | None = None,  # noqa: A002 - the word of the contract
    binary: bool = False,
) -> PairSample:
    """Look at all rows."""
    clusters = Clusters.of(cluster)
    return pair_sample(
        columns["num_baseline"],
        columns["den_baseline"],
        columns["num_candidate"],
        columns["den_candidate"],
        clusters,
        range=range,
        binary=binary,
        lost=LOST,
    )


def same(found: PairSample, wanted: PairSample, digits: float = 1e-9) -> None:
    """All but what clusters contribute, which passes keep in buckets."""
    for field in fields(wanted):
        one, other = getattr(found, field.name), getattr(wanted, field.name)
        if field.name == "skew":
            assert one[:3] == pytest.approx(other[:3], rel=1e-6, abs=1e-9)
        elif field.name == "optimism":
            assert one == pytest.approx(other, rel=digits)
        elif isinstance(other, float):
            assert one == pytest.approx(other, rel=digits, abs=1e-300), field.name
        elif field.name != "influence":
            assert one == other, field.name


def pairs(rng: np.random.Generator, cluster: Ints, *, level: float = 0.0) -> Columns:
    """Two ratios that share a denominator on some rows."""
    weight = rng.choice([0.0, 1.0, 2.0], cluster.size)
    other = np.where(rng.random(cluster.size) < 0.8, weight, 1.0)
    noise = rng.normal(size=(2, cluster.size)) + 0.5 * np.sin(cluster)
    return {
        "num_baseline": weight * (level + noise[0]),
        "den_baseline": weight,
        "num_candidate": other * (level + 0.1 + noise[1]),
        "den_candidate": other,
    }


@pytest.mark.parametrize("groups", [1, 2, 3, 60])
@pytest.mark.parametrize("level", [0.0, 1e7])
def test_ratios_of_unequal_clusters(groups: int, level: float, rng: np.random.Generator) -> None:
    cluster = np.sort((groups * rng.random(400) ** 2).astype(np.int64))
    columns = pairs(rng, cluster, level=level)
    wanted = at_once(columns, cluster)
    found = passed(PairPasses(), columns, cluster, size=2)
    if groups == 1:
        assert found.var_baseline == 0.0
        assert found.baseline == pytest.approx(wanted.baseline)
        assert wanted.var_baseline < 1e-15 * level**2 + 1e-15
        return
    # A common level of 1e7 leaves nine digits of what varies around it.
    same(found, wanted, 1e-9 if level == 0.0 else 1e-6)


@pytest.mark.parametrize("binary", [False, True])
def test_rows_of_their_own_have_the_counts_of_exact_methods(
    binary: bool,  # noqa: FBT001
    rng: np.random.Generator,
) -> None:
    said = rng.integers(0, 2, (2, 300)).astype(float)
    one = np.ones(300)
    columns = {
        "num_baseline": said[0],
        "den_baseline": one,
        "num_candidate": said[1],
        "den_candidate": one,
    }
    cluster = np.arange(300)
    wanted = at_once(columns, cluster, binary=binary)
    found = passed(PairPasses(binary=binary), columns, cluster)
    same(found, wanted)
    assert (found.crosstab is not None) == binary


def test_exact_counts_are_dropped_where_one_late_cluster_has_two_rows() -> None:
    one, cluster = np.ones(50), np.minimum(np.arange(50), 48)
    columns = {"num_baseline": one, "den_baseline": one, "num_candidate": one, "den_candidate": one}
    found = passed(PairPasses(binary=True), columns, cluster)
    wanted = at_once(columns, cluster, binary=True)
    assert wanted.crosstab is None
    same(found, wanted)


def test_a_range_that_one_row_leaves_is_no_range_of_lost_rows(rng: np.random.Generator) -> None:
    cluster = np.sort(rng.integers(0, 30, 200))
    one, said = np.ones(200), rng.random(200)
    for greatest in (1.0, 50.0):
        value = said.copy()
        value[150] = greatest
        columns = {
            "num_baseline": value,
            "den_baseline": one,
            "num_candidate": said,
            "den_candidate": one,
        }
        bounds = (0.0, 1.0)
        wanted = at_once(columns, cluster, range=bounds)
        found = passed(PairPasses(range=bounds), columns, cluster)
        same(found, wanted)
    assert wanted.range is None
    assert wanted.lost.range is None


def test_a_denominator_that_is_always_zero_has_no_value() -> None:
    nothing, cluster = np.zeros(40), np.repeat(np.arange(10), 4)
    columns = dict.fromkeys(
        ("num_baseline", "den_baseline", "num_candidate", "den_candidate"), nothing
    )
    found = passed(PairPasses(influence=True), columns, cluster)
    same(found, at_once(columns, cluster))
    assert found.baseline is None


@pytest.mark.parametrize("level", [0.1, 1 / 3, 1e9 / 7])
def test_a_number_that_never_varies_is_no_sure_thing(level: float) -> None:
    """Missing variance must not come out as a narrow interval made of rounding."""
    cluster, one = np.repeat(np.arange(50), 3), np.ones(150)
    columns = {
        "num_baseline": level * one,
        "den_baseline": one,
        "num_candidate": level * one,
        "den_candidate": one,
    }
    found = passed(PairPasses(), columns, cluster)
    assert found.var_baseline == 0.0
    wanted = at_once(columns, cluster)
    assert isinstance(pair_estimate(wanted, ESTIMAND, TAILS), Absent)
    assert isinstance(pair_estimate(found, ESTIMAND, TAILS), Absent)


def test_a_denominator_below_zero_is_refused() -> None:
    columns = dict.fromkeys(
        ("num_baseline", "den_baseline", "num_candidate", "den_candidate"), -np.ones(3)
    )
    with pytest.raises(ValueError, match="negative"):
        PairPasses().first(columns, Clusters.singles(3))


@pytest.mark.parametrize("ties", [1, 8])
def test_areas_under_the_curve(ties: int, rng: np.random.Generator) -> None:
    cluster = np.sort(rng.integers(0, 80, 500))
    label = (rng.random(500) < 0.3).astype(float)
    scores = np.round(rng.normal(size=(2, 500)) + label, ties)
    columns = {"label": label, "score_baseline": scores[0], "score_candidate": scores[1]}
    passes = RankPasses(influence=True)
    for held, clusters in blocks(columns, cluster, 9):
        passes.first(held, clusters)
    passes.settle()
    for held, clusters in blocks(columns, cluster, 9):
        passes.second(held, clusters)
    wanted = auc_pair_sample(label, scores[0], scores[1], cluster, lost=LOST, influence=True)
    found = passes.sample(LOST)
    same(found, wanted)
    assert (found.baseline, found.candidate) == (wanted.baseline, wanted.candidate)


def test_one_class_has_no_area() -> None:
    columns = dict.fromkeys(("label", "score_baseline", "score_candidate"), np.ones(20))
    passes = RankPasses(influence=True)
    clusters = Clusters.singles(20)
    passes.first(columns, clusters)
    passes.settle()
    passes.second(columns, clusters)
    found = passes.sample(LOST)
    assert (found.baseline, found.weight_baseline, found.weight_candidate) == (None, 20.0, 0.0)


def test_gaps_in_bins(rng: np.random.Generator) -> None:
    cluster = np.sort(rng.integers(0, 80, 600))
    stated = rng.beta(2, 3, (2, 600))
    happened = (rng.random(600) < stated[0]).astype(float)
    edges = quantile_edges(stated[0], 6)
    columns = {
        "confidence_baseline": stated[0],
        "outcome_baseline": happened,
        "confidence_candidate": stated[1],
        "outcome_candidate": happened,
    }
    passes = BinPasses(edges)
    for held, clusters in blocks(columns, cluster, 11):
        passes.first(held, clusters)
    passes.settle()
    for held, clusters in blocks(columns, cluster, 11):
        passes.second(held, clusters)
    found = passes.sample(LOST)
    wanted = bin_sample(**columns, cluster=cluster, edges=edges, lost=LOST)
    assert (found.rows, found.clusters, found.df, found.lost) == (
        600,
        wanted.clusters,
        wanted.df,
        LOST,
    )
    np.testing.assert_allclose(found.gaps, wanted.gaps, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(found.covariance, wanted.covariance, rtol=1e-9, atol=1e-18)


def shown(passes: Passes, columns: Columns, cluster: Ints, size: int = 9) -> PairSample:
    """Show all blocks as often as is asked for, and once more."""
    for _ in range(100):
        for held, clusters in blocks(columns, cluster, size):
            passes.first(held, clusters)
        if passes.settle():
            break
    for held, clusters in blocks(columns, cluster, size):
        passes.second(held, clusters)
    found = passes.sample(LOST)
    assert isinstance(found, PairSample)
    return found


def scored(rng: np.random.Generator, cluster: Ints, ties: int) -> Columns:
    """Rows with a label, scores of both models and weights, some of them 0."""
    label = (rng.random(cluster.size) < 0.3).astype(float)
    scores = np.round(rng.normal(size=(2, cluster.size)) + label, ties)
    return {
        "label": label,
        "score_baseline": scores[0],
        "score_candidate": scores[1],
        "weight": rng.choice([0.0, 0.7, 1.3], cluster.size),
    }


@pytest.mark.parametrize("ties", [1, 8])
def test_weighted_areas_under_the_curve(ties: int, rng: np.random.Generator) -> None:
    cluster = np.sort(rng.integers(0, 80, 500))
    columns = scored(rng, cluster, ties)
    wanted = auc_pair_sample(**columns, cluster=cluster, lost=LOST, influence=False)
    same(shown(RankPasses(influence=True), columns, cluster), wanted)


@pytest.mark.parametrize("ties", [1, 8])
def test_average_precisions(ties: int, rng: np.random.Generator) -> None:
    cluster = np.sort(rng.integers(0, 80, 500))
    columns = scored(rng, cluster, ties)
    wanted = average_precision_sample(**columns, cluster=cluster, lost=LOST, influence=False)
    same(shown(PrecisionPasses(influence=True), columns, cluster), wanted)


@pytest.mark.parametrize("passes", [RankPasses, PrecisionPasses])
def test_a_weight_below_zero_is_refused(passes: Callable[..., Passes]) -> None:
    columns = dict.fromkeys(("label", "score_baseline", "score_candidate"), np.ones(3))
    with pytest.raises(ValueError, match="negative"):
        passes(influence=True).first(columns | {"weight": -np.ones(3)}, Clusters.singles(3))


def test_without_a_positive_row_there_is_no_precision(rng: np.random.Generator) -> None:
    cluster = np.sort(rng.integers(0, 20, 100))
    columns = scored(rng, cluster, 3) | {"label": np.zeros(100)}
    wanted = average_precision_sample(**columns, cluster=cluster, lost=LOST, influence=False)
    found = shown(PrecisionPasses(influence=True), columns, cluster)
    same(found, wanted)
    assert found.baseline is None


@pytest.mark.parametrize("classes", [2, 3])
def test_means_over_classes(classes: int, rng: np.random.Generator) -> None:
    cluster = np.sort(rng.integers(0, 60, 400))
    den = rng.choice([0.0, 1.0, 2.0], 400)
    said = rng.integers(0, 2, (2, 400))
    columns = {
        "label": rng.integers(0, 2, 400).astype(float),
        "num_baseline": den * said[0],
        "den_baseline": den,
        "num_candidate": den * said[1],
        "den_candidate": den,
    }
    clusters = Clusters.of(cluster)
    wanted = balanced_sample(
        **columns, clusters=clusters, classes=classes, lost=LOST, influence=False
    )
    found = shown(BalancedPasses(classes=classes, influence=True), columns, cluster)
    assert (found.baseline is None) == (classes == 3)
    for one, other in zip(found.parts, wanted.parts, strict=True):
        same(one, other)
    same(replace(found, parts=()), replace(wanted, parts=()))


def stated(rng: np.random.Generator, rows: int) -> Columns:
    """Confidences, too sure by half, and what happened."""
    odds = rng.normal(0.4, 1.5, rows)
    happened = (rng.random(rows) < expit(odds)).astype(float)
    return {
        "confidence_baseline": expit(1.5 * odds),
        "outcome_baseline": happened,
        "confidence_candidate": expit(0.7 * odds + rng.normal(size=rows)),
        "outcome_candidate": happened,
    }


def line(columns: Columns, cluster: Ints, *, slope: bool) -> PairSample:
    sample = slope_sample if slope else intercept_sample
    return sample(**columns, clusters=Clusters.of(cluster), lost=LOST, influence=False)


@pytest.mark.parametrize("weights", [False, True])
@pytest.mark.parametrize("slope", [False, True])
def test_lines_of_recalibration(slope: bool, weights: bool, rng: np.random.Generator) -> None:  # noqa: FBT001
    cluster = np.sort(rng.integers(0, 80, 600))
    columns = stated(rng, 600)
    if weights:
        columns["weight"] = rng.choice([0.0, 0.7, 1.3], 600)
    found = shown(LinePasses(slope=slope, influence=True), columns, cluster)
    same(found, line(columns, cluster, slope=slope), 1e-8)


def test_an_intercept_leaves_no_gap_between_what_was_said_and_what_happened(
    rng: np.random.Generator,
) -> None:
    """The score equation of a maximum of likelihood: sum of (outcome - probability) = 0."""
    columns = stated(rng, 600)
    found = shown(LinePasses(slope=False, influence=False), columns, np.arange(600))
    assert found.candidate is not None
    said = expit(logit(columns["confidence_candidate"]) + found.candidate)
    assert abs(float((columns["outcome_candidate"] - said).sum())) < 1e-9


@pytest.mark.parametrize("slope", [False, True])
@pytest.mark.parametrize("happened", ["never", "always", "as stated"])
def test_where_no_line_fits_best_there_is_none(
    slope: bool,  # noqa: FBT001
    happened: str,
    rng: np.random.Generator,
) -> None:
    cluster = np.sort(rng.integers(0, 30, 200))
    columns = stated(rng, 200)
    sure = (columns["confidence_baseline"] > 0.5).astype(float)
    columns["outcome_baseline"] = {
        "never": np.zeros(200),
        "always": np.ones(200),
        "as stated": sure,
    }[happened]
    wanted = line(columns, cluster, slope=slope)
    found = shown(LinePasses(slope=slope, influence=True), columns, cluster)
    assert (found.baseline is None) == (slope or happened != "as stated")
    same(found, wanted, 1e-8)


def test_one_confidence_for_all_rows_has_no_slope(rng: np.random.Generator) -> None:
    cluster = np.sort(rng.integers(0, 30, 200))
    columns = stated(rng, 200) | {"confidence_baseline": np.full(200, 0.7)}
    found = shown(LinePasses(slope=True, influence=True), columns, cluster)
    assert found.baseline is None
    same(found, line(columns, cluster, slope=True), 1e-8)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20260101)
