"""Journal: one play as a file of JSON lines. A line is on disk before it counts, and stays.

A line holds its place, what was done, and a sum over itself and all lines before it, so that a
file which was changed by anything but appending is noticed. A last line that was cut off in the
middle never counted: it is left out, and taken away by the next line that is written.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from shipcall.core import UsageError

SUFFIX = ".jsonl"
_SUM = "sum"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that was done in a play."""

    n: int
    """Place in the journal, from 0."""
    wall: float
    """When, by the wall clock: seconds since 1970, UTC."""
    seconds: float
    """When, by the clock of the play."""
    did: str
    what: str = ""
    """Panel, or part of the sheet."""
    held: Mapping[str, Any] = field(default_factory=dict)
    """Everything else there is to say of it, plain."""


class Journal:
    """The file of one play, open for appending.

    Two programs that write to the same play would tear it apart: the second one to write is
    refused.
    """

    def __init__(self, path: Path, found: "Found") -> None:
        self.path = path
        self.entries = list(found.entries)
        self._found = found

    @classmethod
    def begin(cls, path: Path) -> "Journal":
        """Make an empty journal that only its owner can read.

        Raises:
            UsageError: If there is one of this name.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError as there:
            raise UsageError(f"{path} is there already; it is never overwritten.") from there
        _sync_folder(path.parent)
        return cls(path, Found())

    @classmethod
    def resume(cls, path: Path) -> "Journal":
        """Open a journal to go on with it.

        Raises:
            UsageError: As `read_journal`.
        """
        return cls(path, read_journal(path))

    def append(self, entry: Entry) -> None:
        """Write one line and wait until it is on disk.

        Raises:
            UsageError: If another program wrote meanwhile, or the disk takes no more.
        """
        line, total = _written(entry, self._found.total)
        found = self._found
        try:
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND)
            try:
                self._append(handle, line)
            finally:
                os.close(handle)
        except OSError as why:
            raise UsageError(
                f"{self.path}: the last answer could not be kept ({why.strerror}). Everything "
                "before it is. Make room, then go on: shipcall practice resume"
            ) from why
        self.entries.append(entry)
        size = found.sound + len(line)
        self._found = Found(entries=tuple(self.entries), total=total, sound=size, size=size)

    def _append(self, handle: int, line: bytes) -> None:
        if os.fstat(handle).st_size != self._found.size:
            raise UsageError(
                f"{self.path} was written to meanwhile: this play goes on in another window. "
                "Go on there, or close it and run: shipcall practice resume"
            )
        if self._found.size != self._found.sound:
            os.ftruncate(handle, self._found.sound)
        if os.write(handle, line) != len(line):
            os.ftruncate(handle, self._found.sound)
            raise OSError(0, "the disk is full")
        os.fsync(handle)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What stands in a journal."""

    entries: tuple[Entry, ...] = ()
    total: str = ""
    """Sum over all lines."""
    sound: int = 0
    """Bytes of whole lines."""
    size: int = 0
    """Bytes of the file; more than `sound` where the last line was cut off."""


def read_journal(path: Path) -> Found:
    """Read a journal; change nothing.

    Raises:
        UsageError: If there is none, or a line is not what was written; with file and line.
    """
    try:
        whole = path.read_bytes()
    except OSError as why:
        raise UsageError(f"{path}: this play cannot be read ({why.strerror}).") from why
    sound = whole.rfind(b"\n") + 1
    entries: list[Entry] = []
    total = ""
    for n, line in enumerate(whole[:sound].split(b"\n")[:-1]):
        entry, total = _read(line, n=n, total=total, place=f"{path}:{n + 1}")
        entries.append(entry)
    return Found(entries=tuple(entries), total=total, sound=sound, size=len(whole))


def _written(entry: Entry, total: str) -> tuple[bytes, str]:
    form = asdict(entry)
    total = _total(form, total)
    text = json.dumps(form | {_SUM: total}, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8") + b"\n", total


def _total(form: Mapping[str, Any], before: str) -> str:
    text = json.dumps([before, form], sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]


def _read(line: bytes, *, n: int, total: str, place: str) -> tuple[Entry, str]:
    try:
        form = json.loads(line)
        said = form.pop(_SUM)
        if set(form) != {one.name for one in fields(Entry)} or form["n"] != n:
            raise _damaged(place, "is no line of a play, or not in its place")
        total = _total(form, total)
    except (ValueError, KeyError, AttributeError, TypeError) as wrong:
        raise _damaged(place, "is no line of a play") from wrong
    if said != total:
        raise _damaged(place, "is not what was written")
    return Entry(**form), total


def _damaged(place: str, seen: str) -> UsageError:
    return UsageError(
        f"{place}: this line {seen}. A play is only ever added to, so the file was changed or "
        "damaged; nothing of it is used. Restore it, or remove the file to give the play up."
    )


def _sync_folder(folder: Path) -> None:
    """Make the name of a new file last, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
