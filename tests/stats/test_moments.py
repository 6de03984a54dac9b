"""Moments: what a PairSample holds, and what it refuses to claim."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

from shipcall.core import Estimand, Estimate, Tails
from shipcall.stats.clusters import Clusters
from shipcall.stats.means import pair_estimate
from shipcall.stats.moments import df_by_fourth, pair_sample
from shipcall.stats.sample import Lost, PairSample


def _means(baseline: ArrayLike, candidate: ArrayLike, codes: ArrayLike, **more: Any) -> PairSample:
    one = np.ones(np.size(codes))
    return pair_sample(baseline, one, candidate, one, Clusters.of(codes), **more)


def test_two_equal_clusters_by_hand() -> None:
    """Residual sums of (1, 2 | 4, 7) around 3.5 are -4 and 4; CR2 divides by sqrt(1 - 1/2).

    Variance = (16 + 16) / (1/2) / 4^2 = 4. The difference of cluster means 1.5 and 5.5 gives
    the same: (5.5 - 1.5)^2 / 4.
    """
    sample = _means([0, 0, 0, 0], [1, 2, 4, 7], [0, 0, 1, 1])
    assert sample.candidate == pytest.approx(3.5)
    assert sample.var_candidate == pytest.approx(4.0)
    assert sample.df == pytest.approx(1.0)
    assert sample.largest_share == 0.5


def test_degrees_of_freedom_never_exceed_clusters_minus_one() -> None:
    rng = np.random.default_rng(5)
    for clusters in (2, 3, 7, 40):
        codes = np.concatenate([np.arange(clusters), rng.integers(0, clusters, 3 * clusters)])
        values = rng.normal(size=codes.size)
        sample = _means(values, values**2, codes)
        assert 0 < sample.df <= clusters - 1


def test_degrees_of_freedom_equal_the_traces_of_the_quadratic_forms() -> None:
    """Oracle: tr(M V)^2 / tr((M V)^2) with dense matrices, M from the definition of CR2.

    V is the covariance of cluster means: 1 / rows (independent rows) or 1 (full agreement).
    """
    sizes = np.array([5, 1, 9, 3])
    share = sizes / sizes.sum()
    centre = np.eye(4) - np.outer(np.ones(4), share)
    form = centre.T @ np.diag(share**2 / (1 - share)) @ centre
    found = []
    for spread in (np.diag(1 / sizes), np.eye(4)):
        product = form @ spread
        found.append(np.trace(product) ** 2 / np.trace(product @ product))
    codes = np.repeat(np.arange(4), sizes)
    values = np.random.default_rng(1).normal(size=18)
    assert _means(values, values, codes).df == pytest.approx(min(found), rel=1e-12)


def test_influence_squares_to_the_variance_and_multiplies_to_the_covariance() -> None:
    rng = np.random.default_rng(2)
    baseline, candidate = rng.normal(size=(2, 30))
    codes = Clusters.of(rng.integers(3, 9, 30))
    sample = pair_sample(baseline, np.ones(30), candidate, np.ones(30), codes, influence=True)
    assert sample.influence is not None
    assert sample.influence.cluster.tolist() == codes.codes.tolist()
    assert sample.influence.baseline @ sample.influence.baseline == pytest.approx(
        sample.var_baseline
    )
    assert sample.influence.baseline @ sample.influence.candidate == pytest.approx(
        sample.covariance
    )


def test_rows_that_count_for_neither_model_are_no_rows_and_make_no_clusters() -> None:
    den_baseline, den_candidate = [1, 0, 0, 1], [1, 1, 0, 0]
    sample = pair_sample(
        [1, 0, 0, 0], den_baseline, [1, 1, 0, 0], den_candidate, Clusters.of([0, 1, 2, 3])
    )
    assert (sample.rows, sample.clusters) == (3, 3)
    assert (sample.weight_baseline, sample.weight_candidate) == (2.0, 2.0)


def test_a_zero_denominator_gives_no_value() -> None:
    sample = pair_sample([0, 0], [0, 0], [1, 0], [1, 1], Clusters.of([0, 1]))
    assert sample.baseline is None
    assert sample.candidate == 0.5
    assert sample.df == 0.0


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_number_that_is_none_gives_no_value(bad: float) -> None:
    sample = _means([1.0, bad, 2.0], [1.0, 1.0, 2.0], [0, 1, 2])
    assert sample.baseline is None
    assert sample.candidate is not None


@pytest.mark.parametrize("bad", [-1.0, np.nan])
def test_a_denominator_that_is_negative_or_no_number_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="denominator"):
        pair_sample([1, 1], [1, bad], [1, 1], [1, 1], Clusters.of([0, 1]))


def test_a_column_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="for 2 rows"):
        pair_sample([1], [1, 1], [1, 1], [1, 1], Clusters.of([0, 1]))


def test_no_rows_give_a_sample_without_values() -> None:
    sample = _means([], [], np.empty(0, dtype=int))
    assert (sample.rows, sample.clusters, sample.baseline) == (0, 0, None)


def test_one_cluster_has_no_degrees_of_freedom() -> None:
    sample = _means([1.0, 2.0], [2.0, 5.0], [4, 4])
    assert (sample.clusters, sample.df) == (1, 0.0)


def test_crosstab_counts_by_hand() -> None:
    sample = _means([1, 1, 0, 0, 0], [1, 0, 1, 0, 1], [0, 1, 2, 3, 4], binary=True)
    table = sample.crosstab
    assert table is not None
    assert (table.both, table.only_baseline, table.only_candidate, table.neither) == (1, 1, 2, 1)
    assert sample.hits_candidate == (3, 5)
    assert (sample.gained_clusters, sample.lost_clusters) == (2, 1)


def test_two_rows_of_one_cluster_have_no_crosstab_and_no_hits() -> None:
    """Two answers of one user are not two independent trials."""
    sample = _means([1, 1, 0], [1, 0, 0], [0, 0, 1], binary=True)
    assert (sample.crosstab, sample.hits_baseline, sample.hits_candidate) == (None, None, None)


def test_a_second_row_that_does_not_count_leaves_the_crosstab() -> None:
    sample = pair_sample(
        [1, 0, 0], [1, 0, 1], [1, 0, 0], [1, 0, 1], Clusters.of([0, 0, 1]), binary=True
    )
    assert sample.crosstab is not None
    assert sample.crosstab.n == 2


def test_precision_has_hits_but_no_crosstab() -> None:
    """Denominators differ: the two models predicted positive on different rows."""
    sample = pair_sample(
        [1, 0, 0], [1, 1, 0], [1, 0, 0], [1, 0, 1], Clusters.of([0, 1, 2]), binary=True
    )
    assert sample.crosstab is None
    assert sample.hits_baseline == sample.hits_candidate == (1, 2)


def test_numbers_that_are_not_0_or_1_are_not_counted_as_if_they_were() -> None:
    assert _means([0.5, 1, 0], [1, 1, 0], [0, 1, 2], binary=True).crosstab is None


def test_a_cluster_that_loses_as_much_as_it_gains_does_not_differ() -> None:
    sample = _means([1, 0, 0, 0], [0, 1, 1, 0], [0, 0, 1, 2])
    assert (sample.gained_clusters, sample.lost_clusters) == (1, 0)


def test_data_outside_a_declared_range_take_the_range_with_them() -> None:
    lost = Lost(rows=2, range=(0.0, 1.0))
    honest = _means([0.2, 0.4], [0.3, 1.0], [0, 1], range=(0.0, 1.0), lost=lost)
    false = _means([0.2, 0.4], [0.3, 1.5], [0, 1], range=(0.0, 1.0), lost=lost)
    assert (honest.range, honest.lost) == ((0.0, 1.0), lost)
    assert (false.range, false.lost) == (None, Lost(rows=2, range=None))


def test_a_common_shift_of_both_models_changes_no_spread() -> None:
    rng = np.random.default_rng(3)
    baseline, candidate = rng.normal(size=(2, 50))
    codes = rng.integers(0, 12, 50)
    plain = _means(baseline, candidate, codes)
    moved = _means(baseline + 1e6, candidate + 1e6, codes)
    assert moved.var_baseline == pytest.approx(plain.var_baseline, rel=1e-9)
    assert moved.covariance == pytest.approx(plain.covariance, rel=1e-9)


def test_order_of_rows_and_labels_of_clusters_change_nothing() -> None:
    rng = np.random.default_rng(4)
    baseline, candidate = rng.integers(0, 9, (2, 60)).astype(float)
    codes, order = rng.integers(0, 12, 60), rng.permutation(60)
    plain = _means(baseline, candidate, codes)
    mixed = _means(baseline[order], candidate[order], 50 - codes[order])
    assert mixed.var_candidate == pytest.approx(plain.var_candidate, rel=1e-12)
    assert mixed.df == pytest.approx(plain.df, rel=1e-12)
    assert mixed.skew[:3] == pytest.approx(plain.skew[:3], rel=1e-9)
    assert replace(mixed, **_floats(plain)) == plain


def _floats(sample: PairSample) -> dict[str, Any]:
    names = ("baseline", "candidate", "var_baseline", "var_candidate", "covariance", "df", "skew")
    return {name: getattr(sample, name) for name in names}


def test_degrees_of_freedom_follow_from_the_fourth_powers() -> None:
    """By hand: k = G sum(q^2) / S^2 and v = 2 G / (k - 1).

    10 of 100 pairs differ by one: k = 10, v = 200 / 9, about twice the pairs that differ. One
    of them counts five times: S = 34, sum of fourth powers 634, k = 54.844.
    """
    assert df_by_fourth(10.0, 10.0, 100) == pytest.approx(200 / 9)
    assert df_by_fourth(34.0, 634.0, 100) == pytest.approx(200 / (63_400 / 34**2 - 1))
    assert df_by_fourth(0.0, 0.0, 100) == 0.0
    assert df_by_fourth(4.0, 4.0, 4) == np.inf


def test_a_normal_sample_has_about_as_many_degrees_as_clusters() -> None:
    squares = np.random.default_rng(2).standard_normal(100_000) ** 2
    found = df_by_fourth(float(squares.sum()), float((squares**2).sum()), squares.size)
    assert found == pytest.approx(squares.size, rel=0.05)


def test_amounts_that_few_differing_clusters_hold_take_degrees_from_the_difference() -> None:
    """Ten differing pairs of a hundred, one of amount 5; each model's own degrees stay."""
    amount = np.where(np.arange(100) == 0, 5.0, 1.0)
    columns = amount, amount, amount * (np.arange(100) >= 10), amount
    plain = pair_sample(*columns, Clusters.singles(100))
    counted = pair_sample(*columns, Clusters.singles(100), amounts=True)
    assert plain.df_apart is None
    assert counted.df_apart is not None
    assert counted.df_apart < 10 < counted.df
    assert replace(counted, df_apart=None) == plain
    tails = Tails(0.05, 0.05)
    ends = [pair_estimate(one, Estimand.DIFFERENCE, tails) for one in (plain, counted)]
    own = [pair_estimate(one, Estimand.CANDIDATE, tails) for one in (plain, counted)]
    assert isinstance(ends[0], Estimate)
    assert isinstance(ends[1], Estimate)
    assert ends[1].low < ends[0].low
    assert own[0] == own[1]
