"""Annotation: a model card or data sheet with planted flaws, to be marked line by line.

A template holds every line in a sound and, for some, in a flawed wording; a drawing plants so
many flaws as the template says. Some sound lines look suspicious on purpose: who marks everything
loses as much as who marks nothing. What each flaw and each false alarm costs is told beforehand.
A card can also ask which subsets of the data stand behind a claim.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from pydantic import Field, model_validator

from shipcall.core import UsageError
from shipcall.practice.exercise import Exercises
from shipcall.practice.language import Name, Section

Positive = Annotated[float, Field(gt=0)]


class FlawKind(Section):
    """One entry of the closed list of flaws."""

    name: Name
    title: str
    costs: Positive
    """Points that are lost where it stays unseen."""


class Wording(Section):
    """One way a line may read. `{…}` is filled from the setting that was drawn."""

    text: str
    kind: Name | None = None
    """The flaw; None: sound."""
    why: str = ""
    """Told afterwards: what is wrong, or why it only looks so."""
    rests_on: tuple[Name, ...] = ()
    """Subsets of the data behind the claim; empty: it is not asked."""


class Line(Section):
    """One line of the card."""

    under: str
    """Heading of its part."""
    sound: Annotated[list[Wording], Field(min_length=1)]
    flawed: tuple[Wording, ...] = ()
    suspicious: bool = False
    """Sound, and made to look otherwise."""


class Subset(Section):
    """A part of the data that a claim may rest on."""

    name: Name
    title: str


class CardTemplate(Section):
    """What all drawings of one card share."""

    slug: Annotated[str, Field(pattern=r"^card-[a-z0-9-]+$")]
    title: str
    story: str
    minutes: Positive
    flaws: Annotated[int, Field(ge=1)]
    """How many lines a drawing flaws."""
    false_alarm: Positive
    """Points that a mark on a sound line costs."""
    wrong_subset: Positive
    """Points that each subset costs that is left out or added."""
    kind: Annotated[list[FlawKind], Field(min_length=2)]
    subset: tuple[Subset, ...] = ()
    setting: Annotated[list[dict[str, str]], Field(min_length=1)]
    """Values that go together; a drawing takes one."""
    line: Annotated[list[Line], Field(min_length=3)]

    @model_validator(mode="after")
    def _names_are_known(self) -> "CardTemplate":
        kinds = {kind.name for kind in self.kind}
        subsets = {subset.name for subset in self.subset}
        for line in self.line:
            if any(wording.kind for wording in line.sound):
                raise ValueError(f"a sound wording has no flaw: {line.sound[0].text!r}")
            if not {wording.kind for wording in line.flawed} <= kinds:
                raise ValueError(f"a flawed wording names a known flaw: {line.flawed[0].text!r}")
            for wording in (*line.sound, *line.flawed):
                if not set(wording.rests_on) <= subsets:
                    raise ValueError(f"{wording.text!r} rests on an unknown subset")
                for values in self.setting:
                    wording.text.format_map(values)
        return self

    @model_validator(mode="after")
    def _asking_tells_nothing(self) -> "CardTemplate":
        for line in self.line:
            asked = {bool(wording.rests_on) for wording in (*line.sound, *line.flawed)}
            if len(asked) > 1:
                raise ValueError(f"all wordings rest on subsets, or none: {line.sound[0].text!r}")
        return self

    @model_validator(mode="after")
    def _enough_to_plant(self) -> "CardTemplate":
        able = sum(bool(line.flawed) for line in self.line)
        if able <= self.flaws:
            raise ValueError(f"{self.flaws} flaws among {able} lines leave nothing to choose")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class CardLine:
    """One line as it is drawn."""

    number: int
    """From 1."""
    under: str
    text: str
    kind: str | None
    why: str
    suspicious: bool
    rests_on: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One drawing of a card."""

    template: CardTemplate
    seed: int
    lines: tuple[CardLine, ...]

    @property
    def flaws(self) -> Mapping[int, str]:
        """Line -> the flaw that was planted there."""
        return {line.number: line.kind for line in self.lines if line.kind is not None}

    @property
    def claims(self) -> Mapping[int, tuple[str, ...]]:
        """Line that is asked about -> the subsets it rests on."""
        return {line.number: line.rests_on for line in self.lines if line.rests_on}


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Mark:
    """A person's statement that a line has a flaw."""

    line: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimBehind:
    """The subsets behind one claim, as they were named."""

    line: int
    missing: tuple[str, ...]
    extra: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardScore:
    """What was found, in points of the card."""

    found: tuple[Mark, ...]
    located: tuple[Mark, ...]
    """Planted flaws whose line was marked, by another name: half their cost is lost."""
    missed: tuple[Mark, ...]
    """Planted flaws on lines nobody marked."""
    false_alarms: tuple[Mark, ...]
    """Marks on sound lines, and marks too many on flawed ones."""
    behind: tuple[ClaimBehind, ...]
    """Of the claims that were answered or asked, in the order of the lines."""
    lost: float
    """Points lost on the marks."""
    at_stake: float
    """Points that an empty sheet loses."""
    lost_behind: float
    """Points lost on subsets."""


CARDS = Exercises(word="card", prefix="card-", shape=CardTemplate)


def draw_card(template: CardTemplate, seed: int) -> Card:
    """Draw a setting, the flawed lines and a wording of every line; the same seed, the same card.

    Args:
        template: From `CARDS`.
        seed: Where chance comes from.
    """
    rng = np.random.default_rng([seed, *template.slug.encode()])
    values = template.setting[int(rng.integers(len(template.setting)))]
    able = [place for place, line in enumerate(template.line) if line.flawed]
    planted = set(rng.choice(able, size=template.flaws, replace=False).tolist())
    lines = []
    for place, line in enumerate(template.line):
        wordings = line.flawed if place in planted else line.sound
        wording = wordings[int(rng.integers(len(wordings)))]
        lines.append(
            CardLine(
                number=place + 1,
                under=line.under,
                text=wording.text.format_map(values),
                kind=wording.kind,
                why=wording.why.format_map(values),
                suspicious=line.suspicious,
                rests_on=wording.rests_on,
            )
        )
    return Card(template=template, seed=seed, lines=tuple(lines))


def view_card(card: Card) -> dict[str, Any]:
    """Give what a person sees before answering: no flaw, no reason, nothing of the seed."""
    template = card.template
    return {
        "slug": template.slug,
        "title": template.title,
        "story": template.story,
        "minutes": template.minutes,
        "flaws": template.flaws,
        "false_alarm": template.false_alarm,
        "wrong_subset": template.wrong_subset,
        "kinds": [kind.model_dump() for kind in template.kind],
        "subsets": [subset.model_dump() for subset in template.subset],
        "claims": list(card.claims),
        "lines": [
            {"number": line.number, "under": line.under, "text": line.text} for line in card.lines
        ],
    }


def reveal_card(card: Card) -> dict[str, Any]:
    """Give what is told afterwards: every flawed or suspicious line with its reason."""
    return {
        "lines": [
            {"number": line.number, "text": line.text, "flaw": line.kind, "why": line.why}
            for line in card.lines
            if line.kind or line.suspicious
        ],
        "claims": {number: list(subsets) for number, subsets in card.claims.items()},
    }


def read_marks(card: Card, text: str) -> list[Mark]:
    """Read marks as they are typed: a line number and a flaw on every line of the text.

    Raises:
        UsageError: If a line has another form, or names a line or flaw that is not there.
    """
    kinds = [kind.name for kind in card.template.kind]
    marks = []
    for told in filter(None, (line.strip() for line in text.splitlines())):
        number, _, kind = told.partition(" ")
        if not number.isdecimal() or not 1 <= int(number) <= len(card.lines):
            raise UsageError(
                f"{told!r} begins with no line of the card. Write the number of a line, 1 to "
                f"{len(card.lines)}, and its flaw: 3 {kinds[0]}."
            )
        if kind.strip() not in kinds:
            raise UsageError(f"{kind.strip()!r} is no flaw. Take one of: {', '.join(kinds)}.")
        marks.append(Mark(line=int(number), kind=kind.strip()))
    return marks


def score_card(
    card: Card,
    marks: Collection[Mark],
    behind: Mapping[int, Collection[str]] | None = None,
) -> CardScore:
    """Hold marks against the planted flaws; the same mark twice counts once.

    Args:
        card: The drawing.
        marks: What the person says.
        behind: Line of a claim -> subsets named; a claim that is asked and left out has none.

    Returns:
        With `lost` = cost of what was missed + half the cost of what was only located
        + `false_alarm` for every other mark.
    """
    said, planted = set(marks), {Mark(line=n, kind=kind) for n, kind in card.flaws.items()}
    found = said & planted
    marked = {mark.line for mark in said}
    located = {flaw for flaw in planted - found if flaw.line in marked}
    missed = planted - found - located
    alarms = _alarms(said - found, {flaw.line for flaw in located})
    costs = {kind.name: kind.costs for kind in card.template.kind}
    lost = sum(costs[flaw.kind] for flaw in missed)
    lost += sum(costs[flaw.kind] for flaw in located) / 2
    lost += card.template.false_alarm * len(alarms)
    named = _behind(card, behind or {})
    wrong = sum(len(one.missing) + len(one.extra) for one in named)
    return CardScore(
        found=tuple(sorted(found)),
        located=tuple(sorted(located)),
        missed=tuple(sorted(missed)),
        false_alarms=alarms,
        behind=named,
        lost=lost,
        at_stake=sum(costs[kind] for kind in card.flaws.values()),
        lost_behind=card.template.wrong_subset * wrong,
    )


def _alarms(others: Collection[Mark], located: Collection[int]) -> tuple[Mark, ...]:
    """Marks that found nothing: the first one on a located line only missed its name."""
    alarms, spent = list[Mark](), set[int]()
    for mark in sorted(others):
        if mark.line in located and mark.line not in spent:
            spent.add(mark.line)
        else:
            alarms.append(mark)
    return tuple(alarms)


def _behind(card: Card, named: Mapping[int, Collection[str]]) -> tuple[ClaimBehind, ...]:
    strange = sorted(set(named) - set(card.claims))
    if strange:
        raise UsageError(
            f"line {strange[0]} is not asked about. Asked are: {_listed(card.claims)}."
        )
    found = []
    for number, subsets in card.claims.items():
        said = set(named.get(number, ()))
        unknown = sorted(said - {subset.name for subset in card.template.subset})
        if unknown:
            known = _listed([subset.name for subset in card.template.subset])
            raise UsageError(f"{unknown[0]!r} is no subset. There are: {known}.")
        found.append(
            ClaimBehind(
                line=number,
                missing=tuple(sorted(set(subsets) - said)),
                extra=tuple(sorted(said - set(subsets))),
            )
        )
    return tuple(found)


def _listed(names: Collection[int] | Sequence[str]) -> str:
    return ", ".join(str(name) for name in names)
