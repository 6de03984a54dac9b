"""What a verdict of a rollout says in words: where it goes, what is spent, what is promised."""

from typing import Any

import pytest

from shipcall.app.counted import COUNTS, count_of
from shipcall.app.promised import promised_view, ramp_text
from shipcall.app.sentences import sentence_of, toward, would_change
from shipcall.app.view import finding_view
from shipcall.contract.parse import parse_contract
from shipcall.contract.rollout import progress_of, rollout_plan
from shipcall.core import Role
from stages.ramps import CONTRACT, START

RISK = {"alpha": 0.05, "harm": 0.04, "block": 0.03, "looks": 1, "attempts": 2, "detect_at": 2.0}


def facts(call: str, rule: str, *, position: int = 0, **situation: Any) -> dict[str, Any]:
    return {
        "call": call,
        "rule": {"name": rule, "sentence": "A rule."},
        "because": [],
        "situation": {"sealed": True, "looks_spent": False, "overdue": False, **situation},
        "progress": {"shares": [0.01, 0.1, 0.99], "position": position},
        "stage": "rollout",
        "risk": RISK,
        "unproven": [],
        "findings": [],
    }


def counted(metric: str, stage: str = "rollout") -> dict[str, Any]:
    """A finding of a count, as the ledger holds it."""
    check = {
        "id": f"sanity.outcomes.{metric}",
        "stage": stage,
        "role": "sanity",
        "need": "shown",
        "metric": metric,
        "slice": {"pairs": []},
        "estimand": "count",
        "bar": {"low": None, "high": 0.0, "text": "none lost"},
        "protected": False,
        "family": None,
        "min_units": 1,
        "clear_at": 0.01,
        "breach_at": 0.01,
        "line": None,
    }
    value = {"value": 0.1, "low": 0.1, "high": 0.1, "tails": [0.0, 0.0], "n": 1, "census": True}
    return {
        "check": check,
        "measured": value,
        "standing": "BREACH",
        "satisfied": False,
        "arms": {"baseline": 0.1, "candidate": 0.2},
        "missing_units": None,
        "note": "",
    }


def test_an_advance_names_the_next_share() -> None:
    assert toward(facts("ADVANCE", "ALL_SHOWN")) == "to 10 %"
    assert toward(facts("ADVANCE", "ALL_SHOWN", position=1)) == "to 99 %"


@pytest.mark.parametrize("call", ["HOLD", "ROLL BACK", "SHIP", "NO SHIP"])
def test_no_other_call_goes_anywhere(call: str) -> None:
    assert not toward(facts(call, "NEED_NOT_MET"))


def test_an_advance_outside_a_rollout_goes_to_no_share() -> None:
    assert not toward({**facts("ADVANCE", "ALL_SHOWN"), "stage": "gate", "progress": None})


def test_an_advance_claims_no_proof() -> None:
    said = sentence_of(facts("ADVANCE", "ALL_SHOWN"), [])
    assert said.startswith("Nothing that was promised is refuted.")


def test_a_ship_does() -> None:
    said = sentence_of(facts("SHIP", "ALL_SHOWN", position=2), [])
    assert said.startswith("Everything that had to be shown is shown.")


def test_a_rollout_that_took_too_long_says_so() -> None:
    late = {**facts("NO SHIP", "NEED_NOT_MET", overdue=True), "because": ["a"]}
    assert "The time that the contract gave is over." in sentence_of(late, [])


def test_attempts_may_be_spent_and_looks_may_not() -> None:
    spent = facts("NO SHIP", "NEED_NOT_MET", looks_spent=True)
    assert "The attempts promised by the contract are spent." in sentence_of(spent, [])
    assert "More attempts were made" in would_change(spent, [])[0]
    gate = {**spent, "stage": "gate", "progress": None}
    assert "The looks promised by the contract are spent." in sentence_of(gate, [])
    assert "More looks were taken" in would_change(gate, [])[0]


def test_the_promised_rates_are_those_of_any_number_of_looks() -> None:
    ship, harm, goals, coverage, nothing = ramp_text(RISK)
    assert "any number of looks and 2 attempts is at most 0.05" in ship
    assert "rolls the release back is at most 0.04, over 2 attempts" in harm
    assert "a goal is ever refuted is at most 0.03" in goals
    assert "all looks at once" in coverage
    assert "ADVANCE carries no error bound" in nothing


def test_a_verdict_of_a_rollout_promises_those_and_a_gate_its_own() -> None:
    ramp = facts("HOLD", "NEED_NOT_MET")
    assert promised_view(ramp)["text"] == ramp_text(RISK)
    gate = promised_view({**ramp, "stage": "gate"})["text"]
    assert "over 1 look and 2 attempts" in gate[0]
    assert "refuses the release is at most 0.03" in gate[1]


def test_a_stage_that_only_objects_promises_what_its_guardrails_may_cost() -> None:
    """Two guardrails at 0.01 each, two attempts, one look: 0.04."""
    found = {"check": {"role": "guardrail", "breach_at": 0.01}}
    people = {**facts("HOLD", "NEED_NOT_MET"), "stage": "cohort", "findings": [found, found]}
    objection, nothing = promised_view(people)["text"]
    assert "over 1 look and 2 attempts is at most 0.04" in objection
    assert "NO OBJECTION carries no error bound" in nothing


def test_a_count_of_one_metric_names_it() -> None:
    seen = finding_view(counted("lost.hide_rate"), {"metrics": {}, "stage": "rollout"})
    assert seen["metric_title"] == "Units without an outcome, hide rate"
    assert seen["unit"] == "share"


def test_plain_values_of_the_arms_stay_out_of_a_rollout() -> None:
    """Over a ramp their difference is no effect."""
    assert finding_view(counted("lost"), {"metrics": {}})["arms"] is None
    assert finding_view(counted("lost", stage="gate"), {"metrics": {}})["arms"] is not None


def test_the_same_count_is_called_after_its_stage() -> None:
    names = [count_of(stage, "found") for stage in ("gate", "rollout", "elsewhere")]
    assert [known and known.title for known in names] == [
        "Evidence found",
        "Units exposed",
        "Evidence found",
    ]
    assert count_of("rollout", "never heard of") is None


def test_every_count_of_a_rollout_plan_has_a_title_and_sanity_a_repair() -> None:
    contract = parse_contract(CONTRACT, file="contract.toml")
    plan = rollout_plan(contract, progress_of(contract, [], START))
    counts = [check for check in plan.checks if check.metric not in contract.metric]
    assert counts
    for check in counts:
        known = count_of("rollout", check.metric)
        assert known is not None, check.metric
        assert known.title
        assert known.repair or check.role is not Role.SANITY


def test_every_count_with_a_title_is_one_of_the_plan() -> None:
    contract = parse_contract(CONTRACT, file="contract.toml")
    plan = rollout_plan(contract, progress_of(contract, [], START))
    used = {name for check in plan.checks for name in (check.metric, check.metric.split(".")[0])}
    assert set(COUNTS["rollout"]) <= used


def test_a_count_without_a_title_is_called_by_its_name() -> None:
    seen = finding_view(counted("never_heard"), {"metrics": {}})
    assert seen["metric_title"] == "never heard"
