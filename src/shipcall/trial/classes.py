"""Classes: of which laws a promise can be asked, from how many clusters on.

Whether a population lies inside is a fact of its law and of its number of clusters, never of the
rates that were counted. The tables with what was measured are in design/0011, 0016 and 0036.
"""

import math
from collections.abc import Mapping

from shipcall.trial.benches import SPLIT
from shipcall.world.populations.rows import Contribution, Shape

LEAST_CHANGED = -math.log(0.05 / SPLIT)
"""Clusters of the changing kind that have to be expected, so that a sample without any is rarer
than the least level at which rows are judged."""
LEAST_CLUSTERS: Mapping[Contribution, float] = {
    Contribution.OUTCOMES: 2,
    Contribution.WEIGHED: 1_500,
    Contribution.LOG_CONCAVE: 2,
    Contribution.SYMMETRIC: 2,
    Contribution.LOGNORMAL_HALF: 2,
    Contribution.GAMMA_HALF: 300,
    Contribution.SURE_LOSS: 1_000,
    Contribution.HEAVY: math.inf,
    Contribution.OTHER: 0,
}
"""Fewest clusters from which on a law is declared; CHANGED has a rule of its own."""


def outside_classes(shape: Shape, clusters: int) -> str:
    """Say why no promise can be asked of a law; empty where one can.

    A range is no class: a rare ruin inside it goes unseen as well.

    Args:
        shape: What one cluster contributes.
        clusters: Independent clusters of one draw.
    """
    if shape.contribution is Contribution.CHANGED:
        expected = shape.changed * clusters
        if expected >= LEAST_CHANGED:
            return ""
        return f"{expected:.2g} changed clusters expected, {LEAST_CHANGED:.1f} needed"
    least = LEAST_CLUSTERS[shape.contribution]
    if clusters >= least:
        return ""
    words = f"{shape.contribution}, skewness {shape.skewness:.1f}"
    return words if math.isinf(least) else f"{words}, below {least:,} clusters"
