"""Entry: one line of the ledger, chained to the line before it and signed."""

import json
import re
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from shipcall.core import LedgerError

NOTHING_BEFORE = "0" * 64
"""`previous` of the first entry, and the head of a ledger without entries."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
_SIGNATURE = re.compile(r"[0-9a-f]{128}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z", re.ASCII)


class Kind(StrEnum):
    """What an entry says. The set is closed: a ledger with another kind does not verify."""

    SEALED = "sealed"
    """A contract was fixed before its evidence."""
    AMENDED = "amended"
    """A sealed contract was changed, by whom and why."""
    EVIDENCE_SEEN = "evidence_seen"
    """Evidence was read: one look. The body is written by `exposure.seen`."""
    VERDICT = "verdict"
    """The engine made its call."""
    CALL = "call"
    """A person said what they would do, with a probability and a reason."""
    SIGNED = "signed"
    """One of the blocks the contract names agreed to the verdict, or refused it."""
    STAGE_CHANGED = "stage_changed"
    """The release went to another stage or share, or back."""
    OUTCOME = "outcome"
    """What happened after the release."""
    RECONCILED = "reconciled"
    """Promise and outcome were compared."""
    EVAL_SET_EXPOSED = "eval_set_exposed"
    """An evaluation set became known to those who build candidates."""
    AA_MEASURED = "aa_measured"
    """How often the contract blocks a model that nobody changed was measured on its own runs."""
    REVIEWED = "reviewed"
    """A person read a sample of shadow pairs without knowing which model had answered what."""


def kind_of(seen: Any) -> Kind:
    """Give the kind of that name.

    Raises:
        LedgerError: If there is none.
    """
    try:
        return Kind(seen)
    except ValueError as why:
        raise LedgerError(f"kind {seen!r} is not one of {', '.join(Kind)}") from why


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the ledger.

    `hash` is the SHA-256 (64 lowercase hexadecimal digits) of the canonical JSON bytes, as
    `core.canonical_bytes` writes them, of the object that holds every field here except `hash`
    and `signature`. `signature` is Ed25519 over the 32 raw bytes of that hash (not over its
    hexadecimal text), as 128 hexadecimal digits.

    An entry is checked for its shape when it is made. Whether hash, signature and place in the
    chain are right is what `verify` says.

    Raises:
        LedgerError: On a field that no entry can have.
    """

    index: int
    """Place in the ledger, from 0."""
    at: str
    """UTC, as 2026-11-20T13:31:04Z; what the writer's clock said. The order is the index."""
    kind: Kind
    subject: str
    """Id of the release."""
    body: dict[str, Any]
    """Plain: what `core.plain` gives and JSON brings back unchanged."""
    previous: str
    """Hash of the entry before; `NOTHING_BEFORE` in the first."""
    key_id: str
    """Who signed: `PublicKey.key_id`."""
    public_key: str | None = None
    """64 hexadecimal digits in the first entry that a key signs, so that no other file is needed
    to check signatures; None in its later entries."""
    hash: str
    signature: str

    def __post_init__(self) -> None:
        if type(self.index) is not int or self.index < 0:
            raise LedgerError(f"index {self.index!r} is not a whole number from 0")
        _check_instant(self.at)
        kind_of(self.kind)
        _check_subject(self.subject)
        if not isinstance(self.body, dict):
            raise LedgerError(f"body is a {type(self.body).__name__}, expected an object")
        for name in ("previous", "hash", "key_id"):
            _check_pattern(name, getattr(self, name), _DIGEST)
        _check_pattern("signature", self.signature, _SIGNATURE)
        if self.public_key is not None:
            _check_pattern("public_key", self.public_key, _DIGEST)

    @classmethod
    def of(cls, seen: Any) -> "Entry":
        """Make an entry of the plain form that `plain` gives.

        Raises:
            LedgerError: If it is no object, has a field too many or too few, or one that no
                entry can have.
        """
        if not isinstance(seen, dict):
            raise LedgerError(f"it is a {type(seen).__name__}, expected an object")
        if set(seen) != set(FIELDS):
            odd = ", ".join(sorted(set(seen) ^ set(FIELDS)))
            raise LedgerError(f"the fields {odd} are too many or too few")
        return cls(**{**seen, "kind": kind_of(seen["kind"])})

    @property
    def plain(self) -> dict[str, Any]:
        """The entry as an object of plain values, one key per field."""
        return {name: getattr(self, name) for name in FIELDS}


FIELDS = tuple(field.name for field in fields(Entry))


class Unreadable(NamedTuple):
    """A row or line where an entry should be."""

    place: str
    """Where it stands, for people: "row 3", "line 4"."""
    why: str


def written(thing: Any) -> bytes:
    """Give the canonical bytes of something that is plain already.

    Equals `core.canonical_bytes`, which would walk the whole thing again to make it plain.

    Raises:
        ValueError: On what JSON in UTF-8 cannot hold: NaN, infinities, half a surrogate pair.
    """
    text = json.dumps(
        thing, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode("utf-8")


def read_back(text: Any) -> Any:
    """Read what `written` wrote, and nothing else: other bytes for the same facts are refused.

    Raises:
        LedgerError: If the text is not JSON, or not in canonical form (spaces, order or
            repetition of keys, another spelling of a number or a character).
    """
    if not isinstance(text, str):
        raise LedgerError(f"it is not text but {type(text).__name__}")
    try:
        thing = json.loads(text)
        same = written(thing) == text.encode("utf-8")
    except (ValueError, RecursionError) as why:
        raise LedgerError(f"it is not JSON as shipcall writes it ({why})") from why
    if not same:
        raise LedgerError("it is not in canonical form")
    return thing


def _check_instant(at: Any) -> None:
    _check_pattern("at", at, _INSTANT)
    try:
        datetime.fromisoformat(at)
    except ValueError as why:
        raise LedgerError(f"at {at!r} is not a time ({why})") from why


def _check_subject(subject: Any) -> None:
    if not isinstance(subject, str) or not subject.strip():
        raise LedgerError(f"subject {subject!r} is not the id of a release")
    if any(ord(sign) < ord(" ") or "\ud800" <= sign <= "\udfff" for sign in subject):
        raise LedgerError(f"subject {subject!r} holds characters that cannot be printed")


def _check_pattern(name: str, seen: Any, pattern: re.Pattern[str]) -> None:
    if not isinstance(seen, str) or pattern.fullmatch(seen) is None:
        raise LedgerError(f"{name} {seen!r} does not look like {pattern.pattern}")
