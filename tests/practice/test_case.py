"""A case gives away what a person may know, and nothing of the truth."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from shipcall.contract.lint import lint
from shipcall.contract.parse import read_contract
from shipcall.core import Action, Slice, UsageError
from shipcall.metrics import METRICS
from shipcall.practice.case import Case, cases, load_case, open_case, rows
from shipcall.practice.panels import brief

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=cases())
def case(request: pytest.FixtureRequest) -> Case:
    return load_case(str(request.param))


def sentences(case: Case) -> list[str]:
    """Everything of the truth that is words."""
    truth = case.truth
    told = [truth.cause, truth.rule, truth.what_next, truth.benign, *truth.questions]
    return [part for text in told for part in text.split(". ")]


def test_the_first_case_is_on_the_shelf() -> None:
    assert "hidden-slice" in cases()


def test_an_unknown_case_is_refused_with_the_names_of_those_there_are() -> None:
    with pytest.raises(UsageError, match="hidden-slice"):
        load_case("hidden-slize")


def test_the_brief_holds_no_sentence_of_the_truth_and_does_not_name_the_slice(case: Case) -> None:
    told = json.dumps(brief(case))
    assert not [part for part in sentences(case) if part in told]
    assert str(case.truth.slice) not in told
    assert "ortug" not in told


def test_an_opened_case_is_a_workspace_with_contract_and_evidence_only(
    case: Case, tmp_path: Path
) -> None:
    contract = open_case(case, tmp_path / "play")
    seen = {str(p.relative_to(contract.parent)) for p in contract.parent.rglob("*") if p.is_file()}
    assert contract.name == "contract.toml"
    assert seen == {"contract.toml", "evidence/predictions.csv", ".shipcall/.gitignore"}
    assert (contract.parent / ".shipcall").is_dir()


def test_the_opened_files_hold_no_sentence_of_the_truth(case: Case, tmp_path: Path) -> None:
    contract = open_case(case, tmp_path / "play")
    told = contract.read_text(encoding="utf-8")
    told += (contract.parent / "evidence" / "predictions.csv").read_text(encoding="utf-8")
    assert not [part for part in sentences(case) if part in told]
    assert "ortug" not in told


def test_the_contract_names_the_broken_slice_nowhere(case: Case, tmp_path: Path) -> None:
    """Only its column is named, as one of several."""
    told = open_case(case, tmp_path / "play").read_text(encoding="utf-8")
    ((column, level),) = case.truth.slice.pairs
    assert f'"{column}"' in told
    assert f"={level}" not in told


def test_the_same_case_opens_to_the_same_bytes(case: Case, tmp_path: Path) -> None:
    one, two = open_case(case, tmp_path / "one"), open_case(case, tmp_path / "two")
    table = "evidence/predictions.csv"
    assert one.read_bytes() == two.read_bytes()
    assert (one.parent / table).read_bytes() == (two.parent / table).read_bytes()


def test_a_folder_with_a_contract_is_left_alone(case: Case, tmp_path: Path) -> None:
    (tmp_path / "contract.toml").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="empty folder"):
        open_case(case, tmp_path)
    assert (tmp_path / "contract.toml").read_text(encoding="utf-8") == "mine"


def test_the_contract_has_no_faults_and_raises_no_question(case: Case, tmp_path: Path) -> None:
    path = open_case(case, tmp_path / "play")
    text = path.read_text(encoding="utf-8")
    assert lint(read_contract(path), text=text, measurable=METRICS) == ()


def test_the_clause_of_the_debrief_is_the_clause_of_the_contract(
    case: Case, tmp_path: Path
) -> None:
    written = tomllib.loads(open_case(case, tmp_path / "play").read_text(encoding="utf-8"))
    clause = tomllib.loads(case.truth.clause)["slices"]
    assert clause.items() <= written["slices"].items()


def test_looking_everywhere_costs_more_time_than_there_is(case: Case) -> None:
    assert sum(spec.minutes for spec in case.panels) > case.minutes


def test_drawing_the_case_again_gives_the_committed_bytes_and_the_hash_of_the_contract() -> None:
    """The script compares whole files and looks for the hash of the set in the contract."""
    script = ROOT / "scripts" / "draw_case.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_evidence_is_such_as_its_world_gives() -> None:
    """Binomial arithmetic: 4,800 tickets of which 8 % are Portuguese: 384 with deviation 18.8.

    There the difference is 0.09 - 0.05 - 0.20 = -0.16, deviation sqrt(0.34 - 0.16^2) / sqrt(n).
    """
    case = load_case("hidden-slice")
    found = [row for row in rows(case) if row["language"] == "pt"]
    right = {
        arm: sum(row[arm] == row["label"] for row in found) for arm in ("baseline", "candidate")
    }
    difference = (right["candidate"] - right["baseline"]) / len(found)
    assert abs(len(found) - 384) < 3 * 18.8
    assert abs(difference + 0.16) < 3 * 0.5607 / len(found) ** 0.5


def test_every_offered_call_has_a_worth_in_both_worlds() -> None:
    case = load_case("hidden-slice")
    assert set(case.values) == {Action.SHIP, Action.HOLD, Action.NO_SHIP}
    assert case.values[Action.SHIP].sound > 0 > case.values[Action.SHIP].broken
    assert case.truth.slice == Slice.of({"language": "pt"})
