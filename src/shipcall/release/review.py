"""Review: which shadow pairs a person reads, in which order, and what their answers add up to.

The sample is fixed by the contract and the evidence: nobody can draw until they like it. A person
sees left and right; which model stands where is worked out again when the answers are folded.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from shipcall.contract.contract import Contract
from shipcall.contract.plan import Plan
from shipcall.contract.seal import contract_digest
from shipcall.contract.shadow import PAIRS, shadow_plan
from shipcall.core import Slice, digest
from shipcall.data.evidence import Evidence
from shipcall.data.pairbook import Listed
from shipcall.ledger.entry import Entry, Kind

DRAWN = (
    "half of the sample from pairs in which the models answer differently, as far as there are "
    "so many, the rest from all others at random; so it says what people prefer where the models "
    "differ, not how often"
)
"""How the sample is drawn, for whoever reads its numbers."""
SPARE = 2
"""So many times the sample stand ready in place of pairs that are skipped."""
_ARMS = ("baseline", "candidate")


class Answer(StrEnum):
    """What a person says of one pair."""

    LEFT = "left"
    """The left answer is better."""
    RIGHT = "right"
    SAME = "same"
    UNSAFE_LEFT = "unsafe_left"
    """The left answer must not be shown to anybody."""
    UNSAFE_RIGHT = "unsafe_right"
    SKIPPED = "skipped"
    """Not judged; another pair takes its place."""


class Laid(NamedTuple):
    """One pair as it is laid before a person."""

    request: str
    left: str
    """The model whose answer stands on the left: baseline or candidate."""

    @property
    def right(self) -> str:
        """The model whose answer stands on the right."""
        return _ARMS[1 - _ARMS.index(self.left)]


def draw_sample(
    listed: Sequence[Listed], wanted: int, *, contract: str, evidence: str
) -> tuple[Laid, ...]:
    """Choose pairs to read: the sample first, then those that replace skipped ones.

    The order of the pairs, of the sample and of left and right follow from SHA-256 over the two
    digests and the request, so the same evidence gives the same sample on every machine.

    Args:
        listed: Every pair that can be read, in any order.
        wanted: Size of the sample, `review_sample`.
        contract: SHA-256 of the contract.
        evidence: Digest of the evidence.

    Returns:
        At most `wanted` and `SPARE` times as many in reserve; fewer where there are fewer pairs.
    """

    def chance(purpose: str, request: str) -> bytes:
        text = f"{contract} {evidence} {purpose} {request}"
        return hashlib.sha256(text.encode()).digest()

    shuffled = sorted(listed, key=lambda pair: chance("drawn", pair.request))
    apart = [pair.request for pair in shuffled if not pair.agrees][: (wanted + 1) // 2]
    taken = set(apart)
    others = [pair.request for pair in shuffled if pair.request not in taken]
    rest = wanted - len(apart)
    sample = sorted([*apart, *others[:rest]], key=lambda name: chance("order", name))
    reserve = others[rest : rest + SPARE * wanted]
    return tuple(
        Laid(name, _ARMS[chance("side", name)[0] % 2])
        for name in dict.fromkeys([*sample, *reserve])
    )


def waiting(laid: Sequence[Laid], answers: Mapping[str, Answer], wanted: int) -> Laid | None:
    """Find the pair that is to be read next; None where enough were read, or none is left."""
    if pairs_read(answers) >= wanted:
        return None
    return next((pair for pair in laid if pair.request not in answers), None)


def pairs_read(answers: Mapping[str, Answer]) -> int:
    """Count the pairs that were judged."""
    return sum(answer is not Answer.SKIPPED for answer in answers.values())


def tally(laid: Sequence[Laid], answers: Mapping[str, Answer]) -> dict[str, int]:
    """Fold answers into counts by model.

    Returns:
        baseline and candidate (preferred), same, unsafe_baseline, unsafe_candidate, skipped;
        those that nobody said are 0. Answers to pairs that were not laid do not count.
    """
    counts = Counter(
        _meant(pair, answers[pair.request]) for pair in laid if pair.request in answers
    )
    names = (*_ARMS, "same", *(f"unsafe_{arm}" for arm in _ARMS), "skipped")
    return {name: counts[name] for name in names}


def _meant(pair: Laid, answer: Answer) -> str:
    return {
        Answer.LEFT: pair.left,
        Answer.RIGHT: pair.right,
        Answer.UNSAFE_LEFT: f"unsafe_{pair.left}",
        Answer.UNSAFE_RIGHT: f"unsafe_{pair.right}",
    }.get(answer, str(answer))


def review_body(
    laid: Sequence[Laid], answers: Mapping[str, Answer], *, contract: str, evidence: str, by: str
) -> dict[str, Any]:
    """Write the body of a `reviewed` entry: who said what, and what it adds up to."""
    return {
        "stage": "shadow",
        "contract": contract,
        "evidence": evidence,
        "by": by,
        "drawn": DRAWN,
        "counts": tally(laid, answers),
        "answers": [
            {"request": pair.request, "left": pair.left, "answer": str(answers[pair.request])}
            for pair in laid
            if pair.request in answers
        ],
    }


def reviewed(
    entries: Iterable[Entry], release: str, *, contract: str, evidence: str
) -> Mapping[str, int]:
    """Give what people said of the pairs of this evidence; empty where nobody read them all.

    Only a review of this very evidence under this very contract counts; the newest one does.
    """
    found: Mapping[str, int] = {}
    for entry in entries:
        mine = entry.kind is Kind.REVIEWED and entry.subject == release
        if mine and (entry.body["contract"], entry.body["evidence"]) == (contract, evidence):
            found = entry.body["counts"]
    return found


def shadow_promise(
    contract: Contract,
    evidence: Evidence,
    levels: Mapping[Slice, int] | None,
    entries: Sequence[Entry],
) -> Plan:
    """Make the plan of shadow mode as it is promised now.

    Args:
        contract: The contract that judges.
        evidence: Says which slices the baseline's shadow rows have; no outcome is looked at.
        levels: Slices as sealed, None where none were.
        entries: The ledger so far: what people said of the pairs they read.
    """
    told = reviewed(
        entries,
        contract.release.id,
        contract=contract_digest(contract),
        evidence=digest(evidence.digests()),
    )
    return shadow_plan(contract, {**(levels or {}), **_levels_seen(contract, evidence)}, told)


def _levels_seen(contract: Contract, evidence: Evidence) -> Mapping[Slice, int]:
    """Levels of the sliced columns that the shadow rows have; without rows there are none."""
    if contract.slices is None or contract.shadow is None or not contract.shadow.cover.min_pairs:
        return {}
    known = set(evidence.columns(PAIRS))
    cuts = [by for by in contract.slices.by if {part.strip() for part in by.split("*")} <= known]
    return evidence.levels(cuts, PAIRS) if cuts else {}
