"""Ranks: the area under the ROC curve with its covariance, from two passes over blocks of rows.

An order needs every score. They are held between the passes, eight bytes for each row and model,
and nothing else is: that is what this statistic costs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from shipcall.stats.clusters import Clusters, inner
from shipcall.stats.passes.buckets import Buckets
from shipcall.stats.ranking import AUC_RANGE, checked_label, checked_score, one_class, root_factor
from shipcall.stats.sample import Floats, Ints, Lost, PairSample

_CHUNK = 1 << 18


@dataclass(slots=True)
class _Arm:
    """One model: its scores by class, ascending once they are settled."""

    pieces: tuple[list[Floats], list[Floats]] = field(default_factory=lambda: ([], []))
    positive: Floats = field(default_factory=lambda: np.empty(0))
    negative: Floats = field(default_factory=lambda: np.empty(0))
    auc: float = 0.0
    square: float = 0.0

    def first(self, score: Floats, positive: NDArray[np.bool_]) -> None:
        self.pieces[0].append(score[positive])
        self.pieces[1].append(score[~positive])

    def settle(self) -> None:
        self.positive, self.negative = (_ascending(pieces) for pieces in self.pieces)
        pairs = 2.0 * self.positive.size * self.negative.size
        if pairs:
            twice = (_twice_below(self.negative, some).sum() for some in _chunks(self.positive))
            self.auc = sum(map(int, twice)) / pairs

    def second(self, score: Floats, positive: NDArray[np.bool_]) -> Floats:
        """Placement of each row minus the AUC."""
        placement = np.empty(score.size)
        below = _twice_below(self.negative, score[positive])
        above = 2 * self.positive.size - _twice_below(self.positive, score[~positive])
        placement[positive] = below / (2.0 * self.negative.size)
        placement[~positive] = above / (2.0 * self.positive.size)
        return placement - self.auc


class RankPasses:
    """The sample that `ranking.auc_pair_sample` gives of all rows, to about ten digits.

    The area itself is exact. Memory: 16 bytes for each row, and as much again for a moment.

    Args:
        influence: Sum contributions into the buckets of joint methods.
    """

    def __init__(self, *, influence: bool) -> None:
        self._arms = _Arm(), _Arm()
        self._buckets = Buckets() if influence else None
        self._rows = self._clusters = self._largest = self._positives = 0
        self._shares = [0.0, 0.0]
        self._product = 0.0

    def first(self, columns: Mapping[str, Floats], clusters: Clusters) -> None:
        """See the rows of a block for the first time.

        Args:
            columns: label, score_baseline and score_candidate, as for `auc_pair_sample`.
            clusters: Which rows belong together; a cluster is in one block only.
        """
        positive, scores = _read(columns)
        for arm, score in zip(self._arms, scores, strict=True):
            arm.first(score, positive)
        self._positives += int(positive.sum())
        self._rows += clusters.rows
        self._clusters += clusters.count
        self._largest = max(self._largest, int(clusters.sizes.max(initial=0)))

    def settle(self) -> None:
        """Go on to the second pass: put the scores in order."""
        for arm in self._arms:
            arm.settle()

    def second(self, columns: Mapping[str, Floats], clusters: Clusters) -> None:
        """See the rows of a block again, as for `first`."""
        counts = self._positives, self._rows - self._positives
        if not all(counts):
            return
        positive, scores = _read(columns)
        sides = positive, ~positive
        weight = np.empty(positive.size)
        for place, (side, count) in enumerate(zip(sides, counts, strict=True)):
            share = clusters.sums(side) / count
            self._shares[place] += inner(share, share)
            weight[side] = (root_factor(share) / count)[clusters.index[side]]
        psi = [
            clusters.sums(weight * arm.second(score, positive))
            for arm, score in zip(self._arms, scores, strict=True)
        ]
        for arm, own in zip(self._arms, psi, strict=True):
            arm.square += inner(own, own)
        self._product += inner(psi[0], psi[1])
        if self._buckets is not None:
            self._buckets.add(clusters.codes, psi[0], psi[1])

    def sample(self, lost: Lost) -> PairSample:
        """Give the sample of all rows, and let go of the scores."""
        positives, negatives = self._positives, self._rows - self._positives
        baseline, candidate = self._arms
        for arm in self._arms:
            arm.positive = arm.negative = np.empty(0)
        if not (positives and negatives):
            return one_class(self._rows, float(positives), float(negatives), self._clusters, lost)
        df = min(max(1.0 / share - 1.0, 0.0) for share in self._shares)
        return PairSample(
            rows=self._rows,
            clusters=self._clusters,
            baseline=baseline.auc,
            candidate=candidate.auc,
            weight_baseline=float(positives),
            weight_candidate=float(negatives),
            var_baseline=baseline.square,
            var_candidate=candidate.square,
            covariance=self._product,
            df=df,
            largest_share=self._largest / self._rows,
            range=AUC_RANGE,
            lost=lost,
            influence=self._buckets.influence() if self._buckets and df >= 1 else None,
        )


def _read(columns: Mapping[str, Floats]) -> tuple[NDArray[np.bool_], list[Floats]]:
    positive = checked_label(columns["label"])
    names = "score_baseline", "score_candidate"
    return positive, [checked_score(columns[name], positive.size) for name in names]


def _ascending(pieces: list[Floats]) -> Floats:
    joined = np.concatenate(pieces) if pieces else np.empty(0)
    pieces.clear()
    joined.sort()
    return joined


def _chunks(values: Floats) -> Iterator[Floats]:
    for start in range(0, values.size, _CHUNK):
        yield values[start : start + _CHUNK]


def _twice_below(ranked: Floats, scores: Floats) -> Ints:
    """Twice how many of the ranked scores are below each score, one for a tie.

    Scores are looked up in their order: neighbours then find what is already at hand.
    """
    order = np.argsort(scores)
    ordered = scores[order]
    twice = np.empty(scores.size, dtype=np.int64)
    twice[order] = np.searchsorted(ranked, ordered, "left")
    twice[order] += np.searchsorted(ranked, ordered, "right")
    return twice
