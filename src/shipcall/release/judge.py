"""Judge: one stage of one release, from the evidence as it is now to a recorded verdict."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from shipcall import __version__
from shipcall.contract.contract import Contract, MetricSpec
from shipcall.contract.plan import COLUMN_UNITS, Measure, Plan
from shipcall.contract.seal import contract_digest, levels_form
from shipcall.core import Finding, Slice, Validity, Verdict, decide, digest, plain
from shipcall.data.evidence import Evidence
from shipcall.data.suite import Suite
from shipcall.ledger.entry import Entry, Kind
from shipcall.ledger.exposure import consultations, eval_set_fingerprint, looks, seen
from shipcall.ledger.sign import SigningKey
from shipcall.ledger.store import Ledger
from shipcall.metrics import METRICS
from shipcall.release.conditions import newest_aa
from shipcall.release.history import Sealed
from shipcall.release.promise import progress_form, promise, situation
from shipcall.release.sources import open_evidence, read_levels
from shipcall.stages import STAGES, Stage

AROUND = ("look", "shown", "aa")
"""What the ledger keeps beside the facts of a verdict: it may differ where the facts do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Which look at the evidence this is."""

    number: int
    """Distinct evidence seen so far at this stage, this one included; 0 where there was none."""
    promised: int | None
    """None: intervals hold at any number of looks."""
    eval_set_consulted: int | None
    """Distinct evidence ever judged on this evaluation set, by any release; None without one."""

    @property
    def spent(self) -> bool:
        """Were more looks taken than the contract promised?"""
        return self.promised is not None and self.number > self.promised


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict and everything that is needed to show and to repeat it."""

    verdict: Verdict
    facts: Mapping[str, Any]
    """Plain form, complete: what the ledger records and every report starts from."""
    look: Look
    evidence: str
    """Digest of the evidence that was read."""
    aa: Mapping[str, Any] | None
    """The A/A that speaks of this gate, or the one that no longer does; from the ledger, so it
    stands beside the verdict and never moves it."""


def judge(  # noqa: PLR0913 - everything a verdict depends on
    contract: Contract,
    stage: str,
    *,
    root: Path,
    as_of: str,
    sealed: Sealed | None,
    entries: list[Entry],
) -> Judgement:
    """Plan, examine, decide. Reads evidence and writes nothing.

    Args:
        contract: The contract that judges: the sealed one where there is one.
        stage: A stage of STAGES.
        root: Folder to which the contract's paths are relative.
        as_of: Time of the verdict, UTC, ISO 8601 with Z.
        sealed: The seal, or None: then the call can only be HOLD or worse.
        entries: The ledger so far, for counting looks.

    Raises:
        EvidenceError: If evidence is there and cannot be read as what it claims to be, holds
            one run for both models, or was changed while it was read.
    """
    room = STAGES[stage]
    evidence = open_evidence(contract, root, room.reads)
    evidence.demand_two_runs()
    digests = evidence.digests()
    look = _look(contract, room, digests, entries)
    levels = _levels(contract, evidence, sealed)
    promised = promise(contract, room, evidence, levels, as_of, entries)
    verdict = decide(
        promised.checks,
        room.examine(promised, evidence),
        situation(
            contract,
            room,
            promised,
            spent=look.spent,
            sealed=sealed is not None,
            days=_days(evidence, room, as_of),
        ),
        not_assessed=room.not_assessed(promised, evidence),
    )
    facts = _facts(contract, promised, verdict, evidence, as_of)
    exhibits = room.exhibits(promised, evidence)
    if exhibits:
        facts["exhibits"] = plain(exhibits)
    gated = room.name == "gate"
    aa = newest_aa(entries, contract, lambda t: _suite(evidence, t)) if gated else None
    evidence.demand_unchanged(digests)
    facts["levels"] = None if levels is None else levels_form(levels)
    facts["progress"] = progress_form(promised.progress)
    return Judgement(verdict=verdict, facts=facts, look=look, evidence=digest(digests), aa=aa)


def record(judgement: Judgement, *, at: str, shown: bool, ledger: Ledger, key: SigningKey) -> Entry:
    """Write the look and the verdict into the ledger.

    Args:
        judgement: From `judge`.
        at: When it is written, by the clock; the verdict has a time of its own.
        shown: Whether a person gets to see the verdict now, or has to call first.
        ledger: Where it is written.
        key: Who signs.
    """
    facts = judgement.facts
    release = facts["release"]["id"]
    body = seen(
        stage=facts["stage"],
        contract=facts["contract"]["sha256"],
        evidence={table["format"]: table["sha256"] for table in facts["evidence"]},
        eval_set=facts["eval_set"],
    )
    ledger.append(Kind.EVIDENCE_SEEN, release, body, at=at, key=key)
    around = dict(zip(AROUND, (judgement.look, shown, judgement.aa), strict=True))
    return ledger.append(Kind.VERDICT, release, {**facts, **around}, at=at, key=key)


def _levels(
    contract: Contract, evidence: Evidence, sealed: Sealed | None
) -> Mapping[Slice, int] | None:
    if sealed is not None and sealed.levels is not None:
        return sealed.levels
    return read_levels(contract, evidence)


def _days(evidence: Evidence, room: Stage, as_of: str) -> float:
    """Days since the first row of the table that a stage is about."""
    span = evidence.facts(room.reads[0]).span if evidence.present(room.reads[0]) else None
    if span is None:
        return 0.0
    return max((datetime.fromisoformat(as_of) - span.first).total_seconds() / 86_400, 0.0)


def _suite(evidence: Evidence, table: str) -> Suite | None:
    return evidence.suite(table) if evidence.present(table) else None


def _look(
    contract: Contract, room: Stage, digests: Mapping[str, str], entries: list[Entry]
) -> Look:
    before = looks(entries, contract.release.id, room.name, None)
    this = digest(digests)
    number = before.index(this) + 1 if this in before else len(before) + bool(digests)
    eval_set = _eval_set(contract)
    consulted = None
    if eval_set is not None:
        known = {
            digest(e.body["evidence"])
            for e in entries
            if e.kind is Kind.EVIDENCE_SEEN and e.body["eval_set"] == eval_set
        }
        consulted = consultations(entries, eval_set) + (bool(digests) and this not in known)
    promised = contract.risk.looks if room.validity is Validity.FIXED else None
    return Look(number=number, promised=promised, eval_set_consulted=consulted)


def _eval_set(contract: Contract) -> str | None:
    declared = contract.harness.eval_set if contract.harness else None
    return eval_set_fingerprint(declared.name, declared.sha256) if declared else None


def _facts(
    contract: Contract, promised: Plan, verdict: Verdict, evidence: Evidence, as_of: str
) -> dict[str, Any]:
    form: dict[str, Any] = plain(verdict)
    return {
        "stage": promised.stage,
        "as_of": as_of,
        "release": contract.release.model_dump(mode="json"),
        "call": form["call"],
        "rule": form["rule"],
        "situation": form["situation"],
        "because": form["because"],
        "findings": [_finding_form(finding) for finding in verdict.findings],
        "missing": form["missing"],
        "unproven": form["unproven"],
        "not_assessed": form["not_assessed"],
        "metrics": {
            name: metric_form(measure, contract.metric.get(name))
            for name, measure in promised.measures.items()
        },
        "evidence": _evidence_form(contract, evidence),
        "eval_set": _eval_set(contract),
        "contract": {"sha256": contract_digest(contract)},
        "risk": contract.risk.model_dump(mode="json"),
        "engine": {"name": "shipcall", "version": __version__},
    }


def _finding_form(finding: Finding) -> dict[str, Any]:
    standing = {"standing": finding.standing.value, "satisfied": finding.satisfied}
    return {**plain(finding), **standing}


def metric_form(measure: Measure, spec: MetricSpec | None) -> dict[str, Any]:
    """Say what a metric is called, in which unit it is, and which direction is better.

    Args:
        measure: How it is measured.
        spec: What the contract says of it; None for one that a stage brings along.
    """
    metric, unit = METRICS.get(measure.kind), spec.unit if spec else None
    share = unit is None and metric is not None and metric.range == (0.0, 1.0)
    own = (metric.unit if metric else "") or COLUMN_UNITS.get(measure.options.column or "", "")
    return {
        "kind": measure.kind,
        "title": metric.title if metric else measure.kind,
        "level": measure.level,
        "better": measure.options.better,
        "unit": unit or ("share" if share else own),
    }


def _evidence_form(contract: Contract, evidence: Evidence) -> list[dict[str, Any]]:
    forms = []
    for name, sha256 in evidence.digests().items():
        facts = evidence.facts(name)
        forms.append(
            {
                "format": name,
                "path": {str(k): v for k, v in contract.evidence.items()}[name].where,
                "sha256": sha256,
                "rows": facts.rows,
                "units": facts.units,
                "clusters": facts.clusters,
                "expected_units": facts.expected_units,
            }
        )
    return forms
