"""Shape: bands, distances and classes of depth."""

import math

import numpy as np
import pytest

from measured import estimate, reason
from shipcall.core import Reason, Tails
from shipcall.stats.arms import Hits, share_by_arm
from shipcall.stats.shape import (
    Depths,
    Distances,
    Sessions,
    depth_classes,
    distances,
    quantiles_by_arm,
    wasserstein,
)

TAILS = Tails(0.05, 0.05)
DEPTHS = np.arange(1.0, 6.0)


def _depths(*units: int) -> Depths:
    return Depths(depths=DEPTHS, units=np.array(units))


SHALLOW, DEEP = _depths(400, 300, 200, 80, 20), _depths(0, 0, 50, 350, 600)


def test_bands_are_those_of_dvoretzky_kiefer_wolfowitz_and_massart() -> None:
    """1,000 units at level .05: sqrt(log(20) / 2000) = .0387; so .5 lies in [.4613, .5387]."""
    units = np.ones(1_000, dtype=np.int64)
    arm = Depths(depths=np.arange(1.0, 1_001.0), units=units)
    half = math.sqrt(math.log(20) / 2_000)
    measured = estimate(quantiles_by_arm(arm, arm, (0.5,), TAILS)[0].values.baseline)
    assert measured.value == 500
    assert measured.low == math.ceil(1_000 * (0.5 - half))
    assert measured.high == math.ceil(1_000 * (0.5 + half))


def test_a_band_closed_by_ties_opens_to_its_neighbours() -> None:
    tied = _depths(0, 0, 10_000, 0, 0)
    measured = estimate(quantiles_by_arm(tied, tied, (0.5,), TAILS)[0].values.baseline)
    assert (measured.low, measured.value, measured.high) == (2, 3, 4)


def test_differences_of_quantiles_lie_in_the_box_of_both_bands() -> None:
    by_q = quantiles_by_arm(SHALLOW, DEEP, (0.25, 0.5, 0.75), TAILS)
    for quantile in by_q:
        parts = [estimate(part) for part in quantile.values]
        assert parts[2].value == parts[1].value - parts[0].value
        assert parts[2].low <= parts[1].low - parts[0].high
    assert estimate(by_q[1].values.difference).low > 0


def test_too_few_units_say_nothing_of_a_quantile() -> None:
    few = _depths(1, 0, 1, 0, 0)
    assert reason(quantiles_by_arm(few, few, (0.5,), TAILS)[0].values.difference) is (
        Reason.TOO_FEW_UNITS
    )
    nobody = _depths(0, 0, 0, 0, 0)
    assert reason(quantiles_by_arm(nobody, few, (0.5,), TAILS)[0].values.baseline) is Reason.NO_ROWS
    assert reason(wasserstein(nobody, few, TAILS)) is Reason.NO_ROWS


def test_distance_is_zero_only_within_an_interval() -> None:
    same, other = wasserstein(SHALLOW, SHALLOW, TAILS), wasserstein(SHALLOW, DEEP, TAILS)
    assert (estimate(same).value, estimate(same).low) == (0, 0)
    assert estimate(same).high > 0
    assert estimate(other).low > 0


def test_classes_are_shares_whose_differences_hold_together() -> None:
    classes = depth_classes(SHALLOW, DEEP, (1, 3), TAILS)
    assert [one.least for one in classes] == [1, 3]
    hits = Hits(700, 1_000), Hits(0, 1_000)
    assert classes[0].shares.baseline == share_by_arm(*hits, TAILS).baseline
    assert classes[0].shares.difference == share_by_arm(*hits, Tails(0.025, 0.025)).difference


def test_classes_ascend() -> None:
    for starts in ((3.0, 1.0), ()):
        with pytest.raises(ValueError, match="ascend"):
            depth_classes(SHALLOW, DEEP, starts, TAILS)


def test_parts_add_up_over_the_same_depths_only() -> None:
    assert SHALLOW.merged(DEEP).units.tolist() == [400, 300, 250, 430, 620]
    with pytest.raises(ValueError, match="same depths"):
        SHALLOW.merged(Depths(depths=np.array([1.0, 2.0]), units=np.array([1, 1])))


@pytest.mark.parametrize(
    ("depths", "units"), [([1.0], [1]), ([2.0, 1.0], [1, 1]), ([1.0, 2.0], [1, -1])]
)
def test_impossible_depths_are_refused(depths: list[float], units: list[int]) -> None:
    with pytest.raises(ValueError, match=r"depths|count"):
        Depths(depths=np.array(depths), units=np.array(units))


def test_quantiles_lie_between_zero_and_one() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        quantiles_by_arm(SHALLOW, DEEP, (1.0,), TAILS)


def _sessions(*rows: tuple[int, ...]) -> Sessions:
    return Sessions(depths=DEPTHS, counts=np.array(rows))


def test_a_unit_with_many_sessions_counts_once() -> None:
    """One unit of the candidate has 900 deep sessions: a tenth of the arm, not nine tenths."""
    usual = [(1, 0, 0, 0, 0)] * 10
    found = distances(
        _sessions(*usual),
        _sessions(*usual[1:], (0, 0, 0, 0, 900)),
        np.random.default_rng(1),
    )
    assert isinstance(found, Distances)
    assert found.wasserstein == pytest.approx(0.4)
    assert found.wasserstein_p == 1.0
    assert found.n == 20


def test_arms_that_lie_apart_are_found() -> None:
    found = distances(
        _sessions(*[(2, 1, 0, 0, 0)] * 15),
        _sessions(*[(0, 0, 0, 1, 2)] * 15),
        np.random.default_rng(2),
        permutations=199,
    )
    assert isinstance(found, Distances)
    assert found.wasserstein_p == found.energy_p == pytest.approx(1 / 200)
    assert found.wasserstein > found.wasserstein_noise


def test_one_distribution_or_one_unit_is_absent() -> None:
    same, rng = _sessions(*[(1, 0, 0, 0, 0)] * 5), np.random.default_rng(3)
    assert reason(distances(same, same, rng)) is Reason.CONSTANT
    assert reason(distances(same, _sessions((0, 1, 0, 0, 0)), rng)) is Reason.TOO_FEW_UNITS


def test_sessions_are_counts_over_the_same_depths() -> None:
    with pytest.raises(ValueError, match="no session"):
        _sessions((0, 0, 0, 0, 0))
    with pytest.raises(ValueError, match="unit and depth"):
        _sessions((1, 0))
    with pytest.raises(ValueError, match="ascend"):
        Sessions(depths=np.array([2.0, 1.0]), counts=np.ones((1, 2), dtype=np.int64))
    other = Sessions(depths=DEPTHS + 1, counts=np.ones((2, 5), dtype=np.int64))
    with pytest.raises(ValueError, match="same depths"):
        distances(other, _sessions(*[(1, 0, 0, 0, 0)] * 2), np.random.default_rng(4))
