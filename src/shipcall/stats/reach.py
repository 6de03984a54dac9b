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

from shipcall.core import Bar, Estimand, Estimate, Measured, Tails
from shipcall.stats.bounds import arm_of, fill_ends
from shipcall.stats.means import FEW_CLUSTERS, pair_estimate
from shipcall.stats.proportions import (
    EXACT_DISCORDANT,
    EXACT_PAIRS,
    Ends,
    _chance,
    _long_tail,
    _Region,
    _region,
    _score,
    _score_high,
    _share_lost,
    binomial_ends,
    paired_ends,
)
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
    if sample.crosstab is not None:
        reach = _filled_table_reach(sample.crosstab, sample.lost.rows, tails)
        return _stood(sample, tails, bar, reach, Ends(0.0, 0.0))
    differing = sample.gained_clusters + sample.lost_clusters
    if not FEW_CLUSTERS <= differing <= sample.clusters / 2 or _variance(sample) == 0:
        return pair_estimate(sample, estimand, tails)
    whole = replace(sample, gained_clusters=sample.clusters, lost=Lost())
    student = pair_estimate(whole, estimand, tails)
    if not isinstance(student, Estimate):
        return student
    reach = _hull_reach(student, _rare_reach(sample, tails))
    return _stood(sample, tails, bar, reach, _fill(sample))


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


def _stood(sample: PairSample, tails: Tails, bar: Bar, reach: Reach, shift: Ends) -> Measured:
    """Put an interval around the difference that ends at the bar where the real one does not."""
    low, high = -math.inf, math.inf
    if math.isfinite(bar.low):
        if reach(bar.low - shift.low, False):
            low = bar.low
        elif reach(bar.low - shift.high, True):
            high = math.nextafter(bar.low, -math.inf)
    if math.isfinite(bar.high):
        if reach(bar.high - shift.high, True):
            high = min(high, bar.high)
        elif reach(bar.high - shift.low, False):
            low = math.nextafter(bar.high, math.inf)
    value = min(max(_difference(sample), low), high)
    return Estimate(
        value=value, low=low, high=high, tails=tails, n=sample.clusters, method="standing only"
    )


def _fill(sample: PairSample) -> Ends:
    """How far the worst-case fill of lost rows moves each end outwards."""
    if not sample.lost.rows:
        return Ends(0.0, 0.0)
    before = fill_ends(arm_of(sample, Estimand.BASELINE), sample)
    after = fill_ends(arm_of(sample, Estimand.CANDIDATE), sample)
    value = _difference(sample)
    low, high = after.low - before.high - value, after.high - before.low - value
    return Ends(min(low, 0.0), max(high, 0.0))


def _table_reach(gained: int, fallen: int, pairs: int, tails: Tails) -> Reach:
    def reach(place: float, upper: bool) -> bool:  # noqa: FBT001 - which end
        if upper:
            return _ends_within(gained, fallen, pairs, tails.high, place)
        return _ends_within(fallen, gained, pairs, tails.low, -place)

    return reach


def _filled_table_reach(table: Crosstab, lost: int, tails: Tails) -> Reach:
    """The table as it is and, where pairs are lost, as if all of them had been at one end."""
    gained, fallen = table.only_candidate, table.only_baseline
    there = _table_reach(gained, fallen, table.n, tails)
    if not lost:
        return there
    worst = _table_reach(gained, fallen + lost, table.n + lost, tails)
    best = _table_reach(gained + lost, fallen, table.n + lost, tails)

    def reach(place: float, upper: bool) -> bool:  # noqa: FBT001 - which end
        return there(place, upper) and (best if upper else worst)(place, upper)

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


def _hull_reach(student: Estimate, rare: Reach) -> Reach:
    def reach(place: float, upper: bool) -> bool:  # noqa: FBT001 - which end
        inside = student.high <= place if upper else student.low >= place
        return inside and rare(place, upper)

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
    tilt = _long_tail(float(_share_lost(gained, fallen, pairs, place)), pairs, place, quantile)
    return float(_score(gained, fallen, pairs, place)) < quantile - tilt


class _Tables(NamedTuple):
    """Tables that speak as strongly for a low difference, and the nuisance shares to try."""

    region: _Region
    loss: Floats


@lru_cache(maxsize=1 << 14)
def _tables(gained: int, fallen: int, pairs: int, tail: float) -> _Tables:
    spare = tail / 100
    nuisance = binomial_ends(fallen, pairs, Tails(spare / 2, spare / 2))
    limit = _score_high(gained, fallen, pairs, tail)
    region = _region(gained, fallen, pairs, limit, nuisance.high)
    return _Tables(region, np.linspace(nuisance.low, nuisance.high, _NODES))


@lru_cache(maxsize=1 << 16)
def _exact_within(gained: int, fallen: int, pairs: int, tail: float, place: float) -> bool:
    """Is no difference beyond the place likely enough, whatever share of pairs is lost?"""
    tables = _tables(gained, fallen, pairs, tail)
    loss = tables.loss[2 * tables.loss + place <= 1]
    if not loss.size:
        return True
    gain = np.maximum(loss + place, 0.0)
    return bool(_chance(tables.region, gain, loss).max() < tail - tail / 100)
