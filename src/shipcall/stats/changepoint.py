"""Change points: where the mean of a daily series moved, with a promised rate of false alarms."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from shipcall.core import Absent, Estimate, Measured, Reason, Tails
from shipcall.stats.sample import Floats, Ints

FEW_BLOCKS = 8
"""Fewer blocks than this cannot be dealt often enough, and hide their own noise."""
FEW_EACH = 5
"""One change is sought for so many blocks, up to `MAX_CHANGES`."""
MAX_CHANGES = 4
_SIMULATED = 400
_ROUNDING = 1e-12


class Change(NamedTuple):
    """One move of the mean."""

    at: Measured
    """Between which days: the end of day i and the start of day i + 1 is i + 0.5."""
    size: float
    """Mean after less mean before, up to the neighbouring changes; a description: it was
    chosen for being large."""


class Changes(NamedTuple):
    """What was found in a series."""

    changes: list[Change]
    p: float
    """Chance of a pattern of changes at least as strong in a series without any, in (0, 1]."""
    penalty: float
    """Fall of the logarithm of the sum of squares which a change must bring."""


def find_changes(  # noqa: PLR0913 - what is promised, and how it is shown
    values: ArrayLike,
    tails: Tails,
    rng: np.random.Generator,
    *,
    false_alarm: float = 0.05,
    block: int = 1,
    permutations: int = 199,
) -> Changes | Absent:
    """Find the days on which the mean of a series moved; false alarms at the promised rate.

    The best places for up to `MAX_CHANGES` changes are found exactly (dynamic programming over
    sums of squares), at least one block apart. The penalty for a change is calibrated on the
    series itself: its blocks are dealt in other orders, and a series without change is called
    changed with chance at most `false_alarm`. A change beyond those that are there is not bounded
    that way (measured: 5 to 10 in 100 at a rate of 5). The rate holds exactly where the blocks
    could come in any order: independent days, or whole weeks (`block = 7`) of a weekly rhythm.
    A trend, a season or noise that goes on over weeks breaks it, and is found as changes; take
    the difference between arms, not one arm's series, wherever there is one.

    Args:
        values: One value a day, ascending in time, without gaps, shape (n,).
        tails: One-sided error levels of each place's interval; see `_place`.
        rng: Deals the blocks and draws what intervals need.
        false_alarm: Chance of any change in a series without one, in (0, 1).
        block: Days that are dealt together; changes are sought between blocks only.
        permutations: Number of deals.

    Returns:
        Absent with fewer than `FEW_BLOCKS` blocks, a gap, a series without spread, or too few
        deals for the promised rate.

    References:
        Auger & Lawrence (1989), Algorithms for the optimal identification of segment neighborhoods,
        Bulletin of Mathematical Biology 51(1), 39-54 (the search).
    """
    series = np.asarray(values, dtype=np.float64)
    absent = _refused(series, false_alarm, block, permutations)
    if absent:
        return absent
    days = series[: series.size // block * block]
    weeks = days.reshape(-1, block)
    level = weeks.mean(axis=1)
    deals = rng.permuted(np.broadcast_to(level, (permutations, level.size)), axis=1)
    searched = _search(np.concatenate((level[None, :], deals)))
    pulls = searched.pulls
    p = float((pulls >= pulls[0] * (1 - _ROUNDING)).mean())
    kept = math.ceil((1 - false_alarm) * (permutations + 1))
    penalty = float(np.sort(pulls)[min(kept, pulls.size) - 1])
    if p > false_alarm:
        return Changes([], p, penalty)
    found = _places(level, _wanted(searched, penalty))
    edges = [0, *found, level.size]
    changes = [_change(level, edges[i : i + 3], tails, rng, block) for i in range(len(found))]
    return Changes(changes, p, penalty)


def _refused(series: Floats, false_alarm: float, block: int, permutations: int) -> Absent | None:
    if series.ndim != 1 or block < 1 or not 0 < false_alarm < 1:
        raise ValueError(f"shape {series.shape}, block {block}, false_alarm {false_alarm}")
    n = int(series.size)
    if not np.isfinite(series).all():
        gaps = int(np.count_nonzero(~np.isfinite(series)))
        return Absent(reason=Reason.ROWS_MISSING, detail=f"{gaps} of {n} days are absent", n=n)
    if n // block < FEW_BLOCKS:
        detail = f"{n} days make {n // block} blocks; {FEW_BLOCKS} are needed"
        return Absent(reason=Reason.TOO_FEW_UNITS, detail=detail, n=n)
    if float(np.ptp(series)) <= _ROUNDING * float(np.abs(series).max()):
        return Absent(reason=Reason.CONSTANT, detail=f"{n} days, one value", n=n)
    if false_alarm * (permutations + 1) < 1:
        detail = f"{permutations} deals cannot show a rate of {false_alarm:g}"
        return Absent(reason=Reason.UNDEFINED, detail=detail, n=n)
    return None


class _Searched(NamedTuple):
    """Least sums of squares of each series within 1, 2, ... parts."""

    costs: Floats
    """Shape (series, parts)."""

    @property
    def pulls(self) -> Floats:
        """Greatest fall per change, for each series; shape (series,)."""
        return np.asarray(self.gains.max(axis=1))

    @property
    def gains(self) -> Floats:
        """Fall of the logarithm of the squares per change, for 1, 2, ... changes.

        The logarithm, because few days leave hardly any squares among many parts.
        """
        left = np.maximum(self.costs, _ROUNDING * self.costs[:, :1])
        changes = np.arange(1, self.costs.shape[1])
        return np.asarray((np.log(left[:, :1]) - np.log(left[:, 1:])) / changes)


def _search(series: Floats) -> _Searched:
    """Find the least sum of squares for each number of parts, all series at once."""
    most = min(MAX_CHANGES, series.shape[1] // FEW_EACH)
    costs, _ = _split(series, most)
    return _Searched(costs)


class _Split(NamedTuple):
    costs: Floats
    """Shape (series, most + 1)."""
    starts: Ints
    """Where the last part begins, shape (most + 1, n + 1, series)."""


def _split(series: Floats, most: int) -> _Split:
    centred = series - series.mean(axis=1, keepdims=True)
    count, n = series.shape
    sums = np.concatenate((np.zeros((count, 1)), np.cumsum(centred, axis=1)), axis=1)
    squares = np.concatenate((np.zeros((count, 1)), np.cumsum(centred**2, axis=1)), axis=1)
    best = np.full((most + 1, n + 1, count), np.inf)
    starts = np.zeros((most + 1, n + 1, count), dtype=np.int64)
    for end in range(1, n + 1):
        sizes = end - np.arange(end)
        within = squares[:, end, None] - squares[:, :end]
        within = np.maximum(within - (sums[:, end, None] - sums[:, :end]) ** 2 / sizes, 0.0)
        best[0, end] = within[:, 0]
        for part in range(1, most + 1):
            every = best[part - 1, :end] + within.T
            starts[part, end] = every.argmin(axis=0)
            best[part, end] = every.min(axis=0)
    return _Split(best[:, n].T, starts)


def _wanted(searched: _Searched, penalty: float) -> int:
    """Choose the number of changes: the best, and further ones while each brings the penalty."""
    costs = np.maximum(searched.costs[0], _ROUNDING * searched.costs[0, 0])
    wanted = int(np.argmax(searched.gains[0])) + 1
    while wanted + 1 < costs.size and math.log(costs[wanted] / costs[wanted + 1]) > penalty:
        wanted += 1
    return wanted


def _places(level: Floats, changes: int) -> list[int]:
    """Walk back through the best split; where parts begin, ascending."""
    starts = _split(level[None, :], changes).starts[:, :, 0]
    end, found = level.size, []
    for part in range(changes, 0, -1):
        end = int(starts[part, end])
        found.append(end)
    return found[::-1]


def _change(
    level: Floats, edges: list[int], tails: Tails, rng: np.random.Generator, block: int
) -> Change:
    start, middle, end = edges
    part, place = level[start:end], middle - start
    size = float(part[place:].mean() - part[:place].mean())
    ends = _place(part, place, min(tails), rng)
    at = Estimate(
        value=(middle * block) - 0.5,
        low=(start + ends.first - 1) * float(block),
        high=(start + ends.last + 1) * block - 1.0,
        tails=tails,
        n=int(level.size),
        method=f"least squares, blocks of {block}",
    )
    return Change(at, size)


class _Ends(NamedTuple):
    first: int
    last: int


def _place(part: Floats, place: int, level: float, rng: np.random.Generator) -> _Ends:
    """Find the places that the series does not exclude, given that there is one change.

    A place stays if it costs no more squares, over the variance left, than the true place costs
    in all but a share `level` of series drawn with this change and these residuals. Both ends
    use the smaller of the two tails for the set as a whole. An interval given that something was
    found: among weak changes the found ones are those which noise made look clear, and their
    intervals are then too short.
    """
    n = part.size
    step = np.where(np.arange(n) < place, part[:place].mean(), part[place:].mean())
    rest = part - step
    rest = rest * math.sqrt(n / max(n - 2, 1))
    drawn = step + rng.choice(rest, size=(_SIMULATED, n))
    costs = _single(np.concatenate((part[None, :], drawn)))
    left = np.maximum(costs.min(axis=1, keepdims=True), _ROUNDING)
    excess = (costs - costs.min(axis=1, keepdims=True)) / left
    allowed = float(np.quantile(excess[1:, place - 1], 1 - level, method="higher"))
    kept = np.flatnonzero(excess[0] <= allowed) + 1
    return _Ends(int(min(kept[0], place)), int(max(kept[-1], place)))


def _single(series: Floats) -> Floats:
    """Sum of squares with one change before each day but the first, shape (series, n - 1)."""
    n = series.shape[1]
    centred = series - series.mean(axis=1, keepdims=True)
    sums = np.cumsum(centred, axis=1)[:, :-1]
    sizes = np.arange(1, n)
    whole = (centred**2).sum(axis=1, keepdims=True)
    return np.asarray(np.maximum(whole - sums**2 * (1 / sizes + 1 / (n - sizes)), 0.0))


def abruptness(values: ArrayLike, tails: Tails, rng: np.random.Generator) -> Measured:
    """Estimate over how many days a change came: 1 is overnight, many is a slide.

    Assumes that there is one change (ask `find_changes` first), level before, then a straight
    ramp, then level, and independent days. A width stays unless its best ramp is worse, over the
    squares left, than in all but a tail's share of series drawn with that ramp and its residuals;
    each end then moves out to the next width tried. It tells a deploy, which comes overnight,
    from a drift, which does not; a slide of a week in a noisy month can look like either, and
    then the interval says so.

    Args:
        values: One value a day without gaps, shape (n,), at least 10.
        tails: One-sided error level of each end.
        rng: Draws the series.

    Returns:
        Days from the last one at the level before to the first at the level after; Absent with
        fewer than 10 days, a gap, no spread, or a series that a ramp fits hardly better than none.
    """
    series = np.asarray(values, dtype=np.float64)
    n = int(series.size)
    if not np.isfinite(series).all():
        return Absent(reason=Reason.ROWS_MISSING, detail="a day is absent", n=n)
    if n < 10:
        return Absent(reason=Reason.TOO_FEW_UNITS, detail=f"{n} days; 10 are needed", n=n)
    if float(np.ptp(series)) <= _ROUNDING * float(np.abs(series).max()):
        return Absent(reason=Reason.CONSTANT, detail=f"{n} days, one value", n=n)
    ramps = [_Ramps.of(n, days) for days in _widths(n)]
    fits = [width.fit(series[None, :]) for width in ramps]
    best = int(np.argmin([fit.costs[0] for fit in fits]))
    whole = float(np.sum((series - series.mean()) ** 2))
    if whole < (1 + _PLAIN / n) * max(float(fits[best].costs[0]), _ROUNDING * whole):
        detail = f"no change can be told from noise in {n} days"
        return Absent(reason=Reason.TOO_FEW_EVENTS, detail=detail, n=n)
    chances = [_chance(series, ramps, index, rng) for index in range(len(ramps))]
    low = next(i for i, chance in enumerate(chances) if chance > tails.low or i == best)
    back = [i for i in range(best, len(chances)) if chances[i] > tails.high or i == best]
    days = [width.days for width in ramps]
    return Estimate(
        value=float(days[best]),
        low=float(days[low - 1]) if low else 0.0,
        high=float(days[back[-1] + 1]) if back[-1] + 1 < len(days) else float(n),
        tails=tails,
        n=n,
        method="ramp, least squares, drawn again",
    )


_PLAIN = 16.0
"""A ramp must explain this many times a day's variance: four standard errors."""
_REDRAWN = 199


def _widths(n: int) -> list[int]:
    """List widths in steps of a seventh, from 1 to the whole series."""
    widths = [1]
    while (wider := max(widths[-1] + 1, round(widths[-1] * 8 / 7))) < n - 1:
        widths.append(wider)
    return widths


class _Fit(NamedTuple):
    costs: Floats
    """Least sum of squares, shape (series,)."""
    starts: Ints


class _Ramps(NamedTuple):
    """All ramps of one width, centred and of length one."""

    days: int
    shapes: Floats
    """Shape (starts, n)."""

    @classmethod
    def of(cls, n: int, days: int) -> "_Ramps":
        starts = np.arange(max(n - days, 1))[:, None]
        shapes = np.clip((np.arange(n) - starts) / days, 0.0, 1.0)
        shapes = shapes - shapes.mean(axis=1, keepdims=True)
        return cls(days, shapes / np.sqrt(np.sum(shapes**2, axis=1, keepdims=True)))

    def fit(self, series: Floats) -> _Fit:
        centred = series - series.mean(axis=1, keepdims=True)
        pull = (centred @ self.shapes.T) ** 2
        whole = np.sum(centred**2, axis=1)
        return _Fit(np.maximum(whole - pull.max(axis=1), _ROUNDING * whole), pull.argmax(axis=1))


def _chance(series: Floats, ramps: list[_Ramps], index: int, rng: np.random.Generator) -> float:
    """Chance of an excess as great as the one seen, if the ramp had this width."""
    width = ramps[index]
    shape = width.shapes[int(width.fit(series[None, :]).starts[0])]
    fitted = series.mean() + float(shape @ series) * shape
    rest = (series - fitted) * math.sqrt(series.size / (series.size - 4))
    drawn = fitted + rng.choice(rest, size=(_REDRAWN, series.size))
    every = np.concatenate((series[None, :], drawn))
    costs = np.array([width.fit(every).costs for width in ramps])
    excess = costs[index] / costs.min(axis=0)
    return float((excess >= excess[0]).mean())
