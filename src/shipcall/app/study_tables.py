"""Tables of a workspace: which files have the columns that a study reads."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path

from shipcall.app.place import files_below
from shipcall.core import EvidenceError
from shipcall.data.evidence import read_header

TEXTS, PACKED = (".csv", ".jsonl", ".ndjson"), ".parquet"
"""Endings of files that are looked into."""
MOST = 400
"""Files of a workspace that are looked into; in order of their paths."""
_LINE = 20_000
"""Bytes of the first line that are read."""


def tables_in(top: Path, columns: Sequence[str]) -> list[Path]:
    """Find the files that have certain columns: paths from the top of a workspace, in order.

    Links and hidden folders are left out, and what cannot be read as a table.

    Args:
        top: Of the workspace.
        columns: Names that have to be there.
    """
    candidates = islice(files_below(top, (*TEXTS, PACKED)), MOST)
    return [path.relative_to(top) for path in candidates if _has(path, columns)]


def header(path: Path) -> tuple[str, ...]:
    """Name the columns of one file, in its order; none where it cannot be read as a table.

    Args:
        path: The file. What was read of it is kept until it changes.
    """
    try:
        seen = path.stat()
    except OSError:
        return ()
    return _header(path, seen.st_mtime_ns, seen.st_size, seen.st_ino)


@lru_cache(maxsize=512)
def _header(path: Path, *state: int) -> tuple[str, ...]:
    del state
    try:
        return read_header(path)
    except EvidenceError:
        return ()


def _has(path: Path, columns: Sequence[str]) -> bool:
    """Does the file have the columns? The first line of a text says soon that it has not."""
    if path.suffix != PACKED:
        try:
            with path.open("rb") as file:
                line = file.readline(_LINE).decode("utf-8", "replace")
        except OSError:
            return False
        if not all(name in line for name in columns):
            return False
    return set(columns) <= set(header(path))
