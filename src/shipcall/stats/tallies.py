"""Tallies: a PairSample straight from sums, for evidence that is drawn instead of read.

Two ways, both over many draws at once. Clusters that are alike are counted (`tallied_samples`):
exact, also for rare events. Clusters with normal sums are held as number, sum and squares
(`normal_samples`). Both give what `pair_sample` gives on the rows themselves.
"""

from dataclasses import dataclass

import numpy as np

from shipcall.stats.sample import Crosstab, Floats, Ints, Lost, PairSample, Skew

Range = tuple[float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kinds:
    """Kinds of clusters that can come: what every cluster of a kind adds to the sums.

    Each array has the shape (K,). A cluster with several rows adds the sums over its rows.
    """

    num_baseline: Floats
    den_baseline: Floats
    """Not negative; 0 where the cluster does not count for the baseline."""
    num_candidate: Floats
    den_candidate: Floats
    rows: Ints
    """Rows of the cluster that count for either model."""

    @property
    def counting(self) -> Floats:
        """1 for kinds that count for either model, else 0; shape (K,)."""
        return ((self.den_baseline > 0) | (self.den_candidate > 0)).astype(np.float64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Arm:
    """One model in every draw; shapes (N,), contributions (N, K)."""

    value: Floats
    weight: Floats
    influence: Floats
    df: Floats


def tallied_samples(
    kinds: Kinds, counts: Ints, *, limits: Range, binary: bool, lost: Ints | None = None
) -> list[PairSample]:
    """Turn counts of alike clusters into samples, one per draw.

    Equal to `pair_sample` on the clusters written out one by one; the tests compare them. No
    influence is kept: joint methods need the clusters themselves.

    Args:
        kinds: What a cluster of each kind adds.
        counts: Clusters of each kind in each draw, shape (N, K).
        limits: Least and greatest value of a row; every kind lies within.
        binary: Rows are 0 or 1, so exact methods apply where each cluster has one row.
        lost: Rows lost in each draw, shape (N,); None where none are.

    Returns:
        N samples. A value is None where its denominator is zero.
    """
    arms = (
        _arm(kinds.num_baseline, kinds.den_baseline, counts),
        _arm(kinds.num_candidate, kinds.den_candidate, counts),
    )
    clusters = counts @ kinds.counting
    single = binary and bool(np.all(kinds.rows <= 1))
    gains = _gains(kinds, arms[0].value)
    moments = _moments(counts, arms[0].influence, arms[1].influence, clusters)
    df = np.minimum(np.minimum(arms[0].df, arms[1].df), np.maximum(clusters - 1.0, 0.0))
    facts = zip(
        (counts @ kinds.rows).tolist(),
        clusters.astype(np.int64).tolist(),
        df.tolist(),
        (counts * (gains > 0)).sum(axis=1).tolist(),
        (counts * (gains < 0)).sum(axis=1).tolist(),
        np.maximum(*(_largest(kinds, counts, own) for own in (0, 1))).tolist(),
        ([0] * len(counts)) if lost is None else lost.tolist(),
        strict=True,
    )
    exact = _exact_counts(kinds, counts) if single else None
    values = [_defined(arm) for arm in arms]
    weights = [arm.weight.tolist() for arm in arms]
    return [
        PairSample(
            rows=rows,
            clusters=size,
            baseline=values[0][i],
            candidate=values[1][i],
            weight_baseline=weights[0][i],
            weight_candidate=weights[1][i],
            var_baseline=moments.variance[i][0],
            var_candidate=moments.variance[i][1],
            covariance=(sum(moments.variance[i][:2]) - moments.variance[i][2]) / 2,
            df=own_df,
            skew=Skew(*moments.lean[i]),
            crosstab=exact.crosstab(i) if exact else None,
            hits_baseline=exact.hits(i, 0) if exact else None,
            hits_candidate=exact.hits(i, 1) if exact else None,
            gained_clusters=gained,
            lost_clusters=fallen,
            largest_share=largest,
            range=limits,
            lost=Lost(rows=gone, range=limits),
        )
        for i, (rows, size, own_df, gained, fallen, largest, gone) in enumerate(facts)
    ]


def _arm(num: Floats, den: Floats, counts: Ints) -> _Arm:
    weight = counts @ den
    with np.errstate(all="ignore"):
        value = (counts @ num) / weight
        share = den / weight[:, None]
        inflation = _inflation(share, counts)
        residual = (num - value[:, None] * den) / weight[:, None] * np.sqrt(inflation)
    influence = np.where(weight[:, None] > 0, np.nan_to_num(residual), 0.0)
    return _Arm(value=value, weight=weight, influence=influence, df=_df(share, inflation, counts))


def _present(share: Floats, counts: Ints) -> Floats:
    """Share of a cluster of each kind, 0 for kinds that did not come."""
    held: Floats = np.where(counts > 0, np.nan_to_num(share), 0.0)
    return held


def _inflation(share: Floats, counts: Ints) -> Floats:
    """CR2's factor of the squared residual, as in `moments`, for each draw and kind."""
    held = _present(share, counts)
    two = (counts * (held > 0)).sum(axis=1) == 2
    whole = np.any(held >= 1, axis=1)
    factor = 1.0 / (1.0 - np.minimum(held, 0.5 if held.size == 0 else 1.0 - 1e-12))
    square = (counts * held**2).sum(axis=1)[:, None]
    agreeing = 1.0 / (1.0 - 2.0 * held + square)
    factor = np.where(two[:, None], agreeing, factor)
    unit: Floats = np.where(whole[:, None], 1.0, factor)
    return unit


def _df(share: Floats, inflation: Floats, counts: Ints) -> Floats:
    """Fewer of both working models' degrees of freedom; the sums of `moments`, by counts."""
    p = _present(share, counts)
    a, b = inflation * p**2, inflation * p

    def total(values: Floats) -> Floats:
        summed: Floats = (counts * values).sum(axis=1)
        return summed

    s, square, cross, norm = total(a), total(p**2), total(p * a), total(a**2)
    apart_square = total(b**2) - 2.0 * total(a * b) + s**2
    trace = s - 2.0 * cross + s * square
    trace_square = (
        norm
        - 4.0 * total(p * a**2)
        + 2.0 * s * total(a * p**2)
        + (s * square) ** 2
        + 2.0 * square * norm
        + 2.0 * cross**2
        - 4.0 * s * square * cross
    )
    with np.errstate(all="ignore"):
        apart = (total(b) - s) ** 2 / apart_square
        together = trace**2 / trace_square
    least = np.minimum(np.minimum(apart, together), total((p > 0).astype(np.float64)) - 1.0)
    usable = (apart_square > 0) & (trace_square > 0) & ~np.any(p >= 1, axis=1)
    kept: Floats = np.where(usable, least, 0.0)
    return kept


@dataclass(frozen=True, slots=True, eq=False)
class _Moments:
    variance: list[list[float]]
    """Of the baseline, the candidate and their difference, for each draw."""
    lean: list[list[float]]


def _moments(counts: Ints, baseline: Floats, candidate: Floats, clusters: Floats) -> _Moments:
    columns = (baseline, candidate, candidate - baseline)
    squares = np.stack([(counts * c**2).sum(axis=1) for c in columns], axis=1)
    cubes = np.stack([(counts * c**3).sum(axis=1) for c in columns], axis=1)
    with np.errstate(all="ignore"):
        adjusted = np.sqrt(clusters * (clusters - 1.0)) / (clusters - 2.0)
        lean = adjusted[:, None] * cubes / squares**1.5
    usable = (clusters >= 3)[:, None] & (squares > 0)
    return _Moments(squares.tolist(), np.where(usable, lean, 0.0).tolist())


def _gains(kinds: Kinds, value: Floats) -> Floats:
    """Gain of the candidate per cluster; denominators that differ are charged at the value."""
    gain = kinds.num_candidate - kinds.num_baseline
    if np.array_equal(kinds.den_baseline, kinds.den_candidate):
        return np.broadcast_to(gain, (value.size, gain.size))
    charged: Floats = gain - np.nan_to_num(value)[:, None] * (
        kinds.den_candidate - kinds.den_baseline
    )
    return charged


def _largest(kinds: Kinds, counts: Ints, arm: int) -> Floats:
    den = (kinds.den_baseline, kinds.den_candidate)[arm]
    weight = counts @ den
    most = np.where(counts > 0, den, 0.0).max(axis=1)
    share: Floats = np.divide(most, weight, out=np.zeros_like(weight), where=weight > 0)
    return share


def _defined(arm: _Arm) -> list[float | None]:
    return [
        value if weight > 0 else None
        for value, weight in zip(arm.value.tolist(), arm.weight.tolist(), strict=True)
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _Exact:
    """Counts of 0/1 outcomes where each cluster has one row."""

    cells: Ints
    """Both, only baseline, only candidate, neither; shape (N, 4)."""
    trials: Ints
    """Of both models, shape (N, 2)."""
    paired: list[bool]
    """No row of the draw counts for one model only."""

    def crosstab(self, draw: int) -> Crosstab | None:
        if not self.paired[draw]:
            return None
        both, baseline, candidate, neither = self.cells[draw].tolist()
        return Crosstab(
            both=both, only_baseline=baseline, only_candidate=candidate, neither=neither
        )

    def hits(self, draw: int, arm: int) -> tuple[int, int]:
        own = self.cells[draw, 0] + self.cells[draw, 1 + arm]
        return int(own), int(self.trials[draw, arm])


def _exact_counts(kinds: Kinds, counts: Ints) -> _Exact:
    first, second = kinds.num_baseline > 0, kinds.num_candidate > 0
    counting = kinds.counting > 0
    groups = (first & second, first & ~second, second & ~first, counting & ~first & ~second)
    trials = (kinds.den_baseline > 0, kinds.den_candidate > 0)
    return _Exact(
        np.stack([(counts * group).sum(axis=1) for group in groups], axis=1),
        np.stack([(counts * group).sum(axis=1) for group in trials], axis=1),
        (counts[:, kinds.den_baseline != kinds.den_candidate].sum(axis=1) == 0).tolist(),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NormalSums:
    """Sums over clusters of equal size whose values are normal; N draws."""

    clusters: Ints
    """Number of clusters, shape (N,)."""
    sums: Floats
    """Sum of the clusters' values, baseline and candidate; shape (N, 2)."""
    squares: Floats
    """Sums of squares and of the product: baseline, candidate, both; shape (N, 3)."""


def normal_samples(  # noqa: PLR0913 - what sums do not tell
    held: NormalSums,
    *,
    rows_each: float,
    limits: Range,
    lean: Floats | None = None,
    lost: Ints | None = None,
    differing: float = 1.0,
) -> list[PairSample]:
    """Turn sums over clusters of equal size into samples, one per draw.

    Equal to `pair_sample` on clusters with these values, but for the counts of clusters that
    gained and lost, which sums do not hold: half of those that differ are taken for each.

    Args:
        held: The sums.
        rows_each: Rows of one cluster.
        limits: Least and greatest value of a row, where the metric has one.
        lean: Skewness over the root of the number of clusters: baseline, candidate, difference;
            shape (N, 3). None: no skew.
        lost: Rows lost in each draw, shape (N,).
        differing: Share of clusters in which the two models differ, in [0, 1].
    """
    count = held.clusters.astype(np.float64)
    with np.errstate(all="ignore"):
        mean = held.sums / count[:, None]
        scale = 1.0 / (count * (count - 1.0))
        var_b = (held.squares[:, 0] - count * mean[:, 0] ** 2) * scale
        var_c = (held.squares[:, 1] - count * mean[:, 1] ** 2) * scale
        both = (held.squares[:, 2] - count * mean[:, 0] * mean[:, 1]) * scale
    var_b, var_c = np.maximum(var_b, 0.0), np.maximum(var_c, 0.0)
    samples = []
    for i, clusters in enumerate(held.clusters.tolist()):
        usable = clusters >= 2
        changed = round(differing * clusters)
        samples.append(
            PairSample(
                rows=round(rows_each * clusters),
                clusters=clusters,
                baseline=float(mean[i, 0]) if clusters else None,
                candidate=float(mean[i, 1]) if clusters else None,
                weight_baseline=rows_each * clusters,
                weight_candidate=rows_each * clusters,
                var_baseline=float(var_b[i]) if usable else 0.0,
                var_candidate=float(var_c[i]) if usable else 0.0,
                covariance=float(both[i]) if usable else 0.0,
                df=float(max(clusters - 1, 0)),
                skew=Skew() if lean is None else Skew(*lean[i].tolist()),
                gained_clusters=changed - changed // 2,
                lost_clusters=changed // 2,
                largest_share=1.0 / clusters if clusters else 0.0,
                range=limits,
                lost=Lost(rows=0 if lost is None else int(lost[i]), range=limits),
            )
        )
    return samples
