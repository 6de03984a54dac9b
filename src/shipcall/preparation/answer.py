"""Answer: a text that was locked before the strong answer was seen, and what is in it.

No program says here how good a text is. A reader (its author, or a peer) goes through the
criteria of the question and names for each the sentences that meet it; a criterion without a
sentence is not met, so nobody can tick what is not there. The sentences are quoted from the locked
text by their numbers and cannot be made up.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shipcall.core import UsageError
from shipcall.practice.scoring.signs import sentences
from shipcall.preparation.question import Question

MOST = 20_000
"""Characters of an answer; who speaks for an hour writes fewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A text that can no longer be changed."""

    question: str
    text: str
    seconds: float
    """From reading the question to locking."""

    @property
    def sentences(self) -> tuple[str, ...]:
        """The text in sentences; a reader names them by their place, from 1."""
        return tuple(sentences(self.text))

    @property
    def digest(self) -> str:
        """SHA-256 of the text: what a reading belongs to."""
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """One criterion as a reader saw it."""

    criterion: str
    quotes: tuple[str, ...]
    """Sentences of the answer that meet it; none: it is not met."""

    @property
    def met(self) -> bool:
        """Is it met?"""
        return bool(self.quotes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one reader found in one answer."""

    question: str
    reader: str
    """"self", or the name of a peer."""
    answer: str
    """Digest of the text that was read."""
    met: tuple[Met, ...]
    """One for each criterion of the question, in its order."""

    @property
    def hits(self) -> int:
        """How many criteria are met."""
        return sum(one.met for one in self.met)


def lock(question: Question, text: str, *, seconds: float) -> Answer:
    """Fix a text as the answer to a question.

    Args:
        question: What was asked.
        text: What was written or said.
        seconds: How long it took.

    Raises:
        UsageError: If nothing was written, or more than anybody reads.
    """
    if not list(sentences(text)):
        raise UsageError("nothing was written. Write what you would say, then lock it.")
    if len(text) > MOST:
        raise UsageError(f"an answer has at most {MOST:,} characters; this one has {len(text):,}.")
    return Answer(question=question.id, text=text.strip(), seconds=seconds)


def read(
    question: Question, answer: Answer, marks: Mapping[str, Sequence[int]], *, reader: str
) -> Reading:
    """Put down which sentences of an answer meet which criterion.

    Args:
        question: The one that was answered.
        answer: The locked text.
        marks: Criterion -> places of sentences, from 1. A criterion that is left out is not met.
        reader: Who read.

    Raises:
        UsageError: If a criterion or a sentence is not there.
    """
    known = [criterion.id for criterion in question.criteria]
    strange = [name for name in marks if name not in known]
    if strange:
        raise UsageError(f"no criterion {strange[0]!r}. There are: {', '.join(known)}.")
    spoken = answer.sentences
    for name, places in marks.items():
        outside = [place for place in places if not 1 <= place <= len(spoken)]
        if outside:
            raise UsageError(f"{name}: no sentence {outside[0]}; the answer has {len(spoken)}.")
    met = tuple(
        Met(criterion=name, quotes=tuple(spoken[place - 1] for place in marks.get(name, ())))
        for name in known
    )
    return Reading(question=question.id, reader=reader, answer=answer.digest, met=met)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """How two readers of the same answers differ: kinder to oneself, or stricter?"""

    criteria: int
    """Read by both."""
    own: int
    """Of these, met in one's own eyes."""
    peers: int
    """Met in the eyes of the peer."""
    differ: int
    """On which the two disagree."""


def gap(readings: Sequence[Reading]) -> Gap:
    """Compare one's own readings with those of peers, over answers that both read.

    Args:
        readings: Of any answers; a later one of the same reader and answer replaces an earlier.
    """
    newest = {(one.answer, one.reader): one for one in readings}
    pairs = [
        (newest[answer, "self"], other)
        for (answer, reader), other in newest.items()
        if reader != "self" and (answer, "self") in newest
    ]
    both = [
        (mine.met, theirs.met)
        for own, other in pairs
        for mine in own.met
        for theirs in other.met
        if mine.criterion == theirs.criterion
    ]
    return Gap(
        criteria=len(both),
        own=sum(mine for mine, _ in both),
        peers=sum(theirs for _, theirs in both),
        differ=sum(mine != theirs for mine, theirs in both),
    )
