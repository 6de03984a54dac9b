"""Writing: a file that somebody asked for appears whole or not at all."""

import os
import tempfile
from pathlib import Path

from shipcall.core import UsageError


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it appears whole or not at all.

    Raises:
        UsageError: If it cannot be written there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".shipcall-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError as wrong:
        raise UsageError(f"{path} cannot be written: {wrong.strerror}.") from wrong
