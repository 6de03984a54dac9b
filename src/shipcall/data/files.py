"""Files of one table: found by path or glob, checked from outside, hashed."""

import glob
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from shipcall.core import EvidenceError, Fault
from shipcall.data.faults import Trouble, fault, refuse


class Shape(StrEnum):
    """How a file holds a table."""

    PARQUET = "parquet"
    CSV = "csv"
    LINES = "jsonl"


_SUFFIXES = {
    ".parquet": Shape.PARQUET,
    ".csv": Shape.CSV,
    ".csv.gz": Shape.CSV,
    ".jsonl": Shape.LINES,
    ".ndjson": Shape.LINES,
    ".jsonl.gz": Shape.LINES,
    ".ndjson.gz": Shape.LINES,
}
_MAGIC = "*?["


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file of evidence."""

    path: Path
    name: str
    """Relative to the folder of the contract where it lies below it, for messages."""
    shape: Shape
    arm: str | None = None
    """The arm whose runs it holds, where each arm has files of its own."""
    copied: bool = False
    """Copied out of a database: its rows have an order, and no lines that anybody could look up."""

    @property
    def packed(self) -> bool:
        """Is it compressed with gzip?"""
        return self.path.name.endswith(".gz")


def find(pattern: str, root: Path) -> tuple[File, ...]:
    """Find the files of a table, in the order of their relative paths.

    Args:
        pattern: A path, or a glob (`*`, `?`, `[…]`, `**` for any depth), relative to `root`.
        root: Folder of the contract.

    Returns:
        The files; empty where nothing matches: that is no evidence, not an error.

    Raises:
        EvidenceError: On a folder, a file that cannot be opened or is empty, and a kind of file
            that is not known; all at once.
    """
    found_at = paths(pattern, root)
    shapes = [_shape(path) for path in found_at]
    faults = [
        found
        for path, shape in zip(found_at, shapes, strict=True)
        if (found := _outside_fault(path, _name(path, root), shape)) is not None
    ]
    if faults:
        raise EvidenceError(faults)
    files = tuple(
        File(path=path, name=_name(path, root), shape=shape)
        for path, shape in zip(found_at, shapes, strict=True)
        if shape is not None
    )
    if len({file.shape for file in files}) > 1:
        kinds = " and ".join(sorted({file.shape.value for file in files}))
        raise refuse(
            Trouble.DISAGREE,
            pattern,
            seen=f"{kinds} files of one table",
            expected="files of one kind",
            fix="Narrow the glob to one kind of file.",
        )
    return files


def file_at(path: Path) -> File:
    """Take one file that has to be there.

    Raises:
        EvidenceError: If it is not, or cannot be a table.
    """
    files = find(glob.escape(path.name) if path.exists() else path.name, path.parent)
    if not files:
        raise refuse(
            Trouble.NOT_A_FILE,
            path.name,
            seen="no such file",
            expected="a Parquet, CSV or JSONL file",
            fix="Check the path.",
        )
    return files[0]


def digest(files: Sequence[File]) -> str:
    """SHA-256 of the content of the files, one after another, as 64 hexadecimal digits."""
    content = hashlib.sha256()
    for file in files:
        try:
            with file.path.open("rb") as stream:
                while block := stream.read(1 << 20):
                    content.update(block)
        except OSError as error:
            raise _unreadable(file.name, error) from error
    return content.hexdigest()


def paths(pattern: str, root: Path) -> list[Path]:
    """List what a pattern names, in order of relative paths; nothing is opened or checked."""
    literal = root / pattern
    if literal.exists():
        return [literal.absolute()]
    matches = glob.glob(pattern, root_dir=root, recursive=True)  # noqa: PTH207 - needs root_dir and an absolute pattern
    named = [(root / match).absolute() for match in sorted(set(matches))]
    return [path for path in named if not (path.is_dir() and _shape(path) is None)]


def _name(path: Path, root: Path) -> str:
    base = root.absolute()
    return path.relative_to(base).as_posix() if path.is_relative_to(base) else path.name


def _shape(path: Path) -> Shape | None:
    name = path.name.lower()
    hits = [shape for suffix, shape in _SUFFIXES.items() if name.endswith(suffix)]
    return hits[0] if hits else None


def _outside_fault(path: Path, name: str, shape: Shape | None) -> Fault | None:
    if not path.is_file():
        return fault(
            Trouble.NOT_A_FILE,
            name,
            seen="a folder" if path.is_dir() else "something that is not a regular file",
            expected="a file, or a glob of files",
            fix=f'Write the glob: path = "{name}/*.parquet".',
        )
    if shape is None:
        return fault(
            Trouble.UNKNOWN_KIND,
            name,
            seen=f"a file that ends in {path.suffix!r}",
            expected=f"a name that ends in {', '.join(_SUFFIXES)}",
            fix="Convert or rename the file, or narrow the glob.",
        )
    if any(mark in str(path) for mark in _MAGIC):
        return fault(
            Trouble.UNKNOWN_KIND,
            name,
            seen="a path with *, ? or [ in it",
            expected="a path that no program reads as a glob",
            fix="Rename the file or its folder.",
        )
    return _content_fault(path, name)


def _content_fault(path: Path, name: str) -> Fault | None:
    try:
        with path.open("rb") as stream:
            first = stream.read(1)
    except OSError as error:
        return _unreadable(name, error).faults[0]
    if first:
        return None
    return fault(
        Trouble.EMPTY,
        name,
        seen="0 bytes",
        expected="a table, with a header at the least",
        fix="Write the file again; if nothing was measured, leave the file out.",
    )


def _unreadable(name: str, error: OSError) -> EvidenceError:
    return refuse(
        Trouble.UNREADABLE,
        name,
        seen=error.strerror or type(error).__name__,
        expected="a file that can be read",
        fix="Check the permissions of the file.",
    )
