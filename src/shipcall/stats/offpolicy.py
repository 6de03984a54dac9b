"""Off-policy: what a log of one policy's choices and rewards says about two other policies.

The log's policy made a choice with a known chance, a reward followed. A policy that would have
made the choice with another chance is worth the rewards weighed by the quotient of the two.
"""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from shipcall.core import Absent, Estimand, Estimate, Measured, Reason, Tails
from shipcall.stats.clusters import Clusters, inner
from shipcall.stats.means import pair_estimate
from shipcall.stats.moments import pair_sample
from shipcall.stats.proportions import Ends
from shipcall.stats.sample import Floats, Lost, Overlap, PairSample, Pull, Weights

MIN_EFFECTIVE = 50.0
"""Effective sample below which weights nobody saw can be worth more than those that were seen."""
MOST_OFF = 3.0
"""Standard errors by which the mean weight may lie off 1."""
_MEASURED = (Estimand.BASELINE, Estimand.CANDIDATE, Estimand.DIFFERENCE, Estimand.RELATIVE)


def logged_sample(  # noqa: PLR0913 - columns of one log
    *,
    num_baseline: ArrayLike,
    den_baseline: ArrayLike,
    num_candidate: ArrayLike,
    den_candidate: ArrayLike,
    weight_baseline: ArrayLike,
    weight_candidate: ArrayLike,
    surprise: ArrayLike,
    clusters: Clusters,
    lost: Lost,
    influence: bool,
) -> PairSample:
    """Sum a log into the values of two policies, with what the weights say of themselves.

    Each value is sum(num) / sum(den). IPS has num = weight * reward and den = 1, SNIPS den =
    weight, the doubly robust value num = direct + weight * (reward - expected) and den = 1.
    Assumes independent clusters and a log that could make every choice of both policies.

    Args:
        num_baseline: Numerator of each logged choice, shape (rows,).
        den_baseline: Its denominator, not negative.
        num_candidate: Numerator for the candidate, on the same choices.
        den_candidate: Its denominator.
        weight_baseline: The baseline's chance of the choice over the log's, not negative.
        weight_candidate: The candidate's.
        surprise: What is weighed: the reward, or the reward less what was expected.
        clusters: Which choices belong together.
        lost: Choices that were expected and are not known.
        influence: Keep what each cluster contributes, for joint methods.
    """
    weights = [np.asarray(w, dtype=np.float64) for w in (weight_baseline, weight_candidate)]
    nums = [np.asarray(n, dtype=np.float64) for n in (num_baseline, num_candidate)]
    dens = [np.asarray(d, dtype=np.float64) for d in (den_baseline, den_candidate)]
    sample = pair_sample(
        nums[0], dens[0], nums[1], dens[1], clusters, lost=lost, influence=influence
    )
    brought = np.asarray(surprise, dtype=np.float64)
    values = (sample.baseline, sample.candidate)
    first, second = (
        _pulled(weight, den, brought, value)
        for weight, den, value in zip(weights, dens, values, strict=True)
    )
    return replace(
        sample,
        overlap=Overlap(
            choices=clusters.rows,
            nonnegative=bool(brought.min(initial=0.0) >= 0.0),
            weights=(_weights(weights[0], clusters), _weights(weights[1], clusters)),
            baseline=_pull(first, clusters),
            candidate=_pull(second, clusters),
            difference=_pull(second - first, clusters),
        ),
    )


def _weights(weight: Floats, clusters: Clusters) -> Weights:
    if not weight.size:
        return Weights(0.0, 0.0, 0.0, 0.0)
    square, mean = inner(weight, weight), float(weight.mean())
    off = clusters.sums(weight - mean)
    many = clusters.count / max(clusters.count - 1.0, 1.0)
    return Weights(
        effective=float(weight.sum()) ** 2 / square if square > 0 else 0.0,
        largest=float(weight.max()),
        mean=mean,
        error=math.sqrt(many * inner(off, off)) / weight.size,
    )


def _pulled(weight: Floats, den: Floats, surprise: Floats, value: float | None) -> Floats:
    """What each choice adds to a value by its weight; to a quotient by weights, beyond it.

    Returns:
        As it was, with the least and with the greatest reward; shape (3, rows).
    """
    total = float(den.sum())
    if value is None or total <= 0:
        return np.zeros((3, weight.size))
    centre = value if np.array_equal(den, weight) and not np.all(den == 1) else 0.0
    ends = (surprise, surprise.min(initial=0.0), surprise.max(initial=0.0))
    return np.stack([weight * (end - centre) / total for end in ends])


def _pull(pulled: Floats, clusters: Clusters) -> Pull:
    """Sum what pulls a value up and down."""
    sums = clusters.sums(pulled[0])
    up, down = np.maximum(sums, 0.0), np.maximum(-sums, 0.0)
    most = clusters.sums(np.maximum(pulled[1:].max(axis=0), 0.0))
    least = clusters.sums(np.maximum(-pulled[1:].min(axis=0), 0.0))
    return Pull(
        up=float(up.sum()),
        up_square=inner(up, up),
        up_most=float(most.max(initial=0.0)),
        down=float(down.sum()),
        down_square=inner(down, down),
        down_most=float(least.max(initial=0.0)),
    )


def logged_estimate(sample: PairSample, estimand: Estimand, tails: Tails) -> Measured:
    """Estimate a policy's value from the log of another, or say that the log cannot tell.

    The wider, at each end, of `means.pair_estimate` and of limits for weighted counts: rewards
    that were drawn with a large weight may have stayed away by luck, so the upper end reckons
    with one more choice of the largest weight and the greatest reward (and the lower end with
    the least). The method carries the effective sample size and the largest weight.

    Absent where the log lies outside what the limits can bear: an effective sample, (sum w)^2 /
    sum w^2, below 50, or a mean weight more than 3 standard errors from 1, its expectation if
    the chances are right and nothing that a policy does was impossible for the log. Design
    record 0027 has the measured rates.

    Args:
        sample: From `logged_sample`.
        estimand: DIFFERENCE, CANDIDATE, BASELINE or RELATIVE (bounds of the difference over
            those of the baseline, half the error for each).
        tails: One-sided error level of each end.

    When not to use: weights that somebody clipped (the mean weight shows it), rewards that come
    long after the choice, or a policy whose choices change what is asked next.

    References:
        Horvitz & Thompson (1952), J. Am. Stat. Assoc. 47, 663-685 (IPS).
        Swaminathan & Joachims (2015), The self-normalized estimator for counterfactual learning,
        NeurIPS 28 (SNIPS).
        Dudík, Langford & Li (2011), Doubly robust policy evaluation and learning, ICML.
        Fay & Feuer (1997), Confidence intervals for directly standardized rates: a method based
        on the gamma distribution, Statistics in Medicine 16, 791-801 (weighted counts).
    """
    if sample.overlap is None:
        raise ValueError("the sample has no weights: make it with logged_sample")
    if estimand not in _MEASURED:
        raise ValueError(f"a policy's value has no estimand {estimand.value!r}")
    absent = _refusal(sample, sample.overlap, estimand)
    if absent is not None:
        return absent
    if estimand is Estimand.RELATIVE:
        return _relative(sample, tails)
    seen = pair_estimate(sample, estimand, tails)
    if isinstance(seen, Absent):
        return seen
    pull = {
        Estimand.BASELINE: sample.overlap.baseline,
        Estimand.CANDIDATE: sample.overlap.candidate,
        Estimand.DIFFERENCE: sample.overlap.difference,
    }[estimand]
    hidden = weighted_count_ends(seen.value, pull, tails)
    least = 0.0 if _nonnegative(sample.overlap, estimand) else -math.inf
    return replace(
        seen,
        low=max(min(seen.low, hidden.low), least),
        high=max(seen.high, hidden.high),
        method=f"{seen.method}, weighted counts; {_told(sample.overlap, estimand)}",
    )


def _nonnegative(overlap: Overlap, estimand: Estimand) -> bool:
    return overlap.nonnegative and estimand is not Estimand.DIFFERENCE


def _judged(overlap: Overlap, estimand: Estimand) -> tuple[Weights, ...]:
    """Weights of the policies that an estimand is about."""
    baseline, candidate = overlap.weights
    own = {Estimand.BASELINE: (baseline,), Estimand.CANDIDATE: (candidate,)}
    return own.get(estimand, (baseline, candidate))


def _told(overlap: Overlap, estimand: Estimand) -> str:
    worst = min(_judged(overlap, estimand), key=lambda weights: weights.effective)
    return (
        f"effective sample size {worst.effective:,.1f} of {overlap.choices:,}, "
        f"largest weight {worst.largest:.1f}"
    )


def _refusal(sample: PairSample, overlap: Overlap, estimand: Estimand) -> Absent | None:
    for weights in _judged(overlap, estimand):
        told = _told(overlap, estimand)
        off = abs(weights.mean - 1.0)
        if weights.effective < MIN_EFFECTIVE:
            return Absent(reason=Reason.LITTLE_OVERLAP, detail=told, n=sample.clusters)
        if off > MOST_OFF * weights.error and off > 1e-6:
            detail = f"mean weight {weights.mean:.3g} instead of 1; {told}"
            return Absent(reason=Reason.LITTLE_OVERLAP, detail=detail, n=sample.clusters)
    return None


def weighted_count_ends(value: float, pull: Pull, tails: Tails) -> Ends:
    """Bound a sum of weighted rare events by gamma laws, with one more event of the largest weight.

    What pulls up and what pulls down are two weighted sums of Poisson counts; the distance of
    the value to its end joins the distances of both by their squares. With one weight w for all
    of x events that pull up and none down, the ends are w times the exact limits of a Poisson
    count: w * chi2(a; 2x) / 2 and w * chi2(1 - a; 2x + 2) / 2.

    Args:
        value: The estimate.
        pull: What pulls it up and down.
        tails: One-sided error level of each end.

    References:
        Fay & Feuer (1997), Statistics in Medicine 16, 791-801.
    """
    low = math.hypot(
        pull.up - _gamma_low(pull.up, pull.up_square, tails.low),
        _gamma_high(pull.down, pull.down_square, pull.down_most, tails.low) - pull.down,
    )
    high = math.hypot(
        _gamma_high(pull.up, pull.up_square, pull.up_most, tails.high) - pull.up,
        pull.down - _gamma_low(pull.down, pull.down_square, tails.high),
    )
    return Ends(value - low, value + high)


def _gamma_low(total: float, square: float, tail: float) -> float:
    """Lower limit of a sum of weighted counts: gamma law with its mean and variance."""
    if total <= 0 or square <= 0:
        return 0.0
    return square / total * float(special.gammaincinv(total**2 / square, tail))


def _gamma_high(total: float, square: float, most: float, tail: float) -> float:
    """Upper limit: the same law with one more event of the largest weight."""
    total, square = total + most, square + most**2
    if total <= 0:
        return 0.0
    return square / total * float(special.gammainccinv(total**2 / square, tail))


def _relative(sample: PairSample, tails: Tails) -> Measured:
    """Divide the bounds of the difference by those of the baseline, half the error for each."""
    half = Tails(tails.low / 2, tails.high / 2)
    difference = logged_estimate(sample, Estimand.DIFFERENCE, half)
    smaller = min(half)
    baseline = logged_estimate(sample, Estimand.BASELINE, Tails(smaller, smaller))
    if isinstance(difference, Absent):
        return difference
    if isinstance(baseline, Absent):
        return baseline
    if baseline.low <= 0:
        detail = f"a baseline of {baseline.value:g} cannot be told from zero"
        return Absent(reason=Reason.BASELINE_NEAR_ZERO, detail=detail, n=sample.clusters)
    least = -1.0 if sample.overlap is not None and sample.overlap.nonnegative else -math.inf
    low = difference.low / (baseline.low if difference.low < 0 else baseline.high)
    return Estimate(
        value=difference.value / baseline.value,
        low=max(low, least),
        high=difference.high / (baseline.high if difference.high < 0 else baseline.low),
        tails=tails,
        n=sample.clusters,
        method=f"quotient of bounds ({difference.method})",
    )
