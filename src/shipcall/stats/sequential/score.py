"""Score: the sequence that stays valid while the share of the candidate grows.

Each unit adds X = (Y - m)(A - e): its outcome Y minus a centre m known before it came, times its
assignment A minus the chance e of that assignment. Whatever the season and whatever the share,
X has the conditional mean w tau with w = e(1 - e), so S = sum X over W = sum w follows the
running overlap-weighted effect theta = sum(w tau) / sum(w) of the units entered so far.

That is not the effect of the launch: the 50 % stage weighs most, the 100 % stage nothing. The
interval is about theta at each look, which may move; intervals of different looks must not be
intersected. Record design/0014 derives all this and shows what was measured.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shipcall.core.check import Estimand
from shipcall.core.estimate import Absent, Estimate, Measured, Tails, Validity
from shipcall.core.reasons import Reason
from shipcall.stats.sample import Floats
from shipcall.stats.sequential.centre import Start, residuals
from shipcall.stats.sequential.epochs import Epochs, Table
from shipcall.stats.sequential.inversion import crossing
from shipcall.stats.sequential.mixtures import half_normal, tuned_rho

Side = Literal["above", "below"]
MIN_UNITS = 50
"""Units that each arm needs before the first look."""
_METHOD = "score sequence, half-normal mixture"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorePlan:
    """What is sealed before the first exposure; nothing here may follow the outcomes."""

    information: float
    """Variance V at which the interval shall be tightest; see `planned_information`."""
    start: Start
    min_units: int = MIN_UNITS
    """Units that each arm needs, among those that were really randomised."""


class Curve(NamedTuple):
    """A quadratic in the hypothesised effect's coordinate, one for each epoch close."""

    constant: Floats
    linear: Floats
    square: Floats

    def at(self, x: float | Floats) -> Floats:
        """Evaluate at `x`: one for all epoch closes, or one for each."""
        return np.asarray(self.constant + x * (self.linear + x * self.square))


class Paths(NamedTuple):
    """Score and variances at each epoch close, as functions of the hypothesised effect.

    For a difference d the coordinate is x = -d and Y becomes Y + xA; for a relative change k it
    is x = 1 / (1 + k) and Y becomes Y x^A. Under the hypothesis both arms then have one mean.
    """

    score: Curve
    """S: linear."""
    squares: Curve
    """V = sum (Y - m)^2 (A - e)^2."""
    sharp: Curve
    """U = sum (Y - m)^2 e(1 - e), the conditional variance if every unit had this effect."""
    units: Floats
    """Units that were really randomised, by arm; shape (2, looks)."""

    def variance(self, x: float | Floats) -> Floats:
        """Give V* = max(V, V/3 + 2U/3).

        The second part makes the process exact when every unit has the hypothesised effect
        (Delyon 2009, Exponential inequalities for sums of weakly dependent variables, Electron.
        J. Probab. 14: exp(cS - c^2 (V + 2U) / 6) does not rise in the mean). V alone fails at
        a share of 1 %, where it stays small until the first event on the candidate. The first
        part keeps the promise where effects differ between units.
        """
        v, u = np.maximum(self.squares.at(x), 0.0), np.maximum(self.sharp.at(x), 0.0)
        return np.maximum(v, v / 3.0 + u * (2.0 / 3.0))


def planned_information(units: Floats, shares: Floats, variance: float) -> float:
    """Foresee V from the plan: units per stage, their shares, the variance of the outcome.

    Args:
        units: Units expected in each stage, shape (stages,).
        shares: Share of the candidate in each stage, in [0, 1], shape (stages,).
        variance: Variance of the outcome between units, from evidence before the rollout.
    """
    return float((np.asarray(units) * np.asarray(shares) * (1 - np.asarray(shares))).sum()) * (
        variance
    )


def coordinate(estimand: Estimand, effect: float) -> float:
    """Translate a hypothesised effect into the coordinate of `Paths`."""
    if estimand is Estimand.DIFFERENCE:
        return -effect
    if not effect > -1:
        raise ValueError(f"a relative change of {effect} leaves nothing; it must exceed -1")
    return 1.0 / (1.0 + effect)


def score_paths(
    table: Table, start: Start, estimand: Estimand, *, closes: NDArray[np.intp] | None = None
) -> Paths:
    """Sum the score and its variances up to each epoch close, as functions of the effect.

    Args:
        table: Cells in order of exposure; leading axes of its sums are kept (simulations).
        start: Sealed centre for the first epochs.
        estimand: DIFFERENCE or RELATIVE.
        closes: Cells after which the sums are wanted; by default the last of each epoch.
    """
    at = table.closes if closes is None else closes
    left = residuals(table, start, estimand)
    share = table.share
    sign = np.stack([-share, 1.0 - share])
    weight = share * (1.0 - share)
    free = weight > 0

    def summed(parts: Floats) -> Floats:
        return np.asarray(np.cumsum(parts.sum(axis=-2), axis=-1)[..., at])

    def quadratic(by: Floats) -> Curve:
        return Curve(
            summed(left.squares * by), summed(2.0 * left.product * by), summed(left.slopes * by)
        )

    line = summed(left.slope * sign)
    units = np.cumsum(table.n * free, axis=-1)[..., at]
    return Paths(
        score=Curve(summed(left.value * sign), line, np.zeros_like(line)),
        squares=quadratic(sign**2),
        sharp=quadratic(np.stack([weight, weight])),
        units=units,
    )


def evidence(paths: Paths, x: float | Floats, side: Side, rho: float) -> Floats:
    """Give the log evidence at each look that the effect lies on one side of the coordinate.

    The coordinate may be another at each look, where one asks about an effect that moves.
    """
    score = paths.score.at(x)
    return half_normal(score if side == "above" else -score, paths.variance(x), rho)


class Claim(NamedTuple):
    """That the running effect lies on one side of a bar."""

    estimand: Estimand
    """DIFFERENCE or RELATIVE."""
    side: Side
    bar: float
    """In the unit of the estimand."""


def score_evidence(epochs: Epochs, plan: ScorePlan, claim: Claim, level: float) -> Floats:
    """Give the log evidence for a claim at each epoch close.

    Evidence of at least -log(level) at any look is proof at `level`. Looks before both arms
    have the plan's `min_units` carry no evidence (0).

    Args:
        epochs: The state.
        plan: What was sealed.
        claim: What is to be shown.
        level: One-sided error level, in (0, 1); sets the tuning only.
    """
    paths = score_paths(epochs.table(), plan.start, claim.estimand)
    x, rho = coordinate(claim.estimand, claim.bar), tuned_rho(plan.information, level)
    log = evidence(paths, x, claim.side, rho)
    return np.where(paths.units.min(axis=0) >= plan.min_units, log, 0.0)


def anytime_p(log_evidence: Floats) -> Floats:
    """Turn log evidence by look into p-values that may be read at any look: 1 / the greatest yet.

    Speaks of a hypothesis that is fixed over all looks. The running theta may leave it and come
    back; use the interval of the present look for a bar that must hold now.
    """
    return np.exp(-np.maximum(np.maximum.accumulate(log_evidence), 0.0))


def score_estimate(epochs: Epochs, plan: ScorePlan, estimand: Estimand, tails: Tails) -> Measured:
    """Estimate the running effect with an interval that holds at every look of the rollout.

    P(at some look the low end exceeds theta of that look) is at most `tails.low`, likewise for
    the high end: exact if every unit has the same effect, else asymptotic with the units of the
    smaller arm. Assumes known, independent assignment fixed before exposure; a centre from
    earlier exposures; outcomes over equally long windows in order of exposure; logging that does
    not depend on the arm; no interference between units.

    When the same units return in later stages, enter them with `conditional_share` and never
    after they had the candidate; otherwise restrict the state to first exposures.

    Do not use it for the effect of a launch, for units that all have the candidate, or to
    intersect the intervals of several looks: after a dip that passes, the intersection excludes
    the truth.

    Args:
        epochs: The state at this look.
        plan: What was sealed.
        estimand: DIFFERENCE (unit of the metric) or RELATIVE (outcomes must not be negative).
        tails: One-sided error level of each end, over all looks together.

    Returns:
        The estimate; Absent before both arms have `min_units`, where nothing varies within an
        arm, and where the baseline's sum is not positive under RELATIVE.
    """
    if estimand not in (Estimand.DIFFERENCE, Estimand.RELATIVE):
        raise ValueError(f"the score compares two arms; {estimand} is about one")
    if not epochs.cells:
        return Absent(reason=Reason.NO_ROWS, detail="no unit has entered")
    paths = _last(score_paths(epochs.table(), plan.start, estimand))
    n, least = int(paths.units.sum()), int(paths.units.min())
    if least < max(plan.min_units, 1):
        detail = f"the smaller arm has {least} randomised units of {plan.min_units}"
        return Absent(reason=Reason.TOO_FEW_UNITS, detail=detail, n=n)
    if epochs.constant():
        return Absent(reason=Reason.CONSTANT, detail=f"{n} units, one value in each arm", n=n)
    at = _root(paths)
    if at is None or (estimand is Estimand.RELATIVE and at <= 0):
        detail = "the arms' sums are not both positive: a relative change has no direction"
        return Absent(reason=Reason.BASELINE_NEAR_ZERO, detail=detail, n=n)
    least_x = 0.0 if estimand is Estimand.RELATIVE else -math.inf
    above = _excluder(paths, "above", plan, tails.low)
    below = _excluder(paths, "below", plan, tails.high)
    spread = float(paths.variance(at)[0]) + plan.information
    step = 0.1 * math.sqrt(spread) / float(paths.score.linear[0])
    value = effect(estimand, at)
    low = effect(estimand, crossing(above, at, step, math.inf))
    high = effect(estimand, crossing(below, at, -step, least_x))
    return Estimate(
        value=value,
        low=min(low, value),
        high=max(high, value),
        tails=tails,
        n=n,
        method=_METHOD,
        validity=Validity.ANYTIME,
    )


def effect(estimand: Estimand, x: float) -> float:
    """Translate a coordinate of `Paths` back into the effect."""
    if estimand is Estimand.DIFFERENCE:
        return -x
    return 1.0 / x - 1.0 if x > 0 else math.inf


def _last(paths: Paths) -> Paths:
    """Keep the present look."""
    score, squares, sharp = (Curve(*(part[-1:] for part in curve)) for curve in paths[:3])
    return Paths(score, squares, sharp, paths.units[:, -1:])


def _root(paths: Paths) -> float | None:
    """Find the coordinate at which the score is zero; for a difference there always is one."""
    slope = float(paths.score.linear[0])
    return -float(paths.score.constant[0]) / slope if slope > 0 else None


def _excluder(paths: Paths, side: Side, plan: ScorePlan, tail: float) -> Callable[[float], bool]:
    """Ask of a coordinate whether the evidence of `side` excludes it at error level `tail`.

    The score rises with the coordinate, so evidence that the effect lies above a hypothesis
    is found at greater coordinates, which stand for smaller effects.
    """
    rho, target = tuned_rho(plan.information, tail), -math.log(tail)

    def excluded(x: float) -> bool:
        return float(evidence(paths, x, side, rho)[0]) >= target

    return excluded
