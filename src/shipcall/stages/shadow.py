"""Shadow: both models answer live requests, and people see the baseline's answer only."""

import math
from collections.abc import Mapping
from dataclasses import replace

from shipcall.contract.plan import Plan
from shipcall.contract.shadow import PAIRS, is_counted
from shipcall.core import Absent, Check, Finding, Measured, Reason, Tails, Validity
from shipcall.core.estimate import census
from shipcall.data.evidence import Evidence
from shipcall.data.facts import Facts
from shipcall.metrics.kinds import KINDS
from shipcall.stages import _measure
from shipcall.stages._stage import Exhibits, Measuring, Stage
from shipcall.stages._unseen import unseen
from shipcall.stats.proportions import clopper_pearson

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MOST_CLASSES = 12
"""Decisions that have a row of their own in the matrix."""
SKIPPED = "skipped"
"""Answer of a person who did not want to judge a pair: it was not read."""
_HOUR_SECONDS = 3_600
_REVIEW_TAILS = Tails(0.025, 0.025)
_NOBODY_SAW = (
    "Nobody was shown the candidate's answers; what people would do with them was not assessed."
)


def examine(plan: Plan, evidence: Evidence, measuring: Measuring | None = None) -> list[Finding]:
    """Measure every check of the plan: one finding per check.

    Args:
        plan: From `shadow_plan`.
        evidence: The tables as they are now.
        measuring: Turns samples into estimates; None for the estimators of one look.
    """
    counted = [check for check in plan.checks if is_counted(check)]
    others = tuple(check for check in plan.checks if not is_counted(check))
    found = {f.check.id: f for f in _seen(plan, counted, evidence)}
    measured = _measure.examine(replace(plan, checks=others), evidence, measuring)
    found |= {finding.check.id: finding for finding in measured}
    return [found[check.id] for check in plan.checks]


def _seen(plan: Plan, checks: list[Check], evidence: Evidence) -> list[Finding]:
    """Hold what was seen against what has to be seen."""
    facts = evidence.facts(PAIRS)
    covered = [check for check in checks if check.metric == "stage.cover"]
    counts: dict[str, int] = {}
    if facts.absent is None and covered:
        calendar = evidence.pairs().calendar([check.slice for check in covered])
        counts = {check.id: sum(calendar[check.slice]) for check in covered}
    known = set(evidence.columns(PAIRS))
    return [_counted(check, plan, facts, counts.get(check.id, 0), known) for check in checks]


def _counted(check: Check, plan: Plan, facts: Facts, covered: int, known: set[str]) -> Finding:
    if facts.absent is not None:
        return Finding(check=check, measured=facts.absent)
    if check.metric == "stage.days":
        return Finding(check=check, measured=_days(check, facts))
    if check.metric == "stage.weekdays":
        return Finding(check=check, measured=_weekdays(facts))
    if check.metric == "stage.review":
        return Finding(check=check, measured=_read(check, plan.review), note=_unsafe(plan.review))
    unknown = sorted(set(check.slice.columns) - known)
    if unknown:
        detail = f"{PAIRS} has no column {', '.join(unknown)}"
        return Finding(check=check, measured=Absent(reason=Reason.WRONG_COLUMNS, detail=detail))
    pairs = covered if check.metric == "stage.cover" else facts.pairs - facts.lost_pairs.total
    return _pairs(check, pairs)


def _pairs(check: Check, pairs: int) -> Finding:
    least = int(check.bar.low)
    if pairs >= least:
        return Finding(check=check, measured=census(float(pairs), "pairs seen"))
    absent = Absent(reason=Reason.TOO_EARLY, detail=f"{pairs:,} of {least:,} pairs", n=pairs)
    return Finding(check=check, measured=absent, missing_units=least - pairs)


def _days(check: Check, facts: Facts) -> Measured:
    """Count days in hours begun: Monday 0:02 to Sunday 23:58 is a week."""
    days = 0.0
    if facts.span is not None:
        lasted = facts.span.last - facts.span.first
        days = math.ceil(lasted.total_seconds() / _HOUR_SECONDS) / 24
    if days >= check.bar.low:
        return census(days, "days from the first pair to the last")
    detail = f"{days:.1f} of {check.bar.low:g} days from the first pair to the last"
    return Absent(reason=Reason.TOO_EARLY, detail=detail)


def _weekdays(facts: Facts) -> Measured:
    missed = [day for day, pairs in zip(WEEKDAYS, facts.weekdays, strict=True) if not pairs]
    if not missed:
        return census(float(len(WEEKDAYS)), "days of the week with pairs")
    return Absent(reason=Reason.TOO_EARLY, detail=f"no pair on a {', '.join(missed)} (UTC)")


def _read(check: Check, review: Mapping[str, int]) -> Measured:
    least = int(check.bar.low)
    pairs = sum(count for answer, count in review.items() if answer != SKIPPED)
    if pairs >= least:
        return census(float(pairs), "pairs read by a person")
    detail = f"{pairs:,} of {least:,} pairs of this evidence were read"
    return Absent(reason=Reason.NOT_REVIEWED, detail=detail, n=pairs)


def _unsafe(review: Mapping[str, int]) -> str:
    seen = review.get("unsafe_candidate", 0)
    return f"the reader called {seen:,} of the candidate's answers unsafe" if seen else ""


def exhibits(plan: Plan, evidence: Evidence) -> Exhibits:
    """Show which pairs were seen, where the models differ, how fast they are and how they end.

    Returns:
        `coverage`: pairs of every slice on each day of the week; `decisions`: how often each
        decision of the baseline met each of the candidate; `latency_ms`: quantiles of both;
        `statuses`: how their runs ended; `review`: what people preferred, where they read.
    """
    if not evidence.present(PAIRS):
        return {}
    book = evidence.pairs()
    calendar = book.calendar(list(dict.fromkeys(check.slice for check in plan.checks)))
    matrix = book.decisions(MOST_CLASSES)
    shown = {
        "coverage": {
            "weekdays": list(WEEKDAYS),
            "slices": [{"slice": str(part), "pairs": list(n)} for part, n in calendar.items()],
        },
        "decisions": {
            "classes": list(matrix.classes),
            "counts": [list(row) for row in matrix.counts],
        },
        "latency_ms": book.latency(),
        "statuses": book.statuses(),
    }
    return shown | ({"review": _preferred(plan.review)} if plan.review else {})


def _preferred(review: Mapping[str, int]) -> Exhibits:
    """Count what people preferred, with the share of pairs with a winner that went one way."""
    wins, losses = review.get("candidate", 0), review.get("baseline", 0)
    shown: dict[str, object] = dict(review)
    if wins + losses:
        share = clopper_pearson(wins, wins + losses, _REVIEW_TAILS)
        shown["candidate_preferred"] = share
    return shown


def not_assessed(plan: Plan, evidence: Evidence) -> list[str]:
    """Say what nobody looked at, so that a reader does not think it was."""
    sentences = [_NOBODY_SAW, *unseen(plan, evidence)]
    if not evidence.present(PAIRS):
        return sentences
    read = {c.metric for c in plan.checks if c.metric in plan.measures}
    measures = [plan.measures[name] for name in sorted(read)]
    silent = evidence.pairs().silent()
    if silent and any(one.options.column == "safety" for one in measures):
        sentences.append(
            f"{PAIRS}: the safety grade of the {' and of the '.join(silent)} never varied; that "
            "its scorer can fire at all was not assessed. Grade some answers that are known to "
            "be bad."
        )
    errored = evidence.facts(PAIRS).errored
    failed = {arm: n for (arm, status), n in sorted(errored.items()) if status == "model_error"}
    if failed and not any(one.kind == "error_share" for one in measures):
        counts = ", ".join(f"{n:,} of the {arm}" for arm, n in failed.items())
        sentences.append(
            f"{PAIRS}: {counts} failed to answer, and no check bounds that: promise a metric of "
            f"kind error_share ({KINDS['error_share'].meaning.rstrip('.').lower()})."
        )
    return sentences


SHADOW = Stage(
    name="shadow",
    reads=(PAIRS,),
    exposed=False,
    decides=True,
    validity=Validity.FIXED,
    examine=examine,
    not_assessed=not_assessed,
    exhibits=exhibits,
)
