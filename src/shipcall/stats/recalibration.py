"""Recalibration: which line through the log odds would make a model's probabilities right."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from shipcall.core import Absent, Estimand, Measured, Reason, Tails
from shipcall.stats.bounds import arm_of, hull, student_ends, third_side
from shipcall.stats.cells import checked_confidence
from shipcall.stats.climb import Climb, rise_of
from shipcall.stats.clusters import Clusters, inner
from shipcall.stats.means import pair_estimate
from shipcall.stats.moments import skew_of
from shipcall.stats.proportions import Ends
from shipcall.stats.ranking import root_factor
from shipcall.stats.sample import Floats, Influence, Lost, PairSample

NEAREST = 1e-6
"""Probabilities are kept so far from 0 and 1: nobody can check more, and one error would rule."""
MIN_EVENTS = 20
"""Fewest effective clusters with the rarer outcome: with fewer the interval misses too often."""
_GREATEST = 700.0
"""Logarithm of about the greatest number there is."""


class _Fit(NamedTuple):
    """One model: its value and what every row contributes to it."""

    value: float
    influence: Floats
    """Shape (rows,)."""
    information: Floats
    """What every row tells of the value, if the fitted line is true; shape (rows,)."""


def slope_sample(  # noqa: PLR0913 - columns of one table
    confidence_baseline: ArrayLike,
    outcome_baseline: ArrayLike,
    confidence_candidate: ArrayLike,
    outcome_candidate: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    clusters: Clusters,
    lost: Lost,
    influence: bool,
) -> PairSample:
    """Fit how fast the true log odds grow with the stated ones; below 1 a model is too sure.

    The slope b of logit P(outcome) = a + b logit(confidence), by maximum likelihood (Cox 1958).
    Its covariance is the sandwich over clusters: a row contributes its residual times its
    distance from the weighted mean of the log odds, over the information. The sum of a cluster
    that holds a share h of the information is divided by sqrt(1 - h). In the sample that comes
    back, the weights are effective numbers of clusters with the rarer outcome.

    Args:
        confidence_baseline: Stated probability, in [0, 1]; shape (rows,).
        outcome_baseline: What happened, 0 or 1; shape (rows,).
        confidence_candidate: As for the baseline, same rows.
        outcome_candidate: As for the baseline; differs from it for top-label calibration.
        weight: Weight of each row, not negative: it counts as so many rows of its cluster; shape
            (rows,). None: all count alike.
        clusters: Which rows belong together.
        lost: Expected rows that could not be paired.
        influence: Also give each cluster's contribution, for joint methods.

    Returns:
        The sample. A value is None where there is no best slope: only one outcome, only one
        confidence, or a confidence that divides the outcomes without error.

    Raises:
        ValueError: On a confidence or an outcome that is NaN or outside [0, 1], or a negative
            weight.

    References:
        Cox (1958), Two further applications of a model for binary regression, Biometrika 45,
        562-565.
    """
    models = (
        (confidence_baseline, outcome_baseline),
        (confidence_candidate, outcome_candidate),
    )
    return _sample(_slope, models, weight, clusters, lost, influence=influence)


def intercept_sample(  # noqa: PLR0913 - columns of one table
    confidence_baseline: ArrayLike,
    outcome_baseline: ArrayLike,
    confidence_candidate: ArrayLike,
    outcome_candidate: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    clusters: Clusters,
    lost: Lost,
    influence: bool,
) -> PairSample:
    """Fit what has to be added to all stated log odds; below 0 a model says too much.

    The a of logit P(outcome) = a + logit(confidence), slope kept at 1, by maximum likelihood:
    calibration in the large. Arguments, covariance and what comes back as in `slope_sample`; the
    value is None only where all outcomes are the same.

    References:
        Cox (1958), as above; Van Calster et al. (2019), Calibration: the Achilles heel of
        predictive analytics, BMC Medicine 17, 230 (slope and intercept as they are used here).
    """
    models = (
        (confidence_baseline, outcome_baseline),
        (confidence_candidate, outcome_candidate),
    )
    return _sample(_intercept, models, weight, clusters, lost, influence=influence)


def slope_estimate(sample: PairSample, estimand: Estimand, tails: Tails) -> Measured:
    """Estimate a slope of recalibration, or a difference of two.

    A slope that came out low comes with a spread that is too small, so one model's own value gets
    the wider, at each end, of clustered t on its own scale and on the logarithmic one, where it
    is above 0. A difference gets the wider of t and of ends joined from the two models' own.
    Assumes independent clusters; where the curve is no line it is the slope of the nearest line.

    When not to use: a slope of 1 and an intercept of 0 leave room for a curve that bends; look
    at the reliability diagram. A model that hardly ever changes its mind has no slope.

    Args:
        sample: From `slope_sample`.
        estimand: CANDIDATE, BASELINE or DIFFERENCE.
        tails: One-sided error level of each end.

    Returns:
        An estimate in log odds per log odds, or Absent: on lost rows, one outcome only, fewer
        than MIN_EVENTS effective clusters with the rarer outcome, or where no finite slope fits
        best.

    References:
        Zou & Donner (2008), Construction of confidence limits about effect measures, Statistics
        in Medicine 27, 1693-1702 (joined ends).
    """
    refused = _refusal(sample, estimand)
    if refused is not None:
        return refused
    if estimand is Estimand.DIFFERENCE:
        return _slopes_apart(sample, tails)
    return _own_slope(sample, estimand, tails)


def intercept_estimate(sample: PairSample, estimand: Estimand, tails: Tails) -> Measured:
    """Estimate an intercept of recalibration, or a difference of two; clustered t.

    Args, and when it is Absent, as for `slope_estimate`; in log odds.
    """
    return _refusal(sample, estimand) or pair_estimate(sample, estimand, tails)


def _own_slope(sample: PairSample, estimand: Estimand, tails: Tails) -> Measured:
    plain = pair_estimate(sample, estimand, tails)
    if isinstance(plain, Absent) or plain.value <= 0:
        return plain
    arm = arm_of(sample, estimand)
    spread = arm.variance / arm.value**2
    down, up = student_ends(math.log(arm.value), spread, sample.df, tails, arm.lean)
    ends = Ends(math.exp(down), math.exp(min(up, _GREATEST)))
    low, high = hull(Ends(plain.low, plain.high), ends)
    return replace(plain, low=low, high=high, method=f"{plain.method}, and t of the logarithm")


def _slopes_apart(sample: PairSample, tails: Tails) -> Measured:
    plain = pair_estimate(sample, Estimand.DIFFERENCE, tails)
    after = _own_slope(sample, Estimand.CANDIDATE, tails)
    before = _own_slope(sample, Estimand.BASELINE, Tails(tails.high, tails.low))
    if isinstance(plain, Absent):
        return plain
    if isinstance(after, Absent) or isinstance(before, Absent):
        return after if isinstance(after, Absent) else before
    rho = sample.covariance / math.sqrt(sample.var_baseline * sample.var_candidate)
    down = third_side(after.value - after.low, before.high - before.value, rho)
    up = third_side(after.high - after.value, before.value - before.low, rho)
    joined = Ends(plain.value - down, plain.value + up)
    low, high = hull(Ends(plain.low, plain.high), joined)
    return replace(plain, low=low, high=high, method=f"difference of slopes ({plain.method})")


_NEEDED = {
    Estimand.BASELINE: ("baseline",),
    Estimand.CANDIDATE: ("candidate",),
    Estimand.DIFFERENCE: ("baseline", "candidate"),
}


def _refusal(sample: PairSample, estimand: Estimand) -> Absent | None:
    if estimand not in _NEEDED:
        detail = f"a line of recalibration has no estimand {estimand.value!r}: it can be zero"
        return Absent(reason=Reason.NOT_MEASURABLE, detail=detail, n=sample.clusters)
    if sample.lost.rows:
        detail = f"{sample.lost.rows} rows are lost; their confidences are not known"
        return Absent(reason=Reason.ROWS_MISSING, detail=detail, n=sample.clusters)
    if not sample.rows:
        return Absent(reason=Reason.NO_ROWS, detail="0 rows", n=0)
    refused = (_unfitted(sample, model) for model in _NEEDED[estimand])
    return next((absent for absent in refused if absent is not None), None)


def _unfitted(sample: PairSample, model: str) -> Absent | None:
    values = {
        "baseline": (sample.baseline, sample.weight_baseline),
        "candidate": (sample.candidate, sample.weight_candidate),
    }
    value, events = values[model]
    if events == 0:
        detail = f"all outcomes of the {model} are the same"
        return Absent(reason=Reason.ONE_CLASS, detail=detail, n=sample.clusters)
    if events < MIN_EVENTS:
        detail = f"{events:.1f} effective clusters with the rarer outcome; {MIN_EVENTS} are needed"
        return Absent(reason=Reason.TOO_FEW_EVENTS, detail=detail, n=sample.clusters)
    if value is None:
        detail = f"no slope fits the {model} best: its confidence is constant or never wrong"
        return Absent(reason=Reason.UNDEFINED, detail=detail, n=sample.clusters)
    return None


def _sample(  # noqa: PLR0913 - columns of one table
    fit: Callable[[Floats, Floats, Floats], _Fit | None],
    models: tuple[tuple[ArrayLike, ArrayLike], tuple[ArrayLike, ArrayLike]],
    weight: ArrayLike | None,
    clusters: Clusters,
    lost: Lost,
    *,
    influence: bool,
) -> PairSample:
    weights = checked_weight(weight, clusters.rows)
    events, values, psi, df = [], [], [], []
    for confidence, outcome in models:
        odds, happened = odds_of(confidence), checked_confidence(outcome)
        if not odds.size == happened.size == clusters.rows:
            raise ValueError(f"{clusters.rows} codes, {odds.size} and {happened.size} values")
        events.append(_events(happened, weights, clusters))
        found = fit(odds, happened, weights) if events[-1] else None
        values.append(None if found is None else found.value)
        psi.append(np.zeros(clusters.count) if found is None else _by_cluster(found, clusters))
        df.append(math.inf if found is None else _df(found, clusters))
    return PairSample(
        rows=clusters.rows,
        clusters=clusters.count,
        baseline=values[0],
        candidate=values[1],
        weight_baseline=events[0],
        weight_candidate=events[1],
        var_baseline=inner(psi[0], psi[0]),
        var_candidate=inner(psi[1], psi[1]),
        covariance=inner(psi[0], psi[1]),
        df=max(min(*df, clusters.count - 1.0), 0.0),
        skew=skew_of(psi[0], psi[1], clusters.count),
        gained_clusters=int(np.count_nonzero(psi[1] > psi[0])),
        lost_clusters=int(np.count_nonzero(psi[1] < psi[0])),
        largest_share=float(clusters.sizes.max(initial=0)) / max(clusters.rows, 1),
        lost=lost,
        influence=Influence(cluster=clusters.codes, baseline=psi[0], candidate=psi[1])
        if influence
        else None,
    )


def odds_of(confidence: ArrayLike) -> Floats:
    """Log odds of stated probabilities, each kept `NEAREST` from 0 and 1.

    Raises:
        ValueError: On a confidence that is NaN or outside [0, 1].
    """
    stated = checked_confidence(confidence)
    odds: Floats = special.logit(np.clip(stated, NEAREST, 1.0 - NEAREST))
    return odds


def checked_weight(weight: ArrayLike | None, rows: int) -> Floats:
    """Bring weights of rows as numbers; 1 for all where there are none.

    Raises:
        ValueError: On a negative weight, NaN, or another number of weights than rows.
    """
    weights = np.ones(rows) if weight is None else np.asarray(weight, dtype=np.float64)
    if weights.shape != (rows,):
        raise ValueError(f"{rows} codes, {weights.size} weights")
    if weights.size and not weights.min() >= 0:
        raise ValueError("a weight is negative or not a number")
    return weights


def _events(happened: Floats, weight: Floats, clusters: Clusters) -> float:
    """Effective number of clusters with the rarer outcome: (sum of counts)^2 / sum of squares."""
    seldom = 2.0 * (weight * happened).sum() <= weight.sum()
    counts = clusters.sums(weight * (happened if seldom else 1.0 - happened))
    return float(counts.sum()) ** 2 / inner(counts, counts) if counts.any() else 0.0


def _by_cluster(fit: _Fit, clusters: Clusters) -> Floats:
    return clusters.sums(fit.influence) * root_factor(_shares(fit, clusters))


def _shares(fit: _Fit, clusters: Clusters) -> Floats:
    held = clusters.sums(fit.information)
    shares: Floats = held / held.sum()
    return shares


def _df(fit: _Fit, clusters: Clusters) -> float:
    shares = _shares(fit, clusters)
    return 1.0 / inner(shares, shares) - 1.0


def _slope(odds: Floats, happened: Floats, weight: Floats) -> _Fit | None:
    """Fit intercept and slope by Newton's steps on standardised log odds, halved where they fall.

    There is a best slope if and only if the log odds of the two outcomes overlap.
    """
    counts = weight > 0
    yes, no = odds[counts & (happened > 0)], odds[counts & (happened < 1)]
    if not (no.max() > yes.min() and yes.max() > no.min()):
        return None
    centre, scale = float(odds.mean()), float(odds.std())
    columns = np.column_stack((np.ones(odds.size), (odds - centre) / scale))
    share = inner(weight, happened) / float(weight.sum())
    start = np.array([special.logit(share), 0.0])
    at = _peak(columns, np.zeros(odds.size), happened, weight, start)
    said = special.expit(columns @ at)
    tells = weight * said * (1.0 - said)
    apart = columns[:, 1] - inner(tells, columns[:, 1]) / float(tells.sum())
    known = tells * apart**2
    total = float(known.sum())
    if not total > 0:
        return None
    return _Fit(float(at[1]) / scale, weight * (happened - said) * apart / (total * scale), known)


def _intercept(odds: Floats, happened: Floats, weight: Floats) -> _Fit | None:
    at = _peak(np.ones((odds.size, 1)), odds, happened, weight, np.zeros(1))
    said = special.expit(odds + at[0])
    known = weight * said * (1.0 - said)
    return _Fit(float(at[0]), weight * (happened - said) / float(known.sum()), known)


def _peak(columns: Floats, offset: Floats, happened: Floats, weight: Floats, at: Floats) -> Floats:
    """Where the log-likelihood has its peak."""
    climb = Climb(at)
    while not climb.over:
        climb.take(rise_of(columns, offset, happened, weight, climb.trial))
    return climb.at
