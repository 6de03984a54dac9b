"""Replay: one's own past release as a case: the evidence as it was, the verdict hidden.

Nobody knows the truth of a real release, so nothing here is called right or wrong: a call is held
beside the contract's verdict and beside what the ledger says came of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shipcall.core import Action, Call, UsageError, plain
from shipcall.ledger.entry import Entry, Kind
from shipcall.release.history import calls_on, evidence_of

View = dict[str, Any]

WENT_WELL = ("SHIP",)
WENT_BADLY = ("NO SHIP", "ROLL BACK")
OFFERED = (Action.SHIP, Action.ADVANCE, Action.HOLD, Action.NO_SHIP, Action.ROLL_BACK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One verdict of a past release, and everything the ledger has after it."""

    release: str
    verdict: Entry
    after: tuple[Entry, ...]

    @property
    def id(self) -> str:
        """Names the replay: release, stage and place in the ledger."""
        return f"{self.release} {self.verdict.body['stage']} {self.verdict.index}"

    @property
    def came_of_it(self) -> Entry | None:
        """The last verdict that says how it went; None: nothing does."""
        said = WENT_WELL + WENT_BADLY
        later = [e for e in self.after if e.kind is Kind.VERDICT and e.body["call"] in said]
        return later[-1] if later else None


def pasts(entries: Sequence[Entry]) -> list[Past]:
    """List every verdict that can be replayed, oldest first.

    A verdict that a person has not been shown is left out: replaying it would show it.
    """
    found = []
    for place, entry in enumerate(entries):
        if entry.kind is Kind.VERDICT and _was_open(entry, entries):
            after = tuple(one for one in entries[place + 1 :] if one.subject == entry.subject)
            found.append(Past(release=entry.subject, verdict=entry, after=after))
    return found


def past_of(entries: Sequence[Entry], wanted: str) -> Past:
    """Find one by the name of its release, the newest first verdict, or by its own id.

    Raises:
        UsageError: If there is none.
    """
    known = pasts(entries)
    named = [past for past in known if wanted in (past.id, past.release)]
    if not named:
        told = ", ".join(dict.fromkeys(past.release for past in known)) or "none"
        raise UsageError(f"no past verdict of {wanted!r} is in the ledger. There are: {told}.")
    return named[0]


def covered(past: Past) -> View:
    """Show what was measured and promised, and no standing, rule or call."""
    body = past.verdict.body
    return {
        "kind": "replay",
        "id": past.id,
        "release": body["release"],
        "stage": body["stage"],
        "as_of": body["as_of"],
        "calls": [action.value for action in OFFERED],
        "rows": [_row(finding) for finding in body["findings"]],
    }


def opened(past: Past, call: Call) -> View:
    """Show the verdict, what people called then, and what came of it, beside this call."""
    body, result = past.verdict.body, past.came_of_it
    chain, evidence = [past.verdict, *past.after], evidence_of(past.verdict)
    so = None if result is None else result.body["call"] in WENT_WELL
    return {
        "kind": "replayed",
        "id": past.id,
        "you": plain(call),
        "verdict": {"call": body["call"], "rule": body["rule"], "because": body["because"]},
        "as_the_contract": call.action.value == body["call"],
        "calls_then": calls_on(chain, past.release, evidence),
        "came_of_it": None if result is None else {"call": result.body["call"], "at": result.at},
        "brier": None if so is None else (call.probability - float(so)) ** 2,
        "note": "A real release has no known truth: this compares, it does not grade.",
    }


def _was_open(verdict: Entry, entries: Sequence[Entry]) -> bool:
    evidence = evidence_of(verdict)
    return bool(verdict.body["shown"]) or bool(calls_on(entries, verdict.subject, evidence))


def _row(finding: Mapping[str, Any]) -> View:
    check, measured = finding["check"], finding["measured"]
    pairs = check["slice"]["pairs"]
    return {
        "check": check["id"],
        "metric": check["metric"],
        "slice": "*".join(f"{column}={level}" for column, level in pairs) or "all",
        "promised": check["bar"]["text"],
        "role": check["role"],
        "value": measured.get("value"),
        "low": measured.get("low"),
        "high": measured.get("high"),
        "units": measured.get("n"),
        "no_data": measured["reason"]["sentence"] if "reason" in measured else None,
    }
