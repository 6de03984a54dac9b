"""Offers: hand arithmetic by year, stated laws for equity, and what a worksheet lacks."""

import math
import tomllib
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from shipcall.app.prepare import Desk, desk_at
from shipcall.app.prepare_offers import offers_added, offers_form, offers_view
from shipcall.core import UsageError
from shipcall.preparation.offer import (
    RULES,
    TEMPLATE,
    Equity,
    Offer,
    Sums,
    Worksheet,
    add_up,
    sheet_lints,
    vested,
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return desk_at(tmp_path)


def summed(offer: Offer, **sheet: float) -> Sums:
    rng = np.random.default_rng(5)
    return add_up(Worksheet.model_validate(sheet), offer, rng)


def offer(equity: Equity | None = None, **other: float) -> Offer:
    return Offer.model_validate({"name": "a", "base": 100.0, "equity": equity, **other})


def test_cash_is_base_and_the_bonus_one_counts_on_and_the_sign_on_once() -> None:
    """By hand: 100 * (1 + 0.2 * 0.5) = 110 a year; 30 at once."""
    sums = summed(offer(bonus=0.2, bonus_paid=0.5, sign_on=30), discount=0)
    assert [year.cash for year in sums.years] == pytest.approx([140, 110, 110, 110])
    assert sums.cash == sums.as_stated == pytest.approx(470)


def test_money_at_the_end_of_a_year_is_discounted() -> None:
    """By hand: 100 / 1.1 + 100 / 1.21 + 100 / 1.331 + 100 / 1.4641 = 316.9865."""
    assert summed(offer(), discount=0.1).cash == pytest.approx(316.9865, abs=1e-4)


@pytest.mark.parametrize(
    ("months", "share"), [(0, 0), (11, 0), (12, 0.1), (18, 0.2), (24, 0.3), (48, 1), (99, 1)]
)
def test_nothing_vests_before_the_cliff_and_then_by_month(months: int, share: float) -> None:
    """By hand with 10, 20, 30, 40 %: after 18 months 0.1 + 0.2 * 6 / 12."""
    grant = Equity(value=100, vesting=(0.1, 0.2, 0.3, 0.4), cliff_months=12)
    assert vested(grant, months) == pytest.approx(share)


def test_leaving_pays_back_the_sign_on_and_leaves_what_has_not_vested() -> None:
    """By hand: 6 months of 100 a year, no sign-on, no share; 12 months: 100 + 20 + 40 / 4."""
    sums = summed(offer(Equity(value=40), sign_on=20))
    assert dict(sums.leaving)[6] == pytest.approx(50)
    assert dict(sums.leaving)[12] == pytest.approx(130)
    assert dict(sums.leaving)[48] == pytest.approx(460)


def test_refreshers_vest_over_four_years_from_the_end_of_each() -> None:
    """By hand: 40 / 4 in the second year, twice that in the third, three times in the fourth."""
    sums = summed(offer(Equity(value=0, refresh=40)), discount=0)
    assert [year.equity for year in sums.years] == pytest.approx([0, 10, 20, 30])


def test_what_is_drawn_follows_the_stated_law() -> None:
    """All vests at the end of year 1: quantiles of exp(N(-s^2 / 2, s^2)) by scipy.stats."""
    grant = Equity(value=1000, vesting=(1.0,), spread=0.4)
    sums = summed(offer(grant, base=0), discount=0)
    law = stats.lognorm(s=0.4, scale=1000 * math.exp(-0.08))
    assert sums.whole.low == pytest.approx(law.ppf(0.05), rel=0.03)
    assert sums.whole.middle == pytest.approx(law.ppf(0.5), rel=0.02)
    assert sums.whole.high == pytest.approx(law.ppf(0.95), rel=0.03)


def test_worthless_equity_is_gone_as_often_as_stated() -> None:
    """A year is 100 if it comes to nothing and 350 if not: below 200 in 30 % of the draws."""
    grant = Equity(value=1000, worthless=0.3)
    sums = summed(offer(grant), discount=0, walk_away=200)
    assert sums.below_walk_away == pytest.approx(0.3, abs=0.015)
    assert sums.a_year.low == 100
    assert sums.a_year.high == pytest.approx(350)


def test_the_walk_away_is_held_against_years_that_are_not_discounted() -> None:
    assert summed(offer(), discount=0.2, walk_away=99.0).below_walk_away == 0
    assert summed(offer()).below_walk_away is None


def test_options_are_worth_what_lies_above_their_strike() -> None:
    grant = Equity(value=100, strike=60, options=True)
    assert [year.equity for year in summed(offer(grant)).years] == pytest.approx([10] * 4)
    under = Equity(value=50, strike=60, options=True)
    assert [year.equity for year in summed(offer(under)).years] == [0] * 4


def test_options_without_a_strike_are_not_added_up() -> None:
    with pytest.raises(UsageError, match="options need `strike`"):
        summed(offer(Equity(value=100, options=True)))


def lints(text: str) -> set[str]:
    return {one.rule for one in sheet_lints(Worksheet.model_validate(tomllib.loads(text)))}


GOOD = """
walk_away = 90
walk_away_why = "what I have now, and a week of notice"
non_cash = ["level"]
questions = ["Do refreshers come every year?"]
[[known]]
what = "base"
low = 80
high = 120
source = "two people I know"
as_of = "2026"
[[known]]
what = "base"
low = 85
high = 110
source = "the range in the advert"
as_of = "October 2026"
[[offer]]
name = "a"
base = 100
[offer.equity]
value = 10
spread = 0.3
"""


def test_a_prepared_worksheet_has_no_lint() -> None:
    assert lints(GOOD) == set()


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("walk_away = 90\n", "", "no-walk-away"),
        ('"what I have now, and a week of notice"', '""', "walk-away-without-why"),
        ('as_of = "2026"', 'as_of = "lately"', "no-source"),
        ("two people I know", "the range in the advert", "one-source"),
        ("high = 120", "high = 80", "not-a-range"),
        ('["level"]', "[]", "no-non-cash"),
        ('["Do refreshers come every year?"]', '[" "]', "no-questions"),
        ("spread = 0.3", "", "equity-as-cash"),
        ("spread = 0.3", "spread = 0.3\noptions = true", "options-without-strike"),
    ],
)
def test_what_a_worksheet_lacks_is_named(old: str, new: str, rule: str) -> None:
    assert lints(GOOD.replace(old, new)) == {rule}
    assert rule in RULES


def test_a_source_that_is_not_named_is_none() -> None:
    found = lints(GOOD.replace('source = "two people I know"', 'source = "?"'))
    assert found == {"no-source", "one-source"}


def test_one_number_is_one_anchor() -> None:
    assert "one-anchor" in lints(GOOD.split("[[known]]", maxsplit=1)[0])


def test_the_empty_worksheet_is_read_and_lacks_almost_everything(desk: Desk) -> None:
    view = offers_added(desk, TEMPLATE)
    found = {one["rule"] for one in view["lints"]}
    assert {"no-walk-away", "no-source", "one-anchor", "no-questions", "no-non-cash"} <= found


def test_the_newest_worksheet_is_shown_again_with_the_same_numbers(desk: Desk) -> None:
    assert offers_view(desk) == offers_form()
    offers_added(desk, TEMPLATE)
    added = offers_added(desk, GOOD)
    again = offers_view(desk)
    assert again.pop("at")
    assert again == added


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("low = 80", "low = 200", "lower end to its upper"),
        ("spread = 0.3", "vesting = [0.5, 0.6]", "adds up to 1.1"),
        ("base = 100", "base = nan", "base"),
        ("base = 100", "base = -1", "greater than or equal to 0"),
    ],
)
def test_what_cannot_be_is_refused(desk: Desk, old: str, new: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        offers_added(desk, GOOD.replace(old, new))
    assert desk.diary is None
