"""Bets and one-arm sequences: exact by enumeration, and where their null ends."""

import itertools
import math

import numpy as np
import pytest

from shipcall.core import Absent, Estimand, Estimate, Tails
from shipcall.stats.sequential.betting import (
    BettingPlan,
    Range,
    arm_mean,
    arm_share,
    betting_estimate,
    betting_evidence,
)
from shipcall.stats.sequential.centre import Start
from shipcall.stats.sequential.epochs import Cell, Entries, Epochs, Pair, Sums, collect
from shipcall.stats.sequential.mixtures import gamma_exponential
from stats.sequential.ramps import seasonal, state

_90 = Tails(0.05, 0.05)
_PLAN = BettingPlan(start=Start(0.5), range=Range(0.0, 1.0), information=1.0)


def _state(seed: int = 3) -> Epochs:
    ramp = seasonal(0.05)
    return state(ramp.draw(1, np.random.default_rng(seed)), 0)


def test_bets_are_fair_for_every_assignment() -> None:
    """Six units in three epochs, outcomes fixed, all 2^6 assignments: the mean is at most 1."""
    outcome, epoch = np.array([1.0, 0.0, 0.3, 1.0, 0.9, 1.0]), np.array([0, 0, 1, 1, 2, 2])
    mean = 0.0
    for assignment in itertools.product([False, True], repeat=6):
        entries = Entries(
            epoch=epoch,
            stage=np.zeros(6, dtype=np.int64),
            share=np.full(6, 0.3),
            candidate=np.array(assignment),
            outcome=outcome,
        )
        log = betting_evidence(collect(entries).table(), _PLAN, 0.0, "above")[-1]
        mean += 0.3 ** sum(assignment) * 0.7 ** (6 - sum(assignment)) * math.exp(log)
    assert 0.9 < mean <= 1.0


def test_bets_find_a_difference_and_hold_their_ends() -> None:
    ramp = seasonal(0.05, -0.015)
    plan = BettingPlan(start=Start(0.05), range=Range(0, 1), information=ramp.information / 4)
    one = state(ramp.draw(1, np.random.default_rng(1)), 0)
    found = betting_estimate(one, plan, _90)
    assert isinstance(found, Estimate)
    assert found.low < -0.015 < found.high < 0
    log = betting_evidence(one.table(), plan, found.low, "above")[-1]
    assert log == pytest.approx(math.log(20), abs=1e-6)


def test_one_arm_needs_units_and_sees_units_at_100_percent() -> None:
    launched = Epochs(cells={Cell(9, 3, 1.0): Pair(Sums(), Sums(500, 5 * 2**20, 5 * 2**40))})
    plan = BettingPlan(start=Start(0.01), range=Range(0, 1), information=5.0)
    found = arm_mean(launched, Estimand.CANDIDATE, plan, _90)
    assert isinstance(found, Estimate)
    assert (found.n, found.value) == (500, 0.01)
    assert found.low < 0.01 < found.high < 0.05
    assert isinstance(arm_mean(launched, Estimand.BASELINE, plan, _90), Absent)
    assert isinstance(arm_share(launched, Estimand.BASELINE, 500.0, _90), Absent)
    assert isinstance(betting_estimate(launched, _PLAN, _90), Absent)


def test_an_arm_without_an_event_has_no_proven_zero() -> None:
    """No event among 300: the high end of both is above the fixed-look bound 3 / 300."""
    nothing = Epochs(cells={Cell(0, 0, 1.0): Pair(Sums(), Sums(300))})
    plan = BettingPlan(start=Start(0.01), range=Range(0, 1), information=3.0)
    for found in (
        arm_mean(nothing, Estimand.CANDIDATE, plan, _90),
        arm_share(nothing, Estimand.CANDIDATE, 300.0, _90),
    ):
        assert isinstance(found, Estimate)
        assert found.low == 0.0
        assert 3 / 300 < found.high < 0.05


def test_the_bernstein_end_reaches_its_level() -> None:
    """One epoch, so that every prediction is the start: V = sum (y - start)^2."""
    cells = {Cell(0, 0, 1.0): Pair(Sums(), Sums(100, 30 * 2**20, 30 * 2**40))}
    plan = BettingPlan(start=Start(0.2), range=Range(0, 1), information=20.0)
    found = arm_mean(Epochs(cells=cells), Estimand.CANDIDATE, plan, _90)
    assert isinstance(found, Estimate)
    half = -2 * math.log(0.1)
    rho = 20.0 / (half + math.log(1 + half))
    log = gamma_exponential(100 * (0.3 - found.low), 30 * 0.8**2 + 70 * 0.2**2, rho, 1.0)
    assert log == pytest.approx(math.log(20), abs=1e-9)


def test_what_lies_outside_its_class_is_refused() -> None:
    one = _state()
    wide = Epochs(cells={Cell(0, 0, 0.5): Pair(*[Sums(10, 30 * 2**20, 90 * 2**40)] * 2)})
    with pytest.raises(ValueError, match="outside the declared range"):
        betting_estimate(wide, _PLAN, _90)
    with pytest.raises(ValueError, match="use arm_mean"):
        arm_share(wide, Estimand.CANDIDATE, 10.0, _90)
    covariate = Epochs(cells={Cell(0, 0, 0.5): Pair(*[Sums(10, 0, 0, 1, 1, 0)] * 2)})
    with pytest.raises(ValueError, match="has no range"):
        betting_estimate(covariate, _PLAN, _90)
    with pytest.raises(ValueError, match="BASELINE or CANDIDATE"):
        arm_mean(one, Estimand.RELATIVE, _PLAN, _90)  # type: ignore[arg-type]
