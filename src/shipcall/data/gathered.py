"""Gathered: the files of every table of evidence, and copies of those that lie in databases."""

import shutil
import tempfile
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from shipcall.core import EvidenceError, Fault
from shipcall.data.databases import Copies, copied, demand_address, state
from shipcall.data.faults import Trouble, fault
from shipcall.data.files import File, digest, find
from shipcall.data.sources import Source
from shipcall.formats.address import Address, is_address


class Gathered:
    """What lies where the sources say.

    Files are found at once. Databases are asked when somebody first wants to know what is there:
    all tables of one database are then copied out of one moment, and stay as they are.

    Args:
        sources: Format -> where its table lies.
        root: Folder of the contract; paths are relative to it.

    Raises:
        EvidenceError: If what lies there cannot be opened as a file of a known kind; all at once.
    """

    def __init__(self, sources: Mapping[str, Source], root: Path) -> None:
        self._sources = sources
        self._root = root
        self._found: dict[str, tuple[File, ...]] = {}
        self._addresses: dict[str, Address] = {}
        self._forget: Callable[[], object] | None = None
        faults: list[Fault] = []
        for path in dict.fromkeys(path for one in sources.values() for _, path in _paths(one)):
            try:
                if is_address(path):
                    self._addresses[path] = demand_address(path)
                else:
                    self._found[path] = find(path, root)
            except EvidenceError as error:
                faults += error.faults
        if faults:
            raise EvidenceError(faults)

    @cached_property
    def files(self) -> Mapping[str, tuple[File, ...]]:
        """Format -> its files, those of one arm with its name; tables without one are left out.

        Raises:
            EvidenceError: If a database does not hand over a table.
        """
        every = {name: self._files(source) for name, source in self._sources.items()}
        return {name: files for name, files in every.items() if files}

    def nothing(self, name: str) -> str:
        """Say where nothing was found."""
        paths = [path for _, path in _paths(self._sources[name])]
        lacking = [f"{path}: {self._copies.lacking[path]}" for path in paths if is_address(path)]
        return "; ".join(lacking) or f"no file at {self._sources[name].path!r}"

    def digests(self) -> dict[str, str]:
        """Format -> SHA-256 of the content of its files, one after another in path order."""
        return {name: digest(files) for name, files in self.files.items()}

    def stats(self) -> tuple[tuple[str, int, int, int], ...]:
        """Say of everything that tells a changed one apart without reading it.

        Returns:
            Path, size, time of change in nanoseconds and number in the file system of each file,
            after that what each database says of itself.

        Raises:
            EvidenceError: If a database does not answer.
        """
        files = [file for found in self._found.values() for file in found]
        seen = [(str(file.path), file.path.stat()) for file in files]
        known = [(path, s.st_size, s.st_mtime_ns, s.st_ino) for path, s in seen]
        for address in self._addresses.values():
            known += [(*one, 0) for one in state(address, self._root)]
        return tuple(known)

    def demand_unchanged(self, before: Mapping[str, str]) -> None:
        """Go on only if the files still hold what they held: a verdict names what it read.

        Args:
            before: What `digests` gave before anything was read.

        Raises:
            EvidenceError: With every table of which the content is another.
        """
        after = self.digests()
        self._refuse(
            [name for name in self.files if before.get(name) != after[name]],
            Trouble.DAMAGED,
            seen="another content than when reading began",
            expected="files that nobody writes to",
            fix="Wait until they are written, and run the stage again.",
        )

    def demand_two_runs(self) -> None:
        """Go on only if no table holds one run under the names of both models.

        Raises:
            EvidenceError: With every table whose files are the same for both, byte for byte.
        """
        self._refuse(
            [name for name, files in self.files.items() if _is_one_run(files)],
            Trouble.MAPPING,
            seen="the same content for both models, byte for byte",
            expected="the runs of two models",
            fix="Name the file of each model.",
        )

    def close(self) -> None:
        """Remove the copies; nothing can be read from them any more."""
        if self._forget is not None:
            self._forget()

    @cached_property
    def _copies(self) -> Copies:
        if not self._addresses:
            return Copies(files={}, lacking={})
        folder = Path(tempfile.mkdtemp(prefix="shipcall-"))
        self._forget = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return copied(list(self._addresses.values()), self._root, folder)

    def _files(self, source: Source) -> tuple[File, ...]:
        return tuple(
            replace(file, arm=arm) if arm else file
            for arm, path in _paths(source)
            for file in self._at(path)
        )

    def _at(self, path: str) -> Sequence[File]:
        if path in self._found:
            return self._found[path]
        copy = self._copies.files.get(path)
        return [copy] if copy else []

    def _refuse(
        self, names: Sequence[str], trouble: Trouble, *, seen: str, expected: str, fix: str
    ) -> None:
        faults = [
            fault(trouble, self._sources[name].path, seen=seen, expected=expected, fix=fix)
            for name in names
        ]
        if faults:
            raise EvidenceError(faults)


def _paths(source: Source) -> list[tuple[str | None, str]]:
    """Arm and path of everything that holds the table."""
    return [*sorted(source.arm_paths.items())] or [(None, source.path)]


def _is_one_run(files: Sequence[File]) -> bool:
    arms: dict[str, list[File]] = {}
    for file in files:
        if file.arm is not None:
            arms.setdefault(file.arm, []).append(file)
    return len(arms) > 1 and len({digest(own) for own in arms.values()}) == 1
