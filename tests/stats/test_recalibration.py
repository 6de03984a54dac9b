"""Slope and intercept of recalibration: refusals, edges, promised rates."""

import numpy as np
import pytest
from scipy.special import expit

from shipcall.core import Absent, Estimand, Estimate, Measured, Reason, Tails
from shipcall.stats.clusters import Clusters
from shipcall.stats.recalibration import (
    MIN_EVENTS,
    intercept_estimate,
    intercept_sample,
    slope_estimate,
    slope_sample,
)
from shipcall.stats.sample import Floats, Ints, Lost, PairSample

TAILS = Tails(0.05, 0.05)


def _sample(
    stated: Floats, happened: Floats, cluster: Ints | None = None, *, lost: int = 0
) -> PairSample:
    clusters = Clusters.singles(stated.size) if cluster is None else Clusters.of(cluster)
    return slope_sample(
        stated, happened, 0.5 * stated, happened, clusters=clusters, lost=Lost(rows=lost),
        influence=True,
    )  # fmt: skip


def _drawn(rng: np.random.Generator, rows: int, mean: float = 0.0) -> tuple[Floats, Floats]:
    odds = mean + 1.5 * rng.standard_normal(rows)
    return expit(1.5 * odds), (rng.random(rows) < expit(odds)).astype(float)


def _reason(measured: Measured) -> Reason | None:
    return measured.reason if isinstance(measured, Absent) else None


def test_lost_rows_leave_no_slope() -> None:
    sample = _sample(*_drawn(np.random.default_rng(1), 300), lost=1)
    for estimate in (slope_estimate, intercept_estimate):
        assert _reason(estimate(sample, Estimand.CANDIDATE, TAILS)) is Reason.ROWS_MISSING


def test_one_outcome_has_no_slope() -> None:
    stated = np.linspace(0.1, 0.9, 300)
    for happened in (np.zeros(300), np.ones(300)):
        measured = slope_estimate(_sample(stated, happened), Estimand.CANDIDATE, TAILS)
        assert _reason(measured) is Reason.ONE_CLASS


def test_no_rows_have_no_slope() -> None:
    sample = _sample(np.zeros(0), np.zeros(0))
    assert _reason(slope_estimate(sample, Estimand.CANDIDATE, TAILS)) is Reason.NO_ROWS


def test_a_model_that_is_never_wrong_has_no_finite_slope() -> None:
    happened = np.repeat([0.0, 1.0], 100)
    stated = np.where(happened > 0, 0.9, 0.2)
    measured = slope_estimate(_sample(stated, happened), Estimand.BASELINE, TAILS)
    assert _reason(measured) is Reason.UNDEFINED


def test_one_confidence_has_no_slope() -> None:
    happened = np.tile([0.0, 1.0], 100)
    measured = slope_estimate(_sample(np.full(200, 0.7), happened), Estimand.BASELINE, TAILS)
    assert _reason(measured) is Reason.UNDEFINED


def test_few_events_are_no_data_however_many_rows_there_are() -> None:
    rng = np.random.default_rng(3)
    happened = np.zeros(5_000)
    happened[: MIN_EVENTS - 1] = 1.0
    stated = rng.beta(1, 50, 5_000)
    measured = slope_estimate(_sample(stated, happened), Estimand.BASELINE, TAILS)
    assert _reason(measured) is Reason.TOO_FEW_EVENTS


def test_events_of_one_cluster_count_once() -> None:
    stated, happened = _drawn(np.random.default_rng(4), 600)
    measured = slope_estimate(
        _sample(stated, happened, np.arange(600) // 60), Estimand.BASELINE, TAILS
    )
    assert _reason(measured) is Reason.TOO_FEW_EVENTS


@pytest.mark.parametrize("estimand", [Estimand.RELATIVE, Estimand.COUNT])
def test_a_ratio_of_slopes_is_not_offered(estimand: Estimand) -> None:
    sample = _sample(*_drawn(np.random.default_rng(1), 300))
    assert _reason(slope_estimate(sample, estimand, TAILS)) is Reason.NOT_MEASURABLE


def test_the_same_model_twice_has_no_difference_to_measure() -> None:
    stated, happened = _drawn(np.random.default_rng(1), 300)
    rows = Clusters.singles(300)
    sample = slope_sample(
        stated, happened, stated, happened, clusters=rows, lost=Lost(), influence=False
    )
    assert _reason(slope_estimate(sample, Estimand.DIFFERENCE, TAILS)) is Reason.CONSTANT


def test_certain_answers_have_finite_log_odds() -> None:
    stated, happened = _drawn(np.random.default_rng(5), 400)
    stated[:40] = happened[:40]
    stated[40] = 1.0 - happened[40]
    measured = slope_estimate(_sample(stated, happened), Estimand.BASELINE, TAILS)
    assert isinstance(measured, Estimate)
    assert 0 < measured.low < measured.high < 1


def test_contributions_make_the_variance() -> None:
    sample = _sample(*_drawn(np.random.default_rng(6), 300), np.arange(300) // 3)
    assert sample.influence is not None
    assert (sample.influence.candidate**2).sum() == pytest.approx(sample.var_candidate)


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_a_confidence_outside_its_range_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match=r"outside \[0, 1\]"):
        _sample(np.array([0.5, value]), np.array([0.0, 1.0]))


def test_columns_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="3 codes, 3 and 2 values"):
        _sample(np.array([0.5, 0.4, 0.3]), np.array([0.0, 1.0]))


@pytest.mark.slow
@pytest.mark.parametrize(("rows", "mean"), [(150, 0.0), (1_000, -3.5)])
def test_slope_and_intercept_are_covered(rows: int, mean: float) -> None:
    """Slope 1 / 1.5, two models on the same rows, 250 draws, 5 % a side, + 3 standard errors.

    The second model sees the log odds through noise of sd 0.5; its truth is that of 200,000 rows.
    """
    rng = np.random.default_rng(7)

    def drawn(size: int) -> tuple[Floats, Floats, Floats]:
        odds = mean + 1.5 * rng.standard_normal(size)
        seen = expit(odds + 0.5 * rng.standard_normal(size))
        return expit(1.5 * odds), seen, (rng.random(size) < expit(odds)).astype(float)

    ways = ((slope_sample, slope_estimate), (intercept_sample, intercept_estimate))
    truths = []
    first, second, happened = drawn(200_000)
    for sampled, _ in ways:
        whole = sampled(
            first, happened, second, happened, clusters=Clusters.singles(200_000), lost=Lost(),
            influence=False,
        )  # fmt: skip
        assert whole.baseline is not None
        assert whole.candidate is not None
        truths.append((whole.baseline, whole.candidate - whole.baseline))
    misses, runs = np.zeros((2, 2, 2)), 250
    for _ in range(runs):
        first, second, happened = drawn(rows)
        for way, (sampled, estimate) in enumerate(ways):
            sample = sampled(
                first, happened, second, happened, clusters=Clusters.singles(rows), lost=Lost(),
                influence=False,
            )  # fmt: skip
            for what, estimand in enumerate((Estimand.BASELINE, Estimand.DIFFERENCE)):
                measured = estimate(sample, estimand, TAILS)
                if isinstance(measured, Estimate):
                    true = truths[way][what]
                    misses[way, what] += (measured.low > true, measured.high < true)
    assert (misses / runs <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)).all(), misses / runs


@pytest.mark.parametrize("weight", [[-1.0, 1.0], [1.0], [float("nan"), 1.0]])
def test_weights_that_weigh_nothing_real_are_refused(weight: list[float]) -> None:
    said = np.array([0.2, 0.8])
    clusters = Clusters.singles(2)
    with pytest.raises(ValueError, match="weight"):
        slope_sample(
            said, said, said, said, weight, clusters=clusters, lost=Lost(), influence=False
        )


def test_rows_that_weigh_nothing_do_not_make_a_slope() -> None:
    """The only rows with the other outcome weigh nothing: one outcome is left."""
    stated = np.linspace(0.1, 0.9, 200)
    happened = (np.arange(200) % 2).astype(float)
    sample = slope_sample(
        stated,
        happened,
        stated,
        happened,
        happened,
        clusters=Clusters.singles(200),
        lost=Lost(),
        influence=False,
    )
    assert _reason(slope_estimate(sample, Estimand.CANDIDATE, TAILS)) is Reason.ONE_CLASS
