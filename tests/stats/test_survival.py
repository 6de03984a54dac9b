"""Survival and arms: sums that add, what is refused, repeated units, rare drops."""

import math

import numpy as np
import pytest

from measured import estimate, reason
from shipcall.core import Reason, Tails
from shipcall.stats.arms import Hits, joined, share_by_arm, weighted_share_by_arm
from shipcall.stats.proportions import clopper_pearson, newcombe_difference
from shipcall.stats.survival import (
    Exits,
    LogRank,
    Spells,
    log_rank,
    restricted_mean,
    restricted_mean_by_arm,
    survival_at,
    survival_by_arm,
)

TAILS = Tails(0.05, 0.05)


def _exits(seed: int, n: int = 60) -> Exits:
    rng = np.random.default_rng(seed)
    return Exits.of(rng.integers(1, 15, n), rng.random(n) < 0.6)


def test_parts_add_up_to_the_whole() -> None:
    one, two = _exits(1), _exits(2)
    whole, other = one.merged(two), two.merged(one)
    assert whole.units == 120
    assert np.array_equal(whole.at_risk, other.at_risk)
    assert survival_at(whole, 7, TAILS) == survival_at(other, 7, TAILS)


def test_rows_of_one_unit_are_one_unit() -> None:
    """Every spell written twice changes nothing where clusters are counted."""
    rng = np.random.default_rng(3)
    times, dropped = rng.integers(1, 12, 80).astype(float), rng.integers(0, 2, 80)
    once = Spells(times=times, dropped=dropped, cluster=np.arange(80))
    twice = Spells(
        times=np.repeat(times, 2),
        dropped=np.repeat(dropped, 2),
        cluster=np.repeat(np.arange(80), 2),
    )
    one, two = (estimate(survival_at(spells, 5, TAILS)) for spells in (once, twice))
    assert two.n == 80
    assert (two.value, two.low, two.high) == pytest.approx((one.value, one.low, one.high))
    means = [estimate(restricted_mean(spells, 9, TAILS)) for spells in (once, twice)]
    assert means[1].low == pytest.approx(means[0].low)


def test_single_spells_have_greenwoods_variance() -> None:
    """n / (n - 1) of it, as a variance over clusters has; the t quantile taken out."""
    exits = _exits(4, 4_000)
    times = np.repeat(exits.times, exits.dropped + exits.hidden)
    dropped = np.concatenate(
        [[1] * d + [0] * h for d, h in zip(exits.dropped, exits.hidden, strict=True)]
    )
    spells = Spells(times=times, dropped=dropped.astype(int), cluster=np.arange(times.size))
    units, clusters = (estimate(survival_at(arm, 6, TAILS)) for arm in (exits, spells))
    assert clusters.low == pytest.approx(units.low, abs=2e-5)
    assert clusters.high == pytest.approx(units.high, abs=2e-5)


def test_nobody_dropping_is_not_certainty() -> None:
    """Twenty units in sight after day 3: the exact end of 20 of 20."""
    exits = Exits.of([5.0] * 20, [0] * 20)
    measured = estimate(survival_at(exits, 3, TAILS))
    assert (measured.value, measured.high) == (1.0, 1.0)
    assert measured.low == pytest.approx(0.05 ** (1 / 20))
    mean = estimate(restricted_mean(exits, 5, TAILS))
    assert mean.low == pytest.approx(5 * 0.05 ** (1 / 20))


def test_everybody_dropping_is_not_certainty() -> None:
    measured = estimate(survival_at(Exits.of([1.0, 2.0, 2.0], [1, 1, 1]), 2, TAILS))
    assert (measured.value, measured.low) == (0.0, 0.0)
    assert measured.high == pytest.approx(1 - 0.05 ** (1 / 2))


def test_beyond_what_was_followed_there_is_no_data() -> None:
    exits = Exits.of([3.0, 4.0, 9.0], [1, 0, 0])
    assert reason(survival_at(exits, 10, TAILS)) is Reason.MATURING
    assert reason(restricted_mean(exits, 10, TAILS)) is Reason.MATURING
    assert reason(survival_by_arm(exits, _exits(5), 10, TAILS).difference) is Reason.MATURING


def test_no_unit_one_cluster_and_one_unit_are_absent() -> None:
    assert reason(survival_at(Exits.of([], []), 1, TAILS)) is Reason.NO_ROWS
    spells = Spells(
        times=np.array([1.0, 2.0]), dropped=np.array([1, 0]), cluster=np.zeros(2, dtype=int)
    )
    assert reason(survival_at(spells, 1, TAILS)) is Reason.TOO_FEW_CLUSTERS
    assert reason(restricted_mean(spells, 2, TAILS)) is Reason.TOO_FEW_CLUSTERS
    assert reason(restricted_mean(Exits.of([5.0], [0]), 5, TAILS)) is Reason.TOO_FEW_UNITS


@pytest.mark.parametrize(
    ("times", "dropped", "hidden"),
    [([2.0, 1.0], [1, 1], [0, 0]), ([-1.0], [1], [0]), ([1.0], [-1], [2]), ([1.0], [1, 1], [0])],
)
def test_impossible_exits_are_refused(
    times: list[float], dropped: list[int], hidden: list[int]
) -> None:
    with pytest.raises(ValueError, match=r"time|count"):
        Exits(times=np.array(times), dropped=np.array(dropped), hidden=np.array(hidden))


def test_a_horizon_is_a_time() -> None:
    with pytest.raises(ValueError, match="horizon"):
        restricted_mean(_exits(1), 0, TAILS)


def test_swapped_arms_give_the_negative() -> None:
    one, two = _exits(6), _exits(7)
    ahead = estimate(restricted_mean_by_arm(one, two, 9, TAILS).difference)
    back = estimate(restricted_mean_by_arm(two, one, 9, TAILS).difference)
    assert (ahead.value, ahead.low, ahead.high) == pytest.approx(
        (-back.value, -back.high, -back.low)
    )


def test_the_log_rank_compares_within_cohorts_only() -> None:
    """A cohort that drops early and holds most of the candidate is no difference of the arms."""
    early, late = Exits.of([1.0] * 40 + [2.0] * 40, [1] * 80), Exits.of([9.0] * 80, [1] * 80)
    few = Exits.of([1.0] * 4 + [2.0] * 4, [1] * 8)
    some = Exits.of([9.0] * 8, [1] * 8)
    within = log_rank([early, some], [few, late])
    pooled = log_rank([early.merged(some)], [few.merged(late)])
    assert isinstance(within, LogRank)
    assert isinstance(pooled, LogRank)
    assert abs(within.z) < 1e-9
    assert pooled.p < 1e-6


def test_the_log_rank_of_few_drops_is_absent() -> None:
    arm = Exits.of([1.0, 2.0, 3.0], [1, 1, 0])
    assert reason(log_rank([arm], [arm])) is Reason.TOO_FEW_EVENTS


def test_joining_two_exact_shares_keeps_their_lopsidedness() -> None:
    """By hand: distances to the ends of 0 of 10 and 5 of 10, as a right-angled triangle."""
    by_arm = joined(
        lambda tails: clopper_pearson(0, 10, tails),
        lambda tails: clopper_pearson(5, 10, tails),
        TAILS,
    )
    low, high = estimate(by_arm.candidate).low, estimate(by_arm.baseline).high
    difference = estimate(by_arm.difference)
    assert difference.low == pytest.approx(0.5 - math.hypot(0.5 - low, high))
    assert difference.n == 20


def test_rare_shares_get_the_exact_box_and_common_ones_newcombes() -> None:
    rare = estimate(share_by_arm(Hits(0, 500), Hits(1, 40), TAILS).difference)
    score = estimate(newcombe_difference(0, 500, 1, 40, TAILS))
    assert rare.low < score.low
    assert rare.high >= score.high
    common = share_by_arm(Hits(50, 500), Hits(30, 400), TAILS).difference
    assert common == newcombe_difference(50, 500, 30, 400, TAILS)


def test_one_cohort_weighs_as_itself() -> None:
    one = weighted_share_by_arm([Hits(60, 300)], [Hits(80, 310)], TAILS).difference
    score = estimate(newcombe_difference(60, 300, 80, 310, TAILS))
    assert (estimate(one).low, estimate(one).high) == pytest.approx((score.low, score.high))


def test_a_mixture_of_cohorts_is_no_difference() -> None:
    """Simpson: each cohort has equal shares, the candidate more of the poor cohort."""
    by_arm = weighted_share_by_arm(
        [Hits(450, 900), Hits(10, 100)], [Hits(50, 100), Hits(90, 900)], TAILS
    )
    assert estimate(by_arm.difference).value == pytest.approx(0)


def test_cohorts_without_both_arms_are_no_data() -> None:
    by_arm = weighted_share_by_arm([Hits(1, 5)], [Hits(0, 0)], TAILS)
    assert reason(by_arm.difference) is Reason.NO_ROWS
