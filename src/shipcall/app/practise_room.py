"""Room: where a person's plays are kept, and how a play is found and drawn again.

Journals lie in `.shipcall/practice` of the workspace. What was drawn is kept in memory; where it
is not, it is drawn again from the sealed seed and held against what was promised.
"""

import os
import secrets
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from shipcall.app.workspace import FOLDER, workspace_of
from shipcall.core import UsageError
from shipcall.practice.desk import Clock, Desk
from shipcall.practice.files import EVIDENCE, write_contract, write_evidence
from shipcall.practice.finished import Finished
from shipcall.practice.journal import SUFFIX, Journal, read_journal
from shipcall.practice.language import Case
from shipcall.practice.play import Play, draw_play
from shipcall.practice.sealed import (
    Secret,
    case_digest,
    drawing_of,
    key_path,
    load_or_create_key,
    unseal,
)
from shipcall.practice.session import Session, Terms, session_from
from shipcall.practice.shelf import CONTRACT, load_case

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
    drawn: dict[str, Play] = field(default_factory=dict)
    """Id -> play, as far as this process has drawn it."""

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
    root = workspace_of(place).root
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


def seat(room: Room, play: str) -> Desk:
    """Open a play by its id.

    Raises:
        UsageError: If there is none, its journal is damaged, or its case was changed meanwhile.
    """
    path = room.journal_path(play)
    if not play.replace("-", "").isalnum() or not path.is_file():
        there = ", ".join(one.terms.id for one in kept(room).unfinished) or "none"
        raise UsageError(f"no play {play!r} here. Unfinished: {there}.")
    journal = Journal.resume(path)
    case = _case_of(session_from(journal.entries).terms)
    return Desk.resume(case, journal, room.clock)


def play_of(room: Room, desk: Desk) -> Play:
    """Give the drawing of a play, from memory or drawn again.

    Raises:
        UsageError: If it cannot be drawn as it was: no key, or another version draws otherwise.
    """
    play = desk.session.terms.id
    if play not in room.drawn:
        secret = secret_at(desk.session.terms)
        drawn = draw_play(desk.case, secret.seed)
        if drawing_of(drawn) != secret.drawing:
            raise UsageError(
                f"play {play}: this version, or another numpy, draws the case otherwise than it "
                "was drawn. It cannot go on; its answers stay in its journal."
            )
        room.drawn[play] = drawn
    return room.drawn[play]


def secret_at(terms: Terms) -> Secret:
    """Open what is sealed, and check it against what was promised.

    Raises:
        UsageError: As `sealed.unseal`.
    """
    return unseal(terms.sealed, terms.commitment, load_or_create_key(key_path(os.environ)))


def lay_out(room: Room, desk: Desk) -> None:
    """Put the files of a play into its folder as far as they may be there: contract, evidence.

    The contract from the beginning, evidence in learn mode or after the lock. What was cut off
    in the middle is written again.
    """
    session = desk.session
    if session.terms.folder is None or session.filed:
        return
    folder, play = room.root / session.terms.folder, play_of(room, desk)
    if not (folder / CONTRACT).exists():
        write_contract(play, folder)
    if session.terms.mode == "learn" or session.phase in ("locked", "retrying"):
        shutil.rmtree(folder / EVIDENCE, ignore_errors=True)
        write_evidence(play, folder)
        desk.filed()


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


def _case_of(terms: Terms) -> Case:
    case = load_case(terms.case)
    if case_digest(case) != terms.case_digest:
        raise UsageError(
            f"play {terms.id}: the case {terms.case} was changed since it began. It cannot go on; "
            "its answers stay in its journal. Begin another: shipcall practice"
        )
    return case
