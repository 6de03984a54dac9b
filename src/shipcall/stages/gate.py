"""Gate: the offline evaluation, before anyone is exposed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from shipcall.contract.hunt import is_hunted, slice_checks
from shipcall.contract.plan import Plan
from shipcall.core import Check, Finding, Role, Validity
from shipcall.data.evidence import Evidence
from shipcall.stages._across import across_exhibit, uncrossed, with_across
from shipcall.stages._cuts import cuts_exhibit
from shipcall.stages._hunted import hunted_exhibit, hunted_finding
from shipcall.stages._judges import judges_exhibit, unproven
from shipcall.stages._measure import (
    BELOW_CHANCE,
    count_finding,
    examine,
    generator,
    is_fact,
    measure,
    measured,
    sample_of,
    statistics_plan,
)
from shipcall.stages._repeats import repeats_exhibit
from shipcall.stages._stage import Stage
from shipcall.stages._unseen import unseen

__all__ = [
    "BELOW_CHANCE",
    "GATE",
    "count_finding",
    "examine",
    "generator",
    "is_fact",
    "measure",
    "measured",
    "not_assessed",
    "sample_of",
    "statistics_plan",
]


def not_assessed(plan: Plan, evidence: Evidence) -> list[str]:
    """Say what nobody looked at, so that a reader does not think it was."""
    alone = uncrossed(replace(plan, checks=_promised(plan)), evidence)
    return [*_unguarded(plan), *alone, *unseen(plan, evidence), *unproven(plan)]


def _unguarded(plan: Plan) -> list[str]:
    """Say for each slice column how much of it lies in levels that were too small to be judged."""
    sentences = []
    for names, checks in slice_checks(plan).items():
        small = [check for check in checks if check.role is Role.WATCH]
        units = sum(plan.levels.get(check.slice, 0) for check in checks)
        left = sum(plan.levels.get(check.slice, 0) for check in small)
        if small:
            sentences.append(
                f"slices by {'*'.join(names)}: {len(small):,} of {len(checks):,} levels, with "
                f"{left:,} of {units:,} units, had fewer units than `min_units` when they were "
                "counted and were not judged."
            )
    return sentences


def _promised(plan: Plan) -> tuple[Check, ...]:
    return tuple(check for check in plan.checks if not is_hunted(check))


def _examine(plan: Plan, evidence: Evidence) -> list[Finding]:
    """Measure what was promised, then look for slices that nobody named."""
    own = replace(plan, checks=_promised(plan))
    evidence.samples(
        with_across(own, evidence)
    )  # one pass for the checks and for what stands beside them
    found = examine(own, evidence)
    watched = [check for check in plan.checks if is_hunted(check)]
    return [*found, *(hunted_finding(check, plan, evidence) for check in watched)]


def _exhibits(plan: Plan, evidence: Evidence) -> Mapping[str, Any]:
    """Show slices together, discovered and by other metrics; luck in runs; who compared answers."""
    promised = replace(plan, checks=_promised(plan))
    samples = evidence.samples(with_across(promised, evidence))
    cuts, runs = cuts_exhibit(promised, samples), repeats_exhibit(promised, evidence)
    shown: dict[str, Any] = {
        **({"slices": cuts} if cuts else {}),
        **({"repeats": runs} if runs else {}),
        **judges_exhibit(promised, evidence, samples),
        **across_exhibit(promised, evidence, samples),
    }
    return {**shown, "discovered": hunted_exhibit(plan, evidence)} if plan.hunted else shown


GATE = Stage(
    name="gate",
    reads=("predictions", "scores", "rankings", "preferences"),
    exposed=False,
    decides=True,
    validity=Validity.FIXED,
    examine=_examine,
    not_assessed=not_assessed,
    exhibits=_exhibits,
)
