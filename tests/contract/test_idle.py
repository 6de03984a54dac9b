"""Bars that no evidence could fail, and goals that need not be shown, are faults."""

import pytest

from shipcall.contract.parse import parse_contract
from shipcall.core import ContractError

TEXT = """
shipcall = 1
[release]
id = "r"
kind = "llm"
owner = "o"
baseline = "a"
candidate = "b"
change = "prompt"
[unit]
id = "item"
[evidence]
scores = "s.csv"
[metric]
right = {{ level = "model", kind = "proportion", better = "{better}" }}
grade = {{ level = "model", kind = "mean", better = "higher", range = [1, 10] }}
slow = {{ level = "operations", kind = "quantile", q = 0.9, column = "cost", better = "lower" }}
[[check]]
id = "gate.it"
stage = "gate"
role = "{role}"
metric = "{metric}"
{bar}
"""


def codes(
    bar: str, metric: str = "right", role: str = "guardrail", better: str = "higher"
) -> list[str]:
    try:
        parse_contract(TEXT.format(bar=bar, metric=metric, role=role, better=better), file="c.toml")
    except ContractError as wrong:
        return [fault.code for fault in wrong.faults]
    return []


@pytest.mark.parametrize(
    ("bar", "metric", "better"),
    [
        ("at_least = 0", "right", "higher"),
        ("at_least = -5", "right", "higher"),
        ("at_most = 1.0", "right", "lower"),
        ("may_lose = 1.0", "right", "higher"),
        ('may_lose = "100pp"', "right", "higher"),
        ('may_lose = "100%"', "right", "higher"),
        ("within = 1.5", "right", "higher"),
        ("within = [0, 1]", "right", "higher"),
        ("may_lose = 9", "grade", "higher"),
        ("at_least = 1", "grade", "higher"),
    ],
)
def test_a_bar_that_cannot_fail_is_a_fault(bar: str, metric: str, better: str) -> None:
    assert codes(bar, metric, better=better) == ["E130"]


@pytest.mark.parametrize(
    ("bar", "metric"),
    [("at_least = 0.01", "right"), ("may_lose = 0.99", "right"), ("may_lose = 8.9", "grade"),
     ("may_lose = 500", "slow"), ("at_most = 1500", "slow")],
)  # fmt: skip
def test_a_bar_that_can_fail_is_none(bar: str, metric: str) -> None:
    assert codes(bar, metric) == []


def test_what_is_only_watched_may_have_any_bar() -> None:
    assert codes("may_lose = 5", role="watch") == []


def test_a_goal_has_to_be_shown() -> None:
    assert codes('may_lose = 0.1\nneed = "not_refuted"', role="goal") == ["E130"]
    assert codes('may_lose = 0.1\nneed = "not_refuted"') == []
