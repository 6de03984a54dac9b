"""Promise: what is asked of a release at one moment, and in which situation it is asked."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shipcall.contract.cohort import cohort_plan
from shipcall.contract.contract import Contract
from shipcall.contract.plan import Plan, Progress, plan
from shipcall.contract.rollout import Seen, progress_of, rollout_plan
from shipcall.core import Action, Situation, Slice
from shipcall.data.evidence import Evidence
from shipcall.ledger.entry import Entry, Kind
from shipcall.release.review import shadow_promise
from shipcall.stages import Stage


def promise(  # noqa: PLR0913, PLR0917 - what the checks of a moment depend on
    contract: Contract,
    stage: Stage,
    evidence: Evidence,
    levels: Mapping[Slice, int] | None,
    as_of: str,
    entries: list[Entry],
) -> Plan:
    """Make the plan of a stage as it is promised now.

    Args:
        contract: The contract that judges.
        stage: Which stage.
        evidence: Says which share of a rollout is served; nothing else of it is looked at.
        levels: Slices as sealed.
        as_of: Time of the verdict, UTC, ISO 8601 with Z.
        entries: The ledger so far: under which digests this contract was sealed.
    """
    if stage.name == "shadow":
        return shadow_promise(contract, evidence, levels, entries)
    moment = datetime.fromisoformat(as_of)
    if stage.name == "cohort":
        return cohort_plan(contract, moment)
    if stage.name != "rollout":
        return plan(contract, stage.name, levels)
    seen = [Seen(step.share, step.attempt, step.first) for step in evidence.steps(moment)]
    return rollout_plan(contract, progress_of(contract, seen, moment, _digests(contract, entries)))


def _digests(contract: Contract, entries: list[Entry]) -> list[str]:
    return [
        entry.body["contract"]
        for entry in entries
        if entry.kind in (Kind.SEALED, Kind.AMENDED) and entry.subject == contract.release.id
    ]


def situation(
    contract: Contract,
    stage: Stage,
    promised: Plan,
    *,
    spent: bool,
    sealed: bool,
) -> Situation:
    """Say in which situation the findings are folded.

    Args:
        contract: The contract that judges.
        stage: Which stage.
        promised: From `promise`.
        spent: More looks were taken than promised.
        sealed: The contract was sealed, and it is the sealed one that judges.
    """
    rollout, progress = contract.rollout, promised.progress
    at_deadline = Action(rollout.at_deadline) if rollout else Action.HOLD
    if stage.name != "rollout" or progress is None or rollout is None:
        return Situation(
            stage=stage.name,
            sealed=sealed,
            exposed=stage.exposed,
            decides=stage.decides,
            final=contract.final_stage(stage.name),
            looks_spent=spent,
            at_deadline=at_deadline,
        )
    return Situation(
        stage=stage.name,
        sealed=sealed,
        exposed=progress.began is not None,
        decides=stage.decides,
        final=contract.final_stage(stage.name) and progress.final,
        overdue=rollout.max_days is not None and progress.days > rollout.max_days,
        looks_spent=progress.attempt > contract.risk.attempts,
        at_deadline=at_deadline,
        max_silence_hours=progress.max_silence_hours,
    )


def progress_form(progress: Progress | None) -> dict[str, Any] | None:
    """Give how far a rollout is as plain data, for reports."""
    if progress is None:
        return None
    return {
        "shares": list(progress.shares),
        "position": progress.position,
        "share": progress.shares[progress.position] if progress.position >= 0 else None,
        "attempt": progress.attempt,
        "hours": round(progress.hours, 1),
        "days": round(progress.days, 2),
    }
