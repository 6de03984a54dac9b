"""Reliability: what happened where a model said how sure it was, bin by bin, with intervals."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from shipcall.core import Absent, Estimand, Measured, Reason, Tails
from shipcall.stats.clusters import Clusters
from shipcall.stats.means import pair_estimate
from shipcall.stats.moments import pair_sample
from shipcall.stats.sample import Floats, Ints


class Bin(NamedTuple):
    """The rows of which one model stated a confidence between two edges."""

    low: float
    """Lower edge, not part of the bin but for the first."""
    high: float
    """Upper edge, part of the bin."""
    rows: int
    confidence: float | None
    """Mean confidence of its rows; None without rows."""
    outcome: Measured
    """Share of the rows on which what was said came true."""


def spread(confidence: ArrayLike, cells: int) -> list[int]:
    """Count the rows in equally wide cells from 0 to 1; a cell holds its upper edge.

    Args:
        confidence: Stated probability, in [0, 1]; shape (rows,).
        cells: How many.
    """
    place = np.ceil(np.asarray(confidence, dtype=np.float64) * cells).astype(np.int64) - 1
    counts = np.bincount(np.clip(place, 0, cells - 1), minlength=cells)
    return [int(count) for count in counts]


def reliability(
    confidence: ArrayLike, outcome: ArrayLike, cluster: Ints, edges: Floats, tails: Tails
) -> list[Bin]:
    """Estimate how often things come true at each stated confidence.

    A calibrated model's outcome equals its confidence in every bin. Each interval holds for its
    own bin alone: of 15 bins at 95 %, about one misses. The edges count as fixed.

    Args:
        confidence: Stated probability, in [0, 1]; shape (rows,).
        outcome: 1 where what was said came true, else 0; shape (rows,).
        cluster: Code of the cluster of each row, not negative; shape (rows,).
        edges: Increasing edges from 0 to 1, shape (B + 1,); `quantile_edges` or `width_edges`.
        tails: One-sided error level of each end.

    Returns:
        One entry per bin, in order. Rows that depend on each other within a cluster may; one row
        per cluster gets the exact interval of Clopper and Pearson.
    """
    stated = np.asarray(confidence, dtype=np.float64)
    happened = np.asarray(outcome, dtype=np.float64)
    place = np.searchsorted(edges[1:-1], stated, side="left")
    return [
        _bin(stated, happened, cluster, np.flatnonzero(place == number), edges[number:], tails)
        for number in range(edges.size - 1)
    ]


def _bin(  # noqa: PLR0913, PLR0917 - columns of one table
    stated: Floats, happened: Floats, cluster: Ints, rows: Ints, edges: Floats, tails: Tails
) -> Bin:
    low, high = float(edges[0]), float(edges[1])
    if not rows.size:
        nothing = Absent(reason=Reason.NO_ROWS, detail="no row was given such a confidence")
        return Bin(low, high, 0, None, nothing)
    ones = np.ones(rows.size)
    sample = pair_sample(
        happened[rows],
        ones,
        happened[rows],
        ones,
        Clusters.of(cluster[rows]),
        range=(0.0, 1.0),
        binary=bool(np.isin(happened[rows], (0.0, 1.0)).all()),
    )
    measured = pair_estimate(sample, Estimand.CANDIDATE, tails)
    return Bin(low, high, int(rows.size), float(stated[rows].mean()), measured)
