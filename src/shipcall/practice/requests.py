"""Requests: sessions in which one person asks several times, and a router that may deal each anew.

The world deals people; this deals sessions, or requests within them. A session has a few requests
and a propensity of its own, on which all of its requests agree: rows of one session are not
independent. Most routers keep the model for the session; where the app sends no session key,
every request is dealt anew, and a session may meet both models. Whoever has both before its eyes
compares them: in such sessions the candidate gains half of the contrast and the baseline loses
as much, which is worth nothing once everybody has one model.

Read from the world: how many sessions (`people.count`), how unlike they are (`people.spread`,
`outcome[0].habit`), the outcome and what the candidate really changes (`outcome[0]`), share and
hours of the one stage, the start. Read from the point: `keyless`, the share of the sessions
without a key, and `contrast`, in hundredths of the base.

    P(dealt)   keyed: all requests to one model; keyless: each by its own coin
    P(kept)    base of the session + candidate * lift +- contrast / 2 where both were met

A session is fully told by its pattern: requests, those of the candidate, and the successes of
both. Sessions are independent given the point, so counts of patterns are multinomial.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shipcall.assign import shipcall_v1
from shipcall.practice.laws import Floats
from shipcall.practice.points import Point
from shipcall.world.chance.draws import generator
from shipcall.world.chance.names import chosen, constant, numbered
from shipcall.world.people.population import population
from shipcall.world.people.traffic import moments, stages
from shipcall.world.rollout.responses import bases
from shipcall.world.truth import ARMS, World

Ints = NDArray[np.int64]

REQUESTS: Floats = np.array([0.30, 0.30, 0.22, 0.18])
"""Share of the sessions with one, two, three and four requests."""
_GAP_HOURS = 0.04
"""Longest time between two requests of a session."""
_ANSWER_HOURS = 0.002
"""From a request to its outcome, which is known before the next request."""


class Router(NamedTuple):
    """What is so of the dealing at a point."""

    keyless: float
    """Share of the sessions whose requests are dealt anew, in [0, 1]."""
    contrast: float
    """What the candidate seems to gain where both were met, in hundredths of the base."""


def router(point: Point) -> Router:
    """Read the dealing of a point; its case has to have parameters of these names."""
    return Router(point.values["keyless"], point.values["contrast"])


class Pattern(NamedTuple):
    """What can be seen of one session."""

    requests: int
    candidate: int
    """Requests that the candidate answered."""
    kept_candidate: int
    """Successes among those."""
    kept_baseline: int

    @property
    def met(self) -> str:
        """Which models it met: "baseline", "candidate" or "both"."""
        if 0 < self.candidate < self.requests:
            return "both"
        return "candidate" if self.candidate else "baseline"


PATTERNS: tuple[Pattern, ...] = tuple(
    Pattern(requests, candidate, good, other)
    for requests in range(1, len(REQUESTS) + 1)
    for candidate in range(requests + 1)
    for good in range(candidate + 1)
    for other in range(requests - candidate + 1)
)
"""Every pattern a session can have."""


def pattern_chances(world: World, so: Router) -> Floats:
    """Chance of every pattern of one session, shape (patterns,); it adds up to 1."""
    kept = _kept(world, so.contrast)
    share = stages(world)[0].share
    weights = population(world).habit_chances
    chances = np.empty(len(PATTERNS))
    for place, pattern in enumerate(PATTERNS):
        baseline, candidate = kept[int(pattern.met == "both")]
        n, c = pattern.requests, pattern.candidate
        good = _binomial(c, pattern.kept_candidate, candidate)
        other = _binomial(n - c, pattern.kept_baseline, baseline)
        dealt = REQUESTS[n - 1] * _dealt(pattern, share, so.keyless)
        chances[place] = dealt * float(weights @ (good * other))
    return chances


def _kept(world: World, contrast: float) -> Floats:
    """Chance that an answer is kept: (one or both met, arms, propensities)."""
    outcome = world.outcome[0]
    half = contrast * outcome.base / 200
    change = np.array([[0.0, outcome.lift], [-half, outcome.lift + half]])
    found: Floats = np.clip(bases(world, outcome) + change[:, :, None], 0.0, 1.0)
    return found


def _dealt(pattern: Pattern, share: float, keyless: float) -> float:
    """Chance that so many of the requests of a session go to the candidate."""
    n, c = pattern.requests, pattern.candidate
    anew = math.comb(n, c) * share**c * (1 - share) ** (n - c)
    kept = share * (c == n) + (1 - share) * (c == 0)
    return (1 - keyless) * kept + keyless * anew


def _binomial(n: int, hits: int, chance: Floats) -> Floats:
    found: Floats = math.comb(n, hits) * chance**hits * (1 - chance) ** (n - hits)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Log:
    """Every request of a drawing, session by session; arrays have the shape (requests,)."""

    session: Ints
    """Number of the session, rising."""
    candidate: Ints
    """1 where the candidate answered."""
    kept: Ints
    """1 where the answer was kept."""
    hour: Floats
    """Hours after the first day begins; within a session rising."""

    def patterns(self, first: float, last: float) -> Floats:
        """Count the sessions that began from hour `first` to before hour `last`, by pattern.

        Returns:
            Shape (patterns,), in the order of PATTERNS.
        """
        size = int(self.session[-1]) + 1
        began = self.hour[np.searchsorted(self.session, np.arange(size))]
        some = (began >= first) & (began < last)
        good = self.candidate * self.kept
        each = (np.ones(len(self.session)), self.candidate, good, self.kept - good)
        sums = [np.bincount(self.session, weights, size)[some].astype(int) for weights in each]
        place = np.full((len(REQUESTS) + 1,) * 4, -1)
        place[tuple(np.array(PATTERNS).T)] = np.arange(len(PATTERNS))
        return np.bincount(place[tuple(sums)], minlength=len(PATTERNS)).astype(np.float64)


def log(world: World, so: Router) -> Log:
    """Draw every request of a world; the same seed gives the same ones."""
    return _log(world.model_dump_json(), so)


@lru_cache(maxsize=2)
def _log(text: str, so: Router) -> Log:
    world = World.model_validate_json(text)
    people, stage, count = population(world), stages(world)[0], world.people.count
    rng = generator(world, "sessions")
    asked = 1 + rng.choice(len(REQUESTS), size=count, p=REQUESTS)
    session = np.repeat(np.arange(count), asked)
    anew = (rng.random(count) < so.keyless)[session]
    candidate = np.where(anew, rng.random(len(session)), rng.random(count)[session]) < stage.share
    met = np.bincount(session, candidate, minlength=count)
    both = ((met > 0) & (met < asked))[session]
    habit = rng.choice(len(people.habit_chances), size=count, p=people.habit_chances)[session]
    chance = _kept(world, so.contrast)[both.astype(int), candidate.astype(int), habit]
    kept = rng.random(len(session)) < chance
    first, last = people.clock.busy(
        np.array([stage.starts, stage.ends - len(REQUESTS) * _GAP_HOURS])
    )
    began = people.clock.when(first + (last - first) * rng.random(count))
    waits = np.cumsum(_GAP_HOURS * rng.uniform(0.2, 1.0, len(session)))
    place = np.searchsorted(session, np.arange(count))
    hour = began[session] + waits - waits[place][session]
    return Log(session, candidate.astype(np.int64), kept.astype(np.int64), hour)


def tables(world: World, so: Router) -> dict[str, dict[str, Any]]:
    """Lay out the drawing as evidence, with the session as the unit.

    A session that met both models has an exposure to each: its first request to either. Every
    request has an outcome of its own, a moment later. Rows are in the order of time.

    Returns:
        "exposures" and "outcomes": column of the format -> values.
    """
    drawn, stage = log(world, so), stages(world)[0]
    _, first = np.unique(2 * drawn.session + drawn.candidate, return_index=True)
    met = first[np.argsort(drawn.hour[first], kind="stable")]
    every = np.argsort(drawn.hour, kind="stable")
    return {
        "exposures": {
            "unit": numbered("session", drawn.session[met]),
            "arm": chosen(ARMS, drawn.candidate[met]),
            "stage": constant(stage.name, len(met)),
            "share": np.full(len(met), stage.share),
            "at": _times(world, drawn.hour[met]),
            "reason": constant("SPLIT", len(met)),
            "bucketing": constant(shipcall_v1.NAME, len(met)),
        },
        "outcomes": {
            "unit": numbered("session", drawn.session[every]),
            "metric": constant(world.outcome[0].name, len(every)),
            "value": drawn.kept[every].astype(np.float64),
            "at": _times(world, drawn.hour[every] + _ANSWER_HOURS),
        },
    }


def _times(world: World, hours: Floats) -> NDArray[np.datetime64]:
    return moments(world, hours).astype("datetime64[us]")
