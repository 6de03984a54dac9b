"""Given: rows drawn under a condition, by proposing until they meet it."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shipcall.world.chance.draws import Floats, Ints

_BATCH = 20_000
_MOST_ROUNDS = 50_000


class Proposal(NamedTuple):
    """One attempt for some rows."""

    accepted: NDArray[np.bool_]
    """Shape (rows,)."""
    values: Floats
    """Shape (rows, ...)."""


def fill(rows: int, propose: Callable[[Ints], Proposal]) -> Floats:
    """Draw until every row has values that meet its condition.

    As the counts of conditions come from their own law, this takes about one proposal for each
    row and condition: what is hard to meet is seldom asked for.

    Args:
        rows: How many.
        propose: Takes numbers of rows (the same one maybe several times).

    Returns:
        Shape (rows, ...).

    Raises:
        RuntimeError: If a row finds nothing in a thousand million attempts.
    """
    pending = np.arange(rows)
    filled: Floats | None = None
    for _ in range(_MOST_ROUNDS):
        tried = np.repeat(pending, max(_BATCH // max(len(pending), 1), 1))
        accepted, values = propose(tried)
        if filled is None:
            filled = np.empty((rows, *values.shape[1:]))
        hits, first = np.unique(tried[accepted], return_index=True)
        filled[hits] = values[accepted][first]
        pending = np.setdiff1d(pending, hits, assume_unique=True)
        if not len(pending):
            return filled
    raise RuntimeError(f"{len(pending)} rows are asked for what all but never happens")
