"""Draw the evidence of the practice cases: `python scripts/draw_case.py [--check]`.

All of it is INVENTED. The same case file gives the same bytes: only uniform numbers of one seeded
stream are used, in a fixed order. The hash of the evaluation set that the contract
names is checked as well.
"""

import argparse
import csv
import hashlib
import io
import sys
from pathlib import Path

import numpy as np

from shipcall.core import Slice
from shipcall.practice.case import CONTRACT, EVIDENCE, Case, Truth, cases, load_case

SHELF = Path(__file__).parent.parent / "src" / "shipcall" / "practice" / "cases"
UNREAD = "other"
"""What a model says that cannot read the text."""


def pick(rng: np.random.Generator, shares: dict[str, float]) -> str:
    """Draw one level."""
    point, level = rng.random(), ""
    for level, share in shares.items():  # noqa: B007 - the last level takes what rounding leaves
        point -= share
        if point < 0:
            break
    return level


def wrong(rng: np.random.Generator, label: str, shares: dict[str, float]) -> str:
    """Draw a wrong answer: another intent, as often as that intent occurs."""
    others = {level: share for level, share in shares.items() if level != label}
    total = sum(others.values())
    return pick(rng, {level: share / total for level, share in others.items()})


def answers(rng: np.random.Generator, truth: Truth, label: str, *, broken: bool) -> tuple[str, str]:
    """Draw what the two versions say of one ticket."""
    intents = dict(truth.draw.shares["intent"])
    severity = truth.severity if broken else 0.0
    point = rng.random()
    misread = wrong(rng, label, intents)
    if point < truth.only_candidate:
        return misread, label
    point -= truth.only_candidate
    if point < truth.only_baseline:
        return label, misread
    point -= truth.only_baseline
    if point < severity:
        return label, UNREAD if label != UNREAD else misread
    point -= severity
    if point < truth.draw.both_right - severity:
        return label, label
    return misread, misread


def evidence(case: Case) -> str:
    """Draw the evidence of one case, as CSV."""
    truth = case.truth
    draw, rng = truth.draw, np.random.default_rng(truth.draw.seed)
    columns = [column for column in draw.shares if column != "intent"]
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["unit", "label", "baseline", "candidate", *columns, "item_hash"])
    for number in range(draw.tickets):
        unit = f"t{number:04d}"
        levels = {column: pick(rng, dict(draw.shares[column])) for column in columns}
        label = pick(rng, dict(draw.shares["intent"]))
        broken = truth.broken and set(truth.slice.pairs) <= set(Slice.of(levels).pairs)
        said = answers(rng, truth, label, broken=broken)
        content = hashlib.sha256(f"{case.slug} {draw.seed} {unit}".encode()).hexdigest()[:10]
        writer.writerow([unit, label, *said, *levels.values(), content])
    return stream.getvalue()


def set_hash(table: str) -> str:
    """SHA-256 of the evaluation set: its units, labels and content hashes, one line each."""
    lines = [
        f"{row['unit']},{row['label']},{row['item_hash']}\n"
        for row in csv.DictReader(io.StringIO(table))
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def main() -> int:
    """Write the evidence of every case, or compare with it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the committed files")
    checking, wrongs = parser.parse_args().check, 0
    for slug in cases():
        drawn, file = evidence(load_case(slug)), SHELF / slug / EVIDENCE / "predictions.csv"
        named = set_hash(drawn) in (SHELF / slug / CONTRACT).read_text(encoding="utf-8")
        if not checking:
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(drawn.encode())
        same = named and file.read_bytes() == drawn.encode()
        wrongs += not same
        print(f"{slug}: {'as committed' if same else 'differs'}; set {set_hash(drawn)}")
    return 1 if wrongs else 0


if __name__ == "__main__":
    sys.exit(main())
