"""Dealing: what falls into one chunk of a table, without dealing the others.

A table of counts is split in two, and again, until one chunk is left. Every split has a
generator of its own, so any chunk is dealt alone, in any order, in memory that does not grow.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from shipcall.world.chance.draws import Floats, Ints, generator
from shipcall.world.truth import World


class Split(NamedTuple):
    """One step on the way to a chunk: a range of chunks, and its half that holds the chunk."""

    name: tuple[int, int]
    """First chunk of the range, and the one after its last."""
    first: bool
    """Is the chunk in the first half?"""
    whole: Ints
    """Counts of kinds in the range."""
    left: Ints
    """Counts of kinds in its first half."""

    def half(self, whole: Ints, left: Ints) -> Ints:
        """Give what falls into the half that holds the chunk."""
        return left if self.first else whole - left


def splits(
    world: World, counts: Ints, sizes: Sequence[int], chunk: int, *, of: str = "people"
) -> Iterator[Split]:
    """Walk from all people (or whatever is counted) to one chunk, halving the range of chunks.

    Args:
        world: Names the generators.
        counts: People of each kind, shape (kinds,); they add up to the sum of `sizes`.
        sizes: People of each chunk.
        chunk: The chunk that is wanted.
        of: What is split; names the generators too.
    """
    low, high, whole = 0, len(sizes), counts
    while high - low > 1:
        middle = (low + high) // 2
        rng = generator(world, of, "split", low, high)
        some = np.flatnonzero(whole)
        hand = np.zeros_like(whole)
        hand[some] = rng.multivariate_hypergeometric(
            whole[some], sum(sizes[low:middle]), method="marginals"
        )
        split = Split((low, high), chunk < middle, whole, hand)
        yield split
        low, high = (low, middle) if split.first else (middle, high)
        whole = split.half(whole, hand)


def split_kinds(counts: Ints, rows: Ints, taken: Ints, rng: np.random.Generator) -> Ints:
    """Split rows of several groups whose kinds are shuffled.

    Args:
        counts: Rows of each kind in each group, shape (groups, kinds).
        rows: Rows of each group; the lines of `counts` add up to them.
        taken: Rows of each group that go into the first half.
        rng: Belongs to this split.

    Returns:
        Rows of each kind in the first half of each group, shape (groups, kinds).
    """
    left, wanted = rows.copy(), taken.copy()
    hand = np.zeros_like(counts)
    for kind in range(counts.shape[1]):
        left = left - counts[:, kind]
        hand[:, kind] = rng.hypergeometric(counts[:, kind], left, wanted)
        wanted = wanted - hand[:, kind]
    return hand


def split_events(counts: Ints, whole: Floats, left: Floats, rng: np.random.Generator) -> Ints:
    """Split events that choose their person in proportion to a weight.

    Args:
        counts: Events, shape (groups, kinds).
        whole: Weight of all people of each group, shape (groups,).
        left: Weight of those in the first half.
        rng: Belongs to this split.
    """
    share = np.divide(left, whole, out=np.zeros_like(left), where=whole > 0)
    hand: Ints = rng.binomial(counts, np.clip(share, 0, 1)[:, None])
    return hand
