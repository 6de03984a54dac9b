"""The A/A finds out a contract that blocks an unchanged model, and accuses no other."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builders import write_contract
from shipcall.contract.parse import read_contract
from shipcall.contract.plan import Plan
from shipcall.core import Estimate
from shipcall.data.held import HeldRuns
from shipcall.trial.aa import Answer, Certificate, certify_aa
from trial.opened import held_runs
from trial.replicated import contract_text, write_runs

UNITS = 300


def planned(folder: Path, *, may_lose: float = 0.1, **how: Any) -> tuple[Plan, HeldRuns]:
    count = how.pop("count", 4)
    paths = write_runs(folder, count, UNITS, **how)
    text = contract_text(UNITS, may_lose=may_lose)
    return held_runs(read_contract(write_contract(folder, text)), paths)


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, HeldRuns]:
    """Four runs without a drift, and a guardrail with a margin."""
    return planned(tmp_path_factory.mktemp("calm"))


@pytest.fixture(scope="module")
def on_the_bar(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, HeldRuns]:
    """The same runs, and a guardrail that allows no loss."""
    return planned(tmp_path_factory.mktemp("bar"), may_lose=0.0)


def certified(plan: Plan, runs: HeldRuns, *, draws: int = 200, seed: int = 1) -> Certificate:
    rng = np.random.default_rng(seed)
    return certify_aa(plan, runs, promised=0.05, final=True, draws=draws, rng=rng)


def test_a_contract_with_a_margin_keeps_its_promise(calm: tuple[Plan, HeldRuns]) -> None:
    seen = certified(*calm)
    assert seen.answer is Answer.KEPT
    assert seen.whole.judged == 12
    assert seen.within.judged == sum(seen.within.calls.values()) == 200
    assert isinstance(seen.within_share, Estimate)
    assert seen.within_share.high <= 0.05
    assert isinstance(seen.whole_share, Estimate)
    assert seen.whole_share.n == 2


def test_a_drift_between_runs_blocks_pairs_and_is_told_apart_from_chance(tmp_path: Path) -> None:
    seen = certified(*planned(tmp_path, drift=0.15, may_lose=0.02, count=6))
    assert seen.answer is Answer.APART
    assert seen.whole.blocked / seen.whole.judged > 5 * seen.within.blocked / seen.within.judged
    assert [one.metric for one in seen.drifts if one.apart] == ["right"]
    assert seen.whole.breached["gate.kept"] == seen.whole.blocked


def test_a_gate_that_breaches_too_easily_is_refuted(
    on_the_bar: tuple[Plan, HeldRuns],
) -> None:
    """On the bar itself a guardrail breaches at its level: 0.4 breaks a promise of 0.05."""
    plan, runs = on_the_bar
    honest = certified(plan, runs, draws=400)
    loose = tuple(replace(check, breach_at=0.4) for check in plan.checks)
    lying = certified(replace(plan, checks=loose), runs, draws=400)
    assert honest.answer is not Answer.REFUTED
    assert lying.answer is Answer.REFUTED
    assert lying.within.blocked > 4 * honest.within.blocked


def test_a_refuted_goal_is_counted_and_is_no_block(calm: tuple[Plan, HeldRuns]) -> None:
    seen = certified(*calm)
    assert seen.within.goals_refuted == seen.within.breached["gate.right"] > 0
    assert seen.within.blocked == seen.within.breached["gate.kept"] == 0
    assert seen.within.calls["NO SHIP"] == seen.within.goals_refuted


def test_a_breach_that_asks_for_hold_only_is_no_block(
    on_the_bar: tuple[Plan, HeldRuns],
) -> None:
    plan, runs = on_the_bar
    held = tuple(replace(check, on_breach_hold=True, breach_at=0.4) for check in plan.checks)
    seen = certified(replace(plan, checks=held), runs)
    assert seen.within.breached["gate.kept"] > 0
    assert seen.within.blocked == 0


def test_a_model_that_always_says_the_same_measures_nothing(calm: tuple[Plan, HeldRuns]) -> None:
    plan, runs = calm
    same = tuple(
        replace(view, own=tuple({n: v[[0] * len(v)] for n, v in own.items()} for own in view.own))
        for view in runs.views
    )
    seen = certified(plan, replace(runs, views=same))
    assert seen.answer is Answer.EMPTY
    assert "the same outputs on every item" in seen.why
    assert {one.varies for one in seen.drifts} == {False}


def test_without_a_guardrail_nothing_is_measured(calm: tuple[Plan, HeldRuns]) -> None:
    plan, runs = calm
    goals = tuple(check for check in plan.checks if check.id != "gate.kept")
    seen = certified(replace(plan, checks=goals), runs)
    assert seen.answer is Answer.EMPTY
    assert "no guardrail" in seen.why


def test_guardrails_without_data_measure_nothing(calm: tuple[Plan, HeldRuns]) -> None:
    plan, runs = calm
    big = tuple(
        replace(check, min_units=UNITS + 1) if check.id == "gate.kept" else check
        for check in plan.checks
    )
    seen = certified(replace(plan, checks=big), runs)
    assert seen.answer is Answer.EMPTY
    assert seen.within.absent["gate.kept"] == seen.within.judged


def test_runs_with_fewer_repeats_than_promised_measure_nothing(tmp_path: Path) -> None:
    paths = write_runs(tmp_path, 3, UNITS)
    text = contract_text(UNITS, repeats=3)
    seen = certified(*held_runs(read_contract(write_contract(tmp_path, text)), paths))
    assert seen.answer is Answer.EMPTY
    assert seen.whole.untrusted == seen.whole.judged
    assert "found" in seen.why


def test_the_same_draws_give_the_same_certificate(calm: tuple[Plan, HeldRuns]) -> None:
    plan, runs = calm
    one, other, third = (certified(plan, runs, seed=seed) for seed in (4, 4, 5))
    assert one == other
    assert one.within.calls != third.within.calls
