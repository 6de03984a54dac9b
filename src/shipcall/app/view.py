"""View: one plain dictionary per verdict. Text, HTML and JSON all start there.

A verdict's facts are what the ledger holds: the same contract, evidence, version and time give
the same bytes. The envelope says what surrounds them: looks, signatures, calls, amendments.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from shipcall.app.counted import count_of
from shipcall.app.promised import promised_view
from shipcall.app.sentences import sentence_of, toward, would_change
from shipcall.core import Standing
from shipcall.metrics import METRICS
from shipcall.metrics.kinds import KINDS
from shipcall.report.aa import aa_line, aa_warning

Facts = Mapping[str, Any]

RAMPED = ("rollout",)
"""Stages in which plain values of the models would mislead: their units came on other days."""

_AMOUNT = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:e-?\d+)?(?![\w.]|\s*(?:%|pp))")


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
        "toward": toward(facts),
        "rule": facts["rule"],
        "sentence": f"{_caveat(envelope['contract'])}{sentence_of(facts, findings)}",
        "would_change": would_change(facts, findings),
        "because": facts["because"],
        "findings": findings,
        "not_assessed": [*facts["not_assessed"], *_warnings(aa), *_small(findings, facts)],
        "unproven": facts["unproven"],
        "promised": promised_view(facts, envelope["contract"].get("feasibility", "")),
        "evidence": facts["evidence"],
        "contract": {**facts["contract"], **envelope["contract"]},
        "look": envelope["look"],
        "aa": aa and {"text": aa_line(aa, facts["release"]["id"]), **aa},
        "calls": envelope["calls"],
        "ledger": envelope["ledger"],
        "engine": facts["engine"],
        "progress": facts.get("progress"),
        **_exhibited(facts),
        "reproduce": [
            f"shipcall {facts['stage']} {envelope['contract']['file']} --as-of {facts['as_of']}"
        ],
    }


def covered(view: Facts) -> dict[str, Any]:
    """Take everything out of a verdict that a person should not see before the call."""
    kept = ("release", "stage", "as_of", "evidence", "look", "ledger", "engine", "contract")
    return {"kind": "covered", **{name: view[name] for name in kept}}


def _exhibited(facts: Facts) -> dict[str, Any]:
    """Give what a person wants to see beside the findings, a rollout's course by its own name."""
    shown = dict(facts.get("exhibits") or {})
    if facts["stage"] != "rollout":
        return {"rollout": None, "exhibits": shown}
    course = {name: shown.pop(name, nothing) for name, nothing in _COURSE.items()}
    return {"rollout": {**course, "progress": facts["progress"]}, "exhibits": shown}


_COURSE: Mapping[str, Any] = {"steps": [], "sequences": {}, "pooled": {}, "maturing": {}}
"""Parts of a rollout's course, empty where nobody was exposed."""


def _warnings(aa: Facts | None) -> list[str]:
    warning = aa_warning(aa) if aa else None
    return [warning] if warning else []


def _small(findings: Sequence[Facts], facts: Facts) -> list[str]:
    """Numbers whose ends are declared for larger samples, each note once for all its checks."""
    noted: dict[str, list[str]] = {}
    for finding in findings:
        kind = facts["metrics"].get(finding["metric"], {}).get("kind")
        if finding["note"] and kind in METRICS and METRICS[kind].declared_from:
            noted.setdefault(finding["note"], []).append(finding["id"])
    return [
        f"{ids[0]}{f' and {len(ids) - 1:,} more' if ids[1:] else ''}: {note}"
        for note, ids in noted.items()
    ]


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
    target = None if counted else _target(metric)
    is_estimate = "value" in measured
    return {
        "id": check["id"],
        "stage": check["stage"],
        "role": check["role"],
        "need": check["need"],
        "metric": check["metric"],
        "metric_title": _counted_title(check) if counted else _title(check, metric),
        "unit": unit,
        "better": "higher" if counted else metric["better"] if target is None else "",
        "target": target,
        "slice": "*".join(f"{c}={level}" for c, level in check["slice"]["pairs"]) or "all",
        "slice_pairs": check["slice"]["pairs"],
        "estimand": check["estimand"],
        "bar": {**check["bar"], "text": bar_text(check["bar"]["text"], unit, check["estimand"])},
        "standing": finding["standing"],
        "answer": Standing(finding["standing"]).words,
        "satisfied": finding["satisfied"],
        "estimate": _estimate(measured) if is_estimate else None,
        "absent": None if is_estimate else _absent(measured),
        "arms": finding["arms"] if check["stage"] not in RAMPED else None,
        "missing_units": finding["missing_units"],
        "note": finding["note"],
        "protected": check["protected"],
        "family": check["family"]["name"] if check["family"] else None,
        "min_units": check["min_units"],
        "clear_at": check["clear_at"],
        "breach_at": check["breach_at"],
        "line": check["line"],
    }


def _target(metric: Facts) -> float | None:
    """The best value of a metric that is best at a point, and has no better side."""
    known = KINDS.get(metric.get("kind", ""))
    return known.target if known else None


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


def _counted_title(check: Facts) -> str:
    known = count_of(check["stage"], check["metric"])
    name: str = check["metric"].replace("_", " ")
    if known is None:
        return name
    of = name.partition(".")[2] if check["role"] == "sanity" else ""
    return f"{known.title}, {of}" if of else known.title


def _counted_unit(check: Facts) -> str:
    known = count_of(check["stage"], check["metric"])
    return known.unit if known else ""


def _estimate(measured: Facts) -> dict[str, Any]:
    low_tail, high_tail = measured["tails"]
    return {**measured, "level": round(1 - low_tail - high_tail, 10)}


def _absent(measured: Facts) -> dict[str, Any]:
    return {**measured["reason"], "detail": measured["detail"], "n": measured["n"]}


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
