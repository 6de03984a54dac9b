"""Going through the diagnostic in the terminal, part by part, until it is through or left."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from shipcall.app import prepare_diagnostic as told
from shipcall.app.practise_room import open_room
from shipcall.cli import prepare_plan_screen as screens
from shipcall.cli.practise_loop import Loop
from shipcall.cli.practise_screen import tell
from shipcall.cli.practise_spot import spot
from shipcall.cli.practise_typed import share
from shipcall.core import UsageError

View = Mapping[str, Any]


def given(
    place: Path, *, option: str | None, chance: str | None, grade: str | None, weak: int | None
) -> View | None:
    """Answer one part from options; None: none was given.

    Raises:
        UsageError: If the options answer no part, or not the one that comes next.
    """
    if option is not None:
        if chance is None:
            raise UsageError("a spot decision is a call and a chance: --call NAME --chance 60")
        return told.spot_answered(place, option, share(chance))
    if chance is not None:
        return told.claim_answered(place, share(chance))
    if grade is not None:
        return told.card_answered(place, grade)
    return told.told_apart(place, weak) if weak is not None else None


def gone_through(place: Path, view: View) -> View:
    """Ask part after part; whoever leaves goes on later where it stopped."""
    try:
        while view["phase"] in _ASK:
            if not _ASK[view["phase"]](place, view):
                break
            view = told.diagnostic_view(place)
    except click.Abort:
        tell(["", "Kept so far. Go on: shipcall practice diagnostic"])
    return told.diagnostic_view(place)


def _spot(place: Path, view: View) -> bool:
    done, of = view["done"]["spots"]
    tell(["", f"Spot decision {done + 1} of {of}", ""])
    return spot(Loop(open_room(place), told.spot_begun(place))) is not None


def _claim(place: Path, view: View) -> bool:
    done, of = view["done"]["claims"]
    tell(["", f"Claim {done + 1} of {of}", *screens.flowing(view["next"]["says"], indent=2)])
    return _kept(lambda text: told.claim_answered(place, share(text)), "how likely, in percent")


def _card(place: Path, view: View) -> bool:
    done, of = view["done"]["cards"]
    tell(["", f"Card {done + 1} of {of}", *screens.flowing(view["next"]["front"], indent=2)])
    click.prompt("say it, then press enter", default="", show_default=False)
    tell(screens.flowing(told.back_of(view["next"]["id"]), indent=2))
    return _kept(lambda text: told.card_answered(place, text), "again, hard, good or easy")


def _apart(place: Path, view: View) -> bool:
    tell(screens.apart_lines(view["next"]))
    return _kept(lambda text: told.told_apart(place, _whole(text)), "which one is weak, 1 or 2")


def _whole(text: str) -> int:
    return int(text) if text.strip() in {"1", "2"} else 0


def _kept(keep: Any, asks: str) -> bool:
    """Ask until there is an answer that can be kept."""
    while True:
        try:
            keep(click.prompt(asks))
        except UsageError as wrong:
            tell(screens.flowing(str(wrong)))
        else:
            return True


_ASK = {"spots": _spot, "claims": _claim, "cards": _card, "apart": _apart}
