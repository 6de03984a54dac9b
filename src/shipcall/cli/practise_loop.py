"""The loop of a play: one prompt, short commands, and every answer kept before the next prompt."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from shipcall.app import practise
from shipcall.app.practise_room import Room
from shipcall.cli import practise_screen as screens
from shipcall.cli.practise_asking import ASKING, said_of
from shipcall.cli.practise_debrief import debrief_screens
from shipcall.cli.practise_screen import tell
from shipcall.core import UsageError

View = Mapping[str, Any]

HELP = """\
Look     NUMBER or NAME      open a panel; one you have opened is free
         panels, case        the menu; the case again
Answer   call, causes, claims, forecast, trigger, size, why, estimate, contract FILE
         sheet               what you have said, and what is still open
         40, 40% and 0.4 are the same share; `causes 50 30 20` answers in one line
End      lock                fix the sheet; then: retry (a second sheet, not rated) or reveal
         quit                leave; everything is kept, and the clock goes on
Learn    pause, go, hint     in learn mode only"""


class Loop:
    """One person at one prompt.

    Args:
        room: Where the play is kept.
        view: The desk, as `app.practise` showed it.
        ask: Asks one line; raises click.Abort where there is nobody to answer.
    """

    def __init__(self, room: Room, view: View, ask: Callable[[str], str] | None = None) -> None:
        self.room = room
        self.view: View = screens.shown(view)
        self.over = False
        self._ask = ask or _ask

    @property
    def id(self) -> str:
        """Id of the play."""
        return str(self.view["id"])

    def run(self) -> None:
        """Go on until the play is over or the person leaves. Killing it loses nothing."""
        try:
            while not self.over:
                self._once()
        except click.Abort:
            tell([""])
            self.leave()

    def ask(self, prompt: str) -> str:
        """Ask one line."""
        return self._ask(prompt).strip()

    def see(self, view: View) -> None:
        """Take over a later view of the desk, and say if the clock ran out meanwhile."""
        before = self.view["phase"]
        self.view = screens.shown(view)
        if before == "open" and self.view["phase"] == "locked" and self.view["clock"]["ran_out"]:
            tell(["", "Time is up: the sheet locked as it was. Next: retry or reveal"])

    def leave(self) -> None:
        """Say how to go on."""
        self.over = True
        counts = self.view["phase"] == "open" and self.view["clock"]["left"] is not None
        clock = " The clock goes on counting." if counts else ""
        tell([f"Everything is kept.{clock} Go on: shipcall practice resume {self.id}"])

    def _once(self) -> None:
        self.see(practise.at(self.room, self.id))
        line = self.ask(screens.prompt_of(self.view))
        try:
            self.view = screens.shown(self._started(line))
            self._obey(line)
        except UsageError as wrong:
            tell([*screens.screen().wrap(str(wrong))])

    def _started(self, line: str) -> View:
        """Whatever is said first starts the clock, unless it only asks for something."""
        word = line.split(maxsplit=1)[0].lower() if line else "go"
        if self.view["phase"] != "ready" or word in ("help", "quit", "case", "panels"):
            return dict(self.view)
        view = practise.go(self.room, self.id)
        tell(["The clock runs." if view["clock"]["limit"] else "Take the time you need."])
        return view

    def _obey(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        word = word.lower()
        if not word or (word == "go" and self.view["phase"] != "paused"):
            return
        if word in _COMMANDS:
            _COMMANDS[word](self, rest.strip())
        elif word in ASKING:
            _answer(self, word, rest.strip())
        elif word in {one["name"] for one in self.view["options"]}:
            _answer(self, "call", word)
        else:
            _look(self, line)


def _ask(prompt: str) -> str:
    return str(click.prompt("", prompt_suffix=prompt, default="", show_default=False))


def _look(loop: Loop, rest: str) -> None:
    if not rest:
        tell(screens.menu_lines(loop.view))
        return
    panel = practise.look(loop.room, loop.id, rest)
    tell(["", *screens.panel_lines(screens.shown(panel)), ""])
    loop.see(panel["desk"])


def _answer(loop: Loop, part: str, rest: str) -> None:
    """Ask a part, if it was not said in the same line, and keep it at once."""
    asked = {one["part"]: one for one in loop.view["parts"]}
    if part not in asked:
        raise UsageError(f"{part!r} is not asked here. Asked: {', '.join(asked)}.")
    for said in ASKING[part](loop.ask, loop.view, asked[part], rest):
        loop.see(practise.answer(loop.room, loop.id, part, said))
    tell([f"  {line}" for line in said_of(loop.view, part)])


def _sheet(loop: Loop, rest: str) -> None:
    del rest
    tell(screens.sheet_lines(loop.view))


def _case(loop: Loop, rest: str) -> None:
    del rest
    tell([*screens.case_lines(loop.view), "", *screens.option_lines(loop.view)])


def _help(loop: Loop, rest: str) -> None:
    del rest, loop
    tell([HELP])


def _lock(loop: Loop, rest: str) -> None:
    left = loop.view["unanswered"]
    if left and rest != "now" and loop.view["phase"] in ("open", "retrying"):
        without = " Without a call you lose all that is at stake." if "call" in left else ""
        sure = loop.ask(f"Still open: {', '.join(left)}.{without} Lock it so? [y/N] ")
        if sure.lower() not in ("y", "yes"):
            return
    loop.see(practise.lock(loop.room, loop.id))
    files = f" The evidence lies in {loop.view['folder']}." if loop.view["filed"] else ""
    tell([*screens.screen().wrap(f"Locked.{files} Next: {_next(loop.view)}")])


def _next(view: View) -> str:
    second = "" if view["second"] else "retry (a second sheet, not rated) or "
    return f"{second}reveal"


def _retry(loop: Loop, rest: str) -> None:
    del rest
    loop.see(practise.retry(loop.room, loop.id))
    tell(["Every panel is free now, and no clock runs. Change what you would; then lock again."])


def _reveal(loop: Loop, rest: str) -> None:
    del rest
    told = practise.reveal(loop.room, loop.id)
    loop.see(practise.at(loop.room, loop.id))
    show_told(told, loop.ask if sys.stdin.isatty() else None)
    rule = loop.ask("The one rule you carry on, in your own words (Enter: none): ")
    if rule:
        practise.carry(loop.room, loop.id, rule)
    tell([f"Kept. See it again: shipcall practice resume {loop.id}. Next: shipcall practice"])
    loop.over = True


def _pause(loop: Loop, rest: str) -> None:
    del rest
    loop.see(practise.pause(loop.room, loop.id))
    tell(["Paused: the clock stands still."])


def _go(loop: Loop, rest: str) -> None:
    del rest
    loop.see(practise.go(loop.room, loop.id))


def _hint(loop: Loop, rest: str) -> None:
    del rest
    told = screens.shown(practise.hint(loop.room, loop.id))
    tell(screens.screen().wrap(told["text"]))
    loop.see(told["desk"])


def _contract(loop: Loop, rest: str) -> None:
    file = Path(rest or loop.ask("file of your contract: ")).expanduser()
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        raise UsageError(f"{file} cannot be read as text: {wrong}") from wrong
    loop.see(practise.answer(loop.room, loop.id, "contract", text))
    tell([f"  {line}" for line in said_of(loop.view, "contract")])


def _quit(loop: Loop, rest: str) -> None:
    del rest
    loop.leave()


_COMMANDS: Mapping[str, Callable[[Loop, str], None]] = {
    "look": _look,
    "panels": _look,
    "case": _case,
    "sheet": _sheet,
    "contract": _contract,
    "lock": _lock,
    "retry": _retry,
    "reveal": _reveal,
    "pause": _pause,
    "go": _go,
    "hint": _hint,
    "help": _help,
    "?": _help,
    "quit": _quit,
    "exit": _quit,
}


def show_told(told: View, ask: Callable[[str], str] | None = None) -> None:
    """Print a debrief, and how the seal is checked.

    Args:
        told: What `practise.reveal` or `practise.told` gave.
        ask: Asks one line; where it is given, each screen waits for Enter.
    """
    view, on = screens.shown(told), screens.screen()
    texts = debrief_screens(view["debrief"], width=on.width)
    for n, text in enumerate(texts, 1):
        tell([text, ""])
        if ask is not None and n < len(texts):
            ask(f"[{n} of {len(texts)}, Enter: next] > ")
    if view["second"]:
        second = view["second"]
        lost = f"{second['grade']}; it would have lost {second['loss_share']:.0%} of the stake."
        tell(on.wrap(f"Your second sheet: {second['option'] or 'no call'}, {lost}"))
    tell(["The seal, opened. The SHA-256 of this line stood at the beginning:"])
    tell([view["opening"], view["commitment"], ""])
