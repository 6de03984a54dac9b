import numpy as np
import pytest
from scipy import stats

from shipcall.core import Absent, Estimand, Estimate, Reason, Tails
from shipcall.stats.clusters import Clusters
from shipcall.stats.means import pair_estimate
from shipcall.stats.moments import pair_sample
from shipcall.stats.sample import Lost, PairSample
from shipcall.stats.sensitivity import alternatives, bootstrap_interval, plain_interval

TAILS = Tails(0.05, 0.005)


def sample(candidate: list[float], *, lost: Lost = Lost()) -> PairSample:  # noqa: B008 - frozen
    values = np.array(candidate)
    ones, zeros = np.ones(values.size), np.zeros(values.size)
    clusters = Clusters.singles(values.size)
    limits = (0.0, 1.0)
    return pair_sample(zeros, ones, values, ones, clusters, range=limits, lost=lost, influence=True)


VALUES = [0.1, 0.4, 0.35, 0.8, 0.05, 0.6, 0.2, 0.9, 0.45, 0.3]


def test_normal_ends_are_the_mean_and_normal_quantiles_of_its_error() -> None:
    """scipy: mean -+ norm.ppf(1 - tail) * sem(values); candidate less a baseline of zero."""
    found = plain_interval(sample(VALUES), Estimand.DIFFERENCE, TAILS, df=float("inf"))
    assert isinstance(found, Estimate)
    error = stats.sem(VALUES)
    assert found.value == pytest.approx(np.mean(VALUES))
    assert found.low == pytest.approx(np.mean(VALUES) - stats.norm.ppf(0.95) * error)
    assert found.high == pytest.approx(np.mean(VALUES) + stats.norm.ppf(0.995) * error)


def test_student_ends_are_those_of_the_one_sample_t_interval() -> None:
    """scipy: t.interval(0.90, n - 1, mean, sem) has 0.05 beyond each end."""
    own = sample(VALUES)
    found = plain_interval(own, Estimand.CANDIDATE, Tails(0.05, 0.05), df=own.df)
    assert isinstance(found, Estimate)
    wanted = stats.t.interval(0.90, len(VALUES) - 1, np.mean(VALUES), stats.sem(VALUES))
    assert (found.low, found.high) == pytest.approx(wanted)


def test_a_relative_change_has_the_error_of_the_delta_method() -> None:
    """Derivation: r = b/a - 1, so var r = (b/a^2)^2 var a + (1/a)^2 var b - 2 (b/a^3) cov."""
    rng = np.random.default_rng(1)
    before = rng.normal(2.0, 0.5, 50)
    after = before * 1.1 + rng.normal(0.0, 0.2, 50)
    ones = np.ones(50)
    own = pair_sample(before, ones, after, ones, Clusters.singles(50), influence=True)
    found = plain_interval(own, Estimand.RELATIVE, Tails(0.05, 0.05), df=float("inf"))
    assert isinstance(found, Estimate)
    a, b = before.mean(), after.mean()
    cov = np.cov(before, after) / 50
    variance = (b / a**2) ** 2 * cov[0, 0] + cov[1, 1] / a**2 - 2 * b / a**3 * cov[0, 1]
    assert found.value == pytest.approx(b / a - 1)
    assert found.high - found.value == pytest.approx(stats.norm.ppf(0.95) * variance**0.5)


def test_the_bootstrap_agrees_with_the_normal_law_where_there_are_many_clusters() -> None:
    values = np.random.default_rng(2).uniform(size=3000).tolist()
    own = sample(values)
    rng = np.random.default_rng(3)
    drawn = bootstrap_interval(own, Estimand.DIFFERENCE, TAILS, rng)
    normal = plain_interval(own, Estimand.DIFFERENCE, TAILS, df=float("inf"))
    assert isinstance(drawn, Estimate)
    assert isinstance(normal, Estimate)
    width = normal.high - normal.low
    assert drawn.low == pytest.approx(normal.low, abs=0.05 * width)
    assert drawn.high == pytest.approx(normal.high, abs=0.05 * width)


def test_more_clusters_than_are_drawn_one_by_one_are_drawn_in_groups() -> None:
    """The groups keep the error: that of 6,000 uniform values is 0.2887 / sqrt(6000) = 0.00373."""
    values = np.random.default_rng(2).uniform(size=6000).tolist()
    tails, rng = Tails(0.05, 0.05), np.random.default_rng(3)
    drawn = bootstrap_interval(sample(values), Estimand.DIFFERENCE, tails, rng)
    assert isinstance(drawn, Estimate)
    assert drawn.high - drawn.low == pytest.approx(2 * 1.645 * 0.00373, rel=0.06)


def test_a_tail_that_the_draws_do_not_reach_is_absent() -> None:
    rng = np.random.default_rng(3)
    found = bootstrap_interval(sample(VALUES), Estimand.DIFFERENCE, Tails(0.05, 1e-4), rng)
    assert isinstance(found, Absent)
    assert found.reason is Reason.NOT_MEASURABLE


def test_what_never_varies_has_no_interval_by_any_way() -> None:
    found = alternatives(
        sample([0.5] * 20), Estimand.DIFFERENCE, TAILS, np.random.default_rng(1), pair_estimate
    )
    assert [way.name for way in found] == ["normal", "student", "bootstrap"]
    assert all(isinstance(way.measured, Absent) for way in found)


def test_a_zero_baseline_has_no_relative_change() -> None:
    found = plain_interval(sample(VALUES), Estimand.RELATIVE, TAILS, df=9.0)
    assert isinstance(found, Absent)
    assert found.reason is Reason.BASELINE_NEAR_ZERO


def test_lost_rows_at_their_worst_never_narrow_the_interval() -> None:
    own = sample(VALUES * 6, lost=Lost(rows=5, range=(0.0, 1.0)))
    ways = alternatives(own, Estimand.DIFFERENCE, TAILS, np.random.default_rng(1), pair_estimate)
    found = {way.name: way.measured for way in ways}
    ignored, worst = found["lost_ignored"], found["lost_at_worst"]
    assert isinstance(ignored, Estimate)
    assert isinstance(worst, Estimate)
    assert worst.low < ignored.low
    assert worst.high > ignored.high
