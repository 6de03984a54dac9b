"""Replicates: several runs of one unchanged model on the same items, opened and compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from shipcall.core import EvidenceError, Fault, Slice, UsageError
from shipcall.data.cells import as_text
from shipcall.data.columns import match
from shipcall.data.connect import Engine
from shipcall.data.faults import Trouble, fault, listed, refuse, shown
from shipcall.data.files import File, digest, file_at
from shipcall.data.held import HeldRuns, hold
from shipcall.data.plan import StatisticsPlan
from shipcall.data.quality import check
from shipcall.data.read import Raw, read
from shipcall.data.runrows import Opened
from shipcall.data.slices import levels
from shipcall.data.sources import ARMS, MetricUse, Source, UnitColumns, by_name
from shipcall.data.suite import Suite, suite_of
from shipcall.data.views import Bound
from shipcall.data.weights import heaviest_weight

_AGAIN = "{} (again)"
"""Name under which the answers of a run are read a second time, as those of the other model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the runs are."""

    paths: tuple[Path, ...]
    """One file for each run, or one file with all of them."""
    column: str | None = None
    """Column that names the runs; None: the arm, or one file is one run."""


class Replicates:
    """Runs of one model that nobody changed, in the format which the gate reads.

    Args:
        source: How the contract reads the table; its path and its arms are not used but to tell
            the baseline from the candidate.
        layout: Where the runs are.
        unit: Column names of the contract's [unit].
        metrics: Metric of the contract -> how its grades are valued.

    Raises:
        EvidenceError: If there is only one run, two runs are the same file, or a run cannot be
            read as what it claims to be.
    """

    def __init__(
        self,
        source: Source,
        layout: Layout,
        *,
        unit: UnitColumns,
        metrics: Mapping[str, MetricUse],
    ) -> None:
        self.source = source
        self._unit = unit
        self._uses = by_name(metrics)
        self._column = layout.column
        self._files = _files(layout.paths)
        self._engine = Engine([file.path for file in self._files])
        self._before = self._digests()
        self._checked: set[int] = set()
        self._runs = self._opened()
        if len(self._runs) < 2:
            raise _no_replicates(
                ", ".join(file.name for file in self._files),
                seen=f"one run ({', '.join(run.name for run in self._runs)})",
                expected="two or more runs of the same model on the same items",
                fix="Run the model again without changing anything, and name every file; or name "
                "the column that tells the runs apart: --run COLUMN.",
            )

    @property
    def names(self) -> tuple[str, ...]:
        """What the runs are called."""
        return tuple(run.name for run in self._runs)

    @property
    def digests(self) -> dict[str, str]:
        """File -> SHA-256 of its content when it was opened."""
        return dict(self._before)

    def levels(self, by: Sequence[str]) -> dict[Slice, int]:
        """Units of every level in the rows of the first run.

        Raises:
            EvidenceError: On a column that is not there or that looks like an id.
        """
        return levels(self._runs[0].bound, self._uses, by, self._engine)

    @cached_property
    def suite(self) -> Suite:
        """The items of the first run, and who graded them."""
        return suite_of(self._runs[0].bound, self._uses, self._engine)

    def held(self, plan: StatisticsPlan) -> HeldRuns:
        """Read what a plan asks for, of every run, and hold it in memory.

        Raises:
            EvidenceError: If the runs do not have the same items, contents, slices and scorers;
                if a run has a row twice; if two runs are copies; if a file was changed meanwhile.
        """
        self._demand_one_scorer()
        held = hold(self._runs, plan, self._uses, self._engine)
        if self._digests() != self._before:
            raise refuse(
                Trouble.DAMAGED,
                ", ".join(self._before),
                seen="another content than when reading began",
                expected="files that nobody writes to",
                fix="Wait until they are written, and measure again.",
            )
        return held

    def close(self) -> None:
        """Give back memory; nothing can be asked any more."""
        self._engine.close()

    def _digests(self) -> dict[str, str]:
        return {file.name: digest([file]) for file in self._files}

    def _opened(self) -> list[Opened]:
        if self._column is None and len(self._files) > 1:
            _refuse_copies(self._before)
            raws = [read(self._engine, [f], f"raw_{i}") for i, f in enumerate(self._files)]
            return [self._run(raw.files[0].name, raw, self._of_model(raw)) for raw in raws]
        return self._in_one_table(read(self._engine, self._files, "raw"))

    def _in_one_table(self, raw: Raw) -> list[Opened]:
        """Tell the runs of one table apart by a column."""
        arm = self._theirs("arm")
        column = self._column or arm
        what = self._files[0].name
        if column not in raw.names:
            raise _no_replicates(
                what,
                seen=f"one file without a column {shown(column)}; it has {listed(raw.names)}",
                expected="one file for each run, or a column that names the runs",
                fix="Name the files of all runs, or the column: --run COLUMN.",
            )
        table = raw.table if column == arm else self._of_model(raw)
        cell = as_text(table[raw.names[column]])
        seen = self._engine.fetch(table.select(run=cell).distinct().order_by("run"), what)
        names = seen.column("run").to_pylist()
        if None in names:
            raise refuse(
                Trouble.NULL,
                what,
                seen=f"rows without a value in column {shown(column)}",
                expected="the run of every row",
                fix="Say which run each row is from, or leave the rows out of the file.",
            )
        if column == arm:
            self._refuse_candidate(names, what)
        return [self._run(name, raw, table.filter(cell == name), column) for name in names]

    def _of_model(self, raw: Raw) -> Any:
        """The rows of the unchanged model: the baseline's, where a column names models."""
        column = self._theirs("arm")
        if self.source.format != "scores" or column not in raw.names:
            return raw.table
        what = raw.files[0].name
        arm = as_text(raw.table[raw.names[column]])
        seen = self._engine.fetch(raw.table.select(arm=arm).distinct().order_by("arm"), what)
        names = [str(name) for name in seen.column("arm").to_pylist()]
        ours = [name for name in names if name in {"baseline", self.source.arms.get("baseline")}]
        if not ours:
            self._refuse_candidate(names, what)
            ours = names
        if len(ours) > 1:
            raise _no_replicates(
                what,
                seen=f"rows of {listed(names)} in column {shown(column)}",
                expected="the rows of one model",
                fix="Leave the others out, or name the column that tells the runs apart: "
                "--run COLUMN.",
            )
        return raw.table.filter(arm == ours[0])

    def _refuse_candidate(self, names: Sequence[str], what: str) -> None:
        other = {"candidate", self.source.arms.get("candidate")} & set(names)
        if other:
            raise _no_replicates(
                what,
                seen=f"rows of {listed(names)}, and {listed(sorted(map(str, other)))} is the "
                "candidate",
                expected="runs of one model that was not changed",
                fix="Run the baseline again and give that, not the evidence of the release.",
            )

    def _run(self, name: str, raw: Raw, table: Any, *used: str) -> Opened:
        """Read the rows of one run as those of a table of its own."""
        named, source = (_scores if self.source.format == "scores" else _predictions)(
            self.source, raw, {self._theirs("arm"), *used}
        )
        bound = Bound(
            table=table, parts=match(source, named, self._unit), source=source, unique=True
        )
        if id(raw) not in self._checked:
            check(bound, raw, self._uses, self._engine)
            self._checked.add(id(raw))
        if self.source.format == "predictions":
            bound = replace(bound, heaviest=heaviest_weight(bound, self._engine))
        return Opened(name=name, file=raw.files[0].name, bound=bound, raw=raw)

    def _theirs(self, name: str) -> str:
        return self.source.columns.get(name, name)

    def _demand_one_scorer(self) -> None:
        suites = [suite_of(run.bound, self._uses, self._engine) for run in self._runs]
        faults = [
            fault(
                Trouble.RUNS,
                run.file,
                seen=f"run {shown(run.name)} graded by {listed(own.scorers)}; "
                f"{shown(self._runs[0].name)} by {listed(suites[0].scorers)}",
                expected="one scorer for all runs",
                fix="Grade all runs with the same version of the scorer.",
            )
            for run, own in zip(self._runs, suites, strict=True)
            if own.scorers != suites[0].scorers
        ]
        if faults:
            raise EvidenceError(faults)


def _files(paths: Sequence[Path]) -> tuple[File, ...]:
    """Open every path; files are called by their names, or by their paths where names repeat."""
    if not paths:
        raise UsageError("no evidence: name the files with the runs of the unchanged model.")
    faults: list[Fault] = []
    files = []
    plain = len({path.name for path in paths}) == len(paths)
    for path in paths:
        try:
            files.append(replace(file_at(path), name=path.name if plain else path.as_posix()))
        except EvidenceError as error:
            faults += error.faults
    if faults:
        raise EvidenceError(faults)
    return tuple(files)


def _refuse_copies(digests: Mapping[str, str]) -> None:
    """One file under two names is one run."""
    first: dict[str, str] = {}
    faults = []
    for name, sha256 in digests.items():
        other = first.setdefault(sha256, name)
        if other != name:
            faults.append(
                fault(
                    Trouble.RUNS,
                    name,
                    seen=f"the same bytes as {other}",
                    expected="a run of its own",
                    fix="Run the model again with its cache off; a copy says nothing about chance.",
                )
            )
    if faults:
        raise EvidenceError(faults)


def _scores(source: Source, raw: Raw, dropped: set[str]) -> tuple[Raw, Source]:
    """Read graded runs as if every row were the baseline's."""
    names = {name: column for name, column in raw.names.items() if name not in dropped}
    columns = {
        ours: theirs
        for ours, theirs in source.columns.items()
        if ours not in ("arm", *ARMS) and theirs not in dropped
    }
    if source.columns.get("value", "value") not in names:
        columns["value"] = _answer(source, raw, "value")
    constants = {**source.constants, "arm": "baseline"}
    changed = replace(source, path=raw.files[0].name, arm_paths={}, arms={}, columns=columns)
    return replace(raw, names=names), replace(changed, constants=constants)


def _predictions(source: Source, raw: Raw, dropped: set[str]) -> tuple[Raw, Source]:
    """Read the answers of a run as those of both models."""
    names = {name: column for name, column in raw.names.items() if name not in dropped}
    answer = _answer(source, raw, None)
    again = answer
    if answer in names:
        again = _AGAIN.format(answer)
        names[again] = names[answer]
    columns = {**source.columns, "baseline": answer, "candidate": again}
    changed = replace(source, path=raw.files[0].name, arm_paths={}, arms={}, columns=columns)
    return replace(raw, names=names), changed


def _answer(source: Source, raw: Raw, instead: str | None) -> str:
    """Name the column in which a run says what the contract reads from one of the models."""
    wanted = [source.columns.get(arm, arm) for arm in ARMS]
    there = [name for name in wanted if name in raw.names or f"{name}_0" in raw.names]
    if len(there) != 1:
        have = f"both {listed(there)}" if there else f"neither {' nor '.join(map(shown, wanted))}"
        also = f", nor {shown(instead)}" if instead and not there else ""
        raise refuse(
            Trouble.RUNS,
            raw.files[0].name,
            seen=f"{have}{also}; the file has {listed(raw.names)}",
            expected="the answers of one model, in the column which the contract names for it",
            fix="Write one file for each run, with one of these columns.",
        )
    return there[0]


def _no_replicates(what: str, *, seen: str, expected: str, fix: str) -> EvidenceError:
    return refuse(Trouble.RUNS, what, seen=seen, expected=expected, fix=fix)
