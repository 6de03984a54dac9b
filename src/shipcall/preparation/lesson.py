"""Lesson: ten minutes of text whose numbers are computed, each time, by the lab beside it.

A lesson is a Markdown file with a TOML head between two lines of `+++`. Its text holds no digits:
a number is a placeholder, filled from the knobs of the lab or from what the lab gives. So a
lesson cannot say what its lab does not show, and a reader who turns a knob reads the same lesson
about another world.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated

import numpy as np
from pydantic import Field, ValidationError, model_validator

from shipcall.core import UsageError
from shipcall.preparation.material import Material, Slug, Text, Wish

SEED = 20_261_121
"""Of the numbers that stand in a lesson unless a reader asks for others."""
_FENCE = "+++\n"
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Knob(Material):
    """A number that the reader may choose."""

    says: Text
    """What it is, with its unit."""
    default: float
    low: float
    high: float

    @model_validator(mode="after")
    def _in_order(self) -> "Knob":
        if not self.low <= self.default <= self.high:
            raise ValueError("the default lies between low and high")
        return self


class Guess(Material):
    """A number of the lab that the reader states before seeing it."""

    asks: Text
    of: Name
    """Which number of the lab."""


class Card(Material):
    """A concept to be recalled, scheduled like a vocabulary card."""

    id: Slug
    front: Text
    back: Text


class Lesson(Material):
    """One lesson, without its text."""

    number: Annotated[int, Field(ge=1)]
    slug: Slug
    title: Text
    module: Text
    minutes: Annotated[int, Field(ge=1, le=20)]
    goal: Text
    """What a reader can do afterwards that was not possible before."""
    covers: Annotated[tuple[Wish, ...], Field(min_length=1)]
    knobs: dict[Name, Knob]
    guess: Annotated[tuple[Guess, ...], Field(min_length=1)]
    card: Annotated[tuple[Card, ...], Field(min_length=3)]
    practise: Text
    """Where to go from here: a case, an exercise, a study or a command."""
    text: Text
    """Markdown with placeholders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A lesson with its numbers."""

    lesson: Lesson
    seed: int
    knobs: Mapping[str, float]
    numbers: Mapping[str, float]
    text: str
    """Markdown; every placeholder is filled."""


def lesson_slugs() -> list[str]:
    """List the lessons in their order."""
    names = (entry.name for entry in _folder().iterdir() if entry.name.endswith(".md"))
    return sorted(name.removesuffix(".md") for name in names)


@lru_cache(maxsize=64)
def load_lesson(name: str) -> Lesson:
    """Load a lesson by its slug, its number or the name of its file.

    Raises:
        UsageError: If there is none, or its file is wrong.
    """
    wanted = [
        slug
        for slug in lesson_slugs()
        if name in (slug, slug[3:]) or (name.isdecimal() and int(slug[:2]) == int(name))
    ]
    if not wanted:
        raise UsageError(f"no lesson {name!r}. `shipcall practice lesson` lists them.")
    text = (_folder() / f"{wanted[0]}.md").read_text(encoding="utf-8")
    found = read_lesson(text, name=wanted[0])
    if wanted[0] != f"{found.number:02d}-{found.slug}":
        raise UsageError(f"{wanted[0]}.md says that it is {found.number:02d}-{found.slug}.")
    return found


def read_lesson(text: str, *, name: str) -> Lesson:
    """Read the file of a lesson.

    Raises:
        UsageError: If it has no head, or is no lesson.
    """
    before, head, body = [*text.split(_FENCE, 2), "", ""][:3]
    if before or not body:
        raise UsageError(f"{name}.md: expected a head in TOML between two lines of +++.")
    try:
        return Lesson.model_validate({**tomllib.loads(head), "text": body.strip()})
    except (tomllib.TOMLDecodeError, ValidationError) as wrong:
        raise UsageError(f"{name}.md is no lesson: {wrong}") from wrong


def tell(lesson: Lesson, *, seed: int = SEED, turned: Mapping[str, float] | None = None) -> Told:
    """Run the lab of a lesson and fill its numbers into the text.

    Args:
        lesson: From `load_lesson`.
        seed: Where the chance of the lab comes from.
        turned: Knobs that are not at their default.

    Raises:
        UsageError: If a knob is not there, or turned too far.
    """
    knobs = {name: knob.default for name, knob in lesson.knobs.items()}
    for name, value in (turned or {}).items():
        knob = lesson.knobs.get(name)
        if knob is None:
            raise UsageError(f"no knob {name!r}. There are: {', '.join(knobs) or 'none'}.")
        if not knob.low <= value <= knob.high:
            raise UsageError(f"{name} goes from {knob.low:g} to {knob.high:g}, not {value:g}.")
        knobs[name] = value
    lab = import_module(f"shipcall.preparation.labs.{lesson.slug.replace('-', '_')}").lab
    numbers: Mapping[str, float] = lab(np.random.default_rng(seed), **knobs)
    text = filled(lesson.text, {**knobs, **numbers})
    return Told(lesson=lesson, seed=seed, knobs=knobs, numbers=numbers, text=text)


_PLACE = re.compile(r"\{(?P<name>[a-z][a-z0-9_]*)(?::(?P<digits>[0-9]))?\}")


def filled(text: str, numbers: Mapping[str, float]) -> str:
    """Put numbers into a text: `{rows}` in whole numbers, `{share:1}` with so many digits.

    Raises:
        UsageError: If a number is not there.
    """

    def fill(found: re.Match[str]) -> str:
        name, digits = found["name"], int(found["digits"] or 0)
        if name not in numbers:
            raise UsageError(f"the lab gives no {name!r}. It gives: {', '.join(sorted(numbers))}.")
        return f"{numbers[name]:,.{digits}f}".replace("-", "\N{MINUS SIGN}")

    return _PLACE.sub(fill, text)


def _folder() -> Traversable:
    return files("shipcall.preparation") / "lessons"
