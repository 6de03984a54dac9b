"""Sizes: how many units a question needs, by formulas that fit on a napkin.

Within a factor of 1.5 is good enough: the spread that goes in is never known better.
"""

import math
from collections.abc import Callable, Mapping

from scipy import special

from shipcall.practice.language import Size
from shipcall.practice.scoring.score import SizeScore

TOLERANCE = 1.5
"""Factor within which a number counts as right."""


def size_score(asked: Size | None, stated: float | None) -> SizeScore | None:
    """Hold a number of units against the formula, as a ratio.

    Args:
        asked: The question of the case; None: it asks none.
        stated: The number, above 0; None: no answer.
    """
    if asked is None or stated is None:
        return None
    needed, formula = FORMULAS[asked.kind]
    reference = float(math.ceil(needed(asked) - 1e-9))
    off = abs(math.log(stated / reference))
    return SizeScore(
        stated=stated,
        reference=reference,
        log_ratio=off,
        within=off <= math.log(TOLERANCE) + 1e-12,
        formula=formula,
    )


def two_proportions(asked: Size) -> float:
    """Units of each arm that tell two independent shares apart.

    Normal approximation without continuity correction: with fewer than about ten events in an
    arm it asks for too few.

    References:
        Fleiss, Levin and Paik (2003), Statistical Methods for Rates and Proportions, 3rd ed.,
        chapter 4.
    """
    base, other = asked.base, asked.base + asked.difference
    mean = (base + other) / 2
    null = math.sqrt(2 * mean * (1 - mean))
    true = math.sqrt(base * (1 - base) + other * (1 - other))
    return ((_z(asked.level) * null + _z(1 - asked.power) * true) / asked.difference) ** 2


def mean_difference(asked: Size) -> float:
    """Units of each arm that tell two independent means apart.

    The difference of two means of n units has variance 2 s^2 / n; it is found with the stated
    power where it lies (z_level + z_power) standard errors from 0. With an estimated spread the
    t distribution asks for about one unit more.
    """
    return 2 * margin(asked)


def margin(asked: Size) -> float:
    """Pairs that show a loss to be smaller than a margin where there is none.

    The mean of n paired differences has variance s^2 / n and lies, without any loss, one margin
    inside the bar: (z_level + z_power)^2 s^2 / margin^2.
    """
    return ((_z(asked.level) + _z(1 - asked.power)) * asked.spread / asked.difference) ** 2


def zero_events(asked: Size) -> float:
    """Units without any event that exclude a share: (1 - share)^n <= level.

    At a level of 0.05 this is near 3 / share, the rule of three.

    References:
        Hanley and Lippman-Hand (1983), If nothing goes wrong, is everything all right?, JAMA 249,
        1743-1745.
    """
    return math.log(asked.level) / math.log1p(-asked.most)


FORMULAS: Mapping[str, tuple[Callable[[Size], float], str]] = {
    "two_proportions": (
        two_proportions,
        "((z_level sqrt(2 m (1 - m)) + z_power sqrt(p (1 - p) + q (1 - q))) / (q - p))^2",
    ),
    "mean_difference": (mean_difference, "2 ((z_level + z_power) spread / difference)^2"),
    "margin": (margin, "((z_level + z_power) spread / margin)^2"),
    "zero_events": (zero_events, "log(level) / log(1 - share), about 3 / share at 0.05"),
}
"""Kind of question -> how many are needed, and the formula; p and q are two shares, m their mean,
and z_level the point that a standard normal number exceeds with that chance."""


def _z(tail: float) -> float:
    """The point above which a standard normal number lies with this chance."""
    return -float(special.ndtri(tail))
