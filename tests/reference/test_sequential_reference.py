"""Sequences against numbers of other programs, enumeration and plain integrals."""

import itertools
import math
from functools import partial

import numpy as np
import pytest
from scipy import integrate, stats

from shipcall.stats.sequential.mixtures import (
    Mixture,
    Reach,
    beta_binomial,
    bound,
    gamma_exponential,
    half_normal,
    normal,
    tuned_rho,
)
from shipcall.stats.sequential.ratio import Arms, mismatch_evidence, ratio_evidence

_TWO = tuned_rho(100, 0.05, two_sided=True)
_ONE = tuned_rho(100, 0.05)
_REACH = Reach(0.2, 0.8)


def _normal(s: float, v: float) -> float:
    return float(normal(s, v, _TWO))


def _half_normal(s: float, v: float) -> float:
    return float(half_normal(s, v, _ONE))


def test_the_tuning_matches_confseq() -> None:
    """confseq 0.0.11, test/uniform_boundaries_unittest.cpp (targets from R), v_opt = 100."""
    assert pytest.approx(12.60056, abs=1e-5) == _TWO


@pytest.mark.parametrize(
    ("mixture", "log", "least"),
    [
        (_normal, -0.6510052, 30.35209),
        (_half_normal, -0.06502391, 27.66071),
        (partial(gamma_exponential, rho=_ONE, scale=2.0), -0.2490165, 33.02017),
        (partial(beta_binomial, rho=_TWO, reach=_REACH, one_sided=False), -0.6941012, 31.4308),
        (partial(beta_binomial, rho=_ONE, reach=_REACH, one_sided=True), -0.07134019, 28.41238),
    ],
)
def test_mixtures_match_confseq(mixture: Mixture, log: float, least: float) -> None:
    """confseq, test/uniform_boundaries_unittest.cpp: log at (10, 100), bound at 100, level .05."""
    assert mixture(10.0, 100.0) == pytest.approx(log, abs=1e-6)
    assert bound(mixture, 100.0, 0.05) == pytest.approx(least, abs=1e-5)


@pytest.mark.parametrize(
    ("events", "units", "planned", "low", "high"),
    [
        (700, 1000, 100, 0.651629, 0.745949),
        (15, 50, 50, 0.129556, 0.511896),
        (5, 50, 50, 0.013021, 0.269264),
        (100, 200, 1, 0.328923, 0.671076),
    ],
)
def test_bernoulli_intervals_match_confseq(
    events: int, units: int, planned: int, low: float, high: float
) -> None:
    """confseq, bernoulli_confidence_interval(s, n, 0.05, t_opt): evidence at its ends is 20."""
    for share in (low, high):
        variance = share * (1 - share)
        log = beta_binomial(
            events - units * share,
            units * variance,
            tuned_rho(planned * variance, 0.05, two_sided=True),
            Reach(share, 1 - share),
            one_sided=False,
        )
        assert log == pytest.approx(math.log(20), abs=2e-3)


def test_the_normal_mixture_gives_the_interval_of_gbstats() -> None:
    """growthbook packages/stats, TestSequentialTTest: se .33341, 6461 units, tuned at 1000.

    Its expected interval is .50336 -+ 1.0618.
    """
    rho = tuned_rho(1000, 0.05, two_sided=True)
    reach = bound(lambda s, v: float(normal(s, v, rho)), 6461.0, 0.05)
    assert 0.33341 * reach / math.sqrt(6461) == pytest.approx(1.0618, abs=1e-4)


@pytest.mark.parametrize(("s", "v"), [(-4.0, 9.0), (6.0, 9.0), (20.0, 50.0)])
def test_the_half_normal_mixture_is_its_integral(s: float, v: float) -> None:
    """Twice the normal density of variance 1 / rho over positive bets, by scipy's quad."""
    rho = 3.0

    def mixed(bet: float) -> float:
        weight = 2 * stats.norm.pdf(bet, scale=rho**-0.5)
        return float(weight * math.exp(bet * s - bet * bet * v / 2))

    whole = integrate.quad(mixed, 0, 20)[0]
    assert float(half_normal(s, v, rho)) == pytest.approx(math.log(whole), abs=1e-7)


def test_the_sequential_ratio_matches_savvi() -> None:
    """savvi examples/Multinomial.qmd: stops at 402 with p = 0.04845591105969517."""
    draws = np.random.RandomState(1).multinomial(1, [0.1, 0.3, 0.6], 1000)
    shares = np.array([0.1, 0.4, 0.5])
    looks, greatest = 0, 0.0
    for counts in np.cumsum(draws, axis=0):
        looks += 1
        arms = Arms(counts.astype(np.float64), shares)
        greatest = max(greatest, mismatch_evidence(arms))
        if greatest >= math.log(20):
            break
    assert looks == 402
    assert math.exp(-greatest) == pytest.approx(0.04845591105969517, rel=1e-11)


def test_the_ratio_evidence_is_fair_for_every_count() -> None:
    """Over all counts of 12 units in three arms its mean is 1."""
    shares, n, mean = np.array([0.2, 0.3, 0.5]), 12, 0.0
    for first, second in itertools.product(range(n + 1), repeat=2):
        if first + second <= n:
            counts = np.array([first, second, n - first - second])
            chance = float(stats.multinomial.pmf(counts, n, shares))
            mean += chance * math.exp(mismatch_evidence(Arms(counts, shares), 5.0))
    assert mean == pytest.approx(1.0, abs=1e-10)


def test_evidence_of_stages_multiplies() -> None:
    stages = [
        Arms(np.array([990.0, 30.0]), np.array([0.99, 0.01])),
        Arms(np.array([450.0, 560.0]), np.array([0.5, 0.5])),
    ]
    assert ratio_evidence(stages) == pytest.approx(sum(map(mismatch_evidence, stages)))
    assert ratio_evidence([]) == 0.0


def test_counts_and_shares_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="sum to 1"):
        mismatch_evidence(Arms(np.array([1.0, 2.0]), np.array([50.0, 50.0])))
    with pytest.raises(ValueError, match="negative"):
        mismatch_evidence(Arms(np.array([1.0, -2.0]), np.array([0.5, 0.5])))


def test_mixtures_are_monotone_where_their_integrals_underflow() -> None:
    """Sums so far below zero that incomplete integrals are smaller than any number."""
    logs = [gamma_exponential(s, 4e5, 1e5, 1.0) for s in (-3.0e5, -2.5e5, -1e5, 0.0)]
    assert logs == sorted(logs)
    assert all(map(math.isfinite, logs))
    assert gamma_exponential(-10.0, 1.0, 1.0, 1.0) == -math.inf
    assert beta_binomial(-5e4, 1e5, 50.0, Reach(1.0, 1.0), one_sided=True) == -math.inf


def test_a_mixture_that_never_reaches_its_level_bounds_nothing() -> None:
    assert bound(lambda _s, _v: 0.0, 100.0, 0.05) == math.inf
