"""Commands load what they use: what they would only carry along costs every run of them."""

import subprocess
import sys
from pathlib import Path

import pytest

from builders import score_rows, scores_contract, write_contract, write_csv


def loaded(folder: Path, *arguments: str) -> set[str]:
    """Modules that one command has loaded when it is done."""
    program = (
        "import sys; from shipcall.cli.main import run; run(sys.argv[1:]); "
        "sys.stderr.write('\\n' + ' '.join(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
    )
    return set(done.stderr.splitlines()[-1].split())


def test_a_gate_loads_nothing_that_forecasts_or_draws(tmp_path: Path) -> None:
    scores = [1.0, 0.0] * 50
    write_csv(tmp_path / "scores.csv", score_rows(scores, scores))
    file = write_contract(tmp_path, scores_contract(100, bar="may_lose = 0.2"))
    modules = loaded(tmp_path, "gate", file.name)
    assert "shipcall.release.judge" in modules
    assert "ibis" in modules
    assert modules.isdisjoint({"shipcall.app.forecast", "shipcall.world"})
    assert not [name for name in modules if name.startswith("shipcall.release.foresight.")]


@pytest.mark.parametrize("command", ["today", "tracker"])
def test_a_plan_of_preparing_opens_no_ledger_and_draws_no_case(
    tmp_path: Path, command: str
) -> None:
    begin = ["practice", "begin", "--company", "Any", "--interview", "30d"]
    loaded(tmp_path, *begin)
    modules = loaded(tmp_path, "practice", command)
    assert "shipcall.app.prepare_study" in modules
    unused = {"sqlalchemy", "cryptography", "ibis", "pyarrow", "shipcall.practice.panels"}
    assert modules.isdisjoint(unused)
