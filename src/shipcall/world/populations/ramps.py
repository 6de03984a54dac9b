"""Ramps: rollouts drawn hour by hour, of which the true running effect is known at each of them.

Only counts are drawn: units, outcomes and squares by hour and arm, for many rollouts at once.
Nothing here knows how a rollout is judged.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

import numpy as np

from shipcall.world.populations.rows import Floats, Ints, Rng

DAY = 24


class Wave(StrEnum):
    """How the effect moves around its middle while the rollout lasts."""

    CONSTANT = "constant"
    DRIFTING = "drifting"
    """From above the middle to below it, in a straight line."""
    ALTERNATING = "alternating"
    """Above on one day, below on the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """The law of one unit's outcome in each arm."""

    values: tuple[float, ...]
    """What an outcome can be, each a multiple of a half."""
    chances: Callable[[Floats, Floats], Floats]
    """(level by hour, effect by hour) -> chance of each value by arm, shape (2, hours, values)."""
    mean: float
    """Of the baseline at level 1."""


def amounts(chances: dict[float, float]) -> Outcomes:
    """Nothing, or an amount; season and effect multiply the chances of all amounts alike.

    Args:
        chances: Amount above 0 -> its chance at level 1.
    """
    values = np.array([0.0, *chances])
    some = np.array([*chances.values()])
    mean = float(some @ values[1:])

    def by_arm(level: Floats, effect: Floats) -> Floats:
        baseline = level[:, None] * some
        candidate = baseline * (1.0 + effect / (level * mean))[:, None]
        both = np.stack([baseline, candidate])
        return np.concatenate([1.0 - both.sum(axis=-1, keepdims=True), both], axis=-1)

    return Outcomes(values=tuple(values.tolist()), chances=by_arm, mean=mean)


def events(rate: float) -> Outcomes:
    """One event or none for each unit."""
    return amounts({1.0: rate})


def coin() -> Outcomes:
    """A grade of one half in the baseline, which the candidate makes 0 or 1 by a coin."""

    def by_arm(_level: Floats, effect: Floats) -> Floats:
        nothing = np.zeros_like(effect)
        baseline = np.stack([nothing, nothing + 1.0, nothing], axis=-1)
        candidate = np.stack([0.5 - effect, nothing, 0.5 + effect], axis=-1)
        return np.stack([baseline, candidate])

    return Outcomes(values=(0.0, 0.5, 1.0), chances=by_arm, mean=0.5)


class Counted(NamedTuple):
    """Running totals by day, as somebody has them who adds up everything: shape (runs, 2, days)."""

    n: Floats
    y: Floats
    yy: Floats


class Arrived(NamedTuple):
    """Units by hour, before anything is known of their outcomes."""

    dealt: Ints
    """Those that entered, shape (runs, 2, hours)."""
    had: Ints
    """Those that came back and had the candidate in an earlier stage, shape (runs, hours)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Drawn rollouts: one cell for each hour of exposure, arms in the order baseline, candidate."""

    stage: Ints
    """Position of the share that was served, by hour; shape (hours,)."""
    share: Floats
    """Chance of the candidate for the units that entered, given the past; shape (hours,)."""
    means: Floats
    """True mean by arm and hour, shape (2, hours)."""
    n: Ints
    """Units that entered, shape (runs, 2, hours); as `y` and `yy`."""
    y: Floats
    yy: Floats
    pooled: Counted
    """All that came and all that is known by each evening, entered or not."""

    def running(self, run: int, since: int, *, relative: bool = False) -> Floats:
        """Give theta of each hour: sum(w tau) / sum(w) over the units that entered until then.

        Args:
            run: Which of the rollouts.
            since: First hour whose units count; NaN is given for hours before.
            relative: Sum the means of both arms with these weights and divide, minus one.
        """
        weight = self.n[run].sum(axis=0) * self.share * (1.0 - self.share)
        weight[:since] = 0.0
        total, baseline, candidate = np.cumsum(np.stack([weight, *(weight * self.means)]), axis=-1)
        by = baseline if relative else total
        change = np.full(total.shape, np.nan)
        np.divide(candidate - baseline, by, out=change, where=total > 0)
        return change


@dataclass(frozen=True, kw_only=True)
class Ramp:
    """A law of rollouts in which the share of the candidate grows."""

    name: str
    outcomes: Outcomes
    shares: tuple[float, ...] = (0.01, 0.1, 0.5)
    """Of the candidate, stage by stage, in (0, 1]."""
    holdback: float = 0.0
    """Share of the units that the baseline keeps to the end, in [0, 1)."""
    days: tuple[int, ...] = (3, 4, 14)
    """How long each share is served."""
    units: float = 4_000.0
    """Expected units a day; where they return, how many there are at all."""
    season: bool = True
    """Traffic and level follow the hours of the day, a week, and a bump after the launch."""
    wave: Wave = Wave.CONSTANT
    swing: float = 0.0
    """How far the wave goes to either side of the middle, as the effect is stated."""
    relative: bool = False
    """Effects are stated as a share of the baseline's mean."""
    returning: bool = False
    """The same units come in every stage, once: dealt by nested buckets."""
    carried: float = 0.0
    """What units that had the candidate in an earlier stage lose ever after; 0/1 outcomes only."""
    late: tuple[tuple[float, ...], tuple[float, ...]] | None = None
    """By arm: chance that an event becomes known so many days after exposure, from 0 on."""

    @property
    def hours(self) -> int:
        """Length of the rollout."""
        return DAY * sum(self.days)

    @property
    def window_days(self) -> int:
        """Days after which the outcome of every unit is known."""
        return len(self.late[0]) if self.late else 0

    @cached_property
    def stage(self) -> Ints:
        """Position of the share by hour."""
        return np.repeat(np.arange(len(self.shares)), DAY * np.array(self.days))

    @property
    def served(self) -> tuple[float, ...]:
        """Share of the candidate by stage, what is held back taken off."""
        return tuple(min(share, 1.0 - self.holdback) for share in self.shares)

    @cached_property
    def dealt(self) -> Floats:
        """Chance of the candidate by stage, given the past."""
        shares = np.array(self.served)
        if not self.returning:
            return shares
        before = np.append(0.0, shares[:-1])
        return np.asarray((shares - before) / (1.0 - before))

    @cached_property
    def level(self) -> Floats:
        """The season by hour, 1 where there is none."""
        day = np.arange(self.hours) / DAY
        if not self.season:
            return np.ones(self.hours)
        return (1.0 + 0.3 * np.sin(2 * np.pi * day / 7)) * (1.0 + 0.5 * np.exp(-day / 2))

    @cached_property
    def traffic(self) -> Floats:
        """Expected units by hour."""
        hour = np.arange(self.hours)
        rhythm = 1.0 + 0.6 * np.sin(2 * np.pi * hour / DAY) if self.season else 1.0
        return self.units / DAY * np.sqrt(self.level) * rhythm

    def effect(self, middle: float) -> Floats:
        """The effect by hour, candidate minus baseline, for a middle as effects are stated."""
        around = {
            Wave.CONSTANT: np.zeros(self.hours),
            Wave.DRIFTING: np.linspace(1.0, -1.0, self.hours),
            Wave.ALTERNATING: 1.0 - 2.0 * (np.arange(self.hours) // DAY % 2),
        }[self.wave]
        one = self.level * self.outcomes.mean if self.relative else np.ones(self.hours)
        return np.asarray((middle + self.swing * around) * one)

    def draw(self, rng: Rng, runs: int, middle: float) -> Cells:
        """Draw rollouts.

        Args:
            rng: Where chance comes from.
            runs: How many.
            middle: Around which the effect moves.
        """
        return self.observe(rng, self.arrive(rng, runs), middle)

    def arrive(self, rng: Rng, runs: int) -> Arrived:
        """Draw who comes and gets which arm."""
        return self._returned(rng, runs) if self.returning else self._new(rng, runs)

    def observe(self, rng: Rng, arrived: Arrived, middle: float) -> Cells:
        """Draw the outcomes of units that came; several metrics may be drawn of the same units."""
        n, had = arrived
        chances = self.outcomes.chances(self.level, self.effect(middle))
        if chances.min() < -1e-12 or chances.max() > 1 + 1e-12:
            raise ValueError(
                f"{self.name!r}: an effect around {middle:g} makes a chance of "
                f"{chances.min():.3g} to {chances.max():.3g}; take one that the season leaves "
                "room for"
            )
        chances = np.clip(chances, 0.0, 1.0)
        values = np.array(self.outcomes.values)
        drawn = rng.multinomial(n, chances)
        y, yy = drawn @ values, drawn @ values**2
        return Cells(
            stage=self.stage,
            share=self.dealt[self.stage],
            means=chances @ values,
            n=n,
            y=y,
            yy=yy,
            pooled=self._pooled(rng, n, had, y, yy),
        )

    def _pooled(self, rng: Rng, n: Ints, had: Ints, y: Floats, yy: Floats) -> Counted:
        """Everything by evening: late events when they are known, and carried-over ones."""
        known = self._known(rng, _daily(y))
        units, squares = _daily(n), known if self.late else _daily(yy)
        if self.carried:
            rate = np.clip(self.level * self.outcomes.mean - self.carried, 0.0, 1.0)
            events = _daily(rng.binomial(had, rate))
            arm = np.array([[0], [1]])
            units = units + arm * _daily(had)[:, None]
            known, squares = (part + arm * events[:, None] for part in (known, squares))
        return Counted(*(np.cumsum(part, axis=-1) for part in (units, known, squares)))

    def _new(self, rng: Rng, runs: int) -> Arrived:
        """New units every hour."""
        n = rng.poisson(self.traffic, (runs, self.hours))
        candidate = rng.binomial(n, self.dealt[self.stage])
        return Arrived(np.stack([n - candidate, candidate], axis=1), np.zeros_like(n))

    def _returned(self, rng: Rng, runs: int) -> Arrived:
        """The same units in every stage: those whom the baseline kept, and those who had it."""
        kept, had = np.full(runs, int(self.units)), np.zeros(runs, dtype=np.int64)
        parts, others = [], []
        for share, days in zip(self.dealt, self.days, strict=True):
            when = np.full(DAY * days, 1.0 / (DAY * days))
            came = rng.multinomial(kept, when)
            fresh = rng.binomial(came, share)
            parts.append(np.stack([came - fresh, fresh], axis=1))
            others.append(rng.multinomial(had, when))
            kept, had = kept - fresh.sum(axis=-1), had + fresh.sum(axis=-1)
        return Arrived(np.concatenate(parts, axis=-1), np.concatenate(others, axis=-1))

    def _known(self, rng: Rng, y: Floats) -> Floats:
        """Events by the day on which they become known."""
        if self.late is None:
            return y
        spread = rng.multinomial(y.astype(np.int64), np.array(self.late)[:, None, :])
        known = np.zeros_like(y)
        for days in range(spread.shape[-1]):
            known[..., days:] += spread[..., : y.shape[-1] - days, days]
        return known


def _daily(by_hour: Floats | Ints) -> Floats:
    """Add up the hours of each day, on the last axis."""
    days = by_hour.reshape(*by_hour.shape[:-1], -1, DAY)
    return np.asarray(days.sum(axis=-1), dtype=np.float64)
