"""Biases: which way a person errs, once there are plays enough to know.

Told apart: what a person can tell (d'), which way it leans (c, and the lean against the best call),
and how well it knows its own calls. Whether a person chases outcomes is left out: on purpose. It
would have to show in the next call after luck, and at some dozens of plays that cannot be told from
chance.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import special

from shipcall.core import Action
from shipcall.practice.finished import Finished
from shipcall.practice.language import Case

LEAST_PLAYS = 60
"""Rated plays below which nothing is said."""
PRIOR_TELLS, PRIOR_LEANS = (1.0, 1.0), (0.0, 0.5)
"""Mean and standard deviation of d' and c over people, towards which they are shrunk. Guesses."""
LETS_ON = frozenset({Action.ADVANCE, Action.SHIP, Action.NO_OBJECTION})
"""Calls that let a release go on."""
Z = 1.959964


class Spread(NamedTuple):
    """A number with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stops:
    """How often releases were stopped, where that was right and where it was not."""

    traps: int
    stopped_traps: int
    twins: int
    stopped_twins: int


class Detection(NamedTuple):
    """Telling traps from twins, and leaning to one side."""

    tells: Spread
    """d': standard deviations between traps and twins as this person sees them; 0 is guessing."""
    leans: Spread
    """c: above 0 the person lets too much on, below 0 it stops too much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Habits over all rated plays."""

    plays: int
    stops: Stops
    you: Detection
    """Shrunk towards what people are like."""
    best: Detection
    """Of the best call on the same evidence, shrunk alike: nobody can tell them apart better."""
    lean: Spread
    """Mean over plays of 1 where the person let on what was best stopped, -1 the other way."""
    without_call: int
    """Rated plays without a call; they are in none of this."""


def profile(plays: Sequence[Finished], cases: Mapping[str, Case]) -> Profile | None:
    """Describe which way a person errs; None below LEAST_PLAYS rated plays with a call.

    Args:
        plays: All that were finished.
        cases: Case of each id; plays of an unknown case are left out.
    """
    rated = [play for play in plays if play.rated and play.case in cases]
    called = [play for play in rated if play.sheet.get("option")]
    if len(called) < LEAST_PLAYS:
        return None
    yours = [_lets_on(cases[play.case], play.sheet["option"]) for play in called]
    best = [_lets_on(cases[play.case], play.score["decision"]["best"]) for play in called]
    roles = [play.so.get("role") for play in called]
    stops, best_stops = stops_of(roles, yours), stops_of(roles, best)
    if not (stops.traps and stops.twins):
        return None
    return Profile(
        plays=len(called),
        stops=stops,
        you=shrunk(detection(stops)),
        best=shrunk(detection(best_stops)),
        lean=mean_of([float(you) - float(top) for you, top in zip(yours, best, strict=True)]),
        without_call=len(rated) - len(called),
    )


def _lets_on(case: Case, option: str) -> bool:
    return case.option_of(option).call in LETS_ON


def stops_of(roles: Sequence[str | None], let_on: Sequence[bool]) -> Stops:
    """Count stops at traps and at twins; other states are neither."""
    at = {
        role: [on for r, on in zip(roles, let_on, strict=True) if r == role]
        for role in ("trap", "twin")
    }
    return Stops(
        traps=len(at["trap"]),
        stopped_traps=sum(not on for on in at["trap"]),
        twins=len(at["twin"]),
        stopped_twins=sum(not on for on in at["twin"]),
    )


def detection(stops: Stops) -> Detection:
    """Give sensitivity and criterion of stopping at traps, where stopping at a twin is an alarm.

    H and F are shares with half a count added to the stops and one to the number (log-linear), so
    that neither is 0 or 1. d' = z(H) - z(F), c = -(z(H) + z(F)) / 2. Errors by the delta method:
    var z(p) = p (1 - p) / (n phi(z)^2), where n counts what was added, too.

    References:
        Hautus (1995), Corrections for extreme proportions and their biasing effects on estimated
        values of d', Behavior Research Methods, Instruments, & Computers 27, 46-51, for the
        correction.
    """
    hit, hit_variance = _z(stops.stopped_traps, stops.traps)
    alarm, alarm_variance = _z(stops.stopped_twins, stops.twins)
    error = math.sqrt(hit_variance + alarm_variance)
    return Detection(
        tells=_spread(hit - alarm, error), leans=_spread(-(hit + alarm) / 2, error / 2)
    )


class _Z(NamedTuple):
    value: float
    variance: float


def _z(stopped: int, number: int) -> _Z:
    share = (stopped + 0.5) / (number + 1)
    z = float(special.ndtri(share))
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return _Z(z, share * (1 - share) / ((number + 1) * density**2))


def shrunk(raw: Detection) -> Detection:
    """Pull both numbers towards what people are like, as far as their errors allow."""
    return Detection(_pulled(raw.tells, *PRIOR_TELLS), _pulled(raw.leans, *PRIOR_LEANS))


def _pulled(raw: Spread, mean: float, spread: float) -> Spread:
    error = (raw.high - raw.low) / (2 * Z)
    kept = spread**2 / (spread**2 + error**2)
    return _spread(mean + kept * (raw.value - mean), math.sqrt(kept) * error)


def _spread(value: float, error: float) -> Spread:
    return Spread(value, value - Z * error, value + Z * error)


def mean_of(values: Sequence[float]) -> Spread:
    """Mean of independent numbers in [-1, 1], with a t interval that one more of each end widens.

    One -1 and one 1 are added to the spread, not to the mean, so that equal numbers never look
    certain.
    """
    n = len(values)
    mean = float(np.mean(values))
    square = float(np.sum((np.asarray(values) - mean) ** 2)) + (1 - mean) ** 2 + (1 + mean) ** 2
    error = math.sqrt(square / (n + 1) / n)
    reach = float(special.stdtrit(max(n - 1, 1), 0.975)) * error
    return Spread(mean, max(mean - reach, -1.0), min(mean + reach, 1.0))
