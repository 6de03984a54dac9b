"""Lessons: what is asked before the text, then the text with its numbers, knobs and cards.

Guesses, knobs and seed stand in the address, so a link is an experiment; looking keeps nothing.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from shipcall.app import prepare
from shipcall.web.address import address_of
from shipcall.web.page import Action, Asked, Page, View
from shipcall.web.practice.play import lined
from shipcall.web.preparation.desks import ahead, desk_of, number, turn, whole
from shipcall.web.preparation.prose import rendered

Form = Mapping[str, str]
LESSON = "/prepare/lesson/{slug}"
_GUESS, _SET = "guess.", "set."


def lessons_page(root: Path, asked: Asked) -> View:
    """List the lessons and which were read."""
    del asked
    return prepare.lessons_view(desk_of(root))


def lesson_twin(root: Path, asked: Asked) -> View:
    """Give what `shipcall practice lesson NAME --json` gives, and keep nothing."""
    seed = asked.get("seed", "").strip()
    return prepare.lesson_told(
        desk_of(root),
        asked["slug"],
        guesses=_numbers(asked, _GUESS),
        turned=_turned(asked),
        seed=whole(seed, what="seed") if seed else None,
        keep=False,
    )


def lesson_page(root: Path, asked: Asked) -> View:
    """Show what is asked first, or the lesson with the numbers of its lab."""
    begun = prepare.lesson_begun(asked["slug"])
    read = {one["slug"] for one in prepare.lessons_view(desk_of(root))["lessons"] if one["read"]}
    around = {"heading": begun["title"], "done": begun["slug"] in read}
    if not asked.get("told"):
        return {**begun, **around}
    told = lesson_twin(root, asked)
    return {
        **lined(told),
        **around,
        "knobs": begun["knobs"],
        "values": told["knobs"],
        "seed": str(told["seed"]),
        "kept": {name: text for name, text in asked.items() if name.startswith(_GUESS)},
        "turned": _turned(asked),
    }


def lesson_pieces(view: View) -> Mapping[str, Any]:
    """Write the text as HTML, and say where it leads."""
    told: dict[str, Any] = {"do": address_of("prepare", "lesson", view["slug"])}
    if view["kind"] == "lesson":
        text = view["text"]["text"] if isinstance(view["text"], Mapping) else view["text"]
        told |= {"prose": rendered(text), "ahead": ahead(view["practise"])}
    return told


def guess(root: Path, asked: Asked, form: Form) -> str:
    """Keep the guesses, and with them that the lesson was read."""
    expected = _numbers(form, _GUESS)
    with turn():
        prepare.lesson_told(desk_of(root), asked["slug"], guesses=expected)
    typed = {f"{_GUESS}{name}": f"{value:.12g}" for name, value in expected.items()}
    return f"{address_of('prepare', 'lesson', asked['slug'])}?{urlencode({'told': 1, **typed})}"


def _numbers(fields: Mapping[str, str], begins: str) -> dict[str, float]:
    return {
        name.removeprefix(begins): number(text, what=name.removeprefix(begins))
        for name, text in fields.items()
        if name.startswith(begins) and text.strip()
    }


def _turned(asked: Asked) -> dict[str, float]:
    """Knobs that are not at their default: only those were turned."""
    given = _numbers(asked, _SET)
    knobs = prepare.lesson_begun(asked["slug"])["knobs"]
    return {
        name: value
        for name, value in given.items()
        if name not in knobs or value != knobs[name]["default"]
    }


PAGES: tuple[Page, ...] = (
    Page(
        path="/prepare/lessons",
        title="Lessons",
        template="prepare_lessons.html.j2",
        view=lessons_page,
        nav="practice",
    ),
    Page(
        path=LESSON,
        title="{heading}",
        template="prepare_lesson.html.j2",
        view=lesson_page,
        twin=lesson_twin,
        more=lesson_pieces,
        nav="practice",
    ),
)
ACTIONS: tuple[Action, ...] = (Action(path=f"{LESSON}/guess", act=guess),)
