"""Reversal: the whole says one thing and its slices say the other (Simpson's paradox)."""

from collections.abc import Sequence
from typing import NamedTuple

from shipcall.core import Absent, Estimate, Measured, Reason


class Reversal(NamedTuple):
    """How many slices lie on the other side of zero than the whole."""

    against: int
    slices: int
    """Slices with an estimate."""
    unknown: int
    """Slices without one: nobody knows on which side they lie."""
    shown: bool
    """The interval of the whole and that of every slice lie beyond zero, each on its side."""

    @property
    def every(self) -> bool:
        """Do the whole and every slice that was measured disagree?"""
        return 2 <= self.slices == self.against


def reversal(whole: Measured, parts: Sequence[Measured]) -> Reversal | Absent:
    """Ask whether a change of the whole is the opposite of what every slice says.

    It cannot happen where both models count the same rows with the same weights: then the whole
    is the mean of the slices. It can where what a value is divided by depends on the model:
    precision, ratios, ranks across slices. Then neither number is the answer by itself: ask
    which rows moved between the slices.

    Args:
        whole: Difference or relative change of all units.
        parts: The same of slices that together are the whole.
    """
    if isinstance(whole, Absent):
        return whole
    found = [part for part in parts if isinstance(part, Estimate)]
    if len(found) < 2:
        return Absent(reason=Reason.UNSOUND, detail=f"{len(found)} slices with an estimate")
    against = [part for part in found if part.value * whole.value < 0]
    return Reversal(
        against=len(against),
        slices=len(found),
        unknown=len(parts) - len(found),
        shown=len(against) == len(found) and all(_beyond_zero(e) for e in (whole, *found)),
    )


def _beyond_zero(estimate: Estimate) -> bool:
    return estimate.low > 0 or estimate.high < 0
