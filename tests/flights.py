"""Flights: one workspace with a release at every stage, for whatever shows a workspace.

Each release is small, and everything in it is invented.
"""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builders import write_contract, write_csv
from passing import CASES
from practice.shelves import use_shelf
from shipcall.app import practise
from shipcall.app.practise_room import open_room
from shipcall.app.release import judge_release, seal_release

AT = "2030-12-20T12:00:00Z"
OPEN = "open-reader"
"""Judged at the gate and shown; two blocks have to sign; probabilities, slices, rows to read."""
BLIND = "blind-reader"
"""Judged at the gate; the verdict is covered until somebody calls."""
UNSEALED = "next-reader"
"""A contract that nobody sealed."""
STAGED = {stage: f"{stage}-flight" for stage in ("shadow", "rollout", "cohort")}
"""Stage -> a release that was judged there."""
SAID = {"baseline": "as far as we know", "candidate": "and here is why"}
"""What each arm adds to an answer: a page that hides the arms shows both, and says neither name."""
REVIEWED = 4
"""Pairs that a person has to read of the release in shadow mode."""

TOLD, READY = "2026-11-20-told", "2026-11-20-open"
"""A play that was revealed, and one whose clock does not run yet."""

SHEET = {"call": "back", "causes": {"rot": 0.2, "sound": 0.5, "log": 0.3}, "why": "It is worse."}
"""What was answered in the play that was revealed."""

READER = """
shipcall = 1
[release]
id = "{id}"
kind = "classifier"
surface = "Amount field of scanned forms"
owner = "forms-ml"
baseline = "reader-4"
candidate = "reader-5"
change = "weights"
hypothesis = "More pixels let more digits be read right."
[unit]
id = "unit"
[evidence]
predictions = {{ path = "predictions.csv", expect = {{ units = 400 }} }}
[metric]
accuracy = {{ level = "model", kind = "accuracy" }}
brier = {{ level = "model", kind = "brier" }}
[[check]]
id = "gate.accuracy"
stage = "gate"
role = "goal"
metric = "accuracy"
may_lose = 0.05
[[check]]
id = "gate.brier"
stage = "gate"
role = "guardrail"
metric = "brier"
may_lose = 0.05
[slices]
by = ["country", "device"]
metric = "accuracy"
may_lose = 0.2
min_units = 20
protected = ["country=NZ"]
[decision]
signatures = ["product", "ml"]
blind = {blind}
"""


def flown(folder: Path) -> Path:
    """Make the workspace with a key of its own, below a folder; see `fly`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHIPCALL_KEY", str(folder / "signing.key"))
        patch.setenv("SHIPCALL_BY", "mara")
        shelved(folder / "shelf", patch)
        return fly(folder / "workspace", patch)


def shelved(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Take cases of practice from a small shelf, and let pages wait for whatever they draw."""
    use_shelf(folder, patch)
    patient(patch)


def patient(patch: pytest.MonkeyPatch) -> None:
    """Let pages wait for whatever they draw: none leads to a job."""
    patch.setattr("shipcall.web.jobs.Jobs.where.__kwdefaults__", {"patience": 60.0})
    patch.setattr("shipcall.web.practice.halls.PATIENCE", 60.0)


def fly(root: Path, patch: pytest.MonkeyPatch) -> Path:
    """Seal and judge a release at every stage, and play a small case of practice.

    Args:
        root: A folder that is not there yet.
        patch: Gives plays their names.
    """
    (root / ".shipcall").mkdir(parents=True)
    for name, blind in ((OPEN, "false"), (BLIND, "true"), (UNSEALED, "true")):
        file = write_contract(root / name, READER.format(id=name, blind=blind).lstrip())
        if name == UNSEALED:
            continue
        seal_release(file, even_so="the tests need no power")
        predictions(root / name / "predictions.csv")
        judge_release(file, "gate", at=AT)
    for stage, name in STAGED.items():
        staged(root / name, stage, name)
    _play(root, patch)
    return root


def _play(root: Path, patch: pytest.MonkeyPatch) -> None:
    room = open_room(root)
    for play, scripted in ((TOLD, True), (READY, False)):
        patch.setattr("shipcall.app.practise.new_id", lambda _, play=play: play)
        wish = practise.Wish(case="tiny", seed=7, scripted=scripted)
        if scripted:
            practise.scripted(room, wish, {"look": ["effect"], "sheet": SHEET, "rule": "Wait."})
        else:
            practise.start(room, wish)


def staged(folder: Path, stage: str, name: str) -> None:
    """Seal a small release and judge it at its stage.

    Args:
        folder: Where its contract and evidence go.
        stage: One of `STAGED`.
        name: The release.
    """
    about = f'id = "{name}"\nsurface = "Order of the home feed"'
    text = CASES[stage].contract.replace('id = "v2"', about, 1).lstrip()
    text = text.replace('owner = "o"', 'owner = "feed-ml"', 1)
    if stage == "shadow":
        text += f"review_sample = {REVIEWED}\n"
    file = write_contract(folder, text)
    seal_release(file, even_so="the tests need no power")
    for table, rows in CASES[stage].tables(1).items():
        write_csv(folder / f"{table}.csv", [_later(row) for row in rows])
    judge_release(file, stage, at=AT)


def _later(row: dict[str, Any]) -> dict[str, Any]:
    """Shift November 2026 to December 2030: evidence comes after its contract was sealed."""
    moved = {
        name: value.replace("2026-11-", "2030-12-")
        for name, value in row.items()
        if isinstance(value, str)
    }
    if "request" in row:
        moved |= {f"output_{arm}": f"Yes, {row['request']}, {said}." for arm, said in SAID.items()}
    return row | moved


def predictions(path: Path, seed: int = 3) -> None:
    """Write 400 probabilities of two readers of which the second is a little better."""
    rng = np.random.default_rng(seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["unit", "label", "baseline", "candidate", "country", "device"])
        for number, label in enumerate(rng.integers(0, 2, 400)):
            sure = np.array([rng.beta(4, 1.6), rng.beta(4, 1.4)])
            stated = np.round(sure if label else 1 - sure, 4)
            place, device = ("NZ", "BR", "IN", "DE")[number % 4], ("phone", "desk")[number // 4 % 2]
            writer.writerow([f"u{number:03}", label, *stated, place, device])
