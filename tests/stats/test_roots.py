"""Roots of means of squares: values, slopes, refusals, levels."""

import numpy as np
import pytest
from numpy.typing import NDArray

from shipcall.core import Absent, Estimand, Estimate, Measured, Reason, Tails
from shipcall.stats.clusters import Clusters
from shipcall.stats.means import pair_estimate
from shipcall.stats.moments import pair_sample
from shipcall.stats.roots import root_estimate, root_sample, squares_of
from shipcall.stats.sample import Lost, PairSample

Floats = NDArray[np.float64]
TAILS = Tails(0.05, 0.05)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(29)


def _squares(
    baseline: Floats,
    candidate: Floats,
    *,
    each: int = 1,
    limits: tuple[float, float] | None = (0.0, 25.0),
    lost: Lost | None = None,
) -> PairSample:
    ones, rows = np.ones(baseline.size), baseline.size
    clusters = Clusters.of(np.repeat(np.arange(rows // each), each))
    return pair_sample(
        baseline**2,
        ones,
        candidate**2,
        ones,
        clusters,
        range=limits,
        influence=True,
        lost=lost or Lost(),
    )


def _reason(measured: Measured) -> Reason:
    assert isinstance(measured, Absent)
    return measured.reason


def _ends(measured: Measured) -> tuple[float, float, float]:
    assert isinstance(measured, Estimate)
    return measured.value, measured.low, measured.high


def test_values_and_variances_are_those_of_the_delta_method() -> None:
    """By hand: errors 3 and 4 give the root of 12.5; var(r) = var(m) / (4 m), m the mean."""
    squares = _squares(np.array([3.0, 4.0, 3.0, 4.0]), np.array([1.0, 2.0, 2.0, 1.0]))
    roots = root_sample(squares)
    assert roots.baseline == pytest.approx(12.5**0.5)
    assert roots.candidate == pytest.approx(2.5**0.5)
    assert roots.var_baseline == pytest.approx(squares.var_baseline / (4 * 12.5))
    assert roots.range == (0.0, 5.0)
    assert roots.influence is not None
    assert roots.var_candidate == pytest.approx(float(np.sum(roots.influence.candidate**2)))


def test_roots_are_undone(rng: np.random.Generator) -> None:
    squares = _squares(rng.normal(size=30), rng.normal(size=30), lost=Lost(rows=2, range=(0, 9)))
    back = squares_of(root_sample(squares))
    assert back.baseline == pytest.approx(squares.baseline)
    assert back.covariance == pytest.approx(squares.covariance)
    assert back.lost == squares.lost
    assert back.range == squares.range


def test_ends_of_one_model_hold_the_roots_of_the_ends_of_squares(
    rng: np.random.Generator,
) -> None:
    squares = _squares(rng.normal(size=40), rng.normal(size=40))
    for estimand in (Estimand.CANDIDATE, Estimand.BASELINE):
        plain = np.sqrt(_ends(pair_estimate(squares, estimand, TAILS)))
        value, low, high = _ends(root_estimate(root_sample(squares), estimand, TAILS))
        assert value == pytest.approx(plain[0])
        assert low <= plain[1] + 1e-12
        assert high >= plain[2] - 1e-12


def test_a_relative_change_holds_the_root_of_that_of_squares(rng: np.random.Generator) -> None:
    squares = _squares(rng.normal(size=400), rng.normal(size=400))
    plain = np.sqrt(1 + np.array(_ends(pair_estimate(squares, Estimand.RELATIVE, TAILS)))) - 1
    value, low, high = _ends(root_estimate(root_sample(squares), Estimand.RELATIVE, TAILS))
    assert value == pytest.approx(plain[0])
    assert low <= plain[1] + 1e-12
    assert high >= plain[2] - 1e-12


def test_a_typical_error_of_normal_errors_is_known_as_well_as_its_chi_square_law_says(
    rng: np.random.Generator,
) -> None:
    """Exact for normal errors: n r^2 / sigma^2 is chi-square with n degrees of freedom.

    scipy.stats.chi2.ppf at 0.05 and 0.95 for n = 2,000; ours are no more than a fifth wider.
    """
    from scipy import stats  # noqa: PLC0415 - an oracle

    errors = rng.normal(size=2000)
    sample = root_sample(_squares(errors, -errors, limits=None))
    value, low, high = _ends(root_estimate(sample, Estimand.BASELINE, TAILS))
    exact = [value * np.sqrt(2000 / stats.chi2.ppf(p, 2000)) for p in (0.95, 0.05)]
    assert 0.8 * (value - exact[0]) < value - low < 1.2 * (value - exact[0])
    assert 0.8 * (exact[1] - value) < high - value < 1.2 * (exact[1] - value)


@pytest.mark.parametrize("estimand", [Estimand.CANDIDATE, Estimand.DIFFERENCE, Estimand.RELATIVE])
def test_a_model_without_any_error_is_no_data(rng: np.random.Generator, estimand: Estimand) -> None:
    sample = root_sample(_squares(rng.normal(size=30), np.zeros(30)))
    assert sample.candidate == 0.0
    assert _reason(root_estimate(sample, estimand, TAILS)) is Reason.CONSTANT


def test_no_rows_are_no_data() -> None:
    sample = root_sample(_squares(np.empty(0), np.empty(0)))
    for estimand in (Estimand.CANDIDATE, Estimand.DIFFERENCE):
        assert _reason(root_estimate(sample, estimand, TAILS)) is Reason.NO_ROWS


def test_lost_rows_without_a_range_are_no_data(rng: np.random.Generator) -> None:
    errors = rng.normal(size=30)
    sample = root_sample(_squares(errors, -2 * errors, lost=Lost(rows=1)))
    for estimand in (Estimand.CANDIDATE, Estimand.DIFFERENCE):
        assert _reason(root_estimate(sample, estimand, TAILS)) is Reason.ROWS_MISSING


@pytest.mark.slow
@pytest.mark.parametrize(
    ("law", "rows", "scale", "each"),
    [("normal", 20, 1.0, 1), ("normal", 150, 1.2, 5), ("laplace", 60, 0.8, 1)],
)
def test_ends_hold_their_level(
    rng: np.random.Generator, law: str, rows: int, scale: float, each: int
) -> None:
    """1,000 tables; at a true rate of 0.05, 73 misses of one end or more come once in 1,000."""

    def drawn(size: int) -> Floats:
        found: Floats = rng.laplace(size=size) if law == "laplace" else rng.normal(size=size)
        return found / (np.sqrt(2) if law == "laplace" else 1.0)

    wanted = {
        Estimand.CANDIDATE: scale,
        Estimand.DIFFERENCE: scale - 1,
        Estimand.RELATIVE: scale - 1,
    }
    missed, measured = dict.fromkeys(((e, s) for e in wanted for s in ("low", "high")), 0), 0
    for _ in range(1000):
        common = np.repeat(drawn(rows // each), each)
        errors = common if each == 1 else np.sqrt(0.5) * (common + drawn(rows))
        other = drawn(rows)
        moved = scale * (0.8 * errors + 0.6 * other)
        sample = root_sample(_squares(errors, moved, each=each, limits=None))
        for estimand, truth in wanted.items():
            one = root_estimate(sample, estimand, TAILS)
            if isinstance(one, Estimate):
                measured += 1
                missed[estimand, "low"] += truth < one.low
                missed[estimand, "high"] += truth > one.high
    assert measured > 2700
    assert max(missed.values()) < 73, missed
