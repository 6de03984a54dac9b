"""Metric: what is needed per row, and which statistic makes a value of it.

A metric never sees the table and never sums: it gives column expressions, the engine sums, and
`stats` turns the sums into estimates. It needs no import of the engine: `rows` uses methods of
the columns it is handed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

Rows = Callable[[Any, "Options"], Mapping[str, Any]]
"""(table expression, options) -> named column expressions."""


class Statistic(StrEnum):
    """How the named columns of `rows` become a sample."""

    RATIO = "ratio"
    """num_baseline, den_baseline, num_candidate, den_candidate: ratio of sums for each model."""
    RANKS = "ranks"
    """label (0/1), score_baseline, score_candidate, perhaps weight: area under the ROC curve."""
    AVERAGE_PRECISION = "average_precision"
    """label (0/1), score_baseline, score_candidate, weight: precision over the positives."""
    BALANCED = "balanced"
    """label (number of the class) and the columns of a ratio: mean of the ratios of classes."""
    ROOT = "root"
    """The columns of a ratio: its root."""
    BINS = "bins"
    """confidence_* and outcome_* for each model: calibration gaps in bins."""
    SLOPE = "slope"
    """As BINS, perhaps with weight: slope of the outcome's log odds on the stated ones."""
    INTERCEPT = "intercept"
    """As SLOPE: what has to be added to the stated log odds."""
    QUANTILE = "quantile"
    """value_baseline, value_candidate: a quantile of each model."""
    COVERAGE = "coverage"
    """item, shown_baseline, shown_candidate (0/1), catalogue: share of a catalogue shown at all."""
    LOGGED = "logged"
    """As RATIO, with weight_baseline and weight_candidate: values from another policy's log."""
    PREFERENCE = "preference"
    """won (0, 0.5, 1) and first (0, 1) of the candidate: mean of both orders of showing."""
    POWERED = "powered"
    """labelled, chance, truth_* and machine_* for each model: labels of some, a machine for all."""
    COHORTS = "cohorts"
    """Units by cohort, counted by the engine on its own terms: nothing is summed over rows."""


class Prices(NamedTuple):
    """What a decision about two classes costs, by its kind; a gain is a negative price."""

    false_positive: float
    false_negative: float
    true_positive: float = 0.0
    true_negative: float = 0.0


class Granularity(StrEnum):
    """What one line of the table behind `rows` is."""

    ROW = "row"
    """One row of the evidence with both models: an item, or one repeat of it."""
    UNIT = "unit"
    """One unit with the sums over its repeats: count_*, total_*, hits_*."""
    QUERY = "query"
    """One query with what the first places of both lists hold: hits_*, gain_* and so on."""
    ITEM = "item"
    """One item in the first places of a query."""
    CHOICE = "choice"
    """One query with its logged choice, its reward and the weight of both models."""
    COMPARISON = "comparison"
    """One comparison of two answers by one rater."""
    COMPARED = "compared item"
    """One item with what a judge, and perhaps people, said of its two answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options a contract may give a metric; each metric names those it reads."""

    name: str
    """Name of the metric in the contract; the value of `metric` in long tables."""
    better: str = "higher"
    k: int | None = None
    q: float | None = None
    gain: str = "linear"
    """`linear` or `exponential`: what a relevance is worth."""
    empty: str = "zero"
    """`zero` or `drop`: what a query without a relevant item counts."""
    unjudged: str = "lost"
    """`lost` or `irrelevant`: what an item without a relevance is."""
    day: int | None = None
    """Days after the one of first exposure."""
    bins: int = 15
    binning: str = "quantile"
    threshold: float = 0.5
    positive: str | None = None
    column: str | None = None
    range: tuple[float, float] | None = None
    chance: float | None = None
    weight: str | None = None
    """Column with what each row is worth."""
    per: str | None = None
    """Column whose sum a total is divided by."""
    prices: Prices | None = None
    raters: str = "judge"
    """`judge` or `human`: whose comparisons count."""
    judge_agreement: float | None = None
    """Least kappa of the judge with people that has to be shown before the judge counts."""
    classes: tuple[str, ...] = ()
    """Labels seen, in order; filled in by the engine."""
    numbered: bool = False
    """Answers came as one probability per class; filled in by the engine."""
    weighed: bool = False
    """Rows have a weight; filled in by the engine."""

    @property
    def positive_class(self) -> str | None:
        """The class that counts as positive, or None where answers are compared as they are."""
        if self.positive is not None:
            return self.positive
        return "1" if set(self.classes) <= {"0", "1"} else None

    @property
    def sides(self) -> tuple[str, ...]:
        """Classes that are told apart: not positive and positive, or every label."""
        if self.numbered or self.positive_class is None:
            return self.classes
        return "", self.positive_class


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One kind of metric. Instances live in METRICS and nowhere else."""

    kind: str
    title: str
    doc: str
    """Definition, behaviour on small samples and rare events, when not to use it, source."""
    formats: tuple[str, ...]
    statistic: Statistic
    rows: Rows
    granularity: Granularity = Granularity.ROW
    range: tuple[float, float] | None = (0.0, 1.0)
    """Least and greatest value of a row; None: the contract may declare one."""
    bounds: Callable[["Options"], tuple[float, float] | None] | None = None
    """Least and greatest value of a row where they follow from the options."""
    fills: bool = True
    """A lost row may be put at an end of the range; not where nobody knows what it weighs."""
    binary: bool = False
    """Rows are 0 or 1, so exact methods apply to small samples."""
    probability: bool = False
    """Answers have to be probabilities: outside [0, 1] they are faults of the evidence."""
    numbers: bool = False
    """Labels and answers have to be numbers."""
    better: str = "higher"
    unit: str = ""
    options: tuple[str, ...] = ()
    """Names of the options it reads, beside name, better and range."""
    required: tuple[str, ...] = ()
    """Options it cannot do without."""
    column: str | None = None
    """Column beyond the format that it reads where the contract names no other."""
    amounts: bool = False
    """Denominators are amounts, of which a few make most of the value and of its spread."""
    declared_from: int = 0
    """Fewest units in the denominator from which its ends hold their levels in simulations."""
    stages: frozenset[str] = field(default_factory=lambda: frozenset({"gate"}))
    """Stages with a valid estimator; a check elsewhere cannot be measured."""
