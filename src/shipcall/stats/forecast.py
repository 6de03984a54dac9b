"""Forecast: how many units will still be there at an age nobody has reached, with its doubt.

The law is the shifted beta-geometric: every unit drops with its own constant chance at each age,
and these chances are beta distributed over units. The careless leave first, so that the hazard
of those who stay falls with age although nobody changes.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from shipcall.core import Absent, Estimate, Measured, Reason, Tails
from shipcall.stats.arms import ByArm, joined
from shipcall.stats.sample import Floats, Ints

FEW_AGES = 3
"""Fewer ages than this cannot tell a falling hazard from a constant one."""
FEW_DROPS = 20
"""Fewer drops than this carry no curve."""
UNPROVEN = 0.7
"""Standard error, on the logit of the share of survivors that stays on, taken for the law itself
where no older cohort tells; design/0015 says how it was chosen."""
_GRID = 41
_ZOOMS = 8
_REACH = ((-12.0, 12.0), (-12.0, 8.0))
"""Logits of the mean chance to drop and of its spread among which the law is sought."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Survivors:
    """Units of one cohort and arm that are still there after each age, everybody followed.

    A unit is still there unless it has dropped for good, which a contract defines (closed its
    account, or did nothing for so many days, counted only where those days are over). Shares that
    are active on day N are not survivors: they can rise again; use `retention` for those.

    Raises:
        ValueError: On a count that is negative or rises.
    """

    counts: Ints
    """Units at age 0, 1, ...; shape (ages + 1,)."""

    def __post_init__(self) -> None:
        if self.counts.ndim != 1 or self.counts.size < 2:
            raise ValueError("survivors need age 0 and at least one more")
        if (np.diff(self.counts) > 0).any() or self.counts[-1] < 0:
            raise ValueError("survivors cannot rise or be negative: those who come back never left")

    def merged(self, other: "Survivors") -> "Survivors":
        """Add another cohort followed to the same age."""
        if self.counts.shape != other.counts.shape:
            raise ValueError("only cohorts followed to the same age can be added")
        return Survivors(counts=self.counts + other.counts)

    def until(self, age: int) -> "Survivors":
        """Forget what came after an age."""
        return Survivors(counts=self.counts[: age + 1])

    @property
    def last(self) -> int:
        """Greatest age counted."""
        return self.counts.size - 1


class BetaGeometric(NamedTuple):
    """A shifted beta-geometric law and how well it explains the counts."""

    alpha: float
    """First parameter of the beta law of the chance to drop."""
    beta: float
    log_likelihood: float

    def stays(self, age: float) -> float:
        """Give the share that is still there after an age."""
        return float(np.exp(_log_stays(np.array(self.alpha), np.array(self.beta), age)))


def fit_beta_geometric(survivors: Survivors) -> BetaGeometric | Absent:
    """Fit the law by maximum likelihood; Absent where the counts cannot carry it.

    Where units do not differ the spread goes to its limit and the law becomes geometric; that is
    a fit, not a failure. The parameters have no intervals of their own here: with few ages they
    are hardly identified one by one while the curve is; ask `forecast` for what will be.

    References:
        Fader & Hardie (2007), How to project customer retention, Journal of Interactive Marketing
        21(1), 76-90, equations 5 to 7.
    """
    fitted = _fitted(survivors)
    return fitted if isinstance(fitted, Absent) else fitted.law


def forecast(
    survivors: Survivors, age: int, tails: Tails, older: Sequence[Survivors] = ()
) -> Measured:
    """Say which share of this very cohort will still be there at a later age, honestly wide.

    Three doubts add up on the logit of the share of today's survivors that stays on: the
    parameters (profile likelihood), the luck of so many units (binomial), and the law itself.
    The last is learned by doing the same forecast for older cohorts of the same arm at the age
    that this one has now: their mean squared miss beyond the first two doubts, with a t quantile
    of as many degrees of freedom as there are cohorts. Without older cohorts a standard error of
    `UNPROVEN` is taken, and the method says so.

    It forecasts that units go on as they do. Neither the law nor older cohorts know of a change
    to come: fatigue that sets in later, a season, a new release. Read it as "if nothing changes".

    Args:
        survivors: The cohort, followed to its present age.
        age: Age to forecast, above the present one.
        tails: One-sided error level of each end.
        older: Cohorts of the same arm, each followed at least to `age`.

    Returns:
        The share of the cohort's units at age 0 that will be there, in [0, 1]; Absent where
        fewer than `FEW_AGES` ages or `FEW_DROPS` drops were seen, or nobody is left.

    Raises:
        ValueError: On an age that is reached already, or an older cohort that is too young.
    """
    now = survivors.last
    if age <= now:
        raise ValueError(f"age {age} is reached: the cohort was followed to {now}")
    if any(cohort.last < age for cohort in older):
        raise ValueError(f"an older cohort was not followed to age {age}")
    doubt = _doubt(survivors, age)
    if isinstance(doubt, Absent):
        return doubt
    misses = [_miss(cohort, now, age) for cohort in older]
    known = [miss for miss in misses if miss is not None]
    law = _Law.learned(known) if known else _Law(UNPROVEN, math.inf)
    kept = survivors.counts[-1] / survivors.counts[0]
    ends = [kept * special.expit(doubt.end(law, tail, up)) for up, tail in enumerate(tails)]
    value = float(kept * special.expit(doubt.logit))
    source = f"{len(known)} older cohorts" if known else "no older cohort: stated doubt"
    return Estimate(
        value=value,
        low=min(float(ends[0]), value),
        high=max(float(ends[1]), value),
        tails=tails,
        n=int(survivors.counts[0]),
        method=f"shifted beta-geometric, {source}",
    )


class Followed(NamedTuple):
    """A cohort of one arm, and older ones of the same arm that show how far the law errs."""

    survivors: Survivors
    older: Sequence[Survivors] = ()


def forecast_by_arm(baseline: Followed, candidate: Followed, age: int, tails: Tails) -> ByArm:
    """Compare the forecasts of independent arms; the doubt in the law counts in both, in full."""

    def at(arm: Followed, levels: Tails) -> Measured:
        return forecast(arm.survivors, age, levels, arm.older)

    return joined(partial(at, baseline), partial(at, candidate), tails)


class _Law(NamedTuple):
    """How far the law itself errs, on the logit."""

    error: float
    df: float

    @classmethod
    def learned(cls, misses: list["_Miss"]) -> "_Law":
        excess = float(np.mean([miss.distance**2 - miss.variance for miss in misses]))
        spread = float(np.mean([miss.variance for miss in misses]))
        doubt = spread * math.sqrt(2.0 / len(misses))
        return cls(math.sqrt(max(excess, doubt)), float(len(misses)))

    def reach(self, tail: float) -> float:
        quantile = special.ndtri(tail) if math.isinf(self.df) else special.stdtrit(self.df, tail)
        return abs(float(quantile)) * self.error


class _Miss(NamedTuple):
    """Logit that came less the one forecast, and the variance that was expected of it."""

    distance: float
    variance: float


class _Doubt(NamedTuple):
    """A forecast of the share of survivors that stays on, with what it rests on."""

    logit: float
    fitted: "_Fitted"
    now: int
    age: int
    left: int

    def end(self, law: _Law, tail: float, up: int) -> float:
        """Move the logit to one end: parameters, luck and law in a right-angled sum."""
        z = abs(float(special.ndtri(tail)))
        logits = self.fitted.logits(self.now, self.age, z)
        parameters = float(logits.max() if up else logits.min()) - self.logit
        share = special.expit(self.logit)
        luck = z / math.sqrt(max(self.left * share * (1 - share), 0.25))
        reach = math.sqrt(parameters**2 + luck**2 + law.reach(tail) ** 2)
        return self.logit + (reach if up else -reach)


def _doubt(survivors: Survivors, age: int) -> _Doubt | Absent:
    fitted = _fitted(survivors)
    if isinstance(fitted, Absent):
        return fitted
    now = survivors.last
    logit = _logit_on(np.array(fitted.law.alpha), np.array(fitted.law.beta), now, age)
    return _Doubt(float(logit), fitted, now, age, int(survivors.counts[-1]))


def _miss(cohort: Survivors, now: int, age: int) -> _Miss | None:
    doubt = _doubt(cohort.until(now), age)
    if isinstance(doubt, Absent):
        return None
    came = int(cohort.counts[age])
    left = doubt.left
    logit = math.log((came + 0.5) / (left - came + 0.5))
    law = _Law(0.0, math.inf)
    half = (doubt.end(law, special.ndtr(-1.0), 1) - doubt.end(law, special.ndtr(-1.0), 0)) / 2
    return _Miss(logit - doubt.logit, half**2)


class _Fitted(NamedTuple):
    """The likelihood of a cohort around its peak."""

    law: BetaGeometric
    drops: Ints
    left: int
    mean: float
    spread: float

    def logits(self, now: int, age: int, z: float) -> Floats:
        """List the forecasts of all laws that the likelihood does not rule out at z."""
        box = (self.mean - 1.0, self.mean + 1.0), (self.spread - 1.0, self.spread + 1.0)
        for _ in range(_ZOOMS):
            grid = _grid(box)
            inside = 2 * (self.law.log_likelihood - _fit(grid, self.drops, self.left)) <= z * z
            wanted = _box_of(grid, inside)
            if _holds(box, wanted):
                break
            box = wanted
        else:
            inside = np.ones_like(inside)
        beta = _beta(_Grid(grid.mean[inside], grid.spread[inside]))
        peak = _logit_on(np.array(self.law.alpha), np.array(self.law.beta), now, age)
        return np.append(_logit_on(*beta, now, age), peak)


class _Grid(NamedTuple):
    """Logits of the mean chance to drop m and of its spread s; alpha = m (1/s - 1)."""

    mean: Floats
    spread: Floats


Box = tuple[tuple[float, float], tuple[float, float]]


def _grid(box: Box) -> _Grid:
    mean, spread = (np.linspace(*side, _GRID) for side in box)
    return _Grid(np.repeat(mean, _GRID), np.tile(spread, _GRID))


def _box_of(grid: _Grid, inside: NDArray[np.bool_]) -> Box:
    """Find the next box: one step around what is inside, wider where it touches the edge."""
    sides = []
    for values, (least, most) in zip(grid, _REACH, strict=True):
        low, high = float(values.min()), float(values.max())
        step = (high - low) / (_GRID - 1)
        kept = values[inside] if inside.any() else values
        first, last = float(kept.min()), float(kept.max())
        first = low - (high - low) if first <= low else first - step
        last = high + (high - low) if last >= high else last + step
        sides.append((max(first, least), min(last, most)))
    return sides[0], sides[1]


def _holds(box: Box, wanted: Box) -> bool:
    """Is the box already as tight as it needs to be, and nowhere too narrow?"""
    return all(
        one[0] <= two[0] and two[1] <= one[1] and (two[1] - two[0]) > 0.5 * (one[1] - one[0])
        for one, two in zip(box, wanted, strict=True)
    )


def _fitted(survivors: Survivors) -> _Fitted | Absent:
    counts = survivors.counts
    drops, left = -np.diff(counts), int(counts[-1])
    gone = int(drops.sum())
    n = int(counts[0])
    if survivors.last < FEW_AGES:
        detail = f"{survivors.last} ages; a curve needs {FEW_AGES}"
        return Absent(reason=Reason.MATURING, detail=detail, n=n)
    if gone < FEW_DROPS or left == 0:
        detail = f"{gone} drops of {n} units, {left} left"
        return Absent(reason=Reason.TOO_FEW_EVENTS, detail=detail, n=n)
    box: Box = _REACH
    for _ in range(2 * _ZOOMS):
        grid = _grid(box)
        found = _fit(grid, drops, left)
        best = int(np.argmax(found))
        box = _around(box, float(grid.mean[best]), float(grid.spread[best]))
    at = _Grid(grid.mean[best : best + 1], grid.spread[best : best + 1])
    alpha, beta = (float(value[0]) for value in _beta(at))
    law = BetaGeometric(alpha, beta, float(found[best]))
    return _Fitted(law, drops, left, float(at.mean[0]), float(at.spread[0]))


def _around(box: Box, mean: float, spread: float) -> Box:
    """Shrink a box to a quarter around a point, within reach."""
    sides = []
    for centre, (low, high), (least, most) in zip((mean, spread), box, _REACH, strict=True):
        eighth = (high - low) / 8
        sides.append((max(centre - eighth, least), min(centre + eighth, most)))
    return sides[0], sides[1]


class _Beta(NamedTuple):
    alpha: Floats
    beta: Floats


def _beta(grid: _Grid) -> _Beta:
    total = np.exp(-grid.spread)
    return _Beta(special.expit(grid.mean) * total, special.expit(-grid.mean) * total)


def _fit(grid: _Grid, drops: Ints, left: int) -> Floats:
    """Log-likelihood of each law: log P(T = t) for those who dropped, log S for the others."""
    alpha, beta = _beta(grid)
    whole = np.zeros_like(alpha)
    stay = np.zeros_like(alpha)
    for age, gone in enumerate(drops.tolist()):
        total = alpha + beta + age
        whole += gone * (stay + np.log(alpha / total))
        stay += np.log((beta + age) / total)
    return whole + left * stay


def _log_stays(alpha: Floats, beta: Floats, age: float) -> Floats:
    """Log S(age) = log B(alpha, beta + age) - log B(alpha, beta)."""
    return np.asarray(special.betaln(alpha, beta + age) - special.betaln(alpha, beta))


def _logit_on(alpha: Floats, beta: Floats, now: int, age: int) -> Floats:
    """Logit of the share of those there at `now` who are there at `age`."""
    steps = np.arange(now, age, dtype=np.float64)[:, None]
    log = np.log1p(-alpha / (alpha + beta + steps)).sum(axis=0)
    return np.asarray((log - np.log(-np.expm1(np.minimum(log, -1e-300)))).squeeze())
