"""Precision: average precision with its covariance, from passes over blocks of rows.

Precision is asked for at the scores of the positive rows alone. Those are held, and all other
rows are counted between them: one pass finds them, one counts, one sums.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from shipcall.stats.average_precision import RANGE, df_of, no_positive, own_cluster, ranked
from shipcall.stats.clusters import Clusters, inner
from shipcall.stats.passes.buckets import Buckets
from shipcall.stats.passes.contributions import Contributions
from shipcall.stats.ranking import checked_label, checked_score, root_factor
from shipcall.stats.sample import Floats, Ints, Lost, PairSample


class _Rows(NamedTuple):
    """Rows of a block; shapes (rows,)."""

    scores: tuple[Floats, Floats]
    gained: Floats
    """Weight of the positive rows, 0 for the others."""
    weight: Floats


def _nothing() -> Floats:
    return np.empty(0)


@dataclass(slots=True)
class _Arm:
    """One model: what is known at each score of a positive row, from the lowest to the highest."""

    pieces: list[tuple[Floats, Floats]] = field(default_factory=list)
    """Score and weight of positive rows, until they are in order."""
    score: Floats = field(default_factory=_nothing)
    """Different scores of positive rows; shape (S,), as all that follow."""
    positives: Floats = field(default_factory=_nothing)
    """Weight of the positive rows with this score; gone once precisions are known."""
    above: Floats = field(default_factory=_nothing)
    """Weight of the rows with this score or a higher one; while rows are counted, of those below
    the next score alone."""
    precision: Floats = field(default_factory=_nothing)
    helped: Floats = field(default_factory=_nothing)
    """Sum over the positives up to this score of w / above."""
    charged: Floats = field(default_factory=_nothing)
    """The same sum of w precision / above."""
    value: float = 0.0
    optimism: float = 0.0

    def hold(self, score: Floats, gained: Floats) -> None:
        """Hold the scores of the positive rows of a block."""
        positive = gained > 0
        self.pieces.append((score[positive], gained[positive]))

    def arrange(self) -> None:
        """Put the scores of all positive rows in order."""
        score, weight = (np.concatenate(column) for column in zip(*self.pieces, strict=True))
        self.pieces.clear()
        order = np.argsort(score, kind="stable")
        score, weight = score[order], weight[order]
        starts = _starts(score)
        self.score, self.positives = score[starts], np.add.reduceat(weight, starts)
        self.above = np.zeros(starts.size)

    def count(self, score: Floats, weight: Floats) -> None:
        """Count the rows of a block between the scores of positive rows."""
        order = np.argsort(score, kind="stable")
        below = np.searchsorted(self.score, score[order], "right")
        starts = _starts(below)
        sums, place = np.add.reduceat(weight[order], starts), below[starts] - 1
        some = place >= 0
        self.above[place[some]] += sums[some]

    def settle(self, total: float) -> None:
        """Work out precisions, once all rows are counted."""
        self.above = _from_the_top(self.above)
        self.precision = _from_the_top(self.positives) / self.above
        self.value = inner(self.positives, self.precision) / total
        each = self.positives / self.above
        self.positives = _nothing()
        self.helped = np.cumsum(each)
        self.charged = np.cumsum(each * self.precision)

    def contribute(
        self, score: Floats, gained: Floats, weight: Floats, clusters: Clusters, total: float
    ) -> Floats:
        """What each cluster of a block contributes to the value; shape (G,)."""
        order, _, group = ranked(score)
        won, called = gained[order], weight[order]
        place = np.searchsorted(self.score, score[order], "right") - 1
        charge = np.where(place >= 0, self.charged[place], 0.0)
        precision = self.precision[place]
        own = won * (precision - self.value + self.helped[place]) - called * charge
        influence = np.empty_like(own)
        influence[order] = own / total
        mine = own_cluster(won, called, group, clusters.index[order])
        share = (mine.positives - precision * mine.called) / self.above[place]
        self.optimism += inner(won, share) / total
        return clusters.sums(influence)


class PrecisionPasses:
    """The sample that `average_precision_sample` gives of all rows, to about ten digits.

    Show all blocks to `first`, and again after `settle` has said that it is not over: positive
    rows first, then all rows between them. The value itself is exact.
    Memory: 80 bytes for each positive row, and half as much again for a moment.

    Args:
        influence: Sum contributions into the buckets of joint methods.
    """

    def __init__(self, *, influence: bool) -> None:
        self._arms = _Arm(), _Arm()
        self._all = Contributions(Buckets() if influence else None)
        self._counting = False
        self._rows = self._clusters = self._holders = 0
        self._positives = self._weight = self._square = self._mass = self._largest = 0.0

    def first(self, columns: Mapping[str, Floats], clusters: Clusters) -> None:
        """See the rows of a block before what they contribute can be told.

        Args:
            columns: label, score_baseline, score_candidate and weight, as for
                `average_precision_sample`.
            clusters: Which rows belong together; a cluster is in one block only.
        """
        rows = _read(columns)
        for arm, score in zip(self._arms, rows.scores, strict=True):
            if self._counting:
                arm.count(score, rows.weight)
            else:
                arm.hold(score, rows.gained)
        if not self._counting:
            self._positives += float(rows.gained.sum())
            self._weight += float(rows.weight.sum())
            self._rows += clusters.rows
            self._clusters += clusters.count

    def settle(self) -> bool:
        """Go on: from positive rows to all rows, from there to what they contribute."""
        if not self._positives > 0:
            return True
        if not self._counting:
            for arm in self._arms:
                arm.arrange()
            self._counting = True
            return False
        for arm in self._arms:
            arm.settle(self._positives)
        return True

    def second(self, columns: Mapping[str, Floats], clusters: Clusters) -> None:
        """See the rows of a block for the last time, as for `first`."""
        if not self._positives > 0:
            return
        rows = _read(columns)
        share = clusters.sums(rows.gained) / self._positives
        mass = clusters.sums(rows.weight)
        self._square += inner(share, share)
        self._mass += inner(mass, mass)
        self._holders += int(np.count_nonzero(share))
        self._largest = max(self._largest, float(share.max(initial=0.0)))
        factor = root_factor(share)
        psi = [
            factor * arm.contribute(score, rows.gained, rows.weight, clusters, self._positives)
            for arm, score in zip(self._arms, rows.scores, strict=True)
        ]
        self._all.add(clusters.codes, psi[0], psi[1])

    def sample(self, lost: Lost) -> PairSample:
        """Give the sample of all rows, and let go of the scores."""
        if not self._positives > 0:
            return no_positive(self._rows, self._clusters, self._weight, lost)
        baseline, candidate = self._arms
        self._arms = _Arm(), _Arm()
        return PairSample(
            rows=self._rows,
            clusters=self._clusters,
            baseline=baseline.value,
            candidate=candidate.value,
            weight_baseline=self._positives,
            weight_candidate=self._weight,
            var_baseline=self._all.baseline.square,
            var_candidate=self._all.candidate.square,
            covariance=self._all.product,
            df=df_of(self._square, self._mass / self._weight**2),
            skew=self._all.skew(self._holders),
            optimism=(baseline.optimism, candidate.optimism),
            largest_share=self._largest,
            range=RANGE,
            lost=lost,
            influence=self._all.influence,
        )


def _read(columns: Mapping[str, Floats]) -> _Rows:
    positive = checked_label(columns["label"])
    scores = (
        checked_score(columns["score_baseline"], positive.size),
        checked_score(columns["score_candidate"], positive.size),
    )
    weight = np.asarray(columns["weight"], dtype=np.float64)
    if weight.size and not weight.min() >= 0:
        raise ValueError("a weight is negative or not a number")
    return _Rows(scores, positive * weight, weight)


def _starts(ordered: Floats | Ints) -> Ints:
    """Where each run of equal numbers begins."""
    return np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))


def _from_the_top(values: Floats) -> Floats:
    """Sum each number with all that come after it."""
    summed: Floats = np.cumsum(values[::-1])[::-1]
    return summed
