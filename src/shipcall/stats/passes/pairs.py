"""Pairs: two ratios of sums with their covariance, from two passes over blocks of rows.

The first pass finds the values and how unequal clusters are, the second sums what clusters
contribute around those values. Nothing is kept per row or per cluster, so that memory does not
grow with the table; a block holds whole clusters, so that clusters are summed as ever.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shipcall.stats.clusters import Clusters, inner
from shipcall.stats.moments import (
    Both,
    Spread,
    crosstab_of,
    df_by_fourth,
    df_of,
    gains,
    hits_of,
    one_row_each,
    skewness,
    spread_of,
    within,
)
from shipcall.stats.passes.buckets import Buckets
from shipcall.stats.passes.contributions import Powers
from shipcall.stats.sample import Crosstab, Floats, Lost, PairSample, Skew

Limits = tuple[float, float] | None
_NOTHING = Spread(*[0.0] * len(Spread._fields))


class _Block(NamedTuple):
    """What the clusters of one block bring to one model's value; shapes (G,)."""

    weights: Floats
    totals: Floats
    influence: Floats


@dataclass(slots=True)
class _Arm:
    """One model: what two passes have seen of it."""

    near: float | None = None
    """A value near the mean, from which sums are taken so that a common level costs no digits."""
    weight: float = 0.0
    above: float = 0.0
    """Sum of num - near * den."""
    holders: int = 0
    square: float = 0.0
    """Sum of squares of the denominators of clusters."""
    greatest: float = 0.0
    """Greatest denominator of a cluster."""
    centre: float | None = None
    rest: float = 0.0
    spread: Spread = _NOTHING

    def first(self, num: Floats, den: Floats, weights: Floats) -> None:
        weight = float(den.sum())
        with np.errstate(all="ignore"):
            if self.near is None and weight > 0:
                near = float(num.sum()) / weight
                self.near = near if math.isfinite(near) else 0.0
            self.above += float((num - (self.near or 0.0) * den).sum())
        self.weight += weight
        self.holders += int(np.count_nonzero(weights))
        self.square += inner(weights, weights)
        self.greatest = max(self.greatest, float(weights.max(initial=0.0)))

    def settle(self) -> None:
        if self.weight > 0 and math.isfinite(self.weight):
            centre = (self.near or 0.0) + self.above / self.weight
            self.centre = centre if math.isfinite(centre) else None

    def inflation(self, shares: Floats) -> Floats:
        if self.greatest >= self.weight:
            return np.ones_like(shares)
        if self.holders == 2:
            return 1.0 / (1.0 - 2.0 * shares + self.square / self.weight**2)
        return 1.0 / (1.0 - shares)

    def second(self, num: Floats, den: Floats, weights: Floats, clusters: Clusters) -> _Block:
        if self.centre is None:
            nothing = np.zeros_like(weights)
            return _Block(weights, nothing, nothing)
        shares = weights / self.weight
        inflation = self.inflation(shares)
        more = spread_of(shares, inflation)
        self.spread = Spread(*(a + b for a, b in zip(self.spread, more, strict=True)))
        residuals = clusters.sums(num - self.centre * den)
        if self.holders == 1:  # a cluster alone is its own mean, whatever rounding says
            residuals = np.zeros_like(residuals)
        self.rest += float(residuals.sum())
        influence = residuals / self.weight * np.sqrt(inflation)
        return _Block(weights, residuals + self.centre * weights, influence)

    @property
    def value(self) -> float | None:
        return None if self.centre is None else self.centre + self.rest / self.weight

    @property
    def df(self) -> float:
        known = self.centre is not None and self.greatest < self.weight
        return df_of(self.spread) if known else 0.0

    @property
    def largest(self) -> float:
        return self.greatest / self.weight if self.weight > 0 else 0.0


@dataclass(slots=True)
class _Outcomes:
    """Counts of 0/1 outcomes, for as long as exact methods apply."""

    hits: list[tuple[int, int] | None]
    table: Crosstab | None

    def add(self, nums: Both, dens: Both, counting: NDArray[np.bool_]) -> None:
        for arm, columns in enumerate(zip(nums, dens, strict=True)):
            self.hits[arm] = _added(self.hits[arm], hits_of(*columns))
        found = crosstab_of(nums, dens, counting) if self.table and all(self.hits) else None
        self.table = self.table and found and _together(self.table, found)


def _added(one: tuple[int, int] | None, other: tuple[int, int] | None) -> tuple[int, int] | None:
    return (one[0] + other[0], one[1] + other[1]) if one and other else None


def _together(one: Crosstab, other: Crosstab) -> Crosstab:
    return Crosstab(
        both=one.both + other.both,
        only_baseline=one.only_baseline + other.only_baseline,
        only_candidate=one.only_candidate + other.only_candidate,
        neither=one.neither + other.neither,
    )


class PairPasses:
    """The sample that `moments.pair_sample` gives of all rows, to about ten digits.

    Call `first` with every block, then `settle`, then `second` with every block again, then
    `sample`. Memory: some kilobytes, whatever the number of rows and clusters.

    Args:
        range: Least and greatest value of num / den of one row.
        binary: Numerators are 0 or 1; asks for the counts that exact methods need.
        influence: Sum contributions into the buckets of joint methods.
        amounts: Denominators are amounts, of which a few make most.
    """

    def __init__(
        self,
        *,
        range: Limits = None,  # noqa: A002 - the word of the contract
        binary: bool = False,
        influence: bool = False,
        amounts: bool = False,
    ) -> None:
        self._range = range
        self._amounts = amounts
        self._left = False
        self._arms = _Arm(), _Arm()
        self._powers = Powers(), Powers(), Powers()
        nobody = Crosstab(both=0, only_baseline=0, only_candidate=0, neither=0)
        self._outcomes = _Outcomes([(0, 0), (0, 0)], nobody) if binary else None
        self._buckets = Buckets() if influence else None
        self._blocks = self._rows = self._clusters = self._gained = self._fallen = 0

    def first(self, columns: Mapping[str, Floats], clusters: Clusters) -> None:
        """See the rows of a block for the first time.

        Args:
            columns: num_baseline, den_baseline, num_candidate and den_candidate, as for
                `moments.pair_sample`; shape (rows,) each.
            clusters: Which rows belong together; a cluster is in one block only.
        """
        nums, dens = _columns(columns)
        if any(den.size and not den.min() >= 0 for den in dens):
            raise ValueError("a denominator is negative or no number: give 0 to rows out of play")
        for arm, num, den, weights in zip(
            self._arms, nums, dens, _weights(dens, clusters), strict=True
        ):
            arm.first(num, den, weights)

    def settle(self) -> bool:
        """Go on to the second pass."""
        for arm in self._arms:
            arm.settle()
        return True

    def second(self, columns: Mapping[str, Floats], clusters: Clusters) -> None:
        """See the rows of a block again, as for `first`."""
        self.contributed(columns, clusters)

    def contributed(self, columns: Mapping[str, Floats], clusters: Clusters) -> Both:
        """As `second`, and give what each cluster contributes to both values; shape (G,) each."""
        nums, dens = _columns(columns)
        both = [
            arm.second(num, den, weights, clusters)
            for arm, num, den, weights in zip(
                self._arms, nums, dens, _weights(dens, clusters), strict=True
            )
        ]
        counting = (dens[0] > 0) | (dens[1] > 0)
        touched = np.any([(one.weights > 0) | (one.totals != 0) for one in both], axis=0)
        self._blocks += 1
        self._rows += int(np.count_nonzero(counting))
        self._clusters += int(np.count_nonzero(touched))
        change = clusters.sums(gains(nums, dens, self._arms[0].centre))
        self._gained += int(np.count_nonzero(change > 0))
        self._fallen += int(np.count_nonzero(change < 0))
        if self._range and not all(within(self._range, one.weights, one.totals) for one in both):
            self._range, self._left = None, True
        psi = [one.influence for one in both]
        for powers, influence in zip(self._powers, (*psi, psi[1] - psi[0]), strict=True):
            powers.add(influence)
        if self._buckets is not None:
            self._buckets.add(clusters.codes[touched], psi[0][touched], psi[1][touched])
        if self._outcomes is not None:
            self._count(nums, dens, counting, clusters)
        return psi[0], psi[1]

    @property
    def weight(self) -> float:
        """Denominator of the baseline's value: rows that count, or their weight."""
        return self._arms[0].weight

    def _count(
        self, nums: Both, dens: Both, counting: NDArray[np.bool_], clusters: Clusters
    ) -> None:
        if self._outcomes and self._rows == self._clusters and one_row_each(counting, clusters):
            self._outcomes.add(nums, dens, counting)
        else:
            self._outcomes = None

    def sample(self, lost: Lost) -> PairSample:
        """Give the sample of all rows.

        Args:
            lost: Rows that were expected and cannot be paired. Their range is dropped if the
                data leave their own, as in `moments.pair_sample`.
        """
        baseline, candidate = self._arms
        mine, other, difference = self._powers
        outcomes = self._outcomes if self._blocks else None
        hits = outcomes.hits if outcomes else [None, None]
        return PairSample(
            rows=self._rows,
            clusters=self._clusters,
            baseline=baseline.value,
            candidate=candidate.value,
            weight_baseline=baseline.weight,
            weight_candidate=candidate.weight,
            var_baseline=mine.square,
            var_candidate=other.square,
            covariance=(mine.square + other.square - difference.square) / 2,
            df=min(baseline.df, candidate.df, max(self._clusters - 1.0, 0.0)),
            df_apart=df_by_fourth(difference.square, difference.fourth, self._clusters)
            if self._amounts
            else None,
            skew=Skew(*(skewness(one.square, one.cube, self._clusters) for one in self._powers)),
            crosstab=outcomes.table if outcomes and all(hits) else None,
            hits_baseline=hits[0],
            hits_candidate=hits[1],
            gained_clusters=self._gained,
            lost_clusters=self._fallen,
            largest_share=max(baseline.largest, candidate.largest),
            range=self._range,
            lost=Lost(rows=lost.rows) if self._left else lost,
            influence=self._buckets.influence() if self._buckets else None,
        )


def _columns(columns: Mapping[str, Floats]) -> tuple[Both, Both]:
    return (
        (columns["num_baseline"], columns["num_candidate"]),
        (columns["den_baseline"], columns["den_candidate"]),
    )


def _weights(dens: Both, clusters: Clusters) -> Both:
    weights = clusters.sums(dens[0])
    return weights, weights if dens[0] is dens[1] else clusters.sums(dens[1])
