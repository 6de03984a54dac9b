"""Laws: how the samples of one metric fall out, before any evidence is there.

A law draws what the engine would sum, for every slice at once and in many draws: it draws the
cells of the crossing of all slices and adds them up. `rowlaws` has those which need rows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from shipcall.core import Absent, Reason, Slice
from shipcall.stats.clusters import Clusters
from shipcall.stats.moments import pair_sample
from shipcall.stats.sample import Floats, Ints, Lost, Sample
from shipcall.stats.tallies import Kinds, NormalSums, Range, normal_samples, tallied_samples

Drawn = dict[Slice, list[Sample | Absent]]
"""Slice -> one sample per draw."""
MOST_REFERENCE = 2_000
"""Clusters of the one draw from which joint levels are taken."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Place:
    """Where units stand: how many in each cell at each look, and which cells make a slice."""

    units: Ints
    """Units at each look, those of earlier looks included; shape (looks, C)."""
    parts: tuple[Slice, ...]
    members: NDArray[np.bool_]
    """Which cells belong to which slice; shape (P, C)."""
    lost: float = 0.0
    """Share of the rows that are lost for either model, in [0, 1)."""

    @property
    def steps(self) -> Ints:
        """Units that come with each look; shape (looks, C)."""
        return np.diff(self.units, axis=0, prepend=0)

    def gathered(self, by_cell: Floats, part: int) -> Floats:
        """Sum a column over the cells of a slice: shape (N, C, …) in, (N, …) out."""
        held = self.members[part]
        summed: Floats = (by_cell if held.all() else by_cell[:, held]).sum(axis=1)
        return summed

    def lost_rows(
        self, step: Ints, rows_each: float, rng: np.random.Generator, draws: int
    ) -> Floats:
        """Draw how many rows of each cell are lost among those of one look; shape (N, C)."""
        rows = np.rint(step * rows_each).astype(np.int64)
        if not self.lost:
            return np.zeros((draws, step.size))
        return rng.binomial(rows, self.lost, (draws, step.size)).astype(np.float64)

    def sample(self, most: int) -> "Place":
        """The last look with at most so many units, in the same proportions."""
        last = self.units[-1]
        total = int(last.sum())
        if total > most:
            last = np.maximum(last * most // total, np.minimum(last, 1))
        return Place(units=last[None, :], parts=self.parts, members=self.members, lost=self.lost)


class Law(Protocol):
    """What is known of one metric, as far as it is needed to draw its samples."""

    def draw(
        self, place: Place, effect: Floats, rng: np.random.Generator, draws: int
    ) -> Sequence[Drawn]:
        """Draw the samples of every slice.

        Args:
            place: How many units stand where.
            effect: Candidate minus baseline in each cell, in the unit of the metric; shape (C,).
            rng: Where chance comes from.
            draws: How many times.

        Returns:
            One entry per look.
        """
        ...

    def reference(self, place: Place, rng: np.random.Generator) -> dict[Slice, Sample | Absent]:
        """Draw once, without an effect, with what every cluster contributes (for joint levels)."""
        ...


Shares = Callable[[float], Floats]
"""Effect -> share of each kind of cluster; shape (K,)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class TalliedLaw:
    """Units come in kinds that are counted: exact for 0/1 rows, also for rare events."""

    kinds: Kinds
    shares: Shares
    limits: Range
    binary: bool
    rows_each: float = 1.0

    def draw(
        self, place: Place, effect: Floats, rng: np.random.Generator, draws: int
    ) -> Sequence[Drawn]:
        """As `Law.draw`."""
        chances = self._chances(effect)
        counts = np.zeros((draws, effect.size, self.kinds.rows.size))
        lost = np.zeros((draws, effect.size))
        looks = []
        for step in place.steps:
            gone = place.lost_rows(step, self.rows_each, rng, draws)
            units = step - gone.astype(np.int64) if self.rows_each == 1 else step
            counts = counts + rng.multinomial(units, chances, size=(draws, step.size))
            lost = lost + gone
            drawn: Drawn = {}
            for number, part in enumerate(place.parts):
                held, gone = place.gathered(counts, number), place.gathered(lost, number)
                drawn[part] = _or_nothing(part, held.sum(axis=1), self._samples(held, gone))
            looks.append(drawn)
        return looks

    def _samples(self, counts: Floats, lost: Floats) -> list[Sample | Absent]:
        samples = tallied_samples(
            self.kinds,
            counts.astype(np.int64),
            limits=self.limits,
            binary=self.binary,
            lost=lost.astype(np.int64),
        )
        return list(samples)

    def _chances(self, effect: Floats) -> Floats:
        known = {float(e): self.shares(float(e)) for e in np.unique(effect)}
        return np.stack([known[float(e)] for e in effect])

    def reference(self, place: Place, rng: np.random.Generator) -> dict[Slice, Sample | Absent]:
        """As `Law.reference`."""
        few = place.sample(MOST_REFERENCE)
        kinds = self.kinds
        cells = np.repeat(np.arange(few.units.shape[1]), few.units[-1])
        kind = rng.choice(kinds.rows.size, size=cells.size, p=self.shares(0.0))
        columns = (kinds.num_baseline, kinds.den_baseline, kinds.num_candidate, kinds.den_candidate)
        return _with_influence(few, cells, [column[kind] for column in columns], self.limits)


def _or_nothing(
    part: Slice, rows: Floats | Ints, samples: list[Sample | Absent]
) -> list[Sample | Absent]:
    """A slice in which no row came has no sample."""
    absent = Absent(reason=Reason.NO_ROWS, detail=f"no row in {part}")
    return [
        sample if units else absent for sample, units in zip(samples, rows.tolist(), strict=True)
    ]


def _with_influence(
    place: Place, cells: Ints, columns: Sequence[Floats], limits: Range
) -> dict[Slice, Sample | Absent]:
    found: dict[Slice, Sample | Absent] = {}
    every = np.arange(cells.size)
    for number, part in enumerate(place.parts):
        rows = place.members[number][cells]
        if not rows.any():
            found[part] = Absent(reason=Reason.NO_ROWS, detail=f"no row in {part}")
            continue
        num_baseline, den_baseline, num_candidate, den_candidate = (c[rows] for c in columns)
        found[part] = pair_sample(
            num_baseline,
            den_baseline,
            num_candidate,
            den_candidate,
            Clusters.of(every[rows]),
            range=limits,
            lost=Lost(range=limits),
            influence=True,
        )
    return found


@dataclass(frozen=True, kw_only=True, eq=False)
class NormalLaw:
    """Means over clusters are normal: grades, costs, and shares of large clusters."""

    value: float
    """Mean of the baseline."""
    spread: float
    """Standard deviation of a cluster's mean under one model."""
    difference: float
    """Standard deviation of a cluster's paired difference."""
    units_each: float
    """Units of one cluster."""
    rows_each: float
    """Rows of one cluster."""
    counting: float = 1.0
    """Share of the rows that count, in (0, 1]."""
    limits: Range = None
    skew: float = 0.0
    """Skewness of a cluster's difference."""
    differing: float = 1.0
    """Share of clusters in which the models differ."""

    @cached_property
    def _root(self) -> Floats:
        """Root of the covariance of a cluster's two means; lower triangle."""
        square = self.spread**2
        both = square - self.difference**2 / 2
        lower = both / self.spread if self.spread > 0 else 0.0
        return np.array([[self.spread, 0.0], [lower, np.sqrt(max(square - lower**2, 0.0))]])

    def draw(
        self, place: Place, effect: Floats, rng: np.random.Generator, draws: int
    ) -> Sequence[Drawn]:
        """As `Law.draw`; within a cell the sums of normal values, exactly (Bartlett 1933)."""
        looks: list[Drawn] = []
        held = [np.zeros(())] * 4
        each = self.rows_each / self.units_each
        for step in place.steps:
            gone = place.lost_rows(step, each, rng, draws)
            new = [*self._cells(_whole(step / self.units_each), effect, rng, draws), gone]
            held = [a + b for a, b in zip(held, new, strict=True)]
            drawn: Drawn = {}
            for number, part in enumerate(place.parts):
                count, sums, squares, lost = (place.gathered(c, number) for c in held)
                samples = normal_samples(
                    NormalSums(clusters=count.astype(np.int64), sums=sums, squares=squares),
                    rows_each=self.rows_each * self.counting,
                    limits=self.limits,
                    lean=self._lean(count, rng),
                    lost=lost.astype(np.int64),
                    differing=self.differing,
                )
                drawn[part] = _or_nothing(part, count, list(samples))
            looks.append(drawn)
        return looks

    def _cells(
        self, clusters: Ints, effect: Floats, rng: np.random.Generator, draws: int
    ) -> list[Floats]:
        """Number, sums and squares of the clusters of each cell; shapes (N, C, …)."""
        shape = (draws, clusters.size)
        count = np.broadcast_to(clusters.astype(np.float64), shape)
        normal = rng.standard_normal((*shape, 2))
        mean = np.stack(
            [np.full(clusters.size, self.value), self.value + effect], axis=1
        )  # shape (C, 2)
        root = self._root
        sums = count[..., None] * mean + np.sqrt(count)[..., None] * (normal @ root.T)
        first = _chi(rng, clusters - 1, shape)
        second = _chi(rng, clusters - 2, shape)
        cross = np.where(count >= 2, rng.standard_normal(shape), 0.0)
        a = root[0, 0] * first
        b = root[1, 0] * first + root[1, 1] * cross
        c = root[1, 1] * second
        with np.errstate(all="ignore"):
            own = np.where(count[..., None] > 0, sums / np.maximum(count, 1)[..., None], 0.0)
        squares = np.stack(
            [
                a**2 + sums[..., 0] * own[..., 0],
                b**2 + c**2 + sums[..., 1] * own[..., 1],
                a * b + sums[..., 0] * own[..., 1],
            ],
            axis=-1,
        )
        return [count, sums, squares]

    def _lean(self, clusters: Floats, rng: np.random.Generator) -> Floats:
        """Skewness that a sample of this size shows: its own and what chance adds."""
        count = np.maximum(clusters, 3.0)
        seen = rng.standard_normal((clusters.size, 3)) * np.sqrt(6.0 / count)[:, None]
        seen[:, 2] += self.skew
        lean: Floats = np.where(clusters[:, None] >= 3, seen / np.sqrt(count)[:, None], 0.0)
        return lean

    def reference(self, place: Place, rng: np.random.Generator) -> dict[Slice, Sample | Absent]:
        """As `Law.reference`."""
        few = place.sample(round(MOST_REFERENCE * self.units_each))
        clusters = _whole(few.units[-1] / self.units_each)
        cells = np.repeat(np.arange(clusters.size), clusters)
        values = self.value + rng.standard_normal((cells.size, 2)) @ self._root.T
        weight = np.full(cells.size, self.rows_each)
        baseline, candidate = values[:, 0] * weight, values[:, 1] * weight
        return _with_influence(few, cells, [baseline, weight, candidate, weight], None)


def _whole(clusters: Floats) -> Ints:
    """Whole numbers of clusters in each cell; a cell with any unit has one."""
    return np.where(clusters > 0, np.maximum(np.rint(clusters), 1), 0).astype(np.int64)


def _chi(rng: np.random.Generator, df: Ints, shape: tuple[int, int]) -> Floats:
    """Roots of chi-squares with so many degrees of freedom; 0 where there are none."""
    root: Floats = np.sqrt(2.0 * rng.standard_gamma(np.maximum(df, 0) / 2.0, shape))
    return root
