"""Cohort plan: which checks a contract asks of people, and what they may err."""

from datetime import UTC, datetime

import pytest

from builders import HEAD
from shipcall.contract.cohort import cohort_plan
from shipcall.contract.contract import Contract
from shipcall.contract.parse import parse_contract
from shipcall.contract.rollout import harm_of_a_stage
from shipcall.core import Check, Estimand, Need, Role, Slice, Validity

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BODY = """
[evidence]
activity = {{ path = "activity.csv"{more} }}
exposures = "exposures.csv"
outcomes = "outcomes.csv"
[metric]
day7 = {{ level = "product", kind = "retention", day = 7 }}
days28 = {{ level = "product", kind = "restricted_mean", day = 28 }}
hide = {{ level = "product", kind = "proportion", better = "lower", window = "1d" }}
[[check]]
id = "cohort.day7"
stage = "cohort"
role = "guardrail"
metric = "day7"
may_lose = "1pp"
[[check]]
id = "cohort.day7.nz"
stage = "cohort"
role = "guardrail"
metric = "day7"
slice = {{ country = "NZ" }}
may_lose = "2pp"
on_breach = "HOLD"
[[check]]
id = "cohort.days"
stage = "cohort"
role = "goal"
metric = "days28"
better_by = "2%"
[[check]]
id = "cohort.seen"
stage = "cohort"
role = "watch"
metric = "day7"
at_least = 0.2
[risk]
looks = 2
"""
ROLLOUT = """
[rollout]
stages = [1, 50]
min_hours = [24]
[[check]]
id = "rollout.hide"
stage = "rollout"
role = "guardrail"
metric = "hide"
may_lose = 0.01
"""


def contract(more: str = "", rest: str = "") -> Contract:
    return parse_contract(HEAD + BODY.format(more=more) + rest, file="contract.toml")


def checks(known: Contract) -> dict[str, Check]:
    return {check.id: check for check in cohort_plan(known, NOW).checks}


def test_written_checks_come_first_and_are_of_activity() -> None:
    promised = cohort_plan(contract(), NOW)
    written = [check.id for check in promised.checks if check.role is not Role.SANITY]
    assert written == ["cohort.day7", "cohort.day7.nz", "cohort.days", "cohort.seen"]
    assert [check.id for check in promised.checks][:4] == written
    assert {check.evidence for check in promised.checks} == {"activity"}
    assert {check.stage for check in promised.checks} == {"cohort"}
    assert {check.validity for check in promised.checks} == {Validity.FIXED}


def test_amounts_become_bars_of_the_estimand_they_speak_of() -> None:
    found = checks(contract())
    assert found["cohort.day7"].bar.low == pytest.approx(-0.01)
    assert found["cohort.day7"].estimand is Estimand.DIFFERENCE
    assert found["cohort.days"].estimand is Estimand.RELATIVE
    assert found["cohort.days"].bar.low == pytest.approx(0.02)
    assert found["cohort.seen"].estimand is Estimand.CANDIDATE
    assert found["cohort.day7.nz"].slice == Slice.of({"country": "NZ"})
    assert found["cohort.day7.nz"].on_breach_hold


def test_levels_are_divided_by_looks_because_intervals_hold_for_one() -> None:
    """alpha .05 over 2 looks; harm .05 over 2 looks, half aggregate and half slices."""
    found = checks(contract())
    assert found["cohort.day7"].clear_at == pytest.approx(0.05 / 2)
    assert found["cohort.day7"].breach_at == pytest.approx(0.05 / 2 / 2)
    assert found["cohort.day7.nz"].breach_at == pytest.approx(0.05 / 2 / 2)
    assert found["cohort.days"].breach_at == pytest.approx(0.05 / 2)


def test_guardrails_never_spend_more_than_harm() -> None:
    found = checks(contract())
    spent = sum(check.breach_at for check in found.values() if check.role is Role.GUARDRAIL)
    assert 2 * spent == pytest.approx(0.05)


def test_half_of_harm_belongs_to_a_rollout_with_guardrails() -> None:
    assert harm_of_a_stage(contract()) == pytest.approx(0.05)
    both = contract(rest=ROLLOUT)
    assert harm_of_a_stage(both) == pytest.approx(0.025)
    found = checks(both)
    assert found["cohort.day7"].breach_at == pytest.approx(0.05 / 2 / 2 / 2)


def test_sanity_asks_whether_the_tables_can_be_trusted_at_all() -> None:
    found = {i: c for i, c in checks(contract()).items() if c.role is Role.SANITY}
    facts = [name.rpartition(".")[2] for name in found]
    assert facts == [
        "found", "duplicates", "gaps", "stale", "crossed", "unseen", "uneven_loss", "constant",
    ]  # fmt: skip
    assert sum(check.clear_at for check in found.values()) == pytest.approx(0.01)
    assert found["sanity.activity.uneven_loss"].need is Need.NOT_REFUTED
    assert found["sanity.activity.gaps"].need is Need.SHOWN


def test_what_may_be_missing_is_what_the_contract_says() -> None:
    found = checks(contract(more=", max_missing = 0.05"))
    assert found["sanity.activity.found"].bar.low == pytest.approx(0.95)
    assert found["sanity.activity.unseen"].bar.high == pytest.approx(0.05)
    assert checks(contract())["sanity.activity.unseen"].bar.high == pytest.approx(0.01)


def test_the_plan_knows_its_moment_and_the_days_of_its_metrics() -> None:
    promised = cohort_plan(contract(), NOW)
    assert promised.progress is not None
    assert promised.progress.as_of == NOW
    assert not promised.progress.final
    assert promised.measures["day7"].options.day == 7
    assert promised.measures["day7"].evidence == "activity"
    assert promised.measures["hide"].evidence == ""
