"""Measure: what every stage of paired evidence does with its checks, from sums to findings."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from shipcall.contract.plan import Measure, Plan
from shipcall.core import (
    Absent,
    Check,
    Estimand,
    Estimate,
    Finding,
    Measured,
    Reason,
    Role,
    Standing,
)
from shipcall.data.facts import Facts
from shipcall.data.plan import Request, StatisticsPlan
from shipcall.metrics import METRICS
from shipcall.metrics.estimators import ESTIMATORS, arms_of
from shipcall.stages._family import family_estimates
from shipcall.stages._sanity import fact_finding
from shipcall.stages._stage import Measuring, Samples, Summed
from shipcall.stats.power import more_units
from shipcall.stats.sample import Sample

BELOW_CHANCE = "below chance: check the harness"


def examine(plan: Plan, evidence: Summed, measuring: Measuring | None = None) -> list[Finding]:
    """Measure every check of the plan: one finding per check.

    Args:
        plan: The promised checks and how their metrics are measured.
        evidence: The tables as they are now, or as they were drawn.
        measuring: Turns samples into estimates; None for `measured`. Whoever folds thousands of
            drawn tables brings a quicker one with the same standings.
    """
    samples = _samples(plan, evidence)
    estimates = (measuring or measured)(plan, samples)
    facts = {c.evidence: evidence.facts(c.evidence) for c in plan.checks if is_fact(c)}
    findings = []
    for check in plan.checks:
        if is_fact(check):
            findings.append(count_finding(plan, check, facts[check.evidence]))
            continue
        finding = _finding(check, sample_of(check, plan, samples), estimates[check.id])
        findings.append(_with_declared(finding, plan.measures[check.metric].kind))
    return findings


def count_finding(plan: Plan, check: Check, facts: Facts) -> Finding:
    """Hold one count of a table against its bar."""
    runs = plan.runs_per_unit.get(check.evidence)
    return fact_finding(check, facts, rare=rare(plan), runs=runs)


def measured(plan: Plan, samples: Samples) -> dict[str, Measured]:
    """Estimate every check of the plan that is no count, families jointly."""
    joint = _joint(plan, samples)
    return {
        check.id: joint.get(check.id)
        or measure(check, plan.measures[check.metric], sample_of(check, plan, samples))
        for check in plan.checks
        if not is_fact(check)
    }


def _samples(plan: Plan, evidence: Summed) -> Samples:
    """Sum what the plan asks for; a metric of decisions that never vary has no sample."""
    asked = statistics_plan(plan)
    undecided = evidence.undecided(asked)
    samples = evidence.samples(asked)
    return {(name, part): undecided.get(name, sample) for (name, part), sample in samples.items()}


def statistics_plan(plan: Plan) -> StatisticsPlan:
    """Ask for every metric once, on all the slices in which some check needs it."""
    wanted: dict[str, list[Check]] = {}
    for check in plan.checks:
        if not is_fact(check) and plan.measures[check.metric].kind in METRICS:
            wanted.setdefault(check.metric, []).append(check)
    return StatisticsPlan(
        requests=tuple(request_of(plan.measures[name], checks) for name, checks in wanted.items())
    )


def request_of(measure: Measure, checks: Iterable[Check]) -> Request:
    """Ask for one metric on the slices of some checks."""
    metric = METRICS[measure.kind]
    checks = list(checks)
    return Request(
        metric=measure.name,
        kind=measure.kind,
        options=measure.options,
        evidence=measure.evidence,
        statistic=metric.statistic,
        granularity=metric.granularity,
        slices=tuple(dict.fromkeys(check.slice for check in checks)),
        influence=any(check.family is not None for check in checks),
    )


def is_fact(check: Check) -> bool:
    """A count of the evidence itself, not a metric of the models."""
    return check.role is Role.SANITY and check.estimand is Estimand.COUNT


def sample_of(check: Check, plan: Plan, samples: Samples) -> Sample | Absent:
    """The sample of one check; absent where it has fewer units than the contract asks for."""
    kind = plan.measures[check.metric].kind
    if kind not in METRICS:
        detail = f"metric {check.metric!r} is of kind {kind!r}"
        return Absent(reason=Reason.NOT_MEASURABLE, detail=detail)
    sample = samples[check.metric, check.slice]
    if isinstance(sample, Absent) or sample.clusters >= check.min_units:
        return sample
    if sample.clusters == 0 and check.min_units == 1:
        return Absent(reason=Reason.UNDEFINED, detail=_uncounted(plan.measures[check.metric]))
    detail = f"{sample.clusters} of {check.min_units} units"
    return Absent(reason=Reason.TOO_FEW_UNITS, detail=detail, n=sample.clusters)


def _uncounted(how: Measure) -> str:
    """Say that no row counts, and what is most often the cause."""
    metric = METRICS[how.kind]
    nameless = "positive" in metric.options and how.options.positive is None and not metric.amounts
    hint = ' (labels other than 0 and 1 need positive = "…" in the metric)' if nameless else ""
    return f"no row counts for {how.name!r}{hint}"


def measure(check: Check, how: Measure, sample: Sample | Absent) -> Measured:
    """Estimate what one check asks for, at the error levels it was promised."""
    if isinstance(sample, Absent):
        return sample
    estimator = ESTIMATORS[METRICS[how.kind].statistic]
    return estimator(sample, check.estimand, check.tails, generator(check.metric, check.slice))


def generator(*names: object) -> np.random.Generator:
    """Seed a generator from what is drawn for, so that the same evidence gives the same bytes."""
    text = "\0".join(str(name) for name in names)
    return np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))


def _joint(plan: Plan, samples: Samples) -> dict[str, Measured]:
    """Measure families of checks together: their breaches share one error level."""
    families: dict[str, list[Check]] = {}
    for check in plan.checks:
        if check.family is not None:
            families.setdefault(check.family.name, []).append(check)
    results: dict[str, Measured] = {}
    for name, checks in families.items():
        members = [(check, sample_of(check, plan, samples)) for check in checks]
        present = [(c, s) for c, s in members if not isinstance(s, Absent)]
        how = plan.measures[checks[0].metric]
        results.update(family_estimates(present, how, generator(name)))
    return results


def _finding(check: Check, sample: Sample | Absent, measured: Measured) -> Finding:
    arms = None if isinstance(sample, Absent) else arms_of(sample)
    finding = Finding(check=check, measured=measured, arms=arms)
    finding = replace(finding, missing_units=_missing_units(finding))
    if check.role is Role.SANITY and finding.standing is Standing.BREACH:
        return replace(finding, note=BELOW_CHANCE)
    return finding


def _with_declared(finding: Finding, kind: str) -> Finding:
    """Say beside a number that its ends are declared for larger samples only."""
    measured = finding.measured
    least = METRICS[kind].declared_from if kind in METRICS else 0
    if finding.note or isinstance(measured, Absent) or measured.n >= least:
        return finding
    title = METRICS[kind].title
    return replace(
        finding,
        note=f"{title}: with fewer than {least:,} units that count the ends of its interval miss a "
        "little more often than their levels say.",
    )


def _missing_units(finding: Finding) -> int | None:
    check, measured = finding.check, finding.measured
    if isinstance(measured, Estimate):
        if finding.standing is Standing.OPEN:
            return more_units(measured, check.bar)
        return None
    if measured.reason is Reason.TOO_FEW_UNITS and check.min_units > measured.n:
        return check.min_units - measured.n
    return None


def rare(plan: Plan) -> set[str]:
    """Names of safety metrics, whose events are hoped never to happen."""
    return {m.options.name for m in plan.measures.values() if m.level == "safety"}
