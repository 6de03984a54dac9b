"""Contributions: what clusters contribute to two values, summed block by block."""

from dataclasses import dataclass, field

import numpy as np

from shipcall.stats.clusters import inner
from shipcall.stats.moments import skewness
from shipcall.stats.passes.buckets import Buckets
from shipcall.stats.sample import Floats, Influence, Ints, Skew


@dataclass(slots=True)
class Powers:
    """Sums over clusters of powers of what they contribute."""

    square: float = 0.0
    cube: float = 0.0
    fourth: float = 0.0

    def add(self, influence: Floats) -> None:
        """Add what the clusters of one block contribute, shape (G,)."""
        square = influence**2
        self.square += float(square.sum())
        self.cube += inner(square, influence)
        self.fourth += inner(square, square)


@dataclass(slots=True)
class Contributions:
    """Variances, covariance and skewness of two values, from what clusters contribute to them.

    Memory: some kilobytes, whatever the number of clusters.
    """

    buckets: Buckets | None
    """Where joint methods want them; None: nobody asks."""
    baseline: Powers = field(default_factory=Powers)
    candidate: Powers = field(default_factory=Powers)
    difference: Powers = field(default_factory=Powers)
    product: float = 0.0
    gained: int = 0
    """Clusters that contribute more to the candidate's value than to the baseline's."""
    fallen: int = 0
    """Clusters that contribute less."""

    def add(self, codes: Ints, baseline: Floats, candidate: Floats) -> None:
        """Add what the clusters of one block contribute.

        Args:
            codes: Of the clusters, the same in every slice; shape (G,).
            baseline: Contributions to the baseline's value, shape (G,).
            candidate: To the candidate's.
        """
        self.baseline.add(baseline)
        self.candidate.add(candidate)
        self.difference.add(candidate - baseline)
        self.product += inner(baseline, candidate)
        self.gained += int(np.count_nonzero(candidate > baseline))
        self.fallen += int(np.count_nonzero(candidate < baseline))
        if self.buckets is not None:
            self.buckets.add(codes, baseline, candidate)

    def skew(self, clusters: int) -> Skew:
        """Say how much the laws of both values and of their difference lean, as `skew_of` does."""
        powers = self.baseline, self.candidate, self.difference
        return Skew(*(skewness(one.square, one.cube, clusters) for one in powers))

    @property
    def influence(self) -> Influence | None:
        """The buckets, where somebody asked for them."""
        return self.buckets.influence() if self.buckets is not None else None
