"""Isotonic curve, its band, parts of Brier's score: shape, refusals, promised rates."""

import numpy as np
import pytest
from scipy.special import expit, logit

from shipcall.core import Absent, Estimand, Estimate, Reason, Tails
from shipcall.stats.isotonic import brier_parts, isotonic_band, isotonic_curve
from shipcall.stats.sample import Floats

TAILS = Tails(0.05, 0.05)


def _drawn(rng: np.random.Generator, rows: int, slope: float = 1.6) -> tuple[Floats, Floats]:
    odds = 1.5 * rng.standard_normal(rows)
    return expit(slope * odds), (rng.random(rows) < expit(odds)).astype(float)


def test_no_rows_have_no_curve() -> None:
    assert isotonic_curve([], []) == []


def test_outcomes_that_only_fall_make_one_level() -> None:
    (step,) = isotonic_curve([0.1, 0.5, 0.9], [1, 1, 0])
    assert (step.low, step.high, step.rows) == (0.1, 0.9, 3)
    assert step.level == pytest.approx(2 / 3)


def test_the_band_never_falls_and_is_open_at_both_ends() -> None:
    stated, happened = _drawn(np.random.default_rng(1), 800)
    band = isotonic_band(stated, happened, np.arange(800), TAILS)
    least, most = ([getattr(one, end) for one in band] for end in ("least", "most"))
    assert (np.diff(least) >= 0).all()
    assert (np.diff(most) >= 0).all()
    assert (least[0], most[-1]) == (0.0, 1.0)
    assert all(one.least < one.most for one in band)
    assert [one.high for one in band[:-1]] == [one.low for one in band[1:]]


def test_rows_of_one_cluster_widen_the_band() -> None:
    stated, happened = _drawn(np.random.default_rng(2), 300)
    stated, happened = np.repeat(stated, 5), np.repeat(happened, 5)
    apart = isotonic_band(stated, happened, np.arange(1_500), TAILS)
    together = isotonic_band(stated, happened, np.repeat(np.arange(300), 5), TAILS)
    widths = [np.mean([one.most - one.least for one in band]) for band in (apart, together)]
    assert widths[1] > 1.3 * widths[0]


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_a_confidence_outside_its_range_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match=r"outside \[0, 1\]"):
        isotonic_curve([0.5, value], [0, 1])


def test_columns_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="2 confidences for 3 outcomes"):
        isotonic_curve([0.5, 0.4], [0, 1, 1])


def test_nineteen_clusters_are_too_few_for_parts() -> None:
    rng = np.random.default_rng(3)
    stated, happened = _drawn(rng, 190)
    found = brier_parts(stated, happened, stated, happened, np.arange(190) % 19, TAILS, rng)
    for parts in found.values():
        for part in parts:
            assert isinstance(part, Absent)
            assert part.reason is Reason.TOO_FEW_CLUSTERS


def test_the_same_seed_gives_the_same_parts() -> None:
    stated, happened = _drawn(np.random.default_rng(4), 300)
    seeds = (np.random.default_rng(5), np.random.default_rng(5))
    one, two = (
        brier_parts(stated, happened, stated**2, happened, np.arange(300), TAILS, seed)
        for seed in seeds
    )
    assert one == two


def test_constant_rows_are_no_pass() -> None:
    """All right, said as certain: the score is 0, and how far it could be off stays open."""
    ones, rng = np.ones(50), np.random.default_rng(6)
    found = brier_parts(ones, ones, ones, ones, np.arange(50), TAILS, rng)
    worst = found[Estimand.CANDIDATE].miscalibration
    assert isinstance(worst, Absent) or worst.high > 0.05


@pytest.mark.slow
@pytest.mark.parametrize("slope", [1.0, 1.6])
def test_parts_of_the_score_are_covered(slope: float) -> None:
    """400 rows, 80 draws, 5 % a side, + 3 errors; truths by the true curve on 400,000 rows."""
    rng = np.random.default_rng(7)
    stated, _ = _drawn(rng, 400_000, slope)
    true = expit(logit(stated) / slope)
    truths = (np.mean((stated - true) ** 2), np.mean((true - 0.5) ** 2))
    misses, runs = np.zeros((2, 2)), 80
    for _ in range(runs):
        stated, happened = _drawn(rng, 400, slope)
        found = brier_parts(stated, happened, stated, happened, np.arange(400), TAILS, rng)
        for part, (measured, truth) in enumerate(
            zip(found[Estimand.BASELINE], truths, strict=False)
        ):
            assert isinstance(measured, Estimate)
            misses[part] += (measured.low > truth, measured.high < truth)
    assert (misses / runs <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)).all(), misses / runs


@pytest.mark.slow
def test_the_band_holds_the_whole_curve() -> None:
    """300 rows, 150 draws; each side may fail in 5 of 100, + 3 errors."""
    rng = np.random.default_rng(8)
    grid = np.linspace(0.005, 0.995, 200)
    true = expit(logit(grid) / 1.6)
    misses, runs = np.zeros(2), 150
    for _ in range(runs):
        stated, happened = _drawn(rng, 300)
        band = isotonic_band(stated, happened, np.arange(300), TAILS)
        place = np.searchsorted([one.high for one in band[:-1]], grid)
        least = np.array([one.least for one in band])[place]
        most = np.array([one.most for one in band])[place]
        misses += ((least > true).any(), (most < true).any())
    assert (misses / runs <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)).all(), misses / runs
