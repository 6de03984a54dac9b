"""Practice at the command line: a call first, then the verdict; the truth cannot be had before."""

import json

import pytest
from click.testing import CliRunner

from shipcall.cli.main import shipcall

TRUTH = ("accents", "pt loses", "Refuse version 12", "-0.160")


def play(*arguments: str, said: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(shipcall, ["practice", *arguments], input=said)
    return result.exit_code, result.output


def test_a_case_is_played_with_panels_and_a_call() -> None:
    code, told = play(said="slices\nNO SHIP\n0.05\nPortuguese is broken\n")
    assert code == 0
    assert "language=pt" in told
    assert "The contract's verdict on the same files: NO SHIP" in told
    assert "The rule to carry" in told
    assert "[slices]" in told


def test_nothing_before_the_call_gives_the_truth_away() -> None:
    _, told = play(said="headline\nslices\nflips:language=pt\n")
    assert "your call >" in told
    assert not [word for word in TRUTH if word in told]
    assert "The contract's verdict" not in told


def test_an_unknown_panel_costs_nothing_and_says_what_there_is() -> None:
    _, told = play(said="nonsense\nHOLD\n0.5\nunsure\n")
    assert "has no panel 'nonsense'" in told
    assert "headline" in told


def test_it_can_be_played_without_questions() -> None:
    arguments = ("--look", "headline", "--call", "hold", "--probability", "0.4", "--why", "x")
    code, told = play(*arguments, "--json")
    debrief = json.loads(told)
    assert code == 0
    assert debrief["you"]["looked"] == ["headline"]
    assert debrief["verdict"]["call"] == "NO SHIP"


@pytest.mark.parametrize(
    "arguments", [("no-such-case",), ("--call", "DANCE", "--probability", "1", "--why", "x")]
)
def test_what_the_case_does_not_know_is_a_usage_fault(arguments: tuple[str, ...]) -> None:
    from shipcall.cli.main import run  # noqa: PLC0415

    assert run(["practice", *arguments]) == 2
