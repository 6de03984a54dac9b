"""Multiplicity: which of many p-values still count when all were looked at together.

An absent check keeps its place in the family with p = 1; leaving it out would loosen the rest.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from shipcall.stats.sample import Floats


class Decision(NamedTuple):
    """What became of one hypothesis, and the level at which its p-value was judged."""

    rejected: bool
    """True exactly where p <= `level`."""
    level: float
    """Effective one-sided level; an interval drawn at it gives the same decision."""


def bonferroni(p_values: Sequence[float], level: float) -> list[Decision]:
    """Judge every p-value at its equal share of the level; familywise, any dependence.

    Args:
        p_values: One per hypothesis, each in [0, 1], any order.
        level: Chance of any false rejection, in (0, 1).

    Returns:
        One decision per p-value, in the given order.

    Raises:
        ValueError: On a p-value that is NaN or outside [0, 1], or such a level.
    """
    p = _checked(p_values, level)
    return _at_common_level(p, level / max(p.size, 1))


def holm(p_values: Sequence[float], level: float) -> list[Decision]:
    """Judge p-values step by step from the smallest; familywise, any dependence.

    The i-th smallest of m is judged at level / (m - i + 1); the first that fails stops the
    descent, and it and all greater ones are judged at the level at which it failed. Rejects
    whatever Bonferroni rejects.

    Args:
        p_values: One per hypothesis, each in [0, 1], any order.
        level: Chance of any false rejection, in (0, 1).

    Returns:
        One decision per p-value, in the given order. Bounds drawn at these levels are step-down
        decisions, not simultaneous intervals: use them against the one bar that was tested.

    Raises:
        ValueError: On a p-value that is NaN or outside [0, 1], or such a level.

    References:
        Holm (1979), A simple sequentially rejective multiple test procedure.
    """
    p = _checked(p_values, level)
    order = np.argsort(p, kind="stable")
    steps = level / np.arange(p.size, 0, -1, dtype=np.float64)
    fails = np.flatnonzero(p[order] > steps)
    if fails.size:
        steps[fails[0] :] = steps[fails[0]]
    levels = np.empty_like(p)
    levels[order] = steps
    return _decisions(p, levels)


def benjamini_hochberg(p_values: Sequence[float], level: float) -> list[Decision]:
    """Keep the expected share of false rejections among all rejections at or below the level.

    Assumes independent or positively dependent p-values; for any other dependence use
    `benjamini_yekutieli`. Not a bound on the chance of any false rejection.

    Args:
        p_values: One per hypothesis, each in [0, 1], any order.
        level: False discovery rate, in (0, 1).

    Returns:
        One decision per p-value, in the given order, all at the same effective level.

    Raises:
        ValueError: On a p-value that is NaN or outside [0, 1], or such a level.

    References:
        Benjamini & Hochberg (1995), Controlling the false discovery rate, procedure (1).
    """
    p = _checked(p_values, level)
    return _step_up(p, lambda i: min(level * i / p.size, level))


def benjamini_yekutieli(p_values: Sequence[float], level: float) -> list[Decision]:
    """Keep the false discovery rate at or below the level under any dependence.

    Args:
        p_values: One per hypothesis, each in [0, 1], any order.
        level: False discovery rate, in (0, 1).

    Returns:
        One decision per p-value, in the given order, all at the same effective level.

    Raises:
        ValueError: On a p-value that is NaN or outside [0, 1], or such a level.

    References:
        Benjamini & Yekutieli (2001), The control of the false discovery rate in multiple
        testing under dependency, theorem 1.3.
    """
    p = _checked(p_values, level)
    harmonic = float((1.0 / np.arange(1, p.size + 1)).sum())
    return _step_up(p, lambda i: level * i / (p.size * harmonic))


def _checked(p_values: Sequence[float], level: float) -> Floats:
    p = np.asarray(p_values, dtype=np.float64)
    if not 0 < level < 1:
        raise ValueError(f"level {level} is not between 0 and 1")
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("a p-value is not between 0 and 1; an absent check has p = 1")
    return p


def _step_up(p: Floats, step: Callable[[int], float]) -> list[Decision]:
    ordered = np.sort(p)
    passed = [i for i in range(1, p.size + 1) if ordered[i - 1] <= step(i)]
    return _at_common_level(p, step(max(passed, default=1))) if p.size else []


def _at_common_level(p: Floats, level: float) -> list[Decision]:
    return _decisions(p, np.full(p.shape, level))


def _decisions(p: Floats, levels: Floats) -> list[Decision]:
    return [Decision(bool(a <= b), float(b)) for a, b in zip(p, levels, strict=True)]
