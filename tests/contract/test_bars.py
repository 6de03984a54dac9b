"""Bars: amounts without a sign become numbers with one, by the direction of the metric."""

import math
from typing import Any

import pytest

from shipcall.contract.amount import Amount
from shipcall.contract.bars import bar_of
from shipcall.core import Estimand

AMOUNT = Amount(0.02, relative=False, text="0.02")
SHARE = Amount(0.02, relative=True, text="2%")
INF = math.inf


@pytest.mark.parametrize(
    ("key", "value", "better", "bounds", "estimand", "text"),
    [
        ("better_by", AMOUNT, "higher", (0.02, INF), "difference", "must improve by 0.02"),
        ("better_by", AMOUNT, "lower", (-INF, -0.02), "difference", "must improve by 0.02"),
        ("may_lose", AMOUNT, "higher", (-0.02, INF), "difference", "may lose 0.02"),
        ("may_lose", AMOUNT, "lower", (-INF, 0.02), "difference", "may lose 0.02"),
        ("may_lose", SHARE, "lower", (-INF, 0.02), "relative", "may lose 2%"),
        ("at_least", 0.9, "higher", (0.9, INF), "candidate", "at least 0.9"),
        ("at_most", 0.1, "lower", (-INF, 0.1), "candidate", "at most 0.1"),
        ("within", 0.01, "higher", (-0.01, 0.01), "difference", "may differ by at most 0.01"),
        ("within", (0.9, 1.1), "higher", (0.9, 1.1), "candidate", "between 0.9 and 1.1"),
    ],
)
def test_a_bar_lies_on_the_side_that_the_metric_says(
    key: str, value: Any, better: str, bounds: tuple[float, float], estimand: str, text: str
) -> None:
    bar, held = bar_of({key: value}, better)
    assert (bar.low, bar.high) == bounds
    assert held is Estimand(estimand)
    assert bar.text == text


def test_no_loss_allowed_is_zero_and_not_minus_zero() -> None:
    bar, _ = bar_of({"may_lose": Amount(0.0, relative=False, text="0")}, "higher")
    assert math.copysign(1.0, bar.low) == 1.0
    improved, _ = bar_of({"better_by": Amount(0.0, relative=False, text="0")}, "lower")
    assert improved.text == "must improve"
