"""shipcall world draw: what it prints, and with which code it ends."""

import json
import sys
import time
from pathlib import Path

import pytest

from shipcall.cli.main import run
from shipcall.cli.world import _progress
from shipcall.cli.world import world as group

TEXT = """
shipcall_world = 1
name = "first"
seed = 7
days = 5

[stream]
rows_per_day = 30
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "world.toml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_it_says_what_it_wrote(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["world", "draw", str(file), "--to", str(tmp_path / "out")]) == 0
    said = capsys.readouterr()
    assert "rows of stream" in said.out
    assert f"wrote 5 files to {tmp_path / 'out'}" in said.out
    assert said.err == ""
    assert (tmp_path / "out" / "world.toml").read_text(encoding="utf-8") == TEXT


def test_it_says_the_same_as_json(
    file: Path, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run(["world", "draw", str(file), "--to", str(tmp_path / "out"), "--json"]) == 0
    view = json.loads(capsysbinary.readouterr().out)
    assert view["rows"].keys() == {"stream", "changes", "lineage"}
    assert view["truth"] == str(tmp_path / "out" / "truth.json")


def test_a_wrong_world_ends_with_2_and_writes_nothing(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(TEXT + "rows = 3\n", encoding="utf-8")
    assert run(["world", "draw", str(file), "--to", str(tmp_path / "out")]) == 2
    assert f"{file}:9:1: E412 unknown key" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_it_shows_how_far_it_is_on_a_terminal_after_a_second(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ticks = iter([0.0, 0.5, 2.0, 3.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(ticks))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    progress = _progress()
    assert progress is not None
    progress(1, 4)
    assert capsys.readouterr().err == ""
    progress(2, 4)
    progress(4, 4)
    assert capsys.readouterr().err.endswith("4 of 4\n")


def test_the_command_is_in_the_group() -> None:
    assert list(group.commands) == ["draw"]
