"""More practice at the command line: replays and exercises."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from shipcall.cli.main import run, shipcall


def play(*arguments: str, said: str = "") -> str:
    done = CliRunner().invoke(shipcall, ["practice", *arguments], input=said)
    assert done.exit_code == 0, done.output
    return done.output


def test_exercises_are_listed() -> None:
    assert "card-loan-sheet" in play("exercise", "--list")
    assert json.loads(play("exercise", "--list", "--json"))["graphs"]


def test_a_card_is_drawn_answered_and_told() -> None:
    told = play("exercise", "card-loan-sheet", "--seed", "3", said="5 young_labels\n\n")
    assert "Lost 9 of 13 points." in told
    assert "After 90 days nobody can be more than 90 days late" in told


def test_what_is_wrong_is_not_told_before_the_answer() -> None:
    shown = CliRunner().invoke(shipcall, ["practice", "exercise", "card-loan-sheet", "--seed", "3"])
    assert "After 90 days nobody" not in shown.output


def test_a_graph_that_is_handed_back_loses_what_is_at_stake() -> None:
    shown = CliRunner().invoke(
        shipcall, ["practice", "exercise", "lineage-card-fraud", "--seed", "3"], input="\n"
    )
    edges = [line for line in shown.output.splitlines() if " -> " in line and "“" not in line]
    answer = "\n".join(dict.fromkeys(edge.strip() for edge in edges if edge.count(" ") == 2))
    told = json.loads(
        play("exercise", "lineage-card-fraud", "--seed", "3", "--answer", answer, "--json")
    )
    assert told["score"]["lost"] == told["score"]["at_stake"] > 0
    assert told["score"]["repaired"] is False


@pytest.mark.parametrize(
    "arguments",
    [
        ("exercise", "no-such-card"),
        ("exercise", "card-loan-sheet", "--seed", "3", "--answer", "99 leak"),
        ("exercise", "lineage-card-fraud", "--seed", "3", "--answer", "a b c"),
        ("replay", "nothing"),
    ],
)
def test_what_is_not_there_is_a_usage_fault(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["practice", *arguments]) == 2
