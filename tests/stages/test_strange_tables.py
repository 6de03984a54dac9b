"""Tables in which something is named or joined wrongly: no data with its cause, never a pass."""

from pathlib import Path

import pytest

from builders import HEAD, judge_scores, run_gate, score_rows, scores_contract, write_csv
from shipcall.core import Absent, Action, Finding, Reason, Verdict

HALF = [1.0, 0.0] * 20
LISTS = (
    HEAD.replace('kind = "llm"', 'kind = "ranker"').replace('id = "item"', 'id = "query"')
    + """
[evidence]
rankings = { path = "lists.csv", expect = { units = 60 } }
[metric]
order = { level = "model", kind = "KIND", k = 3 }
[[check]]
id = "gate.order"
stage = "gate"
role = "goal"
metric = "order"
may_lose = 0.3
"""
)
LABELS = (
    HEAD.replace('kind = "llm"', 'kind = "classifier"').replace('id = "item"', 'id = "unit"')
    + """
[evidence]
predictions = "rows.csv"
[metric]
found = { level = "model", kind = "recall" }
[[check]]
id = "gate.found"
stage = "gate"
role = "goal"
metric = "found"
may_lose = 0.3
"""
)
TIMES = """
[evidence]
scores = { path = "scores.csv", expect = { units = 40 } }
[metric]
late = { level = "operations", kind = "timeout_share", threshold = 900 }
right = { level = "model", kind = "mean", better = "higher", range = [1, 5] }
[[check]]
id = "gate.late"
stage = "gate"
role = "goal"
metric = "late"
may_lose = 0.5
"""


def one(verdict: Verdict, check: str) -> Finding:
    return next(f for f in verdict.findings if f.check.id == check)


def absent(verdict: Verdict, check: str) -> Absent:
    measured = one(verdict, check).measured
    assert isinstance(measured, Absent)
    return measured


def test_a_table_that_names_the_metric_otherwise_holds_and_is_not_our_fault(tmp_path: Path) -> None:
    rows = [{**row, "metric": "Right"} for row in score_rows(HALF, HALF)]
    contract = scores_contract(40).replace(", expect = { units = 40 }", "")
    verdict = judge_scores(tmp_path, contract, rows)
    found = one(verdict, "sanity.scores.found")
    assert verdict.call is Action.HOLD
    assert not found.satisfied
    assert found.note == "no graded runs of a metric of this contract found"


@pytest.mark.parametrize("kind", ["ndcg", "hit_rate", "precision_at_k", "recall_at_k"])
def test_judgements_that_were_not_joined_are_no_equal_lists(tmp_path: Path, kind: str) -> None:
    """Every list is worth 0 then, and the difference of two models 0 with a narrow interval."""
    rows = [
        {
            "query": f"q{query}",
            "item": f"d{item}",
            "relevance": 0,
            "baseline": (query * 7 + item * 3) % 11,
            "candidate": (query * 5 + item * 2) % 13,
        }
        for query in range(60)
        for item in range(5)
    ]
    write_csv(tmp_path / "lists.csv", rows)
    verdict = run_gate(tmp_path, LISTS.replace("KIND", kind)).verdict
    seen = absent(verdict, "gate.order")
    assert verdict.call is Action.HOLD
    assert (seen.reason, seen.detail) == (
        Reason.CONSTANT,
        "lists.csv: no item is relevant for any query",
    )


def test_relevance_below_the_threshold_everywhere_is_no_data(tmp_path: Path) -> None:
    """Grades from 0 to 1 under a threshold of 2."""
    rows = [
        {"query": f"q{i // 5}", "item": f"d{i % 5}", "relevance": i % 2, "baseline": i % 7}
        | {"candidate": i % 6}
        for i in range(300)
    ]
    write_csv(tmp_path / "lists.csv", rows)
    contract = LISTS.replace("KIND", "hit_rate").replace("k = 3", "k = 3, threshold = 2")
    assert absent(run_gate(tmp_path, contract).verdict, "gate.order").reason is Reason.CONSTANT


def test_a_positive_class_that_nobody_named_is_asked_for(tmp_path: Path) -> None:
    rows = [
        {"unit": f"u{i}", "label": said[0], "baseline": said[1], "candidate": said[2]}
        for i, said in enumerate([("cat", "cat", "dog"), ("dog", "dog", "cat")] * 20)
    ]
    write_csv(tmp_path / "rows.csv", rows)
    seen = absent(run_gate(tmp_path, LABELS).verdict, "gate.found")
    assert (seen.reason, seen.detail) == (
        Reason.UNDEFINED,
        "no row counts for 'found' (labels other than 0 and 1 need positive = \"…\" in the metric)",
    )


def test_time_outs_are_read_from_the_rows_of_the_first_grade(tmp_path: Path) -> None:
    """By hand: 900 ms or more in 10 and 20 of 40 runs; a grade keeps a range of its own."""
    rows = [
        {**row, "latency_ms": 900 if i % (4 if row["arm"] == "baseline" else 2) == 0 else 200}
        for i, row in enumerate(score_rows([1.0, 5.0] * 20, [1.0, 5.0] * 20))
    ]
    verdict = judge_scores(tmp_path, HEAD + TIMES, rows)
    late = one(verdict, "gate.late").arms
    assert late is not None
    assert (late.baseline, late.candidate) == (0.25, 0.5)
    assert [f.check.id for f in verdict.findings if not f.satisfied] == []


def test_a_run_that_failed_at_once_did_not_answer_in_time(tmp_path: Path) -> None:
    """By hand: 10 and 20 of 40 runs were late; 4 more of the candidate failed after 5 ms, and
    one of the baseline without a time."""
    rows = [
        {**row, "latency_ms": 900 if i % (4 if row["arm"] == "baseline" else 2) == 0 else 200}
        for i, row in enumerate(score_rows([1.0, 5.0] * 20, [1.0, 5.0] * 20))
    ]
    for place in (41, 43, 45, 47):
        rows[place] |= {"status": "model_error", "value": None, "latency_ms": 5}
    rows[1] |= {"status": "model_error", "value": None, "latency_ms": None}
    late = one(judge_scores(tmp_path, HEAD + TIMES, rows), "gate.late").arms
    assert late is not None
    assert (late.baseline, late.candidate) == (11 / 40, 24 / 40)
