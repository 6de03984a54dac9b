"""History: what the ledger says about one release."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shipcall.contract.contract import Contract
from shipcall.contract.parse import parse_contract
from shipcall.contract.seal import levels_from
from shipcall.core import Slice, digest
from shipcall.ledger.entry import Entry, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """The contract that judges: sealed, with its amendments."""

    contract: Contract
    digest: str
    text: str
    at: str
    lints: tuple[Mapping[str, Any], ...]
    levels: Mapping[Slice, int] | None
    """Sealed slices; None while no rows were there to enumerate them from."""
    after_evidence: bool
    """Evidence had been looked at before the first seal."""
    feasibility: Mapping[str, Any] | None = None
    """How likely it was to decide when it was sealed or last amended; None: nobody asked."""
    amendments: tuple[Mapping[str, Any], ...]
    """Bodies of the amendments, oldest first, each with its time under `at`."""


def sealed_contract(entries: Iterable[Entry], release: str) -> Sealed | None:
    """Give the contract that judges a release, or None if none was sealed."""
    mine = [entry for entry in entries if entry.subject == release]
    seals = [entry for entry in mine if entry.kind in (Kind.SEALED, Kind.AMENDED)]
    if not seals:
        return None
    last = seals[-1]
    return Sealed(
        contract=parse_contract(last.body["text"], file=last.body["file"]),
        digest=last.body["contract"],
        text=last.body["text"],
        at=seals[0].at,
        lints=tuple(last.body["lints"]),
        levels=_levels(mine, last),
        after_evidence=seals[0].body["after_evidence"],
        feasibility=last.body.get("feasibility"),
        amendments=tuple(
            {**entry.body, "at": entry.at} for entry in seals if entry.kind is Kind.AMENDED
        ),
    )


def _levels(entries: list[Entry], seal: Entry) -> Mapping[Slice, int] | None:
    """Slices as sealed, else as the first verdict on trusted evidence enumerated them."""
    if seal.body["levels"] is not None:
        return levels_from(seal.body["levels"])
    for entry in entries:
        if entry.index < seal.index or entry.kind is not Kind.VERDICT:
            continue
        same = entry.body["contract"]["sha256"] == seal.body["contract"]
        trusted = not entry.body["rule"]["name"].startswith("UNTRUSTED")
        if same and trusted and entry.body["levels"] is not None:
            return levels_from(entry.body["levels"])
    return None


def evidence_was_seen(entries: Iterable[Entry], release: str) -> bool:
    """Has anybody looked at evidence of this release?"""
    return any(
        entry.subject == release and entry.kind is Kind.EVIDENCE_SEEN and entry.body["evidence"]
        for entry in entries
    )


def last_verdict(entries: Iterable[Entry], release: str, stage: str | None = None) -> Entry | None:
    """Give the newest verdict of a release, at one stage if asked."""
    found = None
    for entry in entries:
        if entry.kind is Kind.VERDICT and entry.subject == release:
            found = entry if stage in (None, entry.body["stage"]) else found
    return found


def evidence_of(verdict: Entry) -> str:
    """Name the state of the evidence that a recorded verdict was made on."""
    return digest({table["format"]: table["sha256"] for table in verdict.body["evidence"]})


def was_shown(entries: Iterable[Entry], release: str, evidence: str) -> bool:
    """Has a person seen a verdict on this state of the evidence?"""
    return any(
        entry.body["shown"] and evidence_of(entry) == evidence
        for entry in entries
        if entry.kind is Kind.VERDICT and entry.subject == release
    )


def calls_on(entries: Iterable[Entry], release: str, evidence: str) -> list[dict[str, Any]]:
    """List what people called on one state of the evidence, oldest first."""
    return [
        {**entry.body, "at": entry.at}
        for entry in entries
        if entry.kind is Kind.CALL
        and entry.subject == release
        and entry.body["evidence"] == evidence
    ]
