"""Flights: one workspace with a release at every stage, for whatever shows a workspace.

Each release is small, and everything in it is invented.
"""

import csv
from datetime import UTC
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builders import write_contract, write_csv
from passing import CASES
from practice.shelves import use_shelf
from shipcall.app import (
    practise,
    prepare,
    prepare_forms,
    prepare_frames,
    prepare_loops,
    prepare_offers,
    prepare_plan,
    prepare_simulations,
    prepare_stories,
    prepare_tracker,
)
from shipcall.app.practise_room import open_room
from shipcall.app.release import judge_release, seal_release
from shipcall.preparation.clock import Clock
from studied import study_all

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

TAUGHT = "not-worse"
"""A lesson that was read."""
ANSWERED, UNANSWERED = "ship-new-recommender", "price-per-call"
"""A question that was locked and read, by its author and a peer, and one that nobody answered."""
ORDER = "order.toml"
"""An answer to the form `dvl`; it is the first line of the diary."""

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


STORY = """
id = "late-prices"
title = "Prices that came late"
about = ["drift and incidents"]
situation = "For 5 hours sellers saw prices of another currency."
data = "Rates of one country arrived as text."
model = "It took them for zero."
product = "61 sellers sold below cost."
back = ""
decision = "I took the model back everywhere, instead of in that country alone."
evidence = "12 of the first 15 complaints were about one currency; 3 were not."
result = "4,100 listings were wrong."
process = "A listing in each currency is asked every 10 minutes."
"""
OFFER = """
walk_away = 80000
walk_away_why = "what I have now"
questions = ["Do refreshers come every year?"]

[[known]]
what = "base"
low = 75000
high = 95000
source = "two people I know"
as_of = "2026"

[[offer]]
name = "first letter"
base = 78000
sign_on = 5000

[offer.equity]
value = 60000
spread = 0.4
worthless = 0.3
"""
SIMULATED = {
    "morning": 'order = ["retrained-prices", "missing-field"]\n[decide]\nmissing-field = "look"\n',
    "post-mortem": 'order = ["app", "default", "finance", "held"]\nseen = 21\n'
    'causes = ["muted-check", "app-team"]\n',
    "sales": "Into Spanish it is right. With dose tables it is 70 of 100. Recall is fine.",
}
"""Simulation -> an answer to drawing 3."""


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
    study_all(root)
    _play(root, patch)
    patch.setattr("shipcall.app.prepare.MACHINE", Clock(zone=UTC))
    prepared(root)
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


def prepared(root: Path) -> None:
    """Prepare a little: a form, a lesson, and a rehearsal of which one round was read.

    Args:
        root: The workspace.
    """
    desk = prepare.desk_at(root)
    answer = 'order = ["meter-photos", "damp-photos", "call-notes", "repair-sorting", '
    (root / ORDER).write_text(
        f'seed = 7\n{answer}"craft-invoices"]\nprobability = 0.6\n', encoding="utf-8"
    )
    prepare_forms.form_told(desk, "dvl", root / ORDER)
    prepare_plan.begin_plan(root, "Google", "30d")
    asked = "Two versions, one number each. Which one do you ship, and what do you ask first?"
    prepare_tracker.interview_written(
        root, on=None, company="A map service", round_="technical", asked=asked
    )
    prepare.lesson_told(desk, TAUGHT, guesses={"short_not_significant": 20.0})
    said = "Research and I write down before training what may be lost. New users: 0.5 points."
    prepare.lock_answer(desk, ANSWERED, said, seconds=95.0)
    own = {"together-before-training": [1], "regression-budget": [1, 2]}
    prepare.read_answer(desk, ANSWERED, own)
    prepare.read_answer(desk, ANSWERED, {"regression-budget": [2]}, reader="Ada")
    begun = prepare_loops.loop_begun(desk, "google-weights", seed=1)
    for asked in begun["rounds"][0]["questions"]:
        shown = prepare.lock_answer(desk, asked["id"], said, seconds=95.0)
        marks = {one["id"]: [1, 2][: k % 3] for k, one in enumerate(shown["criteria"])}
        prepare.read_answer(desk, asked["id"], marks)
    told_of_oneself(root)


def told_of_oneself(root: Path) -> None:
    """Put down a story, an offer, a level of a rubric, a word, and answer every simulation.

    Args:
        root: The workspace, prepared.
    """
    desk = prepare.desk_at(root)
    prepare_frames.rubric_rated(
        desk, "research-bar", ANSWERED, prepare_frames.Found("mixed", [1], "Ada")
    )
    prepare_frames.word_kept(desk, "edge-drift")
    prepare_stories.story_added(desk, STORY)
    prepare_stories.story_used(desk, "late-prices", interview=False, to=ANSWERED)
    prepare_offers.offers_added(desk, OFFER)
    for name, text in SIMULATED.items():
        prepare_simulations.simulation_told(desk, name, prepare_simulations.Given(text, 3))


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
