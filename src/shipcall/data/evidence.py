"""Evidence: the tables of a release, read, checked and summed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

from shipcall.core import Absent, Reason, Slice
from shipcall.data.activity import Activity
from shipcall.data.columns import match
from shipcall.data.connect import Engine
from shipcall.data.discovery import Discovery, Hunt
from shipcall.data.exposures import Exposures, micros
from shipcall.data.facts import Facts, duplicates
from shipcall.data.flips import Flips, flips_of
from shipcall.data.gathered import Gathered
from shipcall.data.outcomes import entered
from shipcall.data.pairbook import PairBook
from shipcall.data.passes import Room
from shipcall.data.plan import Request, StatisticsPlan
from shipcall.data.quality import check
from shipcall.data.ramp import Integrity, OutcomeRequest, States, Step
from shipcall.data.rankings import irrelevant
from shipcall.data.read import read, read_header
from shipcall.data.slices import levels
from shipcall.data.sources import MetricUse, Source, UnitColumns, by_name
from shipcall.data.suite import Suite, suite_of
from shipcall.data.table import Table
from shipcall.data.views import Bound, answered
from shipcall.data.weights import heaviest_weight, unread_weight
from shipcall.metrics import METRICS
from shipcall.stats.sample import Sample

__all__ = ["Evidence", "Facts", "Flips", "read_header"]

Samples = dict[tuple[str, Slice], Sample | Absent]


class Evidence:
    """The evidence of one release as it lies in its files now.

    Files are found at once and read when first asked for; a database is asked no sooner. A table
    that is not there is not an error: it is not present, its facts say so and its samples are
    absent.

    Args:
        sources: Format -> where its table lies.
        root: Folder of the contract; paths are relative to it.
        unit: Column names of the contract's [unit].
        metrics: Metric of the contract -> how its grades are valued.
        room: How much of a table is held at once.

    Raises:
        EvidenceError: If what lies there cannot be opened as a file of a known kind; all at once.
    """

    def __init__(
        self,
        sources: Mapping[str, Source],
        *,
        root: Path,
        unit: UnitColumns,
        metrics: Mapping[str, MetricUse],
        room: Room = Room(),  # noqa: B008 - frozen
    ) -> None:
        self._unit = unit
        self._room = room
        self._uses = by_name(metrics)
        self._sources = dict(sources)
        self._gathered = Gathered(self._sources, root)
        self._tables: dict[str, Table] = {}
        self._entered: dict[tuple[datetime, tuple[OutcomeRequest, ...]], States] = {}
        self._people: dict[tuple[datetime, tuple[str, ...]], Activity] = {}
        self._shown: Exposures | None = None
        self._summed: tuple[StatisticsPlan, Samples] | None = None
        self._hunted: dict[tuple[Request, Hunt], Discovery | Absent] = {}

    def present(self, format: str) -> bool:  # noqa: A002 - the word of the contract
        """Is there at least one file of this table, or the table itself in its database?"""
        return format in self._gathered.files

    def digests(self) -> dict[str, str]:
        """Format -> SHA-256 of the content of its files, one after another in path order."""
        return self._gathered.digests()

    def stats(self) -> tuple[tuple[str, int, int, int], ...]:
        """Say of every file and database what tells a changed one apart without reading it."""
        return self._gathered.stats()

    def demand_unchanged(self, before: Mapping[str, str]) -> None:
        """Go on only if the files still hold what they held when `digests` gave `before`.

        Raises:
            EvidenceError: With every table of which the content is another.
        """
        self._gathered.demand_unchanged(before)

    def demand_two_runs(self) -> None:
        """Go on only if no table holds one run under the names of both models.

        Raises:
            EvidenceError: With every table whose files are the same for both, byte for byte.
        """
        self._gathered.demand_two_runs()

    def columns(self, format: str) -> tuple[str, ...]:  # noqa: A002
        """Columns by which a table can be sliced, by name; none where it is not present.

        Raises:
            EvidenceError: If the table cannot be read as what it claims to be.
        """
        return tuple(self._table(format).bound.parts.slices) if self.present(format) else ()

    def levels(self, by: Sequence[str], format: str) -> dict[Slice, int]:  # noqa: A002
        """Units of every level in the baseline's rows, blind to every outcome.

        Args:
            by: Slice columns, or crosses such as "tenure*device". Null is the level "(none)".
            format: The table in which to look.

        Raises:
            EvidenceError: On a column that is not there or that looks like an id.
        """
        if not self.present(format):
            return {}
        return levels(self._table(format).bound, self._uses, by, self._engine)

    def facts(self, format: str) -> Facts:  # noqa: A002
        """Count what a table holds, what is lost and what does not fit.

        Raises:
            EvidenceError: If the table cannot be read as what it claims to be.
        """
        if not self.present(format):
            source = self._sources.get(format)
            return Facts(
                absent=self._nothing(format),
                expected_units=source.expect_units if source else None,
                expected_rows=source.expect_rows if source else None,
            )
        return self._table(format).facts

    def samples(self, plan: StatisticsPlan) -> Mapping[tuple[str, Slice], Sample | Absent]:
        """Sum what a plan asks for: one entry per request and slice, whatever happens.

        What was summed last is kept: whoever asks for it or a part of it reads nothing again.

        Raises:
            EvidenceError: If a table that is there cannot be read as what it claims to be, or
                does not fit a metric: labels of another type, answers that are no probabilities.
        """
        keys = [(request.metric, part) for request in plan.requests for part in request.slices]
        if self._summed is not None and self._summed[0].covers(plan):
            return {key: self._summed[1][key] for key in keys}
        found: Samples = {}
        tables: dict[str, list[Request]] = {}
        for request in plan.requests:
            absent = self._refusal(request)
            if absent is None:
                tables.setdefault(request.evidence, []).append(request)
            else:
                found |= {(request.metric, part): absent for part in request.slices}
        for name, requests in tables.items():
            found |= self._table(name).samples(requests)
        asked = {key: found[key] for key in keys}
        self._summed = plan, asked
        return asked

    def discover(self, request: Request, hunt: Hunt) -> Discovery | Absent:
        """Search a table for the worst slices that nobody named; once for the same question.

        Raises:
            EvidenceError: If the table is there and cannot be read as what it claims to be.
        """
        if (request, hunt) not in self._hunted:
            refused = self._refusal(request)
            found = refused or self._table(request.evidence).discover(request, hunt)
            self._hunted[request, hunt] = found
        return self._hunted[request, hunt]

    def undecided(self, plan: StatisticsPlan) -> Mapping[str, Absent]:
        """Name the metrics about which no row can say anything, whatever the models do.

        Those whose threshold lies beyond every score of a model, so that nothing is decided, and
        those of lists in which no item is relevant.

        Graded runs are not asked: there such grades are constant, which `facts` says.

        Args:
            plan: As for `samples`.

        Returns:
            Metric -> why it says nothing.
        """
        found: dict[str, Absent] = {}
        for request in plan.requests:
            if request.kind in METRICS and self._refusal(request) is None:
                absent = self._undecided(request)
                found |= {request.metric: absent} if absent else {}
        return found

    def _undecided(self, request: Request) -> Absent | None:
        read = METRICS[request.kind].options
        if request.evidence == "rankings" and "unjudged" in read:
            cut = request.options.threshold if "threshold" in read else None
            return irrelevant(self._table("rankings").bound, cut, self._engine)
        if "threshold" in read:
            return self._table(request.evidence).undecided(request)
        return None

    def flips(self, metric: str, *, limit: int = 20) -> Flips:
        """Say on which items of a `scores` table the models differ.

        Args:
            metric: Name in the `metric` column.
            limit: Most examples to show.

        Raises:
            EvidenceError: If the table is not there or cannot be read as what it claims to be.
        """
        table = self._table("scores")
        return flips_of(table.paired(metric), self._engine, table.what, limit)

    def opened(self, format: str) -> Table:  # noqa: A002 - the word of the contract
        """A table that is there, for those who look at its rows.

        Raises:
            EvidenceError: If the table is not there or cannot be read as what it claims to be.
        """
        return self._table(format)

    def suite(self, format: str) -> Suite:  # noqa: A002
        """Name the items of a table by their content, and who graded them.

        Raises:
            EvidenceError: If the table is not there or cannot be read as what it claims to be.
        """
        table = self._table(format)
        return suite_of(table.bound, table.uses, self._engine)

    def bound(self, format: str) -> Bound:  # noqa: A002
        """A table with the parts its columns play, for those who ask more of it than sums.

        Raises:
            EvidenceError: If the table is not there or cannot be read as what it claims to be.
        """
        return self._table(format).bound

    def pairs(self) -> PairBook:
        """The shadow pairs, for those who read them.

        Raises:
            EvidenceError: If the table is not there or cannot be read as what it claims to be.
        """
        return PairBook(self._table("shadow_pairs").pairs)

    def steps(self, as_of: datetime) -> tuple[Step, ...]:
        """The shares that were served until a moment, in order of their first exposure.

        Raises:
            EvidenceError: If the exposures cannot be read as what they claim to be.
        """
        return self._exposures(as_of).steps() if self.present("exposures") else ()

    def integrity(self, as_of: datetime) -> Integrity:
        """Whether the exposures until a moment are those of the promised assignment.

        Raises:
            EvidenceError: If the exposures cannot be read as what they claim to be.
        """
        return self._exposures(as_of).integrity() if self.present("exposures") else Integrity()

    def entered(self, requests: Sequence[OutcomeRequest], as_of: datetime) -> States:
        """The units whose windows have closed: one entry for every metric and slice.

        Raises:
            EvidenceError: If a table that is there cannot be read as what it claims to be.
        """
        key = as_of, tuple(requests)
        if key not in self._entered:
            self._entered[key] = self._enter(requests, as_of)
        return self._entered[key]

    def _enter(self, requests: Sequence[OutcomeRequest], as_of: datetime) -> States:
        asked = {(r.metric, part): part for r in requests for part in r.slices}
        for name in ("exposures", "outcomes"):
            if not self.present(name):
                return dict.fromkeys(asked, self._nothing(name))
        unread = unread_weight(self.bound("outcomes"))
        if unread is not None:
            return dict.fromkeys(asked, unread)
        known = self._table("exposures").bound.parts.slices
        sliced = {column for part in asked.values() for column in part.columns} & set(known)
        shown = self._exposures(as_of, tuple(sorted(sliced)))
        return entered(self._table("outcomes").bound, shown, requests)

    def people(self, as_of: datetime, by: Sequence[str] = ()) -> Activity | Absent:
        """Who began when in which arm, and what they did until a moment; read once.

        Args:
            as_of: Time of the verdict.
            by: Slice columns that will be asked for.

        Raises:
            EvidenceError: If a table is there and cannot be read as what it claims to be.
        """
        for name in ("activity", "exposures"):
            if not self.present(name) and (name == "activity" or name in self._sources):
                return self._nothing(name)
        unread = unread_weight(self.bound("activity"), by)
        if unread is not None:
            return unread
        key = as_of, tuple(by)
        if key not in self._people:
            exposures = self.bound("exposures") if self.present("exposures") else None
            people = Activity(self.bound("activity"), exposures, self._engine, as_of, by)
            if people.armless:
                detail = "activity has no column 'arm', and there are no exposures"
                return Absent(reason=Reason.WRONG_COLUMNS, detail=detail)
            self._people[key] = people
        return self._people[key]

    def close(self) -> None:
        """Give back memory; the evidence cannot be asked again."""
        if "_engine" in self.__dict__:
            self._engine.close()
        self._gathered.close()

    @cached_property
    def _engine(self) -> Engine:
        return Engine([file.path for files in self._gathered.files.values() for file in files])

    def _table(self, name: str) -> Table:
        if name not in self._tables:
            source, files = self._sources[name], self._gathered.files[name]
            raw = read(self._engine, files, f"raw_{name}")
            bound = Bound(table=raw.table, parts=match(source, raw, self._unit), source=source)
            check(bound, raw, self._uses, self._engine)
            if bound.parts.format.name == "predictions":
                twice = duplicates(bound, self._engine, source.path)
                heaviest = heaviest_weight(bound, self._engine)
                bound = replace(bound, unique=not twice.count, heaviest=heaviest)
                read_once = self._engine.named(answered(bound), source.path)
                bound = replace(bound, answered=read_once)
            self._tables[name] = Table(bound, raw, self._uses, self._engine, self._room)
        return self._tables[name]

    def _exposures(self, as_of: datetime, sliced: tuple[str, ...] | None = None) -> Exposures:
        """The exposures until a moment; read again only for another moment or other slices."""
        until, last = micros(as_of), self._shown
        if last is None or last.as_of != until or sliced not in (None, last.sliced):
            bound = self._table("exposures").bound
            last = Exposures(bound, self._engine, until, sliced or ())
            self._shown = last
        return last

    def _refusal(self, request: Request) -> Absent | None:
        if not self.present(request.evidence):
            return self._nothing(request.evidence)
        metric = METRICS.get(request.kind)
        if metric is None or request.evidence not in metric.formats:
            detail = f"kind {request.kind!r} on table {request.evidence!r}"
            return Absent(reason=Reason.NOT_MEASURABLE, detail=detail)
        return None

    def _nothing(self, name: str) -> Absent:
        source = self._sources.get(name)
        where = self._gathered.nothing(name) if source else "no path in [evidence]"
        return Absent(reason=Reason.NO_EVIDENCE, detail=f"{name}: {where}")
