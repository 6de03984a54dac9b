"""Calibration: are the models as sure as they should be? Worked out from judged evidence.

Beside the recorded verdict, never part of it: a contract that wants a bound on calibration
promises a check. Nothing is shown once the evidence is another than was judged.
"""

from collections.abc import Mapping
from typing import Any

from shipcall.app.confidence import TABLE, states_confidence
from shipcall.app.drill import measured_form
from shipcall.app.reading import reading
from shipcall.app.recalled import Recalled
from shipcall.contract.contract import Contract
from shipcall.contract.parse import read_contract
from shipcall.core import Absent, Estimand, EvidenceError, Measured, Slice, Tails, UsageError, plain
from shipcall.data.plan import Request
from shipcall.data.table import Table
from shipcall.metrics import METRICS, Options
from shipcall.metrics.estimators import ESTIMATORS
from shipcall.release.reopened import Closed, Reopened
from shipcall.stages.gate import generator
from shipcall.stats.calibration import quantile_edges, width_edges
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
SHOWN = ("ece", "brier", "log_loss", "calibration_slope")
"""Kinds of metrics whose recorded checks stand beside the picture."""
KINDS = ("ece", "brier")
ESTIMANDS = (Estimand.BASELINE, Estimand.CANDIDATE, Estimand.DIFFERENCE)


def calibration_view(recalled: Recalled, asked: Mapping[str, str]) -> View:
    """Show how often things come true at each stated confidence, for both models.

    Args:
        recalled: The verdict of the gate.
        asked: Nothing is asked so far.

    Raises:
        UsageError: If the contract promises no metric of scores or probabilities.
    """
    del asked
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
        told = _told(recalled, contract, opened)
    return {"kind": "calibration", **recalled.head, "checks": checks, **told}


def _kind(recalled: Recalled, finding: View) -> str:
    metric = recalled.judged.facts["metrics"].get(finding["metric"], {})
    return str(metric.get("kind", "")) if finding["role"] != "sanity" else ""


def _told(recalled: Recalled, contract: Contract, opened: Reopened | Closed) -> View:
    empty: View = {arm: [] for arm in ARMS}
    nothing: View = {"bins": empty, "spread": empty, "scores": [], "level": LEVEL}
    if isinstance(opened, Closed):
        return {**nothing, "shown": False, "why": opened.why}
    if not opened.evidence.present(TABLE):
        return {**nothing, "shown": False, "why": f"There is no evidence of {TABLE}."}
    key = "calibration", opened.evidence.stats()
    try:
        return recalled.once(key, lambda: _worked_out(contract, opened))
    except EvidenceError as wrong:
        why = f"The answers cannot be read as probabilities. {wrong}"
        return {**nothing, "shown": False, "why": why}


def _worked_out(contract: Contract, opened: Reopened) -> View:
    table = opened.evidence.opened(TABLE)
    requests = [_request(contract, kind) for kind in KINDS]
    samples = table.samples(requests)
    answered = table.answered(requests[0])
    rows = answered.cluster.size
    edges = _edges(requests[0].options, answered.columns["confidence_baseline"]) if rows else None
    bins = {
        arm: []
        if edges is None
        else reliability(
            answered.columns[f"confidence_{arm}"],
            answered.columns[f"outcome_{arm}"],
            answered.cluster,
            edges,
            TAILS,
        )
        for arm in ARMS
    }
    return {
        "shown": bool(rows),
        "why": "" if rows else "No row has a probability of both models.",
        "level": LEVEL,
        "rows": rows,
        "lost": answered.lost,
        "about": _of(table, requests[0]),
        "bins": {arm: [_bin(one) for one in found] for arm, found in bins.items()},
        "spread": {arm: spread(answered.columns[f"confidence_{arm}"], CELLS) for arm in ARMS},
        "scores": [
            _score(request, estimand, samples[request.metric, Slice()])
            for request in requests
            for estimand in ESTIMANDS
        ],
    }


def _edges(options: Options, stated: Floats) -> Floats:
    """Edges of the bins: from the baseline's confidence, the same for both models."""
    if options.binning == "width":
        return width_edges(options.bins)
    return quantile_edges(stated, options.bins)


def _request(contract: Contract, kind: str) -> Request:
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
        slices=(Slice(),),
        influence=False,
    )


def _of(table: Table, request: Request) -> str:
    """Say what the stated confidence is about."""
    options = table.options(request)
    if options.numbered:
        return "the greatest of the class probabilities, held against being right"
    return f"the probability of class {options.positive_class}, held against the label"


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
        "better": "lower",
        "slice": "all",
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
