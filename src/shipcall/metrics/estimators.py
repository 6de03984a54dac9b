"""Estimators: from the sample of a statistic to an estimate. One per statistic, for one look."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from shipcall.core import Arms, Estimand, Measured, Tails
from shipcall.metrics.metric import Statistic
from shipcall.stats.calibration import ece_estimate, plug_in_ece
from shipcall.stats.means import pair_estimate
from shipcall.stats.quantiles import quantile_estimate, sample_quantile
from shipcall.stats.ranking import auc_estimate
from shipcall.stats.sample import BinSample, PairSample, QuantileSample, Sample

Estimator = Callable[[Any, Estimand, Tails, np.random.Generator], Measured]


def _without_chance(estimate: Callable[[Any, Estimand, Tails], Measured]) -> Estimator:
    """Give a closed form the signature of those that draw."""
    return lambda sample, estimand, tails, _rng: estimate(sample, estimand, tails)


ESTIMATORS: Mapping[Statistic, Estimator] = {
    Statistic.RATIO: _without_chance(pair_estimate),
    Statistic.RANKS: _without_chance(auc_estimate),
    Statistic.BINS: ece_estimate,
    Statistic.QUANTILE: _without_chance(quantile_estimate),
}


def arms_of(sample: Sample) -> Arms | None:
    """The values of both models, for the screen; None where one of them is not defined."""
    if isinstance(sample, PairSample):
        values = sample.baseline, sample.candidate
    elif isinstance(sample, BinSample):
        values = tuple(plug_in_ece(sample))
    else:
        values = _quantiles(sample)
    if values[0] is None or values[1] is None:
        return None
    return Arms(baseline=float(values[0]), candidate=float(values[1]))


def _quantiles(sample: QuantileSample) -> tuple[float | None, float | None]:
    return (
        sample_quantile(sample.baseline, sample.q),
        sample_quantile(sample.candidate, sample.q),
    )
