"""Why: everything there is to say about one check, in plain words, line by line."""

import shlex
from difflib import get_close_matches
from typing import NamedTuple

from shipcall.core import UsageError
from shipcall.report.words import (
    ANSWERS,
    ESTIMANDS,
    ROLES,
    View,
    arms_measure,
    bar_words,
    interval_text,
    level_text,
    measure,
    odds,
    significant,
    units_text,
    value_text,
    whole,
)


class Line(NamedTuple):
    """One line of an explanation."""

    label: str
    text: str


def find(view: View, check: str) -> View:
    """Find the finding of a check.

    Raises:
        UsageError: If the verdict has no such check; names the nearest ones.
    """
    findings: list[View] = view["findings"]
    for finding in findings:
        if finding["id"] == check:
            return finding
    known = [finding["id"] for finding in findings]
    near = get_close_matches(check, known, n=3, cutoff=0.3) or known[:5]
    raise UsageError(
        f"this verdict has no check {check!r}. It has {len(known)}; "
        f"the nearest are {', '.join(near) or 'none'}."
    )


def explain(view: View, finding: View) -> list[Line]:
    """Say what was promised, what was measured, and what it means for the call."""
    lines = [*_promised(finding), *_measured(finding), *_meaning(view, finding)]
    return [line for line in lines if line.text]


def next_command(view: View) -> str:
    """The command that a reader of the verdict types next, safe to paste into a shell."""
    file = shlex.quote(view["contract"]["file"])
    if view["call"] in ("ADVANCE", "SHIP"):
        return f'shipcall call {file} {view["call"]} --probability P --why "..."'
    if view["call"] == "NO OBJECTION":
        return f"shipcall export html {file}"
    if not view["because"]:
        return f"shipcall seal {file}"
    return f"shipcall {view['stage']} {file} --why {shlex.quote(view['because'][0])}"


def _promised(finding: View) -> list[Line]:
    title, name = finding.get("metric_title") or finding["metric"], finding["metric"]
    where = "all units" if finding["slice"] == "all" else finding["slice"]
    protected = " (protected)" if finding.get("protected") else ""
    better = "" if finding["estimand"] == "count" else f", {_best(finding)}"
    lowest = finding.get("min_units")
    line = finding.get("line")
    return [
        Line("metric", f"{title} ({name}){better}"),
        Line("slice", where + protected),
        Line("role", ROLES[finding["role"]]),
        Line("needs", f"{finding['bar']['text']}: {_need(finding)}"),
        Line("levels", _levels(finding)),
        Line("least units", whole(lowest) if lowest else ""),
        Line("promised", f"line {line} of the contract" if line else ""),
    ]


def _best(finding: View) -> str:
    if finding["better"]:
        return f"{finding['better']} is better"
    return f"best at {significant(finding['target'])}"


def _need(finding: View) -> str:
    kind, bar = ESTIMANDS[finding["estimand"]], bar_words(finding)
    if finding["need"] == "not_refuted":
        return f"it must not be refuted that the {kind} is {bar}"
    return f"the {kind} must be shown to be {bar}"


def _levels(finding: View) -> str:
    if finding["estimand"] == "count" and not finding.get("clear_at"):
        return ""
    clear, breach = finding["clear_at"], finding["breach_at"]
    family = finding.get("family")
    shared = f", shared with the other checks of {family}" if family else ""
    return (
        f"a wrong pass at most {odds(clear)} ({clear:.4g}), "
        f"a wrong fail at most {odds(breach)} ({breach:.4g}){shared}"
    )


def _measured(finding: View) -> list[Line]:
    estimate = finding.get("estimate")
    if estimate is None:
        return _not_measured(finding)
    kind = ESTIMANDS[finding["estimand"]]
    lines = [Line(kind, value_text(finding)), Line("models", _arms(finding))]
    if estimate.get("census"):
        lines.append(Line("interval", "none: it was counted, not sampled"))
        return [*lines, Line("method", estimate["method"])]
    level = level_text(estimate["level"])
    units = units_text(finding)
    return [
        *lines,
        Line("interval", f"{interval_text(finding)}, level {level}"),
        Line("low end", _end(finding, "low")),
        Line("high end", _end(finding, "high")),
        Line("looks", _validity(estimate)),
        Line("n", f"{units} independent {'unit' if estimate['n'] == 1 else 'units'}"),
        Line("method", estimate["method"]),
    ]


def _not_measured(finding: View) -> list[Line]:
    absent = finding.get("absent") or {}
    return [
        Line("no data", absent.get("sentence") or "No reason was given."),
        Line("seen", absent.get("detail", "")),
        Line("n", f"{units_text(finding)} independent units"),
        Line("next step", absent.get("next_step", "")),
        Line("reason", absent.get("code", "")),
    ]


def _arms(finding: View) -> str:
    arms = finding.get("arms")
    if not arms:
        return ""
    how = arms_measure(finding)
    return f"baseline {how.write(arms['baseline'])}, candidate {how.write(arms['candidate'])}"


def _end(finding: View, end: str) -> str:
    estimate = finding["estimate"]
    bound, tail = estimate[end], estimate["tails"][0 if end == "low" else 1]
    if bound is None:
        return "nothing bounds it on this side"
    side = "below" if end == "low" else "above"
    kind = ESTIMANDS[finding["estimand"]]
    chance = f"{odds(tail)} ({tail:.4g})"
    return f"{measure(finding).write(bound)}; the true {kind} lies {side} it at most {chance}"


def _validity(estimate: View) -> str:
    if estimate["validity"] == "anytime":
        return "any number of looks: the interval holds however often it is read"
    return "one look: the interval holds for a sample whose size did not depend on what it showed"


def _meaning(view: View, finding: View) -> list[Line]:
    mark = ANSWERS[finding["standing"]]
    met = "the need is met" if finding["satisfied"] else "the need is not met"
    missing = finding.get("missing_units")
    more = f"about {whole(missing)} more units, if the estimate stays" if missing else ""
    return [
        Line("answer", f"{mark.word}; {met}"),
        Line("would clear with", more),
        Line("note", finding.get("note", "")),
        Line("in the call", _part(view, finding)),
    ]


def _part(view: View, finding: View) -> str:
    if view["kind"] == "covered":
        return "covered until a person has called"
    if finding["id"] in view["because"]:
        return f"one of the checks that made the call {view['call']}"
    if finding["role"] == "watch":
        return "none: it is watched and never moves the call"
    return f"it did not make the call {view['call']}"
