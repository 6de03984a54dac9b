"""What is promised of means: every law of the declared classes at its level, by simulation."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from shipcall.core import Estimand, Estimate, Tails
from shipcall.stats.clusters import Clusters
from shipcall.stats.means import pair_estimate
from shipcall.stats.moments import pair_sample
from shipcall.stats.sample import Floats, Ints

_LEVELS = (0.05, 0.01)
_RUNS = 3000

Rng = np.random.Generator
Law = Callable[[Rng, int], Floats]


def _exponential(rng: Rng, size: int) -> Floats:
    return rng.exponential(size=size) - 1.0


def _normal(rng: Rng, size: int) -> Floats:
    return rng.standard_normal(size)


def _uniform(rng: Rng, size: int) -> Floats:
    return rng.uniform(-1.0, 1.0, size)


def _laplace(rng: Rng, size: int) -> Floats:
    return rng.laplace(size=size)


def _misses(law: Law, sizes: Ints, rng: Rng) -> dict[float, tuple[int, int]]:
    """How often the low and the high end miss the true mean 0 of clusters of these sizes."""
    weights, nothing, clusters = (
        sizes.astype(float),
        np.zeros(sizes.size),
        Clusters.of(np.arange(sizes.size)),
    )
    missed = dict.fromkeys(_LEVELS, (0, 0))
    for _ in range(_RUNS):
        sample = pair_sample(nothing, weights, weights * law(rng, sizes.size), weights, clusters)
        for level in _LEVELS:
            found = pair_estimate(sample, Estimand.CANDIDATE, Tails(level, level))
            assert isinstance(found, Estimate)
            low, high = missed[level]
            missed[level] = low + (found.low > 0), high + (found.high < 0)
    return missed


@pytest.mark.slow
@pytest.mark.parametrize("clusters", [2, 3, 5, 10, 30, 100])
@pytest.mark.parametrize("law", [_exponential, _normal, _uniform, _laplace])
def test_log_concave_contributions_hold_both_ends_with_any_number_of_clusters(
    law: Law, clusters: int
) -> None:
    """Each of 24 cells, two levels and two ends is refuted at 0.001."""
    rng = np.random.default_rng(clusters)
    for level, missed in _misses(law, np.ones(clusters, dtype=np.int64), rng).items():
        assert max(missed) <= stats.binom.ppf(0.999, _RUNS, level)


@pytest.mark.slow
@pytest.mark.parametrize(
    "sizes", [[30, 1, 1], [100, 10, 1], [8, 4, 1], list(range(4, 34)), [19] + [1] * 19]
)
def test_unequal_clusters_hold_both_ends_for_exponential_contributions(sizes: list[int]) -> None:
    """One that holds 15 of 16 rows, and 30 whose sizes rise from 4 to 33, among others."""
    rng = np.random.default_rng(len(sizes))
    for level, missed in _misses(_exponential, np.array(sizes), rng).items():
        assert max(missed) <= stats.binom.ppf(0.999, _RUNS, level)


@pytest.mark.slow
@pytest.mark.parametrize(("share", "clusters"), [(0.02, 300), (0.1, 60), (0.3, 30)])
def test_rare_ruin_is_seen_where_six_ruined_clusters_are_expected(
    share: float, clusters: int
) -> None:
    """Small gains with a little noise, and a loss of .7 in a share of the clusters."""
    rng = np.random.default_rng(clusters)

    def ruined(rng: Rng, size: int) -> Floats:
        gains = 0.01 + 0.02 * rng.standard_normal(size)
        changes = np.where(rng.random(size) < share, -0.7, gains)
        return changes - (0.01 - share * 0.71)

    for level, missed in _misses(ruined, np.ones(clusters, dtype=np.int64), rng).items():
        assert max(missed) <= stats.binom.ppf(0.999, _RUNS, level)


@pytest.mark.slow
@pytest.mark.parametrize(("share", "clusters", "rows"), [(0.05, 10, 20), (0.01, 300, 5)])
def test_rare_events_of_few_clusters_do_not_pass_for_many(
    share: float, clusters: int, rows: int
) -> None:
    """0/1 rows whose share varies between clusters, Beta with an intraclass correlation of .3."""
    rng = np.random.default_rng(rows)
    groups = Clusters.of(np.repeat(np.arange(clusters), rows))
    one, missed, level = np.ones(groups.rows), 0, 0.05
    for _ in range(_RUNS):
        risk = rng.beta(share * 7 / 3, (1 - share) * 7 / 3, clusters)
        hits = (rng.random(groups.rows) < risk[groups.index]).astype(float)
        sample = pair_sample(hits, one, hits, one, groups, range=(0.0, 1.0), binary=True)
        found = pair_estimate(sample, Estimand.CANDIDATE, Tails(level, level))
        assert isinstance(found, Estimate)
        missed += found.high < share
    assert missed <= stats.binom.ppf(0.999, _RUNS, level)


@pytest.mark.parametrize(
    ("clusters", "ratio"), [(10, 1.45), (30, 1.12), (100, 1.04), (1000, 1.006)]
)
def test_the_price_for_normal_contributions_falls_with_the_number_of_clusters(
    clusters: int, ratio: float
) -> None:
    """Mean width over 400 samples against Student's (scipy.stats.t) at level 0.05."""
    rng = np.random.default_rng(clusters)
    one, groups, ours, students = np.ones(clusters), Clusters.singles(clusters), 0.0, 0.0
    for _ in range(400):
        values = rng.standard_normal(clusters)
        sample = pair_sample(values, one, values, one, groups)
        found = pair_estimate(sample, Estimand.CANDIDATE, Tails(0.05, 0.05))
        assert isinstance(found, Estimate)
        ours += found.high - found.low
        students += 2 * float(stats.t.ppf(0.95, clusters - 1)) * float(stats.sem(values))
    assert 1.0 <= ours / students <= ratio
