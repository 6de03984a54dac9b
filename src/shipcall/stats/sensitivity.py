"""Sensitivity: what other ways of estimating would have said. Exploratory: no call rests on it.

A check names its method before the data. Whoever wants to know how much hangs on that choice
holds the others beside it here; picking one of them afterwards would void every error level.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy import special

from shipcall.core import Absent, Estimand, Estimate, Measured, Reason, Tails
from shipcall.stats.sample import Floats, Lost, PairSample

DRAWS = 4_000
"""Draws of the bootstrap over clusters."""
MOST_CLUSTERS = 5_000
"""More clusters than this are drawn in so many groups."""
Estimating = Callable[[PairSample, Estimand, Tails], Measured]


class Alternative(NamedTuple):
    """One other way to estimate what a check asks for."""

    name: str
    """Stable: normal, student, bootstrap, lost_ignored, lost_at_worst, apart."""
    measured: Measured


def alternatives(
    sample: PairSample,
    estimand: Estimand,
    tails: Tails,
    rng: np.random.Generator,
    own: Estimating,
) -> list[Alternative]:
    """Estimate one number by other methods, each end at the level of the check.

    Args:
        sample: With the contributions of clusters (`influence`), for the bootstrap.
        estimand: As the check has it.
        tails: One-sided error level of each end, as in the recorded interval.
        rng: For the bootstrap.
        own: The estimator of the check itself, for lost rows left out and put at their worst.

    Returns:
        Normal and Student ends around the same cluster-robust standard error, a bootstrap over
        clusters, and lost rows left out or put at their worst. Each without the corrections for
        few clusters, skewness and rare events that the method of the check has: where these
        differ from it, the corrections were at work.
    """
    seen = replace(sample, lost=Lost())
    found = [
        Alternative("normal", plain_interval(seen, estimand, tails, df=math.inf)),
        Alternative("student", plain_interval(seen, estimand, tails, df=sample.df)),
        Alternative("bootstrap", bootstrap_interval(seen, estimand, tails, rng)),
    ]
    if sample.lost.rows:
        found.append(Alternative("lost_ignored", own(seen, estimand, tails)))
        found.append(Alternative("lost_at_worst", own(sample, estimand, tails)))
    return found


class _Point(NamedTuple):
    value: float
    variance: float


def plain_interval(sample: PairSample, estimand: Estimand, tails: Tails, *, df: float) -> Measured:
    """Give value -+ quantile * standard error, with a cluster-robust error and nothing else.

    When not to use: few clusters, skewed contributions or rare events; it is too narrow there.

    Args:
        sample: Sums of the rows.
        estimand: DIFFERENCE, RELATIVE (delta method), CANDIDATE or BASELINE.
        tails: One-sided error level of each end.
        df: Degrees of freedom of Student's t; inf for the normal law.
    """
    point = _point(sample, estimand)
    if isinstance(point, Absent):
        return point
    error = math.sqrt(point.variance)
    low, high = (-float(special.stdtrit(min(df, 1e9), tail)) * error for tail in tails)
    name = "normal" if math.isinf(df) else "Student's t"
    return _estimate(sample, point.value, (point.value - low, point.value + high), tails, name)


def bootstrap_interval(
    sample: PairSample, estimand: Estimand, tails: Tails, rng: np.random.Generator
) -> Measured:
    """Draw the clusters again, with replacement, and take quantiles of the value.

    The value is linearised: a draw adds up what the clusters contribute to it. With G clusters a
    draw counts cluster g as often as a multinomial law of G trials has it.

    Args:
        sample: With `influence`.
        estimand: As the check has it.
        tails: One-sided error level of each end; each needs 10 draws beyond it.
        rng: Draws.
    """
    point = _point(sample, estimand)
    if isinstance(point, Absent):
        return point
    if sample.influence is None or min(tails) * DRAWS < 10:
        detail = f"{DRAWS} draws say nothing about a tail of {min(tails):.2g}"
        return Absent(reason=Reason.NOT_MEASURABLE, detail=detail, n=sample.clusters)
    weights = _weights(sample, estimand)
    psi = weights[0] * sample.influence.baseline + weights[1] * sample.influence.candidate
    drawn = np.sort(_drawn(psi, rng))
    low = drawn[math.floor(tails.low * DRAWS)]
    high = drawn[math.ceil((1 - tails.high) * DRAWS) - 1]
    ends = point.value + min(float(low), 0.0), point.value + max(float(high), 0.0)
    return _estimate(sample, point.value, ends, tails, "bootstrap over clusters")


def _drawn(psi: Floats, rng: np.random.Generator) -> Floats:
    """Sums of resampled contributions, less what they are on the whole; shape (DRAWS,)."""
    if psi.size > MOST_CLUSTERS:
        grouped = np.zeros(MOST_CLUSTERS)
        np.add.at(grouped, np.arange(psi.size) % MOST_CLUSTERS, psi)
        psi = grouped
    clusters = psi.size
    sums = np.empty(DRAWS)
    chunk = max(1, 4_000_000 // clusters)
    for start in range(0, DRAWS, chunk):
        stop = min(start + chunk, DRAWS)
        places = rng.integers(clusters, size=(stop - start, clusters))
        sums[start:stop] = psi[places].sum(axis=1)
    centred: Floats = sums - float(psi.sum())
    return centred


def _point(sample: PairSample, estimand: Estimand) -> _Point | Absent:
    before, after = sample.baseline, sample.candidate
    needed = {Estimand.BASELINE: (before,), Estimand.CANDIDATE: (after,)}
    if any(value is None for value in needed.get(estimand, (before, after))):
        return Absent(reason=Reason.UNDEFINED, detail="a denominator is zero", n=sample.clusters)
    if estimand is Estimand.RELATIVE and not before:
        detail = "the baseline is zero"
        return Absent(reason=Reason.BASELINE_NEAR_ZERO, detail=detail, n=sample.clusters)
    values = {
        Estimand.BASELINE: before or 0.0,
        Estimand.CANDIDATE: after or 0.0,
        Estimand.DIFFERENCE: (after or 0.0) - (before or 0.0),
        Estimand.RELATIVE: (after or 0.0) / (before or 1.0) - 1.0,
    }
    one, other = _weights(sample, estimand)
    variance = (
        one**2 * sample.var_baseline
        + other**2 * sample.var_candidate
        + 2.0 * one * other * sample.covariance
    )
    if not variance > 0 or not math.isfinite(variance):
        detail = f"{sample.clusters} clusters, no spread"
        return Absent(reason=Reason.CONSTANT, detail=detail, n=sample.clusters)
    return _Point(values[estimand], variance)


def _weights(sample: PairSample, estimand: Estimand) -> tuple[float, float]:
    """Derivative of the estimand by the baseline's and by the candidate's value."""
    if estimand is Estimand.RELATIVE:
        before, after = sample.baseline or 1.0, sample.candidate or 0.0
        return -after / before**2, 1.0 / before
    return {Estimand.BASELINE: (1.0, 0.0), Estimand.CANDIDATE: (0.0, 1.0)}.get(
        estimand, (-1.0, 1.0)
    )


def _estimate(
    sample: PairSample, value: float, ends: tuple[float, float], tails: Tails, method: str
) -> Measured:
    if not ends[0] < ends[1] or not sample.clusters:
        detail = f"{method}: no interval around {value:g}"
        return Absent(reason=Reason.CONSTANT, detail=detail, n=sample.clusters)
    return Estimate(
        value=value, low=ends[0], high=ends[1], tails=tails, n=sample.clusters, method=method
    )
