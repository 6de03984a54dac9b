"""judge_agreement and raters: what a contract may say of those who compare answers."""

import pytest

from builders import HEAD
from shipcall.contract.diff import diff
from shipcall.contract.parse import parse_contract
from shipcall.contract.plan import plan
from shipcall.core import ContractError

BODY = """
[evidence]
preferences = {{ path = "p.csv", expect = {{ units = 100 }} }}
[metric]
wins = {{ level = "model", kind = "{kind}"{options} }}
[[check]]
id = "gate.wins"
stage = "gate"
role = "goal"
metric = "wins"
{bar}
"""


def text(options: str, *, kind: str = "win_rate", bar: str = "better_by = 0.0") -> str:
    return HEAD + BODY.format(options=options, kind=kind, bar=bar)


def faults(options: str, **more: str) -> list[tuple[str, str]]:
    with pytest.raises(ContractError) as caught:
        parse_contract(text(options, **more), file="c.toml")
    return [(fault.code, fault.seen) for fault in caught.value.faults]


def test_options_reach_the_metric() -> None:
    contract = parse_contract(text(", judge_agreement = 0.6"), file="c.toml")
    how = plan(contract, "gate", {}).measures["wins"]
    assert (how.options.raters, how.options.judge_agreement) == ("judge", 0.6)
    assert how.evidence == "preferences"


def test_people_need_not_agree_with_people() -> None:
    ((code, seen),) = faults(', raters = "human", judge_agreement = 0.6')
    assert code == "E118"
    assert "judge_agreement" in seen


@pytest.mark.parametrize("least", ["0", "1.5", "-0.2"])
def test_an_agreement_is_a_kappa_above_0(least: str) -> None:
    assert [code for code, _ in faults(f", judge_agreement = {least}")] == ["E103"]


def test_a_corrected_rate_has_no_agreement_to_promise() -> None:
    ((code, _),) = faults(", judge_agreement = 0.6", kind="corrected_win_rate")
    assert code == "E127"


def test_a_rate_is_no_share_of_the_baselines_rate() -> None:
    assert [code for code, _ in faults("", bar='better_by = "2%"')] == ["E123"]


def test_asking_for_less_agreement_is_loosening() -> None:
    before, after = (
        parse_contract(text(f", judge_agreement = {least}"), file="c.toml") for least in (0.6, 0.5)
    )
    (change,) = diff(before, after)
    assert (change.path, change.kind) == ("metric.wins.judge_agreement", "loosened")
    (back,) = diff(after, before)
    assert back.kind == "tightened"
