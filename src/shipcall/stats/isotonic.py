"""Isotonic: the non-decreasing curve nearest to what happened, and what is left of Brier's score.

Miscalibration and discrimination after Dimitriadis, Gneiting & Jordan (2021): the score of the
stated probabilities is miscalibration less discrimination plus uncertainty.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from shipcall.core import Absent, Estimand, Estimate, Measured, Reason, Tails
from shipcall.stats.calibration import quantile_edges
from shipcall.stats.clusters import Clusters
from shipcall.stats.means import pair_estimate
from shipcall.stats.moments import pair_sample
from shipcall.stats.reliability import reliability
from shipcall.stats.sample import Floats, Ints, PairSample

BAND_BINS = 10
"""Bins of the band; each end of each has a tenth of the level, which is as far as t is trusted."""
FOLDS = 5
"""Parts into which clusters are dealt: each is scored by the curve of the others."""
MIN_CLUSTERS = 20
"""Fewest clusters for parts of the score."""


class Step(NamedTuple):
    """A stretch of stated confidences over which the curve is level, with the band around it."""

    low: float
    """Least confidence of its rows."""
    high: float
    """Greatest confidence of its rows."""
    level: float
    """Share that came true, in [0, 1]."""
    rows: int


class Band(NamedTuple):
    """Where the whole curve lies, between two edges of confidence."""

    low: float
    """Edge."""
    high: float
    """Edge."""
    least: float
    """The curve is nowhere below this here."""
    most: float
    """The curve is nowhere above this here."""


def isotonic_curve(confidence: ArrayLike, outcome: ArrayLike) -> list[Step]:
    """Fit the non-decreasing curve with the least squared distance from the outcomes.

    Pools adjacent violators: rows of one confidence are taken together, then neighbours that
    fall are, until none falls. The curve needs no bins; it does assume that a higher confidence
    is never less often right, and it is most uncertain at its two ends.

    Args:
        confidence: Stated probability, in [0, 1]; shape (rows,).
        outcome: What happened, in [0, 1]; shape (rows,).

    Returns:
        Steps in the order of confidence, their levels strictly increasing; empty without rows.

    References:
        Ayer, Brunk, Ewing, Reid & Silverman (1955), An empirical distribution function for
        sampling with incomplete information, Annals of Mathematical Statistics 26, 641-647.
    """
    stated, happened = _columns(confidence, outcome)
    if not stated.size:
        return []
    fitted = _fit(stated, happened)
    ends = np.append(np.flatnonzero(np.diff(fitted.level)), fitted.level.size - 1)
    starts = np.concatenate(([0], ends[:-1] + 1))
    rows = np.add.reduceat(fitted.rows, starts)
    return [
        Step(float(fitted.at[first]), float(fitted.at[last]), float(fitted.level[last]), int(held))
        for first, last, held in zip(starts, ends, rows, strict=True)
    ]


def isotonic_band(
    confidence: ArrayLike, outcome: ArrayLike, cluster: Ints, tails: Tails
) -> list[Band]:
    """Bound the whole non-decreasing curve at once, from bins of the model's own confidence.

    The chance that the curve leaves the band anywhere below it is at most `tails.high`, above it
    at most `tails.low`: every bin bounds its own mean at a BAND_BINS-th of the level (exact where
    rows are clusters), and as the curve never falls, what a bin is bounded by from below holds
    for everything to its right, and from above for everything to its left. No other assumption,
    and so wide where rows are few.

    Args:
        confidence: Stated probability, in [0, 1]; shape (rows,), at least one row.
        outcome: What happened, 0 or 1; shape (rows,).
        cluster: Code of the cluster of each row, not negative; shape (rows,).
        tails: One-sided error level of each side of the band.

    Returns:
        One entry per bin, in order; a bin without an estimate bounds nothing.
    """
    stated, happened = _columns(confidence, outcome)
    edges = quantile_edges(stated, BAND_BINS)
    each = Tails(tails.low / BAND_BINS, tails.high / BAND_BINS)
    bins = reliability(stated, happened, cluster, edges, each)
    bounds = [
        (0.0, 1.0) if isinstance(one.outcome, Absent) else (one.outcome.low, one.outcome.high)
        for one in bins
    ]
    least = np.maximum.accumulate([0.0, *(low for low, _ in bounds[:-1])])
    most = np.minimum.accumulate([1.0, *(high for _, high in bounds[:0:-1])])[::-1]
    return [
        Band(one.low, one.high, float(low), float(high))
        for one, low, high in zip(bins, least, most, strict=True)
    ]


class BrierParts(NamedTuple):
    """Parts of the Brier score of stated confidences against 0/1 outcomes, of one estimand."""

    miscalibration: Measured
    """What the score would gain by the best non-decreasing correction; 0 is best."""
    discrimination: Measured
    """What the corrected confidences gain over stating the same for every row; more is better."""
    uncertainty: Measured
    """Score of stating the mean outcome for every row: a fact about the rows, not the model."""


def brier_parts(  # noqa: PLR0913, PLR0917 - columns of one table
    confidence_baseline: ArrayLike,
    outcome_baseline: ArrayLike,
    confidence_candidate: ArrayLike,
    outcome_candidate: ArrayLike,
    cluster: Ints,
    tails: Tails,
    rng: np.random.Generator,
) -> dict[Estimand, BrierParts]:
    """Split the Brier scores of both models, with intervals that mind what a curve overfits.

    The curve that is fitted to the rows themselves is at least as good on them as the true one,
    so it overstates both parts; curves that are fitted without the clusters they are scored on
    are at most as good, so they understate them. The value is that of the first, which adds up
    with the score; one end comes from the first and the other from the second, by clustered t.
    In expectation each end therefore errs outwards only, also where a model is calibrated and
    the usual expansions fail.

    Assumes independent clusters. Not for comparing tables with another share of positives.

    Args:
        confidence_baseline: Stated probability, in [0, 1]; shape (rows,).
        outcome_baseline: What happened, 0 or 1; shape (rows,).
        confidence_candidate: As for the baseline, same rows.
        outcome_candidate: As for the baseline; differs from it for top-label calibration.
        cluster: Code of the cluster of each row, not negative; shape (rows,).
        tails: One-sided error level of each end.
        rng: Deals the clusters; the same state gives the same intervals.

    Returns:
        BASELINE, CANDIDATE and DIFFERENCE -> the parts; each an estimate or Absent.

    References:
        Murphy (1973), A new vector partition of the probability score, J. Appl. Meteorology 12,
        595-600 (the three parts).
        Dimitriadis, Gneiting & Jordan (2021), Stable reliability diagrams for probabilistic
        classifiers, PNAS 118(8), e2016191118 (isotonic parts).
    """
    clusters = Clusters.of(cluster)
    fold = rng.permutation(clusters.count)[clusters.index] % FOLDS
    arms = [
        _gains(*_columns(confidence, outcome), fold)
        for confidence, outcome in (
            (confidence_baseline, outcome_baseline),
            (confidence_candidate, outcome_candidate),
        )
    ]
    found = {}
    for estimand in (Estimand.BASELINE, Estimand.CANDIDATE, Estimand.DIFFERENCE):
        miscalibration, discrimination = (
            _bracketed(
                [(one.fitted[part], one.held[part]) for one in arms], clusters, estimand, tails
            )
            for part in (0, 1)
        )
        rows = _paired(arms[0].uncertain, arms[1].uncertain, clusters)
        uncertainty = _refusal(clusters) or pair_estimate(rows, estimand, tails)
        found[estimand] = BrierParts(miscalibration, discrimination, uncertainty)
    return found


class _Curve(NamedTuple):
    at: Floats
    """Distinct confidences, ascending; shape (K,)."""
    level: Floats
    """Shape (K,)."""
    rows: Ints
    """Shape (K,)."""


def _columns(confidence: ArrayLike, outcome: ArrayLike) -> tuple[Floats, Floats]:
    stated = np.asarray(confidence, dtype=np.float64)
    happened = np.asarray(outcome, dtype=np.float64)
    if stated.shape != happened.shape:
        raise ValueError(f"{stated.size} confidences for {happened.size} outcomes")
    for column in (stated, happened):
        if not ((column >= 0) & (column <= 1)).all():
            raise ValueError("a confidence or an outcome is NaN or outside [0, 1]")
    return stated, happened


def _fit(stated: Floats, happened: Floats) -> _Curve:
    at, place, rows = np.unique(stated, return_inverse=True, return_counts=True)
    sums = np.bincount(place, weights=happened, minlength=at.size)
    block, weights = np.arange(at.size), rows.astype(np.float64)
    while (falls := np.diff(sums / weights) < 0).any():
        starts = np.flatnonzero(np.concatenate(([True], ~falls)))
        block = np.cumsum(np.concatenate(([False], ~falls)))[block]
        sums, weights = np.add.reduceat(sums, starts), np.add.reduceat(weights, starts)
    return _Curve(at, (sums / weights)[block], rows)


class _Gains(NamedTuple):
    """What each row gives to miscalibration and discrimination, and to the uncertainty."""

    fitted: tuple[Floats, Floats]
    """By the curve of all rows."""
    held: tuple[Floats, Floats]
    """By curves of the other folds."""
    uncertain: Floats


def _gains(stated: Floats, happened: Floats, fold: Ints) -> _Gains:
    within, beyond = np.empty_like(stated), np.empty_like(stated)
    if stated.size:
        curve = _fit(stated, happened)
        within = np.interp(stated, curve.at, curve.level)
    for number in range(FOLDS):
        mine = fold == number
        if mine.any() and not mine.all():
            curve = _fit(stated[~mine], happened[~mine])
            beyond[mine] = np.interp(stated[mine], curve.at, curve.level)
    raw = (stated - happened) ** 2
    flat = (happened - (happened.mean() if happened.size else 0.0)) ** 2
    scores = [(level - happened) ** 2 for level in (within, beyond)]
    gains = [(raw - score, flat - score) for score in scores]
    return _Gains(gains[0], gains[1], flat)


def _paired(baseline: Floats, candidate: Floats, clusters: Clusters) -> PairSample:
    ones = np.ones(clusters.rows)
    return pair_sample(baseline, ones, candidate, ones, clusters, range=(-1.0, 1.0))


def _refusal(clusters: Clusters) -> Absent | None:
    if clusters.count >= MIN_CLUSTERS:
        return None
    detail = f"{clusters.count} clusters; {MIN_CLUSTERS} needed"
    return Absent(reason=Reason.TOO_FEW_CLUSTERS, detail=detail, n=clusters.count)


def _bracketed(
    arms: list[tuple[Floats, Floats]], clusters: Clusters, estimand: Estimand, tails: Tails
) -> Measured:
    """Join the low end of what is understated with the high end of what is overstated.

    For a difference that is candidate under and baseline over, and the other way about.
    """
    refused = _refusal(clusters)
    if refused is not None:
        return refused
    (over_before, under_before), (over_after, under_after) = arms
    lower = _paired(over_before, under_after, clusters)
    upper = _paired(under_before, over_after, clusters)
    if estimand is Estimand.BASELINE:
        lower, upper = upper, lower
    value = _paired(over_before, over_after, clusters)
    ends = [pair_estimate(sample, estimand, tails) for sample in (lower, upper, value)]
    least, greatest, whole = ends
    for one in ends:
        if isinstance(one, Absent):
            return one
    assert isinstance(least, Estimate)  # noqa: S101 - narrowed above, for the type checker
    assert isinstance(greatest, Estimate)  # noqa: S101
    assert isinstance(whole, Estimate)  # noqa: S101
    floor = -1.0 if estimand is Estimand.DIFFERENCE else 0.0
    low, high = max(min(least.low, whole.value), floor), max(greatest.high, whole.value)
    return replace(whole, low=low, high=high, method="isotonic, fitted and cross-fitted")
