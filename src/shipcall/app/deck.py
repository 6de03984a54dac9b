"""Deck: the sample of shadow pairs that a person reads, drawn once and kept until files change."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shipcall.app.newest import Newest
from shipcall.contract.contract import Contract
from shipcall.contract.seal import contract_digest
from shipcall.contract.shadow import PAIRS
from shipcall.core import UsageError, digest
from shipcall.data.evidence import Evidence
from shipcall.data.pairbook import Readable
from shipcall.release.review import Laid, draw_sample
from shipcall.release.sources import open_evidence

KEPT = 4
"""Decks that are kept, so that a key does not read the files again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deck:
    """The pairs of one sample, in their order, with everything that is shown of them."""

    digests: Mapping[str, str]
    """Format -> SHA-256 of the files they come from."""
    laid: tuple[Laid, ...]
    """The sample, then its reserve."""
    texts: Mapping[str, Readable]
    """Request -> what stands in its pair."""

    @property
    def evidence(self) -> str:
        """Names the state of the files."""
        return digest(dict(self.digests))


_State = tuple[str, tuple[tuple[str, int, int, int], ...]]
_kept = Newest[tuple[_State, Deck]](KEPT)
_one_at_a_time = threading.Lock()


def deck_of(file: Path, contract: Contract) -> Deck:
    """Give the pairs to read; files that look as they did when they were read stay closed.

    Args:
        file: The contract file.
        contract: What stands in it, with `review_sample`.

    Raises:
        UsageError: If there are no shadow pairs.
        EvidenceError: If they cannot be read, or changed meanwhile.
    """
    with _one_at_a_time:
        evidence = open_evidence(contract, file.parent, (PAIRS,))
        try:
            if not evidence.present(PAIRS):
                raise UsageError(
                    f"{file}: there are no shadow pairs yet, so there is nothing to read. "
                    f"Bring the files named under [evidence] {PAIRS}."
                )
            state = contract_digest(contract), evidence.stats()
            held = _kept.get(file)
            if held is None or held[0] != state:
                held = _kept.keep(file, (state, _dealt(contract, evidence)))
            return held[1]
        finally:
            evidence.close()


def _dealt(contract: Contract, evidence: Evidence) -> Deck:
    digests = evidence.digests()
    book = evidence.pairs()
    laid = draw_sample(
        book.readable(),
        contract.shadow.review_sample if contract.shadow else 0,
        contract=contract_digest(contract),
        evidence=digest(digests),
    )
    texts = book.read([pair.request for pair in laid])
    evidence.demand_unchanged(digests)
    return Deck(digests=digests, laid=laid, texts=texts)
