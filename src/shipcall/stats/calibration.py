"""Calibration: how far confidence lies from outcome, in bins both models share."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from shipcall.core import Absent, Estimand, Estimate, Measured, Reason, Tails
from shipcall.stats.cells import Size, cells_of, checked_confidence, scatter_of, sized_sample
from shipcall.stats.clusters import Clusters
from shipcall.stats.sample import BinSample, Floats, Ints, Lost

MIN_CLUSTERS = 20
"""Fewest clusters for a covariance of gaps in bins."""
MIN_ROWS_PER_BIN = 2
"""Fewest rows per used bin, on average."""
SURE_AT = 4.0
"""A gap of so many standard errors has a sign that is taken as known."""
DRAWS = 10_000
"""Draws of the law of the error."""
SIMULATED_TO = 5e-3
"""Least tail that is read off the draws; beyond it Gaussian concentration extends them."""
_SAME = 1e-12

Mask = NDArray[np.bool_]


class Ece(NamedTuple):
    """Expected calibration error of both models, in units of confidence, in [0, 1]."""

    baseline: float
    candidate: float


def quantile_edges(confidence: ArrayLike, bins: int, weight: ArrayLike | None = None) -> Floats:
    """Fix the edges of bins that hold about equally many rows of this sample, or equal weight.

    Take the baseline's confidences, once, and use the edges for both models. Tied confidences
    are never split, so that fewer bins than asked for can come back.

    Args:
        confidence: In [0, 1]; shape (rows,), at least one row.
        bins: Number of bins asked for, at least 1.
        weight: Of each row, above zero; None: all rows alike. Whole numbers give the edges of
            the rows repeated so many times.

    Returns:
        Strictly increasing edges from 0 to 1; a bin holds its upper edge, not its lower one.

    Raises:
        ValueError: On no rows, or a confidence that is NaN or outside [0, 1].
    """
    values = checked_confidence(confidence)
    if values.size == 0:
        raise ValueError("no rows to take quantiles of")
    shares = np.arange(1, bins) / bins
    inner = np.unique(_quantiles(values, shares, weight))
    inner = inner[(inner > 0) & (inner < min(float(values.max()), 1.0))]
    return np.concatenate(([0.0], inner, [1.0]))


def _quantiles(values: Floats, shares: Floats, weight: ArrayLike | None) -> Floats:
    """Least values at or below which the shares of the rows, or of their weight, lie."""
    if weight is None:
        return np.asarray(np.quantile(values, shares, method="inverted_cdf"), dtype=np.float64)
    order = np.argsort(values, kind="stable")
    below = np.cumsum(np.asarray(weight, dtype=np.float64)[order])
    # A share of the weight that is met to rounding is met.
    place = np.searchsorted(below * (1.0 + _SAME), shares * below[-1], side="left")
    found: Floats = values[order[np.minimum(place, values.size - 1)]]
    return found


def width_edges(bins: int) -> Floats:
    """Fix the edges of equally wide bins on [0, 1]; needed to compare with published figures.

    When not to use: confidences crowd near 1, where one such bin then hides most of the rows.
    """
    return np.linspace(0.0, 1.0, bins + 1)


def bin_sample(  # noqa: PLR0913, PLR0917 - columns of one table
    confidence_baseline: ArrayLike,
    outcome_baseline: ArrayLike,
    confidence_candidate: ArrayLike,
    outcome_candidate: ArrayLike,
    cluster: Ints,
    edges: Floats,
    *,
    lost: Lost,
    weight: ArrayLike | None = None,
) -> BinSample:
    """Sum the calibration gaps of both models in fixed bins, with their covariance.

    The covariance is over clusters (rows of one cluster may depend on each other in any way),
    times G / (G - 1), and counts that the number of rows varies between clusters. The edges
    count as fixed although they may come from the same rows.

    Weighted, the gap of a bin is g = sum(w (outcome - confidence)) / W with W the weight of all
    rows, a ratio of sums over clusters. Linearised, cluster c moves it by (s_c - W_c g) / W, with
    s_c its own sum in the bin and W_c its weight, so the covariance is the sum of the products of
    these. With weights that have nothing to do with outcomes, the sum of squares of so many
    residuals lacks the share sum(w^2) / W^2 of the variance, one part in n' = W^2 / sum(w^2)
    rows. So rows and clusters are counted as n' / n of them: G' = G n' / n clusters give the
    factor G' / (G' - 1) and G' - 1 degrees of freedom. Weights of one size change nothing.

    Args:
        confidence_baseline: Stated probability, in [0, 1]; shape (rows,).
        outcome_baseline: What happened, in [0, 1] (usually 0 or 1); shape (rows,).
        confidence_candidate: As for the baseline, same rows.
        outcome_candidate: As for the baseline; differs from it for top-label calibration.
        cluster: Code of the cluster of each row, not negative; gaps are allowed; shape (rows,).
        edges: Increasing edges from 0 to 1, shape (B + 1,).
        lost: Expected rows that could not be paired.
        weight: Of each row, above zero; None: all rows alike.

    Raises:
        ValueError: On NaN, values outside [0, 1], or columns of unequal length.
    """
    bins = edges.size - 1
    clusters = Clusters.of(cluster)
    rows = clusters.rows
    cells = cells_of(
        {
            "confidence_baseline": confidence_baseline,
            "outcome_baseline": outcome_baseline,
            "confidence_candidate": confidence_candidate,
            "outcome_candidate": outcome_candidate,
            **({} if weight is None else {"weight": weight}),
        },
        edges,
        rows,
    )
    sums = np.zeros(2 * bins)
    for columns, gaps in zip(cells.column, cells.gap, strict=True):
        sums += np.bincount(columns, weights=gaps, minlength=2 * bins)
    size = Size.of(clusters, cells.weight)
    means = sums / max(size.weight, np.finfo(np.float64).tiny)
    squares = scatter_of(cells, clusters, means) if clusters.count > 1 else None
    return sized_sample(size, means, squares, lost)


def plug_in_ece(sample: BinSample) -> Ece:
    """Sum the absolute gaps; too high by about 0.8 standard errors per well-calibrated bin.

    For comparison with published figures; a call needs `ece_estimate`.

    References:
        Guo et al. (2017), On calibration of modern neural networks, eq. 3.
    """
    total = np.abs(sample.gaps).sum(axis=1)
    return Ece(float(total[0]), float(total[1]))


def ece_estimate(
    sample: BinSample, estimand: Estimand, tails: Tails, rng: np.random.Generator
) -> Measured:
    """Estimate the binned calibration error, debiased, with an interval that minds the kink.

    The estimand is the sum over the fixed bins of |mean gap| times the bin's share of rows, or of
    their weight; a finer-grained miscalibration within a bin is not seen. The value is the
    plug-in minus the bias that Gaussian noise of the same covariance would add to it, kept within
    the interval.

    Each end takes, for every bin whose sign is not sure, the worst case of the error of |gap|:
    a straight line (the plug-in only over-estimates) on one side, |noise| on the other. The
    interval therefore covers at least at its level and is wide where many bins are near zero.
    In a used bin the variance is never less than that of one cluster turning out otherwise.

    Args:
        sample: From `bin_sample`.
        estimand: CANDIDATE, BASELINE or DIFFERENCE.
        tails: One-sided error level of each end.
        rng: For the law of the error; the same state gives the same interval.

    Returns:
        An estimate in units of confidence, or Absent.

    References:
        Kumar, Liang & Ma (2019), Verified uncertainty calibration, for the debiasing.
        Fang & Santos (2019), Inference on directionally differentiable functions.
        Borell (1975), The Brunn-Minkowski inequality in Gauss space, for the far tails.
    """
    refused = _refusal(sample, estimand)
    if refused is not None:
        return refused
    gaps, covariance = sample.gaps.ravel(), _floored(sample)
    bins = sample.gaps.shape[1]
    part = np.repeat(_PART[estimand], bins)
    if _noise(part, gaps, sample.covariance) <= _SAME * np.trace(sample.covariance):
        return _constant(sample, "no bin's gap varies between clusters")
    value = float(part @ (np.abs(gaps) - _bias(gaps, covariance)))
    total = float(part @ np.abs(gaps))
    floor, ceiling = (-1.0, 1.0) if estimand is Estimand.DIFFERENCE else (0.0, 1.0)
    over = _upper(_worst_law(part, gaps, covariance, sample.df), tails.low, rng)
    under = _upper(_worst_law(-part, gaps, covariance, sample.df), tails.high, rng)
    low, high = max(total - over, floor), min(total + under, ceiling)
    if not high - low > _SAME:
        return _constant(sample, "the gaps of all bins together do not vary between clusters")
    return Estimate(
        value=min(max(value, low), high),
        low=low,
        high=high,
        tails=tails,
        n=sample.clusters,
        method="ece_debiased",
    )


_PART = {
    Estimand.BASELINE: np.array([1.0, 0.0]),
    Estimand.CANDIDATE: np.array([0.0, 1.0]),
    Estimand.DIFFERENCE: np.array([-1.0, 1.0]),
}


def _refusal(sample: BinSample, estimand: Estimand) -> Absent | None:
    n = sample.clusters
    if estimand not in _PART:
        detail = f"a calibration error has no estimand {estimand.value!r}: it can be zero"
        return Absent(reason=Reason.NOT_MEASURABLE, detail=detail, n=n)
    if sample.lost.rows:
        detail = f"{sample.lost.rows} rows are lost; their confidences are not known"
        return Absent(reason=Reason.ROWS_MISSING, detail=detail, n=n)
    if sample.rows == 0:
        return Absent(reason=Reason.NO_ROWS, detail="0 rows", n=n)
    if n * sample.evenness < MIN_CLUSTERS:
        counted = "" if sample.evenness == 1 else f" that count as {n * sample.evenness:.1f}"
        detail = f"{n} clusters{counted}; {MIN_CLUSTERS} needed"
        return Absent(reason=Reason.TOO_FEW_CLUSTERS, detail=detail, n=n)
    used = int(_used(sample).reshape(2, -1).sum(axis=1).max())
    rows = sample.rows * sample.evenness
    if rows < MIN_ROWS_PER_BIN * used:
        detail = f"{rows:.6g} rows in {used} bins; {MIN_ROWS_PER_BIN} per bin needed"
        return Absent(reason=Reason.TOO_FEW_UNITS, detail=detail, n=n)
    return None


def _used(sample: BinSample) -> Floats:
    used: Mask = (np.diag(sample.covariance) > 0) | (sample.gaps.ravel() != 0)
    return used.astype(np.float64)


def _floored(sample: BinSample) -> Floats:
    """Raise each used bin's variance to that of one cluster turning out otherwise."""
    least = _used(sample) / (sample.clusters * sample.evenness) ** 2
    raised: Floats = np.maximum(least - np.diag(sample.covariance), 0.0)
    return sample.covariance + np.diag(raised)


def _noise(part: Floats, gaps: Floats, covariance: Floats) -> float:
    """Greatest variance that any bin's share in the estimand has."""
    bins = gaps.size // 2
    weight = np.hstack([np.diag(part[:bins]), np.diag(part[bins:])])
    return float(np.diag(weight @ covariance @ weight.T).max())


def _bias(gaps: Floats, covariance: Floats) -> Floats:
    """Mean of |gap + noise| - |gap| for Gaussian noise: a folded normal, in closed form."""
    error = np.sqrt(np.diag(covariance))
    z = np.divide(np.abs(gaps), error, out=np.full(gaps.shape, np.inf), where=error > 0)
    density = np.exp(-(z**2) / 2) * math.sqrt(2 / math.pi)
    tail = np.where(np.isinf(z), 0.0, 2 * np.abs(gaps) * special.ndtr(-z))
    bias: Floats = error * density - tail
    return bias


def _constant(sample: BinSample, seen: str) -> Absent:
    detail = f"{seen} (the models may be the same, or one a shift of the other)"
    return Absent(reason=Reason.CONSTANT, detail=detail, n=sample.clusters)


class _Law(NamedTuple):
    """Worst law of sum(part * (|gap| - |true gap|)): line @ noise + sum of |noise| of folded."""

    line: Floats
    folded: Mask
    covariance: Floats
    df: float


def _worst_law(part: Floats, gaps: Floats, covariance: Floats, df: float) -> _Law:
    """Take the worst for the upper tail, whatever the true gaps.

    A bin of positive part errs at most by |noise| where its sign is not sure; every other bin
    errs by sign * noise, exactly or at worst.
    """
    kept = part != 0
    weights, gaps = part[kept], gaps[kept]
    covariance = covariance[np.ix_(kept, kept)]
    folded = (weights > 0) & (np.abs(gaps) < SURE_AT * np.sqrt(np.diag(covariance)))
    return _Law(np.where(gaps < 0, -weights, weights) * ~folded, folded, covariance, df)


def _upper(law: _Law, tail: float, rng: np.random.Generator) -> float:
    """Upper quantile of the law: simulated, and extended by concentration beyond the draws."""
    scale = math.sqrt(_greatest_variance(law))
    t = -float(special.stdtrit(law.df, tail))
    if not law.folded.any():
        return scale * t
    read = max(tail, SIMULATED_TO)
    extension = t + float(special.stdtrit(law.df, read))
    return _drawn(law, read, rng) + scale * max(extension, 0.0)


def _greatest_variance(law: _Law) -> float:
    """Bound the variance over all signs that the folded noise can have."""
    line, folded, covariance, _ = law
    straight = float(line @ covariance @ line)
    mixed = 2 * float(np.abs(covariance[folded] @ line).sum())
    return max(straight + mixed + float(np.abs(covariance[np.ix_(folded, folded)]).sum()), 0.0)


def _drawn(law: _Law, tail: float, rng: np.random.Generator) -> float:
    rows = np.vstack([law.line, np.eye(law.line.size)[law.folded]])
    values, vectors = np.linalg.eigh(rows @ law.covariance @ rows.T)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    noise = np.einsum("ij,kj->ik", rng.standard_normal((DRAWS, root.shape[0])), root)
    size = noise[:, 0] + np.abs(noise[:, 1:]).sum(axis=1)
    size /= np.sqrt(rng.chisquare(law.df, DRAWS) / law.df)
    rank = math.ceil((1 - tail) * (DRAWS + 1))
    return float(np.partition(size, rank - 1)[rank - 1])
