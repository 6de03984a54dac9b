"""Rating: how strong a person and a case are on one scale, and never without its +-.

Glicko-2 with two additions: a result is a share of the stake kept, not a win; and a play can weigh
less than a whole one. A period is a day, so the order of the plays of one day changes nothing.
A rating compares a person with the cases of this shelf. It says nothing about any job.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from statistics import NormalDist
from typing import NamedTuple

from shipcall.practice.finished import Finished

SCALE = 400 / math.log(10)
"""Points of rating in one unit of log odds, 173.7178."""
TAU = 0.5
"""How much the volatility may change in a period; the paper's worked example takes it, too."""
WORST = 0.20
"""Share of the stake at which a result is 0: where a mistake becomes a blunder."""
SHOWN_BELOW = 110.0
"""No number is shown while the deviation is larger: it would be read as one. A guess."""
MOST_DEVIATION = 350.0
"""That of somebody who never played; time alone never makes it larger."""
CASE_STEP = 15.0
"""Points one play moves a case at most: one person is not the crowd. A guess."""
GROUP_DEVIATION = 150.0
"""How far a person's strength in one archetype lies from its strength overall, before any play
of it. A guess."""


class Damping(NamedTuple):
    """How much a play weighs at the best and at the worst result; between them along a line."""

    best: float
    worst: float


CHOSEN = Damping(0.2, 0.7)
"""Who chose the case knows its archetype, which hints at what to look for: playing it well tells
little, playing it badly still tells much. Chess puzzles of a theme that hints are damped alike."""
SPOT = 0.5
"""A spot play asks for one call on panels that somebody else picked: half of a case. A guess."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strength:
    """Where a person or a case stands."""

    rating: float = 1500.0
    deviation: float = MOST_DEVIATION
    """Standard error of the rating, in points."""
    volatility: float = 0.06
    """How much it is expected to wander in a day, in log odds."""

    @property
    def shown(self) -> bool:
        """Is it known well enough to be told as a number?"""
        return self.deviation <= SHOWN_BELOW


UNSEEN_CASE = Strength(deviation=200.0)
"""A case that no bot has played."""


class Meeting(NamedTuple):
    """One play as the rating sees it."""

    other: Strength
    result: float
    """In [0, 1]."""
    weight: float = 1.0
    """In (0, 1]: what part of a play this is."""


class Day(NamedTuple):
    """A day with rated plays, and where they left the person."""

    on: date
    plays: int
    strength: Strength


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """All rated plays of a person, put through the rating day by day."""

    strength: Strength
    """Today."""
    days: tuple[Day, ...]
    cases: Mapping[str, Strength]
    """Case -> where these plays left it."""
    meetings: Mapping[str, Sequence[Meeting]] = field(default_factory=dict)
    """Case -> the plays of it."""
    marked: int = 0
    """Plays with extra time or no clock; the rating carries a mark if there are any."""

    @property
    def plays(self) -> int:
        """Rated plays."""
        return sum(day.plays for day in self.days)


class Band(NamedTuple):
    """Strength in one group of cases, as wide as it is known."""

    low: float
    high: float
    """95 % over all groups together, in points, rounded outwards to 50."""
    stands: str
    """"weaker" or "stronger" than over all cases, or "alike": no difference can be told."""


def result_of(loss_share: float) -> float:
    """Turn the share of the stake that a call lost into a result in [0, 1]; 1 loses nothing.

    Raises:
        ValueError: If it is no share.
    """
    if not 0 <= loss_share <= 1:
        raise ValueError(f"a loss of {loss_share} of the stake: it has to be in [0, 1]")
    return 1.0 - min(1.0, loss_share / WORST)


def weight_of(play: Finished) -> float:
    """Say how much a play weighs: less where its theme was known or it was a spot decision.

    Choosing has a price: as bad results weigh more than good ones, who only plays chosen cases
    drifts down a little, as on the chess site where this damping comes from.
    """
    result = result_of(loss_share_of(play))
    damped = CHOSEN.worst + result * (CHOSEN.best - CHOSEN.worst) if play.chosen else 1.0
    return damped * (SPOT if play.mode == "spot" else 1.0)


def loss_share_of(play: Finished) -> float:
    """Share of the stake that the call of a play lost, as it was kept."""
    return float(play.score["decision"]["loss_share"])


def after(before: Strength, meetings: Sequence[Meeting], *, tau: float = TAU) -> Strength:
    """Update a strength by all meetings of one period; their order changes nothing.

    A weight multiplies the information of its meeting and the surprise in it, as if only that
    part of a play had been seen. Weights of 1 give Glicko-2 as published.

    Args:
        before: At the beginning of the period.
        meetings: All of the period; none: only doubt grows.
        tau: How much the volatility may change.

    Returns:
        At the end of the period.

    References:
        Glickman (2013), Example of the Glicko-2 system, steps 2 to 8.
    """
    if not meetings:
        return aged(before, 1)
    mu, phi = (before.rating - 1500) / SCALE, before.deviation / SCALE
    information = surprise = 0.0
    for other, result, weight in meetings:
        pull = _pull(other.deviation / SCALE)
        chance = 1 / (1 + math.exp(-pull * (mu - (other.rating - 1500) / SCALE)))
        information += weight * pull**2 * chance * (1 - chance)
        surprise += weight * pull * (result - chance)
    volatility = _volatility(phi, before.volatility, information, surprise, tau)
    precision = 1 / (phi**2 + volatility**2) + information
    return Strength(
        rating=before.rating + SCALE * surprise / precision,
        deviation=min(SCALE / math.sqrt(precision), MOST_DEVIATION),
        volatility=volatility,
    )


def _pull(phi: float) -> float:
    """g(phi): how much a meeting with somebody as uncertain as this tells."""
    return 1 / math.sqrt(1 + 3 * phi**2 / math.pi**2)


def _volatility(phi: float, sigma: float, information: float, surprise: float, tau: float) -> float:
    """Step 5 of the paper: the root of f by the Illinois variant of regula falsi."""
    v = 1 / information
    delta, start = v * surprise, math.log(sigma**2)

    def f(x: float) -> float:
        spread = phi**2 + v + math.exp(x)
        return math.exp(x) * (delta**2 - spread) / (2 * spread**2) - (x - start) / tau**2

    low = start
    if delta**2 > phi**2 + v:
        high = math.log(delta**2 - phi**2 - v)
    else:
        high = next(x for x in (start - k * tau for k in range(1, 10_000)) if f(x) >= 0)
    f_low, f_high = f(low), f(high)
    while abs(high - low) > 1e-9:
        middle = low + (low - high) * f_low / (f_high - f_low)
        f_middle = f(middle)
        if f_middle * f_high <= 0:
            low, f_low = high, f_high
        else:
            f_low /= 2
        high, f_high = middle, f_middle
    return math.exp(low / 2)


def aged(before: Strength, days: int) -> Strength:
    """Let doubt grow over days without a play."""
    grown = math.hypot(before.deviation, SCALE * before.volatility * math.sqrt(days))
    return replace(before, deviation=min(grown, max(MOST_DEVIATION, before.deviation)))


def plays_until_shown(person: Strength) -> int:
    """Count the plays, of cases as hard as the person is strong, until a number may be shown."""
    tells = _pull(UNSEEN_CASE.deviation / SCALE) ** 2 / 4
    lacks = (SCALE / SHOWN_BELOW) ** 2 - (SCALE / person.deviation) ** 2
    return max(math.ceil(lacks / tells), 0)


def moved(case: Strength, person: Strength, meetings: Sequence[Meeting]) -> Strength:
    """Move a case by the plays a person made of it in one day, by a capped step.

    A person whose own strength is not known well enough moves no case.

    Args:
        case: Before the day.
        person: Before the day.
        meetings: As the person had them; their `other` is the case.
    """
    if not person.shown:
        return case
    turned = [Meeting(person, 1 - one.result, one.weight) for one in meetings]
    found = after(case, turned)
    most = CASE_STEP * len(meetings)
    step = min(max(found.rating - case.rating, -most), most)
    return Strength(
        rating=case.rating + step,
        deviation=min(found.deviation, case.deviation),
        volatility=case.volatility,
    )


def rate(
    plays: Iterable[Finished],
    cases: Mapping[str, Strength],
    *,
    today: date,
    start: Strength | None = None,
) -> Course:
    """Put all rated plays of a person through the rating, day by day.

    Args:
        plays: In any order; those that are not rated change nothing.
        cases: Case -> its strength before any of them; a case that is not in it is UNSEEN_CASE.
        today: Until when doubt grows.
        start: Of the person; None: of somebody who never played.
    """
    rated = sorted((play for play in plays if play.rated), key=_day)
    person, held = start or Strength(), dict(cases)
    days: list[Day] = []
    met: dict[str, list[Meeting]] = {}
    for on, group in groupby(rated, key=_day):
        person = aged(person, _idle(days, on))
        here = _meetings(group, held)
        left = {name: moved(_of(held, name), person, ones) for name, ones in here.items()}
        person = after(person, [one for ones in here.values() for one in ones])
        held |= left
        for name, ones in here.items():
            met.setdefault(name, []).extend(ones)
        days.append(Day(on, sum(len(ones) for ones in here.values()), person))
    idle = max((today - days[-1].on).days, 0) if days else 0
    return Course(
        strength=aged(person, idle),
        days=tuple(days),
        cases=held,
        meetings=met,
        marked=sum(play.extra_time != 1.0 for play in rated),
    )


def band(course: Course, names: Sequence[str], *, groups: int = 1) -> Band | None:
    """Give the strength in a group of cases as a band; None while it is too wide to say anything.

    It starts from the strength over all cases, so that a few plays move it little, and compares
    with that. The plays of the group count in both: a difference is shown smaller than it is.

    Args:
        course: All rated plays.
        names: Cases of the group.
        groups: How many groups are shown side by side; all bands hold together.
    """
    met = [one for name in names for one in course.meetings.get(name, ())]
    if not met:
        return None
    overall = course.strength.rating
    found = after(Strength(rating=overall, deviation=GROUP_DEVIATION), met)
    if not found.shown:
        return None
    reach = NormalDist().inv_cdf(1 - 0.025 / max(groups, 1)) * found.deviation
    low, high = found.rating - reach, found.rating + reach
    stands = "weaker" if high < overall else "stronger" if low > overall else "alike"
    return Band(math.floor(low / 50) * 50.0, math.ceil(high / 50) * 50.0, stands)


def _day(play: Finished) -> date:
    return date.fromisoformat(play.at[:10])


def _idle(days: Sequence[Day], on: date) -> int:
    return max((on - days[-1].on).days - 1, 0) if days else 0


def _of(cases: Mapping[str, Strength], name: str) -> Strength:
    return cases.get(name, UNSEEN_CASE)


def _meetings(plays: Iterable[Finished], cases: Mapping[str, Strength]) -> dict[str, list[Meeting]]:
    met: dict[str, list[Meeting]] = {}
    for play in plays:
        one = Meeting(_of(cases, play.case), result_of(loss_share_of(play)), weight_of(play))
        met.setdefault(play.case, []).append(one)
    return met
