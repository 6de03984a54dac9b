"""Estimators: from the sample of a statistic to an estimate. One per statistic, for one look."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from shipcall.core import Arms, Estimand, Measured, Tails
from shipcall.metrics.metric import Statistic
from shipcall.stats.average_precision import average_precision_estimate
from shipcall.stats.balanced import balanced_estimate
from shipcall.stats.calibration import ece_estimate, plug_in_ece
from shipcall.stats.cohorts import CohortSample, cohort_estimate, cohort_values
from shipcall.stats.coverage import coverage_estimate
from shipcall.stats.means import pair_estimate
from shipcall.stats.offpolicy import logged_estimate
from shipcall.stats.prediction_powered import powered_estimate
from shipcall.stats.quantiles import quantile_estimate, sample_quantile
from shipcall.stats.ranking import auc_estimate
from shipcall.stats.recalibration import intercept_estimate, slope_estimate
from shipcall.stats.roots import root_estimate
from shipcall.stats.sample import BinSample, PairSample, Sample

Estimator = Callable[[Any, Estimand, Tails, np.random.Generator], Measured]


def _without_chance(estimate: Callable[[Any, Estimand, Tails], Measured]) -> Estimator:
    """Give a closed form the signature of those that draw."""
    return lambda sample, estimand, tails, _rng: estimate(sample, estimand, tails)


ESTIMATORS: Mapping[Statistic, Estimator] = {
    Statistic.RATIO: _without_chance(pair_estimate),
    Statistic.RANKS: _without_chance(auc_estimate),
    Statistic.AVERAGE_PRECISION: _without_chance(average_precision_estimate),
    Statistic.BALANCED: _without_chance(balanced_estimate),
    Statistic.ROOT: _without_chance(root_estimate),
    Statistic.BINS: ece_estimate,
    Statistic.SLOPE: _without_chance(slope_estimate),
    Statistic.INTERCEPT: _without_chance(intercept_estimate),
    Statistic.QUANTILE: _without_chance(quantile_estimate),
    Statistic.COVERAGE: _without_chance(coverage_estimate),
    Statistic.LOGGED: _without_chance(logged_estimate),
    Statistic.PREFERENCE: _without_chance(balanced_estimate),
    Statistic.POWERED: _without_chance(powered_estimate),
    Statistic.COHORTS: _without_chance(cohort_estimate),
}


def arms_of(sample: Sample | CohortSample) -> Arms | None:
    """The values of both models, for the screen; None where one of them is not defined."""
    baseline, candidate = _values(sample)
    if baseline is None or candidate is None:
        return None
    return Arms(baseline=baseline, candidate=candidate)


def _values(sample: Sample | CohortSample) -> tuple[float | None, float | None]:
    if isinstance(sample, CohortSample):
        return cohort_values(sample) or (None, None)
    if isinstance(sample, PairSample):
        return sample.baseline, sample.candidate
    if isinstance(sample, BinSample):
        ece = plug_in_ece(sample)
        return ece.baseline, ece.candidate
    baseline, candidate = sample.baseline, sample.candidate
    return sample_quantile(baseline, sample.q), sample_quantile(candidate, sample.q)
