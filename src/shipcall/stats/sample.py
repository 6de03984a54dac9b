"""Samples: the small tables which an engine returns and all inference starts from.

One sample belongs to one metric on one slice. It holds no rows: sums, a covariance that knows
about clusters, and what exact methods need.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """Rows that were expected and cannot be paired, and what bounds the values they would have."""

    rows: int = 0
    range: tuple[float, float] | None = None
    """Least and greatest value a row can have; None where nothing bounds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crosstab:
    """Counts of 0/1 outcomes of both models on the same rows, one row per cluster."""

    both: int
    only_baseline: int
    only_candidate: int
    neither: int

    @property
    def n(self) -> int:
        """Number of pairs."""
        return self.both + self.only_baseline + self.only_candidate + self.neither


@dataclass(frozen=True, slots=True, kw_only=True)
class Influence:
    """What each cluster contributes to the two values, for joint methods over slices.

    With the small-sample weights already in: the variance of a value is the sum of squares of
    its column, the covariance the sum of products.
    """

    cluster: Ints
    """Code of each cluster, ascending, the same code in every slice of one request; shape (G,)."""
    baseline: Floats
    """Shape (G,)."""
    candidate: Floats
    """Shape (G,)."""


class Skew(NamedTuple):
    """Skewness of what clusters contribute, divided by the root of their number.

    This is how much the law of the mean still leans: about zero, t holds its one-sided level;
    negative, the low end misses more often than it says, positive, the high end.
    """

    baseline: float = 0.0
    candidate: float = 0.0
    difference: float = 0.0
    unseen: float | None = None
    """How much more it may lean than was seen; None: what so few clusters can hide."""


class Weights(NamedTuple):
    """What the weights of one policy say about the log they were drawn from."""

    effective: float
    """Effective sample size, (sum w)^2 / sum w^2; at most the number of choices."""
    largest: float
    mean: float
    """1 in expectation, if the chances are right and nothing the policy does was impossible."""
    error: float
    """Standard error of the mean, over clusters."""


class Pull(NamedTuple):
    """What single clusters add to a value by their weights, and what another one could have."""

    up: float
    """Sum over the clusters that raise it."""
    up_square: float
    up_most: float
    """The most that any cluster could have added."""
    down: float
    """Sum over the clusters that lower it, as a positive number."""
    down_square: float
    down_most: float


class Overlap(NamedTuple):
    """How far a log can speak for two policies that did not write it."""

    choices: int
    """Logged choices."""
    nonnegative: bool
    """No reward, or nothing of what is weighed, lies below 0."""
    weights: tuple[Weights, Weights]
    """Baseline, candidate."""
    baseline: Pull
    candidate: Pull
    difference: Pull


class Powered(NamedTuple):
    """How far a machine helped a few labels by people."""

    items: int
    """Items, with a label or without."""
    factor: float
    """Weight of the machine, in [0, 1]; 0: people alone."""
    apart: float
    """Standard errors between the machine's means over all items and over the labelled ones."""
    carried: float
    """Labelled clusters, or the weights of the labelled over the largest, if those are fewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairSample:
    """Two values (means, ratios of sums, AUCs) on the same rows with their joint covariance."""

    rows: int
    clusters: int
    """Independent units."""
    baseline: float | None
    """None where the value is not defined: a denominator is zero."""
    candidate: float | None
    weight_baseline: float
    """Denominator of the baseline's value: rows that count, or their weight."""
    weight_candidate: float
    var_baseline: float
    """Cluster-robust, small-sample corrected (CR2) variance of the value."""
    var_candidate: float
    covariance: float
    df: float
    """Degrees of freedom of the variance, at most clusters - 1."""
    df_apart: float | None = None
    """Those of the variance of the difference, where amounts make few clusters count for most."""
    skew: Skew = field(default_factory=Skew)
    crosstab: Crosstab | None = None
    """For 0/1 outcomes with one row per cluster and one denominator for both models."""
    hits_baseline: tuple[int, int] | None = None
    """(events, trials) of the baseline where rows are 0/1 and each cluster has at most one."""
    hits_candidate: tuple[int, int] | None = None
    gained_clusters: int = 0
    """Clusters in which the candidate's total is greater than the baseline's."""
    lost_clusters: int = 0
    """Clusters in which it is less."""
    largest_share: float = 0.0
    """Greatest share of the rows that one cluster holds, in (0, 1]."""
    optimism: tuple[float, float] = (0.0, 0.0)
    """How much too high the values of baseline and candidate are in expectation, first order."""
    parts: tuple["PairSample", ...] = ()
    """One sample per class, where the values are means over the classes."""
    range: tuple[float, float] | None = None
    """Least and greatest value a row can have; None where the metric is unbounded."""
    lost: Lost = Lost()
    influence: Influence | None = None
    overlap: Overlap | None = None
    """Of values that were read from another policy's log."""
    powered: Powered | None = None
    """Of values that a machine helped to estimate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BinSample:
    """Calibration gaps of both models in bins, with the covariance over clusters.

    The gap of a bin is the sum over its rows of (outcome - confidence), weighed, divided by the
    weight of all rows, so that the calibration error is the sum of the absolute gaps.
    """

    rows: int
    clusters: int
    gaps: Floats
    """Shape (2, B): baseline, candidate."""
    covariance: Floats
    """Covariance of the 2B gaps in that order, over clusters, small-sample corrected; (2B, 2B)."""
    df: float
    lost: Lost = Lost()
    evenness: float = 1.0
    """Effective rows, (sum w)^2 / sum w^2, over rows; 1 where all weigh the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantileSample:
    """Values of both models for a quantile: sorted, with the cluster of each row."""

    q: float
    baseline: Floats
    """Values, shape (rows,), in the order of `cluster`; NaN-free."""
    candidate: Floats
    cluster_baseline: Ints
    cluster_candidate: Ints
    clusters: int
    lost: Lost = Lost()


Sample = PairSample | BinSample | QuantileSample
