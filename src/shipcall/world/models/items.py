"""Items: the evaluation set, chunk by chunk, and how counted kinds are spread over it.

Every table about the same items is laid out alike: item 17 has one language in all of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from shipcall.formats import Format
from shipcall.world.chance.dealing import Split, split_kinds, splits
from shipcall.world.chance.draws import CHUNK, Ints, Rng, chunk_sizes, generator
from shipcall.world.chance.names import numbered
from shipcall.world.people.cells import Cells
from shipcall.world.truth import Items, World

_ROWS_PER_RUN = 4
"""Two models, two metrics: rows of one run in `scores`, the longest table but `rankings`."""


def items(world: World) -> Items:
    """Give the evaluation set of a world.

    Raises:
        ValueError: If it has none.
    """
    if world.items is None:
        raise ValueError(f"world {world.name!r} has no [items]; it takes them to draw this table")
    return world.items


def chunks(world: World) -> int:
    """Count the chunks in which every table about the items is drawn."""
    return len(_sizes(world))


def _sizes(world: World) -> list[int]:
    """Clusters of each chunk."""
    known = items(world)
    rows = known.depth if world.kind == "ranker" else _ROWS_PER_RUN * known.repeats
    return chunk_sizes(known.count // known.cluster, max(CHUNK // (rows * known.cluster), 1))


def clusters(world: World, found: Cells) -> Ints:
    """Draw the clusters of items in each stratum, shape (strata,).

    The make-up of the evaluation set belongs to the world: panels vary around it, not with it.
    """
    known = items(world)
    drawn: Ints = generator(world, "items").multinomial(known.count // known.cluster, found.weights)
    return drawn


@dataclass(frozen=True, eq=False)
class Layout:
    """The items of one chunk, in the order of their rows."""

    first: int
    """Number of the first one."""
    slots: Ints
    """Stratum of each cluster, in their order, shape (clusters,)."""
    cluster: int
    """Items of a cluster; they stand together."""

    @cached_property
    def numbers(self) -> Ints:
        """Number of each item."""
        return np.arange(self.first, self.first + len(self.slots) * self.cluster)

    @cached_property
    def stratum(self) -> Ints:
        """Stratum of each item."""
        return np.repeat(self.slots, self.cluster)

    @property
    def cluster_numbers(self) -> Ints:
        """Number of the cluster of each item."""
        return self.numbers // self.cluster


def layout(world: World, found: Cells, chunk: int) -> Layout:
    """Lay out the items of one chunk."""
    known = items(world)
    counts = clusters(world, found)
    for split in _walk(world, found, chunk):
        counts = split.half(split.whole, split.left)
    kinds = np.repeat(np.arange(len(found)), counts)
    first = sum(_sizes(world)[:chunk]) * known.cluster
    return Layout(first, generator(world, "items", chunk).permutation(kinds), known.cluster)


def _walk(world: World, found: Cells, chunk: int) -> Iterator[Split]:
    return splits(world, clusters(world, found), _sizes(world), chunk, of="items")


def item_columns(found: Cells, place: Layout, form: Format) -> dict[str, pa.Array]:
    """Columns that say which item it is, one row for each item of a chunk.

    Args:
        found: The strata of its world.
        place: The chunk.
        form: Format of the table; the first column of its key but `arm` names the item.

    Raises:
        ValueError: If a trait has the name of a column of the format.
    """
    taken = [column for column in found.columns if column in form.names]
    if taken:
        raise ValueError(f"the trait {taken[0]!r} needs another name: {form.name} has that column")
    key = next(name for name in form.key if name != "arm")
    columns = {key: numbered("item", place.numbers)}
    if place.cluster > 1:
        columns["cluster"] = numbered("cluster", place.cluster_numbers)
    return columns | found.texts(place.stratum)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Pile:
    """Counted kinds of items that are not yet in any order, and marks on some of their runs."""

    counts: Ints
    """Shape (strata, nodes, kinds)."""
    cluster: int
    marks: Ints
    """Marked runs, shape (strata, arms); no arms where nothing is marked."""
    markable: Ints
    """Runs of one item of each kind that may carry a mark, shape (kinds, arms)."""

    @property
    def clusters(self) -> Ints:
        """Clusters of each stratum and node."""
        found: Ints = self.counts.sum(axis=2) // self.cluster
        return found

    @property
    def runs(self) -> Ints:
        """Runs that may carry a mark, shape (strata, arms)."""
        runs: Ints = self.counts.sum(axis=1) @ self.markable
        return runs

    def take(self, clusters: Ints, rng: Rng) -> "Pile":
        """Take so many clusters of each stratum off, as if all had been shuffled."""
        groups = self.counts.reshape(-1, self.counts.shape[2])
        taken = split_kinds(self.clusters, self.clusters.sum(axis=1), clusters, rng).ravel()
        counts = split_kinds(groups, groups.sum(axis=1), self.cluster * taken, rng)
        part = self._with(counts.reshape(self.counts.shape), np.zeros_like(self.marks))
        return self._with(
            part.counts, rng.hypergeometric(self.marks, self.runs - self.marks, part.runs)
        )

    def without(self, part: "Pile") -> "Pile":
        """Give what is left."""
        return self._with(self.counts - part.counts, self.marks - part.marks)

    def _with(self, counts: Ints, marks: Ints) -> "Pile":
        return Pile(counts=counts, cluster=self.cluster, marks=marks, markable=self.markable)


def pile(
    counts: Ints, cluster: int, marks: Ints | None = None, markable: Ints | None = None
) -> Pile:
    """Heap up what was drawn for a whole table."""
    return Pile(
        counts=counts,
        cluster=cluster,
        marks=np.zeros((len(counts), 0), dtype=np.int64) if marks is None else marks,
        markable=(np.zeros((counts.shape[2], 0), dtype=np.int64) if markable is None else markable),
    )


def hand(world: World, table: str, whole: Pile, found: Cells, chunk: int) -> Pile:
    """Give the part of a table's kinds that falls into one chunk."""
    held = whole
    for split in _walk(world, found, chunk):
        part = held.take(split.left, generator(world, table, "split", *split.name))
        held = part if split.first else held.without(part)
    return held


class Spread(NamedTuple):
    """What became of each item of a chunk, shape (items,) each."""

    node: Ints
    """Which value the difficulty of its cluster has."""
    kind: Ints


def spread(held: Pile, place: Layout, rng: Rng) -> Spread:
    """Give every item of a chunk its node and kind, in random order within its stratum."""
    _, nodes, kinds = held.counts.shape
    codes = np.repeat(np.arange(held.counts.size), held.counts.ravel())
    codes = codes[np.lexsort((rng.random(len(codes)), codes // kinds))]
    blocks = codes.reshape(-1, held.cluster)
    group = blocks[:, 0] // (kinds * nodes)
    blocks = blocks[np.lexsort((rng.random(len(blocks)), group))]
    placed = np.empty_like(blocks)
    placed[np.argsort(place.slots, kind="stable")] = blocks
    flat = placed.ravel()
    return Spread(flat // kinds % nodes, flat % kinds)


def mark(group: Ints, counts: Ints, rng: Rng) -> NDArray[np.bool_]:
    """Mark given numbers of rows of each group at random.

    Args:
        group: Group of each row, shape (rows,).
        counts: Rows to mark in each group, shape (groups,).
        rng: Chooses them.
    """
    order = np.lexsort((rng.random(len(group)), group))
    starts = np.searchsorted(group[order], np.arange(len(counts)))
    rank = np.arange(len(group)) - starts[group[order]]
    marked = np.empty(len(group), dtype=bool)
    marked[order] = rank < counts[group[order]]
    return marked
