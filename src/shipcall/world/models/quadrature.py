"""Quadrature: what two models answer to the same items, as joint laws.

    right(answer of a model to an item) with log odds
        skill of the model in the stratum
        - difficulty of the cluster - difficulty of the item     the same for both models
        - difficulty that is the model's own                     independent between models

All difficulties are normal. Means over them are sums over Gauss-Hermite nodes.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

from shipcall.world.chance.draws import Floats
from shipcall.world.models.judge import Grading
from shipcall.world.people.cells import Cells, skill
from shipcall.world.truth import ARMS, Items, Model, World

CLUSTER_NODES = 9
SHARED_NODES = 61
OWN_NODES = 41
LOST, FAILED, ANSWERED = 0, 1, 2
"""States of an item under one model: nobody knows, the model failed, 2 + right answers."""


@dataclass(frozen=True, slots=True, eq=False)
class Nodes:
    """Values of a difficulty and their chances, shape (nodes,) each."""

    at: Floats
    weights: Floats


@lru_cache(maxsize=16)
def _hermite(count: int) -> tuple[Floats, Floats]:
    at, weights = special.roots_hermite(count)
    return at * np.sqrt(2), weights / weights.sum()


def normal(spread: float, count: int) -> Nodes:
    """Give nodes of a normal law with mean zero; one node where there is no spread."""
    if spread == 0:
        return Nodes(np.zeros(1), np.ones(1))
    at, weights = _hermite(count)
    return Nodes(spread * at, weights)


def cluster_nodes(known: Items) -> Nodes:
    """Give the values that the difficulty of a cluster takes.

    Nine values whose first 17 moments are those of the normal law; one where every item is a
    cluster of its own, and the spread between clusters is one between items.
    """
    return normal(known.cluster_spread if known.cluster > 1 else 0.0, CLUSTER_NODES)


def item_spread(known: Items) -> float:
    """Standard deviation of what both models share beyond the cluster."""
    alone = known.cluster_spread if known.cluster == 1 else 0.0
    return float(np.hypot(known.spread, alone))


def right_answers(model: Model, log_odds: Floats, repeats: int) -> Floats:
    """Law of the number of right answers of one model to items of given difficulty.

    Args:
        model: Its own difficulty and steadiness count.
        log_odds: Of a right answer, before its own difficulty, shape (items,).
        repeats: Runs of each item.

    Returns:
        Chances, shape (items, repeats + 1).
    """
    own = normal(model.own_spread, OWN_NODES)
    p = special.expit(log_odds[:, None] - own.at)
    counts = np.arange(repeats + 1)
    each = special.binom(repeats, counts) * p[..., None] ** counts
    law: Floats = np.einsum(
        "o,dok->dk", own.weights, each * (1 - p[..., None]) ** (repeats - counts)
    )
    once = p @ own.weights
    law *= 1 - model.steady
    law[:, 0] += model.steady * (1 - once)
    law[:, -1] += model.steady * once
    return law


def right_pairs(world: World, known: Items, found: Cells) -> Floats:
    """Joint law of the right answers of both models to one item.

    Returns:
        Chances, shape (strata, cluster nodes, repeats + 1 baseline, repeats + 1 candidate).
    """
    skills = np.stack([skill(world, arm, found) for arm in ARMS], axis=1)
    different, of = np.unique(skills, axis=0, return_inverse=True)
    laws = np.array([_pairs_of(world, known, pair) for pair in different])
    joint: Floats = laws[of.ravel()]
    return joint


def _pairs_of(world: World, known: Items, skills: Floats) -> Floats:
    shared = normal(item_spread(known), SHARED_NODES)
    between = cluster_nodes(known).at
    difficulty = (between[:, None] + shared.at).ravel()
    laws = [
        right_answers(world.model_of(arm), value - difficulty, known.repeats).reshape(
            len(between), len(shared.at), known.repeats + 1
        )
        for arm, value in zip(ARMS, skills, strict=True)
    ]
    joint: Floats = np.einsum("d,qdk,qdl->qkl", shared.weights, *laws)
    return joint


def graded_pairs(pairs: Floats, grading: Grading) -> Floats:
    """Turn the law of right answers into that of right grades; both models are graded alike."""
    channel = grading.counts(pairs.shape[-1] - 1)
    graded: Floats = np.einsum("sqkl,ska,slb->sqab", pairs, channel, channel)
    return graded


def with_silence(world: World, pairs: Floats) -> Floats:
    """Add what was lost or failed to the joint law of what models answer.

    Losses and failures have nothing to do with difficulty, nor with each other, and take all
    runs of an item by one model together.

    Args:
        world: Says how common they are.
        pairs: Joint law of answers, shape (..., baseline, candidate).

    Returns:
        The same with states LOST and FAILED before the answers, in both of the last axes.
    """
    silent, speaking = zip(*(_silence(world.model_of(arm)) for arm in ARMS), strict=True)
    pairs = pairs / pairs.sum(axis=(-2, -1), keepdims=True)
    full = np.zeros((*pairs.shape[:-2], pairs.shape[-2] + 2, pairs.shape[-1] + 2))
    full[..., :ANSWERED, :ANSWERED] = np.outer(*silent)
    full[..., :ANSWERED, ANSWERED:] = (
        silent[0][:, None] * speaking[1] * pairs.sum(axis=-2)[..., None, :]
    )
    full[..., ANSWERED:, :ANSWERED] = silent[1] * speaking[0] * pairs.sum(axis=-1)[..., :, None]
    full[..., ANSWERED:, ANSWERED:] = speaking[0] * speaking[1] * pairs
    return full


def without_reason(spoken: Floats) -> Floats:
    """Merge LOST and FAILED into one state, 0, where the file does not tell them apart.

    Args:
        spoken: What `with_silence` gave.

    Returns:
        One state less in both of the last axes.
    """
    for axis in (-2, -1):
        lost, failed, *answered = np.split(spoken, spoken.shape[axis], axis=axis)
        spoken = np.concatenate([lost + failed, *answered], axis=axis)
    return spoken


def _silence(model: Model) -> tuple[Floats, float]:
    """Chances of LOST and FAILED, and of an answer."""
    failed = (1 - model.lost) * model.error
    return np.array([model.lost, failed]), (1 - model.lost) * (1 - model.error)
