"""Examine: retention and active days by arm against their bars, and whether they can be trusted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from shipcall.contract.plan import Measure, Plan
from shipcall.core import Absent, Check, Estimate, Finding, Measured, Reason, Role, Standing
from shipcall.core.estimate import census
from shipcall.data.activity import Activity, ActivityFacts
from shipcall.data.evidence import Evidence
from shipcall.data.facts import Facts
from shipcall.metrics import METRICS, Statistic
from shipcall.metrics.estimators import ESTIMATORS, arms_of
from shipcall.stats.cohorts import CohortSample
from shipcall.stats.power import more_units
from shipcall.stats.proportions import newcombe_difference

_NO_CHANCE = np.random.default_rng(0)
"""Estimators of cohorts are closed forms and draw nothing."""

_DEALT = (
    "Whether units were dealt to the arms as promised was not assessed here: the rollout is asked "
    "that."
)

Sums = CohortSample | Absent
Counted = tuple[Measured, str]
"""What was measured, and a sentence where something is wrong."""


def examine(plan: Plan, evidence: Evidence) -> list[Finding]:
    """Measure every check of the plan: one finding per check.

    Args:
        plan: From `cohort_plan`.
        evidence: `activity`, and `exposures` where they were promised.
    """
    people = people_of(plan, evidence)
    if isinstance(people, Absent):
        return [Finding(check=check, measured=people) for check in plan.checks]
    sums = {check.id: _sums(check, plan, people) for check in plan.checks if not _is_fact(check)}
    counts = _Counts(evidence.facts("activity"), people, list(sums.values()))
    return [
        _count(check, counts) if _is_fact(check) else _finding(check, plan, sums[check.id])
        for check in plan.checks
    ]


def people_of(plan: Plan, evidence: Evidence) -> Activity | Absent:
    """Read what people did until the time of the verdict.

    Raises:
        ValueError: If the plan does not say when that is.
    """
    if plan.progress is None:
        raise ValueError("a cohort plan says as of when: use `cohort_plan`")
    by = sorted({column for check in plan.checks for column in check.slice.columns})
    return evidence.people(plan.progress.as_of, by)


def _is_fact(check: Check) -> bool:
    return check.role is Role.SANITY


def _sums(check: Check, plan: Plan, people: Activity) -> Sums:
    how = plan.measures[check.metric]
    missing = [column for column in check.slice.columns if column in people.untold]
    if missing:
        detail = f"neither activity nor exposures have a column {missing[0]!r}"
        return Absent(reason=Reason.WRONG_COLUMNS, detail=detail)
    if not _measurable(how):
        detail = f"metric {check.metric!r} is of kind {how.kind!r}"
        return Absent(reason=Reason.NOT_MEASURABLE, detail=detail)
    day = how.options.day or 0
    counted = people.came_back if how.kind == "retention" else people.active_days
    found = counted(day, check.slice)
    units = 0 if isinstance(found, Absent) else int(found.units.sum())
    if not isinstance(found, Absent) and units < check.min_units:
        detail = f"{units} units of {check.slice} where {check.min_units} were asked for"
        return Absent(reason=Reason.TOO_FEW_UNITS, detail=detail, n=units)
    return found


def _measurable(how: Measure) -> bool:
    metric = METRICS.get(how.kind)
    return metric is not None and metric.statistic is Statistic.COHORTS


def _finding(check: Check, plan: Plan, sums: Sums) -> Finding:
    if isinstance(sums, Absent):
        return Finding(check=check, measured=sums)
    estimator = ESTIMATORS[METRICS[plan.measures[check.metric].kind].statistic]
    measured = estimator(sums, check.estimand, check.tails, _NO_CHANCE)
    finding = Finding(check=check, measured=measured, arms=arms_of(sums))
    if isinstance(measured, Estimate) and finding.standing is Standing.OPEN:
        return replace(finding, missing_units=more_units(measured, check.bar))
    return finding


class _Counts:
    """What was counted of the tables, for the checks on whether they can be trusted."""

    def __init__(self, table: Facts, people: Activity, sums: Sequence[Sums]) -> None:
        self.table = table
        self.facts: ActivityFacts = people.facts
        self.constant = [one for one in sums if not isinstance(one, Absent) and one.constant]

    @property
    def units(self) -> int:
        return max(sum(self.facts.units), 1)


def _count(check: Check, counts: _Counts) -> Finding:
    facts = counts.facts
    if facts.rows == 0 or sum(facts.units) == 0:
        detail = f"{facts.rows:,} rows and {sum(facts.units):,} units that began"
        return Finding(check=check, measured=Absent(reason=Reason.NO_ROWS, detail=detail))
    measured, note = _FACTS[check.metric](check, counts)
    return Finding(check=check, measured=measured, note=note)


def _found(check: Check, counts: _Counts) -> Counted:
    table, shares, parts = counts.table, [1.0], []
    for what, count, expected in (
        ("units", table.units, table.expected_units),
        ("rows", table.rows, table.expected_rows),
    ):
        if expected is not None:
            shares.append(min(count / expected, 1.0))
            parts.append(f"{count:,} of {expected:,} {what}")
    note = f"{', '.join(parts)} found" if min(shares) < check.bar.low else ""
    return census(min(shares), "share found"), note


def _duplicates(_check: Check, counts: _Counts) -> Counted:
    seen = counts.facts.duplicates
    note = f"{seen.count:,} lines of one unit and day, first unit {seen.example}"
    return census(float(seen.count), "lines that share unit and day"), note if seen.count else ""


def _gaps(_check: Check, counts: _Counts) -> Counted:
    days = counts.facts.gaps
    note = f"nobody has a row on {', '.join(days[:5])}{' and later' if len(days) > 5 else ''}"
    return census(float(len(days)), "days without rows"), note if days else ""


def _stale(check: Check, counts: _Counts) -> Counted:
    behind = counts.facts.behind
    note = f"activity is known to {counts.facts.last}" if behind > check.bar.high else ""
    return census(float(behind), "days behind"), note


def _crossed(_check: Check, counts: _Counts) -> Counted:
    seen = counts.facts.crossed
    note = f"{seen.count:,} units in both arms or back, first {seen.example}"
    share = seen.count / counts.units
    return census(share, "share of units that crossed"), note if seen.count else ""


def _unseen(check: Check, counts: _Counts) -> Counted:
    unseen = sum(counts.facts.unseen)
    share = unseen / counts.units
    note = f"{unseen:,} of {counts.units:,} exposed units have no activity on that day"
    return census(share, "share not active when exposed"), note if share > check.bar.high else ""


def _uneven_loss(check: Check, counts: _Counts) -> Counted:
    """Do both arms lack the activity of the first day alike?"""
    lost, units = counts.facts.unseen, counts.facts.units
    if not any(lost):
        return census(0.0, "difference of shares lost"), ""
    measured = newcombe_difference(
        lost.baseline, units.baseline, lost.candidate, units.candidate, check.tails
    )
    note = f"{lost.baseline:,} of the baseline and {lost.candidate:,} of the candidate"
    return measured, f"not active when exposed: {note}"


def _constant(_check: Check, counts: _Counts) -> Counted:
    count = len(counts.constant)
    note = "in a promised slice every unit did the same: all came, or none" if count else ""
    return census(float(count), "samples in which all units are alike"), note


_FACTS: Mapping[str, Callable[[Check, _Counts], Counted]] = {
    "found": _found,
    "duplicates": _duplicates,
    "gaps": _gaps,
    "stale": _stale,
    "crossed": _crossed,
    "unseen": _unseen,
    "uneven_loss": _uneven_loss,
    "constant": _constant,
}


def not_assessed(plan: Plan, evidence: Evidence) -> list[str]:
    """Say what nobody looked at, so that a reader does not think it was."""
    people = people_of(plan, evidence)
    if isinstance(people, Absent):
        return []
    facts = people.facts
    sentences = [_DEALT]
    if not facts.exposed:
        sentences.append(
            "activity: no exposures were promised, so a unit began on its first day in the table, "
            f"from {facts.first} on; what it did before was not assessed."
        )
    if facts.moved:
        sentences.append(
            f"activity: {facts.moved:,} units went on to the candidate; what their cohorts did "
            "from that day on was not assessed."
        )
    if facts.strangers:
        sentences.append(
            f"activity: {facts.strangers:,} units were active and never exposed; they were not "
            "assessed."
        )
    if facts.behind:
        sentences.append(f"activity: days after {facts.last} are not known and were not assessed.")
    return sentences
