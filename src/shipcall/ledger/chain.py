"""Chain: how an entry is hashed, signed and tied to the one before it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from shipcall.core import LedgerError, plain
from shipcall.ledger.entry import NOTHING_BEFORE, Entry, Kind, written
from shipcall.ledger.sign import PublicKey, SigningKey

_UNSIGNED = "0" * 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody wants to say, before it has a place in the chain."""

    kind: Kind
    subject: str
    body: Mapping[str, Any]
    at: str


def hashed_bytes(entry: Entry) -> bytes:
    """Give the bytes which the hash of an entry is taken of: all but `hash` and `signature`."""
    fields = entry.plain
    del fields["hash"], fields["signature"]
    return written(fields)


def entry_hash(entry: Entry) -> str:
    """Compute what the hash of an entry has to be, whatever it claims.

    Raises:
        ValueError: If the body cannot be written: see `entry.written`.
    """
    return sha256(hashed_bytes(entry)).hexdigest()


def extend(last: Entry | None, draft: Draft, key: SigningKey, *, introduce: bool) -> Entry:
    """Make the entry that follows `last`.

    Args:
        last: The present end of the chain; None for an empty one.
        draft: What to say.
        key: Who says it.
        introduce: Write the public key into the entry: its first use in this ledger.

    Raises:
        LedgerError: On a draft that no entry can hold.
    """
    entry = Entry(
        index=0 if last is None else last.index + 1,
        at=draft.at,
        kind=draft.kind,
        subject=draft.subject,
        body=_plain_body(draft.body),
        previous=NOTHING_BEFORE if last is None else last.hash,
        key_id=key.public.key_id,
        public_key=key.public.hex if introduce else None,
        hash=NOTHING_BEFORE,
        signature=_UNSIGNED,
    )
    digest = entry_hash(entry)
    return replace(entry, hash=digest, signature=key.sign(bytes.fromhex(digest)).hex())


def signed_by(entry: Entry, key: PublicKey) -> bool:
    """Is the signature of the entry this key's signature of the hash the entry claims?"""
    return key.verifies(bytes.fromhex(entry.signature), bytes.fromhex(entry.hash))


def _plain_body(body: Mapping[str, Any]) -> dict[str, Any]:
    try:
        made = plain(body)
        written(made)
    except (TypeError, ValueError, RecursionError) as why:
        raise LedgerError(
            f"the body of an entry cannot be written as JSON: {why}. "
            "Nothing was appended; leave that value out or state it as text."
        ) from why
    if not isinstance(made, dict):
        raise LedgerError(f"the body of an entry is a {type(body).__name__}, expected an object")
    return made
