"""Slope, intercept, isotonic curve and parts of Brier's score against other programs."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import logit
from sklearn.isotonic import IsotonicRegression

from shipcall.core import Estimand, Estimate, Tails
from shipcall.stats.clusters import Clusters
from shipcall.stats.isotonic import brier_parts, isotonic_curve
from shipcall.stats.recalibration import (
    intercept_estimate,
    intercept_sample,
    slope_estimate,
    slope_sample,
)
from shipcall.stats.sample import Floats, Ints, Lost, PairSample

TAILS = Tails(0.025, 0.025)


def _games(name: str) -> tuple[Floats, Floats]:
    """Chance of the first team and whether it won, of every game that was not drawn."""
    named = os.environ.get("SHIPCALL_DATA")
    folder = Path(named) if named else Path(__file__).resolve().parents[3] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no data folder {folder}: set SHIPCALL_DATA to run this test")
    with (folder / "calib" / name).open(encoding="utf-8", newline="") as stream:
        rows = [(float(r["prob1"]), float(r["prob1_outcome"])) for r in csv.DictReader(stream)]
    columns = np.array(rows)
    return columns[:, 0], columns[:, 1]


def _made(rows: int = 500) -> tuple[Floats, Floats, Ints]:
    rng = np.random.default_rng(12)
    stated = rng.beta(2, 3, rows)
    won = (rng.random(rows) < 0.15 + 0.6 * stated).astype(float)
    return stated, won, rng.integers(0, 120, rows)


def _fitted(sampled: object, stated: Floats, won: Floats, cluster: Ints) -> PairSample:
    assert callable(sampled)
    sample = sampled(
        stated, won, 1 - stated, won, clusters=Clusters.of(cluster), lost=Lost(), influence=False
    )
    assert isinstance(sample, PairSample)
    return sample


def test_slope_and_its_error_match_a_logistic_regression() -> None:
    """statsmodels Logit of the outcome on [1, log odds], cov_type cluster.

    Its CR1 covariance multiplies by G / (G - 1) * (n - 1) / (n - 2); ours divides each cluster by
    1 - its share of the information, which is 1 / G on average: within 3 %.
    """
    stated, won, cluster = _made()
    sample = _fitted(slope_sample, stated, won, cluster)
    fit = sm.Logit(won, np.column_stack((np.ones(won.size), logit(stated)))).fit(
        disp=False, cov_type="cluster", cov_kwds={"groups": cluster}, tol=1e-12
    )
    assert sample.baseline == pytest.approx(fit.params[1], rel=1e-8)
    assert sample.candidate == pytest.approx(-fit.params[1], rel=1e-8)
    assert sample.var_baseline == pytest.approx(fit.bse[1] ** 2, rel=0.03)
    assert sample.covariance == pytest.approx(-sample.var_baseline, rel=1e-6)


def test_intercept_and_its_error_match_a_regression_with_an_offset() -> None:
    """statsmodels GLM(Binomial) of the outcome on 1, offset the log odds; as above."""
    stated, won, cluster = _made()
    sample = _fitted(intercept_sample, stated, won, cluster)
    fit = sm.GLM(won, np.ones(won.size), family=sm.families.Binomial(), offset=logit(stated)).fit(
        cov_type="cluster", cov_kwds={"groups": cluster}, tol=1e-12
    )
    assert sample.baseline == pytest.approx(fit.params[0], rel=1e-8)
    assert sample.var_baseline == pytest.approx(fit.bse[0] ** 2, rel=0.03)


def test_weighted_slope_and_intercept_match_a_regression_with_weights() -> None:
    """statsmodels GLM(Binomial) with freq_weights: on [1, log odds], and on 1 with the offset.

    Its cluster covariance does not use the weights as ours does, so the errors are compared with
    those of the rows written out as often as they weigh, clusters kept: the same by definition.
    """
    stated, won, cluster = _made()
    weight = np.random.default_rng(5).integers(0, 4, won.size)
    often = np.repeat(np.arange(won.size), weight)
    columns = np.column_stack((np.ones(won.size), logit(stated)))
    binomial = sm.families.Binomial()
    sloped = sm.GLM(won, columns, family=binomial, freq_weights=weight).fit(tol=1e-12)
    shifted = sm.GLM(
        won, np.ones(won.size), family=binomial, offset=logit(stated), freq_weights=weight
    ).fit(tol=1e-12)
    for sampled, value in ((slope_sample, sloped.params[1]), (intercept_sample, shifted.params[0])):
        weighed = sampled(
            stated,
            won,
            1 - stated,
            won,
            weight,
            clusters=Clusters.of(cluster),
            lost=Lost(),
            influence=False,
        )
        written = _fitted(sampled, stated[often], won[often], cluster[often])
        assert weighed.baseline == pytest.approx(value, rel=1e-7)
        for name in ("baseline", "candidate", "var_baseline", "var_candidate", "covariance", "df"):
            wanted = getattr(written, name)
            assert getattr(weighed, name) == pytest.approx(wanted, rel=1e-6), name


@pytest.mark.parametrize(
    ("name", "brier", "calibrated"),
    [("nfl_games.csv", 0.22011, True), ("nhl_games.csv", 0.23126, False)],
)
def test_forecasts_of_games_have_their_published_score(
    name: str, brier: float, *, calibrated: bool
) -> None:
    """DATA.md: Brier .22011 (NFL) and .23126 (NHL), to which the parts add up.

    The slope is that of statsmodels Logit; of hockey it says that forecasts are too modest.
    """
    stated, won = _games(name)
    rows = np.arange(won.size)
    assert ((stated - won) ** 2).mean() == pytest.approx(brier, abs=5e-6)
    rng = np.random.default_rng(1)
    parts = brier_parts(stated, won, stated, won, rows, TAILS, rng)[Estimand.CANDIDATE]
    measured = [one.value for one in parts if isinstance(one, Estimate)]
    assert measured[0] - measured[1] + measured[2] == pytest.approx(brier, abs=5e-6)
    sample = _fitted(slope_sample, stated, won, rows)
    found = slope_estimate(sample, Estimand.BASELINE, TAILS)
    assert isinstance(found, Estimate)
    fit = sm.Logit(won, np.column_stack((np.ones(won.size), logit(stated)))).fit(disp=False)
    assert found.value == pytest.approx(fit.params[1], rel=1e-6)
    assert (found.low < 1 < found.high) == calibrated
    assert calibrated or found.low > 1


@pytest.mark.parametrize("ties", [None, 1])
def test_the_curve_matches_isotonic_regression(ties: int | None) -> None:
    """scikit-learn IsotonicRegression, whose fit at every confidence is ours."""
    stated, won, _ = _made(2_000)
    stated = stated if ties is None else stated.round(ties)
    wanted = IsotonicRegression(out_of_bounds="clip").fit(stated, won).predict(stated)
    steps = isotonic_curve(stated, won)
    edges = np.array([step.high for step in steps])
    got = np.array([step.level for step in steps])[np.searchsorted(edges, stated)]
    assert got == pytest.approx(wanted, abs=1e-12)
    assert sum(step.rows for step in steps) == 2_000
    assert (np.diff([step.level for step in steps]) > 0).all()


def test_parts_of_five_rows_by_hand() -> None:
    """Stated .1 .3 .5 .7 .9, outcomes 0 1 0 1 1, four times over: levels 0 .5 .5 1 1.

    Score (.01 + .49 + .25 + .09 + .01) / 5 = .17; of the curve (.25 + .25) / 5 = .1; of the mean
    .6 * .4 = .24: miscalibration .07, discrimination .14.
    """
    stated, won = np.tile([0.1, 0.3, 0.5, 0.7, 0.9], 4), np.tile([0.0, 1, 0, 1, 1], 4)
    steps = isotonic_curve(stated, won)
    assert [step.level for step in steps] == pytest.approx([0.0, 0.5, 1.0])
    assert [(step.low, step.high, step.rows) for step in steps] == [
        (0.1, 0.1, 4),
        (0.3, 0.5, 8),
        (0.7, 0.9, 8),
    ]
    rng = np.random.default_rng(1)
    parts = brier_parts(stated, won, stated, won, np.arange(20), TAILS, rng)[Estimand.BASELINE]
    values = [one.value for one in parts if isinstance(one, Estimate)]
    assert values == pytest.approx([0.07, 0.14, 0.24])


def test_an_intercept_makes_as_much_happen_as_was_said() -> None:
    """The score equation: stated odds moved by the intercept add up to the outcomes."""
    stated, won, cluster = _made()
    sample = _fitted(intercept_sample, stated, won, cluster)
    found = intercept_estimate(sample, Estimand.BASELINE, TAILS)
    assert isinstance(found, Estimate)
    odds = stated / (1 - stated) * np.exp(found.value)
    assert (odds / (1 + odds)).sum() == pytest.approx(won.sum(), rel=1e-9)
