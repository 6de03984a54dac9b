"""What is said of people holds as often as it says: simulations with known truth."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from shipcall.core import Estimate, Measured, Tails
from shipcall.stats.arms import Hits, share_by_arm, weighted_share_by_arm
from shipcall.stats.changepoint import Changes, abruptness, find_changes
from shipcall.stats.fatigue import Exposed, Wear, novelty_decay, slope_by_arm
from shipcall.stats.forecast import Survivors, forecast
from shipcall.stats.migration import Homogeneity, Moves, homogeneity, migration
from shipcall.stats.sample import Floats
from shipcall.stats.shape import Depths, Distances, Sessions, distances, quantiles_by_arm
from shipcall.stats.survival import Exits, Spells, restricted_mean, survival_at

pytestmark = pytest.mark.slow

TAILS = Tails(0.025, 0.025)
WIDE = Tails(0.1, 0.1)


class Misses:
    """How often each end was on the wrong side; Absent counts as no miss and is counted."""

    def __init__(self) -> None:
        self.low = self.high = self.absent = self.runs = 0

    def see(self, measured: Measured, truth: float) -> None:
        self.runs += 1
        if not isinstance(measured, Estimate):
            self.absent += 1
            return
        self.low += measured.low > truth + 1e-12
        self.high += measured.high < truth - 1e-12

    def hold(self, tails: Tails, *, slack: float = 0.0) -> bool:
        """Are both shares within three standard errors of their level, plus `slack`?"""
        seen = self.runs - self.absent
        return all(
            missed / seen <= tail + slack + 3 * (tail * (1 - tail) / seen) ** 0.5
            for missed, tail in zip((self.low, self.high), tails, strict=True)
        )


@pytest.mark.parametrize(
    ("baseline", "candidate"),
    [
        ((100, 0.3), (100, 0.25)),
        ((1_000, 0.02), (50, 0.02)),
        ((2_000, 0.002), (2_000, 0.004)),
        ((300, 0.05), (100, 0.15)),
    ],
)
def test_differences_of_retention_hold(
    baseline: tuple[int, float], candidate: tuple[int, float]
) -> None:
    rng, misses = np.random.default_rng(1), Misses()

    @cache
    def difference(before: int, after: int) -> Measured:
        hits = Hits(before, baseline[0]), Hits(after, candidate[0])
        return share_by_arm(*hits, TAILS).difference

    for before, after in zip(
        rng.binomial(*baseline, 4_000).tolist(),
        rng.binomial(*candidate, 4_000).tolist(),
        strict=True,
    ):
        misses.see(difference(before, after), candidate[1] - baseline[1])
    assert misses.hold(TAILS)


@pytest.mark.parametrize("rarer", [1, 30])
def test_columns_hold_where_the_ramp_mixes_cohorts(rarer: int) -> None:
    """Shares fall from cohort to cohort, the candidate's share of units rises: no difference."""
    rng, misses = np.random.default_rng(2), Misses()
    shares = np.array([0.5, 0.3, 0.1, 0.02]) / rarer
    sizes = np.array([400, 300, 200, 100]), np.array([10, 50, 150, 300])
    for _ in range(1_000):
        arms = [
            [Hits(int(k), int(n)) for k, n in zip(rng.binomial(size, shares), size, strict=True)]
            for size in sizes
        ]
        misses.see(weighted_share_by_arm(arms[0], arms[1], TAILS).difference, 0.0)
    assert misses.hold(TAILS)


@pytest.mark.parametrize(("units", "rate"), [(30, 0.05), (200, 0.05), (200, 0.003), (100, 0.2)])
def test_survival_and_its_mean_hold_where_units_go_out_of_sight(units: int, rate: float) -> None:
    """Exponential drops, sight lost evenly over 40 days; day 10."""
    rng, shares, means = np.random.default_rng(3), Misses(), Misses()
    for _ in range(1_000):
        drops, seen = rng.exponential(1 / rate, units), rng.uniform(0, 40, units)
        exits = Exits.of(np.minimum(drops, seen), drops <= seen)
        shares.see(survival_at(exits, 10, TAILS), float(np.exp(-10 * rate)))
        means.see(restricted_mean(exits, 10, TAILS), float(-np.expm1(-10 * rate) / rate))
    assert shares.hold(TAILS, slack=0.01)
    assert means.hold(TAILS, slack=0.01)


def test_spells_that_share_a_unit_hold_over_clusters_and_not_over_rows() -> None:
    """Forty units, four spells each, gamma hazards; day 10."""
    rng, clusters, rows = np.random.default_rng(4), Misses(), Misses()
    truth = (1 + 0.8 / 2) ** -2  # mean of exp(-.8 G), G gamma with shape 2 and mean 1
    for _ in range(600):
        rate = 0.08 * np.repeat(rng.gamma(2, 0.5, 40), 4)
        drops, seen = rng.exponential(1, 160) / rate, rng.uniform(0, 40, 160)
        times, dropped = np.minimum(drops, seen), (drops <= seen).astype(np.int64)
        spells = Spells(times=times, dropped=dropped, cluster=np.repeat(np.arange(40), 4))
        clusters.see(survival_at(spells, 10, TAILS), truth)
        rows.see(survival_at(Exits.of(times, dropped), 10, TAILS), truth)
    assert clusters.hold(TAILS)
    assert rows.low + rows.high > 2 * (clusters.low + clusters.high)


def _tiring(rng: np.random.Generator, units: int, start: float, slope: float) -> Exposed:
    last, dropped = np.zeros(units, dtype=np.int64), np.zeros(units, dtype=np.int64)
    there = np.ones(units, dtype=bool)
    for count in range(1, 13):
        last[there] = count
        chance = 1 / (1 + np.exp(-(start + slope * np.log2(count))))
        gone = there & (rng.random(units) < chance)
        dropped[gone] = 1
        there &= ~gone & (rng.random(units) > 0.1)
    return Exposed.of(last, dropped)


@pytest.mark.parametrize(
    ("units", "start", "slopes"),
    [(150, -2.5, (0.2, 0.2)), (1_000, -3.5, (0.0, 0.3)), (400, -2.0, (-0.3, 0.0))],
)
def test_differences_of_fatigue_slopes_hold(
    units: int, start: float, slopes: tuple[float, float]
) -> None:
    rng, misses = np.random.default_rng(5), Misses()
    for _ in range(500):
        arms = [_tiring(rng, units, start, slope) for slope in slopes]
        misses.see(slope_by_arm(arms[0], arms[1], TAILS).difference, slopes[1] - slopes[0])
    assert misses.hold(TAILS)
    assert misses.absent == 0


def test_wear_of_a_gain_holds_for_skewed_outcomes() -> None:
    """Exponential outcomes, an early gain of a half that is gone later."""
    rng, misses = np.random.default_rng(6), Misses()
    for _ in range(2_000):
        baseline = Wear.of(rng.exponential(1, 60), rng.exponential(1, 60))
        candidate = Wear.of(rng.exponential(1.5, 40), rng.exponential(1, 40))
        misses.see(novelty_decay(baseline, candidate, TAILS).difference, 0.5)
    assert misses.hold(TAILS, slack=0.01)


AGES = np.arange(29)


def _two_kinds() -> Floats:
    return np.asarray(0.6 * 0.8**AGES + 0.4 * 0.99**AGES, dtype=np.float64)


def _fading() -> Floats:
    return np.append(1.0, np.cumprod(1 - 0.25 / AGES[1:]))


def _tired() -> Floats:
    hazard = np.where(AGES[1:] <= 14, 0.05 / np.sqrt(AGES[1:]), 0.04)
    return np.append(1.0, np.cumprod(1 - hazard))


def _cured() -> Floats:
    return np.asarray(0.3 + 0.7 * 0.85**AGES, dtype=np.float64)


@pytest.mark.parametrize("law", [_fading, _two_kinds, _tired, _cured])
def test_forecasts_of_day_28_hold_whatever_the_law_if_four_older_cohorts_are_there(
    law: Callable[[], Floats],
) -> None:
    """From day 9, 1,000 units a cohort, each end at 10 %; only the first is beta-geometric."""
    rng, misses, stays = np.random.default_rng(7), Misses(), law()
    for _ in range(60):
        cohort, *older = (_cohort(rng, stays) for _ in range(5))
        measured = forecast(cohort.until(9), 28, WIDE, older)
        misses.see(measured, cohort.counts[28] / cohort.counts[0])
    assert misses.hold(WIDE)


def test_forecasts_without_older_cohorts_hold_for_the_law_and_not_for_late_fatigue() -> None:
    """The stated doubt covers curves that bend a little otherwise, not a change to come."""
    rng, right, tired = np.random.default_rng(8), Misses(), Misses()
    for misses, stays in ((right, _fading()), (tired, _tired())):
        for _ in range(60):
            cohort = _cohort(rng, stays)
            misses.see(forecast(cohort.until(9), 28, WIDE), cohort.counts[28] / 1_000)
    assert right.hold(WIDE)
    assert tired.low == 60


def _cohort(rng: np.random.Generator, stays: Floats) -> Survivors:
    drops = rng.multinomial(1_000, np.append(-np.diff(stays), stays[-1]))[:-1]
    return Survivors(counts=1_000 - np.append(0, np.cumsum(drops)))


def test_moves_are_marked_in_no_more_than_one_of_twenty_where_nothing_differs() -> None:
    rng = np.random.default_rng(9)
    chances = np.array([[0.6, 0.3, 0.08, 0.02], [0.1, 0.6, 0.25, 0.05], [0.01, 0.1, 0.6, 0.29]])
    marked = touched = uneven = 0
    for _ in range(400):
        arms = [
            Moves(
                before=("heavy", "regular", "casual"),
                after=("heavy", "regular", "casual", "left"),
                counts=np.array(
                    [rng.multinomial(n, row) for n, row in zip(sizes, chances, strict=True)]
                ),
            )
            for sizes in ((60, 150, 300), (30, 80, 150))
        ]
        moves = migration(arms[0], arms[1], TAILS)
        marked += any(move.marked for move in moves)
        touched += any(
            isinstance(move.shares.difference, Estimate)
            and not move.shares.difference.low <= 0 <= move.shares.difference.high
            for move in moves
        )
        found = homogeneity(arms[0], arms[1], rng, permutations=99)
        assert isinstance(found, Homogeneity)
        uneven += found.p <= 0.05
    assert max(marked, touched, uneven) / 400 <= 0.05 + 3 * (0.05 * 0.95 / 400) ** 0.5


def test_bands_hold_at_all_quantiles_at_once() -> None:
    rng, at, missed = np.random.default_rng(10), tuple(np.linspace(0.05, 0.95, 19)), 0
    depths = np.arange(1.0, 31.0)
    chances = 0.85**depths / (0.85**depths).sum()
    truths = depths[np.searchsorted(np.cumsum(chances), np.array(at) - 1e-12)]
    for _ in range(400):
        arms = [Depths(depths=depths, units=rng.multinomial(n, chances)) for n in (200, 300)]
        for quantile, truth in zip(
            quantiles_by_arm(arms[0], arms[1], at, TAILS), truths, strict=True
        ):
            own, difference = quantile.values.candidate, quantile.values.difference
            assert isinstance(own, Estimate)
            assert isinstance(difference, Estimate)
            if not (own.low <= truth <= own.high and difference.low <= 0 <= difference.high):
                missed += 1
                break
    assert missed / 400 <= 0.1


def test_distances_raise_few_false_alarms_with_many_sessions_a_unit() -> None:
    rng, alarms = np.random.default_rng(11), np.zeros(2)
    for _ in range(200):
        found = distances(_visits(rng, 40), _visits(rng, 60), rng, permutations=99)
        assert isinstance(found, Distances)
        alarms += np.array([found.wasserstein_p, found.energy_p]) <= 0.05
    assert alarms.max() / 200 <= 0.05 + 3 * (0.05 * 0.95 / 200) ** 0.5


def _visits(rng: np.random.Generator, units: int) -> Sessions:
    counts = np.zeros((units, 30), dtype=np.int64)
    for unit, habit in enumerate(rng.gamma(2, 3, units)):
        np.add.at(counts[unit], np.minimum(rng.poisson(habit, 1 + rng.poisson(3)), 29), 1)
    return Sessions(depths=np.arange(30.0), counts=counts)


def test_changes_are_found_where_there_is_none_at_the_promised_rate() -> None:
    rng, alarms = np.random.default_rng(12), 0
    for _ in range(600):
        found = find_changes(rng.normal(size=40), TAILS, rng, permutations=39)
        assert isinstance(found, Changes)
        alarms += bool(found.changes)
    assert abs(alarms / 600 - 0.05) <= 3 * (0.05 * 0.95 / 600) ** 0.5


def test_a_place_that_was_found_holds_and_seldom_brings_another() -> None:
    rng, misses, more = np.random.default_rng(13), Misses(), 0
    for _ in range(300):
        values = rng.normal(size=60)
        values[30:] += 2
        found = find_changes(values, WIDE, rng, permutations=39)
        assert isinstance(found, Changes)
        nearest = min(found.changes, key=lambda change: abs(_middle(change.at) - 29.5))
        misses.see(nearest.at, 29.5)
        more += len(found.changes) > 1
    assert misses.hold(WIDE)
    assert more / 300 <= 0.12


def _middle(measured: Measured) -> float:
    assert isinstance(measured, Estimate)
    return measured.value


@pytest.mark.parametrize("days", [1, 8])
def test_the_length_of_a_slide_holds(days: int) -> None:
    rng, misses = np.random.default_rng(14), Misses()
    for _ in range(60):
        slide = 3 * np.clip((np.arange(36) - 14) / days, 0, 1)
        misses.see(abruptness(slide + rng.normal(size=36), WIDE, rng), days)
    assert misses.hold(WIDE)
