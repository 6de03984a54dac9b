"""Frames: frameworks to be filled and checked, rubrics, and the words of these interviews."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shipcall.app import prepare_frames as told
from shipcall.app.prepare import bank
from shipcall.preparation.framework import load_framework
from shipcall.web.address import address_of
from shipcall.web.page import Action, Asked, Page, View
from shipcall.web.practice.play import lined
from shipcall.web.preparation.desks import desk_of, turn, whole

Form = Mapping[str, str]
FRAMEWORK, RUBRIC = "/prepare/framework/{id}", "/prepare/rubric/{id}"
_filled: dict[tuple[Path, str], dict[str, str]] = {}
"""Templates as they were last typed; checking one keeps nothing."""


def frameworks_page(root: Path, asked: Asked) -> View:
    """List the frameworks."""
    del root, asked
    return told.frameworks_view()


def framework_twin(root: Path, asked: Asked) -> View:
    """Give what `shipcall practice frameworks NAME --json` gives."""
    del root
    return told.framework_view(asked["id"])


def framework_page(root: Path, asked: Asked) -> View:
    """Show a framework; beside a template that was filled, what it shows."""
    view = framework_twin(root, asked)
    typed = _filled.get((root, asked["id"])) if "checked" in asked else None
    checked = told.checked(load_framework(asked["id"]), typed) if typed is not None else None
    return {**lined(view), "typed": _texts(typed or {}), "checked": lined(checked)}


def _texts(typed: Mapping[str, str]) -> View:
    return {name: {"text": text} for name, text in typed.items()}


def check(root: Path, asked: Asked, form: Form) -> str:
    """Hold a filled template against the rules of its framework; nothing is kept."""
    name = asked["id"]
    parts = [part.name for part in load_framework(name).part]
    _filled[root, name] = {
        part: form.get(f"part.{part}", "").replace("\r\n", "\n") for part in parts
    }
    return address_of("prepare", "framework", name) + "?checked=1#flags"


def rubrics_page(root: Path, asked: Asked) -> View:
    """List the rubrics."""
    del root, asked
    return told.rubrics_view()


def rubric_twin(root: Path, asked: Asked) -> View:
    """Give what `shipcall practice rubrics NAME --json` gives."""
    return told.rubric_view(desk_of(root), asked["id"])


def rubric_page(root: Path, asked: Asked) -> View:
    """Show the anchors, every level that was found, and the answers one may read."""
    every = bank(desk_of(root))["questions"]
    answered = [one["id"] for one in every if one["answers"]]
    return {**lined(rubric_twin(root, asked)), "answered": answered, "chosen": asked.get("of", "")}


def rated(root: Path, asked: Asked, form: Form) -> str:
    """Put down the level a reader found."""
    places = form.get("because", "").replace(",", " ").split()
    because = [whole(place, what="a sentence") for place in places]
    said = told.Found(form["level"], because, form.get("reader", "self"))
    with turn():
        told.rubric_rated(desk_of(root), asked["id"], form["answer"], said)
    return address_of("prepare", "rubric", asked["id"]) + "#read"


def words_page(root: Path, asked: Asked) -> View:
    """List the words, narrowed by what stands in the address."""
    return told.words_view(desk_of(root), asked)


def keep(root: Path, asked: Asked, form: Form) -> str:
    """Make a word a card."""
    del asked
    with turn():
        told.word_kept(desk_of(root), form["word"])
    return address_of("prepare", "words") + f"#{form['word']}"


def toml_of(fields: Mapping[str, Any]) -> str:
    """Write fields as TOML, strings as JSON writes them, which TOML reads."""
    return "".join(
        f"{name} = {json.dumps(_clean(value), ensure_ascii=False)}\n"
        for name, value in fields.items()
    )


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\x7f", "")
    return value


PAGES: tuple[Page, ...] = (
    Page(
        path="/prepare/frameworks",
        title="Frameworks",
        template="prepare_frameworks.html.j2",
        view=frameworks_page,
        nav="practice",
    ),
    Page(
        path=FRAMEWORK,
        title="{name}",
        template="prepare_framework.html.j2",
        view=framework_page,
        twin=framework_twin,
        nav="practice",
    ),
    Page(
        path="/prepare/rubrics",
        title="Rubrics",
        template="prepare_rubrics.html.j2",
        view=rubrics_page,
        nav="practice",
    ),
    Page(
        path=RUBRIC,
        title="{name}",
        template="prepare_rubric.html.j2",
        view=rubric_page,
        twin=rubric_twin,
        nav="practice",
    ),
    Page(
        path="/prepare/words",
        title="Words",
        template="prepare_words.html.j2",
        view=words_page,
        nav="practice",
    ),
)
ACTIONS: tuple[Action, ...] = (
    Action(path=f"{FRAMEWORK}/check", act=check),
    Action(path=f"{RUBRIC}/rate", act=rated, fields=("answer", "level")),
    Action(path="/prepare/words/keep", act=keep, fields=("word",)),
)
