"""Discovery: the worst slices nobody named, searched on one half of the units.

Every column that could slice, and every pair of them, is looked at: all conjunctions of one or
two levels, not a sample of them. Units are dealt to halves by a hash of their cluster, so nothing
that depends on a unit is in both. What is found on one half is summed on the other.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from typing import Any, NamedTuple

import ibis
import numpy as np

from shipcall.core import Absent, Bar, Estimand, Reason, Slice
from shipcall.data.cells import as_number, as_text, is_not_finite
from shipcall.data.connect import Engine
from shipcall.data.kernel import Frame, Quantities, sum_part
from shipcall.data.slices import Coded, baseline_rows, lines_of
from shipcall.data.sources import NO_LEVEL, MetricUse
from shipcall.data.views import Bound
from shipcall.stats.discovery import Rows, cell_scores
from shipcall.stats.sample import Ints, Sample

MOST_COLUMNS = 12
"""More columns than this are not searched: 12 make 66 pairs."""
MOST_LEVELS = 30
"""A column of text with more levels than this is not searched; numbers are binned."""
BINS = 5
FEWEST = 60
"""Units a slice needs in both halves together, whatever the contract says."""
ALIKE = 0.8
"""A slice that shares this much of the smaller one with a slice found before is the same."""
MOST_LOOKED_AT = 2_000
"""Of the slices beyond the bar, so many are compared with those that were taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunt:
    """What to look for."""

    most: int
    """Slices to bring back at most."""
    estimand: Estimand
    bar: Bar
    min_units: int
    named: frozenset[Slice]
    """Slices that the contract names: judged already."""


class Find(NamedTuple):
    """A slice that looked worse than allowed on the half that was searched."""

    part: Slice
    score: float
    """Standard errors beyond the bar on the half that was searched; exaggerated by the picking."""
    units: int
    """Independent units in both halves."""
    sample: Sample | Absent
    """Sums over the other half."""
    searched: Sample | Absent
    """Sums over the half that was searched, where the slice was picked for being bad."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What a search looked at and found."""

    finds: tuple[Find, ...]
    """Worst first."""
    tried: int
    """Slices with enough rows that nobody named, at least 1."""
    lost: int
    """Lines that could not be searched, and promised lines that are nowhere."""
    columns: tuple[str, ...]
    unsearched: tuple[str, ...]
    """Columns that were left out: too many levels to be slices, or too many columns."""


class Searchable(NamedTuple):
    """A table whose columns can be searched: numbers are binned, ids left out."""

    bound: Bound
    columns: tuple[str, ...]
    unsearched: tuple[str, ...]


def searchable(
    bound: Bound, uses: Mapping[str, MetricUse], used: Sequence[str], engine: Engine
) -> Searchable:
    """Choose the columns that can be searched and bin those that hold numbers.

    Numbers with more than 30 values are cut at the fifths of the baseline's rows, blind to
    every outcome. Columns of one level say nothing and are not counted as left out.

    Args:
        bound: The table.
        uses: Metrics in use, for tables of graded runs.
        used: Columns that the metric itself reads: a weight is no slice.
        engine: Where the table is.
    """
    rows = baseline_rows(bound, uses)
    names = [name for name in bound.parts.slices if name not in used]
    if not names:
        return Searchable(bound, (), ())
    facts = engine.row(rows.aggregate(**_profile(bound, rows, names)), bound.source.path)
    by_level = [n for i, n in enumerate(names) if 1 < facts[f"levels{i}"] <= MOST_LEVELS]
    numbers = [
        n
        for i, n in enumerate(names)
        if facts[f"levels{i}"] > MOST_LEVELS and facts[f"numbers{i}"] == facts[f"filled{i}"]
    ]
    chosen = [n for n in names if n in by_level or n in numbers][:MOST_COLUMNS]
    binned = _binned(bound, rows, [n for n in chosen if n in numbers], engine)
    varying = [n for i, n in enumerate(names) if facts[f"levels{i}"] > 1]
    return Searchable(binned, tuple(chosen), tuple(n for n in varying if n not in chosen))


def _profile(bound: Bound, rows: Any, names: Sequence[str]) -> dict[str, Any]:
    profile = {}
    for i, name in enumerate(names):
        cell = rows[bound.parts.slices[name]]
        number = as_number(cell)
        profile[f"levels{i}"] = as_text(cell).fill_null(NO_LEVEL).approx_nunique()
        profile[f"filled{i}"] = cell.count()
        profile[f"numbers{i}"] = number.count(where=~is_not_finite(number))
    return profile


def _binned(bound: Bound, rows: Any, names: Sequence[str], engine: Engine) -> Bound:
    """Put bins of numbers in place of the columns, cut at quantiles of the baseline's rows."""
    if not names:
        return bound
    places = {name: bound.parts.slices[name] for name in names}
    levels = [i / BINS for i in range(1, BINS)]
    cuts = {
        f"e{i}_{j}": as_number(rows[places[name]]).quantile(level)
        for i, name in enumerate(names)
        for j, level in enumerate(levels)
    }
    found = engine.row(rows.aggregate(**cuts), bound.source.path)
    t = bound.table
    bins = {}
    for i, name in enumerate(names):
        edges = sorted({float(found[f"e{i}_{j}"]) for j in range(len(levels))})
        bins[f"bin_{places[name]}"] = _bin(as_number(t[places[name]]), edges)
    slices = {
        name: f"bin_{place}" if name in places else place
        for name, place in bound.parts.slices.items()
    }
    parts = replace(bound.parts, slices=slices)
    return replace(bound, table=t.mutate(**bins), parts=parts, answered=None)


def _bin(number: Any, edges: Sequence[float]) -> Any:
    """Name the bin of a number: "up to 30", "30 to 41", "over 52"; null stays null."""
    names = [f"up to {edges[0]:.6g}"]
    names += [f"{low:.6g} to {high:.6g}" for low, high in pairwise(edges)]
    cases = [(number <= edge, name) for edge, name in zip(edges, names, strict=True)]
    return ibis.cases(*cases, (number.notnull(), f"over {edges[-1]:.6g}"))


def half_of(cluster: Any) -> Any:
    """Which half a cluster belongs to, 1 or 0: the first digit of a salted MD5 of its name."""
    digest = (ibis.literal("shipcall discovery ") + cluster).hexdigest("md5")
    return (digest.left(1) < "8").cast("float64")


def discover(frame: Frame, quantities: Quantities, hunt: Hunt, unfound: int) -> Discovery | Absent:
    """Search one half of the units and sum what is found on the other.

    Args:
        frame: Lines with the quantities of a ratio of sums, then `half`.
        quantities: The request whose columns come first in the frame.
        hunt: What to look for.
        unfound: Lines that were promised and are nowhere: lost in every slice.
    """
    columns, (half,) = frame.columns[0], frame.columns[1].values()
    known = np.all([np.isfinite(values) for values in columns.values()], axis=0)
    lines = np.flatnonzero(known & (half == 1))
    if not lines.size:
        return Absent(reason=Reason.NO_ROWS, detail="no row to search")
    rows = Rows(*(columns[name][lines] for name in Rows._fields))
    least = max(hunt.min_units, FEWEST)
    tried = _ordered(frame, rows, lines, hunt, least)
    count = sum(not one.named for one in tried)
    if not count:
        detail = f"no slice that nobody named has {least} units"
        return Absent(reason=Reason.TOO_FEW_UNITS, detail=detail)
    finds = []
    for part, score, places in _unlike(frame, tried, hunt.most, least):
        searched, sample = (
            sum_part(frame, quantities, columns, part, places[half[places] == side], unfound)
            for side in (1, 0)
        )
        finds.append(Find(part, score, _units(frame, places), sample, searched))
    return Discovery(
        finds=tuple(finds),
        tried=count,
        lost=int(np.count_nonzero(~known)) + unfound,
        columns=tuple(frame.slices),
        unsearched=(),
    )


class _Tried(NamedTuple):
    part: Slice
    score: float
    named: bool


def _ordered(frame: Frame, rows: Rows, lines: Ints, hunt: Hunt, least: int) -> list[_Tried]:
    """Score every slice with enough rows, worst first."""
    tried = []
    for columns in _conjunctions(tuple(frame.slices)):
        cell, names = _cells([frame.slices[name] for name in columns], lines)
        scores = cell_scores(rows, cell, len(names), hunt.estimand, hunt.bar)
        for number in np.flatnonzero(scores.rows >= least / 2):
            part = Slice.of(dict(zip(columns, names[number], strict=True)))
            tried.append(_Tried(part, float(scores.score[number]), part in hunt.named))
    return sorted(tried, key=lambda one: (-one.score, one.part))


def _conjunctions(columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for size in (1, 2):
        yield from combinations(columns, size)


class _Cells(NamedTuple):
    of: Ints
    """Number of the cell of each line."""
    names: list[tuple[str, ...]]
    """Levels of each cell."""


def _cells(columns: Sequence[Coded], lines: Ints) -> _Cells:
    cell: Ints = np.zeros(lines.size, dtype=np.int64)
    names: list[tuple[str, ...]] = [()]
    for column in columns:
        levels = list(column.places)
        cell = cell * len(levels) + column.codes[lines]
        names = [(*name, level) for name in names for level in levels]
    return _Cells(cell, names)


class _Taken(NamedTuple):
    part: Slice
    score: float
    places: Ints


def _unlike(frame: Frame, tried: Sequence[_Tried], most: int, least: int) -> list[_Taken]:
    """Take the worst slices beyond the bar that are not nearly the same units twice.

    What lies in a named slice that looks bad itself is not new either.
    """
    bad = [one.part for one in tried if one.named and one.score > 0]
    seen = [lines_of(part, frame.slices) for part in bad]
    taken: list[_Taken] = []
    for part, score, _ in [one for one in tried if not one.named][:MOST_LOOKED_AT]:
        if len(taken) == most or not 0 < score < math.inf:
            break
        places = lines_of(part, frame.slices)
        if _units(frame, places) >= least and not any(_alike(places, o) for o in seen):
            seen.append(places)
            taken.append(_Taken(part, score, places))
    return taken


def _alike(one: Ints, other: Ints) -> bool:
    shared = np.intersect1d(one, other, assume_unique=True).size
    return bool(shared >= ALIKE * min(one.size, other.size))


def _units(frame: Frame, places: Ints) -> int:
    """Clusters of some lines, which stand in the order of their clusters."""
    codes = frame.clusters[places]
    return int(codes.size and 1 + np.count_nonzero(codes[1:] != codes[:-1]))
