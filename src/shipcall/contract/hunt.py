"""Hunt: the promise to look for bad slices nobody named. It is watched and moves no call."""

from dataclasses import replace

from shipcall.contract.contract import Contract
from shipcall.contract.plan import Plan
from shipcall.core import Bar, Check, Estimand, Need, Role

DISCOVERED = "discovered"
"""Name of the count: slices that were found on one half and confirmed on the other."""
FALSE_DISCOVERIES = 0.05
"""Expected share of false ones among those that are called confirmed, at most."""


def with_hunt(plan: Plan, contract: Contract) -> Plan:
    """Add the watched count of discovered slices, where `[slices] discover` asks for it.

    It stands last, so that every other check keeps its place.

    Args:
        plan: Of the gate; what other stages promise stays as it is.
        contract: As parsed.
    """
    slices = contract.slices
    if slices is None or not slices.discover or plan.stage != "gate":
        return plan
    check = Check(
        id=f"slices.{DISCOVERED}",
        stage=plan.stage,
        role=Role.WATCH,
        need=Need.SHOWN,
        metric=DISCOVERED,
        bar=Bar(high=0.0, text="none confirmed"),
        estimand=Estimand.COUNT,
        clear_at=FALSE_DISCOVERIES,
        breach_at=FALSE_DISCOVERIES,
        evidence=plan.measures[slices.metric].evidence,
    )
    return replace(plan, checks=(*plan.checks, check), hunted=slices.discover)


def is_hunted(check: Check) -> bool:
    """Is it the count of discovered slices?"""
    return check.role is Role.WATCH and check.metric == DISCOVERED


def slice_checks(plan: Plan) -> dict[tuple[str, ...], list[Check]]:
    """Group the checks of enumerated slices by their columns, in the promised order."""
    cuts: dict[tuple[str, ...], list[Check]] = {}
    for check in plan.checks:
        if check.id.startswith("slice."):
            cuts.setdefault(check.slice.columns, []).append(check)
    return cuts
