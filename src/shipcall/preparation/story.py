"""Story: something a person did, laid out so that a listener sees a decision and what came of it.

What a story is worth to a listener is not computed. What can be pointed at is: an outcome without
a number, a decision that is nobody's, a loop of data, model and product that is not closed, and a
story that has been told too often.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from shipcall.preparation.forms.imof import numbered, written
from shipcall.preparation.material import Material, Slug
from shipcall.preparation.question import Family, Question, Round, questions

OFTEN = 3
"""Tellings from which on listeners may hear that it is told by heart; our judgement."""
RULES = {
    "blank-field": "Nothing is written there.",
    "no-number": "An outcome without a number in digits is an opinion about oneself.",
    "no-range": "A number without how sure it is will be asked about.",
    "no-own-decision": "It says what we did, or what was done; what did you decide?",
    "no-alternative": "A decision is one against something else; what else was there?",
    "no-loop": "Say what data did to the model, the model to the product, and what came back.",
    "no-process": "Nothing is different in the next release.",
    "long-situation": "The setting is longer than decision and evidence together.",
}
"""What is asked, and why."""
_OWN = frozenset({"i", "i'd", "i've", "my", "me", "mine"})
_AGAINST = ("instead", "rather", "against", "although", "not ", "over ", "alternative", "than ")
_SURE = ("between", "interval", " to ", "±", "at least", "at most", "range", "of the", "about")
_EVENTS = frozenset({Round.BEHAVIOURAL, Round.CROSS, Round.EXECUTION})


class Story(Material):
    """One story, in a frame."""

    id: Slug
    title: str
    about: Annotated[tuple[Family, ...], Field(min_length=1)]
    """What questions it answers."""
    situation: str = ""
    data: str = ""
    """What went wrong, or right, in the data."""
    model: str = ""
    product: str = ""
    back: str = ""
    """How what people did returned to the data."""
    decision: str = ""
    evidence: str = ""
    result: str = ""
    process: str = ""
    """What is different in every release since."""


PARTS = (
    ("situation", "Who was harmed or helped, how; two sentences"),
    ("data", "The loop: what was in the data, and what was not"),
    ("model", "The loop: what the model made of it"),
    ("product", "The loop: what people met, and did"),
    ("back", "The loop: how that returned to the data"),
    ("decision", "What you decided, against which alternative"),
    ("evidence", "What you knew when you decided"),
    ("result", "What came of it: a number and how sure it is"),
    ("process", "What is different in every release since"),
)
"""Parts of the frame, in the order in which they are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryLint:
    """One thing a listener would ask."""

    rule: str
    part: str
    quote: str
    """What stands there; empty: nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One time a story was told."""

    story: str
    at: str
    where: Literal["rehearsal", "interview"]
    to: str
    """Question, company or person; empty: not said."""


def template(name: str) -> str:
    """Write an empty frame, as TOML.

    Args:
        name: Id of the story.
    """
    every = ", ".join(family.value for family in Family)
    lines = [f'id = "{name}"', 'title = ""', f"# One or more of: {every}", "about = []", ""]
    for part, asks in PARTS:
        lines += [f"# {asks}", f'{part} = ""']
    return "\n".join(lines) + "\n"


def story_lints(story: Story) -> list[StoryLint]:
    """Say what a listener would ask, by the part of the frame."""
    return list(_asked(story))


def _asked(story: Story) -> Iterator[StoryLint]:
    loop = ("data", "model", "product", "back")
    for part in ("situation", "decision", "evidence", "result", "process"):
        if not written(getattr(story, part)):
            rule = "no-process" if part == "process" else "blank-field"
            yield StoryLint(rule=rule, part=part, quote="")
    for part in loop:
        if not written(getattr(story, part)):
            yield StoryLint(rule="no-loop", part=part, quote="")
    yield from _decided(story)
    yield from _came(story)


def _decided(story: Story) -> Iterator[StoryLint]:
    told = story.decision
    if not written(told):
        return
    if not _OWN & {word.strip(".,;:!?\u2019").lower() for word in told.split()}:
        yield StoryLint(rule="no-own-decision", part="decision", quote=told.strip())
    if not any(word in told.lower() for word in _AGAINST):
        yield StoryLint(rule="no-alternative", part="decision", quote=told.strip())
    setting, core = len(story.situation.split()), len(f"{told} {story.evidence}".split())
    if setting > core:
        yield StoryLint(rule="long-situation", part="situation", quote=story.situation.strip())


def _came(story: Story) -> Iterator[StoryLint]:
    told = story.result
    if not written(told):
        return
    if not numbered(told):
        yield StoryLint(rule="no-number", part="result", quote=told.strip())
    elif not any(word in told.lower() for word in _SURE):
        yield StoryLint(rule="no-range", part="result", quote=told.strip())


def fitting(story: Story) -> list[Question]:
    """Give the questions a story may answer: of its families, in rounds that ask for events."""
    return [one for one in questions() if one.family in story.about and _EVENTS & set(one.rounds)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How often a story was told."""

    rehearsals: int
    interviews: int
    companies: tuple[str, ...]
    """To whom it was told more than once in an interview: they may compare notes."""

    @property
    def often(self) -> bool:
        """Is it told so often that another one is wanted?"""
        return self.rehearsals + self.interviews >= OFTEN


def told(tellings: Sequence[Telling], story: str) -> Told:
    """Count how often a story was told.

    Args:
        tellings: Of all stories.
        story: Id of the one.
    """
    mine = [one for one in tellings if one.story == story]
    real = [one for one in mine if one.where == "interview"]
    to = Counter(one.to.strip().lower() for one in real if one.to.strip())
    return Told(
        rehearsals=len(mine) - len(real),
        interviews=len(real),
        companies=tuple(sorted(name for name, times in to.items() if times > 1)),
    )
