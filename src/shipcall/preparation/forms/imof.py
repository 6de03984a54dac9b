"""IMOF: a design in input, model, output and feedback, and four parts of thinking in systems.

What is there can be counted, and what contradicts itself or has no number can be pointed at.
Whether a design is a good one is not computed: every line here names a place in the answer.
"""

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from shipcall.core import UsageError
from shipcall.preparation.material import Material, Slug, Text

BLANK = frozenset({"", "-", "?", "...", "\N{HORIZONTAL ELLIPSIS}", "tbd", "todo", "n/a", "none"})
"""What stands where nobody has written anything yet."""
SYSTEM = ("loop", "dependency", "containment", "monitoring")
"""The four parts of thinking in systems."""


class Prompt(Material):
    """A product to design a model for."""

    slug: Slug
    title: Text
    product: Text
    people: Text
    goes_wrong: Text
    remember: Annotated[tuple[Text, ...], Field(min_length=2)]
    """Questions to hold against one's own answer afterwards; nothing is scored from them."""


class Part(BaseModel):
    """A part of an answer: whatever is left out is blank, and a strange key is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class Source(Part):
    """Where rows come from."""

    name: str = ""
    freshness: str = ""
    """How old a row is at most when the model reads it."""
    gaps: str = ""
    """Whom or what it does not hold."""
    bias: str = ""


class Input(Part):
    """What the model reads."""

    source: tuple[Source, ...] = ()


class Model(Part):
    """What the model does, by its function."""

    function: str = ""
    assumptions: tuple[str, ...] = ()


class Output(Part):
    """What people get."""

    action: str = ""
    threshold: str = ""
    """Confidence from which the action is taken."""
    calibration: str = ""
    """How it is known that the confidence means what it says."""
    fallback: str = ""
    """What people get below it."""


class Signal(Part):
    """What people do, read as a label."""

    name: str = ""
    meaning: str = ""
    delay: str = ""
    bias: str = ""
    teaches: Literal["", "interface", "model"] = ""
    """Does it change what people see, or what the model learns?"""


class Feedback(Part):
    """How the model learns from its use."""

    signal: tuple[Signal, ...] = ()
    stop: str = ""
    """When learning stops."""


class Watched(Part):
    """Something with a number, at which somebody does something."""

    what: str = ""
    metric: str = ""
    threshold: str = ""
    window: str = ""
    action: str = ""


class Loop(Watched):
    """A way in which the model changes what it learns from."""

    signal: str = ""
    """Name of a signal of the feedback."""
    stop: str = ""
    """What ends it."""


class Dependency(Watched):
    """Data that others make."""

    source: str = ""
    """Name of a source of the input."""
    owner: str = ""
    stale_after: str = ""
    """Age from which it is not used."""


class Design(Part):
    """An answer in eight parts."""

    prompt: str = ""
    input: Input = Input()
    model: Model = Model()
    output: tuple[Output, ...] = ()
    feedback: Feedback = Feedback()
    loop: tuple[Loop, ...] = ()
    dependency: tuple[Dependency, ...] = ()
    containment: tuple[Watched, ...] = ()
    """What keeps a failure small."""
    monitoring: tuple[Watched, ...] = ()


def written(text: str) -> bool:
    """Has somebody written something there?"""
    told = text.strip().lower()
    return told not in BLANK and any(letter.isalnum() for letter in told)


def numbered(text: str) -> bool:
    """Does it hold a number, in digits?"""
    return re.search(r"\d", text) is not None


def prompt_slugs() -> list[str]:
    """List the prompts, in alphabetical order."""
    return sorted(
        entry.name.removesuffix(".toml")
        for entry in (files("shipcall.preparation.forms") / "prompts").iterdir()
        if entry.name.endswith(".toml")
    )


@lru_cache(maxsize=16)
def load_prompt(name: str) -> Prompt:
    """Load a prompt by its name.

    Raises:
        UsageError: If there is none of this name.
    """
    known = prompt_slugs()
    if name not in known:
        raise UsageError(f"no prompt {name!r}. There are: {', '.join(known)}.")
    place = files("shipcall.preparation.forms") / "prompts" / f"{name}.toml"
    return Prompt.model_validate(tomllib.loads(place.read_text(encoding="utf-8")))


TEMPLATE = """\
prompt = "{prompt}"

[[input.source]]
name = ""
freshness = ""      # how old at most, as a number
gaps = ""
bias = ""

[model]
function = ""
assumptions = [""]

[[output]]
action = ""
threshold = ""      # confidence from which it is done
calibration = ""    # how you know what that confidence means
fallback = ""

[feedback]
stop = ""           # when learning stops

[[feedback.signal]]
name = ""
meaning = ""
delay = ""
bias = ""
teaches = ""        # "interface" or "model"

[[loop]]
what = ""
signal = ""         # name of a signal
stop = ""
metric = ""
threshold = ""
window = ""
action = ""

[[dependency]]
what = ""
source = ""         # name of a source
owner = ""
stale_after = ""
metric = ""
threshold = ""
window = ""
action = ""

[[containment]]
what = ""
metric = ""
threshold = ""
window = ""
action = ""

[[monitoring]]
what = ""
metric = ""
threshold = ""
window = ""
action = ""
"""
