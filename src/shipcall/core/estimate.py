"""Estimate: the only thing that leaves `stats`, or Absent with a reason."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from shipcall.core.reasons import Reason


class Validity(StrEnum):
    """How often an interval may be looked at and still hold at its level."""

    FIXED = "fixed"
    """One look at a sample whose size did not depend on the result."""
    ANYTIME = "anytime"
    """Any number of looks, at any time."""


class Tails(NamedTuple):
    """One-sided error levels of the two ends of an interval, each in (0, 1)."""

    low: float
    """Chance that the low end lies above the estimand."""
    high: float
    """Chance that the high end lies below the estimand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A value with an interval whose two ends have their own one-sided error levels.

    Raises:
        ValueError: On NaN, on an interval that does not hold its value, on a sampled value
            with a zero-width interval, and on fewer than one unit.
    """

    value: float
    """Point estimate, in the unit of the metric (or of the estimand)."""
    low: float
    """Low end; -inf where nothing bounds it."""
    high: float
    """High end; inf where nothing bounds it."""
    tails: Tails
    """One-sided error level of each end; (0, 0) for a census."""
    n: int
    """Independent units (clusters), not rows."""
    method: str
    """Name of the estimator, as in the docs."""
    validity: Validity = Validity.FIXED
    """How often the interval may be looked at."""
    census: bool = False
    """True for a count or a fact about the very evidence: nothing was sampled."""

    def __post_init__(self) -> None:
        if math.isnan(self.value) or math.isnan(self.low) or math.isnan(self.high):
            raise ValueError(
                f"{self.method!r} gave NaN ({self.value}, {self.low}, {self.high}). "
                "Return Absent with a reason."
            )
        if math.isinf(self.value):
            raise ValueError(f"{self.method!r} gave an infinite value. Return Absent.")
        if not self.low <= self.value <= self.high:
            raise ValueError(
                f"{self.method!r} gave {self.value} outside its own interval "
                f"[{self.low}, {self.high}]."
            )
        if self.census:
            return
        if self.low == self.high:
            raise ValueError(
                f"{self.method!r} gave a sampled value a zero-width interval at {self.value}; "
                "no sample is that sure. Return Absent, or use an exact method."
            )
        if self.n < 1:
            raise ValueError(f"{self.method!r} estimated from {self.n} units. Return Absent.")
        if not (0 < self.tails.low < 1 and 0 < self.tails.high < 1):
            raise ValueError(f"{self.method!r}: tails {tuple(self.tails)} are not both in (0, 1).")

    @property
    def level(self) -> float:
        """Two-sided coverage, in (0, 1]; 1 for a census."""
        return 1.0 - self.tails.low - self.tails.high


def census(value: float, method: str) -> Estimate:
    """State a count or a fact about the evidence itself; it has no sampling error."""
    return Estimate(
        value=value, low=value, high=value, tails=Tails(0.0, 0.0), n=0, method=method, census=True
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """No estimate, and why. It never satisfies anything.

    `detail` is one sentence with the numbers seen; the general sentence and the next step
    belong to the reason.
    """

    reason: Reason
    detail: str
    n: int = 0
    """Independent units that were there, for the screen: "41 of 400"."""
    silent_hours: float | None = None
    """Hours since the evidence was last there, where a clock applies (rollout)."""


Measured = Estimate | Absent
