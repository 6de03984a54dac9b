"""The committed examples make the calls that their pages tell of, each for its own reason."""

import csv
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from shipcall.app.world import draw_world
from shipcall.contract.lint import lint
from shipcall.contract.parse import read_contract
from shipcall.core import Absent, Action, Finding, Reason, Rule, Standing
from shipcall.ledger.sign import SigningKey
from shipcall.ledger.store import Ledger
from shipcall.metrics import METRICS
from shipcall.release.history import sealed_contract
from shipcall.release.judge import Judgement, judge
from shipcall.release.sealing import seal

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = ("digit-reader", "support-answers", "tumour-screen")
AT = "2026-11-01T09:00:00Z"


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> "Judged":
    return Judged(tmp_path_factory.mktemp("ledgers"))


class Judged:
    """Seals each example in a ledger of its own and judges its gate, once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.gate = cache(self._gate)

    def _gate(self, name: str) -> Judgement:
        file = EXAMPLES / name / "contract.toml"
        contract = read_contract(file)
        key = SigningKey.load_or_create(self._folder / "signing.key")
        ledger = Ledger.open(self._folder / f"{name}.db", create=True)
        seal(contract, file, ledger=ledger, key=key, at=AT)
        entries = list(ledger.entries())
        sealed = sealed_contract(entries, contract.release.id)
        return judge(contract, "gate", root=file.parent, as_of=AT, sealed=sealed, entries=entries)

    def finding(self, name: str, check: str) -> Finding:
        """One finding of one example."""
        return next(f for f in self.gate(name).verdict.findings if f.check.id == check)


@pytest.mark.parametrize("name", NAMES)
def test_a_contract_has_no_faults_and_leaves_no_question(name: str) -> None:
    file = EXAMPLES / name / "contract.toml"
    text = file.read_text(encoding="utf-8")
    assert lint(read_contract(file), text=text, measurable=METRICS) == ()


@pytest.mark.parametrize(
    ("name", "call", "rule"),
    [
        ("digit-reader", Action.NO_SHIP, Rule.GUARDRAIL_BREACHED),
        ("support-answers", Action.ADVANCE, Rule.ALL_SHOWN),
        ("tumour-screen", Action.HOLD, Rule.NEED_NOT_MET),
    ],
)
def test_an_example_makes_its_call(judged: "Judged", name: str, call: Action, rule: Rule) -> None:
    verdict = judged.gate(name).verdict
    assert (verdict.call, verdict.rule) == (call, rule)


@pytest.mark.parametrize("name", NAMES)
def test_the_evidence_of_an_example_can_be_trusted(judged: "Judged", name: str) -> None:
    doubts = [
        f.check.id
        for f in judged.gate(name).verdict.findings
        if f.check.id.startswith("sanity.") and not f.satisfied
    ]
    assert doubts == []


def test_the_digit_reader_is_refused_for_one_slice_alone(judged: "Judged") -> None:
    """Only digits that lean to the right fail; the average and every other slice do not."""
    verdict = judged.gate("digit-reader").verdict
    assert verdict.because == ("slice.slant=right",)
    assert judged.finding("digit-reader", "gate.accuracy").standing is Standing.CLEAR
    assert judged.finding("digit-reader", "gate.brier").standing is Standing.CLEAR
    assert judged.finding("digit-reader", "slice.ink=faint").standing is not Standing.BREACH


def test_the_accuracies_of_the_digit_reader_match_a_plain_count(judged: "Judged") -> None:
    """Counted here from the file: the greatest of ten probabilities against the label."""
    with (EXAMPLES / "digit-reader/evidence/predictions.csv").open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["slant"] == "right"]

    def share(arm: str) -> float:
        said = [max(range(10), key=lambda d: float(row[f"{arm}_{d}"])) for row in rows]
        return sum(int(row["label"]) == digit for row, digit in zip(rows, said, strict=True)) / 599

    arms = judged.finding("digit-reader", "slice.slant=right").arms
    assert len(rows) == 599
    assert arms is not None
    assert arms.baseline == pytest.approx(share("baseline"))
    assert arms.candidate == pytest.approx(share("candidate"))


def test_the_page_of_the_digit_reader_states_the_accuracies_that_were_measured(
    judged: "Judged",
) -> None:
    page = (EXAMPLES / "digit-reader/README.md").read_text(encoding="utf-8")
    checks = ["gate.accuracy", *(f"slice.slant={part}" for part in ("left", "upright", "right"))]
    for check in checks:
        arms = judged.finding("digit-reader", check).arms
        assert arms is not None
        assert f"{100 * arms.baseline:.1f} %" in page
        assert f"{100 * arms.candidate:.1f} %" in page


def test_the_tumour_screen_holds_over_cancers_that_are_too_few(judged: "Judged") -> None:
    """212 cancers: found 3 more, 4 lost and 7 gained, which one point of budget cannot carry."""
    found = judged.finding("tumour-screen", "gate.found")
    assert found.standing is Standing.OPEN
    assert found.measured.n == 212
    assert found.arms is not None
    assert found.arms.baseline == pytest.approx(199 / 212)
    assert found.arms.candidate == pytest.approx(202 / 212)
    assert found.missing_units is not None
    assert found.missing_units > 100


def test_the_tumour_screen_says_what_its_small_slice_lacks(judged: "Judged") -> None:
    """Six of the 212 cancers lie in the smallest third; the contract asks for thirty."""
    small = judged.finding("tumour-screen", "slice.size=small")
    assert isinstance(small.measured, Absent)
    assert small.measured.reason is Reason.TOO_FEW_UNITS
    assert small.missing_units == 24
    assert set(judged.gate("tumour-screen").verdict.because) >= {"gate.found", "slice.size=small"}


def test_the_tumour_screen_clears_everything_that_looks_good(judged: "Judged") -> None:
    """False alarms 35 of 357 before, 20 of 357 after: that gain is shown, and not enough."""
    callback = judged.finding("tumour-screen", "gate.callback")
    assert callback.standing is Standing.CLEAR
    assert callback.arms is not None
    assert callback.arms.baseline == pytest.approx(35 / 357)
    assert callback.arms.candidate == pytest.approx(20 / 357)
    assert judged.finding("tumour-screen", "gate.brier").standing is Standing.CLEAR
    assert judged.finding("tumour-screen", "gate.auc").standing is Standing.CLEAR


def test_the_support_answers_clear_every_promise(judged: "Judged") -> None:
    shown = {
        f.check.id: f.standing
        for f in judged.gate("support-answers").verdict.findings
        if f.check.id.startswith("gate.")
    }
    assert shown == dict.fromkeys(
        ("gate.resolved", "gate.resolved_3", "gate.unsafe", "gate.latency", "gate.cost"),
        Standing.CLEAR,
    )


def test_the_support_answers_count_questions_and_not_runs(judged: "Judged") -> None:
    """420 questions, each run three times by both models."""
    assert judged.finding("support-answers", "gate.resolved").measured.n == 420


@pytest.mark.parametrize("name", ["digit-reader", "tumour-screen"])
def test_the_contract_names_the_hash_of_its_evaluation_set(name: str) -> None:
    """SHA-256 of one line a row: unit, label, item_hash."""
    with (EXAMPLES / name / "evidence/predictions.csv").open(encoding="utf-8") as stream:
        lines = [f"{r['unit']},{r['label']},{r['item_hash']}\n" for r in csv.DictReader(stream)]
    assert digest(lines) == named(name)


def test_the_contract_of_the_support_answers_names_the_hash_of_its_items() -> None:
    """SHA-256 of the distinct lines item, item_hash in order."""
    table = pq.read_table(EXAMPLES / "support-answers/evidence/scores.parquet")
    lines = {f"{row['item']},{row['item_hash']}\n" for row in table.to_pylist()}
    assert digest(sorted(lines)) == named("support-answers")


def digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def named(name: str) -> str | None:
    harness = read_contract(EXAMPLES / name / "contract.toml").harness
    assert harness is not None
    assert harness.eval_set is not None
    return harness.eval_set.sha256


@pytest.mark.parametrize("name", NAMES)
def test_an_example_stays_small(name: str) -> None:
    size = sum(p.stat().st_size for p in (EXAMPLES / name / "evidence").iterdir())
    assert size < 400_000


def test_drawing_the_invented_world_again_gives_the_committed_evidence(tmp_path: Path) -> None:
    folder = EXAMPLES / "support-answers"
    draw_world(folder / "world.toml", tmp_path / "again")
    again, committed = (
        pq.read_table(place / "scores.parquet")
        for place in (tmp_path / "again", folder / "evidence")
    )
    assert again.equals(committed)
    truth = (folder / "evidence" / "truth.json").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "again" / "truth.json").read_text("utf-8")) == json.loads(truth)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["digit-reader", "tumour-screen"])
def test_training_again_gives_the_committed_predictions(name: str) -> None:
    """Probabilities within 0.005: linear algebra differs a little between machines."""
    assert made_again(name) == 0


def made_again(name: str) -> int:
    script = EXAMPLES / name / "make.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, check=False)
    return done.returncode
