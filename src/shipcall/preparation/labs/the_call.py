"""The call: a gain that is looked for after the results, and one that was named before them."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import special

Z = float(special.ndtri(0.95))
"""Each end of an interval may miss in one of twenty draws."""
SHARE = 0.8
"""What the baseline reaches in every metric."""
BAR = 3.0
"""Points that the guardrail may lose."""
HARM = 5.0
"""Points that the guardrail loses in the world where something breaks."""
DRAWS = 4000


def lab(
    rng: np.random.Generator, *, metrics: float, gain: float, rows: float
) -> Mapping[str, float]:
    """Call releases by the best number on a dashboard, and by a rule that was sealed before.

    The first metric is the goal, the second the guardrail; all of them are shares of other
    people, so that they move independently of each other.

    Args:
        rng: Where chance comes from.
        metrics: Numbers on the dashboard, at least 2.
        gain: True gain of the goal in points, where there is one.
        rows: Visitors of each arm behind every metric.
    """
    count, n = round(metrics), round(rows)
    found: dict[str, float] = {"bar": BAR, "harm": HARM}
    worlds = {"same": (0.0, 0.0), "trade": (gain, -HARM), "good": (gain, 0.0)}
    for world, (goal, guardrail) in worlds.items():
        truth = np.zeros(count)
        truth[:2] = goal, guardrail
        moved, spread = _moved(rng, truth, n)
        shown = moved - Z * spread > 0
        kept = moved[:, 1] - Z * spread[:, 1] >= -BAR
        found[f"{world}_best"] = 100 * float(np.mean(shown.any(axis=1)))
        found[f"{world}_sealed"] = 100 * float(np.mean(shown[:, 0] & kept))
    return found


def _moved(
    rng: np.random.Generator, truth: NDArray[np.float64], n: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points by which each metric moved in each draw, and their standard errors."""
    size = (DRAWS, truth.size)
    baseline = rng.binomial(n, SHARE, size) / n
    candidate = rng.binomial(n, SHARE + truth / 100, size) / n
    spread = np.sqrt((baseline * (1 - baseline) + candidate * (1 - candidate)) / n)
    return 100 * (candidate - baseline), 100 * spread
