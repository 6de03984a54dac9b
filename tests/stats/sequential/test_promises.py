"""What sequences promise, by simulation of whole rollouts; measured rates stand in design/0014."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from shipcall.core import Estimand, Estimate, Tails
from shipcall.stats.sequential.betting import (
    BettingPlan,
    Range,
    arm_mean,
    betting_evidence,
)
from shipcall.stats.sequential.centre import Start
from shipcall.stats.sequential.epochs import Table
from shipcall.stats.sequential.mixtures import half_normal, tuned_rho
from shipcall.stats.sequential.rare import events_of, tilt_evidence
from shipcall.stats.sequential.ratio import Arms, mismatch_evidence, ratio_evidence
from shipcall.stats.sequential.score import Paths, Side, coordinate, evidence, score_paths
from stats.sequential.ramps import DAYS, SHARES, Ramp, ever, paths, run, seasonal, state, tabled

pytestmark = pytest.mark.slow
Floats = NDArray[np.float64]
SIDES: tuple[Side, Side] = ("above", "below")


def _excluded(found: Paths, effects: Floats, rho: float, level: float) -> NDArray[np.bool_]:
    """Whether each run's interval at each look excludes that run's effect at that look."""
    x = -effects

    def at(curve: tuple[Floats, Floats, Floats]) -> Floats:
        return np.asarray(curve[0] + x * (curve[1] + x * curve[2]))

    v, u, s = at(found.squares), at(found.sharp), at(found.score)
    variance = np.maximum(v, v / 3 + 2 * u / 3)
    greatest = np.maximum(half_normal(s, variance, rho), half_normal(-s, variance, rho))
    return greatest >= -math.log(level)


def _running(table: Table, effect: Floats) -> Floats:
    """The running overlap-weighted effect theta_t of each run."""
    weight = table.n.sum(axis=-2) * table.share * (1 - table.share)
    return np.asarray(np.cumsum(weight * effect, axis=-1) / np.cumsum(weight, axis=-1))


@pytest.mark.parametrize("level", [0.05, 0.0125])
@pytest.mark.parametrize("rate", [0.05, 0.002])
@pytest.mark.parametrize("margin", [0.0, 0.2])
def test_false_alarms_over_a_ramp_stay_below_the_level(
    rate: float, margin: float, level: float
) -> None:
    """3,000 ramps 1 -> 10 -> 50 % with season, daily looks, truth exactly at the bar."""
    ramp = seasonal(rate, margin * rate)
    table = ramp.draw(3000, np.random.default_rng([1, round(1e4 * rate), round(10 * margin)]))
    rho = tuned_rho(ramp.information, level)
    for side in SIDES:
        assert ever(table, ramp, side, rho, level, margin * rate) <= level


@pytest.mark.parametrize("rate", [0.05, 0.002])
def test_false_alarms_at_a_relative_margin_stay_below_the_level(rate: float) -> None:
    """2,000 ramps in which the candidate's rate is 10 % higher throughout."""
    season = seasonal(rate)
    ramp = Ramp(SHARES, season.baseline, 1.1 * season.baseline, 4000)
    table = ramp.draw(2000, np.random.default_rng(2))
    found = score_paths(table, Start(rate), Estimand.RELATIVE)
    x, rho = coordinate(Estimand.RELATIVE, 0.1), tuned_rho(ramp.information, 0.05)
    for side in SIDES:
        proof = (evidence(found, x, side, rho) >= math.log(20)).any(axis=-1)
        assert proof.mean() <= 0.05


def test_one_point_of_harm_is_found() -> None:
    """5 % base rate, -1 point, 2,000 ramps: found by the second week."""
    ramp = seasonal(0.05, -0.01)
    table = ramp.draw(2000, np.random.default_rng(3))
    assert ever(table, ramp, "below", tuned_rho(ramp.information, 0.05), 0.05) > 0.99


@pytest.mark.parametrize("planned", [1.0, 0.1, 0.01])
@pytest.mark.parametrize("rate", [0.05, 0.002])
def test_the_corrected_variance_holds_in_a_1_percent_arm(rate: float, planned: float) -> None:
    """72 hourly looks at 400 units; with V alone the worst of these cells raises 80 % alarms."""
    rates = np.full(72, rate)
    ramp = Ramp(np.full(72, 0.01), rates, rates, 400)
    table = ramp.draw(2000, np.random.default_rng(4))
    rho = tuned_rho(planned * ramp.information, 0.05)
    for side in SIDES:
        assert ever(table, ramp, side, rho, 0.05) <= 0.05
    if (rate, planned) == (0.002, 0.01):
        found = paths(table, rate)
        alone = half_normal(-found.score.at(0.0), found.squares.at(0.0), rho)
        enough = found.units.min(axis=-2) >= 50
        assert ((alone >= math.log(20)) & enough).any(axis=-1).mean() > 0.7


def test_looks_are_covered_after_a_dip_and_their_intersection_is_not() -> None:
    """-2 points on five days only: theta moves; each look is about the theta of that look."""
    dip = np.where((DAYS >= 5) & (DAYS < 10), -0.02, 0.0)
    ramp = Ramp(SHARES, np.full(21, 0.05), 0.05 + dip, 4000)
    table = ramp.draw(1500, np.random.default_rng(5))
    theta, found = _running(table, dip), paths(table, 0.05)
    rho = tuned_rho(ramp.information, 0.025)
    assert _excluded(found, theta, rho, 0.025).any(axis=-1).mean() <= 0.05
    last = np.broadcast_to(theta[:, -1:], theta.shape)
    assert _excluded(found, last, rho, 0.025).any(axis=-1).mean() > 0.5


def test_only_conditional_entries_hold_under_carry_over() -> None:
    """20,000 units return in six nested stages; those who had the candidate lose 2 points.

    The candidate itself has no effect. Entered with the stage's share, the carry-over is taken
    for an effect; entered with the conditional share, it is not.
    """
    for conditional in (True, False):
        table = _nested(2000, np.random.default_rng(6), conditional=conditional)
        weight = table.share * (1 - table.share) * table.n.sum(axis=-2).mean(axis=0)
        rho = tuned_rho(float(weight.sum()) * 0.09, 0.05)
        log = evidence(paths(table, 0.1), 0.0, "below", rho)
        alarms = (log >= math.log(20)).any(axis=-1).mean()
        assert alarms <= 0.05 if conditional else alarms > 0.5


def _nested(runs: int, rng: np.random.Generator, *, conditional: bool) -> Table:
    units, had, before = 20_000, np.zeros(runs, dtype=np.int64), 0.0
    shares, n, y = [], [], []
    for share in (0.05, 0.1, 0.2, 0.3, 0.4, 0.5):
        chance = (share - before) / (1 - before)
        fresh = rng.binomial(units - had, chance)
        rest = units - had - fresh
        events = [rng.binomial(rest, 0.1), rng.binomial(fresh, 0.1)]
        carried = rng.binomial(had, 0.08)
        shares.append(chance if conditional else share)
        n.append([rest, fresh if conditional else fresh + had])
        y.append([events[0], events[1] if conditional else events[1] + carried])
        had, before = had + fresh, share
    return tabled(np.array(shares), np.array(n).transpose(2, 1, 0), np.array(y).transpose(2, 1, 0))


def test_an_effect_that_alternates_keeps_the_score_and_breaks_bets_on_its_rhythm() -> None:
    """+4 points on odd days and -4 on even ones; the running effect is never above 0.

    A bet that has learned the rhythm stakes on odd days only: each of its days is a true effect,
    so its null of conditional means is false although the average is not.
    """
    effect = np.where(DAYS[:20] % 2 == 0, -0.04, 0.04)
    ramp = Ramp(np.full(20, 0.5), np.full(20, 0.1), 0.1 + effect, 4000)
    table = ramp.draw(600, np.random.default_rng(7))
    found, rho = paths(table, 0.1), tuned_rho(ramp.information, 0.025)
    assert _excluded(found, _running(table, effect), rho, 0.025).any(axis=-1).mean() <= 0.05
    score, squares = (np.diff(curve.at(0.0), prepend=0.0) for curve in found[:2])
    stake = np.where(effect > 0, 0.25, 0.0)
    rhythm = np.cumsum(stake * score - (-np.log1p(-stake) - stake) * squares, axis=-1)
    assert (rhythm >= math.log(40)).any(axis=-1).mean() > 0.95
    plan = BettingPlan(start=Start(0.1), range=Range(0, 1), information=ramp.information / 4)
    own = [betting_evidence(run(table, k), plan, 0.0, "above").max() for k in range(100)]
    assert np.mean(np.array(own) >= math.log(40)) <= 0.05


def test_bets_hold_over_a_ramp() -> None:
    ramp = seasonal(0.05)
    table = ramp.draw(300, np.random.default_rng(8))
    plan = BettingPlan(start=Start(0.05), range=Range(0, 1), information=ramp.information / 4)
    for side in SIDES:
        greatest = [betting_evidence(run(table, k), plan, 0.0, side).max() for k in range(300)]
        assert np.mean(np.array(greatest) >= math.log(20)) <= 0.05


def test_rare_events_hold_and_find_a_doubling_sooner_than_the_score() -> None:
    """0.2 % events, 2,000 units a day, 2,000 ramps; days to detection, 21 if never."""
    null = seasonal(0.002, units=2000)
    events = events_of(null.draw(2000, np.random.default_rng(9)))
    for side in SIDES:
        alarms = (tilt_evidence(events, 0.0, side) >= math.log(20)).any(axis=-1)
        assert alarms.mean() <= 0.05
    doubled = Ramp(SHARES, null.baseline, 2 * null.baseline, 2000)
    table = doubled.draw(2000, np.random.default_rng(10))
    rho = tuned_rho(null.information, 0.05)
    logs = (
        tilt_evidence(events_of(table), 0.0, "above"),
        evidence(paths(table, 0.002), 0.0, "above", rho),
    )
    found = [log >= math.log(20) for log in logs]
    days = [np.where(proof.any(-1), proof.argmax(-1), 21).mean() for proof in found]
    assert days[0] < days[1] - 0.5
    assert found[0].any(-1).mean() >= found[1].any(-1).mean() - 0.02


def test_one_arm_is_covered_while_its_mean_moves() -> None:
    """300 runs at 100 %; the estimand is the mean of the days' rates so far, weighted by units."""
    ramp = Ramp(np.ones(21), np.zeros(21), seasonal(0.05).baseline, 500)
    table, missed = ramp.draw(300, np.random.default_rng(11)), 0
    plan = BettingPlan(start=Start(0.05), range=Range(0, 1), information=500.0)
    means = np.cumsum(table.n[:, 1] * ramp.candidate, axis=-1) / np.cumsum(table.n[:, 1], axis=-1)
    for k in range(300):
        whole, out = state(table, k), False
        for day in (2, 6, 10, 14, 20):
            found = arm_mean(whole.until(day), Estimand.CANDIDATE, plan, Tails(0.05, 0.05))
            assert isinstance(found, Estimate)
            out |= not found.low <= means[k, day] <= found.high
        missed += out
    assert missed <= 30


def test_the_ratio_holds_over_a_ramp_and_finds_a_leak() -> None:
    """500 ramps of 30 looks; then 6 % of the candidate's units are lost."""
    rng = np.random.default_rng(12)
    shares = np.array([0.01] * 10 + [0.1] * 10 + [0.5] * 10)
    alarms = found = 0
    for _ in range(500):
        counts = rng.binomial(4000, shares)
        leaked = rng.binomial(counts, 0.94)
        alarms += _fires(shares, counts, 4000 - counts)
        found += _fires(shares, leaked, 4000 - counts)
    assert alarms <= 5
    assert found > 450


def _fires(shares: Floats, candidate: NDArray[np.int64], baseline: NDArray[np.int64]) -> bool:
    """Whether the evidence over stages reaches 100 at some look."""
    past, greatest = 0.0, 0.0
    for share in np.unique(shares):
        days = shares == share
        c, b = np.cumsum(candidate[days]), np.cumsum(baseline[days])
        arms = [
            Arms(np.array([b[k], c[k]], dtype=np.float64), np.array([1 - share, share]))
            for k in range(c.size)
        ]
        greatest = max(greatest, past + max(map(mismatch_evidence, arms)))
        past += ratio_evidence(arms[-1:])
    return greatest >= math.log(100)


@pytest.mark.parametrize("planned", [1.0, 0.1])
def test_effects_that_differ_between_units_are_held_by_the_whole_of_the_variance(
    planned: float,
) -> None:
    """Baseline 0, candidate +1 or -1 by a coin, 1 % arm: no average effect, no unit without one."""
    rng, share = np.random.default_rng(13), np.full(72, 0.01)
    n = rng.poisson(400, (2000, 72))
    candidate = rng.binomial(n, share)
    ups = rng.binomial(candidate, 0.5)
    still = np.zeros_like(n)
    table = tabled(share, np.stack([n - candidate, candidate], -2), np.stack([still, ups], -2))
    y = np.stack([still, 2 * ups - candidate], -2).astype(np.float64)
    table = table._replace(y=y, yy=np.stack([still, candidate], -2).astype(np.float64))
    found = paths(table, 0.0)
    rho = tuned_rho(planned * 72 * 400 * 0.01, 0.05)
    enough = found.units.min(axis=-2) >= 50
    for variance, holds in ((found.variance(0.0), True), (found.sharp.at(0.0), False)):
        log = half_normal(found.score.at(0.0), variance, rho)
        alarms = ((log >= math.log(20)) & enough).any(axis=-1).mean()
        assert bool(alarms <= 0.05) is holds
