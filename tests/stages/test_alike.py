"""A candidate that is the baseline under another name must not pass for one that loses nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builders import HEAD, judge_scores, run_gate, score_rows, scores_contract, write_csv
from shipcall.core import Action, Verdict

SAME = "no row of the candidate differs from the baseline's"
TABLE = """
[evidence]
{format} = {{ path = "t.csv", expect = {{ units = 400 }}, constants = {{ {constants} }} }}
[metric]
m = {{ level = "model", kind = "{kind}"{options} }}
[[check]]
id = "gate.m"
stage = "gate"
role = "goal"
metric = "m"
may_lose = 0.2
"""
Row = dict[str, Any]


def drawn(seed: int, rows: int = 400) -> list[float]:
    return [round(float(luck), 6) for luck in np.random.default_rng(seed).random(rows)]


def predicted(moved: float) -> list[Row]:
    """Scores that tell positives from the rest; the candidate's of one row may be moved."""
    rows: list[Row] = []
    for i, luck in enumerate(drawn(3)):
        score = 0.5 * luck + 0.4 * (i % 2)
        rows.append({"unit": f"u{i}", "label": i % 2, "baseline": score, "candidate": score})
    rows[7]["candidate"] += moved
    return rows


def listed(moved: float) -> list[Row]:
    """Five items of each query by score; the candidate's of one item may be moved."""
    rows: list[Row] = [
        {"query": f"q{i // 5}", "item": f"i{i % 5}", "relevance": int(luck > 0.6)}
        | {"baseline": luck, "candidate": luck}
        for i, luck in enumerate(drawn(4, 2_000))
    ]
    rows[7]["candidate"] += moved
    return rows


def judged(folder: Path, kind: str, rows: list[Row]) -> Verdict:
    ranked = kind == "ndcg"
    text = TABLE.format(
        format="rankings" if ranked else "predictions",
        constants='order = "score"' if ranked else "",
        kind=kind,
        options=", k = 3" if ranked else "",
    )
    write_csv(folder / "t.csv", rows)
    head = HEAD.replace('id = "item"', 'id = "query"' if ranked else 'id = "unit"')
    return run_gate(folder, head + text).verdict


def graded(folder: Path, scores: list[float], **columns: Any) -> Verdict:
    text = scores_contract(len(scores), bar="may_lose = 0.2")
    return judge_scores(folder, text, score_rows(scores, scores, **columns))


def is_told(verdict: Verdict) -> bool:
    return any(SAME in sentence for sentence in verdict.not_assessed)


@pytest.mark.parametrize(
    ("kind", "rows"), [("brier", predicted), ("accuracy", predicted), ("ndcg", listed)]
)
def test_a_copy_of_the_scores_holds_and_one_other_score_frees_it(
    tmp_path: Path, kind: str, rows: Callable[[float], list[Row]]
) -> None:
    copied = judged(tmp_path / "copied", kind, rows(0.0))
    assert copied.call is Action.HOLD
    assert any(name.endswith(".constant") for name in copied.because)
    assert is_told(copied)
    own = judged(tmp_path / "own", kind, rows(1e-6))
    assert own.call is Action.SHIP
    assert not is_told(own)


def test_a_copy_of_fine_grades_holds(tmp_path: Path) -> None:
    copied = graded(tmp_path, drawn(5))
    assert copied.call is Action.HOLD
    assert "sanity.scores.constant" in copied.because


def test_equal_grades_of_a_run_that_took_another_time_are_honest(tmp_path: Path) -> None:
    """A change that leaves every answer as it was is run all the same, and takes its own time."""
    took = {"baseline": drawn(6), "candidate": drawn(7)}
    own = graded(tmp_path / "own", drawn(5), latency_ms=lambda arm, i: 100 + took[arm][i])
    assert own.call is Action.SHIP
    assert not is_told(own)
    time = took["baseline"]
    same = graded(tmp_path / "same", [1.0, 0.0] * 200, latency_ms=lambda _, i: 100 + time[i])
    assert same.call is Action.HOLD


def test_two_models_may_be_right_and_wrong_on_the_same_items_which_is_said(tmp_path: Path) -> None:
    verdict = graded(tmp_path, [1.0, 0.0] * 200)
    assert verdict.call is Action.SHIP
    assert is_told(verdict)


def test_what_only_one_model_answered_says_nothing_of_likeness(tmp_path: Path) -> None:
    scores = [1.0, 0.0] * 200
    rows = score_rows(scores, scores)
    rows = [row for row in rows if row["arm"] == "baseline" or row["item"] == "q0"]
    assert not is_told(judge_scores(tmp_path, scores_contract(400, bar="may_lose = 0.2"), rows))
