"""The checks of shadow mode: what is asked, of whom, and at which error level."""

from dataclasses import replace
from typing import Any

import pytest

from shadows import contract
from shipcall.contract.parse import parse_contract
from shipcall.contract.shadow import DISAGREEMENT, is_counted, shadow_plan
from shipcall.core import Check, ContractError, Estimand, Need, Role, Slice
from shipcall.release.judge import metric_form

NZ, US = Slice.of({"country": "NZ"}), Slice.of({"country": "US"})
LEVELS = {NZ: 40, US: 900}


def checks(levels: dict[Slice, int] | None = None, **asked: Any) -> dict[str, Check]:
    plan = shadow_plan(contract(**asked), LEVELS if levels is None else levels)
    return {check.id: check for check in plan.checks if check.role is not Role.SANITY}


def test_everything_asked_for_becomes_a_check_in_the_promised_order() -> None:
    assert list(checks(review_sample="6")) == [
        "shadow.spent",
        "stage.disagreement",
        "stage.safety",
        "stage.latency",
        "stage.pairs",
        "stage.days",
        "stage.weekdays",
        "stage.cover.country=NZ",
        "stage.cover.country=US",
        "stage.review",
    ]


def test_what_shadow_mode_asks_for_has_to_be_shown() -> None:
    asked = [check for name, check in checks().items() if name.startswith("stage.")]
    assert {(check.role, check.need) for check in asked} == {(Role.GUARDRAIL, Need.SHOWN)}


def test_bars_are_on_the_candidate_itself() -> None:
    safety = checks()["stage.safety"]
    assert safety.estimand is Estimand.CANDIDATE
    assert (safety.metric, safety.bar.high) == ("unsafe", 0.01)


def test_clearing_has_the_whole_alpha_and_a_breach_its_share_of_block() -> None:
    """alpha over looks and attempts; block over the 4 checks that can breach, as well."""
    risk = "[risk]\nalpha = 0.06\nblock = 0.04\nlooks = 2\nattempts = 1"
    found = checks(rest=risk)
    for name in ("shadow.spent", "stage.disagreement", "stage.safety", "stage.latency"):
        assert found[name].clear_at == pytest.approx(0.03)
        assert found[name].breach_at == pytest.approx(0.02 / 4)


def test_counts_take_no_error_level_from_what_can_breach() -> None:
    few = checks(cover=None, min_pairs=None, min_days=None)
    assert few["stage.safety"].breach_at == checks()["stage.safety"].breach_at


@pytest.mark.parametrize(
    ("key", "value", "gone"),
    [
        ("min_pairs", None, "stage.pairs"),
        ("min_days", None, "stage.days"),
        ("why_short", '"a fix for tonight"', "stage.weekdays"),
        ("safety", None, "stage.safety"),
        ("latency", None, "stage.latency"),
        ("disagreement", None, "stage.disagreement"),
        ("cover", None, "stage.cover.country=NZ"),
    ],
)
def test_what_is_not_asked_for_is_no_check(key: str, value: str | None, gone: str) -> None:
    asked: dict[str, Any] = {key: value}
    assert gone not in checks(**asked)


def test_only_protected_slices_are_covered_where_the_contract_says_so() -> None:
    found = checks(cover='{ slices = "protected", min_pairs = 50 }')
    covered = [check for check in found.values() if check.metric == "stage.cover"]
    assert [(check.slice, check.protected) for check in covered] == [(NZ, True)]


def test_a_protected_slice_that_nobody_saw_is_promised_all_the_same() -> None:
    assert "stage.cover.country=NZ" in checks({US: 900})


def test_slices_whose_levels_nobody_read_are_promised_without_data() -> None:
    covered = [name for name in checks({}) if name.startswith("stage.cover.")]
    assert covered == ["stage.cover.country=(levels not read)", "stage.cover.country=NZ"]


@pytest.mark.parametrize(
    ("asked", "column", "k"),
    [
        ("{ top = 10, at_most = 0.5 }", "top_k", 10),
        ("{ decision = true, at_most = 0.5 }", "decision", None),
        ("{ at_most = 0.5 }", "decision", None),
        ("{ decision = false, at_most = 0.5 }", "output", None),
    ],
)
def test_disagreement_is_about_lists_decisions_or_outputs(
    asked: str, column: str, k: int | None
) -> None:
    measure = shadow_plan(contract(disagreement=asked), LEVELS).measures[DISAGREEMENT]
    assert (measure.options.column, measure.options.k) == (column, k)


def test_metrics_read_their_own_column_unasked() -> None:
    measures = shadow_plan(contract(), LEVELS).measures
    read = {name: measure.options.column for name, measure in measures.items()}
    assert read == {
        "unsafe": "safety",
        "latency": "latency_ms",
        "failed": None,
        "spent": "cost",
        "right": "right",
        DISAGREEMENT: "decision",
    }
    assert {measure.evidence for measure in measures.values()} == {"shadow_pairs"}


def test_only_counts_of_what_was_seen_are_counted() -> None:
    found = checks()
    assert is_counted(found["stage.pairs"])
    assert not is_counted(found["stage.safety"])
    assert not is_counted(replace(found["stage.pairs"], role=Role.SANITY))


def test_without_a_shadow_section_the_written_checks_stand_alone() -> None:
    whole = contract()
    plan = shadow_plan(whole.model_copy(update={"shadow": None}), LEVELS)
    assert [c.id for c in plan.checks if c.role is not Role.SANITY] == ["shadow.spent"]


@pytest.mark.parametrize("where", ["check", "bar"])
def test_what_needs_a_label_cannot_be_promised_of_live_requests(where: str) -> None:
    metric = 'hit = { level = "model", kind = "accuracy" }\n'
    check = '[[check]]\nid = "x"\nstage = "shadow"\nrole = "guardrail"\nmetric = "hit"\n'
    asked: dict[str, Any] = {"rest": check + "may_lose = 0.1"} if where == "check" else {}
    if where == "bar":
        asked["latency"] = '{ metric = "hit", at_most = 0.5 }'
    with pytest.raises(ContractError, match="a kind that pairs of live requests can answer"):
        contract(metric=metric, **asked)


def test_slices_without_a_gate_are_refused_with_the_way_out() -> None:
    """Their `may_lose` is held at the gate: left in, it would be a promise that nobody reads."""
    text = (
        "shipcall = 1\n[release]\nid = 'r1'\nkind = 'classifier'\nowner = 'o'\n"
        "baseline = 'a'\ncandidate = 'b'\nchange = 'weights'\n[unit]\nid = 'request'\n"
        "[evidence]\nshadow_pairs = 'pairs.csv'\n"
        "[metric]\nunsafe = { level = 'safety', better = 'lower', kind = 'proportion' }\n"
        "[shadow]\nmin_pairs = 10\nsafety = { metric = 'unsafe', at_most = 0.01 }\n"
        "[slices]\nby = ['country']\nmetric = 'unsafe'\nmay_lose = 0.1\n"
    )
    with pytest.raises(ContractError) as raised:
        parse_contract(text, file="release.toml")
    (fault,) = (fault for fault in raised.value.faults if fault.code == "E122")
    assert "without a gate leave [slices] out" in fault.fix
    sound = text[: text.index("[slices]")]
    assert parse_contract(sound, file="release.toml").stages == ("shadow",)


def test_a_latency_is_in_ms_although_the_metric_names_no_unit() -> None:
    said = contract()
    plan = shadow_plan(said, LEVELS)
    spec = said.metric["latency"]
    assert plan.measures["latency"].options.column == "latency_ms"
    for unit, told in ((None, "ms"), ("s", "s")):
        given = spec.model_copy(update={"unit": unit})
        assert metric_form(plan.measures["latency"], given)["unit"] == told
