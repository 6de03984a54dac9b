"""Board: every release of a workspace, where it stands, and what waits for a person."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shipcall.app.confidence import states_confidence
from shipcall.app.place import files_below
from shipcall.app.signing import signatures
from shipcall.app.workspace import sound_entries, workspace_of
from shipcall.contract.contract import Contract
from shipcall.contract.parse import parse_contract
from shipcall.core import ContractError, Reason, UsageError
from shipcall.ledger.entry import Entry, Kind
from shipcall.release.history import calls_on, evidence_of, sealed_contract, was_shown
from shipcall.report.text import clean

View = dict[str, Any]

LARGEST = 1_000_000
"""Bytes; a longer file is no contract."""
STAGES = ("gate", "shadow", "rollout", "cohort")
_COVERED = "not shown before your call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A release of the workspace: its contract, and what the ledger says of it."""

    id: str
    file: Path | None
    """The contract file; None: only the ledger knows the release."""
    contract: Contract | None
    """As it was sealed, else as the file says; None: nobody can read it."""
    entries: tuple[Entry, ...]
    """Of this release, oldest first."""

    @property
    def verdicts(self) -> dict[str, Entry]:
        """Stage -> its newest verdict, in the order of time."""
        newest: dict[str, Entry] = {}
        for entry in self.entries:
            if entry.kind is Kind.VERDICT:
                newest.pop(entry.body["stage"], None)
                newest[entry.body["stage"]] = entry
        return newest

    @property
    def newest(self) -> Entry | None:
        """The newest verdict of any stage."""
        return next(reversed(self.verdicts.values()), None)

    def covered(self, verdict: Entry) -> bool:
        """Does the contract want a person's call before this verdict is shown?"""
        blind = self.contract is not None and self.contract.decision.blind
        evidence = evidence_of(verdict)
        return (
            blind
            and not calls_on(self.entries, self.id, evidence)
            and not was_shown(self.entries, self.id, evidence)
        )


def found(root: Path) -> list[Found]:
    """Find every release: those the ledger names, and contracts that nobody sealed yet.

    Raises:
        LedgerError: If the ledger is damaged: nothing is shown from it.
    """
    ledger = workspace_of(root).ledger_if_any()
    entries = sound_entries(ledger) if ledger else []
    files = contract_files(workspace_of(root).root)
    ids = dict.fromkeys([entry.subject for entry in entries] + list(files))
    return [_found(release, files.get(release), entries) for release in ids]


def find(root: Path, release: str) -> Found:
    """Find one release by its id, or by its id as pages write it: with control characters escaped.

    Raises:
        UsageError: If the workspace has none of this id.
    """
    there = found(root)
    every = {clean(one.id): one for one in there} | {one.id: one for one in there}
    if release not in every:
        known = ", ".join(sorted(clean(one.id) for one in there)) or "none"
        raise UsageError(f"there is no release {release!r} in this workspace. It has: {known}.")
    return every[release]


def file_of(root: Path, release: str) -> Path:
    """Give the contract file of a release.

    Raises:
        UsageError: If there is none in the workspace.
    """
    return demand_file(find(root, release))


def demand_file(one: Found) -> Path:
    """Give the contract file of a release that was found.

    Raises:
        UsageError: If there is none in the workspace.
    """
    if one.file is None:
        raise UsageError(
            f"the ledger knows {one.id}, and no contract file of it lies in this workspace. "
            "Restore the file; the sealed text is in the ledger."
        )
    return one.file


def contract_files(root: Path) -> dict[str, Path]:
    """Find contracts: release id -> file, the first by path where two share an id."""
    files: dict[str, Path] = {}
    for path in sorted(files_below(root, [".toml"])):
        release = _id_in(path)
        if release is not None:
            files.setdefault(release, path)
    return files


def releases_view(root: Path, query: Mapping[str, str] | None = None) -> View:
    """List the releases of a workspace.

    Args:
        root: A folder of the workspace.
        query: `stage`, `call` and `q` narrow the list.
    """
    asked = dict(query or {})
    every = [_line(one) for one in found(root)]
    kept = [line for line in every if _wanted(line, asked)]
    return {
        "kind": "releases",
        "releases": sorted(kept, key=lambda line: (line["at"] or "", line["id"]), reverse=True),
        "count": len(every),
        "query": {name: asked[name] for name in ("stage", "call", "q") if asked.get(name)},
    }


def inbox_view(root: Path) -> View:
    """Say what waits for a person, the most urgent first."""
    every = found(root)
    waiting = [_line(one) | _due_form(_waiting(one)) for one in every if _waiting(one)]
    return {
        "kind": "inbox",
        "waiting": sorted(waiting, key=lambda item: (item["urgency"], item["id"])),
        "running": [_line(one) for one in every if "rollout" in one.verdicts],
        "count": len(every),
    }


def release_view(root: Path, release: str) -> View:
    """Show one release: where it stands, its stages, and everything that was recorded."""
    return view_of(find(root, release))


def view_of(one: Found) -> View:
    """Show a release that was found."""
    newest = one.newest
    return {
        "kind": "release",
        **_line(one),
        "stages": [_stage(one, entry) for entry in one.verdicts.values()],
        "unjudged": [name for name in _promised(one) if name not in one.verdicts],
        "tabs": list(_tabs(one)),
        "signatures": signatures(one.contract, one.entries) if newest else [],
        "history": [_event(one, entry) for entry in one.entries],
        "waiting": _waiting(one),
    }


def _promised(one: Found) -> Sequence[str]:
    return one.contract.stages if one.contract is not None and one.file is not None else ()


def _tabs(one: Found) -> Iterator[str]:
    """Name the pages that look deeper into the verdicts, where there is something to see."""
    checks = [f["check"] for entry in one.verdicts.values() for f in entry.body["findings"]]
    if any(check["slice"]["pairs"] for check in checks):
        yield "slices"
    if "gate" in one.verdicts and one.contract is not None and states_confidence(one.contract):
        yield "calibration"


def _found(release: str, file: Path | None, entries: Sequence[Entry]) -> Found:
    own = tuple(entry for entry in entries if entry.subject == release)
    sealed = sealed_contract(own, release)
    contract = sealed.contract if sealed else _read(file)
    return Found(id=release, file=file, contract=contract, entries=own)


def _read(file: Path | None) -> Contract | None:
    if file is None:
        return None
    try:
        return parse_contract(file.read_text(encoding="utf-8"), file=str(file))
    except (ContractError, OSError, UnicodeDecodeError):
        return None


def _id_in(path: Path) -> str | None:
    try:
        if path.stat().st_size > LARGEST:
            return None
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return None
    release = told.get("release")
    if "shipcall" not in told or not isinstance(release, dict):
        return None
    name = release.get("id")
    return name if isinstance(name, str) and name else None


def _line(one: Found) -> View:
    newest, contract = one.newest, one.contract
    release = contract.release if contract else None
    hidden = newest is not None and one.covered(newest)
    sealed = any(entry.kind is Kind.SEALED for entry in one.entries)
    return {
        "id": one.id,
        "surface": release.surface if release else "",
        "release_kind": release.kind if release else "",
        "owner": release.owner if release else "",
        "baseline": release.baseline if release else "",
        "candidate": release.candidate if release else "",
        "decide_by": release.decide_by.isoformat() if release and release.decide_by else None,
        "readable": contract is not None,
        "sealed": sealed,
        "stage": newest.body["stage"] if newest else None,
        "call": None if newest is None or hidden else newest.body["call"],
        "covered": hidden,
        "at": newest.at if newest else (one.entries[-1].at if one.entries else None),
        "file": str(one.file) if one.file else None,
    }


def _wanted(line: View, asked: Mapping[str, str]) -> bool:
    text = " ".join(str(line[key]) for key in ("id", "surface", "owner", "candidate")).lower()
    return (
        (not asked.get("stage") or line["stage"] == asked["stage"])
        and (not asked.get("call") or line["call"] == asked["call"])
        and asked.get("q", "").lower() in text
    )


def _stage(one: Found, entry: Entry) -> View:
    hidden = one.covered(entry)
    calls = calls_on(one.entries, one.id, evidence_of(entry))
    return {
        "stage": entry.body["stage"],
        "call": None if hidden else entry.body["call"],
        "covered": hidden,
        "rule": None if hidden else entry.body["rule"]["sentence"],
        "at": entry.at,
        "as_of": entry.body["as_of"],
        "calls": calls,
    }


def _waiting(one: Found) -> list[View]:
    if one.contract is None:
        return [_item(one, 1, "contract", "Its contract cannot be read.", "contract")]
    newest = one.newest
    if newest is None:
        sealed = any(entry.kind is Kind.SEALED for entry in one.entries)
        what = "Waiting for evidence." if sealed else "Not sealed yet."
        return [_item(one, 3, "evidence" if sealed else "seal", what, "contract")]
    return list(_due(one, newest))


def _due_form(items: Sequence[View]) -> View:
    return {"urgency": min(item["urgency"] for item in items), "due": list(items)}


def _due(one: Found, newest: Entry) -> Iterator[View]:
    stage, call = newest.body["stage"], newest.body["call"]
    if one.covered(newest):
        yield _item(one, 1, "call", "Say your call; the verdict is shown after it.", stage)
        return
    answered = calls_on(one.entries, one.id, evidence_of(newest))
    if not answered:
        urgent = 0 if call in ("ROLL BACK", "NO SHIP") else 2
        yield _item(one, urgent, "call", "Nobody has answered this verdict yet.", stage)
    unread = _unread(one.verdicts.get("shadow"), one.entries)
    if unread:
        yield _item(one, 2, "review", unread, "shadow")
    lines = signatures(one.contract, one.entries)
    refused = [line["block"] for line in lines if line["agreed"] is False]
    waiting = [line["block"] for line in lines if line["agreed"] is None]
    if refused:
        yield _item(one, 0, "refused", f"Blocked: {', '.join(refused)} refused to sign.", "")
    if waiting:
        yield _item(one, 2, "signature", f"Not signed yet: {', '.join(waiting)}.", "")


def _unread(verdict: Entry | None, entries: Sequence[Entry]) -> str:
    """Say that pairs wait to be read, as far as the newest verdict in shadow mode knows."""
    if verdict is None or any(e.kind is Kind.REVIEWED and e.index > verdict.index for e in entries):
        return ""
    for finding in verdict.body["findings"]:
        measured = finding["measured"]
        if measured.get("reason", {}).get("code") == Reason.NOT_REVIEWED.code:
            return f"Pairs wait to be read: {measured['detail']}."
    return ""


def _item(one: Found, urgency: int, due: str, text: str, tab: str) -> View:
    return {"release": one.id, "urgency": urgency, "due": due, "text": text, "tab": tab}


def _event(one: Found, entry: Entry) -> View:
    body = entry.body
    said = body.get("call") or body.get("action") or body.get("stage") or ""
    if entry.kind is Kind.VERDICT and one.covered(entry):
        said = _COVERED
    if entry.kind is Kind.SIGNED:
        said = f"{body['block']}: {'agreed' if body['agreed'] else 'refused'}"
    return {
        "index": entry.index,
        "at": entry.at,
        "kind": entry.kind.value,
        "said": said,
        "by": body.get("by", ""),
        "why": body.get("why", ""),
        "hash": entry.hash,
    }
