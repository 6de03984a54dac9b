"""Rare: evidence about a rate ratio from the arms of the units that had the event.

Given that a unit with chance e of the candidate had the event, the candidate had it with chance
k e / (k e + 1 - e) if the candidate's rate is k times the baseline's, whatever the rate itself
and however it moves. Nothing else is modelled, so nothing else can be wrong.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy import special

from shipcall.core.estimate import Absent, Estimate, Measured, Tails, Validity
from shipcall.core.reasons import Reason
from shipcall.stats.sample import Floats
from shipcall.stats.sequential.epochs import Epochs, Table
from shipcall.stats.sequential.inversion import crossing
from shipcall.stats.sequential.score import Side

TILTS = np.array([0.03, 0.06, 0.12, 0.25, 0.4, 0.63, 1.0, 1.6])
"""Log rate ratios, relative to the hypothesis, among which the evidence is mixed."""
_WEIGHTS = np.array([1 / 30] * 3 + [0.18] * 5)
"""Most for what can be found among few events; a little for what only many can show."""
_FARTHEST = 40.0


class Events(NamedTuple):
    """Events by arm and cell, for units that were really randomised."""

    share: Floats
    """Shape (C,)."""
    baseline: Floats
    """Shape (..., C)."""
    candidate: Floats


def rare_evidence(epochs: Epochs, ratio: float, side: Side) -> Floats:
    """Give the log evidence, at each epoch close, that the rate ratio is above or below a bar.

    Exact at any number of events if units are independent, each has at most one event and enters
    with its own chance of the candidate, and every unit's ratio lies on the other side of the
    bar: for ratios that differ between units only their average within a cell counts, but not an
    average over cells. Not for values other than 0 and 1, and not for events per request.

    Args:
        epochs: The state of a 0/1 outcome.
        ratio: Candidate's rate over baseline's that is to be told from, > 0.
        side: Where the ratio is suspected to lie.

    References:
        Lindon & Malek (2022), Anytime-valid inference for multinomial count data, NeurIPS, for
        the conditional argument; the mixture over tilts is derived in design/0014.
    """
    if not ratio > 0:
        raise ValueError(f"a rate ratio of {ratio} is not positive")
    table = epochs.table()
    return tilt_evidence(events_of(table), math.log(ratio), side)[..., table.closes]


def events_of(table: Table) -> Events:
    """Read the events of a 0/1 outcome, without the units that were not randomised."""
    if not np.array_equal(table.y, table.yy):
        raise ValueError("an outcome is neither 0 nor 1; rare events need one 0/1 per unit")
    free = (table.share > 0) & (table.share < 1)
    counts = np.where(free, table.y, 0.0)
    share = np.where(free, table.share, 0.5)
    return Events(share, counts[..., 0, :], counts[..., 1, :])


def tilt_evidence(events: Events, log_ratio: float, side: Side) -> Floats:
    """Give the log evidence after each cell; shape (..., C).

    For the chance e' under the hypothesis and a tilt d, one event multiplies the evidence by
    exp(dA) / (e' exp(d) + 1 - e'), whose mean under the hypothesis is one, and below one for
    every ratio farther from the suspected side.
    """
    tilts = TILTS if side == "above" else -TILTS
    share = _share_of_events(events.share, log_ratio)
    total = events.baseline + events.candidate
    norm = np.log1p(share * np.expm1(tilts)[:, None])
    steps = events.candidate[..., None, :] * tilts[:, None] - total[..., None, :] * norm
    logs = np.cumsum(steps, axis=-1)
    return np.asarray(special.logsumexp(logs, axis=-2, b=_WEIGHTS[:, None]))


def rare_estimate(epochs: Epochs, tails: Tails) -> Measured:
    """Estimate the relative change of a rare rate with an interval that holds at every look.

    Holds exactly under the assumptions of `rare_evidence`, with one ratio for all cells; it finds
    a multiplied rate sooner than the score sequence does. The value is the conditional maximum
    likelihood; where one arm has no event, one further event is split as if the rates were equal.

    Returns:
        Candidate's rate over baseline's, minus one; Absent without an event or without a
        randomised unit in an arm.
    """
    table = epochs.table()
    free = (table.share > 0) & (table.share < 1)
    units = (table.n * free).sum(axis=-1)
    n = int(units.sum())
    if units.min() < 1:
        return Absent(reason=Reason.NO_ROWS, detail="an arm has no randomised unit", n=n)
    events = events_of(table)
    seen = int(events.baseline.sum() + events.candidate.sum())
    if not seen:
        return Absent(reason=Reason.TOO_FEW_EVENTS, detail=f"no event among {n} units", n=n)
    at = _likeliest(events)
    low = _end(events, "above", tails.low, at)
    high = _end(events, "below", tails.high, at)
    return Estimate(
        value=math.expm1(at),
        low=math.expm1(low) if low > -_FARTHEST else -1.0,
        high=math.expm1(high) if high < _FARTHEST else math.inf,
        tails=tails,
        n=n,
        method=f"tilt mixture, {seen} events",
        validity=Validity.ANYTIME,
    )


def _share_of_events(share: Floats, log_ratio: float) -> Floats:
    """Give ke / (ke + 1 - e)."""
    return np.asarray(special.expit(special.logit(share) + log_ratio))


def _end(events: Events, side: Side, tail: float, inside: float) -> float:
    """Find the log ratio nearest to the estimate that the evidence of one side excludes."""
    target = -math.log(tail)

    def excluded(log_ratio: float) -> bool:
        return bool(tilt_evidence(events, log_ratio, side)[-1] >= target)

    away = -1.0 if side == "above" else 1.0
    return crossing(excluded, inside, 0.1 * away, _FARTHEST * away)


def _likeliest(events: Events) -> float:
    """Find the log ratio at which the candidate has as many events as expected."""
    total = events.baseline + events.candidate
    seen, expected_share = float(events.candidate.sum()), events.share
    if not 0 < seen < float(total.sum()):
        extra = total / total.sum()
        seen, total = seen + float((extra * expected_share).sum()), total + extra

    def too_great(log_ratio: float) -> bool:
        return float((total * _share_of_events(expected_share, log_ratio)).sum()) >= seen

    return crossing(too_great, -_FARTHEST, 1.0, _FARTHEST)
