"""Average precision of two models on the same rows: values, contributions, refusals, levels."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from shipcall.core import Absent, Estimand, Estimate, Measured, Reason, Tails
from shipcall.stats.average_precision import average_precision_estimate, average_precision_sample
from shipcall.stats.sample import Lost, PairSample

Floats = NDArray[np.float64]
TAILS = Tails(0.05, 0.05)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(29)


def _sample(
    label: Floats,
    first: Floats,
    second: Floats,
    cluster: NDArray[np.int64] | None = None,
    weight: Floats | None = None,
    lost: int = 0,
) -> PairSample:
    return average_precision_sample(
        label,
        first,
        second,
        np.ones(label.size) if weight is None else weight,
        np.arange(label.size) if cluster is None else cluster,
        lost=Lost(rows=lost),
        influence=True,
    )


def _drawn(rng: np.random.Generator, positives: int, negatives: int, lost: int = 0) -> PairSample:
    label = np.repeat([1.0, 0.0], [positives, negatives])
    first, second = rng.normal(size=(2, label.size)) + label
    return _sample(label, first, second, lost=lost)


def _reason(measured: Measured) -> Reason:
    assert isinstance(measured, Absent)
    return measured.reason


def test_values_with_ties_and_weights_are_those_of_scikit_learn(rng: np.random.Generator) -> None:
    """scikit-learn: average_precision_score(label, score, sample_weight=weight)."""
    label = rng.integers(0, 2, 300).astype(float)
    first, second = (rng.normal(size=(2, 300)) + label).round(1)
    weight = rng.uniform(0.0, 2.0, 300)
    sample = _sample(label, first, second, weight=weight)
    truth = [average_precision_score(label, s, sample_weight=weight) for s in (first, second)]
    assert sample.baseline == pytest.approx(truth[0], rel=1e-12)
    assert sample.candidate == pytest.approx(truth[1], rel=1e-12)


def test_contributions_are_derivatives_by_the_weight_of_a_row(rng: np.random.Generator) -> None:
    """scikit-learn's value, differentiated numerically by one sample weight at a time.

    A row per cluster: contributions carry the factor 1 / sqrt(1 - share of the positives).
    """
    label = rng.integers(0, 2, 40).astype(float)
    score = (rng.normal(size=40) + label).round(1)
    own = _sample(label, score, -score).influence
    assert own is not None
    step = 1e-6
    for row in range(40):
        weight = np.ones(40)
        weight[row] += step
        up = average_precision_score(label, score, sample_weight=weight)
        weight[row] -= 2 * step
        down = average_precision_score(label, score, sample_weight=weight)
        factor = 1 / np.sqrt(1 - label[row] / label.sum())
        slope = (up - down) / (2 * step)
        assert own.baseline[row] == pytest.approx(slope * factor, abs=1e-7)


def test_optimism_is_what_a_positive_adds_to_its_own_precision() -> None:
    """By hand: scores 4 3 2 1 for 1 0 1 0: precisions 1/1 and 2/3.

    Without the row itself the first is 1/1 as before to first order, as (1 - 1) / 1 is 0; the
    second is lower by (1 - 2/3) / 3 = 1/9; the mean over the positives is 1/18. In one cluster
    with the row above it, the second positive brings (1, 0) into its own precision: it is
    lower by (1 - 2/3 * 2) / 3 = -1/9, and the mean is -1/18.
    """
    label, score = np.array([1.0, 0.0, 1.0, 0.0]), np.array([4.0, 3.0, 2.0, 1.0])
    apart = _sample(label, score, score)
    assert apart.optimism[0] == pytest.approx(1 / 18)
    together = _sample(label, score, score, cluster=np.array([0, 1, 1, 2]))
    assert together.optimism[0] == pytest.approx(-1 / 18)


def test_the_order_of_rows_changes_nothing_but_rounding(rng: np.random.Generator) -> None:
    label = rng.integers(0, 2, 200).astype(float)
    first, second = rng.normal(size=(2, 200)).round(1)
    cluster, moved = rng.integers(0, 40, 200), rng.permutation(200)
    one = _sample(label, first, second, cluster)
    two = _sample(label[moved], first[moved], second[moved], cluster[moved])
    assert one.baseline == pytest.approx(two.baseline, rel=1e-12)
    assert one.covariance == pytest.approx(two.covariance, rel=1e-9)
    assert one.optimism == pytest.approx(two.optimism, rel=1e-9)


def test_rows_written_twice_in_one_cluster_say_no_more_than_once(rng: np.random.Generator) -> None:
    label = rng.integers(0, 2, 200).astype(float)
    first, second = rng.normal(size=(2, 200)) + label
    twice = np.repeat(np.arange(200), 2)
    one = _sample(label, first, second)
    two = _sample(label[twice], first[twice], second[twice], twice)
    assert two.var_baseline == pytest.approx(one.var_baseline, rel=1e-9)
    assert two.df == pytest.approx(one.df)


def test_one_negative_row_that_outweighs_all_others_leaves_nothing_to_measure(
    rng: np.random.Generator,
) -> None:
    """Every precision below it is what that one row says, however many positives there are."""
    label = np.repeat([1.0, 0.0], [30, 30])
    first, second = rng.normal(size=(2, 60)) + label
    weight = np.where(np.arange(60) == 59, 1e9, 1.0)
    sample = _sample(label, first, second, weight=weight)
    assert sample.df < 1e-6
    for estimand in (Estimand.CANDIDATE, Estimand.DIFFERENCE):
        measured = average_precision_estimate(sample, estimand, TAILS)
        assert _reason(measured) is Reason.TOO_FEW_EVENTS


@pytest.mark.parametrize("estimand", [Estimand.DIFFERENCE, Estimand.RELATIVE, Estimand.CANDIDATE])
def test_lost_rows_leave_no_data(rng: np.random.Generator, estimand: Estimand) -> None:
    sample = _drawn(rng, 50, 50, lost=1)
    assert _reason(average_precision_estimate(sample, estimand, TAILS)) is Reason.ROWS_MISSING


@pytest.mark.parametrize(
    ("positives", "negatives", "why"),
    [
        (0, 0, Reason.NO_ROWS),
        (0, 50, Reason.ONE_CLASS),
        (50, 0, Reason.ONE_CLASS),
        (19, 500, Reason.TOO_FEW_EVENTS),
    ],
)
def test_too_little_of_a_class_is_no_data(
    rng: np.random.Generator, positives: int, negatives: int, why: Reason
) -> None:
    sample = _drawn(rng, positives, negatives)
    for estimand in (Estimand.CANDIDATE, Estimand.DIFFERENCE):
        assert _reason(average_precision_estimate(sample, estimand, TAILS)) is why


def test_a_model_without_errors_cannot_be_measured(rng: np.random.Generator) -> None:
    label = np.repeat([1.0, 0.0], 40)
    sample = _sample(label, rng.normal(size=80) + label, label)
    assert sample.candidate == 1.0
    for estimand in (Estimand.CANDIDATE, Estimand.DIFFERENCE, Estimand.RELATIVE):
        measured = average_precision_estimate(sample, estimand, TAILS)
        assert _reason(measured) is Reason.CONSTANT


def test_the_same_order_of_rows_has_no_difference_to_measure(rng: np.random.Generator) -> None:
    label = np.repeat([1.0, 0.0], 40)
    score = rng.normal(size=80) + label
    sample = _sample(label, score, np.exp(score))
    measured = average_precision_estimate(sample, Estimand.DIFFERENCE, TAILS)
    assert _reason(measured) is Reason.CONSTANT


def test_a_count_is_no_estimand_of_an_average_precision(rng: np.random.Generator) -> None:
    measured = average_precision_estimate(_drawn(rng, 50, 50), Estimand.COUNT, TAILS)
    assert _reason(measured) is Reason.NOT_MEASURABLE


@pytest.mark.parametrize(
    "broken",
    [{"label": [0.5]}, {"first": [np.nan]}, {"weight": [-1.0]}, {"cluster": [0, 1]}],
)
def test_columns_that_make_no_sense_are_refused(broken: dict[str, list[float]]) -> None:
    columns = {"label": [1.0], "first": [0.0], "weight": [1.0], "cluster": [0]} | broken
    label, first, weight = (np.array(columns[name]) for name in ("label", "first", "weight"))
    with pytest.raises(ValueError, match=r"label|NaN|weight"):
        _sample(label, first, np.zeros(1), np.array(columns["cluster"], dtype=np.int64), weight)


def _truth(positives: float, shift: float) -> float:
    """By the definition: the mean over positives of p F1(s) / (p F1(s) + (1 - p) F0(s)).

    Scores are normal with the mean `shift` for positives; the integral by the trapezoid rule.
    """
    from scipy import stats  # noqa: PLC0415 - an oracle

    s = np.linspace(-8, 8 + shift, 40_001)
    found, alarmed = stats.norm.sf(s - shift), stats.norm.sf(s)
    precision = positives * found / (positives * found + (1 - positives) * alarmed)
    return float(np.trapezoid(precision * stats.norm.pdf(s - shift), s))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rows", "share", "shifts", "each", "alike"),
    [
        (150, 0.2, (1.0, 1.0), 1, 0.0),
        (1500, 0.02, (1.0, 2.5), 1, 0.0),
        (400, 0.1, (3.0, 3.0), 1, 0.0),
        (300, 0.2, (2.0, 2.0), 5, 0.8),
    ],
)
def test_ends_miss_no_more_often_than_a_third_above_their_level(
    rng: np.random.Generator,
    rows: int,
    share: float,
    shifts: tuple[float, float],
    each: int,
    alike: float,
) -> None:
    """500 tables of independent or clustered rows; at a true rate of 0.065, 46 misses are rare."""
    truths = [_truth(share, shift) for shift in shifts]
    wanted = {
        Estimand.CANDIDATE: truths[1],
        Estimand.DIFFERENCE: truths[1] - truths[0],
        Estimand.RELATIVE: truths[1] / truths[0] - 1,
    }
    missed = dict.fromkeys(((e, side) for e in wanted for side in ("low", "high")), 0)
    cluster, measured = np.repeat(np.arange(rows // each), each), 0
    for _ in range(500):
        label = (rng.random(rows) < share).astype(float)
        common = np.sqrt(alike) * np.repeat(rng.normal(size=rows // each), each)
        base = np.sqrt(0.5) * (common + np.sqrt(1 - alike) * rng.normal(size=rows))
        first, second = (
            base + np.sqrt(0.5) * rng.normal(size=rows) + shift * label for shift in shifts
        )
        sample = _sample(label, first, second, cluster)
        for estimand, truth in wanted.items():
            one = average_precision_estimate(sample, estimand, TAILS)
            if isinstance(one, Estimate):
                measured += 1
                missed[estimand, "low"] += truth < one.low
                missed[estimand, "high"] += truth > one.high
    assert measured > 1400
    assert max(missed.values()) <= 46, missed
