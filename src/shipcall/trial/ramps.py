"""Benches of rollouts: a guardrail over a whole ramp, judged at every look as the stage judges it.

The population says what share was served when, and what the effect on the units that entered was
at each hour; the contract, the tuning and the standings are those of every verdict.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from shipcall.contract.contract import Contract
from shipcall.contract.parse import parse_contract
from shipcall.contract.plan import Plan
from shipcall.contract.rollout import Seen, progress_of, rollout_plan, served_shares
from shipcall.core import Bar, Check, Estimand, Tails
from shipcall.stages._integrity import score_plan
from shipcall.stages._online import Online
from shipcall.stats.sample import Floats
from shipcall.stats.sequential.epochs import STEP, Cell, Epochs, Pair, Sums, Table
from shipcall.stats.sequential.mixtures import tuned_rho
from shipcall.stats.sequential.rare import events_of, tilt_evidence
from shipcall.stats.sequential.score import MIN_UNITS, ScorePlan, Side, evidence, score_paths
from shipcall.stats.sequential.standings import Standings, rare_standings, score_standings
from shipcall.stats.sequential.tuning import Tuned, tuned
from shipcall.trial.benches import RELEASE
from shipcall.trial.tally import Outcome, Tally
from shipcall.world.populations.ramps import DAY, Cells, Ramp

Rng = np.random.Generator
Flags = NDArray[np.bool_]

LAUNCH = datetime(2026, 11, 2, tzinfo=UTC)
COVER = Tails(0.025, 0.025)
"""Levels of the interval whose coverage over all looks is counted."""
MOST_UNFOUND = 0.1
"""Share of harms of `detect_at` margins that may stay unfound where the ramp is long enough."""
SIDES: tuple[Side, Side] = ("above", "below")
AT_ONCE = 50
"""Rollouts that are drawn together."""

HEAD = f"""{RELEASE}[risk]
attempts = {{attempts}}
[evidence]
exposures = "exposures.parquet"
outcomes = "outcomes.parquet"
[rollout]
stages = {{stages}}
min_hours = {{hours}}
holdback = {{holdback}}
"""
ONE_GUARDRAIL = """
[metric]
m = {{ {metric} }}
[[check]]
id = "rollout.m"
stage = "rollout"
role = "guardrail"
metric = "m"
may_lose = {margin}
"""


def rollout_contract(ramp: Ramp, body: str, *, attempts: int = 1) -> Contract:
    """Write and parse the contract of a drawn rollout; `body` holds its metrics and checks."""
    stages = [100.0 * share for share in ramp.shares]
    hours = [DAY * days for days in ramp.days[:-1]]
    head = HEAD.format(
        attempts=attempts, stages=stages, hours=hours, holdback=100.0 * ramp.holdback
    )
    return parse_contract(head + body, file="contract.toml")


def plan_at(contract: Contract, ramp: Ramp, hour: int) -> Plan:
    """Plan the rollout as it stands when an hour, counted from 0, has passed."""
    started = np.append(0, np.cumsum(ramp.days)[:-1]) * DAY
    seen = [
        Seen(share, 1, LAUNCH + timedelta(hours=int(start)))
        for share, start in zip(served_shares(contract), started, strict=True)
    ]
    as_of = LAUNCH + timedelta(hours=hour + 1)
    known = [step for step in seen if step.first < as_of]
    return rollout_plan(contract, progress_of(contract, known, as_of))


def epochs_of(cells: Cells, run: int, hours: int | None = None) -> Epochs:
    """Give the state of one drawn rollout, or of its first hours, as units bring it about."""
    n = cells.n[run, :, :hours].tolist()
    y, yy = (
        np.rint(part[run, :, :hours] / step).astype(np.int64).tolist()
        for part, step in ((cells.y, STEP), (cells.yy, STEP**2))
    )
    keys = zip(cells.stage[:hours].tolist(), cells.share[:hours].tolist(), strict=True)

    def sums(arm: int, hour: int) -> Sums:
        return Sums(n[arm][hour], y[arm][hour], yy[arm][hour])

    return Epochs(
        cells={
            Cell(hour, *key): Pair(sums(0, hour), sums(1, hour)) for hour, key in enumerate(keys)
        }
    )


def tuned_on(cells: Cells, run: int, *, binary: bool) -> Tuned | None:
    """Spend the first hours of one drawn rollout on tuning, as the stage does on all of them."""
    hours = 2
    while hours <= 2 * cells.share.size:
        found = tuned(epochs_of(cells, run, hours), binary=binary)
        if found is not None:
            return found
        hours *= 2
    return None


def table_of(cells: Cells, run: int, since: int) -> Table:
    """Lay out one drawn rollout from an hour on, in the unit of the metric."""
    nothing = np.zeros((2, cells.share.size - since))
    n, y, yy = (part[run, :, since:].astype(np.float64) for part in (cells.n, cells.y, cells.yy))
    hours = np.arange(since, cells.share.size)
    return Table(hours, cells.share[since:], n, y, yy, nothing, nothing, nothing)


class Path(NamedTuple):
    """One rollout as the stage sees it once the first hours are spent on tuning."""

    table: Table
    plan: ScorePlan
    theta: Floats
    """True running effect on the estimand's scale at each close, shape (closes,)."""
    looks: Flags
    """Closes at which somebody looks."""
    final: Flags
    """Closes of the last share."""


@dataclass(frozen=True, kw_only=True)
class Guarded:
    """One guardrail over a ramp, drawn without an effect, with its effect on the bar, and harmed.

    Events: `harm` (a ROLL BACK at some look at which the running effect is inside its bar; the
    effect moves around none), `harm_at_bar` (the same around the bar), `ship` (the bar is cleared
    at some look of the last share at which the running effect is not inside it), `missed` (the
    two-sided 95 % interval of some look does not hold the running effect of that look), `unfound`
    (a harm of `detect_at` margins is not found within the ramp; promised of ramps that are long
    enough for it), `absent` (no look had an estimate).
    Counted as a warning, and promised by nobody: `pooled` (the effect is on the bar, and a z test
    on all units and outcomes so far says at some evening that it lies beyond).

    With several attempts each is a ramp of its own, and an error of any counts.
    """

    population: Ramp
    metric: str
    """The metric as a contract writes it."""
    margin: str
    """What may be lost, as a contract writes it."""
    harm: float | None = None
    """The effect that has to be found, on the estimand's scale; None: `detect_at` margins."""
    every_hours: int = DAY
    attempts: int = 1
    finds: bool = True
    """The ramp is long enough for the harm to be found in nine of ten."""

    @property
    def promises(self) -> Mapping[str, float]:
        """What a contract with one guardrail promises at default risks."""
        risk = self._contract.risk
        kept = {"harm": risk.harm, "harm_at_bar": risk.harm, "ship": risk.alpha}
        return kept | {"missed": sum(COVER)} | ({"unfound": MOST_UNFOUND} if self.finds else {})

    @property
    def judged(self) -> str:
        """What is judged, and how often somebody looks."""
        check, looks = self.check, "hourly" if self.every_hours == 1 else "daily"
        how = "arms of events" if self.how.rare else "score"
        better = "lower" if self._worse > 0 else "higher"
        tries = f", {self.attempts} attempts" if self.attempts > 1 else ""
        return f"{better} is better, {check.bar.text}, {how}, {looks}{tries}"

    @property
    def power_at(self) -> float:
        """How far beyond the bar the harm is that has to be found, on the estimand's scale."""
        return abs(self._harm - self.edge)

    def draw(self, rng: Rng, runs: int) -> Tally:
        """Draw ramps `runs` times for each of the three effects."""
        tally = Tally()
        for start in range(0, runs, AT_ONCE):
            self._drawn(rng, min(AT_ONCE, runs - start), tally)
        return tally

    def _drawn(self, rng: Rng, runs: int, tally: Tally) -> None:
        tried = [
            [self.population.draw(rng, runs, middle) for middle in (0.0, self.edge)]
            for _ in range(self.attempts)
        ]
        harmed = self.population.draw(rng, runs, self._harm)
        for run in range(runs):
            seen = {
                event
                for still, at_bar in tried
                for event in (*self.still(still, run), *self.at_bar(at_bar, run))
            }
            day = self.found(harmed, run)
            if day is None:
                seen.add("unfound")
            tally.add(Outcome(tuple(sorted(seen)), day=day))

    def still(self, cells: Cells, run: int) -> Iterator[str]:
        """Judge a ramp whose effect moves around none."""
        path = self.path(cells, run)
        if path is None:
            yield "absent"
            return
        stands = self.stands_on(path)
        if not stands.present[path.looks].any():
            yield "absent"
        if (stands.breach & path.looks & self.inside(path)).any():
            yield "harm"
        if (self._outside_interval(path, stands) & path.looks).any():
            yield "missed"

    def at_bar(self, cells: Cells, run: int) -> Iterator[str]:
        """Judge a ramp whose effect moves around the bar."""
        path = self.path(cells, run)
        if path is not None:
            stands = self.stands_on(path)
            if (stands.breach & path.looks & self.inside(path)).any():
                yield "harm_at_bar"
            if (stands.clear & path.looks & path.final & self._not_inside(path)).any():
                yield "ship"
        if self._pooled_alarm(cells, run):
            yield "pooled"

    def found(self, cells: Cells, run: int) -> int | None:
        """Day of the look that finds the harm; None where no look does."""
        path = self.path(cells, run)
        if path is None:
            return None
        found = path.table.epoch[self.stands_on(path).breach & path.looks]
        return None if not found.size else (int(found[0]) + 1) // DAY + self.population.window_days

    def path(self, cells: Cells, run: int) -> Path | None:
        """Spend the first hours on tuning; None where all of them are spent."""
        how = self.how
        found = tuned_on(cells, run, binary=how.binary)
        if found is None:
            return None
        since = min(cell.epoch for cell in found.epochs.cells)
        hours = np.arange(since, cells.share.size)
        return Path(
            table=table_of(cells, run, since),
            plan=score_plan(found, how.progress, epoch_hours=1),
            theta=cells.running(run, since, relative=self._relative)[since:],
            looks=(hours + 1) % self.every_hours == 0,
            final=cells.stage[since:] == cells.stage[-1],
        )

    def stands_on(self, path: Path) -> Standings:
        """Hold every close against the bar, at the levels of the contract."""
        check = self.check
        if self.how.rare:
            return rare_standings(path.table, check.bar, check.tails)
        return score_standings(path.table, path.plan, check.estimand, check.bar, check.tails)

    def inside(self, path: Path) -> Flags:
        """Closes at which the running effect is inside the bar, or on it."""
        return ~_beyond(path.theta, self.check.bar, 1e-12)

    def _not_inside(self, path: Path) -> Flags:
        return _beyond(path.theta, self.check.bar, -1e-12)

    def _outside_interval(self, path: Path, stands: Standings) -> Flags:
        """Closes at which the interval at COVER excludes the effect of that very close."""
        aimed = -math.log(COVER.low)
        if self.how.rare:
            counted, ratio = events_of(path.table), math.log1p(path.theta[-1])
            log = np.stack([tilt_evidence(counted, ratio, side) for side in SIDES])
            return np.asarray(stands.present & (log.max(axis=0) >= aimed))
        paths = score_paths(path.table, path.plan.start, self.check.estimand)
        x = 1.0 / (1.0 + path.theta) if self._relative else -path.theta
        rho = tuned_rho(path.plan.information, COVER.low)
        log = np.stack([evidence(paths, x, side, rho) for side in SIDES])
        return np.asarray(stands.present & (log.max(axis=0) >= aimed))

    def _pooled_alarm(self, cells: Cells, run: int) -> bool:
        """Whether a pooled z test of the bar alarms on some evening, at the level of a breach."""
        n, y, yy = (part[run].astype(np.float64) for part in cells.pooled)
        seen = (n >= MIN_UNITS).all(axis=0)
        n, y, yy = n[:, seen], y[:, seen], yy[:, seen]
        mean = y / n
        variance = (yy / n - mean**2) / n
        aim = mean[0] * (1.0 + self.edge) if self._relative else mean[0] + self.edge
        grown = (1.0 + self.edge) ** 2 if self._relative else 1.0
        error = np.sqrt(variance[1] + variance[0] * grown)
        z = self._worse * (mean[1] - aim)
        return bool((z > -special.ndtri(self.check.breach_at) * error).any())

    @property
    def _relative(self) -> bool:
        return self.check.estimand is Estimand.RELATIVE

    @property
    def edge(self) -> float:
        """The end of the bar; below 0 where higher is better."""
        bar = self.check.bar
        return bar.low if math.isfinite(bar.low) else bar.high

    @property
    def _harm(self) -> float:
        if self.harm is not None:
            return self.harm
        return self.edge * self._contract.risk.detect_at

    @property
    def _worse(self) -> float:
        """Sign of a loss."""
        return -1.0 if math.isfinite(self.check.bar.low) else 1.0

    @cached_property
    def _contract(self) -> Contract:
        body = ONE_GUARDRAIL.format(metric=self.metric, margin=self.margin)
        return rollout_contract(self.population, body, attempts=self.attempts)

    @cached_property
    def _plan(self) -> Plan:
        return plan_at(self._contract, self.population, self.population.hours - 1)

    @cached_property
    def check(self) -> Check:
        """The guardrail, with the levels that the plan allots."""
        return self._plan.checks[0]

    @cached_property
    def how(self) -> Online:
        """How the stage estimates it."""
        check, progress = self.check, self._plan.progress
        if progress is None:
            raise ValueError("the plan of a rollout has no progress")
        return Online(
            measure=self._plan.measures[check.metric],
            progress=progress,
            estimand=check.estimand,
            tails=check.tails,
        )


def _beyond(theta: Floats, bar: Bar, slack: float) -> Flags:
    """Whether an effect lies outside a bar that is widened by `slack`, or narrowed below 0."""
    return np.asarray((theta < bar.low - slack) | (theta > bar.high + slack))
