"""Means: which interval, and when there is none."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike
from scipy import stats

from measured import estimate, reason
from shipcall.core import Absent, Estimand, Measured, Reason, Tails
from shipcall.stats.clusters import Clusters
from shipcall.stats.means import pair_estimate
from shipcall.stats.moments import pair_sample
from shipcall.stats.sample import Crosstab, Lost, PairSample, Skew

_TAILS = Tails(0.05, 0.01)
_UNIT = (0.0, 1.0)


def _means(baseline: ArrayLike, candidate: ArrayLike, codes: ArrayLike, **more: Any) -> PairSample:
    one = np.ones(np.size(codes))
    return pair_sample(baseline, one, candidate, one, Clusters.of(codes), **more)


def _normal(rows: int = 60, clusters: int = 12, shift: float = 10.0, **more: Any) -> PairSample:
    rng = np.random.default_rng(rows + clusters)
    codes = np.arange(rows) % clusters
    baseline = rng.normal(shift, 1, rows) + rng.normal(size=clusters)[codes]
    return _means(baseline, baseline + rng.normal(0.2, 1, rows), codes, **more)


def _difference(sample: PairSample, tails: Tails = _TAILS) -> Measured:
    return pair_estimate(sample, Estimand.DIFFERENCE, tails)


@pytest.mark.parametrize("rows", [5, 10])
def test_two_perfect_models_on_few_items_are_no_certainty(rows: int) -> None:
    """Exact by hand: no flip among n leaves a loss of up to 1 - 0.05^(1/n), 0.26 for n = 10.

    Known gates read a zero-width interval here and ship.
    """
    right = np.ones(rows)
    sample = _means(right, right, np.arange(rows), range=_UNIT, binary=True)
    found = estimate(_difference(sample))
    assert found.low == pytest.approx(-(1 - 0.05 ** (1 / rows)), abs=0.002)
    assert found.high >= 1 - 0.01 ** (1 / rows)


def test_two_perfect_models_in_clusters_are_no_certainty_either() -> None:
    """By hand: no differing cluster among 10 leaves a share of 1 - 0.05^(1/10) that may differ."""
    right = np.ones(40)
    found = estimate(
        _difference(_means(right, right, np.arange(40) % 10, range=_UNIT, binary=True))
    )
    assert found.low == pytest.approx(-(1 - 0.05**0.1))
    assert found.high == pytest.approx(1 - 0.01**0.1)
    assert found.n == 10
    assert "sparse" in found.method


def test_a_cluster_with_many_rows_can_hide_more_than_its_share() -> None:
    """One of three clusters holds half of the rows: the bound grows by 3 * 0.5."""
    codes = [0, 0, 1, 2]
    found = estimate(_difference(_means([0.5] * 4, [0.5] * 4, codes, range=_UNIT)))
    assert found.low == pytest.approx(max(-1.0, -(1 - 0.05 ** (1 / 3)) * 1.5))


def test_few_differing_clusters_use_the_bound_and_still_hold_the_t_interval() -> None:
    """Three of 100 clusters gain: Clopper-Pearson 0.95 for 3 of 100 is 0.0757 (R binom.test)."""
    baseline, candidate = np.zeros(200), np.zeros(200)
    candidate[[0, 10, 20]] = 1.0
    sample = _means(baseline, candidate, np.arange(200) % 100, range=_UNIT, binary=True)
    found = estimate(_difference(sample, Tails(0.05, 0.05)))
    assert found.high == pytest.approx(stats.beta.ppf(0.95, 4, 97))
    assert found.low == pytest.approx(-(1 - 0.05**0.01))
    assert "sparse" in found.method


def test_a_constant_gain_without_a_range_is_absent() -> None:
    baseline = np.random.default_rng(1).normal(size=30)
    assert reason(_difference(_means(baseline, baseline + 0.1, np.arange(30)))) is Reason.CONSTANT


def test_a_constant_gain_with_a_range_is_bounded_on_both_sides_of_it() -> None:
    baseline = np.random.default_rng(1).uniform(0.1, 0.5, size=30)
    found = estimate(_difference(_means(baseline, baseline + 0.1, np.arange(30), range=_UNIT)))
    assert found.low == pytest.approx(-(1 - 0.05 ** (1 / 30)))
    assert found.high == 1.0


def test_few_differing_clusters_without_a_range_are_absent() -> None:
    candidate = np.zeros(100)
    candidate[:3] = [1.0, 2.0, 5.0]
    sample = _means(np.zeros(100), candidate, np.arange(100))
    assert reason(_difference(sample)) is Reason.TOO_FEW_EVENTS


@pytest.mark.parametrize("estimand", [Estimand.DIFFERENCE, Estimand.CANDIDATE, Estimand.RELATIVE])
def test_one_cluster_is_too_few(estimand: Estimand) -> None:
    sample = _means([1.0, 2.0, 3.0], [2.0, 2.0, 4.0], [7, 7, 7])
    assert reason(pair_estimate(sample, estimand, _TAILS)) is Reason.TOO_FEW_CLUSTERS


def test_no_row_and_no_value_have_their_reasons() -> None:
    empty = _means([], [], np.empty(0, dtype=int))
    assert reason(_difference(empty)) is Reason.NO_ROWS
    undefined = pair_sample([0, 0], [0, 0], [1, 0], [1, 1], Clusters.of([0, 1]))
    assert reason(_difference(undefined)) is Reason.UNDEFINED
    nan = _means([math.nan, 1.0, 2.0], [1.0, 2.0, 3.0], [0, 1, 2])
    assert reason(_difference(nan)) is Reason.UNDEFINED
    assert reason(_difference(replace(_normal(), var_candidate=math.inf))) is Reason.UNDEFINED


def test_a_value_outside_its_range_is_unsound() -> None:
    sample = replace(_normal(), range=_UNIT)
    assert reason(_difference(sample)) is Reason.UNSOUND


def test_a_count_is_not_estimated() -> None:
    with pytest.raises(ValueError, match="use census"):
        pair_estimate(_normal(), Estimand.COUNT, _TAILS)


def test_lost_rows_without_a_range_are_absent() -> None:
    assert reason(_difference(_normal(lost=Lost(rows=1)))) is Reason.ROWS_MISSING


def test_lost_rows_move_each_end_by_what_they_could_do_and_by_their_spread() -> None:
    """By hand: 990 rows there, 10 lost, all equal at 0.5 in both models on average.

    At worst the candidate falls to (495 + 0) / 1000 and the baseline rises to (495 + 10) / 1000:
    the difference, 0 as observed, can become -0.01. Ten rows that fall by 1 also add to its
    spread; if all were of one cluster, 0.01 to its standard error at most.
    """
    rng = np.random.default_rng(8)
    baseline = np.tile([0.0, 1.0], 495)
    candidate = rng.permutation(baseline)
    codes = np.arange(990) % 90
    plain = estimate(_difference(_means(baseline, candidate, codes, range=_UNIT)))
    lost = Lost(rows=10, range=_UNIT)
    filled = estimate(_difference(_means(baseline, candidate, codes, range=_UNIT, lost=lost)))
    assert filled.value == plain.value == 0.0
    assert plain.low - 0.01 - 2 * 0.01 < filled.low < plain.low - 0.01
    assert plain.high + 0.01 < filled.high < plain.high + 0.01 + 3 * 0.01
    assert "worst-case fill of 10 rows" in filled.method


def test_a_candidate_that_lost_nearly_all_rows_proves_nothing() -> None:
    """990 of 1000 rows lost and the ten that are left agree: both ends nearly reach 1."""
    right = np.ones(10)
    lost = Lost(rows=990, range=_UNIT)
    sample = _means(right, right, np.arange(10), range=_UNIT, binary=True, lost=lost)
    found = estimate(_difference(sample))
    assert found.low < -0.99
    assert found.high >= 0.99


@pytest.mark.parametrize("estimand", [Estimand.CANDIDATE, Estimand.BASELINE])
def test_single_rows_of_0_and_1_get_the_exact_binomial(estimand: Estimand) -> None:
    """scipy: beta quantiles for 0 and 3 of 20."""
    baseline, candidate = np.zeros(20), np.zeros(20)
    candidate[:3] = 1.0
    sample = _means(baseline, candidate, np.arange(20), range=_UNIT, binary=True)
    found = estimate(pair_estimate(sample, estimand, _TAILS))
    events = 3 if estimand is Estimand.CANDIDATE else 0
    low = stats.beta.ppf(0.05, events, 21 - events) if events else 0.0
    assert found.low == pytest.approx(low)
    assert found.high == pytest.approx(stats.beta.ppf(0.99, events + 1, 20 - events))


def test_one_value_in_all_clusters_is_bounded_by_the_clusters_not_the_rows() -> None:
    """No error in 1000 rows of 10 clusters: up to 1 - 0.01^(1/10), not 1 - 0.01^(1/1000)."""
    zero = np.zeros(1000)
    sample = _means(zero, zero, np.arange(1000) % 10, range=_UNIT, binary=True)
    found = estimate(pair_estimate(sample, Estimand.CANDIDATE, _TAILS))
    assert (found.low, found.high) == pytest.approx((0.0, 1 - 0.01**0.1))


def test_one_value_without_a_range_is_absent() -> None:
    sample = _means(np.full(10, 3.0), np.full(10, 3.0), np.arange(10))
    assert reason(pair_estimate(sample, Estimand.CANDIDATE, _TAILS)) is Reason.CONSTANT


def test_rare_events_in_clusters_get_no_less_than_the_binomial() -> None:
    """Two events in 1000 rows of 500 clusters: as sure as 2 of 1000 at most (scipy beta)."""
    candidate = np.zeros(1000)
    candidate[[3, 400]] = 1.0
    sample = _means(np.zeros(1000), candidate, np.arange(1000) % 500, range=_UNIT, binary=True)
    found = estimate(pair_estimate(sample, Estimand.CANDIDATE, Tails(0.05, 0.05)))
    assert found.method == "Korn-Graubard, clustered"
    assert found.high >= stats.beta.ppf(0.95, 3, 998) * 0.999


def test_precision_with_few_predictions_is_absent() -> None:
    """The models predict positive on different rows, the candidate on 12 only."""
    den_baseline = np.ones(100)
    den_candidate = (np.arange(100) < 12).astype(float)
    hits = (np.arange(100) % 3 == 0).astype(float)
    sample = pair_sample(
        hits, den_baseline, hits * den_candidate, den_candidate, Clusters.singles(100), range=_UNIT
    )
    assert reason(_difference(sample)) is Reason.TOO_FEW_EVENTS
    assert reason(pair_estimate(sample, Estimand.RELATIVE, _TAILS)) is Reason.TOO_FEW_EVENTS


def test_precision_with_one_predicting_cluster_is_absent() -> None:
    """All of the candidate's predictions come from one user: nothing varies between users."""
    den_candidate = np.zeros(200)
    den_candidate[::20] = 1.0
    sample = pair_sample(
        np.arange(200) % 2,
        np.ones(200),
        den_candidate,
        den_candidate,
        Clusters.of(np.arange(200) % 20),
    )
    assert reason(pair_estimate(sample, Estimand.CANDIDATE, _TAILS)) is Reason.TOO_FEW_CLUSTERS


def test_precision_with_enough_predictions_has_an_interval() -> None:
    rng = np.random.default_rng(9)
    dens = (rng.random((2, 400)) < 0.3).astype(float)
    nums = dens * (rng.random((2, 400)) < 0.8)
    sample = pair_sample(
        nums[0], dens[0], nums[1], dens[1], Clusters.singles(400), range=_UNIT, binary=True
    )
    found = estimate(_difference(sample))
    assert found.method == "clustered t, CR2"
    assert found.low < found.value < found.high


def test_precision_that_hardly_differs_counts_every_differing_cluster_both_ways() -> None:
    """Two of 200 clusters differ: Clopper-Pearson 0.95 for 2 of 200 is 0.0311 (scipy beta)."""
    den = np.ones(200)
    num = (np.arange(200) % 2).astype(float)
    fewer = np.where(np.arange(200) < 2, 0.0, den)
    sample = pair_sample(num, den, num * fewer, fewer, Clusters.singles(200), range=_UNIT)
    found = estimate(_difference(sample, Tails(0.05, 0.05)))
    assert found.low <= -stats.beta.ppf(0.95, 3, 198)
    assert found.high >= stats.beta.ppf(0.95, 3, 198)


def test_identical_unbounded_models_have_no_relative_change() -> None:
    values = np.random.default_rng(15).normal(10, 1, 30)
    sample = _means(values, values, np.arange(30))
    assert reason(pair_estimate(sample, Estimand.RELATIVE, _TAILS)) is Reason.CONSTANT


def test_a_table_without_trials_is_absent_even_if_a_sample_claims_rows() -> None:
    sample = replace(
        _normal(), crosstab=Crosstab(both=0, only_baseline=0, only_candidate=0, neither=0)
    )
    assert reason(_difference(sample)) is Reason.NO_ROWS


def test_error_levels_of_one_half_leave_no_interval() -> None:
    assert reason(_difference(_normal(), Tails(0.5, 0.5))) is Reason.CONSTANT


def test_the_relative_ends_are_where_the_contrast_is_just_refuted() -> None:
    """Exact agreement with testing candidate - (1 + r) * baseline by t (scipy's quantiles)."""
    rng = np.random.default_rng(10)
    baseline = rng.normal(10, 2, 25)
    candidate = 1.1 * baseline + rng.normal(size=25)
    sample = replace(_means(baseline, candidate, np.arange(25)), skew=Skew(unseen=0.0))
    found = estimate(pair_estimate(sample, Estimand.RELATIVE, _TAILS))
    for end, tail, sign in ((found.low, 0.05, 1), (found.high, 0.01, -1)):
        contrast = candidate - (1 + end) * baseline
        z = contrast.mean() / (contrast.std(ddof=1) / 5)
        assert sign * z == pytest.approx(stats.t.ppf(1 - tail, 24), rel=1e-9)


@pytest.mark.parametrize("level", [0.05, -3.0])
def test_a_baseline_near_or_below_zero_has_no_relative_change(level: float) -> None:
    rng = np.random.default_rng(11)
    baseline = rng.normal(size=40)
    baseline += level - baseline.mean()
    sample = _means(baseline, baseline + rng.normal(size=40), np.arange(40))
    measured = pair_estimate(sample, Estimand.RELATIVE, _TAILS)
    assert reason(measured) is Reason.BASELINE_NEAR_ZERO


def test_two_identical_models_in_two_clusters_cannot_tell_the_baseline_from_zero() -> None:
    values = np.concatenate([np.ones(30), np.zeros(30)])
    sample = _means(values, values, np.arange(60) // 30, range=_UNIT)
    measured = pair_estimate(sample, Estimand.RELATIVE, _TAILS)
    assert reason(measured) is Reason.BASELINE_NEAR_ZERO


def test_a_relative_change_of_few_events_is_absent() -> None:
    baseline, candidate = np.zeros(500), np.zeros(500)
    baseline[:9], candidate[:30] = 1.0, 1.0
    for codes in (np.arange(500), np.arange(500) % 100):
        sample = _means(baseline, candidate, codes, range=_UNIT, binary=True)
        measured = pair_estimate(sample, Estimand.RELATIVE, _TAILS)
        assert reason(measured) is Reason.TOO_FEW_EVENTS


def test_identical_models_have_a_relative_interval_of_some_width() -> None:
    """Fieller alone would give [0, 0]; the difference is bounded at half the level each."""
    values = np.tile([0.0, 1.0], 100)
    sample = _means(values, values, np.arange(200), range=_UNIT, binary=True)
    found = estimate(pair_estimate(sample, Estimand.RELATIVE, _TAILS))
    assert found.value == 0.0
    assert found.low <= -(1 - 0.025 ** (1 / 200)) / 0.5
    assert found.high >= (1 - 0.005 ** (1 / 200)) / 0.5


def test_a_candidate_that_is_a_multiple_of_the_baseline_keeps_some_width() -> None:
    baseline = np.random.default_rng(12).uniform(5, 6, 30)
    sample = _means(baseline, 1.02 * baseline, np.arange(30))
    measured = pair_estimate(sample, Estimand.RELATIVE, _TAILS)
    assert isinstance(measured, Absent) or measured.low < measured.high


def test_lost_rows_widen_a_relative_change_to_both_extremes() -> None:
    """By hand: 100 rows at 0.5 on average and 10 lost: at worst 50/60, at best 60/50."""
    rng = np.random.default_rng(13)
    baseline = np.tile([0.0, 1.0], 50)
    candidate = rng.permutation(baseline)
    codes = np.arange(100)
    plain = _means(baseline, candidate, codes, range=_UNIT)
    lost = replace(plain, lost=Lost(rows=10, range=_UNIT))
    narrow = estimate(pair_estimate(plain, Estimand.RELATIVE, _TAILS))
    wide = estimate(pair_estimate(lost, Estimand.RELATIVE, _TAILS))
    assert wide.low < 50 / 60 - 1 < 60 / 50 - 1 < wide.high
    assert wide.low <= narrow.low < narrow.high < wide.high


@pytest.mark.parametrize(
    "estimand", [Estimand.DIFFERENCE, Estimand.CANDIDATE, Estimand.BASELINE, Estimand.RELATIVE]
)
@given(data=st.data())
def test_no_sample_gives_certainty_or_leaves_what_is_possible(
    estimand: Estimand, data: st.DataObject
) -> None:
    rows = data.draw(st.integers(0, 24))
    values = st.lists(st.sampled_from([0.0, 0.0, 0.5, 1.0]), min_size=rows, max_size=rows)
    codes = data.draw(st.lists(st.integers(0, 8), min_size=rows, max_size=rows))
    sample = _means(
        data.draw(values),
        data.draw(values),
        np.array(codes, dtype=int),
        range=_UNIT,
        binary=True,
        lost=Lost(rows=data.draw(st.sampled_from([0, 0, 3])), range=_UNIT),
    )
    measured = pair_estimate(sample, estimand, _TAILS)
    if isinstance(measured, Absent):
        return
    assert measured.low < measured.high
    assert measured.n == sample.clusters
    least = {Estimand.DIFFERENCE: -1.0, Estimand.RELATIVE: -1.0}.get(estimand, 0.0)
    assert measured.low >= least
    assert measured.high <= 1.0 or estimand is Estimand.RELATIVE


@given(st.integers(0, 40), st.integers(0, 40))
@pytest.mark.parametrize("clusters", [12, 60])
def test_more_lost_rows_never_narrow_an_interval(clusters: int, fewer: int, more: int) -> None:
    """Of clusters that are lost in part, by a hundredth at most, where nothing else varies much.

    Two ruined clusters lean less than one, and the ends follow the skewness.
    """
    sample = _normal(60, clusters, range=(0.0, 20.0))
    few, many = (
        estimate(_difference(replace(sample, lost=Lost(rows=rows, range=(0.0, 20.0)))))
        for rows in sorted((fewer, more))
    )
    slack = 0.0 if clusters == 60 else 0.01 * (few.high - few.low)
    assert many.low <= few.low + slack
    assert many.high >= few.high - slack


def test_some_differing_clusters_get_the_skewness_of_their_number() -> None:
    """25 of 1000 clusters lose all: the Poisson ends of 25, 17.4 and 34.9 (scipy gamma), not t's.

    t alone gives 25 -+ 1.645 * 5, that is 16.8 and 33.2.
    """
    falls = (np.arange(1000) < 25).astype(float)[np.arange(3000) % 1000]
    one = np.ones(3000)
    sample = _means(one, one - falls, np.arange(3000) % 1000, range=_UNIT, binary=True)
    found = estimate(_difference(sample, Tails(0.05, 0.05)))
    assert "score of clusters that differ" in found.method
    assert -found.low * 1000 == pytest.approx(stats.gamma.ppf(0.95, 26), rel=0.02)
    assert -found.high * 1000 == pytest.approx(25 - 1.645 * 5, rel=0.02)
