"""Loops: the rounds that articles claim, a rehearsal of one, and a committee over what came."""

import secrets
from pathlib import Path
from typing import Any

from shipcall.app.prepare import Desk
from shipcall.core import UsageError, plain
from shipcall.practice.journal import Entry
from shipcall.preparation.answer import Reading
from shipcall.preparation.claim import claims
from shipcall.preparation.diary import REHEARSED, Diary
from shipcall.preparation.loop import (
    Loop,
    Rehearsed,
    committee,
    load_loop,
    loop_ids,
    read_loop,
    rehearse,
)

View = dict[str, Any]
NOTE = (
    "Claimed by an article, not by the company; minutes, and which round can stop everything, are "
    "our guess. Nothing here is a chance of anything."
)


def loops_view() -> View:
    """List the loops that come along, and what else articles claim of interviews and pay."""
    return {
        "kind": "loops",
        "note": NOTE,
        "loops": [_loop(load_loop(one)) for one in loop_ids()],
        "claims": [one.model_dump(exclude={"wish"}) for one in claims()],
    }


def loop_view(name: str) -> View:
    """Show one loop: of those that come along by its id, or of a file.

    Raises:
        UsageError: If there is none, or the file is no loop.
    """
    return {"kind": "loop", "note": NOTE, **_loop(found_loop(name))}


def found_loop(name: str) -> Loop:
    """Find a loop: of those that come along by its id, or of a file.

    Raises:
        UsageError: If there is none, or the file is no loop.
    """
    path = Path(name)
    if path.suffix != ".toml":
        return load_loop(name)
    try:
        return read_loop(path.read_text(encoding="utf-8-sig"), name=name)
    except OSError as wrong:
        raise UsageError(f"{name} cannot be read: {wrong.strerror}.") from wrong
    except UnicodeDecodeError as wrong:
        raise UsageError(f"{name} is no text in UTF-8. Save it as such.") from wrong


def _loop(one: Loop) -> View:
    rounds = [
        {**r.model_dump(mode="json"), "counts": weight}
        for r, weight in zip(one.round, one.weights, strict=True)
    ]
    return {**one.model_dump(mode="json", exclude={"round"}), "rounds": rounds}


def loop_begun(desk: Desk, name: str, *, seed: int | None = None) -> View:
    """Draw the questions of a rehearsal; those whose answers were seen come last.

    Args:
        desk: Of the person.
        name: Id of a loop, or a file.
        seed: The same questions again; None draws new ones.

    Raises:
        UsageError: If there is no such loop.
    """
    one = found_loop(name)
    number = secrets.randbelow(2**32) if seed is None else seed
    diary = desk.write()
    seen = {dated.answer.question for dated in diary.answers()}
    drawn = rehearse(one, number, seen=seen)
    held = {"loop": one.model_dump(mode="json"), "rounds": [list(r.questions) for r in drawn]}
    diary.add(REHEARSED, one.id, held)
    return rehearsal_view(desk)


def rehearsal_view(desk: Desk) -> View:
    """Show the newest rehearsal: its questions, what was answered since, and the committee.

    Raises:
        UsageError: If none was begun.
    """
    diary = desk.diary
    begun = list(diary.of(REHEARSED)) if diary else []
    if diary is None or not begun:
        raise UsageError("no rehearsal was begun here. Begin one: shipcall practice loop ID")
    newest = begun[-1]
    one = Loop.model_validate(newest.held["loop"])
    drawn = tuple(
        Rehearsed(round=r, questions=tuple(names))
        for r, names in zip(one.round, newest.held["rounds"], strict=True)
    )
    answered = _answered_since(diary, newest)
    readings = _readings_of(diary, answered)
    rounds = [
        {
            **r.round.model_dump(mode="json"),
            "questions": [
                {"id": q, "answered": q in answered, "read": q in readings} for q in r.questions
            ],
        }
        for r in drawn
    ]
    return {
        "kind": "rehearsal",
        "note": NOTE,
        **_loop(one),
        "rounds": rounds,
        "committee": plain(committee(one, drawn, readings)),
    }


def _answered_since(diary: Diary, begun: Entry) -> dict[str, str]:
    """Question -> digest of its first answer since then: nothing was shown before it."""
    found: dict[str, str] = {}
    for dated in diary.answers():
        if dated.wall >= begun.wall:
            found.setdefault(dated.answer.question, dated.answer.digest)
    return found


def _readings_of(diary: Diary, answered: dict[str, str]) -> dict[str, Reading]:
    """The newest reading of each of these answers; that of a peer before one's own."""
    found: dict[str, Reading] = {}
    for reading in diary.readings():
        if answered.get(reading.question) != reading.answer:
            continue
        held = found.get(reading.question)
        if held is None or held.reader == "self" or reading.reader != "self":
            found[reading.question] = reading
    return found
