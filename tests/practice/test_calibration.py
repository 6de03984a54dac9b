"""Calibration: figures from elsewhere, and silence before anything could be known."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import special, stats

from practice.plays import finished
from shipcall.core import Absent, Estimate
from shipcall.practice.calibration import (
    Claimed,
    chance_of_at_most,
    claims_of,
    coverage,
    covered,
    curve,
    fit_line,
    jeffreys,
    needed,
    recalibrate,
    sureness,
)


@pytest.mark.parametrize(
    ("said", "truth", "claims"),
    [(0.9, 0.8, 78), (0.9, 0.75, 40), (0.9, 0.6, 13), (0.8, 0.6, 35), (0.8, 0.7, 116)],
)
def test_as_many_claims_tell_two_levels_apart_as_were_counted_elsewhere(
    said: float, truth: float, claims: int
) -> None:
    """Counted with scipy.stats.binom: the first n with a one-sided test at .05 of power .8."""

    def power(n: int) -> float:
        most = int(stats.binom.ppf(0.05, n, said))
        while most >= 0 and stats.binom.cdf(most, n, said) > 0.05:
            most -= 1
        return float(stats.binom.cdf(most, n, truth)) if most >= 0 else 0.0

    assert needed(said, truth) == claims
    assert power(claims) >= 0.8
    assert max(power(n) for n in range(1, claims)) < 0.8


def test_seventy_from_sixty_takes_144() -> None:
    assert needed(0.7, 0.6) == 144


def test_levels_that_cannot_be_told_apart_are_refused() -> None:
    with pytest.raises(ValueError, match=r"0\.9 is not between 0 and 0\.8"):
        needed(0.8, 0.9)


def test_jeffreys_is_the_beta_of_scipy_with_its_ends_at_0_and_1() -> None:
    """scipy.stats.beta.ppf([.025, .975], hits + 1/2, misses + 1/2)."""
    expected = stats.beta.ppf(np.array([0.025, 0.975]), 7.5, 43.5)
    assert list(jeffreys(7, 50)) == pytest.approx(list(expected), abs=1e-12)
    assert jeffreys(0, 10).low == 0.0
    assert jeffreys(10, 10).high == 1.0
    assert jeffreys(0, 10).high == pytest.approx(stats.beta.ppf(0.975, 0.5, 10.5))


def test_claims_of_one_play_count_once() -> None:
    """Ten plays, two claims each near 90 %: one of two is so in every play."""
    claims = [Claimed(f"p{n}", 0.9, half) for n in range(10) for half in (True, False)]
    last = curve(claims)[-1]
    assert (last.claims, last.plays, last.so) == (20, 10, 0.5)
    assert (last.so_low, last.so_high) == pytest.approx(tuple(jeffreys(5, 10)))


def test_a_bin_is_hidden_until_ten_plays_fill_it() -> None:
    nine = [Claimed(f"p{n}", 0.5, True) for n in range(9)]
    assert [one.shown for one in curve(nine)] == [False] * 5
    assert curve(nine)[2].plays == 9
    ten = [*nine, Claimed("p9", 0.5, False)]
    assert curve(ten)[2].shown
    assert curve(ten)[0].stated is None


def test_bins_hold_their_ends() -> None:
    places = [
        [one.claims for one in curve([Claimed("p", stated, True)])].index(1)
        for stated in (0.0, 0.19, 0.2, 0.99, 1.0)
    ]
    assert places == [0, 0, 1, 4, 4]


def test_the_chance_of_few_hits_is_binomial_where_all_chances_are_equal() -> None:
    assert chance_of_at_most(3, [0.7] * 8) == pytest.approx(stats.binom.cdf(3, 8, 0.7))


def test_the_chance_of_few_hits_by_hand() -> None:
    """P(at most one of 0.5 and 0.2) = 1 - 0.1; P(none) = 0.4."""
    assert chance_of_at_most(1, [0.5, 0.2]) == pytest.approx(0.9)
    assert chance_of_at_most(0, [0.5, 0.2]) == pytest.approx(0.4)


def test_nobody_is_called_too_sure_before_it_can_be_known() -> None:
    claims = [Claimed(f"p{n}", 0.9, False) for n in range(39)]
    assert sureness(claims)[0].too_sure is None
    assert sureness([*claims, Claimed("p39", 0.9, False)])[0].too_sure is True


def test_saying_ten_percent_of_it_is_saying_ninety_of_the_opposite() -> None:
    claims = [Claimed(f"p{n}", 0.1, False) for n in range(40)]
    found = sureness(claims)[0]
    assert (found.plays, found.right, found.too_sure) == (40, 1.0, False)


@pytest.mark.slow
def test_who_is_calibrated_is_rarely_called_too_sure() -> None:
    """The promise is 5 % at most; 2,000 people with 40 plays, three claims each."""
    rng = np.random.default_rng(3)
    told = 0
    for _ in range(2_000):
        stated = rng.uniform(0.85, 0.99, size=(40, 3))
        so = rng.random((40, 3)) < stated
        claims = [
            Claimed(f"p{n:02d}", float(stated[n, k]), bool(so[n, k]))
            for n in range(40)
            for k in range(3)
        ]
        told += bool(sureness(claims)[0].too_sure)
    assert told / 2_000 <= 0.065


def test_without_penalty_the_line_is_that_of_statsmodels() -> None:
    """statsmodels: Logit(so, [1, logit(stated)]), cluster-robust covariance by play."""
    rng = np.random.default_rng(4)
    stated = rng.uniform(0.05, 0.95, 120)
    so = rng.random(120) < special.expit(0.3 + 0.6 * special.logit(stated))
    play = np.repeat(np.arange(40), 3)
    claims = [
        Claimed(f"{p:02d}", float(s), bool(y)) for p, s, y in zip(play, stated, so, strict=True)
    ]
    model = sm.Logit(so.astype(float), sm.add_constant(special.logit(stated)))
    oracle = model.fit(
        disp=False,
        cov_type="cluster",
        cov_kwds={"groups": play, "df_correction": False},
    )
    found = fit_line(claims, penalty=0.0)
    assert found.at == pytest.approx(oracle.params, abs=1e-6)
    ratio = found.error / oracle.bse
    assert ratio == pytest.approx([ratio[0]] * 2, rel=1e-6)
    assert ratio[0] == pytest.approx(1.0, abs=0.02)


def test_without_a_fault_in_what_was_said_the_penalty_pulls_to_as_stated() -> None:
    claims = [Claimed(f"{n:02d}", 0.9, n % 10 != 0) for n in range(40)]
    assert fit_line(claims, penalty=1e6).at == pytest.approx([0.0, 1.0], abs=1e-3)


def test_a_slope_is_absent_below_twenty_plays() -> None:
    claims = [Claimed(f"p{n}", 0.9, True) for n in range(19) for _ in range(5)]
    found = recalibrate(claims)
    assert isinstance(found.slope, Absent)
    assert found.slope.n == 19


def test_a_slope_exists_even_where_everything_came_about() -> None:
    found = recalibrate([Claimed(f"p{n:02d}", 0.9, True) for n in range(30)])
    assert isinstance(found.slope, Estimate)
    assert found.slope.low < found.slope.value < found.slope.high


@pytest.mark.slow
def test_the_slope_of_somebody_too_extreme_is_held() -> None:
    """300 people with slope 0.6 and claims that hang together within a play."""
    rng = np.random.default_rng(5)
    held = found_out = 0
    for _ in range(300):
        shift = np.repeat(rng.normal(0, 0.3, 50), 4)
        stated = special.expit(rng.normal(0, 1.5, 200))
        truth = special.expit(0.6 * special.logit(stated) + shift)
        so = rng.random(200) < truth
        claims = [Claimed(f"{n // 4:02d}", float(stated[n]), bool(so[n])) for n in range(200)]
        slope = recalibrate(claims).slope
        assert isinstance(slope, Estimate)
        held += slope.low <= 0.6 <= slope.high
        found_out += slope.high < 1
    assert held / 300 >= 0.91
    assert found_out / 300 >= 0.5


def test_likely_bins_are_taken_until_they_hold_enough() -> None:
    """Bins .1 .5 .3 .1: .5 and .3 hold .8; with .1 .2 .4 .3 three are needed and hold .9."""
    assert covered([0.1, 0.5, 0.3, 0.1], 2) == pytest.approx((0.8, True))
    assert covered([0.1, 0.5, 0.3, 0.1], 0) == pytest.approx((0.8, False))
    assert covered([0.1, 0.2, 0.4, 0.3], 1) == pytest.approx((0.9, True))


def test_coverage_is_silent_below_ten_forecasts() -> None:
    nine = [covered([0.9, 0.1], 1)] * 9
    assert coverage(nine) is None
    ten = coverage([*nine, covered([0.9, 0.1], 1)])
    assert ten is not None
    assert (ten.hit, ten.too_narrow) == (0.0, True)
    assert ten.stated == pytest.approx(0.9)


def test_only_claims_of_rated_plays_count() -> None:
    claims = [{"name": "worse", "stated": 0.7, "so": True}]
    plays = [finished(1, claims=claims), finished(2, claims=claims, mode="learn")]
    assert claims_of(plays) == [Claimed("play-001", 0.7, True)]
