"""How many rows: how often a test of so many rows shows what is true, asked before it is run."""

import math
from collections.abc import Mapping

import numpy as np
from scipy import special

from shipcall.stats.power import units_for_power, units_per_arm

TAIL = 0.05
"""The end that is held against the bar may miss in one of twenty draws."""
POWER = 0.8
SHARE = 0.85
"""Claims that the baseline sorts right."""
DRAWS = 4000


def lab(rng: np.random.Generator, *, bar: float, apart: float, rows: float) -> Mapping[str, float]:
    """Plan a test that has to show that at most so much is lost, and run it many times.

    Args:
        rng: Where chance comes from.
        bar: Points that may be lost, greater than 0.
        apart: Percent of the claims that the two versions sort differently, greater than 0.
        rows: Claims that were going to be graded.
    """
    few, spread = round(rows), math.sqrt(apart / 100)
    needed = _units(bar, spread, POWER)
    both = float(special.ndtri(POWER) - special.ndtri(TAIL))
    separate = units_per_arm(SHARE, -bar / 100, POWER, TAIL)
    return {
        "needed": needed,
        "needed_ninety": _units(bar, spread, 0.9),
        "needed_half_bar": _units(bar / 2, spread, POWER),
        "needed_separate": separate or 0,
        "few_pass": _passed(rng, 0.0, bar, apart, few),
        "planned_pass": _passed(rng, 0.0, bar, apart, needed),
        "few_harmful": _passed(rng, bar, bar, apart, few),
        "planned_harmful": _passed(rng, bar, bar, apart, needed),
        "few_smallest": 100 * both * spread / math.sqrt(few),
    }


def _units(bar: float, spread: float, power: float) -> int:
    units = units_for_power(bar / 100, spread, power, TAIL)
    if units is None:
        raise ValueError(f"no number of rows shows a bar of {bar} points")
    return units


def _passed(rng: np.random.Generator, loss: float, bar: float, apart: float, n: int) -> float:
    """Percent of the draws in which a true loss is shown to lie within the bar."""
    differ = max(apart, loss) / 100
    dropped, gained = (differ + loss / 100) / 2, (differ - loss / 100) / 2
    tables = rng.multinomial(n, [gained, dropped, 1 - gained - dropped], DRAWS)
    lost = (tables[:, 1] - tables[:, 0]) / n
    squares = (tables[:, 0] + tables[:, 1]) / n
    spread = np.sqrt(np.maximum(squares - lost**2, 1 / n) / (n - 1))
    reach = -float(special.stdtrit(n - 1.0, TAIL))
    return 100 * float(np.mean(lost + reach * spread <= bar / 100))
