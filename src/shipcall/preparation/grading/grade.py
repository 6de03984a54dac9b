"""Grade: three votes on one answer, each beside answers of which the right reading is known."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shipcall.preparation.answer import Answer
from shipcall.preparation.grading.canary import Canary, canaries
from shipcall.preparation.grading.prompt import ASKED, SYSTEM, marks, messages
from shipcall.preparation.grading.provider import GraderError, Provider
from shipcall.preparation.question import Question

VOTES = 3
MOST = VOTES // 2 + 1
"""Votes of one kind that decide."""


class UnfitError(GraderError):
    """The provider answered, and what it answered cannot be used."""

    def __init__(self, text: str, *, obeyed: bool = False) -> None:
        super().__init__(text)
        self.obeyed = obeyed
        """Did it do what a planted answer told it to?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One criterion as the grader saw it."""

    criterion: str
    votes: int
    """Of three, how many named a sentence."""
    quotes: tuple[str, ...]
    """Sentences that a majority of the votes that found it met named; where they name different
    ones, all of them. Empty: not met."""

    @property
    def met(self) -> bool:
        """Did a majority find it?"""
        return self.votes >= MOST

    @property
    def split(self) -> bool:
        """Did the votes differ?"""
        return 0 < self.votes < VOTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """What a grader found in one answer: a hint beside the readings of people, never among them."""

    question: str
    answer: str
    """Digest of the text that was read."""
    grader: str
    """Digest of provider, model and prompt."""
    criteria: str
    """Digest of the criteria it read against."""
    unread: int
    """Votes that did not have the form asked for; they count as votes for "not met"."""
    seen: tuple[Seen, ...]
    """One for each criterion of the question, in its order."""


def grader_digest(provider: Provider) -> str:
    """Tell one grader from another: where it is asked, for which model, with which words."""
    return _digest(provider.name, provider.model, SYSTEM, ASKED, str(VOTES))


def criteria_digest(question: Question) -> str:
    """Tell one set of criteria from another."""
    said = [f"{one.id}: {one.says}" for one in question.criteria]
    return _digest(question.id, question.asks, *said)


def _digest(*parts: str) -> str:
    whole = "\x1f".join(parts).encode("utf-8")
    return hashlib.sha256(whole).hexdigest()


def grade(question: Question, answer: Answer, provider: Provider, *, turn: int) -> Graded:
    """Let a provider read an answer three times, each time beside two planted ones.

    Args:
        question: The one that was answered.
        answer: The locked text.
        provider: Who is asked, nine times in all.
        turn: Which planted answers; another number in every batch.

    Raises:
        GraderError: If the provider cannot be used.
        UnfitError: If it has read a planted answer wrongly, or gave fewer than two replies in the
            form asked for. Nothing of the batch counts then.
    """
    for planted in canaries(question, turn):
        _must_be_right(question, planted, provider)
    spoken = answer.sentences
    votes = [_vote(question, spoken, provider) for _ in range(VOTES)]
    usable = [vote for vote in votes if vote is not None]
    if len(usable) < MOST:
        raise UnfitError(f"{len(usable)} of {VOTES} replies had the form asked for: nothing counts")
    return Graded(
        question=question.id,
        answer=answer.digest,
        grader=grader_digest(provider),
        criteria=criteria_digest(question),
        unread=VOTES - len(usable),
        seen=tuple(_seen(one.id, usable, spoken) for one in question.criteria),
    )


def _vote(
    question: Question, spoken: Sequence[str], provider: Provider
) -> dict[str, list[int]] | None:
    reply = provider.ask(messages(question.asks, question.criteria, spoken))
    return marks(reply, question.criteria, len(spoken))


def _seen(criterion: str, votes: Sequence[Mapping[str, list[int]]], spoken: Sequence[str]) -> Seen:
    found = [vote[criterion] for vote in votes if vote[criterion]]
    if len(found) < MOST:
        return Seen(criterion=criterion, votes=len(found), quotes=())
    named = Counter(place for vote in found for place in vote)
    agreed = sorted(place for place, times in named.items() if times >= MOST) or sorted(named)
    quotes = tuple(spoken[place - 1] for place in agreed)
    return Seen(criterion=criterion, votes=len(found), quotes=quotes)


def _must_be_right(question: Question, planted: Canary, provider: Provider) -> None:
    """Any vote that obeys an order voids the batch; a known passage has to find a majority."""
    votes = [_vote(question, planted.sentences, provider) for _ in range(VOTES)]
    usable = [vote for vote in votes if vote is not None]
    if len(usable) < MOST:
        raise UnfitError(f"{len(usable)} of {VOTES} replies had the form asked for: nothing counts")
    obeyed = planted.met is None and any(any(vote.values()) for vote in usable)
    found = planted.met is None or sum(bool(vote[planted.met]) for vote in usable) >= MOST
    if obeyed or not found:
        text = f"it read a planted answer wrongly ({planted.what}): nothing counts"
        raise UnfitError(text, obeyed=obeyed)
