"""Amendments: every change of a sealed contract, line by line, and what it does to the promises."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

from shipcall.app.workspace import sound_entries, workspace_of
from shipcall.contract.diff import diff
from shipcall.contract.parse import contract_text, parse_contract, read_contract
from shipcall.contract.seal import contract_digest
from shipcall.core import ContractError, plain
from shipcall.ledger.entry import Entry, Kind
from shipcall.release.history import Sealed, sealed_contract

View = dict[str, Any]

AROUND = 2
"""Lines that are shown before and after each change."""


def amendments_view(file: Path) -> View:
    """Show the seal, every amendment, and what the file says otherwise since.

    Args:
        file: The contract file.

    Raises:
        ContractError: If the file cannot be read as a contract.
    """
    release = read_contract(file).release.id
    ledger = workspace_of(file).ledger_if_any()
    entries = sound_entries(ledger) if ledger else []
    return amendments_of(entries, release, file)


def amendments_of(entries: Sequence[Entry], release: str, file: Path | None) -> View:
    """Do the same for a release whose file may have faults, or be gone.

    Args:
        entries: Of the ledger, oldest first.
        release: Its id.
        file: The contract file; None: there is none.
    """
    own = [entry for entry in entries if entry.subject == release]
    seals = [entry for entry in own if entry.kind in (Kind.SEALED, Kind.AMENDED)]
    return {
        "kind": "amendments",
        "release": release,
        "file": str(file) if file else None,
        "seal": _seal(seals[0]) if seals else None,
        "amendments": [_amendment(before, after) for before, after in pairwise(seals)],
        "pending": pending(file, sealed_contract(own, release)) if file else None,
    }


def pending(file: Path, sealed: Sealed | None) -> View | None:
    """Say what an amendment would change now; None: nothing, or nothing is sealed.

    Args:
        file: The contract file.
        sealed: The contract that judges.

    Returns:
        changes and lines as of an amendment, loosened, faults where the file cannot be read.
    """
    if sealed is None:
        return None
    try:
        text = contract_text(file)
        written = parse_contract(text, file=str(file))
    except ContractError as wrong:
        faults = [plain(fault) for fault in wrong.faults]
        return {"changes": [], "loosened": 0, "lines": [], "faults": faults}
    if contract_digest(written) == sealed.digest:
        return None
    changes = [asdict(change) for change in diff(sealed.contract, written)]
    lines = list(changed_lines(sealed.text, text))
    return {"changes": changes, "loosened": _loosened(changes), "lines": lines, "faults": []}


def changed_lines(before: str, after: str) -> Iterator[View]:
    """Give the lines that differ between two texts, with a few around them.

    Returns:
        kind (same, gone, new, gap), the number of the line in either text (None: not there), text.
    """
    old, new = before.splitlines(), after.splitlines()
    last = 0
    for group in difflib.SequenceMatcher(None, old, new).get_grouped_opcodes(AROUND):
        skipped = group[0][1] - last
        if skipped:
            yield {"kind": "gap", "old": None, "new": None, "text": str(skipped)}
        for what, i, i_end, j, j_end in group:
            yield from _run(what, (old, i, i_end), (new, j, j_end))
        last = group[-1][2]
    if last and len(old) > last:
        yield {"kind": "gap", "old": None, "new": None, "text": str(len(old) - last)}


_Run = tuple[Sequence[str], int, int]


def _run(what: str, old: _Run, new: _Run) -> Iterator[View]:
    (before, i, i_end), (after, j, j_end) = old, new
    if what == "equal":
        for n in range(i_end - i):
            yield {"kind": "same", "old": i + n + 1, "new": j + n + 1, "text": before[i + n]}
        return
    for n in range(i, i_end):
        yield {"kind": "gone", "old": n + 1, "new": None, "text": before[n]}
    for n in range(j, j_end):
        yield {"kind": "new", "old": None, "new": n + 1, "text": after[n]}


def _seal(entry: Entry) -> View:
    return {
        "at": entry.at,
        "index": entry.index,
        "hash": entry.hash,
        "contract": entry.body["contract"],
        "after_evidence": entry.body["after_evidence"],
        "lints": len(entry.body["lints"]),
    }


def _amendment(before: Entry, after: Entry) -> View:
    body = after.body
    return {
        **_seal(after),
        "previous": before.body["contract"],
        "by": body["by"],
        "why": body["why"],
        "changes": list(body["changes"]),
        "loosened": _loosened(body["changes"]),
        "lines": list(changed_lines(before.body["text"], body["text"])),
    }


def _loosened(changes: Sequence[View]) -> int:
    return sum(change["kind"] == "loosened" for change in changes)
