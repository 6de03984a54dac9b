"""Gate: the offline evaluation, before anyone is exposed."""

from shipcall.contract.plan import Plan
from shipcall.core import Check, Role, Validity
from shipcall.data.evidence import Evidence
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
    return [*_unguarded(plan), *unseen(plan, evidence)]


def _unguarded(plan: Plan) -> list[str]:
    """Say for each slice column how much of it lies in levels that were too small to be judged."""
    columns: dict[tuple[str, ...], list[Check]] = {}
    for check in plan.checks:
        if check.id.startswith("slice."):
            columns.setdefault(check.slice.columns, []).append(check)
    sentences = []
    for names, checks in columns.items():
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


GATE = Stage(
    name="gate",
    reads=("predictions", "scores", "rankings"),
    exposed=False,
    decides=True,
    validity=Validity.FIXED,
    examine=examine,
    not_assessed=not_assessed,
)
