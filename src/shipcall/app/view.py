"""View: one plain dictionary per verdict. Text, HTML and JSON all start there.

A verdict's facts are what the ledger holds: the same contract, evidence, version and time give
the same bytes. The envelope says what surrounds them: looks, signatures, calls, amendments.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from shipcall.app.sentences import sentence_of, would_change
from shipcall.core import Standing
from shipcall.report.aa import aa_line, aa_warning

Facts = Mapping[str, Any]

COUNTED = {
    "found": "Evidence found",
    "duplicates": "Duplicate rows",
    "lost": "Pairs lost",
    "uneven_loss": "Loss of one model more than the other",
    "mispaired": "Pairs with other content",
    "differing": "Scorer or eval set that differs",
    "constant": "Output that never varies",
    "out_of_range": "Grades out of range",
}
"""What each sanity count is called on a screen."""
SHARES = ("found", "lost", "uneven_loss")

_AMOUNT = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:e-?\d+)?(?![\w.]|\s*(?:%|pp))")

PROMISE_OF_SHIP = (
    "If any requirement that had to be shown does not hold, the chance of SHIP over {looks} and "
    "{attempts} is at most {alpha:g}."
)
PROMISE_OF_NOTHING = (
    "Checks that only had to be not refuted carry no such promise; they are listed as not proven."
)
PROMISE_OF_BLOCK = (
    "If every guardrail holds, the chance that one of them refuses the release is at most "
    "{block:g}."
)


def verdict_view(facts: Facts, envelope: Facts) -> dict[str, Any]:
    """Make the dictionary that every report draws.

    Args:
        facts: As recorded: `release.judge.Judgement.facts`.
        envelope: sealed_at, lints, amendments, contract text and file, look, A/A, calls, head.
    """
    findings = [finding_view(finding, facts) for finding in facts["findings"]]
    aa = envelope["aa"]
    return {
        "kind": "verdict",
        "release": facts["release"],
        "stage": facts["stage"],
        "as_of": facts["as_of"],
        "call": facts["call"],
        "rule": facts["rule"],
        "sentence": f"{_caveat(envelope['contract'])}{sentence_of(facts, findings)}",
        "would_change": would_change(facts, findings),
        "because": facts["because"],
        "findings": findings,
        "not_assessed": [*facts["not_assessed"], *_warnings(aa)],
        "unproven": facts["unproven"],
        "promised": promised_view(facts, envelope["contract"].get("feasibility", "")),
        "evidence": facts["evidence"],
        "contract": {**facts["contract"], **envelope["contract"]},
        "look": envelope["look"],
        "aa": aa and {"text": aa_line(aa, facts["release"]["id"]), **aa},
        "calls": envelope["calls"],
        "ledger": envelope["ledger"],
        "engine": facts["engine"],
        "reproduce": [
            f"shipcall {facts['stage']} {envelope['contract']['file']} --as-of {facts['as_of']}"
        ],
    }


def _warnings(aa: Facts | None) -> list[str]:
    warning = aa_warning(aa) if aa else None
    return [warning] if warning else []


def _caveat(contract: Facts) -> str:
    """What a reader has to know before the call: promises that were made or loosened too late."""
    late = [one for one in contract["amendments"] if one["after_evidence"]]
    if any(change["kind"] == "loosened" for one in late for change in one["changes"]):
        return "A promise was loosened after the evidence had been seen. "
    return (
        "The contract was sealed after evidence had been seen. "
        if (contract["after_evidence"])
        else ""
    )


def finding_view(finding: Facts, facts: Facts) -> dict[str, Any]:
    """Flatten one finding and name its metric."""
    check, measured = finding["check"], finding["measured"]
    metric = facts["metrics"].get(check["metric"], {})
    counted = check["estimand"] == "count"
    unit = _counted_unit(check) if counted else metric["unit"]
    is_estimate = "value" in measured
    return {
        "id": check["id"],
        "role": check["role"],
        "need": check["need"],
        "metric": check["metric"],
        "metric_title": COUNTED.get(check["metric"], "") if counted else _title(check, metric),
        "unit": unit,
        "better": "higher" if counted else metric["better"],
        "slice": "*".join(f"{c}={level}" for c, level in check["slice"]["pairs"]) or "all",
        "slice_pairs": check["slice"]["pairs"],
        "estimand": check["estimand"],
        "bar": {**check["bar"], "text": bar_text(check["bar"]["text"], unit, check["estimand"])},
        "standing": finding["standing"],
        "answer": Standing(finding["standing"]).words,
        "satisfied": finding["satisfied"],
        "estimate": _estimate(measured) if is_estimate else None,
        "absent": None if is_estimate else _absent(measured),
        "arms": finding["arms"],
        "missing_units": finding["missing_units"],
        "note": finding["note"],
        "protected": check["protected"],
        "family": check["family"]["name"] if check["family"] else None,
        "min_units": check["min_units"],
        "clear_at": check["clear_at"],
        "breach_at": check["breach_at"],
        "line": check["line"],
    }


def _title(check: Facts, metric: Facts) -> str:
    """Call a metric what the contract calls it; by the kind's title where that is its name."""
    name: str = check["metric"]
    return metric["title"] if name == metric["kind"] else name.replace("_", " ")


def bar_text(text: str, unit: str, estimand: str) -> str:
    """Write the amounts of a bar in the unit in which its numbers are shown.

    Examples:
        >>> bar_text("may lose 0.02", "share", "difference")
        'may lose 2 pp'
        >>> bar_text("at least 0.9", "share", "candidate")
        'at least 90 %'
    """
    if estimand == "relative":
        return text
    if unit != "share":
        return f"{text} {unit}" if unit and _AMOUNT.search(text) else text
    suffix = "pp" if estimand == "difference" else "%"
    return _AMOUNT.sub(lambda found: f"{100 * float(found[0]):.6g} {suffix}", text)


def _counted_unit(check: Facts) -> str:
    return "share" if check["metric"] in SHARES else ""


def _estimate(measured: Facts) -> dict[str, Any]:
    low_tail, high_tail = measured["tails"]
    return {**measured, "level": round(1 - low_tail - high_tail, 10)}


def _absent(measured: Facts) -> dict[str, Any]:
    return {**measured["reason"], "detail": measured["detail"], "n": measured["n"]}


def promised_view(facts: Facts, feasibility: str = "") -> dict[str, Any]:
    """Say which error rates were promised, in sentences, and how likely a call was."""
    family = [f["check"]["family"] for f in facts["findings"] if f["check"]["family"]]
    text = promised_text(facts["risk"], family)
    if facts["unproven"]:
        text.append(PROMISE_OF_NOTHING)
    if feasibility:
        text.append(feasibility)
    return {**facts["risk"], "text": text}


def promised_text(risk: Facts, family: Sequence[Facts]) -> list[str]:
    """Put the promised error rates into sentences.

    Args:
        risk: The contract's [risk].
        family: The family of each check that belongs to one.
    """
    text = [
        PROMISE_OF_SHIP.format(
            looks=_count(risk["looks"], "look"),
            attempts=_count(risk["attempts"], "attempt"),
            alpha=risk["alpha"],
        ),
        PROMISE_OF_BLOCK.format(block=risk["block"]),
    ]
    if family:
        text.append(
            f"Slices share {family[0]['breach_at']:g} of that, jointly over "
            f"{_count(len(family), 'slice')} ({family[0]['method']})."
        )
    return text


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def envelope_of(  # noqa: PLR0913 - one argument per part of the envelope
    *,
    file: str,
    text: str,
    sealed_at: str | None,
    after_evidence: bool,
    feasibility: str = "",
    lints: Sequence[Facts],
    amendments: Sequence[Facts],
    look: Facts,
    aa: Facts | None,
    calls: Sequence[Facts],
    ledger: Facts,
) -> dict[str, Any]:
    """Gather what surrounds a verdict and may change while the verdict does not."""
    return {
        "contract": {
            "file": file,
            "text": text,
            "sealed": sealed_at is not None,
            "sealed_at": sealed_at,
            "after_evidence": after_evidence,
            "feasibility": feasibility,
            "lints": list(lints),
            "amendments": list(amendments),
        },
        "look": look,
        "aa": aa,
        "calls": list(calls),
        "ledger": ledger,
    }
