"""Time-outs, fallbacks and the cost of a unit on live requests that both models answered."""

from pathlib import Path

import pytest

from shadows import Columns, changed, columns, contract, judged
from shipcall.core import Absent, Arms, Estimate, Finding, Reason

METRICS = """
late = { level = "operations", kind = "timeout_share", threshold = 500 }
replaced = { level = "operations", kind = "fallback_share" }
token_price = { level = "cost", kind = "unit_cost", column = "cost", per = "tokens" }
"""
CHECKS = "".join(
    f"""
[[check]]
id = "shadow.{name}"
stage = "shadow"
role = "watch"
metric = "{name}"
{bar}
"""
    for name, bar in (
        ("late", "may_lose = 0.1"),
        ("replaced", "may_lose = 0.1"),
        ("token_price", 'may_lose = "10%"'),
    )
)
PAIRS = 1_000


def table() -> Columns:
    """Every tenth answer of the baseline takes 500 ms, every fifth of the candidate 900 ms."""
    found = columns(PAIRS)
    for arm, each, late in (("baseline", 10, 500.0), ("candidate", 5, 900.0)):
        found[f"latency_ms_{arm}"] = [late if i % each == 0 else 100.0 for i in range(PAIRS)]
        found[f"fallback_{arm}"] = [float(i % (2 * each) == 1) for i in range(PAIRS)]
        found[f"tokens_{arm}"] = [10.0 + each + i % 7 for i in range(PAIRS)]
    return found


def found_in(folder: Path, pairs: Columns, name: str) -> Finding:
    return judged(folder, pairs, contract(metric=METRICS, rest=CHECKS)).finding(f"shadow.{name}")


def near(arms: Arms | None) -> tuple[float, float]:
    assert arms is not None
    return round(arms.baseline, 12), round(arms.candidate, 12)


def test_an_answer_at_the_limit_is_late(tmp_path: Path) -> None:
    """By hand: 1 in 10 and 1 in 5."""
    late = found_in(tmp_path, table(), "late")
    assert near(late.arms) == (0.1, 0.2)
    assert isinstance(late.measured, Estimate)


def test_a_request_on_which_the_model_failed_counts_as_late(tmp_path: Path) -> None:
    """By hand: 100 of 1,000 more for the candidate, which failed before the limit."""
    pairs = changed(table(), "status_candidate", lambda i, s: "model_error" if i % 10 == 3 else s)
    pairs = changed(pairs, "latency_ms_candidate", lambda i, ms: None if i % 10 == 3 else ms)
    late = found_in(tmp_path, pairs, "late")
    assert late.arms is not None
    assert late.arms.candidate == pytest.approx(0.3)


def test_an_answer_without_a_time_is_lost_and_not_in_time(tmp_path: Path) -> None:
    pairs = changed(table(), "latency_ms_candidate", lambda i, ms: None if i % 50 == 1 else ms)
    late = found_in(tmp_path, pairs, "late")
    assert isinstance(late.measured, Estimate)
    assert "worst-case fill of 20 rows" in late.measured.method


def test_fallbacks_are_counted_for_each_model(tmp_path: Path) -> None:
    """By hand: 1 in 20 and 1 in 10."""
    replaced = found_in(tmp_path, table(), "replaced")
    assert near(replaced.arms) == (0.05, 0.1)


def test_without_a_column_of_fallbacks_there_is_no_data(tmp_path: Path) -> None:
    pairs = {name: values for name, values in table().items() if not name.startswith("fallback")}
    measured = found_in(tmp_path, pairs, "replaced").measured
    assert isinstance(measured, Absent)
    assert measured.reason is Reason.WRONG_COLUMNS


def test_the_price_of_a_token_is_all_cost_over_all_tokens(tmp_path: Path) -> None:
    """By hand: a ratio of sums, not a mean of ratios."""
    pairs = table()
    price = found_in(tmp_path, pairs, "token_price")
    assert price.arms is not None
    for arm in ("baseline", "candidate"):
        hand = sum(pairs[f"cost_{arm}"]) / sum(pairs[f"tokens_{arm}"])
        assert getattr(price.arms, arm) == pytest.approx(hand)
    assert isinstance(price.measured, Estimate)


def test_a_negative_number_of_tokens_leaves_no_data(tmp_path: Path) -> None:
    pairs = changed(table(), "tokens_candidate", lambda i, n: -1.0 if i == 5 else n)
    measured = found_in(tmp_path, pairs, "token_price").measured
    assert isinstance(measured, Absent)
    assert measured.reason is Reason.ROWS_MISSING
