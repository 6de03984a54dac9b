"""Bill: what answering costs in a day, a month and a year, and which number nobody has said."""

from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

DAYS_OF_A_YEAR = 365.25
MONTHS = 12
PER_USER_DAY = (1.0, 3.0, 10.0, 30.0, 100.0)
"""Inferences of a user in a day that are tried while nobody says how many there are: from one
open of an app to an assistant that calls a model in a loop."""
USERS = (1_000_000.0,)
"""Daily users that are taken while nobody says how many there are: the bill is for a million."""


class Span(NamedTuple):
    """A stated number, or the two ends between which it lies."""

    low: float
    high: float

    @classmethod
    def of(cls, number: float) -> "Span":
        """One number."""
        return cls(number, number)

    @property
    def tried(self) -> tuple[float, ...]:
        """Its ends, once where they are one."""
        return (self.low,) if self.low == self.high else (self.low, self.high)


class Line(NamedTuple):
    """The bill in one case."""

    users: float
    """Daily users."""
    per_user_day: float
    """Inferences of a user in a day."""
    inferences: float
    """In a day."""
    day: float | None
    """Price of a day; None where nobody says what an inference costs."""

    @property
    def year(self) -> float | None:
        """Price of 365.25 days."""
        return None if self.day is None else self.day * DAYS_OF_A_YEAR

    @property
    def month(self) -> float | None:
        """Price of a twelfth of a year."""
        return None if self.day is None else self.day * DAYS_OF_A_YEAR / MONTHS


@dataclass(frozen=True, slots=True, kw_only=True)
class InferenceBill:
    """Every case that is open, cheapest first, and what has to be said to close it."""

    lines: tuple[Line, ...]
    unknown: tuple[str, ...]
    """Of price, users and per_user_day, those that nobody said."""

    @property
    def low(self) -> Line:
        """The cheapest case."""
        return self.lines[0]

    @property
    def high(self) -> Line:
        """The dearest case."""
        return self.lines[-1]


def inference_bill(
    price: float | None, users: Span | None, per_user_day: Span | None
) -> InferenceBill:
    """Multiply price, users and inferences, for every case that what was said leaves open.

    A price of one inference and a number of users are no bill: how often a user asks is the
    factor that people forget, and it spans two orders of magnitude. Where it is unknown the bill
    is a range. Retries, caches, and second models of a cascade belong into the price.

    Args:
        price: Of one inference, not negative; None: not known.
        users: Daily users; None: not known, the bill is for a million.
        per_user_day: Inferences of a user in a day; None: not known, 1 to 100 are tried.
    """
    told = {"price": price, "users": users, "per_user_day": per_user_day}
    cases = product(
        users.tried if users else USERS, per_user_day.tried if per_user_day else PER_USER_DAY
    )
    lines = [
        Line(count, often, count * often, None if price is None else count * often * price)
        for count, often in cases
    ]
    return InferenceBill(
        lines=tuple(sorted(lines, key=lambda line: line.inferences)),
        unknown=tuple(name for name, value in told.items() if value is None),
    )
