"""Resampling: joint bounds over slices that share clusters, by a multiplier bootstrap of t."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import special

from shipcall.core import Bar, Estimand, Tails
from shipcall.stats.clusters import inner
from shipcall.stats.sample import Floats, Influence, Ints, PairSample

MIN_CLUSTERS = 5
"""A slice with fewer clusters gets its Bonferroni share instead."""
MAX_CLUSTERS = 2_000
"""With more distinct clusters than this they are summed into buckets first."""
BUCKETS = 1_024
DOUBT = 0.5
"""Correlations are shrunk by this over the root of the number of clusters that carry them."""
_CHUNK = 256
"""Slices whose contributions are held at once."""
_STEPS = 16
_SAME = 1e-12


class Joint(NamedTuple):
    """Per-slice error levels and critical values that hold jointly; both of shape (slices,)."""

    levels: Floats
    """One-sided level at which each slice's own interval is drawn."""
    critical: Floats
    """The t quantile at that level; inf where a slice has no variance."""


def max_t(
    samples: Sequence[PairSample],
    estimand: Estimand,
    *,
    level: float,
    rng: np.random.Generator,
    replicates: int = 2_000,
) -> Joint:
    """Find critical values beyond which no slice's t goes, except with chance `level` in all.

    Each replicate multiplies every cluster's contribution by a standard normal weight, the same
    in all slices, which gives z-scores that depend on each other as the slices do. The level at
    which every slice is judged is the one at which any of them is beyond with chance `level`;
    each slice's critical value is the t quantile at that level and its own degrees of freedom,
    so that slices with few clusters do not set the bar for the others. The correlations come
    from the same few clusters and look stronger than they are: they are shrunk, the more the fewer
    clusters carry the variance. That level
    lies between the Bonferroni share and `level`, so a critical value is never below the slice's
    own t quantile and never above Bonferroni's.

    Slices that cannot be resampled (no influence, no variance, fewer than five clusters,
    undefined) get their Bonferroni share, and the others share what is left.

    The weights are symmetric, so the values hold for low and for high ends alike, one side at a
    time. More than 2,000 clusters are summed into 1,024 buckets by a fixed hash of their code.
    Assumes that each slice's own t holds its level; where it does not, neither do these.

    Args:
        samples: One per slice of the family, with `influence`; absent slices included, so that
            the family keeps its size.
        estimand: DIFFERENCE, RELATIVE, CANDIDATE or BASELINE.
        level: One-sided error of the whole family, in (0, 1).
        rng: For the weights; the same state gives the same values in any order of the slices.
        replicates: Number of bootstrap replicates.

    References:
        Hothorn, Bretz & Westfall (2008), Simultaneous inference in general parametric models,
        for the max-t.
        Chernozhukov, Chetverikov & Kato (2013), Gaussian approximations and multiplier bootstrap
        for maxima of sums of high-dimensional random vectors, for the weights.
        Beran (1988), Balanced simultaneous confidence sets, for equal levels.
    """
    if not 0 < level < 1:
        raise ValueError(f"level {level} is not between 0 and 1")
    share = level / max(len(samples), 1)
    levels = np.full(len(samples), share)
    parts = [_part(sample, estimand) for sample in samples]
    taking = [i for i, part in enumerate(parts) if part is not None]
    held = [part for part in parts if part is not None]
    if held:
        own = share * len(held)
        scores = _scores(held, rng, replicates)
        levels[taking] = _common_level(scores, own, len(held))
    df = np.array([sample.df for sample in samples])
    critical = np.full(len(samples), np.inf)
    critical[df > 0] = -special.stdtrit(df[df > 0], levels[df > 0])
    return Joint(levels, critical)


def joint_tails(  # noqa: PLR0913 - one family
    samples: Sequence[PairSample],
    estimand: Estimand,
    *,
    bar: Bar,
    clear_at: float,
    breach_at: float,
    rng: np.random.Generator,
) -> list[Tails]:
    """Find the tails at which each slice's own interval is joint over breaches.

    Draw every slice's interval with `pair_estimate` (or `auc_estimate`) at these tails: then the
    chance that any slice breaches although all lie within their bars is at most `breach_at`,
    while each clears at its own `clear_at`. Clipping, widening for lost rows and exact methods
    all stay with that estimator.

    Args:
        samples: One per slice of the family, as for `max_t`.
        estimand: What is held against the bars.
        bar: Any bar of the family; only which of its ends are finite counts.
        clear_at: One-sided error level at which one slice may be called cleared, in (0, 1).
        breach_at: Chance of any false breach in the family, in (0, 1).
        rng: For the bootstrap weights.

    Returns:
        Tails in the order of the samples. Their breach side lies between `breach_at` divided by
        the number of slices and `breach_at`.
    """
    both = bar.two_sided
    joint = max_t(samples, estimand, level=breach_at / 2 if both else breach_at, rng=rng)
    errors = [float(level) for level in joint.levels]
    if both:
        return [Tails(min(clear_at, error), min(clear_at, error)) for error in errors]
    if np.isfinite(bar.low):
        return [Tails(clear_at, error) for error in errors]
    return [Tails(error, clear_at) for error in errors]


def average_correlation(samples: Sequence[PairSample], estimand: Estimand) -> float:
    """Say how far the errors of slices move as one: because clusters have rows in several.

    The mean of the correlations over all pairs of slices, from what each cluster contributes.
    With scores z_i of length 1 it is (|sum z_i|^2 - k) / (k (k - 1)), so no matrix is needed.

    Args:
        samples: Slices that share no row, with `influence`; those without variance are left out.
        estimand: DIFFERENCE, RELATIVE, CANDIDATE or BASELINE.

    Returns:
        In [0, 1): a negative mean, which sampling noise alone can make, counts as none.
    """
    parts = [part for part in (_part(sample, estimand) for sample in samples) if part is not None]
    if len(parts) < 2:
        return 0.0
    places, width = _places([part.cluster for part in parts])
    total = np.zeros(width)
    for place, part in zip(places, parts, strict=True):
        psi = np.bincount(place, weights=part.psi, minlength=width).astype(np.float64, copy=False)
        total += psi / math.sqrt(inner(psi, psi))
    mean = (inner(total, total) - len(parts)) / (len(parts) * (len(parts) - 1))
    return min(max(mean, 0.0), 1.0 - 1e-6)


def bucketed(influence: Influence) -> Influence:
    """Sum contributions into the buckets that joint methods would sum them into anyway.

    For slices of so many clusters that keeping each would fill the memory. The buckets stand in
    place of clusters, with the same numbers in every slice.
    """
    bucket = bucket_of(influence.cluster)
    present = np.flatnonzero(np.bincount(bucket, minlength=BUCKETS))
    baseline, candidate = (
        np.bincount(bucket, weights=psi, minlength=BUCKETS)[present].astype(np.float64, copy=False)
        for psi in (influence.baseline, influence.candidate)
    )
    return Influence(cluster=present.astype(np.int64), baseline=baseline, candidate=candidate)


class _Part(NamedTuple):
    """What a slice brings into the bootstrap."""

    cluster: Ints
    psi: Floats
    df: float


def _part(sample: PairSample, estimand: Estimand) -> _Part | None:
    influence = sample.influence
    if influence is None or sample.df < 1 or influence.cluster.size < MIN_CLUSTERS:
        return None
    psi = _contribution(sample, influence, estimand)
    if psi is None or not np.isfinite(psi).all():
        return None
    scale = inner(influence.baseline, influence.baseline)
    scale += inner(influence.candidate, influence.candidate)
    if inner(psi, psi) <= _SAME * scale:
        return None
    return _Part(influence.cluster, psi, sample.df)


def _contribution(sample: PairSample, influence: Influence, estimand: Estimand) -> Floats | None:
    """Contribution to the estimand, up to a factor: a t does not know its scale."""
    if sample.baseline is None or sample.candidate is None:
        return None
    if estimand is Estimand.CANDIDATE:
        return influence.candidate
    if estimand is Estimand.BASELINE:
        return influence.baseline
    if estimand is Estimand.DIFFERENCE:
        return influence.candidate - influence.baseline
    if estimand is Estimand.RELATIVE and sample.baseline != 0:
        return influence.candidate - sample.candidate / sample.baseline * influence.baseline
    return None


class _Scores(NamedTuple):
    """Standard normal scores of every slice in every replicate, and how far to trust them."""

    z: Floats
    """Shape (replicates, slices)."""
    doubt: Floats
    """Share of a score's variance that is taken to be the slice's own, in (0, 1]; (slices,)."""


def _scores(parts: list[_Part], rng: np.random.Generator, replicates: int) -> _Scores:
    places, width = _places([part.cluster for part in parts])
    weights = rng.standard_normal((replicates, width))
    z = np.empty((replicates, len(parts)))
    effective = np.array([part.df for part in parts])
    for start in range(0, len(parts), _CHUNK):
        chunk = range(start, min(start + _CHUNK, len(parts)))
        psi = np.column_stack(
            [np.bincount(places[i], weights=parts[i].psi, minlength=width) for i in chunk]
        )
        square = (psi**2).sum(axis=0)
        part = slice(start, chunk.stop)
        z[:, part] = weights @ (psi / np.sqrt(square))
        effective[part] = np.minimum(effective[part], square**2 / (psi**4).sum(axis=0))
    return _Scores(z, np.minimum(DOUBT / np.sqrt(effective), 1.0))


def _common_level(scores: _Scores, level: float, slices: int) -> float:
    """Greatest level per slice at which any slice is beyond with chance at most `level`."""
    low, high = math.log(level / slices), math.log(level)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if _any_beyond(scores, -float(special.ndtri(math.exp(middle)))) <= level:
            low = middle
        else:
            high = middle
    return min(math.exp(low), level)


def _any_beyond(scores: _Scores, bound: float) -> float:
    """Mean over replicates of the chance, given the scores, that any slice is beyond."""
    inside = np.zeros(scores.z.shape[0])
    kept, own = np.sqrt(1 - scores.doubt), np.sqrt(scores.doubt)
    for start in range(0, scores.doubt.size, _CHUNK):
        part = slice(start, start + _CHUNK)
        rest = (bound - kept[part] * scores.z[:, part]) / own[part]
        inside += special.log_ndtr(rest).sum(axis=1)
    return float(-np.expm1(inside).mean())


class _Places(NamedTuple):
    of: list[Ints]
    """Column of each cluster of each slice in the matrix of weights."""
    width: int


def _places(clusters: list[Ints]) -> _Places:
    if max(codes.size for codes in clusters) <= MAX_CLUSTERS:
        present = np.unique(np.concatenate(clusters))
        if present.size <= MAX_CLUSTERS:
            return _Places([np.searchsorted(present, codes) for codes in clusters], present.size)
    return _Places([bucket_of(codes) for codes in clusters], BUCKETS)


def bucket_of(codes: Ints) -> Ints:
    """Hash codes into buckets: the finaliser of SplitMix64, then its low bits."""
    mixed = codes.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return (mixed % np.uint64(BUCKETS)).astype(np.int64)
