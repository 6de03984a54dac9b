"""rankings: the quadrature against closed forms and plain simulation, and files against both."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate, stats

from offline_worlds import plain, rich, rows
from shipcall.world.chance.kinds import Kinds
from shipcall.world.evaluation.rankings import KINDS, PAID, UNPAID, rankings_laws, rankings_truth
from shipcall.world.models.ranker import relevant_first
from shipcall.world.people.cells import strata
from shipcall.world.truth import ARMS, World

EASY = {"spread": 0.0}
SAME = {arm: {"own_spread": 0.0, "skill": 0.3} for arm in ARMS}


def stated(world: World, metric: str, where: str = "all") -> dict[str, float]:
    (found,) = [
        fact for fact in rankings_truth(world) if (fact["metric"], fact["slice"]) == (metric, where)
    ]
    return {arm: float(found[arm]) for arm in ARMS}


def lists(world: World, arm: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Relevance and scores of the queries that a model ranked, shape (queries, depth)."""
    depth = world.items.depth if world.items else 0
    drawn = rows("rankings", world)
    relevance, scores = (drawn[name].to_numpy().reshape(-1, depth) for name in ("relevance", arm))
    ranked = ~np.isnan(scores).any(axis=1)
    return relevance[ranked], scores[ranked]


def test_two_items_are_ranked_as_two_normal_numbers() -> None:
    """Closed form: p^2 + 2 p (1 - p) Phi(signal / sqrt 2), signal exp(.3), p = .3."""
    world = plain("rankings", items={"depth": 2, **EASY}, model=SAME)
    right = stats.norm.cdf(np.exp(0.3) / np.sqrt(2))
    first = stated(world, "precision_at_1")
    assert first["baseline"] == pytest.approx(0.09 + 0.42 * right, abs=1e-6)
    assert stated(world, "pairs_in_order")["candidate"] == pytest.approx(right)
    assert stated(world, "reward_at_1")["baseline"] == pytest.approx(
        UNPAID + (PAID - UNPAID) * first["baseline"]
    )


def test_one_item_is_always_first() -> None:
    world = plain("rankings", items={"depth": 1, "positive": 0.3})
    assert stated(world, "precision_at_1")["baseline"] == pytest.approx(0.3)


def test_the_best_of_many_has_the_stated_law() -> None:
    """scipy.integrate.quad: n p phi(x - a) (p Phi(x - a) + (1 - p) Phi(x))^(n - 1)."""
    world = plain("rankings", items={"depth": 40, "positive": 0.1, **EASY}, model=SAME)
    a = np.exp(0.3)
    expected = integrate.quad(
        lambda x: (
            4
            * stats.norm.pdf(x - a)
            * (0.1 * stats.norm.cdf(x - a) + 0.9 * stats.norm.cdf(x)) ** 39
        ),
        -9,
        12,
    )[0]
    assert stated(world, "precision_at_1")["baseline"] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("positive", [0.0, 1.0])
def test_certain_relevance_is_certain_in_the_first_place(positive: float) -> None:
    world = plain("rankings", count=50, items={"positive": positive})
    assert stated(world, "precision_at_1")["baseline"] == pytest.approx(positive)
    assert set(rows("rankings", world)["relevance"].to_pylist()) == {positive}


def test_both_models_find_the_same_queries_hard() -> None:
    """400,000 simulated queries of depth 5; 5 standard errors of a share of 0.5."""
    world = plain("rankings", items={"depth": 5}, model={"candidate": {"skill": 2.0}})
    joint = relevant_first(world, strata(world))[0, 0]
    rng, queries = np.random.default_rng(1), 400_000
    relevant = rng.random((queries, 5)) < 0.3
    shared = rng.standard_normal(queries)
    hits = []
    for skill in (1.0, 2.0):
        signal = np.exp(skill - shared - 0.5 * rng.standard_normal(queries))
        scores = signal[:, None] * relevant + rng.standard_normal((queries, 5))
        hits.append(relevant[np.arange(queries), scores.argmax(axis=1)])
    seen = [[np.mean((hits[0] == i) & (hits[1] == j)) for j in (0, 1)] for i in (0, 1)]
    assert joint == pytest.approx(np.array(seen), abs=5 * 0.5 / np.sqrt(queries))


def test_the_law_of_the_panel_has_the_stated_shares() -> None:
    world = rich("rankings")
    law = rankings_laws(world)["queries"]
    assert isinstance(law, Kinds)
    chance = strata(world).weights @ law.marginal
    for arm, state in zip(ARMS, np.array(KINDS).T, strict=True):
        share = chance @ (state == 2) / (chance @ (state > 0))
        assert share == pytest.approx(stated(world, "precision_at_1")[arm])


def test_files_have_the_stated_shares() -> None:
    """20,000 queries: 5 standard errors."""
    world = plain("rankings", count=20_000, model={"candidate": {"skill": 0.5, "lost": 0.2}})
    for arm in ARMS:
        relevance, scores = lists(world, arm)
        first = np.take_along_axis(relevance, scores.argmax(axis=1)[:, None], axis=1).mean()
        both = (relevance.min(axis=1) == 0) & (relevance.max(axis=1) == 1)
        above = [
            (s[r == 1][:, None] > s[r == 0]).mean()
            for r, s in zip(relevance[both], scores[both], strict=True)
        ]
        assert first == pytest.approx(stated(world, "precision_at_1")[arm], abs=0.02)
        assert np.mean(above) == pytest.approx(stated(world, "pairs_in_order")[arm], abs=0.015)


def test_relevance_is_as_common_as_stated() -> None:
    """Binomial: 60,000 items, 4 standard errors."""
    relevance, _ = lists(plain("rankings", count=10_000), "baseline")
    assert relevance.mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / 60_000))


def test_the_logging_policy_shows_one_item_and_its_chances_are_true() -> None:
    """Propensities add up to 1 and come true; rewards are those of what was shown.

    Weighting by propensity gives back the reward of every item: PAID where it is relevant.
    """
    drawn = rows("rankings", plain("rankings", count=20_000))
    chance, reward, relevant = (
        drawn[name].to_numpy().reshape(-1, 6) for name in ("propensity", "reward", "relevance")
    )
    shown = ~np.isnan(reward)
    assert chance.sum(axis=1) == pytest.approx(np.ones(len(chance)))
    assert (shown.sum(axis=1) == 1).all()
    best = chance.max(axis=1)
    assert np.mean(shown[chance == best[:, None]]) == pytest.approx(best.mean(), abs=0.015)
    for level, paid in ((1.0, PAID), (0.0, UNPAID)):
        assert reward[shown & (relevant == level)].mean() == pytest.approx(paid, abs=0.02)
