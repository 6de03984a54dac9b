"""Rollout: people are exposed, and one sequence of looks goes through all shares."""

import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from shipcall.contract.plan import Plan
from shipcall.core import (
    Absent,
    Arms,
    Check,
    Estimate,
    Finding,
    Measured,
    Reason,
    Role,
    Standing,
    Validity,
)
from shipcall.core.estimate import census
from shipcall.data.evidence import Evidence
from shipcall.data.ramp import Entered, States
from shipcall.stages._course import course
from shipcall.stages._integrity import Traffic, integrity_finding
from shipcall.stages._online import (
    ALL,
    MEASURABLE,
    Online,
    estimate_online,
    is_outcome,
    progress_in,
    requests,
)
from shipcall.stages._stage import Exposed, Stage
from shipcall.stats.power import more_units
from shipcall.stats.sequential.score import MIN_UNITS

_FRESH_HOURS = 1.0
"""Outcomes that end less than an epoch before a verdict are taken to be up to date."""
_ESTIMAND = (
    "Intervals speak of the units that entered so far, each weighed by how evenly it was dealt; "
    "they are not the effect of a launch to everyone, and not of the weeks to come."
)


def examine(plan: Plan, evidence: Exposed) -> list[Finding]:
    """Measure every check of the plan: one finding per check.

    Args:
        plan: From `rollout_plan`, for the share that is served now.
        evidence: The exposures and outcomes until now, or as they were drawn.
    """
    progress = progress_in(plan)
    states = evidence.entered(requests(plan), progress.as_of)
    traffic = Traffic(
        progress=progress,
        steps=evidence.steps(progress.as_of),
        integrity=evidence.integrity(progress.as_of),
        whole={name: entered for (name, part), entered in states.items() if part == ALL},
    )
    return [_finding(check, plan, states, traffic) for check in plan.checks]


def _finding(check: Check, plan: Plan, states: States, traffic: Traffic) -> Finding:
    if check.role is Role.SANITY:
        return integrity_finding(check, traffic)
    if check.id == "stage.hours":
        return Finding(check=check, measured=_hours(plan, traffic))
    if check.id == "stage.units":
        return Finding(check=check, measured=_units(plan, traffic))
    measure = plan.measures[check.metric]
    if measure.kind not in MEASURABLE:
        detail = f"metric {check.metric!r} is of kind {measure.kind!r}"
        return Finding(check=check, measured=Absent(reason=Reason.NOT_MEASURABLE, detail=detail))
    entered = states[check.metric, check.slice]
    how = Online(
        measure=measure, progress=traffic.progress, estimand=check.estimand, tails=check.tails
    )
    measured = _since_exposed(estimate_online(how, entered), measure.window_hours, traffic)
    finding = Finding(check=check, measured=measured, arms=_arms(entered))
    return replace(finding, missing_units=_missing_units(finding))


def _since_exposed(measured: Measured, window_hours: float, traffic: Traffic) -> Measured:
    """Outcomes that never came are silent since the first of them was due."""
    never = isinstance(measured, Absent) and measured.reason is Reason.NO_EVIDENCE
    began = traffic.progress.began
    if not never or began is None or not isinstance(measured, Absent):
        return measured
    waited = (traffic.progress.as_of - began).total_seconds() / 3600 - window_hours
    return replace(measured, silent_hours=max(waited, 0.0))


def _missing_units(finding: Finding) -> int | None:
    measured = finding.measured
    if isinstance(measured, Estimate) and finding.standing is Standing.OPEN:
        return more_units(measured, finding.check.bar)
    return None


def _arms(entered: Entered | Absent) -> Arms | None:
    """Plain means of the arms' units; over a ramp their difference is no effect."""
    if isinstance(entered, Absent) or entered.epochs is None:
        return None
    table = entered.epochs.table()
    n, y = table.n.sum(axis=1), table.y.sum(axis=1)
    if not n.all():
        return None
    return Arms(baseline=float(y[0] / n[0]), candidate=float(y[1] / n[1]))


def _hours(plan: Plan, traffic: Traffic) -> Measured:
    """Has the present share lasted, and been seen, as long as the contract asks for?

    Hours of which nobody has outcomes do not count: a pipeline that died would let time pass.
    """
    progress = traffic.progress
    asked = dict(enumerate(progress.least_hours)).get(progress.position, 0.0)
    behind = (progress.as_of - _known_until(plan, traffic)).total_seconds() / 3600
    hours = progress.hours if behind < _FRESH_HOURS else max(progress.hours - behind, 0.0)
    if hours >= asked:
        return census(hours, "hours at this share")
    detail = f"{math.floor(hours * 10) / 10:g} of {asked:g} hours at this share"
    if behind >= _FRESH_HOURS:
        detail += f"; outcomes end {behind:.1f} h before this verdict"
    return Absent(reason=Reason.TOO_EARLY, detail=detail)


def _known_until(plan: Plan, traffic: Traffic) -> datetime:
    """Where the outcomes of the guardrail that is farthest behind end; now, where nothing says."""
    seen = [traffic.whole[name] for name in _guarded(plan)]
    ends = [one.horizon for one in seen if isinstance(one, Entered) and one.horizon is not None]
    return min([traffic.progress.as_of, *ends])


def _units(plan: Plan, traffic: Traffic) -> Measured:
    """Has every guardrail seen enough units of both arms at the present share?

    Where the share leaves nothing to chance (100 % without a holdback) there is nothing to see.
    """
    if not traffic.steps:
        return Absent(reason=Reason.NO_ROWS, detail="nobody is exposed")
    now = len(traffic.steps) - 1
    if not 0 < traffic.steps[now].share < 1:
        return census(0.0, "units of the smaller arm at this share")
    counts = {name: _at_step(traffic.whole[name], now) for name in _guarded(plan)}
    if not counts:
        return census(0.0, "units of the smaller arm at this share")
    name, least = min(counts.items(), key=lambda item: item[1])
    if least >= MIN_UNITS:
        return census(float(least), "units of the smaller arm at this share")
    detail = f"{name}: {least:,} of {MIN_UNITS} units of the smaller arm at this share"
    return Absent(reason=Reason.TOO_EARLY, detail=detail, n=least)


def _guarded(plan: Plan) -> Iterable[str]:
    return dict.fromkeys(
        check.metric
        for check in plan.checks
        if check.role is Role.GUARDRAIL
        and is_outcome(check)
        and not check.slice.pairs
        and plan.measures[check.metric].kind in MEASURABLE
    )


def _at_step(entered: Entered | Absent, step: int) -> int:
    """Randomised units of the smaller arm that entered at a step."""
    if isinstance(entered, Absent):
        return 0
    counts = [0, 0]
    for cell, pair in entered.missing.cells.items():
        if cell.stage == step and 0 < cell.share < 1:
            counts = [counts[0] + pair.baseline.n, counts[1] + pair.candidate.n]
    return min(counts)


def not_assessed(plan: Plan, evidence: Evidence) -> list[str]:
    """Say what no finding of a rollout speaks of."""
    progress = progress_in(plan)
    seen = evidence.integrity(progress.as_of)
    sentences = [_ESTIMAND]
    if progress.cluster is not None:
        sentences.append(
            f"{progress.cluster}: units are compared as they were dealt, one by one; whether units "
            f"of one {progress.cluster} influence each other was not assessed. If they do, deal "
            f"the {progress.cluster} as the unit."
        )
    if seen.repeated:
        sentences.append(
            f"exposures: {seen.repeated:,} rows repeat an exposure in the same stage and arm; the "
            "first of each unit was used."
        )
    if seen.rows and seen.misplaced is None:
        sentences.append(
            "exposures: no salt beside the name of the bucketing, so that units stand where their "
            "bucket says was not recomputed. Log it as algorithm:salt."
        )
    if seen.contracts.get("") or not progress.contracts:
        sentences.append("exposures: that they were made under this contract was not proved.")
    if progress.position >= 0 and progress.shares[progress.position] == 1:
        sentences.append(
            "At 100 % nothing is randomised: differences between the models are those of the "
            "shares before. A holdback would go on comparing."
        )
    return sentences


ROLLOUT = Stage(
    name="rollout",
    reads=("exposures", "outcomes"),
    exposed=True,
    decides=True,
    validity=Validity.ANYTIME,
    examine=examine,
    not_assessed=not_assessed,
    exhibits=course,
)
