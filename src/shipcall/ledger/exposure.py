"""Exposure: how often evidence was looked at, counted from the entries of a ledger.

The body of an `evidence_seen` entry has exactly four fields:

* `stage`: the stage that looked, such as "gate";
* `contract`: SHA-256 of the contract it was held against;
* `evidence`: format -> SHA-256 of the content that was read (a format without evidence is left
  out; an empty mapping means that nothing was there to see);
* `eval_set`: fingerprint of the evaluation set, from `eval_set_fingerprint`; None without one.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from shipcall.core import LedgerError, digest
from shipcall.ledger.entry import Entry, Kind

_DIGEST = re.compile(r"[0-9a-f]{64}")
_FINGERPRINT = re.compile(r"sha256:[0-9a-f]+|name:[0-9a-f]{64}")


class Seen(NamedTuple):
    """The body of an `evidence_seen` entry, in the order of the module's docstring."""

    stage: str
    contract: str
    evidence: Mapping[str, str]
    eval_set: str | None


def eval_set_fingerprint(name: str, sha256: str | None) -> str:
    """Say which evaluation set this is: by its content where that is known, else by its name.

    By content, a new name for the same rows is the same set. By name, it looks like another
    set and its count starts again: seal the hash.

    Args:
        name: Name in the contract.
        sha256: Hexadecimal digest of its content, with or without "sha256:" before it.

    Returns:
        "sha256:…" or "name:…".

    Raises:
        LedgerError: If the digest is not hexadecimal.
    """
    if sha256 is None:
        return f"name:{hashlib.sha256(name.strip().encode()).hexdigest()}"
    fingerprint = f"sha256:{sha256.strip().lower().removeprefix('sha256:')}"
    if _FINGERPRINT.fullmatch(fingerprint) is None:
        raise LedgerError(f"eval set {name!r}: {sha256!r} is not a hexadecimal SHA-256")
    return fingerprint


def seen(
    *, stage: str, contract: str, evidence: Mapping[str, str], eval_set: str | None
) -> dict[str, Any]:
    """Write the body of an `evidence_seen` entry.

    Args:
        stage: The stage that looked.
        contract: SHA-256 of the contract.
        evidence: Format -> SHA-256 of what was read.
        eval_set: From `eval_set_fingerprint`; None where no evaluation set is involved.

    Raises:
        LedgerError: On a field that could not be counted later.
    """
    body = {
        "stage": stage,
        "contract": contract,
        "evidence": dict(evidence),
        "eval_set": eval_set,
    }
    read_seen(body)
    return body


def read_seen(body: Mapping[str, Any]) -> Seen:
    """Read the body of an `evidence_seen` entry.

    Raises:
        LedgerError: If a field is absent, unknown or of another shape. A look that cannot be
            counted is not skipped.
    """
    if set(body) != set(Seen._fields):
        odd = ", ".join(sorted(str(name) for name in set(body) ^ set(Seen._fields)))
        raise LedgerError(f"the body of an evidence_seen entry has {odd} too many or too few")
    look = Seen(**body)
    if not isinstance(look.stage, str) or not look.stage:
        raise LedgerError(f"evidence_seen: stage {look.stage!r} is not the name of a stage")
    _check_digest("contract", look.contract)
    if not isinstance(look.evidence, Mapping):
        raise LedgerError("evidence_seen: evidence is not a mapping from format to SHA-256")
    for name, sha256 in look.evidence.items():
        _check_digest(f"evidence.{name}", sha256)
    if look.eval_set is not None and not _matches(_FINGERPRINT, look.eval_set):
        raise LedgerError(f"evidence_seen: eval_set {look.eval_set!r} is not a fingerprint")
    return look


def check_body(kind: Kind, body: Mapping[str, Any]) -> None:
    """Refuse a body that nobody could count from.

    Raises:
        LedgerError: As `read_seen`; bodies of other kinds are free.
    """
    if kind is Kind.EVIDENCE_SEEN:
        read_seen(body)


def consultations(entries: Iterable[Entry], eval_set_digest: str) -> int:
    """Count how often an evaluation set was consulted: looks at it with distinct evidence.

    Looking again at the same evidence tells nobody anything new and does not count, whoever
    looks and whatever the release is called; neither does a look at which nothing was there.

    Args:
        entries: Entries of a ledger, of all releases.
        eval_set_digest: From `eval_set_fingerprint`.

    Raises:
        LedgerError: If a look cannot be read, or the argument is not a fingerprint.
    """
    if not _matches(_FINGERPRINT, eval_set_digest):
        raise LedgerError(
            f"{eval_set_digest!r} is not a fingerprint of an evaluation set: "
            "expected sha256:… or name:…"
        )
    looked = (look for _, look in _looks(entries) if look.eval_set == eval_set_digest)
    return len({digest(look.evidence) for look in looked})


def looks(
    entries: Iterable[Entry], subject: str, stage: str, contract_digest: str | None
) -> list[str]:
    """List the distinct evidence that a release showed to a stage, in the order it was seen.

    Args:
        entries: Entries of a ledger.
        subject: Id of the release.
        stage: Name of the stage.
        contract_digest: SHA-256 of the contract; None counts over all contracts of the release,
            so that an amendment does not start the count again.

    Returns:
        SHA-256 of each distinct mapping from format to SHA-256. Their number is the number of
        looks spent; the place of an evidence in the list says which look it is.

    Raises:
        LedgerError: If a look cannot be read.
    """
    found = (
        digest(look.evidence)
        for entry, look in _looks(entries)
        if entry.subject == subject
        and look.stage == stage
        and contract_digest in (None, look.contract)
    )
    return list(dict.fromkeys(found))


def _looks(entries: Iterable[Entry]) -> Iterable[tuple[Entry, Seen]]:
    for entry in entries:
        if entry.kind is Kind.EVIDENCE_SEEN:
            look = read_seen(entry.body)
            if look.evidence:
                yield entry, look


def _check_digest(name: str, value: Any) -> None:
    if not _matches(_DIGEST, value):
        raise LedgerError(
            f"evidence_seen: {name} is {value!r}, expected a SHA-256 of 64 lowercase digits"
        )


def _matches(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
