"""Means over classes: values, covariance, refusals, levels."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from shipcall.core import Absent, Estimand, Estimate, Measured, Reason, Tails
from shipcall.stats.balanced import balanced_estimate, balanced_sample
from shipcall.stats.clusters import Clusters
from shipcall.stats.pairs import paired_difference
from shipcall.stats.proportions import clopper_pearson
from shipcall.stats.sample import Crosstab, Lost, PairSample

Floats = NDArray[np.float64]
TAILS = Tails(0.05, 0.05)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(29)


def _sample(
    label: Sequence[float] | Floats,
    baseline: Sequence[float] | Floats,
    candidate: Sequence[float] | Floats,
    *,
    cluster: NDArray[np.int64] | None = None,
    classes: int = 2,
    lost: int = 0,
) -> PairSample:
    ones = np.ones(len(label))
    codes = np.arange(len(label)) if cluster is None else cluster
    return balanced_sample(
        label,
        baseline,
        ones,
        candidate,
        ones,
        Clusters.of(codes),
        classes=classes,
        lost=Lost(rows=lost, range=(0.0, 1.0)),
        influence=True,
    )


def _estimate(measured: Measured) -> Estimate:
    assert isinstance(measured, Estimate)
    return measured


def _reason(measured: Measured) -> Reason:
    assert isinstance(measured, Absent)
    return measured.reason


LABEL = np.repeat([0.0, 1.0], [40, 10])
OLD = np.concatenate([np.repeat([1.0, 0.0], [36, 4]), np.repeat([1.0, 0.0], [5, 5])])
NEW = np.concatenate([np.repeat([1.0, 0.0], [38, 2]), np.repeat([1.0, 0.0], [7, 3])])


def test_each_class_counts_alike() -> None:
    """By hand: (36/40 + 5/10) / 2 and (38/40 + 7/10) / 2."""
    sample = _sample(LABEL, OLD, NEW)
    assert sample.baseline == pytest.approx(0.7)
    assert sample.candidate == pytest.approx(0.825)


def test_the_variance_is_a_quarter_of_the_sum_of_both_classes() -> None:
    """By hand, rows independent: p (1 - p) / (n - 1) per class, over 4."""
    sample = _sample(LABEL, OLD, NEW)
    hand = (0.9 * 0.1 / 39 + 0.5 * 0.5 / 9) / 4
    assert sample.var_baseline == pytest.approx(hand, rel=1e-9)
    assert sample.df == pytest.approx(9)


def test_clusters_with_rows_of_both_classes_carry_their_covariance(
    rng: np.random.Generator,
) -> None:
    """By hand: with a row of each class in every cluster the value is a mean over clusters.

    The contribution of a cluster is then the mean of its two rows, so the variance is the usual
    one of a mean of 100 values.
    """
    both = rng.integers(0, 2, (100, 2)).astype(float)
    both[:60, 1] = both[:60, 0]
    label, cluster = np.tile([0.0, 1.0], 100), np.repeat(np.arange(100), 2)
    sample = _sample(label, both.ravel(), 1 - both.ravel(), cluster=cluster)
    assert sample.baseline == pytest.approx(float(both.mean()))
    hand = float(both.mean(axis=1).var(ddof=1)) / 100
    assert sample.var_baseline == pytest.approx(hand, rel=1e-9)
    joined = _estimate(balanced_estimate(sample, Estimand.BASELINE, TAILS))
    apart = _sample(label, both.ravel(), 1 - both.ravel())
    narrow = _estimate(balanced_estimate(apart, Estimand.BASELINE, TAILS))
    assert joined.high - joined.low > narrow.high - narrow.low


def test_ends_join_the_exact_ends_of_the_classes() -> None:
    """Zou & Donner 2008: the distances of the classes' ends, joined as independent errors.

    Clopper-Pearson ends of 38/40 and 7/10, and exact paired ends for the difference.
    """
    sample = _sample(LABEL, OLD, NEW)
    parts = [_estimate(clopper_pearson(38, 40, TAILS)), _estimate(clopper_pearson(7, 10, TAILS))]
    below = math.hypot(*(part.value - part.low for part in parts)) / 2
    above = math.hypot(*(part.high - part.value for part in parts)) / 2
    own = _estimate(balanced_estimate(sample, Estimand.CANDIDATE, TAILS))
    assert (own.low, own.high) == pytest.approx((0.825 - below, min(0.825 + above, 1.0)))
    tables = [
        Crosstab(both=36, only_baseline=0, only_candidate=2, neither=2),
        Crosstab(both=5, only_baseline=0, only_candidate=2, neither=3),
    ]
    pairs = [_estimate(paired_difference(one, TAILS)) for one in tables]
    gain = _estimate(balanced_estimate(sample, Estimand.DIFFERENCE, TAILS))
    assert gain.value == pytest.approx(0.125)
    assert gain.low == pytest.approx(
        0.125 - math.hypot(*(one.value - one.low for one in pairs)) / 2
    )
    assert gain.high == pytest.approx(
        0.125 + math.hypot(*(one.high - one.value for one in pairs)) / 2
    )


def test_a_rare_class_without_an_error_is_not_taken_for_perfect() -> None:
    """By hand: 10 of 10 right leave room down to 0.05 ** (1 / 10) = 0.741 in that class."""
    right = np.concatenate([np.repeat([1.0, 0.0], [900, 90]), np.ones(10)])
    label = np.repeat([0.0, 1.0], [990, 10])
    sample = _sample(label, right, right[::-1])
    own = _estimate(balanced_estimate(sample, Estimand.BASELINE, TAILS))
    assert own.value - own.low > (1 - 0.05 ** (1 / 10)) / 2


def test_a_relative_change_is_bounded_by_its_parts() -> None:
    sample = _sample(LABEL, OLD, NEW)
    relative = _estimate(balanced_estimate(sample, Estimand.RELATIVE, TAILS))
    assert relative.value == pytest.approx(0.825 / 0.7 - 1)
    assert -1 <= relative.low < relative.value < relative.high


def test_a_baseline_that_may_be_zero_has_no_relative_change() -> None:
    sample = _sample([0.0, 0.0, 1.0, 1.0], [0, 0, 0, 0], [1, 1, 1, 0])
    measured = balanced_estimate(sample, Estimand.RELATIVE, TAILS)
    assert _reason(measured) is Reason.BASELINE_NEAR_ZERO


def test_a_class_without_a_row_is_no_data() -> None:
    sample = _sample(np.zeros(20), np.tile([0.0, 1.0], 10), np.ones(20))
    assert sample.baseline is None
    for estimand in (Estimand.CANDIDATE, Estimand.DIFFERENCE, Estimand.RELATIVE):
        assert _reason(balanced_estimate(sample, estimand, TAILS)) is Reason.ONE_CLASS


def test_a_class_with_one_row_is_no_data() -> None:
    label = np.repeat([0.0, 1.0], [20, 1])
    sample = _sample(label, np.tile([0.0, 1.0, 1.0], 7), np.ones(21))
    measured = balanced_estimate(sample, Estimand.DIFFERENCE, TAILS)
    assert _reason(measured) is Reason.TOO_FEW_CLUSTERS


def test_no_rows_are_no_data() -> None:
    sample = _sample([], [], [])
    assert _reason(balanced_estimate(sample, Estimand.DIFFERENCE, TAILS)) is Reason.NO_ROWS


@pytest.mark.parametrize("label", [[0.0, 2.0], [0.0, 0.5], [-1.0, 0.0], [np.nan, 0.0]])
def test_labels_are_the_numbers_of_the_classes(label: list[float]) -> None:
    with pytest.raises(ValueError, match="none of the numbers 0 to 1"):
        _sample(label, [0.0, 1.0], [1.0, 1.0])


def test_columns_have_one_length() -> None:
    with pytest.raises(ValueError, match="1 labels for 2 rows"):
        balanced_sample(
            [0.0],
            [1.0, 1.0],
            [1.0, 1.0],
            [1.0, 1.0],
            [1.0, 1.0],
            Clusters.singles(2),
            classes=2,
            lost=Lost(),
            influence=False,
        )


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("gained", [False, True])
def test_lost_rows_are_held_against_the_class_where_they_matter_most(
    place: int, *, gained: bool
) -> None:
    """Three rows written out at their worst, all of one class, lie inside the filled interval."""
    sample = _sample(LABEL, OLD, NEW, lost=3)
    filled = _estimate(balanced_estimate(sample, Estimand.DIFFERENCE, TAILS))
    more = np.full(3, float(place))
    worse, better = np.zeros(3), np.ones(3)
    old, new = (worse, better) if gained else (better, worse)
    whole = _sample(
        np.concatenate([LABEL, more]), np.concatenate([OLD, old]), np.concatenate([NEW, new])
    )
    seen = _estimate(balanced_estimate(whole, Estimand.DIFFERENCE, TAILS))
    assert filled.low <= seen.low < seen.high <= filled.high


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rows", "shares", "recalls", "each"),
    [
        (80, (0.8, 0.2), (0.95, 0.6), 1),
        (120, (0.9, 0.1), (0.99, 0.9), 1),
        (120, (0.5, 0.3, 0.2), (0.8, 0.9, 0.5), 4),
    ],
)
def test_ends_hold_their_level_with_a_rare_class(
    rng: np.random.Generator,
    rows: int,
    shares: tuple[float, ...],
    recalls: tuple[float, ...],
    each: int,
) -> None:
    """300 tables; at a true rate of 0.05, 27 misses of one end or more come once in 500."""
    truth = float(np.mean(recalls))
    missed = dict.fromkeys(("own low", "own high", "gain low", "gain high"), 0)
    measured, cluster = 0, np.repeat(np.arange(rows // each), each)
    sizes = [round(share * rows) for share in shares]
    for _ in range(300):
        label = rng.permutation(np.repeat(np.arange(len(shares)), sizes))
        easy = np.repeat(rng.random(rows // each), each)
        mine = np.where(rng.random(rows) < 0.5, easy, rng.random(rows))
        other = np.where(rng.random(rows) < 0.7, mine, rng.random(rows))
        right = np.array(recalls)[label]
        sample = _sample(
            label.astype(float),
            (mine < right).astype(float),
            (other < right).astype(float),
            cluster=cluster,
            classes=len(shares),
        )
        own = balanced_estimate(sample, Estimand.BASELINE, TAILS)
        gain = balanced_estimate(sample, Estimand.DIFFERENCE, TAILS)
        if isinstance(own, Estimate) and isinstance(gain, Estimate):
            measured += 1
            missed["own low"] += truth < own.low
            missed["own high"] += truth > own.high
            missed["gain low"] += gain.low > 0
            missed["gain high"] += gain.high < 0
    assert measured > 285
    assert max(missed.values()) < 27, missed
