"""Quantiles: order statistics, what is refused, ties, coverage with and without clusters."""

import math

import numpy as np
import pytest
from scipy import stats

from shipcall.core import Absent, Estimand, Estimate, Measured, Reason, Tails
from shipcall.stats.quantiles import quantile_estimate, sample_quantile
from shipcall.stats.sample import Floats, Ints, Lost, QuantileSample

TAILS = Tails(0.05, 0.05)


def _sample(
    q: float, baseline: Floats, candidate: Floats, cluster: Ints | None = None, lost: int = 0
) -> QuantileSample:
    codes = np.arange(baseline.size) if cluster is None else cluster
    return QuantileSample(
        q=q,
        baseline=baseline,
        candidate=candidate,
        cluster_baseline=codes,
        cluster_candidate=codes[: candidate.size],
        clusters=np.unique(codes).size,
        lost=Lost(rows=lost),
    )


def _own(values: Floats, q: float, tails: Tails = TAILS) -> Measured:
    return quantile_estimate(_sample(q, values, values), Estimand.CANDIDATE, tails)


def _reason(measured: Measured) -> Reason | None:
    return measured.reason if isinstance(measured, Absent) else None


@pytest.mark.parametrize("n", [20, 77, 300, 1_000])
@pytest.mark.parametrize("q", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("tail", [0.05, 0.1])
def test_bounds_are_the_innermost_order_statistics_that_hold(n: int, q: float, tail: float) -> None:
    """scipy.stats.binom: P(X_(r) > quantile) = P(Bin <= r - 1), P(X_(r) < it) = P(Bin >= r)."""
    measured = _own(np.arange(1.0, n + 1), q, Tails(tail, tail))
    lows = [r for r in range(1, n + 1) if stats.binom.cdf(r - 1, n, q) <= tail]
    highs = [r for r in range(1, n + 1) if stats.binom.sf(r - 1, n, q) <= tail]
    if not highs:
        assert _reason(measured) is Reason.TOO_FEW_UNITS
        return
    assert isinstance(measured, Estimate)
    assert (measured.low, measured.high) == (max(lows), min(highs))
    assert measured.value == math.ceil(round(n * q, 9))


@pytest.mark.parametrize(("n", "there"), [(298, False), (299, True)])
def test_p99_at_95_percent_needs_299_units(n: int, *, there: bool) -> None:
    """.99^298 = .05004, .99^299 = .04954; ISO 16269-6, one-sided tolerance limit 99 %/95 %."""
    measured = _own(np.arange(float(n)), 0.99)
    assert isinstance(measured, Estimate) is there
    assert there or _reason(measured) is Reason.TOO_FEW_UNITS


def test_a_low_quantile_of_few_units_has_no_lower_bound() -> None:
    measured = _own(np.arange(100.0), 0.01)
    assert _reason(measured) is Reason.TOO_FEW_UNITS
    assert "lower" in getattr(measured, "detail", "")


def test_median_of_ten_by_the_sign_test() -> None:
    """Binomial(10, 1/2): P(X <= 1) = 11/1024, P(X <= 2) = 56/1024 > .05: ranks 2 and 9."""
    measured = _own(np.arange(1.0, 11.0), 0.5)
    assert isinstance(measured, Estimate)
    assert (measured.low, measured.value, measured.high) == (2, 5, 9)


def test_order_of_rows_changes_nothing(rng: np.random.Generator) -> None:
    baseline, cluster = rng.lognormal(size=900), rng.integers(0, 100, 900)
    candidate = baseline * rng.lognormal(0, 0.3, 900)
    moved = rng.permutation(900)
    one = quantile_estimate(_sample(0.9, baseline, candidate, cluster), Estimand.DIFFERENCE, TAILS)
    two = quantile_estimate(
        _sample(0.9, baseline[moved], candidate[moved], cluster[moved]),
        Estimand.DIFFERENCE,
        TAILS,
    )
    assert isinstance(one, Estimate)
    assert isinstance(two, Estimate)
    assert (one.low, one.value, one.high) == pytest.approx((two.low, two.value, two.high))


def test_a_bound_tied_with_the_value_moves_to_the_next_value() -> None:
    values = np.repeat([1.0, 2.0, 3.0], [100, 800, 100])
    measured = _own(values, 0.5)
    assert isinstance(measured, Estimate)
    assert (measured.low, measured.value, measured.high) == (1.0, 2.0, 3.0)


def test_a_quantile_at_the_time_limit_has_no_upper_bound() -> None:
    values = np.concatenate([np.arange(900.0), np.full(100, 5_000.0)])
    measured = _own(values, 0.99)
    assert isinstance(measured, Estimate)
    assert (measured.low, measured.value, measured.high) == (899.0, 5_000.0, math.inf)


@pytest.mark.parametrize("estimand", [Estimand.DIFFERENCE, Estimand.RELATIVE])
def test_quantiles_at_the_time_limit_cannot_be_compared(estimand: Estimand) -> None:
    values = np.concatenate([np.arange(900.0), np.full(100, 5_000.0)])
    measured = quantile_estimate(_sample(0.99, values, values - 1), estimand, TAILS)
    assert _reason(measured) is Reason.CONSTANT


@pytest.mark.parametrize(
    "estimand", [Estimand.CANDIDATE, Estimand.BASELINE, Estimand.DIFFERENCE, Estimand.RELATIVE]
)
def test_constant_values_are_no_pass(estimand: Estimand) -> None:
    values = np.full(500, 20.0)
    assert _reason(quantile_estimate(_sample(0.5, values, values), estimand, TAILS)) is (
        Reason.CONSTANT
    )


def test_the_same_values_twice_have_no_difference_to_measure(rng: np.random.Generator) -> None:
    values = rng.lognormal(size=500)
    measured = quantile_estimate(_sample(0.5, values, values), Estimand.DIFFERENCE, TAILS)
    assert _reason(measured) is Reason.CONSTANT


def test_a_constant_shift_of_every_row_shows_no_spread() -> None:
    """Eleven values: the sign test's ranks 3 and 9 lie three to either side of the median."""
    values = np.arange(11.0)
    measured = quantile_estimate(_sample(0.5, values, values + 5), Estimand.DIFFERENCE, TAILS)
    assert _reason(measured) is Reason.CONSTANT


@pytest.mark.parametrize("q", [0.01, 0.3, 0.5, 0.99, 0.999])
def test_sample_quantile_is_an_observed_value(q: float, rng: np.random.Generator) -> None:
    """numpy.quantile, method inverted_cdf."""
    values = rng.lognormal(size=731)
    assert sample_quantile(values, q) == np.quantile(values, q, method="inverted_cdf")


def test_nothing_has_no_sample_quantile() -> None:
    assert sample_quantile(np.empty(0), 0.5) is None


@pytest.mark.parametrize("tail", [1e-9, 1e-4, 0.3])
@pytest.mark.parametrize("q", [0.002, 0.98])
def test_bounds_far_out_match_scipy(q: float, tail: float) -> None:
    """scipy.stats.binom.isf and ppf at 20,000 units, where the normal start is off."""
    measured = _own(np.arange(1.0, 20_001), q, Tails(tail, tail))
    assert isinstance(measured, Estimate)
    law = stats.binom(20_000, q)
    assert law.cdf(measured.low - 1) <= tail < law.cdf(measured.low)
    assert law.sf(measured.high - 1) <= tail < law.sf(measured.high - 2)


@pytest.mark.parametrize("estimand", [Estimand.CANDIDATE, Estimand.DIFFERENCE, Estimand.RELATIVE])
@pytest.mark.parametrize("repeats", [1, 3])
def test_no_value_of_a_lost_row_leads_out_of_the_interval(
    rng: np.random.Generator, estimand: Estimand, repeats: int
) -> None:
    """Whatever five lost rows would have said: the interval on all rows lies inside."""
    cluster = np.repeat(np.arange(600 // repeats), repeats)
    before, after = rng.lognormal(size=595), rng.lognormal(0.1, size=595)
    found = quantile_estimate(_sample(0.8, before, after, cluster[:-5], 5), estimand, TAILS)
    assert isinstance(found, Estimate)
    assert "worst-case fill of 5 rows" in found.method
    for _ in range(30):
        said = rng.choice([1e-6, 0.5, 1.0, 3.0, 1e6], size=(2, 5))
        one, two = np.concatenate((before, said[0])), np.concatenate((after, said[1]))
        full = quantile_estimate(_sample(0.8, one, two, cluster), estimand, TAILS)
        assert isinstance(full, Estimate)
        slack = 1e-9 if repeats == 1 else 0.01 * (found.high - found.low)
        assert found.low <= full.low + slack
        assert full.high <= found.high + slack


@pytest.mark.parametrize("estimand", [Estimand.CANDIDATE, Estimand.DIFFERENCE])
def test_a_bound_that_could_be_a_lost_row_is_none(
    rng: np.random.Generator, estimand: Estimand
) -> None:
    values = rng.lognormal(size=500)
    measured = quantile_estimate(_sample(0.9, values, values + 1, lost=60), estimand, TAILS)
    assert _reason(measured) is Reason.ROWS_MISSING


def test_no_rows_have_no_quantile() -> None:
    nothing = np.empty(0)
    measured = quantile_estimate(_sample(0.5, nothing, nothing), Estimand.CANDIDATE, TAILS)
    assert _reason(measured) is Reason.NO_ROWS


def test_a_count_is_no_estimand_of_a_quantile(rng: np.random.Generator) -> None:
    values = rng.lognormal(size=500)
    measured = quantile_estimate(_sample(0.5, values, values), Estimand.COUNT, TAILS)
    assert _reason(measured) is Reason.NOT_MEASURABLE


def test_relative_change_needs_a_positive_baseline(rng: np.random.Generator) -> None:
    values = rng.normal(size=500)
    measured = quantile_estimate(_sample(0.5, values, values + 9), Estimand.RELATIVE, TAILS)
    assert _reason(measured) is Reason.BASELINE_NEAR_ZERO
    measured = quantile_estimate(_sample(0.5, values + 9, values), Estimand.RELATIVE, TAILS)
    assert _reason(measured) is Reason.UNDEFINED


def test_many_rows_of_nine_clusters_do_not_make_a_quantile(rng: np.random.Generator) -> None:
    values, cluster = rng.lognormal(size=9_000), np.arange(9_000) % 9
    sample = _sample(0.5, values, values, cluster)
    measured = quantile_estimate(sample, Estimand.CANDIDATE, TAILS)
    assert _reason(measured) is Reason.TOO_FEW_EVENTS


def test_slow_rows_in_few_clusters_are_too_few_events(rng: np.random.Generator) -> None:
    """All rows above p99 come from two of 200 clusters."""
    cluster = np.repeat(np.arange(200), 20)
    values = rng.lognormal(size=4_000) + 100 * (cluster < 2)
    measured = quantile_estimate(_sample(0.99, values, values, cluster), Estimand.CANDIDATE, TAILS)
    assert _reason(measured) is Reason.TOO_FEW_EVENTS


def test_clustered_bounds_off_the_end_do_not_exist(rng: np.random.Generator) -> None:
    cluster = np.repeat(np.arange(12), 40)
    values = rng.lognormal(size=480) * np.where(cluster < 10, 1, 1.0)
    measured = quantile_estimate(
        _sample(0.97, values, values, cluster), Estimand.CANDIDATE, Tails(1e-7, 1e-7)
    )
    assert _reason(measured) in (Reason.TOO_FEW_UNITS, Reason.TOO_FEW_EVENTS)


def test_models_may_have_different_numbers_of_rows(rng: np.random.Generator) -> None:
    baseline = rng.lognormal(size=900)
    measured = quantile_estimate(
        _sample(0.5, baseline, 2 * baseline[:800]), Estimand.RELATIVE, TAILS
    )
    assert isinstance(measured, Estimate)
    assert measured.low < 1.0 < measured.high


def test_pairing_narrows_the_interval(rng: np.random.Generator) -> None:
    baseline = rng.lognormal(size=2_000)
    near = baseline * rng.lognormal(0, 0.05, 2_000)
    paired = quantile_estimate(_sample(0.5, baseline, near), Estimand.DIFFERENCE, TAILS)
    apart = quantile_estimate(
        _sample(0.5, baseline, rng.permutation(near)), Estimand.DIFFERENCE, TAILS
    )
    assert isinstance(paired, Estimate)
    assert isinstance(apart, Estimate)
    assert paired.high - paired.low < 0.6 * (apart.high - apart.low)


def test_independent_models_join_as_newcombe_says(rng: np.random.Generator) -> None:
    """Zou & Donner (2008) with r of the indicators, from the models' own bounds."""
    baseline, candidate = rng.lognormal(size=400), rng.lognormal(size=400)
    sample = _sample(0.5, baseline, candidate)
    b, c, d = (
        quantile_estimate(sample, estimand, TAILS)
        for estimand in (Estimand.BASELINE, Estimand.CANDIDATE, Estimand.DIFFERENCE)
    )
    assert isinstance(b, Estimate)
    assert isinstance(c, Estimate)
    assert isinstance(d, Estimate)
    r = np.corrcoef(baseline <= b.value, candidate <= c.value)[0, 1]
    below, above = c.value - c.low, b.high - b.value
    expected = np.sqrt(below**2 + above**2 - 2 * r * below * above)
    assert d.value == pytest.approx(c.value - b.value)
    assert d.value - d.low == pytest.approx(expected, rel=1e-9)


def test_nonsense_is_refused() -> None:
    values = np.arange(10.0)
    with pytest.raises(ValueError, match="q = 1"):
        _own(values, 1.0)
    with pytest.raises(ValueError, match="tails"):
        _own(values, 0.5, Tails(0.6, 0.05))
    with pytest.raises(ValueError, match="NaN"):
        _own(np.array([1.0, np.nan]), 0.5)


@pytest.mark.slow
@pytest.mark.parametrize(("q", "n"), [(0.5, 50), (0.95, 300), (0.99, 1_000)])
@pytest.mark.parametrize("rho", [0.0, 0.9, 0.99])
def test_unclustered_intervals_hold_their_level(
    q: float, n: int, rho: float, rng: np.random.Generator
) -> None:
    """Log-normal latencies; 500 draws, 5 % a side, + 3 standard errors."""
    truth = float(np.exp(stats.norm.ppf(q)))
    misses = np.zeros((3, 2))
    for _ in range(500):
        z = rng.normal(size=n)
        w = rho * z + np.sqrt(1 - rho**2) * rng.normal(size=n)
        misses += _misses(_sample(q, np.exp(z), 1.2 * np.exp(w)), 1.2 * truth, 0.2 * truth, 0.2)
    assert (misses / 500 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 500)).all(), misses


@pytest.mark.slow
@pytest.mark.parametrize(("q", "groups"), [(0.5, 30), (0.95, 100), (0.99, 400)])
def test_clustered_intervals_hold_their_level(
    q: float, groups: int, rng: np.random.Generator
) -> None:
    """Log-normal latencies, 1-14 rows a cluster, intraclass correlation .5; 500 draws."""
    truth = float(np.exp(stats.norm.ppf(q)))
    misses = np.zeros((3, 2))
    for _ in range(500):
        cluster = np.repeat(np.arange(groups), rng.integers(1, 15, groups))
        z = rng.normal(size=groups)[cluster] + rng.normal(size=cluster.size)
        w = (z + np.sqrt(2) * rng.normal(size=cluster.size)) / 2
        sample = _sample(q, np.exp(z / np.sqrt(2)), np.exp(w), cluster)
        misses += _misses(sample, truth, 0.0, 0.0)
    assert (misses / 500 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 500)).all(), misses


def _misses(sample: QuantileSample, own: float, difference: float, relative: float) -> Floats:
    missed = np.zeros((3, 2))
    estimands = (Estimand.CANDIDATE, Estimand.DIFFERENCE, Estimand.RELATIVE)
    for at, (estimand, truth) in enumerate(
        zip(estimands, (own, difference, relative), strict=True)
    ):
        measured = quantile_estimate(sample, estimand, TAILS)
        if isinstance(measured, Estimate):
            missed[at] = (measured.low > truth, measured.high < truth)
    return missed


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20_261_120)
