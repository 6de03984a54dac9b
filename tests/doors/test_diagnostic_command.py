"""The diagnostic and the plan at the command line: asked part by part, left and gone on with."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from shipcall.app import prepare_diagnostic
from shipcall.cli.main import run, shipcall
from shipcall.preparation.diagnostic import CARDS, CLAIMS, SPOTS


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In an empty folder, and without spot decisions, which other tests play."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(prepare_diagnostic._COMING, "spots", lambda *_: None)  # noqa: SLF001


def asked(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(shipcall, ["practice", *arguments], input=typed)


def view(*arguments: str) -> dict[str, object]:
    told: dict[str, object] = json.loads(asked(*arguments, "--json").stdout)
    return told


def test_it_asks_part_by_part_and_again_where_an_answer_is_none() -> None:
    typed = "120\n" + "70\n" * CLAIMS + "\ngood\n" * CARDS + "3\n1\n"
    got = asked("diagnostic", typed=typed)
    assert got.exit_code == 0, got.output
    assert "is no share" in got.output
    assert "say 1 or 2" in got.output
    assert got.output.count("not enough seen") >= 10
    assert "shipcall practice question ship-new-recommender" in got.output


def test_whoever_leaves_goes_on_where_it_stopped() -> None:
    got = asked("diagnostic", typed="70\n70\n")
    assert "Kept so far" in got.output
    assert view("diagnostic")["done"] == {
        "spots": [0, SPOTS],
        "claims": [2, CLAIMS],
        "cards": [0, CARDS],
        "apart": [0, 1],
    }


def test_one_part_is_answered_by_an_option() -> None:
    asked("diagnostic", "--seed", "1", "--json")
    asked("diagnostic", "--chance", "80")
    told = view("diagnostic")["done"]
    assert isinstance(told, dict)
    assert told["claims"] == [1, CLAIMS]


def test_asking_for_json_draws_nothing() -> None:
    assert view("diagnostic")["phase"] == view("diagnostic")["phase"] == "ready"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("today",), "practice begin"),
        (("plan", "--as-of", "soon"), "is no day"),
        (("begin", "--company", "A", "--interview", "1999-01-01"), "is past"),
        (("begin", "--company", " ", "--interview", "3d"), "name the company"),
        (("begin", "--company", "A", "--interview", "3d", "--hours", "900"), "hours a week"),
        (("begin", "--company", "A", "--interview", "3d", "--loop", "nobody"), "no loop"),
        (("interviews", "--company", "A"), "--add"),
        (("interviews", "--of", "1", "--ended", "well"), "no interview 1"),
        (("diagnostic", "--seed", "1", "--call", "ship"), "--chance"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_to_do(
    arguments: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["practice", *arguments]) == 2
    assert says in capsys.readouterr().err


def test_everything_is_taken_along_by_an_export() -> None:
    asked("begin", "--company", "Valve", "--interview", "9d")
    asked("interviews", "--add", "--company", "Valve", "--asked", "Why?")
    asked("export", "all.json")
    kept = json.loads(Path("all.json").read_text(encoding="utf-8"))
    assert [one["did"] for one in kept["diary"]] == ["begun", "interviewed"]
