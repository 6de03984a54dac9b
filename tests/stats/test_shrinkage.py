"""Slices in the light of each other: shrinkage, spread and gap."""

import math
from collections.abc import Sequence
from functools import partial

import numpy as np
import pytest
from scipy.special import ndtri

from shipcall.core import Absent, Estimand, Estimate, Measured, Reason, Tails
from shipcall.stats.clusters import Clusters
from shipcall.stats.gaps import slice_gap, spread
from shipcall.stats.means import pair_estimate
from shipcall.stats.moments import pair_sample
from shipcall.stats.reversal import Reversal, reversal
from shipcall.stats.sample import Floats, Ints, Lost, PairSample
from shipcall.stats.shrinkage import shrunk
from shipcall.stats.together import Together, together

TAILS = Tails(0.025, 0.025)


def slices_of(values: Floats, error: float, correlation: float = 0.0) -> Together:
    size = values.size
    return Together(
        values=values, errors=np.full(size, error), correlation=correlation, n=(9,) * size
    )


def found(measured: Sequence[Measured]) -> list[Estimate]:
    return [one for one in measured if isinstance(one, Estimate)]


def drawn_at(slices: Together, tails: Tails) -> list[Estimate]:
    """Normal intervals of the slices."""
    down, up = (-float(ndtri(tail)) for tail in tails)
    return [
        Estimate(value=v, low=v - down * e, high=v + up * e, tails=tails, n=9, method="normal")
        for v, e in zip(slices.values, slices.errors, strict=True)
    ]


def test_slices_that_differ_by_noise_alone_are_pulled_together() -> None:
    rng = np.random.default_rng(1)
    slices = slices_of(rng.normal(size=60), 1.0)
    values = [e.value for e in found(shrunk(slices, TAILS))]
    assert np.std(values) < 0.5 * np.std(slices.values)


def test_slices_that_are_known_well_stay_where_they_are() -> None:
    slices = slices_of(np.array([-0.3, 0.0, 0.1, 0.4]), 1e-4)
    values = [e.value for e in found(shrunk(slices, TAILS))]
    assert values == pytest.approx(slices.values, abs=1e-6)


def test_two_slices_do_not_say_how_much_slices_differ() -> None:
    slices = slices_of(np.array([0.0, 1.0]), 1.0)
    for measured in (*shrunk(slices, TAILS), spread(slices, TAILS)):
        assert isinstance(measured, Absent)
        assert measured.reason is Reason.UNSOUND


def test_correlated_errors_give_the_same_as_the_whole_matrix() -> None:
    """Brute force: the posterior at one spread by inverting the covariance matrix."""
    slices = Together(
        values=np.array([0.3, -0.2, 0.9, 0.1]),
        errors=np.array([0.2, 0.3, 0.25, 0.4]),
        correlation=0.3,
        n=(9,) * 4,
    )
    errors, tau = slices.errors, 0.35
    noise = 0.3 * np.outer(errors, errors)
    np.fill_diagonal(noise, errors**2)
    inverse = np.linalg.inv(noise + tau**2 * np.eye(4))
    fit = slices.fit(np.array([tau]))
    mean = inverse.sum(axis=0) @ slices.values / inverse.sum()
    rest = slices.values - mean
    assert fit.mean[0] == pytest.approx(mean)
    assert fit.precision[0] == pytest.approx(inverse.sum())
    assert fit.distance[0] == pytest.approx(rest @ inverse @ rest)
    assert fit.log_det[0] == pytest.approx(-math.log(np.linalg.det(inverse)))


def test_the_order_of_slices_changes_nothing() -> None:
    slices = Together(
        values=np.array([0.3, -0.2, 0.9]),
        errors=np.array([0.2, 0.3, 0.25]),
        correlation=0.1,
        n=(1, 2, 3),
    )
    turned = Together(
        values=slices.values[::-1], errors=slices.errors[::-1], correlation=0.1, n=(3, 2, 1)
    )
    one, other = (found(shrunk(s, TAILS)) for s in (slices, turned))
    assert [e.value for e in one] == pytest.approx([e.value for e in other[::-1]], rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("size", [3, 8, 40])
@pytest.mark.parametrize("ratio", [0.0, 0.5, 2.0])
def test_shrunk_intervals_hold_on_average_over_slices(size: int, ratio: float) -> None:
    rng = np.random.default_rng(7)
    hits, total = 0, 0
    for _ in range(100):
        truth = 0.1 + ratio * rng.normal(size=size)
        errors = rng.uniform(0.5, 1.5, size)
        slices = Together(
            values=truth + errors * rng.normal(size=size), errors=errors, n=(9,) * size
        )
        for estimate, true in zip(found(shrunk(slices, TAILS)), truth, strict=True):
            hits += estimate.low <= true <= estimate.high
            total += 1
    assert hits / total > 0.95 - 3.3 * math.sqrt(0.05 * 0.95 * size / total)


@pytest.mark.slow
@pytest.mark.parametrize(("size", "truth"), [(3, 0.0), (5, 1.0), (30, 0.3), (30, 2.0)])
def test_the_spread_lies_in_its_interval_as_often_as_promised(size: int, truth: float) -> None:
    rng = np.random.default_rng(3)
    runs, missed = 400, 0
    for _ in range(runs):
        values = truth * rng.normal(size=size) + rng.normal(size=size)
        measured = spread(slices_of(values, 1.0), TAILS)
        missed += int(isinstance(measured, Estimate) and not measured.low <= truth <= measured.high)
    assert missed / runs < 0.05 + 3.3 * math.sqrt(0.05 * 0.95 / runs)


def test_the_spread_of_noise_reaches_down_to_zero() -> None:
    values = np.random.default_rng(4).normal(size=50)
    measured = spread(slices_of(values, 1.0), TAILS)
    assert isinstance(measured, Estimate)
    assert measured.low == 0.0
    assert measured.value < 0.6
    assert np.std(values) > 0.8


def test_slices_that_agree_too_closely_have_no_spread() -> None:
    measured = spread(slices_of(np.array([0.1, 0.1, 0.1, 0.1]), 1.0), TAILS)
    assert isinstance(measured, Absent)
    assert "agree more closely" in measured.detail


@pytest.mark.slow
@pytest.mark.parametrize(("size", "ratio"), [(2, 0.0), (6, 0.0), (6, 1.0), (50, 0.5)])
def test_the_gap_lies_in_its_interval_as_often_as_promised(size: int, ratio: float) -> None:
    rng = np.random.default_rng(5)
    runs, above, below = 1_000, 0, 0
    truth = ratio * np.linspace(-1, 1, size)
    for _ in range(runs):
        slices = slices_of(truth + rng.normal(size=size), 1.0)
        measured = slice_gap(partial(drawn_at, slices), 0.0, TAILS)
        assert isinstance(measured, Estimate)
        above += int(np.ptp(truth) < measured.low)
        below += int(np.ptp(truth) > measured.high)
    room = 3.3 * math.sqrt(0.025 * 0.975 / runs)
    assert above / runs < 0.025 + room
    assert below / runs < 0.025 + room


def test_the_gap_of_fifty_equal_slices_is_not_told_from_nothing() -> None:
    slices = slices_of(np.random.default_rng(6).normal(size=50), 1.0)
    measured = slice_gap(lambda tails: drawn_at(slices, tails), 0.0, TAILS)
    assert isinstance(measured, Estimate)
    assert measured.low == 0.0
    assert measured.value > 3.0


def test_one_slice_has_no_gap() -> None:
    slices = slices_of(np.array([1.0]), 1.0)
    assert isinstance(slice_gap(lambda tails: drawn_at(slices, tails), 0.0, TAILS), Absent)


def sample_of(difference: Floats, cluster: Ints, lost: int = 0) -> PairSample:
    ones = np.ones_like(difference)
    return pair_sample(
        np.zeros_like(difference),
        ones,
        difference,
        ones,
        Clusters.of(cluster),
        range=(-9.0, 9.0),
        lost=Lost(rows=lost, range=(-9.0, 9.0)),
        influence=True,
    )


def test_people_with_rows_in_every_slice_make_slices_move_as_one() -> None:
    """Each of 400 people has one row in each of 4 slices; half of the variance is theirs."""
    rng = np.random.default_rng(8)
    people = np.arange(400)
    own = rng.normal(size=400)
    samples = [sample_of(own + rng.normal(size=400), people) for _ in range(4)]
    estimates = [pair_estimate(s, Estimand.DIFFERENCE, TAILS) for s in samples]
    _, joined = together(samples, estimates, Estimand.DIFFERENCE)
    assert joined.correlation == pytest.approx(0.5, abs=0.08)


def test_the_error_of_a_slice_is_the_wider_half_of_its_own_interval() -> None:
    rng = np.random.default_rng(9)
    samples = [sample_of(rng.normal(size=90) ** 2, np.arange(90)) for _ in range(3)]
    estimates = found([pair_estimate(s, Estimand.DIFFERENCE, TAILS) for s in samples])
    _, joined = together(samples, estimates, Estimand.DIFFERENCE)
    wider = [max(e.value - e.low, e.high - e.value) / 1.959964 for e in estimates]
    assert joined.errors == pytest.approx(wider, rel=1e-6)


def test_slices_that_lost_rows_are_not_read_with_the_others() -> None:
    rng = np.random.default_rng(10)
    samples = [sample_of(rng.normal(size=90), np.arange(90), lost=i) for i in (0, 3, 0, 0)]
    estimates = [pair_estimate(s, Estimand.DIFFERENCE, TAILS) for s in samples]
    kept, joined = together(samples, estimates, Estimand.DIFFERENCE)
    assert kept.places == (0, 2, 3)
    assert joined.values.size == 3
    refused = kept.refused[1]
    assert refused is not None
    assert refused.reason is Reason.ROWS_MISSING


def test_slices_without_contributions_of_clusters_are_not_read_together() -> None:
    rng = np.random.default_rng(11)
    whole = sample_of(rng.normal(size=90), np.arange(90))
    ones = np.ones(90)
    bare = pair_sample(ones, ones, rng.normal(size=90), ones, Clusters.singles(90))
    absent = Absent(reason=Reason.NO_ROWS, detail="none")
    samples: list[PairSample | Absent] = [whole, bare, absent]
    estimates = [
        s if isinstance(s, Absent) else pair_estimate(s, Estimand.DIFFERENCE, TAILS)
        for s in samples
    ]
    kept, _ = together(samples, estimates, Estimand.DIFFERENCE)
    assert kept.places == (0,)
    assert [a.reason for a in kept.refused if a] == [Reason.NOT_MEASURABLE, Reason.NO_ROWS]


def estimate(value: float, half: float = 0.1) -> Estimate:
    return Estimate(
        value=value, low=value - half, high=value + half, tails=TAILS, n=9, method="test"
    )


def test_a_reversal_is_shown_when_no_interval_reaches_zero() -> None:
    assert reversal(estimate(0.5), [estimate(-0.5), estimate(-0.2)]) == Reversal(
        against=2, slices=2, unknown=0, shown=True
    )


def test_a_slice_without_data_is_counted_and_not_taken_for_a_side() -> None:
    absent = Absent(reason=Reason.NO_ROWS, detail="none")
    told = reversal(estimate(0.5), [estimate(-0.5), estimate(-0.05), absent])
    assert told == Reversal(against=2, slices=2, unknown=1, shown=False)


def test_without_the_whole_or_a_second_slice_nothing_is_reversed() -> None:
    absent = Absent(reason=Reason.NO_ROWS, detail="none")
    assert reversal(absent, [estimate(1), estimate(1)]) is absent
    assert isinstance(reversal(estimate(1), [estimate(-1), absent]), Absent)
