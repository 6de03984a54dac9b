"""Calibration: are the models as sure as they should be? Worked out from judged evidence.

Beside the recorded verdict, never part of it: a contract that wants a bound on calibration
promises a check. Nothing is shown once the evidence is another than was judged.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from shipcall.app.confidence import TABLE, states_confidence
from shipcall.app.drill import measured_form
from shipcall.app.reading import reading
from shipcall.app.recalled import Recalled
from shipcall.contract.contract import Contract
from shipcall.contract.parse import read_contract
from shipcall.core import Absent, Estimand, EvidenceError, Measured, Slice, Tails, UsageError, plain
from shipcall.data.plan import Request
from shipcall.data.table import Answered, Table
from shipcall.metrics import METRICS, Options
from shipcall.metrics.estimators import ESTIMATORS
from shipcall.metrics.kinds import KINDS as METRIC_KINDS
from shipcall.release.reopened import Closed, Reopened
from shipcall.stages.gate import generator
from shipcall.stats.calibration import quantile_edges, width_edges
from shipcall.stats.isotonic import brier_parts, isotonic_band, isotonic_curve
from shipcall.stats.reliability import Bin, reliability, spread
from shipcall.stats.sample import Floats

View = dict[str, Any]

TAILS = Tails(0.025, 0.025)
"""Every interval of the page: 95 %, each by itself."""
LEVEL = 0.95
BINS = 10
"""Bins where the contract names no number of them."""
CELLS = 20
"""Equally wide cells in which rows are counted under the picture."""
ARMS = ("baseline", "candidate")
_NAMED = 8
"""Slices that a message names."""
SHOWN = ("ece", "brier", "log_loss", "calibration_slope", "calibration_intercept")
"""Kinds of metrics whose recorded checks stand beside the picture."""
KINDS = ("ece", "brier")
"""Kinds whose options say how the contract reads probabilities."""
SCORES = ("ece", "calibration_slope", "calibration_intercept", "brier")
"""Kinds that are worked out here, promised or not."""
ESTIMANDS = (Estimand.BASELINE, Estimand.CANDIDATE, Estimand.DIFFERENCE)


def calibration_view(recalled: Recalled, asked: Mapping[str, str]) -> View:
    """Show how often things come true at each stated confidence, for both models.

    Args:
        recalled: The verdict of the gate.
        asked: `slice`, one that the contract names, such as "country=NZ"; else all rows.

    Raises:
        UsageError: If the contract promises no metric of scores or probabilities, or the slice
            is none of its slices.
    """
    if not recalled.judged.shown:
        return {"kind": "covered", **recalled.head}
    contract = read_contract(recalled.file)
    if not states_confidence(contract):
        raise UsageError(
            "the contract promises no metric of scores or probabilities, so nothing says how sure "
            "the models are. Promise one of: ece, brier, log_loss, roc_auc."
        )
    checks = [f for f in recalled.view["findings"] if _kind(recalled, f) in SHOWN]
    with reading(recalled) as opened:
        told = _told(recalled, contract, opened, asked.get("slice", ""))
    return {"kind": "calibration", **recalled.head, "checks": checks, **told}


def _kind(recalled: Recalled, finding: View) -> str:
    metric = recalled.judged.facts["metrics"].get(finding["metric"], {})
    return str(metric.get("kind", "")) if finding["role"] != "sanity" else ""


def _told(recalled: Recalled, contract: Contract, opened: Reopened | Closed, asked: str) -> View:
    empty: View = {arm: [] for arm in ARMS}
    lists = dict.fromkeys(("bins", "curve", "band", "spread"), empty)
    nothing: View = {**lists, "scores": [], "parts": [], "level": LEVEL, "slice": asked or "all"}
    if isinstance(opened, Closed):
        return {**nothing, "shown": False, "why": opened.why}
    if not opened.evidence.present(TABLE):
        return {**nothing, "shown": False, "why": f"There is no evidence of {TABLE}."}
    key = "calibration", asked, opened.evidence.stats()
    try:
        part = _slice(contract, opened, asked)
        return recalled.once(key, lambda: _worked_out(contract, opened, part))
    except EvidenceError as wrong:
        why = f"The answers cannot be read as probabilities. {wrong}"
        return {**nothing, "shown": False, "why": why}


def _slice(contract: Contract, opened: Reopened, asked: str) -> Slice:
    """Find the slice that was asked for among those of the contract."""
    if asked in {"", "all"}:
        return Slice()
    by = list((contract.slices and contract.slices.by) or [])
    known = {str(part): part for part in opened.evidence.levels(by, TABLE)} if by else {}
    if asked not in known:
        some = ", ".join(sorted(known)[:_NAMED]) or "none"
        raise UsageError(
            f"{asked!r} is no slice of this contract. Its slices: {some}"
            f"{' and others' if len(known) > _NAMED else ''}."
        )
    return known[asked]


def _worked_out(contract: Contract, opened: Reopened, part: Slice) -> View:
    table = opened.evidence.opened(TABLE)
    requests = [_request(contract, kind, part) for kind in SCORES]
    samples = table.samples(requests)
    everything = table.answered(requests[0])
    answered = table.answered(requests[0], part) if part.pairs else everything
    rows = answered.cluster.size
    stated = everything.columns["confidence_baseline"]
    edges = _edges(requests[0].options, stated) if rows else np.zeros(0)
    return {
        "shown": bool(rows),
        "why": "" if rows else "No row has a probability of both models.",
        "level": LEVEL,
        "slice": str(part),
        "rows": rows,
        "lost": answered.lost,
        "about": _of(table, requests[0]),
        **_drawn(answered, edges),
        "scores": [
            _score(request, estimand, samples[request.metric, part])
            for request in requests
            for estimand in ESTIMANDS
        ],
        "parts": _parts(answered, part) if rows else [],
    }


def _drawn(answered: Answered, edges: Floats) -> View:
    """What the picture shows: bins, the isotonic curve with its band, how many rows where."""
    shown: View = {name: {} for name in ("bins", "curve", "band", "spread")}
    for arm in ARMS:
        stated, happened = (answered.columns[f"{name}_{arm}"] for name in ("confidence", "outcome"))
        shown["spread"][arm] = spread(stated, CELLS)
        bins = reliability(stated, happened, answered.cluster, edges, TAILS) if stated.size else []
        shown["bins"][arm] = [_bin(one) for one in bins]
        shown["curve"][arm] = [plain(step._asdict()) for step in isotonic_curve(stated, happened)]
        band = isotonic_band(stated, happened, answered.cluster, TAILS) if stated.size else []
        shown["band"][arm] = [plain(stretch._asdict()) for stretch in band]
    return shown


_PARTS = {
    "miscalibration": ("Brier: miscalibration", "lower"),
    "discrimination": ("Brier: discrimination", "higher"),
    "uncertainty": ("Brier: uncertainty", ""),
}
"""Part of the Brier score -> title, and which way is better."""


def _parts(answered: Answered, part: Slice) -> list[View]:
    columns = answered.columns
    rng = generator("brier_parts", part)
    found = brier_parts(
        columns["confidence_baseline"],
        columns["outcome_baseline"],
        columns["confidence_candidate"],
        columns["outcome_candidate"],
        answered.cluster,
        TAILS,
        rng,
    )
    same = np.array_equal(columns["outcome_baseline"], columns["outcome_candidate"])
    return [
        {
            "metric": f"brier_{name}",
            "metric_title": title,
            "estimand": estimand.value,
            "unit": "",
            "better": better,
            "slice": str(part),
            **measured_form(getattr(parts, name)),
        }
        for name, (title, better) in _PARTS.items()
        for estimand, parts in found.items()
        if not (same and name == "uncertainty" and estimand is Estimand.DIFFERENCE)
    ]


def _edges(options: Options, stated: Floats) -> Floats:
    """Edges of the bins: from the baseline's confidence, the same for both models."""
    if options.binning == "width":
        return width_edges(options.bins)
    return quantile_edges(stated, options.bins)


def _request(contract: Contract, kind: str, part: Slice) -> Request:
    """Ask for one measure of calibration, with the options that the contract gives its metrics."""
    specs = [spec for spec in contract.metric.values() if spec.kind in (kind, *KINDS)]
    specs = sorted(specs, key=lambda spec: spec.kind != kind) or [*contract.metric.values()]
    positive = next((s.positive for s in contract.metric.values() if s.positive is not None), None)
    metric = METRICS[kind]
    return Request(
        metric=kind,
        kind=kind,
        options=Options(
            name=kind,
            better="lower",
            bins=specs[0].bins or BINS,
            binning=specs[0].binning or "quantile",
            positive=specs[0].positive or positive,
        ),
        evidence=TABLE,
        statistic=metric.statistic,
        granularity=metric.granularity,
        slices=(part,),
        influence=False,
    )


def _of(table: Table, request: Request) -> str:
    """Say what the stated confidence is about."""
    options = table.options(request)
    about = f"the probability of class {options.positive_class}, held against the label"
    if options.numbered:
        about = "the greatest of the class probabilities, held against being right"
    return f"{about}; {_ALIKE}" if options.weighed else about


_ALIKE = "the scores weigh the rows, the picture and the parts of the Brier score take them alike"


def _score(request: Request, estimand: Estimand, sample: Any) -> View:
    measured: Measured = sample
    if not isinstance(sample, Absent):
        rng = generator(request.metric, estimand.value)
        measured = ESTIMATORS[request.statistic](sample, estimand, TAILS, rng)
    return {
        "metric": request.metric,
        "metric_title": METRICS[request.kind].title,
        "estimand": estimand.value,
        "unit": "share" if METRICS[request.kind].range == (0.0, 1.0) else "",
        "better": "" if METRIC_KINDS[request.kind].target is not None else "lower",
        "target": METRIC_KINDS[request.kind].target,
        "slice": str(request.slices[0]),
        **measured_form(measured),
    }


def _bin(one: Bin) -> View:
    outcome = None if isinstance(one.outcome, Absent) else plain(one.outcome)
    return {
        **plain({"low": one.low, "high": one.high, "confidence": one.confidence}),
        "rows": one.rows,
        "outcome": outcome,
        "why": one.outcome.detail if isinstance(one.outcome, Absent) else "",
    }
