"""Envelope: a signed statement that stock in-toto verifiers accept (DSSE 1.0.2)."""

import base64
import binascii
from collections.abc import Iterable, Mapping
from typing import Any

from shipcall.core import LedgerError, canonical_bytes
from shipcall.ledger.sign import PublicKey, SigningKey

IN_TOTO = "application/vnd.in-toto+json"
"""Payload type of an in-toto statement."""


def pae(payload_type: str, payload: bytes) -> bytes:
    """Give the bytes that a DSSE signature covers: the type and the payload, with lengths.

    References:
        DSSE 1.0.2, protocol.md, "Signature definition": PAE(type, body) =
        "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body.
    """
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def envelope(statement: Mapping[str, Any], key: SigningKey) -> dict[str, Any]:
    """Sign a statement.

    Args:
        statement: An in-toto Statement; its canonical bytes become the payload.
        key: Who signs.

    Returns:
        The envelope, ready for JSON: payload, payloadType, signatures.
    """
    payload = canonical_bytes(statement)
    signature = key.sign(pae(IN_TOTO, payload))
    return {
        "payload": base64.b64encode(payload).decode("ascii"),
        "payloadType": IN_TOTO,
        "signatures": [
            {"keyid": key.key_id, "sig": base64.b64encode(signature).decode("ascii")},
        ],
    }


def open_envelope(envelope: Mapping[str, Any], public_keys: Iterable[PublicKey]) -> bytes:
    """Give the payload of an envelope that at least one of these keys signed.

    The key id in an envelope is not covered by any signature: it is not looked at. Parse the
    bytes that come back, never the envelope's payload: only these were verified.

    Args:
        envelope: As read from JSON.
        public_keys: Whose signature is trusted.

    Raises:
        LedgerError: If the envelope is malformed, holds something other than an in-toto
            statement, or carries no good signature by one of the keys.
    """
    payload_type = envelope.get("payloadType")
    if payload_type != IN_TOTO:
        raise LedgerError(f"the envelope holds {payload_type!r}, expected {IN_TOTO!r}")
    payload = _decoded("payload", envelope.get("payload"))
    signatures = [_signature(seen) for seen in _listed(envelope.get("signatures"))]
    message = pae(IN_TOTO, payload)
    keys = tuple(public_keys)
    if not any(key.verifies(signature, message) for key in keys for signature in signatures):
        raise LedgerError(
            f"none of the {len(signatures)} signatures of the envelope is by one of the "
            f"{len(keys)} keys you trust. Do not use it; ask its sender for the key or the "
            "original."
        )
    return payload


def _listed(seen: Any) -> list[Any]:
    if not isinstance(seen, list):
        raise LedgerError("the envelope has no list of signatures")
    return seen


def _signature(seen: Any) -> bytes:
    if not isinstance(seen, Mapping):
        raise LedgerError("a signature of the envelope is not an object")
    return _decoded("sig", seen.get("sig"))


def _decoded(name: str, seen: Any) -> bytes:
    """Decode standard or URL-safe base64, as DSSE asks of its readers."""
    if not isinstance(seen, str):
        raise LedgerError(f"{name} of the envelope is not text")
    try:
        standard = seen.encode("ascii").translate(bytes.maketrans(b"-_", b"+/"))
        return base64.b64decode(standard, validate=True)
    except (UnicodeEncodeError, binascii.Error) as why:
        raise LedgerError(f"{name} of the envelope is not base64 ({why})") from why
