"""Classifier: two classes, binormal scores, and probabilities that a model states.

    x = skill * (label - 1/2) + error, of variance 1       what the model sees of an item
    log odds of class 1 given x = logit(base rate) + skill * x
    stated probability = logistic(sharpness * these log odds + tilt)

Errors of both models hang together as `errors` says; a skill below zero counts as none.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from scipy import special

from shipcall.world.chance.draws import Floats, Ints, Rng
from shipcall.world.models import quadrature
from shipcall.world.models.errors import Errors, errors, pairs_between, rectangles
from shipcall.world.models.items import Spread, items
from shipcall.world.models.labels import flips
from shipcall.world.people.cells import Cells, skill
from shipcall.world.truth import ARMS, World

SERVED = 0.5
"""Stated probability from which on the decision is class 1."""
STATES = 3
"""Under one model: 0 no answer, 1 decision for class 0, 2 decision for class 1."""
KINDS: tuple[tuple[int, ...], ...] = tuple(np.ndindex(2, STATES, STATES))
"""Kinds of items: label as written, state under the baseline, state under the candidate."""
_LEAST_SHARE = 1e-12


class Scoring(NamedTuple):
    """Both models in every stratum; arrays end with the two arms."""

    skill: Floats
    """Distance of the classes, shape (strata, 2)."""
    prior: float
    """Log odds of class 1."""
    sharpness: Floats
    tilt: Floats
    errors: Errors
    flips: Floats
    """Share of labels that are flipped, shape (strata,)."""

    @property
    def centres(self) -> Floats:
        """Mean of x, shape (strata, nodes, classes, 2)."""
        sides = np.array([-0.5, 0.5])[:, None]
        centres: Floats = self.skill[:, None, None] * sides + self.errors.shift[:, None]
        return centres

    @property
    def cuts(self) -> Floats:
        """Value of x from which on class 1 is decided, shape (strata, 2)."""
        needed = -self.tilt / self.sharpness - self.prior
        never = np.where(needed <= 0, -np.inf, np.inf)
        constant = np.broadcast_to(never, self.skill.shape).copy()
        cuts: Floats = np.divide(needed, self.skill, out=constant, where=self.skill > 0)
        return cuts

    def stated(self, x: Floats, stratum: Ints) -> Floats:
        """Stated log odds of class 1, shape of x, which ends with the two arms."""
        return self.sharpness * (self.prior + self.skill[stratum] * x) + self.tilt


def scoring(world: World, found: Cells) -> Scoring:
    """Gather what a classifier's predictions depend on."""
    known = items(world)
    share = np.clip(known.positive, _LEAST_SHARE, 1 - _LEAST_SHARE)
    pair = [world.model_of(arm) for arm in ARMS]
    return Scoring(
        np.stack([np.maximum(skill(world, arm, found), 0.0) for arm in ARMS], axis=1),
        float(special.logit(share)),
        np.array([model.sharpness for model in pair]),
        np.array([model.tilt for model in pair]),
        errors(world, known),
        flips(world, found),
    )


def joint(world: World, found: Cells) -> Floats:
    """Joint law of true label, written label and both states.

    Returns:
        Chances, shape (strata, nodes, true label, written label, baseline, candidate).
    """
    known, given = items(world), scoring(world, found)
    different, of = np.unique(given.skill, axis=0, return_inverse=True)
    lines = [int(np.flatnonzero(of.ravel() == group)[0]) for group in range(len(different))]
    edges = _edges(given, np.array(lines))
    decisions = rectangles(edges[..., 0, :], edges[..., 1, :], given.errors.correlation)
    states = quadrature.without_reason(quadrature.with_silence(world, decisions))[of.ravel()]
    share = np.array([1 - known.positive, known.positive])
    labels = written(given.flips) * share[:, None]
    chances: Floats = labels[:, None, :, :, None, None] * states[:, :, :, None]
    return chances


def _edges(given: Scoring, stratum: Ints) -> Floats:
    """Edges of the error around the cut, shape (strata, nodes, classes, 2, 3)."""
    cut = given.cuts[stratum][:, None, None] - given.centres[stratum]
    inner = cut / given.errors.item
    ends = np.full_like(inner, np.inf)
    return np.stack([-ends, inner, ends], axis=-1)


def written(flipped: Floats) -> Floats:
    """Chance of the written label given the true one, shape (strata, true, written)."""
    kept = 1 - flipped
    return np.stack([kept, flipped, flipped, kept], axis=1).reshape(-1, 2, 2)


def chances(world: World, found: Cells) -> Floats:
    """Chance of each kind, shape (strata, nodes, kinds)."""
    law: Floats = joint(world, found).sum(axis=2)
    return law.reshape(*law.shape[:2], -1)


def draw(
    world: World, found: Cells, stratum: Ints, spread: Spread, rng: Rng
) -> dict[str, pa.Array]:
    """Draw labels and stated probabilities of items whose kinds are known.

    A decision is exactly what its kind says: a probability that rounding put on the other side
    of one half is moved back.
    """
    given = scoring(world, found)
    label, *states = np.array(KINDS)[spread.kind].T
    so = _true_labels(joint(world, found), stratum, spread, rng)
    edges = _edges(given, np.arange(len(found)))[stratum, spread.node, so]
    state = np.stack(states, axis=1)
    low = np.where(state == 2, edges[..., 1], -np.inf)
    high = np.where(state == 1, edges[..., 1], np.inf)
    error = pairs_between(low, high, given.errors.correlation, rng) * given.errors.item
    log_odds = given.stated(given.centres[stratum, spread.node, so] + error, stratum)
    said = special.expit(log_odds)
    below = np.nextafter(SERVED, 0.0)
    said = np.where(state == 2, np.maximum(said, SERVED), np.minimum(said, below))
    answers: dict[str, pa.Array] = {
        arm: pa.array(said[:, number], mask=state[:, number] == 0)
        for number, arm in enumerate(ARMS)
    }
    return {"label": pa.array(label), **answers}


def _true_labels(law: Floats, stratum: Ints, spread: Spread, rng: Rng) -> Ints:
    """Draw true labels given what is written and decided."""
    flat = law.reshape(*law.shape[:3], -1)[stratum, spread.node, :, spread.kind]
    labels: Ints = (rng.random(len(flat)) * flat.sum(axis=1) < flat[:, 1]).astype(np.int64)
    return labels
