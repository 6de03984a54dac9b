"""Models: joint laws of two models against integrals done another way."""

import numpy as np
import pytest
from scipy import integrate, special, stats

from offline_worlds import make
from shipcall.world.chance.kinds import Kinds
from shipcall.world.models import quadrature
from shipcall.world.models.items import items
from shipcall.world.models.judge import Grading, fooled, grading
from shipcall.world.models.labels import flips
from shipcall.world.people.cells import strata
from shipcall.world.truth import Judge, Model


def test_right_answers_follow_the_logistic_normal_binomial_law() -> None:
    """scipy.integrate.quad over the model's own difficulty, of binomial chances."""
    law = quadrature.right_answers(Model(own_spread=0.8), np.array([0.4, -2.0]), repeats=3)
    for line, log_odds in zip(law, (0.4, -2.0), strict=True):
        expected = [
            integrate.quad(
                lambda x, k=k, o=log_odds: (
                    stats.binom.pmf(k, 3, special.expit(o - 0.8 * x)) * stats.norm.pdf(x)
                ),
                -9,
                9,
            )[0]
            for k in range(4)
        ]
        assert line == pytest.approx(expected, abs=1e-9)


def test_a_steady_model_answers_all_alike() -> None:
    law = quadrature.right_answers(Model(steady=1.0), np.array([1.0]), repeats=4)
    once = quadrature.right_answers(Model(), np.array([1.0]), repeats=1)
    assert law[0, [0, 4]] == pytest.approx(once[0])
    assert law[0, 1:4].tolist() == [0.0, 0.0, 0.0]


def test_pairs_share_the_difficulty_of_their_item() -> None:
    """scipy.integrate.quad over the shared difficulty of the product of both models' means."""
    world = make(
        items={"spread": 1.3},
        model={"baseline": {"skill": 0.5, "own_spread": 0.0}, "candidate": {"own_spread": 0.0}},
    )
    joint = quadrature.right_pairs(world, items(world), strata(world))[0, 0]
    both = integrate.quad(
        lambda x: special.expit(0.5 - 1.3 * x) * special.expit(1 - 1.3 * x) * stats.norm.pdf(x),
        -9,
        9,
    )[0]
    assert joint[1, 1] == pytest.approx(both, abs=1e-9)
    assert joint.sum() == pytest.approx(1.0, abs=1e-12)


def test_the_difficulty_of_clusters_is_one_more_of_items() -> None:
    """The mean over nodes is the law with both variances added: 3^2 + 4^2 = 5^2 (in tenths)."""
    parts = {"spread": 0.3, "cluster_spread": 0.4}
    world = make(items={"cluster": 10, **parts})
    alone = make(items={"spread": 0.5})
    nodes = quadrature.cluster_nodes(items(world))
    joint = quadrature.right_pairs(world, items(world), strata(world))[0]
    expected = quadrature.right_pairs(alone, items(alone), strata(alone))[0, 0]
    assert np.einsum("q,qab->ab", nodes.weights, joint) == pytest.approx(expected, abs=1e-9)
    assert nodes.weights @ nodes.at**2 == pytest.approx(0.16)
    assert quadrature.item_spread(items(make(items=parts))) == pytest.approx(0.5)


def test_silence_takes_its_share_from_every_answer() -> None:
    """By hand: lost .2, then .5 of the rest fail: .2, .4, .4; candidate: .1 lost."""
    world = make(model={"baseline": {"lost": 0.2, "error": 0.5}, "candidate": {"lost": 0.1}})
    full = quadrature.with_silence(world, np.array([[0.3, 0.2], [0.1, 0.4]]))
    assert full.sum() == pytest.approx(1.0)
    assert full.sum(axis=1) == pytest.approx([0.2, 0.4, 0.4 * 0.5, 0.4 * 0.5])
    assert full.sum(axis=0) == pytest.approx([0.1, 0.0, 0.9 * 0.4, 0.9 * 0.6])
    assert full[3, 3] == pytest.approx(0.4 * 0.9 * 0.4)
    merged = quadrature.without_reason(full)
    assert merged.sum(axis=1) == pytest.approx([0.6, 0.2, 0.2])


def test_grades_follow_sums_of_two_binomial_numbers() -> None:
    """scipy.stats.binom: 2 of 3 right, kept with .9; the wrong one gained with .2."""
    table = Grading(np.array([0.9]), np.array([0.2])).counts(3)[0, 2]
    kept = np.asarray(stats.binom.pmf(range(3), 2, 0.9))
    gained = np.asarray(stats.binom.pmf(range(2), 1, 0.2))
    assert table == pytest.approx(np.convolve(kept, gained))


def test_a_lenient_judge_is_fooled_more_often() -> None:
    """By hand: noise .2 fools it in .1, odds 1/9; log odds + log 3: odds 1/3."""
    assert fooled(Judge(noise=0.2)) == pytest.approx(0.1)
    assert fooled(Judge(noise=0.2, leniency=np.log(3))) == pytest.approx(0.25)
    assert fooled(Judge(noise=0.0, leniency=5.0)) == 0.0


def test_a_judge_grades_instead_of_labels() -> None:
    world = make(items={}, labels={"noise": 0.3}, judge={"noise": 0.1})
    given = grading(world, strata(world))
    assert (given.right.tolist(), given.wrong.tolist()) == ([0.95], pytest.approx([0.05]))
    labelled = grading(world.model_copy(update={"judge": None}), strata(world))
    assert (labelled.right.tolist(), labelled.wrong.tolist()) == ([0.7], [0.3])


def test_one_source_of_labels_may_be_the_only_noisy_one() -> None:
    sources = {"desk": 1, "crowd": 1}
    world = make(items={}, labels={"noise": 0.2, "sources": sources, "noisy": "crowd"})
    assert flips(world, strata(world)).tolist() == [0.0, 0.2]
    everywhere = make(items={}, labels={"noise": 0.2, "sources": sources})
    assert flips(everywhere, strata(everywhere)).tolist() == [0.2, 0.2]


def test_a_noisy_source_that_is_none_is_refused() -> None:
    world = make(items={}, labels={"noise": 0.2, "noisy": "crowd"})
    with pytest.raises(ValueError, match=r"noisy is 'crowd'; labels.sources has \['main'\]"):
        flips(world, strata(world))


CLUSTERED = Kinds(
    clusters=np.array([60, 0]),
    cluster=5,
    nodes=np.array([0.25, 0.75]),
    chances=np.array([[[0.7, 0.2, 0.1], [0.2, 0.3, 0.5]]] * 2),
)


def test_counts_of_clustered_kinds_have_the_stated_covariance() -> None:
    """4,000 panels of 60 clusters of 5 items."""
    rng = np.random.default_rng(1)
    seen = np.array([CLUSTERED.draw(rng) for _ in range(4_000)])
    assert seen[:, 0].mean(axis=0) == pytest.approx(CLUSTERED.mean[0], abs=0.6)
    assert np.cov(seen[:, 0].T) == pytest.approx(CLUSTERED.covariance[0], rel=0.1)
    assert not seen[:, 1].any()


def test_clustered_kinds_have_the_density_of_the_normal_law_with_their_moments() -> None:
    """scipy.stats.multivariate_normal in the plane of counts that add up.

    The plane's own area is sqrt(3) times that of its first two coordinates.
    """
    seen = np.array([[100.0, 80.0, 120.0], [0.0, 0.0, 0.0]])
    law = stats.multivariate_normal(CLUSTERED.mean[0, :2], CLUSTERED.covariance[0, :2, :2])
    expected = law.logpdf(seen[0, :2]) - np.log(3) / 2
    assert CLUSTERED.log_likelihood(seen) == pytest.approx(expected, abs=1e-6)


def test_clustered_counts_that_do_not_add_up_are_impossible() -> None:
    assert CLUSTERED.log_likelihood([[100, 80, 119], [0, 0, 0]]) == -np.inf
    assert CLUSTERED.log_likelihood([[100, 80, 120], [1, 0, 0]]) == -np.inf


def test_clustered_counts_of_what_cannot_happen_are_impossible() -> None:
    law = Kinds(
        clusters=np.array([10]),
        cluster=2,
        nodes=np.array([0.5, 0.5]),
        chances=np.array([[[0.5, 0.5, 0.0], [0.1, 0.9, 0.0]]]),
    )
    assert law.log_likelihood([[10, 9, 1]]) == -np.inf
    assert np.isfinite(law.log_likelihood([[10, 10, 0]]))


def test_kinds_without_clusters_have_the_exact_chance() -> None:
    """scipy.stats.multinomial.logpmf."""
    law = Kinds(
        clusters=np.array([6]),
        cluster=1,
        nodes=np.ones(1),
        chances=np.array([[[0.2, 0.3, 0.5]]]),
    )
    expected = stats.multinomial.logpmf([1, 2, 3], 6, [0.2, 0.3, 0.5])
    assert law.log_likelihood([[1, 2, 3]]) == pytest.approx(expected, abs=1e-12)
