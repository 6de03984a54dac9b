"""SigningKey: the Ed25519 key which signs entries and exports, and its public half.

A signature proves that this key signed, not who held the key.
"""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from shipcall.core import LedgerError, digest
from shipcall.ledger.secret import create_secret

ENVIRONMENT = "SHIPCALL_KEY"
"""Environment variable that names the file of the signing key."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public half of an Ed25519 key (RFC 8032), 32 bytes."""

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != 32:
            raise LedgerError(f"a public key has 32 bytes, this one has {len(self.raw)}")

    @classmethod
    def of(cls, text: str) -> "PublicKey":
        """Read a public key from 64 hexadecimal digits.

        Raises:
            LedgerError: If the text is anything else.
        """
        try:
            return cls(bytes.fromhex(text))
        except ValueError as why:
            raise LedgerError(
                f"{text!r} is no public key: expected 64 hexadecimal digits, as "
                "`shipcall ledger show` prints them."
            ) from why

    @property
    def hex(self) -> str:
        """The key as 64 hexadecimal digits."""
        return self.raw.hex()

    @property
    def key_id(self) -> str:
        """SHA-256 of the key's canonical JSON: the id that securesystemslib gives the key.

        Verifiers of in-toto attestations ignore signatures under any other id.
        """
        return digest({"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": self.hex}})

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Did this key sign exactly this message?"""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 key that can sign."""

    private: Ed25519PrivateKey = field(repr=False)
    public: PublicKey

    @classmethod
    def of(cls, private: Ed25519PrivateKey) -> "SigningKey":
        """Wrap a key of the `cryptography` package."""
        return cls(private, PublicKey(private.public_key().public_bytes_raw()))

    @classmethod
    def load(cls, path: Path) -> "SigningKey":
        """Read the key from a PEM file (PKCS 8, not encrypted).

        Raises:
            LedgerError: If there is no such file, others can read it, or it holds no such key.
        """
        return cls.of(_read(path))

    @classmethod
    def load_or_create(cls, path: Path) -> "SigningKey":
        """Read the key; make it on first use, in a file only its owner can read.

        Processes that make it at the same moment end up with the same key, and no reader ever
        sees half a key: the file is written beside its place and then linked into it, which
        fails if the place is taken.

        Raises:
            LedgerError: As `load`, and if the file cannot be written.
        """
        try:
            if not path.exists():
                create_secret(path, _new_key())
        except OSError as why:
            raise LedgerError(
                f"{path}: the signing key cannot be written ({why.strerror}). "
                f"Set {ENVIRONMENT} to a file in a folder you own."
            ) from why
        return cls.load(path)

    @property
    def key_id(self) -> str:
        """Id of the public half."""
        return self.public.key_id

    def sign(self, message: bytes) -> bytes:
        """Give the 64 bytes of the Ed25519 signature of a message."""
        return self.private.sign(message)


def default_path(environ: Mapping[str, str]) -> Path:
    """Say where the signing key of this person lies.

    `$SHIPCALL_KEY`, else `$XDG_CONFIG_HOME/shipcall/signing.key`, else
    `~/.config/shipcall/signing.key`. A relative `XDG_CONFIG_HOME` is ignored, as the XDG Base
    Directory Specification asks.

    Args:
        environ: The environment variables, such as `os.environ`.

    Raises:
        LedgerError: If nothing says where the home folder is.
    """
    try:
        if environ.get(ENVIRONMENT):
            return Path(environ[ENVIRONMENT]).expanduser()
        folder = Path(environ.get("XDG_CONFIG_HOME", ""))
        if not folder.is_absolute():
            home = environ.get("HOME")
            folder = (Path(home) if home else Path.home()) / ".config"
    except RuntimeError as why:
        raise LedgerError(f"no home folder is known for the key. Set {ENVIRONMENT}.") from why
    return folder / "shipcall" / "signing.key"


def _read(path: Path) -> Ed25519PrivateKey:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read()
    except OSError as why:
        raise LedgerError(
            f"{path}: the signing key cannot be read ({why.strerror}). "
            f"Set {ENVIRONMENT} to the file that holds it."
        ) from why
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise LedgerError(
            f"{path}: others can use this signing key (mode {stat.S_IMODE(mode):o}, expected "
            f"600). Anybody who read it can sign in your name: make a new key, or, if nobody "
            f"did, run: chmod 600 {path}"
        )
    try:
        key = load_pem_private_key(text, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as why:
        raise LedgerError(_not_a_key(path)) from why
    if not isinstance(key, Ed25519PrivateKey):
        raise LedgerError(_not_a_key(path))
    return key


def _not_a_key(path: Path) -> str:
    return (
        f"{path}: not a signing key: expected an Ed25519 private key in PEM, not encrypted. "
        f"Restore it from a backup, or set {ENVIRONMENT} to another file."
    )


def _new_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
