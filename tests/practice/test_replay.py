"""Replay: one's own past release, the verdict hidden until the call, and nothing graded."""

from pathlib import Path

import numpy as np
import pytest

from builders import score_rows, scores_contract, write_contract, write_csv
from shipcall.app.release import call_release, judge_release, seal_release
from shipcall.app.replay import replay_begun, replay_told, replays
from shipcall.core import UsageError

BLIND = "\n[decision]\nblind = true\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SHIPCALL_KEY", str(tmp_path / "keys" / "signing.key"))
    monkeypatch.setenv("SHIPCALL_BY", "tester")
    rng = np.random.default_rng(1)
    folder = tmp_path / "work"
    write_csv(folder / "scores.csv", score_rows(*rng.integers(0, 2, (2, 500)).astype(float)))
    made = write_contract(folder, scores_contract(500, bar="may_lose = 0.2"))
    seal_release(made)
    return made


def test_the_evidence_is_shown_and_no_answer(file: Path) -> None:
    judged = judge_release(file, "gate")
    call_release(file, "SHIP", probability=0.9, why="I trust it")
    name = judged.view["release"]["id"]
    shown = replay_begun(file.parent, name)
    assert shown["rows"]
    for word in ("standing", "CLEAR", "BREACH", "rule", "satisfied", "I trust it"):
        assert word not in str(shown)
    told = replay_told(file.parent, name, "hold", probability=0.5, why="few units")
    assert told["verdict"]["call"] == judged.view["call"]
    assert [call["why"] for call in told["calls_then"]] == ["I trust it"]
    assert told["as_the_contract"] is (judged.view["call"] == "HOLD")


def test_what_nobody_knows_is_not_scored(file: Path) -> None:
    name = judge_release(file, "gate").view["release"]["id"]
    told = replay_told(file.parent, name, "HOLD", probability=0.5, why="x")
    assert told["came_of_it"] is None
    assert told["brier"] is None


def test_a_later_verdict_says_what_came_of_it(file: Path) -> None:
    first = judge_release(file, "gate")
    again = judge_release(file, "gate")
    assert again.view["call"] == "SHIP"
    told = replay_told(file.parent, first.view["release"]["id"], "SHIP", probability=0.8, why="x")
    assert told["came_of_it"]["call"] == "SHIP"
    assert told["brier"] == pytest.approx(0.04)


def test_a_verdict_that_waits_for_a_call_cannot_be_replayed(file: Path) -> None:
    other = write_contract(
        file.parent / "blind", scores_contract(500, bar="may_lose = 0.2") + BLIND
    )
    other.write_text(other.read_text().replace("scores.csv", "../scores.csv"))
    text = other.read_text()
    first = next(line for line in text.splitlines() if line.startswith("id"))
    other.write_text(text.replace(first, 'id = "blind-one"', 1))
    seal_release(other)
    judge_release(other, "gate")
    assert "blind-one" not in [one["release"] for one in replays(file.parent)["replays"]]
    with pytest.raises(UsageError, match="no past verdict of 'blind-one'"):
        replay_begun(file.parent, "blind-one")


def test_without_a_ledger_there_is_nothing_to_replay(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="no ledger here"):
        replays(tmp_path / "empty")
