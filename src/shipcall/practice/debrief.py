"""Debrief: your account, what was knowable, what was so, and one rule to carry on."""

from collections.abc import Mapping, Sequence
from typing import Any

from shipcall.core import Action, Call, Standing, plain
from shipcall.practice.case import Case
from shipcall.practice.reader import PARTS, broken_given, flips_of
from shipcall.practice.score import Decision, Score, expected_values, score
from shipcall.release.judge import Judgement

ONE_CASE = (
    "One case says little about a person: whether somebody decides well shows over some dozens "
    "of different cases. The loss below is of this call, not of you."
)


def debrief(
    case: Case, judgement: Judgement, call: Call, *, looked: Sequence[str] = ()
) -> dict[str, Any]:
    """Show the score, the verdict, the truth and the rule, in the order in which they help.

    Args:
        case: The case with its truth.
        judgement: The engine's verdict on the very evidence of the case.
        call: What the person called.
        looked: Panels the person asked for, in order.

    Returns:
        Plain dictionaries: `you`, `score`, `verdict`, `truth`, `carry`.

    Raises:
        UsageError: If the case does not offer this call.
    """
    scored = score(case, call, looked=looked)
    return {
        "you": plain(call) | {"looked": list(looked), "asked_for_slices": _asked(looked)},
        "score": _score_form(case, scored, judgement),
        "verdict": _verdict_form(judgement),
        "truth": _truth_form(case),
        "carry": {
            "rule": case.truth.rule,
            "clause": case.truth.clause.strip() + "\n",
            "next_step": case.truth.what_next,
            "harmless_look_alike": case.truth.benign,
            "questions": list(case.truth.questions),
        },
    }


def _asked(looked: Sequence[str]) -> bool:
    return any(name.partition(":")[0] in PARTS for name in looked)


def _score_form(case: Case, scored: Score, judgement: Judgement) -> dict[str, Any]:
    return {
        "decision": _decision_form(scored.decision),
        "as_looked": _decision_form(scored.as_looked),
        "brier": scored.brier,
        "careful_reader_brier": scored.reader_brier,
        "luck": scored.luck,
        "ladder": _ladder(case, scored.decision, judgement),
        "note": ONE_CASE,
    }


def _decision_form(decision: Decision) -> dict[str, Any]:
    return {
        "chance_of_broken": decision.broken,
        "expected_values": {action.value: value for action, value in decision.expected.items()},
        "best": decision.best.value,
        "loss": decision.loss,
        "stake": decision.stake,
        "loss_share": decision.loss_share,
        "is_best": decision.is_best,
    }


def _ladder(case: Case, full: Decision, judgement: Judgement) -> list[dict[str, Any]]:
    """What simple habits, the engine and careful readers lose on this evidence."""
    headline = expected_values(case, broken_given(case, ("headline",)))
    who = {
        "always SHIP": Action.SHIP,
        "always HOLD": Action.HOLD,
        "best call on the launch slide alone": max(headline, key=lambda one: headline[one]),
        "the contract's verdict": judgement.verdict.call,
        "careful reader who looked everywhere": full.best,
    }
    top = full.expected[full.best]
    return [
        {"who": name, "call": action.value, "loss": top - full.expected[action]}
        for name, action in who.items()
        if action in full.expected
    ]


def _verdict_form(judgement: Judgement) -> dict[str, Any]:
    verdict = judgement.verdict
    facts: Mapping[str, Any] = judgement.facts
    return {
        "call": verdict.call.value,
        "rule": plain(verdict.rule),
        "because": list(verdict.because),
        "failed": [str(f.check.slice) for f in verdict.findings if f.standing is Standing.BREACH],
        "contract": facts["contract"]["sha256"],
        "evidence": judgement.evidence,
    }


def _truth_form(case: Case) -> dict[str, Any]:
    truth = case.truth
    here = flips_of(case)[truth.slice]
    sound = truth.only_candidate - truth.only_baseline
    return {
        "broken": truth.broken,
        "slice": str(truth.slice),
        "true_difference_there": sound - (truth.severity if truth.broken else 0.0),
        "true_difference_elsewhere": sound,
        "units_there": here.n,
        "difference_seen_there": (here.only_candidate - here.only_baseline) / here.n,
        "cause": truth.cause,
    }
