"""Practice: everything a door may do with a play. Every function returns a plain view.

A play is found by its id, from its journal, at every call; a terminal and a web page may go on
with the same play, and killing either loses nothing. The clock belongs to the room.
"""

import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shipcall.app.practise_room import (
    PLAYS,
    Kept,
    Room,
    instant,
    kept,
    make_room,
    new_id,
)
from shipcall.app.practise_seat import lay_out, play_of, seat, secret_at
from shipcall.app.practise_view import desk_view, panel_view
from shipcall.core import ShipcallError, UsageError, plain
from shipcall.practice.answers import FIELDS, answered, chosen, value_of
from shipcall.practice.bots import option_for
from shipcall.practice.debrief import debrief
from shipcall.practice.desk import Desk
from shipcall.practice.files import write_files
from shipcall.practice.finished import Finished, Mode
from shipcall.practice.hints import hint_of
from shipcall.practice.judged import judge_play
from shipcall.practice.language import Case
from shipcall.practice.play import Play, draw_play
from shipcall.practice.scoring.score import Score
from shipcall.practice.scoring.sheets import score_sheet
from shipcall.practice.sealed import (
    case_digest,
    key_path,
    load_or_create_key,
    new_seed,
    seal,
    secret_of,
)
from shipcall.practice.session import UNTIMED, Session, Terms
from shipcall.practice.shelf import load_case, slugs

View = dict[str, Any]
CONTRACT_WORLDS = 10
"""Worlds on which a contract that was written is executed: half of them traps, half twins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How a person wants to play."""

    case: str | None = None
    """Slug or id; None: the mixed queue."""
    mode: Mode = "stress"
    extra_time: float | None = 1.0
    """Factor on the clock, at least 1; None: no clock."""
    seed: int | None = None
    """The same drawing again; never rated."""
    scripted: bool = False
    """Answers come from a file; never rated."""


def start(room: Room, wish: Wish) -> View:
    """Draw a case and begin a play; its clock does not run before `go`.

    Raises:
        UsageError: If there is no such case, or the wish makes no sense.
    """
    _check(wish)
    case = load_case(wish.case) if wish.case else _from_queue(kept(room), wish.mode)
    if wish.mode == "spot" and not case.spot:
        raise UsageError(f"{case.slug} shows no panels for free: it is no spot decision.")
    play = draw_play(case, new_seed() if wish.seed is None else wish.seed)
    make_room(room)
    terms = _terms(room, wish, play)
    room.drawn[terms.id] = play
    desk = Desk.begin(case, terms, room.journal_path(terms.id), room.clock)
    lay_out(room, desk)
    return desk_view(desk)


def at(room: Room, play: str) -> View:
    """Say where a play stands; its clock has been counting."""
    desk = seat(room, play)
    play_of(room, desk)
    lay_out(room, desk)
    return desk_view(desk)


def resumed(room: Room, play: str) -> View:
    """Give all there is to go on with: the desk and the panels that lie open; or the debrief.

    Returns:
        Before the reveal the view of the desk with `seen`, the open panels in the order of the
        menu, and `hinted`, the hints that were given; after it what `told` gives.
    """
    desk = seat(room, play)
    if desk.session.finished is not None:
        return told(room, play)
    drawn = play_of(room, desk)
    lay_out(room, desk)
    view = desk_view(desk)
    free = desk.session.second is not None
    names = [one["name"] for one in view["panels"] if one["opened"] or free]
    hinted = [step.what for step in desk.session.steps if step.did == "hinted"]
    return view | {"seen": [panel_view(drawn, name) for name in names], "hinted": hinted}


def go(room: Room, play: str) -> View:
    """Let the clock run."""
    desk = seat(room, play)
    desk.go()
    return desk_view(desk)


def pause(room: Room, play: str) -> View:
    """Stop the clock, in learn mode."""
    desk = seat(room, play)
    desk.pause()
    return desk_view(desk)


def look(room: Room, play: str, panel: str) -> View:
    """Open a panel, by name or number.

    Returns:
        The view of the panel; `desk` holds that of the play.
    """
    desk = seat(room, play)
    name = chosen("panel", desk.case.panel, panel)
    desk.look(name)
    return panel_view(play_of(room, desk), name) | {"desk": desk_view(desk)}


def answer(room: Room, play: str, part: str, said: Any) -> View:
    """Keep one answer; it is on disk when this returns."""
    desk = seat(room, play)
    desk.answer(part, said)
    return desk_view(desk)


def objection(room: Room, play: str, part: str, said: Any) -> str:
    """Say why an answer would be refused, and keep nothing; empty where it would be kept."""
    desk = seat(room, play)
    try:
        answered(desk.case, desk.session.current, part, said)
    except UsageError as wrong:
        return str(wrong)
    return ""


def hint(room: Room, play: str) -> View:
    """Say which panel tells most, in learn mode."""
    desk = seat(room, play)
    text = hint_of(play_of(room, desk), desk.session.opened, desk.minutes_left)
    desk.hint(text)
    return {"kind": "practice_hint", "text": text, "desk": desk_view(desk)}


def lock(room: Room, play: str) -> View:
    """Fix the sheet; the evidence then lies in the folder of the play."""
    desk = seat(room, play)
    desk.lock()
    lay_out(room, desk)
    return desk_view(desk)


def retry(room: Room, play: str) -> View:
    """Begin a second sheet, which is never rated."""
    desk = seat(room, play)
    desk.retry()
    return desk_view(desk)


def reveal(room: Room, play: str) -> View:
    """Score a locked play, keep the score, and tell everything.

    Raises:
        UsageError: While the sheet is open, or if what is sealed is not what was promised.
    """
    desk = seat(room, play)
    desk.demand_locked()
    drawn = play_of(room, desk)
    lay_out(room, desk)
    score = _scored(drawn, desk)
    opening = secret_at(desk.session.terms).opening
    desk.reveal(_finished(desk, drawn, score, instant(room.clock())), opening)
    return _told(desk, drawn, score)


def told(room: Room, play: str) -> View:
    """Tell a play again that was revealed before.

    Raises:
        UsageError: If it was not.
    """
    desk = seat(room, play)
    if desk.session.finished is None:
        raise UsageError(f"play {play} was not revealed. Go on: shipcall practice resume {play}")
    drawn = play_of(room, desk)
    return _told(desk, drawn, _scored(drawn, desk))


def carry(room: Room, play: str, rule: str) -> View:
    """Keep the one rule that a person carries on."""
    desk = seat(room, play)
    desk.carry(rule)
    return {"kind": "practice_rule", "id": play, "rule": rule}


def scripted(room: Room, wish: Wish, script: Mapping[str, Any]) -> View:
    """Play a whole play from a script: `{"look": [panels], "sheet": {…}, "rule": …}`.

    Args:
        room: The room.
        wish: How; it is never rated.
        script: Panels in their order, a sheet as `core.plain` writes it (parts may be called as
            on the screen), and the rule to carry on, each optional.

    Returns:
        The view of `reveal`.

    Raises:
        UsageError: If the script has other keys, or something in it is refused.
    """
    strange = sorted(set(script) - {"look", "sheet", "rule"})
    if strange:
        raise UsageError(f"a script has look, sheet and rule; got {strange[0]!r}.")
    play = start(room, wish)["id"]
    go(room, play)
    parts = {name: part for part, name in FIELDS.items()}
    sheet = {parts.get(name, name): said for name, said in script.get("sheet", {}).items()}
    if "contract" in sheet:
        answer(room, play, "contract", sheet.pop("contract"))
    for panel in script.get("look", []):
        look(room, play, panel)
    for part, said in sheet.items():
        answer(room, play, part, said)
    lock(room, play)
    shown = reveal(room, play)
    if script.get("rule"):
        carry(room, play, str(script["rule"]))
    return shown


def _check(wish: Wish) -> None:
    if wish.extra_time is not None and not 1 <= wish.extra_time <= 10:
        raise UsageError(
            f"extra time is a factor from 1 to 10, or none; got {wish.extra_time:g}. 2 doubles "
            "the clock."
        )
    if wish.seed is not None and wish.seed < 0:
        raise UsageError(f"a seed is a whole number from 0; got {wish.seed}.")
    if wish.mode == "replay":
        raise UsageError("a replay begins from a release of the ledger, not from a case.")


def _from_queue(found: Kept, mode: Mode) -> Case:
    """Take a case by chance, but none of those that came last: half of the shelf rests."""
    shelf = [load_case(slug) for slug in slugs()]
    fit = [case for case in shelf if mode != "spot" or case.spot]
    if not fit:
        raise UsageError("there is no case to play in this mode.")
    last = [one.terms.case for one in found.sessions][::-1]
    resting = set(list(dict.fromkeys(last))[: len(fit) // 2])
    return secrets.choice([case for case in fit if case.slug not in resting] or fit)


def _terms(room: Room, wish: Wish, play: Play) -> Terms:
    case, secret, name = play.case, secret_of(play), new_id(room)
    spot = wish.mode == "spot"
    folder = None if spot else (room.at / PLAYS / name).relative_to(room.root).as_posix()
    return Terms(
        id=name,
        case=case.slug,
        case_digest=case_digest(case),
        mode=wish.mode,
        extra_time=wish.extra_time,
        chosen=wish.case is not None,
        repeat=wish.seed is not None or wish.scripted,
        folder=folder,
        sealed=seal(secret, load_or_create_key(key_path(os.environ))),
        commitment=secret.commitment,
        claim=secrets.choice(case.claim).name if spot and case.claim else None,
    )


def _scored(play: Play, desk: Desk) -> Score:
    session = desk.session
    worlds = CONTRACT_WORLDS if session.sheet.contract is not None else 0
    return score_sheet(play, session.sheet, session.opened, contract_worlds=worlds)


def _finished(desk: Desk, play: Play, score: Score, instant: str) -> Finished:
    session, terms, so = desk.session, desk.session.terms, play.truth
    factor = UNTIMED if terms.extra_time is None else terms.extra_time
    return Finished(
        id=terms.id,
        case=desk.case.id,
        mode=terms.mode,
        at=instant,
        seconds=_locked_at(session),
        minutes=session.minutes,
        extra_time=factor,
        chosen=terms.chosen,
        hints=session.hints,
        repeat=terms.repeat,
        sheet=plain(session.sheet),
        score=plain(score),
        so={
            "state": so.state.name,
            "role": so.state.role,
            "cause": so.state.cause,
            "values": plain(dict(so.values)),
        },
    )


def _locked_at(session: Session) -> float:
    return next(step.seconds for step in session.steps if step.did == "locked")


def _told(desk: Desk, play: Play, score: Score) -> View:
    session = desk.session
    verdict = None if session.terms.mode == "spot" else _verdict(play)
    call = verdict["call"] if verdict else None
    return {
        "kind": "practice_debrief",
        "id": session.terms.id,
        "finished": plain(session.finished),
        "verdict": verdict,
        "debrief": debrief(play, session.account, score, verdict=call),
        "second": _second(play, desk),
        "opening": session.opening,
        "commitment": session.terms.commitment,
    }


def _verdict(play: Play) -> View:
    """What the contract of the case makes of the same files, and the option it stands for."""
    if play.case.stage is None:
        return {"call": None, "option": None, "why": "no contract judges this case"}
    try:
        with tempfile.TemporaryDirectory(prefix="shipcall-") as folder:
            write_files(play, Path(folder))
            call = str(judge_play(play, Path(folder)).facts["call"])
    except ShipcallError as wrong:
        return {"call": None, "option": None, "why": str(wrong)}
    return {"call": call, "option": option_for(play.case, call), "why": ""}


def _second(play: Play, desk: Desk) -> View | None:
    """The second try, scored for comparison; every panel was free to it."""
    sheet = desk.session.second
    if sheet is None:
        return None
    every = [panel.name for panel in desk.case.panel]
    score = score_sheet(play, sheet, every)
    return {
        "option": value_of(sheet, "call"),
        "loss_share": plain(score.decision.loss_share),
        "grade": score.decision.grade,
    }
