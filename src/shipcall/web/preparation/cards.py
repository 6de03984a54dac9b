"""Cards: one at a time, first its front, then its back and four grades."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

from shipcall.app import prepare_cards
from shipcall.core import UsageError
from shipcall.web.page import Action, Asked, Page, View
from shipcall.web.practice.play import lined
from shipcall.web.preparation.desks import desk_of, turn


def cards_twin(root: Path, asked: Asked) -> View:
    """Give what `shipcall practice cards --json` gives."""
    return prepare_cards.cards_view(desk_of(root), interview=_day(asked))


def cards_page(root: Path, asked: Asked) -> View:
    """Show the front of the card that is due first, and its back where it was asked for."""
    view = cards_twin(root, asked)
    due = view["due"]
    names = [one["id"] for one in due]
    shown = asked.get("shown", "")
    here = next((one for one in due if one["id"] == shown), due[0] if due else None)
    sides = prepare_cards.card_view(here["id"]) if here and shown in names else None
    return {
        **view,
        "here": lined(here) if here else None,
        "sides": lined(sides) if sides else None,
        "ready": view["interview"] or "",
        "interview": asked.get("interview", ""),
    }


def grade(root: Path, asked: Asked, form: Mapping[str, str]) -> str:
    """Put down a recall of a card that is due; a second press of the button adds none."""
    del asked
    desk, day = desk_of(root), _day(form)
    with turn():
        due = prepare_cards.cards_view(desk, interview=day)["due"]
        if form["card"] in {one["id"] for one in due}:
            prepare_cards.recalled(desk, form["card"], form["grade"])
    kept = {"interview": form["interview"]} if form.get("interview") else {}
    return "/prepare/cards" + (f"?{urlencode(kept)}" if kept else "")


def _day(asked: Mapping[str, str]) -> date | None:
    text = asked.get("interview", "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text[:40]!r} is no day; write it as 2026-12-20.") from None


PAGES: tuple[Page, ...] = (
    Page(
        path="/prepare/cards",
        title="Cards",
        template="prepare_cards.html.j2",
        view=cards_page,
        twin=cards_twin,
        nav="practice",
    ),
)
ACTIONS: tuple[Action, ...] = (
    Action(path="/prepare/cards/grade", act=grade, fields=("card", "grade")),
)
