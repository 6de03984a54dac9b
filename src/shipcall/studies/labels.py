"""Labels: how many are needed for which claim, by slice, and what they cost."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scipy import special

from shipcall.core import Slice, Tails
from shipcall.stats.power import units_for_power
from shipcall.stats.proportions import binomial_ends

WANTED = 0.8
"""Chance with which a true claim should be shown."""
MOST = 10_000_000
"""No claim is worth more labels than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One thing that labels are to show, and how many it takes."""

    check: str
    part: Slice
    what: str
    """In words: "no loss of 0.02"."""
    units: int | None
    """Labelled units of this slice; None where it cannot be said."""
    why: str = ""
    """Why it cannot be said."""


class Strata(NamedTuple):
    """What the slices of one column need, drawn at random and drawn slice by slice."""

    column: str
    needed: Mapping[Slice, int]
    at_random: int
    """Units drawn from all traffic until the rarest slice has what it needs, on average."""
    by_slice: int
    """Units drawn slice by slice, each as many as it needs."""

    @property
    def saved(self) -> float:
        """Share of the labels that drawing slice by slice saves."""
        return 1 - self.by_slice / self.at_random


def units_for_difference(distance: float, spread: float, tail: float) -> int | None:
    """Find the labelled units that show a difference which lies so far inside its bar.

    Paired on the same units, t on independent ones; see `power.units_for_power`.

    Args:
        distance: From the truth to the bar, in the unit of the metric.
        spread: Standard deviation of a unit's difference: for 0/1 answers the root of the share
            of units on which the two models differ.
        tail: One-sided error level at which it has to be shown, in (0, 0.5).

    Returns:
        Units that show it with chance WANTED; None where the truth is not inside the bar.
    """
    return units_for_power(distance, spread, WANTED, tail)


def units_for_share(
    bar: float, truth: float, tail: float, power: float = WANTED, *, at_most: bool = True
) -> int | None:
    """Find the labelled units that show a share to lie on its side of a bar, exactly.

    The least number from which on the exact (Clopper-Pearson) end clears the bar with the wanted
    chance; the chance saws up and down with the number of units, and the number given is one
    where it is reached. With a truth of 0 and a bar of p it is log(tail) / log(1 - p): the rule
    of three, 299 units for 1 % at a tail of 0.05.

    Args:
        bar: The share at which it must not be, in (0, 1).
        truth: The share as it is taken to be.
        tail: One-sided error level, in (0, 0.5).
        power: Wanted chance, in (0, 1).
        at_most: The share has to lie below the bar; else above it.

    Returns:
        Units; None where the truth does not lie inside the bar, or ten million are not enough.
    """
    if not at_most:
        return units_for_share(1 - bar, 1 - truth, tail, power)
    if not (0 < bar < 1 and 0 <= truth < bar):
        return None
    low, high = 0, 1
    while _chance(high, bar, truth, tail) < power:
        low, high = high, 2 * high
        if high > MOST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        enough = _chance(middle, bar, truth, tail) >= power
        low, high = (low, middle) if enough else (middle, high)
    return high


def _chance(units: int, bar: float, truth: float, tail: float) -> float:
    """Chance that the exact high end of a share lies below the bar."""
    most = int(special.bdtrik(tail, units, bar)) + 1
    while most >= 0 and binomial_ends(most, units, Tails(tail, tail)).high > bar:
        most -= 1
    if most < 0:
        return 0.0
    return float(special.bdtr(most, units, truth)) if truth > 0 else 1.0


def strata(claims: Sequence[Claim], shares: Mapping[Slice, float]) -> list[Strata]:
    """Compare drawing labels at random with drawing them slice by slice, for each slice column.

    Every label serves all claims on its slice, so a slice needs what its most demanding claim
    needs. Labels also serve the slices of other columns; how many serve two cannot be known from
    the slices of one column, so columns are not added up.

    Args:
        claims: Those whose units are known count.
        shares: Slice -> its share of the units.

    Returns:
        One entry for each column (or cross) all of whose needed slices have a share.
    """
    needed: dict[Slice, int] = {}
    for claim in claims:
        if claim.part.pairs and claim.units is not None:
            needed[claim.part] = max(claim.units, needed.get(claim.part, 0))
    columns: dict[str, dict[Slice, int]] = {}
    for part, units in needed.items():
        columns.setdefault("*".join(part.columns), {})[part] = units
    return [
        Strata(
            column=name,
            needed=parts,
            at_random=max(math.ceil(units / shares[part]) for part, units in parts.items()),
            by_slice=sum(parts.values()),
        )
        for name, parts in sorted(columns.items())
        if all(shares.get(part, 0.0) > 0 for part in parts)
    ]
