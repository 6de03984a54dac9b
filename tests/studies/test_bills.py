"""Bills: arithmetic on what was stated, and the question where something was not."""

import pytest
from scipy.stats import binom, norm

from shipcall.core import Slice
from shipcall.studies.bill import Span, inference_bill
from shipcall.studies.labels import (
    Claim,
    strata,
    units_for_difference,
    units_for_share,
)


def test_a_price_and_users_are_no_bill() -> None:
    """0.0002 a piece and 50 million users: 10,000 a day at one inference, a million at 100."""
    bill = inference_bill(0.0002, Span.of(50_000_000), None)
    assert bill.unknown == ("per_user_day",)
    assert bill.low.day == pytest.approx(10_000)
    assert bill.high.day == pytest.approx(1_000_000)
    assert bill.high.year == pytest.approx(365_250_000)


def test_what_was_said_is_multiplied() -> None:
    """0.0002 * 12 * 2,000,000 = 4,800 a day, 146,100 a month of 30.4375 days."""
    bill = inference_bill(0.0002, Span.of(2_000_000), Span.of(12))
    assert bill.unknown == ()
    assert bill.low == bill.high
    assert bill.low.day == pytest.approx(4_800)
    assert bill.low.month == pytest.approx(146_100)


def test_two_ends_give_every_corner_cheapest_first() -> None:
    bill = inference_bill(1.0, Span(10, 20), Span(1, 3))
    assert [line.day for line in bill.lines] == [10, 20, 30, 60]


def test_without_a_price_inferences_are_counted_and_nothing_costs() -> None:
    bill = inference_bill(None, None, Span.of(2))
    assert bill.unknown == ("price", "users")
    assert bill.low.inferences == 2_000_000
    assert bill.low.day is None
    assert bill.low.month is None
    assert bill.low.year is None


def test_no_event_at_all_is_the_rule_of_three() -> None:
    """0.99^n <= 0.05 first at n = 299; 0.95^n <= 0.05 at 59."""
    assert units_for_share(0.01, 0.0, 0.05) == 299
    assert units_for_share(0.05, 0.0, 0.05) == 59


@pytest.mark.parametrize(("bar", "truth"), [(0.02, 0.01), (0.1, 0.04), (0.5, 0.35)])
def test_units_for_a_share_reach_the_power_by_the_binomial_itself(bar: float, truth: float) -> None:
    """The exact test at the bar: reject where P(X <= x | bar) <= 0.05; scipy's binomial."""
    units = units_for_share(bar, truth, 0.05)
    assert units is not None
    most = int(binom.ppf(0.05, units, bar))
    while binom.cdf(most, units, bar) > 0.05:
        most -= 1
    assert binom.cdf(most, units, truth) >= 0.8
    normal = (
        norm.ppf(0.95) * (bar * (1 - bar)) ** 0.5 + norm.ppf(0.8) * (truth * (1 - truth)) ** 0.5
    )
    assert units == pytest.approx((normal / (bar - truth)) ** 2, rel=0.25)


def test_at_least_mirrors_at_most() -> None:
    assert units_for_share(0.98, 0.99, 0.05, at_most=False) == units_for_share(0.02, 0.01, 0.05)


def test_a_truth_outside_the_bar_is_shown_by_no_number_of_labels() -> None:
    assert units_for_share(0.02, 0.02, 0.05) is None
    assert units_for_share(0.02, 0.0199999, 0.05) is None
    assert units_for_difference(-0.01, 0.4, 0.05) is None


def test_units_for_a_difference_are_those_of_the_normal_law_where_many() -> None:
    """(z(0.95) + z(0.8))^2 * 0.2 / 0.01^2 = 12,365; Student's t asks for a few more."""
    wanted = (norm.ppf(0.95) + norm.ppf(0.8)) ** 2 * 0.2 / 0.01**2
    assert units_for_difference(0.01, 0.2**0.5, 0.05) == pytest.approx(wanted, rel=1e-3)


def claim(units: int | None, **part: str) -> Claim:
    return Claim(check="c", part=Slice.of(part), what="", units=units)


def test_drawing_by_slice_saves_what_the_rarest_slice_would_cost_at_random() -> None:
    """1,000 of each of two slices: 2,000 by slice; at random 1,000 / 0.02 = 50,000."""
    shares = {Slice.of({"country": "NZ"}): 0.02, Slice.of({"country": "DE"}): 0.98}
    claims = [claim(1000, country="NZ"), claim(1000, country="DE"), claim(400, country="NZ")]
    (found,) = strata([*claims, claim(5000), claim(None, country="DE")], shares)
    assert found.column == "country"
    assert found.by_slice == 2_000
    assert found.at_random == 50_000
    assert found.saved == pytest.approx(0.96)


def test_slices_of_which_nobody_knows_the_share_are_not_drawn() -> None:
    assert strata([claim(1000, country="NZ")], {}) == []
