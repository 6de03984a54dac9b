"""Held: what a plan asks of several runs of one model, in memory, so that they can be mixed.

Everything that a metric needs of a line belongs to one model or to both alike. The numbers of
every run are kept line by line; whoever draws which run plays which model picks from them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, NamedTuple

import ibis
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from shipcall.core import Absent, EvidenceError, Reason, Slice
from shipcall.data.answers import (
    classes_of,
    number_rules,
    one_sided,
    probability_rules,
    refuse_strange_answers,
)
from shipcall.data.connect import Engine
from shipcall.data.facts import Facts, count_predictions, count_scores
from shipcall.data.faults import Trouble, fault, shown
from shipcall.data.kernel import Frame, Quantities, project
from shipcall.data.plan import Request, StatisticsPlan, sliced_by
from shipcall.data.quality import enforce
from shipcall.data.runrows import Opened, RunRows, demand_same_rows, read_rows
from shipcall.data.slices import Coded
from shipcall.data.sources import MetricUse
from shipcall.data.views import items, lines, predictions, runs
from shipcall.metrics import METRICS, Granularity, Options
from shipcall.stats.sample import Floats, Ints

Mask = NDArray[np.bool_]
Gone = dict[tuple[str, Slice], Absent]
_OWN = "_baseline"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeldView:
    """The lines from which some requests are summed, with the numbers of every run."""

    asked: tuple[Quantities, ...]
    own: tuple[Mapping[str, Floats], ...]
    """Per request: quantity without the name of a model -> values; shape (runs, lines)."""
    shared: tuple[Mapping[str, Floats], ...]
    """Per request: quantities that are the same for both models; shape (lines,)."""
    clusters: Ints
    """Code of the cluster of each line within the view, ascending; shape (lines,)."""
    owner: Ints
    """Number of that cluster among all clusters of the evidence; shape (lines,)."""
    slices: Mapping[str, Coded]
    unfound: int
    """Lines that were promised and are nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeldRows:
    """The rows of one metric, or of all predictions, as far as sanity counts them."""

    metric: str
    """Empty for predictions."""
    owner: Ints
    """Number of the cluster of each row; shape (rows,)."""
    value: Floats
    """Grade, or number of the answer; NaN where there is none; shape (runs, rows)."""
    graded: Mask
    """The final status is ok; shape (runs, rows)."""
    outside: Mask
    """The grade lies outside its range; shape (runs, rows)."""
    thresholds: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeldRuns:
    """Runs of one model on the same items."""

    names: tuple[str, ...]
    clusters: int
    """Clusters of all items together."""
    views: tuple[HeldView, ...]
    rows: tuple[HeldRows, ...]
    facts: Facts
    """What every pair of runs has in common; what is lost or constant depends on the pair."""
    gone: Gone
    """Requests that no run can answer."""
    undecided: Mapping[str, Absent]
    """Metrics of decisions in which some run never decides otherwise."""


def hold(
    opened: Sequence[Opened],
    plan: StatisticsPlan,
    uses: Mapping[str, MetricUse],
    engine: Engine,
) -> HeldRuns:
    """Read what a plan asks for of every run.

    Args:
        opened: At least two runs.
        plan: Requests on one table.
        uses: Metric -> how its grades are valued.
        engine: Where the runs are.

    Raises:
        EvidenceError: If the runs do not have the same rows, if one has a row twice, if two are
            copies of each other, or if answers do not fit a metric.
    """
    reading = _Reading(opened, plan, uses, engine)
    rows = {name: reading.rows(name) for name in reading.groups}
    demand_same_rows(opened, rows)
    clusters = sorted({name for table in rows.values() for name in table[0].clusters})
    numbers = {name: number for number, name in enumerate(clusters)}
    owners = {
        group: np.array([numbers[name] for name in table[0].clusters], dtype=np.int64)
        for group, table in rows.items()
    }
    held = HeldRuns(
        names=tuple(run.name for run in opened),
        clusters=len(clusters),
        views=reading.views(owners),
        rows=tuple(_held_rows(g, table, owners[g], uses) for g, table in rows.items()),
        facts=reading.facts,
        gone=reading.gone,
        undecided=reading.undecided,
    )
    _refuse_copies(opened, held)
    return held


class _View(NamedTuple):
    """Requests that are answered by the same lines."""

    group: str
    threshold: float
    by_unit: bool


class _Reading:
    """One pass over all runs."""

    def __init__(
        self,
        opened: Sequence[Opened],
        plan: StatisticsPlan,
        uses: Mapping[str, MetricUse],
        engine: Engine,
    ) -> None:
        self.opened = opened
        self.plan = plan
        self.uses = uses
        self.engine = engine
        bound = opened[0].bound
        self.scores = bound.parts.format.name == "scores"
        self.sliced = sorted(sliced_by(plan.requests) & set(bound.parts.slices))
        names = dict.fromkeys(request.options.name for request in plan.requests)
        self.groups = tuple(names) if self.scores else ("",)
        self.classes = () if self.scores else classes_of(bound, engine)
        self.facts = self._facts()
        self.gone: Gone = {}

    def rows(self, group: str) -> list[RunRows]:
        """The rows of one metric in every run."""
        return [read_rows(run, group, self.uses, self.sliced, self.engine) for run in self.opened]

    def views(self, owners: Mapping[str, Ints]) -> tuple[HeldView, ...]:
        """The lines of all requests, grouped as one query answers them."""
        members: dict[_View, list[Request]] = {}
        for request in self.plan.requests:
            if self._measured(request):
                members.setdefault(self._key(request), []).append(request)
        self._check_answers([r for requests in members.values() for r in requests])
        return tuple(
            self._view(key, requests, owners[key.group]) for key, requests in members.items()
        )

    @property
    def undecided(self) -> dict[str, Absent]:
        """Metrics of decisions in which all scores of some run lie on one side."""
        found: dict[str, Absent] = {}
        for request in self.plan.requests:
            if self.scores or "threshold" not in METRICS[request.kind].options:
                continue
            for run in self.opened:
                if one_sided(run.bound, self._options(request), self.engine):
                    detail = f"{run.name}: every score lies on one side of the threshold"
                    found[request.metric] = Absent(reason=Reason.CONSTANT, detail=detail)
        return found

    def _key(self, request: Request) -> _View:
        if not self.scores:
            return _View("", 0.0, by_unit=False)
        by_unit = request.granularity is Granularity.UNIT
        return _View(request.options.name, request.options.threshold if by_unit else 0.0, by_unit)

    def _measured(self, request: Request) -> bool:
        column = request.options.column
        there = column in (None, "value") or self.opened[0].bound.parts.has(str(column))
        if not there:
            detail = f"{self.opened[0].file} has no column {column!r}"
            absent = Absent(reason=Reason.WRONG_COLUMNS, detail=detail)
            self.gone |= {(request.metric, part): absent for part in request.slices}
        return there

    def _view(self, key: _View, requests: Sequence[Request], owner: Ints) -> HeldView:
        frames = []
        for run in self.opened:
            view = self._lines(run, key)
            asked = [self._quantities(request, view) for request in requests]
            frames.append(project(view, asked, self.sliced, self.engine, run.file))
        first = frames[0]
        return HeldView(
            asked=tuple(Quantities(r, self._options(r), {}) for r in requests),
            own=tuple(_own(frames, place) for place in range(len(requests))),
            shared=tuple(_shared(columns) for columns in first.columns),
            clusters=first.clusters,
            owner=owner[first.clusters],
            slices=first.slices,
            unfound=self._unfound(first),
        )

    def _quantities(self, request: Request, view: Any) -> Quantities:
        options = self._options(request)
        return Quantities(request, options, METRICS[request.kind].rows(view, options))

    def _lines(self, run: Opened, key: _View) -> Any:
        """The lines of a run held against itself: what it says stands for both models."""
        if not self.scores:
            return predictions(run.bound, self.sliced)
        graded = runs(run.bound, self.uses, self.sliced)
        graded = graded.filter(graded.metric == key.group)
        again = graded.mutate(arm=ibis.literal("candidate"))
        paired = lines(ibis.union(graded, again, distinct=False))
        return items(paired, key.threshold) if key.by_unit else paired

    def _options(self, request: Request) -> Options:
        parts = self.opened[0].bound.parts
        weighed = not self.scores and parts.has("weight")
        return replace(
            request.options, classes=self.classes, numbered=parts.classes > 0, weighed=weighed
        )

    def _check_answers(self, requests: Sequence[Request]) -> None:
        if self.scores:
            return
        options = {
            self._options(request) for request in requests if not METRICS[request.kind].numbers
        }
        for run in self.opened:
            refuse_strange_answers(run.bound, run.raw, options, self.engine)
            if any(METRICS[request.kind].probability for request in requests):
                enforce(probability_rules(run.bound), run.raw, self.engine)
            if any(METRICS[request.kind].numbers for request in requests):
                enforce(number_rules(run.bound), run.raw, self.engine)

    def _facts(self) -> Facts:
        run = self.opened[0]
        if not self.scores:
            return count_predictions(run.bound, self.engine, run.file)
        facts = count_scores(run.bound, self.uses, self.engine, run.file)
        hashed = run.bound.parts.has("item_hash")
        return replace(facts, rows=2 * facts.rows, unmatched={}, hashed=hashed)

    def _unfound(self, frame: Frame) -> int:
        facts = self.facts
        if not self.scores:
            return max(facts.unfound_units, facts.unfound_rows)
        return max(frame.unfound(facts.expected_units), facts.unfound_rows)


def _own(frames: Sequence[Frame], place: int) -> dict[str, Floats]:
    columns = [frame.columns[place] for frame in frames]
    return {
        name.removesuffix(_OWN): np.stack([column[name] for column in columns])
        for name in columns[0]
        if name.endswith(_OWN)
    }


def _shared(columns: Mapping[str, Floats]) -> dict[str, Floats]:
    models = (_OWN, "_candidate")
    return {name: values for name, values in columns.items() if not name.endswith(models)}


def _held_rows(
    group: str, tables: Sequence[RunRows], owner: Ints, uses: Mapping[str, MetricUse]
) -> HeldRows:
    return HeldRows(
        metric=group,
        owner=owner[tables[0].codes],
        value=_numbered([table.value for table in tables]),
        graded=np.stack([table.graded for table in tables]),
        outside=np.stack([table.outside for table in tables]),
        thresholds=uses[group].thresholds if group in uses else (),
    )


def _numbered(columns: Sequence[pa.ChunkedArray]) -> Floats:
    """Grades as they are; answers of any kind as numbers that are equal where answers are."""
    if pa.types.is_floating(columns[0].type):
        return np.stack([np.asarray(column.to_numpy(), dtype=np.float64) for column in columns])
    whole = pa.chunked_array([chunk for column in columns for chunk in column.chunks])
    codes = whole.combine_chunks().dictionary_encode().indices
    return np.asarray(codes.to_numpy(zero_copy_only=False), dtype=np.float64).reshape(
        len(columns), -1
    )


def _refuse_copies(opened: Sequence[Opened], held: HeldRuns) -> None:
    """Runs that agree in every number beside runs that do not are copies, not luck."""
    pairs = list(combinations(range(len(opened)), 2))
    alike = [pair for pair in pairs if _alike(held, *pair)]
    if not alike or len(alike) == len(pairs):
        return
    raise EvidenceError(
        [
            fault(
                Trouble.RUNS,
                opened[second].file,
                seen=f"runs {shown(opened[first].name)} and {shown(opened[second].name)} agree in "
                "every number, and the others do not",
                expected="runs of their own; an answer from a cache is no run",
                fix="Leave one of the two out, or run it again with the cache off.",
            )
            for first, second in alike
        ]
    )


def _alike(held: HeldRuns, first: int, second: int) -> bool:
    columns = [own for view in held.views for quantities in view.own for own in quantities.values()]
    columns += [rows.value for rows in held.rows]
    return all(np.array_equal(one[first], one[second], equal_nan=True) for one in columns)
