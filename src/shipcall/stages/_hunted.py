"""Hunted: bad slices nobody named, found on one half of the units and confirmed on the other."""

from dataclasses import replace
from typing import Any, NamedTuple

from shipcall.contract.hunt import FALSE_DISCOVERIES, slice_checks
from shipcall.contract.plan import Measure, Plan
from shipcall.core import (
    Absent,
    Check,
    Estimate,
    Finding,
    Measured,
    Reason,
    Slice,
    Standing,
    judge,
)
from shipcall.core.estimate import census
from shipcall.data.discovery import Discovery, Find, Hunt
from shipcall.data.evidence import Evidence
from shipcall.stages._family import p_value
from shipcall.stages._measure import measure, request_of
from shipcall.stages._shown import LEVEL, shown
from shipcall.stats.multiplicity import benjamini_yekutieli


class Confirmed(NamedTuple):
    """A slice that was found on one half, as the other half sees it."""

    find: Find
    measured: Measured
    """On the half that was not searched, for its number alone: nothing was picked there."""
    searched: Measured
    """On the half where it was picked for being bad, so too bad; never tested."""
    p_value: float
    confirmed: bool


class Caught(NamedTuple):
    """What a search brought back."""

    discovery: Discovery
    slices: tuple[Confirmed, ...]


def caught(plan: Plan, evidence: Evidence) -> Caught | Absent:
    """Search one half for slices beyond the budget of the named ones, and test them on the other.

    The search may look at whatever it likes: the other half decides. Of the slices that are
    called confirmed, the expected share of false ones is at most 5 %, whatever slices have in
    common (Benjamini & Yekutieli). A slice without an estimate there is tested with p = 1.
    """
    checks = [check for checks in slice_checks(plan).values() for check in checks]
    if not checks:
        return Absent(reason=Reason.NOT_MEASURABLE, detail="no slice says what may be lost")
    like, how = checks[0], plan.measures[checks[0].metric]
    whole = replace(like, slice=Slice(), family=None)
    hunt = Hunt(
        most=plan.hunted,
        estimand=like.estimand,
        bar=like.bar,
        min_units=like.min_units,
        named=frozenset(check.slice for check in checks),
    )
    found = evidence.discover(request_of(how, [whole]), hunt)
    if isinstance(found, Absent):
        return found
    p_values = [_p_value(whole, how, find) for find in found.finds]
    decisions = benjamini_yekutieli(p_values, FALSE_DISCOVERIES)
    alone = replace(whole, clear_at=LEVEL.low, breach_at=LEVEL.high)
    slices = [
        Confirmed(
            find,
            measure(alone, how, find.sample),
            measure(alone, how, find.searched),
            p,
            decision.rejected,
        )
        for find, p, decision in zip(found.finds, p_values, decisions, strict=True)
    ]
    return Caught(found, tuple(slices))


def _p_value(whole: Check, how: Measure, find: Find) -> float:
    """Least error level at which the slice is beyond its budget on the half not searched."""

    def breached(level: float) -> bool:
        check = replace(whole, slice=find.part, breach_at=level)
        measured = measure(check, how, find.sample)
        return isinstance(measured, Estimate) and judge(check, measured) is Standing.BREACH

    return p_value(breached)


def hunted_finding(check: Check, plan: Plan, evidence: Evidence) -> Finding:
    """Count the slices that were confirmed; watched, so it moves no call.

    That none was confirmed is good news only if nothing was lost that could have confirmed one.
    """
    found = caught(plan, evidence)
    if isinstance(found, Absent):
        return Finding(check=check, measured=found)
    confirmed = [one for one in found.slices if one.confirmed]
    unknown = _unknown(found)
    if not confirmed and unknown is not None:
        return Finding(check=check, measured=unknown)
    names = ", ".join(str(one.find.part) for one in confirmed)
    measured = census(float(len(confirmed)), "found on one half, confirmed on the other")
    return Finding(check=check, measured=measured, note=f"Confirmed: {names}." if names else "")


def _unknown(found: Caught) -> Absent | None:
    """Say why a slice could have been missed because data are; None where all were there."""
    if found.discovery.lost:
        detail = f"{found.discovery.lost} rows lost: nobody knows which slices they would show"
        return Absent(reason=Reason.ROWS_MISSING, detail=detail)
    absent = [one.measured for one in found.slices if isinstance(one.measured, Absent)]
    return absent[0] if absent else None


def hunted_exhibit(plan: Plan, evidence: Evidence) -> dict[str, Any]:
    """Show what was searched, and every slice that looked bad, confirmed or not."""
    found = caught(plan, evidence)
    if isinstance(found, Absent):
        return shown(found)
    return {
        "tried": found.discovery.tried,
        "lost": found.discovery.lost,
        "columns": list(found.discovery.columns),
        "unsearched": list(found.discovery.unsearched),
        "false_discoveries": FALSE_DISCOVERIES,
        "found": [
            {
                "slice": str(one.find.part),
                "units": one.find.units,
                "searched": one.find.score,
                "p_value": one.p_value,
                "confirmed": one.confirmed,
                "difference": shown(one.measured),
                "searched_half": shown(one.searched),
            }
            for one in found.slices
        ],
    }
