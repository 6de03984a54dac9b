"""Every stage at the door: judged with its evidence and without, printed and exported."""

from pathlib import Path

import pytest

from builders import write_contract, write_csv
from passing import CASES
from shipcall.cli.main import run

AT = "2031-01-01T00:00:00Z"
EVERY = pytest.mark.parametrize("stage", list(CASES))


def at_the_door(folder: Path, monkeypatch: pytest.MonkeyPatch, stage: str, *, there: bool) -> int:
    """Seal, judge and export; the exit code of the stage."""
    monkeypatch.setenv("SHIPCALL_KEY", str(folder / "signing.key"))
    file = write_contract(folder, CASES[stage].contract)
    assert run(["seal", str(file), "--even-so", "a test"]) == 0
    if there:
        for name, rows in CASES[stage].tables(1).items():
            write_csv(folder / f"{name}.csv", rows)
    code = run([stage, str(file), "--as-of", AT])
    for kind in ("html", "markdown"):
        target = folder / kind
        assert run(["export", kind, str(file), "-o", str(target)]) == 0
        assert "NaN" not in target.read_text(encoding="utf-8")
    return code


@EVERY
def test_a_stage_without_evidence_holds_and_says_why(
    stage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert at_the_door(tmp_path, monkeypatch, stage, there=False) == 10


@EVERY
def test_a_stage_with_its_evidence_is_printed_and_exported(
    stage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Years later: a cohort without fresh days is not to be trusted."""
    passes = 10 if stage == "cohort" else 0
    assert at_the_door(tmp_path, monkeypatch, stage, there=True) == passes
