"""Ranks: the area under the ROC curve with its covariance, from two passes over blocks of rows.

An order needs every score. They are held between the passes, eight bytes for each row and model,
eight more where rows have weights, and nothing else is: that is what this statistic costs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shipcall.stats.clusters import Clusters, inner
from shipcall.stats.passes.buckets import Buckets
from shipcall.stats.passes.contributions import Contributions
from shipcall.stats.ranking import AUC_RANGE, checked_label, checked_score, one_class, root_factor
from shipcall.stats.sample import Floats, Ints, Lost, PairSample

_CHUNK = 1 << 18


@dataclass(slots=True)
class _Side:
    """The scores of one class by one model, ascending once they are settled."""

    pieces: list[tuple[Floats, Floats | None]] = field(default_factory=list)
    score: Floats = field(default_factory=lambda: np.empty(0))
    reach: Floats | None = None
    """Weight of the first 0, 1, … scores; None where rows are counted."""

    def settle(self) -> None:
        scores, weights = [one for one, _ in self.pieces], [one for _, one in self.pieces]
        self.pieces.clear()
        self.score = np.concatenate(scores) if scores else np.empty(0)
        scores.clear()
        held = [one for one in weights if one is not None]
        if not held:
            self.score.sort()
            return
        order = np.argsort(self.score, kind="stable")
        self.score = self.score[order]
        self.reach = np.concatenate(([0.0], np.cumsum(np.concatenate(held)[order])))

    def twice_below(self, scores: Floats) -> Floats | Ints:
        """Twice what weighs less than each score, once what weighs the same.

        Scores are looked up in their order: neighbours then find what is already at hand.
        """
        order = np.argsort(scores)
        ordered = scores[order]
        below = np.searchsorted(self.score, ordered, "left")
        upto = np.searchsorted(self.score, ordered, "right")
        if self.reach is None:
            twice: Floats | Ints = np.empty(scores.size, dtype=np.int64)
            twice[order] = below + upto
        else:
            twice = np.empty(scores.size)
            twice[order] = self.reach[below] + self.reach[upto]
        return twice


@dataclass(slots=True)
class _Class:
    """How much there is of one class."""

    total: float = 0.0
    """Rows, or their weight."""
    square: float = 0.0
    """Sum of squares of the weights of rows."""
    shares: float = 0.0
    """Sum over clusters of squares of their shares."""

    def add(self, weight: Floats) -> None:
        self.total += float(weight.sum())
        self.square += inner(weight, weight)

    @property
    def effective(self) -> float:
        """(sum w)^2 / sum w^2: the number of rows if all weigh alike."""
        return self.total**2 / self.square if self.square > 0 else 0.0


@dataclass(slots=True)
class _Arm:
    """One model."""

    positive: _Side = field(default_factory=_Side)
    negative: _Side = field(default_factory=_Side)
    auc: float = 0.0

    def first(self, rows: "_Rows", score: Floats) -> None:
        for side, mine in ((self.positive, rows.positive), (self.negative, ~rows.positive)):
            own = None if rows.weight is None else rows.weight[mine]
            side.pieces.append((score[mine], own))

    def settle(self, positives: float, negatives: float) -> None:
        self.positive.settle()
        self.negative.settle()
        pairs = 2.0 * positives * negatives
        if pairs:
            self.auc = sum(self._won()) / pairs

    def _won(self) -> Iterator[float]:
        """Twice the weight of the pairs in the right order, for some positive rows at a time."""
        score, reach = self.positive.score, self.positive.reach
        for start in range(0, score.size, _CHUNK):
            twice = self.negative.twice_below(score[start : start + _CHUNK])
            if reach is None:
                yield int(twice.sum())
            else:
                yield float((np.diff(reach[start : start + _CHUNK + 1]) * twice).sum())

    def second(self, rows: "_Rows", score: Floats, positives: float, negatives: float) -> Floats:
        """Placement of each row minus the AUC."""
        placement = np.empty(score.size)
        below = self.negative.twice_below(score[rows.positive])
        above = 2 * positives - self.positive.twice_below(score[~rows.positive])
        placement[rows.positive] = below / (2.0 * negatives)
        placement[~rows.positive] = above / (2.0 * positives)
        return placement - self.auc


class _Rows(NamedTuple):
    """Rows of a block; shapes (rows,)."""

    positive: NDArray[np.bool_]
    scores: tuple[Floats, Floats]
    weight: Floats | None


class RankPasses:
    """The sample that `ranking.auc_pair_sample` gives of all rows, to about ten digits.

    The area itself is exact. Memory: 16 bytes for each row, and as much again for a
    moment; 32 where rows have weights, and 24 more for a moment.

    Args:
        influence: Sum contributions into the buckets of joint methods.
    """

    def __init__(self, *, influence: bool) -> None:
        self._arms = _Arm(), _Arm()
        self._classes = _Class(), _Class()
        self._all = Contributions(Buckets() if influence else None)
        self._rows = self._clusters = self._largest = 0

    def first(self, columns: Mapping[str, Floats], clusters: Clusters) -> None:
        """See the rows of a block for the first time.

        Args:
            columns: label, score_baseline and score_candidate, perhaps weight, as for
                `auc_pair_sample`.
            clusters: Which rows belong together; a cluster is in one block only.
        """
        rows = _read(columns)
        for arm, score in zip(self._arms, rows.scores, strict=True):
            arm.first(rows, score)
        for one, weight in zip(self._classes, _by_class(rows), strict=True):
            one.add(weight)
        self._rows += clusters.rows
        self._clusters += clusters.count
        self._largest = max(self._largest, int(clusters.sizes.max(initial=0)))

    def settle(self) -> bool:
        """Go on to the second pass: put the scores in order."""
        for arm in self._arms:
            arm.settle(self._classes[0].total, self._classes[1].total)
        return True

    def second(self, columns: Mapping[str, Floats], clusters: Clusters) -> None:
        """See the rows of a block again, as for `first`."""
        totals = [one.total for one in self._classes]
        if not all(totals):
            return
        rows = _read(columns)
        factor = np.empty(rows.positive.size)
        sides = rows.positive, ~rows.positive
        for one, side, weight in zip(self._classes, sides, _by_class(rows), strict=True):
            share = clusters.sums(weight) / one.total
            one.shares += inner(share, share)
            factor[side] = (root_factor(share) / one.total)[clusters.index[side]]
        if rows.weight is not None:
            factor *= rows.weight
        psi = [
            clusters.sums(factor * arm.second(rows, score, totals[0], totals[1]))
            for arm, score in zip(self._arms, rows.scores, strict=True)
        ]
        self._all.add(clusters.codes, psi[0], psi[1])

    def sample(self, lost: Lost) -> PairSample:
        """Give the sample of all rows, and let go of the scores."""
        counts = [one.effective for one in self._classes]
        baseline, candidate = (arm.auc for arm in self._arms)
        self._arms = _Arm(), _Arm()
        if not all(one.total for one in self._classes):
            return one_class(self._rows, counts[0], counts[1], self._clusters, lost)
        df = min(max(1.0 / one.shares - 1.0, 0.0) for one in self._classes)
        return PairSample(
            rows=self._rows,
            clusters=self._clusters,
            baseline=baseline,
            candidate=candidate,
            weight_baseline=counts[0],
            weight_candidate=counts[1],
            var_baseline=self._all.baseline.square,
            var_candidate=self._all.candidate.square,
            covariance=self._all.product,
            df=df,
            largest_share=self._largest / self._rows,
            range=AUC_RANGE,
            lost=lost,
            influence=self._all.influence if df >= 1 else None,
        )


def _read(columns: Mapping[str, Floats]) -> _Rows:
    positive = checked_label(columns["label"])
    scores = (
        checked_score(columns["score_baseline"], positive.size),
        checked_score(columns["score_candidate"], positive.size),
    )
    weight = columns.get("weight")
    if weight is not None and weight.size and not weight.min() >= 0:
        raise ValueError("a weight is negative or not a number")
    return _Rows(positive, scores, weight)


def _by_class(rows: _Rows) -> tuple[Floats, Floats]:
    """Weight of each row in the positive and in the negative class."""
    weight = np.ones(rows.positive.size) if rows.weight is None else rows.weight
    return np.where(rows.positive, weight, 0.0), np.where(rows.positive, 0.0, weight)
