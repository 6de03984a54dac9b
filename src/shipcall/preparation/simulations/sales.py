"""Sales: what a model can and cannot do, told in a minute from a sheet with intervals.

What is checked is what stands in the text: numbers that are not on the sheet, a value without its
range beside it, the slice that is left out, promises, words of the trade, and length. Whether it
would help a seller, people read against criteria, as with a question.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Annotated

import numpy as np
from pydantic import Field, model_validator

from shipcall.core import Absent, Tails, UsageError
from shipcall.practice.scoring.signs import says, sentences
from shipcall.preparation.forms.portfolio import PositiveRange
from shipcall.preparation.material import Material, Slug, Text
from shipcall.preparation.question import Criterion, load_question
from shipcall.stats.proportions import wilson

MINUTES = 5.0
"""To write it; to say it, one."""
PACE = 150
"""Words that a calm speaker says in a minute; our assumption."""
LONGEST = 10_000
"""Characters of a text."""
READ_AS = "limits-to-sales-in-a-minute"
"""Question whose criteria a reader holds the text against."""
RULES = {
    "not-on-the-sheet": "This number stands nowhere on the sheet.",
    "without-its-range": "The number is said as if it were exact: give both ends beside it.",
    "weakest-left-out": "The slice that hurts most is not told.",
    "promised": "It promises what nothing can keep.",
    "unknown-as-known": "There is too little data to say this.",
    "unknown-left-out": "What nobody knows is not told; the customer will ask.",
    "no-fallback": "What the customer gets when it fails is not told.",
    "word-of-the-trade": "A seller cannot repeat this word.",
    "too-long": f"It takes longer than a minute at {PACE} words.",
}
"""What is asked, and why."""
TRADE = (
    "precision",
    "recall",
    "f1",
    "auc",
    "calibrat",
    "embedding",
    "transformer",
    "fine-tun",
    "llm",
    "inference",
    "confidence interval",
    "statistically",
    "p-value",
    "latency",
    "hyperparameter",
    "distribution shift",
    "drift",
    "eval",
    "benchmark",
)
PROMISES = (
    "guarantee",
    "always",
    "never wrong",
    "never fails",
    "every time",
    "flawless",
    "perfect",
    "state-of-the-art",
    "learns by itself",
    "gets better with every",
    "will keep improving",
)
_DENIED = (
    "not ",
    "no ",
    "n't",
    "n\u2019t",
    "cannot",
    "never promise",
    "too few",
    "unknown",
    "nobody",
    "don\u2019t",
)
_FAILS = ("wrong", "fail", "unsure", "not sure", "not understood", "mistake", "miss")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


class FactShape(Material):
    """One line of a sheet, before its numbers are drawn."""

    id: Slug
    says: Text
    share: PositiveRange
    units: PositiveRange
    weak: bool = False


class Unknown(Material):
    """Something of which there is too little data."""

    says: Text
    words: Annotated[tuple[Text, ...], Field(min_length=1)]


class Scene(Material):
    """A product, with what sales wants to know."""

    id: Slug
    title: Text
    story: Text
    unit: Text
    unknown: Unknown
    fallback: Text
    fact: Annotated[tuple[FactShape, ...], Field(min_length=2)]

    @model_validator(mode="after")
    def _one_is_weakest(self) -> "Scene":
        if sum(one.weak for one in self.fact) != 1:
            raise ValueError("one fact is the weakest")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One line of a sheet; a 95 % score interval, in whole numbers of 100."""

    id: str
    says: str
    value: int
    low: int
    high: int
    n: int
    weak: bool

    @property
    def numbers(self) -> tuple[int, int, int, int]:
        """What may be said of it in digits."""
        return self.value, self.low, self.high, self.n


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A drawn sheet: no number stands for two things on it."""

    seed: int
    scene: Scene
    facts: tuple[Fact, ...]

    @property
    def numbers(self) -> frozenset[int]:
        """Every number that may be said."""
        told = f"{self.scene.unknown.says} {self.scene.fallback} {self.scene.unit} 60"
        others = [int(one) for one in _NUMBER.findall(told)]
        return frozenset(
            others + [n for one in self.facts for n in (one.value, one.low, one.high, one.n)]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesFlag:
    """One thing a listener could be misled by."""

    rule: str
    quote: str
    """The sentence; empty: something is not there."""
    about: str
    """The number, word or fact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesScore:
    """What stands in a text. No sum of it is made."""

    words: int
    seconds: float
    """To say it."""
    flags: tuple[SalesFlag, ...]
    told: tuple[str, ...]
    """Facts that were told with their range."""


@lru_cache(maxsize=1)
def scenes() -> tuple[Scene, ...]:
    """Load the products that come along."""
    text = (files("shipcall.preparation.simulations") / "sales.toml").read_text(encoding="utf-8")
    return tuple(Scene.model_validate(one) for one in tomllib.loads(text)["scene"])


def criteria() -> tuple[Criterion, ...]:
    """Give what a reader holds the text against."""
    return load_question(READ_AS).criteria


def draw_sheet(seed: int) -> Sheet:
    """Draw a sheet; the same seed, the same sheet.

    Args:
        seed: Where chance comes from, 0 or more.
    """
    rng = np.random.default_rng([seed, *b"sales"])
    every = scenes()
    scene = every[int(rng.integers(len(every)))]
    while True:
        facts = tuple(_drawn(one, rng) for one in scene.fact)
        sheet = Sheet(seed=seed, scene=scene, facts=facts)
        said = [n for one in facts for n in one.numbers]
        weakest = min(facts, key=lambda one: one.value)
        if len(set(said)) == len(said) and weakest.weak and 100 not in said:
            return sheet


def _drawn(one: FactShape, rng: np.random.Generator) -> Fact:
    units = int(rng.integers(round(one.units[0]), round(one.units[1]) + 1))
    right = int(rng.binomial(units, rng.uniform(*one.share)))
    found = wilson(right, units, Tails(0.025, 0.025))
    if isinstance(found, Absent):
        raise TypeError(f"{one.id}: {found}")
    low, value, high = (round(100 * end) for end in (found.low, found.value, found.high))
    return Fact(id=one.id, says=one.says, value=value, low=low, high=high, n=units, weak=one.weak)


def score_text(sheet: Sheet, text: str) -> SalesScore:
    """Say where a text goes beyond its sheet, and what it leaves out.

    Args:
        sheet: What is known.
        text: What would be said to sales.

    Raises:
        UsageError: If nothing was written, or more than anybody says.
    """
    spoken = list(sentences(text))
    if not spoken:
        raise UsageError("nothing was written. Write what you would say to sales in a minute.")
    if len(text) > LONGEST:
        raise UsageError(f"a text has at most {LONGEST:,} characters; this one has {len(text):,}.")
    count = len(text.split())
    flags = [*_numbers(sheet, spoken), *_left_out(sheet, spoken), *_words(spoken)]
    if count > PACE:
        flags.append(SalesFlag(rule="too-long", quote="", about=f"{count} words"))
    told = [
        one.id for one in sheet.facts if any(_ranged(one, spoken, at) for at in _said(one, spoken))
    ]
    return SalesScore(words=count, seconds=60 * count / PACE, flags=tuple(flags), told=tuple(told))


def _found(sentence: str) -> list[int | None]:
    """The numbers of a sentence; None for one that is not whole."""
    return [int(one) if one.isdecimal() else None for one in _NUMBER.findall(sentence)]


def _said(fact: Fact, spoken: Sequence[str]) -> list[int]:
    """Places of the sentences that say the value of a fact, or an end of its range."""
    mine = {fact.value, fact.low, fact.high}
    return [at for at, one in enumerate(spoken) if mine & set(_found(one))]


def _ranged(fact: Fact, spoken: Sequence[str], at: int) -> bool:
    """Do both ends stand in the sentence, or beside it?"""
    near = [number for one in spoken[max(0, at - 1) : at + 2] for number in _found(one)]
    return fact.low in near and fact.high in near


def _numbers(sheet: Sheet, spoken: Sequence[str]) -> Iterator[SalesFlag]:
    known = sheet.numbers
    for one in spoken:
        for told, number in zip(_NUMBER.findall(one), _found(one), strict=True):
            if number not in known:
                yield SalesFlag(rule="not-on-the-sheet", quote=one, about=told)
    for fact in sheet.facts:
        for at in _said(fact, spoken):
            if not _ranged(fact, spoken, at):
                yield SalesFlag(rule="without-its-range", quote=spoken[at], about=fact.says)


def _left_out(sheet: Sheet, spoken: Sequence[str]) -> Iterator[SalesFlag]:
    for fact in sheet.facts:
        if fact.weak and not _said(fact, spoken):
            yield SalesFlag(rule="weakest-left-out", quote="", about=fact.says)
    unknown = sheet.scene.unknown
    named = [one for one in spoken if says(one, unknown.words)]
    if not named:
        yield SalesFlag(rule="unknown-left-out", quote="", about=unknown.words[0])
    for one in named:
        if not _denied(one):
            yield SalesFlag(rule="unknown-as-known", quote=one, about=unknown.words[0])
    if not any(says(one, _FAILS) for one in spoken):
        yield SalesFlag(rule="no-fallback", quote="", about=sheet.scene.fallback)


def _words(spoken: Sequence[str]) -> Iterator[SalesFlag]:
    for rule, every in (("word-of-the-trade", TRADE), ("promised", PROMISES)):
        for one in spoken:
            for word in every:
                if says(one, (word,)) and not (rule == "promised" and _denied(one)):
                    yield SalesFlag(rule=rule, quote=one, about=word)


def _denied(sentence: str) -> bool:
    low = f"{sentence.lower()} "
    return any(word in low for word in _DENIED)
