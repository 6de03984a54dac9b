"""The whole contract, folded on drawn evidence."""

import math
from collections import Counter
from dataclasses import replace

import pytest

from shipcall.contract.contract import Contract
from shipcall.contract.parse import parse_contract
from shipcall.contract.plan import plan
from shipcall.core import Action, Slice
from shipcall.release.foresight.chances import (
    GAIN,
    HARM,
    HARM_IN_SLICE,
    NO_CHANGE,
    Chance,
    chances,
    headlines,
    hoped,
    situations,
)
from shipcall.release.foresight.nuisance import Known, Nuisance, assumed
from shipcall.release.foresight.outlook import Question, deciding_chance, outlook, unknowable
from shipcall.release.foresight.rehearsal import Rehearsal, Shift
from shipcall.stats.power import power_at

HEAD = """
shipcall = 1
[release]
id = "r"
kind = "llm"
owner = "o"
baseline = "v1"
candidate = "v2"
change = "prompt"
[unit]
id = "item"
[harness]
repeats = {runs}
[evidence]
scores = {{ path = "scores.csv"{expect} }}
predictions = {{ path = "predictions.csv", expect = {{ units = 500 }} }}
[metric]
right = {{ level = "model", kind = "proportion", better = "higher" }}
all_right = {{ level = "model", kind = "pass_k", k = 2, name = "right" }}
unsafe = {{ level = "safety", kind = "proportion", better = "lower" }}
cost = {{ level = "cost", kind = "mean", better = "lower", column = "cost", name = "right" }}
auc = {{ level = "model", kind = "roc_auc" }}
found = {{ level = "model", kind = "recall" }}
ece = {{ level = "model", kind = "ece" }}
[metric.wait]
level = "operations"
kind = "quantile"
q = 0.9
better = "lower"
column = "latency_ms"
"""
CHECK = """
[[check]]
id = "{id}"
stage = "gate"
role = "{role}"
metric = "{metric}"
{bar}
"""
GOAL = CHECK.format(id="goal", role="goal", metric="right", bar="better_by = 0.02")
SLICES = """
[slices]
by = ["part"]
metric = "right"
may_lose = 0.05
min_units = 30
protected = ["part=a"]
"""
LEVELS = {Slice.of({"part": "a"}): 200, Slice.of({"part": "b"}): 300}


def guardrail(metric: str, bar: str, name: str = "guardrail") -> str:
    return CHECK.format(id=name, role="guardrail", metric=metric, bar=bar)


def contract(*parts: str, units: int | None = 500, runs: int = 1, more: str = "") -> Contract:
    expect = "" if units is None else f", expect = {{ units = {units} }}"
    head = HEAD.format(runs=runs, expect=expect + more)
    return parse_contract(head + "".join(parts), file="contract.toml")


def question(of: Contract, levels: dict[Slice, int] | None = None) -> Question:
    taken = assumed(of, plan(of, "gate", levels))
    return Question(contract=of, nuisance=taken, levels=levels, gains={}, seed="test")


def rehearsal(of: Contract, levels: dict[Slice, int] | None = None) -> Rehearsal:
    return question(of, levels).at(1.0)


def share(of: Rehearsal, shifts: dict[str, Shift], call: Action, draws: int = 400) -> float:
    return Counter(o.call for o in of.fold(shifts, draws))[call] / draws


def test_one_goal_is_shown_as_often_as_the_power_of_its_t_interval() -> None:
    """Closed form: noncentral t, spread sqrt(d - e^2) with d = 0.2, e = 0.06, n = 500."""
    of = contract(CHECK.format(id="goal", role="goal", metric="right", bar="better_by = 0.0"))
    expected = power_at(0.06, math.sqrt(0.2 - 0.06**2), 500, 0.05)
    seen = share(rehearsal(of), {"right": Shift(0.06)}, Action.SHIP, 2_000)
    assert seen == pytest.approx(expected, abs=0.03)


def test_no_change_is_called_a_gain_no_more_often_than_alpha() -> None:
    of = contract(CHECK.format(id="goal", role="goal", metric="right", bar="better_by = 0.0"))
    assert share(rehearsal(of), {}, Action.SHIP, 2_000) <= 0.065


def test_a_harmed_guardrail_is_refused_although_the_gain_came() -> None:
    of = contract(GOAL, guardrail("unsafe", "at_most = 0.02"), units=5_000)
    here = rehearsal(of)
    assert share(here, {"right": Shift(0.08)}, Action.SHIP) > 0.9
    assert share(here, {"right": Shift(0.08), "unsafe": Shift(0.03)}, Action.NO_SHIP) > 0.9


def test_harm_in_one_slice_leaves_the_others_alone() -> None:
    of = contract(GOAL, SLICES, units=5_000)
    levels = {part: 10 * units for part, units in LEVELS.items()}
    here = rehearsal(of, levels)
    harmed = Shift(-0.2, Slice.of({"part": "a"}), 0.08)
    refused = Counter(name for o in here.fold({"right": harmed}, 100) for name in o.refused)
    assert refused["slice.part=a"] == 100
    assert refused["slice.part=b"] == 0


def test_scenarios_differ_by_what_they_are_about_and_not_by_chance() -> None:
    of = contract(GOAL, guardrail("unsafe", "at_most = 0.02"))
    here = rehearsal(of)
    before, after = here.fold({}, 50), here.fold({"unsafe": Shift(0.05)}, 50)
    key = ("right", Slice())
    assert [o.held[key] for o in before] == [o.held[key] for o in after]


def test_metrics_of_the_same_runs_move_together() -> None:
    of = contract(GOAL, guardrail("all_right", "may_lose = 0.0"), runs=2, units=4_000)
    here = rehearsal(of)
    unmet = [name for o in here.fold({"right": Shift(0.08)}, 60) for name in o.unmet]
    assert "guardrail" not in unmet


def test_the_same_seed_gives_the_same_calls() -> None:
    of = contract(GOAL, SLICES)
    one, other = (rehearsal(of, LEVELS).fold({"right": Shift(0.05)}, 30) for _ in range(2))
    assert [o.call for o in one] == [o.call for o in other]


def test_a_look_with_fewer_units_than_promised_cannot_decide() -> None:
    of = contract(GOAL, "[risk]\nlooks = 2\n")
    assert rehearsal(of).looks == [2]


def test_looks_count_where_no_units_were_promised_beside_the_path() -> None:
    of = contract(GOAL, SLICES, "[risk]\nlooks = 2\n", units=None)
    assert rehearsal(of, LEVELS).looks == [1, 2]


def test_loss_beyond_what_was_declared_holds_every_call() -> None:
    of = contract(GOAL)
    asked = question(of)
    table = replace(asked.nuisance.tables["scores"], lost=Known(0.02, "pilot"))
    lossy = replace(asked.nuisance, tables={"scores": table})
    here = replace(asked, nuisance=lossy).at(1.0)
    assert here.looks == []
    found = chances(here, asked.situations(asked.at(1.0))[1], 5)
    assert found.bottleneck == "sanity.scores.lost"
    assert {o.call for o in here.fold({"right": Shift(0.3)}, 5)} == {Action.HOLD}


def test_loss_near_what_was_declared_holds_some_draws_and_is_named() -> None:
    """Of 500 pairs 10 are lost on average; at most 10 are allowed: P(X <= 10) = 0.583."""
    of = contract(GOAL, more=", max_missing = 0.02")
    asked = question(of)
    table = replace(asked.nuisance.tables["scores"], lost=Known(0.02, "pilot"))
    lossy = replace(asked.nuisance, tables={"scores": table})
    here = replace(asked, nuisance=lossy).at(1.0)
    outcomes = here.fold({"right": Shift(0.3)}, 1_000)
    went = sum(o.call is Action.SHIP for o in outcomes) / 1_000
    assert went == pytest.approx(0.583, abs=0.05)
    assert {o.unmet for o in outcomes if o.call is Action.HOLD} == {
        frozenset({"sanity.scores.lost"})
    }


def test_a_protected_slice_below_its_least_units_holds_every_call() -> None:
    of = contract(GOAL, SLICES)
    levels = {Slice.of({"part": "a"}): 1, Slice.of({"part": "b"}): 499}
    here = rehearsal(of, levels)
    assert {o.call for o in here.fold({"right": Shift(0.3)}, 20)} == {Action.HOLD}


def test_slices_that_nobody_counted_are_left_out_and_named() -> None:
    here = rehearsal(contract(GOAL, SLICES), None)
    assert here.setting.unread == ("slice.part=(levels not read)", "slice.part=a")
    assert share(here, {"right": Shift(0.15)}, Action.SHIP) > 0.9


def test_a_table_without_a_path_holds_every_call() -> None:
    of = contract(GOAL, guardrail("unsafe", "at_most = 0.02"))
    only = of.model_copy(update={"evidence": {}})
    here = rehearsal(only)
    assert {o.call for o in here.fold({}, 3)} == {Action.HOLD}


def test_pass_k_with_too_few_runs_has_no_data() -> None:
    of = contract(GOAL, guardrail("all_right", "may_lose = 0.05"), runs=1)
    assert {o.call for o in rehearsal(of).fold({"right": Shift(0.1)}, 3)} == {Action.HOLD}


def test_a_contract_without_a_goal_never_goes_on() -> None:
    of = contract(guardrail("unsafe", "at_most = 0.5"))
    assert share(rehearsal(of), {}, Action.SHIP, 20) == 0


@pytest.mark.parametrize(
    ("metric", "bar"),
    [
        ("auc", "may_lose = 0.03"),
        ("ece", "may_lose = 0.05"),
        ("wait", "at_most = 900"),
        ("found", "may_lose = 0.05"),
        ("cost", 'may_lose = "10%"'),
        ("right", "within = 0.05"),
    ],
)
def test_every_kind_of_metric_can_be_drawn_and_its_harm_is_refused(metric: str, bar: str) -> None:
    of = contract(GOAL, guardrail(metric, bar), units=2_000)
    asked = question(of)
    here = asked.at(1.0)
    found = {s.name: chances(here, s, 30) for s in asked.situations(here)}
    assert found[GAIN].draws == 30
    worst = replace(asked, contract=of.model_copy(update={"risk": of.risk.model_copy(
        update={"detect_at": 8.0})}))  # fmt: skip
    harmed = next(s for s in worst.situations(worst.at(1.0)) if s.name == HARM)
    assert chances(worst.at(1.0), harmed, 30).refuse.value > 0.8


def test_the_hope_is_twice_the_bar_a_tenth_of_the_spread_or_what_is_stated() -> None:
    of = contract(GOAL, CHECK.format(id="g2", role="goal", metric="unsafe", bar="better_by = 0.0"))
    asked = question(of)
    found = hoped(of, asked.at(1.0), asked.nuisance, {})
    assert found["right"] == Known(0.04, "contract")
    assert found["unsafe"].value == pytest.approx(0.1 * math.sqrt(0.2))
    stated = hoped(of, asked.at(1.0), asked.nuisance, {"right": 0.07})
    assert stated["right"] == Known(0.07, "stated")


def test_goals_that_only_promise_to_lose_nothing_hope_for_no_change() -> None:
    of = contract(CHECK.format(id="goal", role="goal", metric="right", bar="may_lose = 0.02"))
    asked = question(of)
    assert hoped(of, asked.at(1.0), asked.nuisance, {}) == {}


def test_harm_is_so_many_margins_in_the_direction_that_is_worse() -> None:
    of = contract(GOAL, guardrail("unsafe", "at_most = 0.02"), SLICES)
    asked = question(of, LEVELS)
    here = asked.at(1.0)
    found = {s.name: s for s in situations(of, here, asked.nuisance, asked.hopes(here))}
    assert found[NO_CHANGE].shifts == {}
    assert found[GAIN].shifts == {"right": Shift(0.04)}
    assert found[HARM].shifts["unsafe"].effect == pytest.approx(0.02)
    assert found[HARM].shifts["right"] == Shift(0.04)
    assert found[HARM_IN_SLICE].shifts["right"] == Shift(-0.1, Slice.of({"part": "a"}), 0.04)


def test_of_several_harms_the_one_that_is_refused_least_stands_for_all() -> None:
    of = contract(
        GOAL, guardrail("unsafe", "at_most = 0.02"), guardrail("cost", 'may_lose = "40%"', "cheap")
    )
    asked = question(of)
    here = asked.at(1.0)
    found = [chances(here, s, 60) for s in asked.situations(here)]
    (harm,) = [c for c in headlines(found) if c.situation.name == HARM]
    least = min((c for c in found if c.situation.name == HARM), key=lambda c: c.refuse.value)
    assert harm.situation.check == least.situation.check


def test_a_breach_that_asks_for_hold_counts_as_refused() -> None:
    of = contract(GOAL, guardrail("unsafe", 'at_most = 0.02\non_breach = "HOLD"'), units=20_000)
    asked = question(of)
    here = asked.at(1.0)
    harm = next(s for s in asked.situations(here) if s.name == HARM)
    found = chances(here, harm, 40)
    assert found.refuse.value == found.hold.value == 1.0


def test_a_drawn_chance_has_its_exact_interval() -> None:
    """R 4.3: binom.test(5, 100)$conf.int is 0.01643 to 0.11284."""
    seen = Chance.of(5, 100)
    assert seen.low == pytest.approx(0.01643, abs=1e-5)
    assert seen.high == pytest.approx(0.11284, abs=1e-5)


def test_the_outlook_says_where_units_would_be_enough_and_what_helps() -> None:
    of = contract(GOAL, units=300)
    found = outlook(replace(question(of), gains={"right": 0.06}), draws=150)
    goes = [p.chances[1].go.value for p in found.curve]
    assert goes[0] < 0.35
    assert goes[-1] > 0.9
    assert found.least.factor is not None
    assert 1 < found.least.factor < 8
    kinds = {one.kind: one.chance.value for one in found.purchases}
    assert kinds["check"] == 1.0
    assert kinds["margin"] > found.headlines[1].go.value
    assert found.sensitivity[0.5][1].go.value > found.sensitivity[2.0][1].go.value


def test_a_gain_at_the_bar_is_never_enough_and_the_reason_names_the_check() -> None:
    of = contract(GOAL, units=300)
    asked = replace(question(of), gains={"right": 0.02})
    found = outlook(asked, draws=40)
    assert found.least.factor is None
    assert "goal would be unmet" in found.least.why


def test_twice_the_repeats_help_where_runs_disagree() -> None:
    of = contract(GOAL, units=300, runs=2)
    found = outlook(question(of), draws=80)
    assert {one.kind for one in found.purchases} >= {"units", "repeats"}


def test_a_hopeless_contract_hardly_decides_and_half_the_spread_is_tried() -> None:
    of = contract(GOAL, units=20)
    found = deciding_chance(question(of), least=0.2)
    assert found.chance.high < 0.3
    assert found.halved
    assert found.bottleneck == "goal"


def test_a_spread_that_was_stated_gets_no_benefit_of_the_doubt() -> None:
    of = contract(GOAL, units=20)
    asked = question(of)
    stated = assumed(of, plan(of, "gate", None), discordance=0.2)
    assert not deciding_chance(replace(asked, nuisance=stated), least=0.2).halved


def test_refusing_a_harm_is_deciding_too() -> None:
    of = contract(GOAL, guardrail("unsafe", "at_most = 0.2"), units=200)
    found = deciding_chance(question(of), least=0.2)
    assert (found.situation, found.check) == (HARM, "guardrail")
    assert found.chance.value > 0.8


@pytest.mark.parametrize(
    ("parts", "units", "said"),
    [
        ((), 500, "no goal and no guardrail"),
        ((GOAL,), None, "no units were promised of scores"),
        ((GOAL, guardrail("cost", "may_lose = 3.0")), 500, "cost: its scale is not known"),
    ],
)
def test_what_cannot_be_known_is_said_in_a_sentence(
    parts: tuple[str, ...], units: int | None, said: str
) -> None:
    of = contract(*parts, units=units)
    promised = plan(of, "gate", None)
    assert said in unknowable(of, promised, assumed(of, promised))


def test_every_assumption_says_where_it_comes_from() -> None:
    of = contract(GOAL, guardrail("unsafe", "at_most = 0.02"), runs=3)
    taken: Nuisance = assumed(of, plan(of, "gate", None), discordance=0.1)
    right, unsafe = taken.metrics["right"], taken.metrics["unsafe"]
    assert right.differ == Known(0.1, "stated")
    assert right.value.source == "assumed"
    assert unsafe.value == Known(0.01, "contract")
    assert unsafe.differ == Known(2 * 0.01 * 0.99, "assumed")
    assert right.together == Known(0.5, "assumed")
    assert taken.tables["scores"].runs == Known(3.0, "contract")
