"""Kinds: how many items turn out in each way, where items of one cluster share a difficulty.

Clusters lie within a stratum. The difficulty that the items of a cluster share takes one of a few
values (nodes); given stratum and node, items are independent.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from shipcall.world.chance.draws import Floats, Ints, Rng
from shipcall.world.chance.laws import Multinomial


@dataclass(frozen=True, eq=False)
class Kinds:
    """Counts of kinds of items in each stratum; a panel of shape (strata, kinds)."""

    clusters: Ints
    """Clusters of each stratum, shape (strata,)."""
    cluster: int
    """Items of a cluster; 1: every item is its own."""
    nodes: Floats
    """Chance of each value of the shared difficulty, shape (nodes,)."""
    chances: Floats
    """Chance of each kind given both, shape (strata, nodes, kinds); lines add up to 1."""

    def latent(self, rng: Rng) -> Ints:
        """Draw counts by node as well, which nobody sees, shape (strata, nodes, kinds)."""
        clusters = rng.multinomial(self.clusters, self.nodes)
        drawn: Ints = rng.multinomial(self.cluster * clusters, self.chances)
        return drawn

    def draw(self, rng: Rng) -> Floats:
        """Draw counts of kinds, shape (strata, kinds)."""
        panel: Floats = self.latent(rng).sum(axis=1).astype(np.float64)
        return panel

    def log_likelihood(self, seen: ArrayLike) -> float:
        """Log chance of these counts.

        Exact where items are independent. With clusters it is the log density of the normal law
        with the same mean and covariance, fair from some dozens of clusters in a stratum on: use
        it to compare causes, not as a chance.
        """
        if len(self.nodes) == 1:
            return self.independent.log_likelihood(seen)
        counts = np.asarray(seen, dtype=np.float64)
        if not np.array_equal(counts.sum(axis=1), self.cluster * self.clusters):
            return -np.inf
        full = self.clusters > 0
        return sum(
            _normal(line - mean, cover)
            for line, mean, cover in zip(
                counts[full], self.mean[full], self.covariance[full], strict=True
            )
        )

    @cached_property
    def independent(self) -> Multinomial:
        """The law of the same items without clusters."""
        return Multinomial(n=self.cluster * self.clusters, chances=self.marginal)

    @property
    def marginal(self) -> Floats:
        """Chance of each kind of one item, shape (strata, kinds)."""
        marginal: Floats = np.einsum("q,sqk->sk", self.nodes, self.chances)
        return marginal

    @property
    def mean(self) -> Floats:
        """Expected counts, shape (strata, kinds)."""
        return self.cluster * self.clusters[:, None] * self.marginal

    @property
    def covariance(self) -> Floats:
        """Covariance of the counts of each stratum, shape (strata, kinds, kinds).

        For one cluster of m items: the mean over nodes of m (diag(p) - pp'), plus the covariance
        of m p between nodes.
        """
        p, m = self.chances, self.cluster
        square = np.einsum("q,sqk,sql->skl", self.nodes, p, p)
        each = np.einsum("sk,kl->skl", self.marginal, np.eye(p.shape[2]))
        between = square - np.einsum("sk,sl->skl", self.marginal, self.marginal)
        one: Floats = m * (each - square) + m**2 * between
        return self.clusters[:, None, None] * one


def _normal(distance: Floats, covariance: Floats) -> float:
    """Log density of a normal law that may be flat in some directions."""
    variances, directions = np.linalg.eigh(covariance)
    real = variances > 1e-9 * max(variances.max(), 1.0)
    moved = directions.T @ distance
    if np.abs(moved[~real]).max(initial=0.0) > 1e-3 * (1 + np.abs(distance).max()):
        return -np.inf
    terms = moved[real] ** 2 / variances[real] + np.log(2 * np.pi * variances[real])
    return float(-0.5 * terms.sum())
