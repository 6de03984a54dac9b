"""Causes: bits lost by the stated probabilities, apart from bits never looked for.

inference      was what you opened read rightly?      excess of the expected log score
investigation  were the right panels opened?          see `looking`
"""

import math
from collections.abc import Mapping

import numpy as np

from shipcall.practice.language import Case
from shipcall.practice.laws import Floats
from shipcall.practice.play import Play
from shipcall.practice.points import caused
from shipcall.practice.scoring.score import Causes, Looking

FLOOR = 0.01
"""Least probability any cause is taken for: nobody loses everything by one 0."""


def causes_score(
    play: Play, stated: Mapping[str, float], belief: Floats, looking: Looking
) -> Causes | None:
    """Score the probabilities of causes in bits; 0 is best.

    Args:
        play: The play.
        stated: Cause -> probability; causes not named share what is left evenly.
        belief: Posterior at the panels that were opened, shape (points,).
        looking: How the panels were chosen.

    Returns:
        None where nothing was stated.
    """
    if not stated:
        return None
    by_cause = caused(play.case, play.points)
    posterior = by_cause @ belief
    heard = floored(complete(play.case, stated))
    so = int(by_cause[:, play.setting.truth].argmax())
    return Causes(
        inference=bits_lost(posterior, heard),
        investigation=max(looking.best_bits - looking.bits, 0.0),
        posterior={
            cause.name: float(chance)
            for cause, chance in zip(play.case.cause, posterior, strict=True)
        },
        realised=float(-np.log2(heard[so])),
    )


def complete(case: Case, stated: Mapping[str, float]) -> Floats:
    """Make a distribution of what was stated: the rest goes evenly to causes not named.

    Args:
        case: Has the closed list of causes.
        stated: Cause -> probability in [0, 1], not all 0 if all are named.

    Returns:
        Shape (causes,), adding up to 1.
    """
    left = [cause.name for cause in case.cause if cause.name not in stated]
    rest = max(1.0 - math.fsum(stated.values()), 0.0)
    spread = np.array(
        [stated[cause.name] if cause.name in stated else rest / len(left) for cause in case.cause]
    )
    whole: Floats = spread / spread.sum()
    return whole


def floored(chances: Floats, floor: float = FLOOR) -> Floats:
    """Lift small chances to a floor so that stating the truth stays the best one can do.

    Entries below the floor come to lie on it and the others shrink by one common factor. Of all
    distributions above the floor this is the one with the least divergence from `chances`, so the
    best one for whoever believes in `chances`. (Lifting first and dividing by the sum afterwards
    would pay for stating 0 where one believes in half of the floor.)

    Args:
        chances: Adding up to 1, shape (causes,), with causes * floor < 1.
        floor: Least chance.
    """
    low = np.zeros(len(chances), dtype=bool)
    while True:
        free = 1.0 - floor * low.sum()
        scaled: Floats = np.where(low, floor, chances * free / chances[~low].sum())
        below = scaled < floor
        if not below.any():
            return scaled
        low |= below


def bits_lost(posterior: Floats, heard: Floats) -> float:
    """Expected log score lost against stating the posterior itself, under the same floor.

    sum_i p_i * log2(T(p)_i / q_i), with T the floor; where no chance lies below the floor this is
    the divergence KL(p || q). Never negative, since T(p) is the best distribution above it.

    Args:
        posterior: p, shape (causes,).
        heard: q, above the floor, shape (causes,).
    """
    ratio = np.log2(floored(posterior) / heard)
    return max(float(posterior @ ratio), 0.0)
