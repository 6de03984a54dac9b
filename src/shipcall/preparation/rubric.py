"""Rubric: four anchors for one quality of an answer, each a sentence two readers can agree on.

A level is put down by a reader for a locked answer, with the sentences it rests on. Levels of
different rubrics and readers stand beside each other; nothing is averaged, as the distance
between two anchors is not a number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from shipcall.core import UsageError
from shipcall.preparation.answer import Answer
from shipcall.preparation.material import Filed, Kind, Material, Text, Wish

LEVELS = ("poor", "mixed", "good", "excellent")
"""From the lowest anchor to the highest."""
_PLACES = {**{name: place for place, name in enumerate(LEVELS, 1)}, **dict.fromkeys("1234", 0)}


class Anchor(Material):
    """What an answer at one level does."""

    says: Text
    shown: Text
    """A sentence that does it; invented."""


class Rubric(Filed):
    """One quality of an answer, in four anchors; a higher one asks for what stands in the lower."""

    name: Text
    claimed_by: str = ""
    """The article that speaks of the quality; the anchors are ours."""
    covers: Annotated[tuple[Wish, ...], Field(min_length=1)]
    asks: Text
    anchor: Annotated[tuple[Anchor, ...], Field(min_length=len(LEVELS), max_length=len(LEVELS))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """The level a reader found in an answer."""

    rubric: str
    question: str
    answer: str
    """Digest of the text that was read."""
    reader: str
    level: int
    """1 to 4."""
    quotes: tuple[str, ...]
    """Sentences of the answer it rests on; none at the lowest level only."""


def level_of(told: str) -> int:
    """Read a level: poor, mixed, good, excellent, or 1 to 4.

    Raises:
        UsageError: If it is none.
    """
    name = told.strip().lower()
    if name not in _PLACES:
        raise UsageError(f"{told!r} is no level. Say {', '.join(LEVELS)}, or 1 to 4.")
    return _PLACES[name] or int(name)


def rate(
    rubric: Rubric, answer: Answer, level: int, because: Sequence[int], *, reader: str
) -> Rated:
    """Put down the level of an answer, with the sentences it rests on.

    Args:
        rubric: The quality that is looked at.
        answer: The locked text.
        level: 1 to 4.
        because: Places of sentences, from 1. Above the lowest level at least one.
        reader: Who read.

    Raises:
        UsageError: If the level rests on nothing, or on a sentence that is not there.
    """
    spoken = answer.sentences
    outside = [place for place in because if not 1 <= place <= len(spoken)]
    if outside:
        raise UsageError(f"no sentence {outside[0]}; the answer has {len(spoken)}.")
    if level > 1 and not because:
        raise UsageError(
            f"{LEVELS[level - 1]} rests on no sentence. Name those that show it: --because 1,3"
        )
    return Rated(
        rubric=rubric.id,
        question=answer.question,
        answer=answer.digest,
        reader=reader,
        level=level,
        quotes=tuple(spoken[place - 1] for place in because),
    )


def newest(rated: Sequence[Rated]) -> list[Rated]:
    """Keep the last level of each reader for each answer and rubric, in the order of reading."""
    last: Mapping[tuple[str, str, str], Rated] = {
        (one.rubric, one.answer, one.reader): one for one in rated
    }
    return list(last.values())


RUBRICS = Kind(word="rubric", folder="rubrics", shape=Rubric)
"""Those that come along."""
rubric_ids, load_rubric = RUBRICS.ids, RUBRICS.load
