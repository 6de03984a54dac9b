"""Regressor: a number to be said, and what two models say instead.

    label, standard normal; said = label + tilt + exp(-skill) * error

Skill is the log of signal over noise. Errors of both models hang together as `errors` says.
Kinds of items are made of bins of the difference between what was said and the true label.
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
from shipcall.world.people.cells import Cells, Fact, facts, skill
from shipcall.world.truth import ARMS, World

STATES = 5
"""Under one model: 0 no answer, then the four bins that `edges` makes."""
KINDS: tuple[tuple[int, ...], ...] = tuple(np.ndindex(STATES, STATES))
"""Kinds of items: state under the baseline, state under the candidate."""


class Noise(NamedTuple):
    """What both models add to the label; arrays end with the two arms."""

    bias: Floats
    spread: Floats
    """Standard deviation of the error, shape (strata, 2)."""
    errors: Errors


def noise(world: World, found: Cells) -> Noise:
    """Gather what a regressor's predictions depend on."""
    return Noise(
        np.array([world.model_of(arm).tilt for arm in ARMS]),
        np.exp(-np.stack([skill(world, arm, found) for arm in ARMS], axis=1)),
        errors(world, items(world)),
    )


def edges(world: World) -> Floats:
    """Edges of the bins of differences: none, and one usual error of the baseline either way."""
    usual = np.exp(-world.model_of("baseline").skill)
    return np.array([-np.inf, -usual, 0.0, usual, np.inf])


def chances(world: World, found: Cells) -> Floats:
    """Chance of each kind, shape (strata, nodes, kinds)."""
    given = noise(world, found)
    cut = _edges(world, given)
    bins = rectangles(cut[..., 0, :], cut[..., 1, :], given.errors.correlation)
    law = quadrature.without_reason(quadrature.with_silence(world, bins))
    return law.reshape(*law.shape[:2], -1)


def _edges(world: World, given: Noise) -> Floats:
    """Edges in units of the errors, shape (strata, nodes, 2, 5)."""
    apart = (edges(world) - given.bias[:, None]) / given.spread[..., None]
    cut: Floats = apart[:, None] - given.errors.shift[..., None]
    return cut / given.errors.item[:, None]


def draw(
    world: World, found: Cells, stratum: Ints, spread: Spread, rng: Rng
) -> dict[str, pa.Array]:
    """Draw labels and answers of items whose kinds are known.

    Kinds are of errors against what is so; a noisy label is another number from the same law.
    """
    given = noise(world, found)
    state: Ints = np.array(KINDS)[spread.kind]
    cut = _edges(world, given)[stratum, spread.node]
    place = np.maximum(state - 1, 0)[..., None]
    low, high = (
        np.where(state > 0, np.take_along_axis(cut, place + up, axis=2)[..., 0], end)
        for up, end in ((0, -np.inf), (1, np.inf))
    )
    drawn = pairs_between(low, high, given.errors.correlation, rng) * given.errors.item
    error = given.errors.shift[spread.node] + drawn
    so = rng.standard_normal(len(stratum))
    said = so[:, None] + given.bias + given.spread[stratum] * error
    redrawn = rng.random(len(stratum)) < flips(world, found)[stratum]
    label = np.where(redrawn, rng.standard_normal(len(stratum)), so)
    answers: dict[str, pa.Array] = {
        arm: pa.array(said[:, i], mask=state[:, i] == 0) for i, arm in enumerate(ARMS)
    }
    return {"label": pa.array(label), **answers}


def truth(world: World, found: Cells) -> list[Fact]:
    """State the mean, mean absolute and mean squared error in every slice.

    With the ending _labelled: against labels as written, of which some are another number.
    """
    given, flipped = noise(world, found), flips(world, found)
    weights = given.errors.nodes.weights
    stated: list[Fact] = []
    bias = {arm: np.full(len(found), given.bias[i]) for i, arm in enumerate(ARMS)}
    stated += facts("predictions", "bias", found, bias)
    for ending, other in (("", 0.0), ("_labelled", flipped)):
        squares, sizes = {}, {}
        for i, arm in enumerate(ARMS):
            spread = given.spread[:, i]
            centre = given.bias[i] + np.outer(spread, given.errors.shift[:, i])
            own = (spread * given.errors.item[i])[:, None]
            parts = [
                (_square(centre, s) @ weights, _size(centre, s) @ weights)
                for s in (own, np.hypot(own, np.sqrt(2)))
            ]
            squares[arm], sizes[arm] = (
                (1 - other) * kept + other * moved for kept, moved in zip(*parts, strict=True)
            )
        stated += facts("predictions", f"mean_squared_error{ending}", found, squares)
        stated += facts("predictions", f"mean_absolute_error{ending}", found, sizes)
    return stated


def _square(centre: Floats, spread: Floats) -> Floats:
    return centre**2 + spread**2


def _size(centre: Floats, spread: Floats) -> Floats:
    """Mean of the absolute value of a normal number (the folded normal law)."""
    z = centre / spread
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    size: Floats = 2 * spread * density + centre * (2 * special.ndtr(z) - 1)
    return size
