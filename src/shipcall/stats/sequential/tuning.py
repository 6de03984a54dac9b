"""Tuning: what a sequence has to know before its first unit, from units that never enter it.

The first epochs of a rollout, blind to arms, say around which value outcomes lie and how far they
spread. They are spent on that alone: a sequence that starts after them was tuned by the past.
Tuning changes how tight an interval is at which time, never whether it holds.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from shipcall.stats.sequential.centre import Start
from shipcall.stats.sequential.epochs import Epochs

BURN_IN = 100
"""Units that are spent on tuning, at least: the whole epochs until there are so many."""


class Tuned(NamedTuple):
    """A state without its burn-in, and what that taught."""

    epochs: Epochs
    start: Start
    variance: float
    """Variance of an outcome between units, > 0."""
    per_epoch: float
    """Units in an epoch."""


class Span(NamedTuple):
    """A share that will be served, and for how many epochs."""

    share: float
    epochs: float


def tuned(epochs: Epochs, *, binary: bool) -> Tuned | None:
    """Spend the first epochs on tuning, until they hold BURN_IN units.

    Args:
        epochs: The state.
        binary: Outcomes are 0 or 1; then the spread follows from the rate, with half an event
            added, so that no event so far is not taken for none ever.

    Returns:
        None where all units so far are burn-in: there is nothing to look at yet. Outcomes that
        do not vary at all go on being spent, unless they are binary.
    """
    table = epochs.table()
    if not table.epoch.size:
        return None
    n, y, yy = (np.cumsum(part.sum(axis=0)) for part in (table.n, table.y, table.yy))
    closes = table.closes
    n, y, yy = n[closes], y[closes], yy[closes]
    spread = yy - y * y / np.maximum(n, 1.0)
    enough = n >= BURN_IN
    if not binary:
        enough &= spread > 1e-12 * np.maximum(yy, 1e-300)
    if not enough[:-1].any():
        return None
    at = int(np.argmax(enough))
    units, last = float(n[at]), int(table.epoch[closes[at]])
    rate = (float(y[at]) + 0.5) / (units + 1.0)
    variance = rate * (1.0 - rate) if binary else float(spread[at]) / (units - 1.0)
    later = {cell: pair for cell, pair in epochs.cells.items() if cell.epoch > last}
    return Tuned(
        epochs=Epochs(step=epochs.step, cells=later),
        start=Start(float(y[at]) / units, units),
        variance=variance,
        per_epoch=units / (last - int(table.epoch[0]) + 1),
    )


def foreseen(found: Tuned, spans: Sequence[Span]) -> float:
    """Foresee the variance V that the whole rollout will gather, at which to be tightest.

    Args:
        found: From `tuned`.
        spans: Shares to come, for how long.
    """
    weight = sum(span.epochs * span.share * (1.0 - span.share) for span in spans)
    return max(found.per_epoch * weight, 1.0) * found.variance
