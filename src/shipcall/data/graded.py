"""Graded: lines of a table of scores as arrays: what both models got, took, cost and signalled.

For studies, which need the rows themselves where a check needs their sums.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shipcall.core import EvidenceError
from shipcall.data.cells import as_number, as_text
from shipcall.data.faults import Trouble, listed, near, refuse, shown
from shipcall.data.kernel import Quantities, project
from shipcall.data.plan import Request
from shipcall.data.sources import ARMS
from shipcall.data.table import Table
from shipcall.data.views import MEASURES, arm_of, in_use
from shipcall.stats.sample import Floats, Ints


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Graded:
    """The lines of one metric, in the order of cluster, item and repeat."""

    cluster: Ints
    """Code of the cluster of each line, ascending from 0; shape (lines,)."""
    columns: Mapping[str, Floats]
    """value_baseline, value_candidate, signal, and cost_*, latency_ms_*, tokens_* where the files
    have them; NaN where a line has none; shape (lines,) each."""
    unfound: int
    """Promised lines that are nowhere."""


def graded(table: Table, request: Request, *, signal: str, arm: str) -> Graded:
    """Fetch the lines of one metric with everything that was measured beside the grade.

    Args:
        table: A table of scores.
        request: Names the metric; lines are not sliced.
        signal: A measure such as tokens, or any other column of the files; on long tables that
            of the rows of `arm`.
        arm: baseline or candidate: whose signal it is.

    Raises:
        EvidenceError: If there is no such column.
    """
    bound, name = table.bound, request.options.name
    view = table.paired(name)
    measured = {
        f"{measure}_{one}": f"{one}_{measure}"
        for measure in ("value", *MEASURES)
        for one in ARMS
        if f"{one}_{measure}" in view.columns
    }
    if f"{signal}_{arm}" in measured:
        columns = {"signal": view[measured[f"{signal}_{arm}"]]}
    else:
        view = _beside(view, _signals(table, name, signal, arm))
        columns = {"signal": view.signal}
    columns |= {ours: view[theirs] for ours, theirs in measured.items()}
    frame = project(
        view, [Quantities(request, request.options, columns)], (), table.engine, table.what
    )
    facts, source = table.facts, bound.source
    lacking = 0
    if source.expect_rows is not None:
        lacking = facts.unfound_rows - sum(facts.unmatched.values())
    return Graded(
        cluster=frame.clusters,
        columns=frame.columns[0],
        unfound=max(frame.unfound(source.expect_units), lacking, 0),
    )


def _signals(table: Table, metric: str, signal: str, arm: str) -> Any:
    """One signal for every item and repeat; null where two rows say it."""
    bound, parts = table.bound, table.bound.parts
    if signal not in parts.slices:
        raise _no_column(table, signal)
    t = bound.table
    mine = in_use(bound, table.uses, t) & (as_text(parts.cell(t, "metric")) == metric)
    if not parts.wide:
        mine &= arm_of(bound, t) == arm
    said = t.filter(mine)
    repeat = as_text(parts.cell(said, "repeat")) if parts.has("repeat") else None
    keyed = said.select(
        of_unit=as_text(parts.cell(said, "item")),
        signal=as_number(said[parts.slices[signal]]),
        **({} if repeat is None else {"of_repeat": repeat}),
    )
    keys = [name for name in ("of_unit", "of_repeat") if name in keyed.columns]
    summed = keyed.group_by(keys).aggregate(rows=keyed.count(), signal=keyed.signal.max())
    return summed.mutate(signal=(summed.rows == 1).ifelse(summed.signal, None)).drop("rows")


def _beside(view: Any, signals: Any) -> Any:
    same = [view.unit == signals.of_unit]
    if "of_repeat" in signals.columns:
        same.append(view.repeat == signals.of_repeat)
    return view.left_join(signals, same)


def _no_column(table: Table, signal: str) -> EvidenceError:
    known = sorted(table.bound.parts.slices)
    return refuse(
        Trouble.NO_COLUMN,
        table.what,
        seen=f"no column {shown(signal)} beside those of the format; there are {listed(known)}",
        expected="a number on every row that says how sure the first model is",
        fix=f"Log it, or name another column.{near(signal, known)}",
    )
