"""Clusters: the one owner of who belongs together. Sums, errors and slices all take its output."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shipcall.stats.sample import Floats, Ints

_DENSE = 4
"""Codes up to this many times the number of rows are counted in a table instead of sorted."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clusters:
    """Which rows belong to which independent cluster.

    The codes stay those of the whole table, also in a slice, so that joint methods can line
    up the clusters of several slices. Sums run over the rows in their given order, cluster by
    cluster: the same rows in the same order give the same bytes.
    """

    codes: Ints
    """Code of each cluster that has a row, ascending; shape (G,)."""
    index: Ints
    """Position in `codes` of each row's cluster; shape (rows,)."""
    sizes: Ints
    """Number of rows of each cluster, at least 1; shape (G,)."""

    @classmethod
    def of(cls, codes: ArrayLike) -> Self:
        """Group rows by their cluster code.

        Args:
            codes: Code of each row's cluster, integers from 0, shape (rows,). Dense codes are
                fastest, gaps are allowed.

        Raises:
            ValueError: On a negative code: a row whose cluster is not known has no cluster,
                and must not become one together with all the others.
        """
        rows = np.asarray(codes)
        if rows.ndim != 1 or (rows.size and not np.issubdtype(rows.dtype, np.integer)):
            raise ValueError(
                f"cluster codes are one integer per row; got {rows.dtype}, shape {rows.shape}"
            )
        present, index, sizes = _grouped(rows.astype(np.int64, copy=False))
        return cls(codes=present, index=index, sizes=sizes)

    @classmethod
    def singles(cls, rows: int) -> Self:
        """Every row is its own cluster."""
        index = np.arange(rows, dtype=np.int64)
        return cls(codes=index, index=index, sizes=np.ones(rows, dtype=np.int64))

    @property
    def count(self) -> int:
        """Number of clusters that have a row."""
        return self.codes.size

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.index.size

    def sums(self, values: ArrayLike) -> Floats:
        """Sum a column over the rows of each cluster; shape (rows,) in, (G,) out."""
        column = np.asarray(values, dtype=np.float64)
        if column.shape != self.index.shape:
            raise ValueError(f"{column.shape} values for {self.rows} rows: one value per row")
        total = np.bincount(self.index, weights=column, minlength=self.count)
        return total.astype(np.float64, copy=False)

    def subset(self, rows: NDArray[np.bool_] | Ints) -> Self:
        """Keep the rows of a slice and forget the clusters that have none of them.

        Args:
            rows: Mask of shape (rows,), or positions of the rows to keep.
        """
        kept = np.asarray(rows)
        if kept.dtype == np.bool_ and kept.shape != self.index.shape:
            raise ValueError(f"a mask of {kept.shape} for {self.rows} rows")
        present, index, sizes = _grouped(self.index[kept])
        return type(self)(codes=self.codes[present], index=index, sizes=sizes)


def inner(one: Floats, other: Floats) -> float:
    """Sum of products, pairwise and in a fixed order.

    Matrix libraries sum in an order that depends on the number of threads; what ends up in a
    verdict must not.
    """
    return float(np.sum(one * other))


def _grouped(codes: Ints) -> tuple[Ints, Ints, Ints]:
    if codes.size == 0:
        empty = np.empty(0, dtype=np.int64)
        return empty, empty, empty
    least, top = int(codes.min()), int(codes.max())
    if least < 0:
        raise ValueError(f"cluster code {least}: a row whose cluster is not known cannot be used")
    if top > _DENSE * codes.size + 1024:
        present, index, sizes = np.unique(codes, return_inverse=True, return_counts=True)
        return present, index.astype(np.int64, copy=False), sizes.astype(np.int64, copy=False)
    sizes = np.bincount(codes).astype(np.int64, copy=False)
    present = np.flatnonzero(sizes).astype(np.int64, copy=False)
    if present.size == sizes.size:
        return present, codes, sizes
    position = np.zeros(sizes.size, dtype=np.int64)
    position[present] = np.arange(present.size)
    return present, position[codes], sizes[present]
