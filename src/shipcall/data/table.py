"""Table: one table of evidence that was read and found to be what it claims to be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from shipcall.core import Absent, Reason, Slice
from shipcall.data.answers import classes_of, one_sided, probability_rules, refuse_strange_answers
from shipcall.data.connect import Engine
from shipcall.data.facts import Facts, count_predictions, count_rows, count_scores
from shipcall.data.kernel import Frame, Quantities, project, sum_up
from shipcall.data.pairs import PairLines, count_pairs
from shipcall.data.plan import Request
from shipcall.data.quality import enforce
from shipcall.data.read import Raw
from shipcall.data.sources import MetricUse
from shipcall.data.views import Bound, items, lines, predictions, runs
from shipcall.metrics import METRICS, Granularity, Options
from shipcall.stats.sample import Sample

Samples = dict[tuple[str, Slice], Sample | Absent]
"""(metric, slice) -> what was summed of it."""


@dataclass(frozen=True)
class Table:
    """One table that was read and found to be what it claims to be."""

    bound: Bound
    raw: Raw
    uses: Mapping[str, MetricUse]
    engine: Engine

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
        found: Samples = {}
        views: dict[tuple[str, float], list[Request]] = {}
        for request in requests:
            views.setdefault(self._view_key(request), []).append(request)
        for members in views.values():
            found |= self._view_samples(members)
        return found

    def _view_key(self, request: Request) -> tuple[str, float]:
        """Requests with one key are answered by one query."""
        if self.name != "scores":
            return "", 0.0
        if request.granularity is Granularity.ROW:
            return request.options.name, float("-inf")
        return request.options.name, request.options.threshold

    def _view_samples(self, requests: Sequence[Request]) -> Samples:
        known = self.bound.parts.slices
        asked = {column for r in requests for part in r.slices for column in part.columns}
        sliced = sorted(asked & set(known))
        view = self._view(requests[0], sliced)
        found: Samples = {}
        measured = []
        for request in requests:
            column = request.options.column
            if column is not None and f"baseline_{column}" not in view.columns:
                detail = f"{self.what} has no column {column!r}"
                absent = Absent(reason=Reason.WRONG_COLUMNS, detail=detail)
                found |= {(request.metric, part): absent for part in request.slices}
                continue
            options = self._options(request)
            columns = METRICS[request.kind].rows(view, options)
            measured.append(Quantities(request, options, columns))
        if measured:
            frame = project(view, measured, sliced, self.engine, self.what)
            found |= sum_up(frame, measured, self._unfound(frame))
        return found

    def undecided(self, request: Request) -> Absent | None:
        """Why a request about decisions cannot be answered: the scores never lead to another."""
        if self.name != "predictions":
            return None
        options = self._options(request)
        arms = one_sided(self.bound, options, self.engine)
        if not arms:
            return None
        detail = (
            f"{self.what}: every score of the {' and of the '.join(arms)} lies on one side of the "
            f"threshold {options.threshold:g}"
        )
        return Absent(reason=Reason.CONSTANT, detail=detail)

    def _view(self, request: Request, sliced: Sequence[str]) -> Any:
        if self.name == "predictions":
            return predictions(self.bound, sliced)
        if self.name == "shadow_pairs":
            return self.pairs.of(sliced)
        graded = runs(self.bound, self.uses, sliced)
        paired = lines(graded.filter(graded.metric == request.options.name))
        if request.granularity is Granularity.ROW:
            return paired
        return items(paired, request.options.threshold)

    def _options(self, request: Request) -> Options:
        numbered = self.bound.parts.classes > 0
        return replace(request.options, classes=self.classes, numbered=numbered)

    def _unfound(self, frame: Frame) -> int:
        """Promised lines that are nowhere; a row that only one arm lost is counted elsewhere."""
        source = self.bound.source
        if source.expect_units is None and source.expect_rows is None:
            return 0
        if self.name != "scores":
            return max(self.facts.unfound_units, self.facts.unfound_rows)
        lacking = 0
        if source.expect_rows is not None:
            lacking = self.facts.unfound_rows - sum(self.facts.unmatched.values())
        return max(frame.unfound(source.expect_units), lacking)

    def _check_answers(self, requests: Sequence[Request]) -> None:
        if self.name != "predictions":
            return
        options = {self._options(request) for request in requests}
        refuse_strange_answers(self.bound, self.raw, options, self.engine)
        if any(METRICS[request.kind].probability for request in requests):
            enforce(probability_rules(self.bound), self.raw, self.engine)
