"""Quantile sequences: states, hand arithmetic and coverage over looks."""

import json
import math

import numpy as np
import pytest

from shipcall.core import Absent, Estimand, Estimate, Reason, Tails
from shipcall.stats.sequential.epochs import Cell
from shipcall.stats.sequential.exceedance import (
    Arms,
    Masses,
    QuantilePlan,
    Rows,
    collect_masses,
    log_edges,
    quantile_estimate,
)
from shipcall.stats.sequential.mixtures import gamma_exponential, tuned_rho

_90 = Tails(0.05, 0.05)
_EDGES = log_edges(1.0, 10_000.0, 0.02)


def _rows(rng: np.random.Generator, units: int, share: float, slower: float = 1.0) -> Rows:
    """Three rows a unit, log-normal, alike within the unit."""
    arm = rng.random(units) < share
    unit = np.repeat(np.arange(units), 3)
    level = np.repeat(rng.normal(0, 0.4, units), 3) + rng.normal(0, 0.2, 3 * units)
    return Rows(
        epoch=np.zeros(3 * units, dtype=np.int64),
        stage=np.zeros(3 * units, dtype=np.int64),
        share=np.full(3 * units, share),
        candidate=np.repeat(arm, 3),
        unit=unit,
        value=100 * np.exp(level) * np.where(np.repeat(arm, 3), slower, 1.0),
    )


def test_a_unit_has_mass_one_however_many_rows_it_has() -> None:
    rows = Rows(
        epoch=np.zeros(5, dtype=np.int64),
        stage=np.zeros(5, dtype=np.int64),
        share=np.full(5, 0.5),
        candidate=np.array([True, True, True, True, False]),
        unit=np.array([7, 7, 7, 7, 8]),
        value=np.array([0.5, 1.5, 1.5, 9.0, 2.0]),
    )
    masses = collect_masses(rows, (1.0, 2.0))
    one = 2**30
    expected = Arms((0, one, 0), (one // 4, one // 2, one // 4))
    assert masses.cells == {Cell(0, 0, 0.5): expected}


def test_merging_changes_nothing_and_a_state_survives_being_written() -> None:
    parts = [collect_masses(_rows(np.random.default_rng(k), 50, 0.5), _EDGES) for k in (1, 2)]
    one, other = parts[0].merge(parts[1]), parts[1].merge(parts[0])
    assert json.dumps(one.plain()) == json.dumps(other.plain())
    assert Masses.from_plain(json.loads(json.dumps(one.plain()))) == one
    with pytest.raises(ValueError, match="edges differ"):
        one.merge(Masses(edges=(1.0,)))


def test_the_ends_are_edges_at_which_the_evidence_reaches_its_level() -> None:
    """1,000 units of one row; at edge t the score is beyond - 1000 (1 - q)."""
    values = np.arange(1, 1001) / 10
    rows = Rows(
        epoch=np.zeros(1000, dtype=np.int64),
        stage=np.zeros(1000, dtype=np.int64),
        share=np.ones(1000),
        candidate=np.ones(1000, dtype=bool),
        unit=np.arange(1000),
        value=values,
    )
    edges = tuple(np.arange(1, 1001) / 10)
    found = quantile_estimate(
        collect_masses(rows, edges), QuantilePlan(0.9, 1000.0), Estimand.CANDIDATE, _90
    )
    assert isinstance(found, Estimate)
    assert found.value == 90.0
    rho = tuned_rho(1000 * 0.09, 0.05)

    def above(edge: float) -> float:
        beyond = 1000 - 10 * edge
        squares = beyond * 0.81 + (1000 - beyond) * 0.01
        return gamma_exponential(beyond - 100, squares, rho, 0.1)

    def below(edge: float) -> float:
        beyond = 1000 - 10 * edge
        squares = beyond * 0.81 + (1000 - beyond) * 0.01
        return gamma_exponential(100 - beyond, squares, rho, 0.9)

    assert above(found.low) >= math.log(20) > above(found.low + 0.1)
    assert below(found.high) >= math.log(20) > below(found.high - 0.1)


def test_p99_of_few_units_has_no_high_end() -> None:
    """Even one look needs log(0.05) / log(0.99) = 299 units for a finite one-sided bound."""
    plan = QuantilePlan(0.99, 300.0)
    few, many = (
        quantile_estimate(
            collect_masses(_rows(np.random.default_rng(4), n, 1.0), _EDGES),
            plan,
            Estimand.CANDIDATE,
            _90,
        )
        for n in (299, 3000)
    )
    assert isinstance(few, Estimate)
    assert isinstance(many, Estimate)
    assert few.high == math.inf
    assert math.isfinite(many.high)


def test_stages_of_a_ramp_are_not_pooled() -> None:
    """Slow units all come at 1 %: pooled, the baseline would look slower; it is not."""
    early = _rows(np.random.default_rng(5), 40_000, 0.01)
    early = Rows(
        epoch=early.epoch,
        stage=early.stage,
        share=early.share,
        candidate=early.candidate,
        unit=early.unit,
        value=early.value * 10,
    )
    late = _rows(np.random.default_rng(6), 4000, 0.5)
    late.epoch[:] = 1
    late.stage[:] = 1
    masses = collect_masses(early, _EDGES).merge(collect_masses(late, _EDGES))
    plan = QuantilePlan(0.9, 2000.0)
    pooled = [
        quantile_estimate(masses, plan, estimand, _90)
        for estimand in (Estimand.BASELINE, Estimand.CANDIDATE)
    ]
    assert isinstance(pooled[0], Estimate)
    assert isinstance(pooled[1], Estimate)
    assert pooled[0].low > 1.2 * pooled[1].high
    fair = quantile_estimate(masses, plan, Estimand.RELATIVE, _90)
    assert isinstance(fair, Estimate)
    assert fair.low < 0 < fair.high


@pytest.mark.parametrize("estimand", [Estimand.DIFFERENCE, Estimand.RELATIVE])
def test_a_slower_candidate_is_found(estimand: Estimand) -> None:
    masses = collect_masses(_rows(np.random.default_rng(7), 20_000, 0.5, 1.3), _EDGES)
    found = quantile_estimate(masses, QuantilePlan(0.9, 10_000.0), estimand, _90)
    assert isinstance(found, Estimate)
    truth = 0.3 if estimand is Estimand.RELATIVE else 30 * math.exp(1.2815516 * math.sqrt(0.2))
    assert 0 < found.low < truth < found.high


def test_what_cannot_be_bounded_is_absent() -> None:
    plan = QuantilePlan(0.9, 100.0)
    rows = _rows(np.random.default_rng(8), 200, 1.0)
    masses = collect_masses(rows, (1.0, 20.0))
    found = quantile_estimate(masses, plan, Estimand.CANDIDATE, _90)
    assert isinstance(found, Absent)
    assert found.reason is Reason.UNSOUND
    for estimand in (Estimand.BASELINE, Estimand.DIFFERENCE, Estimand.RELATIVE):
        missing = quantile_estimate(masses, plan, estimand, _90)
        assert isinstance(missing, Absent)
        assert missing.reason is Reason.NO_ROWS
    assert isinstance(
        quantile_estimate(Masses(edges=(1.0,)), plan, Estimand.CANDIDATE, _90), Absent
    )


def test_a_quantile_below_the_first_edge_has_no_low_end() -> None:
    masses = collect_masses(_rows(np.random.default_rng(8), 200, 0.5), (10_000.0, 20_000.0))
    plan = QuantilePlan(0.5, 100.0)
    found = quantile_estimate(masses, plan, Estimand.CANDIDATE, _90)
    assert isinstance(found, Estimate)
    assert found.low == -math.inf
    relative = quantile_estimate(masses, plan, Estimand.RELATIVE, _90)
    assert isinstance(relative, Estimate)
    assert (relative.low, relative.high) == (-1.0, math.inf)


def test_what_makes_no_sense_is_refused() -> None:
    rows = _rows(np.random.default_rng(8), 5, 0.5)
    with pytest.raises(ValueError, match="not in"):
        quantile_estimate(
            collect_masses(rows, _EDGES), QuantilePlan(1.0, 1.0), Estimand.CANDIDATE, _90
        )
    with pytest.raises(ValueError, match="edges from"):
        log_edges(0.0, 1.0, 0.1)
    rows.value[0] = np.nan
    with pytest.raises(ValueError, match="missing or infinite"):
        collect_masses(rows, _EDGES)


@pytest.mark.slow
def test_a_quantile_is_covered_at_every_look() -> None:
    """100 runs of 12 looks: P(the p90 is outside at any look) at most 0.1."""
    truth = 100 * math.exp(1.2815515655446004 * math.sqrt(0.2))
    edges, plan, missed = log_edges(20.0, 2000.0, 0.05), QuantilePlan(0.9, 400.0), 0
    rng = np.random.default_rng(9)
    for _ in range(100):
        masses, out = Masses(edges=edges), False
        for _ in range(12):
            masses = masses.merge(collect_masses(_rows(rng, 60, 1.0), edges))
            found = quantile_estimate(masses, plan, Estimand.CANDIDATE, _90)
            assert isinstance(found, Estimate)
            out |= not found.low <= truth <= found.high
        missed += out
    assert missed <= 10
