"""Ratio: are the arms as large as the assignment says? Evidence that holds at every look."""

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from scipy import special

from shipcall.stats.sample import Floats
from shipcall.stats.sequential.inversion import crossing

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


def ratio_evidence(stages: Iterable[Arms], concentration: float = CONCENTRATION) -> float:
    """Add the log evidence of all stages: evidence of independent stages multiplies.

    Evidence of at least -log(level) at any look is proof at `level`. No stage: no evidence (0);
    that no unit came at all is for the caller to say.
    """
    return math.fsum(mismatch_evidence(arms, concentration) for arms in stages)


class ShareEnds(NamedTuple):
    """Interval for the share of one arm."""

    low: float
    high: float


def share_intervals(
    arms: Arms, level: float, concentration: float = CONCENTRATION
) -> list[ShareEnds]:
    """Bound the true share of each arm, all arms and all looks together at one error level.

    The shares that the mixture does not exclude, projected on each arm: for a given share of one
    arm the others are likeliest in proportion to their counts.

    Args:
        arms: Counts of at least one unit, and promised shares (the centre of the mixture).
        level: Error level of all intervals together, in (0, 1).
        concentration: Weight of the promised shares.
    """
    counts, shares = (np.asarray(part, dtype=np.float64) for part in arms)
    n = float(counts.sum())
    if not n > 0:
        raise ValueError("no unit: a share of nothing has no interval")
    mixed = _mixed(counts, concentration * shares) + math.log(level)

    def ends(count: float) -> ShareEnds:
        rest = n - count
        others = float(special.xlogy(counts, counts).sum() - special.xlogy(count, count))
        others -= float(special.xlogy(rest, rest))

        def excluded(share: float) -> bool:
            own = float(special.xlogy(count, share) + special.xlog1py(rest, -share))
            return own + others <= mixed

        at, step = count / n, 1.0 / (n + 1.0)
        low = crossing(excluded, at, -step, 0.0) if count else 0.0
        high = crossing(excluded, at, step, 1.0) if rest else 1.0
        return ShareEnds(low, high)

    return [ends(float(count)) for count in counts]


def _mixed(counts: Floats, prior: Floats) -> float:
    """Log of the Dirichlet-mixed likelihood."""
    gained = special.gammaln(prior + counts) - special.gammaln(prior)
    whole = float(prior.sum())
    return float(
        gained.sum() - special.gammaln(whole + float(counts.sum())) + special.gammaln(whole)
    )
