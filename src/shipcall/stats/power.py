"""Power: how many units a bar needs, before the evidence exists and after it has come."""

import math

from scipy import special

from shipcall.core.check import Bar
from shipcall.core.estimate import Estimate

_MOST_UNITS = 10**12
"""No plan asks for more units than this."""


def power_at(distance: float, spread: float, units: float, tail: float) -> float:
    """Find the chance that a t interval clears a bar, for a truth that lies inside it.

    Assumes independent units with a common, nearly normal spread.

    Args:
        distance: How far inside the bar the truth lies, in the unit of the metric; negative
            outside, where this is the chance of clearing it wrongly.
        spread: Standard deviation of one unit's contribution, greater than 0.
        units: Independent units, at least 2 for any power.
        tail: One-sided error level of the clear side, in (0, 0.5).

    Returns:
        A probability.

    References:
        Julious (2004), Sample sizes for clinical trials with normal data, Statistics in Medicine
        23, 1921-1986 (noncentral t).
    """
    _demand_planning(spread, tail)
    if units < 2:
        return 0.0
    shift = distance * math.sqrt(units) / spread
    point = -float(special.stdtrit(units - 1.0, tail))
    chance = 1.0 - float(special.nctdtr(units - 1.0, shift, point))
    if math.isnan(chance):
        chance = float(special.ndtr(shift - point))
    return min(max(chance, 0.0), 1.0)


def units_for_power(distance: float, spread: float, power: float, tail: float) -> int | None:
    """Find the fewest units with which a t interval clears the bar as often as wanted.

    Args:
        distance: How far inside the bar the truth lies, in the unit of the metric.
        spread: Standard deviation of one unit's contribution, greater than 0.
        power: Wanted chance of clearing the bar, in (0, 1).
        tail: One-sided error level of the clear side, in (0, 0.5).

    Returns:
        Units, at least 2; None if the truth is not inside the bar, or no sample is big enough.
    """
    _demand_planning(spread, tail)
    _demand_share(power)
    if not distance > 0:
        return None
    if power_at(distance, spread, _MOST_UNITS, tail) < power:
        return None
    low, high = 1, 2
    while power_at(distance, spread, high, tail) < power:
        low, high = high, min(2 * high, _MOST_UNITS)
    while high - low > 1:
        middle = (low + high) // 2
        enough = power_at(distance, spread, middle, tail) >= power
        low, high = (low, middle) if enough else (middle, high)
    return high


def units_per_arm(share: float, difference: float, power: float, tail: float) -> int | None:
    """Find the units per arm that tell two independent shares apart.

    For shares in different units (an experiment), not for pairs. Normal approximation: with
    fewer than about ten events per arm it asks for too few.

    Args:
        share: The baseline's share of events, in (0, 1).
        difference: Candidate minus baseline; both shares lie in [0, 1].
        power: Wanted chance of telling them apart, in (0, 1).
        tail: One-sided error level, in (0, 0.5); 0.025 for a two-sided test at 5 %.

    Returns:
        Units of each arm; None if there is no difference to find.

    References:
        Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, 3rd ed.,
        chapter 4 (there with the mean of both shares under the null; here the baseline's).
    """
    other = share + difference
    if not (0 < share < 1 and 0 <= other <= 1):
        raise ValueError(f"shares {share} and {other} do not both lie between 0 and 1")
    _demand_planning(1.0, tail)
    _demand_share(power)
    if difference == 0:
        return None
    null = math.sqrt(2.0 * share * (1.0 - share))
    true = math.sqrt(share * (1.0 - share) + other * (1.0 - other))
    root = -float(special.ndtri(tail)) * null + float(special.ndtri(power)) * true
    return max(2, math.ceil((max(root, 0.0) / difference) ** 2))


def more_units(measured: Estimate, bar: Bar, *, power: float = 0.5) -> int | None:
    """Say about how many more units would clear the bar if the estimate stayed where it is.

    The distance from the value to each end shrinks with the square root of the units. Only
    where the interval is the exact one for no event at all, it shrinks with their number, and
    the exact bound is inverted. An approximation for people, never part of a call.

    Args:
        measured: The estimate, with its own error levels.
        bar: The bar it is held against.
        power: Chance of then clearing the bar, in (0, 1), if the estimate were the truth; at
            0.5 the end is expected to lie on the bar.

    Returns:
        Units, 0 if the bar is cleared already; None if the estimate itself is not inside the
        bar, if nothing was sampled, or if an end is infinite.
    """
    _demand_share(power)
    if measured.census:
        return None
    if measured.low >= bar.low and measured.high <= bar.high:
        return 0
    sides = (
        (measured.value - bar.low, measured.value - measured.low, measured.tails.low),
        (bar.high - measured.value, measured.high - measured.value, measured.tails.high),
    )
    needed = [_units_for_side(*side, measured.n, power) for side in sides]
    if any(units is None for units in needed):
        return None
    most = max(units for units in needed if units is not None)
    return max(1, math.ceil(most - measured.n)) if most < _MOST_UNITS else None


def _units_for_side(
    distance: float, half: float, tail: float, n: int, power: float
) -> float | None:
    if math.isinf(distance) or half <= distance:
        return float(n)
    if not distance > 0 or math.isinf(half):
        return None
    without_event = -math.expm1(math.log(tail) / n)
    if math.isclose(half, without_event, rel_tol=0.01):
        return math.log(tail) / math.log1p(-distance) if distance < 1 else 1.0
    point = -float(special.ndtri(tail))
    if point <= 0:
        return None
    reach = max(1.0 + float(special.ndtri(power)) / point, 0.0)
    return n * (half * reach / distance) ** 2


def _demand_planning(spread: float, tail: float) -> None:
    if not spread > 0:
        raise ValueError(f"a spread of {spread} plans nothing: it is greater than 0")
    if not 0 < tail < 0.5:
        raise ValueError(f"a tail of {tail} is not between 0 and 0.5")


def _demand_share(power: float) -> None:
    if not 0 < power < 1:
        raise ValueError(f"a power of {power} is not between 0 and 1")
