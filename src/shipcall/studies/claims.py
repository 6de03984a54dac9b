"""Claims: what each check of a contract would have to see, in labelled units."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from shipcall.contract.plan import NOT_READ, Measure
from shipcall.core import Check, Estimand, Need, Role
from shipcall.metrics import METRICS, Statistic
from shipcall.studies.labels import Claim, units_for_difference, units_for_share

COUNTING: Mapping[str, str] = {
    "recall": "positive",
    "false_positive_rate": "negative",
    "precision": "called positive",
}
"""Kind -> which rows alone count."""
NO_GAIN = "nobody said which gain is hoped for"
NO_SHARE = "nobody said which share of units is"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What is taken to be true, for every claim."""

    discordance: float
    """Share of units on which the two models differ, in (0, 1]."""
    gains: Mapping[str, float]
    """Metric -> gain that is hoped for, positive is better."""
    counting: float | None
    """Share of units that count for a metric which reads only some, in (0, 1]."""
    detect_at: float
    """Harm of so many margins has to be found where only harm is refused; > 1."""


def claim_of(check: Check, how: Measure, taken: Taken) -> Claim:
    """Say how many labelled units a check needs, or why that cannot be said.

    A check that has to be shown: so many that it is shown eight times in ten, at the error level
    the contract clears it at, if nothing changed (a guardrail), if the gain is as hoped (a goal),
    or if a share lies half-way between its bar and perfection. A check that has only to be not
    refuted: so many that harm of `detect_at` margins is refused as often.

    Args:
        check: Of the gate.
        how: How its metric is measured.
        taken: What is taken to be true.
    """
    if any(level == NOT_READ for _, level in check.slice.pairs):
        return _unknown(check, "the slices are read from evidence, and there is none yet")
    metric = METRICS.get(how.kind)
    if metric is None or metric.statistic is not Statistic.RATIO:
        return _unknown(check, "no closed form; `shipcall plan` draws its chances")
    bounds = how.options.range or metric.range
    if bounds is None:
        return _unknown(check, "nothing bounds the metric: bring a pilot to `shipcall plan`")
    if check.estimand is Estimand.DIFFERENCE:
        claim = _difference(check, bounds[1] - bounds[0], taken)
    elif check.estimand is Estimand.CANDIDATE and bounds == (0.0, 1.0):
        claim = _share(check)
    else:
        return _unknown(check, "depends on the value itself: `shipcall plan` draws its chances")
    return _counting(claim, how, taken)


def _unknown(check: Check, why: str) -> Claim:
    return Claim(check=check.id, part=check.slice, what=_what(check), units=None, why=why)


def _what(check: Check) -> str:
    return check.bar.text if check.need is Need.SHOWN else f"{check.bar.text}, not refuted"


def _difference(check: Check, width: float, taken: Taken) -> Claim:
    spread = width * math.sqrt(taken.discordance)
    margin = -check.bar.low if math.isfinite(check.bar.low) else check.bar.high
    if check.need is Need.NOT_REFUTED:
        if margin <= 0:
            return _unknown(check, "a margin of 0 has no multiple at which harm is to be found")
        distance, tail = (taken.detect_at - 1) * margin, check.breach_at
        what = f"harm of {taken.detect_at * margin:.3g} is refused"
    elif check.role is Role.GOAL or margin < 0:
        gain = taken.gains.get(check.metric)
        if gain is None:
            return _unknown(check, NO_GAIN)
        distance, tail, what = (
            gain + margin,
            check.clear_at,
            f"{_what(check)}, if it gains {gain:g}",
        )
    else:
        distance, tail, what = margin, check.clear_at, f"{_what(check)}, if nothing changed"
    units = units_for_difference(distance, spread, tail) if distance > 0 else None
    why = "" if units else "what is taken to be true does not lie inside the bar"
    return Claim(check=check.id, part=check.slice, what=what, units=units, why=why)


def _share(check: Check) -> Claim:
    at_most = math.isfinite(check.bar.high)
    bar = check.bar.high if at_most else check.bar.low
    if not 0 < bar < 1 or (at_most and math.isfinite(check.bar.low)):
        return _unknown(check, "only a bar between 0 and 1 on one side has a closed form")
    truth = bar / 2 if at_most else (1 + bar) / 2
    units = units_for_share(bar, truth, check.clear_at, at_most=at_most)
    what = f"{_what(check)}, if it is {truth:.3g}"
    return Claim(check=check.id, part=check.slice, what=what, units=units)


def _counting(claim: Claim, how: Measure, taken: Taken) -> Claim:
    rows = COUNTING.get(how.kind)
    if rows is None or claim.units is None:
        return claim
    if taken.counting is None:
        why = f"{claim.units:,} {rows} units; {NO_SHARE} {rows}"
        return replace(claim, units=None, why=why)
    return replace(claim, units=math.ceil(claim.units / taken.counting))
