"""Sentences: the verdict in words. What was called, why, and what would change it."""

from collections.abc import Mapping, Sequence
from typing import Any

from shipcall.app.counted import count_of
from shipcall.report.words import arms_measure, measure, share_text, whole

View = Mapping[str, Any]
Findings = Sequence[View]

MOST = 3
"""More than this many findings are counted, not spelled out."""


def sentence_of(facts: View, findings: Findings) -> str:
    """Say in one or two sentences why the call is what it is."""
    named = [finding for finding in findings if finding["id"] in set(facts["because"])]
    opening = _opening(facts)
    if facts["rule"]["name"] == "ALL_SHOWN":
        return f"{opening} {_shown(findings)}"
    if facts["rule"]["name"] == "NOTHING_PROMISED":
        return _nothing_promised(facts, findings)
    if not named:
        return f"{opening} The {_spent(facts)} promised by the contract are spent."
    told = list(dict.fromkeys(_told_absent(named) + [told_of(f) for f in _present(named)]))
    rest = len(told) - MOST
    more = f" And {rest} more." if rest > 0 else ""
    return f"{opening} {' '.join(told[:MOST])}{more}"


def _opening(facts: View) -> str:
    rule = facts["rule"]["name"]
    if rule == "ALL_SHOWN" and (toward(facts) or facts["call"] == "NO OBJECTION"):
        return "Nothing that was promised is refuted."
    opening = OPENINGS.get(rule) or str(facts["rule"]["sentence"])
    if rule == "NEED_NOT_MET" and facts["situation"].get("overdue"):
        return f"{opening} The time that the contract gave is over."
    return opening


def toward(facts: View) -> str:
    """Say to which share an ADVANCE goes: "to 10 %"; empty for every other call."""
    progress = facts.get("progress")
    if facts["stage"] != "rollout" or facts["call"] != "ADVANCE" or not progress:
        return ""
    to_come = progress["shares"][progress["position"] + 1 :]
    return f"to {share_text(to_come[0])}" if to_come else ""


def _spent(facts: View) -> str:
    """What there may be too many of: a rollout may be looked at at any time, but not retried."""
    return "attempts" if facts["stage"] == "rollout" else "looks"


def _present(findings: Findings) -> list[View]:
    return [finding for finding in _worst_first(findings) if finding["absent"] is None]


def _told_absent(findings: Findings) -> list[str]:
    """Tell findings without data, those with one reason together."""
    absent = [finding for finding in findings if finding["absent"] is not None]
    return _together([(_named(f), _lacking(f)) for f in absent])


def _lacking(finding: View) -> str:
    absent = finding["absent"]
    lack = "not yet" if absent["code"] in WAITING else "no data"
    return f"{lack} ({absent['detail']})."


WAITING = ("too_early", "maturing")
"""Codes of reasons that nothing but time mends."""


OPENINGS = {
    "UNTRUSTED_BEFORE": "The evidence cannot be trusted yet.",
    "UNTRUSTED": "The evidence cannot be trusted.",
    "GUARDRAIL_BREACHED": "What must not be lost was lost.",
    "SILENT": "People are exposed and a guardrail has gone silent.",
    "GOAL_REFUTED": "The promised gain is not there.",
    "NEED_NOT_MET": "Not everything is shown.",
    "ALL_SHOWN": "Everything that had to be shown is shown.",
}


def _worst_first(findings: Findings) -> list[View]:
    order = {"BREACH": 0, "ABSENT": 1, "OPEN": 2, "CLEAR": 3}
    return sorted(findings, key=lambda f: (order[f["standing"]], -_excess(f)))


def _excess(finding: View) -> float:
    """By how many interval widths a value lies outside its bar; 0 without an estimate."""
    estimate, bar = finding["estimate"], finding["bar"]
    if estimate is None or estimate["low"] is None or estimate["high"] is None:
        return 0.0
    outside = max(
        (bar["low"] - estimate["value"]) if bar["low"] is not None else 0.0,
        (estimate["value"] - bar["high"]) if bar["high"] is not None else 0.0,
        0.0,
    )
    return float(outside / max(estimate["high"] - estimate["low"], 1e-12))


def told_of(finding: View) -> str:
    """Tell one finding in a sentence: what, where, how much, against which bar."""
    name = _named(finding)
    estimate = finding["estimate"]
    if estimate is None:
        return f"{name}: {_lacking(finding)}"
    if finding["estimand"] == "count":
        return f"{name}: {finding['note'] or finding['bar']['text'] + ' was expected'}."
    written = measure(finding)
    value = written.write(estimate["value"])
    low, high = (_end(written, estimate[end]) for end in ("low", "high"))
    arms = _arms(finding)
    note = f"; {finding['note']}" if finding["note"] else ""
    return f"{name} {finding['bar']['text']}: {value} [{low}, {high}]{arms}{note}."


def _end(written: Any, bound: float | None) -> str:
    return "no bound" if bound is None else str(written.bare(bound))


def _arms(finding: View) -> str:
    arms = finding["arms"]
    if arms is None or finding["estimand"] == "count":
        return ""
    written = arms_measure(finding)
    return f" ({written.write(arms['baseline'])} to {written.write(arms['candidate'])})"


def _named(finding: View) -> str:
    where = "" if finding["slice"] == "all" else f" in {finding['slice']}"
    if finding["role"] == "sanity" and finding["estimand"] == "count":
        return f"{finding['metric_title']} ({finding['id'].split('.')[1]})"
    arm = f" of the {finding['estimand']}" if finding["estimand"] == "baseline" else ""
    return f"{finding['metric_title']}{arm}{where}"


def _shown(findings: Findings) -> str:
    required = [f for f in findings if f["role"] in ("goal", "guardrail")]
    shown = sum(f["standing"] == "CLEAR" for f in required)
    rest = len(required) - shown
    if not rest:
        return f"{shown} of {len(required)} requirements pass."
    return f"{shown} of {len(required)} requirements pass; {rest} are not refuted, and not proven."


def _nothing_promised(facts: View, findings: Findings) -> str:
    if not facts["situation"]["sealed"]:
        return (
            "The contract is not sealed, so nothing it says was promised before the evidence. "
            "What follows is a rehearsal."
        )
    goals = [f for f in findings if f["role"] == "goal"]
    return f"The contract promises {len(goals)} goals at this stage; without one nothing can ship."


def would_change(facts: View, findings: Findings) -> list[str]:
    """Say what is missing for another call, the most useful first."""
    lacking = [
        f for f in findings if f["role"] in ("goal", "guardrail", "sanity") and not f["satisfied"]
    ]
    sentences = _together([(_named(f), _change(f)) for f in _worst_first(lacking)])
    if not facts["situation"]["sealed"]:
        sentences.insert(0, "Seal the contract before the evidence: `shipcall seal`.")
    if facts["situation"]["looks_spent"]:
        spent = _spent(facts)
        taken = "made" if spent == "attempts" else "taken"
        sentences.insert(
            0,
            f"More {spent} were {taken} than were promised. Fresh evidence needs an amendment that "
            f"promises the {spent}, and pays for them with tighter levels.",
        )
    return sentences


def _together(said: Sequence[tuple[str, str]]) -> list[str]:
    """Say once what holds for several findings."""
    names: dict[str, list[str]] = {}
    for name, change in said:
        names.setdefault(change, []).append(name)
    return [f"{_listed(several)}: {change}" for change, several in names.items()]


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST])
    rest = len(names) - MOST
    return f"{shown} and {rest} more" if rest > 0 else shown


def _change(finding: View) -> str:
    if finding["absent"] is not None:
        missing = finding["missing_units"]
        if missing:
            return f"{whole(missing)} more units ({finding['absent']['detail']})."
        return str(finding["absent"]["next_step"])
    if finding["role"] == "sanity":
        return _repair(finding)
    if finding["standing"] == "BREACH":
        return "past its bar; more of the same evidence will not change that."
    if finding["missing_units"]:
        return f"about {whole(finding['missing_units'])} more units, if the estimate stays."
    return "the estimate itself does not meet the bar; more units alone will not do."


def _repair(finding: View) -> str:
    known = count_of(finding["stage"], finding["metric"])
    counted = known.repair if known and finding["estimand"] == "count" else ""
    return counted or "look at the harness (parsing, prompts, labels) before you look at the model."
