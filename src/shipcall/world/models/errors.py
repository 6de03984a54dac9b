"""Errors: standard normal errors of two models on the same items, and their joint law.

    error of a model = (difficulty of cluster and item, shared by both + its own) / its spread

with variance 1, so that only how much is shared moves the correlation.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from shipcall.world.chance.draws import Floats, Ints, Rng
from shipcall.world.chance.given import Proposal, fill
from shipcall.world.models.quadrature import CLUSTER_NODES, Nodes, item_spread, normal
from shipcall.world.truth import ARMS, Items, World

_MOST_ALIKE = 1 - 1e-12
"""Two models cannot be told apart beyond this correlation of their errors."""
_LEAST_SPREAD = 1e-9


class Errors(NamedTuple):
    """Error of model m = cluster[m] * node + item[m] * (standard normal, correlated)."""

    cluster: Floats
    """Weight of the difficulty of the cluster, shape (2,)."""
    item: Floats
    """Weight of the rest, above zero, shape (2,)."""
    correlation: float
    """Of the rest, between the two models."""
    nodes: Nodes
    """Values of the difficulty of the cluster, with variance 1."""

    @property
    def shift(self) -> Floats:
        """Error that belongs to the cluster, shape (nodes, 2)."""
        return np.outer(self.nodes.at, self.cluster)


def errors(world: World, known: Items) -> Errors:
    """Tell how the errors of both models hang together.

    Where no difficulty varies at all, both models make the same error.
    """
    own = np.array([world.model_of(arm).own_spread for arm in ARMS])
    between = known.cluster_spread if known.cluster > 1 else 0.0
    shared = item_spread(known)
    rest = np.hypot(shared, own)
    whole = np.hypot(rest, between)
    parts = [np.divide(part, whole, out=np.zeros(2), where=whole > 0) for part in (between, rest)]
    return Errors(
        parts[0],
        np.where(whole > 0, np.maximum(parts[1], _LEAST_SPREAD), 1.0),
        _alike(shared, rest),
        normal(1.0 if between else 0.0, CLUSTER_NODES),
    )


def _alike(shared: float, rest: Floats) -> float:
    if not rest.any():
        return _MOST_ALIKE
    return min(shared**2 / float(rest.prod()), _MOST_ALIKE) if rest.all() else 0.0


def below(x: ArrayLike, y: ArrayLike, correlation: float) -> Floats:
    """Chance that both of two correlated standard normal numbers are below their bounds.

    Args:
        x: Bound of the first, may be infinite.
        y: Bound of the second, of a shape that fits.
        correlation: In (-1, 1).

    References:
        D. B. Owen (1956), Tables for computing bivariate normal probabilities, Annals of
        Mathematical Statistics 27: the bivariate law from his function T.
    """
    h, k = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
    h, k = (np.where(v == 0, 1e-200, np.clip(v, -40.0, 40.0)) for v in (h, k))
    root = np.sqrt(1 - correlation**2)
    with np.errstate(over="ignore"):
        one = special.owens_t(h, (k / h - correlation) / root)
        other = special.owens_t(k, (h / k - correlation) / root)
    crossed = np.where(np.sign(h) * np.sign(k) > 0, 0.0, 0.5)
    chance: Floats = 0.5 * (special.ndtr(h) + special.ndtr(k)) - one - other - crossed
    return np.clip(chance, 0.0, 1.0)


def rectangles(first: Floats, second: Floats, correlation: float) -> Floats:
    """Chances that a pair falls between given edges.

    Args:
        first: Edges for the first number, ascending from -inf to inf, shape (..., a + 1).
        second: The same for the second, shape (..., b + 1).
        correlation: In (-1, 1).

    Returns:
        Shape (..., a, b); adds up to 1.
    """
    corners = below(first[..., :, None], second[..., None, :], correlation)
    chances: Floats = np.clip(np.diff(np.diff(corners, axis=-1), axis=-2), 0.0, 1.0)
    chances /= chances.sum(axis=(-2, -1), keepdims=True)
    return chances


def pairs_between(low: Floats, high: Floats, correlation: float, rng: Rng) -> Floats:
    """Draw pairs of correlated standard normal numbers between bounds.

    Args:
        low: Least values, shape (rows, 2).
        high: Greatest values, shape (rows, 2).
        correlation: In (-1, 1).
        rng: Draws them.

    Returns:
        Shape (rows, 2).
    """
    spread = np.sqrt(1 - correlation**2)

    def propose(row: Ints) -> Proposal:
        first = _between(low[row, 0], high[row, 0], rng)
        bounds = [(side[row, 1] - correlation * first) / spread for side in (low, high)]
        chance = special.ndtr(bounds[1]) - special.ndtr(bounds[0])
        second = correlation * first + spread * _between(bounds[0], bounds[1], rng)
        second = np.clip(second, low[row, 1], high[row, 1])
        return Proposal(rng.random(len(row)) < chance, np.stack([first, second], axis=1))

    return fill(len(low), propose)


def _between(low: Floats, high: Floats, rng: Rng) -> Floats:
    """Standard normal numbers between bounds, by the inverse of their law, in the lower tail."""
    flipped = low > 0
    bottom, top = np.where(flipped, -high, low), np.where(flipped, -low, high)
    least, most = special.ndtr(bottom), special.ndtr(top)
    drawn = special.ndtri(least + (most - least) * rng.random(len(low)))
    drawn = np.clip(drawn, bottom, top)
    return np.where(flipped, -drawn, drawn)
