"""Seat: a play with its clock and its drawing, and the files that a person may see of it.

What was drawn is kept in memory; where it is not, it is drawn again from the sealed seed and held
against what was promised.
"""

import os
import shutil

from shipcall.app.practise_room import Room, kept
from shipcall.core import UsageError
from shipcall.practice.desk import Desk
from shipcall.practice.files import EVIDENCE, write_contract, write_evidence
from shipcall.practice.journal import Journal
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
from shipcall.practice.session import Terms, session_from
from shipcall.practice.shelf import CONTRACT, load_case


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
    known: Play = room.drawn[play]
    return known


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


def _case_of(terms: Terms) -> Case:
    case = load_case(terms.case)
    if case_digest(case) != terms.case_digest:
        raise UsageError(
            f"play {terms.id}: the case {terms.case} was changed since it began. It cannot go on; "
            "its answers stay in its journal. Begin another: shipcall practice"
        )
    return case
