"""What thresholds cost: by hand, at the edges, and with promised coverage."""

import math

import numpy as np
import pytest
from scipy.stats import norm

from shipcall.core import Absent, Estimate, Measured, Reason, Tails
from shipcall.stats.proportions import clopper_pearson
from shipcall.studies.decisions import (
    Prices,
    Scored,
    benefit_difference,
    confusion,
    cost_at,
    cost_difference,
    cost_of,
    everyone,
    net_benefit,
)
from shipcall.studies.shift import corrected, live_rate
from shipcall.studies.threshold import best_threshold, thresholds

T95 = Tails(0.025, 0.025)
PRICES = Prices(1.0, 5.0)


def known(measured: Measured) -> Estimate:
    assert isinstance(measured, Estimate)
    return measured


def scored(score: list[float], positive: list[int], lost: int = 0) -> Scored:
    return Scored(
        cluster=np.arange(len(score)),
        positive=np.array(positive, dtype=np.float64),
        score=np.array(score),
        lost=lost,
    )


TEN = scored([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95], [0, 0, 1, 0, 0, 0, 1, 0, 1, 1])
"""At 0.45: called 0, 0, 1, 0, 1, 1 of the upper six: 3 true, 3 false alarms, 1 miss, 3 true no."""


def test_the_four_cells_are_counted() -> None:
    found = confusion(TEN, 0.45, T95)
    assert found.counts == (3, 3, 1, 3)
    assert [known(share).value for share in found.shares] == [0.3, 0.3, 0.1, 0.3]
    assert known(found.alarms).value == 0.5
    assert known(found.misses).value == 0.25


def test_cells_of_independent_rows_have_exact_intervals() -> None:
    share = known(confusion(TEN, 0.45, T95).shares[0])
    exact = known(clopper_pearson(3, 10, T95))
    assert (share.low, share.high) == (exact.low, exact.high)


def test_the_cost_of_a_row_is_that_of_its_errors() -> None:
    """(3 * 1 + 1 * 5) / 10."""
    assert known(cost_at(TEN, PRICES, 0.45, T95)).value == pytest.approx(0.8)


def test_another_share_of_positives_weighs_the_two_error_rates() -> None:
    """0.9 * 1 * 3/6 + 0.1 * 5 * 1/4."""
    assert known(cost_at(TEN, PRICES, 0.45, T95, 0.1)).value == pytest.approx(0.575)


def test_net_benefit_is_true_positives_less_weighted_false_ones() -> None:
    """Vickers & Elkin: TP/n - FP/n * p/(1-p) = 0.3 - 0.3 * 0.45/0.55."""
    assert known(net_benefit(TEN, 0.45, T95)).value == pytest.approx(0.3 - 0.3 * 0.45 / 0.55)
    assert known(everyone(TEN, 0.45, T95)).value == pytest.approx(0.4 - 0.6 * 0.45 / 0.55)
    live = known(net_benefit(TEN, 0.45, T95, 0.1)).value
    assert live == pytest.approx(0.1 * 0.75 - 0.9 * 0.5 * 0.45 / 0.55)


def test_differences_are_those_of_the_values() -> None:
    other = scored(
        [0.9, 0.2, 0.7, 0.4, 0.1, 0.6, 0.7, 0.2, 0.9, 0.3], [int(p) for p in TEN.positive]
    )
    for rate in (None, 0.1):
        cost = known(cost_difference(TEN, other, PRICES, (0.45, 0.45), T95, rate)).value
        values = [known(cost_at(s, PRICES, 0.45, T95, rate)).value for s in (other, TEN)]
        assert cost == pytest.approx(values[0] - values[1])
        gain = known(benefit_difference(TEN, other, 0.45, T95, rate)).value
        worths = [known(net_benefit(s, 0.45, T95, rate)).value for s in (other, TEN)]
        assert gain == pytest.approx(worths[0] - worths[1])


def test_a_miss_that_nobody_saw_keeps_its_exact_end() -> None:
    """No miss among 20 positives: FNR up to 1 - 0.025^(1/20) = 0.16843 (exact binomial)."""
    perfect = scored([0.9] * 20 + [0.1] * 20, [1] * 20 + [0] * 20)
    found = known(cost_at(perfect, Prices(0.0, 100.0), 0.5, T95, 0.5))
    assert found.value == 0.0
    assert found.high == pytest.approx(0.5 * 100 * (1 - 0.025 ** (1 / 20)))


def test_lost_rows_widen_the_cost() -> None:
    fewer = scored(list(TEN.score) * 5, [int(p) for p in TEN.positive] * 5)
    torn = Scored(cluster=fewer.cluster, positive=fewer.positive, score=fewer.score, lost=5)
    whole, part = (known(cost_at(s, PRICES, 0.45, T95)) for s in (fewer, torn))
    assert part.low < whole.low
    assert part.high > whole.high


def test_one_class_has_no_cost_at_another_rate() -> None:
    found = cost_at(scored([0.1, 0.9, 0.3], [0, 0, 0]), PRICES, 0.5, T95, 0.1)
    assert isinstance(found, Absent)


def test_prices_say_where_calibrated_probabilities_are_cut() -> None:
    """Acting at p costs (1 - p) f, not acting p m: equal at f / (f + m)."""
    assert Prices(1.0, 9.0).fair_threshold == pytest.approx(0.1)


def test_a_probability_moves_with_the_share_of_positives() -> None:
    """By Bayes: odds 1 at a share of 0.5 become 1/9 at 0.1; the same share changes nothing."""
    assert corrected(0.5, 0.5, 0.1) == pytest.approx(0.1)
    assert corrected(0.3, 0.2, 0.2) == pytest.approx(0.3)
    for wrong in ((0.5, 0.0, 0.1), (0.5, 0.5, 1.0), (1.5, 0.5, 0.1)):
        with pytest.raises(ValueError, match=r"share of positives|probability"):
            corrected(*wrong)


def test_the_live_share_is_worked_out_from_calls() -> None:
    """Rogan & Gladen: (0.2 + 0.9 - 1) / (0.8 + 0.9 - 1) = 1/7."""
    called = known(clopper_pearson(200, 1000, T95))
    alarms, misses = (known(clopper_pearson(events, 100, T95)) for events in (10, 20))
    found = known(live_rate(called, alarms, misses))
    assert found.value == pytest.approx(1 / 7)
    assert found.low < 1 / 7 < found.high
    assert found.level == pytest.approx(1 - 6 * 0.025)


def test_a_model_no_better_than_chance_says_nothing_about_the_live_share() -> None:
    called = clopper_pearson(200, 1000, T95)
    found = live_rate(called, clopper_pearson(60, 100, T95), clopper_pearson(50, 100, T95))
    assert isinstance(found, Absent)
    assert found.reason is Reason.UNSOUND
    too_few = live_rate(clopper_pearson(0, 100_000, T95), clopper_pearson(60, 100, T95),
                        clopper_pearson(10, 100, T95))  # fmt: skip
    assert isinstance(too_few, Absent)
    absent = Absent(reason=Reason.NO_ROWS, detail="")
    assert live_rate(absent, found, found) is absent


def test_thresholds_are_scores_and_calling_nothing() -> None:
    assert thresholds(np.array([0.1, 0.4, 0.2]), 60) == (0.1, 0.2, 0.4, math.inf)


def test_ten_clusters_of_each_class_are_needed_for_a_best_threshold() -> None:
    few = scored([0.1] * 30 + [0.9] * 9, [0] * 30 + [1] * 9)
    found = best_threshold(few, PRICES, T95, np.random.default_rng(1))
    for part in found:
        assert isinstance(part, Absent)
        assert part.reason is Reason.TOO_FEW_EVENTS


def test_where_calling_nothing_is_cheapest_no_threshold_is() -> None:
    upside_down = scored([i / 300 for i in range(300)], [1] * 30 + [0] * 270)
    rng = np.random.default_rng(1)
    found = best_threshold(upside_down, Prices(100.0, 1.0), T95, rng).threshold
    assert isinstance(found, Absent)
    assert found.reason is Reason.UNDEFINED


BEST = 0.6 + math.log(0.7 / 1.2) / 1.2
"""Of negatives N(0, 1) and 30 % positives N(1.2, 1) at prices 1 and 4, where the densities weigh
alike: 0.7 phi(t) = 1.2 phi(t - 1.2)."""


def normal_scores(rng: np.random.Generator, n: int) -> Scored:
    positive = (rng.random(n) < 0.3).astype(np.float64)
    return Scored(
        cluster=np.arange(n), positive=positive, score=rng.normal(size=n) + 1.2 * positive
    )


def test_the_best_threshold_is_close_to_the_true_one() -> None:
    """Normal scores: see BEST; the cost there by the normal law."""
    found = best_threshold(normal_scores(np.random.default_rng(2), 8000), Prices(1, 4), T95,
                           np.random.default_rng(3))  # fmt: skip
    least = 0.7 * norm.sf(BEST) + 1.2 * norm.cdf(BEST - 1.2)
    threshold, cost = known(found.threshold), known(found.cost)
    assert threshold.low < BEST < threshold.high
    assert abs(threshold.value - BEST) < 0.35
    assert cost.low < least < cost.high


def test_another_share_of_positives_moves_the_best_threshold_up() -> None:
    rows = normal_scores(np.random.default_rng(2), 3000)
    here, live = (
        known(best_threshold(rows, Prices(1, 4), T95, np.random.default_rng(3), rate).threshold)
        for rate in (None, 0.03)
    )
    assert live.value > here.value + 0.5


def test_where_calling_nothing_may_be_cheapest_the_interval_is_open() -> None:
    rng = np.random.default_rng(1)
    noise = scored(list(rng.random(300)), list((rng.random(300) < 0.1).astype(int)))
    assert known(best_threshold(noise, Prices(100.0, 1.0), T95, rng).threshold).high == math.inf


def test_the_same_generator_gives_the_same_threshold_in_any_order_of_calls() -> None:
    rows = normal_scores(np.random.default_rng(2), 400)
    one, other = (best_threshold(rows, PRICES, T95, np.random.default_rng(3)) for _ in range(2))
    assert one == other


def agreeing(rng: np.random.Generator, groups: int, size: int, share: float) -> np.ndarray:
    """0/1 rows in clusters; half of their variance is the cluster's."""
    cluster = np.repeat(np.arange(groups), size)
    common = rng.random(cluster.size) < math.sqrt(0.5)
    drawn: np.ndarray = (
        np.where(common, rng.random(groups)[cluster], rng.random(cluster.size)) < share
    )
    return drawn


@pytest.mark.slow
@pytest.mark.parametrize("rate", [None, 0.02])
@pytest.mark.parametrize(("groups", "size"), [(60, 1), (150, 3), (40, 3)])
def test_the_cost_of_rare_and_dear_misses_is_covered(
    groups: int, size: int, rate: float | None
) -> None:
    """300 draws, 2.5 % an end: more than 16 misses of one end have a chance below 0.002."""
    wrong = np.zeros(2)
    for seed in range(300):
        rng = np.random.default_rng(seed)
        positive = agreeing(rng, groups, size, 0.1) * 1.0
        alarms, misses = agreeing(rng, groups, size, 0.1), agreeing(rng, groups, size, 0.05)
        called = np.where(positive > 0, ~misses, alarms) * 1.0
        cluster = np.repeat(np.arange(groups), size)
        rows = Scored(cluster=cluster, positive=positive, score=called)
        found = cost_of(rows, Prices(1, 50), called, T95, rate)
        if isinstance(found, Estimate):
            share = 0.1 if rate is None else rate
            true = (1 - share) * 0.1 + 50 * share * 0.05
            wrong += found.low > true, found.high < true
    assert wrong.max() <= 16


@pytest.mark.slow
def test_the_best_threshold_is_covered() -> None:
    """120 draws of 200 rows at 95 %: more than 15 outside have a chance below 0.001."""
    outside = 0
    for seed in range(120):
        rng = np.random.default_rng(seed)
        found = known(best_threshold(normal_scores(rng, 200), Prices(1, 4), T95, rng).threshold)
        outside += not found.low < BEST < found.high
    assert outside <= 15
