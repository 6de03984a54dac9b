"""Prices of decisions: what a contract may say of them."""

import pytest

from builders import HEAD
from shipcall.contract.parse import parse_contract
from shipcall.contract.plan import measures_of
from shipcall.core.errors import ContractError
from shipcall.metrics import Options

EVIDENCE = '[evidence]\npredictions = { path = "rows.csv" }\n'
CHECK = """
[[check]]
id = "gate.m"
stage = "gate"
role = "guardrail"
metric = "m"
may_lose = 0.5
"""


def contract(spec: str) -> str:
    head = HEAD.replace('"item"', '"unit"').replace('kind = "llm"', 'kind = "classifier"')
    return f'{head}{EVIDENCE}[metric]\nm = {{ level = "model", {spec} }}\n{CHECK}'


def codes(spec: str) -> list[str]:
    with pytest.raises(ContractError) as caught:
        parse_contract(contract(spec), file="release.toml")
    return [fault.code for fault in caught.value.faults]


def options(spec: str) -> Options:
    return measures_of(parse_contract(contract(spec), file="release.toml"))["m"].options


def prices(text: str) -> str:
    return f'kind = "expected_cost", prices = {{ {text} }}'


def test_an_expected_cost_needs_prices() -> None:
    assert codes('kind = "expected_cost"') == ["E116"]


def test_both_errors_need_a_price() -> None:
    assert codes(prices("false_positive = 1")) == ["E101"]


def test_a_misspelt_price_is_named() -> None:
    assert "E102" in codes(prices("false_positive = 1, false_negative = 2, false_alarm = 3"))


@pytest.mark.parametrize(
    "text",
    [
        "false_positive = 0, false_negative = 2",
        "false_positive = 1, false_negative = 2, true_positive = 2",
    ],
)
def test_an_error_costs_more_than_the_right_decision(text: str) -> None:
    assert codes(prices(text)) == ["E118"]


def test_prices_on_another_kind_are_not_read() -> None:
    assert codes('kind = "recall", prices = { false_positive = 1, false_negative = 2 }') == ["E127"]


@pytest.mark.parametrize("cut", ["0", "1", "1.5", "-0.1"])
def test_the_threshold_of_a_net_benefit_is_a_probability(cut: str) -> None:
    assert codes(f'kind = "net_benefit", threshold = {cut}') == ["E103"]


def test_a_net_benefit_lies_between_the_odds_and_one() -> None:
    """By hand: at 0.2 a false alarm costs 0.2 / 0.8 of a hit."""
    assert options('kind = "net_benefit", threshold = 0.2').range == (-0.25, 1.0)


def test_an_expected_cost_lies_between_its_prices() -> None:
    text = "false_positive = 2, false_negative = 11, true_positive = -1"
    assert options(prices(text)).range == (-1.0, 11.0)


def test_a_cost_of_amounts_has_the_range_that_the_contract_declares() -> None:
    spec = prices("false_positive = 1, false_negative = 2") + ', weight = "amount"'
    assert options(spec).range is None
    assert options(f"{spec}, range = [0, 500]").range == (0.0, 500.0)
