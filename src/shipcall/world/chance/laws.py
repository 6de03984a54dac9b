"""Laws: how a panel of counts or means varies, so that it can be drawn and its chance be told.

A panel is what a person or a plan looks at: a table of sufficient statistics. Given the
parameters of a world, every panel has a law from which it is drawn directly, in microseconds,
and under which the chance of what was seen can be evaluated: the posterior over causes is then
a sum, not an opinion. Panels of one world are independent given its parameters.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from shipcall.world.chance.draws import Floats, Rng

_LEAST = 1e-300


class Law(Protocol):
    """What a panel is drawn from."""

    def draw(self, rng: Rng) -> Floats:
        """Draw the panel."""
        ...

    def log_likelihood(self, seen: ArrayLike) -> float:
        """Log of the chance (or density) of a panel under this law."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Multinomial:
    """Counts of kinds among independent rows; several groups of rows stand in several lines."""

    n: ArrayLike
    """Rows of each group, shape (groups,)."""
    chances: Floats
    """Chance of each kind, shape (groups, kinds); every line adds up to 1."""

    def draw(self, rng: Rng) -> Floats:
        """Draw counts, shape (groups, kinds)."""
        return rng.multinomial(np.asarray(self.n), self.chances).astype(np.float64)

    def log_likelihood(self, seen: ArrayLike) -> float:
        """Log chance of these counts; -inf where their sums are not n."""
        counts = np.asarray(seen, dtype=np.float64)
        if not np.array_equal(counts.sum(axis=1), np.asarray(self.n, dtype=np.float64)):
            return -np.inf
        terms = special.xlogy(counts, np.maximum(self.chances, _LEAST))
        ways = special.gammaln(counts.sum(axis=1) + 1).sum() - special.gammaln(counts + 1).sum()
        return float(terms.sum() + ways)


@dataclass(frozen=True, slots=True, eq=False)
class Poisson:
    """Counts of events whose number nothing bounds."""

    rate: Floats

    def draw(self, rng: Rng) -> Floats:
        """Draw counts, of the shape of `rate`."""
        return rng.poisson(self.rate).astype(np.float64)

    def log_likelihood(self, seen: ArrayLike) -> float:
        """Log chance of these counts."""
        counts = np.asarray(seen, dtype=np.float64)
        terms = special.xlogy(counts, np.maximum(self.rate, _LEAST)) - self.rate
        return float((terms - special.gammaln(counts + 1)).sum())


@dataclass(frozen=True, slots=True, eq=False)
class Normal:
    """Means of many rows, or measured numbers with a known error."""

    mean: Floats
    error: Floats
    """Standard deviation of what is seen, above zero; of the shape of `mean`."""

    def draw(self, rng: Rng) -> Floats:
        """Draw values, of the shape of `mean`."""
        drawn: Floats = rng.normal(self.mean, self.error)
        return drawn

    def log_likelihood(self, seen: ArrayLike) -> float:
        """Log density of these values."""
        distance = (np.asarray(seen, dtype=np.float64) - self.mean) / self.error
        return float((-0.5 * distance**2 - np.log(self.error) - 0.5 * np.log(2 * np.pi)).sum())


Laws = Mapping[str, Law]
Panels = Mapping[str, Floats]


def draw(laws: Laws, rng: Rng) -> dict[str, Floats]:
    """Draw every panel, in the order of the laws."""
    return {name: law.draw(rng) for name, law in laws.items()}


def log_likelihood(laws: Laws, panels: Panels) -> float:
    """Log chance of the panels that were looked at; those that were not say nothing.

    Raises:
        KeyError: If a panel has no law here.
    """
    return sum(laws[name].log_likelihood(seen) for name, seen in panels.items())


def posterior(prior: Floats, log_likelihoods: Floats) -> Floats:
    """Chance of each cause after looking, by Bayes, without underflow.

    Args:
        prior: Chance of each cause before, shape (causes,).
        log_likelihoods: Shape (causes,), or (causes, draws) with equally likely draws of what
            else is unknown, which are averaged.
    """
    likelihoods = np.atleast_2d(np.asarray(log_likelihoods, dtype=np.float64).T).T
    each = special.logsumexp(likelihoods, axis=1) - np.log(likelihoods.shape[1])
    with np.errstate(divide="ignore"):
        joint = np.log(prior) + each
    chances: Floats = np.exp(joint - special.logsumexp(joint))
    return chances
