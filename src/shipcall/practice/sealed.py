"""Sealed: the seed of a play, unreadable before the reveal and impossible to change after.

With the seed the truth could be drawn again, so it lies in the journal only encrypted (Fernet),
under a key in the person's settings, never in the workspace. What is encrypted was promised
before: the SHA-256 of its opening is printed at the beginning, and anybody can check it after the
reveal with `sha256sum`. This keeps a person from seeing the truth by accident or by search; it
cannot keep an owner of the key from decrypting on purpose.
"""

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from cryptography.fernet import Fernet, InvalidToken

from shipcall.core import UsageError, digest
from shipcall.ledger.secret import create_secret
from shipcall.ledger.sign import default_path
from shipcall.practice.language import Case
from shipcall.practice.play import Play

KEY = "practice.key"
"""Name of the key's file, beside the signing key."""
_OPENING = re.compile(
    r"shipcall practice (?P<slug>[a-z0-9-]+), seed (?P<seed>\d+), "
    r"drawing (?P<drawing>[0-9a-f]{64}), nonce (?P<nonce>[0-9a-f]{32})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """What is sealed: from which seed a case was drawn, and what came of it."""

    slug: str
    seed: int
    drawing: str
    """SHA-256 of what is so and of everything the panels show."""
    nonce: str
    """128 random bits, so that a short seed cannot be found by trying."""

    @property
    def opening(self) -> str:
        """The line that is shown at the reveal."""
        return (
            f"shipcall practice {self.slug}, seed {self.seed}, drawing {self.drawing}, "
            f"nonce {self.nonce}"
        )

    @property
    def commitment(self) -> str:
        """SHA-256 of the opening, printed at the beginning."""
        return hashlib.sha256(self.opening.encode("ascii")).hexdigest()


def new_seed() -> int:
    """Draw a seed that never comes twice: 128 random bits."""
    return secrets.randbits(128)


def secret_of(play: Play) -> Secret:
    """Say what has to be sealed of a play."""
    return Secret(
        slug=play.case.slug,
        seed=play.seed,
        drawing=drawing_of(play),
        nonce=secrets.token_hex(16),
    )


def drawing_of(play: Play) -> str:
    """SHA-256 of what is so in a play and of everything it shows."""
    told = hashlib.sha256(f"{play.truth.state.name} {sorted(play.truth.values.items())}".encode())
    for name in sorted(play.seen):
        told.update(name.encode("ascii"))
        told.update(np.ascontiguousarray(play.seen[name], dtype="<f8").tobytes())
    return told.hexdigest()


def case_digest(case: Case) -> str:
    """SHA-256 of everything a case file says."""
    return digest(case.model_dump(mode="json"))


def seal(secret: Secret, key: bytes) -> str:
    """Encrypt; two seals of one secret differ."""
    return Fernet(key).encrypt(secret.opening.encode("ascii")).decode("ascii")


def unseal(token: str, commitment: str, key: bytes) -> Secret:
    """Decrypt, and check it against what was promised at the beginning.

    Raises:
        UsageError: If this key did not seal it, or it is not what was promised.
    """
    try:
        opening = Fernet(key).decrypt(token.encode("utf-8")).decode("ascii")
    except InvalidToken as wrong:
        raise UsageError(
            "this play was sealed with another key: its truth cannot be opened. Restore the file "
            f"{KEY} beside your signing key; without it this play stays closed."
        ) from wrong
    found = _OPENING.fullmatch(opening)
    told = hashlib.sha256(opening.encode("ascii")).hexdigest()
    if found is None or told != commitment:
        raise UsageError(
            f"this play promised {commitment} at its beginning, and what is sealed in it has "
            f"{told}: its truth was exchanged. It cannot be scored."
        )
    return Secret(
        slug=found["slug"],
        seed=int(found["seed"]),
        drawing=found["drawing"],
        nonce=found["nonce"],
    )


def key_path(environ: Mapping[str, str]) -> Path:
    """Say where this person's key for practice lies: beside the signing key.

    Args:
        environ: The environment variables, such as `os.environ`.

    Raises:
        LedgerError: If nothing says where the home folder is.
    """
    return default_path(environ).with_name(KEY)


def load_or_create_key(path: Path) -> bytes:
    """Read the key; make it on first use, in a file only its owner can read.

    Raises:
        UsageError: If it cannot be read or written, or is no such key.
    """
    try:
        if not path.exists():
            create_secret(path, Fernet.generate_key())
        key = path.read_bytes().strip()
        Fernet(key)
    except OSError as why:
        raise UsageError(
            f"{path}: the key for practice cannot be read or written ({why.strerror}). Make its "
            "folder yours, or set SHIPCALL_KEY to a file in a folder that is."
        ) from why
    except ValueError as why:
        raise UsageError(
            f"{path}: this is no key for practice: expected 32 bytes in base64. Restore it, or "
            "remove it: plays that it sealed can then not be opened."
        ) from why
    return key
