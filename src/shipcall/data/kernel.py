"""Kernel: one query per view, then sums in a fixed order.

Lines come sorted by cluster, unit and repeat, so neither the order of rows and files nor the
number of threads changes a byte of what is summed. No float is summed by the engine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from shipcall.core import Absent, Reason, Slice
from shipcall.data.connect import Engine
from shipcall.data.plan import Request
from shipcall.data.slices import Coded, coded, encode, lines_of
from shipcall.metrics import METRICS, Options, Statistic
from shipcall.stats.calibration import bin_sample, quantile_edges, width_edges
from shipcall.stats.clusters import Clusters
from shipcall.stats.moments import pair_sample
from shipcall.stats.ranking import auc_pair_sample
from shipcall.stats.sample import Floats, Ints, Lost, QuantileSample, Sample

_ORDER = ("cluster", "unit", "repeat")


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
    units: Ints
    """Code of the unit of each line; shape (lines,)."""
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
        counts = self.runs if self.runs is not None else np.bincount(self.units)
        units, most = max(expected_units, counts.size), int(counts.max())
        if self.runs is not None:
            return units - int(np.count_nonzero(counts == most))
        return units * most - int(counts.sum())


def project(
    view: Any,
    asked: Sequence[Quantities],
    sliced: Sequence[str],
    engine: Engine,
    what: str,
) -> Frame:
    """Fetch everything that all requests on one view need, in one query.

    Args:
        view: Lines with cluster, unit, repeat and slices s0, s1, …
        asked: The requests with their column expressions.
        sliced: Names of the slice columns, in the order of s0, s1, …
        engine: Where the view lives.
        what: Names the evidence in an error.
    """
    places: dict[Any, str] = {}
    named: dict[str, Any] = {}
    for quantities in asked:
        for expression in quantities.columns.values():
            place = places.setdefault(expression.op(), f"q{len(places)}")
            named[place] = expression.cast("float64")
    keys = {name: view[name] for name in _ORDER}
    levels = {f"s{i}": view[f"s{i}"] for i in range(len(sliced))}
    runs = {"runs": view.runs} if "runs" in view.columns else {}
    table = engine.fetch(view.select(**keys, **levels, **runs, **named).order_by(_ORDER), what)
    values = {place: _floats(table[place]) for place in named}
    return Frame(
        clusters=encode(table["cluster"])[0],
        units=encode(table["unit"])[0],
        runs=table["runs"].to_numpy() if runs else None,
        columns=[
            {name: values[places[e.op()]] for name, e in quantities.columns.items()}
            for quantities in asked
        ],
        slices={name: coded(table[f"s{i}"]) for i, name in enumerate(sliced)},
    )


def _floats(column: pa.ChunkedArray) -> Floats:
    return np.asarray(column.to_numpy(), dtype=np.float64)


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
    parts = {part for quantities in asked for part in quantities.request.slices if part.pairs}
    places = {
        part: lines_of(part, frame.slices)
        for part in parts
        if set(part.columns) <= set(frame.slices)
    }
    found: dict[tuple[str, Slice], Sample | Absent] = {}
    for quantities, columns in zip(asked, frame.columns, strict=True):
        summing = _Summing(quantities, columns, frame.clusters, unfound)
        for part in quantities.request.slices:
            name = quantities.request.metric
            found[name, part] = summing.sample(part, places.get(part))
    return found


class _Summing:
    """One request on one frame."""

    def __init__(
        self,
        quantities: Quantities,
        columns: Mapping[str, Floats],
        clusters: Ints,
        unfound: int,
    ) -> None:
        self.request, self.options, _ = quantities
        self.metric = METRICS[self.request.kind]
        self.range = self.options.range or self.metric.range
        self.columns = columns
        self.clusters = clusters
        self.unfound = unfound
        usable = np.ones(clusters.size, dtype=np.bool_)
        for values in columns.values():
            usable &= np.isfinite(values)
        self.usable: NDArray[np.bool_] = usable
        self.edges = self._edges()

    def sample(self, part: Slice, places: Ints | None) -> Sample | Absent:
        """Sum the lines of one slice."""
        if part.pairs and places is None:
            detail = f"the evidence has no slice column for {part}"
            return Absent(reason=Reason.WRONG_COLUMNS, detail=detail)
        lines = self.usable.size if places is None else places.size
        if not lines:
            return Absent(
                reason=Reason.NO_ROWS, detail=f"no row of {self.options.name!r} in {part}"
            )
        kept = self._kept(places)
        clusters = self.clusters[kept]
        lost = Lost(rows=lines - clusters.size + self.unfound, range=self.range)
        if not clusters.size:
            detail = f"none of {lines} rows has a usable value of {self.options.name!r}"
            return Absent(reason=Reason.ROWS_MISSING, detail=detail)
        return self._summed({n: v[kept] for n, v in self.columns.items()}, clusters, lost)

    def _kept(self, places: Ints | None) -> Any:
        if places is not None:
            return places[self.usable[places]]
        return slice(None) if self.usable.all() else np.flatnonzero(self.usable)

    def _summed(self, columns: Mapping[str, Floats], clusters: Ints, lost: Lost) -> Sample:
        statistic, influence = self.request.statistic, self.request.influence
        if statistic is Statistic.RATIO:
            return pair_sample(
                **columns,
                clusters=Clusters.of(clusters),
                range=self.range,
                lost=lost,
                binary=self.metric.binary,
                influence=influence,
            )
        if statistic is Statistic.RANKS:
            return auc_pair_sample(**columns, cluster=clusters, lost=lost, influence=influence)
        if statistic is Statistic.BINS:
            return bin_sample(**columns, cluster=clusters, edges=self.edges, lost=lost)
        return _quantile_sample(self.options.q or 0.5, columns, clusters, lost)

    def _edges(self) -> Floats:
        """Edges of calibration bins: from the baseline, once for all slices and both models."""
        if self.request.statistic is not Statistic.BINS or not self.usable.any():
            return np.empty(0)
        if self.options.binning == "width":
            return width_edges(self.options.bins)
        return quantile_edges(self.columns["confidence_baseline"][self.usable], self.options.bins)


def _quantile_sample(
    q: float, columns: Mapping[str, Floats], clusters: Ints, lost: Lost
) -> QuantileSample:
    baseline, candidate = columns["value_baseline"], columns["value_candidate"]
    first, second = (np.argsort(values, kind="stable") for values in (baseline, candidate))
    return QuantileSample(
        q=q,
        baseline=baseline[first],
        candidate=candidate[second],
        cluster_baseline=clusters[first],
        cluster_candidate=clusters[second],
        clusters=int(np.unique(clusters).size),
        lost=lost,
    )
