"""Shelves: a folder of cases made from the tiny one, in place of those that come along.

States of these cases have names and sentences that stand nowhere else, so that a leak is found
by looking for them.
"""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from practice.tiny import tiny
from shipcall.practice import shelf
from shipcall.practice.language import Case

SECRET_WORDS = ("quagga", "okapi", "numbat")
"""In the name and the title of each state."""


def hidden(**changes: Any) -> dict[str, Any]:
    """The tiny case with states that nothing else is called like."""
    form = tiny(**{"stage": "gate"} | changes).model_dump(mode="json", exclude_none=True)
    for state, word in zip(form["state"], SECRET_WORDS, strict=True):
        state["name"] = f"state_{word}"
        state["title"] = f"The {word} is so."
    return form


def toml(form: dict[str, Any]) -> str:
    """Write a plain form as TOML: one key a line, everything below it inline."""
    return "".join(f"{name} = {_inline(value)}\n" for name, value in form.items())


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        inner = ", ".join(f"{json.dumps(key)} = {_inline(one)}" for key, one in value.items())
        return f"{{{inner}}}"
    if isinstance(value, list):
        return f"[{', '.join(_inline(one) for one in value)}]"
    return json.dumps(value)


def write_shelf(folder: Path, *forms: dict[str, Any]) -> Path:
    """Write cases below a folder, each in a folder of its slug."""
    for form in forms:
        place = folder / "cases" / str(form["slug"])
        place.mkdir(parents=True)
        (place / shelf.CASE).write_text(toml(form), encoding="utf-8")
    return folder / "cases"


def tiny_forms() -> list[dict[str, Any]]:
    """Two cases that differ in name alone."""
    second = copy.deepcopy(hidden())
    return [hidden(), second | {"id": "C98", "slug": "tinier", "title": "A tinier release"}]


def use_shelf(folder: Path, monkeypatch: pytest.MonkeyPatch, *forms: dict[str, Any]) -> None:
    """Let practice take its cases from here for one test."""
    made = write_shelf(folder, *(forms or tiny_forms()))
    monkeypatch.setattr(shelf, "_shelf", lambda: made)
    shelf.load_case.cache_clear()


def case_of(form: dict[str, Any]) -> Case:
    """Read a form as the shelf would."""
    return shelf.read_case(toml(form), name=str(form["slug"]))
