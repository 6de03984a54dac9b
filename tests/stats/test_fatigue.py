"""Fatigue: counting exposures, hazards, slopes, gains that wear off."""

import numpy as np
import pytest
from scipy import stats

from measured import estimate, reason
from shipcall.core import Estimate, Reason, Tails
from shipcall.stats.arms import Hits, share_by_arm
from shipcall.stats.fatigue import (
    Exposed,
    Trend,
    Wear,
    fatigue_slope,
    hazard_by_arm,
    hazard_trend,
    novelty_decay,
    slope_by_arm,
)

TAILS = Tails(0.05, 0.05)


def _exposed(at_risk: list[int], dropped: list[int]) -> Exposed:
    return Exposed(
        exposures=np.arange(1, len(at_risk) + 1),
        at_risk=np.array(at_risk),
        dropped=np.array(dropped),
    )


RISING = _exposed([1_000, 900, 800, 650, 500], [20, 40, 60, 70, 70])
FLAT = _exposed([1_000, 950, 900, 855, 810], [50, 47, 45, 43, 40])


def test_units_are_counted_at_every_exposure_they_reached() -> None:
    counted = Exposed.of([1, 3, 3, 2], [1, 0, 1, 0])
    assert counted.at_risk.tolist() == [4, 3, 2]
    assert counted.dropped.tolist() == [1, 0, 1]
    assert counted.n == 4


def test_parts_add_up() -> None:
    one, two = Exposed.of([1, 3], [1, 0]), Exposed.of([2], [1])
    whole = Exposed.of([1, 3, 2], [1, 0, 1])
    merged = one.merged(two)
    assert merged.at_risk.tolist() == whole.at_risk.tolist()
    assert merged.dropped.tolist() == whole.dropped.tolist()


def test_a_hazard_is_a_share_of_those_who_came_that_far() -> None:
    hazards = hazard_by_arm(FLAT, RISING, TAILS)
    assert [hazard.exposures for hazard in hazards] == [1, 2, 3, 4, 5]
    assert hazards[2].shares == share_by_arm(Hits(45, 900), Hits(60, 800), TAILS)


def test_a_count_that_one_arm_never_reached_is_no_data() -> None:
    hazards = hazard_by_arm(_exposed([10, 5], [2, 1]), _exposed([10], [3]), TAILS)
    assert reason(hazards[1].shares.difference) is Reason.NO_ROWS
    assert isinstance(hazards[1].shares.baseline, Estimate)


def test_rising_hazards_have_a_rising_slope_and_flat_ones_none() -> None:
    assert estimate(fatigue_slope(RISING, TAILS)).low > 0
    flat = estimate(fatigue_slope(FLAT, TAILS))
    assert flat.low < 0 < flat.high
    assert estimate(slope_by_arm(FLAT, RISING, TAILS).difference).low > 0


def test_arms_are_compared_over_counts_both_reached() -> None:
    longer = _exposed([1_000, 900, 800, 650, 500, 300], [20, 40, 60, 70, 70, 250])
    assert slope_by_arm(FLAT, longer, TAILS) == slope_by_arm(FLAT, RISING, TAILS)


@pytest.mark.parametrize(
    ("at_risk", "dropped"),
    [([100, 90, 80], [5, 5, 5]), ([100, 90], [20, 20]), ([100, 60, 20], [40, 40, 0]), ([], [])],
)
def test_slopes_of_few_drops_are_absent(at_risk: list[int], dropped: list[int]) -> None:
    assert reason(fatigue_slope(_exposed(at_risk, dropped), TAILS)) is Reason.TOO_FEW_EVENTS


def test_a_trend_rises_or_is_absent() -> None:
    rising, flat = hazard_trend(RISING), hazard_trend(FLAT)
    assert isinstance(rising, Trend)
    assert isinstance(flat, Trend)
    assert rising.z > 3
    assert rising.p < 0.01
    assert flat.p > 0.5
    assert reason(hazard_trend(_exposed([100], [50]))) is Reason.TOO_FEW_EVENTS


def test_the_trend_in_two_groups_is_pearsons_chi_squared() -> None:
    """R: prop.trend.test(c(30, 50), c(100, 100)) = 8.3333 = 2 x 2 Pearson; here times 199/200."""
    found = hazard_trend(_exposed([100, 100], [30, 50]))
    assert isinstance(found, Trend)
    assert found.z**2 == pytest.approx(25 / 3 * 199 / 200)


@pytest.mark.parametrize(
    ("exposures", "at_risk", "dropped"),
    [([0, 1], [5, 5], [1, 1]), ([2, 1], [5, 5], [1, 1]), ([1], [5], [6]), ([1, 2], [5], [1])],
)
def test_impossible_counts_are_refused(
    exposures: list[int], at_risk: list[int], dropped: list[int]
) -> None:
    with pytest.raises(ValueError, match="exposures"):
        Exposed(exposures=np.array(exposures), at_risk=np.array(at_risk), dropped=np.array(dropped))


def test_wear_is_a_welch_interval() -> None:
    """Falls 0, 1, 2, 3 and 2, 4, 6: means 1.5 and 4, variances 5/12 and 4/3; scipy.stats.t."""
    baseline, candidate = Wear.of([0, 1, 2, 3], [0] * 4), Wear.of([2, 4, 6], [0] * 3)
    by_arm = novelty_decay(baseline, candidate, Tails(0.025, 0.025))
    difference = estimate(by_arm.difference)
    assert difference.value == pytest.approx(2.5)
    whole = 5 / 12 + 4 / 3
    df = whole**2 / ((5 / 12) ** 2 / 3 + (4 / 3) ** 2 / 2)
    assert difference.high - 2.5 == pytest.approx(stats.t.ppf(0.975, df) * whole**0.5)


def test_wear_adds() -> None:
    whole = Wear.of([0, 1, 2, 3], [1, 0, 0, 0])
    assert Wear.of([0, 1], [1, 0]).merged(Wear.of([2, 3], [0, 0])) == whole


def test_wear_without_spread_or_units_is_absent() -> None:
    fine = Wear.of([0, 1, 2], [0, 0, 0])
    same = Wear.of([1, 1], [0, 0])
    assert reason(novelty_decay(same, fine, TAILS).difference) is Reason.CONSTANT
    assert reason(novelty_decay(fine, Wear.of([1], [0]), TAILS).difference) is Reason.TOO_FEW_UNITS
    with pytest.raises(ValueError, match="not known"):
        Wear.of([np.nan], [0])
