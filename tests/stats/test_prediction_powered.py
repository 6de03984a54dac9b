"""Prediction-powered means: right whatever the machine, narrower where it is right."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from shipcall.core import Absent, Estimand, Estimate, Reason, Tails
from shipcall.stats.clusters import Clusters
from shipcall.stats.prediction_powered import MIN_CARRIED, powered_estimate, powered_sample
from shipcall.stats.sample import Lost, PairSample

TAILS = Tails(0.05, 0.05)
RUNS = 300


def at_most(misses: int, runs: int = RUNS) -> bool:
    """Chance below 0.002 of more at a rate of 0.05."""
    return misses <= runs * 0.05 + 3 * math.sqrt(runs * 0.05 * 0.95)


def powered(
    truth: Any, machine: Any, labelled: Any, clusters: Clusters | None = None, **more: Any
) -> PairSample:
    """A sample of win rates: the baseline's is one less the candidate's."""
    given: dict[str, Any] = {"chance": np.ones(len(truth)), "lost": Lost(), "influence": False}
    y, f, known = (np.asarray(column, dtype=np.float64) for column in (truth, machine, labelled))
    return powered_sample(
        labelled=known,
        truth_baseline=np.where(known > 0, 1 - y, 0),
        truth_candidate=np.where(known > 0, y, 0),
        machine_baseline=1 - f,
        machine_candidate=f,
        clusters=clusters or Clusters.singles(y.size),
        **(given | more),
    )


def drawn(rng: np.random.Generator, items: int, right: float) -> tuple[np.ndarray, np.ndarray]:
    """A truth with rate 0.6, and a machine that knows it with chance `right`, else says 1."""
    truth = (rng.random(items) < 0.6).astype(float)
    return truth, np.where(rng.random(items) < right, truth, 1.0)


def test_the_value_is_that_of_the_formula() -> None:
    """theta = mean y + lambda (mean f over all - mean f over the labelled), lambda as told."""
    rng = np.random.default_rng(1)
    truth, machine = drawn(rng, 500, 0.7)
    known = np.arange(500) < 100
    seen = powered(truth, machine, known)
    assert seen.powered is not None
    gap = machine.mean() - machine[:100].mean()
    assert seen.candidate == pytest.approx(truth[:100].mean() + seen.powered.factor * gap)
    assert seen.baseline == pytest.approx(1 - float(seen.candidate or 0))
    assert (seen.rows, seen.clusters, seen.powered.items) == (100, 100, 500)


def test_the_weight_is_that_of_least_squares() -> None:
    """Labelled few of very many: lambda tends to the regression slope of y on f."""
    rng = np.random.default_rng(2)
    truth, machine = drawn(rng, 40_000, 0.7)
    known = np.arange(40_000) < 400
    seen = powered(truth, machine, known)
    fit = stats.linregress(machine[:400], truth[:400])
    assert seen.powered is not None
    assert seen.powered.factor == pytest.approx(fit.slope, abs=0.02)
    residual = truth[:400] - fit.slope * machine[:400]
    assert seen.var_candidate == pytest.approx(residual.var(ddof=1) / 400, rel=0.05)


def test_a_machine_that_knows_nothing_is_left_out() -> None:
    rng = np.random.default_rng(3)
    truth, _ = drawn(rng, 300, 1.0)
    seen = powered(truth, np.full(300, 0.5), np.arange(300) < 60)
    assert seen.powered is not None
    assert seen.powered.factor == 0
    assert seen.candidate == pytest.approx(truth[:60].mean())
    assert seen.df == pytest.approx(59)


def test_a_machine_that_contradicts_people_is_not_turned_round() -> None:
    truth, _ = drawn(np.random.default_rng(4), 300, 1.0)
    seen = powered(truth, 1 - truth, np.arange(300) < 60)
    assert seen.powered is not None
    assert seen.powered.factor == 0


def test_a_machine_that_is_always_right_is_worth_all_its_items() -> None:
    truth, machine = drawn(np.random.default_rng(5), 2_000, 1.0)
    seen = powered(truth, machine, np.arange(2_000) < 100)
    assert seen.candidate == pytest.approx(truth.mean())
    assert seen.var_candidate == pytest.approx(truth.var() / 2_000, rel=0.1)


def test_labelling_everything_leaves_people_alone() -> None:
    truth, machine = drawn(np.random.default_rng(6), 200, 0.7)
    seen = powered(truth, machine, np.ones(200))
    assert seen.powered is not None
    assert seen.powered.factor == 0
    assert seen.candidate == pytest.approx(truth.mean())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("items", "asked", "right", "each", "steep"),
    [
        (1_000, 50, 0.8, 1, 1.0),
        (2_000, 100, 0.0, 1, 1.0),
        (2_000, 100, 0.8, 1, 3.0),
        (1_000, 80, 0.8, 10, 1.0),
        (300, 150, 0.8, 5, 1.0),
    ],
)
def test_ends_hold_their_level(
    items: int, asked: int, right: float, each: int, steep: float
) -> None:
    """`steep`: people are asked so many times as often where the machine says 1, and it is known.

    Items of one cluster mostly share their truth; Absent counts as no miss and stays rare.
    """
    rng = np.random.default_rng(items + asked)
    clusters = Clusters.of(np.arange(items) // each)
    low = high = none = 0
    for _ in range(RUNS):
        shared = np.repeat(rng.random(items // each), each)
        own = np.where(rng.random(items) < 0.3, shared, rng.random(items))
        truth = (own < 0.6).astype(float)
        machine = np.where(rng.random(items) < right, truth, rng.random(items) < 0.7)
        chance = np.where(machine > 0, steep, 1.0) * asked / items
        known = rng.random(items) < chance
        seen = powered_estimate(
            powered(truth, machine, known, clusters, chance=chance), Estimand.DIFFERENCE, TAILS
        )
        if isinstance(seen, Absent):
            none += 1
            continue
        low += seen.low > 0.2
        high += seen.high < 0.2
    assert none <= 0.06 * RUNS
    assert at_most(low)
    assert at_most(high)


def test_labels_that_were_not_given_by_lot_are_seen_through() -> None:
    """People looked only where the judge preferred the candidate."""
    truth, machine = drawn(np.random.default_rng(7), 1_000, 0.7)
    chosen = np.flatnonzero(machine == 1)[:150]
    known = np.isin(np.arange(1_000), chosen)
    known[np.flatnonzero(machine == 0)[:10]] = True
    seen = powered_estimate(powered(truth, machine, known), Estimand.CANDIDATE, TAILS)
    assert isinstance(seen, Absent)
    assert seen.reason is Reason.UNSOUND
    assert "standard errors" in seen.detail


@pytest.mark.parametrize(("asked", "there"), [(MIN_CARRIED - 1, False), (MIN_CARRIED, True)])
def test_a_handful_of_labels_is_no_data(asked: int, there: bool) -> None:  # noqa: FBT001
    truth, machine = drawn(np.random.default_rng(8), 300, 0.8)
    seen = powered_estimate(
        powered(truth, machine, np.arange(300) < asked), Estimand.CANDIDATE, TAILS
    )
    assert isinstance(seen, Estimate) is there


def test_a_label_that_weighs_more_than_a_fortieth_of_all_is_no_data() -> None:
    truth, machine = drawn(np.random.default_rng(8), 300, 0.8)
    chance = np.where(np.arange(300) == 0, 0.01, 0.5)
    sample = powered(truth, machine, np.arange(300) < 100, chance=chance)
    assert sample.powered is not None
    assert sample.powered.carried == pytest.approx((100 + 99 * 2) / 100)
    seen = powered_estimate(sample, Estimand.CANDIDATE, TAILS)
    assert isinstance(seen, Absent)
    assert seen.reason is Reason.TOO_FEW_CLUSTERS


def test_a_difference_of_win_rates_is_known_no_better_than_the_rate() -> None:
    truth, machine = drawn(np.random.default_rng(8), 400, 0.8)
    sample = powered(np.maximum(truth, np.arange(400) % 12 != 0), machine, np.arange(400) < 60)
    gap, rate = (
        powered_estimate(sample, estimand, TAILS)
        for estimand in (Estimand.DIFFERENCE, Estimand.CANDIDATE)
    )
    assert isinstance(gap, Estimate)
    assert isinstance(rate, Estimate)
    assert gap.low <= 2 * rate.low - 1
    assert gap.high >= 2 * rate.high - 1


def test_nobody_asked_is_no_data() -> None:
    truth, machine = drawn(np.random.default_rng(9), 100, 0.8)
    seen = powered_estimate(powered(truth, machine, np.zeros(100)), Estimand.CANDIDATE, TAILS)
    assert isinstance(seen, Absent)


def test_lost_labels_widen_both_ends() -> None:
    truth, machine = drawn(np.random.default_rng(10), 1_000, 0.8)
    known = np.arange(1_000) < 200
    whole, torn = (
        powered_estimate(powered(truth, machine, known, lost=lost), Estimand.DIFFERENCE, TAILS)
        for lost in (Lost(), Lost(rows=6, range=(0.0, 1.0)))
    )
    assert isinstance(whole, Estimate)
    assert isinstance(torn, Estimate)
    assert torn.low < whole.low
    assert torn.high > whole.high


def test_what_clusters_contribute_adds_up_to_the_variance() -> None:
    truth, machine = drawn(np.random.default_rng(11), 400, 0.8)
    clusters = Clusters.of(np.arange(400) // 4)
    seen = powered(truth, machine, np.arange(400) % 4 == 0, clusters, influence=True)
    assert seen.influence is not None
    assert np.sum(seen.influence.candidate**2) == pytest.approx(seen.var_candidate)
    assert np.sum(seen.influence.baseline * seen.influence.candidate) == pytest.approx(
        seen.covariance
    )


def test_an_item_without_a_chance_cannot_have_been_chosen() -> None:
    truth, machine = drawn(np.random.default_rng(12), 50, 0.8)
    with pytest.raises(ValueError, match="no chance"):
        powered(truth, machine, np.ones(50), chance=np.zeros(50))


def test_a_sample_without_a_machine_is_refused() -> None:
    truth, machine = drawn(np.random.default_rng(13), 50, 0.8)
    bare = powered(truth, machine, np.ones(50))
    with pytest.raises(ValueError, match="powered_sample"):
        powered_estimate(replace(bare, powered=None), Estimand.CANDIDATE, TAILS)
