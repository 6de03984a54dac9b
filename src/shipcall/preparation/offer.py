"""Offer: a worksheet for the talk about pay, with the arithmetic of what is offered.

It says nothing of what a company will pay. It adds up what stands in the sheet, by year, and draws
what a grant of equity may be worth under laws that the person states: with chance `worthless` it
is worth nothing in the end, and otherwise its value after t years is the value at the grant times
a lognormal number with mean 1 and standard deviation `spread` * sqrt(t) of the logarithm. No growth
is put in, as nobody knows it.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field, model_validator

from shipcall.core import UsageError
from shipcall.preparation.forms.imof import numbered, written
from shipcall.preparation.material import Material, Text

YEARS = 4
DRAWS = 20_000
SEED = 20_261_122
"""Of the draws, so that a sheet gives the same ranges each time it is read."""
LEAVING = (6, 12, 24, 36, 48)
"""Months after which leaving is looked at."""
RULES = {
    "no-source": "A number without a source is a wish; where is it from, and of when?",
    "one-anchor": "One number from one place: it may be theirs. Find a second, from elsewhere.",
    "one-source": "All numbers come from one place.",
    "not-a-range": "Nobody knows pay to the unit; give a lower and an upper end.",
    "no-walk-away": "Without a number at which you leave, any number will do.",
    "walk-away-without-why": "Why this number? If it rests on nothing, it will not hold.",
    "no-questions": "There is always something to ask: level, refreshers, what happens at exit.",
    "no-non-cash": "Nothing besides money: level, place, time, who one works for?",
    "equity-as-cash": "Equity that may become worthless or swing is counted as if it were cash.",
    "options-without-strike": "Options are worth what lies above their strike; it is not there.",
}
"""What is asked, and why."""
Amount = Annotated[float, Field(ge=0, le=1e9)]
Share = Annotated[float, Field(ge=0, le=1)]


class Known(Material):
    """A number one has heard, with where it is from."""

    what: Text
    low: Amount
    high: Amount
    source: str = ""
    as_of: str = ""

    @model_validator(mode="after")
    def _in_order(self) -> "Known":
        if self.low > self.high:
            raise ValueError("a range goes from its lower end to its upper end")
        return self


class Equity(Material):
    """A grant, as it stands in the letter."""

    value: Amount
    """At the grant, all of it; of options: of the shares they are for."""
    strike: Annotated[float, Field(ge=0, le=1e9)] | None = None
    """What all of it costs to exercise; none: shares."""
    options: bool = False
    vesting: Annotated[tuple[Share, ...], Field(min_length=1, max_length=10)] = (0.25,) * YEARS
    """Share that vests in each year, evenly by month after the cliff."""
    cliff_months: Annotated[int, Field(ge=0, le=36)] = 12
    refresh: Amount = 0.0
    """Value of a new grant at the end of every year, vesting evenly over four; often unsaid."""
    spread: Annotated[float, Field(ge=0, le=2)] = 0.0
    """Standard deviation of the logarithm of the value, by year."""
    worthless: Share = 0.0
    """Chance that it is worth nothing in the end."""

    @model_validator(mode="after")
    def _adds_up(self) -> "Equity":
        if not math.isclose(sum(self.vesting), 1.0, abs_tol=1e-6):
            raise ValueError(f"vesting adds up to {sum(self.vesting):g}, not to 1")
        return self


class Offer(Material):
    """What one company offers, or what one expects it to."""

    name: Text
    base: Amount
    """A year."""
    bonus: Share = 0.0
    """Of the base, at target."""
    bonus_paid: Share = 1.0
    """Share of the target that one counts on."""
    sign_on: Amount = 0.0
    sign_on_back_months: Annotated[int, Field(ge=0, le=48)] = 12
    """Who leaves earlier pays the sign-on back."""
    equity: Equity | None = None


class Worksheet(Material):
    """Everything to know before the talk."""

    currency: Annotated[str, Field(min_length=1, max_length=8)] = "EUR"
    discount: Annotated[float, Field(ge=0, le=0.5)] = 0.05
    """A year; money at the end of a year counts less by it."""
    walk_away: Amount | None = None
    """A year, on average over four and not discounted: below it one leaves."""
    walk_away_why: str = ""
    non_cash: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    known: tuple[Known, ...] = ()
    offer: tuple[Offer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLint:
    """One thing to find out before the talk."""

    rule: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class YearLine:
    """One year of an offer, if nothing of the equity moves."""

    year: int
    cash: float
    equity: float
    """That vests in the year, at its value at the grant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A range over draws; its ends are the 5 % and 95 % quantiles."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What an offer comes to over four years."""

    name: str
    years: tuple[YearLine, ...]
    cash: float
    """Discounted to the day of the grant."""
    as_stated: float
    """Cash and equity at its value at the grant, discounted."""
    whole: Spread
    """The same with the equity drawn."""
    a_year: Spread
    """What comes in a year on average, not discounted, with the equity drawn."""
    below_walk_away: float | None
    """Share of draws in which a year is below the walk-away; None: none was stated."""
    leaving: tuple[tuple[int, float], ...]
    """Months after which one leaves -> cash and vested equity at the grant, not discounted."""


def sheet_lints(sheet: Worksheet) -> list[SheetLint]:
    """Say what is to be found out before the talk."""
    return [*_of_known(sheet), *_of_person(sheet), *_of_offers(sheet)]


def _of_known(sheet: Worksheet) -> Iterator[SheetLint]:
    for at, one in enumerate(sheet.known, 1):
        if not written(one.source) or not numbered(one.as_of):
            yield SheetLint(rule="no-source", path=f"known.{at}")
        if one.low == one.high:
            yield SheetLint(rule="not-a-range", path=f"known.{at}")
    sources = {one.source.strip().lower() for one in sheet.known if written(one.source)}
    if len(sheet.known) < 2:
        yield SheetLint(rule="one-anchor", path="known")
    elif len(sources) < 2:
        yield SheetLint(rule="one-source", path="known")


def _of_person(sheet: Worksheet) -> Iterator[SheetLint]:
    if sheet.walk_away is None:
        yield SheetLint(rule="no-walk-away", path="walk_away")
    elif not written(sheet.walk_away_why):
        yield SheetLint(rule="walk-away-without-why", path="walk_away_why")
    if not any(written(one) for one in sheet.questions):
        yield SheetLint(rule="no-questions", path="questions")
    if not any(written(one) for one in sheet.non_cash):
        yield SheetLint(rule="no-non-cash", path="non_cash")


def _of_offers(sheet: Worksheet) -> Iterator[SheetLint]:
    for at, one in enumerate(sheet.offer, 1):
        grant = one.equity
        if grant is None or not grant.value:
            continue
        if not grant.spread and not grant.worthless:
            yield SheetLint(rule="equity-as-cash", path=f"offer.{at}.equity")
        if grant.options and grant.strike is None:
            yield SheetLint(rule="options-without-strike", path=f"offer.{at}.equity.strike")


def vested(equity: Equity, months: int) -> float:
    """Say which share of a grant has vested after so many months; nothing before the cliff.

    Args:
        equity: The grant.
        months: Since the grant, 0 or more.
    """
    if months < equity.cliff_months:
        return 0.0
    whole, rest = divmod(months, 12)
    later = equity.vesting[whole] * rest / 12 if whole < len(equity.vesting) else 0.0
    return sum(equity.vesting[:whole]) + later


def add_up(sheet: Worksheet, offer: Offer, rng: np.random.Generator) -> Sums:
    """Add up an offer over four years, and draw what its equity may be worth.

    What vests within a year counts at its end, as does the pay; the sign-on counts at once. Of
    options counts what lies above the strike, by share that vests.

    Args:
        sheet: For discount and walk-away.
        offer: What is offered.
        rng: Where chance comes from.

    Raises:
        UsageError: If options have no strike: their worth cannot be worked out.
    """
    grant = offer.equity
    if grant is not None and grant.options and grant.strike is None:
        raise UsageError(
            f"{offer.name}: options need `strike`, what all of them cost to exercise; without it "
            "nothing can be said of their worth."
        )
    pay = offer.base * (1 + offer.bonus * offer.bonus_paid)
    shares = [_in_year(grant, year) for year in range(1, YEARS + 1)]
    factor = [(1 + sheet.discount) ** -year for year in range(1, YEARS + 1)]
    flat = [_worth(grant, np.ones(1), year, shares)[0] for year in range(1, YEARS + 1)]
    cash = offer.sign_on + sum(pay * by for by in factor)
    drawn, plain = np.full(DRAWS, cash), np.full(DRAWS, offer.sign_on + YEARS * pay)
    for year, paths in enumerate(_paths(grant, rng), 1):
        worth = _worth(grant, paths, year, shares)
        drawn += factor[year - 1] * worth
        plain += worth
    below = None if sheet.walk_away is None else float(np.mean(plain / YEARS < sheet.walk_away))
    return Sums(
        name=offer.name,
        years=tuple(
            YearLine(
                year=year,
                cash=pay + (offer.sign_on if year == 1 else 0.0),
                equity=float(flat[year - 1]),
            )
            for year in range(1, YEARS + 1)
        ),
        cash=cash,
        as_stated=cash + sum(float(one) * by for one, by in zip(flat, factor, strict=True)),
        whole=_spread(drawn),
        a_year=_spread(plain / YEARS),
        below_walk_away=below,
        leaving=tuple((months, _left(offer, pay, months)) for months in LEAVING),
    )


def _in_year(grant: Equity | None, year: int) -> float:
    """Share of the first grant that vests in a year."""
    return vested(grant, 12 * year) - vested(grant, 12 * (year - 1)) if grant else 0.0


def _worth(grant: Equity | None, price: np.ndarray, year: int, shares: list[float]) -> np.ndarray:
    """What vests in a year, at a price relative to the grant; refreshers at their stated value."""
    if grant is None:
        return np.zeros_like(price)
    above = np.maximum(0.0, grant.value * price - (grant.strike or 0.0))
    alive = price > 0
    refreshed = grant.refresh / 4 * (year - 1)
    worth: np.ndarray = shares[year - 1] * above + refreshed * alive
    return worth


def _paths(grant: Equity | None, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Price relative to the grant at the end of each year, (DRAWS,); its mean is 1 - worthless."""
    spread, worthless = (grant.spread, grant.worthless) if grant else (0.0, 0.0)
    alive = rng.uniform(size=DRAWS) >= worthless
    logged = np.zeros(DRAWS)
    for _ in range(YEARS):
        logged += rng.normal(-(spread**2) / 2, spread, size=DRAWS)
        yield np.exp(logged) * alive


def _spread(drawn: np.ndarray) -> Spread:
    low, middle, high = (float(one) for one in np.quantile(drawn, [0.05, 0.5, 0.95]))
    return Spread(low=low, middle=middle, high=high)


def _left(offer: Offer, pay: float, months: int) -> float:
    kept = offer.sign_on if months >= offer.sign_on_back_months else 0.0
    grant = offer.equity
    equity = max(0.0, grant.value - (grant.strike or 0.0)) * vested(grant, months) if grant else 0.0
    return pay * months / 12 + kept + equity


TEMPLATE = """\
currency = "EUR"
discount = 0.05         # a year
# walk_away = 0         # a year, on average over four years
walk_away_why = ""
non_cash = []           # level, place, time, people
questions = []          # what you will ask

[[known]]
what = "base"
low = 0
high = 0
source = ""             # who says so
as_of = ""              # of when

[[offer]]
name = "first letter"
base = 0                # a year
bonus = 0.0             # of the base, at target
bonus_paid = 1.0        # share of the target you count on
sign_on = 0
sign_on_back_months = 12

[offer.equity]
value = 0               # at the grant
vesting = [0.25, 0.25, 0.25, 0.25]
cliff_months = 12
refresh = 0             # new grant at the end of every year
spread = 0.0            # how far the logarithm moves in a year
worthless = 0.0         # chance that it comes to nothing
"""
"""An empty worksheet."""
