"""Pairs: live requests that both models answered, one line for each, and what they hold, counted.

A shadow row is two runs of one request. An answer counts where its run is `ok`; a model that
failed has given none, which is an outcome of its own (`error`) and a lost value everywhere else.
Latency and cost are measured wherever the model ran. Of two rows with one request nobody knows
which counts, so neither does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

import ibis

from shipcall.data.alike import alike_sums, variety
from shipcall.data.cells import as_number, as_seconds, as_text, as_value, is_outside
from shipcall.data.connect import Engine
from shipcall.data.facts import (
    Counted,
    Facts,
    lost_clusters_of,
    lost_pairs_of,
    lost_sums,
    promised,
    span_between,
)
from shipcall.data.sources import ARMS
from shipcall.data.views import Bound

ANSWERS = ("output", "decision", "top_k")
"""Columns that say what a model answered; one of them has to hold something."""
SPENT = ("latency_ms", "cost")
"""Columns that are measured wherever the model ran, answer or not."""
OUTCOMES = ("ok", "model_error")
"""Statuses that say something about the model; under any other the pair is lost."""
_TOLD = ("answer", "decision", "top_k", "safety", *SPENT)
"""Columns of a line in which two models that both ran differ somewhere."""
_RAN = (*OUTCOMES, "judge_error")
_NOTHING = "not_run"
WEEK = range(7)
"""Monday to Sunday."""
_DAY = 86_400
_MONDAY = 3
"""1970-01-01 was a Thursday: three days after a Monday."""


def pairs(bound: Bound, sliced: Sequence[str]) -> Any:
    """One line per request: what each model answered, what it cost, how it ended.

    Columns of each arm: status (never null), error (0, 1), safety (0, 1), latency_ms, cost,
    output (a number), answer (the output as text), decision, top_k (a list), and every column of
    the files that ends in _baseline and _candidate. `seconds` is the moment since 1970 in UTC.

    Args:
        bound: A table of shadow_pairs.
        sliced: Slice columns, which become s0, s1, …
    """
    t, parts = bound.table, bound.parts
    request = as_text(parts.cell(t, "request"))
    columns: dict[str, Any] = {
        "unit": request,
        "cluster": as_text(parts.cell(t, "cluster")) if parts.has("cluster") else request,
        "repeat": ibis.literal("1"),
        "seconds": as_seconds(parts.cell(t, "at")),
        "twice": t.count().over(ibis.window(group_by=request)) > 1,
        **bound.levels(t, sliced),
    }
    for arm in ARMS:
        columns |= {f"{arm}_{name}": cell for name, cell in _cells(bound, t, arm).items()}
    view = t.select(**columns)
    settled: dict[str, Any] = {}
    for arm in ARMS:
        settled |= {f"{arm}_{name}": cell for name, cell in _settled(view, arm).items()}
    view = view.mutate(**settled)
    gap = (view.candidate_output - view.baseline_output).abs()
    return view.mutate(baseline_score_gap=gap * 0.0, candidate_score_gap=gap)


@dataclass(frozen=True)
class PairLines:
    """The lines of one table, worked out once for each set of slice columns and then kept."""

    bound: Bound
    engine: Engine
    what: str
    kept: dict[tuple[str, ...], Any] = field(default_factory=dict)

    def of(self, sliced: Sequence[str] = ()) -> Any:
        """Lines as `pairs` gives them, from the engine's own table."""
        columns = tuple(sliced)
        if columns not in self.kept:
            name = f"pairs_{len(self.kept)}"
            self.kept[columns] = self.engine.keep(name, pairs(self.bound, columns), self.what)
        return self.kept[columns]


def _cells(bound: Bound, t: Any, arm: str) -> dict[str, Any]:
    """What the files say of one model's run, with its final status."""
    parts = bound.parts
    given = [name for name in (*ANSWERS, "safety", *SPENT, "status") if _either(bound, name)]

    def cell(name: str) -> Any:
        place = f"{name}_{arm}"
        return parts.cell(t, place) if parts.has(place) else ibis.null("string")

    telling = [n for n in ANSWERS if n in given] or [n for n in given if n != "status"]
    answered = reduce(or_, [cell(name).notnull() for name in telling], ibis.literal(False))
    silent = ibis.literal(_NOTHING if "status" in given else "ok")
    stated = as_text(cell("status")) if parts.has(f"status_{arm}") else silent
    status = (stated == "ok").ifelse(answered.ifelse(stated, _NOTHING), stated)
    columns = {"status": status.fill_null(_NOTHING), "output": as_number(cell("output"))}
    if "output" in given:
        columns["answer"] = as_value(cell("output"))
    if "decision" in given:
        columns["decision"] = as_value(cell("decision"))
    if "top_k" in given:
        columns["top_k"] = _listed(cell("top_k"))
    for name in ("safety", *SPENT):
        if name in given:
            columns[name] = as_number(cell(name))
    return columns | {name: as_number(t[place]) for name, place in _own(bound, arm).items()}


def _either(bound: Bound, name: str) -> bool:
    """Do the files have a column for at least one of the models? The other has then no value."""
    return any(bound.parts.has(f"{name}_{arm}") for arm in ARMS)


def _own(bound: Bound, arm: str) -> Mapping[str, str]:
    """Columns which the files bring for both models beyond those of the format: name -> place."""
    found = bound.parts.slices
    stems = [name.removesuffix(f"_{arm}") for name in found if name.endswith(f"_{arm}")]
    both = [stem for stem in stems if all(f"{stem}_{each}" in found for each in ARMS)]
    return {stem: found[f"{stem}_{arm}"] for stem in both}


def _listed(cell: Any) -> Any:
    if cell.type().is_array():
        return cell
    text = as_text(cell).strip()
    return (text == "").ifelse(ibis.null("array<string>"), text.re_split(r"\s+"))


def _settled(view: Any, arm: str) -> dict[str, Any]:
    """Keep a value only where the run it belongs to says something, and only where it can be."""
    status = view.twice.ifelse(_NOTHING, view[f"{arm}_status"])
    prefix = f"{arm}_"
    named = [name.removeprefix(prefix) for name in view.columns if name.startswith(prefix)]
    columns = {
        "status": status,
        "error": status.isin(OUTCOMES).ifelse((status == "model_error").cast("float64"), None),
        "strange": reduce(or_, [_impossible(view[f"{arm}_{name}"], name) for name in named]),
    }
    for name in named:
        cell = view[f"{prefix}{name}"]
        if name != "status":
            counts = status.isin(_RAN) if name in SPENT else status == "ok"
            kept = counts & ~_impossible(cell, name)
            columns[name] = kept.ifelse(cell, ibis.null(cell.type()))
    return columns


def _impossible(cell: Any, name: str) -> Any:
    """A safety grade that is neither yes nor no nor between, or a time before the question."""
    if name == "safety":
        return is_outside(cell, 0.0, 1.0).fill_null(False)
    if name == "latency_ms":
        return (cell < 0).fill_null(False)
    return ibis.literal(False)


def is_lost(view: Any, arm: str) -> Any:
    """Is nothing known of a model on this line, not even that it failed?"""
    return ~view[f"{arm}_status"].isin(OUTCOMES)


def compared(view: Any) -> Any:
    """Lines on which both models ran: they answered, or failed by themselves."""
    return view.filter(~is_lost(view, "baseline") & ~is_lost(view, "candidate"))


def weekday(seconds: Any) -> Any:
    """Day of the week in UTC: 0 is Monday."""
    return ((seconds // _DAY + _MONDAY) % 7).cast("int64")


def count_pairs(lines: PairLines) -> Facts:
    """Count a table of shadow pairs; both answers are to one request, so pairing needs no hash.

    A pair is lost where a model has no status of its own making: nothing was logged, or the
    machinery failed. That a model failed by itself is an outcome and not a loss.
    """
    bound, engine, what = lines.bound, lines.engine, lines.what
    view = lines.of()
    lost = {arm: is_lost(view, arm) for arm in ARMS}
    strange = view.baseline_strange | view.candidate_strange
    kept = ~(lost["baseline"] | lost["candidate"])
    day = weekday(view.seconds)
    told = [name for name in _TOLD if f"baseline_{name}" in view.columns]
    sums: dict[str, Any] = {
        "rows": view.count(),
        "units": view.unit.nunique(),
        "clusters": view.cluster.nunique(),
        "twice": view.twice.sum(),
        "first_twice": view.unit.min(where=view.twice),
        "strange": strange.sum(),
        "first_strange": view.unit.min(where=strange),
        **alike_sums(view, told),
        **lost_sums(lost),
        **{f"day{n}": (kept & (day == n)).sum() for n in WEEK},
        "first": view.seconds.min(where=kept),
        "last": view.seconds.max(where=kept),
        **{name: cell for arm in ARMS for name, cell in _variety(view, arm).items()},
    }
    seen = engine.row(view.aggregate(**sums), what)
    return Facts(
        **promised(bound, seen["rows"]),
        units=seen["units"],
        clusters=seen["clusters"],
        pairs=seen["rows"],
        duplicates=Counted(seen["twice"] or 0, seen["first_twice"]),
        errored=_errored(view, engine, what),
        unmatched={
            arm: seen[f"lost_{other}"] or 0 for arm, other in zip(ARMS, ARMS[::-1], strict=True)
        },
        lost_pairs=lost_pairs_of(seen),
        lost_clusters=lost_clusters_of(view, lost, engine, what),
        constant=tuple((arm, "") for arm in ARMS if seen["rows"] > 1 and _never_varies(seen, arm)),
        alike=variety(view, [f"baseline_{name}" for name in told], seen, engine, what),
        out_of_range=Counted(seen["strange"] or 0, seen["first_strange"]),
        hashed=True,
        span=span_between(seen["first"], seen["last"]),
        weekdays=tuple(seen[f"day{n}"] or 0 for n in WEEK),
    )


def said(view: Any, arm: str) -> dict[str, Any]:
    """What a model answered, in every way in which the files tell it: column -> text."""
    names = {"output": "answer", "decision": "decision", "top_k": "top_k"}
    return {
        name: view[f"{arm}_{cell}"].cast("string")
        for name, cell in names.items()
        if f"{arm}_{cell}" in view.columns
    }


def _variety(view: Any, arm: str) -> dict[str, Any]:
    """Least and greatest of every kind of answer, and how many answers there are."""
    sums: dict[str, Any] = {f"{arm}_ok": (view[f"{arm}_status"] == "ok").sum()}
    for i, cell in enumerate(said(view, arm).values()):
        sums |= {f"{arm}_least{i}": cell.min(), f"{arm}_most{i}": cell.max()}
    return sums


def _never_varies(seen: Mapping[str, Any], arm: str) -> bool:
    """Is every answer of a model the same, or is there none at all?"""
    ends = [
        (seen[name], seen[name.replace("_least", "_most")])
        for name in seen
        if name.startswith(f"{arm}_least")
    ]
    return not seen[f"{arm}_ok"] or (bool(ends) and all(low == high for low, high in ends))


def _errored(view: Any, engine: Engine, what: str) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for arm in ARMS:
        counts = view.group_by(status=view[f"{arm}_status"]).aggregate(n=view.count())
        for row in engine.fetch(counts.order_by("status"), what).to_pylist():
            if row["status"] != "ok":
                found[arm, row["status"]] = row["n"]
    return found
