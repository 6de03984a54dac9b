"""What is typed or handed in while preparing: no slip of a hand loses anything."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from shipcall.app.prepare import desk_at, lesson_told, question_view
from shipcall.app.prepare_drafts import draft_of, keep_draft
from shipcall.cli.main import shipcall
from shipcall.core import UsageError
from shipcall.preparation.question import load_question

NAME = "ship-new-recommender"
CRITERIA = len(load_question(NAME).criteria)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def typed(*arguments: str, keys: str = "") -> Result:
    """Run a command of practice while somebody types."""
    return CliRunner().invoke(shipcall, ["practice", *arguments], input=keys)


def refused(*arguments: str) -> str:
    """Run a command that says what is wrong with what was handed in."""
    done = typed(*arguments)
    assert isinstance(done.exception, UsageError), done.output
    return str(done.exception)


def test_an_answer_that_was_broken_off_goes_on_where_it_stopped(here: Path) -> None:
    left = typed("question", NAME, keys="Before training.\nNew users.\n")
    assert left.exit_code != 0
    assert f"Kept as far as you wrote. Go on: shipcall practice question {NAME}" in left.stdout
    assert not question_view(desk_at(here), NAME)["locked"]
    again = typed("question", NAME, keys="-\nHalf a point.\n.\n" + "\n" * CRITERIA)
    assert again.exit_code == 0, again.output
    assert "| New users." in again.stdout
    assert "taken back: New users." in again.stdout
    answer = question_view(desk_at(here), NAME)["answer"]
    assert answer["text"] == "Before training.\nHalf a point."
    assert draft_of(desk_at(here), NAME) == ""


def test_nothing_is_said_to_be_kept_where_nothing_was_written() -> None:
    left = typed("question", NAME)
    assert "Kept" not in left.stdout
    assert f"Go on: shipcall practice question {NAME}" in left.stdout


def test_a_slip_in_a_reading_is_asked_again_and_loses_no_other(here: Path) -> None:
    keys = "One. Two.\n.\n" + "1\n" * (CRITERIA - 1) + "first\n3\n2\n"
    done = typed("question", NAME, keys=keys)
    assert done.exit_code == 0, done.output
    assert "'first': give the numbers of sentences" in done.stdout
    assert "'3': the answer has sentences 1 to 2." in done.stdout
    (reading,) = question_view(desk_at(here), NAME)["readings"]
    assert [one["quotes"] for one in reading["met"]] == [["One."]] * (CRITERIA - 1) + [["Two."]]


def test_a_guess_that_is_no_number_is_asked_again() -> None:
    done = typed("lesson", "not-worse", keys="many\n60\n")
    assert done.exit_code == 0, done.output
    assert "'many' is no number." in done.stdout


def test_a_grade_that_is_none_is_asked_again(here: Path) -> None:
    lesson_told(desk_at(here), "not-worse")
    done = typed("cards", keys="\nfine\ngood\n" + "\ngood\n" * 2)
    assert done.exit_code == 0, done.output
    assert "fine" in done.stdout
    assert "0 due today" in typed("cards").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["question", NAME, "--answer"],
        ["stories", "add"],
        ["frameworks", "--check"],
        ["negotiation"],
        ["simulation", "morning", "--answer"],
        ["simulation", "sales", "--answer"],
        ["form", "dvl", "--answer"],
        ["loop"],
        ["begin", "--company", "A", "--interview", "30d", "--loop"],
    ],
    ids=" ".join,
)
def test_a_file_that_is_no_text_is_refused_in_words(arguments: list[str], here: Path) -> None:
    (here / "odd.toml").write_bytes(b"\xff\xfe\x00 id")
    assert "odd.toml is no text in UTF-8" in refused(*arguments, "odd.toml")


def test_a_mark_at_the_beginning_and_ends_of_lines_do_not_reach_the_answer(here: Path) -> None:
    (here / "mine.txt").write_bytes(b"\xef\xbb\xbfOne.\r\nTwo.\rThree.")
    assert typed("question", NAME, "--answer", "mine.txt").exit_code == 0
    assert question_view(desk_at(here), NAME)["answer"]["text"] == "One.\nTwo.\nThree."


def test_an_empty_file_is_no_answer(here: Path) -> None:
    (here / "mine.txt").write_text(" \n", encoding="utf-8")
    assert "nothing was written" in refused("question", NAME, "--answer", "mine.txt")
    assert not question_view(desk_at(here), NAME)["locked"]


def test_a_loop_of_ones_own_that_does_not_fit_is_told_place_by_place(here: Path) -> None:
    (here / "mine.toml").write_text('company = "Acme"\nrund = 1\n', encoding="utf-8")
    told = refused("loop", "mine.toml")
    assert "\n  round: Field required" in told
    assert "\n  rund: Extra inputs are not permitted" in told
    assert "http" not in told


@pytest.mark.parametrize(
    ("question", "command"),
    [
        (NAME, "shipcall practice start C01"),
        ("price-per-call", "shipcall study costs"),
        ("labels-for-a-first-version", "shipcall study labels"),
        ("dvl-three-farm-features", "shipcall practice form dvl"),
        ("read-a-model-card", "shipcall practice exercise card-"),
    ],
)
def test_a_drill_is_told_as_a_command(question: str, command: str, here: Path) -> None:
    (here / "mine.txt").write_text("One.", encoding="utf-8")
    told = " ".join(typed("question", question, "--answer", "mine.txt").stdout.split())
    assert f"scored from what you decide: {command}" in told


def test_a_draft_of_no_question_is_refused(here: Path) -> None:
    with pytest.raises(UsageError, match="no question"):
        keep_draft(desk_at(here), "../../out", "x")
    assert not list(here.rglob("out.txt"))


def test_on_the_day_itself_nothing_is_said_to_come_first() -> None:
    told = typed("begin", "--company", "Acme", "--interview", "0d").stdout
    assert "It is today." in told
    assert "diagnostic" not in told


@pytest.mark.parametrize("asked", [["--covers", "P999"], ["--find", "zzzz"]], ids=" ".join)
def test_where_no_question_is_found_the_way_back_is_told(asked: list[str]) -> None:
    assert typed("bank", *asked).stdout == (
        "No question is like this. All of them: shipcall practice bank\n"
    )


def test_what_is_exported_is_counted_with_the_diary() -> None:
    typed("begin", "--company", "Acme", "--interview", "30d")
    assert "wrote 0 plays and 1 line of the diary to all.json" in typed("export", "all.json").stdout


def test_a_plan_tells_the_shares_of_time_in_a_table() -> None:
    typed("begin", "--company", "Google", "--interview", "30d")
    told = typed("plan").stdout
    assert re.search(r"skill +time +asked +open +carries over\n", told)
    assert re.search(r"\n  design +\d+% +\d+% +50% +80%\n", told)
    assert "    design: A page with input, model, output and feedback" in told
