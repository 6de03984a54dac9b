"""Benches of people: what is said of retention, fatigue and day 28 against what is so."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from shipcall.core import Absent, Measured, Tails
from shipcall.stats.arms import Hits, share_by_arm, weighted_share_by_arm
from shipcall.stats.fatigue import Exposed, slope_by_arm
from shipcall.stats.forecast import Survivors, forecast
from shipcall.stats.sample import Ints
from shipcall.trial.tally import Outcome, Tally
from shipcall.world.populations.people import COHORT, CURVES, Cohorts, Tiring, survivors

Rng = np.random.Generator

TAILS = Tails(0.025, 0.025)
WIDE = Tails(0.1, 0.1)
"""Levels at which a day to come is forecast."""
KNOWN, FORETOLD = 9, 28
"""Last day that is known, and the day that is forecast."""
OLDER = 4
"""Older cohorts that teach how far the law errs."""


class Said(NamedTuple):
    """What was said of one draw, and what is so."""

    measured: Measured
    truth: float


@dataclass(frozen=True, kw_only=True)
class Told:
    """Something said of people, again and again. Events: `missed` or `foretold`, and `absent`.

    `missed` is the truth outside the 95 % interval, `foretold` outside the 80 % one of a forecast.
    """

    population: str
    judged: str
    say: Callable[[Rng], Said]
    event: str = "missed"
    tails: Tails = TAILS
    power_at: None = None

    @property
    def promises(self) -> Mapping[str, float]:
        """Both ends together."""
        return {self.event: sum(self.tails)}

    def draw(self, rng: Rng, runs: int) -> Tally:
        """Draw people `runs` times."""
        tally = Tally()
        for _ in range(runs):
            measured, truth = self.say(rng)
            if isinstance(measured, Absent):
                tally.add(Outcome(("absent",)))
                continue
            held = measured.low - 1e-12 <= truth <= measured.high + 1e-12
            width = measured.high - measured.low
            tally.add(Outcome(() if held else (self.event,), measured.value - truth, width))
        return tally


def people() -> Iterator[Told]:
    """Everything about people that the certificate measures."""
    for cohorts in _RETENTION:
        yield Told(population=cohorts.name, judged="retention", say=_returned(cohorts))
    for tiring in _FATIGUE:
        yield Told(population=tiring.name, judged="slope of fatigue", say=_tired(tiring))
    for curve, older in (("hazard 0.25 / age", 0), *((curve, OLDER) for curve in CURVES)):
        words = f"{older} older cohorts" if older else "no older cohort"
        yield Told(
            population=f"{curve}, {COHORT:,} units, {words}",
            judged=f"forecast of day {FORETOLD} from day {KNOWN}",
            say=_foretold(curve, older),
            event="foretold",
            tails=WIDE,
        )


_RETENTION = (
    Cohorts(
        name="100 units an arm, 30 and 25 % come back",
        baseline=(100,),
        candidate=(100,),
        shares=(0.3,),
        change=-0.05,
    ),
    Cohorts(
        name="1,000 and 50 units, 2 % come back", baseline=(1_000,), candidate=(50,), shares=(0.02,)
    ),
    Cohorts(
        name="300 and 100 units, 5 and 15 % come back",
        baseline=(300,),
        candidate=(100,),
        shares=(0.05,),
        change=0.1,
    ),
    Cohorts(
        name="four cohorts of a ramp, 50 to 2 % come back",
        baseline=(400, 300, 200, 100),
        candidate=(10, 50, 150, 300),
        shares=(0.5, 0.3, 0.1, 0.02),
    ),
)
_FATIGUE = (
    Tiring(units=150, start=-2.5, slopes=(0.2, 0.2)),
    Tiring(units=1_000, start=-3.5, slopes=(0.0, 0.3)),
    Tiring(units=400, start=-2.0, slopes=(-0.3, 0.0)),
)


def _returned(cohorts: Cohorts) -> Callable[[Rng], Said]:
    def hits(events: Ints, units: tuple[int, ...]) -> list[Hits]:
        return [Hits(int(k), n) for k, n in zip(events, units, strict=True)]

    def say(rng: Rng) -> Said:
        came = cohorts.draw(rng)
        baseline = hits(came.baseline, cohorts.baseline)
        candidate = hits(came.candidate, cohorts.candidate)
        if len(baseline) == 1:
            return Said(share_by_arm(baseline[0], candidate[0], TAILS).difference, cohorts.change)
        return Said(weighted_share_by_arm(baseline, candidate, TAILS).difference, cohorts.change)

    return say


def _tired(tiring: Tiring) -> Callable[[Rng], Said]:
    before, after = tiring.slopes

    def say(rng: Rng) -> Said:
        baseline, candidate = (Exposed.of(*run) for run in tiring.draw(rng))
        return Said(slope_by_arm(baseline, candidate, TAILS).difference, after - before)

    return say


def _foretold(curve: str, older: int) -> Callable[[Rng], Said]:
    def say(rng: Rng) -> Said:
        cohort, *others = (Survivors(counts=survivors(rng, curve)) for _ in range(1 + older))
        truth = float(cohort.counts[FORETOLD] / cohort.counts[0])
        return Said(forecast(cohort.until(KNOWN), FORETOLD, WIDE, others), truth)

    return say
