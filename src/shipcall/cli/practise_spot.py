"""Spot decisions in the terminal: panels for free, one call, one claim, and what it lost."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from shipcall.app import practise
from shipcall.app.practise_room import Room
from shipcall.cli import practise_screen as screens
from shipcall.cli.practise_loop import Loop
from shipcall.cli.practise_screen import tell
from shipcall.cli.practise_typed import share
from shipcall.core import UsageError

View = Mapping[str, Any]


def spots(room: Room, count: int, extra_time: float | None) -> None:
    """Play some spot decisions, one after the other; what each lost is told after it."""
    lost: list[View] = []
    for number in range(1, count + 1):
        tell(["", f"Spot decision {number} of {count}", ""])
        wish = practise.Wish(mode="spot", extra_time=extra_time)
        told = spot(Loop(room, practise.start(room, wish)))
        if told is None:
            break
        lost.append(told)
    if lost:
        tell(["", *_summary(lost)])


def spot(loop: Loop) -> View | None:
    """Play one; None where the person left in the middle."""
    try:
        if loop.view["phase"] == "ready":
            tell(screens.first_screen(loop.view))
            loop.ask(screens.prompt_of(loop.view))
            loop.see(practise.go(loop.room, loop.id))
        if loop.view["phase"] == "open":
            _panels(loop)
            _sheet(loop)
    except click.Abort:
        tell([""])
        loop.leave()
        return None
    if loop.view["phase"] == "open":
        loop.see(practise.lock(loop.room, loop.id))
    told: View = screens.shown(practise.reveal(loop.room, loop.id))
    tell(["", *_outcome(told), ""])
    return told


def _panels(loop: Loop) -> None:
    for panel in loop.view["panels"]:
        shown = screens.shown(practise.look(loop.room, loop.id, panel["name"]))
        tell(["", *screens.panel_lines(shown)])
    tell(["", *screens.option_lines(loop.view), ""])


def _sheet(loop: Loop) -> None:
    """One call and one claim; whatever comes after the clock ran out is not kept."""
    for part in loop.view["parts"]:
        if part["part"] not in loop.view["unanswered"]:
            continue
        if part["part"] == "call":
            _until(loop, "call", "your call: ", str)
        else:
            (claim,) = part["asked"]
            tell(screens.screen().wrap(claim["title"]))
            _until(loop, "claims", "how likely, in percent: ", _one(claim["name"]))


def _one(name: str) -> Callable[[str], Any]:
    return lambda text: {name: share(text)}


def _until(loop: Loop, part: str, prompt: str, read: Callable[[str], Any]) -> None:
    """Ask until there is an answer, or it is left out, or it is too late."""
    while True:
        loop.see(practise.at(loop.room, loop.id))
        if loop.view["phase"] != "open":
            return
        left = loop.view["clock"]["left"]
        text = loop.ask(f"[{screens.duration(left)}] {prompt}" if left is not None else prompt)
        if not text:
            return
        try:
            loop.see(practise.answer(loop.room, loop.id, part, read(text)))
        except UsageError as wrong:
            tell(screens.screen().wrap(str(wrong)))
            continue
        return


def _outcome(told: View) -> list[str]:
    """What was so, and what the call lost on the panels that were shown."""
    finished = told["finished"]
    made, so = finished["score"]["decision"], finished["so"]
    call = made["option"] or "no call"
    said = f"You: {call}. On these panels it loses {made['as_looked']:.0%} of the stake; on "
    more = f"everything the case knows {made['loss_share']:.0%} (best there: {made['best']})."
    lines = [said + more]
    for claim in finished["score"]["claims"]:
        was = "so" if claim["so"] else "not so"
        lines.append(
            f"The statement was {was}. You said {claim['stated']:.0%}; a careful reader of these "
            f"panels {claim['posterior']:.0%}."
        )
    lines.append(f"What was so: {so['state'].replace('_', ' ')} (cause: {so['cause']}).")
    return [line for text in lines for line in screens.screen().wrap(text)]


def _summary(lost: list[View]) -> list[str]:
    shares = [told["finished"]["score"]["decision"]["as_looked"] for told in lost]
    mean = sum(shares) / len(shares)
    return screens.screen().wrap(
        f"{len(shares)} spot decisions; on the panels shown you lost {mean:.0%} of the stake on "
        "average. So few say little about you. See one again: shipcall practice resume "
        f"{lost[-1]['id']}"
    )
