"""Panels: what a person may ask to see before the call, as plain dictionaries.

No panel says where a number stands to its bar, and none carries the engine's verdict: reading the
evidence is the exercise.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from shipcall.contract.parse import contract_text, parse_contract
from shipcall.contract.seal import contract_digest
from shipcall.core import Slice, UsageError, plain
from shipcall.practice.case import Case, rows
from shipcall.practice.reader import flips_of
from shipcall.release.history import Sealed
from shipcall.release.judge import Judgement, judge
from shipcall.release.sources import open_evidence, read_levels

View = dict[str, Any]

SHOWN_FLIPS = 12
"""Rows of each kind that the panel prints; the counts are of all."""
STAGE = "gate"


def judge_case(case: Case, contract: Path) -> Judgement:
    """Let the engine judge an opened case, as sealed before its evidence.

    Args:
        case: Says at which time.
        contract: What `open_case` returned.
    """
    text = contract_text(contract)
    read = parse_contract(text, file=contract.name)
    root = contract.parent
    sealed = Sealed(
        contract=read,
        digest=contract_digest(read),
        text=text,
        at=case.as_of,
        lints=(),
        levels=read_levels(read, open_evidence(read, root)),
        after_evidence=False,
        amendments=(),
    )
    return judge(read, STAGE, root=root, as_of=case.as_of, sealed=sealed, entries=[])


def brief(case: Case) -> View:
    """Say what a person reads first: the story, the calls with their worth, the panels."""
    return {
        "case": case.slug,
        "title": case.title,
        "minutes": case.minutes,
        "brief": dict(case.brief),
        "values": {action.value: plain(worth) for action, worth in case.values.items()},
        "panels": [
            {"name": p.name, "title": p.title, "minutes": p.minutes, "asks": p.asks}
            for p in case.panels
        ],
    }


def panel(case: Case, facts: Mapping[str, Any], name: str) -> View:
    """Show one panel.

    Args:
        case: The case.
        facts: `Judgement.facts` of the case.
        name: Name of a panel; `flips:column=level` names the slice to read.

    Returns:
        name, title, minutes, and `rows` (dictionaries with the same keys) or `text`.

    Raises:
        UsageError: If there is no such panel or slice.
    """
    spec = case.panel(name)
    shown = {"name": name, "title": spec.title, "minutes": spec.minutes, "asks": spec.asks}
    if spec.text:
        return shown | {"text": list(spec.text)}
    return shown | _PANELS[spec.name](case, facts, name.partition(":")[2])


def _headline(_case: Case, facts: Mapping[str, Any], _argument: str) -> View:
    kept = ("metric", "baseline", "candidate", "difference", "low", "high", "units")
    found = [_line(facts, f) for f in _promises(facts) if not _pairs(f)]
    return {"rows": [{key: line[key] for key in kept} for line in found]}


def _checks(_case: Case, facts: Mapping[str, Any], _argument: str) -> View:
    return {"rows": [_line(facts, f) for f in _promises(facts) if not _pairs(f)]}


def _slices(_case: Case, facts: Mapping[str, Any], _argument: str) -> View:
    found = [
        {"slice": _named(f)} | _line(facts, f)
        for f in facts["findings"]
        if _pairs(f) and f["check"]["role"] != "sanity"
    ]
    return {"rows": found}


def _sanity(_case: Case, facts: Mapping[str, Any], _argument: str) -> View:
    counts = [f for f in facts["findings"] if f["check"]["role"] == "sanity"]
    return {"rows": [_count(f) for f in counts]}


def _count(finding: Mapping[str, Any]) -> View:
    check, measured = finding["check"], finding["measured"]
    return {
        "check": check["metric"],
        "value": measured.get("value"),
        "promised": check["bar"]["text"],
        "no_data": _why_absent(measured),
    }


def _flips(case: Case, _facts: Mapping[str, Any], argument: str) -> View:
    column, _, level = argument.partition("=")
    wanted = Slice.of({column: level}) if argument else Slice()
    counts = flips_of(case)
    if wanted not in counts:
        known = ", ".join(str(part) for part in counts if part.pairs)
        raise UsageError(f"no tickets of {argument!r}. Groups: {known}.")
    inside = [row for row in rows(case) if all(row[c] == at for c, at in wanted.pairs)]
    here = counts[wanted]
    return {
        "slice": str(wanted),
        "tickets": here.n,
        "only_candidate_right": here.only_candidate,
        "only_baseline_right": here.only_baseline,
        "rows": [
            *_first(row for row in inside if row["baseline"] == row["label"] != row["candidate"]),
            *_first(row for row in inside if row["candidate"] == row["label"] != row["baseline"]),
        ],
    }


def _first(found: Iterable[Mapping[str, str]]) -> list[View]:
    kept = ("unit", "label", "baseline", "candidate")
    return [{k: row[k] for k in kept} for _, row in zip(range(SHOWN_FLIPS), found, strict=False)]


_PANELS: Mapping[str, Callable[[Case, Mapping[str, Any], str], View]] = {
    "headline": _headline,
    "checks": _checks,
    "slices": _slices,
    "sanity": _sanity,
    "flips": _flips,
}


def _promises(facts: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [f for f in facts["findings"] if f["check"]["role"] != "sanity"]


def _pairs(finding: Mapping[str, Any]) -> list[list[str]]:
    pairs: list[list[str]] = finding["check"]["slice"]["pairs"]
    return pairs


def _named(finding: Mapping[str, Any]) -> str:
    return "*".join(f"{column}={level}" for column, level in _pairs(finding))


def _line(facts: Mapping[str, Any], finding: Mapping[str, Any]) -> View:
    check, measured, arms = finding["check"], finding["measured"], finding["arms"] or {}
    metric = facts["metrics"][check["metric"]]
    return {
        "metric": check["metric"],
        "title": metric["title"],
        "better": metric["better"],
        "baseline": arms.get("baseline"),
        "candidate": arms.get("candidate"),
        "difference": measured.get("value"),
        "low": measured.get("low"),
        "high": measured.get("high"),
        "units": measured.get("n"),
        "role": check["role"],
        "promised": check["bar"]["text"],
        "no_data": _why_absent(measured),
    }


def _why_absent(measured: Mapping[str, Any]) -> str | None:
    reason = measured.get("reason")
    return None if reason is None else f"{reason['sentence']} {measured['detail']}".strip()
