"""Balanced: the mean over classes of a share within each, from two passes over blocks of rows."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from shipcall.stats.balanced import RANGE, mean_over_classes, rows_by_class
from shipcall.stats.clusters import Clusters
from shipcall.stats.passes.buckets import Buckets
from shipcall.stats.passes.contributions import Contributions
from shipcall.stats.passes.pairs import PairPasses
from shipcall.stats.sample import Floats, Ints, Lost, PairSample

_RATIO = ("num_baseline", "den_baseline", "num_candidate", "den_candidate")


class _Class(NamedTuple):
    """The rows of one class in one block."""

    columns: Mapping[str, Floats]
    clusters: Clusters
    where: Ints
    """Position of each of these clusters among those of the block; shape (G of the class,)."""


class BalancedPasses:
    """The sample that `balanced.balanced_sample` gives of all rows, to about ten digits.

    Memory: some kilobytes for each class, whatever the number of rows and clusters.

    Args:
        classes: Classes that have to be there.
        influence: Sum contributions into the buckets of joint methods.
    """

    def __init__(self, *, classes: int, influence: bool) -> None:
        self._classes = tuple(PairPasses(range=RANGE, binary=True) for _ in range(classes))
        self._all = Contributions(Buckets() if influence else None)
        self._clusters = self._gained = self._fallen = 0
        self._largest = 0.0

    def first(self, columns: Mapping[str, Floats], clusters: Clusters) -> None:
        """See the rows of a block for the first time.

        Args:
            columns: label, and the columns of a ratio, as for `balanced.balanced_sample`.
            clusters: Which rows belong together; a cluster is in one block only.
        """
        for passes, own in self._split(columns, clusters):
            passes.first(own.columns, own.clusters)

    def settle(self) -> bool:
        """Go on to the second pass."""
        for passes in self._classes:
            passes.settle()
        return True

    def second(self, columns: Mapping[str, Floats], clusters: Clusters) -> None:
        """See the rows of a block again, as for `first`."""
        baseline, candidate, gain, share = (np.zeros(clusters.count) for _ in range(4))
        for passes, own in self._split(columns, clusters):
            psi = passes.contributed(own.columns, own.clusters)
            if not passes.weight > 0:
                continue
            baseline[own.where] += psi[0] / len(self._classes)
            candidate[own.where] += psi[1] / len(self._classes)
            scale = 1.0 / (len(self._classes) * passes.weight)
            more = own.columns["num_candidate"] - own.columns["num_baseline"]
            gain[own.where] += own.clusters.sums(more) * scale
            share[own.where] += own.clusters.sums(own.columns["den_baseline"]) * scale
        touched = share > 0
        self._clusters += int(np.count_nonzero(touched))
        self._gained += int(np.count_nonzero(gain > 0))
        self._fallen += int(np.count_nonzero(gain < 0))
        self._largest = max(self._largest, float(share.max(initial=0.0)))
        self._all.add(clusters.codes[touched], baseline[touched], candidate[touched])

    def _split(
        self, columns: Mapping[str, Floats], clusters: Clusters
    ) -> Iterator[tuple[PairPasses, _Class]]:
        label = np.asarray(columns["label"], dtype=np.float64)
        by_class = rows_by_class(label, len(self._classes))
        for passes, rows in zip(self._classes, by_class, strict=True):
            if rows.size:
                taken: dict[int, Floats] = {}
                for name in _RATIO:
                    taken.setdefault(id(columns[name]), columns[name][rows])
                own = clusters.subset(rows)
                where = np.searchsorted(clusters.codes, own.codes)
                kept = {name: taken[id(columns[name])] for name in _RATIO}
                yield passes, _Class(kept, own, where)

    def sample(self, lost: Lost) -> PairSample:
        """Give the sample of all rows, with one part for each class."""
        parts = tuple(passes.sample(lost) for passes in self._classes)
        return PairSample(
            rows=sum(part.rows for part in parts),
            clusters=self._clusters,
            baseline=mean_over_classes([part.baseline for part in parts]),
            candidate=mean_over_classes([part.candidate for part in parts]),
            weight_baseline=sum(part.weight_baseline for part in parts),
            weight_candidate=sum(part.weight_candidate for part in parts),
            var_baseline=self._all.baseline.square,
            var_candidate=self._all.candidate.square,
            covariance=self._all.product,
            df=min((part.df for part in parts), default=0.0),
            skew=self._all.skew(self._clusters),
            gained_clusters=self._gained,
            lost_clusters=self._fallen,
            largest_share=self._largest,
            parts=parts,
            range=RANGE,
            lost=lost,
            influence=self._all.influence,
        )
