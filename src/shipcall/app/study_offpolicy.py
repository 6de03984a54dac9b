"""Off-policy study: open the log, read it in three ways, show what the weights allow."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from shipcall.app.study import EACH_ALONE, TAILS, measure_of, opened, request_of, study_view
from shipcall.contract.plan import Measure
from shipcall.core import Absent, Slice
from shipcall.data.evidence import Evidence
from shipcall.data.plan import Request, StatisticsPlan
from shipcall.metrics import METRICS
from shipcall.stages.gate import generator
from shipcall.studies.offpolicy import TITLES, cut_chart, offpolicy
from shipcall.studies.study import Chart

View = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person asks."""

    metric: str | None = None
    expected: str | None = None
    """Column with the reward that a model expects of every item; None: the contract's, or
    expected_reward where the table has it."""


def offpolicy_study(file: Path, asked: Asked) -> View:
    """Say what a log of choices, chances and rewards tells of both models.

    Args:
        file: The contract file, with a metric of kind ips, snips or doubly_robust.
        asked: What is asked.

    Raises:
        UsageError: If no metric fits, or if outcomes must not be shown yet.
        EvidenceError: If evidence is there and cannot be read as what it claims to be.
    """
    with opened(file) as there:
        measure = measure_of(there.contract, asked.metric, tuple(TITLES), "an off-policy study")
        requests = _requests(measure, asked, there.evidence)
        samples = there.evidence.samples(StatisticsPlan(requests=tuple(requests.values())))
        ways = {kind: samples[kind, Slice()] for kind in requests}
        found = offpolicy(
            ways,
            None if isinstance(ways["ips"], Absent) else _chart(there.evidence, requests["ips"]),
            f"{there.contract.release.candidate} by the log of another model",
            tails=TAILS,
            rng=generator("offpolicy", measure.name),
        )
        return study_view(replace(found, notes=(EACH_ALONE, *found.notes)), there.contract)


def _requests(measure: Measure, asked: Asked, evidence: Evidence) -> dict[str, Request]:
    """One request for each way; the doubly robust one only where something is expected."""
    expected = asked.expected or measure.options.column
    known = evidence.columns(measure.evidence)
    if expected is None and METRICS["doubly_robust"].column in known:
        expected = METRICS["doubly_robust"].column
    kinds = [kind for kind in TITLES if kind != "doubly_robust" or expected is not None]
    found = {}
    for kind in kinds:
        request = request_of(measure, kind)
        column = expected if kind == "doubly_robust" else None
        options = replace(request.options, column=column)
        found[kind] = replace(request, metric=kind, options=options, influence=True)
    return found


def _chart(evidence: Evidence, request: Request) -> Chart | None:
    seen = evidence.opened(request.evidence).answered(request)
    columns = seen.columns
    return cut_chart(columns["weight_candidate"], columns["surprise"], seen.cluster, TAILS)
