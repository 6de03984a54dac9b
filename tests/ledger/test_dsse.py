import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shipcall.core import LedgerError
from shipcall.ledger.dsse import IN_TOTO, envelope, open_envelope, pae
from shipcall.ledger.sign import SigningKey

STATEMENT = {"_type": "https://in-toto.io/Statement/v1", "subject": [], "predicate": {"p": "ü"}}


def test_the_encoding_matches_the_protocol_document() -> None:
    """DSSE 1.0.2, protocol.md, "Test Vectors": the PAE of its example."""
    expected = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert pae("http://example.com/HelloWorld", b"hello world") == expected


def test_lengths_count_bytes_not_letters() -> None:
    """By hand: ü is two bytes in UTF-8; the empty body has length 0."""
    assert pae("ü", b"") == b"DSSEv1 2 \xc3\xbc 0 "


def test_the_envelope_is_byte_for_byte_that_of_securesystemslib(key: SigningKey) -> None:
    """securesystemslib 1.3.1, same key (RFC 8032 TEST 1), payload and type:
    Envelope(payload, type, {}).sign(CryptoSigner(key)); to_dict(). It also verified ours.
    """
    assert envelope({"_type": "https://in-toto.io/Statement/v1"}, key) == {
        "payload": "eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdjEifQ==",
        "payloadType": "application/vnd.in-toto+json",
        "signatures": [
            {
                "keyid": "74c181c7ad8a0855d4b55e44d2ba87aabdddb196832571f15f92fece332e4916",
                "sig": "2WAfaHm5jluo0w+0rk8uVkluELJYWjSmU9x7EUzx+AyteDGJ4/nqyJXfmAUVFIAo"
                "QafWm7AxBZNw5M9ixNHiCA==",
            }
        ],
    }


def test_a_verifier_made_by_hand_accepts_the_envelope(key: SigningKey) -> None:
    """`cryptography` alone, over the bytes the protocol names."""
    signed = envelope(STATEMENT, key)
    payload = base64.b64decode(signed["payload"])
    message = b"DSSEv1 28 application/vnd.in-toto+json %d %s" % (len(payload), payload)
    public = Ed25519PublicKey.from_public_bytes(key.public.raw)
    public.verify(base64.b64decode(signed["signatures"][0]["sig"]), message)
    assert json.loads(payload) == STATEMENT


def test_the_payload_comes_back_as_it_was_signed(key: SigningKey, other_key: SigningKey) -> None:
    signed = envelope(STATEMENT, key)
    payload = open_envelope(signed, [other_key.public, key.public])
    assert payload == base64.b64decode(signed["payload"])


def test_url_safe_base64_is_read_too(key: SigningKey) -> None:
    signed = envelope(STATEMENT, key)
    safe = {
        "payload": signed["payload"].replace("+", "-").replace("/", "_"),
        "payloadType": IN_TOTO,
        "signatures": [
            {"sig": one["sig"].replace("+", "-").replace("/", "_")} for one in signed["signatures"]
        ],
    }
    assert open_envelope(safe, [key.public]) == open_envelope(signed, [key.public])


def test_the_key_id_proves_nothing(key: SigningKey, other_key: SigningKey) -> None:
    signed = envelope(STATEMENT, other_key)
    signed["signatures"][0]["keyid"] = key.key_id
    with pytest.raises(LedgerError, match="none of the 1 signatures"):
        open_envelope(signed, [key.public])


def test_nobody_trusted_means_nothing_opens(key: SigningKey) -> None:
    with pytest.raises(LedgerError, match="0 keys you trust"):
        open_envelope(envelope(STATEMENT, key), [])


def _changed(signed: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {**signed, **fields}


@pytest.mark.parametrize(
    "fields",
    [
        {"payload": base64.b64encode(b'{"_type":"x"}').decode()},
        {"payload": "%%%"},
        {"payload": "ü"},
        {"payload": None},
        {"payload": "abc"},
        {"payloadType": "application/json"},
        {"payloadType": None},
        {"signatures": []},
        {"signatures": None},
        {"signatures": ["sig"]},
        {"signatures": [{}]},
        {"signatures": [{"sig": ""}]},
    ],
)
def test_an_envelope_that_was_tampered_with_does_not_open(
    key: SigningKey, fields: dict[str, Any]
) -> None:
    signed = _changed(envelope(STATEMENT, key), **fields)
    with pytest.raises(LedgerError, match="envelope"):
        open_envelope(signed, [key.public])
