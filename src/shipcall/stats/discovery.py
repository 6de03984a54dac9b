"""Discovery: slices nobody named that look worse than allowed, to be confirmed elsewhere."""

import math
from typing import NamedTuple

import numpy as np

from shipcall.core import Bar, Estimand
from shipcall.stats.sample import Floats, Ints


class Rows(NamedTuple):
    """What two ratios of sums need of each row; shape (rows,) each, finite."""

    num_baseline: Floats
    den_baseline: Floats
    num_candidate: Floats
    den_candidate: Floats


class Scores(NamedTuple):
    """How bad each cell looks."""

    score: Floats
    """Standard errors beyond the bar, > 0 where the value lies beyond it; -inf where there is
    none; shape (cells,)."""
    rows: Ints
    """Rows of each cell; shape (cells,)."""


def cell_scores(rows: Rows, cell: Ints, cells: int, estimand: Estimand, bar: Bar) -> Scores:
    """Order cells by how far beyond the bar they look: for searching, never for deciding.

    Rows count as independent, so where they are not, scores are too large for all cells alike.
    Whoever picks the greatest of many scores has to confirm the cell on rows that were not
    searched.

    With r = 1 for a difference, or 1 + bar for a relative change, a cell is scored by
    sum nc / sum dc - r sum nb / sum db minus the bar (0 for a relative change), over the root of
    the squares of its linearised rows (delta method).

    Args:
        rows: Of the part that is searched.
        cell: Number of the cell of each row, from 0; shape (rows,).
        cells: Number of cells.
        estimand: DIFFERENCE or RELATIVE.
        bar: With one finite end.
    """
    end, side = (bar.low, -1.0) if math.isfinite(bar.low) else (bar.high, 1.0)
    ratio, offset = (1.0 + end, 0.0) if estimand is Estimand.RELATIVE else (1.0, end)

    def total(column: Floats) -> Floats:
        return np.bincount(cell, weights=column, minlength=cells).astype(np.float64, copy=False)

    nb, db, nc, dc = (total(column) for column in rows)
    with np.errstate(divide="ignore", invalid="ignore"):
        baseline, candidate = nb / db, nc / dc
        own = (rows.num_candidate - candidate[cell] * rows.den_candidate) / dc[cell]
        own -= ratio * (rows.num_baseline - baseline[cell] * rows.den_baseline) / db[cell]
        error = np.sqrt(total(own * own))
        score = side * (candidate - ratio * baseline - offset) / error
    known = np.isfinite(score) & (error > 0)
    return Scores(np.where(known, score, -np.inf), np.bincount(cell, minlength=cells))
