"""Framework: a named way to lay out an answer, with the rules by which misuse of it shows.

Whether a framework fits is a judgement; where it is misapplied often is not. A framework carries
rules that a filled template breaks or keeps, whoever reads it. Its own weak use breaks every one
of them and its strong use none: a file in which that is not so is refused.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, model_validator

from shipcall.core import UsageError
from shipcall.practice.scoring.signs import says, sentences
from shipcall.preparation.forms.imof import numbered, written
from shipcall.preparation.lesson import Name
from shipcall.preparation.material import Filed, Kind, Material, Slug, Text, Wish

Filling = Mapping[str, str]
"""Part -> what was written there."""


class Part(Material):
    """One field of the template."""

    name: Name
    asks: Text


class Misuse(Material):
    """A way to misapply the framework, with the rule by which it shows in a filled template."""

    says: Text
    """What is wrong, as a statement about the answer."""
    rule: Literal["number-in-each", "names-one-of", "names-none-of", "not-the-same", "shorter"]
    """What has to hold: see `_BREAKS`."""
    parts: Annotated[tuple[Name, ...], Field(min_length=1)]
    words: tuple[Text, ...] = ()
    """Beginnings of words, for the rules about names."""


class Framework(Filed):
    """One way to lay out an answer."""

    name: Text
    claimed_by: str = ""
    """The article that names it, by its short mark; empty: it is ours, or everybody's."""
    covers: Annotated[tuple[Wish, ...], Field(min_length=1)]
    purpose: Text
    fits: Annotated[tuple[Text, ...], Field(min_length=1)]
    """Signs that it is the right one for a question."""
    unfit: Annotated[tuple[Text, ...], Field(min_length=1)]
    """Signs that it is not; these are for people to judge."""
    part: Annotated[tuple[Part, ...], Field(min_length=3)]
    misuse: Annotated[tuple[Misuse, ...], Field(min_length=1)]
    weak: dict[Name, Text]
    strong: dict[Name, Text]
    beside: Text
    """Where the same thing is practised."""

    @model_validator(mode="after")
    def _names_are_known(self) -> "Framework":
        known = [part.name for part in self.part]
        for one in self.misuse:
            if not set(one.parts) <= set(known):
                raise ValueError(f"{one.says!r} speaks of a part that is not there")
            if (one.rule in _WORDED) != bool(one.words):
                raise ValueError(f"{one.says!r}: words go with {' and '.join(_WORDED)}")
            if one.rule in _PAIRED and len(one.parts) != _PAIR:
                raise ValueError(f"{one.says!r} compares two parts")
        if list(self.weak) != known or list(self.strong) != known:
            raise ValueError("both uses fill every part, in the order of the template")
        return self

    @model_validator(mode="after")
    def _uses_are_what_they_say(self) -> "Framework":
        flagged = {flag.says for flag in flags(self, self.weak)}
        unseen = [one.says for one in self.misuse if one.says not in flagged]
        if unseen:
            raise ValueError(f"the weak use does not show it: {unseen[0]!r}")
        found = flags(self, self.strong)
        if found:
            raise ValueError(f"the strong use breaks a rule: {found[0].says!r} {found[0].quote!r}")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One place at which a filled template shows that the framework is misapplied."""

    rule: str
    parts: tuple[str, ...]
    says: str
    quote: str
    """What stands there; empty: nothing that could be quoted."""


class Filled(Material):
    """A template that somebody filled."""

    framework: Slug
    part: dict[Name, str]


BLANK = "blank"
_PAIR = 2


def flags(framework: Framework, filled: Filling) -> list[Flag]:
    """Say where a filled template breaks a rule of its framework.

    A blank part is flagged as blank, and no other rule speaks of it: nothing that was left out
    passes for something that holds.

    Args:
        framework: The one that was used.
        filled: Part -> text; a part that is left out is blank.

    Raises:
        UsageError: If it fills a part that the framework does not have.
    """
    known = [part.name for part in framework.part]
    strange = [name for name in filled if name not in known]
    if strange:
        raise UsageError(f"{framework.id} has no part {strange[0]!r}. It has: {', '.join(known)}.")
    blank = [name for name in known if not written(filled.get(name, ""))]
    return [*(_blank(framework, name) for name in blank), *_broken(framework, filled, blank)]


def _blank(framework: Framework, name: str) -> Flag:
    asks = next(part.asks for part in framework.part if part.name == name)
    return Flag(rule=BLANK, parts=(name,), says=f"Nothing is written: {asks}", quote="")


def _broken(framework: Framework, filled: Filling, blank: list[str]) -> Iterator[Flag]:
    for one in framework.misuse:
        parts = tuple(name for name in one.parts if name not in blank)
        if not parts or (one.rule in _PAIRED and len(parts) < _PAIR):
            continue
        for at, quote in _BREAKS[one.rule]([(name, filled[name]) for name in parts], one.words):
            yield Flag(rule=one.rule, parts=at, says=one.says, quote=quote)


Written = list[tuple[str, str]]
"""Parts that are written, with their text."""
Broken = Iterator[tuple[tuple[str, ...], str]]
"""Parts, and what is quoted of them."""


def _without_number(parts: Written, _: tuple[str, ...]) -> Broken:
    """Each part holds a number in digits."""
    yield from (((name,), text.strip()) for name, text in parts if not numbered(text))


def _without_names(parts: Written, words: tuple[str, ...]) -> Broken:
    """At least one of the parts names one of the words."""
    if not any(says(text, words) for _, text in parts):
        yield tuple(name for name, _ in parts), parts[0][1].strip() if len(parts) == 1 else ""


def _with_names(parts: Written, words: tuple[str, ...]) -> Broken:
    """No part names any of the words."""
    for name, text in parts:
        found = next((one for one in sentences(text) if says(one, words)), None)
        if found is not None:
            yield (name,), found


def _same(parts: Written, _: tuple[str, ...]) -> Broken:
    """The two parts do not say the same in the same words."""
    (one, mine), (other, theirs) = parts
    if mine.lower().split() == theirs.lower().split():
        yield (one, other), theirs.strip()


def _longer(parts: Written, _: tuple[str, ...]) -> Broken:
    """The first part has at most as many words as the second."""
    (one, mine), (other, theirs) = parts
    if len(mine.split()) > len(theirs.split()):
        yield (one, other), f"{len(mine.split())} words against {len(theirs.split())}"


_BREAKS = {
    "number-in-each": _without_number,
    "names-one-of": _without_names,
    "names-none-of": _with_names,
    "not-the-same": _same,
    "shorter": _longer,
}
"""Rule -> where it does not hold."""
_WORDED = ("names-one-of", "names-none-of")
_PAIRED = ("not-the-same", "shorter")


def template(framework: Framework) -> str:
    """Write a template to be filled in, as TOML."""
    lines = [f'framework = "{framework.id}"', "", "[part]"]
    for part in framework.part:
        lines += [f"# {part.asks}", f'{part.name} = ""']
    return "\n".join(lines) + "\n"


FRAMEWORKS = Kind(word="framework", folder="frameworks", shape=Framework)
"""Those that come along."""
framework_ids, load_framework, read_framework = FRAMEWORKS.ids, FRAMEWORKS.load, FRAMEWORKS.read
