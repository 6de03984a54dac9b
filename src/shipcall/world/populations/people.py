"""People: who comes back, who tires and who is there on day 28, drawn from laws that are known."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from shipcall.world.populations.rows import Floats, Ints, Rng

AGES = np.arange(29)
COHORT = 1_000
"""Units of a cohort of which a day is forecast."""


class ByArm(NamedTuple):
    """The same quantity in both arms."""

    baseline: Ints
    candidate: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohorts:
    """Units that began together, by arm, and the share of them that comes back."""

    name: str
    baseline: tuple[int, ...]
    """Units of each cohort."""
    candidate: tuple[int, ...]
    shares: tuple[float, ...]
    """Of the baseline, cohort by cohort."""
    change: float = 0.0
    """Candidate minus baseline, the same in every cohort."""

    def draw(self, rng: Rng) -> ByArm:
        """Draw how many of each cohort came back."""
        shares = np.array(self.shares)
        return ByArm(
            rng.binomial(self.baseline, shares), rng.binomial(self.candidate, shares + self.change)
        )


class Run(NamedTuple):
    """What became of the units of one arm; both of shape (units,)."""

    last: Ints
    """Number of exposures."""
    dropped: Ints
    """1 if the unit left after the last of them, 0 if it went out of sight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiring:
    """Units whose log odds of leaving rise with every doubling of their exposures."""

    units: int
    start: float
    """Log odds at the first exposure."""
    slopes: tuple[float, float]
    """Of the baseline and of the candidate."""
    most: int = 12
    """Exposures after which nobody is followed."""
    unseen: float = 0.1
    """Chance to go out of sight at each exposure."""

    @property
    def name(self) -> str:
        """What is drawn."""
        before, after = self.slopes
        return f"{self.units:,} units an arm, slopes {before:g} and {after:g}"

    def draw(self, rng: Rng) -> tuple[Run, Run]:
        """Follow the units of both arms."""
        baseline, candidate = (self._arm(rng, slope) for slope in self.slopes)
        return baseline, candidate

    def _arm(self, rng: Rng, slope: float) -> Run:
        last, dropped = np.zeros(self.units, dtype=np.int64), np.zeros(self.units, dtype=np.int64)
        there = np.ones(self.units, dtype=np.bool_)
        for count in range(1, self.most + 1):
            last[there] = count
            chance = 1.0 / (1.0 + np.exp(-(self.start + slope * np.log2(count))))
            gone = there & (rng.random(self.units) < chance)
            dropped[gone] = 1
            there &= ~gone & (rng.random(self.units) > self.unseen)
        return Run(last, dropped)


def _curves() -> dict[str, Floats]:
    tired = np.where(AGES[1:] <= 14, 0.05 / np.sqrt(AGES[1:]), 0.04)
    return {
        "hazard 0.25 / age": np.append(1.0, np.cumprod(1.0 - 0.25 / AGES[1:])),
        "two kinds of units": 0.6 * 0.8**AGES + 0.4 * 0.99**AGES,
        "30 % never leave": 0.3 + 0.7 * 0.85**AGES,
        "geometric": 0.95**AGES,
        "fatigue from day 15 on": np.append(1.0, np.cumprod(1.0 - tired)),
    }


CURVES = _curves()
"""Share of a cohort that is still there, by day from 0 to 28."""


def survivors(rng: Rng, curve: str) -> Ints:
    """Draw how many of a cohort are still there on each day, shape (29,)."""
    stays = CURVES[curve]
    drops = rng.multinomial(COHORT, np.append(-np.diff(stays), stays[-1]))[:-1]
    return np.asarray(COHORT - np.append(0, np.cumsum(drops)))
