"""The rollout at the door: a ramp drawn from a small world, judged, watched and exported."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from shipcall.app.world import draw_world
from shipcall.cli.main import run, shipcall

WORLD = """
shipcall_world = 1
name = "small-ramp"
seed = 5
kind = "ranker"
start = 2031-03-03
days = 6
write = ["exposures", "outcomes"]
[people]
count = 6_000
[[outcome]]
name = "hide"
base = 0.1
lift = {lift}
window_hours = 1
[rollout]
shares = [0.1, 0.5]
hours = [24, 24]
"""
CONTRACT = """
shipcall = 1
[release]
id = "feed-2"
kind = "ranker"
owner = "feed"
baseline = "feed-1"
candidate = "feed-2"
change = "weights"
[unit]
id = "unit"
[evidence]
exposures = "evidence/exposures.parquet"
outcomes = "evidence/outcomes.parquet"
[metric]
hide = { level = "product", better = "lower", kind = "proportion", window = "1h" }
[[check]]
id = "rollout.hide"
stage = "rollout"
role = "goal"
metric = "hide"
better_by = 0.0
[[check]]
id = "rollout.hides"
stage = "rollout"
role = "guardrail"
metric = "hide"
may_lose = 0.02
[rollout]
stages = [10, 50]
min_hours = [12]
"""
BEFORE, FIRST, SECOND = "2031-03-02T20:00:00Z", "2031-03-03T20:00:00Z", "2031-03-04T20:00:00Z"


@pytest.fixture(autouse=True)
def own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIPCALL_KEY", str(tmp_path / "keys" / "signing.key"))
    monkeypatch.setenv("SHIPCALL_BY", "tester")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Evidence of a harmful and of a helpful candidate."""
    folders = {}
    for name, lift in (("harm", 0.25), ("gain", -0.06)):
        folders[name] = tmp_path_factory.mktemp(name)
        world = folders[name] / "world.toml"
        world.write_text(WORLD.replace("{lift}", str(lift)), encoding="utf-8")
        draw_world(world, folders[name] / "evidence")
    return folders


def release(folder: Path, evidence: Path) -> Path:
    folder.mkdir()
    (folder / "evidence").symlink_to(evidence / "evidence")
    file = folder / "contract.toml"
    file.write_text(CONTRACT, encoding="utf-8")
    assert run(["seal", str(file), "--even-so", "a test"]) == 0
    return file


@pytest.fixture
def harm(tmp_path: Path, drawn: dict[str, Path]) -> Path:
    return release(tmp_path / "release", drawn["harm"])


@pytest.fixture
def gain(tmp_path: Path, drawn: dict[str, Path]) -> Path:
    return release(tmp_path / "release", drawn["gain"])


def call(*arguments: object) -> Result:
    return CliRunner().invoke(shipcall, [str(a) for a in arguments], catch_exceptions=False)


def test_a_harm_rolls_back_with_exit_code_20(harm: Path) -> None:
    assert run(["rollout", str(harm), "--as-of", SECOND]) == 20


def test_no_harm_at_the_first_share_advances_and_the_screen_says_how_sure_that_is(
    gain: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["rollout", str(gain), "--as-of", FIRST]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "ADVANCE to 50 %" in text
    assert "10 % served for 20.0 h, day 0.8" in text
    assert "look 1, any number holds" in text
    assert "to come" in text
    assert "SHIP over any number of looks" in text
    assert "None" not in text


def test_before_anybody_is_exposed_it_holds(gain: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rollout", str(gain), "--as-of", BEFORE]) == 10
    assert "nobody is exposed" in capsys.readouterr().out


def test_json_gives_the_course_and_the_plain_comparison(harm: Path) -> None:
    seen = json.loads(call("rollout", harm, "--as-of", SECOND, "--json").stdout)["verdict"]
    assert seen["call"] == "ROLL BACK"
    assert set(seen["exhibits"]) == {"steps", "sequences", "pooled", "maturing"}
    assert [step["share"] for step in seen["exhibits"]["steps"]] == [0.1, 0.5]


def test_the_newest_verdict_is_exported_whatever_its_stage(harm: Path) -> None:
    call("rollout", harm, "--as-of", SECOND)
    for kind in ("html", "markdown"):
        text = call("export", kind, harm).stdout
        assert "ROLL BACK" in text
        assert "rollout.hides" in text


def test_why_follows_one_check_through_its_looks(harm: Path) -> None:
    text = call("rollout", harm, "--as-of", SECOND, "--why", "rollout.hides").stdout
    assert "fail" in text
    assert "2031-03-04 " in text


@pytest.mark.parametrize("beside", [["--as-of", SECOND], ["--why", "rollout.hides"]])
def test_watching_refuses_what_stands_still(
    harm: Path, beside: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["rollout", str(harm), "--watch", *beside]) == 2
    assert beside[0] in capsys.readouterr().err


def test_watching_ends_with_the_exit_code_of_the_last_call(
    harm: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stopped(monkeypatch, SECOND)
    assert run(["rollout", str(harm), "--watch"]) == 20
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("2031-03-04 20:00 UTC   50 %  \u25a0 ROLL BACK  What must not be lost")


def test_watching_as_json_prints_one_object_a_line(
    harm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped(monkeypatch, SECOND)
    (line,) = call("rollout", harm, "--watch", "--json").stdout.splitlines()
    assert json.loads(line)["call"] == "ROLL BACK"


def test_an_interrupted_watch_says_how_to_go_on(
    gain: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    stopped(monkeypatch, FIRST)
    monkeypatch.setattr("time.sleep", interrupted)
    assert run(["rollout", str(gain), "--watch"]) == 0
    assert f"shipcall rollout {gain} --watch" in capsys.readouterr().err


def stopped(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    """Stop the clock of verdicts."""
    monkeypatch.setattr("shipcall.app.release.as_of", lambda _text: moment)
