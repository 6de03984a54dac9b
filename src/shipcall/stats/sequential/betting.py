"""Betting: exact sequences for bounded outcomes, between arms and for one arm alone.

A bet against a hypothesis is fair while every conditional mean obeys the hypothesis. What each
function says about those means is its null, and the contract has to declare it.
"""

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from shipcall.core.check import Estimand
from shipcall.core.estimate import Absent, Estimate, Measured, Tails, Validity
from shipcall.core.reasons import Reason
from shipcall.stats.sample import Floats
from shipcall.stats.sequential.centre import Start, centres, earlier
from shipcall.stats.sequential.epochs import Epochs, Table
from shipcall.stats.sequential.inversion import crossing
from shipcall.stats.sequential.mixtures import (
    Reach,
    beta_binomial,
    bound,
    gamma_exponential,
    tuned_rho,
)
from shipcall.stats.sequential.score import Side, score_paths

ArmEstimand = Literal[Estimand.BASELINE, Estimand.CANDIDATE]
_BOLDEST = 0.5
"""Greatest part of the capital that one unit may lose."""


class Range(NamedTuple):
    """Least and greatest value that an outcome can have."""

    low: float
    high: float

    @property
    def width(self) -> float:
        """Distance of the two."""
        return self.high - self.low


@dataclass(frozen=True, slots=True, kw_only=True)
class BettingPlan:
    """What is sealed before the first exposure."""

    start: Start
    range: Range
    information: float
    """Variance of the sum at which one-arm intervals shall be tightest; for bets between the
    arms, the variance V that the first bets assume to lie behind them."""


def betting_estimate(epochs: Epochs, plan: BettingPlan, tails: Tails) -> Measured:
    """Bound the difference of the arms exactly, if the effect is the same in every epoch.

    Each epoch bets, on what earlier epochs showed, that (Y - m)(A - e) will lean to one side.
    The declared null is on conditional means: that no cell has an effect beyond the hypothesis.
    Then the bound holds at any number of units, at any share and any number of looks.

    Do not use it where effects may change sign (a novelty that wears off, weekends, alternating
    versions): the null is then false in some epoch and nothing is promised about the average.
    Bets that follow the rhythm of an alternating effect raise an alarm almost surely although
    the average is zero. The bets here follow the sum of all earlier epochs, which is hard to
    fool, but that is no proof; the score sequence has one, and is about that average.

    Args:
        epochs: The state, without covariates, of an outcome inside the plan's range.
        plan: What was sealed.
        tails: One-sided error level of each end, over all looks together.

    Returns:
        Candidate minus baseline; Absent without a randomised unit in each arm.

    References:
        Waudby-Smith & Ramdas (2024), Estimating means of bounded random variables by betting,
        J. R. Stat. Soc. B 86(1), for bets fixed before each unit.
        Fan, Grama & Liu (2015), Electron. J. Probab. 20: exp(cX - psi(c) X^2) <= 1 + cX, which
        turns a bet on units into sums of an epoch.
    """
    table = epochs.table()
    free = (table.share > 0) & (table.share < 1)
    units = (table.n * free).sum(axis=-1)
    n = int(units.sum())
    if units.min() < 1:
        return Absent(reason=Reason.NO_ROWS, detail="an arm has no randomised unit", n=n)
    _outside(table, plan.range)
    paths = score_paths(table, plan.start, Estimand.DIFFERENCE)
    at = float(-paths.score.constant[-1] / paths.score.linear[-1])
    value = min(max(-at, -plan.range.width), plan.range.width)
    low = -_betting_end(table, plan, "above", tails.low, -value)
    high = -_betting_end(table, plan, "below", tails.high, -value)
    return Estimate(
        value=value,
        low=low,
        high=high,
        tails=tails,
        n=n,
        method="bets by epoch, constant effect declared",
        validity=Validity.ANYTIME,
    )


def betting_evidence(table: Table, plan: BettingPlan, difference: float, side: Side) -> Floats:
    """Give the log evidence after each cell that the arms differ by more (less) than a bar.

    Args:
        table: Cells in order of exposure, without covariates.
        plan: What was sealed.
        difference: The bar, candidate minus baseline, in the unit of the metric.
        side: Where the difference is suspected to lie.

    Returns:
        Log evidence, shape (C,); read it at the closes of epochs.
    """
    x, sign = -difference, 1.0 if side == "above" else -1.0
    every = np.arange(table.epoch.size, dtype=np.intp)
    paths = score_paths(table, plan.start, Estimand.DIFFERENCE, closes=every)
    score = np.diff(sign * paths.score.at(x), prepend=0.0)
    squares = np.maximum(np.diff(paths.squares.at(x), prepend=0.0), 0.0)
    scale = _greatest_fall(table, plan, x, sign)
    lean = earlier(score, table) / (earlier(squares, table) + plan.information)
    bet = np.clip(lean, 0.0, _BOLDEST / scale)
    price = (-np.log1p(-bet * scale) - bet * scale) / scale**2
    return np.asarray(np.cumsum(bet * score - price * squares))


def arm_mean(epochs: Epochs, estimand: ArmEstimand, plan: BettingPlan, tails: Tails) -> Measured:
    """Bound one model's own value at every look, whatever its units' means do over time.

    The estimand is the mean of the conditional means of that arm's units so far, each counted
    once: it may move with the season and with the mix of stages. Exact for outcomes in the
    plan's range. This is what judges absolute bars where nothing is randomised, as at 100 %;
    it cannot tell the candidate from the season, so a bar on a difference needs a holdback.

    Args:
        epochs: The state.
        estimand: BASELINE or CANDIDATE.
        plan: What was sealed.
        tails: One-sided error level of each end, over all looks together.

    Returns:
        The value; Absent without a unit in the arm.

    References:
        Howard, Ramdas, McAuliffe & Sekhon (2021), Ann. Statist. 49(2), theorem 4 (empirical
        Bernstein) with the gamma-exponential mixture.
    """
    table, arm = epochs.table(), _arm(estimand)
    n = float(table.n[arm].sum())
    if not n:
        return Absent(reason=Reason.NO_ROWS, detail="no unit of this model has entered")
    _outside(table, plan.range)
    units = earlier(table.n[arm], table) + plan.start.units
    expected = (earlier(table.y[arm], table) + plan.start.units * plan.start.value) / units
    expected = np.clip(expected, *plan.range)
    squares = table.yy[arm] - 2.0 * expected * table.y[arm] + expected**2 * table.n[arm]
    gathered, value = float(np.maximum(squares, 0.0).sum()), float(table.y[arm].sum()) / n
    reach = [_bernstein(plan, gathered, tail) / n for tail in tails]
    return Estimate(
        value=value,
        low=max(value - reach[0], plan.range.low),
        high=min(value + reach[1], plan.range.high),
        tails=tails,
        n=int(n),
        method="empirical Bernstein sequence",
        validity=Validity.ANYTIME,
    )


def arm_share(
    epochs: Epochs, estimand: ArmEstimand, planned_units: float, tails: Tails
) -> Measured:
    """Bound one model's share of 0/1 outcomes at every look, if that share is declared constant.

    Exact, and tighter than `arm_mean` for rare events. Where the share moves with the season,
    use `arm_mean`, which is about the mean of what it was.

    Args:
        epochs: The state of a 0/1 outcome.
        estimand: BASELINE or CANDIDATE.
        planned_units: Units of this arm at which the interval shall be tightest; sealed.
        tails: One-sided error level of each end, over all looks together.

    References:
        Howard et al. (2021), the one-sided beta-binomial mixture, for Bernoulli outcomes.
    """
    table, arm = epochs.table(), _arm(estimand)
    if not np.array_equal(table.y, table.yy):
        raise ValueError("an outcome is neither 0 nor 1; use arm_mean")
    n, events = float(table.n[arm].sum()), float(table.y[arm].sum())
    if not n:
        return Absent(reason=Reason.NO_ROWS, detail="no unit of this model has entered")
    value = events / n
    low = _share_end(n, events, planned_units, tails.low) if events else 0.0
    high = 1.0 - _share_end(n, n - events, planned_units, tails.high) if events < n else 1.0
    return Estimate(
        value=value,
        low=min(low, value),
        high=max(high, value),
        tails=tails,
        n=int(n),
        method="beta-binomial sequence",
        validity=Validity.ANYTIME,
    )


def _arm(estimand: Estimand) -> int:
    if estimand not in (Estimand.BASELINE, Estimand.CANDIDATE):
        raise ValueError(f"one model's value is BASELINE or CANDIDATE, not {estimand}")
    return 1 if estimand is Estimand.CANDIDATE else 0


def _outside(table: Table, limits: Range) -> None:
    """Refuse sums that outcomes inside the range cannot have, and covariates."""
    if table.xx.any():
        raise ValueError("a covariate has no range; bets take the outcome alone")
    spare = 1e-9 * (1.0 + np.abs(table.yy))
    inside = (limits.low + limits.high) * table.y - limits.low * limits.high * table.n
    if bool(np.any(table.yy > inside + spare)):
        raise ValueError(f"outcomes lie outside the declared range {tuple(limits)}")


def _betting_end(table: Table, plan: BettingPlan, side: Side, tail: float, inside: float) -> float:
    width, away = plan.range.width, 1.0 if side == "above" else -1.0

    def excluded(x: float) -> bool:
        log = betting_evidence(table, plan, -x, side)
        return bool(log[-1] >= -math.log(tail))

    return crossing(excluded, inside, 1e-4 * width * away, width * away)


def _greatest_fall(table: Table, plan: BettingPlan, x: float, sign: float) -> Floats:
    """Bound from below what one unit of each cell can add, known before it comes."""
    centre = centres(table, plan.start, Estimand.DIFFERENCE)
    at, share = centre.fixed + x * centre.moved, table.share
    low, high = plan.range
    if sign > 0:
        falls = (1.0 - share) * (at - low - x), share * (high - at)
    else:
        falls = (1.0 - share) * (high + x - at), share * (at - low)
    return np.maximum(np.maximum(*falls), 1e-9 * plan.range.width)


def _bernstein(plan: BettingPlan, gathered: float, tail: float) -> float:
    rho = tuned_rho(plan.information, tail)

    def mixture(s: float, v: float) -> float:
        return gamma_exponential(s, v, rho, plan.range.width)

    return bound(mixture, gathered, tail)


def _share_end(n: float, events: float, planned_units: float, tail: float) -> float:
    """Find the greatest share below the observed one that the evidence excludes."""

    def excluded(share: float) -> bool:
        variance = share * (1.0 - share)
        rho = tuned_rho(planned_units * variance, tail)
        reach = Reach(share, 1.0 - share)
        log = beta_binomial(events - n * share, n * variance, rho, reach, one_sided=True)
        return log >= -math.log(tail)

    at = events / n
    return crossing(excluded, min(at, 1.0 - 1e-12), -0.1 * at, 1e-12)
