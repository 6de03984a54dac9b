"""Cells: the crossing of all slice columns, so that slices which overlap are drawn together."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from shipcall.contract.plan import NOT_READ
from shipcall.core import Slice
from shipcall.stats.sample import Floats, Ints

OTHER = "(other)"
"""Stands for the levels of a column that no check speaks of."""
MOST_CELLS = 4_096
"""A larger crossing is replaced by so many cells in which every column keeps its shares."""

Level = tuple[str, str]
"""(column, level)."""
Joint = dict[frozenset[Level], float]
"""What is known of some columns together: levels, one for each column -> share of the units."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """Parts of the units that lie in the same slices."""

    levels: tuple[frozenset[Level], ...]
    """Of each cell."""
    share: Floats
    """Share of the units in each cell, summing to 1; shape (C,)."""

    def within(self, part: Slice) -> NDArray[np.bool_]:
        """Which cells belong to a slice; shape (C,). A slice nobody counted has none."""
        return np.array([set(part.pairs) <= levels for levels in self.levels], dtype=np.bool_)

    def sizes(self, units: int) -> Ints:
        """Units of each cell: whole numbers that add up (largest remainders); shape (C,)."""
        wanted = self.share * units
        sizes = np.floor(wanted + 1e-9).astype(np.int64)
        short = units - int(sizes.sum())
        sizes[np.argsort(sizes - wanted, kind="stable")[:short]] += 1
        return sizes


def crossing(
    counted: Mapping[Slice, int], parts: Collection[Slice], rng: np.random.Generator
) -> Cells:
    """Cross the slice columns as far as their counts tell, and as if independent beyond that.

    Crosses that were counted (`tenure*device`) keep their joint shares. Columns of which only
    the margins are known are taken as independent of each other.

    Args:
        counted: Units of each level and of each cross.
        parts: The slices that some check speaks of; other levels become one.
        rng: For a crossing with too many cells.
    """
    wanted = {pair for part in parts for pair in part.pairs}
    groups: dict[tuple[str, ...], Joint] = {}
    for part, units in sorted(counted.items()):
        if part.pairs and units > 0 and all(level != NOT_READ for _, level in part.pairs):
            joint = groups.setdefault(part.columns, {})
            key = frozenset(_kept(pair, wanted) for pair in part.pairs)
            joint[key] = joint.get(key, 0.0) + units
    blocks: list[Joint] = []
    for _, joint in sorted(groups.items(), key=lambda one: (-len(one[0]), one[0])):
        _add(blocks, _shares(joint))
    if np.prod([float(len(block)) for block in blocks]) > MOST_CELLS:
        return _shuffled(blocks, rng)
    cells: Joint = {frozenset(): 1.0}
    for block in blocks:
        cells = {a | b: p * q for (a, p), (b, q) in product(cells.items(), block.items())}
    return Cells(levels=tuple(cells), share=np.array(list(cells.values())))


def _kept(pair: Level, wanted: Collection[Level]) -> Level:
    return pair if pair in wanted else (pair[0], OTHER)


def _shares(joint: Joint) -> Joint:
    total = sum(joint.values())
    return {key: units / total for key, units in joint.items()}


def _columns(joint: Joint) -> set[str]:
    return {column for key in joint for column, _ in key}


def _add(blocks: list[Joint], joint: Joint) -> None:
    """Join what is known to a block that shares columns with it, given those columns."""
    for place, block in enumerate(blocks):
        common = _columns(block) & _columns(joint)
        if not common:
            continue
        if common < _columns(joint):
            blocks[place] = _given(block, joint, common) or block
        return
    blocks.append(joint)


def _given(block: Joint, joint: Joint, common: set[str]) -> Joint:
    def shared(key: frozenset[Level]) -> frozenset[Level]:
        return frozenset(pair for pair in key if pair[0] in common)

    margin: Joint = {}
    for key, share in joint.items():
        margin[shared(key)] = margin.get(shared(key), 0.0) + share
    return _shares(
        {
            a | b: p * q / margin[shared(b)]
            for (a, p), (b, q) in product(block.items(), joint.items())
            if shared(a) == shared(b)
        }
    )


def _shuffled(blocks: list[Joint], rng: np.random.Generator) -> Cells:
    """So many equal cells; every block keeps its shares in them, in a random order."""
    columns = []
    for block in blocks:
        own = Cells(levels=tuple(block), share=np.array(list(block.values())))
        columns.append(rng.permutation(np.repeat(np.arange(len(block)), own.sizes(MOST_CELLS))))
    keys = [list(block) for block in blocks]
    levels = tuple(
        frozenset().union(*(key[i] for key, i in zip(keys, row, strict=True)))
        for row in zip(*columns, strict=True)
    )
    return Cells(levels=levels, share=np.full(MOST_CELLS, 1.0 / MOST_CELLS))
