"""Cascades replayed row by row, and thresholds that survive being searched for."""

import math

import numpy as np
import pytest

from shipcall.core import Absent, Estimate, Reason, Tails
from shipcall.stats.sample import Floats
from shipcall.studies.cascade import Model, Rows, Setting, front, grid, settings
from shipcall.studies.promise import Promised, kept_right, within_loss

T95 = Tails(0.025, 0.025)


def rows_of(
    signal: list[float], first: list[float], second: list[float], **more: Floats | None
) -> Rows:
    return Rows(
        cluster=np.arange(len(signal)),
        signal=np.array(signal),
        first=Model(value=np.array(first), cost=more.get("price"), latency=more.get("wait")),
        second=Model(value=np.array(second), cost=more.get("dear"), latency=more.get("long")),
        range=(0.0, 1.0),
        binary=True,
    )


def value(setting: Setting, name: str) -> float:
    measured = getattr(setting, name)
    assert isinstance(measured, Estimate)
    return measured.value


def test_a_cascade_is_the_first_answer_above_the_threshold_and_the_second_below() -> None:
    """By hand: rows 1 and 2 fall back; answers 1, 1, 1, 0; the second alone 1, 1, 0, 0."""
    rows = rows_of([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 0], [1, 1, 0, 0])
    (found,) = settings(rows, [0.5], T95)
    assert value(found, "fallback") == 0.5
    assert value(found, "value") == 0.75
    assert value(found, "difference") == 0.25


def test_whoever_falls_back_pays_and_waits_for_both() -> None:
    """By hand: prices 1, 1 + 10 and 1, 1 + 10: mean 6; waits 5, 25, 7, 29: median 7."""
    price, dear = np.array([1.0, 1.0, 1.0, 1.0]), np.array([10.0, 10.0, 10.0, 10.0])
    wait, long = np.array([5.0, 5.0, 7.0, 9.0]), np.array([20.0, 20.0, 20.0, 20.0])
    rows = rows_of(
        [0.9, 0.1, 0.9, 0.1], [1, 0, 1, 0], [1, 1, 1, 1],
        price=price, dear=dear, wait=wait, long=long,
    )  # fmt: skip
    (found,) = settings(rows, [0.5], Tails(0.4, 0.4))
    assert value(found, "cost") == pytest.approx(6.0)
    assert value(found, "p50") == 7.0


def test_prices_that_vary_are_averaged_with_an_interval() -> None:
    rng = np.random.default_rng(3)
    price, dear = rng.uniform(1, 2, 80), rng.uniform(10, 20, 80)
    signal = rng.random(80)
    rows = rows_of(list(signal), [1.0] * 80, [1.0] * 80, price=price, dear=dear)
    (found,) = settings(rows, [0.5], T95)
    paid = price + np.where(signal >= 0.5, 0.0, dear)
    assert value(found, "cost") == pytest.approx(float(paid.mean()))
    assert isinstance(found.cost, Estimate)
    assert found.cost.low < found.cost.high


def test_over_a_random_choice_is_the_covariance_of_being_kept_and_what_that_brings() -> None:
    """By definition: mean of the cascade less that of a coin that keeps as many."""
    rng = np.random.default_rng(4)
    first, second = (rng.random(50) < p for p in (0.6, 0.8))
    signal = rng.random(50) + 0.5 * first
    rows = rows_of(list(signal), list(first * 1.0), list(second * 1.0))
    (found,) = settings(rows, [0.9], T95)
    kept = signal >= 0.9
    coin = kept.mean() * first.mean() + (1 - kept.mean()) * second.mean()
    assert value(found, "over_random") == pytest.approx(
        float(np.where(kept, first, second).mean() - coin)
    )


def test_few_rows_on_one_side_do_not_say_whether_they_were_picked_well() -> None:
    rows = useless(np.random.default_rng(4), 60, 0.6, 0.9, binary=True)
    (found,) = settings(rows, [float(np.sort(rows.signal)[-6])], T95)
    assert isinstance(found.over_random, Absent)
    assert found.over_random.reason is Reason.TOO_FEW_EVENTS
    assert isinstance(found.value, Estimate)


def test_the_ends_of_the_grid_are_facts_where_they_are_by_construction() -> None:
    rows = rows_of([0.1, 0.4, 0.8, 0.9], [0, 0, 1, 0], [1, 1, 0, 0])
    first, *_, last = settings(rows, grid(rows.signal), T95)
    assert first.threshold == -math.inf
    assert last.threshold == math.inf
    assert isinstance(last.difference, Estimate)
    assert last.difference.census
    assert last.difference.value == 0.0
    assert isinstance(first.difference, Estimate)
    assert not first.difference.census


def test_rows_without_a_grade_widen_the_worth_and_leave_no_price() -> None:
    whole = rows_of([0.1, 0.4, 0.8, 0.9] * 20, [0, 0, 1, 0] * 20, [1, 1, 0, 0] * 20)
    some = Rows(
        cluster=whole.cluster, signal=whole.signal, lost=8, range=(0.0, 1.0), binary=True,
        first=Model(value=whole.first.value, cost=np.linspace(1, 2, 80)),
        second=Model(value=whole.second.value, cost=np.linspace(1, 2, 80)),
    )  # fmt: skip
    (full,), (torn,) = settings(whole, [0.5], T95), settings(some, [0.5], T95)
    assert isinstance(full.value, Estimate)
    assert isinstance(torn.value, Estimate)
    assert torn.value.low < full.value.low
    assert torn.value.high > full.value.high
    assert isinstance(torn.cost, Absent)
    assert torn.cost.reason is Reason.ROWS_MISSING


def test_prices_and_times_that_nobody_says_are_absent() -> None:
    (found,) = settings(rows_of([0.1, 0.9], [0, 1], [1, 0]), [0.5], T95)
    for measured in (found.cost, found.p50, found.p99):
        assert isinstance(measured, Absent)
        assert measured.reason is Reason.NO_EVIDENCE


def test_the_front_has_no_setting_that_another_beats() -> None:
    """Keeping all is worth 0.25 for nothing; the middle 0.75 for half; all back 0.5 for one."""
    rows = rows_of([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 0], [1, 1, 0, 0])
    found = settings(rows, [-math.inf, 0.5, math.inf], T95)
    assert front(found) == [True, True, False]


def test_the_grid_looks_at_the_signal_alone() -> None:
    assert grid(np.array([1.0, 2.0, 3.0, 4.0]), 3) == (-math.inf, 2.0, 3.0, 4.0, math.inf)
    assert grid(np.array([1.0, 1.0, 1.0]), 3) == (-math.inf, math.inf)


def useless(rng: np.random.Generator, n: int, first: float, second: float, *, binary: bool) -> Rows:
    """Models that are right by chance alone, and a signal that knows nothing of it."""
    return Rows(
        cluster=np.arange(n),
        signal=rng.random(n),
        first=Model(value=(rng.random(n) < first).astype(np.float64)),
        second=Model(value=(rng.random(n) < second).astype(np.float64)),
        range=(0.0, 1.0),
        binary=binary,
    )


def test_a_claim_that_holds_everywhere_keeps_all() -> None:
    rows = useless(np.random.default_rng(1), 400, 0.9, 0.5, binary=True)
    found = within_loss(rows, 0.1, 0.05, np.random.default_rng(2))
    assert isinstance(found, Promised)
    assert found.threshold == -math.inf
    assert found.passed == found.tried


def test_a_claim_that_holds_nowhere_sends_everything_back() -> None:
    rows = useless(np.random.default_rng(1), 400, 0.3, 0.9, binary=True)
    found = kept_right(rows, 0.8, 0.05, np.random.default_rng(2))
    assert isinstance(found, Promised)
    assert found.threshold == math.inf
    assert found.passed == 0
    assert isinstance(found.fallback, Estimate)
    assert found.fallback.value == 1.0


def test_one_cluster_can_be_chosen_from_or_tested_and_not_both() -> None:
    rows = rows_of([0.1, 0.9], [1, 1], [1, 1])
    one = Rows(cluster=np.zeros(2, dtype=np.int64), signal=rows.signal, first=rows.first,
               second=rows.second, range=(0.0, 1.0))  # fmt: skip
    found = within_loss(one, 0.1, 0.05, np.random.default_rng(2))
    assert isinstance(found, Absent)
    assert found.reason is Reason.TOO_FEW_CLUSTERS


@pytest.mark.slow
def test_a_named_threshold_loses_too_much_no_more_often_than_the_level() -> None:
    """A threshold t of a useless signal loses 0.3 (1 - t); 0.2 is lost at 1/3. 100 draws, level
    0.05: more than 13 wrong ones have a chance below 0.001."""
    wrong = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        found = within_loss(useless(rng, 120, 0.6, 0.9, binary=False), 0.2, 0.05, rng)
        assert isinstance(found, Promised)
        wrong += found.threshold < 1 / 3
    assert wrong <= 13


@pytest.mark.slow
def test_five_starts_share_one_level() -> None:
    """Kept answers are right in exactly 0.8 everywhere, so every named threshold is wrong."""
    wrong = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        found = kept_right(useless(rng, 300, 0.8, 0.9, binary=True), 0.8, 0.05, rng)
        assert isinstance(found, Promised)
        wrong += found.passed > 0
    assert wrong <= 19


@pytest.mark.slow
def test_a_useless_signal_beats_chance_no_more_often_than_its_interval_says() -> None:
    wrong = np.zeros(2)
    for seed in range(200):
        rows = useless(np.random.default_rng(seed), 120, 0.6, 0.9, binary=True)
        (found,) = settings(rows, [0.8], T95)
        assert isinstance(found.over_random, Estimate)
        wrong += found.over_random.low > 0, found.over_random.high < 0
    assert wrong.max() <= 13
