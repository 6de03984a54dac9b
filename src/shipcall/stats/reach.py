"""Reach: on which side of a bar an interval ends, without looking for the end itself.

The ends of paired 0/1 tables are found by inverting a test, which takes milliseconds each.
Whoever folds thousands of drawn tables needs only one test, at the bar. The standing is that of
`pair_estimate`; the ends are not.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy import special

from shipcall.core import Absent, Bar, Estimand, Estimate, Measured, Tails
from shipcall.stats.fill import fills
from shipcall.stats.means import FEW_CLUSTERS, pair_estimate
from shipcall.stats.pairs import (
    EXACT_DISCORDANT,
    EXACT_PAIRS,
    Region,
    chance_of,
    long_tail,
    paired_ends,
    region_of,
    score_high,
    score_of,
    share_lost,
)
from shipcall.stats.proportions import binomial_ends
from shipcall.stats.sample import Crosstab, Floats, Lost, PairSample

_NODES = 33
"""Nuisance shares at which the exact test is tried."""
_ROUNDING = 1e-12
"""A variance below this share of its parts is left to `pair_estimate`."""

Reach = Callable[[float, bool], bool]
"""(place, upper): does the upper end lie at or below the place; else the lower one at or above?"""


def standing_estimate(sample: PairSample, estimand: Estimand, tails: Tails, bar: Bar) -> Measured:
    """Estimate like `pair_estimate`, with ends that say only where they stand to the bar.

    The interval that comes back is the widest with the same standing: it ends at the bar on
    the sides that are shown, and nowhere on the others. For screens use `pair_estimate`.

    Args:
        sample: As for `pair_estimate`.
        estimand: As for `pair_estimate`; only differences are quicker here.
        tails: One-sided error level of each end.
        bar: What the interval is held against.
    """
    if estimand is not Estimand.DIFFERENCE or not _fillable(sample):
        return pair_estimate(sample, estimand, tails)
    there = replace(sample, lost=Lost())
    samples = (there, *fills(sample)) if sample.lost.rows else (there,)
    if not any(map(_countable, samples)):
        return pair_estimate(sample, estimand, tails)
    reaches = []
    for one in samples:
        reach = _reach(one, tails)
        if isinstance(reach, Absent):
            return reach
        reaches.append(reach)
    return _stood(sample, tails, bar, _all(*reaches))


def _fillable(sample: PairSample) -> bool:
    """Are both values there, from two clusters or more, and are lost rows bounded?"""
    defined = sample.baseline is not None and sample.candidate is not None
    return defined and sample.clusters >= 2 and (not sample.lost.rows or sample.range is not None)


def _difference(sample: PairSample) -> float:
    return (sample.candidate or 0.0) - (sample.baseline or 0.0)


def _variance(sample: PairSample) -> float:
    parts = sample.var_baseline + sample.var_candidate
    variance = parts - 2.0 * sample.covariance
    return variance if variance > _ROUNDING * parts else 0.0


def _countable(sample: PairSample) -> bool:
    """Do the ends of the difference come from a table of pairs, at least in part?"""
    if sample.crosstab is not None:
        return True
    differing = sample.gained_clusters + sample.lost_clusters
    return FEW_CLUSTERS <= differing <= sample.clusters / 2 and _variance(sample) > 0


def _reach(sample: PairSample, tails: Tails) -> Reach | Absent:
    """Find the reach of the difference of a sample without lost rows."""
    if sample.crosstab is not None:
        table = sample.crosstab
        return _table_reach(table.only_candidate, table.only_baseline, table.n, tails)
    if not _countable(sample):
        return _interval_reach(pair_estimate(sample, Estimand.DIFFERENCE, tails))
    whole = replace(sample, gained_clusters=sample.clusters)
    student = _interval_reach(pair_estimate(whole, Estimand.DIFFERENCE, tails))
    return student if isinstance(student, Absent) else _all(student, _rare_reach(sample, tails))


def _stood(sample: PairSample, tails: Tails, bar: Bar, reach: Reach) -> Measured:
    """Put an interval around the difference that ends at the bar where the real one does not."""
    low, high = -math.inf, math.inf
    if math.isfinite(bar.low):
        if reach(bar.low, False):
            low = bar.low
        elif reach(bar.low, True):
            high = math.nextafter(bar.low, -math.inf)
    if math.isfinite(bar.high):
        if reach(bar.high, True):
            high = min(high, bar.high)
        elif reach(bar.high, False):
            low = math.nextafter(bar.high, math.inf)
    value = min(max(_difference(sample), low), high)
    return Estimate(
        value=value, low=low, high=high, tails=tails, n=sample.clusters, method="standing only"
    )


def _interval_reach(measured: Measured) -> Reach | Absent:
    if isinstance(measured, Absent):
        return measured

    def reach(place: float, upper: bool) -> bool:  # noqa: FBT001 - which end
        return measured.high <= place if upper else measured.low >= place

    return reach


def _all(*reaches: Reach) -> Reach:
    """The hull of intervals reaches where each of them does."""
    return lambda place, upper: all(reach(place, upper) for reach in reaches)


def _table_reach(gained: int, fallen: int, pairs: int, tails: Tails) -> Reach:
    def reach(place: float, upper: bool) -> bool:  # noqa: FBT001 - which end
        if upper:
            return _ends_within(gained, fallen, pairs, tails.high, place)
        return _ends_within(fallen, gained, pairs, tails.low, -place)

    return reach


def _rare_reach(sample: PairSample, tails: Tails) -> Reach:
    """As `bounds.rare_ends`: the table of clusters that differ, stretched to the variance."""
    clusters, gained, fallen = sample.clusters, sample.gained_clusters, sample.lost_clusters
    net = (gained - fallen) / clusters
    size = math.sqrt(_variance(sample) * clusters / ((gained + fallen) / clusters - net * net))
    table, value = _table_reach(gained, fallen, clusters, tails), _difference(sample)

    def reach(place: float, upper: bool) -> bool:  # noqa: FBT001 - which end
        return table(net + (place - value) / size, upper)

    return reach


def _ends_within(gained: int, fallen: int, pairs: int, tail: float, place: float) -> bool:
    """Does the upper end of `paired_ends` lie at or below a place?"""
    if place >= 1 or place <= (gained - fallen) / pairs:
        return place >= 1
    if not (gained and fallen):
        table = Crosstab(
            both=0, only_baseline=fallen, only_candidate=gained, neither=pairs - gained - fallen
        )
        return paired_ends(table, Tails(tail, tail)).high <= place
    if not _score_is_beyond(gained, fallen, pairs, tail, place):
        return False
    exact = pairs <= EXACT_PAIRS or gained + fallen <= EXACT_DISCORDANT
    return not exact or _exact_within(gained, fallen, pairs, tail, place)


def _score_is_beyond(gained: int, fallen: int, pairs: int, tail: float, place: float) -> bool:
    """Is a true difference as great as the place rejected by the score?"""
    quantile = float(special.ndtri(tail))
    tilt = long_tail(float(share_lost(gained, fallen, pairs, place)), pairs, place, quantile)
    return float(score_of(gained, fallen, pairs, place)) < quantile - tilt


class _Tables(NamedTuple):
    """Tables that speak as strongly for a low difference, and the nuisance shares to try."""

    region: Region
    loss: Floats


@lru_cache(maxsize=1 << 14)
def _tables(gained: int, fallen: int, pairs: int, tail: float) -> _Tables:
    spare = tail / 100
    nuisance = binomial_ends(fallen, pairs, Tails(spare / 2, spare / 2))
    limit = score_high(gained, fallen, pairs, tail)
    region = region_of(gained, fallen, pairs, limit, nuisance.high)
    return _Tables(region, np.linspace(nuisance.low, nuisance.high, _NODES))


@lru_cache(maxsize=1 << 16)
def _exact_within(gained: int, fallen: int, pairs: int, tail: float, place: float) -> bool:
    """Is no difference beyond the place likely enough, whatever share of pairs is lost?"""
    tables = _tables(gained, fallen, pairs, tail)
    loss = tables.loss[2 * tables.loss + place <= 1]
    if not loss.size:
        return True
    gain = np.maximum(loss + place, 0.0)
    return bool(chance_of(tables.region, gain, loss).max() < tail - tail / 100)
