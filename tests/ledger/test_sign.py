import hashlib
import json
import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from shipcall.core import LedgerError
from shipcall.ledger.sign import PublicKey, SigningKey, default_path


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_signatures_match_rfc_8032(key: SigningKey, other_key: SigningKey) -> None:
    """RFC 8032, section 7.1, TEST 1 (empty message) and TEST 2 (one byte 0x72)."""
    assert key.sign(b"").hex() == (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )
    assert other_key.sign(b"\x72").hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


def test_key_ids_are_those_of_securesystemslib(key: SigningKey) -> None:
    """securesystemslib 1.3.1: CryptoSigner(key of RFC 8032 TEST 1).public_key.keyid"""
    expected = "74c181c7ad8a0855d4b55e44d2ba87aabdddb196832571f15f92fece332e4916"
    assert key.key_id == expected
    public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    about = {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": public}}
    text = json.dumps(about, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(text.encode()).hexdigest() == expected


def test_only_the_signed_message_verifies(key: SigningKey, other_key: SigningKey) -> None:
    signature = key.sign(b"ship")
    assert key.public.verifies(signature, b"ship")
    assert not key.public.verifies(signature, b"shop")
    assert not key.public.verifies(signature[:-1], b"ship")
    assert not key.public.verifies(b"", b"ship")
    assert not other_key.public.verifies(signature, b"ship")


def test_the_key_is_made_on_first_use_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "config" / "shipcall" / "signing.key"
    made = SigningKey.load_or_create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert SigningKey.load_or_create(path).public == made.public
    assert SigningKey.load(path).key_id == made.key_id
    assert _names(path.parent) == ["signing.key"]


def test_a_key_made_by_somebody_else_at_the_same_moment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "signing.key"
    theirs = SigningKey.load_or_create(path)
    monkeypatch.setattr(Path, "exists", lambda _: False)
    assert SigningKey.load_or_create(path).public == theirs.public
    assert _names(tmp_path) == ["signing.key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o601])
def test_a_key_that_others_can_use_is_refused_with_a_fix(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "signing.key"
    SigningKey.load_or_create(path)
    path.chmod(mode)
    with pytest.raises(LedgerError, match=f"mode {mode:o}, expected 600.*chmod 600") as refused:
        SigningKey.load_or_create(path)
    assert refused.value.exit_code == 4


def _pem(*, encrypted: bool) -> bytes:
    protection = BestAvailableEncryption(b"secret") if encrypted else NoEncryption()
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a key",
        _pem(encrypted=False)[:60],
        _pem(encrypted=True),
        generate_private_key(SECP256R1()).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ),
    ],
    ids=["empty", "text", "cut off", "encrypted", "another curve"],
)
def test_a_file_without_such_a_key_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "signing.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(LedgerError, match="not a signing key"):
        SigningKey.load_or_create(path)


def test_a_key_that_is_not_there_is_an_error_where_none_may_be_made(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="cannot be read"):
        SigningKey.load(tmp_path / "signing.key")
    with pytest.raises(LedgerError, match="cannot be read"):
        SigningKey.load_or_create(tmp_path)


def test_a_place_that_cannot_hold_a_key_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LedgerError, match=r"cannot be written.*SHIPCALL_KEY"):
        SigningKey.load_or_create(tmp_path / "file" / "signing.key")


def test_nothing_is_left_behind_when_the_key_cannot_be_put_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(LedgerError, match="Operation not permitted"):
        SigningKey.load_or_create(tmp_path / "signing.key")
    assert _names(tmp_path) == []


def test_the_private_half_is_not_printed(key: SigningKey) -> None:
    assert "private" not in repr(key)


def test_a_public_key_is_64_hexadecimal_digits(key: SigningKey) -> None:
    assert PublicKey.of(key.public.hex) == key.public
    for text in ("", "zz" * 32, "00" * 31, "00" * 33):
        with pytest.raises(LedgerError, match=r"no public key|32 bytes"):
            PublicKey.of(text)


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"SHIPCALL_KEY": "/k/mine.key", "HOME": "/home/ada"}, "/k/mine.key"),
        ({"XDG_CONFIG_HOME": "/xdg", "HOME": "/home/ada"}, "/xdg/shipcall/signing.key"),
        (
            {"SHIPCALL_KEY": "", "XDG_CONFIG_HOME": "here", "HOME": "/home/ada"},
            "/home/ada/.config/shipcall/signing.key",
        ),
        ({"HOME": "/home/ada"}, "/home/ada/.config/shipcall/signing.key"),
    ],
)
def test_the_key_lies_where_the_environment_says(environ: dict[str, str], expected: str) -> None:
    """XDG Base Directory Specification: relative paths are invalid and to be ignored."""
    assert default_path(environ) == Path(expected)


def test_a_person_without_a_home_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("no home")

    monkeypatch.setattr(Path, "home", homeless)
    with pytest.raises(LedgerError, match="Set SHIPCALL_KEY"):
        default_path({})
