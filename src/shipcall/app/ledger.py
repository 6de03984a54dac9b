"""The ledger as people ask for it: what is in it, is it whole, give me a copy."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shipcall.app.workspace import workspace_of
from shipcall.core import ContractError, UsageError
from shipcall.ledger.entry import Entry, Kind
from shipcall.ledger.store import Ledger
from shipcall.ledger.verify import verify, verify_export
from shipcall.release.history import calls_on, evidence_of, sealed_contract, was_shown

View = dict[str, Any]

PAGE = 100
"""Entries on one page."""
QUERY = ("release", "kind", "page")
OPEN = ("release", "stage", "as_of", "evidence", "look", "engine", "contract", "shown")
"""What may be told of a verdict before a person has called."""


def _ledger(place: Path) -> Ledger:
    workspace = workspace_of(place)
    ledger = workspace.ledger_if_any()
    if ledger is None:
        raise UsageError(
            f"there is no ledger in {workspace.root}. It begins with the first "
            "`shipcall seal` or `shipcall gate`."
        )
    return ledger


def ledger_view(place: Path, query: Mapping[str, str] | None = None) -> View:
    """List entries, a page of the newest first to come, each page in the order of time.

    Bodies are left out; `entry_view` has them.

    Args:
        place: A folder or file of the workspace.
        query: `release` and `kind` narrow the list; `page` counts back from the newest, from 1.

    Raises:
        UsageError: On a kind or page that there cannot be.
    """
    ledger = _ledger(place)
    asked = {name: text for name, text in (query or {}).items() if text and name in QUERY}
    entries = list(ledger.entries())
    kept = [entry for entry in entries if _wanted(entry, asked)]
    pages = max(1, math.ceil(len(kept) / PAGE))
    page = _page(asked.get("page", "1"), pages)
    end = len(kept) - PAGE * (page - 1)
    return {
        "kind": "ledger",
        "entries": [line_of(entry, entries) for entry in kept[max(0, end - PAGE) : end]],
        "found": len(kept),
        "count": len(entries),
        "page": page,
        "pages": pages,
        "head": ledger.head(),
        "releases": sorted({entry.subject for entry in entries}),
        "query": {name: asked[name] for name in ("release", "kind") if name in asked},
    }


def entry_view(place: Path, index: int) -> View:
    """Give one entry with its body; a verdict that waits for a person's call stays covered.

    The hash of a covered entry is that of the whole body, which only an export writes.

    Raises:
        UsageError: If there is no such entry.
    """
    ledger = _ledger(place)
    entries = list(ledger.entries())
    if not 0 <= index < len(entries):
        raise UsageError(f"there is no entry {index}; the ledger has {len(entries)}, from 0.")
    entry = entries[index]
    hidden = covered(entry, entries)
    shown = {name: entry.body[name] for name in OPEN if name in entry.body}
    return {
        "kind": "ledger_entry",
        "entries": [{**entry.plain, "covered": hidden, "body": shown if hidden else entry.body}],
        "count": len(entries),
        "head": ledger.head(),
    }


def covered(entry: Entry, entries: Sequence[Entry]) -> bool:
    """Is this a verdict that nobody may see before a person has called?

    Where the sealed contract cannot be read any more, it is taken for one that wants the call.

    Args:
        entry: Any entry.
        entries: The whole ledger.
    """
    if entry.kind is not Kind.VERDICT or entry.body["shown"]:
        return False
    release, evidence = entry.subject, evidence_of(entry)
    if was_shown(entries, release, evidence) or calls_on(entries, release, evidence):
        return False
    try:
        sealed = sealed_contract(entries, release)
    except ContractError:
        return True
    return sealed is not None and sealed.contract.decision.blind


def _wanted(entry: Entry, asked: Mapping[str, str]) -> bool:
    kind = kind_asked(asked["kind"]) if "kind" in asked else entry.kind
    return entry.kind is kind and asked.get("release", entry.subject) == entry.subject


def kind_asked(text: str) -> Kind:
    """Read a kind of entry.

    Raises:
        UsageError: If there is none of this name.
    """
    if text not in [kind.value for kind in Kind]:
        raise UsageError(f"there is no kind of entry {text!r}. Kinds: {', '.join(Kind)}.")
    return Kind(text)


def _page(text: str, pages: int) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= pages):
        raise UsageError(f"there is no page {text!r}; pages go from 1 to {pages}.")
    return int(text)


def line_of(entry: Entry, entries: Sequence[Entry]) -> View:
    """Tell an entry in one line; a covered verdict does not say its call.

    Args:
        entry: Any entry.
        entries: The whole ledger, or all of it about this release.
    """
    body, hidden = entry.body, covered(entry, entries)
    said = body.get("call") or body.get("action") or ""
    return {
        "index": entry.index,
        "at": entry.at,
        "kind": entry.kind.value,
        "subject": entry.subject,
        "said": "" if hidden else said,
        "covered": hidden,
        "by": body.get("by", ""),
        "why": body.get("why", ""),
        "hash": entry.hash,
    }


def verify_ledger(place: Path, head: str | None) -> View:
    """Check every hash, signature and link; with a head, also that nothing was cut off.

    Args:
        place: A folder or file of the workspace, or a JSON-lines export.
        head: Head that was printed earlier, in a report for instance.
    """
    if place.suffix == ".jsonl":
        verification = verify_export(place, head=head)
        name = place
    else:
        ledger = _ledger(place)
        verification, name = verify(ledger, head=head), ledger.path
    return {
        "kind": "verification",
        "ledger": str(name),
        "count": verification.entries,
        "head": verification.head,
        "keys": list(verification.key_ids),
        "head_expected": verification.head_expected,
        "problems": [str(problem) for problem in verification.problems],
    }


def export_ledger(place: Path, target: Path) -> View:
    """Write every entry to a file of JSON lines."""
    count = _ledger(place).export(target)
    return {"kind": "ledger_export", "file": str(target), "count": count}
