"""Run rows: which rows a run has, and whether all runs of a model have the same ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from shipcall.core import EvidenceError, Fault
from shipcall.data.cells import as_text
from shipcall.data.connect import Engine
from shipcall.data.faults import Trouble, fault, shown
from shipcall.data.read import Raw
from shipcall.data.sources import MetricUse
from shipcall.data.views import Bound, predictions, runs
from shipcall.stats.sample import Ints

_KEY = ("unit", "repeat")
_ORDER = ("cluster", *_KEY)
_ASIDE = ("value", "graded", "outside")
"""What may differ from run to run; every other column may not."""
_HASHES = ("item_hash", "prompt_hash", "eval_set")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """One run of a model, read as if it were the baseline's."""

    name: str
    file: str
    bound: Bound
    raw: Raw


@dataclass(frozen=True, eq=False)
class RunRows:
    """The rows of one run, of one metric where there are several, in a fixed order."""

    table: pa.Table

    @cached_property
    def codes(self) -> Ints:
        """Number of the cluster of each row, ascending from 0; shape (rows,)."""
        encoded = self.table["cluster"].combine_chunks().dictionary_encode()
        return np.asarray(encoded.indices.to_numpy(), dtype=np.int64)

    @cached_property
    def clusters(self) -> list[str]:
        """Names of the clusters, in the order of their numbers."""
        return list(dict.fromkeys(self.table["cluster"].to_pylist()))

    @property
    def value(self) -> pa.ChunkedArray:
        """What the run gave: a grade, or an answer as text."""
        return self.table["value"]

    @property
    def graded(self) -> NDArray[np.bool_]:
        """Is the final status ok?"""
        return _flags(self.table["graded"])

    @property
    def outside(self) -> NDArray[np.bool_]:
        """Does the grade lie outside its range?"""
        return _flags(self.table["outside"])

    @cached_property
    def content(self) -> pa.Table:
        """Everything that has to be the same in all runs."""
        return self.table.select([n for n in self.table.column_names if n not in _ASIDE])

    @cached_property
    def by_key(self) -> dict[tuple[str, str], tuple[Any, ...]]:
        """(unit, repeat) -> content."""
        keys = zip(*(self.table[name].to_pylist() for name in _KEY), strict=True)
        rows = zip(*(column.to_pylist() for column in self.content.columns), strict=True)
        return dict(zip(keys, rows, strict=True))


def _flags(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    return np.asarray(pc.fill_null(column, False).to_numpy(), dtype=np.bool_)


def read_rows(
    run: Opened, group: str, uses: Mapping[str, MetricUse], sliced: Sequence[str], engine: Engine
) -> RunRows:
    """Read the rows of one run: names, content, slices, and what it gave.

    Args:
        run: The run.
        group: Metric, for graded runs.
        uses: Metrics in use.
        sliced: Slice columns that are asked for.
        engine: Where the run is.
    """
    if run.bound.parts.format.name == "scores":
        graded = runs(run.bound, uses, sliced)
        view = graded.filter(graded.metric == group)
        given = {"value": view.value, "graded": view.status == "ok", "outside": view.outside}
        content = [name for name in _HASHES if name in view.columns]
        hashes = {}
    else:
        view = predictions(run.bound, sliced)
        texts = [view[f"baseline_{name}"].cast("string") for name in ("confidence", "square")]
        answer = view.baseline_text
        said = ibis.literal("|").join([answer, *(text.fill_null("") for text in texts)])
        known = answer.notnull() & view.label.notnull()
        given = {
            "value": known.ifelse(said, ibis.null("string")),
            "graded": known,
            "outside": ibis.literal(False),
        }
        content, hashes = ["label", "weight"], _hash_of(run, engine)
    levels = [f"s{i}" for i in range(len(sliced))]
    names = {name: view[name] for name in (*_ORDER, *content, *levels)}
    table = engine.fetch(view.select(**names, **given), run.file)
    table = table.take(pc.sort_indices(table, sort_keys=[(name, "ascending") for name in _ORDER]))
    if hashes:
        table = table.append_column(
            "item_hash", pa.array([hashes.get(unit) for unit in table["unit"].to_pylist()])
        )
    return RunRows(table)


def _hash_of(run: Opened, engine: Engine) -> dict[str, str]:
    """Unit -> hash of its content, where a table of predictions has one."""
    t, parts = run.bound.table, run.bound.parts
    if not parts.has("item_hash"):
        return {}
    names = t.select(unit=as_text(parts.cell(t, "unit")), h=as_text(parts.cell(t, "item_hash")))
    seen = engine.fetch(names, run.file)
    return dict(zip(seen["unit"].to_pylist(), seen["h"].to_pylist(), strict=True))


def demand_same_rows(opened: Sequence[Opened], groups: Mapping[str, Sequence[RunRows]]) -> None:
    """Go on only if every run has the same rows, each once, with the same content.

    Args:
        opened: The runs.
        groups: Metric -> its rows in every run, in the order of the runs.

    Raises:
        EvidenceError: With every run and metric of which that is not so.
    """
    faults: list[Fault] = []
    for group, tables in groups.items():
        faults += [f for run, rows in zip(opened, tables, strict=True) for f in _twice(run, rows)]
        if not faults:
            faults += _unlike(opened, group, tables)
    if faults:
        raise EvidenceError(faults)


def _twice(run: Opened, rows: RunRows) -> list[Fault]:
    counts = rows.table.group_by(list(_KEY)).aggregate([([], "count_all")])
    twice = counts.filter(pc.greater(counts["count_all"], 1))
    if not twice.num_rows:
        return []
    return [
        fault(
            Trouble.RUNS,
            run.file,
            seen=f"run {shown(run.name)} has rows twice: {twice.num_rows:,} more than once, "
            f"first {shown(min(twice['unit'].to_pylist()))}",
            expected="every row once",
            fix="Remove the duplicates at their source; number repeats in a column `repeat`.",
        )
    ]


def _unlike(opened: Sequence[Opened], group: str, tables: Sequence[RunRows]) -> list[Fault]:
    first = tables[0]
    if all(rows.content.equals(first.content) for rows in tables):
        return _empty(opened, group, tables)
    every = set().union(*(rows.by_key for rows in tables))
    faults = []
    for run, rows in zip(opened, tables, strict=True):
        lacking = sorted(every - rows.by_key.keys())
        if lacking:
            faults.append(_lacks(run, group, lacking, len(every)))
    return faults or [f for run, rows in zip(opened, tables, strict=True)
                      for f in _other_content(run, opened[0], rows, first)]  # fmt: skip


def _empty(opened: Sequence[Opened], group: str, tables: Sequence[RunRows]) -> list[Fault]:
    if tables[0].table.num_rows:
        return []
    what = f" of {shown(group)}" if group else ""
    return [
        fault(
            Trouble.RUNS,
            opened[0].file,
            seen=f"no row{what} in any run",
            expected="every metric that the gate reads",
            fix="Grade the runs as the evidence of a release is graded.",
        )
    ]


def _lacks(run: Opened, group: str, lacking: Sequence[tuple[str, str]], count: int) -> Fault:
    what = f" of {shown(group)}" if group else ""
    return fault(
        Trouble.RUNS,
        run.file,
        seen=f"run {shown(run.name)} lacks {len(lacking):,} of {count:,} rows{what} that other "
        f"runs have, first {shown(lacking[0][0])}",
        expected="the same items in every run",
        fix="Run what is lacking. A run that failed is a row with its status, not a row left out.",
    )


def _other_content(run: Opened, other: Opened, rows: RunRows, first: RunRows) -> list[Fault]:
    unlike = sorted(key for key, seen in rows.by_key.items() if first.by_key[key] != seen)
    if not unlike:
        return []
    names = first.content.column_names
    pairs = zip(names, first.by_key[unlike[0]], rows.by_key[unlike[0]], strict=True)
    column, before, after = next((n, a, b) for n, a, b in pairs if a != b)
    what = "a slice column" if column[1:].isdigit() else f"`{column}`"
    return [
        fault(
            Trouble.RUNS,
            run.file,
            seen=f"{len(unlike):,} rows of run {shown(run.name)} have other content than in "
            f"{shown(other.name)}, first {shown(unlike[0][0])}: {what} is {shown(after)} and "
            f"{shown(before)}",
            expected="the same item, prompt, label and slice in every run",
            fix="Run all of them on one version of the evaluation set.",
        )
    ]
