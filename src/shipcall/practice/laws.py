"""Laws: how a panel varies at every point of a case at once, so that a belief is one product.

A stack holds one law for each point. Panels are flat arrays. Everything is vectorised over draws
and points: thousands of games take milliseconds, which is what the proof of the scorer needs.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]
_LEAST = 1e-12
"""Chances below this are taken for it: no panel rules a point out for good."""


class Stack(Protocol):
    """The laws of one panel, one for each point."""

    def draw(self, point: int, count: int, rng: np.random.Generator) -> Floats:
        """Draw panels at one point, shape (count, cells)."""
        ...

    def log_likelihoods(self, seen: Floats) -> Floats:
        """Log chance of panels (draws, cells) at every point, shape (draws, points).

        Up to a constant of each draw that all points share.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Tallies:
    """Counts of kinds among known numbers of independent rows, in several groups."""

    n: Floats
    """Rows of each group, shape (groups,)."""
    chances: Floats
    """Chance of each kind, shape (points, groups, kinds); the last axis adds up to 1."""

    def draw(self, point: int, count: int, rng: np.random.Generator) -> Floats:
        """Draw counts, shape (count, groups * kinds)."""
        each = [
            rng.multinomial(int(n), chances, size=count)
            for n, chances in zip(self.n, self.chances[point], strict=True)
        ]
        return np.concatenate(each, axis=1).astype(np.float64)

    def log_likelihoods(self, seen: Floats) -> Floats:
        """Multinomial, without the coefficient."""
        logs = np.log(np.maximum(self.chances, _LEAST)).reshape(len(self.chances), -1)
        found: Floats = seen @ logs.T
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """Counts of events whose number nothing bounds."""

    rates: Floats
    """Expected counts, shape (points, cells)."""

    def draw(self, point: int, count: int, rng: np.random.Generator) -> Floats:
        """Draw counts, shape (count, cells)."""
        return rng.poisson(self.rates[point], size=(count, self.rates.shape[1])).astype(np.float64)

    def log_likelihoods(self, seen: Floats) -> Floats:
        """Poisson, without the factorials."""
        logs = np.log(np.maximum(self.rates, _LEAST))
        found: Floats = seen @ logs.T - self.rates.sum(axis=1)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Numbers with known errors."""

    means: Floats
    """Shape (points, cells)."""
    errors: Floats
    """Standard deviations, above zero, shape (points, cells)."""

    def draw(self, point: int, count: int, rng: np.random.Generator) -> Floats:
        """Draw values, shape (count, cells)."""
        mean, error = self.means[point], self.errors[point]
        return np.asarray(rng.normal(mean, error, size=(count, len(mean))))

    def log_likelihoods(self, seen: Floats) -> Floats:
        """Normal density."""
        z = (seen[:, None, :] - self.means) / self.errors
        found: Floats = (-0.5 * z**2 - np.log(self.errors)).sum(axis=2)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Silent:
    """A panel of words: it is the same at every point."""

    points: int

    def draw(self, point: int, count: int, rng: np.random.Generator) -> Floats:
        """Nothing to draw, shape (count, 0)."""
        del point, rng
        return np.zeros((count, 0))

    def log_likelihoods(self, seen: Floats) -> Floats:
        """Zero everywhere."""
        return np.zeros((len(seen), self.points))


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """Several independent parts of one panel, one after the other."""

    parts: tuple[Stack, ...]
    sizes: tuple[int, ...]
    """Cells of each part."""

    def draw(self, point: int, count: int, rng: np.random.Generator) -> Floats:
        """Draw every part, shape (count, cells)."""
        return np.concatenate([part.draw(point, count, rng) for part in self.parts], axis=1)

    def log_likelihoods(self, seen: Floats) -> Floats:
        """Sum over the parts."""
        pieces = np.split(seen, np.cumsum(self.sizes)[:-1], axis=1)
        total: Floats = np.sum(
            [part.log_likelihoods(s) for part, s in zip(self.parts, pieces, strict=True)], axis=0
        )
        return total


def weigh(prior: Floats, log_likelihoods: Floats) -> Floats:
    """Give the chance of every point after looking, by Bayes, without underflow.

    Args:
        prior: Shape (points,).
        log_likelihoods: Shape (..., points).

    Returns:
        Of the shape of `log_likelihoods`; the last axis adds up to 1.
    """
    with np.errstate(divide="ignore"):
        joint = np.log(prior) + log_likelihoods
    weights: Floats = np.exp(joint - special.logsumexp(joint, axis=-1, keepdims=True))
    return weights
