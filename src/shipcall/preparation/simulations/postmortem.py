"""Post-mortem: an incident with known cause is put in order, seen in time, and acted upon.

What is scored is what can be: pairs of events in the wrong order, the day on which the counts
first showed it, causes that were left out or are none, blame in place of a cause, and actions that
nobody could verify. How well somebody leads a room is not in it.

The day it could be seen is the first on which as many cases, or more, would come by chance less
than once in 1,000 days, were the rate that of the fourteen days before (exact binomial tail; the
rate is taken as known, so a bar that is a little too low).
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import combinations
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator
from scipy.special import bdtrc

from shipcall.core import UsageError
from shipcall.preparation.forms.imof import numbered, written
from shipcall.preparation.forms.portfolio import PositiveRange
from shipcall.preparation.material import Material, Slug, Text

MINUTES = 25.0
BEFORE = 14
"""Days from which the rate is taken; the cause comes later."""
RARE = 0.001
"""Chance by which a day rings for nothing."""
LINTS = {
    "no-action": "Nothing is to be done differently.",
    "no-owner": "An action without an owner is a wish.",
    "no-metric": "Name the number by which one sees that it holds, and its bar.",
    "no-date": "Until when?",
    "against-nothing": "It is against nothing that contributed.",
    "cause-without-action": "This contributed and nothing is done against it.",
    "blame": "It says who, and leaves everything that made it possible as it is.",
}
"""What is asked, and why."""


class Event(Material):
    """Something that happened."""

    id: Slug
    says: Text


class Statement(Material):
    """Something that may have contributed."""

    id: Slug
    kind: Literal["contributing", "bystander", "blame"]
    says: Text


class Scene(Material):
    """An incident without its numbers."""

    id: Slug
    title: Text
    story: Text
    counted: Text
    """What is counted by day."""
    units: PositiveRange
    """On a day."""
    rate: PositiveRange
    after: PositiveRange
    """Rate once the cause is there."""
    cause: Slug
    """The event from which on harm was done."""
    event: Annotated[tuple[Event, ...], Field(min_length=5)]
    """In the order in which they happened."""
    statement: Annotated[tuple[Statement, ...], Field(min_length=5)]

    @model_validator(mode="after")
    def _hangs_together(self) -> "Scene":
        if max(self.after) >= 1 or max(self.rate) >= min(self.after):
            raise ValueError("rates are shares, and higher once the cause is there")
        if self.cause not in [one.id for one in self.event]:
            raise ValueError(f"{self.cause!r} is no event")
        if {one.kind for one in self.statement} != {"contributing", "bystander", "blame"}:
            raise ValueError("statements are of all three kinds")
        return self


class Action(Material):
    """Something that is to be done."""

    what: str = ""
    against: str = ""
    """Id of a statement."""
    owner: str = ""
    metric: str = ""
    by: str = ""


class PostMortemAnswer(Material):
    """What a person makes of an incident."""

    seed: int | None = None
    order: tuple[Slug, ...] = ()
    seen: int | None = None
    """Day on which the counts first showed it."""
    causes: tuple[Slug, ...] = ()
    action: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of counts."""

    day: int
    units: int
    cases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One drawn incident."""

    seed: int
    scene: Scene
    shuffled: tuple[Event, ...]
    statements: tuple[Statement, ...]
    days: tuple[Day, ...]
    began: int
    """Day of the cause."""

    @property
    def rate(self) -> float:
        """Share of cases on the days before anything was wrong."""
        before = self.days[:BEFORE]
        return sum(one.cases for one in before) / sum(one.units for one in before)

    def rings(self, day: Day) -> bool:
        """Would so many cases come by chance less than once in 1,000 days?"""
        return day.cases > 0 and float(bdtrc(day.cases - 1, day.units, self.rate)) < RARE

    @property
    def seen(self) -> int | None:
        """The first day on which it could be seen; None: on none of those that are shown."""
        ringing = (one.day for one in self.days[BEFORE:] if self.rings(one))
        return next(ringing, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionLint:
    """One thing to be asked about the actions."""

    rule: str
    path: str
    """`action.1.owner`, or the id of a statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostMortemScore:
    """What can be computed of a post-mortem. No sum of it is made."""

    pairs: int
    """Pairs of events that were ordered; of two that lay ready before the cause nobody can tell."""
    swapped: tuple[tuple[str, str], ...]
    """Pairs in the wrong order: the first happened first."""
    left_out: tuple[str, ...]
    """Events that are in no place."""
    seen: int | None
    """Day on which it could be seen."""
    late: int | None
    """Days by which the person's day is later; below 0: before anything showed."""
    found: tuple[str, ...]
    missed: tuple[str, ...]
    bystanders: tuple[str, ...]
    blame: tuple[str, ...]
    lints: tuple[ActionLint, ...]


@lru_cache(maxsize=1)
def scenes() -> tuple[Scene, ...]:
    """Load the incidents that come along."""
    place = files("shipcall.preparation.simulations") / "post-mortem.toml"
    every = tomllib.loads(place.read_text(encoding="utf-8"))["scene"]
    return tuple(Scene.model_validate(one) for one in every)


def draw_incident(seed: int) -> Incident:
    """Draw an incident that its counts show; the same seed, the same incident.

    Args:
        seed: Where chance comes from, 0 or more.
    """
    rng = np.random.default_rng([seed, *b"post-mortem"])
    every = scenes()
    scene = every[int(rng.integers(len(every)))]
    while True:
        found = _drawn(seed, scene, rng)
        quiet = not any(found.rings(one) for one in found.days[: found.began - 1])
        if quiet and found.seen is not None:
            return found


def _drawn(seed: int, scene: Scene, rng: np.random.Generator) -> Incident:
    began = BEFORE + 1 + int(rng.integers(1, 5))
    rate, after = rng.uniform(*scene.rate), rng.uniform(*scene.after)
    grows = int(rng.integers(1, 6))
    days = []
    for day in range(1, began + 10):
        part = min(1.0, max(0, day - began + 1) / grows)
        units = int(rng.integers(round(scene.units[0]), round(scene.units[1]) + 1))
        cases = int(rng.binomial(units, rate + part * (after - rate)))
        days.append(Day(day=day, units=units, cases=cases))
    return Incident(
        seed=seed,
        scene=scene,
        shuffled=tuple(scene.event[int(place)] for place in rng.permutation(len(scene.event))),
        statements=tuple(
            scene.statement[int(place)] for place in rng.permutation(len(scene.statement))
        ),
        days=tuple(days),
        began=began,
    )


def score_incident(incident: Incident, answer: PostMortemAnswer) -> PostMortemScore:
    """Hold a post-mortem against what was so.

    Raises:
        UsageError: If it names an event, statement or day that is not there, or one twice.
    """
    scene = incident.scene
    true = [one.id for one in scene.event]
    _refuse("event", answer.order, true)
    kinds = {one.id: one.kind for one in scene.statement}
    _refuse("statement", answer.causes, list(kinds))
    if answer.seen is not None and not 1 <= answer.seen <= len(incident.days):
        raise UsageError(
            f"there is no day {answer.seen}; the counts go from 1 to {len(incident.days)}."
        )
    ready = set(true[: true.index(scene.cause)])
    pairs = [pair for pair in combinations(answer.order, 2) if not set(pair) <= ready]
    swapped = tuple(
        (later, earlier) for earlier, later in pairs if true.index(earlier) > true.index(later)
    )
    contributing = [name for name, kind in kinds.items() if kind == "contributing"]
    named = set(answer.causes)
    seen = incident.seen
    return PostMortemScore(
        pairs=len(pairs),
        swapped=swapped,
        left_out=tuple(name for name in true if name not in answer.order),
        seen=seen,
        late=None if answer.seen is None or seen is None else answer.seen - seen,
        found=tuple(name for name in contributing if name in named),
        missed=tuple(name for name in contributing if name not in named),
        bystanders=_of_kind(kinds, named, "bystander"),
        blame=_of_kind(kinds, named, "blame"),
        lints=tuple(_asked(answer, kinds)),
    )


def _of_kind(kinds: Mapping[str, str], named: set[str], kind: str) -> tuple[str, ...]:
    return tuple(name for name, of in kinds.items() if of == kind and name in named)


def _refuse(word: str, named: Sequence[str], known: Sequence[str]) -> None:
    strange = [name for name in named if name not in known]
    if strange:
        raise UsageError(f"no {word} {strange[0]!r}. There are: {', '.join(known)}.")
    twice = [name for name in named if list(named).count(name) > 1]
    if twice:
        raise UsageError(f"{twice[0]!r} is named twice.")


def _asked(answer: PostMortemAnswer, kinds: Mapping[str, str]) -> Iterator[ActionLint]:
    done = [(at, one) for at, one in enumerate(answer.action, 1) if written(one.what)]
    if not done:
        yield ActionLint(rule="no-action", path="action")
    for at, one in done:
        yield from _of_action(f"action.{at}", one, kinds)
    against = {one.against.strip() for _, one in done}
    for name, kind in kinds.items():
        if kind == "contributing" and name not in against:
            yield ActionLint(rule="cause-without-action", path=name)


def _of_action(path: str, one: Action, kinds: Mapping[str, str]) -> Iterator[ActionLint]:
    if not written(one.owner):
        yield ActionLint(rule="no-owner", path=f"{path}.owner")
    if not numbered(one.metric):
        yield ActionLint(rule="no-metric", path=f"{path}.metric")
    if not numbered(one.by):
        yield ActionLint(rule="no-date", path=f"{path}.by")
    kind = kinds.get(one.against.strip(), "")
    if kind != "contributing":
        rule = "blame" if kind == "blame" else "against-nothing"
        yield ActionLint(rule=rule, path=f"{path}.against")


def template(incident: Incident) -> str:
    """Write an empty answer, as TOML."""
    order = ", ".join(f'"{one.id}"' for one in incident.shuffled)
    return (
        f"seed = {incident.seed}\norder = [{order}]   # what happened first, first\n"
        "# seen =      # day on which the counts first showed it\n"
        "causes = []    # statements that contributed\n\n"
        '[[action]]\nwhat = ""\nagainst = ""   # which statement\nowner = ""\n'
        'metric = ""    # number and bar by which one sees that it holds\nby = ""\n'
    )
