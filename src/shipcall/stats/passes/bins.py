"""Bins: calibration gaps in bins with their covariance, from two passes over blocks of rows."""

from collections.abc import Mapping

import numpy as np

from shipcall.stats.cells import Size, cells_of, scatter_of, sized_sample
from shipcall.stats.clusters import Clusters
from shipcall.stats.sample import BinSample, Floats, Lost


class BinPasses:
    """The sample that `calibration.bin_sample` gives of all rows, to about ten digits.

    Memory: two tables of (2B, 2B), whatever the number of rows and clusters.

    Args:
        edges: Increasing edges from 0 to 1, shape (B + 1,).
    """

    def __init__(self, edges: Floats) -> None:
        self._edges = edges
        size = 2 * (edges.size - 1)
        self._sums = np.zeros(size)
        self._squares = np.zeros((size, size))
        self._size = Size()
        self._means = self._sums

    def first(self, columns: Mapping[str, Floats], clusters: Clusters) -> None:
        """See the rows of a block for the first time.

        Args:
            columns: confidence_* and outcome_* of both models, perhaps weight, as for
                `calibration.bin_sample`.
            clusters: Which rows belong together; a cluster is in one block only.
        """
        cells = cells_of(columns, self._edges, clusters.rows)
        for cell, gap in zip(cells.column, cells.gap, strict=True):
            self._sums += np.bincount(cell, weights=gap, minlength=self._sums.size)
        self._size += Size.of(clusters, cells.weight)

    def settle(self) -> bool:
        """Go on to the second pass."""
        self._means = self._sums / max(self._size.weight, np.finfo(np.float64).tiny)
        return True

    def second(self, columns: Mapping[str, Floats], clusters: Clusters) -> None:
        """See the rows of a block again, as for `first`."""
        cells = cells_of(columns, self._edges, clusters.rows)
        self._squares += scatter_of(cells, clusters, self._means)

    def sample(self, lost: Lost) -> BinSample:
        """Give the sample of all rows."""
        return sized_sample(self._size, self._means, self._squares, lost)
