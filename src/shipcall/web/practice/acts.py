"""Acts: what the forms of practice do. Whatever stands in the sheet is kept before anything else.

A part that is no answer yet goes back to the page as it was typed, in the address; the page says
what is wrong with it. Nothing typed is lost, with or without JavaScript.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from shipcall.app import practise
from shipcall.core import UsageError
from shipcall.web.address import address_of
from shipcall.web.page import Action, Asked, View
from shipcall.web.practice.fields import Form, answers_of, fields_of
from shipcall.web.practice.halls import Hall, hall_of

ROUND = ("of", "round")
"""What a round of spot decisions carries along: how many, and those that were played."""
TIMES: Mapping[str, float | None] = {"1": 1.0, "1.5": 1.5, "2": 2.0, "none": None}
MODES = ("stress", "learn", "spot")
_LONG = ("why", "contract")
"""Parts whose text is too long for an address."""

Do = Callable[[Hall, str, Form], Any]


def begin(root: Path, asked: Asked, form: Form) -> str:
    """Draw a case and begin a play of it."""
    del asked
    hall = hall_of(root)
    mode = "spot" if form.get("of") else form.get("mode", "stress")
    if mode not in MODES:
        raise UsageError(f"there is no mode {mode!r}. Modes: {', '.join(MODES)}.")
    if form.get("time", "1") not in TIMES:
        raise UsageError(f"extra time is one of {', '.join(TIMES)}; got {form['time']!r}.")
    wish = practise.Wish(
        case=form.get("case") or None,
        mode=mode,  # type: ignore[arg-type]  # one of MODES
        extra_time=TIMES[form.get("time", "1")],
    )

    def work() -> str:
        play = practise.start(hall.room, wish)["id"]
        return play_address(play, form)

    return hall.job("Drawing a case", "/practice", work, back="/practice")


def play_address(play: str, carried: Mapping[str, str], *more: str, **query: str) -> str:
    """Give the address of a play, with the round it belongs to.

    Args:
        play: Its id.
        carried: Where the round stands: a form, or what was asked.
        more: Parts of the address after the id.
        query: What else is asked.
    """
    kept = {name: carried[name] for name in ROUND if carried.get(name)} | query
    return address_of("practice", "play", play, *more) + (f"?{urlencode(kept)}" if kept else "")


def save(hall: Hall, play: str, form: Form) -> dict[str, str]:
    """Keep what was touched, part by part.

    Returns:
        Fields that are no answers yet, as they were typed.
    """
    view = practise.at(hall.room, play)
    if view["phase"] not in ("open", "retrying"):
        return {}
    read = answers_of(view, form)
    refused = set(read.refused)
    for part, said in read.said.items():
        try:
            practise.answer(hall.room, play, part, said)
        except UsageError:
            if part in _LONG or practise.at(hall.room, play)["phase"] == "locked":
                raise
            refused.add(part)
    parts = [part for part in view["parts"] if part["part"] in refused]
    return {name: form[name] for part in parts for name in fields_of(part) if name in form}


def _then(do: Do, *, anchor: str = "", lax: bool = False) -> Callable[[Path, Asked, Form], str]:
    """Keep the sheet, then do something; lax: even where a part is no answer yet."""

    def act(root: Path, asked: Asked, form: Form) -> str:
        hall, play = hall_of(root), asked["play"]
        with hall.turn(play):
            typed = save(hall, play, form)
            if typed and not lax:
                return play_address(play, form, lock="not", **typed) + "#kept"
            query = do(hall, play, form) or {}
        return play_address(play, form, **typed, **query) + anchor

    return act


def _save(hall: Hall, play: str, form: Form) -> None:
    del hall, play, form


def _go(hall: Hall, play: str, form: Form) -> None:
    del form
    practise.go(hall.room, play)


def _pause(hall: Hall, play: str, form: Form) -> None:
    del form
    practise.pause(hall.room, play)


def _hint(hall: Hall, play: str, form: Form) -> None:
    del form
    practise.hint(hall.room, play)


def _look(hall: Hall, play: str, form: Form) -> dict[str, str]:
    return {"panel": practise.look(hall.room, play, form.get("panel", ""))["name"]}


def _lock(hall: Hall, play: str, form: Form) -> dict[str, str]:
    """Lock; where parts are open, ask once more."""
    view = practise.at(hall.room, play)
    if view["unanswered"] and form.get("sure") != "yes":
        return {"lock": "sure"}
    practise.lock(hall.room, play)
    return {}


def _retry(hall: Hall, play: str, form: Form) -> None:
    del form
    practise.retry(hall.room, play)


def reveal(root: Path, asked: Asked, form: Form) -> str:
    """Open the truth: score the play, and tell it back."""
    hall, play = hall_of(root), asked["play"]
    target = play_address(play, form, "debrief")
    return hall.job("Scoring your call", target, lambda: _opened(hall, play), back="")


def finish(root: Path, asked: Asked, form: Form) -> str:
    """Keep, lock and reveal at once: a spot decision."""
    hall, play = hall_of(root), asked["play"]
    with hall.turn(play):
        typed = save(hall, play, form)
        if typed:
            return play_address(play, form, lock="not", **typed) + "#kept"
        if practise.at(hall.room, play)["phase"] == "open":
            practise.lock(hall.room, play)
    return reveal(root, asked, form)


def _opened(hall: Hall, play: str) -> None:
    with hall.turn(play):
        practise.reveal(hall.room, play)
        hall.view(play)


def carry(root: Path, asked: Asked, form: Form) -> str:
    """Keep the one rule that is carried on."""
    hall_of(root).carry(asked["play"], " ".join(form["rule"].split()))
    return play_address(asked["play"], form, "debrief") + "#carry"


def _action(name: str, act: Callable[[Path, Asked, Form], str], *fields: str) -> Action:
    return Action(path=f"/practice/play/{{play}}/{name}", act=act, fields=fields)


ACTIONS: tuple[Action, ...] = (
    Action(path="/practice/start", act=begin),
    _action("go", _then(_go)),
    _action("pause", _then(_pause, lax=True)),
    _action("hint", _then(_hint, anchor="#hints", lax=True)),
    _action("look", _then(_look, anchor="#panels", lax=True), "panel"),
    _action("save", _then(_save, anchor="#kept", lax=True)),
    _action("lock", _then(_lock, anchor="#kept")),
    _action("retry", _then(_retry)),
    _action("reveal", reveal),
    _action("finish", finish),
    _action("carry", carry, "rule"),
)
"""Everything that writes."""


def refusals(hall: Hall, view: View, asked: Asked) -> tuple[dict[str, str], dict[str, str]]:
    """Say again what was refused, from what was typed: part -> why, and field -> text."""
    typed = {
        name: asked[name] for part in view["parts"] for name in fields_of(part) if name in asked
    }
    if not typed:
        return {}, {}
    read = answers_of(view, typed)
    why = dict(read.refused)
    for part, said in read.said.items():
        told = practise.objection(hall.room, view["id"], part, said)
        if told:
            why[part] = told
    return why, typed
