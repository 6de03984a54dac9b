"""Prediction-powered: few labels by people, many by a machine, and what people would say of all.

For every item there is a machine's value f; for some there is the truth y as well. The mean of y
over all items is estimated by

    theta = mean of y, labelled + lambda * (mean of f, all - mean of f, labelled)

where the means over the labelled weigh an item by one over the chance with which it was chosen.
Whatever the machine is worth, theta is right on average if the labelled were chosen as stated; a
machine that follows people makes it narrower.
"""

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shipcall.core import Absent, Estimand, Measured, Reason, Tails
from shipcall.stats.clusters import Clusters, inner
from shipcall.stats.means import pair_estimate
from shipcall.stats.moments import pair_sample, skew_of
from shipcall.stats.sample import Floats, Influence, Lost, PairSample, Powered

MIN_CARRIED = 40
"""Fewer labelled clusters than this do not carry a weight that was fitted to them, nor do labels
of which one weighs more than a fortieth of all: what such a one says is not seen often enough."""
_ROUNDING = 1e-12
"""A standard error below this is rounding."""
MOST_APART = 4.0
"""Standard errors between the machine's means over all items and over the labelled ones from which
on nobody believes that the labelled were chosen as stated."""


def powered_sample(  # noqa: PLR0913 - columns of one table
    *,
    labelled: ArrayLike,
    chance: ArrayLike,
    truth_baseline: ArrayLike,
    truth_candidate: ArrayLike,
    machine_baseline: ArrayLike,
    machine_candidate: ArrayLike,
    clusters: Clusters,
    lost: Lost,
    influence: bool,
    limits: tuple[float, float] | None = (0.0, 1.0),
) -> PairSample:
    """Sum items into the means of both models as people would state them, helped by a machine.

    The weight lambda of the machine is that which makes the difference of the two models vary
    least, given the clusters, and between 0 (people alone) and 1. Each of the two means over the
    labelled and over all is linearised on its own, with CR2 weights; a cluster's contributions
    to both are added before they are squared, so that labelled items may be part of all, and
    divided by 1 less their leverage on lambda, which was fitted to them.

    The sample counts what is independent among the labelled: units, weights, degrees of freedom
    (one less where lambda is not 0). A machine that is asked of more items adds no units.

    Args:
        labelled: 1 where people said something, else 0; shape (items,).
        chance: Chance with which people were asked, above 0; any constant if alike for all.
        truth_baseline: What people say of the baseline; anything finite where not labelled.
        truth_candidate: Likewise of the candidate.
        machine_baseline: What the machine says of the baseline.
        machine_candidate: Likewise of the candidate.
        clusters: Which items belong together.
        lost: Items of which people were asked and nothing is known, or promised ones that are
            not there. A lost item counts as a labelled one.
        influence: Keep what each cluster contributes, for joint methods.
        limits: Least and greatest value of a row; None where nothing bounds it.

    References:
        Angelopoulos, Duchi & Zrnic (2023), PPI++: Efficient prediction-powered inference,
        arXiv:2311.01453 (the weight lambda); the estimator with stated chances is the difference
        estimator of survey sampling.
    """
    known = np.asarray(labelled, dtype=np.float64) > 0
    chances = np.asarray(chance, dtype=np.float64)
    if not bool(np.all(chances[known] > 0)):
        raise ValueError("an item was labelled that had no chance of it: chances are above 0")
    weight = np.where(known, 1.0 / np.where(known, chances, 1.0), 0.0)
    truth = _columns(truth_baseline, truth_candidate)
    machine = _columns(machine_baseline, machine_candidate)
    said = _mean(truth, weight, known, clusters, limits)
    seen = _mean(machine, weight, known, clusters)
    whole = _mean(machine, np.ones_like(weight), np.ones_like(known), clusters)
    gaps = whole.baseline - seen.baseline, whole.candidate - seen.candidate
    factor = _factor(said.candidate - said.baseline, gaps[1] - gaps[0])
    apart = _apart(whole, seen, gaps)
    free = _unfitted(gaps[1] - gaps[0]) if factor > 0 else 1.0
    psi = (
        (said.baseline + factor * gaps[0]) / free,
        (said.candidate + factor * gaps[1]) / free,
    )
    spread = [inner(p, p) for p in (*psi, psi[1] - psi[0])]
    people = said.sample
    return replace(
        people,
        baseline=_moved(people.baseline, whole.sample.baseline, seen.sample.baseline, factor),
        candidate=_moved(people.candidate, whole.sample.candidate, seen.sample.candidate, factor),
        weight_baseline=float(people.rows),
        weight_candidate=float(people.rows),
        var_baseline=spread[0],
        var_candidate=spread[1],
        covariance=(spread[0] + spread[1] - spread[2]) / 2,
        df=max(people.df - (1.0 if factor > 0 else 0.0), 0.0),
        skew=skew_of(*psi, people.clusters),
        lost=lost,
        influence=Influence(cluster=clusters.codes, baseline=psi[0], candidate=psi[1])
        if influence
        else None,
        powered=Powered(
            items=clusters.rows,
            factor=factor,
            apart=apart,
            carried=min(float(people.clusters), _by_largest(weight)),
        ),
    )


class _Mean(NamedTuple):
    """Means of both models over some items, and what every cluster contributes to them; (G,)."""

    sample: PairSample
    baseline: Floats
    candidate: Floats


_Pair = tuple[Floats, Floats]


def _columns(baseline: ArrayLike, candidate: ArrayLike) -> _Pair:
    return np.asarray(baseline, dtype=np.float64), np.asarray(candidate, dtype=np.float64)


def _mean(
    values: _Pair,
    weight: Floats,
    rows: NDArray[np.bool_],
    clusters: Clusters,
    limits: tuple[float, float] | None = None,
) -> _Mean:
    own, weights = clusters.subset(rows), weight[rows]
    sample = pair_sample(
        values[0][rows] * weights,
        weights,
        values[1][rows] * weights,
        weights,
        own,
        range=limits,
        influence=True,
    )
    psi = np.zeros((2, clusters.count))
    if sample.influence is not None:
        at = np.searchsorted(clusters.codes, sample.influence.cluster)
        psi[0, at], psi[1, at] = sample.influence.baseline, sample.influence.candidate
    return _Mean(sample, psi[0], psi[1])


def _by_largest(weight: Floats) -> float:
    most = float(weight.max(initial=0.0))
    return float(weight.sum()) / most if most > 0 else 0.0


def _factor(said: Floats, gap: Floats) -> float:
    """Weight of the gap at which said + weight * gap varies least, in [0, 1]."""
    square = inner(gap, gap)
    return min(max(-inner(said, gap) / square, 0.0), 1.0) if square > 0 else 0.0


def _unfitted(gap: Floats) -> Floats:
    """Share of each cluster's contribution that the fitted weight leaves alone, as in HC3."""
    return np.asarray(np.maximum(1.0 - gap**2 / inner(gap, gap), 0.5))


def _moved(
    said: float | None, whole: float | None, seen: float | None, factor: float
) -> float | None:
    if said is None or whole is None or seen is None:
        return None
    return said + factor * (whole - seen)


def _apart(whole: _Mean, seen: _Mean, gaps: _Pair) -> float:
    """Greater of both models' distances between the machine's means, in standard errors."""
    distances = [0.0]
    for every, few, gap in (
        (whole.sample.baseline, seen.sample.baseline, gaps[0]),
        (whole.sample.candidate, seen.sample.candidate, gaps[1]),
    ):
        error = math.sqrt(inner(gap, gap))
        if every is not None and few is not None and error > _ROUNDING:
            distances.append(abs(every - few) / error)
    return max(distances)


def powered_estimate(sample: PairSample, estimand: Estimand, tails: Tails) -> Measured:
    """Estimate what people would say, or that the labels cannot carry it.

    As `means.pair_estimate`, with the labelled items as what is independent.

    Absent with fewer than 40 labelled clusters, or where one label weighs more than a fortieth of
    all, and where the machine's mean over the labelled
    items lies more than 4 standard errors from its mean over all: then they were not chosen with
    the stated chances, and theta is off.

    Args:
        sample: From `powered_sample`.
        estimand: DIFFERENCE, CANDIDATE or BASELINE; RELATIVE as in `pair_estimate`.
        tails: One-sided error level of each end.

    When not to use: labels given because of what the machine said, or only where somebody was in
    doubt, without the chances of that; single small slices with a handful of labels.
    """
    powered = sample.powered
    if powered is None:
        raise ValueError("the sample knows of no machine: make it with powered_sample")
    if powered.apart > MOST_APART:
        detail = (
            f"the machine's mean over the labelled items lies {powered.apart:.1f} standard errors "
            "from its mean over all items"
        )
        return Absent(reason=Reason.UNSOUND, detail=detail, n=sample.clusters)
    if powered.carried < MIN_CARRIED:
        detail = f"labels worth {powered.carried:.0f} clusters of one weight; {MIN_CARRIED} needed"
        return Absent(reason=Reason.TOO_FEW_CLUSTERS, detail=detail, n=sample.clusters)
    measured = pair_estimate(sample, estimand, tails)
    if isinstance(measured, Absent):
        return measured
    if estimand is Estimand.DIFFERENCE and _complementary(sample):
        own = pair_estimate(sample, Estimand.CANDIDATE, tails)
        if isinstance(own, Absent):
            return own
        low, high = (2.0 * end - 1.0 for end in (own.low, own.high))
        measured = replace(measured, low=min(measured.low, low), high=max(measured.high, high))
    told = (
        f"prediction-powered, lambda {powered.factor:.2f}, {sample.rows:,} of {powered.items:,} "
        "items labelled"
    )
    return replace(measured, method=f"{told}; {measured.method}")


def _complementary(sample: PairSample) -> bool:
    """Is one model's value one less the other's, as with win rates?

    Then the difference is known no better than the one value, which has ends of its own near 0
    and 1.
    """
    whole = (sample.baseline or 0.0) + (sample.candidate or 0.0)
    return math.isclose(whole, 1.0, rel_tol=1e-9) and math.isclose(
        -sample.covariance, sample.var_candidate, rel_tol=1e-9
    )
