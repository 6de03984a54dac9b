"""Mixtures: how fast a sum may wander before it is evidence, at every look at once.

Each function gives the logarithm of a nonnegative process that starts at one and is not
expected to rise under its null. By Ville's inequality it ever reaches 1 / level with chance at
most `level`, whenever and however often somebody looks.

`s` is a sum of centred increments, `v` the variance that it has gathered, `rho` the sealed
tuning: the process is most sensitive near one value of `v`, chosen before any outcome is seen.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import special

from shipcall.stats.sample import Floats
from shipcall.stats.sequential.inversion import crossing

Mixture = Callable[[float, float], float]
"""Log evidence of (s, v)."""


def tuned_rho(information: float, level: float, *, two_sided: bool = False) -> float:
    """Choose the tuning that makes a boundary tightest when `information` has been gathered.

    Choose it from the plan and seal it: a tuning that follows the outcomes promises nothing.

    Args:
        information: Variance `v` at which the boundary shall be tightest, > 0.
        level: Error level, in (0, 1); one-sided unless `two_sided`.
        two_sided: Whether the level is shared by both directions.

    References:
        Howard, Ramdas, McAuliffe & Sekhon (2021), Time-uniform, nonparametric, nonasymptotic
        confidence sequences, Ann. Statist. 49(2), on tuning mixtures (the
        approximation without Lambert's function).
    """
    if not information > 0:
        raise ValueError(f"planned information {information} is not positive; plan some units")
    half = -2.0 * math.log(level if two_sided else min(2.0 * level, 0.999))
    return information / (half + math.log1p(half))


def normal(s: float | Floats, v: float | Floats, rho: float) -> Floats:
    """Weigh a sum against "no drift" in both directions; normal mixture.

    References:
        Howard et al. (2021), the two-sided normal mixture.
    """
    total = np.asarray(v) + rho
    return np.asarray(np.log(rho / total) / 2 + np.square(s) / (2 * total))


def half_normal(s: float | Floats, v: float | Floats, rho: float) -> Floats:
    """Weigh a sum against "no upward drift"; half-normal mixture.

    Mixing exp(c s - c^2 v / 2) over c > 0 with twice the normal density of variance 1 / rho
    completes the square: 2 sqrt(rho / (v + rho)) exp(s^2 / (2 (v + rho))) Phi(s / sqrt(v + rho)).
    """
    root = np.sqrt(np.asarray(v) + rho)
    standard = np.asarray(s) / root
    lead = math.log(2.0) + math.log(rho) / 2 - np.log(root)
    return np.asarray(lead + np.square(standard) / 2 + special.log_ndtr(standard))


def gamma_exponential(s: float, v: float, rho: float, scale: float) -> float:
    """Weigh a sum of increments that never fall below -scale against "no upward drift".

    For X >= -scale and 0 <= c < 1 / scale, exp(c X - psi(c) X^2) <= 1 + c X with
    psi(c) = (-log(1 - c scale) - c scale) / scale^2, so `v` may be the sum of squares itself and
    the bound is exact at any number of units. This mixes it over c.

    Args:
        s: Sum of the increments.
        v: Sum of their squares (or of squared distances to a prediction made before).
        rho: Tuning, as from `tuned_rho`.
        scale: Greatest fall of one increment, > 0.

    References:
        Fan, Grama & Liu (2015), Exponential inequalities for martingales with applications,
        Electron. J. Probab. 20, for the inequality.
        Howard et al. (2021), theorem 4, and the gamma-exponential mixture.
    """
    prior, total = rho / scale**2, (v + rho) / scale**2
    point = s / scale + total
    if point <= 0:
        return -math.inf
    lead = prior * math.log(prior) - _log_lower_gamma(prior, prior)
    return lead + _log_lower_gamma(total, point) - total * math.log(point) + point - prior


class Reach(NamedTuple):
    """How far one increment can go."""

    fall: float
    """Greatest fall, > 0."""
    rise: float
    """Greatest rise, > 0."""


def beta_binomial(s: float, v: float, rho: float, reach: Reach, *, one_sided: bool) -> float:
    """Weigh a sum of increments of bounded reach against "no drift"; beta mixture of bets.

    `v` is the greatest variance that increments of mean zero can have: fall * rise for each.

    Args:
        s: Sum of the increments.
        v: fall * rise * number of increments.
        rho: Tuning, as from `tuned_rho`.
        reach: Greatest fall and rise of one increment.
        one_sided: Look for upward drift only.

    References:
        Howard et al. (2021), the beta-binomial mixtures.
    """
    fall, rise = reach
    width, product = fall + rise, fall * rise
    prior = max(rho - product, 1e-3 * product)
    cut = rise / width if one_sided else 1.0
    downs, ups = v / (fall * width) - s / width, v / (rise * width) + s / width
    start = prior / (fall * width), prior / (rise * width)
    rest = v / product * math.log(width) - ups * math.log(fall) - downs * math.log(rise)
    mixed = _log_lower_beta(start[0] + downs, start[1] + ups, cut)
    return rest + mixed - _log_lower_beta(start[0], start[1], cut)


def bound(mixture: Mixture, v: float, level: float) -> float:
    """Find the least sum that is evidence at `level` when `v` has been gathered; inf if none is."""
    target = -math.log(level)
    return crossing(lambda s: mixture(s, v) >= target, 0.0, math.sqrt(v) + 1e-12, math.inf)


def _log_lower_gamma(shape: float, point: float) -> float:
    """Logarithm of the incomplete gamma integral from 0 to `point`."""
    share = float(special.gammainc(shape, point))
    if share > 0:
        return float(special.gammaln(shape)) + math.log(share)
    series = float(special.hyp1f1(1.0, shape + 1.0, point))
    return shape * math.log(point) - point - math.log(shape) + math.log(series)


def _log_lower_beta(a: float, b: float, point: float) -> float:
    """Logarithm of the incomplete beta integral from 0 to `point`; -inf where it underflows."""
    share = float(special.betainc(a, b, point))
    return float(special.betaln(a, b)) + math.log(share) if share > 0 else -math.inf
