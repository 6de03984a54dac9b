"""Exercises that come along, one file for each: found, read and checked the same way."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Generic, TypeVar

from pydantic import ValidationError

from shipcall.core import UsageError
from shipcall.practice.language import Section

Template = TypeVar("Template", bound=Section)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercises(Generic[Template]):
    """One kind of exercise."""

    word: str
    """What one of them is called."""
    prefix: str
    """With which the names of their files begin."""
    shape: type[Template]

    def names(self) -> list[str]:
        """List those that come along, in alphabetical order."""
        found = (entry.name for entry in _folder().iterdir())
        return sorted(name.removesuffix(".toml") for name in found if name.startswith(self.prefix))

    def load(self, name: str) -> Template:
        """Load one by its name.

        Raises:
            UsageError: If there is none of this name, or its file is wrong.
        """
        known = self.names()
        if name not in known:
            raise UsageError(f"no {self.word} {name!r}. There are: {', '.join(known)}.")
        text = (_folder() / f"{name}.toml").read_text(encoding="utf-8")
        return self.read(text, name=name)

    def read(self, text: str, *, name: str) -> Template:
        """Read the file of one.

        Raises:
            UsageError: If it is no TOML, or not of this kind.
        """
        try:
            return self.shape.model_validate(tomllib.loads(text))
        except (tomllib.TOMLDecodeError, ValidationError, KeyError, UsageError) as wrong:
            raise UsageError(f"{name}.toml is no {self.word}: {wrong}") from wrong


def _folder() -> Traversable:
    return files("shipcall.practice") / "exercises"
