"""Proportions: exact and score intervals for 0/1 outcomes of one model, or of two apart."""

import math
from typing import NamedTuple

from scipy import special

from shipcall.core.estimate import Absent, Estimate, Measured, Tails
from shipcall.core.reasons import Reason


class Ends(NamedTuple):
    """The two ends of an interval."""

    low: float
    high: float


def clopper_pearson(events: int, trials: int, tails: Tails) -> Measured:
    """Hold a share of independent 0/1 outcomes at no more than its error levels, at any n.

    Exact, therefore wider than needed: the price for a promise that holds with no event at all.

    Args:
        events: Outcomes that are 1, 0 to `trials`.
        trials: Independent outcomes.
        tails: One-sided error level of each end.

    References:
        Clopper & Pearson (1934), The use of confidence or fiducial limits illustrated in the
        case of the binomial, Biometrika 26(4), 404-413.
    """
    absent = refused(events, trials)
    if absent:
        return absent
    ends = binomial_ends(events, trials, tails)
    return share_estimate(events / trials, ends, tails, trials, "Clopper-Pearson")


def wilson(events: int, trials: int, tails: Tails) -> Measured:
    """Give a share of independent 0/1 outcomes its score interval.

    Right on average over the possible shares, not at each: it can miss more often than its
    level near 0 and 1. Where a promise depends on it, use `clopper_pearson`.

    Args:
        events: Outcomes that are 1, 0 to `trials`.
        trials: Independent outcomes.
        tails: One-sided error level of each end.

    References:
        Newcombe (1998), Two-sided confidence intervals for the single proportion, Statistics in
        Medicine 17, 857-872, method 3.
    """
    absent = refused(events, trials)
    if absent:
        return absent
    ends = score_ends(events / trials, trials, tails)
    return share_estimate(events / trials, ends, tails, trials, "Wilson score")


def newcombe_difference(
    events_baseline: int,
    trials_baseline: int,
    events_candidate: int,
    trials_candidate: int,
    tails: Tails,
) -> Measured:
    """Give candidate minus baseline an interval when different units saw the two models.

    Not for paired outcomes: use `pairs.paired_difference` there.

    Args:
        events_baseline: Outcomes that are 1 among the baseline's units.
        trials_baseline: Units that saw the baseline.
        events_candidate: Outcomes that are 1 among the candidate's units.
        trials_candidate: Units that saw the candidate.
        tails: One-sided error level of each end.

    References:
        Newcombe (1998), Interval estimation for the difference between independent proportions,
        Statistics in Medicine 17, 873-890, method 10.
    """
    absent = refused(events_baseline, trials_baseline) or refused(
        events_candidate, trials_candidate
    )
    if absent:
        return absent
    before, after = events_baseline / trials_baseline, events_candidate / trials_candidate
    other = score_ends(before, trials_baseline, Tails(tails.high, tails.low))
    own = score_ends(after, trials_candidate, tails)
    value = after - before
    ends = Ends(
        value - math.hypot(after - own.low, other.high - before),
        value + math.hypot(own.high - after, before - other.low),
    )
    n = trials_baseline + trials_candidate
    return share_estimate(value, ends, tails, n, "Newcombe hybrid score")


def binomial_ends(events: float, trials: float, tails: Tails) -> Ends:
    """Find the exact ends for a share; counts may be fractional (effective sample sizes)."""
    low = float(special.betaincinv(events, trials - events + 1, tails.low)) if events > 0 else 0.0
    if events >= trials:
        return Ends(low, 1.0)
    return Ends(low, float(special.betaincinv(events + 1, trials - events, 1 - tails.high)))


def score_ends(share: float, units: float, tails: Tails) -> Ends:
    """Find Wilson's ends for a share of `units`, which may be a fraction (effective sample size).

    They solve (p - share)^2 = z^2 p (1 - p) / units.
    """

    def end(sign: float, tail: float) -> float:
        square = float(special.ndtri(tail)) ** 2 / units
        root = math.sqrt(square * (share * (1 - share) + square / 4))
        return (share + square / 2 + sign * root) / (1 + square)

    return Ends(end(-1.0, tails.low), end(1.0, tails.high))


def refused(events: int, trials: int) -> Absent | None:
    """Say why counts carry no estimate: nothing was counted; raise where they are impossible."""
    if not 0 <= events <= trials:
        raise ValueError(f"{events} events in {trials} trials: a count is wrong")
    if trials == 0:
        return Absent(reason=Reason.NO_ROWS, detail="no outcome at all")
    return None


def share_estimate(value: float, ends: Ends, tails: Tails, n: int, method: str) -> Estimate:
    """Put ends around a share or a difference of shares, within -1 and 1."""
    low, high = min(max(ends.low, -1.0), value), max(min(ends.high, 1.0), value)
    return Estimate(value=value, low=low, high=high, tails=tails, n=n, method=method)
