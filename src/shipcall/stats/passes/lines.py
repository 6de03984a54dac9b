"""Lines: slope or intercept of recalibration, from passes over blocks of rows.

The best line is found by Newton's steps, and every step looks at all rows once: blocks are shown
for the first time until both models' lines are settled, six to eight times as a rule.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from scipy import special

from shipcall.stats.cells import checked_confidence
from shipcall.stats.climb import Climb, Rise, rise_of
from shipcall.stats.clusters import Clusters, inner
from shipcall.stats.passes.buckets import Buckets
from shipcall.stats.passes.contributions import Contributions
from shipcall.stats.ranking import root_factor
from shipcall.stats.recalibration import checked_weight, odds_of
from shipcall.stats.sample import Floats, Lost, PairSample

ROUNDING = 1e-13
"""Share of a log-likelihood by which sums over blocks may seem to fall."""


class _Rows(NamedTuple):
    """One model on the rows of a block; shapes (rows,)."""

    odds: Floats
    happened: Floats
    weight: Floats


@dataclass(slots=True)
class _Side:
    """Rows with one outcome: weights of clusters, and between which log odds they lie."""

    weight: float = 0.0
    square: float = 0.0
    least: float = math.inf
    most: float = -math.inf

    def add(self, weights: Floats, odds: Floats, clusters: Clusters) -> None:
        counts = clusters.sums(weights)
        self.weight += float(counts.sum())
        self.square += inner(counts, counts)
        there = odds[weights > 0]
        self.least = min(self.least, float(there.min(initial=math.inf)))
        self.most = max(self.most, float(there.max(initial=-math.inf)))

    @property
    def effective(self) -> float:
        """Effective number of clusters: (sum of weights)^2 / sum of squares."""
        return self.weight**2 / self.square if self.square > 0 else 0.0


@dataclass(slots=True)
class _Spread:
    """Mean and spread of log odds, from blocks."""

    rows: int = 0
    mean: float = 0.0
    square: float = 0.0
    """Sum of squares around the mean."""

    def add(self, odds: Floats) -> None:
        mean = float(odds.mean())
        apart, rows = mean - self.mean, self.rows + odds.size
        around = odds - mean
        self.square += inner(around, around) + apart**2 * self.rows * odds.size / rows
        self.mean += apart * odds.size / rows
        self.rows = rows

    @property
    def deviation(self) -> float:
        return math.sqrt(self.square / self.rows)


@dataclass(slots=True)
class _Arm:
    """One model: what was seen of it so far."""

    slope: bool
    spread: _Spread = field(default_factory=_Spread)
    yes: _Side = field(default_factory=_Side)
    no: _Side = field(default_factory=_Side)
    measured: bool = False
    """The first look at all rows is over: spread and sides are known."""
    climb: Climb | None = None
    """None until then, and where there is no best line."""
    seen: Rise | None = None
    """What the blocks of this look show at the point where it looks."""
    information: float = 0.0
    """What all rows tell of the value, if the fitted line is true."""
    mean: float = 0.0
    """Of the standardised log odds, weighed by what each row tells."""
    shares: float = 0.0
    """Sum over clusters of squares of their shares of the information."""

    def first(self, rows: _Rows, clusters: Clusters) -> None:
        if not self.measured:
            self.spread.add(rows.odds)
            self.yes.add(rows.weight * rows.happened, rows.odds, clusters)
            self.no.add(rows.weight * (1.0 - rows.happened), rows.odds, clusters)
        elif self.climb is not None and not self.climb.over:
            shown = rise_of(*self._design(rows), rows.happened, rows.weight, self.climb.trial)
            self.seen = shown if self.seen is None else self.seen.joined(shown)

    def settle(self) -> bool:
        if self.climb is not None and self.seen is not None:
            self.climb.take(self.seen)
            self.seen = None
            self._know(self.climb.here)
        elif not self.measured and self._has_best():
            share = self.yes.weight / (self.yes.weight + self.no.weight)
            start = np.array([special.logit(share), 0.0]) if self.slope else np.zeros(1)
            self.climb = Climb(start, ROUNDING)
        self.measured = True
        return self.climb is None or self.climb.over

    def _know(self, here: Rise | None) -> None:
        if here is None:
            return
        known = here.curvature
        self.information = float(known[0, 0])
        if self.slope and self.information > 0:
            self.mean = float(known[0, 1]) / self.information
            self.information = float(known[1, 1]) - self.mean * float(known[0, 1])

    def _has_best(self) -> bool:
        """There is a best slope if and only if the log odds of the two outcomes overlap."""
        if not self.events:
            return False
        overlap = self.no.most > self.yes.least and self.yes.most > self.no.least
        return overlap or not self.slope

    def _design(self, rows: _Rows) -> tuple[Floats, Floats]:
        """Columns and offset of the fitted log odds."""
        if not self.slope:
            return np.ones((rows.odds.size, 1)), rows.odds
        standard = (rows.odds - self.spread.mean) / self.spread.deviation
        columns = np.column_stack((np.ones(rows.odds.size), standard))
        return columns, np.zeros(rows.odds.size)

    def second(self, rows: _Rows, clusters: Clusters) -> Floats:
        """What each cluster contributes to the value; shape (G,)."""
        if self.value is None or self.climb is None:
            return np.zeros(clusters.count)
        columns, offset = self._design(rows)
        said = special.expit(columns @ self.climb.at + offset)
        tells = rows.weight * said * (1.0 - said)
        residual = rows.weight * (rows.happened - said) / self.information
        if self.slope:
            apart = columns[:, 1] - self.mean
            tells *= apart**2
            residual *= apart / self.spread.deviation
        share = clusters.sums(tells) / self.information
        self.shares += inner(share, share)
        return clusters.sums(residual) * root_factor(share)

    @property
    def events(self) -> float:
        """Effective number of clusters with the rarer outcome."""
        seldom = 2.0 * self.yes.weight <= self.yes.weight + self.no.weight
        return (self.yes if seldom else self.no).effective

    @property
    def value(self) -> float | None:
        if self.climb is None or not self.information > 0:
            return None
        at = self.climb.at
        return float(at[1]) / self.spread.deviation if self.slope else float(at[0])

    @property
    def df(self) -> float:
        return math.inf if self.value is None else 1.0 / self.shares - 1.0


class LinePasses:
    """The sample that `slope_sample` or `intercept_sample` gives of all rows, to nine digits.

    Show all blocks to `first`, and again for as long as `settle` says that it is not over.
    Memory: some kilobytes, whatever the number of rows and clusters.

    Args:
        slope: The slope; otherwise the intercept.
        influence: Sum contributions into the buckets of joint methods.
    """

    def __init__(self, *, slope: bool, influence: bool) -> None:
        self._arms = _Arm(slope), _Arm(slope)
        self._all = Contributions(Buckets() if influence else None)
        self._rows = self._clusters = self._largest = 0

    def first(self, columns: Mapping[str, Floats], clusters: Clusters) -> None:
        """See the rows of a block before what they contribute can be told.

        Args:
            columns: confidence_* and outcome_* of both models, perhaps weight, as for
                `recalibration.slope_sample`.
            clusters: Which rows belong together; a cluster is in one block only.
        """
        for arm, rows in zip(self._arms, _read(columns, clusters.rows), strict=True):
            arm.first(rows, clusters)

    def settle(self) -> bool:
        """Take a step; True once both lines are found."""
        settled = [arm.settle() for arm in self._arms]
        return all(settled)

    def second(self, columns: Mapping[str, Floats], clusters: Clusters) -> None:
        """See the rows of a block for the last time, as for `first`."""
        rows = _read(columns, clusters.rows)
        psi = [arm.second(own, clusters) for arm, own in zip(self._arms, rows, strict=True)]
        self._all.add(clusters.codes, psi[0], psi[1])
        self._rows += clusters.rows
        self._clusters += clusters.count
        self._largest = max(self._largest, int(clusters.sizes.max(initial=0)))

    def sample(self, lost: Lost) -> PairSample:
        """Give the sample of all rows."""
        baseline, candidate = self._arms
        return PairSample(
            rows=self._rows,
            clusters=self._clusters,
            baseline=baseline.value,
            candidate=candidate.value,
            weight_baseline=baseline.events,
            weight_candidate=candidate.events,
            var_baseline=self._all.baseline.square,
            var_candidate=self._all.candidate.square,
            covariance=self._all.product,
            df=max(min(baseline.df, candidate.df, self._clusters - 1.0), 0.0),
            skew=self._all.skew(self._clusters),
            gained_clusters=self._all.gained,
            lost_clusters=self._all.fallen,
            largest_share=self._largest / max(self._rows, 1),
            lost=lost,
            influence=self._all.influence,
        )


def _read(columns: Mapping[str, Floats], rows: int) -> tuple[_Rows, _Rows]:
    weight = checked_weight(columns.get("weight"), rows)
    baseline, candidate = (
        _Rows(
            odds_of(columns[f"confidence_{model}"]),
            checked_confidence(columns[f"outcome_{model}"]),
            weight,
        )
        for model in ("baseline", "candidate")
    )
    return baseline, candidate
