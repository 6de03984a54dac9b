"""Forms: shown, filled in and read back; what cannot be read is refused and not kept."""

import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from builders import scores_contract, write_contract
from shipcall.app.prepare import Desk, desk_at
from shipcall.app.prepare_forms import FORMED, SAYS, form_shown, form_told
from shipcall.cli.main import run, shipcall
from shipcall.core import ContractError, UsageError


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return desk_at(tmp_path)


def put(folder: Path, text: str) -> Path:
    file = folder / "answer.toml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize("name", ["imof", "dvl", "trade-off"])
def test_the_form_that_is_shown_can_be_handed_in_and_stands_in_the_diary(
    name: str, desk: Desk, tmp_path: Path
) -> None:
    shown = form_shown(name, 3)
    told = form_told(desk, name, put(tmp_path, shown["template"]))
    assert desk.diary is not None
    [entry] = desk.diary.of(FORMED, name)
    assert entry.held["score"] == told["score"]


@pytest.mark.parametrize("name", list(SAYS))
def test_looking_at_a_form_is_the_same_again_and_writes_nothing(name: str, desk: Desk) -> None:
    assert form_shown(name, 3) == form_shown(name, 3)
    assert not desk.folder.exists()


def test_what_was_drawn_is_not_told_before_an_answer() -> None:
    assert not {"curves", "score"} & set(form_shown("trade-off", 3))
    assert "gain" not in json.dumps(form_shown("trade-off", 3)["slices"])
    assert "score" not in form_shown("dvl", 3)
    assert "remember" not in form_shown("imof", 3)["prompt"]


def test_a_contract_is_linted_and_its_chances_are_those_of_the_plan(
    desk: Desk, tmp_path: Path
) -> None:
    file = write_contract(tmp_path, scores_contract(400, bar="better_by = 0.02"))
    told = form_told(desk, "contract", file)
    planned = CliRunner().invoke(shipcall, ["plan", str(file), "--json"], catch_exceptions=False)
    assert told["score"]["chances"] == json.loads(planned.output)["chances"]
    assert {one["code"] for one in told["score"]["lints"]} >= {"W215", "W216"}


def test_a_contract_with_faults_is_refused_with_all_of_them_and_not_kept(
    desk: Desk, tmp_path: Path
) -> None:
    with pytest.raises(ContractError):
        form_told(desk, "contract", put(tmp_path, 'metric = "none"\n'))
    assert not desk.folder.exists()


@pytest.mark.parametrize(
    ("name", "text", "match"),
    [
        ("dvl", "order = [", "no TOML"),
        ("dvl", 'order = ["a"]\nprobability = 2', "probability: "),
        ("dvl", 'order = ["a"]\nprobability = 0.5', "which drawing"),
        ("imof", 'prompt = "nothing"', "no prompt 'nothing'"),
        ("imof", "[[input.source]]\nfresh = 3", r"input\.source\.1\.fresh"),
        ("trade-off", "seed = 1\ndefault = 101", "default: "),
        ("trade-off", "seed = 1\ndefault = nan", "default: "),
        ("dvl", 'order = ["a"]\nprobability = nan', "probability: "),
        ("dvl", f"seed = {'1' * 5_000}", "no TOML"),
        ("imof", f"x = {'[' * 20_000}", "no TOML"),
        ("imof", "x" * 60_000, "at most 50,000 characters"),
        ("imof", '"\\u001b[31m" = 1', r"'\\x1b"),
        ("dvl", 'seed = 1\norder = ["\\u001b[31m"]\nprobability = 0.5', r"'\\x1b"),
        ("sonnet", "", "no form 'sonnet'"),
    ],
)
def test_an_answer_that_cannot_be_read_says_where_and_is_not_kept(
    name: str, text: str, match: str, desk: Desk, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=match):
        form_told(desk, name, put(tmp_path, text))
    assert not desk.folder.exists()


def test_an_answer_to_another_drawing_is_refused(desk: Desk, tmp_path: Path) -> None:
    file = put(tmp_path, form_shown("dvl", 3)["template"])
    with pytest.raises(UsageError, match="answer is to seed 3"):
        form_told(desk, "dvl", file, 4)


def test_bytes_that_are_no_text_are_refused(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "answer.toml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="no text in UTF-8"):
        form_told(desk, "imof", file)


def at(folder: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    monkeypatch.chdir(folder)
    found = CliRunner().invoke(shipcall, ["practice", "form", *arguments], catch_exceptions=False)
    assert found.exit_code == 0
    return found.output


@pytest.mark.parametrize("name", ["imof", "dvl", "trade-off"])
def test_a_person_reads_a_form_fills_it_in_and_reads_what_came(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = at(tmp_path, monkeypatch, name, "--seed", "3")
    lines = asked.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("Put your answer")) + 1
    end = next(n for n, line in enumerate(lines) if line.startswith("Then: "))
    text = "\n".join(line.strip() for line in lines[start:end])
    assert tomllib.loads(text)
    put(tmp_path, text)
    told = at(tmp_path, monkeypatch, name, "--answer", "answer.toml")
    assert "readiness" not in told
    assert all(len(line) <= 100 for line in [*lines, *told.splitlines()])


def test_a_person_reads_the_chances_of_a_contract(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = at(tmp_path, monkeypatch, "contract", "--seed", "3")
    assert "shipcall plan contract.toml" in asked
    file = write_contract(tmp_path, scores_contract(400, bar="better_by = 0.02"))
    told = at(tmp_path, monkeypatch, "contract", "--answer", str(file))
    assert "W216" in told
    assert "what the draws leave open, 95 %" in told
    assert "the gain that is hoped for" in told


def test_a_contract_without_chances_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reason = "no such pilot"

    def unplanned(*_: object, **__: object) -> None:
        raise UsageError(reason)

    monkeypatch.setattr("shipcall.app.prepare_forms.plan_release", unplanned)
    file = write_contract(tmp_path, scores_contract(400))
    told = at(tmp_path, monkeypatch, "contract", "--answer", str(file))
    assert f"Its chances are not known: {reason}" in told
    assert "goes on" not in told


def test_forms_are_listed_and_json_is_the_view(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = at(tmp_path, monkeypatch)
    assert all(name in listed for name in SAYS)
    found = at(tmp_path, monkeypatch, "dvl", "--seed", "3", "--json")
    assert json.loads(found) == form_shown("dvl", 3)


def test_a_form_that_is_not_there_is_a_fault_of_usage(tmp_path: Path) -> None:
    assert run(["practice", "form", "sonnet"]) == 2
    assert run(["practice", "form", "dvl", "--answer", str(tmp_path / "gone.toml")]) == 2
