"""Judged: small releases that were sealed and judged in a workspace of their own."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from builders import write_contract, write_csv
from shipcall.app.release import judge_release, seal_release

HEAD = """
shipcall = 1
[release]
id = "{id}"
kind = "{kind}"
owner = "team"
baseline = "old"
candidate = "fresh"
change = "weights"
[unit]
id = "unit"
"""

GRADED = """
[evidence.scores]
path = "scores.csv"
expect = {{ units = {units} }}
max_missing = 0.2
columns = {{ item = "unit" }}
[metric]
right = {{ level = "model", kind = "proportion", better = "higher" }}
[[check]]
id = "gate.right"
stage = "gate"
role = "goal"
metric = "right"
better_by = 0.0
[slices]
by = ["country", "country*device"]
metric = "right"
may_lose = 0.2
min_units = 4
protected = ["country=NZ"]
"""

LABELLED = """
[evidence]
predictions = "predictions.csv"
[metric]
precision = { level = "product", kind = "precision" }
accuracy = { level = "model", kind = "accuracy" }
brier = { level = "model", kind = "brier" }
auc = { level = "model", kind = "roc_auc" }
ece = { level = "model", kind = "ece", bins = 5 }
[[check]]
id = "gate.accuracy"
stage = "gate"
role = "goal"
metric = "accuracy"
better_by = 0.0
[[check]]
id = "gate.precision"
stage = "gate"
role = "guardrail"
metric = "precision"
may_lose = 0.1
[[check]]
id = "gate.auc"
stage = "gate"
role = "guardrail"
metric = "auc"
may_lose = 0.1
[[check]]
id = "gate.brier"
stage = "gate"
role = "guardrail"
metric = "brier"
may_lose = 0.1
[[check]]
id = "gate.ece"
stage = "gate"
role = "watch"
metric = "ece"
may_lose = 0.1
"""

HOSTILE = "<script>alert(1)</script>"


@contextmanager
def own_key(folder: Path) -> Iterator[None]:
    """Sign with a key of its own what is made once for many tests."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SHIPCALL_KEY", str(folder / "signing.key"))
        yield


def graded_release(folder: Path, *, units: int = 40, rest: str = "", judge: bool = True) -> Path:
    """A release of graded answers in words: a goal, slices of two columns, one lost run.

    Unit i is right by the baseline where i % 4 is not 0, by the candidate where i % 5 is not 0.
    """
    rows = []
    for arm, every in (("baseline", 4), ("candidate", 5)):
        for i in range(units):
            lost = arm == "candidate" and i == 7
            rows.append(
                {
                    "arm": arm,
                    "unit": f"u{i:03}",
                    "metric": "right",
                    "value": "" if lost else int(i % every != 0),
                    "status": "infra_error" if lost else "ok",
                    "country": "NZ" if i % 3 else "BR",
                    "device": ("tv", "web")[i % 2],
                    "question": f"What is {i}? {HOSTILE if i == 5 else ''}",
                    "answer": f"the {arm} says {i % every} of {every}\nand stops",
                }
            )
    write_csv(folder / "scores.csv", rows)
    text = HEAD.format(id="graded-1", kind="llm") + GRADED.format(units=units) + rest
    return _finished(write_contract(folder, text), judge=judge)


def labelled_release(folder: Path, *, rows: int = 200, rest: str = "") -> Path:
    """A release of two scorers that state probabilities of one class."""
    draw = random.Random(5)  # noqa: S311 - evidence, no secret
    made = []
    for i in range(rows):
        label = int(draw.random() < 0.5)
        stated = [
            min(max(draw.gauss(0.3 + 0.4 * label, spread), 0.01), 0.99) for spread in (0.25, 0.2)
        ]
        made.append(
            {
                "unit": f"u{i:03}",
                "label": label,
                "baseline": f"{stated[0]:.4f}",
                "candidate": f"{stated[1]:.4f}",
            }
        )
    write_csv(folder / "predictions.csv", made)
    text = HEAD.format(id="labelled-1", kind="classifier") + LABELLED + rest
    return _finished(write_contract(folder, text), judge=True)


def _finished(file: Path, *, judge: bool) -> Path:
    seal_release(file, even_so="a test")
    if judge:
        judge_release(file, "gate")
    return file
