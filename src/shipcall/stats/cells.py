"""Cells: where rows lie in bins of confidence, how far off they are, and what clusters add."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike

from shipcall.stats.clusters import Clusters, inner
from shipcall.stats.sample import BinSample, Floats, Ints, Lost

_CHUNK = 1 << 15
"""Clusters whose sums are held at once."""


class Cells(NamedTuple):
    """Where each row lies and how far off it is, for both models; shapes (rows,)."""

    column: tuple[Ints, Ints]
    """Number of its bin; those of the candidate come after those of the baseline."""
    gap: tuple[Floats, Floats]
    """Outcome minus confidence, times the weight of the row."""
    weight: Floats | None = None
    """Of the rows; None where all weigh 1."""


def cells_of(columns: Mapping[str, ArrayLike], edges: Floats, rows: int) -> Cells:
    """Put rows into bins.

    Args:
        columns: confidence_* and outcome_* of both models, perhaps weight, as for `bin_sample`.
        edges: Increasing edges from 0 to 1, shape (B + 1,).
        rows: How many there are.

    Raises:
        ValueError: On NaN, values outside [0, 1], weights that are not above zero, or columns of
            another length.
    """
    weight = _checked_weight(columns.get("weight"), rows)
    column, gap = [], []
    for model, name in enumerate(("baseline", "candidate")):
        stated = checked_confidence(columns[f"confidence_{name}"])
        happened = checked_confidence(columns[f"outcome_{name}"])
        if not stated.size == happened.size == rows:
            raise ValueError(
                f"{rows} cluster codes, {stated.size} confidences, {happened.size} outcomes"
            )
        own = np.searchsorted(edges[1:-1], stated, side="left") + model * (edges.size - 1)
        column.append(own)
        apart = happened - stated
        gap.append(apart if weight is None else apart * weight)
    return Cells((column[0], column[1]), (gap[0], gap[1]), weight)


def _checked_weight(values: ArrayLike | None, rows: int) -> Floats | None:
    if values is None:
        return None
    weight = np.asarray(values, dtype=np.float64)
    if weight.shape != (rows,) or not (weight > 0).all() or not np.isfinite(weight).all():
        raise ValueError(f"{rows} rows need as many weights, finite and above zero")
    return weight


def scatter_of(cells: Cells, clusters: Clusters, gaps: Floats) -> Floats:
    """Sum over clusters the squares and products of their residuals in bins; (2B, 2B).

    A cluster's residual is its sum minus the fair share of its rows, or of their weight. Times
    G / (G - 1), over the square of the number of rows, this is the CR1 covariance of the gaps.

    Args:
        cells: Of the rows.
        clusters: Which rows belong together.
        gaps: Mean gaps of all rows, shape (2B,).
    """
    order = np.argsort(clusters.index, kind="stable")
    ranked = clusters.index[order]
    held_by = clusters.sizes if cells.weight is None else clusters.sums(cells.weight)
    total = np.zeros((gaps.size, gaps.size))
    for start in range(0, clusters.count, _CHUNK):
        held = min(_CHUNK, clusters.count - start)
        first, last = np.searchsorted(ranked, (start, start + held))
        rows, cell = order[first:last], (ranked[first:last] - start) * gaps.size
        table = np.zeros(held * gaps.size)
        for columns, values in zip(cells.column, cells.gap, strict=True):
            table += np.bincount(cell + columns[rows], weights=values[rows], minlength=table.size)
        residual = table.reshape(held, gaps.size)
        residual -= held_by[start : start + held, None] * gaps
        total += residual.T @ residual
    return total


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is of some rows; sizes of blocks add up."""

    rows: int = 0
    clusters: int = 0
    weight: float = 0.0
    """Sum of the weights of the rows."""
    square: float = 0.0
    """Sum of their squares."""

    @classmethod
    def of(cls, clusters: Clusters, weight: Floats | None) -> Self:
        """Measure rows; without weights each weighs 1."""
        if weight is None:
            return cls(clusters.rows, clusters.count, float(clusters.rows), float(clusters.rows))
        return cls(clusters.rows, clusters.count, float(weight.sum()), inner(weight, weight))

    def __add__(self, other: Self) -> Self:
        """Join two blocks that share no cluster."""
        return type(self)(
            self.rows + other.rows,
            self.clusters + other.clusters,
            self.weight + other.weight,
            self.square + other.square,
        )

    @property
    def evenness(self) -> float:
        """Rows that count over rows there are, n' / n; 1 where all weigh the same."""
        if self.square <= 0:
            return 1.0
        return min(self.weight**2 / (self.rows * self.square), 1.0)


def sized_sample(size: Size, gaps: Floats, squares: Floats | None, lost: Lost) -> BinSample:
    """Make the sample of gaps from sums over all rows.

    Args:
        size: Of all rows.
        gaps: Mean gaps, shape (2B,).
        squares: From `scatter_of`, shape (2B, 2B); None with fewer than two clusters.
        lost: Expected rows that could not be paired.
    """
    counted = size.clusters * size.evenness
    covariance = np.zeros((gaps.size, gaps.size))
    if squares is not None and counted > 1:
        covariance = squares * (counted / (counted - 1) / size.weight**2)
    return BinSample(
        rows=size.rows,
        clusters=size.clusters,
        gaps=gaps.reshape(2, -1),
        covariance=covariance,
        df=max(counted - 1.0, 0.0),
        lost=lost,
        evenness=size.evenness,
    )


def checked_confidence(values: ArrayLike) -> Floats:
    """Refuse what is no probability.

    Raises:
        ValueError: On NaN, or a value outside [0, 1].
    """
    checked = np.asarray(values, dtype=np.float64)
    if not ((checked >= 0) & (checked <= 1)).all():
        raise ValueError("a confidence or an outcome is NaN or outside [0, 1]")
    return checked
