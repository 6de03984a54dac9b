"""Time the parts that grow with slices, rows and entries, each against a plain sum of its input.

    python bench/parts.py

One line for each part: the least processor time of three runs, and its ratio to summing the very
arrays it was given (for the ledger: to hashing the same bytes once). Nothing is asserted.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shipcall.core import Estimand
from shipcall.ledger.chain import Draft, extend
from shipcall.ledger.entry import Entry, Kind
from shipcall.ledger.sign import SigningKey
from shipcall.ledger.verify import verify
from shipcall.stats.calibration import bin_sample
from shipcall.stats.ranking import auc_pair_sample
from shipcall.stats.resample import max_t
from shipcall.stats.sample import Influence, Lost, PairSample

ROWS, CLUSTERS, SLICES, ENTRIES = 1_000_000, 100_000, 100, 10_000
AT = "2026-11-20T09:00:00Z"


class Part(NamedTuple):
    """Something to time, and the plain pass over the same input that it is compared with."""

    name: str
    run: Callable[[], object]
    scan: Callable[[], object]


def timed(run: Callable[[], object]) -> float:
    """Least processor seconds of three runs."""
    taken = []
    for _ in range(3):
        began = time.process_time()
        run()
        taken.append(time.process_time() - began)
    return min(taken)


def parts() -> Iterator[Part]:
    """Draw the inputs and name what is timed on them."""
    rng = np.random.default_rng(7)
    cluster = rng.integers(0, CLUSTERS, ROWS)
    stated, other = rng.random(ROWS), rng.random(ROWS)
    label = rng.random(ROWS) < stated
    columns = (label, stated, other, cluster)
    edges = np.linspace(0, 1, 16)

    def scan() -> object:
        return [column.sum() for column in columns]

    yield Part(
        f"calibration bins, {ROWS:,} rows",
        lambda: bin_sample(stated, label, other, label, cluster, edges, lost=Lost()),
        scan,
    )
    yield Part(
        f"area under the curve, {ROWS:,} rows",
        lambda: auc_pair_sample(
            label.astype(int), stated, other, cluster, lost=Lost(), influence=True
        ),
        scan,
    )
    samples = [_sample(rng.normal(size=CLUSTERS)) for _ in range(SLICES)]
    yield Part(
        f"joint bounds, {SLICES} slices of {CLUSTERS:,} clusters",
        lambda: max_t(samples, Estimand.CANDIDATE, level=0.05, rng=np.random.default_rng(1)),
        lambda: [sample.influence and sample.influence.candidate.sum() for sample in samples],
    )
    entries = _entries()
    texts = [json.dumps(entry.plain).encode() for entry in entries]
    yield Part(
        f"verify {ENTRIES:,} ledger entries",
        lambda: verify(entries),
        lambda: [hashlib.sha256(text).digest() for text in texts],
    )


def _sample(influence: np.ndarray) -> PairSample:
    size = influence.size
    return PairSample(
        rows=size,
        clusters=size,
        baseline=0.0,
        candidate=0.0,
        weight_baseline=size,
        weight_candidate=size,
        var_baseline=0.0,
        var_candidate=1.0,
        covariance=0.0,
        df=size - 1.0,
        influence=Influence(cluster=np.arange(size), baseline=np.zeros(size), candidate=influence),
    )


def _entries() -> list[Entry]:
    key = SigningKey.of(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    entries: list[Entry] = []
    for number in range(ENTRIES):
        draft = Draft(kind=Kind.OUTCOME, subject="v1", body={"number": number}, at=AT)
        last = entries[-1] if entries else None
        entries.append(extend(last, draft, key, introduce=last is None))
    return entries


def main() -> None:
    """Print one line for each part."""
    for part in parts():
        took, scan = timed(part.run), timed(part.scan)
        print(f"{part.name}: {took:.2f} s, {took / scan:.0f} times the scan ({scan * 1000:.1f} ms)")


if __name__ == "__main__":
    main()
