"""Coverage: how many items are seen at least once, and how sure that is."""

import numpy as np
import pytest

from shipcall.core import Absent, Estimand, Estimate, Reason, Tails
from shipcall.stats.clusters import Clusters
from shipcall.stats.coverage import HIDDEN_CLUSTERS, coverage_estimate, coverage_sample
from shipcall.stats.sample import Floats, Ints, Lost, PairSample

TAILS = Tails(0.05, 0.05)


def covered(
    baseline: list[list[int]], candidate: list[list[int]], catalogue: int, lost: int = 0
) -> PairSample:
    """Items that each cluster was shown by each model."""
    lines = [
        (item, arm, cluster)
        for arm, lists in enumerate((baseline, candidate))
        for cluster, items in enumerate(lists)
        for item in items
    ]
    item, arm, cluster = np.array(lines).T
    return coverage_sample(
        item,
        arm == 0,
        arm == 1,
        np.full(item.size, catalogue),
        Clusters.of(cluster),
        lost=Lost(rows=lost, range=(0.0, 1.0)),
        influence=True,
    )


def test_the_variance_is_that_of_leaving_out_each_cluster() -> None:
    """By hand: 5 items; without clusters 1, 2, 3 there are 3, 5, 4 left, so own is 2, 0, 1.

    Jackknife: (G - 1) / G * sum (own - 1)^2 = 2/3 * 2; the floor adds 3 * 2^2; all over 10^2.
    """
    seen = covered([[0, 1, 2], [2, 3], [3, 4]], [[0], [0], [0]], 10)
    assert (seen.baseline, seen.candidate) == (0.5, 0.1)
    assert seen.var_baseline == pytest.approx((2 / 3 * 2 + HIDDEN_CLUSTERS * 4) / 100)
    assert seen.var_candidate == pytest.approx(HIDDEN_CLUSTERS / 100)
    assert (seen.gained_clusters, seen.lost_clusters) == (0, 2)


def test_an_item_that_one_cluster_sees_twice_is_its_own_once() -> None:
    once, twice = covered([[1], [2]], [[1], [2]], 4), covered([[1, 1], [2]], [[1], [2, 2]], 4)
    assert (once.baseline, once.var_baseline) == (twice.baseline, twice.var_baseline)


def test_a_catalogue_that_everybody_sees_is_not_certain() -> None:
    everything = [list(range(20))] * 30
    seen = covered(everything, everything, 20)
    for estimand in (Estimand.CANDIDATE, Estimand.DIFFERENCE, Estimand.RELATIVE):
        measured = coverage_estimate(seen, estimand, TAILS)
        assert isinstance(measured, Estimate)
        assert measured.low < measured.value


def test_the_same_lists_differ_by_nothing_that_was_seen() -> None:
    lists = [[i, i + 1, 0] for i in range(40)]
    measured = coverage_estimate(covered(lists, lists, 100), Estimand.DIFFERENCE, TAILS)
    assert isinstance(measured, Estimate)
    assert measured.value == 0
    assert measured.low < 0 < measured.high


def test_lost_lists_and_few_clusters_leave_no_data() -> None:
    lost = coverage_estimate(covered([[0]] * 20, [[1]] * 20, 9, lost=1), Estimand.CANDIDATE, TAILS)
    few = coverage_estimate(covered([[0]] * 9, [[1]] * 9, 9), Estimand.CANDIDATE, TAILS)
    assert isinstance(lost, Absent)
    assert isinstance(few, Absent)
    assert (lost.reason, few.reason) == (Reason.ROWS_MISSING, Reason.TOO_FEW_CLUSTERS)


def drawn(chances: Floats, queries: int, rng: np.random.Generator) -> Ints:
    """Ten different items for each query, by the chances of the items."""
    noise = np.log(chances) + rng.gumbel(size=(queries, chances.size))
    return np.argpartition(-noise, 10, axis=1)[:, :10]


@pytest.mark.slow
@pytest.mark.parametrize(("items", "steep"), [(1000, 1.0), (100, 0.4)], ids=["rare", "saturated"])
def test_the_ends_miss_no_more_often_than_promised(items: int, steep: float) -> None:
    """60 queries, ten items each; the estimand is the mean over the draws themselves."""
    rng, runs = np.random.default_rng(11), 120
    chances = [np.arange(1.0, items + 1) ** -steep, np.arange(1.0, items + 1) ** (-0.9 * steep)]
    cluster = Clusters.of(np.repeat(np.tile(np.arange(60), 2), 10))
    arm = np.repeat([0, 1], 600)
    samples = []
    for _ in range(runs):
        shown = np.concatenate([drawn(p / p.sum(), 60, rng).ravel() for p in chances])
        samples.append(
            coverage_sample(
                shown,
                arm == 0,
                arm == 1,
                np.full(1200, items),
                cluster,
                lost=Lost(),
                influence=False,
            )
        )
    for estimand in (Estimand.CANDIDATE, Estimand.DIFFERENCE):
        seen = [coverage_estimate(sample, estimand, TAILS) for sample in samples]
        estimates = [one for one in seen if isinstance(one, Estimate)]
        truth = np.mean([one.value for one in estimates])
        assert len(estimates) == runs
        # 12 misses of 120 are what a rate of 0.05 exceeds with chance 0.01
        assert sum(one.low > truth for one in estimates) <= 12
        assert sum(one.high < truth for one in estimates) <= 12
