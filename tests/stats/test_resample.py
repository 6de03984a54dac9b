"""Joint bounds: between a slice's own and Bonferroni's, idle order, and familywise coverage."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from shipcall.core import Bar, Estimand, Estimate, Tails
from shipcall.stats.clusters import Clusters
from shipcall.stats.means import pair_estimate
from shipcall.stats.moments import pair_sample
from shipcall.stats.resample import joint_tails, max_t
from shipcall.stats.sample import Floats, PairSample, Skew

LEVEL = 0.05


def _family(effects: Floats, weights: Floats) -> list[PairSample]:
    """One row per cluster and slice: weighted means of the candidate, baseline 0."""
    groups, slices = effects.shape
    clusters = Clusters.singles(groups)
    nothing, ones = np.zeros(groups), np.ones(groups)
    return [
        pair_sample(
            nothing,
            ones,
            effects[:, s] * weights[:, s],
            weights[:, s],
            clusters,
            influence=True,
        )
        for s in range(slices)
    ]


def _draw(rng: np.random.Generator, groups: int, slices: int, rho: float) -> Floats:
    shared, own = rng.normal(size=(groups, 1)), rng.normal(size=(groups, slices))
    effects: Floats = np.sqrt(rho) * shared + np.sqrt(1 - rho) * own
    return effects


def _t(sample: PairSample) -> float:
    assert sample.candidate is not None
    return sample.candidate / float(np.sqrt(sample.var_candidate))


def test_critical_values_lie_between_own_and_bonferroni(rng: np.random.Generator) -> None:
    samples = _family(_draw(rng, 40, 12, 0.5), rng.uniform(0.5, 1.5, (40, 12)))
    joint = max_t(samples, Estimand.CANDIDATE, level=LEVEL, rng=rng)
    df = np.array([sample.df for sample in samples])
    assert (joint.critical >= stats.t.isf(LEVEL, df)).all()
    assert (joint.critical <= stats.t.isf(LEVEL / 12, df) + 1e-9).all()
    assert joint.critical == pytest.approx(stats.t.isf(joint.levels, df))


def test_one_slice_keeps_its_own_t_quantile(rng: np.random.Generator) -> None:
    samples = _family(_draw(rng, 40, 1, 0.0), np.ones((40, 1)))
    joint = max_t(samples, Estimand.CANDIDATE, level=LEVEL, rng=rng)
    assert joint.levels == pytest.approx(LEVEL, rel=0.1)
    assert joint.critical[0] >= stats.t.isf(LEVEL, 39) - 1e-9


def test_equal_slices_cost_almost_nothing_when_clusters_are_many(
    rng: np.random.Generator,
) -> None:
    effects = np.repeat(rng.normal(size=(2_000, 1)), 30, axis=1)
    samples = _family(effects, np.ones((2_000, 30)))
    joint = max_t(samples, Estimand.CANDIDATE, level=LEVEL, rng=rng)
    assert (joint.levels > 0.5 * LEVEL).all()


def test_independent_slices_reach_the_sidak_level(rng: np.random.Generator) -> None:
    """Sidak: 1 - (1 - .05)^(1/20) = .002561 per slice; 5,000 clusters, + Monte Carlo error."""
    samples = _family(rng.normal(size=(5_000, 20)), np.ones((5_000, 20)))
    joint = max_t(samples, Estimand.CANDIDATE, level=LEVEL, rng=rng, replicates=20_000)
    assert joint.levels == pytest.approx(0.002561, rel=0.08)


def test_equicorrelated_slices_match_numerical_integration(rng: np.random.Generator) -> None:
    """Four normals of correlation 1/2: P(max <= c) = E[Phi((c - sqrt(.5) U) / sqrt(.5))^4].

    Gauss-Hermite quadrature; Dunnett (1955), table 1a, prints 2.16 for infinite df.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)

    def beyond(c: float) -> float:
        inside = stats.norm.cdf(np.sqrt(2) * c - nodes) ** 4
        return 1 - float(weights @ inside / np.sqrt(2 * np.pi))

    grid = np.linspace(1.5, 3, 3_001)
    expected = grid[int(np.argmin([abs(beyond(c) - LEVEL) for c in grid]))]
    assert expected == pytest.approx(2.16, abs=0.005)
    samples = _family(_draw(rng, 5_000, 4, 0.5), np.ones((5_000, 4)))
    joint = max_t(samples, Estimand.CANDIDATE, level=LEVEL, rng=rng, replicates=20_000)
    assert joint.critical == pytest.approx(expected, abs=0.04)


def test_order_of_slices_changes_nothing_but_rounding(rng: np.random.Generator) -> None:
    samples = _family(_draw(rng, 30, 8, 0.5), np.ones((30, 8)))
    one, two = (np.random.default_rng(3) for _ in range(2))
    forward = max_t(samples, Estimand.CANDIDATE, level=LEVEL, rng=one)
    backward = max_t(samples[::-1], Estimand.CANDIDATE, level=LEVEL, rng=two)
    assert forward.levels == pytest.approx(backward.levels[::-1], rel=1e-9)


def test_a_slice_that_cannot_be_resampled_gets_its_bonferroni_share(
    rng: np.random.Generator,
) -> None:
    samples = _family(_draw(rng, 30, 4, 0.9), np.ones((30, 4)))
    flat = _family(np.zeros((30, 1)), np.ones((30, 1)))[0]
    few = _family(_draw(rng, 4, 1, 0.0), np.ones((4, 1)))[0]
    odd = [
        replace(samples[0], influence=None),
        replace(samples[0], baseline=None, candidate=None),
        replace(samples[0], df=0.0),
        flat,
        few,
    ]
    joint = max_t([*samples, *odd], Estimand.DIFFERENCE, level=LEVEL, rng=rng)
    assert joint.levels[4:] == pytest.approx(LEVEL / 9)
    assert joint.critical[6] == np.inf
    assert joint.levels[:4].max() <= 4 * LEVEL / 9


def test_a_family_without_any_variance_is_bonferroni(rng: np.random.Generator) -> None:
    flat = _family(np.zeros((30, 3)), np.ones((30, 3)))
    joint = max_t(flat, Estimand.DIFFERENCE, level=LEVEL, rng=rng)
    assert joint.levels == pytest.approx(LEVEL / 3)


def test_no_slices_need_no_values(rng: np.random.Generator) -> None:
    assert max_t([], Estimand.DIFFERENCE, level=LEVEL, rng=rng).levels.size == 0


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_a_level_that_is_none_is_refused(level: float, rng: np.random.Generator) -> None:
    with pytest.raises(ValueError, match="level"):
        max_t([], Estimand.DIFFERENCE, level=level, rng=rng)


def test_the_same_influence_gives_the_same_level_for_every_estimand_it_drives(
    rng: np.random.Generator,
) -> None:
    """With a baseline of 0 influence, candidate, difference and ratio have the same t."""
    samples = [
        replace(sample, baseline=2.0)
        for sample in _family(_draw(rng, 30, 5, 0.5), np.ones((30, 5)))
    ]
    levels = [
        max_t(samples, estimand, level=LEVEL, rng=np.random.default_rng(1)).levels[0]
        for estimand in (Estimand.CANDIDATE, Estimand.DIFFERENCE, Estimand.RELATIVE)
    ]
    assert levels == pytest.approx([levels[0]] * 3)
    none = max_t(samples, Estimand.BASELINE, level=LEVEL, rng=rng)
    assert none.levels == pytest.approx(LEVEL / 5)
    assert max_t(samples, Estimand.COUNT, level=LEVEL, rng=rng).levels == pytest.approx(LEVEL / 5)


def test_buckets_give_about_the_level_of_exact_clusters(rng: np.random.Generator) -> None:
    """1,900 clusters are exact; 40,000 with the same correlation go through 1,024 buckets."""
    exact = _family(_draw(rng, 1_900, 10, 0.8), np.ones((1_900, 10)))
    many = _family(_draw(rng, 40_000, 10, 0.8), np.ones((40_000, 10)))
    levels = [
        max_t(samples, Estimand.CANDIDATE, level=LEVEL, rng=rng, replicates=10_000).levels[0]
        for samples in (exact, many)
    ]
    assert levels[0] == pytest.approx(levels[1], rel=0.12)
    assert LEVEL / 10 < levels[0] < LEVEL


def test_many_small_slices_with_other_clusters_go_through_buckets(
    rng: np.random.Generator,
) -> None:
    samples = []
    for s, sample in enumerate(_family(_draw(rng, 900, 5, 0.0), np.ones((900, 5)))):
        influence = sample.influence
        assert influence is not None
        samples.append(
            replace(sample, influence=replace(influence, cluster=influence.cluster + 900 * s))
        )
    joint = max_t(samples, Estimand.CANDIDATE, level=LEVEL, rng=rng)
    assert joint.levels == pytest.approx(LEVEL / 5, rel=0.2)


@pytest.mark.parametrize(
    ("bar", "breach_end"), [(Bar(low=-0.1, text="t"), 1), (Bar(high=0.1, text="t"), 0)]
)
def test_tails_are_joint_on_the_breach_side_only(
    bar: Bar, breach_end: int, rng: np.random.Generator
) -> None:
    samples = _family(_draw(rng, 30, 6, 0.5), np.ones((30, 6)))
    for tails in joint_tails(
        samples, Estimand.CANDIDATE, bar=bar, clear_at=0.04, breach_at=LEVEL, rng=rng
    ):
        assert tails[1 - breach_end] == 0.04
        assert LEVEL / 6 <= tails[breach_end] < LEVEL


def test_a_bar_on_both_sides_halves_the_breach_error(rng: np.random.Generator) -> None:
    samples = _family(_draw(rng, 30, 6, 0.5), np.ones((30, 6)))
    bar = Bar(low=-0.1, high=0.1, text="t")
    for tails in joint_tails(
        samples, Estimand.CANDIDATE, bar=bar, clear_at=0.5, breach_at=LEVEL, rng=rng
    ):
        assert tails.low == tails.high
        assert LEVEL / 12 <= tails.low < LEVEL / 2


def test_estimates_at_joint_tails_end_at_the_critical_value(rng: np.random.Generator) -> None:
    drawn = _family(_draw(rng, 30, 6, 0.5), np.ones((30, 6)))
    samples = [replace(sample, skew=Skew(unseen=0.0)) for sample in drawn]
    one, two = (np.random.default_rng(3) for _ in range(2))
    bar = Bar(low=-0.1, text="t")
    tails = joint_tails(
        samples, Estimand.CANDIDATE, bar=bar, clear_at=0.05, breach_at=LEVEL, rng=one
    )
    joint = max_t(samples, Estimand.CANDIDATE, level=LEVEL, rng=two)
    for sample, each, critical in zip(samples, tails, joint.critical, strict=True):
        measured = pair_estimate(sample, Estimand.CANDIDATE, each)
        assert isinstance(measured, Estimate)
        half = critical * float(np.sqrt(sample.var_candidate))
        assert measured.high - measured.value == pytest.approx(half, rel=1e-6)
        assert measured.tails == Tails(0.05, each.high)


@pytest.mark.slow
@pytest.mark.parametrize("groups", [5, 10, 50])
@pytest.mark.parametrize("rho", [0.0, 0.9])
@pytest.mark.parametrize("uneven", [False, True])
def test_twenty_slices_at_their_bars_are_rarely_refuted(
    groups: int, rho: float, *, uneven: bool, rng: np.random.Generator
) -> None:
    """Familywise 5 %, 200 draws, + 3 standard errors; clusters of equal or log-normal size."""
    errors = 0
    for _ in range(200):
        size = rng.lognormal(size=(groups, 1)) if uneven else np.ones((groups, 1))
        samples = _family(_draw(rng, groups, 20, rho), size * rng.uniform(0.5, 1.5, (groups, 20)))
        joint = max_t(samples, Estimand.CANDIDATE, level=LEVEL, rng=rng, replicates=400)
        errors += any(_t(s) > c for s, c in zip(samples, joint.critical, strict=True))
    assert errors / 200 <= LEVEL + 3 * np.sqrt(LEVEL * (1 - LEVEL) / 200)


@pytest.mark.slow
def test_an_unstudentised_maximum_would_fail_with_five_clusters(
    rng: np.random.Generator,
) -> None:
    """Why t quantiles at each slice's own degrees of freedom: the normal ones refute too much."""
    errors = 0
    for _ in range(300):
        samples = _family(_draw(rng, 5, 20, 0.0), np.ones((5, 20)))
        joint = max_t(samples, Estimand.CANDIDATE, level=LEVEL, rng=rng, replicates=400)
        errors += any(
            _t(s) > stats.norm.isf(level) for s, level in zip(samples, joint.levels, strict=True)
        )
    assert errors / 300 > 0.2


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20_261_120)
