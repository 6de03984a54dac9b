"""Answers: what both models decide about one live request, and whether they are right.

For a classifier the laws are those of `classifier`: the decision is the side of one half on which
the stated probability falls. For every other kind of model a request has a right decision, and
right answers follow `quadrature`: one shared difficulty, independent own ones; a wrong answer is
the other decision.
"""

import numpy as np

from shipcall.world.chance.draws import Floats
from shipcall.world.models import classifier, quadrature
from shipcall.world.people.cells import Cells
from shipcall.world.truth import Items, World


def decisions(world: World, found: Cells) -> Floats:
    """Joint law of the right decision and of those of both models, where both answer.

    Args:
        world: Without `items`, requests are like items with all defaults.
        found: Cells of the requests.

    Returns:
        Chances, shape (cells, right decision, baseline, candidate); 0 is "no", 1 is "yes".
    """
    known = (world.items or Items()).model_copy(update={"repeats": 1})
    asked = world.model_copy(update={"items": known})
    if world.kind == "classifier":
        return _classified(asked, found)
    pairs = quadrature.right_pairs(asked, known, found)
    right = np.einsum("q,cqkl->ckl", quadrature.cluster_nodes(known).weights, pairs)
    yes = right * known.positive
    no = right[:, ::-1, ::-1] * (1 - known.positive)
    return np.stack([no, yes], axis=1)


def _classified(asked: World, found: Cells) -> Floats:
    law = classifier.joint(asked, found).sum(axis=3)[..., 1:, 1:]
    nodes = classifier.scoring(asked, found).errors.nodes.weights
    answered: Floats = np.einsum("q,cqykl->cykl", nodes, law)
    law_of_both: Floats = answered / answered.sum(axis=(1, 2, 3), keepdims=True)
    return law_of_both


def rights(world: World, found: Cells) -> Floats:
    """Share of right answers of both models in each cell, shape (cells, 2)."""
    law = decisions(world, found)
    baseline = law[:, 0, 0, :].sum(axis=1) + law[:, 1, 1, :].sum(axis=1)
    candidate = law[:, 0, :, 0].sum(axis=1) + law[:, 1, :, 1].sum(axis=1)
    return np.stack([baseline, candidate], axis=1)
