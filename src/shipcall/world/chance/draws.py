"""Draws: where the chance of a world comes from, so that one seed gives the same bytes.

Every table is drawn in chunks. A chunk has a generator of its own, named by what is drawn in it,
so a chunk can be drawn alone, again, or in any order, and memory does not grow with the rows.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from shipcall.world.truth import World

CHUNK = 100_000
"""Most people, items or requests that are held at once."""

Rng = np.random.Generator
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """How one evidence table of a world is drawn. They all stand in `write.TABLES`."""

    format: str
    """Key of FORMATS."""
    asked: Callable[[World], bool]
    """Does this world have the sections it is drawn from?"""
    chunks: Callable[[World], int]
    """How many chunks it has."""
    rows: Callable[[World, int], pa.Table]
    """Rows of one chunk; every chunk has the same schema."""


def generator(world: World, *names: str | int) -> Rng:
    """Give the generator that belongs to what is drawn, named by words and numbers.

    Two names give independent streams; the same name and seed give the same one.
    """
    text = "\0".join((str(world.seed), *(str(name) for name in names)))
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")
    return np.random.Generator(np.random.PCG64(seed))


def chunk_sizes(total: int, size: int = CHUNK) -> list[int]:
    """Split a number of rows into chunks: all full but the last."""
    full, rest = divmod(total, size)
    return [size] * full + ([rest] if rest else [])


def deal(counts: Ints, sizes: Sequence[int], rng: Rng) -> list[Ints]:
    """Deal counted kinds into chunks of given sizes, as if all rows had been shuffled.

    Args:
        counts: Rows of each kind, shape (kinds,).
        sizes: Rows of each chunk; they add up to the sum of `counts`.
        rng: The same for every chunk: dealing is done once for the whole table.

    Returns:
        Counts of each chunk, shape (kinds,) each; together they are `counts` again.

    Raises:
        ValueError: If the sizes do not add up.
    """
    if sum(sizes) != int(counts.sum()):
        raise ValueError(f"chunks of {sum(sizes)} rows for {int(counts.sum())} counted rows")
    left, dealt = counts.astype(np.int64), []
    for size in sizes:
        hand = rng.multivariate_hypergeometric(left, size, method="marginals")
        left = left - hand
        dealt.append(hand)
    return dealt
