"""Plan: which checks come out, at which error levels, for which slices."""

from dataclasses import replace

import pytest

from shipcall.contract.contract import Contract
from shipcall.contract.parse import parse_contract
from shipcall.contract.plan import plan
from shipcall.core import Check, Estimand, Need, Role, Slice

TEXT = """
shipcall = 1
[release]
id = "r"
kind = "classifier"
owner = "o"
baseline = "a"
candidate = "b"
change = "weights"
[unit]
id = "id"
[evidence]
predictions = { path = "p.csv", expect = { units = 1000 }, max_missing = 0.02 }
[metric]
right = { level = "model", kind = "accuracy", chance = 0.25 }
alarms = { level = "safety", kind = "false_positive_rate" }
loss = { level = "model", kind = "log_loss" }
[[check]]
id = "gain"
stage = "gate"
role = "goal"
metric = "right"
better_by = 0.01
[[check]]
id = "alarms"
stage = "gate"
role = "guardrail"
metric = "alarms"
may_lose = "2%"
[[check]]
id = "loss"
stage = "gate"
role = "watch"
metric = "loss"
may_lose = 0.1
[slices]
by = ["country"]
metric = "right"
may_lose = 0.02
min_units = 50
protected = ["country=NZ"]
[risk]
alpha = 0.04
block = 0.06
looks = 2
"""
BR, NZ, TV = (Slice.of({"country": level}) for level in ("BR", "NZ", "TV"))
LEVELS = {BR: 700, TV: 20}


@pytest.fixture
def contract() -> Contract:
    return parse_contract(TEXT, file="c.toml")


def by_id(contract: Contract, levels: dict[Slice, int] = LEVELS) -> dict[str, Check]:
    return {check.id: check for check in plan(contract, "gate", levels).checks}


def test_only_the_checks_of_the_stage_are_promised(contract: Contract) -> None:
    later = contract.check[1].model_copy(update={"id": "later", "stage": "rollout"})
    contract = contract.model_copy(update={"check": [*contract.check, later]})
    judged = [c.id for c in plan(contract, "gate", LEVELS).checks if c.role is not Role.SANITY]
    assert judged == [
        "gain", "alarms", "loss", "slice.country=BR", "slice.country=NZ", "slice.country=TV",
    ]  # fmt: skip


def test_clearing_is_at_full_alpha_over_the_looks_and_never_split_over_checks(
    contract: Contract,
) -> None:
    checks = by_id(contract)
    for name in ("gain", "alarms", "slice.country=NZ"):
        assert checks[name].clear_at == pytest.approx(0.04 / 2)


def test_half_of_block_goes_to_aggregate_checks_in_equal_parts(contract: Contract) -> None:
    """block .06 over 2 looks is .03; half of it over one goal and one guardrail is .0075."""
    checks = by_id(contract)
    assert checks["gain"].breach_at == checks["alarms"].breach_at == pytest.approx(0.0075)


def test_the_other_half_is_joint_over_the_slices(contract: Contract) -> None:
    check = by_id(contract)["slice.country=BR"]
    assert check.family is not None
    assert check.family.method == "max-t"
    assert check.family.breach_at == pytest.approx(0.015)
    assert check.breach_at == pytest.approx(0.015)


def test_without_slices_the_aggregate_has_all_of_block(contract: Contract) -> None:
    bare = contract.model_copy(update={"slices": None})
    assert by_id(bare)["gain"].breach_at == pytest.approx(0.03 / 2)


def test_attempts_divide_like_looks(contract: Contract) -> None:
    risk = contract.risk.model_copy(update={"attempts": 3})
    checks = by_id(contract.model_copy(update={"risk": risk}))
    assert checks["gain"].clear_at == pytest.approx(0.04 / 6)


def test_a_protected_slice_must_be_shown_even_where_no_row_was_seen(contract: Contract) -> None:
    check = by_id(contract)["slice.country=NZ"]
    assert (check.role, check.need, check.protected) == (Role.GUARDRAIL, Need.SHOWN, True)


def test_an_unprotected_slice_must_not_be_refuted(contract: Contract) -> None:
    assert by_id(contract)["slice.country=BR"].need is Need.NOT_REFUTED


def test_a_slice_that_was_too_small_when_sealed_is_only_watched(contract: Contract) -> None:
    assert by_id(contract)["slice.country=TV"].role is Role.WATCH


def test_proof_everywhere_leaves_no_slice_out(contract: Contract) -> None:
    assert contract.slices is not None
    slices = contract.slices.model_copy(update={"need": "shown"})
    check = by_id(contract.model_copy(update={"slices": slices}))["slice.country=TV"]
    assert (check.role, check.need) == (Role.GUARDRAIL, Need.SHOWN)


def test_the_direction_comes_from_the_metric(contract: Contract) -> None:
    checks = by_id(contract)
    assert (checks["gain"].bar.low, checks["gain"].estimand) == (0.01, Estimand.DIFFERENCE)
    assert (checks["alarms"].bar.high, checks["alarms"].estimand) == (0.02, Estimand.RELATIVE)
    assert checks["slice.country=BR"].bar.low == -0.02
    assert checks["loss"].bar.high == 0.1


def test_sanity_is_always_promised_and_shares_one_percent(contract: Contract) -> None:
    sanity = [c for c in plan(contract, "gate", LEVELS).checks if c.role is Role.SANITY]
    facts = {c.metric for c in sanity if c.estimand is Estimand.COUNT}
    assert {"found", "duplicates", "lost", "mispaired", "differing", "constant"} <= facts
    assert sum(c.breach_at for c in sanity) == pytest.approx(0.01)


def test_chance_is_watched_for_both_models_wherever_a_slice_decides(contract: Contract) -> None:
    ids = {c.id for c in plan(contract, "gate", LEVELS).checks if c.id.startswith("sanity.chance")}
    assert ids == {
        f"sanity.chance.right.{arm}.{part}"
        for arm in ("baseline", "candidate")
        for part in ("all", "country=BR", "country=NZ")
    }


def test_what_may_be_lost_is_what_the_contract_says(contract: Contract) -> None:
    checks = by_id(contract)
    assert checks["sanity.predictions.lost"].bar.high == 0.02
    assert checks["sanity.predictions.found"].bar.low == pytest.approx(0.98)


def test_no_two_checks_have_one_id(contract: Contract) -> None:
    checks = plan(contract, "gate", LEVELS).checks
    assert len({check.id for check in checks}) == len(checks)


def test_a_kind_the_gate_cannot_measure_reads_no_table(contract: Contract) -> None:
    metric = {**contract.metric}
    metric["right"] = metric["right"].model_copy(update={"kind": "retention", "chance": None})
    other = contract.model_copy(update={"metric": metric})
    check = by_id(other)["gain"]
    assert replace(check, evidence="").evidence == check.evidence
