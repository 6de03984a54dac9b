"""Reviews: a person reads shadow pairs, blind; answers are safe at once and recorded at the end."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from shipcall.app.deck import Deck, deck_of
from shipcall.app.place import FOLDER
from shipcall.app.workspace import now, signing_key, sound_entries, who, workspace_of
from shipcall.contract.contract import Contract
from shipcall.contract.parse import read_contract
from shipcall.contract.seal import contract_digest
from shipcall.core import UsageError
from shipcall.ledger.entry import Kind
from shipcall.ledger.exposure import looks, seen
from shipcall.ledger.store import Ledger
from shipcall.release.history import sealed_contract
from shipcall.release.review import (
    Answer,
    Laid,
    pairs_read,
    review_body,
    reviewed,
    waiting,
)

View = dict[str, Any]


@dataclass
class Review:
    """One sitting of one person with the sample of one release."""

    contract: Contract
    deck: Deck
    ledger: Ledger
    notes: Path
    """Where answers go at once, one JSON object a line."""
    begun: bool
    """Has the look at these pairs been recorded?"""
    recorded: Mapping[str, int]
    """What the ledger says of it, by model; empty while nobody has finished."""
    answers: dict[str, Answer] = field(default_factory=dict)

    @property
    def wanted(self) -> int:
        """Pairs that the contract wants to be read."""
        return self.contract.shadow.review_sample if self.contract.shadow else 0

    @property
    def read(self) -> int:
        """Pairs that were judged so far."""
        return pairs_read(self.answers)

    @property
    def over(self) -> bool:
        """Is nothing left to read?"""
        return bool(self.recorded) or self.waiting is None

    @property
    def waiting(self) -> Laid | None:
        """The pair that is to be read next."""
        return waiting(self.deck.laid, self.answers, self.wanted)

    def begin(self) -> None:
        """Record that somebody looks at these pairs; before the first of them is shown."""
        if self.begun or self.over:
            return
        body = seen(
            stage="shadow",
            contract=contract_digest(self.contract),
            evidence=dict(self.deck.digests),
            eval_set=None,
        )
        release = self.contract.release.id
        self.ledger.append(Kind.EVIDENCE_SEEN, release, body, at=now(), key=signing_key())
        self.begun = True

    def next(self) -> View | None:
        """Give the next pair: what it is about, and the left and the right answer."""
        pair = None if self.recorded else self.waiting
        return None if pair is None else self.shown(pair)

    def shown(self, pair: Laid) -> View:
        """Give a pair as people see it; nothing says whose answer stands where."""
        told = self.deck.texts[pair.request]
        sides = {"baseline": told.baseline, "candidate": told.candidate}
        return {
            "request": pair.request,
            "number": self.read + 1,
            "of": self.wanted,
            "about": dict(told.about),
            "left": dict(sides[pair.left]),
            "right": dict(sides[pair.right]),
        }

    def answer(self, request: str, answer: Answer) -> None:
        """Keep an answer; it is on disk when this returns."""
        self._note({"request": request, "answer": str(answer)})
        self.answers.pop(request, None)
        self.answers[request] = answer

    def back(self) -> bool:
        """Take the newest answer back, so that its pair comes again; False where there is none."""
        if not self.answers:
            return False
        request, _ = self.answers.popitem()
        self._note({"request": request, "answer": None})
        return True

    def finish(self) -> View:
        """Record the review in the ledger once the sample is complete, and say how far it is."""
        if not self.recorded and self.wanted and self.read >= self.wanted:
            body = review_body(
                self.deck.laid,
                self.answers,
                contract=contract_digest(self.contract),
                evidence=self.deck.evidence,
                by=who(),
            )
            release = self.contract.release.id
            self.ledger.append(Kind.REVIEWED, release, body, at=now(), key=signing_key())
            self.recorded = body["counts"]
        return self.told

    @property
    def told(self) -> View:
        """How far the review is."""
        return {
            "kind": "review",
            "release": self.contract.release.model_dump(mode="json"),
            "read": self.wanted if self.recorded else self.read,
            "of": self.wanted,
            "recorded": bool(self.recorded),
            "ledger": {"head": self.ledger.head(), "entries": self.ledger.count()},
        }

    def _note(self, said: Mapping[str, Any]) -> None:
        line = {
            "at": now(),
            "by": who(),
            "contract": contract_digest(self.contract),
            "evidence": self.deck.evidence,
            **said,
        }
        self.notes.parent.mkdir(parents=True, exist_ok=True)
        with self.notes.open("ab") as file:
            file.write(json.dumps(line, sort_keys=True).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())


def review_release(file: Path) -> Review:
    """Open the sample of shadow pairs that a person has to read, where they left it.

    Opening writes nothing. Reading pairs is a look at the evidence: `begin` records it, before
    the first pair is shown.

    Args:
        file: The contract file.

    Raises:
        UsageError: If the contract wants no review, is not the one that was sealed, or there are
            no shadow pairs.
        EvidenceError: If they cannot be read.
    """
    contract = read_contract(file)
    if contract.shadow is None or not contract.shadow.review_sample:
        raise UsageError(
            f"{file} asks for no review. Promise one before the evidence: "
            "review_sample = 60 under [shadow]."
        )
    workspace = workspace_of(file)
    ledger = workspace.ledger()
    entries = sound_entries(ledger)
    release, ours = contract.release.id, contract_digest(contract)
    sealed = sealed_contract(entries, release)
    if sealed is None or sealed.digest != ours:
        raise UsageError(
            f"{file} is not sealed as it stands, and the sample depends on the sealed contract. "
            f"Use `shipcall seal {file}`, or `shipcall amend {file} --why …`."
        )
    deck = deck_of(file, contract)
    notes = workspace.root / FOLDER / "reviews" / f"{quote(release, safe='')}.jsonl"
    return Review(
        contract=contract,
        deck=deck,
        ledger=ledger,
        notes=notes,
        begun=deck.evidence in looks(entries, release, "shadow", None),
        recorded=reviewed(entries, release, contract=ours, evidence=deck.evidence),
        answers=_noted(notes, ours, deck.evidence),
    )


def _noted(notes: Path, contract: str, evidence: str) -> dict[str, Answer]:
    """Read the answers to this sample, the newest to each pair; a torn last line was no answer."""
    if not notes.exists():
        return {}
    *lines, _torn = notes.read_bytes().split(b"\n")
    answers: dict[str, Answer] = {}
    for number, line in enumerate(lines, start=1):
        try:
            said = json.loads(line)
            mine = (said["contract"], said["evidence"]) == (contract, evidence)
            request, answer = str(said["request"]), said["answer"]
            kept = None if answer is None else Answer(answer)
        except (ValueError, KeyError, TypeError) as wrong:
            raise UsageError(
                f"{notes}:{number} is not an answer as this program writes it. Restore the line, "
                "or remove the file and read the sample again."
            ) from wrong
        if mine:
            answers.pop(request, None)
            if kept is not None:
                answers[request] = kept
    return answers
