"""The command line: codes, streams, start-up; every command goes through one app function."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from builders import score_rows, scores_contract, write_contract, write_csv
from shipcall.cli.main import run, shipcall


@pytest.fixture(autouse=True)
def own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIPCALL_KEY", str(tmp_path / "keys" / "signing.key"))
    monkeypatch.setenv("SHIPCALL_BY", "tester")


@pytest.fixture
def release(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    drawn = rng.integers(0, 2, (2, 500)).astype(float)
    folder = tmp_path / "release"
    write_csv(folder / "scores.csv", score_rows(*drawn.tolist()))
    return write_contract(folder, scores_contract(500, bar="may_lose = 0.2"))


def call(*arguments: object) -> Result:
    return CliRunner().invoke(shipcall, [str(a) for a in arguments], catch_exceptions=False)


def code(*arguments: object) -> int:
    return run([str(argument) for argument in arguments])


def test_help_loads_neither_numpy_nor_the_engine() -> None:
    program = (
        "import sys; from shipcall.cli.main import run; run(['--help']); "
        "heavy = {'numpy', 'scipy', 'duckdb', 'ibis', 'pydantic', 'sqlalchemy', 'cryptography', "
        "'jinja2'} & set(sys.modules); sys.stderr.write(','.join(sorted(heavy)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert "SHIP / HOLD / NO SHIP" in done.stdout


def test_a_release_goes_from_check_to_a_recorded_call(release: Path) -> None:
    assert code("check", release) == 0
    assert code("plan", release) == 0
    assert code("seal", release) == 0
    assert code("gate", release) == 0
    assert code("call", release, "ship", "--probability", "0.8", "--why", "as promised") == 0
    assert code("ledger", "verify", release) == 0
    listed = call("ledger", "show", release).output
    for kind in ("sealed", "evidence_seen", "verdict", "call"):
        assert kind in listed


def test_an_unsealed_contract_is_a_rehearsal(release: Path) -> None:
    assert code("gate", release) == 10
    assert "not sealed" in call("gate", release).output


def test_the_same_release_at_the_same_time_gives_the_same_verdict_bytes(release: Path) -> None:
    code("seal", release)
    arguments = ("gate", release, "--json", "--as-of", "2100-01-01T00:00:00Z")
    one, other = (json.loads(call(*arguments).output) for _ in range(2))
    assert json.dumps(one["verdict"]) == json.dumps(other["verdict"])
    assert one["envelope"]["ledger"] != other["envelope"]["ledger"]
    assert one["envelope"]["look"] == other["envelope"]["look"] == {
        "eval_set_consulted": None, "number": 1, "promised": 1,
    }  # fmt: skip


def test_a_changed_contract_is_refused_until_it_is_amended(release: Path) -> None:
    code("seal", release)
    code("gate", release)
    release.write_text(release.read_text("utf-8").replace("may_lose = 0.2", "may_lose = 0.3"))
    assert code("gate", release) == 2
    assert code("amend", release, "--why", " ") == 2
    said = call("amend", release, "--why", "the margin was a typing error").output
    assert "loosened" in said.lower()
    assert "Evidence had been seen" in said
    assert code("gate", release) == 0
    assert "loosened" in call("export", "markdown", release).output.lower()


def test_sealing_twice_is_refused(release: Path) -> None:
    assert code("seal", release) == 0
    assert code("seal", release) == 2


def test_new_evidence_beyond_the_promised_looks_holds(release: Path) -> None:
    code("seal", release)
    assert code("gate", release) == 0
    rng = np.random.default_rng(9)
    drawn = rng.integers(0, 2, (2, 500)).astype(float)
    write_csv(release.parent / "scores.csv", score_rows(*drawn.tolist()))
    assert code("gate", release) == 10


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["gate"], 2),
        (["gate", "nowhere.toml"], 2),
        (["nonsense"], 2),
        (["gate", "--nonsense"], 2),
        (["call", "x.toml", "SHIP", "--probability", "7", "--why", "x"], 2),
        (["ledger", "verify", "."], 2),
        (["--help"], 0),
        (["--version"], 0),
    ],
)
def test_g12_usage_faults_are_two_and_never_a_verdict(
    arguments: list[str], expected: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(arguments) == expected


def test_evidence_that_cannot_be_read_is_three_and_writes_nothing(release: Path) -> None:
    code("seal", release)
    before = call("ledger", "show", release).output
    (release.parent / "scores.csv").write_bytes(b"\x00\x01\x02 not a table")
    assert code("gate", release) == 3
    assert call("ledger", "show", release).output == before


def test_one_changed_ledger_byte_is_found(release: Path) -> None:
    code("seal", release)
    code("gate", release)
    file = release.parent / ".shipcall" / "ledger.db"
    content = bytearray(file.read_bytes())
    place = content.find(b"may_lose")
    content[place] ^= 1
    file.write_bytes(bytes(content))
    assert code("ledger", "verify", release) == 4


def test_a_fault_of_ours_is_one_and_leaves_a_file_not_a_traceback(
    release: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("shipcall.app.release.check_release", fail)
    assert code("check", release) == 1
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert "our fault" in said
    kept = Path(said.rsplit(": ", 1)[1].strip())
    assert "boom" in kept.read_text("utf-8")
    kept.unlink()


def test_a_blind_contract_covers_the_verdict_until_a_person_called(release: Path) -> None:
    text = release.read_text("utf-8") + "\n[decision]\nblind = true\n"
    release.write_text(text, encoding="utf-8")
    code("seal", release)
    covered = call("gate", release)
    assert "SHIP" not in covered.stdout
    assert "your call" in covered.stderr
    assert code("gate", release) == 10
    assert code("export", "markdown", release) == 2
    assert not {"call", "rule", "because"} & set(
        json.loads(call("gate", release, "--json").stdout)["verdict"]
    )
    code("call", release, "HOLD", "--probability", "0.4", "--why", "too good to be true")
    shown = call("gate", release)
    assert "SHIP" in shown.stdout
    recorded = json.loads(call("gate", release, "--json").stdout)["envelope"]["calls"]
    assert [one["blind"] for one in recorded] == [True]


def test_a_call_after_the_verdict_was_seen_is_not_blind(release: Path) -> None:
    text = release.read_text("utf-8") + "\n[decision]\nblind = true\n"
    release.write_text(text, encoding="utf-8")
    code("seal", release)
    assert "SHIP" in call("gate", release, "--unblind").stdout
    assert "SHIP" in call("gate", release).stdout
    said = call("call", release, "SHIP", "--probability", "0.9", "--why", "seen", "--json")
    assert json.loads(said.stdout)["blind"] is False


def test_a_verdict_cannot_be_dated_before_its_seal(release: Path) -> None:
    code("seal", release)
    assert code("gate", release, "--as-of", "2020-01-01T00:00:00Z") == 2
    assert code("gate", release, "--as-of", "yesterday") == 2
    assert "verdict" not in call("ledger", "show", release).output


def test_asking_about_a_check_that_is_not_there_records_nothing(release: Path) -> None:
    code("seal", release)
    assert code("gate", release, "--why", "gate.rihgt") == 2
    assert "verdict" not in call("ledger", "show", release).output


def test_no_colour_where_nobody_looks(release: Path) -> None:
    code("seal", release)
    assert "\x1b[" not in call("gate", release).output


def test_the_report_is_one_small_file_that_loads_nothing(release: Path, tmp_path: Path) -> None:
    code("seal", release)
    code("gate", release)
    target = tmp_path / "report.html"
    assert code("export", "html", release, "-o", target) == 0
    text = target.read_text("utf-8")
    assert len(text.encode()) < 300_000
    assert "http://" not in text.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "https://" not in text


def test_a_seal_after_the_evidence_was_seen_has_to_say_so(release: Path) -> None:
    assert code("gate", release) == 10
    assert code("seal", release) == 2
    honest = release.read_text("utf-8").replace("[unit]", 'data_seen = "outcomes"\n[unit]')
    release.write_text(honest, encoding="utf-8")
    assert code("seal", release) == 0
    assert "sealed after evidence had been seen" in " ".join(call("gate", release).output.split())


def test_a_promise_loosened_after_the_look_is_the_first_thing_that_is_said(release: Path) -> None:
    code("seal", release)
    code("gate", release)
    release.write_text(release.read_text("utf-8").replace("may_lose = 0.2", "may_lose = 0.3"))
    code("amend", release, "--why", "too strict")
    said = " ".join(call("gate", release).output.split())
    assert "A promise was loosened after the evidence had been seen." in said


def test_a_ledger_that_is_gone_is_not_taken_for_a_new_one(release: Path) -> None:
    code("seal", release)
    (release.parent / ".shipcall" / "ledger.db").unlink()
    assert code("gate", release) == 4
    assert not (release.parent / ".shipcall" / "ledger.db").exists()
