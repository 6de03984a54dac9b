"""Shrinkage, spread and reversal against numbers from elsewhere."""

import numpy as np
import pytest

from shipcall.core import Absent, Estimand, Estimate, Tails
from shipcall.stats.clusters import Clusters
from shipcall.stats.gaps import spread
from shipcall.stats.means import pair_estimate
from shipcall.stats.moments import pair_sample
from shipcall.stats.reversal import reversal
from shipcall.stats.shrinkage import shrunk
from shipcall.stats.together import Together

TAILS = Tails(0.025, 0.025)

SCHOOLS = Together(
    values=np.array([28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0]),
    errors=np.array([15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0]),
    n=(1,) * 8,
)
"""Rubin (1981): eight schools, effect of coaching and its standard error."""

BCG = np.array(
    [
        [4, 119, 11, 128],
        [6, 300, 29, 274],
        [3, 228, 11, 209],
        [62, 13536, 248, 12619],
        [33, 5036, 47, 5761],
        [180, 1361, 372, 1079],
        [8, 2537, 10, 619],
        [505, 87886, 499, 87892],
        [29, 7470, 45, 7232],
        [17, 1699, 65, 1600],
        [186, 50448, 141, 27197],
        [5, 2493, 3, 2338],
        [27, 16886, 29, 17825],
    ],
    dtype=float,
)
"""Colditz et al. (1994), as in R's metadat: ill and well, vaccinated and not, in 13 trials."""


def estimates_of(slices: Together) -> list[Estimate]:
    return [e for e in shrunk(slices, TAILS) if isinstance(e, Estimate)]


def test_eight_schools_are_shrunk_as_the_textbook_says() -> None:
    """Gelman et al. (2013), table 5.3: 2.5 %, median and 97.5 % of 200 draws (so to about 3)."""
    table = [(-2, 31), (-5, 23), (-11, 19), (-7, 21), (-9, 18), (-7, 17), (-1, 26), (-6, 33)]
    for estimate, (low, high) in zip(estimates_of(SCHOOLS), table, strict=True):
        assert estimate.low == pytest.approx(low, abs=2.5)
        assert estimate.high == pytest.approx(high, abs=8)


def test_eight_schools_agree_with_a_plain_sum_over_a_grid() -> None:
    """BDA3 (5.17), (5.20), (5.21) written out for uncorrelated errors, 40,000 spreads to 400."""
    y, s = SCHOOLS.values, SCHOOLS.errors
    tau = (np.arange(40_000) + 0.5) / 100
    weight = 1.0 / (s**2 + tau[:, None] ** 2)
    mean = (weight * y).sum(axis=1) / weight.sum(axis=1)
    log = 0.5 * np.log(weight).sum(axis=1) - 0.5 * np.log(weight.sum(axis=1))
    log -= 0.5 * (weight * (y - mean[:, None]) ** 2).sum(axis=1)
    density = np.exp(log - log.max())
    keep = tau[:, None] ** 2 * weight
    values = (density @ (keep * y + (1 - keep) * mean[:, None])) / density.sum()
    assert [e.value for e in estimates_of(SCHOOLS)] == pytest.approx(values, abs=0.01)


def test_the_spread_of_log_odds_ratios_has_the_q_profile_of_metafor() -> None:
    """metafor-project.org, analyses:vanhouwelingen2002: tau^2 from 0.1302 to 1.1812."""
    a, b, c, d = BCG.T
    errors = np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    found = spread(Together(values=np.log(a * d / b / c), errors=errors, n=(1,) * 13), TAILS)
    assert isinstance(found, Estimate)
    assert [found.low**2, found.high**2] == pytest.approx([0.1302, 1.1812], abs=1e-4)


def test_the_distance_of_log_risk_ratios_is_that_of_metafor() -> None:
    """metafor's own tests, rma(yi, vi, method = "EE") on dat.bcg: QE 152.2330, beta -0.4303."""
    a, b, c, d = BCG.T
    errors = np.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))
    values = np.log(a / (a + b) / (c / (c + d)))
    fit = Together(values=values, errors=errors, n=(1,) * 13).fit(np.zeros(1))
    assert fit.distance[0] == pytest.approx(152.2330, abs=5e-5)
    assert fit.mean[0] == pytest.approx(-0.4303, abs=5e-5)


def share_of(baseline: tuple[int, int], candidate: tuple[int, int]) -> Estimate:
    """Two shares of different people, each (successes, number): a ratio for each model."""
    (good, all_baseline), (hits, all_candidate) = baseline, candidate
    first = np.arange(all_baseline + all_candidate) < all_baseline
    place = np.where(first, np.arange(first.size), np.arange(first.size) - all_baseline)
    sample = pair_sample(
        (first & (place < good)).astype(float),
        first.astype(float),
        (~first & (place < hits)).astype(float),
        (~first).astype(float),
        Clusters.singles(first.size),
        range=(0.0, 1.0),
        binary=True,
    )
    found = pair_estimate(sample, Estimand.DIFFERENCE, TAILS)
    assert isinstance(found, Estimate)
    return found


def test_kidney_stones_are_a_reversal() -> None:
    """Charig et al. (1986): B better in all 700, A better with small and with large stones."""
    whole = share_of((273, 350), (289, 350))
    parts = [share_of((81, 87), (234, 270)), share_of((192, 263), (55, 80))]
    assert round(100 * whole.value) == 5
    found = reversal(whole, parts)
    assert not isinstance(found, Absent)
    assert found.every
    assert not found.shown  # two of the three intervals reach over zero


def test_berkeley_is_no_reversal_in_every_department() -> None:
    """Bickel, Hammel & O'Connell (1975): women behind in all, ahead in 4 of the 6 departments."""
    rows = [
        ((512, 825), (89, 108)),
        ((353, 560), (17, 25)),
        ((120, 325), (202, 593)),
        ((138, 417), (131, 375)),
        ((53, 191), (94, 393)),
        ((22, 373), (24, 341)),
    ]
    whole, *parts = (
        Estimate(value=gap, low=gap - 0.3, high=gap + 0.3, tails=TAILS, n=25, method="by hand")
        for men, women in [((1198, 2691), (557, 1835)), *rows]
        for gap in [women[0] / women[1] - men[0] / men[1]]
    )
    assert (round(100 * whole.value, 1), len(parts)) == (-14.2, 6)
    found = reversal(whole, parts)
    assert not isinstance(found, Absent)
    assert (found.against, found.slices, found.every) == (4, 6, False)
