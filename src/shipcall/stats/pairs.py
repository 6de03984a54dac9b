"""Pairs: the difference of 0/1 outcomes which two models have on the same items, and its test."""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from shipcall.core.estimate import Measured, Tails
from shipcall.stats.proportions import Ends, binomial_ends, refused, share_estimate
from shipcall.stats.sample import Crosstab, Floats, Ints

EXACT_PAIRS = 200
"""Paired tables of at most this many pairs get the exact unconditional interval."""
EXACT_DISCORDANT = 60
"""So do tables of any size in which at most this many pairs differ."""

_NODES = 25
_ZOOMS = 6
_REMEMBERED = 1 << 14
"""Ends that are kept: slices and simulations ask for the same small tables again."""


Counts = Ints | Floats | int


def paired_difference(crosstab: Crosstab, tails: Tails) -> Measured:
    """Give candidate minus baseline an interval when both models answered the same items.

    Up to `EXACT_PAIRS` pairs, and wherever at most `EXACT_DISCORDANT` pairs differ, the interval
    is exact: it inverts the unconditional test whose tables are ordered by Tango's score, with
    the nuisance share at its worst within a range that is wrong in one case of a hundred misses
    (paid out of the error level). Otherwise it is Tango's score interval, each end moved outwards
    where the score's own law has its long tail there, and never inside the exact interval of a
    share if pairs differ in one direction only.
    With no pair differing among 10, the end at level 0.05 lies at 0.26, not at 0.

    Assumes independent pairs, one row per cluster.

    Args:
        crosstab: Counts of the four outcomes of a pair.
        tails: One-sided error level of each end.

    References:
        Tango (1998), Equivalence test and confidence interval for the difference in proportions
        for the paired-sample design, Statistics in Medicine 17, 891-908 (score interval).
        Lloyd & Kabaila (2003), On the optimality and limitations of Buehler bounds, Aust. N. Z.
        J. Stat. 45(2), 167-174 (bounds from a fixed ordering of the tables).
        Berger & Boos (1994), P values maximized over a confidence set for the nuisance
        parameter, J. Amer. Stat. Assoc. 89, 1012-1016.
    """
    n, gained, lost = crosstab.n, crosstab.only_candidate, crosstab.only_baseline
    absent = refused(gained + lost, n)
    if absent:
        return absent
    exact = _exact(n, gained + lost)
    method = "exact unconditional, paired" if exact else "Tango score, paired"
    return share_estimate((gained - lost) / n, paired_ends(crosstab, tails), tails, n, method)


def paired_ends(crosstab: Crosstab, tails: Tails) -> Ends:
    """Find the ends of `paired_difference` for a table of at least one pair."""
    n, gained, lost = crosstab.n, crosstab.only_candidate, crosstab.only_baseline
    return Ends(-_high(lost, gained, n, tails.low), _high(gained, lost, n, tails.high))


@lru_cache(maxsize=_REMEMBERED)
def _high(gained: int, lost: int, n: int, tail: float) -> float:
    end = _exact_high if _exact(n, gained + lost) else score_high
    return end(gained, lost, n, tail)


def _exact(pairs: int, differing: int) -> bool:
    return pairs <= EXACT_PAIRS or differing <= EXACT_DISCORDANT


def mcnemar_exact(
    gained: int, lost: int, alternative: Literal["differs", "gain", "loss"] = "differs"
) -> float:
    """Ask how likely so uneven a split of the pairs that differ is under equal models.

    Speaks of "no difference at all" only; for a margin use `paired_difference`.

    Args:
        gained: Pairs which only the candidate has right.
        lost: Pairs which only the baseline has right.
        alternative: "gain" and "loss" are one-sided, "differs" is two-sided.

    Returns:
        The exact p-value, in (0, 1]; 1 if no pair differs.

    References:
        Agresti (2013), Categorical Data Analysis, 3rd ed., section 11.1.
    """
    split = {"gain": lost, "loss": gained, "differs": min(gained, lost)}[alternative]
    share = float(special.bdtr(split, gained + lost, 0.5))
    return min(1.0, 2.0 * share) if alternative == "differs" else share


def share_lost(gained: Counts, lost: Counts, n: int, delta: float) -> Floats:
    """Find the most likely share lost if the true difference is `delta`, for each table.

    Args:
        gained: Pairs which only the candidate has right.
        lost: Pairs which only the baseline has right.
        n: All pairs.
        delta: Candidate minus baseline, in [-1, 1].
    """
    b = (2 * n - gained + lost) * delta - gained - lost
    root = np.sqrt(np.maximum(b * b + 8.0 * n * lost * delta * (1.0 - delta), 0.0))
    return np.maximum((root - b) / (4.0 * n), max(0.0, -delta))


def score_of(gained: Counts, lost: Counts, n: int, delta: float) -> Floats:
    """Find Tango's z of a true difference `delta`, for each table; arguments as `share_lost`."""
    share = share_lost(gained, lost, n, delta)
    variance = np.maximum(n * (2.0 * share + delta * (1.0 - delta)), np.finfo(np.float64).tiny)
    return np.asarray((gained - lost - n * delta) / np.sqrt(variance))


def score_high(gained: int, lost: int, n: int, tail: float) -> float:
    """Find the difference from which on the score rejects at a one-sided level."""
    if gained == n:
        return 1.0
    quantile = float(special.ndtri(tail))

    def below(delta: float) -> bool:
        beyond = long_tail(float(share_lost(gained, lost, n, delta)), n, delta, quantile)
        return float(score_of(gained, lost, n, delta)) < quantile - beyond

    end = _bisect(below, (gained - lost) / n, 1.0)
    if gained and lost:
        return end
    alone = binomial_ends(gained or lost, n, Tails(tail, tail))
    return max(end, alone.high if gained else -alone.low)


def long_tail(lost: float, n: int, delta: float, quantile: float) -> float:
    """Say how much lower than the normal quantile the score's is, where its lower tail is long.

    Cornish & Fisher's first term, skewness (z^2 - 1) / 6. One pair gives 1, 0 or -1 with mean
    delta and mean square m = 2 lost + delta, so its third central moment is
    delta (1 - 3 m + 2 delta^2).
    """
    square = 2.0 * lost + delta
    variance = square - delta**2
    third = delta * (1.0 - 3.0 * square + 2.0 * delta**2)
    if third >= 0 or variance <= 0:
        return 0.0
    skewness = third / (variance * math.sqrt(n * variance))
    return -skewness * max(quantile**2 - 1.0, 0.0) / 6.0


def _bisect(beyond: Callable[[float], bool], inside: float, outside: float) -> float:
    for _ in range(54):
        middle = (inside + outside) / 2
        inside, outside = (inside, middle) if beyond(middle) else (middle, outside)
    return outside


def _exact_high(gained: int, lost: int, n: int, tail: float) -> float:
    """Greatest difference at which tables as low as this one are still as likely as `tail`."""
    score = score_high(gained, lost, n, tail)
    if score >= 1.0:
        return 1.0
    spare = tail / 100
    nuisance = binomial_ends(lost, n, Tails(spare / 2, spare / 2))
    region = region_of(gained, lost, n, score, nuisance.high)
    width = max(score - (gained - lost) / n, 1.0 / n)
    return min(max(_greatest_difference(region, nuisance, tail - spare, width), score), 1.0)


class Region(NamedTuple):
    """Tables that speak as strongly for a low difference: lost >= least[gained]."""

    n: int
    delta: float
    """The score limit that orders them."""
    gained: Ints
    least: Ints
    choose: Floats
    """Logarithm of n over gained."""
    neglected: float
    """Chance of tables beyond those listed, counted as if all of them belonged here."""


def region_of(gained: int, lost: int, n: int, delta: float, ceiling: float) -> Region:
    """List the tables whose score at `delta` is no greater than that of this one.

    Args:
        gained: Pairs which only the candidate has right.
        lost: Pairs which only the baseline has right.
        n: All pairs.
        delta: The difference at which tables are ordered.
        ceiling: Greatest share lost that is asked about; tables far beyond it are not listed.
    """
    spread = math.sqrt(n * ceiling) + 3.0
    most = min(n, math.ceil(n * ceiling + 8.0 * spread))
    neglected = float(special.bdtrc(most, n, ceiling)) if most < n else 0.0
    bound = float(score_of(np.array([gained]), np.array([lost]), n, delta)[0]) + 1e-9

    def outside(rows: Ints, columns: Ints) -> NDArray[np.bool_]:
        return (score_of(rows, columns, n, delta) > bound) & (rows + columns <= n)

    every = np.arange(min(n, gained + most + 1) + 1)
    low, high = np.zeros(every.size, dtype=np.int64), np.full(every.size, most + 1)
    for _ in range(most.bit_length() + 1):
        middle = (low + high) // 2
        beyond = outside(every, middle)
        low, high = np.where(beyond & (low < high), middle + 1, low), np.where(beyond, high, middle)
    high = np.where(every + high > n, n + 1, high)
    least = np.minimum.accumulate(high[::-1])[::-1]
    least[: gained + 1] = np.minimum(least[: gained + 1], lost)
    kept = least <= np.minimum(most, n - every)
    every, least = every[kept], least[kept]
    choose = -special.betaln(n - every + 1.0, every + 1.0) - math.log(n + 1.0)
    return Region(n, delta, every, least, choose, neglected)


def chance_of(region: Region, gain: Floats, loss: Floats) -> Floats:
    """Sum the chance of the region for each pair of true shares; shape (K,)."""
    n, g, least = region.n, region.gained, region.least
    log = special.xlogy(g, gain[:, None]) + special.xlog1py(n - g, -gain[:, None])
    split = np.clip(loss / np.maximum(1.0 - gain, 1e-300), 0.0, 1.0)[:, None]
    tail = np.where(least > 0, special.betainc(np.maximum(least, 1), n - g - least + 1, split), 1.0)
    return np.asarray((np.exp(region.choose + log) * tail).sum(axis=1)) + region.neglected


def _greatest_gain(region: Region, loss: Floats, tail: float, width: float) -> Floats:
    """Greatest share gained, for each share lost, at which the region has chance `tail`.

    Never too small, too large by at most a thousandth of `width`; -inf where no share will do.
    """
    low, high = np.zeros_like(loss), 1.0 - loss
    guess = np.minimum(loss + region.delta + width, high)
    enough = chance_of(region, guess, loss) < tail
    low, high = np.where(enough, low, guess), np.where(enough, guess, high)
    while float((high - low).max()) > width / 1000:
        middle = (low + high) / 2
        likely = chance_of(region, middle, loss) >= tail
        low, high = np.where(likely, middle, low), np.where(likely, high, middle)
    possible = chance_of(region, np.zeros_like(loss), loss) >= tail
    return np.where(possible, high, -np.inf)


def _greatest_difference(region: Region, nuisance: Ends, tail: float, width: float) -> float:
    """Maximise gain - loss over the nuisance share: a grid, then finer ones around the best.

    The gain rises with the loss until both fill the whole, so that between two nodes of the last
    grid the difference cannot exceed the best node by more than two steps.
    """
    nodes = np.linspace(nuisance.low, nuisance.high, _NODES)
    reached = -math.inf
    for _ in range(_ZOOMS):
        differences = _greatest_gain(region, nodes, tail, width) - nodes
        best = int(np.argmax(differences))
        reached = max(reached, float(differences[best]))
        step = float(nodes[1] - nodes[0])
        if 2.0 * step <= width / 1000:
            break
        nodes = np.linspace(nodes[max(best - 1, 0)], nodes[min(best + 1, nodes.size - 1)], 9)
    return reached + 2.0 * step
