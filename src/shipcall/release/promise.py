"""Promise: what is asked of a release at one moment, and in which situation it is asked."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from shipcall.contract.cohort import cohort_plan
from shipcall.contract.contract import Contract
from shipcall.contract.hunt import with_hunt
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
        return with_hunt(plan(contract, stage.name, levels), contract)
    seen = [Seen(step.share, step.attempt, step.first) for step in evidence.steps(moment)]
    return rollout_plan(contract, progress_of(contract, seen, moment, _digests(contract, entries)))


def _digests(contract: Contract, entries: list[Entry]) -> list[str]:
    return [
        entry.body["contract"]
        for entry in entries
        if entry.kind in (Kind.SEALED, Kind.AMENDED) and entry.subject == contract.release.id
    ]


def situation(  # noqa: PLR0913 - what the fold has to know
    contract: Contract,
    stage: Stage,
    promised: Plan,
    *,
    spent: bool,
    sealed: bool,
    days: float = 0.0,
) -> Situation:
    """Say in which situation the findings are folded.

    Args:
        contract: The contract that judges.
        stage: Which stage.
        promised: From `promise`.
        spent: More looks were taken than promised.
        sealed: The contract was sealed, and it is the sealed one that judges.
        days: Days since the first row, at a stage whose waiting ends.
    """
    rollout, progress = contract.rollout, promised.progress
    others = [c for c in contract.check if c.role == "goal" and c.stage != stage.name]
    plain_stage = Situation(
        stage=stage.name,
        sealed=sealed,
        exposed=stage.exposed,
        decides=stage.decides,
        final=contract.final_stage(stage.name),
        goal_elsewhere=bool(others),
        overdue=_waited_out(contract, stage, days),
        looks_spent=spent,
        at_deadline=_at_deadline(contract, stage),
    )
    if stage.name != "rollout" or progress is None or rollout is None:
        return plain_stage
    return replace(
        plain_stage,
        exposed=progress.began is not None,
        final=plain_stage.final and progress.final,
        overdue=rollout.max_days is not None and progress.days > rollout.max_days,
        looks_spent=progress.attempt > contract.risk.attempts,
        max_silence_hours=progress.max_silence_hours,
    )


def _waited_out(contract: Contract, stage: Stage, days: float) -> bool:
    most = contract.shadow.max_days if contract.shadow else None
    return stage.name == "shadow" and most is not None and days > most


def _at_deadline(contract: Contract, stage: Stage) -> Action:
    """What waiting in vain means: as the contract says, and nobody is rolled back unexposed."""
    if contract.rollout is None or not stage.decides:
        return Action.HOLD
    said = Action(contract.rollout.at_deadline)
    return Action.NO_SHIP if said is Action.ROLL_BACK and not stage.exposed else said


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
