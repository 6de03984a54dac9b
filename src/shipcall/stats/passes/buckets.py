"""Buckets: what clusters contribute, summed block by block into the buckets of joint methods."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from shipcall.stats.resample import BUCKETS, bucket_of
from shipcall.stats.sample import Floats, Influence, Ints


@dataclass(slots=True)
class Buckets:
    """Contributions of clusters, as `resample.bucketed` would sum all of them at once."""

    baseline: Floats = field(default_factory=lambda: np.zeros(BUCKETS))
    candidate: Floats = field(default_factory=lambda: np.zeros(BUCKETS))
    present: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(BUCKETS, dtype=np.bool_))

    def add(self, codes: Ints, baseline: Floats, candidate: Floats) -> None:
        """Add what some clusters contribute.

        Args:
            codes: Of the clusters, the same in every slice; shape (G,).
            baseline: Contributions to the baseline's value, shape (G,).
            candidate: To the candidate's.
        """
        bucket = bucket_of(codes)
        self.present[bucket] = True
        self.baseline += np.bincount(bucket, weights=baseline, minlength=BUCKETS)
        self.candidate += np.bincount(bucket, weights=candidate, minlength=BUCKETS)

    def influence(self) -> Influence:
        """Give the buckets in which there is a cluster."""
        return Influence(
            cluster=np.flatnonzero(self.present).astype(np.int64),
            baseline=self.baseline[self.present],
            candidate=self.candidate[self.present],
        )
