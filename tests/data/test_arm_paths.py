"""One file for each model, and the flips between them."""

from pathlib import Path

import pytest

from builders import run_gate, scores_contract, write_csv
from shipcall.core import Action, EvidenceError

BOTH = 'scores = { path = { baseline = "a.csv", candidate = "b.csv" }'


def rows(values: list[float], **more: str) -> list[dict[str, object]]:
    return [
        {"item": f"q{i}", "metric": "right", "value": v, "status": "ok", **more}
        for i, v in enumerate(values)
    ]


def contract(units: int) -> str:
    return scores_contract(units, bar="may_lose = 0.1").replace(
        'scores = { path = "scores.csv"', BOTH
    )


def test_each_file_is_the_runs_of_its_model(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", rows([1.0, 0.0] * 200))
    write_csv(tmp_path / "b.csv", rows([1.0, 0.0] * 199 + [1.0, 1.0]))
    judged = run_gate(tmp_path, contract(400))
    arms = next(f.arms for f in judged.verdict.findings if f.check.id == "gate.right")
    assert arms is not None
    assert (arms.baseline, arms.candidate) == (0.5, 0.5025)
    assert judged.verdict.call is Action.SHIP


def test_the_file_of_one_model_alone_is_no_pair(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", rows([1.0, 0.0] * 200))
    verdict = run_gate(tmp_path, contract(400)).verdict
    assert verdict.call is Action.HOLD
    assert any(f.check.metric == "lost" and not f.satisfied for f in verdict.findings)


def test_an_arm_by_file_and_by_column_could_contradict_each_other(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", rows([1.0, 0.0], arm="candidate"))
    write_csv(tmp_path / "b.csv", rows([1.0, 1.0], arm="candidate"))
    with pytest.raises(EvidenceError, match="named for one arm"):
        run_gate(tmp_path, contract(2))


def test_one_run_under_two_names_is_refused(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", rows([1.0, 0.0] * 200))
    write_csv(tmp_path / "b.csv", rows([1.0, 0.0] * 200))
    with pytest.raises(EvidenceError, match="the same content for both models"):
        run_gate(tmp_path, contract(400))
