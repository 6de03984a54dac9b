"""Bounds: ends that lie so far out that their squares are no numbers."""

import math
from dataclasses import replace

import numpy as np
import pytest

from shipcall.core import Absent, Estimand, Estimate, Tails
from shipcall.stats.bounds import lean_of, leaning, third_side
from shipcall.stats.clusters import Clusters
from shipcall.stats.means import pair_estimate
from shipcall.stats.moments import pair_sample, skewness
from shipcall.stats.roots import root_estimate, root_sample
from shipcall.stats.sample import Lost, Skew


def test_a_third_side_of_huge_distances_is_that_of_small_ones() -> None:
    """A right angle: 5 beside 3 and 4."""
    assert third_side(3e200, 4e200, 0.0) == pytest.approx(5e200)
    assert third_side(3.0, 4.0, 0.0) == 5.0
    assert third_side(math.inf, 4.0, 0.5) == math.inf


def test_a_point_that_is_far_out_leans_beyond_every_number() -> None:
    assert leaning(1e200, 1.0) == math.inf


def test_two_rows_bound_a_root_and_do_not_break() -> None:
    """The t point of one degree of freedom puts the ends of logarithms beyond 1e100."""
    clusters = Clusters.singles(2)
    ones = np.ones(2)
    sample = pair_sample(
        np.array([40.0, 2.0]),
        ones,
        np.array([1.0, 20.0]),
        ones,
        clusters,
        range=None,
        influence=True,
        lost=Lost(),
    )
    seen = root_estimate(root_sample(sample), Estimand.DIFFERENCE, Tails(0.05, 0.01))
    assert isinstance(seen, Estimate)
    assert seen.low < -1e3
    assert seen.high > 1e3


@pytest.mark.parametrize("unit", [1e120, 1e150])
def test_a_unit_of_measure_changes_no_interval_but_its_unit(unit: float) -> None:
    """Values of which the square is a number and the cube is not."""
    rng = np.random.default_rng(3)
    ones, baseline, candidate = np.ones(30), rng.exponential(size=30), rng.exponential(size=30)

    def ends(scale: float) -> tuple[float, float, float]:
        sample = pair_sample(
            baseline * scale, ones, candidate * scale, ones, Clusters.singles(30), lost=Lost()
        )
        seen = pair_estimate(sample, Estimand.DIFFERENCE, Tails(0.05, 0.05))
        assert isinstance(seen, Estimate)
        return seen.low / scale, seen.value / scale, seen.high / scale

    assert ends(unit) == pytest.approx(ends(1.0))


def test_one_huge_value_everywhere_has_no_spread_and_does_not_break() -> None:
    ones = np.ones(30)
    huge = np.full(30, 1e300)
    sample = pair_sample(huge, ones, huge, ones, Clusters.singles(30), lost=Lost())
    seen = pair_estimate(sample, Estimand.CANDIDATE, Tails(0.05, 0.05))
    assert isinstance(seen, Absent)


def test_powers_that_are_no_numbers_lean_to_both_sides() -> None:
    assert math.isnan(skewness(1e201, math.inf, 30))
    ones = np.ones(30)
    sample = pair_sample(ones, ones, np.arange(30.0), ones, Clusters.singles(30), lost=Lost())
    lost = replace(sample, skew=Skew(math.nan, math.nan, math.nan))
    seen = lean_of(lost, Estimand.DIFFERENCE)
    assert seen.low == seen.high > 1.0
