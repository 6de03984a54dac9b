"""Lost rows at their worst: the sums are those of the rows written out, or spread further."""

from collections.abc import Callable

import numpy as np
import pytest

from shipcall.core import Estimand, Estimate, Tails
from shipcall.stats.clusters import Clusters
from shipcall.stats.fill import fills
from shipcall.stats.means import pair_estimate
from shipcall.stats.moments import pair_sample
from shipcall.stats.sample import Floats, Ints, Lost, PairSample

_UNIT = (0.0, 1.0)
_TAILS = Tails(0.05, 0.01)
Rng = np.random.Generator


def graded(baseline: Floats, candidate: Floats, codes: Ints, *, lost: int = 0) -> PairSample:
    one = np.ones(baseline.size)
    given = Lost(rows=lost, range=_UNIT)
    return pair_sample(baseline, one, candidate, one, Clusters.of(codes), range=_UNIT, lost=given)


def some_grades(rng: Rng, units: int, each: int = 1) -> tuple[Floats, Floats, Ints]:
    """Grades of which units share a part, and of which the candidate repeats about half."""
    codes: Ints = np.repeat(np.arange(units), each)
    level = rng.beta(6.0, 3.0, units)[codes]
    own = rng.beta(4.0, 2.0, (2, codes.size))
    baseline = 0.5 * level + 0.5 * own[0]
    fresh = 0.4 * level + 0.5 * own[1]
    return baseline, np.where(rng.random(codes.size) < 0.5, baseline, fresh), codes


def written_out(
    baseline: Floats, candidate: Floats, codes: Ints, lost: Ints, ends: tuple[float, float]
) -> PairSample:
    """The same rows, and one more for each code in `lost` with both values at an end."""
    return graded(
        np.concatenate([baseline, np.full(lost.size, ends[0])]),
        np.concatenate([candidate, np.full(lost.size, ends[1])]),
        np.concatenate([codes, lost]),
    )


def the_variance(sample: PairSample) -> float:
    return sample.var_baseline + sample.var_candidate - 2.0 * sample.covariance


@pytest.mark.parametrize(("units", "lost"), [(30, 3), (300, 6), (2_000, 40)])
@pytest.mark.parametrize("place", [0, 1])
def test_lost_units_of_one_row_each_are_summed_as_if_they_were_written_out(
    units: int, lost: int, place: int
) -> None:
    """Oracle: `pair_sample` on all rows. Variances may be larger by 1 / units, never smaller."""
    baseline, candidate, codes = some_grades(np.random.default_rng(units), units)
    filled = fills(graded(baseline, candidate, codes, lost=lost))[place]
    ends = ((1.0, 0.0), (0.0, 1.0))[place]
    whole = written_out(baseline, candidate, codes, units + np.arange(lost), ends)
    for name in ("rows", "clusters", "gained_clusters", "lost_clusters"):
        assert getattr(filled, name) == getattr(whole, name)
    for name in ("baseline", "candidate", "weight_baseline", "weight_candidate", "largest_share"):
        assert getattr(filled, name) == pytest.approx(getattr(whole, name))
    for one, other in (
        (filled.var_baseline, whole.var_baseline),
        (filled.var_candidate, whole.var_candidate),
        (the_variance(filled), the_variance(whole)),
    ):
        assert other <= one <= other * (1.0 + 1.0 / units)
    assert filled.skew.difference == pytest.approx(whole.skew.difference, abs=2.0 / units)
    assert filled.skew.candidate == pytest.approx(whole.skew.candidate, abs=2.0 / units)
    assert filled.df <= whole.df
    assert filled.lost.rows == 0


def at_random(rng: Rng, codes: Ints, _gain: Floats, lost: int) -> Ints:
    return codes[rng.choice(codes.size, lost, replace=False)]


def from_the_worst(_rng: Rng, codes: Ints, gain: Floats, lost: int) -> Ints:
    """One from each of the clusters that fell most."""
    return np.argsort(np.bincount(codes, gain))[:lost]


def of_one_cluster(_rng: Rng, codes: Ints, _gain: Floats, lost: int) -> Ints:
    return np.full(lost, codes.max() + 1)


@pytest.mark.parametrize("split", [at_random, from_the_worst, of_one_cluster])
@pytest.mark.parametrize("uneven", [False, True])
def test_no_split_of_lost_rows_over_clusters_spreads_more_than_the_filled_sample(
    split: Callable[[Rng, Ints, Floats, int], Ints], *, uneven: bool
) -> None:
    """60 draws of 40 clusters of 5, or of 1 to 9; no more rows in one than the largest holds."""
    rng = np.random.default_rng(3)
    for _ in range(60):
        baseline, candidate, codes = some_grades(rng, 40, each=9)
        if uneven:
            kept = np.tile(np.arange(9), 40) < rng.integers(1, 10, 40)[codes]
            baseline, candidate, codes = baseline[kept], candidate[kept], codes[kept]
        lost = split(rng, codes, candidate - baseline, 5)
        filled = fills(graded(baseline, candidate, codes, lost=5))[0]
        whole = written_out(baseline, candidate, codes, lost, (1.0, 0.0))
        assert filled.candidate == pytest.approx(whole.candidate)
        assert the_variance(filled) >= the_variance(whole)
        assert filled.var_candidate >= whole.var_candidate
        assert filled.var_baseline >= whole.var_baseline


def hidden(rng: Rng, gain: Floats, codes: Ints, how: str) -> np.ndarray:
    """Which 4 % of the rows an adversary keeps back."""
    count = gain.size // 25
    order = {
        "those that fell": np.argsort(gain),
        "those that rose": np.argsort(-gain),
        "those far from the mean": np.argsort(-np.abs(gain - gain.mean())),
        "whole clusters that fell": np.argsort(np.bincount(codes, gain)[codes], kind="stable"),
        "any": rng.permutation(gain.size),
    }[how]
    return np.asarray(order[:count])


@pytest.mark.slow
@pytest.mark.parametrize("each", [1, 5])
@pytest.mark.parametrize(
    "estimand", [Estimand.DIFFERENCE, Estimand.CANDIDATE, Estimand.BASELINE, Estimand.RELATIVE]
)
def test_losing_rows_never_moves_an_end_inwards_past_that_of_all_rows(
    estimand: Estimand, each: int
) -> None:
    """Whatever is hidden, the interval of the rest holds that of the whole: so it errs no more.

    A law of every draw: 400 in all, of which an end that errs in 1 of 100 is found in one at least
    with chance 0.98.
    """
    rng = np.random.default_rng(each)
    for how in (
        "those that fell",
        "those that rose",
        "those far from the mean",
        "whole clusters that fell",
        "any",
    ):
        for _ in range(10):
            baseline, candidate, codes = some_grades(rng, 100, each)
            whole = pair_estimate(graded(baseline, candidate, codes), estimand, _TAILS)
            kept = np.ones(codes.size, dtype=bool)
            kept[hidden(rng, candidate - baseline, codes, how)] = False
            rest = graded(baseline[kept], candidate[kept], codes[kept], lost=int((~kept).sum()))
            found = pair_estimate(rest, estimand, _TAILS)
            assert isinstance(whole, Estimate)
            assert isinstance(found, Estimate)
            assert found.low <= whole.low
            assert found.high >= whole.high


def test_a_lost_pair_of_outcomes_is_a_loss_or_a_gain_in_every_count() -> None:
    """By hand: 10 pairs, 6 right twice, 1 fell, 3 wrong twice; 2 are lost."""
    baseline, candidate = np.repeat([1.0, 1.0, 0.0], [6, 1, 3]), np.repeat([1.0, 0.0], [6, 4])
    one = np.ones(10)
    sample = pair_sample(
        baseline,
        one,
        candidate,
        one,
        Clusters.singles(10),
        range=_UNIT,
        binary=True,
        lost=Lost(rows=2, range=_UNIT),
    )
    lowering, raising = fills(sample)[:2]
    assert lowering.crosstab is not None
    assert raising.crosstab is not None
    assert (lowering.crosstab.only_baseline, lowering.crosstab.only_candidate) == (3, 0)
    assert (raising.crosstab.only_baseline, raising.crosstab.only_candidate) == (1, 2)
    assert (lowering.hits_baseline, lowering.hits_candidate) == ((9, 12), (6, 12))
    assert (raising.hits_baseline, raising.hits_candidate) == ((7, 12), (8, 12))


def test_a_model_that_counts_few_rows_is_charged_for_each_that_is_lost() -> None:
    """By hand: 100 of 400 rows count for the candidate, 80 right; 20 lost: 80/120 and 100/120.

    For the baseline, of which all rows count, 300 right become 300/420 and 320/420.
    """
    right = (np.arange(400) % 4 > 0).astype(float)
    counts = (np.arange(400) < 100).astype(float)
    num = (np.arange(400) < 80).astype(float)
    sample = pair_sample(
        right,
        np.ones(400),
        num,
        counts,
        Clusters.singles(400),
        range=_UNIT,
        lost=Lost(rows=20, range=_UNIT),
    )
    lowering, raising = fills(sample)[:2]
    assert (lowering.candidate, raising.candidate) == pytest.approx((80 / 120, 100 / 120))
    assert (lowering.baseline, raising.baseline) == pytest.approx((320 / 420, 300 / 420))


def test_lost_rows_that_nothing_bounds_have_no_worst_value() -> None:
    one = np.ones(4)
    sample = pair_sample(one, one, one, one, Clusters.singles(4), lost=Lost(rows=1))
    with pytest.raises(ValueError, match="can have any value"):
        fills(sample)


def test_one_lost_row_among_thousands_does_not_make_a_share_unknowable() -> None:
    """3,000 people with two requests each, no event, one request lost.

    scipy: the exact upper end for one whole person with the event, `binom` 1 of 3,000 at 0.05, is
    0.00158; half a person with it has no higher one.
    """
    codes = np.repeat(np.arange(3_000), 2)
    nothing, one = np.zeros(6_000), np.ones(6_000)
    sample = pair_sample(
        nothing,
        one,
        nothing,
        one,
        Clusters.of(codes),
        range=(0.0, 1.0),
        binary=True,
        lost=Lost(rows=1, range=(0.0, 1.0)),
    )
    found = pair_estimate(sample, Estimand.CANDIDATE, Tails(0.05, 0.05))
    assert isinstance(found, Estimate)
    assert 0.001 < found.high <= 0.00159


@pytest.mark.slow
@pytest.mark.parametrize("sizes", ["equal", "unequal"])
def test_rare_events_that_come_in_whole_clusters_are_bounded(sizes: str) -> None:
    """The high end of a share lies below the truth in at most 0.05 of draws: 1 % of clusters."""
    rng = np.random.default_rng(8)
    missed = 0
    for _ in range(1_000):
        count = np.full(300, 4) if sizes == "equal" else rng.integers(1, 9, 300)
        value = np.repeat(rng.random(300) < 0.01, count).astype(float)
        codes, one = np.repeat(np.arange(300), count), np.ones(value.size)
        sample = pair_sample(
            value, one, value, one, Clusters.of(codes), range=(0.0, 1.0), binary=True
        )
        found = pair_estimate(sample, Estimand.CANDIDATE, Tails(0.05, 0.05))
        missed += isinstance(found, Estimate) and found.high < 0.01
    assert missed <= 71, "binomial(1000, .05) exceeds 71 with chance .002"
