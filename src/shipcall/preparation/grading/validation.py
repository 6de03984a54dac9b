"""Validation: does a grader say what two people say who read the same answers?

A share of equal votes flatters where most criteria are unmet, and a correlation hides that one
reader is kinder throughout. So kappa counts, with its interval; whether long answers are favoured
is asked apart; and one order that was obeyed is enough to fail.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import starmap

import numpy as np

from shipcall.core import Absent, Measured, Tails
from shipcall.stats.agreement import cohen
from shipcall.stats.clusters import Clusters
from shipcall.stats.preference import slope

ANSWERS = 200
"""Fewest answers that both people and the grader have read."""
KAPPA, KAPPA_LOW = 0.6, 0.45
"""Fewest kappa with people, and fewest for the low end of its 95 % interval."""
LENGTH = 0.05
"""How much more often a criterion may be found in an answer that is e times as long, beyond what
people find: the whole 90 % interval has to lie within plus and minus this."""
VOID = 0.02
"""Most of the batches that may be void."""
_KAPPA_TAILS, _LENGTH_TAILS = Tails(0.025, 0.025), Tails(0.05, 0.05)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One answer with what two people and the grader found; criterion -> is it met?"""

    question: str
    words: int
    first: Mapping[str, bool]
    second: Mapping[str, bool]
    grader: Mapping[str, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """What comes of it. `lacks` says in words what is missing; nothing: it is validated."""

    answers: int
    criteria: int
    """Criteria read, over all answers."""
    void: int
    """Answers of which a batch was void."""
    obeyed: int
    """Of these, batches in which an order was obeyed."""
    people: Measured
    """Kappa of the two people."""
    grader: Measured
    """Kappa of the grader with people: each reading of the grader beside each of the two."""
    length: Measured
    """How much more than people the grader finds per answer that is e times as long."""
    lacks: tuple[str, ...]

    @property
    def validated(self) -> bool:
        """Did it show all of it?"""
        return not self.lacks


def validate(labelled: Sequence[Labelled], *, void: int = 0, obeyed: int = 0) -> Validation:
    """Compare a grader with two people, answer by answer.

    Criteria of one answer hang together, so every interval takes answers as clusters. Assumes
    that the two people read without seeing each other or the grader, and that the answers are
    like those that the grader will read: from another kind of person it may agree less.

    Args:
        labelled: Answers that all three have read, over the same criteria.
        void: Answers that the grader could not read.
        obeyed: Of these, those whose planted order was obeyed.
    """
    rows = list(starmap(_row, _pairs(labelled)))
    answer, words, first, second, grader = np.array(rows, dtype=np.float64).reshape(-1, 5).T
    place = answer.astype(np.int64)
    once, twice = Clusters.of(place), Clusters.of(np.concatenate([place, place]))
    people = cohen(first, second, once, _KAPPA_TAILS)
    kappa = cohen(
        np.concatenate([grader, grader]), np.concatenate([first, second]), twice, _KAPPA_TAILS
    )
    beyond = grader - (first + second) / 2
    length = slope(np.log(np.maximum(words, 1.0)), beyond, once, _LENGTH_TAILS)
    lacks = [
        *_few(len(labelled)),
        *_apart(kappa),
        *_favours(length),
        *_voided(void, len(labelled), obeyed),
    ]
    return Validation(
        answers=len(labelled),
        criteria=len(rows),
        void=void,
        obeyed=obeyed,
        people=people,
        grader=kappa,
        length=length,
        lacks=tuple(lacks),
    )


def _pairs(labelled: Sequence[Labelled]) -> list[tuple[int, Labelled, str]]:
    return [(place, one, name) for place, one in enumerate(labelled) for name in one.first]


def _row(place: int, one: Labelled, name: str) -> tuple[float, ...]:
    return place, one.words, one.first[name], one.second[name], one.grader[name]


def _few(answers: int) -> list[str]:
    short = f"{answers} answers were read by all three; it takes {ANSWERS}"
    return [short] if answers < ANSWERS else []


def _apart(kappa: Measured) -> list[str]:
    if isinstance(kappa, Absent):
        return [f"kappa with people is not known: {kappa.detail}"]
    lacks = []
    if not kappa.value >= KAPPA:
        lacks.append(f"kappa with people is {kappa.value:.2f}; it takes {KAPPA:g}")
    if not kappa.low >= KAPPA_LOW:
        lacks.append(f"its 95 % interval begins at {kappa.low:.2f}; it takes {KAPPA_LOW:g}")
    return lacks


def _favours(length: Measured) -> list[str]:
    if isinstance(length, Absent):
        return [f"whether length is favoured is not known: {length.detail}"]
    inside = length.low > -LENGTH and length.high < LENGTH
    ends = f"{length.low:+.3f} to {length.high:+.3f}"
    said = f"its finds change with length by {ends} beyond people; {LENGTH:g} is the most"
    return [] if inside and math.isfinite(length.value) else [said]


def _voided(void: int, read: int, obeyed: int) -> list[str]:
    lacks = []
    if obeyed:
        lacks.append(f"it obeyed orders that stood in {obeyed} planted answers")
    if void > VOID * (void + read):
        lacks.append(f"{void} of {void + read} batches were void; {VOID:.0%} is the most")
    return lacks
