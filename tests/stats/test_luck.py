"""What chance of the runs adds to a mean over items, against hand arithmetic."""

import pytest

from shipcall.core import Absent, Estimate, Reason, Tails
from shipcall.stats.luck import Luck, luck

TAILS = Tails(0.025, 0.05)


def agreement(value: float, low: float, high: float) -> Estimate:
    return Estimate(value=value, low=low, high=high, tails=TAILS, n=40, method="test")


def numbers(one: object) -> tuple[float, float, float]:
    assert isinstance(one, Estimate)
    return one.value, one.low, one.high


def test_half_of_the_variance_of_one_run_is_luck_at_an_agreement_of_one_half() -> None:
    """r + (1 - r) / m = 0.5 + 0.5 / 1 = 1; twice the runs 0.75, endless runs 0.5."""
    found = luck(agreement(0.5, 0.25, 0.75), 1.0)
    assert numbers(found.share) == pytest.approx((0.5, 0.25, 0.75))
    assert numbers(found.twice) == pytest.approx((0.75**0.5, 0.625**0.5, 0.875**0.5))
    assert numbers(found.endless) == pytest.approx((0.5**0.5, 0.25**0.5, 0.75**0.5))


def test_more_runs_leave_less_to_luck() -> None:
    """r = 0.5, m = 4: (0.5 / 4) / (0.5 + 0.5 / 4) = 0.2."""
    assert numbers(luck(agreement(0.5, 0.4, 0.6), 4.0).share)[0] == pytest.approx(0.2)


def test_the_error_levels_go_with_the_end_they_belong_to() -> None:
    found = luck(agreement(0.5, 0.25, 0.75), 3.0)
    assert isinstance(found.share, Estimate)
    assert isinstance(found.endless, Estimate)
    assert found.share.tails == Tails(0.05, 0.025)
    assert found.endless.tails == TAILS


def test_runs_that_agree_less_than_chance_have_no_share() -> None:
    found = luck(agreement(-0.3, -0.5, -0.1), 3.0)
    assert isinstance(found.share, Absent)
    assert found.share.reason is Reason.UNSOUND


def test_without_an_agreement_nothing_is_said() -> None:
    absent = Absent(reason=Reason.CONSTANT, detail="all alike")
    assert luck(absent, 3.0) == Luck(absent, absent, absent)
