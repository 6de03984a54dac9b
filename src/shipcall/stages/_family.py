"""Families: slices whose breaches share one error level are measured together."""

import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from shipcall.contract.plan import Measure
from shipcall.core import Check, Estimate, Measured, Tails
from shipcall.metrics import METRICS
from shipcall.metrics.estimators import ESTIMATORS
from shipcall.stats.multiplicity import holm
from shipcall.stats.resample import joint_tails
from shipcall.stats.sample import PairSample, Sample

LEAST_P = 1e-9
"""p-values are found by bisection down to this."""

Members = Sequence[tuple[Check, Sample]]


def family_estimates(
    members: Members, how: Measure, rng: np.random.Generator
) -> dict[str, Measured]:
    """Measure the checks of one family, with the breach side joint over all of them.

    Args:
        members: Checks of one family with their samples; all have the same metric and bar.
        how: How that metric is measured.
        rng: For the bootstrap of the joint bounds.

    Returns:
        Check id -> estimate. `max-t`: simultaneous bounds (multiplier bootstrap, each slice
        with its own standard error).
        `holm`: each bound at the level at which the step-down procedure judged it.
    """
    if not members:
        return {}
    first = members[0][0]
    pairs = [sample for _, sample in members if isinstance(sample, PairSample)]
    joint = first.family is not None and first.family.method == "max-t"
    if not joint or len(pairs) < len(members):
        return _holm(members, how, rng)
    tails = joint_tails(
        pairs,
        first.estimand,
        bar=first.bar,
        clear_at=first.clear_at,
        breach_at=first.breach_at,
        rng=rng,
    )
    estimator = ESTIMATORS[METRICS[how.kind].statistic]
    return {
        check.id: estimator(sample, check.estimand, own, rng)
        for (check, sample), own in zip(members, tails, strict=True)
    }


def _holm(members: Members, how: Measure, rng: np.random.Generator) -> dict[str, Measured]:
    estimator = ESTIMATORS[METRICS[how.kind].statistic]
    seed = rng.integers(2**63)

    def at(check: Check, sample: Sample, breach_at: float) -> Measured:
        low_bar = math.isfinite(check.bar.low)
        tails = Tails(check.clear_at, breach_at) if low_bar else Tails(breach_at, check.clear_at)
        return estimator(sample, check.estimand, tails, np.random.default_rng(seed))

    def breached(check: Check, sample: Sample, breach_at: float) -> bool:
        measured = at(check, sample, breach_at)
        if not isinstance(measured, Estimate):
            return False
        return measured.high < check.bar.low or measured.low > check.bar.high

    p_values = [p_value(partial(breached, check, sample)) for check, sample in members]
    level = members[0][0].breach_at
    decisions = holm(p_values, level)
    return {
        check.id: at(check, sample, decision.level)
        for (check, sample), decision in zip(members, decisions, strict=True)
    }


def p_value(breached: Callable[[float], bool]) -> float:
    """Least error level at which the bar counts as breached, by bisection on its logarithm."""
    if not breached(0.5):
        return 1.0
    low, high = math.log(LEAST_P), math.log(0.5)
    while high - low > 1e-3:
        middle = (low + high) / 2
        low, high = (low, middle) if breached(math.exp(middle)) else (middle, high)
    return math.exp(high)
