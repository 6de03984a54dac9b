"""Compare two result files, paired by item, without a contract: exploratory."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shipcall.contract.templates import proposed_mapping
from shipcall.core import (
    Absent,
    Estimand,
    EvidenceError,
    Measured,
    Slice,
    Tails,
    UsageError,
    plain,
)
from shipcall.data.evidence import Evidence, Flips, read_header
from shipcall.data.plan import Request, StatisticsPlan
from shipcall.data.sources import Source, UnitColumns
from shipcall.metrics import METRICS, Options
from shipcall.metrics.estimators import ESTIMATORS, arms_of
from shipcall.stages.gate import generator
from shipcall.stats.sample import Sample

View = dict[str, Any]

METRIC = "value"
TAILS = Tails(0.025, 0.025)
MOST_LEVELS = 30
"""A column with more levels than this is not sliced unless it is asked for."""
SHOWN_FLIPS = 20
EXTRA_RUNS = ("latency_ms", "cost", "tokens")


def compare(
    old: Path, new: Path, *, item: str | None, value: str | None, by: Sequence[str]
) -> View:
    """Compare the grades of two files, paired by item.

    Args:
        old: Results of the baseline: one row per item, or per item and repeat.
        new: Results of the candidate, with the same columns.
        item: Column that names the item; None guesses from the names of the columns.
        value: Column with the grade; None guesses.
        by: Columns to slice by; empty takes every column with few levels.

    Raises:
        UsageError: If the columns cannot be guessed.
        EvidenceError: If a file cannot be read.
    """
    mapping = _mapping(old, item, value)
    evidence = _evidence(old, new, mapping)
    flips = evidence.flips(METRIC, limit=SHOWN_FLIPS)
    parts = _slices(evidence, by)
    requests = [_request("proportion" if flips.binary else "mean", None, (Slice(), *parts))]
    requests += [_request("mean", name, (Slice(),)) for name in EXTRA_RUNS if name in mapping]
    samples = evidence.samples(StatisticsPlan(requests=tuple(requests)))
    rows = [
        _row(request, part, samples[request.metric, part], mapping)
        for request in requests
        for part in request.slices
    ]
    return {
        "kind": "comparison",
        "old": str(old),
        "new": str(new),
        "exploratory": True,
        "metrics": rows,
        "flips": {
            "gained": flips.gained,
            "lost": flips.lost,
            "examples": [
                {
                    "unit": flip.unit,
                    "baseline": _short(flip.baseline),
                    "candidate": _short(flip.candidate),
                    "label": None,
                }
                for flip in flips.examples
            ],
        },
        "repeats": _repeats(flips),
        "notes": _notes(evidence, mapping, flips),
    }


def _mapping(old: Path, item: str | None, value: str | None) -> dict[str, str]:
    columns = read_header(old)
    mapping = proposed_mapping(columns, "scores")
    for name in ("arm", "metric", "status"):
        mapping.pop(name, None)
    mapping |= {ours: theirs for ours, theirs in (("item", item), ("value", value)) if theirs}
    absent = [name for name in ("item", "value") if name not in mapping]
    if absent:
        flags = " and ".join(f"--{name}" for name in absent)
        raise UsageError(
            f"{old}: which column is the {' and the '.join(absent)}? It has "
            f"{', '.join(columns)}. Name it with {flags}."
        )
    return mapping


def _evidence(old: Path, new: Path, mapping: Mapping[str, str]) -> Evidence:
    for path in (old, new):
        if not path.is_file():
            raise UsageError(f"{path} is no file.")
    source = Source(
        format="scores",
        path=f"{old} | {new}",
        arm_paths={"baseline": str(old.resolve()), "candidate": str(new.resolve())},
        columns=mapping,
        constants={"metric": METRIC, "status": "ok"},
    )
    unit = UnitColumns(id=mapping["item"])
    return Evidence({"scores": source}, root=Path.cwd(), unit=unit, metrics={})


def _slices(evidence: Evidence, by: Sequence[str]) -> list[Slice]:
    if by:
        return sorted(evidence.levels(list(by), "scores"))
    found: list[Slice] = []
    for column in evidence.columns("scores"):
        try:
            levels = evidence.levels([column], "scores")
        except EvidenceError:
            continue
        if 1 < len(levels) <= MOST_LEVELS:
            found += sorted(levels)
    return found


def _request(kind: str, column: str | None, parts: tuple[Slice, ...]) -> Request:
    metric = METRICS[kind]
    return Request(
        metric=column or METRIC,
        kind=kind,
        options=Options(name=METRIC, column=column, better="lower" if column else "higher"),
        evidence="scores",
        statistic=metric.statistic,
        granularity=metric.granularity,
        slices=parts,
        influence=False,
    )


def _row(
    request: Request, part: Slice, sample: Sample | Absent, mapping: Mapping[str, str]
) -> View:
    measured: Measured = sample if isinstance(sample, Absent) else _measured(request, part, sample)
    arms = None if isinstance(sample, Absent) else arms_of(sample)
    absent = isinstance(measured, Absent)
    name = mapping.get(request.options.column or "value", request.metric)
    return {
        "metric": name,
        "metric_title": name,
        "unit": "share" if request.kind == "proportion" else "",
        "better": request.options.better,
        "estimand": Estimand.DIFFERENCE.value,
        "slice": str(part),
        "slice_pairs": plain(part.pairs),
        "estimate": None if absent else _estimate_form(measured),
        "absent": _absent_form(measured) if isinstance(measured, Absent) else None,
        "arms": plain(arms) if arms else None,
    }


def _measured(request: Request, part: Slice, sample: Sample) -> Measured:
    estimator = ESTIMATORS[request.statistic]
    return estimator(sample, Estimand.DIFFERENCE, TAILS, generator(request.metric, part))


def _estimate_form(measured: Measured) -> View:
    form: View = plain(measured)
    return form | {"level": 1.0 - math.fsum(form["tails"])}


def _absent_form(measured: Absent) -> View:
    return {**plain(measured.reason), "detail": measured.detail, "n": measured.n}


def _short(value: float) -> float | int:
    return int(value) if value.is_integer() else float(f"{value:.6g}")


def _repeats(flips: Flips) -> View | None:
    if flips.runs < 2:
        return None
    return {
        "runs_per_item": flips.runs,
        "items_whose_runs_disagree_old": flips.mixed["baseline"],
        "items_whose_runs_disagree_new": flips.mixed["candidate"],
        "items": flips.units,
    }


def _notes(evidence: Evidence, mapping: Mapping[str, str], flips: Flips) -> list[str]:
    facts = evidence.facts("scores")
    known = ", ".join(f"{ours} = {theirs}" for ours, theirs in mapping.items())
    notes = [f"Columns read as: {known}."]
    lost = facts.lost_pairs
    if lost.total:
        notes.append(
            f"{lost.total:,} of {facts.pairs:,} pairs could not be compared: "
            f"{lost.only_baseline:,} without an old grade, {lost.only_candidate:,} without a new "
            f"one, {lost.both:,} without either. Nothing above speaks of them."
        )
    if facts.duplicates.count:
        notes.append(
            f"{facts.duplicates.count:,} rows share their key (first {facts.duplicates.example}) "
            "and were left out; if they are repeats, number them in a column `repeat`."
        )
    if facts.mispaired.count:
        notes.append(
            f"{facts.mispaired.count:,} pairs do not have the same content hash, first "
            f"{facts.mispaired.example}: the same name may not be the same item."
        )
    if not facts.hashed:
        notes.append("Paired by name alone: no content hash says that both saw the same items.")
    if not flips.units:
        alone = "is in both files" if not facts.duplicates.count else "has one grade in each file"
        notes.append(f"No item {alone}.")
    return notes
