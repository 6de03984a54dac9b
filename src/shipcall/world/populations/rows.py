"""Rows: drawn from known laws, with their true values stated beside them.

Every truth is a closed form or a quadrature that is named where it is used; none is estimated.
Nothing here knows how an estimate is made: a population says what is drawn and what is so.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from shipcall.core import Estimand

Rng = np.random.Generator
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CELLS = ("both", "only_baseline", "only_candidate", "neither", "lost")
"""Columns of a table of 0/1 pairs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What both models answered on the same rows; every column has shape (rows,)."""

    baseline: Floats
    """Grade, score, probability or milliseconds; NaN where the row is lost."""
    candidate: Floats
    cluster: Ints
    """Code of the independent unit of each row, from 0."""
    label: Floats | None = None
    """1 or 0, where rows are labelled."""
    weight: Floats | None = None
    """Positive; None where every row counts alike."""
    columns: Mapping[str, Floats] | None = None
    """What a metric reads of each row, where that is not one value of each model."""


class Contribution(StrEnum):
    """What a cluster contributes to the estimand, by the kind of its law."""

    OUTCOMES = "0/1 outcomes"
    """One in each cluster, or several that agree."""
    LOG_CONCAVE = "log-concave density"
    """Given the size of the cluster: normal, uniform, exponential, gamma from shape 1, beta."""
    SYMMETRIC = "symmetric, no heavier than t with 3 degrees of freedom"
    LOGNORMAL_HALF = "log-normal, sigma 0.5"
    GAMMA_HALF = "gamma, shape 0.5"
    WEIGHED = "0/1 outcomes that weigh 1 to 5"
    CHANGED = "changes in a share of the clusters"
    """The others change little, or not at all."""
    SURE_LOSS = "log loss of models that are often sure"
    HEAVY = "log-normal, sigma 1"
    OTHER = "no mean over clusters"
    """Areas, quantiles, calibration errors, and scores that are declared as they are drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What is so about the law of one cluster's contribution: which promises can be asked of it."""

    contribution: Contribution = Contribution.OTHER
    changed: float = 1.0
    """Share of the clusters that change, in (0, 1], where the contribution is CHANGED."""
    skewness: float = 0.0
    """Third standardised moment, where it is known."""


OUTCOMES = Shape(contribution=Contribution.OUTCOMES)
WEIGHED = Shape(contribution=Contribution.WEIGHED)
LOG_CONCAVE = Shape(contribution=Contribution.LOG_CONCAVE)


class Population(Protocol):
    """A law of which the true values are known."""

    @property
    def name(self) -> str:
        """What it is, in words that a table can carry."""

    @property
    def units(self) -> int:
        """Independent clusters in one draw; the expected number where it varies."""

    @property
    def truth(self) -> Mapping[Estimand, float]:
        """The true value of every estimand that the law has."""

    @property
    def step(self) -> float:
        """A distance on the scale of the difference at which power is stated."""

    @property
    def shape(self) -> Shape:
        """What is so about one cluster's contribution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A population that is drawn row by row."""

    name: str
    units: int
    truth: Mapping[Estimand, float]
    step: float
    draw: Callable[[Rng], Rows]
    shape: Shape = field(default_factory=Shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tabled:
    """A population of independent 0/1 pairs, of which only the counts matter."""

    name: str
    units: int
    truth: Mapping[Estimand, float]
    step: float
    tables: Callable[[Rng, int], Ints]
    """(rng, draws) -> counts in the order of CELLS, shape (draws, 5)."""
    shape: Shape = OUTCOMES

    def draw(self, rng: Rng) -> Rows:
        """Draw the rows of one table."""
        return rows_of(self.tables(rng, 1)[0])


def rows_of(table: Ints) -> Rows:
    """Write out a table of 0/1 pairs, one cluster a row; lost pairs are NaN in both columns.

    Args:
        table: Counts in the order of CELLS, shape (5,).
    """
    counts = np.asarray(table, dtype=np.int64)
    baseline = np.repeat([1.0, 1.0, 0.0, 0.0, np.nan], counts)
    candidate = np.repeat([1.0, 0.0, 1.0, 0.0, np.nan], counts)
    return Rows(baseline=baseline, candidate=candidate, cluster=np.arange(baseline.size))


def truths(baseline: float, candidate: float) -> dict[Estimand, float]:
    """State what follows from the true values of the two models."""
    known = {
        Estimand.BASELINE: baseline,
        Estimand.CANDIDATE: candidate,
        Estimand.DIFFERENCE: candidate - baseline,
    }
    if baseline > 0:
        known[Estimand.RELATIVE] = candidate / baseline - 1.0
    return known


def share(n: int, p: float) -> Tabled:
    """One model's own share: each of n rows is 1 with chance p."""

    def tables(rng: Rng, draws: int) -> Ints:
        counts = np.zeros((draws, len(CELLS)), dtype=np.int64)
        counts[:, 2] = rng.binomial(n, p, draws)
        counts[:, 3] = n - counts[:, 2]
        return counts

    return Tabled(
        name=f"share of one model, {100 * p:g} %, n = {n:,}",
        units=n,
        truth={Estimand.CANDIDATE: p},
        step=3 * float(np.sqrt(p * (1 - p) / n)),
        tables=tables,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Chances of the four outcomes of a pair, from how often the models differ."""

    differing: float
    """Share of pairs on which the models differ."""
    loss: float
    """Candidate's share minus the baseline's, with the sign turned: what it loses."""
    right: float = 1.0
    """Share of the other pairs which both models answer right."""

    @property
    def chances(self) -> tuple[float, float, float, float]:
        """In the order of CELLS, without lost pairs."""
        alike = 1.0 - self.differing
        fallen, gained = (self.differing + self.loss) / 2, (self.differing - self.loss) / 2
        return alike * self.right, fallen, gained, alike * (1.0 - self.right)

    @property
    def truth(self) -> dict[Estimand, float]:
        """True shares of both models and what follows."""
        both, fallen, gained, _ = self.chances
        return {**truths(both + fallen, both + gained), Estimand.DIFFERENCE: -self.loss}

    @property
    def spread(self) -> float:
        """Standard deviation of one pair's difference."""
        return float(np.sqrt(self.differing - self.loss**2))

    def counts(self, rng: Rng, n: int, draws: int) -> Ints:
        """Draw tables of n pairs, none lost; shape (draws, 5)."""
        counts = rng.multinomial(n, self.chances, draws)
        return np.column_stack([counts, np.zeros(draws, dtype=np.int64)])


def paired_share(n: int, pairs: Pairs) -> Tabled:
    """Independent pairs of 0/1 answers to the same items."""
    return Tabled(
        name=f"paired share, {100 * pairs.differing:g} % of pairs differ, n = {n:,}",
        units=n,
        truth=pairs.truth,
        step=3 * pairs.spread / float(np.sqrt(n)),
        tables=lambda rng, draws: pairs.counts(rng, n, draws),
    )


def lost_at_random(n: int, missing: float, pairs: Pairs) -> Tabled:
    """Each pair is lost with the same chance, whatever its answers are."""

    def tables(rng: Rng, draws: int) -> Ints:
        chances = [(1.0 - missing) * chance for chance in pairs.chances]
        return rng.multinomial(n, [*chances, missing], draws)

    return Tabled(
        name=f"{100 * missing:g} % of {n:,} pairs lost at random",
        units=n,
        truth=pairs.truth,
        step=3 * pairs.spread / float(np.sqrt(n)) + 2 * missing,
        tables=tables,
    )


def lost_to_flatter(n: int, missing: float, pairs: Pairs) -> Tabled:
    """An adversary loses as many pairs as it may, all of them losses of the candidate."""

    def tables(rng: Rng, draws: int) -> Ints:
        counts = pairs.counts(rng, n, draws)
        hidden = np.minimum(counts[:, 1], int(n * missing))
        counts[:, 1] -= hidden
        counts[:, 4] = hidden
        return counts

    return Tabled(
        name=f"{100 * missing:g} % of {n:,} pairs lost, all of them losses",
        units=n,
        truth=pairs.truth,
        step=3 * pairs.spread / float(np.sqrt(n)) + 2 * missing,
        tables=tables,
    )
