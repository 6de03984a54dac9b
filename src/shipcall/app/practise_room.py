"""Room: where a person's plays are kept, and what they say.

Journals lie in `.shipcall/practice` of the workspace. Nothing here draws: `practise_seat` does.
"""

import secrets
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shipcall.app.place import FOLDER, root_of
from shipcall.core import UsageError
from shipcall.practice.desk import Clock
from shipcall.practice.finished import Finished
from shipcall.practice.journal import SUFFIX, read_journal
from shipcall.practice.session import Session, session_from

PLAYS = "practice"
"""Folder of journals in `.shipcall`, and of play folders where a play is begun."""
_LETTERS = "bcdfghjkmnpqrstvwxz23456789"


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One workspace, as practice uses it."""

    root: Path
    """The workspace."""
    at: Path
    """Where play folders are made."""
    clock: Clock = time.time
    drawn: dict[str, Any] = field(default_factory=dict)
    """Id -> play, as far as this process has drawn it; `practise_seat.play_of` fills it."""

    @property
    def journals(self) -> Path:
        """Folder of the journals."""
        return self.root / FOLDER / PLAYS

    def journal_path(self, play: str) -> Path:
        """Where the journal of a play lies."""
        return self.journals / f"{play}{SUFFIX}"

    @property
    def today(self) -> str:
        """The date, UTC."""
        return datetime.fromtimestamp(self.clock(), UTC).strftime("%Y-%m-%d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """All plays of a room that can be read, oldest first, and what is wrong with the others."""

    sessions: Sequence[Session]
    damaged: Sequence[str]

    @property
    def finished(self) -> list[Finished]:
        """Those that were revealed."""
        return [one.finished for one in self.sessions if one.finished is not None]

    @property
    def unfinished(self) -> list[Session]:
        """Those that were not."""
        return [one for one in self.sessions if one.finished is None]


def instant(wall: float) -> str:
    """Write wall time as everything else here is dated: UTC, to the second."""
    return datetime.fromtimestamp(wall, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def open_room(place: Path, clock: Clock = time.time) -> Room:
    """Find the room of a folder: that of its workspace; in a play folder, that of the play."""
    place = place.resolve()
    root = root_of(place)
    for parent in root.parents:
        if (parent / FOLDER / PLAYS / f"{root.name}{SUFFIX}").is_file():
            return Room(root=parent, at=parent, clock=clock)
    return Room(root=root, at=place, clock=clock)


def make_room(room: Room) -> None:
    """Make the folder of the journals; git leaves it alone."""
    if not (room.root / FOLDER).exists():
        (room.root / FOLDER).mkdir()
        (room.root / FOLDER / ".gitignore").write_text("*\n", encoding="utf-8")
    room.journals.mkdir(exist_ok=True)


def kept(room: Room) -> Kept:
    """Read all plays; change nothing."""
    sessions: list[Session] = []
    damaged: list[str] = []
    for path in room.journals.glob(f"*{SUFFIX}"):
        try:
            sessions.append(session_from(read_journal(path).entries))
        except UsageError as wrong:
            damaged.append(str(wrong))
    return Kept(sessions=sorted(sessions, key=lambda one: one.began), damaged=sorted(damaged))


def new_id(room: Room) -> str:
    """Name a play by the day and four letters."""
    while True:
        play = f"{room.today}-{''.join(secrets.choice(_LETTERS) for _ in range(4))}"
        if not room.journal_path(play).exists():
            return play


def removed(room: Room) -> list[str]:
    """Remove every journal and every play folder; name what was removed."""
    folders = [one.terms.folder for one in kept(room).sessions if one.terms.folder]
    gone = [folder for folder in folders if _is_play_folder(room, folder)]
    for folder in gone:
        shutil.rmtree(room.root / folder)
    journals = sorted(room.journals.glob(f"*{SUFFIX}"))
    for path in journals:
        path.unlink()
    room.drawn.clear()
    return [*(str(path.relative_to(room.root)) for path in journals), *gone]


def _is_play_folder(room: Room, folder: str) -> bool:
    """Is it the folder that practice made, below the workspace, and no link to elsewhere?"""
    path = room.root / folder
    return (
        path.is_dir()
        and path.resolve() == path
        and path.is_relative_to(room.root)
        and path.parent.name == PLAYS
        and room.journal_path(path.name).is_file()
    )
