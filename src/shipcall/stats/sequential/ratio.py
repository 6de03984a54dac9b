"""Ratio: are the arms as large as the assignment says? Evidence that holds at every look."""

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from scipy import special

from shipcall.stats.sample import Floats

CONCENTRATION = 100.0
"""How many units the sealed shares weigh; greater finds smaller leaks later."""


class Arms(NamedTuple):
    """Units of each arm in one stage, and the share that each arm was promised there."""

    counts: Floats
    """Shape (J,)."""
    shares: Floats
    """Shape (J,), each above 0, summing to 1."""


def mismatch_evidence(arms: Arms, concentration: float = CONCENTRATION) -> float:
    """Give the log evidence that units of one stage did not come in the promised shares.

    Dirichlet mixture of multinomial likelihoods over the promised one; exact at any number of
    units if they enter independently with the promised shares.

    Never hold the counts of a whole ramp against the share of the present stage: with shares
    1 -> 10 -> 50 % that is certain to fire. Use `ratio_evidence` over stages.

    Args:
        arms: Counts and promised shares of one stage.
        concentration: Weight of the promised shares in the mixture, > 0.

    Raises:
        ValueError: On shares that are not positive or do not sum to one, and on negative counts.

    References:
        Lindon & Malek (2022), Anytime-valid inference for multinomial count data, NeurIPS.
    """
    counts, shares = (np.asarray(part, dtype=np.float64) for part in arms)
    if not bool(np.all(shares > 0)) or abs(float(shares.sum()) - 1.0) > 1e-9:
        raise ValueError(f"shares {shares.tolist()} must be positive and sum to 1")
    if bool(np.any(counts < 0)):
        raise ValueError(f"counts {counts.tolist()} must not be negative")
    return _mixed(counts, concentration * shares) - float(special.xlogy(counts, shares).sum())


def ratio_evidence(stages: Iterable[Arms]) -> float:
    """Add the log evidence of all stages: evidence of independent stages multiplies.

    Evidence of at least -log(level) at any look is proof at `level`. No stage: no evidence (0);
    that no unit came at all is for the caller to say.
    """
    return math.fsum(mismatch_evidence(arms) for arms in stages)


def _mixed(counts: Floats, prior: Floats) -> float:
    """Log of the Dirichlet-mixed likelihood."""
    gained = special.gammaln(prior + counts) - special.gammaln(prior)
    whole = float(prior.sum())
    return float(
        gained.sum() - special.gammaln(whole + float(counts.sum())) + special.gammaln(whole)
    )
