"""Fill: the samples that would have been seen, had every lost row come at an end of its range.

A lost row is a row of the sample with an unknown value. Putting it at its worst end moves the
value and also adds to the spread, the skewness and the count of clusters that differ; moving the
ends of the interval alone would forget the latter three.
"""

import math
from dataclasses import replace
from typing import NamedTuple

from shipcall.stats.sample import Crosstab, Lost, PairSample, Skew

_ROUNDING = 1e-9
"""Part of a cluster that is no further cluster."""


def fills(sample: PairSample) -> tuple[PairSample, ...]:
    """Put the lost rows where they lower a difference most, and where they raise it most.

    A lost pair costs the candidate its least value and gives the baseline its greatest, or the
    other way round. A lost row weighs as much as the mean row of its model, and at least 1. The
    interval of the whole sample would have been one of these, or inside the hull of all and of
    the rows that are there.

    Which clusters lost them is not known, so the split is the one that spreads most. Say M of W
    rows were lost, no cluster holds more than c rows with the lost ones back in it (c is taken
    from the largest that was seen), and a value lies d above the end at which they are put.

    - Where every cluster has one row, a lost row is a cluster: M new ones, each d below. The
      sums are then those of the rows written out.
    - Else a cluster that is d_g <= d below on its W_g seen rows and lost m_g adds
      (d_g W_g + d m_g)^2 - (d_g W_g)^2 <= d^2 m_g (2 W_g + m_g) <= 2 c d^2 m_g,
      2 c d^2 M in all: twice what M / c clusters add of which all rows were lost. The third
      powers add three times as much, by the same step.
    - Clusters of unequal size can hold values that go with their size. With P = c / W, the
      share of the largest of G clusters, and g^2 = 1 - 1 / (G P), Cauchy's inequality allows for
      it with a factor 1 + e g on the spread that was seen and e g P more of what is added,
      where e = M / W; nothing where sizes are equal.

    Where clusters that differ are counted, lost rows count as M / c clusters, rounded up.
    Degrees of freedom stay those that were seen. One cluster of lost rows leans further than
    many: it is put at an end alone as well, the other lost rows being left out.

    Args:
        sample: With lost rows whose range is known, and values that are defined.

    Returns:
        Samples without lost rows and without the contributions of clusters: two of all lost
        rows and, if those are more than one cluster holds, two of one cluster. Paired 0/1 tables
        do not need the latter: their ends are exact.

    Raises:
        ValueError: If nothing bounds the lost rows.
    """
    if sample.lost.range is None:
        raise ValueError("lost rows without a range can have any value: there is no worst one")
    low, high = sample.lost.range
    ends = ((high, low), (low, high))
    return tuple(_filled(part, *pair) for part in _parts(sample) for pair in ends)


def _parts(sample: PairSample) -> tuple[PairSample, ...]:
    """The sample with all of its lost rows, and with those of one cluster."""
    one = max(round(sample.rows * _layout(sample).largest), 1)
    if sample.crosstab is not None or one >= sample.lost.rows:
        return (sample,)
    return sample, replace(sample, lost=replace(sample.lost, rows=one))


class _Layout(NamedTuple):
    """How clusters hold the rows."""

    together: bool
    """Some cluster has several rows, so that it can lose a part of them."""
    largest: float
    """Share of the largest cluster (P)."""
    uneven: float
    """0 where all clusters are of one size (g)."""


def _layout(sample: PairSample) -> _Layout:
    largest = max(sample.largest_share, 1.0 / sample.clusters)
    uneven = math.sqrt(max(1.0 - 1.0 / (sample.clusters * largest), 0.0))
    return _Layout(sample.rows > sample.clusters, largest, uneven)


class _Shift(NamedTuple):
    """What the lost rows of one model change, put at an end."""

    value: float
    """The value with them."""
    extra: float
    """Their weight by the weight that was seen (e)."""
    kept: float
    """What the contributions of seen clusters are multiplied by, at most."""
    moved: float
    """Contribution of a new cluster that holds all of them; of k such clusters, a k-th each."""
    added: float
    """Root of what they add to the variance, with the sign of `moved`."""


def _shift(value: float, weight: float, sample: PairSample, end: float) -> _Shift:
    together, largest, uneven = _layout(sample)
    extra = sample.lost.rows * max(1.0, weight / sample.rows) / weight
    moved = (end - value) * extra / (1.0 + extra) ** 2
    small = 1.0 - largest / (1.0 + extra)
    times = largest / extra * (extra + uneven + 1.0 + together) / small
    return _Shift(
        value=(value + extra * end) / (1.0 + extra),
        extra=extra,
        kept=math.sqrt(1.0 + extra * uneven) / (1.0 + extra),
        moved=moved,
        added=moved * math.sqrt(times),
    )


def _filled(sample: PairSample, baseline: float, candidate: float) -> PairSample:
    """Put the baseline's lost rows at one value and the candidate's at another."""
    before = _shift(sample.baseline or 0.0, sample.weight_baseline, sample, baseline)
    after = _shift(sample.candidate or 0.0, sample.weight_candidate, sample, candidate)
    variances = (
        before.kept**2 * sample.var_baseline + before.added**2,
        after.kept**2 * sample.var_candidate + after.added**2,
    )
    covariance = before.kept * after.kept * sample.covariance + before.added * after.added
    clusters = _clusters(sample, max(before.extra, after.extra))
    return replace(
        sample,
        rows=sample.rows + sample.lost.rows,
        clusters=sample.clusters + clusters,
        baseline=before.value,
        candidate=after.value,
        weight_baseline=sample.weight_baseline * (1.0 + before.extra),
        weight_candidate=sample.weight_candidate * (1.0 + after.extra),
        var_baseline=variances[0],
        var_candidate=variances[1],
        covariance=covariance,
        skew=_skew(sample, before, after, (*variances, sum(variances) - 2.0 * covariance)),
        crosstab=_table(sample.crosstab, sample.lost.rows, gained=candidate > baseline),
        hits_baseline=_hits(sample.hits_baseline, sample, baseline),
        hits_candidate=_hits(sample.hits_candidate, sample, candidate),
        gained_clusters=sample.gained_clusters + clusters * (candidate > baseline),
        lost_clusters=sample.lost_clusters + clusters * (candidate < baseline),
        largest_share=_layout(sample).largest / (1.0 + min(before.extra, after.extra)),
        lost=Lost(),
        influence=None,
    )


def _clusters(sample: PairSample, extra: float) -> int:
    """Count the clusters that lost rows make, each as large as the largest that was seen."""
    together, largest, _ = _layout(sample)
    lost = sample.lost.rows
    return min(lost, math.ceil(extra / largest - _ROUNDING)) if together else lost


def _skew(
    sample: PairSample, before: _Shift, after: _Shift, variances: tuple[float, float, float]
) -> Skew:
    """Add the third powers of what lost rows contribute to those of the seen clusters."""
    together, largest, _ = _layout(sample)
    extra = min(before.extra, after.extra)
    times = (1.0 + 2.0 * together) * (largest / extra) ** 2

    def lean(seen: float, variance: float, kept: float, moved: float, filled: float) -> float:
        spread = kept**2 * variance
        third = seen * spread**1.5 - 3.0 * moved * largest * spread
        third += moved**3 * (times - largest**2)
        return third / filled**1.5 if filled > 0 else 0.0

    apart = max(sample.var_baseline + sample.var_candidate - 2.0 * sample.covariance, 0.0)
    both, moved = math.sqrt(before.kept * after.kept), after.moved - before.moved
    own = sample.skew
    return own._replace(
        baseline=lean(own.baseline, sample.var_baseline, before.kept, before.moved, variances[0]),
        candidate=lean(own.candidate, sample.var_candidate, after.kept, after.moved, variances[1]),
        difference=lean(own.difference, apart, both, moved, variances[2]),
    )


def _table(table: Crosstab | None, lost: int, *, gained: bool) -> Crosstab | None:
    if table is None:
        return None
    if gained:
        return replace(table, only_candidate=table.only_candidate + lost)
    return replace(table, only_baseline=table.only_baseline + lost)


def _hits(hits: tuple[int, int] | None, sample: PairSample, value: float) -> tuple[int, int] | None:
    """Count lost rows as trials, and as events where their value is not 0."""
    if hits is None:
        return None
    lost = sample.lost.rows
    return hits[0] + lost * (value > 0), hits[1] + lost
