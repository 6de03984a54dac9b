"""Runs of one unchanged model: how often pairs of them disagree, and whether they drift apart."""

from typing import NamedTuple

import numpy as np
from scipy import special

from shipcall.core.estimate import Absent, Estimate, Measured, Tails
from shipcall.core.reasons import Reason
from shipcall.stats.sample import Floats

_STEPS = 60
_SAME = 1e-9
"""Spreads closer than this, relative to their size, count as equal."""


def share_of_pairs(events: int, runs: int, tails: Tails) -> Measured:
    """Bound how often an ordered pair of runs has an event, from all pairs of a few runs.

    Pairs share runs, so they are not independent: of R runs only floor(R / 2) pairs are disjoint.
    The mean over all ordered pairs equals the mean, over every order of the runs, of what the
    disjoint pairs in that order give. A mean of means is not more spread out than each of
    them: by Jensen's inequality its exponential moments are at most those of floor(R / 2)
    independent pairs, so that Hoeffding's bound for that many holds for it. No pairing has to be
    chosen, and with no event the high end equals the exact binomial one for floor(R / 2) pairs.

    Assumes that runs are independent of each other and alike in law. Wider than an exact interval
    for floor(R / 2) pairs where the share is neither 0 nor 1: the price for using every pair.

    Args:
        events: Ordered pairs with the event, 0 to `runs` (`runs` - 1).
        runs: Runs; fewer than two have no pair.
        tails: One-sided error level of each end.

    Returns:
        The share with n = floor(R / 2); absent without a pair.

    References:
        Hoeffding (1963), Probability inequalities for sums of bounded random variables, J. Amer.
        Stat. Assoc. 58, 13-30: theorem 1, inequality (2.1), and section 5 on U-statistics.
    """
    pairs = runs * (runs - 1)
    if not 0 <= events <= max(pairs, 0):
        raise ValueError(f"{events} events in {pairs} ordered pairs: a count is wrong")
    if runs < 2:
        return Absent(reason=Reason.TOO_FEW_UNITS, detail=f"{runs} runs have no pair", n=runs)
    share, disjoint = events / pairs, runs // 2
    return Estimate(
        value=share,
        low=1.0 - _farthest(1.0 - share, -np.log(tails.low) / disjoint),
        high=_farthest(share, -np.log(tails.high) / disjoint),
        tails=tails,
        n=disjoint,
        method="Hoeffding, all pairs of runs",
    )


def _farthest(share: float, distance: float) -> float:
    """Greatest p with a relative entropy of at most `distance` between `share` and p."""
    low, high = share, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        entropy = special.rel_entr(share, middle) + special.rel_entr(1 - share, 1 - middle)
        low, high = (middle, high) if entropy <= distance else (low, middle)
    return high


class Apart(NamedTuple):
    """What each run came to, and whether the runs differ by more than their items."""

    values: tuple[float, ...]
    """Ratio of sums of each run."""
    p_value: float
    """Chance of a spread of the values like this if runs only differed item by item."""


def runs_apart(
    num: Floats, den: Floats, *, draws: int, rng: np.random.Generator
) -> list[Apart | None]:
    """Test whether runs of one model differ as wholes, not only from item to item.

    Within each cluster the runs change places at random, the same for all metrics. If nothing
    but chance on single items tells the runs apart, every such exchange is as likely as what
    was seen; a judge that drifted between runs moves all items of a run together, and its
    values lie farther apart than exchanged ones. Exact at any number of runs and clusters (the
    observed order counts as one draw), blind to an effect that all runs share.

    Args:
        num: Numerators, summed by cluster; shape (metrics, clusters, runs).
        den: Denominators, likewise.
        draws: Exchanges to draw, at least 19.
        rng: For the exchanges.

    Returns:
        One per metric; None where a run has no denominator.

    References:
        Phipson & Smyth (2010), Permutation p-values should never be zero, Stat. Appl. Genet. Mol.
        Biol. 9(1), article 39: why one is added to both counts.
    """
    if draws < 19:
        raise ValueError(f"{draws} draws cannot show anything at 0.05: draw 19 or more")
    with np.errstate(divide="ignore", invalid="ignore"):
        values = num.sum(axis=1) / den.sum(axis=1)
        seen = _spread(values)
        beyond = np.zeros(num.shape[0], dtype=np.int64)
        for _ in range(draws):
            order = np.argsort(rng.random(num.shape[1:]), axis=1)[None]
            exchanged = [np.take_along_axis(part, order, axis=2).sum(axis=1) for part in (num, den)]
            beyond += ~(_spread(exchanged[0] / exchanged[1]) < seen * (1 - _SAME))
    return [
        Apart(tuple(float(value) for value in own), float((1 + count) / (1 + draws)))
        if np.isfinite(own).all()
        else None
        for own, count in zip(values, beyond, strict=True)
    ]


def _spread(values: Floats) -> Floats:
    """Sum of squared distances from the mean of the runs; shape (metrics, runs) to (metrics,)."""
    return np.asarray(((values - values.mean(axis=1, keepdims=True)) ** 2).sum(axis=1))
