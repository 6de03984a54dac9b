"""Release report: everything that is on record about one release, for one page or one file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shipcall import __version__
from shipcall.app.ledger import covered, line_of
from shipcall.app.onepage import one_page_of
from shipcall.app.release import recorded
from shipcall.app.signing import signatures
from shipcall.app.view import covered as without_verdict
from shipcall.app.workspace import sound_entries, workspace_of
from shipcall.contract.parse import contract_text, read_contract
from shipcall.core import UsageError
from shipcall.ledger.entry import Entry, Kind
from shipcall.release.history import Sealed, sealed_contract

View = dict[str, Any]


def release_report(file: Path) -> View:
    """Gather the promise, every stage, what people said and signed, and the ledger.

    Each stage stands with its newest verdict, earlier ones as lines of the ledger. A verdict that
    waits for a person's call stays covered.

    Args:
        file: The contract file.

    Raises:
        UsageError: If the ledger holds nothing about this release.
    """
    written = read_contract(file)
    release = written.release.id
    ledger = workspace_of(file).ledger_if_any()
    entries = sound_entries(ledger) if ledger else []
    own = [entry for entry in entries if entry.subject == release]
    if ledger is None or not own:
        raise UsageError(
            f"the ledger holds nothing about {release} yet. `shipcall seal {file}` begins it."
        )
    sealed = sealed_contract(own, release)
    contract = sealed.contract if sealed else written
    return {
        "kind": "release_report",
        "release": contract.release.model_dump(mode="json"),
        "promise": one_page_of(contract, sealed),
        "stages": [_stage(file, entry, own) for entry in _newest(own)],
        "contract": _contract(file, sealed),
        "calls": [{**one.body, "at": one.at} for one in own if one.kind is Kind.CALL],
        "signatures": signatures(contract, own),
        "history": [line_of(entry, own) for entry in own],
        "ledger": {"head": ledger.head(), "entries": len(entries)},
        "engine": {"name": "shipcall", "version": __version__},
        "reproduce": _reproduce(file, own, ledger.head()),
    }


def _newest(own: Sequence[Entry]) -> list[Entry]:
    """The newest verdict of every stage, in the order of time."""
    newest: dict[str, Entry] = {}
    for entry in own:
        if entry.kind is Kind.VERDICT:
            newest.pop(entry.body["stage"], None)
            newest[entry.body["stage"]] = entry
    return list(newest.values())


def _stage(file: Path, entry: Entry, own: Sequence[Entry]) -> View:
    stage = entry.body["stage"]
    earlier = sum(one.kind is Kind.VERDICT and one.body["stage"] == stage for one in own) - 1
    judged = recorded(file, stage)
    hidden = covered(entry, own) or not judged.shown
    view = without_verdict(judged.view) if hidden else judged.view
    return {
        "stage": stage,
        "covered": hidden,
        "index": entry.index,
        "at": entry.at,
        "earlier": earlier,
        "view": {**view, "contract": _bare(view["contract"])},
    }


def _bare(contract: View) -> View:
    """A contract that is told once for the whole report is left out of its stages."""
    return {**contract, "text": "", "lints": [], "amendments": []}


def _contract(file: Path, sealed: Sealed | None) -> View:
    if sealed is None:
        text = contract_text(file)
        nothing: View = {"sha256": None, "sealed_at": None, "lints": [], "amendments": []}
        return {**nothing, "file": str(file), "text": text, "after_evidence": False}
    kept = ("at", "by", "why", "after_evidence", "changes", "contract")
    return {
        "file": str(file),
        "text": sealed.text,
        "sha256": sealed.digest,
        "sealed_at": sealed.at,
        "after_evidence": sealed.after_evidence,
        "lints": list(sealed.lints),
        "amendments": [{name: one[name] for name in kept} for one in sealed.amendments],
    }


def _reproduce(file: Path, own: Sequence[Entry], head: str) -> list[str]:
    judged = [
        f"shipcall {entry.body['stage']} {file} --as-of {entry.body['as_of']}"
        for entry in _newest(own)
    ]
    return [*judged, f"shipcall ledger verify {file.parent} --head {head}"]
