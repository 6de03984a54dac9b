"""Labels: where they come from, and how often they say the opposite of what is so."""

import numpy as np

from shipcall.world.chance.draws import Floats
from shipcall.world.people.cells import SOURCE, Cells
from shipcall.world.truth import World


def flips(world: World, found: Cells) -> Floats:
    """Share of labels that are flipped in each stratum, shape (strata,).

    Raises:
        ValueError: If the noisy source is none of the sources.
    """
    labels = world.labels
    if labels.noisy is not None and labels.noisy not in labels.sources:
        raise ValueError(
            f"labels.noisy is {labels.noisy!r}; labels.sources has {sorted(labels.sources)}"
        )
    if labels.noisy is None or SOURCE not in found.columns:
        return np.full(len(found), labels.noise)
    return np.where(found.inside({SOURCE: labels.noisy}), labels.noise, 0.0)
