"""The ledger as people ask for it: what is in it, is it whole, give me a copy."""

from pathlib import Path
from typing import Any

from shipcall.app.workspace import workspace_of
from shipcall.core import UsageError
from shipcall.ledger.store import Ledger
from shipcall.ledger.verify import verify, verify_export

View = dict[str, Any]


def _ledger(place: Path) -> Ledger:
    workspace = workspace_of(place)
    ledger = workspace.ledger_if_any()
    if ledger is None:
        raise UsageError(
            f"there is no ledger in {workspace.root}. It begins with the first "
            "`shipcall seal` or `shipcall gate`."
        )
    return ledger


def show_ledger(place: Path, index: int | None) -> View:
    """List the entries, or give one of them whole."""
    ledger = _ledger(place)
    entries = list(ledger.entries())
    if index is not None and not 0 <= index < len(entries):
        raise UsageError(f"there is no entry {index}; the ledger has {len(entries)}, from 0.")
    shown = entries if index is None else [entries[index]]
    return {
        "kind": "ledger",
        "whole": index is not None,
        "entries": [entry.plain for entry in shown],
        "head": ledger.head(),
        "count": len(entries),
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
