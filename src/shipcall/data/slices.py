"""Slices: which levels the baseline's rows have, and which lines belong to a slice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from shipcall.core import EvidenceError, Fault, Slice
from shipcall.data.cells import as_text
from shipcall.data.connect import Engine
from shipcall.data.faults import Trouble, fault, listed, near, refuse, shown
from shipcall.data.sources import MetricUse
from shipcall.data.views import Bound, arm_of, in_use
from shipcall.stats.sample import Ints

MOST_LEVELS = 2_000
"""More levels than this in one cut look like an id, not like a slice."""


def levels(
    bound: Bound, uses: Mapping[str, MetricUse], by: Sequence[str], engine: Engine
) -> dict[Slice, int]:
    """Count the units of every level in the baseline's rows.

    Reads names and slice columns only: neither labels nor grades nor anything of the candidate.

    Args:
        bound: The table.
        uses: Metrics in use, for tables of graded runs.
        by: Slice columns, or crosses of them: "country", "tenure*device".
        engine: Where the table is.

    Raises:
        EvidenceError: On a column that is not there or has too many levels.
    """
    cuts = {cut: _columns(cut, bound.parts.slices) for cut in by}
    missing = [
        _unknown(bound, column)
        for columns in cuts.values()
        for column in columns
        if column not in bound.parts.slices
    ]
    if missing:
        raise EvidenceError(missing)
    found: dict[Slice, int] = {}
    for cut, columns in cuts.items():
        found |= _cut(bound, uses, cut, columns, engine)
    return dict(sorted(found.items()))


def _columns(cut: str, known: Mapping[str, str]) -> list[str]:
    if cut in known:
        return [cut]
    return [name if name in known else name.strip() for name in cut.split("*")]


def _cut(
    bound: Bound,
    uses: Mapping[str, MetricUse],
    cut: str,
    columns: Sequence[str],
    engine: Engine,
) -> dict[Slice, int]:
    parts, rows = bound.parts, baseline_rows(bound, uses)
    key = next(name for name in ("unit", "query", "item", "request") if parts.has(name))
    names = bound.levels(rows, columns)
    seen = rows.select(unit=as_text(parts.cell(rows, key)), **names)
    units = seen.count() if bound.unique else seen.unit.nunique()
    counts = seen.group_by(list(names)).aggregate(units=units)
    table = engine.fetch(counts.limit(MOST_LEVELS + 1), bound.source.path)
    if table.num_rows > MOST_LEVELS:
        raise refuse(
            Trouble.SLICES,
            bound.source.path,
            seen=f"more than {MOST_LEVELS:,} levels of {shown(cut)}",
            expected="a slice of many units; this looks like an id",
            fix="Slice by a coarser column.",
        )
    return {
        Slice.of({column: row[f"s{i}"] for i, column in enumerate(columns)}): int(row["units"])
        for row in table.to_pylist()
    }


def baseline_rows(bound: Bound, uses: Mapping[str, MetricUse]) -> Any:
    """Keep the baseline's rows of a table in which every row belongs to one model."""
    t, parts = bound.table, bound.parts
    if not parts.format.column("arm"):
        return t
    rows = t.filter(in_use(bound, uses, t))
    return rows if parts.wide else rows.filter(arm_of(bound, rows) == "baseline")


def _unknown(bound: Bound, column: str) -> Fault:
    known = bound.parts.slices
    return fault(
        Trouble.SLICES,
        bound.source.path,
        seen=f"slice column {shown(column)}",
        expected=f"one of the columns {listed(known)}",
        fix=f"Correct the name, or bring the column.{near(column, known)}",
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coded:
    """A text column as numbers: which line has which level."""

    codes: NDArray[np.integer]
    """Shape (lines,)."""
    places: Mapping[str, Ints]
    """Level -> positions of its lines, ascending."""


class Codes(NamedTuple):
    """A text column as numbers."""

    codes: NDArray[np.integer]
    """Shape (lines,)."""
    values: Any
    """The value that each code stands for, in their order."""


def encode(column: pa.ChunkedArray) -> Codes:
    """Number the values of a text column in the order in which they first appear."""
    encoded = column.dictionary_encode().unify_dictionaries()
    if encoded.num_chunks == 0:
        return Codes(np.empty(0, dtype=np.int64), pa.array([], pa.string()))
    codes = np.concatenate([chunk.indices.to_numpy() for chunk in encoded.chunks])
    return Codes(codes.astype(np.int64), encoded.chunk(0).dictionary)


def coded(column: pa.ChunkedArray, order: Ints) -> Coded:
    """Number a slice column and find the lines of every level.

    Args:
        column: Text, as it was fetched.
        order: Position in the column of each line.
    """
    codes, values = encode(column)
    return arranged(Codes(codes[order], values.to_pylist()))


def arranged(found: Codes) -> Coded:
    """Find the lines of every level of a numbered column."""
    few = len(found.values) < 1 << 16
    codes: Any = found.codes.astype(np.uint16, copy=False) if few else found.codes
    size = np.int32 if codes.size < 1 << 31 else np.int64
    by_level = np.argsort(codes, kind="stable").astype(size, copy=False)
    ends = np.cumsum(np.bincount(codes, minlength=len(found.values)))
    parts = np.split(by_level, ends[:-1]) if len(found.values) else []
    return Coded(codes=codes, places=dict(zip(found.values, parts, strict=True)))


def lines_of(part: Slice, columns: Mapping[str, Coded]) -> Ints:
    """Positions of the lines of a slice, ascending.

    Args:
        part: With at least one pair.
        columns: Every column of the slice.
    """
    nothing: Ints = np.empty(0, dtype=np.int64)
    (column, level), *others = part.pairs
    kept = columns[column].places.get(level, nothing)
    for other, wanted in others:
        places = columns[other].places.get(wanted, nothing)
        if not places.size:
            return nothing
        codes = columns[other].codes
        kept = kept[codes[kept] == codes[places[0]]]
    return kept
