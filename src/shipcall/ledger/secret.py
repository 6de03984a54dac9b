"""A secret in a file: made once, readable by its owner only."""

import os
import secrets
from pathlib import Path


def create_secret(path: Path, content: bytes) -> None:
    """Put a secret where none is; where one is by now, that one stays.

    It is written beside its place and then linked into it, so that programs which make it at the
    same moment end up with the same one, and nobody ever reads half of it.

    Args:
        path: Its file; folders on the way are made for the owner only.
        content: The secret.

    Raises:
        OSError: If it cannot be written.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(beside, path)
        except FileExistsError:
            return
    finally:
        beside.unlink()
