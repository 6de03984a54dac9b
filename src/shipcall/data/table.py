"""Table: one table of evidence that was read and found to be what it claims to be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from shipcall.core import Absent, Estimand, Reason, Slice
from shipcall.data.answers import (
    classes_of,
    number_rules,
    one_sided,
    probability_rules,
    refuse_strange_answers,
)
from shipcall.data.connect import Engine
from shipcall.data.discovery import Discovery, Hunt, discover, half_of, searchable
from shipcall.data.examples import Examples, Wanted, examples, within, worth
from shipcall.data.facts import Facts, count_predictions, count_rows, count_scores
from shipcall.data.kernel import Frame, Quantities, project, sum_up, unfound_in
from shipcall.data.logged import choices, logged_rules
from shipcall.data.pairs import PairLines, count_pairs
from shipcall.data.passes import Room, can_pass, sum_in_passes
from shipcall.data.plan import Request, sliced_by
from shipcall.data.preferences import count_preferences, read_book, refusal
from shipcall.data.preferences import lines_of as comparisons_of
from shipcall.data.quality import enforce
from shipcall.data.rankings import Cut, count_rankings, lacking, queries, shown
from shipcall.data.read import Raw
from shipcall.data.slices import lines_of
from shipcall.data.sources import MetricUse
from shipcall.data.sql import summing_sql
from shipcall.data.told import Told, told
from shipcall.data.views import Bound, items, lines, predictions, runs
from shipcall.data.weights import named_in, unread_weight
from shipcall.metrics import METRICS, Granularity, Options, Statistic
from shipcall.stats.sample import Floats, Ints, Sample

Samples = dict[tuple[str, Slice], Sample | Absent]
"""(metric, slice) -> what was summed of it."""


class Answered(NamedTuple):
    """The lines of one table that have every quantity of a request."""

    cluster: Ints
    """Code of the cluster of each line; shape (lines,)."""
    columns: Mapping[str, Floats]
    """Quantity -> values; shape (lines,) each."""
    lost: int
    """Lines without one of them, and promised lines that are nowhere."""


@dataclass(frozen=True)
class Table:
    """One table that was read and found to be what it claims to be."""

    bound: Bound
    raw: Raw
    uses: Mapping[str, MetricUse]
    engine: Engine
    room: Room = field(default_factory=Room)

    @property
    def what(self) -> str:
        """What an error message calls it: its path."""
        return self.bound.source.path

    @property
    def name(self) -> str:
        """Name of its format."""
        return self.bound.parts.format.name

    @cached_property
    def facts(self) -> Facts:
        """What the table holds, counted."""
        if self.name == "scores":
            return count_scores(self.bound, self.uses, self.engine, self.what)
        if self.name == "predictions":
            return count_predictions(self.bound, self.engine, self.what)
        if self.name == "shadow_pairs":
            return count_pairs(self.pairs)
        if self.name == "rankings":
            return count_rankings(self.bound, self.engine, self.what)
        if self.name == "preferences":
            return count_preferences(self.bound, self.engine, self.what)
        return count_rows(self.bound, self.engine, self.what)

    @cached_property
    def pairs(self) -> PairLines:
        """The lines of a table of shadow pairs."""
        return PairLines(self.bound, self.engine, self.what)

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """Labels that were seen, in order; none in tables without labels."""
        if self.name != "predictions":
            return ()
        return classes_of(self.bound, self.engine)

    def samples(self, requests: Sequence[Request]) -> Samples:
        """Sum all requests on this table, one query per view."""
        self._check_answers(requests)
        unread = unread_weight(self.bound, named_in(requests))
        if unread is not None:
            return {(r.metric, part): unread for r in requests for part in r.slices}
        found: Samples = {}
        views: dict[tuple[object, ...], list[Request]] = {}
        for request in requests:
            views.setdefault(self._view_key(request), []).append(request)
        for members in views.values():
            found |= self._view_samples(members)
        return found

    def _view_key(self, request: Request) -> tuple[object, ...]:
        """Requests with one key are answered by one query."""
        if self.name == "rankings":
            return request.granularity, Cut.of(self.options(request))
        if self.name == "preferences":
            options = self.options(request)
            return request.granularity, options.raters, options.column
        if self.name != "scores":
            return "", 0.0
        if request.granularity is Granularity.ROW:
            return request.options.name, float("-inf")
        return request.options.name, request.options.threshold

    def _view_samples(self, requests: Sequence[Request]) -> Samples:
        known = self.bound.parts.slices
        sliced = sorted(sliced_by(requests) & set(known))
        view = self._view(requests[0], sliced)
        found: Samples = {}
        measured = []
        for request in requests:
            column = self._lacking(request, view)
            if column is not None:
                absent = self._no_column(column)
                found |= {(request.metric, part): absent for part in request.slices}
                continue
            options = self.options(request)
            columns = METRICS[request.kind].rows(view, options)
            measured.append(Quantities(request, options, columns))
        found |= self._sums(view, measured, sliced)
        return found | self._disbelieved(requests, sliced)

    def _sums(self, view: Any, asked: Sequence[Quantities], sliced: Sequence[str]) -> Samples:
        """Sum requests on one view.

        Where there are many lines, in passes if the statistic can, else one request after the
        other, so that the columns of one are held at a time.
        """
        long = bool(asked) and self._rows > self.room.rows
        passed = [one for one in asked if long and can_pass(one)]
        at_once = [one for one in asked if one not in passed]
        found: Samples = {}
        if passed:
            unfound = self._promised(lambda units: unfound_in(view, units, self.engine, self.what))
            found |= sum_in_passes(
                view, passed, sliced, self.engine, self.what, unfound=unfound, block=self.room.block
            )
        for group in [[one] for one in at_once] if long else filter(None, [at_once]):
            named = sliced_by(one.request for one in group)
            cut = [column for column in sliced if column in named]
            frame = project(view, group, cut, self.engine, self.what, packed=True)
            found |= sum_up(frame, group, self._unfound(frame))
        return found

    @cached_property
    def _rows(self) -> int:
        """Rows of the files, which are at least as many as the lines of any view."""
        t = self.bound.table
        return int(self.engine.row(t.aggregate(rows=t.count()), self.what)["rows"])

    def _disbelieved(self, requests: Sequence[Request], sliced: Sequence[str]) -> Samples:
        """Why raters of comparisons say nothing, for each request and slice where they do not."""
        if self.name != "preferences":
            return {}
        book = read_book(self.bound, sliced, self.engine, self.what)
        whys = {
            (r.metric, part): refusal(book, part, self.options(r), r.granularity)
            for r in requests
            for part in r.slices
        }
        return {key: why for key, why in whys.items() if why is not None}

    def examples(
        self, request: Request, part: Slice, estimand: Estimand, at: float, wanted: Wanted
    ) -> Examples | Absent:
        """List the rows behind one number: those of one group, on one slice."""
        if not set(part.columns) <= set(self.bound.parts.slices):
            detail = f"{self.what} has no slice column for {part}"
            return Absent(reason=Reason.WRONG_COLUMNS, detail=detail)
        sliced = sorted(part.columns)
        view = self._view(request, sliced)
        options, column = self.options(request), self._lacking(request, view)
        if column is not None:
            return self._no_column(column)
        columns = METRICS[request.kind].rows(view, options)
        value = worth(columns, request, options, estimand, at)
        if value is None:
            detail = f"a row has no worth of its own for kind {request.kind!r}"
            return Absent(reason=Reason.NOT_MEASURABLE, detail=detail)
        return examples(
            view,
            columns,
            value,
            within(view, part, sliced),
            wanted,
            engine=self.engine,
            what=self.what,
        )

    def query(self, request: Request, part: Slice, dialect: str) -> str:
        """Write the query that sums one request on one slice; empty where a column is not there."""
        sliced = sorted(part.columns)
        if not set(sliced) <= set(self.bound.parts.slices):
            return ""
        view = self._view(request, sliced)
        if self._lacking(request, view) is not None:
            return ""
        return summing_sql(view, request, self.options(request), part, sliced, dialect=dialect)

    def told(self, request: Request, units: Sequence[str]) -> dict[str, Told]:
        """Read what the files say of some units, in words."""
        return told(self.bound, self.uses, request.options.name, units, engine=self.engine)

    def answered(self, request: Request, part: Slice | None = None) -> Answered:
        """Fetch the quantities of one request on the lines of a slice that have all of them.

        Args:
            request: Names every column of the slice in one of its own.
            part: Where; None: everywhere.
        """
        frame = self._frame(request)
        (columns,) = frame.columns
        usable = np.all([np.isfinite(values) for values in columns.values()], axis=0)
        inside = lines_of(part, frame.slices) if part and part.pairs else np.arange(frame.size)
        kept = inside[usable[inside]]
        return Answered(
            cluster=frame.clusters[kept],
            columns={name: values[kept] for name, values in columns.items()},
            lost=int(inside.size - kept.size) + self._unfound(frame),
        )

    def discover(self, request: Request, hunt: Hunt) -> Discovery | Absent:
        """Search for slices that nobody named: on one half of the units, summed on the other."""
        if request.statistic is not Statistic.RATIO:
            detail = f"kind {request.kind!r} is no ratio of sums, which the search needs"
            return Absent(reason=Reason.NOT_MEASURABLE, detail=detail)
        options = self.options(request)
        used = [name for name in (options.weight, options.per, options.column) if name]
        binned, columns, unsearched = searchable(self.bound, self.uses, used, self.engine)
        if not columns:
            detail = f"{self.what} has no column that could slice"
            return Absent(reason=Reason.WRONG_COLUMNS, detail=detail)
        table = replace(self, bound=binned)
        view = table._view(request, columns)  # noqa: SLF001 - the same table with bins
        lacking = table._lacking(request, view)  # noqa: SLF001
        if lacking is not None:
            return self._no_column(lacking)
        quantities = table._quantities(request, view)  # noqa: SLF001
        dealt = quantities._replace(columns={"half": half_of(view.cluster)})
        frame = project(view, [quantities, dealt], columns, self.engine, self.what)
        found = discover(frame, quantities, hunt, self._unfound(frame))
        return found if isinstance(found, Absent) else replace(found, unsearched=unsearched)

    def _frame(self, request: Request, *, apart: bool = False) -> Frame:
        known = self.bound.parts.slices
        sliced = sorted(sliced_by([request]) & set(known))
        view = self._view(request, sliced)
        if apart:
            size = view.unit.length().cast("string")  # so that no two names run into each other
            view = view.mutate(cluster=size + ":" + view.unit + ":" + view.repeat)
        return project(view, [self._quantities(request, view)], sliced, self.engine, self.what)

    def sample_apart(self, request: Request) -> Samples:
        """Sum one request as if no two lines belonged to one cluster."""
        frame = self._frame(request, apart=True)
        quantities = Quantities(request, self.options(request), {})
        return sum_up(frame, [quantities], self._unfound(frame))

    def _quantities(self, request: Request, view: Any) -> Quantities:
        options = self.options(request)
        return Quantities(request, options, METRICS[request.kind].rows(view, options))

    def _lacking(self, request: Request, view: Any) -> str | None:
        """Name a column that a metric needs and the table does not have."""
        options = self.options(request)
        if self.name == "rankings":
            return lacking(self.bound, request.granularity, options.column)
        if self.name == "preferences":
            return None if options.column in (None, *self.bound.parts.slices) else options.column
        if options.weight is not None and not self._weighs(options.weight):
            return options.weight
        named = (name for name in (options.column, options.per) if name is not None)
        return next((name for name in named if f"baseline_{name}" not in view.columns), None)

    def _weighs(self, name: str) -> bool:
        """Is there a column by which rows can be weighed?"""
        return name in self.bound.parts.slices or (name == "weight" and self.bound.parts.has(name))

    def _no_column(self, column: str) -> Absent:
        detail = f"{self.what} has no column {column!r}"
        return Absent(reason=Reason.WRONG_COLUMNS, detail=detail)

    def undecided(self, request: Request) -> Absent | None:
        """Why a request about decisions cannot be answered: the scores never lead to another."""
        if self.name != "predictions":
            return None
        options = self.options(request)
        key = options.numbered, options.positive_class, options.threshold
        if key not in self._one_sided:
            self._one_sided[key] = one_sided(self.bound, options, self.engine)
        arms = self._one_sided[key]
        if not arms:
            return None
        detail = (
            f"{self.what}: every score of the {' and of the '.join(arms)} lies on one side of the "
            f"threshold {options.threshold:g}"
        )
        return Absent(reason=Reason.CONSTANT, detail=detail)

    @cached_property
    def _one_sided(self) -> dict[tuple[bool, str | None, float], tuple[str, ...]]:
        """What was found of thresholds so far."""
        return {}

    def _view(self, request: Request, sliced: Sequence[str]) -> Any:
        if self.name == "predictions":
            return predictions(self.bound, sliced)
        if self.name == "shadow_pairs":
            return self.pairs.of(sliced)
        if self.name == "rankings":
            return self._lists(request, sliced)
        if self.name == "preferences":
            options = self.options(request)
            return comparisons_of(self.bound, sliced, request.granularity, options)
        paired = self.paired(request.options.name, sliced)
        if request.granularity is Granularity.ROW:
            return paired
        return items(paired, request.options.threshold)

    def paired(self, metric: str, sliced: Sequence[str] = ()) -> Any:
        """One line per item and repeat of one metric of graded runs; see `views.lines`."""
        key = tuple(sliced)
        if key not in self._paired:
            graded = self.engine.named(runs(self.bound, self.uses, sliced), self.what)
            self._paired[key] = self.engine.named(lines(graded), self.what)
        paired = self._paired[key]
        return paired.filter(paired.metric == metric)

    @cached_property
    def _paired(self) -> dict[tuple[str, ...], Any]:
        """Slice columns -> lines of all metrics, as far as they were asked for."""
        return {}

    def _lists(self, request: Request, sliced: Sequence[str]) -> Any:
        cut = Cut.of(self.options(request))
        if request.granularity is Granularity.QUERY:
            return queries(self.bound, sliced, cut)
        if request.granularity is Granularity.ITEM:
            return shown(self.bound, sliced, cut)
        return choices(self.bound, sliced, cut.column)

    def options(self, request: Request) -> Options:
        """The options of a metric, with what the table's labels and columns add to them."""
        numbered = self.bound.parts.classes > 0
        column = request.options.column or METRICS[request.kind].column
        weighed = self.name == "predictions" and self.bound.parts.has("weight")
        return replace(
            request.options,
            classes=self.classes,
            numbered=numbered,
            weighed=weighed,
            column=column,
        )

    def _unfound(self, frame: Frame) -> int:
        """Promised lines that are nowhere; a row that only one arm lost is counted elsewhere."""
        return self._promised(frame.unfound)

    def _promised(self, unfound: Callable[[int | None], int]) -> int:
        """As `_unfound`; `unfound` counts the lines for a number of promised units."""
        source = self.bound.source
        if source.expect_units is None and source.expect_rows is None:
            return 0
        if self.name != "scores":
            return max(self.facts.unfound_units, self.facts.unfound_rows)
        lacking = 0
        if source.expect_rows is not None:
            lacking = self.facts.unfound_rows - sum(self.facts.unmatched.values())
        return max(unfound(source.expect_units), lacking)

    def _check_answers(self, requests: Sequence[Request]) -> None:
        if any(METRICS[request.kind].statistic is Statistic.LOGGED for request in requests):
            enforce(logged_rules(self.bound), self.raw, self.engine)
        if self.name != "predictions":
            return
        options = {
            self.options(request) for request in requests if not METRICS[request.kind].numbers
        }
        refuse_strange_answers(self.bound, self.raw, options, self.engine)
        if any(METRICS[request.kind].probability for request in requests):
            enforce(probability_rules(self.bound), self.raw, self.engine)
        if any(METRICS[request.kind].numbers for request in requests):
            enforce(number_rules(self.bound), self.raw, self.engine)
