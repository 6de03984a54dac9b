"""What is so of a classifier: closed forms, and means over a grid of normal errors."""

import numpy as np
from numpy.typing import NDArray
from scipy import special

from shipcall.world.chance.draws import Floats
from shipcall.world.models.classifier import Scoring, scoring, written
from shipcall.world.models.items import items
from shipcall.world.people.cells import Cells, Fact, fact
from shipcall.world.truth import ARMS, World

_GRID = np.linspace(-9.0, 9.0, 2_001)
_WEIGHTS = np.exp(-(_GRID**2) / 2) / np.exp(-(_GRID**2) / 2).sum()
"""Trapezoids: exact beyond rounding for smooth functions, to 1e-5 where there is an edge."""

Values = dict[str, float]


def truth(world: World, found: Cells) -> list[Fact]:
    """State what is so in every slice; with the ending _labelled, against labels as written.

    Of answers alone: what was lost or failed has nothing to do with the item.

    * accuracy, recall, precision, false_positive_rate at one half, roc_auc: closed forms.
    * log_loss, brier: means over the law of the stated probability.
    * calibration_gap: mean distance between stated and true probability, without bins; a
      calibration error over bins is at most this.

    A slice without positives has no recall, and so on: such values are left out.
    """
    given, share = scoring(world, found), items(world).positive
    prior = np.array([1 - share, share])
    mass = found.weights[:, None, None] * given.errors.nodes.weights[:, None] * prior
    so = mass[..., None] * np.eye(2)
    seen = mass[..., None] * written(given.flips)[:, None]
    stated: list[Fact] = []
    for ending, weights in (("", so), ("_labelled", seen)):
        for name, mask in found.slices():
            baseline, candidate = (_values(given, weights, mask, arm) for arm in range(len(ARMS)))
            stated += [
                fact("predictions", metric + ending, name, baseline[metric], candidate[metric])
                for metric in baseline
                if metric in candidate
            ]
    gaps = [(name, [_gap(given, so, mask, arm) for arm in (0, 1)]) for name, mask in found.slices()]
    return stated + [fact("predictions", "calibration_gap", name, *both) for name, both in gaps]


def _values(given: Scoring, weights: Floats, mask: NDArray[np.bool_], arm: int) -> Values:
    """All metrics of one model in one slice.

    Args:
        given: Both models.
        weights: Mass by stratum, node, true class and class counted as the label.
        mask: Strata of the slice.
        arm: Which model.
    """
    lines, mass = _merged(given, weights, mask, arm)
    centre, spread = given.centres[lines, ..., arm], given.errors.item[arm]
    called = special.ndtr((centre - given.cuts[lines, arm][:, None, None]) / spread)
    negative, positive = mass[..., 0], mass[..., 1]
    hits, alarms = float((positive * called).sum()), float((negative * called).sum())
    yes, no = float(positive.sum()), float(negative.sum())
    values = {"accuracy": (hits + no - alarms) / (yes + no)}
    if yes:
        values["recall"] = hits / yes
    if no:
        values["false_positive_rate"] = alarms / no
    if hits + alarms:
        values["precision"] = hits / (hits + alarms)
    if yes and no:
        values["roc_auc"] = _auc(given, lines, mass, arm)
    log_odds = _log_odds(given, lines, arm)
    chance = special.expit(log_odds)
    values["log_loss"] = _mean(mass, np.logaddexp(0, log_odds), np.logaddexp(0, -log_odds))
    values["brier"] = _mean(mass, chance**2, (1 - chance) ** 2)
    return values


def _merged(
    given: Scoring, weights: Floats, mask: NDArray[np.bool_], arm: int
) -> tuple[NDArray[np.intp], Floats]:
    """Merge the strata of a slice in which a model is alike: one of each sort, and their mass."""
    inside = np.flatnonzero(mask)
    _, first, of = np.unique(given.skill[inside, arm], return_index=True, return_inverse=True)
    mass = np.zeros((len(first), *weights.shape[1:]))
    np.add.at(mass, of.ravel(), weights[inside])
    return inside[first], mass


def _auc(given: Scoring, lines: NDArray[np.intp], mass: Floats, arm: int) -> float:
    """Chance that a positive item is scored above a negative one, ties half.

    Log odds are normal in each component of the mixture, so a pair of components is closed:
    Phi(distance of the means over the root of the sum of variances).
    """
    slope = given.skill[lines, arm][:, None, None]
    centre = (slope * given.centres[lines, ..., arm]).ravel()
    spread = np.broadcast_to(slope * given.errors.item[arm], mass.shape[:-1]).ravel()
    positive, negative = mass[..., 1].ravel(), mass[..., 0].ravel()
    apart = centre[:, None] - centre
    root = np.hypot(spread[:, None], spread)
    above = np.where(
        root > 0, special.ndtr(apart / np.where(root > 0, root, 1)), 0.5 + 0.5 * np.sign(apart)
    )
    return float(positive @ above @ negative / (positive.sum() * negative.sum()))


def _log_odds(given: Scoring, lines: NDArray[np.intp], arm: int) -> Floats:
    """Stated log odds on the grid of errors, shape (strata, nodes, classes, grid)."""
    x = given.centres[lines, ..., arm][..., None] + given.errors.item[arm] * _GRID
    slope = given.skill[lines, arm][:, None, None, None]
    log_odds: Floats = given.sharpness[arm] * (given.prior + slope * x) + given.tilt[arm]
    return log_odds


def _mean(mass: Floats, negative: Floats, positive: Floats) -> float:
    """Mean of a loss that is known for each label."""
    total = (mass[..., 0] * (negative @ _WEIGHTS) + mass[..., 1] * (positive @ _WEIGHTS)).sum()
    return float(total / mass.sum())


def _gap(given: Scoring, so: Floats, mask: NDArray[np.bool_], arm: int) -> float:
    lines, mass = _merged(given, so, mask, arm)
    stated = _log_odds(given, lines, arm)
    true = (stated - given.tilt[arm]) / given.sharpness[arm]
    distance = np.abs(special.expit(stated) - special.expit(true))
    return _mean(mass, distance, distance)
