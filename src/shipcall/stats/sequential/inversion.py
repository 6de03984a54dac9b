"""Inversion: from evidence against single hypotheses to the end of an interval."""

import math
from collections.abc import Callable

_DOUBLINGS = 64
_HALVINGS = 60


def crossing(excluded: Callable[[float], bool], inside: float, away: float, limit: float) -> float:
    """Find where exclusion begins on one side of a point that is not excluded.

    Walks in doubling steps until a point is excluded, then halves. One-sided evidence speaks
    against everything beyond the nearest crossing, so the walk stops there.

    Args:
        excluded: Whether the evidence excludes a hypothesis.
        inside: A hypothesis that is not excluded.
        away: First step; its sign is the direction.
        limit: Last possible hypothesis in that direction, perhaps infinite.

    Returns:
        The crossing, on its excluded side; `limit` where nothing is excluded.
    """
    near = inside
    for doubling in range(_DOUBLINGS):
        far = inside + away * 2.0**doubling
        over = far >= limit if away > 0 else far <= limit
        far = limit if over else far
        if math.isfinite(far) and excluded(far):
            return _halved(excluded, near, far)
        if over:
            break
        near = far
    return limit


def _halved(excluded: Callable[[float], bool], near: float, far: float) -> float:
    for _ in range(_HALVINGS):
        middle = (near + far) / 2
        near, far = (near, middle) if excluded(middle) else (middle, far)
    return far
