"""Recalled: what was recorded of a release at one stage, read once and kept until it changes.

A verdict on thousands of slices takes a second to read and verify. Pages ask for it again with
every filter, so it is kept for as long as the ledger and the contract file are the same.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from shipcall.app.board import find, release_view
from shipcall.app.newest import Newest
from shipcall.app.release import Judged, recorded
from shipcall.app.view import covered
from shipcall.app.workspace import workspace_of
from shipcall.contract.parse import read_contract
from shipcall.core import UsageError

View = dict[str, Any]

_T = TypeVar("_T")
KEPT = 6
"""Recorded verdicts that are kept."""
_COUNTER = slice(24, 28)
"""Bytes of a SQLite file that count its changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """The newest recorded verdict of one stage of one release."""

    file: Path
    judged: Judged
    page: View
    """What every page of the release shows around its own part."""
    stages: tuple[str, ...]
    """Stages with a recorded verdict, oldest first."""
    _worked_out: dict[Hashable, Any] = field(default_factory=dict)

    def once(self, name: Hashable, work: Callable[[], _T]) -> _T:
        """Work something out of this verdict when it is first asked for, and keep it."""
        if name not in self._worked_out:
            self._worked_out[name] = work()
        made: _T = self._worked_out[name]
        return made

    @property
    def view(self) -> View:
        """The verdict as reports draw it; without anything that gives it away while it is due."""
        return self.judged.view if self.judged.shown else covered(self.judged.view)

    @property
    def head(self) -> View:
        """Which verdict this is about: what every view of a part of it begins with."""
        view = self.judged.view
        return {
            "release": view["release"],
            "stage": view["stage"],
            "as_of": view["as_of"],
            "contract": view["contract"]["sha256"],
        }


_State = tuple[Hashable, ...]
_kept = Newest[tuple[_State, Recalled]](KEPT)


def recall(root: Path, release: str, stage: str | None = None) -> Recalled:
    """Give the newest recorded verdict of a release, without reading any evidence.

    Args:
        root: A folder of the workspace.
        release: Its id.
        stage: A stage; None takes the newest of any.

    Raises:
        UsageError: If there is no such release, or nothing was judged.
        LedgerError: If the ledger is damaged.
    """
    key = (f"{workspace_of(root).root}\0{release}", stage)
    held = _kept.get(key)
    if held is not None and held[0] == _state(held[1].file):
        return held[1]
    one = find(root, release)
    if one.file is None:
        raise UsageError(
            f"the ledger knows {release}, and no contract file of it lies in this workspace. "
            "Restore the file; the sealed text is in the ledger."
        )
    state = _state(one.file)
    made = Recalled(
        file=one.file,
        judged=recorded(one.file, stage),
        page=release_view(root, release),
        stages=tuple(one.verdicts),
    )
    return _kept.keep(key, (state, made))[1]


def recall_having(
    root: Path, release: str, stage: str | None, wanted: Callable[[View], bool]
) -> Recalled:
    """Give the newest recorded verdict with a finding of some kind; else the newest of any.

    Args:
        root: A folder of the workspace.
        release: Its id.
        stage: A stage that was asked for; then its verdict, whatever it holds.
        wanted: Is a recorded finding of this kind?
    """
    newest = recall(root, release, stage)
    if stage is not None:
        return newest
    for name in reversed(newest.stages):
        one = recall(root, release, name)
        if any(wanted(finding) for finding in one.judged.facts["findings"]):
            return one
    return newest


class Place(NamedTuple):
    """Where a release is: a folder of its workspace, and its id."""

    root: Path
    release: str


def place_of(file: Path) -> Place:
    """Say where the release of a contract file is."""
    return Place(workspace_of(file).root, read_contract(file).release.id)


def _state(file: Path) -> _State:
    """Tell the ledger and the contract apart from what they were."""
    ledger = workspace_of(file).ledger_path
    beside = [ledger.with_name(ledger.name + end) for end in ("", "-wal", "-journal")]
    return (*_stats([*beside, file]), _changes(ledger))


def _stats(paths: list[Path]) -> Iterator[tuple[int, int, int] | None]:
    for path in paths:
        try:
            seen = path.stat()
        except OSError:
            yield None
        else:
            yield seen.st_mtime_ns, seen.st_size, seen.st_ino


def _changes(ledger: Path) -> bytes:
    try:
        with ledger.open("rb") as stream:
            return stream.read(_COUNTER.stop)[_COUNTER]
    except OSError:
        return b""


def asked_number(asked: Mapping[str, str], name: str) -> int:
    """Read a whole number from 1 of an address or an option; 1 where nothing is asked.

    Raises:
        UsageError: If it is none, or too small.
    """
    text = asked.get(name) or "1"
    if not text.isdecimal() or int(text) < 1:
        raise UsageError(f"{name} = {text!r} is no whole number from 1.")
    return int(text)


def asked_choice(
    asked: Mapping[str, str], name: str, choices: Mapping[str, str] | list[str]
) -> str:
    """Read one of several words of an address or an option; the first where nothing is asked.

    Raises:
        UsageError: If it is none of them.
    """
    known = list(choices)
    told = asked.get(name) or known[0]
    if told not in known:
        raise UsageError(f"{name} = {told!r} is none of: {', '.join(known)}.")
    return told
