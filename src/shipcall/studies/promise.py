"""Promise: the cheapest threshold of a cascade whose claim survives testing many thresholds.

Whoever looks at a curve and takes the best place on it has tested every place. Here the places
are tested one after the other in an order that was fixed beforehand, from the safest to the
cheapest, each at the full level, and testing stops at the first that cannot be shown: then the
chance that any threshold named here breaks the claim is at most the level.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from shipcall.core import Absent, Estimand, Measured, Reason, Tails
from shipcall.stats.clusters import Clusters
from shipcall.stats.means import pair_estimate
from shipcall.stats.moments import pair_sample
from shipcall.stats.sample import Lost
from shipcall.studies.cascade import Rows, fallback_share, grid, paired

CHOOSING = 0.2
"""Share of the clusters from which the thresholds are taken; the others test them."""
TRIED = 40
"""Most thresholds that are tried."""
STARTS = 5
"""Places from which testing of `kept_right` begins, with a share of the level each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """A threshold for which a claim was shown."""

    threshold: float
    """inf where no threshold could be shown: everything falls back, and the claim is empty."""
    measured: Measured
    """What the claim is about, on the rows that tested it, with its low end at the level of the
    test; where nothing was shown, at the first threshold that could not be."""
    fallback: Measured
    """Share of rows that fall back there, on the rows that tested it."""
    tried: int
    """Thresholds in the fixed order."""
    passed: int
    """Thresholds for which the claim was shown."""


Shown = Callable[[float, float], Measured]
"""(threshold, level) -> the estimand with its low end at that one-sided level."""


def within_loss(
    rows: Rows, may_lose: float, level: float, rng: np.random.Generator
) -> Promised | Absent:
    """Find the cheapest threshold that loses at most so much against the second model alone.

    Fixed-sequence testing from "everything falls back", where nothing is lost, downwards.
    Assumes independent clusters of the declared classes of `pair_estimate`; exact for 0/1
    answers with one row per cluster. Not for other rows than these: a shift in what is asked
    voids it.

    Args:
        rows: The rows; thresholds come from a fifth of the clusters, tests from the others.
        may_lose: Greatest loss of mean worth, > 0, in its unit.
        level: Chance that the named threshold loses more, in (0, 0.5).
        rng: Deals the clusters.

    Returns:
        The threshold with the smallest fallback share that was reached, inf where not even the
        first one could be shown; Absent where there are too few clusters to split.

    References:
        Angelopoulos, Bates, Candes, Jordan & Lei (2021), Learn then test: calibrating predictive
        algorithms to achieve risk control, arXiv 2110.01052, fixed-sequence testing.
    """
    split = _split(rows, rng)
    if isinstance(split, Absent):
        return split
    testing, clusters = split.testing, Clusters.of(split.testing.cluster)

    def lost(threshold: float, error: float) -> Measured:
        sample = paired(testing, testing.signal >= threshold, clusters)
        return pair_estimate(sample, Estimand.DIFFERENCE, Tails(error, error))

    return _walk(split, lost, -may_lose, [0], level)


def kept_right(
    rows: Rows, at_least: float, level: float, rng: np.random.Generator
) -> Promised | Absent:
    """Find the cheapest threshold at which the kept answers of the first model are right enough.

    Few answers are kept at the safe end, so one walk from there would stop for want of rows:
    five walks begin at evenly spaced places with a fifth of the level each (Bonferroni).

    Args:
        rows: The rows, of answers worth 0 or 1 (or within `rows.range`).
        at_least: Least mean worth of the kept answers.
        level: Chance that the kept answers at the named threshold are worth less, in (0, 0.5).
        rng: Deals the clusters.

    Returns:
        As `within_loss`.
    """
    split = _split(rows, rng)
    if isinstance(split, Absent):
        return split
    testing, clusters = split.testing, Clusters.of(split.testing.cluster)

    def right(threshold: float, error: float) -> Measured:
        kept = (testing.signal >= threshold).astype(np.float64)
        sample = pair_sample(
            testing.first.value * kept, kept, testing.first.value * kept, kept, clusters,
            range=testing.range, lost=Lost(rows=testing.lost, range=testing.range),
            binary=testing.binary,
        )  # fmt: skip
        return pair_estimate(sample, Estimand.CANDIDATE, Tails(error, error))

    count = len(split.thresholds)
    starts = sorted({round(i * count / STARTS) for i in range(STARTS)} & set(range(count)))
    return _walk(split, right, at_least, starts, level)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Split:
    thresholds: Sequence[float]
    """From the safest to the cheapest."""
    testing: Rows


def _split(rows: Rows, rng: np.random.Generator) -> _Split | Absent:
    clusters = Clusters.of(rows.cluster)
    choosing = (rng.random(clusters.count) < CHOOSING)[clusters.index]
    if choosing.all() or not choosing.any():
        detail = f"{clusters.count} clusters cannot be split into choosing and testing ones"
        return Absent(reason=Reason.TOO_FEW_CLUSTERS, detail=detail, n=clusters.count)
    found = grid(rows.signal[choosing], TRIED)[:-1]
    return _Split(thresholds=tuple(reversed(found)), testing=rows.part(~choosing))


def _walk(split: _Split, shown: Shown, bar: float, starts: Sequence[int], level: float) -> Promised:
    """Go on from every start while the low end clears the bar; name the cheapest that did."""
    own = level / len(starts)
    passed: dict[int, Measured] = {}
    refused: list[Measured] = []
    for start in starts:
        for place in range(start, len(split.thresholds)):
            measured = passed.get(place) or shown(split.thresholds[place], own)
            if isinstance(measured, Absent) or measured.low < bar:
                refused.append(measured)
                break
            passed[place] = measured
    place = max(passed, default=-1)
    threshold = split.thresholds[place] if passed else math.inf
    rows, clusters = split.testing, Clusters.of(split.testing.cluster)
    return Promised(
        threshold=threshold,
        measured=passed[place] if passed else refused[0],
        fallback=fallback_share(
            rows, rows.signal >= threshold, clusters, Tails(level / 2, level / 2)
        ),
        tried=len(split.thresholds),
        passed=len(passed),
    )
