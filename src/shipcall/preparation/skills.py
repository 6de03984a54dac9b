"""Skill: what a loop asks for, how much of it is still open, and which share of time that gets.

A skill is a family of questions, with the lessons, cases and forms that train it. Its share of
time is weight x gap x transfer. The weight follows from the claimed rounds and the bank of
questions, the gap from what was seen of a person; transfer is judged, and stands with a sentence
in `skills.toml`, where anybody can judge otherwise.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Annotated

from pydantic import Field
from scipy import special

from shipcall.core import UsageError
from shipcall.practice.language import Case
from shipcall.practice.shelf import load_case
from shipcall.preparation.loop import Loop
from shipcall.preparation.material import Material, Slug, Text
from shipcall.preparation.question import Family, Round, questions

ENOUGH = 6
"""Items from which on a gap is what was seen, and nothing else."""
PRIOR_GAP = 0.5
"""Gap of a skill of which nothing was seen; judged: as much open as known."""
FLOOR = 0.05
"""Share of time that every skill gets, however little asks for it."""
TAIL = 0.05
"""One-sided error level of each end of an interval."""


class Skill(Material):
    """One skill and what trains it."""

    family: Family
    transfer: Annotated[float, Field(gt=0, le=1)]
    """Share of an hour's worth that other rounds have from it, too; judged."""
    why: Text
    """What the number rests on: the author's judgement, in a sentence."""
    lessons: tuple[Slug, ...]
    cases: tuple[Annotated[str, Field(pattern=r"^C\d\d$")], ...]
    forms: tuple[Slug, ...]

    @property
    def name(self) -> str:
        """What it is called everywhere: the family of its questions."""
        return self.family.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that told something about a skill."""

    skill: str
    source: str
    """"plays", "claims", "cards", "self", "peer" or "apart"; apart where a person reads them."""
    held: float
    """0 to 1: share of the stake kept, of criteria met, of a chance well placed."""
    wall: float
    """When, in seconds since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """How much of some items was held, with what so few leave open."""

    items: int
    held: float
    """Sum over items of 0 to 1; with `items` a share."""
    low: float | None
    """Share, lower end; None: nothing was seen."""
    high: float | None

    @property
    def enough(self) -> bool:
        """Were at least ENOUGH items seen?"""
        return self.items >= ENOUGH


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Why a skill gets its share of time."""

    skill: str
    weight: float
    """Share of the loop that asks for it."""
    gap: float
    """0 to 1, shrunk to PRIOR_GAP below ENOUGH items."""
    transfer: float
    why: str
    items: int
    share: float
    """Of all minutes, at least FLOOR; the shares of all skills sum to 1."""


@lru_cache(maxsize=1)
def skills() -> tuple[Skill, ...]:
    """Give all skills, one for each family of questions, in the order of their file."""
    text = (files("shipcall.preparation") / "skills.toml").read_text(encoding="utf-8")
    return tuple(Skill.model_validate(one) for one in tomllib.loads(text)["skill"])


BY_STAGE: Mapping[str | None, Family] = {
    "gate": Family.EVALUATION,
    "shadow": Family.ROLLOUT,
    "rollout": Family.ROLLOUT,
    "cohort": Family.USERS,
    None: Family.DRIFT,
}
"""Stage of a case that no skill lists -> the skill it trains."""


def skill_of_case(case: str) -> str | None:
    """Name the skill that a case trains, by its id; None: there is no such case."""
    try:
        return _listed().get(case) or skill_of(load_case(case))
    except UsageError:
        return None


def skill_of(case: Case) -> str:
    """Name the skill that a case trains: the one that lists it, else that of its stage."""
    return _listed().get(case.id) or BY_STAGE[case.stage].value


@lru_cache(maxsize=1)
def _listed() -> Mapping[str, str]:
    return {case: one.name for one in skills() for case in one.cases}


def skill_of_lesson(slug: str) -> str | None:
    """Name the skill that a lesson trains; None: no skill lists it."""
    return next((one.name for one in skills() if slug in one.lessons), None)


def held(items: Iterable[Item]) -> Held:
    """Sum up items, and say between what the share may lie.

    Every item counts as one trial, which is the widest its interval can be for values between 0
    and 1: the exact bounds of Clopper & Pearson (1934) at TAIL for each end, with the sum for
    events. Assumes items that tell independently of each other; items of one sitting hang
    together, so read the interval as the least that is open.
    """
    found = [one.held for one in items]
    n, total = len(found), sum(found)
    if not n:
        return Held(items=0, held=0.0, low=None, high=None)
    missed = max(n - total, 0.0)
    low = float(special.betaincinv(total, missed + 1, TAIL)) if total > 0 else 0.0
    high = float(special.betaincinv(total + 1, missed, 1 - TAIL)) if missed > 0 else 1.0
    return Held(items=n, held=total, low=low, high=high)


def gap(found: Held) -> float:
    """Say how much of a skill is open, from 0 to 1.

    Below ENOUGH items each that was not seen counts as PRIOR_GAP, so two lucky items do not close
    a skill and two unlucky ones do not fill the plan with it.
    """
    unseen = max(ENOUGH - found.items, 0)
    return (found.items - found.held + unseen * PRIOR_GAP) / (found.items + unseen)


def weights(loops: Sequence[Loop]) -> dict[str, float]:
    """Say which share of a loop asks for each skill.

    A round counts what it weighs in its loop, and within a round each family counts as often as
    the bank has questions of it for that kind of round. Several loops count alike: where two
    articles disagree, nobody here knows who is right.
    """
    mix = _mix()
    found = {one.name: 0.0 for one in skills()}
    for loop in loops:
        for one, weight in zip(loop.round, loop.weights, strict=True):
            for family, share in mix[one.kind].items():
                found[family] += weight * share / len(loops)
    total = sum(found.values())
    return {name: weight / total for name, weight in found.items()}


@lru_cache(maxsize=1)
def _mix() -> Mapping[Round, Mapping[str, float]]:
    """Kind of round -> family -> its share of the questions of that kind."""
    every = list(questions())
    mix = {}
    for kind in Round:
        asked = [one.family.value for one in every if kind in one.rounds]
        mix[kind] = {family: asked.count(family) / len(asked) for family in dict.fromkeys(asked)}
    return mix


def needs(loops: Sequence[Loop], items: Iterable[Item]) -> tuple[Need, ...]:
    """Deal the time over all skills: proportional to weight x gap x transfer, FLOOR at least.

    Args:
        loops: What the interview is claimed to be; at least one.
        items: Everything that was seen of the person.

    Returns:
        The largest share first.
    """
    every = list(items)
    asked = weights(loops)
    seen = {one.name: held(i for i in every if i.skill == one.name) for one in skills()}
    raw = {one.name: asked[one.name] * gap(seen[one.name]) * one.transfer for one in skills()}
    dealt = floored(raw)
    found = [
        Need(
            skill=one.name,
            weight=asked[one.name],
            gap=gap(seen[one.name]),
            transfer=one.transfer,
            why=one.why,
            items=seen[one.name].items,
            share=dealt[one.name],
        )
        for one in skills()
    ]
    return tuple(sorted(found, key=lambda one: -one.share))


def floored(raw: Mapping[str, float]) -> dict[str, float]:
    """Make shares of numbers: FLOOR for those that would get less, the rest in proportion.

    Args:
        raw: At least one and at most 20 numbers, none below 0.

    Examples:
        >>> {name: round(share, 3) for name, share in floored({"a": 3, "b": 1, "c": 0}).items()}
        {'a': 0.713, 'b': 0.237, 'c': 0.05}
    """
    low: set[str] = set()
    while True:
        rest = {name: value for name, value in raw.items() if name not in low}
        left, total = 1 - FLOOR * len(low), sum(rest.values())
        if not total:
            return {name: 1 / len(raw) for name in raw}
        below = {name for name, value in rest.items() if left * (value / total) < FLOOR}
        if not below:
            return {n: FLOOR if n in low else left * (raw[n] / total) for n in raw}
        low |= below
