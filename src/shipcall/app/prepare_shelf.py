"""Shelf of preparing: today's work, what there is, how far one is with it, and what waits."""

from pathlib import Path
from typing import Any

from shipcall.app.prepare import Desk, bank, desk_at, lessons_view
from shipcall.app.prepare_cards import cards_view
from shipcall.app.prepare_forms import forms_kept
from shipcall.app.prepare_loops import rehearsal_view
from shipcall.app.prepare_plan import today_view
from shipcall.preparation.diary import BEGUN, REHEARSED

View = dict[str, Any]


def preparing(place: Path) -> View:
    """Show today's work, count what was done of each kind, and name what waits.

    What waits are cards that are due and answers nobody read. No number says how ready somebody is.

    Args:
        place: Folder in a workspace.
    """
    desk = desk_at(place)
    lessons, cards, asked = lessons_view(desk)["lessons"], cards_view(desk), bank(desk)
    return {
        "kind": "preparing",
        "plan": _today(place, desk),
        "questions": {
            "count": asked["count"],
            "answered": sum(one["answers"] > 0 for one in asked["questions"]),
        },
        "unread": _unread(desk),
        "lessons": {
            "count": len(lessons),
            "read": sum(one["read"] for one in lessons),
            "next": next((_named(one) for one in lessons if not one["read"]), None),
        },
        "cards": {"due": len(cards["due"]), "known": cards["known"], "all": cards["all"]},
        "forms": {"answered": len(forms_kept(desk))},
        "rehearsal": _rehearsal(desk),
    }


def _today(place: Path, desk: Desk) -> View | None:
    """Today's work; None: nobody named a company and a day yet."""
    diary = desk.diary
    if diary is None or not any(diary.of(BEGUN)):
        return None
    return {name: part for name, part in today_view(place).items() if name != "kind"}


def _named(lesson: View) -> View:
    return {name: lesson[name] for name in ("number", "slug", "title")}


def _unread(desk: Desk) -> list[str]:
    """Questions whose newest answer nobody read, the oldest first."""
    diary = desk.diary
    if diary is None:
        return []
    newest = {one.answer.question: one.answer.digest for one in diary.answers()}
    read = {one.answer for one in diary.readings()}
    return [name for name, digest in newest.items() if digest not in read]


def _rehearsal(desk: Desk) -> View | None:
    """How far the newest rehearsal is; None: there is none."""
    diary = desk.diary
    if diary is None or not any(diary.of(REHEARSED)):
        return None
    view = rehearsal_view(desk)
    asked = [one for part in view["rounds"] for one in part["questions"]]
    return {
        "id": view["id"],
        "company": view["company"],
        "questions": len(asked),
        "answered": sum(one["answered"] for one in asked),
        "read": sum(one["read"] for one in asked),
    }
