"""Task: one thing to do on one day, with the command and the page that do it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import Field

from shipcall.preparation.lesson import load_lesson
from shipcall.preparation.loop import Loop
from shipcall.preparation.material import Material, Slug, Text, Wish
from shipcall.preparation.question import load_question

Kind = Literal[
    "diagnostic", "cards", "spot", "case", "lesson", "question", "form", "loop", "packets", "paper"
]
Theme = Literal[
    "gently",
    "begin",
    "core",
    "rollout",
    "incidents",
    "users",
    "design",
    "costs",
    "mocks",
    "weakest",
    "light",
    "rest",
    "mixed",
]
CARD_SECONDS, SPOTS, SPOT_MINUTES = 30, 5, 8
DIAGNOSTIC_MINUTES = 20
"""The diagnostic takes about five; two answers to read and one to write the rest."""
AFTER = 5
"""Minutes for reading one's own answer against criteria, or a debrief."""
FORM_MINUTES, PAPER_MINUTES = 15, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One thing to do."""

    id: str
    """The same on whichever day it stands: ticking it means this."""
    kind: Kind
    title: str
    minutes: int
    skill: str | None
    """None: it serves all of them."""
    command: str
    page: str
    """Address of the page that does the same."""
    count: int = 1
    """How many of its kind: ten cards, five decisions."""
    forecast: bool = False
    """Is the count a forecast?"""

    @property
    def about(self) -> str:
        """The question, lesson or case that it is about; empty for other kinds."""
        return self.id.partition("-")[2]


class Paper(Material):
    """Something to be done on paper, from the checklists."""

    id: Slug
    wish: Wish
    theme: Theme
    says: Text
    minutes: Annotated[int, Field(ge=1)] = PAPER_MINUTES


@lru_cache(maxsize=1)
def papers() -> tuple[Paper, ...]:
    """Give everything that is done on paper, in the order of its file."""
    text = (files("shipcall.preparation") / "checklists.toml").read_text(encoding="utf-8")
    return tuple(Paper.model_validate(one) for one in tomllib.loads(text)["item"])


def diagnostic_task() -> Task:
    """Where are you now?"""
    return Task(
        id="diagnostic",
        kind="diagnostic",
        title="See where you are, then answer the first question in writing",
        minutes=DIAGNOSTIC_MINUTES,
        skill=None,
        command="shipcall practice diagnostic",
        page="/prepare/diagnostic",
    )


def cards_task(count: int, *, forecast: bool = False) -> Task:
    """Recall what is due, or what will be by a forecast."""
    cards = f"{count} card{'' if count == 1 else 's'}"
    return Task(
        id="cards",
        kind="cards",
        title=f"Recall about {cards} (a forecast)" if forecast else f"Recall {cards}",
        minutes=max(1, round(count * CARD_SECONDS / 60)),
        skill=None,
        command="shipcall practice cards",
        page="/prepare/cards",
        count=count,
        forecast=forecast,
    )


def spot_task() -> Task:
    """Short decisions."""
    return Task(
        id="spot",
        kind="spot",
        title=f"{SPOTS} spot decisions",
        minutes=SPOT_MINUTES,
        skill=None,
        command=f"shipcall practice spot -n {SPOTS}",
        page="/practice",
        count=SPOTS,
    )


def case_task(case: str, slug: str, title: str, minutes: float, skill: str | None) -> Task:
    """Play one archetype, freshly drawn."""
    return Task(
        id=f"case-{case}",
        kind="case",
        title=f"{title}, freshly drawn",
        minutes=round(minutes) + AFTER,
        skill=skill,
        command=f"shipcall practice start {slug}",
        page="/practice",
    )


def lesson_task(slug: str, skill: str | None) -> Task:
    """Read one lesson, after guessing."""
    one = load_lesson(slug)
    return Task(
        id=f"lesson-{slug}",
        kind="lesson",
        title=f"Lesson {one.number}: {one.title}",
        minutes=one.minutes,
        skill=skill,
        command=f"shipcall practice lesson {one.number}",
        page=f"/prepare/lesson/{one.slug}",
    )


def question_task(name: str) -> Task:
    """Answer one question in writing, lock it, and read it against its criteria."""
    one = load_question(name)
    return Task(
        id=f"question-{name}",
        kind="question",
        title=one.asks,
        minutes=one.minutes + AFTER,
        skill=one.family.value,
        command=f"shipcall practice question {name}",
        page=f"/prepare/question/{name}",
    )


FORMS: Mapping[str, str] = {
    "imof": "Design a model on one page, for a prompt you have not had",
    "dvl": "Order features by data, value and leverage",
    "trade-off": "Set a dial between two goods",
    "contract": "Write a contract and see how often it would make each call",
}


def form_task(name: str, skill: str | None, number: int = 1) -> Task:
    """Fill a form; `number` tells the second time from the first."""
    return Task(
        id=f"form-{name}" if number == 1 else f"form-{name}-{number}",
        kind="form",
        title=FORMS[name],
        minutes=FORM_MINUTES,
        skill=skill,
        command=f"shipcall practice form {name}",
        page=f"/prepare/form/{name}",
    )


def loop_task(loop: Loop, number: int) -> Task:
    """Rehearse all rounds of a loop, half of them on this day."""
    return Task(
        id=f"loop-{number}",
        kind="loop",
        title=f"Rehearse {loop.company} as {loop.claimed_by} claims it: the first half",
        minutes=_half(loop),
        skill=None,
        command=f"shipcall practice loop {loop.id}",
        page=f"/prepare/loop/{loop.id}",
    )


def packets_task(loop: Loop, number: int) -> Task:
    """Finish a rehearsal and read what the committee reads."""
    return Task(
        id=f"packets-{number}",
        kind="packets",
        title="The other half, then read the packets of all rounds together",
        minutes=_half(loop),
        skill=None,
        command="shipcall practice loop --now",
        page="/prepare/rehearsal",
    )


def _half(loop: Loop) -> int:
    return round(sum(0.75 * one.minutes for one in loop.round) / 2)


def paper_task(one: Paper) -> Task:
    """Do something on paper, and tick it."""
    return Task(
        id=one.id,
        kind="paper",
        title=one.says,
        minutes=one.minutes,
        skill=None,
        command=f"shipcall practice today --tick {one.id}",
        page="/prepare/today",
    )
