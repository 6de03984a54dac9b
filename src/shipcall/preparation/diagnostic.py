"""Diagnostic: about five minutes that say where somebody begins, and how little that is.

One spot decision with a short story, five claims with chances and six concepts; after them two
answers of which one is weak. Whether a claim is so is computed by the lab of a lesson; a spot
decision is scored as any other. A dozen items over eleven skills are few, and the table says so.
"""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal, TypeVar

import numpy as np
from pydantic import model_validator

from shipcall.core import UsageError
from shipcall.practice.language import Case
from shipcall.preparation.cards import every_card
from shipcall.preparation.lesson import lesson_slugs, load_lesson, tell
from shipcall.preparation.material import Material, Slug, Text
from shipcall.preparation.skills import skill_of, skill_of_lesson

SPOTS, CLAIMS, CARDS = 1, 5, 6
SHORT = 400
"""Words of a story that is read in less than two minutes, at some 230 a minute."""
ASKED = "ship-new-recommender"
"""The question that is answered in writing: how would you decide whether a new version ships?"""
APART = "subtitles-open-guardrail"
"""The question of which a weak and a strong answer are told apart: another one of its family, as
nobody sees the strong answer to a question before an answer of one's own is locked."""
_Thing = TypeVar("_Thing")
Phase = Literal["spots", "claims", "cards", "apart", "write", "done"]


class Claim(Material):
    """A statement that a lab decides."""

    id: Slug
    lesson: Slug
    of: Text
    """Number of the lab that is compared with the bar."""
    bars: tuple[float, float]
    """One below what the lab gives, one above."""
    says: Text

    @model_validator(mode="after")
    def _bars_rise(self) -> "Claim":
        if not self.bars[0] < self.bars[1]:
            raise ValueError("the first bar lies below the second")
        return self

    @property
    def skill(self) -> str:
        """The skill of its lesson."""
        found = skill_of_lesson(self.lesson)
        if found is None:
            raise UsageError(f"{self.id}: no skill lists lesson {self.lesson!r}.")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One diagnostic as it was drawn."""

    cases: tuple[str, ...]
    """Slugs of the spot decisions."""
    claims: tuple[tuple[str, float], ...]
    """(id, bar)."""
    cards: tuple[str, ...]
    first: Literal["weak", "strong"]
    """Which of the two answers is shown first."""


@lru_cache(maxsize=1)
def claims() -> Mapping[str, Claim]:
    """Give all claims by their ids, in the order of their file."""
    text = (files("shipcall.preparation") / "diagnostic.toml").read_text(encoding="utf-8")
    found = (Claim.model_validate(one) for one in tomllib.loads(text)["claim"])
    return {one.id: one for one in found}


def draw(
    rng: np.random.Generator,
    weights: Mapping[str, float],
    cases: Collection[Case],
    *,
    seen: Collection[str] = (),
) -> Drawn:
    """Draw a diagnostic: of what the loop asks most, cases and claims of different skills first.

    Args:
        rng: Where chance comes from.
        weights: Skill -> share of the loop that asks for it.
        cases: The shelf.
        seen: Slugs of cases that were played; they come last.
    """
    spots = [one for one in cases if one.spot and _words(one) <= SHORT]
    order = {one.slug: place for place, one in enumerate(_shuffled(rng, spots))}
    spots.sort(key=lambda one: (one.slug in seen, order[one.slug]))
    chosen = _spread([(one.slug, skill_of(one)) for one in spots], weights, SPOTS)
    told = _shuffled(rng, list(claims().values()))
    said = _spread([(one.id, one.skill) for one in told], weights, CLAIMS)
    return Drawn(
        cases=tuple(chosen),
        claims=tuple((name, claims()[name].bars[int(rng.integers(2))]) for name in said),
        cards=tuple(_cards(rng)),
        first="weak" if rng.integers(2) else "strong",
    )


def _words(case: Case) -> int:
    return len(" ".join([*case.story, *case.story.values()]).split())


def _shuffled(rng: np.random.Generator, things: list[_Thing]) -> list[_Thing]:
    return [things[place] for place in rng.permutation(len(things))]


def _spread(found: list[tuple[str, str]], weights: Mapping[str, float], count: int) -> list[str]:
    """Take things of different skills, those that are asked most first; then whatever is left."""
    first: dict[str, str] = {}
    for name, skill in found:
        first.setdefault(skill, name)
    ranked = sorted(first, key=lambda skill: -weights.get(skill, 0.0))
    best = [first[skill] for skill in ranked]
    return [*best, *(name for name, _ in found if name not in best)][:count]


def _cards(rng: np.random.Generator) -> list[str]:
    """One card of each of some lessons."""
    numbers = _shuffled(rng, [load_lesson(slug).number for slug in lesson_slugs()])[:CARDS]
    found = []
    for number in numbers:
        names = [name for name, (lesson, _) in every_card().items() if lesson == number]
        found.append(names[int(rng.integers(len(names)))])
    return found


def claim_text(name: str, bar: float) -> str:
    """Write a claim with its bar and the knobs of its lab.

    Raises:
        UsageError: If there is none of this id.
    """
    one = _claim(name)
    knobs = {knob: told.default for knob, told in load_lesson(one.lesson).knobs.items()}
    places = {**knobs, "at": knobs.get("bar", 0.0), "bar_allowed": knobs.get("bar", 0.0)}
    places["short"] = knobs.get("rows", 0.0) / 10
    text = one.says.replace("{bar}", f"{bar:g}")
    for knob, value in places.items():
        text = text.replace(f"{{{knob}}}", f"{value:,g}").replace(f"{{{knob}:1}}", f"{value:.1f}")
    return text


def is_so(name: str, bar: float, *, seed: int | None = None) -> bool:
    """Let the lab decide a claim.

    Args:
        name: Of the claim.
        bar: As it was drawn.
        seed: Of the lab; None: that of its lesson.

    Raises:
        UsageError: If there is no such claim.
    """
    return came(name, seed=seed) > bar


def came(name: str, *, seed: int | None = None) -> float:
    """Give the number that the lab of a claim finds.

    Raises:
        UsageError: If there is no such claim.
    """
    one = _claim(name)
    lesson = load_lesson(one.lesson)
    told = tell(lesson) if seed is None else tell(lesson, seed=seed)
    return float(told.numbers[one.of])


def _claim(name: str) -> Claim:
    found = claims().get(name)
    if found is None:
        raise UsageError(f"no claim {name!r} in the diagnostic. There are: {', '.join(claims())}.")
    return found
