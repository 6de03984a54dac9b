"""Attacks on the gate: evidence and mappings that must not become a SHIP."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builders import HEAD, judge_scores, run_gate, score_rows, scores_contract, write_csv
from shipcall.core import Absent, Action, EvidenceError, Reason, Verdict
from shipcall.stages import STAGES

PREDICTIONS = """
[evidence]
predictions = {{ path = "p.csv", expect = {{ units = {units} }}{more} }}
[metric]
m = {{ level = "model", kind = "{kind}"{options} }}
[[check]]
id = "gate.m"
stage = "gate"
role = "goal"
metric = "m"
{bar}
"""


def judge_predictions(
    folder: Path,
    rows: list[dict[str, Any]],
    *,
    kind: str = "accuracy",
    options: str = "",
    more: str = "",
    bar: str = "may_lose = 0.02",
) -> Verdict:
    write_csv(folder / "p.csv", rows)
    body = PREDICTIONS.format(units=len(rows), more=more, kind=kind, options=options, bar=bar)
    return run_gate(folder, HEAD + body).verdict


def answers(rows: int, noise: float = 0.1) -> list[dict[str, Any]]:
    """Labelled items with scores in (0, 1) that are right more often than not."""
    rng = np.random.default_rng(8)
    label = rng.integers(0, 2, rows)
    score = rng.normal(2.0 * label - 1.0, 1.0)
    other = score + rng.normal(0.0, noise, rows)
    columns = zip(label, score, other, strict=True)
    return [
        {"item": f"q{i}", "label": int(y), "baseline": _share(b), "candidate": _share(c)}
        for i, (y, b, c) in enumerate(columns)
    ]


def _share(logit: float) -> float:
    return float(1.0 / (1.0 + np.exp(-logit)))


def reason_of(verdict: Verdict, check: str) -> Reason | None:
    measured = next(f.measured for f in verdict.findings if f.check.id == check)
    return measured.reason if isinstance(measured, Absent) else None


@pytest.mark.parametrize("theirs", ["baseline", "label"])
def test_a_candidate_that_is_read_from_another_part_is_refused(tmp_path: Path, theirs: str) -> None:
    """Compared with itself it loses nothing; read from the labels it is always right."""
    more = f', columns = {{ candidate = "{theirs}" }}'
    with pytest.raises(EvidenceError, match="a column of its own"):
        judge_predictions(tmp_path, answers(1000), more=more)


def _copy(first: Path, second: Path) -> None:
    second.write_bytes(first.read_bytes())


def _link(first: Path, second: Path) -> None:
    second.symlink_to(first)


@pytest.mark.parametrize("make", [_copy, _link])
def test_one_run_under_the_names_of_both_models_is_refused(
    tmp_path: Path, make: Callable[[Path, Path], None]
) -> None:
    rows = [r for r in score_rows([1.0, 0.0] * 500, []) if r.pop("arm") == "baseline"]
    make(write_csv(tmp_path / "a.csv", rows), tmp_path / "b.csv")
    text = scores_contract(1000).replace(
        'path = "scores.csv"', 'path = { baseline = "a.csv", candidate = "b.csv" }'
    )
    with pytest.raises(EvidenceError, match="byte for byte"):
        run_gate(tmp_path, text)


def test_evidence_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The verdict would name content that nobody judged."""
    scores = [1.0, 0.0] * 500
    file = write_csv(tmp_path / "scores.csv", score_rows(scores, scores))

    def edit(*_: Any) -> list[str]:
        file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        return []

    stages = {**STAGES, "gate": replace(STAGES["gate"], not_assessed=edit)}
    monkeypatch.setattr("shipcall.release.judge.STAGES", stages)
    with pytest.raises(EvidenceError, match="another content than when reading began"):
        run_gate(tmp_path, scores_contract(1000, bar="may_lose = 0.05"))


def test_runs_of_an_item_in_clusters_of_their_own_are_refused(tmp_path: Path) -> None:
    """50 items, each run 20 times from a cache, would count as 1,000 independent units."""
    rng = np.random.default_rng(1)
    pair = np.repeat(rng.integers(0, 2, (2, 50)).astype(float), 20, axis=1)
    rows = score_rows(*pair.tolist(), repeats=20, cluster=lambda _, i: f"run{i}")
    with pytest.raises(EvidenceError, match="50 items in several clusters, first 'q0'"):
        judge_scores(tmp_path, scores_contract(50, bar="may_lose = 0.5"), rows)


@pytest.mark.parametrize("threshold", [2.0, 0.0, -1.0])
def test_a_threshold_beyond_every_grade_makes_them_constant(
    tmp_path: Path, threshold: float
) -> None:
    rng = np.random.default_rng(2)
    scores = rng.integers(0, 2, (2, 1000)).astype(float).tolist()
    text = scores_contract(1000, options=f", threshold = {threshold}")
    verdict = judge_scores(tmp_path, text, score_rows(*scores))
    assert (verdict.call, verdict.rule.number) == (Action.HOLD, 1)
    assert "sanity.scores.constant" in verdict.because


@pytest.mark.parametrize("kind", ["accuracy", "recall", "precision", "false_positive_rate"])
@pytest.mark.parametrize("threshold", [2.0, -1.0])
def test_a_threshold_beyond_every_score_decides_nothing(
    tmp_path: Path, kind: str, threshold: float
) -> None:
    options = f", threshold = {threshold}"
    verdict = judge_predictions(tmp_path, answers(1000), kind=kind, options=options)
    assert verdict.call is Action.HOLD
    assert reason_of(verdict, "gate.m") is Reason.CONSTANT


def test_scores_of_the_candidate_in_percent_decide_nothing(tmp_path: Path) -> None:
    """From 0 to 100 nearly all lie above 0.5: recall would be perfect."""
    rows = [{**row, "candidate": 1.0 + 99 * row["candidate"]} for row in answers(1000)]
    verdict = judge_predictions(tmp_path, rows, kind="recall", bar="better_by = 0.02")
    assert verdict.call is Action.HOLD
    assert reason_of(verdict, "gate.m") is Reason.CONSTANT


def test_scores_on_both_sides_of_the_threshold_are_measured(tmp_path: Path) -> None:
    verdict = judge_predictions(tmp_path, answers(2000), bar="may_lose = 0.05")
    assert verdict.call is Action.SHIP


def test_one_row_that_outweighs_all_others_is_no_data(tmp_path: Path) -> None:
    """Weights of 1 and one of 1e12: the rest is below the rounding of the sum."""
    rows = [{**row, "weight": 1e12 if i == 3 else 1.0} for i, row in enumerate(answers(500))]
    verdict = judge_predictions(tmp_path, rows, bar="may_lose = 0.05")
    assert verdict.call is Action.HOLD
    assert reason_of(verdict, "gate.m") is Reason.TOO_FEW_CLUSTERS
