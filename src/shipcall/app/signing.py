"""Signing: every block a contract names agrees to a verdict or refuses it; one refusal blocks."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from shipcall.app.workspace import now, signing_key, sound_entries, who, workspace_of
from shipcall.contract.contract import Contract
from shipcall.contract.parse import read_contract
from shipcall.core import UsageError
from shipcall.ledger.entry import Entry, Kind
from shipcall.release.history import last_verdict, sealed_contract

View = dict[str, Any]


def signatures(contract: Contract | None, entries: Iterable[Entry]) -> list[View]:
    """Say of every block whether it signed the newest verdict.

    Args:
        contract: Names the blocks; None: nobody has to sign.
        entries: Those of the release, oldest first.

    Returns:
        block, agreed (None: not yet), by, at, why; the last word of a block counts.
    """
    if contract is None:
        return []
    every = list(entries)
    verdict = last_verdict(every, contract.release.id)
    said = {
        entry.body["block"]: entry
        for entry in every
        if entry.kind is Kind.SIGNED and verdict and entry.body["verdict"] == verdict.hash
    }
    return [_line(block, said.get(block)) for block in contract.decision.signatures]


def sign_release(file: Path, block: str, *, agrees: bool, why: str) -> View:
    """Record that a block agrees to the newest verdict, or refuses it.

    Args:
        file: The contract file.
        block: One of the contract's `signatures`.
        agrees: Whether it agrees.
        why: The reason, in one line.

    Raises:
        UsageError: If the contract names no such block, nothing was judged, or no reason is given.
            Blocks are those of the sealed contract; the file may say something else by now.
    """
    written = read_contract(file)
    release = written.release.id
    ledger = workspace_of(file).ledger_if_any()
    entries = sound_entries(ledger) if ledger else []
    sealed = sealed_contract(entries, release)
    contract = sealed.contract if sealed else written
    if block not in contract.decision.signatures:
        known = ", ".join(contract.decision.signatures) or "none"
        raise UsageError(f"the contract names no block {block!r}. It names: {known}.")
    if not why.strip():
        raise UsageError("a signature needs a reason: say why in one line.")
    verdict = last_verdict(entries, release)
    if ledger is None or verdict is None:
        raise UsageError(f"nothing was judged yet for {release}; there is nothing to sign.")
    body = {
        "block": block,
        "agreed": agrees,
        "why": why,
        "by": who(),
        "stage": verdict.body["stage"],
        "verdict": verdict.hash,
    }
    ledger.append(Kind.SIGNED, release, body, at=now(), key=signing_key())
    return {
        "kind": "signature",
        "release": release,
        **body,
        "signatures": signatures(contract, ledger.entries()),
    }


def _line(block: str, entry: Entry | None) -> View:
    if entry is None:
        return {"block": block, "agreed": None, "by": "", "at": None, "why": ""}
    body = entry.body
    return {
        "block": block,
        "agreed": body["agreed"],
        "by": body["by"],
        "at": entry.at,
        "why": body["why"],
    }
