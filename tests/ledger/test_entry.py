import hashlib
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from shipcall.core import LedgerError, canonical_bytes, plain
from shipcall.ledger.chain import Draft, entry_hash, extend, hashed_bytes
from shipcall.ledger.entry import NOTHING_BEFORE, Entry, Kind, read_back, written
from shipcall.ledger.sign import SigningKey
from shipcall.ledger.store import Ledger

DRAFT = Draft(
    kind=Kind.CALL,
    subject="r-ü",
    body={"p": 0.123456789012345, "a": [True, None]},
    at="2026-11-20T13:31:04Z",
)
SPELLED_OUT = (
    '{"at":"2026-11-20T13:31:04Z","body":{"a":[true,null],"p":0.123456789},"index":0,'
    '"key_id":"74c181c7ad8a0855d4b55e44d2ba87aabdddb196832571f15f92fece332e4916",'
    '"kind":"call","previous":"' + "0" * 64 + '",'
    '"public_key":"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",'
    '"subject":"r-ü"}'
)


def test_the_hash_covers_every_field_but_hash_and_signature(key: SigningKey) -> None:
    """The bytes are written out by hand, the hash is hashlib's."""
    entry = extend(None, DRAFT, key, introduce=True)
    assert hashed_bytes(entry) == SPELLED_OUT.encode("utf-8")
    assert entry.hash == hashlib.sha256(SPELLED_OUT.encode("utf-8")).hexdigest()


def test_the_signature_is_over_the_32_raw_bytes_of_the_hash(key: SigningKey) -> None:
    """Checked with `cryptography` itself and the public key of RFC 8032, 7.1, TEST 1."""
    entry = extend(None, DRAFT, key, introduce=True)
    public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    verifier = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
    verifier.verify(bytes.fromhex(entry.signature), bytes.fromhex(entry.hash))
    assert len(bytes.fromhex(entry.hash)) == 32


def test_an_entry_follows_the_one_before_it(key: SigningKey) -> None:
    first = extend(None, DRAFT, key, introduce=True)
    second = extend(first, DRAFT, key, introduce=False)
    assert (first.index, first.previous) == (0, NOTHING_BEFORE)
    assert (second.index, second.previous, second.public_key) == (1, first.hash, None)
    assert second.hash != first.hash


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("index", 1),
        ("at", "2026-11-20T13:31:05Z"),
        ("kind", Kind.OUTCOME),
        ("subject", "r"),
        ("body", {"p": 0.123456789, "a": [True, False]}),
        ("previous", "1" * 64),
        ("key_id", "2" * 64),
        ("public_key", None),
    ],
)
def test_every_field_moves_the_hash(key: SigningKey, field: str, value: Any) -> None:
    entry = extend(None, DRAFT, key, introduce=True)
    assert entry_hash(replace(entry, **{field: value})) != entry.hash


def test_bodies_are_written_as_the_canonical_form_of_core(ledger: Ledger) -> None:
    for entry in ledger.entries():
        assert written(entry.plain) == canonical_bytes(entry.plain)
        assert Entry.of(entry.plain) == entry


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(-1e300, 1e300) | st.text("aü🚢 \n"),
        lambda inner: st.lists(inner) | st.dictionaries(st.text("abü", max_size=3), inner),
    )
)
def test_what_was_written_reads_back_as_it_was(thing: Any) -> None:
    made = plain(thing)
    assert written(made) == canonical_bytes(thing)
    assert read_back(written(made).decode()) == made


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        '{"b":1,"a":1}',
        '{"a":1,"a":1}',
        '{"a":1.50}',
        '{"a":"\\u00fc"}',
        '{"a":NaN}',
        '{"a":1e999}',
        '{"a":"\\ud800"}',
        '{"a":"\udcff"}',
        '{"a":' + "9" * 5000 + "}",
        "[" * 100_000,
        '{"a":',
        "",
        b"{}",
        None,
    ],
    ids=str.split(
        "space order twice zeros escape nan inf surrogate byte huge deep cut empty bytes null"
    ),
)
def test_another_spelling_of_the_same_facts_is_refused(text: Any) -> None:
    with pytest.raises(LedgerError, match="it is not"):
        read_back(text)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("index", -1),
        ("index", True),
        ("index", "0"),
        ("at", "2026-11-20T13:31:04+00:00"),
        ("at", "2026-11-20 13:31:04Z"),
        ("at", "2026-02-30T13:31:04Z"),
        ("at", "2026-11-20T13:31:04Z\n"),
        ("at", 0),
        ("kind", "approved"),
        ("kind", ["call"]),
        ("subject", ""),
        ("subject", "  "),
        ("subject", "a\nb"),
        ("subject", "a\udcffb"),
        ("subject", 7),
        ("body", []),
        ("previous", "A" * 64),
        ("hash", "0" * 63),
        ("key_id", None),
        ("public_key", "0" * 62),
        ("signature", "0" * 64),
    ],
)
def test_a_field_no_entry_can_have_is_refused(key: SigningKey, field: str, value: Any) -> None:
    entry = extend(None, DRAFT, key, introduce=True)
    with pytest.raises(LedgerError, match=field):
        Entry.of({**entry.plain, field: value})


@pytest.mark.parametrize("seen", [[], "entry", None, {}, {"index": 0}])
def test_what_is_no_entry_is_refused(seen: Any) -> None:
    with pytest.raises(LedgerError, match=r"expected an object|too many or too few"):
        Entry.of(seen)


@pytest.mark.parametrize(
    "value",
    [float("nan"), object(), "\ud800", 10**5000],
    ids=["nan", "object", "surrogate", "huge"],
)
def test_a_body_that_cannot_be_written_is_refused(key: SigningKey, value: object) -> None:
    draft = replace(DRAFT, body={"value": value})
    with pytest.raises(LedgerError, match="Nothing was appended"):
        extend(None, draft, key, introduce=False)


def test_a_body_that_is_no_object_is_refused(key: SigningKey) -> None:
    draft = replace(DRAFT, body=["a", "b"])  # type: ignore[arg-type]
    with pytest.raises(LedgerError, match="expected an object"):
        extend(None, draft, key, introduce=False)
