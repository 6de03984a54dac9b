import numpy as np
import pytest
from scipy import stats

from shipcall.core import Absent, Estimate, Tails
from shipcall.stats.calibration import width_edges
from shipcall.stats.reliability import reliability, spread

TAILS = Tails(0.025, 0.025)


def test_a_bin_holds_the_clopper_pearson_interval_of_its_rows() -> None:
    """scipy: binomtest(k, n).proportion_ci(0.95, method="exact"), one row per cluster."""
    stated = np.array([0.1] * 20 + [0.9] * 30)
    happened = np.array([1.0] * 3 + [0.0] * 17 + [1.0] * 25 + [0.0] * 5)
    low, high = reliability(stated, happened, np.arange(50), width_edges(2), TAILS)
    for one, hits, rows, mean in ((low, 3, 20, 0.1), (high, 25, 30, 0.9)):
        wanted = stats.binomtest(hits, rows).proportion_ci(0.95, method="exact")
        assert isinstance(one.outcome, Estimate)
        assert one.rows == rows
        assert one.confidence == pytest.approx(mean)
        assert one.outcome.value == pytest.approx(hits / rows)
        assert (one.outcome.low, one.outcome.high) == pytest.approx(tuple(wanted), rel=1e-6)


def test_a_bin_without_rows_has_no_estimate() -> None:
    stated, happened = np.full(30, 0.9), np.ones(30)
    empty, full = reliability(stated, happened, np.arange(30), width_edges(2), TAILS)
    assert (empty.rows, empty.confidence) == (0, None)
    assert isinstance(empty.outcome, Absent)
    assert full.rows == 30


def test_rows_of_one_cluster_widen_the_interval() -> None:
    rng = np.random.default_rng(4)
    happened = np.repeat((rng.random(40) < 0.5).astype(float), 5)
    stated = np.full(200, 0.5)
    (apart,) = reliability(stated, happened, np.arange(200), width_edges(1), TAILS)
    (together,) = reliability(stated, happened, np.repeat(np.arange(40), 5), width_edges(1), TAILS)
    assert isinstance(apart.outcome, Estimate)
    assert isinstance(together.outcome, Estimate)
    assert (apart.outcome.n, together.outcome.n) == (200, 40)
    assert together.outcome.high - together.outcome.low > 1.8 * (
        apart.outcome.high - apart.outcome.low
    )


def test_every_row_is_counted_in_one_cell() -> None:
    """By hand: cells of 0.5; 0.5 belongs to the first, 0 too, 1 to the second."""
    assert spread([0.0, 0.5, 0.50001, 1.0], 2) == [2, 2]
