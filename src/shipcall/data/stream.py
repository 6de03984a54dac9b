"""Stream: the lines of a query as columns, piece by piece, so that no text is held for long.

Numbers stand in one array each, levels of slices as small codes, and a number that is the same on
every line takes no room at all. Only the names of clusters, units and repeats are held as text,
until the lines are in order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from shipcall.data.slices import Codes
from shipcall.stats.sample import Floats, Ints

_FEW = 1 << 16


@dataclass(slots=True)
class Levels:
    """The levels of one slice column, numbered in the order in which they first appear."""

    numbers: dict[Any, int] = field(default_factory=dict)
    pieces: list[NDArray[np.integer]] = field(default_factory=list)

    def add(self, piece: pa.Array) -> None:
        """Number the levels of the next lines, and hold them."""
        if len(piece):
            self.pieces.append(self.code(piece))

    def code(self, piece: pa.Array) -> NDArray[np.integer]:
        """Number the levels of the next lines."""
        encoded = piece.dictionary_encode()
        known = [
            self.numbers.setdefault(v, len(self.numbers)) for v in encoded.dictionary.to_pylist()
        ]
        kind: Any = np.uint16 if len(self.numbers) <= _FEW else np.int64
        codes: NDArray[np.integer] = np.array(known, dtype=kind)[encoded.indices.to_numpy()]
        return codes

    def take(self, order: Ints) -> Codes:
        """Give the codes of all lines in another order, and forget them."""
        codes = _joined(self.pieces, np.uint16)[order]
        self.pieces.clear()
        return Codes(codes, list(self.numbers))


@dataclass(slots=True)
class Numbers:
    """The numbers of one column; NaN where a line has none."""

    packed: bool = False
    """Hold pieces of small whole numbers in a byte each."""
    pieces: list[NDArray[Any]] = field(default_factory=list)
    size: int = 0
    constant: float | None = None
    """The one number of all lines so far; None as soon as there are two."""

    def add(self, piece: pa.Array) -> None:
        """Add the numbers of the next lines."""
        values = numbers_of(piece)
        if not values.size:
            return
        if not self.size and np.isfinite(values[0]):
            self.constant = float(values[0])
        if self.constant is not None and not (values == self.constant).all():
            self.pieces = [np.full(self.size, self.constant)] if self.size else []
            self.constant = None
        if self.constant is None:
            self.pieces.append(pack(values) if self.packed else values)
        self.size += values.size

    def take(self, order: Ints) -> Floats:
        """Give the numbers of all lines in another order, and forget them.

        Where they are packed and all of them are small whole numbers, a byte each is what comes.
        """
        if self.constant is not None:
            return np.broadcast_to(np.float64(self.constant), (order.size,))
        column = _joined(self.pieces, np.float64)
        self.pieces.clear()
        ordered: Floats = column[order]
        return ordered


@dataclass(frozen=True, slots=True)
class Streamed:
    """What was read of a query."""

    keys: pa.Table
    numbers: dict[str, Numbers]
    levels: dict[str, Levels]


def stream(
    batches: Iterable[pa.RecordBatch],
    keys: Sequence[str],
    numbers: Sequence[str],
    levels: Sequence[str],
    *,
    packed: bool = False,
) -> Streamed:
    """Take every piece of a query apart as it comes.

    Args:
        batches: The pieces of the query.
        keys: Columns that are kept as they are.
        numbers: Columns of float64.
        levels: Columns of text with few values.
        packed: Hold small whole numbers in a byte each.
    """
    held = []
    found = {name: Numbers(packed) for name in numbers}
    coded = {name: Levels() for name in levels}
    for batch in batches:
        held.append(pa.Table.from_batches([batch]).select(list(keys)))
        for name, column in found.items():
            column.add(batch.column(name))
        for name, level in coded.items():
            level.add(batch.column(name))
    nothing = pa.table({name: pa.array([], pa.string()) for name in keys})
    return Streamed(pa.concat_tables(held) if held else nothing, found, coded)


def numbers_of(piece: pa.Array) -> Floats:
    """The numbers of a piece of a query; NaN where a line has none."""
    return np.asarray(piece.to_numpy(zero_copy_only=False), dtype=np.float64)


def pack(values: Floats) -> NDArray[Any]:
    """Hold numbers in a byte each if none of them changes by that."""
    with np.errstate(invalid="ignore"):
        small = values.astype(np.int8)
    return small if (small == values).all() else values


def _joined(pieces: Sequence[Any], kind: Any) -> Any:
    return np.concatenate(pieces) if pieces else np.empty(0, dtype=kind)
