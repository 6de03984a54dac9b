"""Forecasts and repeats: what widens them, what they refuse, limits of the laws."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from measured import estimate, reason
from shipcall.core import Reason, Tails
from shipcall.stats.forecast import (
    BetaGeometric,
    Followed,
    Survivors,
    fit_beta_geometric,
    forecast,
    forecast_by_arm,
)
from shipcall.stats.repeats import (
    Histories,
    Repeating,
    expected_repeats,
    expected_repeats_by_arm,
    fit_repeats,
)
from shipcall.stats.sample import Floats

TAILS = Tails(0.1, 0.1)
AGES = np.arange(29)


def _survivors(stays: NDArray[np.floating[Any]], units: int = 2_000) -> Survivors:
    return Survivors(counts=np.round(units * stays).astype(np.int64))


def _fading() -> Floats:
    """Hazard .25 / age: the beta-geometric law with alpha .25 and beta .75."""
    return np.append(1.0, np.cumprod(1 - 0.25 / AGES[1:]))


def test_a_law_is_found_again_from_its_own_counts() -> None:
    fitted = fit_beta_geometric(_survivors(_fading(), 10**8))
    assert isinstance(fitted, BetaGeometric)
    assert (fitted.alpha, fitted.beta) == pytest.approx((0.25, 0.75), rel=1e-3)
    assert fitted.stays(28) == pytest.approx(_fading()[28], rel=1e-4)


def test_units_that_do_not_differ_give_the_geometric_law() -> None:
    measured = estimate(forecast(_survivors(0.95 ** AGES[:10], 10**6), 28, TAILS))
    assert measured.value == pytest.approx(0.95**28, rel=1e-3)


def test_older_cohorts_that_went_as_foreseen_narrow_the_forecast() -> None:
    young, older = _survivors(_fading()[:10]), _survivors(_fading())
    alone = estimate(forecast(young, 28, TAILS))
    taught = estimate(forecast(young, 28, TAILS, [older] * 8))
    assert taught.high - taught.low < alone.high - alone.low
    assert taught.method.endswith("8 older cohorts")
    assert alone.method.endswith("no older cohort: stated doubt")


def test_older_cohorts_that_went_otherwise_widen_it_until_it_holds_the_truth() -> None:
    """Hazards that rise from day 15 on: the law cannot know, older cohorts do."""
    hazard = np.where(AGES[1:] <= 14, 0.05 / np.sqrt(AGES[1:]), 0.04)
    tired = np.append(1.0, np.cumprod(1 - hazard))
    alone = estimate(forecast(_survivors(tired[:10]), 28, TAILS))
    taught = estimate(forecast(_survivors(tired[:10]), 28, TAILS, [_survivors(tired)] * 4))
    assert alone.low > tired[28]
    assert taught.low < tired[28] < taught.high


def test_one_older_cohort_is_little_knowledge() -> None:
    young, older = _survivors(_fading()[:10]), _survivors(_fading())
    one, eight = (estimate(forecast(young, 28, TAILS, [older] * k)) for k in (1, 8))
    assert one.high - one.low > eight.high - eight.low


def test_arms_are_joined() -> None:
    young = Followed(_survivors(_fading()[:10]))
    by_arm = forecast_by_arm(young, young, 28, TAILS)
    assert estimate(by_arm.difference).value == 0
    assert by_arm.baseline == forecast(young.survivors, 28, TAILS)


def test_forecasts_that_cannot_be_known_are_absent() -> None:
    assert reason(forecast(_survivors(_fading()[:3]), 28, TAILS)) is Reason.MATURING
    assert reason(forecast(_survivors(_fading()[:10], 20), 28, TAILS)) is Reason.TOO_FEW_EVENTS
    gone = Survivors(counts=np.array([100, 50, 20, 0]))
    assert reason(forecast(gone, 28, TAILS)) is Reason.TOO_FEW_EVENTS
    assert reason(fit_beta_geometric(gone)) is Reason.TOO_FEW_EVENTS


def test_older_cohorts_without_enough_drops_teach_nothing() -> None:
    few = _survivors(_fading(), 20)
    measured = estimate(forecast(_survivors(_fading()[:10]), 28, TAILS, [few]))
    assert measured.method.endswith("no older cohort: stated doubt")


def test_a_past_age_and_a_young_older_cohort_are_refused() -> None:
    young = _survivors(_fading()[:10])
    with pytest.raises(ValueError, match="is reached"):
        forecast(young, 9, TAILS)
    with pytest.raises(ValueError, match="older cohort"):
        forecast(young, 28, TAILS, [young])


@pytest.mark.parametrize("counts", [[5], [5, 6], [5, -1]])
def test_survivors_cannot_rise(counts: list[int]) -> None:
    with pytest.raises(ValueError, match="survivors"):
        Survivors(counts=np.array(counts))


def test_survivors_of_one_age_add() -> None:
    one = Survivors(counts=np.array([5, 3]))
    assert one.merged(one).counts.tolist() == [10, 6]
    with pytest.raises(ValueError, match="same age"):
        one.merged(Survivors(counts=np.array([5, 3, 2])))


def _drawn(seed: int, units: int = 600) -> Histories:
    """BG/NBD with r .8, alpha 3, a 1.2, b 3, followed for 30 weeks."""
    rng = np.random.default_rng(seed)
    rate, leave = rng.gamma(0.8, 1 / 3, units), rng.beta(1.2, 3, units)
    repeats, latest = np.zeros(units, dtype=np.int64), np.zeros(units)
    for i in range(units):
        at = rng.exponential(1 / rate[i])
        while at < 30:
            repeats[i], latest[i] = repeats[i] + 1, at
            if rng.random() < leave[i]:
                break
            at += rng.exponential(1 / rate[i])
    return Histories(
        repeats=repeats, latest=latest, followed=np.full(units, 30.0), units=np.ones_like(repeats)
    )


def test_expected_repeats_are_those_of_many_drawn_units() -> None:
    """The mean of 40,000 units drawn one by one; equation 9 at the true parameters."""
    law = Repeating(0.8, 3.0, 1.2, 3.0, 0.0, np.eye(4), 1)
    many = _drawn(9, 40_000).repeats
    error = many.std() / 200
    assert law.expected(30) == pytest.approx(many.mean(), abs=3 * error)
    measured = estimate(expected_repeats(_drawn(1), 0, 30, Tails(0.01, 0.01)))
    assert measured.low < law.expected(30) < measured.high
    assert measured.n == 600


def test_the_mean_of_the_law_has_no_gap_at_one() -> None:
    near, at = (
        Repeating(0.8, 3.0, a, 3.0, 0.0, np.eye(4), 1).expected(30) for a in (1 + 1e-5, 1.0)
    )
    assert at == pytest.approx(near, rel=1e-4)


def test_alike_histories_may_be_counted_together() -> None:
    histories = _drawn(2)
    double = histories.merged(histories)
    counted = Histories(
        repeats=histories.repeats,
        latest=histories.latest,
        followed=histories.followed,
        units=2 * histories.units,
    )
    one, two = fit_repeats(double), fit_repeats(counted)
    assert isinstance(one, Repeating)
    assert isinstance(two, Repeating)
    assert one.log_likelihood == pytest.approx(two.log_likelihood)
    assert two.expected(10) == pytest.approx(one.expected(10), rel=1e-5)


def test_arms_without_a_difference_have_none() -> None:
    histories = _drawn(3)
    assert (
        estimate(expected_repeats_by_arm(histories, histories, 5, 9, TAILS).difference).value == 0
    )


def test_few_returns_carry_no_law() -> None:
    histories = Histories(
        repeats=np.array([0, 1]),
        latest=np.array([0.0, 2.0]),
        followed=np.array([9.0, 9.0]),
        units=np.array([500, 20]),
    )
    assert reason(fit_repeats(histories)) is Reason.TOO_FEW_EVENTS
    assert reason(expected_repeats(histories, 0, 5, TAILS)) is Reason.TOO_FEW_EVENTS


def test_a_law_at_its_limit_is_absent() -> None:
    """Everybody returns exactly 8 times up to the end: units do not differ and nobody leaves."""
    histories = Histories(
        repeats=np.array([8]),
        latest=np.array([9.0]),
        followed=np.array([9.0]),
        units=np.array([500]),
    )
    assert reason(fit_repeats(histories)) is Reason.UNSOUND


@pytest.mark.parametrize(("repeats", "latest"), [(1, 0.0), (0, 1.0), (1, 10.0), (-1, 0.0)])
def test_impossible_histories_are_refused(repeats: int, latest: float) -> None:
    with pytest.raises(ValueError, match="latest"):
        Histories(
            repeats=np.array([repeats]),
            latest=np.array([latest]),
            followed=np.array([9.0]),
            units=np.array([1]),
        )


def test_an_interval_of_ages_has_a_length() -> None:
    with pytest.raises(ValueError, match="start < end"):
        expected_repeats(_drawn(4), 5, 5, TAILS)
