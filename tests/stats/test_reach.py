"""The quick standing is the standing of the whole interval."""

import math

import numpy as np
import pytest

from shipcall.core import Bar, Estimand, Estimate, Measured, Tails
from shipcall.stats.clusters import Clusters
from shipcall.stats.means import pair_estimate
from shipcall.stats.moments import pair_sample
from shipcall.stats.reach import standing_estimate
from shipcall.stats.sample import Lost, PairSample
from shipcall.stats.tallies import Kinds, tallied_samples


def stands(measured: Measured, bar: Bar) -> str:
    if not isinstance(measured, Estimate):
        return "absent"
    if measured.low >= bar.low and measured.high <= bar.high:
        return "clear"
    return "breach" if measured.high < bar.low or measured.low > bar.high else "open"


def paired(units: int, rng: np.random.Generator, lost: int) -> PairSample:
    one = np.ones(4)
    of = Kinds(
        num_baseline=np.array([1.0, 1.0, 0.0, 0.0]),
        den_baseline=one,
        num_candidate=np.array([1.0, 0.0, 1.0, 0.0]),
        den_candidate=one,
        rows=one.astype(np.int64),
    )
    differ = rng.uniform(0.02, 0.3)
    gained = rng.uniform(0.1, 0.9) * differ
    shares = [0.5 - differ / 2, differ - gained, gained, 0.5 - differ / 2]
    counts = rng.multinomial(units, shares, size=1)
    return tallied_samples(of, counts, limits=(0.0, 1.0), binary=True, lost=np.array([lost]))[0]


def repeated(units: int, rng: np.random.Generator, lost: int) -> PairSample:
    hits = np.array([(b, c) for b in range(4) for c in range(4)], dtype=np.float64)
    three = np.full(16, 3.0)
    of = Kinds(
        num_baseline=hits[:, 0],
        den_baseline=three,
        num_candidate=hits[:, 1],
        den_candidate=three,
        rows=three.astype(np.int64),
    )
    shares = rng.dirichlet(np.where(hits[:, 0] == hits[:, 1], 3.0, 0.2))
    counts = rng.multinomial(units, shares, size=1)
    return tallied_samples(of, counts, limits=(0.0, 1.0), binary=True, lost=np.array([lost]))[0]


@pytest.mark.slow
def graded(units: int, rng: np.random.Generator, lost: int) -> PairSample:
    """Grades of which a share of the units keeps its own."""
    baseline = rng.beta(4.0, 2.0, units)
    changed = rng.random(units) < rng.uniform(0.02, 0.9)
    one, fresh = np.ones(units), rng.beta(3.5, 2.0, units)
    return pair_sample(
        baseline,
        one,
        np.where(changed, fresh, baseline),
        one,
        Clusters.singles(units),
        range=(0.0, 1.0),
        lost=Lost(rows=lost, range=(0.0, 1.0)),
    )


@pytest.mark.parametrize("draw", [paired, repeated, graded])
@pytest.mark.parametrize("units", [20, 60, 150, 400, 1500])
def test_standing_alone_is_the_standing_of_the_interval(draw: object, units: int) -> None:
    """But for bars that lie within a two-hundredth of the interval's width from an end."""
    assert callable(draw)
    rng = np.random.default_rng(units)
    compared = 0
    for number in range(60):
        sample = draw(units, rng, int(rng.choice([0, 0, 2])))
        tails = Tails(0.05, float(rng.choice([0.05, 0.004])))
        exact = pair_estimate(sample, Estimand.DIFFERENCE, tails)
        assert isinstance(exact, Estimate)
        edge = exact.value + rng.normal() * (exact.high - exact.low) * 0.7
        bar = Bar(low=edge, text="") if number % 2 else Bar(high=edge, text="")
        if number % 5 == 0:
            bar = Bar(low=-abs(edge) - 0.01, high=abs(edge) + 0.01, text="")
        near = (exact.high - exact.low) / 200
        ends = (exact.low, exact.high)
        if any(abs(end - b) < near for end in ends for b in (bar.low, bar.high)):
            continue
        if max(abs(b) for b in (bar.low, bar.high) if math.isfinite(b)) >= 1:
            continue
        quick = standing_estimate(sample, Estimand.DIFFERENCE, tails, bar)
        assert stands(quick, bar) == stands(exact, bar), (sample, bar, exact)
        compared += 1
    assert compared > 30


def test_other_estimands_get_the_whole_interval() -> None:
    sample = paired(300, np.random.default_rng(1), 0)
    tails, bar = Tails(0.05, 0.05), Bar(low=0.3, text="")
    quick = standing_estimate(sample, Estimand.CANDIDATE, tails, bar)
    assert quick == pair_estimate(sample, Estimand.CANDIDATE, tails)


def test_an_interval_that_is_only_a_standing_ends_at_the_bar() -> None:
    sample = paired(400, np.random.default_rng(2), 0)
    far = Bar(low=-0.9, text="")
    measured = standing_estimate(sample, Estimand.DIFFERENCE, Tails(0.05, 0.05), far)
    assert isinstance(measured, Estimate)
    assert measured.low == -0.9
    assert math.isinf(measured.high)
