"""Integrity: what the counts of a rollout say about whether its comparison can be trusted."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from shipcall.contract.plan import Progress
from shipcall.core import Absent, Check, Estimand, Finding, Measured, Reason
from shipcall.core.estimate import census
from shipcall.data.ramp import Entered, Integrity, Step
from shipcall.stats.sequential.ratio import Arms, ratio_evidence
from shipcall.stats.sequential.score import ScorePlan, score_estimate
from shipcall.stats.sequential.tuning import Span, Tuned, foreseen, tuned

Counted = tuple[Measured, str]
"""What was measured, and a sentence where something is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Everything that was counted of a rollout."""

    progress: Progress
    steps: Sequence[Step]
    integrity: Integrity
    whole: Mapping[str, Entered | Absent]
    """Metric -> its units, all slices together."""


def integrity_finding(check: Check, seen: Traffic) -> Finding:
    """Hold one count of the rollout against its bar.

    Args:
        check: A sanity check of `contract.rollout`; its metric names the count, and after a dot
            the metric whose outcomes are meant.
        seen: What was counted.
    """
    fact, _, name = check.metric.partition(".")
    if check.evidence == "outcomes":
        measured, note = _of_outcomes(check, fact, name, seen)
    elif not seen.integrity.rows:
        detail = "no exposure until the time of this verdict"
        measured, note = Absent(reason=Reason.NO_ROWS, detail=detail), ""
    else:
        measured, note = _EXPOSURES[fact](check, seen)
    return Finding(check=check, measured=measured, note=note)


def _found(_check: Check, seen: Traffic) -> Counted:
    return census(float(seen.integrity.units), "units exposed"), ""


def _shares(_check: Check, seen: Traffic) -> Counted:
    served = seen.progress.shares
    strange = [step for step in seen.steps if not _is_served(step.share, served)]
    note = ", ".join(f"stage {step.name!r} at {100 * step.share:g} %" for step in strange)
    return census(float(len(strange)), "shares nobody promised"), note


def _is_served(share: float, served: Sequence[float]) -> bool:
    return any(abs(share - each) < 1e-9 for each in served)


def _bucketing(_check: Check, seen: Traffic) -> Counted:
    """Rows that were dealt by another algorithm, or with another salt than most."""
    named = {text: rows for text, rows in seen.integrity.bucketings.items() if text}
    if not named:
        detail = "exposures do not say how they were dealt; name it in a column or as a constant"
        return Absent(reason=Reason.WRONG_COLUMNS, detail=detail), ""
    wanted = seen.progress.bucketing
    right = {text: rows for text, rows in named.items() if text.split(":", 1)[0] == wanted}
    other = sum(seen.integrity.bucketings.values()) - max(right.values(), default=0)
    parts = [f"{text or '(none)'} on {rows:,} rows" for text, rows in named.items()]
    note = f"{wanted} was promised; exposures have {', '.join(parts)}" if other else ""
    return census(float(other), "rows of another bucketing"), note


def _contract(_check: Check, seen: Traffic) -> Counted:
    known = seen.progress.contracts
    if not known:
        return census(0.0, "rows under another contract"), ""
    others = {
        text: rows
        for text, rows in seen.integrity.contracts.items()
        if text and not any(digest.startswith(text) for digest in known)
    }
    note = ", ".join(f"{rows:,} rows under {text[:12]}…" for text, rows in others.items())
    return census(float(sum(others.values())), "rows under another contract"), note


def _crossed(_check: Check, seen: Traffic) -> Counted:
    found = seen.integrity.crossed
    note = f"{found.count:,} units in both arms or back, first {found.example}"
    share = found.count / max(seen.integrity.units, 1)
    return census(share, "share of units that crossed"), note if found.count else ""


def _misplaced(_check: Check, seen: Traffic) -> Counted:
    found = seen.integrity.misplaced
    if found is None:
        return census(0.0, "not recomputed: no salt"), "exposures do not name the salt"
    note = f"{found.count:,} units are not where their bucket says, first {found.example}"
    share = found.count / max(seen.integrity.units, 1)
    return census(share, "share of units misplaced"), note if found.count else ""


def _errored(check: Check, seen: Traffic) -> Counted:
    errors = seen.integrity.errored
    share = sum(errors) / max(seen.integrity.rows, 1)
    note = f"{errors.baseline:,} errors served the baseline, {errors.candidate:,} the candidate"
    return census(share, "share of provider errors"), note if share > check.bar.high else ""


def _ratio(check: Check, seen: Traffic) -> Counted:
    """Dirichlet sequential test, multiplied over stages; the p holds at every look."""
    arms = [
        Arms(np.array(counts, dtype=np.float64), np.array([1.0 - share, share]))
        for (_, share), counts in sorted(seen.integrity.dealt.items())
    ]
    p = math.exp(-max(ratio_evidence(arms), 0.0))
    if p >= check.bar.low:
        return census(p, "sample ratio, always-valid p"), ""
    parts = []
    for (step, share), counts in sorted(seen.integrity.dealt.items()):
        expected = share * sum(counts)
        parts.append(
            f"stage {seen.steps[step].name}: {counts.candidate:,} candidate units where "
            f"{expected:,.0f} were due"
        )
    return census(p, "sample ratio, always-valid p"), "; ".join(parts)


_EXPOSURES: Mapping[str, Callable[[Check, Traffic], Counted]] = {
    "found": _found,
    "shares": _shares,
    "bucketing": _bucketing,
    "contract": _contract,
    "crossed": _crossed,
    "misplaced": _misplaced,
    "errored": _errored,
    "ratio": _ratio,
}


def _of_outcomes(check: Check, fact: str, name: str, seen: Traffic) -> Counted:
    if not name:
        return _of_all(fact, seen)
    entered = seen.whole[name]
    if isinstance(entered, Absent):
        return entered, ""
    return _OUTCOMES[fact](check, entered, seen.progress)


def _of_all(fact: str, seen: Traffic) -> Counted:
    """Counts of the whole table: the worst metric speaks."""
    known = {name: one for name, one in seen.whole.items() if not isinstance(one, Absent)}
    if not known:
        absent = next((one for one in seen.whole.values() if isinstance(one, Absent)), None)
        nothing = Absent(reason=Reason.NO_EVIDENCE, detail="no metric of outcomes was promised")
        return absent or nothing, ""
    words = {
        "duplicates": "outcomes of one unit at one time",
        "out_of_range": "values out of the declared range",
    }
    counts = {name: getattr(one, fact) for name, one in known.items()}
    bad = {name: found for name, found in counts.items() if found.count}
    note = "; ".join(f"{name}: {one.count:,}, first {one.example}" for name, one in bad.items())
    return census(float(sum(one.count for one in bad.values())), words[fact]), note


def _lost(check: Check, entered: Entered, _progress: Progress) -> Counted:
    lost, units = lost_and_units(entered)
    share = lost / max(units, 1)
    note = f"{lost:,} of {units:,} units have no outcome" if share > check.bar.high else ""
    return census(share, "share of units without an outcome"), note


def _uneven_loss(check: Check, entered: Entered, progress: Progress) -> Counted:
    """Do both arms lose their outcomes alike? A score sequence of the losses themselves."""
    lost, units = lost_and_units(entered)
    if not lost:
        return census(0.0, "difference of shares lost"), ""
    found = tuned(entered.missing, binary=True)
    if found is None:
        detail = f"{units:,} units so far, all spent on tuning"
        return Absent(reason=Reason.TOO_FEW_UNITS, detail=detail, n=units), ""
    plan = score_plan(found, progress, epoch_hours=1)
    measured = score_estimate(found.epochs, plan, Estimand.DIFFERENCE, check.tails)
    return measured, f"{lost:,} of {units:,} units have no outcome"


def _moved(_check: Check, entered: Entered, _progress: Progress) -> Counted:
    _, units = lost_and_units(entered)
    moved = entered.moved
    note = (
        f"{moved.count:,} of {units:,} units had another arm within their window, first "
        f"{moved.example}: freeze assignments until windows close"
    )
    share = moved.count / max(units, 1)
    return census(share, "share of units that moved"), note if moved.count else ""


_OUTCOMES: Mapping[str, Callable[[Check, Entered, Progress], Counted]] = {
    "lost": _lost,
    "uneven_loss": _uneven_loss,
    "moved": _moved,
}


def lost_and_units(entered: Entered) -> tuple[int, int]:
    """Count the units without an outcome, and all whose window has closed."""
    sums = [arm for pair in entered.missing.cells.values() for arm in pair]
    one = round(1.0 / entered.missing.step)
    return sum(arm.y for arm in sums) // one, sum(arm.n for arm in sums)


def score_plan(found: Tuned, progress: Progress, *, epoch_hours: int) -> ScorePlan:
    """Tune a score sequence to the shares and the hours that the contract names.

    A share without hours of its own is taken to last three days.
    """
    lasting = (*progress.least_hours, *[72.0] * len(progress.shares))
    spans = [
        Span(share, max(hours, 1.0) / epoch_hours)
        for share, hours in zip(progress.shares, lasting, strict=False)
    ]
    return ScorePlan(information=foreseen(found, spans), start=found.start)
