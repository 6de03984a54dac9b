"""Loop: rounds of an interview as somebody claims them, drawn as a rehearsal and read together.

Nobody here knows how a company interviews. A loop is what an article says, with where it says so;
where two articles disagree both stand side by side, and anybody can write a file of their own. A
rehearsal draws questions for every round. What comes of it is a table of criteria that readers
found met, never a chance of anything.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator
from scipy import special

from shipcall.preparation.answer import Reading
from shipcall.preparation.material import Filed, Kind, Material, Slug, Text
from shipcall.preparation.question import Question, Round, questions

TAIL = 0.05
"""One-sided error level of each end of an interval."""
LEAST = 0.5
"""Share of criteria below which a round with a veto stops everything, if its interval is below."""


class Block(StrEnum):
    """Who sits in the committee; all three have to agree."""

    PRODUCT = "product"
    ML = "ML"
    LEADERSHIP = "leadership"


BLOCK_OF = {
    Round.SCREEN: Block.PRODUCT,
    Round.PRODUCT: Block.PRODUCT,
    Round.DESIGN: Block.PRODUCT,
    Round.TECHNICAL: Block.ML,
    Round.SYSTEM: Block.ML,
    Round.SAFETY: Block.ML,
    Round.EXECUTION: Block.PRODUCT,
    Round.STRATEGY: Block.LEADERSHIP,
    Round.BEHAVIOURAL: Block.LEADERSHIP,
    Round.CROSS: Block.ML,
}


class LoopRound(Material):
    """One round as it is claimed."""

    name: Text
    kind: Round
    weight: Annotated[float, Field(gt=0, le=1)] | None = None
    """Share of the decision; None: nobody claims one, and all rounds count alike."""
    minutes: Annotated[int, Field(ge=5, le=480)] = 45
    veto: bool = False
    """Can a bad result here stop everything, whatever the others say?"""


class Loop(Filed):
    """The rounds of one company, as one source has them."""

    company: Text
    says: Text
    claimed_by: Text
    """Article and line, or whatever the reader knows it from."""
    status: Literal["claimed", "own"] = "claimed"
    conflicts: tuple[Slug, ...] = ()
    """Loops of the same company that say otherwise."""
    round: Annotated[tuple[LoopRound, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _weights_are_whole(self) -> "Loop":
        weights = [one.weight for one in self.round if one.weight is not None]
        if not weights:
            return self
        if len(weights) < len(self.round):
            raise ValueError("either every round has a weight or none has")
        known = [weight for weight in weights if weight is not None]
        if abs(sum(known) - 1) > 0.011:
            raise ValueError(f"the weights sum to {100 * sum(known):.0f} %, not to 100 %")
        return self

    @property
    def weights(self) -> tuple[float, ...]:
        """What every round counts; alike where nobody claims anything."""
        return tuple(one.weight or 1 / len(self.round) for one in self.round)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """One round of a rehearsal."""

    round: LoopRound
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """What readers found in one round: criteria met, of how many, and what that leaves open."""

    name: str
    block: Block
    weight: float
    met: int
    criteria: int
    low: float | None
    """Share met, lower end; None: nobody has read an answer of this round yet."""
    high: float | None
    veto: bool

    @property
    def share(self) -> float | None:
        """Share of criteria met."""
        return self.met / self.criteria if self.criteria else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Committee:
    """The packets read together."""

    packets: tuple[Packet, ...]
    unread: tuple[str, ...]
    """Rounds with a question that nobody answered or read: while there are any, nothing is said of
    the whole, as what was left out need not be like what was answered."""
    conflicts: tuple[tuple[str, str], ...]
    """(better, worse): rounds whose intervals do not touch; a committee would ask again."""
    vetoes: tuple[str, ...]
    """Rounds with a veto that were shown to be below half."""
    blocks: Mapping[str, float | None]
    """Share of criteria met in the rounds of each block; None: it has no round that was read."""
    share: float | None
    """Weighted share of criteria met; None while anything is unread. No chance of an offer."""


def _or_own(known: list[str]) -> str:
    return f"There are: {', '.join(known)}; or give a file."


LOOPS = Kind(word="loop", folder="loops", shape=Loop, otherwise=_or_own)
"""Those that come along."""
loop_ids, load_loop, read_loop = LOOPS.ids, LOOPS.load, LOOPS.read


def rehearse(loop: Loop, seed: int, *, seen: Collection[str] = ()) -> tuple[Rehearsed, ...]:
    """Draw questions for every round, none twice, as many as fit into three quarters of its time.

    Args:
        loop: The rounds.
        seed: Where chance comes from; the same seed gives the same questions.
        seen: Questions whose strong answer was seen; they come when nothing else is left.
    """
    rng = np.random.default_rng(seed)
    bank = sorted(questions(), key=lambda one: one.id)
    order = [bank[place] for place in rng.permutation(len(bank))]
    new, known = [q for q in order if q.id not in seen], [q for q in order if q.id in seen]
    taken: set[str] = set()
    drawn = []
    for one in loop.round:
        chosen = _fitting(new, one, taken) or _fitting(known, one, taken)
        taken.update(chosen)
        drawn.append(Rehearsed(round=one, questions=chosen))
    return tuple(drawn)


def _fitting(order: Sequence[Question], one: LoopRound, taken: Collection[str]) -> tuple[str, ...]:
    chosen: list[str] = []
    left = 0.75 * one.minutes
    for question in order:
        fits = question.minutes <= left or not chosen
        if fits and one.kind in question.rounds and question.id not in taken:
            chosen.append(question.id)
            left -= question.minutes
    return tuple(chosen)


def committee(loop: Loop, drawn: Sequence[Rehearsed], readings: Mapping[str, Reading]) -> Committee:
    """Read the rounds of a rehearsal together, as a hiring committee would read packets.

    Criteria of one answer hang together, nobody knows how much. So an interval takes every answer
    as one trial, which is the worst case: the exact bounds of Clopper & Pearson (1934) at 5 % for
    each end, with the share met times the number of answers for events. Three answers say little,
    and the interval says so.

    Args:
        loop: The rounds and what each counts.
        drawn: From `rehearse`.
        readings: Question -> the reading that counts; one that is absent was not read.
    """
    packets = tuple(
        _packet(one, weight, readings) for one, weight in zip(drawn, loop.weights, strict=True)
    )
    unread = tuple(
        one.round.name for one in drawn if any(name not in readings for name in one.questions)
    )
    read = [one for one in packets if one.criteria]
    return Committee(
        packets=packets,
        unread=unread,
        conflicts=tuple((a.name, b.name) for a in read for b in read if _above(a, b)),
        vetoes=tuple(one.name for one in read if one.veto and (one.high or 0) < LEAST),
        blocks={block.value: _share([o for o in read if o.block is block]) for block in Block},
        share=None if unread else sum(one.weight * (one.share or 0) for one in read),
    )


def _packet(one: Rehearsed, weight: float, readings: Mapping[str, Reading]) -> Packet:
    found = [readings[name] for name in one.questions if name in readings]
    met, criteria = sum(r.hits for r in found), sum(len(r.met) for r in found)
    low, high = _ends(met / criteria, len(found)) if criteria else (None, None)
    return Packet(
        name=one.round.name,
        block=BLOCK_OF[one.round.kind],
        weight=weight,
        met=met,
        criteria=criteria,
        low=low,
        high=high,
        veto=one.round.veto,
    )


def _ends(share: float, answers: int) -> tuple[float, float]:
    events, others = share * answers, (1 - share) * answers
    low = float(special.betaincinv(events, others + 1, TAIL)) if events > 0 else 0.0
    high = float(special.betaincinv(events + 1, others, 1 - TAIL)) if others > 0 else 1.0
    return low, high


def _above(one: Packet, other: Packet) -> bool:
    return one.low is not None and other.high is not None and one.low > other.high


def _share(packets: Sequence[Packet]) -> float | None:
    criteria = sum(one.criteria for one in packets)
    return sum(one.met for one in packets) / criteria if criteria else None
