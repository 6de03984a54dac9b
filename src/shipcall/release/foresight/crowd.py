"""Crowd: the units that a rollout will meet, and sums of what they do, drawn before they come.

Units come evenly: every hour has as many as the next, every slice its share of them. What is left
to chance is who gets the candidate and what becomes of each unit. No season is drawn: the score
sequence takes it out, so that it costs little, and nobody promised one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from shipcall.core import Slice
from shipcall.stats.sample import Floats, Ints
from shipcall.stats.sequential.epochs import Table
from shipcall.stats.sequential.tuning import BURN_IN

ALL = Slice()
DAY = 24
_BLOCK = 6
"""Hours that are drawn at once after the first day, of which each hour is drawn apart."""
_REST = ""
"""Level of all units of a column that no check names."""
_Key = TypeVar("_Key")
_Array = TypeVar("_Array", Floats, Ints)


class Blocks(NamedTuple):
    """Runs of hours, one after the other from the first exposure; the units of one enter at once.

    Rollouts close an epoch every hour. Blocks are drawn as epochs of their last hour: fewer
    numbers, and centres that are a few hours older, which costs next to nothing after a day.
    """

    start: Ints
    """Hours since the first exposure, shape (B,)."""
    end: Ints

    @classmethod
    def until(cls, hours: int) -> "Blocks":
        """Hours of the first day, then blocks, up to a whole day."""
        edges = [*range(DAY), *range(DAY, hours + 1, _BLOCK)]
        return cls(np.array(edges[:-1], dtype=np.int64), np.array(edges[1:], dtype=np.int64))

    def between(self, first: int, last: int) -> "Blocks":
        """Those at places first to last, without the last."""
        return Blocks(self.start[first:last], self.end[first:last])


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """What one unit's outcome is drawn from.

    `event`: 0 or 1. `amount`: a gamma law whose spread grows with its mean, for values that are
    never negative. `normal`: for all others.
    """

    kind: str
    mean: float
    """Under the baseline, in the unit of the metric."""
    spread: float
    """Standard deviation between units under the baseline, > 0."""

    def moved(self, effect: float) -> float:
        """The mean after an effect; a share stays one, an amount stays above zero."""
        if self.kind == "event":
            return min(max(self.mean + effect, 0.0), 1.0)
        if self.kind == "amount":
            return max(self.mean + effect, 1e-9 * self.mean)
        return self.mean + effect

    def draw(self, n: Ints, mean: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Sums of y and of its squares over n units; shapes of `n`.

        For amounts the parts which units have in their sum do not depend on it, and the mean of
        their squares is (k + 1) / (n k + 1) of the square of the sum, with k the shape.
        """
        if self.kind == "event":
            events = rng.binomial(n, mean).astype(np.float64)
            return events, events
        units = n.astype(np.float64)
        if self.kind == "amount":
            shape = (self.mean / self.spread) ** 2
            total = rng.gamma(units * shape) * (mean / shape)
            return total, total**2 * (shape + 1.0) / (units * shape + 1.0)
        total = units * mean + self.spread * np.sqrt(units) * rng.standard_normal(n.shape)
        around = self.spread**2 * 2.0 * rng.gamma(np.maximum(units - 1.0, 0.0) / 2.0)
        return total, total**2 / np.maximum(units, 1.0) + around


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What was drawn of some rollouts, block by block."""

    share: Floats
    """Share of the candidate, shape (B,)."""
    n: Mapping[Slice, Floats]
    """Units by arm: shape (G, 2, B) for G rollouts; the others have the same shape."""
    y: Mapping[tuple[str, Slice], Floats]
    yy: Mapping[tuple[str, Slice], Floats]

    def followed(self, later: "Sums") -> "Sums":
        """The same rollouts, gone on."""
        return Sums(
            share=np.concatenate([self.share, later.share]),
            n=_joined(self.n, later.n),
            y=_joined(self.y, later.y),
            yy=_joined(self.yy, later.yy),
        )

    def of(self, rollouts: NDArray[np.bool_], blocks: int) -> "Sums":
        """Some of the rollouts, up to a block."""
        n, y, yy = (_cut(parts, rollouts, blocks) for parts in (self.n, self.y, self.yy))
        return Sums(share=self.share[:blocks], n=n, y=y, yy=yy)

    def table(self, metric: str, part: Slice, ends: Ints) -> Table:
        """One metric on one slice as the sequences read it."""
        nothing = np.zeros((1, 2, self.share.size))
        y, yy = self.y[metric, part], self.yy[metric, part]
        return Table(ends - 1, self.share, self.n[part], y, yy, nothing, nothing, nothing)


def _joined(one: Mapping[_Key, Floats], two: Mapping[_Key, Floats]) -> dict[_Key, Floats]:
    return {key: np.concatenate([part, two[key]], axis=-1) for key, part in one.items()}


def _cut(
    parts: Mapping[_Key, Floats], rollouts: NDArray[np.bool_], blocks: int
) -> dict[_Key, Floats]:
    return {key: part[rollouts, :, :blocks] for key, part in parts.items()}


class _Kind(NamedTuple):
    """Units that no check tells apart."""

    weight: float
    parts: tuple[Slice, ...]
    """Slices to which they belong."""


class Crowd:
    """Units by slice, as they come.

    Args:
        per_day: New units a day, both arms together, > 0.
        slices: Slices that checks name. Columns are taken as independent of each other.
        levels: Share of all units that a level of one column has, in (0, 1).
    """

    def __init__(
        self, per_day: float, slices: Iterable[Slice], levels: Mapping[tuple[str, str], float]
    ) -> None:
        self.per_day = per_day
        self.parts = (ALL, *dict.fromkeys(part for part in slices if part.pairs))
        self._kinds = _kinds(self.parts, levels)

    def share_of(self, part: Slice) -> float:
        """Share of all units that belong to a slice."""
        return sum(kind.weight for kind in self._kinds if part in kind.parts)

    def burnt(self, part: Slice, ends: Ints) -> int:
        """How many blocks are spent on tuning the sequences of a slice."""
        return int(np.searchsorted(self.arrivals(part, ends), BURN_IN)) + 1

    def _come(self, kind: _Kind, ends: Ints) -> Ints:
        """Units that have come until some hours."""
        exact = self.per_day / DAY * kind.weight * ends
        return np.asarray(np.floor(exact + 1e-9), dtype=np.int64)

    def arrivals(self, part: Slice, ends: Ints) -> Ints:
        """Units of a slice that have come until some hours, shape of `ends`."""
        come = [self._come(kind, ends) for kind in self._kinds if part in kind.parts]
        return np.asarray(np.sum(come, axis=0), dtype=np.int64)

    def draw(  # noqa: PLR0913, PLR0917 - what a stretch of a rollout depends on
        self,
        laws: Mapping[str, Law],
        effects: Mapping[str, "Effect"],
        every: Blocks,
        stretch: tuple[int, int],
        share: float,
        rollouts: int,
        rng: np.random.Generator,
    ) -> Sums:
        """Draw one stretch at one share.

        The blocks that tune a sequence are drawn once for all these rollouts, so that they share
        its tuning; nothing of them enters the sequence.

        Args:
            laws: Metric -> its law.
            effects: Metric -> what the candidate changes; metrics that are not named: nothing.
            every: All blocks of the rollout.
            stretch: First block, and the one after the last.
            share: Share of the candidate, in (0, 1].
            rollouts: How many are drawn.
            rng: Where chance comes from.
        """
        first, last = stretch
        blocks = last - first
        shape = (rollouts, 2, blocks)
        n = {part: np.zeros(shape) for part in self.parts}
        y = {(name, part): np.zeros(shape) for name in laws for part in self.parts}
        yy = {key: np.zeros(shape) for key in y}
        for kind in self._kinds:
            come = np.diff(self._come(kind, every.end[:last]), prepend=0)[first:]
            alike = max(self.burnt(part, every.end) for part in kind.parts) - first
            units = _dealt(come, share, rollouts, alike, rng)
            for part in kind.parts:
                n[part] += units
            for name, law in laws.items():
                effect = effects.get(name, NOTHING)
                means = (law.mean, law.moved(effect.on(kind.parts)))
                drawn = [law.draw(units[:, arm], means[arm], rng) for arm in (0, 1)]
                for part in kind.parts:
                    for arm in (0, 1):
                        y[name, part][:, arm] += _alike(drawn[arm][0], alike)
                        yy[name, part][:, arm] += _alike(drawn[arm][1], alike)
        return Sums(share=np.full(blocks, share), n=n, y=y, yy=yy)


class Effect(NamedTuple):
    """Candidate minus baseline of one metric, everywhere or otherwise in one slice."""

    everywhere: float = 0.0
    """In the unit of the metric."""
    part: Slice = ALL
    within: float = 0.0
    """The effect inside that slice, where one is named."""

    def on(self, parts: Sequence[Slice]) -> float:
        """The effect on units that belong to some slices."""
        return self.within if self.part.pairs and self.part in parts else self.everywhere


NOTHING = Effect()


def _kinds(parts: Sequence[Slice], levels: Mapping[tuple[str, str], float]) -> tuple[_Kind, ...]:
    named: dict[str, dict[str, float]] = {}
    for part in parts:
        for column, level in part.pairs:
            named.setdefault(column, {})[level] = levels[column, level]
    columns = []
    for column, shares in named.items():
        rest = max(1.0 - sum(shares.values()), 0.0)
        columns.append(
            [((column, level), share) for level, share in (*shares.items(), (_REST, rest))]
        )
    found = []
    for chosen in product(*columns):
        pairs = {pair for pair, _ in chosen}
        weight = float(np.prod([share for _, share in chosen]))
        within = tuple(part for part in parts if pairs.issuperset(part.pairs))
        if weight > 0:
            found.append(_Kind(weight, within))
    return tuple(found)


def _dealt(come: Ints, share: float, rollouts: int, alike: int, rng: np.random.Generator) -> Ints:
    """Units by arm, shape (rollouts, 2, blocks)."""
    candidate = rng.binomial(come, share, (rollouts, come.size))
    candidate = _alike(candidate, alike)
    return np.stack([come - candidate, candidate], axis=1)


def _alike(drawn: _Array, alike: int) -> _Array:
    """The first blocks of all rollouts as those of the first."""
    if alike > 0:
        drawn[:, :alike] = drawn[:1, :alike]
    return drawn
