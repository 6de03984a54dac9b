"""Kernel: one query per view, then sums in a fixed order.

Lines are put in the order of cluster, unit and repeat, so neither the order of rows and files nor
the number of threads changes a byte of what is summed. No float is summed by the engine.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from shipcall.core import Absent, Reason, Slice
from shipcall.data.connect import Engine
from shipcall.data.plan import Request
from shipcall.data.slices import Coded, arranged, encode, lines_of
from shipcall.data.stream import stream
from shipcall.metrics import METRICS, Options, Statistic
from shipcall.stats.average_precision import average_precision_sample
from shipcall.stats.balanced import balanced_sample
from shipcall.stats.calibration import bin_sample, quantile_edges, width_edges
from shipcall.stats.clusters import Clusters
from shipcall.stats.coverage import coverage_sample
from shipcall.stats.moments import pair_sample
from shipcall.stats.offpolicy import logged_sample
from shipcall.stats.prediction_powered import powered_sample
from shipcall.stats.preference import preference_sample
from shipcall.stats.quantiles import quantile_sample
from shipcall.stats.ranking import auc_pair_sample
from shipcall.stats.recalibration import intercept_sample, slope_sample
from shipcall.stats.resample import bucketed
from shipcall.stats.roots import root_sample
from shipcall.stats.sample import Floats, Ints, Lost, PairSample, Sample

MOST_KEPT = 100_000
"""Of more lines than this, contributions of clusters are kept in buckets."""
ORDER = ("cluster", "unit", "repeat")
"""What lines are put in order by."""
_RANKED: Mapping[Statistic, Callable[..., PairSample]] = {
    Statistic.RANKS: auc_pair_sample,
    Statistic.AVERAGE_PRECISION: average_precision_sample,
}
"""Statistics of the order into which scores put the rows."""
_CLUSTERED: Mapping[Statistic, Callable[..., PairSample]] = {
    Statistic.COVERAGE: coverage_sample,
    Statistic.LOGGED: logged_sample,
    Statistic.SLOPE: slope_sample,
    Statistic.INTERCEPT: intercept_sample,
    Statistic.PREFERENCE: preference_sample,
    Statistic.POWERED: powered_sample,
}
"""Statistics that are worked out from all rows of a slice and who belongs together."""


class Quantities(NamedTuple):
    """What one request needs of every line."""

    request: Request
    options: Options
    columns: Mapping[str, Any]
    """Name -> expression over the view, as the metric gave it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """A view with the quantities of all its requests, in fixed order."""

    clusters: Ints
    """Code of the cluster of each line, ascending from 0; shape (lines,)."""
    units: pa.ChunkedArray
    """Name of the unit of each line, in the order of the files."""
    runs: Ints | None
    """Runs behind each line, where lines are units; shape (lines,)."""
    columns: Sequence[Mapping[str, Floats]]
    """Per request: name -> values; NaN where a line has none; shape (lines,) each."""
    slices: Mapping[str, Coded]

    @property
    def size(self) -> int:
        """Number of lines."""
        return self.clusters.size

    def unfound(self, expected_units: int | None) -> int:
        """Lines that were promised and are nowhere, not even with one arm.

        Every unit is expected to have as many runs as the unit with most.
        """
        if expected_units is None or not self.size:
            return 0
        counts = self.runs if self.runs is not None else np.bincount(encode(self.units).codes)
        units, most = max(expected_units, counts.size), int(counts.max())
        if self.runs is not None:
            return units - int(np.count_nonzero(counts == most))
        return units * most - int(counts.sum())


def project(  # noqa: PLR0913 - one query, and where it comes from
    view: Any,
    asked: Sequence[Quantities],
    sliced: Sequence[str],
    engine: Engine,
    what: str,
    *,
    packed: bool = False,
) -> Frame:
    """Fetch everything that all requests on one view need, in one query, piece by piece.

    Args:
        view: Lines with cluster, unit, repeat and slices s0, s1, …
        asked: The requests with their column expressions.
        sliced: Names of the slice columns, in the order of s0, s1, …
        engine: Where the view lives.
        what: Names the evidence in an error.
        packed: For `sum_up` alone: columns of small whole numbers may come in a byte each.
    """
    named, placed = placing(asked)
    keys = {name: view[name] for name in ORDER}
    levels = {f"s{i}": view[f"s{i}"] for i in range(len(sliced))}
    runs = {"runs": view.runs} if "runs" in view.columns else {}
    lines = stream(
        engine.batches(view.select(**keys, **levels, **runs, **named), what),
        keys=(*keys, *runs),
        numbers=tuple(named),
        levels=tuple(levels),
        packed=packed,
    )
    kept = lines.keys
    order = np.asarray(pc.sort_indices(kept, sort_keys=[(name, "ascending") for name in ORDER]))
    values = {place: lines.numbers[place].take(order) for place in named}
    return Frame(
        clusters=_ascending(encode(kept["cluster"]).codes[order]),
        units=kept["unit"],
        runs=kept["runs"].to_numpy()[order] if runs else None,
        columns=[{name: values[at] for name, at in places.items()} for places in placed],
        slices={name: arranged(lines.levels[f"s{i}"].take(order)) for i, name in enumerate(sliced)},
    )


def unfound_in(view: Any, expected_units: int | None, engine: Engine, what: str) -> int:
    """Count lines as `Frame.unfound` does, in the engine."""
    if expected_units is None:
        return 0
    whole = "runs" in view.columns
    t = view.select(n=view.runs) if whole else view.group_by("unit").aggregate(n=view.count())
    seen = engine.row(t.aggregate(units=t.count(), most=t.n.max(), lines=t.n.sum()), what)
    if not seen["units"]:
        return 0
    units = max(expected_units, seen["units"])
    if not whole:
        return int(units * seen["most"] - seen["lines"])
    return int(units - engine.row(t.aggregate(n=(t.n == seen["most"]).sum()), what)["n"])


class Placing(NamedTuple):
    """Where the quantities of requests stand in one query: the same expression stands once."""

    named: Mapping[str, Any]
    """Column of the query -> expression."""
    placed: Sequence[Mapping[str, str]]
    """Per request: name of a quantity -> column of the query."""


def placing(asked: Sequence[Quantities]) -> Placing:
    """Name the columns that all requests on one view need."""
    places: dict[Any, str] = {}
    named: dict[str, Any] = {}
    placed = []
    for quantities in asked:
        mine = {}
        for name, expression in quantities.columns.items():
            mine[name] = places.setdefault(expression.op(), f"q{len(places)}")
            named[mine[name]] = expression.cast("float64")
        placed.append(mine)
    return Placing(named, placed)


def _ascending(codes: Ints) -> Ints:
    """Number sorted clusters 0, 1, … in the order in which they stand."""
    if not codes.size:
        return codes
    return np.concatenate(([0], np.cumsum(codes[1:] != codes[:-1]))).astype(np.int64)


def sum_up(
    frame: Frame, asked: Sequence[Quantities], unfound: int
) -> dict[tuple[str, Slice], Sample | Absent]:
    """Sum every request on every slice it asks for.

    Args:
        frame: The lines.
        asked: The requests, in the order of `frame.columns`.
        unfound: Lines that were promised and are nowhere: lost in every slice, as nobody knows
            where they belong.
    """
    summing = [
        _Summing(quantities, columns, unfound)
        for quantities, columns in zip(asked, frame.columns, strict=True)
    ]
    found: dict[tuple[str, Slice], Sample | Absent] = {}
    for part in dict.fromkeys(p for quantities in asked for p in quantities.request.slices):
        lines = None
        if set(part.columns) <= set(frame.slices):
            lines = Lines(frame, lines_of(part, frame.slices) if part.pairs else None)
        for one in summing:
            if part in one.request.slices:
                found[one.request.metric, part] = one.sample(part, lines)
    return found


def sum_part(  # noqa: PLR0913, PLR0917 - one request on some lines
    frame: Frame,
    quantities: Quantities,
    columns: Mapping[str, Floats],
    part: Slice,
    places: Ints,
    unfound: int,
) -> Sample | Absent:
    """Sum one request on lines that somebody chose.

    Args:
        frame: The lines.
        quantities: The request.
        columns: Its values on all lines.
        part: What to call these lines.
        places: Positions of the lines, ascending.
        unfound: Lines that were promised and are nowhere.
    """
    return _Summing(quantities, columns, unfound).sample(part, Lines(frame, places))


class Lines:
    """The lines of one slice. What several requests need of them is gathered once."""

    def __init__(self, frame: Frame, places: Ints | None) -> None:
        self.frame = frame
        self.places = places
        self.size = frame.size if places is None else places.size
        self._gathered: dict[int, Floats] = {}

    def usable(self, usable: NDArray[np.bool_]) -> "Lines":
        """Only those of the lines on which a request can be summed."""
        mine = usable if self.places is None else usable[self.places]
        if mine.all():
            return self
        kept = np.flatnonzero(usable) if self.places is None else self.places[mine]
        return Lines(self.frame, kept)

    def gather(self, columns: Mapping[str, Floats]) -> dict[str, Floats]:
        """Take the values of columns on these lines, as float64; one column is one array.

        What is gathered of a slice is kept for other requests; of all lines only what is asked.
        """
        kept = {} if self.places is None else self._gathered
        for column in columns.values():
            if id(column) not in kept:
                own = column if self.places is None else column[self.places]
                kept[id(column)] = own.astype(np.float64, copy=False)
        return {name: kept[id(column)] for name, column in columns.items()}

    @cached_property
    def codes(self) -> Ints:
        """Code of the cluster of each line."""
        return self.frame.clusters if self.places is None else self.frame.clusters[self.places]

    @cached_property
    def clusters(self) -> Clusters:
        """Which of these lines belong together."""
        return Clusters.of(self.codes)


class _Summing:
    """One request on one frame."""

    def __init__(self, quantities: Quantities, columns: Mapping[str, Floats], unfound: int) -> None:
        self.request, self.options, _ = quantities
        self.metric = METRICS[self.request.kind]
        self.range = self.options.range or self.metric.range
        self.columns = columns
        self.unfound = unfound
        self.usable: NDArray[np.bool_] = np.all(
            [np.isfinite(values) for values in columns.values()], axis=0
        )
        self.edges = self._edges()

    def sample(self, part: Slice, lines: Lines | None) -> Sample | Absent:
        """Sum the lines of one slice; None where the evidence has no such column."""
        if lines is None:
            return no_column(part)
        kept = lines.usable(self.usable)
        refused = refusal(self.options.name, part, lines.size, kept.size)
        if refused is not None:
            return refused
        possible = self.range if self.metric.fills else None
        lost = Lost(rows=lines.size - kept.size + self.unfound, range=possible)
        summed = self._summed(kept, lost)
        if not isinstance(summed, PairSample) or lines.frame.clusters.size <= MOST_KEPT:
            return summed
        return replace(summed, influence=summed.influence and bucketed(summed.influence))

    def _summed(self, lines: Lines, lost: Lost) -> Sample:
        statistic, influence = self.request.statistic, self.request.influence
        columns = lines.gather(self.columns)
        if statistic in (Statistic.RATIO, Statistic.ROOT):
            sample = pair_sample(
                **columns,
                clusters=lines.clusters,
                range=self.range,
                lost=lost,
                binary=self.metric.binary,
                influence=influence,
                amounts=self.metric.amounts,
            )
            return root_sample(sample) if statistic is Statistic.ROOT else sample
        if statistic is Statistic.BALANCED:
            classes = len(self.options.sides)
            return balanced_sample(
                **columns, clusters=lines.clusters, classes=classes, lost=lost, influence=influence
            )
        if statistic in _RANKED:
            summed = _RANKED[statistic]
            return summed(**columns, cluster=lines.codes, lost=lost, influence=influence)
        if statistic is Statistic.BINS:
            return bin_sample(**columns, cluster=lines.codes, edges=self.edges, lost=lost)
        if statistic in _CLUSTERED:
            summed = _CLUSTERED[statistic]
            return summed(**columns, clusters=lines.clusters, lost=lost, influence=influence)
        return quantile_sample(**columns, q=self.options.q or 0.5, cluster=lines.codes, lost=lost)

    def _edges(self) -> Floats:
        """Edges of calibration bins: from the baseline, once for all slices and both models."""
        if self.request.statistic is not Statistic.BINS or not self.usable.any():
            return np.empty(0)
        if self.options.binning == "width":
            return width_edges(self.options.bins)
        stated = self.columns["confidence_baseline"][self.usable].astype(np.float64, copy=False)
        weight = self.columns.get("weight")
        return quantile_edges(
            stated, self.options.bins, None if weight is None else weight[self.usable]
        )


def no_column(part: Slice) -> Absent:
    """Say that nobody can tell which lines belong to a slice."""
    detail = f"the evidence has no slice column for {part}"
    return Absent(reason=Reason.WRONG_COLUMNS, detail=detail)


def refusal(name: str, part: Slice, lines: int, usable: int) -> Absent | None:
    """Say why a metric has nothing to sum in a slice; None where it has.

    Args:
        name: Of the metric.
        part: The slice.
        lines: Its lines.
        usable: Those of them that have all quantities.
    """
    if not lines:
        return Absent(reason=Reason.NO_ROWS, detail=f"no row of {name!r} in {part}")
    if not usable:
        detail = f"none of {lines} rows has a usable value of {name!r}"
        return Absent(reason=Reason.ROWS_MISSING, detail=detail)
    return None
