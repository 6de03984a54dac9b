"""Ranker: queries of some difficulty, and which item two models put first.

    score of an item = signal * (is it relevant?) + noise, standard normal
    log signal = skill - difficulty of cluster and query, shared - difficulty of the model's own

Given these difficulties and which items are relevant, the noise of the models is independent.
"""

from functools import lru_cache

import numpy as np
from scipy import special

from shipcall.world.chance.draws import Floats, Ints
from shipcall.world.models.items import items
from shipcall.world.models.quadrature import (
    OWN_NODES,
    SHARED_NODES,
    cluster_nodes,
    item_spread,
    normal,
)
from shipcall.world.people.cells import Cells, skill
from shipcall.world.truth import ARMS, ArmName, Items, World

_LOG_SIGNALS = np.linspace(-8.0, 5.0, 1_301)
"""Below, models rank at random; above, they make no mistake."""
_X = np.linspace(-9.0, 9.0, 201)
_STEP = 0.09


@lru_cache(maxsize=8)
def _firsts(depth: int) -> Floats:
    """Chance that a relevant item comes first, shape (relevant items + 1, log signals).

    With r of n items relevant and signal a, the best irrelevant one has the density
    (n - r) phi(x) Phi(x)^(n - r - 1), and all relevant ones lie below x with Phi(x - a)^r.
    """
    chances = np.ones((depth + 1, len(_LOG_SIGNALS)))
    density = np.exp(-(_X**2) / 2) / np.sqrt(2 * np.pi)
    under = special.ndtr(_X)
    missed = special.ndtr(_X - np.exp(_LOG_SIGNALS)[:, None])
    for relevant in range(depth):
        others = depth - relevant
        best = others * density * under ** (others - 1) * _STEP
        chances[relevant] = 1 - missed**relevant @ best
    chances[0] = 0.0
    return np.clip(chances, 0.0, 1.0)


def relevant_first(world: World, found: Cells) -> Floats:
    """Joint law of a relevant item in the first place, under both models.

    Returns:
        Chances, shape (strata, nodes, 2, 2); 1 is relevant.
    """
    pairs, of = _skills(world, found)
    joint: Floats = np.array([_first_of(world, pair) for pair in pairs])[of]
    return joint


def _skills(world: World, found: Cells) -> tuple[Floats, Ints]:
    """Different pairs of skill, and which one each stratum has."""
    skills = np.stack([skill(world, arm, found) for arm in ARMS], axis=1)
    pairs, of = np.unique(skills, axis=0, return_inverse=True)
    return pairs, of.ravel()


def _first_of(world: World, skills: Floats) -> Floats:
    known = items(world)
    hits = []
    for arm, value in zip(ARMS, skills, strict=True):
        own = normal(world.model_of(arm).own_spread, OWN_NODES)
        signals = _signals(known, value, own.at)
        chances = np.stack([np.interp(signals, _LOG_SIGNALS, r) for r in _firsts(known.depth)])
        hits.append(np.einsum("rqdo,o->rqd", chances, own.weights))
    both = [np.stack([1 - hit, hit]) for hit in hits]
    shared = normal(item_spread(known), SHARED_NODES).weights
    joint: Floats = np.einsum("r,d,arqd,brqd->qab", _relevant(known), shared, *both, optimize=True)
    joint /= joint.sum(axis=(1, 2), keepdims=True)
    return joint


def _signals(known: Items, value: float, own: Floats) -> Floats:
    """Log signals, shape (cluster nodes, shared nodes, own nodes)."""
    shared = normal(item_spread(known), SHARED_NODES).at
    difficulty = cluster_nodes(known).at[:, None, None] + shared[:, None] + own
    signals: Floats = value - difficulty
    return signals


def _relevant(known: Items) -> Floats:
    """Chances of 0 to depth relevant items: binomial."""
    n, r = known.depth, np.arange(known.depth + 1)
    ways = special.gammaln(n + 1) - special.gammaln(r + 1) - special.gammaln(n - r + 1)
    law: Floats = np.exp(
        ways + special.xlogy(r, known.positive) + special.xlog1py(n - r, -known.positive)
    )
    law /= law.sum()
    return law


def pairs_in_order(world: World, found: Cells) -> dict[ArmName, Floats]:
    """Chance that a relevant item is scored above one that is not, shape (strata,) by arm.

    Given the signal it is Phi(signal / sqrt 2); the mean is over queries.
    """
    known = items(world)
    shared = normal(item_spread(known), SHARED_NODES).weights
    between = cluster_nodes(known).weights
    order: dict[ArmName, Floats] = {}
    for arm in ARMS:
        own = normal(world.model_of(arm).own_spread, OWN_NODES)
        values, of = np.unique(skill(world, arm, found), return_inverse=True)
        chances = [
            special.ndtr(np.exp(_signals(known, value, own.at)) / np.sqrt(2)) for value in values
        ]
        means = np.einsum("vqdo,q,d,o->v", np.array(chances), between, shared, own.weights)
        order[arm] = means[of]
    return order
