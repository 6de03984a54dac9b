"""Vocabulary: the words of these interviews, with what we mean by each and what to mind.

Some are used with no agreed meaning; those are ours, and say so. A word somebody wants to keep
becomes a card, asked again when it is about to be forgotten.
"""

import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Annotated

from pydantic import Field, model_validator

from shipcall.core import UsageError
from shipcall.preparation.lesson import Card
from shipcall.preparation.material import Material, Slug, Text

CARD = "word-"
"""Before the id of a word, so that no card of a lesson shares it."""


class Word(Material):
    """One word."""

    id: Slug
    term: Text
    """As people say it."""
    says: Text
    """What we mean by it."""
    mind: str = ""
    """What is often mistaken about it."""
    ours: bool = False
    """Nobody agreed on a meaning: this one is ours."""
    glossary: str = ""
    """The product's own word for it, in its glossary."""

    @property
    def card(self) -> Card:
        """The word as a card: the term in front, what it means behind."""
        front = f"What do we mean by {self.term}?"
        return Card(id=f"{CARD}{self.id}", front=front, back=f"{self.says} {self.mind}".strip())


class Vocabulary(Material):
    """All words, in the order of their file."""

    word: Annotated[tuple[Word, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _words_differ(self) -> "Vocabulary":
        for names in ([one.id for one in self.word], [one.term.lower() for one in self.word]):
            twice = [name for name in names if names.count(name) > 1]
            if twice:
                raise ValueError(f"{twice[0]!r} stands there twice")
        return self


@lru_cache(maxsize=1)
def vocabulary() -> tuple[Word, ...]:
    """Give every word that comes along."""
    text = (files("shipcall.preparation") / "words.toml").read_text(encoding="utf-8")
    return Vocabulary.model_validate(tomllib.loads(text)).word


def find_word(told: str) -> Word:
    """Find a word by its id or as people say it.

    Raises:
        UsageError: If it is not there; words that hold what was said are named.
    """
    wanted = told.strip().lower()
    for one in vocabulary():
        if wanted in (one.id, one.term.lower(), one.card.id):
            return one
    near = [one.term for one in vocabulary() if wanted and wanted in one.term.lower()]
    hint = f"Did you mean {', '.join(near)}?" if near else "`shipcall practice words` lists them."
    raise UsageError(f"no word {told!r}. {hint}")
