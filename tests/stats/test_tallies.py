"""Samples from sums equal the samples of the rows behind them."""

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from shipcall.core import Estimand, Estimate, Tails
from shipcall.stats.clusters import Clusters
from shipcall.stats.means import pair_estimate
from shipcall.stats.moments import pair_sample
from shipcall.stats.sample import Floats, Ints, Lost, PairSample
from shipcall.stats.tallies import Kinds, NormalSums, normal_samples, tallied_samples


def kinds(*rows: tuple[float, float, float, float, int]) -> Kinds:
    columns = [np.array(column, dtype=np.float64) for column in zip(*rows, strict=True)]
    return Kinds(
        num_baseline=columns[0],
        den_baseline=columns[1],
        num_candidate=columns[2],
        den_candidate=columns[3],
        rows=columns[4].astype(np.int64),
    )


PAIRS = kinds((1, 1, 1, 1, 1), (1, 1, 0, 1, 1), (0, 1, 1, 1, 1), (0, 1, 0, 1, 1))
SOME_COUNT = kinds((1, 1, 1, 1, 1), (1, 1, 0, 1, 1), (0, 1, 1, 1, 1), (0, 1, 0, 1, 1), (0,) * 5)
PRECISION = kinds(
    (1, 1, 1, 1, 1), (0, 1, 0, 1, 1), (1, 1, 0, 0, 1), (0, 1, 0, 0, 1), (0, 0, 1, 1, 1), (0,) * 5
)
RUNS = kinds((3, 3, 2, 3, 1), (1, 3, 1, 3, 1), (0, 3, 2, 3, 1), (3, 3, 0, 3, 1))
UNEVEN = kinds((3, 3, 2, 3, 1), (1, 3, 1, 3, 1), (0, 2, 2, 2, 1), (1, 1, 0, 1, 1))


def written_out(of: Kinds, counts: Ints, *, binary: bool) -> PairSample:
    """The same clusters, one row each, through the function that sums rows."""
    rows = np.repeat(np.arange(counts.size), counts)
    return pair_sample(
        of.num_baseline[rows],
        of.den_baseline[rows],
        of.num_candidate[rows],
        of.den_candidate[rows],
        Clusters.singles(rows.size),
        range=(0.0, 1.0),
        lost=Lost(range=(0.0, 1.0)),
        binary=binary,
    )


def same(one: Any, other: Any) -> bool:
    if isinstance(one, tuple) and isinstance(other, tuple):
        return all(same(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return bool(one == other)


@pytest.mark.parametrize("clusters", [2, 3, 10, 200])
@pytest.mark.parametrize(
    ("of", "binary"),
    [(PAIRS, True), (SOME_COUNT, True), (PRECISION, True), (RUNS, False), (UNEVEN, False)],
    ids=["pairs", "some count", "precision", "runs", "uneven"],
)
def test_counts_of_alike_clusters_give_the_sample_of_the_clusters(
    of: Kinds, clusters: int, *, binary: bool
) -> None:
    rng = np.random.default_rng(clusters)
    size = of.rows.size
    counts = rng.multinomial(clusters, np.full(size, 1 / size), size=40)
    samples = tallied_samples(of, counts, limits=(0.0, 1.0), binary=binary)
    for own, sample in zip(counts, samples, strict=True):
        expected = written_out(of, own, binary=binary)
        for field in dataclasses.fields(PairSample):
            seen, wanted = getattr(sample, field.name), getattr(expected, field.name)
            assert same(seen, wanted), (field.name, seen, wanted, own)


def test_several_rows_of_a_cluster_leave_no_table_for_exact_methods() -> None:
    several = kinds((3, 3, 2, 3, 3), (1, 3, 1, 3, 3), (0, 3, 2, 3, 3), (3, 3, 0, 3, 3))
    (sample,) = tallied_samples(several, np.array([[4, 3, 2, 1]]), limits=(0.0, 1.0), binary=True)
    assert sample.crosstab is None
    assert sample.hits_baseline is None
    assert (sample.rows, sample.clusters) == (30, 10)


def test_lost_rows_are_carried_with_the_range_that_bounds_them() -> None:
    lost = np.array([4])
    (sample,) = tallied_samples(
        PAIRS, np.array([[50, 5, 5, 40]]), limits=(0.0, 1.0), binary=True, lost=lost
    )
    assert sample.lost.rows == 4
    assert sample.lost.range == (0.0, 1.0)


def sums_of(values: Floats) -> NormalSums:
    squares = [values[:, 0] ** 2, values[:, 1] ** 2, values[:, 0] * values[:, 1]]
    return NormalSums(
        clusters=np.array([len(values)]),
        sums=values.sum(axis=0)[None, :],
        squares=np.array([[column.sum() for column in squares]]),
    )


@pytest.mark.parametrize("clusters", [2, 7, 60])
def test_normal_sums_give_the_sample_of_the_values(clusters: int) -> None:
    values = np.random.default_rng(clusters).standard_normal((clusters, 2)) + 3.0
    one = np.ones(clusters)
    expected = pair_sample(values[:, 0], one, values[:, 1], one, Clusters.singles(clusters))
    (sample,) = normal_samples(sums_of(values), rows_each=1.0, limits=None)
    for name in ("rows", "clusters", "baseline", "candidate", "var_baseline", "var_candidate",
                 "covariance", "df", "largest_share", "weight_baseline"):  # fmt: skip
        assert same(getattr(sample, name), getattr(expected, name)), name


def test_the_interval_from_normal_sums_is_that_of_the_rows_but_for_skewness() -> None:
    """With the skewness of the values handed over, the ends are equal."""
    values = np.random.default_rng(5).standard_normal((80, 2))
    one = np.ones(80)
    expected = pair_sample(values[:, 0], one, values[:, 1], one, Clusters.singles(80))
    lean = np.array([expected.skew[:3]])
    (sample,) = normal_samples(sums_of(values), rows_each=1.0, limits=None, lean=lean)
    tails = Tails(0.05, 0.01)
    first, second = (pair_estimate(s, Estimand.DIFFERENCE, tails) for s in (sample, expected))
    assert isinstance(first, Estimate)
    assert isinstance(second, Estimate)
    assert first.low == pytest.approx(second.low)
    assert first.high == pytest.approx(second.high)
