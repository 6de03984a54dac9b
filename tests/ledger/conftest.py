"""A key everybody knows, and a ledger with twelve entries that say something."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shipcall.ledger.exposure import eval_set_fingerprint, seen
from shipcall.ledger.sign import SigningKey
from shipcall.ledger.store import Ledger

RFC_8032_TEST_1 = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
RFC_8032_TEST_2 = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"


def _key(private: str) -> SigningKey:
    return SigningKey.of(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private)))


@pytest.fixture(scope="session")
def key() -> SigningKey:
    """RFC 8032, section 7.1, TEST 1."""
    return _key(RFC_8032_TEST_1)


@pytest.fixture(scope="session")
def other_key() -> SigningKey:
    """RFC 8032, section 7.1, TEST 2."""
    return _key(RFC_8032_TEST_2)


def _story() -> Iterator[tuple[str, str, dict[str, Any]]]:
    contract = "c" * 64
    for release in ("ranker-v42", "ranker-v43"):
        yield "sealed", release, {"contract": contract, "lints": ["no failure modes", "ü — 🚢"]}
        look = seen(
            stage="gate",
            contract=contract,
            evidence={"rankings": release[-1] * 64},
            eval_set=eval_set_fingerprint("home", "ab" * 32),
        )
        yield "evidence_seen", release, look
        findings = [{"id": f"gate.{n}", "value": n / 7, "interval": [0.1, None]} for n in range(3)]
        yield "verdict", release, {"call": "HOLD", "findings": findings}
        yield "call", release, {"action": "HOLD", "probability": 0.65, "why": "too few users"}
        yield "stage_changed", release, {"stage": "shadow", "share": 0.01}
        yield "reconciled", release, {}


@pytest.fixture(scope="session")
def twelve_entries(
    tmp_path_factory: pytest.TempPathFactory, key: SigningKey, other_key: SigningKey
) -> bytes:
    """The file of a ledger with two releases and two keys."""
    made = Ledger.open(tmp_path_factory.mktemp("ledger") / "ledger.db", create=True)
    for number, (kind, release, body) in enumerate(_story()):
        signer = other_key if kind == "call" else key
        made.append(kind, release, body, at=f"2026-11-20T13:{number:02}:04Z", key=signer)
    return made.path.read_bytes()


@pytest.fixture
def ledger(tmp_path: Path, twelve_entries: bytes) -> Ledger:
    """Twelve entries, in a file of one's own."""
    path = tmp_path / "ledger.db"
    path.write_bytes(twelve_entries)
    return Ledger.open(path)
