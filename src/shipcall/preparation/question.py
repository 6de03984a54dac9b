"""Question: one thing an interviewer asks, with what a strong answer to it contains.

Whether an answer is strong is not computed from its words. A question therefore carries criteria
that two people can check against a text and agree, a weak and a strong answer in which each can
be pointed at, and a drill in which the same skill is scored from what a person decides.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from shipcall.preparation.material import Filed, Kind, Material, Slug, Text, Wish


class Family(StrEnum):
    """What a question is about."""

    RELEASE = "release call"
    EVALUATION = "evaluation"
    ROLLOUT = "rollout and experiments"
    DRIFT = "drift and incidents"
    DATA = "data"
    COST = "cost and latency"
    USERS = "users"
    DESIGN = "design"
    STRATEGY = "strategy"
    SAFETY = "safety and ethics"
    PEOPLE = "people"


class Round(StrEnum):
    """In which kind of round it is asked."""

    SCREEN = "screen"
    PRODUCT = "product sense"
    DESIGN = "AI product design"
    TECHNICAL = "technical"
    SYSTEM = "system design"
    EXECUTION = "execution"
    STRATEGY = "strategy"
    BEHAVIOURAL = "behavioural"
    CROSS = "cross-functional"
    SAFETY = "safety"


class Criterion(Material):
    """Something a strong answer says, so plainly that two readers agree whether it does."""

    id: Slug
    says: Text
    """What has to be there, as a statement about the answer."""
    shown: Text
    """The passage of the strong answer that meets it, word for word."""


class RedFlag(Material):
    """Something after which an interviewer stops listening."""

    says: Text
    shown: str = ""
    """The passage of the weak answer that shows it, word for word; empty: it is not in there."""


class Question(Filed):
    """One question of the bank."""

    covers: Annotated[tuple[Wish, ...], Field(min_length=1)]
    """Wishes of `docs/mission.md` that this question serves."""
    asks: Text
    family: Family
    rounds: Annotated[tuple[Round, ...], Field(min_length=1)]
    level: Literal["entry", "senior", "lead"]
    minutes: Annotated[int, Field(ge=1, le=45)]
    """To answer it aloud or in writing."""
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=3, max_length=9)]
    red_flags: Annotated[tuple[RedFlag, ...], Field(min_length=1)]
    follow_ups: Annotated[tuple[Text, ...], Field(min_length=2)]
    weak: Text
    strong: Text
    drill: Text
    """Where the same skill is scored: a case ("C08"), an exercise or a study."""
    concepts: Annotated[tuple[Slug, ...], Field(min_length=1)]
    """Cards to know beforehand."""

    @model_validator(mode="after")
    def _passages_are_there(self) -> "Question":
        for criterion in self.criteria:
            if criterion.shown not in self.strong:
                raise ValueError(f"{criterion.id}: {criterion.shown!r} is not in the strong answer")
            if criterion.shown in self.weak:
                raise ValueError(f"{criterion.id}: the weak answer says it too")
        for flag in self.red_flags:
            if flag.shown not in self.weak:
                raise ValueError(f"{flag.shown!r} is not in the weak answer")
        return self

    @model_validator(mode="after")
    def _criteria_differ(self) -> "Question":
        names = [criterion.id for criterion in self.criteria]
        if len(set(names)) < len(names):
            raise ValueError("two criteria share an id")
        return self


def _listed(known: list[str]) -> str:
    return f"`shipcall practice bank` lists {len(known)}."


QUESTIONS = Kind(word="question", folder="questions", shape=Question, otherwise=_listed)
"""The bank."""
question_ids, load_question, read_question = QUESTIONS.ids, QUESTIONS.load, QUESTIONS.read


def questions() -> Iterator[Question]:
    """Give every question that comes along."""
    yield from map(load_question, question_ids())
