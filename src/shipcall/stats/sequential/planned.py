"""Planned: bounds for a fixed number of planned looks (group-sequential)."""

import math
from enum import StrEnum

import numpy as np
from scipy import special

from shipcall.stats.sample import Floats

_NODES = 64
_PANELS = 6
_REACH = 8.0


class Spending(StrEnum):
    """How an error level is spent over the share of the planned information."""

    OBRIEN_FLEMING = "obrien-fleming"
    """Little at early looks: 2 - 2 Phi(z / sqrt(t)) with Phi(z) = 1 - level / 2."""
    POCOCK = "pocock"
    """About evenly: level * log(1 + (e - 1) t)."""
    SQUARE = "square"
    """level * t^2: between the two."""
    LINEAR = "linear"
    """level * t."""


def spent(spending: Spending, fraction: Floats, level: float) -> Floats:
    """Give the error level spent when a share of the planned information is there.

    Args:
        spending: How to spend.
        fraction: Information at each look over planned information, in (0, 1].
        level: One-sided error level of all looks together, in (0, 1).

    References:
        Lan & DeMets (1983), Discrete sequential boundaries for clinical trials, Biometrika
        70(3), 659-663.
    """
    t = np.asarray(fraction, dtype=np.float64)
    if spending is Spending.OBRIEN_FLEMING:
        return np.asarray(2.0 * special.ndtr(special.ndtri(level / 2) / np.sqrt(t)))
    if spending is Spending.POCOCK:
        return np.asarray(level * np.log1p((math.e - 1.0) * t))
    return np.asarray(level * t ** (2.0 if spending is Spending.SQUARE else 1.0))


def planned_bounds(spending: Spending, fraction: Floats, level: float) -> Floats:
    """Find the z-score that each planned look needs for one-sided proof at `level` over all.

    Assumes normal estimates whose increments are independent (information grows by new units)
    and looks at times that do not follow the outcomes. An interval value +- bound * standard
    error, each end with its own bounds, holds at all planned looks together and at no other:
    for unplanned looks use the score sequence, which pays for them.

    For longitudinal outcomes (several per unit) compute the z-scores with cluster-robust
    standard errors.

    Args:
        spending: How to spend.
        fraction: Information at each look over planned information, ascending, in (0, 1].
        level: One-sided error level of all looks together, in (0, 0.5).

    Returns:
        The bounds, shape (looks,); inf where a look has nothing to spend.

    References:
        Armitage, McPherson & Rowe (1969), Repeated significance tests on accumulating data,
        J. R. Stat. Soc. A 132(2), 235-244, for the recursion.
    """
    t = np.asarray(fraction, dtype=np.float64)
    if t.ndim != 1 or not t.size or bool(np.any(np.diff(t, prepend=0.0) <= 0)) or t[-1] > 1 + 1e-9:
        raise ValueError(f"fractions {t.tolist()} must rise within (0, 1]")
    if not 0 < level < 0.5:
        raise ValueError(f"level {level} is not in (0, 0.5)")
    steps = np.diff(spent(spending, t, level), prepend=0.0)
    bounds = np.empty_like(t)
    nodes, mass = np.zeros(1), np.ones(1)
    for look, (time, before) in enumerate(zip(t, np.append(0.0, t[:-1]), strict=True)):
        spread = math.sqrt(time - before)
        bounds[look] = _bound(nodes, mass, spread, float(steps[look])) / math.sqrt(time)
        top = min(bounds[look], _REACH) * math.sqrt(time)
        points, weights = _grid(-_REACH * math.sqrt(time), top)
        step = (points[:, None] - nodes[None, :]) / spread
        density = np.exp(-step * step / 2) / (spread * math.sqrt(2 * math.pi))
        nodes, mass = points, weights * (density @ mass)
    return bounds


def _bound(nodes: Floats, mass: Floats, spread: float, step: float) -> float:
    """Find the sum that is passed for the first time at this look with chance `step`."""
    low, high = -50.0, 50.0
    if float(mass @ special.ndtr((nodes - high) / spread)) >= step:
        return math.inf
    for _ in range(100):
        middle = (low + high) / 2
        passed = float(mass @ special.ndtr((nodes - middle) / spread))
        low, high = (middle, high) if passed > step else (low, middle)
    return high


def _grid(low: float, high: float) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights on panels between two sums."""
    points, weights = np.polynomial.legendre.leggauss(_NODES)
    edges = np.linspace(low, high, _PANELS + 1)
    half = np.diff(edges)[:, None] / 2
    middle = (edges[:-1] + edges[1:])[:, None] / 2
    return (middle + half * points).ravel(), (half * weights).ravel()
