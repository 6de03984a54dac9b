"""The score sequence: sums against a plain loop over units, and its laws."""

import itertools
import math

import numpy as np
import pytest

from shipcall.core import Absent, Estimand, Estimate, Reason, Tails, Validity
from shipcall.stats.sequential.centre import Start
from shipcall.stats.sequential.epochs import Cell, Entries, Epochs, Pair, Sums, collect
from shipcall.stats.sequential.mixtures import half_normal, tuned_rho
from shipcall.stats.sequential.score import (
    Claim,
    ScorePlan,
    Side,
    anytime_p,
    coordinate,
    effect,
    planned_information,
    score_estimate,
    score_evidence,
    score_paths,
)

_PLAN = ScorePlan(information=60.0, start=Start(0.5))
_90 = Tails(0.05, 0.05)


def _entries(rng: np.random.Generator, n: int = 900, *, covariate: bool = False) -> Entries:
    epoch = np.sort(rng.integers(0, 6, n))
    share = np.where(epoch < 3, 0.2, 0.5)
    x = rng.normal(10, 1, n)
    arm = rng.random(n) < share
    return Entries(
        epoch=epoch,
        stage=(epoch >= 3).astype(np.int64),
        share=share,
        candidate=arm,
        outcome=np.abs(rng.normal(1, 0.3, n) + 0.2 * arm + 0.5 * (x - 10)),
        covariate=x if covariate else None,
    )


def _loop(entries: Entries, start: Start, estimand: Estimand, x: float) -> tuple[float, ...]:
    """S, V and U unit by unit, from their definitions."""
    arm = entries.candidate.astype(float)
    covariate = np.zeros(arm.size) if entries.covariate is None else entries.covariate
    shifted = entries.outcome + x * arm
    if estimand is Estimand.RELATIVE:
        shifted = entries.outcome * np.where(entries.candidate, x, 1.0)
    s = v = u = 0.0
    for i, epoch in enumerate(entries.epoch):
        past = entries.epoch < epoch
        slope = 0.0
        if past.sum() >= 100 and covariate.any():
            slope = np.polyfit(covariate[past], entries.outcome[past], 1)[0]
        mean = covariate[past].mean() if past.any() else 0.0
        centre = (start.units * start.value + shifted[past].sum()) / (start.units + past.sum())
        r = shifted[i] - centre - slope * (covariate[i] - mean)
        e = entries.share[i]
        s += r * (arm[i] - e)
        v += r**2 * (arm[i] - e) ** 2
        u += r**2 * e * (1 - e)
    return s, v, u


@pytest.mark.parametrize("covariate", [False, True])
@pytest.mark.parametrize(
    ("estimand", "x"), [(Estimand.DIFFERENCE, -0.13), (Estimand.RELATIVE, 0.8)]
)
def test_sums_by_epoch_are_the_sums_over_units(
    estimand: Estimand, x: float, *, covariate: bool
) -> None:
    entries = _entries(np.random.default_rng(5), covariate=covariate)
    paths = score_paths(collect(entries).table(), Start(0.9), estimand)
    found = [float(curve.at(x)[-1]) for curve in paths[:3]]
    assert found == pytest.approx(_loop(entries, Start(0.9), estimand, x), abs=1e-4)


def test_a_covariate_from_before_exposure_narrows_the_interval() -> None:
    """It explains 0.25 of a variance of 0.34: widths shrink by about sqrt(0.09 / 0.34)."""
    entries = _entries(np.random.default_rng(6), 6000, covariate=True)
    plain = _entries(np.random.default_rng(6), 6000)
    with_it, without = (
        score_estimate(collect(part), _PLAN, Estimand.DIFFERENCE, _90) for part in (entries, plain)
    )
    assert isinstance(with_it, Estimate)
    assert isinstance(without, Estimate)
    assert with_it.high - with_it.low < 0.75 * (without.high - without.low)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5])
@pytest.mark.parametrize("side", [1.0, -1.0])
def test_evidence_is_fair_under_the_sharp_null_for_every_assignment(
    share: float, side: float
) -> None:
    """All 2^10 assignments of ten units with fixed outcomes: the mean evidence is at most 1."""
    r = np.array([1.0, -0.2, 0.9, 0.9, -1.5, 0.1, 0.1, 0.1, 2.0, -0.1])
    mean = 0.0
    for assignment in itertools.product([0, 1], repeat=r.size):
        arm = np.array(assignment)
        chance = float(np.prod(np.where(arm == 1, share, 1 - share)))
        v = float((r**2 * (arm - share) ** 2).sum())
        u = float((r**2).sum()) * share * (1 - share)
        s = side * float((r * (arm - share)).sum())
        mean += chance * math.exp(float(half_normal(s, max(v, v / 3 + 2 * u / 3), 0.05)))
    assert mean <= 1.0


def test_the_variance_alone_is_not_fair_at_a_small_share() -> None:
    """The same enumeration with V only: the mean evidence exceeds 1 by far."""
    r, share, mean = np.full(10, -1.0), 0.01, 0.0
    for arm in range(11):
        chance = math.comb(10, arm) * share**arm * (1 - share) ** (10 - arm)
        v = arm * (1 - share) ** 2 + (10 - arm) * share**2
        s = float(r[0]) * (arm * (1 - share) - (10 - arm) * share)
        mean += chance * math.exp(float(half_normal(s, v, 0.0001)))
    assert mean > 2.0


@pytest.mark.parametrize("estimand", [Estimand.DIFFERENCE, Estimand.RELATIVE])
def test_ends_are_where_the_evidence_reaches_its_level(estimand: Estimand) -> None:
    state = collect(_entries(np.random.default_rng(7)))
    tails = Tails(0.05, 0.0025)
    found = score_estimate(state, _PLAN, estimand, tails)
    assert isinstance(found, Estimate)
    sides: list[tuple[Side, float, float]] = [
        ("above", found.low, tails.low),
        ("below", found.high, tails.high),
    ]
    for side, bar, tail in sides:
        log = score_evidence(state, _PLAN, Claim(estimand, side, bar), tail)
        assert log[-1] == pytest.approx(-math.log(tail), abs=1e-6)
    assert found.validity is Validity.ANYTIME
    assert found.n == 900


def test_a_smaller_error_level_moves_only_its_own_end() -> None:
    state = collect(_entries(np.random.default_rng(7)))
    wide, narrow = (
        score_estimate(state, _PLAN, Estimand.DIFFERENCE, Tails(0.05, tail))
        for tail in (0.001, 0.05)
    )
    assert isinstance(wide, Estimate)
    assert isinstance(narrow, Estimate)
    assert wide.low == narrow.low
    assert wide.high > narrow.high


def test_units_at_a_share_of_one_say_nothing_about_the_difference() -> None:
    state = collect(_entries(np.random.default_rng(7)))
    launched = Epochs(cells={Cell(9, 2, 1.0): Pair(Sums(), Sums(500, 500 * 2**20, 500 * 2**40))})
    before, after = (
        score_estimate(part, _PLAN, Estimand.DIFFERENCE, _90)
        for part in (state, state.merge(launched))
    )
    assert before == after


def test_the_estimate_weighs_stages_by_overlap_and_is_not_the_launch_effect() -> None:
    """1,000,000 units at 10 %: 10 points less; 360,000 at 50 %: 10 points more.

    w: 90,000 against 90,000, so the running effect is 0, although 1,000,000 of 1,360,000 units
    would lose.
    """
    cells = {}
    for epoch, (share, units, change) in enumerate([(0.1, 10**6, -0.1), (0.5, 360_000, 0.1)]):
        n = round(units * share)
        sums = []
        for count, rate in ((units - n, 0.5), (n, 0.5 + change)):
            events = round(count * rate)
            sums.append(Sums(count, events * 2**20, events * 2**40))
        cells[Cell(epoch, epoch, share)] = Pair(*sums)
    found = score_estimate(Epochs(cells=cells), _PLAN, Estimand.DIFFERENCE, _90)
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx(0.0, abs=0.002)


def test_too_few_units_in_the_smaller_arm_are_absent() -> None:
    entries = _entries(np.random.default_rng(7), 60)
    found = score_estimate(collect(entries), _PLAN, Estimand.DIFFERENCE, _90)
    assert isinstance(found, Absent)
    assert found.reason is Reason.TOO_FEW_UNITS
    log = score_evidence(collect(entries), _PLAN, Claim(Estimand.DIFFERENCE, "above", -9.0), 0.05)
    assert not log.any()


def test_no_unit_is_absent() -> None:
    found = score_estimate(Epochs(), _PLAN, Estimand.DIFFERENCE, _90)
    assert isinstance(found, Absent)
    assert found.reason is Reason.NO_ROWS


def test_units_of_one_arm_only_are_absent() -> None:
    """All at 100 %: nothing was randomised."""
    cells = {Cell(0, 0, 1.0): Pair(Sums(), Sums(500, 2**20, 2**40))}
    found = score_estimate(Epochs(cells=cells), _PLAN, Estimand.DIFFERENCE, _90)
    assert isinstance(found, Absent)


@pytest.mark.parametrize("estimand", [Estimand.DIFFERENCE, Estimand.RELATIVE])
@pytest.mark.parametrize(("baseline", "candidate"), [(0, 0), (1, 1), (1, 2)])
@pytest.mark.parametrize("start", [0.5, 1.0])
def test_outcomes_that_never_vary_are_absent(
    estimand: Estimand, baseline: int, candidate: int, start: float
) -> None:
    arms = [Sums(500, 500 * y * 2**20, 500 * y * y * 2**40) for y in (baseline, candidate)]
    cells = {Cell(epoch, 0, 0.5): Pair(*arms) for epoch in range(3)}
    plan = ScorePlan(information=60.0, start=Start(start))
    found = score_estimate(Epochs(cells=cells), plan, estimand, _90)
    assert isinstance(found, Absent)
    assert found.reason is Reason.CONSTANT


def test_a_baseline_without_events_has_no_relative_change() -> None:
    nothing, some = Sums(500), Sums(500, 5 * 2**20, 5 * 2**40)
    plan = ScorePlan(information=2.0, start=Start(0.01))
    for pair in (Pair(nothing, some), Pair(some, nothing)):
        found = score_estimate(
            Epochs(cells={Cell(0, 0, 0.5): pair}), plan, Estimand.RELATIVE, Tails(0.05, 0.05)
        )
        if isinstance(found, Estimate):
            assert found.low == -1.0 or math.isinf(found.high)
        else:
            assert found.reason is Reason.BASELINE_NEAR_ZERO


def test_the_p_value_of_any_look_never_rises() -> None:
    log = np.array([-1.0, 2.0, 1.0, 3.0])
    assert anytime_p(log) == pytest.approx([1.0, math.exp(-2), math.exp(-2), math.exp(-3)])


def test_planned_information_adds_stages() -> None:
    """(1000 * 0.01 * 0.99 + 2000 * 0.5 * 0.5) * 0.04 = 20.396."""
    found = planned_information(np.array([1000.0, 2000.0]), np.array([0.01, 0.5]), 0.04)
    assert found == pytest.approx(20.396)


def test_coordinates_and_effects_are_inverse() -> None:
    assert effect(Estimand.RELATIVE, coordinate(Estimand.RELATIVE, 0.25)) == pytest.approx(0.25)
    assert effect(Estimand.DIFFERENCE, coordinate(Estimand.DIFFERENCE, 0.25)) == 0.25
    with pytest.raises(ValueError, match="exceed -1"):
        coordinate(Estimand.RELATIVE, -1.0)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="about one"):
        score_estimate(Epochs(), _PLAN, Estimand.CANDIDATE, _90)
    with pytest.raises(ValueError, match="not positive"):
        tuned_rho(0.0, 0.05)
    state = collect(_entries(np.random.default_rng(7)))
    with pytest.raises(ValueError, match="cannot centre"):
        score_paths(state.table(), Start(0.5, 0.0), Estimand.DIFFERENCE)
