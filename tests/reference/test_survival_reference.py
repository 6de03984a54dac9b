"""Survival, fatigue, shape, migration: published tables, lifelines, statsmodels, SciPy."""

import csv
import math
import os
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from measured import estimate
from shipcall.core import Tails
from shipcall.stats.arms import Hits
from shipcall.stats.fatigue import Exposed, fatigue_slope
from shipcall.stats.forecast import BetaGeometric, Survivors, fit_beta_geometric, forecast
from shipcall.stats.migration import fisher_exact
from shipcall.stats.repeats import Histories, Repeating, expected_repeats, fit_repeats
from shipcall.stats.shape import Distances, Sessions, distances
from shipcall.stats.survival import Exits, LogRank, log_rank, restricted_mean, survival_at

_95 = Tails(0.025, 0.025)
OPEN_DATA = Path(
    os.environ.get("SHIPCALL_OPEN_DATA", Path(__file__).parents[3] / "shared" / "data")
)

# Freireich et al. (1963), as printed in Cox (1972): weeks to relapse, 21 children in each arm.
TIMES_6MP = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
EVENTS_6MP = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
TIMES_PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def _6mp() -> Exits:
    return Exits.of(TIMES_6MP, EVENTS_6MP)


def _placebo() -> Exits:
    return Exits.of(TIMES_PLACEBO, [1] * 21)


@pytest.mark.parametrize(
    ("week", "stays"),
    [(6, 0.857), (7, 0.807), (10, 0.753), (13, 0.690), (16, 0.627), (22, 0.538), (23, 0.448)],
)
def test_kaplan_meier_matches_the_leukaemia_table(week: float, stays: float) -> None:
    """Kalbfleisch & Prentice (2002), section 1.4, the arm on 6-mercaptopurine."""
    assert estimate(survival_at(_6mp(), week, _95)).value == pytest.approx(stays, abs=5e-4)


@pytest.mark.parametrize(
    ("week", "low", "high"),
    [(10, 0.58852708, 0.85907860), (13, 0.51622646, 0.81227356), (16, 0.44923405, 0.76225216)],
)
def test_the_ends_are_those_of_lifelines(week: float, low: float, high: float) -> None:
    """lifelines 0.30.3 on every child of the arm on 6-mercaptopurine counted twice."""
    twice = _6mp().merged(_6mp())
    measured = estimate(survival_at(twice, week, _95))
    assert (measured.low, measured.high) == pytest.approx((low, high), abs=5e-8)


def test_the_log_rank_of_the_leukaemia_trial() -> None:
    """R 4: survdiff(Surv(time, event) ~ arm), chisq = 16.79, 9 events against 19.25 expected."""
    found = log_rank([_placebo()], [_6mp()])
    assert isinstance(found, LogRank)
    assert found.z**2 == pytest.approx(16.793, abs=1e-3)
    assert found.dropped == 9
    assert found.expected == pytest.approx(19.25, abs=5e-3)
    assert found.p == pytest.approx(4.168809e-05, rel=1e-6)  # lifelines 0.30.3, logrank_test


def test_the_restricted_mean_is_the_mean_where_everybody_was_followed() -> None:
    """Nobody is out of sight, so it is the mean of min(time, 20), its error that of a mean."""
    cut = np.minimum(TIMES_PLACEBO, 20)
    measured = estimate(restricted_mean(_placebo(), 20, _95))
    assert measured.value == pytest.approx(cut.mean())
    error = cut.std() / math.sqrt(21)
    assert measured.high - measured.value == pytest.approx(error * stats.t.ppf(0.975, 20))


def test_the_restricted_mean_matches_lifelines() -> None:
    """lifelines 0.30.3: restricted_mean_survival_time(fitted, 20) = 16.116526610644254."""
    assert estimate(restricted_mean(_6mp(), 20, _95)).value == pytest.approx(16.116526610644254)


@pytest.mark.parametrize(
    ("retained", "alpha", "beta", "likelihood"),
    [
        ((100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1), 0.704, 1.182, -1680.3),
        ((100, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1), 0.668, 3.806, -1611.2),
    ],
)
def test_the_beta_geometric_fit_is_the_published_one(
    retained: tuple[float, ...], alpha: float, beta: float, likelihood: float
) -> None:
    """Fader & Hardie (2007), regular and high-end customers, 1,000 each, seven years."""
    fitted = fit_beta_geometric(_thousand(retained))
    assert isinstance(fitted, BetaGeometric)
    assert fitted.alpha == pytest.approx(alpha, abs=5e-4)
    assert fitted.beta == pytest.approx(beta, abs=5e-4)
    assert fitted.log_likelihood == pytest.approx(likelihood, abs=0.06)


@pytest.mark.parametrize(
    ("retained", "year_12"),
    [
        ((100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1), 0.173),
        ((100, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1), 0.394),
    ],
)
def test_year_twelve_is_foreseen_from_year_seven(
    retained: tuple[float, ...], year_12: float
) -> None:
    """Fader & Hardie (2007), what was retained after twelve years."""
    measured = estimate(forecast(_thousand(retained), 12, _95))
    assert measured.value == pytest.approx(year_12, abs=0.016)
    assert measured.low < year_12 < measured.high


def _thousand(retained: tuple[float, ...]) -> Survivors:
    return Survivors(counts=np.round(np.array(retained) * 10).astype(np.int64))


def _rows(name: str) -> list[dict[str, str]]:
    path = OPEN_DATA / "cohort" / name
    if not path.exists():
        pytest.skip(f"{path} is absent: set SHIPCALL_OPEN_DATA to the folder of the open data")
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _cdnow() -> Histories:
    rows = _rows("cdnow_customers_summary.csv")
    return Histories(
        repeats=np.array([int(row["x"]) for row in rows]),
        latest=np.array([float(row["t_x"]) for row in rows]),
        followed=np.array([float(row["T"]) for row in rows]),
        units=np.ones(len(rows), dtype=np.int64),
    )


def test_bg_nbd_on_cdnow_is_the_published_fit() -> None:
    """Fader, Hardie & Lee (2005), table 2: r .243, alpha 4.414, a .793, b 2.426, LL -9582.4."""
    fitted = fit_repeats(_cdnow())
    assert isinstance(fitted, Repeating)
    found = fitted.r, fitted.alpha, fitted.a, fitted.b
    assert found == pytest.approx((0.243, 4.414, 0.793, 2.426), abs=5e-4)
    assert fitted.log_likelihood == pytest.approx(-9582.4, abs=0.05)


def test_bg_nbd_foresees_the_second_half_of_cdnow() -> None:
    """The 39 weeks after 30 September 1997, counted here in the published transactions."""
    days: dict[str, set[str]] = {}
    for row in _rows("cdnow_sample_transactions.csv"):
        days.setdefault(row["customer_id"], set()).add(row["date"])
    came = np.mean([sum(day > "19970930" for day in of) for of in days.values()])
    followed = float(_cdnow().followed.mean())
    measured = estimate(expected_repeats(_cdnow(), followed, followed + 39, _95))
    assert measured.n == len(days) == 2_357
    assert measured.low < came < measured.high


def test_telco_churn_is_what_is_left_at_the_end_of_a_fold_of_one() -> None:
    """IBM Telco: 1,869 of 7,043 churned, 26.54 %; all asked at one moment, so one age."""
    churned = np.array([row["Churn"] == "Yes" for row in _rows("telco_churn.csv")])
    measured = estimate(survival_at(Exits.of(np.ones(churned.size), churned), 1, _95))
    assert (measured.n, int(churned.sum())) == (7_043, 1_869)
    assert 1 - measured.value == pytest.approx(0.2654, abs=5e-5)


def test_the_fatigue_slope_is_a_logistic_regression() -> None:
    """statsmodels 0.14: Binomial GLM of drops on log2 of the number of exposures."""
    count = np.arange(1, 7)
    risk = np.array([1_000, 900, 780, 640, 500, 380])
    gone = np.array([60, 70, 80, 75, 70, 60])
    glm = sm.GLM(
        np.column_stack((gone, risk - gone)),
        sm.add_constant(np.log2(count)),
        family=sm.families.Binomial(),
    ).fit()
    measured = estimate(fatigue_slope(Exposed(exposures=count, at_risk=risk, dropped=gone), _95))
    assert measured.value == pytest.approx(glm.params[1], rel=1e-8)
    low, high = glm.conf_int()[1]
    assert measured.low == pytest.approx(low, abs=0.02)
    assert measured.high == pytest.approx(high, abs=0.02)


@pytest.mark.parametrize(
    "table", [(3, 20, 11, 20), (1, 100, 8, 50), (0, 5, 0, 9), (4, 4, 0, 3), (120, 400, 150, 420)]
)
def test_fisher_is_that_of_scipy(table: tuple[int, int, int, int]) -> None:
    """scipy.stats.fisher_exact, two-sided."""
    a, n, b, m = table
    oracle = stats.fisher_exact(np.array([[a, n - a], [b, m - b]]))[1]
    assert fisher_exact(Hits(a, n), Hits(b, m)) == pytest.approx(oracle, rel=1e-9)


def test_distances_are_those_of_scipy() -> None:
    """scipy.stats.wasserstein_distance and energy_distance, one session a unit."""
    depths, arms = np.array([1.0, 2.0, 4.0, 9.0]), ([10, 5, 3, 2], [5, 5, 5, 5])
    units = [np.repeat(np.eye(4, dtype=np.int64), arm, axis=0) for arm in arms]
    baseline, candidate = (Sessions(depths=depths, counts=counts) for counts in units)
    found = distances(baseline, candidate, np.random.default_rng(1), permutations=19)
    assert isinstance(found, Distances)
    oracle = stats.wasserstein_distance(depths, depths, *arms)
    assert found.wasserstein == pytest.approx(oracle)
    assert found.energy == pytest.approx(stats.energy_distance(depths, depths, *arms))
