"""Sealing: a contract is fixed before its evidence, and changed only in the open."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from shipcall import __version__
from shipcall.contract.contract import Contract
from shipcall.contract.diff import diff
from shipcall.contract.lint import lint
from shipcall.contract.parse import contract_text
from shipcall.contract.seal import contract_digest, levels_form
from shipcall.core import UsageError
from shipcall.ledger.entry import Entry, Kind
from shipcall.ledger.sign import SigningKey
from shipcall.ledger.store import Ledger
from shipcall.metrics import METRICS
from shipcall.release.history import evidence_was_seen, sealed_contract
from shipcall.release.sources import open_evidence, read_levels

Feasibility = Callable[[], Mapping[str, Any]]


def seal(  # noqa: PLR0913 - everything that goes on record
    contract: Contract,
    file: Path,
    *,
    ledger: Ledger,
    key: SigningKey,
    at: str,
    feasibility: Feasibility | None = None,
) -> Entry:
    """Seal a contract: canonical bytes, digest, signature, one ledger entry.

    Args:
        contract: As parsed.
        file: Where it was read.
        ledger: Where it is sealed.
        key: Who signs.
        at: Time of the seal.
        feasibility: Works out how likely the contract is to decide, or refuses; asked once nothing
            else stands in the way. None records nothing.

    Raises:
        UsageError: If this release was sealed before, or its evidence was looked at and the
            contract does not say so.
        EvidenceError: If evidence that is there already cannot be read.
    """
    release = contract.release.id
    entries = list(ledger.entries())
    if sealed_contract(entries, release) is not None:
        raise UsageError(
            f"{release} is sealed already. To change it, use `shipcall amend {file} --why …`."
        )
    seen = evidence_was_seen(entries, release)
    if seen and contract.release.data_seen != "outcomes":
        raise UsageError(
            f"evidence of {release} was looked at before this seal, and the contract says "
            f'data_seen = "{contract.release.data_seen}". Say data_seen = "outcomes"; every '
            "verdict will show it."
        )
    body = _sealed_form(contract, file) | {
        "after_evidence": seen,
        "feasibility": feasibility() if feasibility else None,
    }
    return ledger.append(Kind.SEALED, release, body, at=at, key=key)


def amend(  # noqa: PLR0913 - who, why and when are all part of the record
    contract: Contract,
    file: Path,
    *,
    why: str,
    by: str,
    ledger: Ledger,
    key: SigningKey,
    at: str,
    feasibility: Feasibility | None = None,
) -> Entry:
    """Change a sealed contract in the open: the difference, who and why go into the ledger.

    Raises:
        UsageError: If there is nothing to amend, nothing changed, or no reason is given.
    """
    release = contract.release.id
    entries = list(ledger.entries())
    before = sealed_contract(entries, release)
    if before is None:
        raise UsageError(f"{release} is not sealed. Seal it first: `shipcall seal {file}`.")
    if not why.strip():
        raise UsageError('an amendment needs a reason: --why "…"')
    changes = diff(before.contract, contract)
    if not changes:
        raise UsageError(f"{file} says the same as the sealed contract; there is nothing to amend.")
    body = _sealed_form(contract, file)
    if before.levels is not None and contract.slices == before.contract.slices:
        body["levels"] = levels_form(before.levels)
    body |= {
        "previous": before.digest,
        "why": why,
        "by": by,
        "after_evidence": evidence_was_seen(entries, release),
        "feasibility": feasibility() if feasibility else None,
        "changes": [asdict(change) for change in changes],
    }
    return ledger.append(Kind.AMENDED, release, body, at=at, key=key)


def _sealed_form(contract: Contract, file: Path) -> dict[str, Any]:
    levels = read_levels(contract, open_evidence(contract, file.parent))
    text = contract_text(file)
    return {
        "contract": contract_digest(contract),
        "file": file.name,
        "text": text,
        "levels": None if levels is None else levels_form(levels),
        "lints": [asdict(found) for found in lint(contract, text=text, measurable=METRICS)],
        "engine": {"name": "shipcall", "version": __version__},
    }
