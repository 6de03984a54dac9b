"""Shrinkage: what a slice looks like in the light of the other slices. Never used to pass."""

from typing import NamedTuple

import numpy as np
from scipy import special

from shipcall.core import Estimate, Measured, Tails
from shipcall.stats.sample import Floats
from shipcall.stats.together import FEWEST, Together, too_few

NODES = 200
"""Spreads at which the posterior is evaluated."""
_STEPS = 50
_NEGLIGIBLE = 1e-9
METHOD = "shrunk towards the other slices"


def shrunk(slices: Together, tails: Tails) -> list[Measured]:
    """Pull every slice towards the mean of all, the more the less it knows itself.

    Reads the worst of many slices without the exaggeration of having been picked: the smallest
    of a hundred noisy values is mostly noise. It borrows from other slices, so it may never
    decide whether a slice keeps a promise: a slice that is truly unlike the others is pulled
    towards them too. The interval holds on average over slices like these, not for a named one.

    Model: value_i ~ N(slice_i, error_i^2), slice_i ~ N(mean, spread^2); flat priors on the mean
    and on the spread. The spread is integrated over, not plugged in: with few slices nobody
    knows it, and an interval that takes it as known is too narrow. Errors may share one
    correlation.

    Args:
        slices: At least three, none with lost rows.
        tails: Posterior chance beyond each end, in (0, 1).

    Returns:
        One estimate per slice, in the given order; all Absent with fewer than three slices.

    References:
        Rubin (1981), Estimation in parallel randomized experiments, J. Educ. Stat. 6(4), 377-401.
        Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., section 5.4: equations (5.17) to
        (5.21), here with correlated errors.
    """
    if slices.values.size < FEWEST:
        return [too_few(slices.values.size)] * slices.values.size
    law = _posterior(slices)
    value = law.weights @ law.means
    low, high = _quantile(law, tails.low), _quantile(law, 1.0 - tails.high)
    return [
        Estimate(
            value=float(value[i]),
            low=float(min(low[i], value[i])),
            high=float(max(high[i], value[i])),
            tails=tails,
            n=slices.n[i],
            method=METHOD,
        )
        for i in range(value.size)
    ]


class _Law(NamedTuple):
    """A mixture of normal laws for each slice."""

    weights: Floats
    """Of each spread, adding to 1; shape (T,)."""
    means: Floats
    """Shape (T, k)."""
    deviations: Floats
    """Shape (T, k)."""


def _posterior(slices: Together) -> _Law:
    """Weigh spreads by how well they explain the values, and shrink at each.

    The line of all spreads is folded onto (0, 1) by spread = scale u / (1 - u), so that heavy
    tails (three slices leave 1 / spread^2) are integrated to their end.
    """
    scale = float(np.sqrt(slices.values.var(ddof=1) + (slices.errors**2).mean()))
    points, lengths = np.polynomial.legendre.leggauss(NODES)
    u = (points + 1.0) / 2.0
    spread = scale * u / (1.0 - u)
    fit = slices.fit(spread)
    log_density = -0.5 * (fit.log_det + np.log(fit.precision) + fit.distance)
    log_density += np.log(lengths) - 2.0 * np.log1p(-u)
    weights = np.exp(log_density - log_density.max())
    kept = weights > _NEGLIGIBLE * weights.max()
    means, deviations = _shrunk_at(slices, spread[kept], fit.mean[kept], fit.precision[kept])
    return _Law(weights[kept] / weights[kept].sum(), means, deviations)


def _shrunk_at(
    slices: Together, spread: Floats, mean: Floats, precision: Floats
) -> tuple[Floats, Floats]:
    """Mean and deviation of every slice at each spread.

    With W the inverse covariance of the values and t the spread, the mean of the slices is
    m + t^2 W (y - m) and their variance t^2 - t^4 W_ii + (1 - t^2 (W 1)_i)^2 / (1' W 1).
    """
    square = spread[:, None] ** 2
    rest = slices.values - mean[:, None]
    means = mean[:, None] + square * slices.weighed(spread, rest)
    own = slices.diagonal(spread)
    shared = slices.errors / own
    scale = slices.correlation / (
        1.0 + slices.correlation * (slices.errors * shared).sum(axis=1, keepdims=True)
    )
    # t^2 - t^4 W_ii without the cancellation that large spreads would bring.
    known = square * (own - square) / own + square**2 * scale * shared**2
    ones = slices.weighed(spread, np.ones_like(slices.errors))
    unknown = (1.0 - square * ones) ** 2 / precision[:, None]
    return means, np.sqrt(known + unknown)


def _quantile(law: _Law, level: float) -> Floats:
    """Find the point below which each mixture lies with a chance, by bisection."""
    reach = -float(special.ndtri(min(level, 1.0 - level) * _NEGLIGIBLE))
    low = (law.means - reach * law.deviations).min(axis=0)
    high = (law.means + reach * law.deviations).max(axis=0)
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        below = law.weights @ special.ndtr((middle - law.means) / law.deviations) < level
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    found: Floats = (low + high) / 2.0
    return found
