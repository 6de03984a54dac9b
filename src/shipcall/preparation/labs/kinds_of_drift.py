"""Kinds of drift: what a watch on inputs, the model itself and labels say of three of them."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import special

from shipcall.stats.sample import Floats, Ints

APPLES = 5_000
"""Of one week."""
WEEKS = 40
REDNESS = 0.6
"""Mean of the bulk in standard deviations from where the first class began."""
SLOPE = 3.0
RIM_BEFORE = 0.3
"""Percent of apples from beyond what training covered, in a usual week."""
RIM_AT, RIM_SPREAD = 3.6, 0.2
BULK_ENDS = 3.0
"""No apple of the bulk is redder: what lies beyond is the rim."""
RIM_FIRST_CLASS = 0.1
CELLS = 10


def lab(rng: np.random.Generator, *, shift: float, moved: float, rim: float) -> Mapping[str, float]:
    """Sort apples in a usual season and in three others, each with one thing changed.

    Args:
        rng: Where chance comes from.
        shift: By how much the redness of the bulk moves, in standard deviations.
        moved: By how much redder the first class has to be from now on, likewise.
        rim: Percent of apples from beyond what training covered, where they have become more.
    """
    usual = {"mean": REDNESS, "edge": RIM_BEFORE, "bound": 0.0}
    seasons = {
        "usual": usual,
        "covariate": {**usual, "mean": REDNESS + shift},
        "concept": {**usual, "bound": moved},
        "edge": {**usual, "edge": rim},
    }
    reference, _ = _apples(rng, usual["mean"], usual["edge"])
    ends = np.quantile(reference[0], np.arange(1, CELLS) / CELLS)
    before = _shares(np.searchsorted(ends, reference[:1]))
    found: dict[str, float] = {"rim_before": RIM_BEFORE, "apples": APPLES}
    for name, season in seasons.items():
        redness, far = _apples(rng, season["mean"], season["edge"])
        stated = special.expit(SLOPE * redness)
        chance = np.where(far, RIM_FIRST_CLASS, special.expit(SLOPE * (redness - season["bound"])))
        wrong = (stated > 0.5) != (rng.random(redness.shape) < chance)
        now = _shares(np.searchsorted(ends, redness))
        found[f"moved_{name}"] = float((now * np.log(now / before)).sum(axis=1).mean())
        found[f"expects_{name}"] = 100 * float(np.minimum(stated, 1 - stated).mean())
        found[f"wrong_{name}"] = 100 * float(wrong.mean())
        found[f"wrong_{name}_bulk"] = 100 * float(wrong[~far].mean())
        found[f"wrong_{name}_rim"] = 100 * float(wrong[far].mean())
    return found


def _apples(rng: np.random.Generator, mean: float, edge: float) -> tuple[Floats, NDArray[np.bool_]]:
    """Draw redness, and which apples lie beyond what training covered; shape (weeks, apples)."""
    part = rng.random((WEEKS, APPLES)) * special.ndtr(BULK_ENDS - mean)
    bulk = mean + special.ndtri(part)
    far = rng.random(bulk.shape) < edge / 100
    return np.where(far, RIM_AT + RIM_SPREAD * rng.standard_normal(bulk.shape), bulk), far


def _shares(cell: Ints) -> Floats:
    """Share of each cell in each week, none of them zero; shape (weeks, cells)."""
    counts: Ints = np.stack([np.bincount(week, minlength=CELLS) for week in cell])
    return np.asarray((counts + 0.5) / (counts.sum(axis=1, keepdims=True) + 0.5 * CELLS))
