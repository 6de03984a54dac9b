"""Ramp calls: a whole rollout contract on drawn rollouts, from the state to the daily call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np

from shipcall.contract.contract import Contract
from shipcall.core import Absent, Action, Situation, Slice, decide
from shipcall.data.ramp import ByArm, Entered, Integrity, OutcomeRequest, Step
from shipcall.stages.rollout import examine
from shipcall.stats.sequential.epochs import Epochs, Pair, Sums
from shipcall.trial.ramps import LAUNCH, epochs_of, plan_at, rollout_contract
from shipcall.trial.tally import Outcome, Tally
from shipcall.world.populations.ramps import DAY, Cells, Ramp, events

Rng = np.random.Generator

_LIVE = 'format = "outcomes", window = "1d"'
WHOLE = f"""
[metric]
solved = {{ level = "product", kind = "proportion", better = "higher", {_LIVE} }}
asked = {{ level = "product", kind = "proportion", better = "lower", {_LIVE} }}
failed = {{ level = "safety", kind = "proportion", better = "lower", {_LIVE} }}
[[check]]
id = "rollout.solved"
stage = "rollout"
role = "goal"
metric = "solved"
better_by = 0.0
[[check]]
id = "rollout.asked"
stage = "rollout"
role = "guardrail"
metric = "asked"
may_lose = 0.02
[[check]]
id = "rollout.failed"
stage = "rollout"
role = "guardrail"
metric = "failed"
may_lose = "50%"
"""
"""A goal and two guardrails: a difference of shares, and a ratio of rare errors."""


def _ramp(rate: float, *, relative: bool = False) -> Ramp:
    return Ramp(
        name="1, 10, 50 % in a week, 30,000 units a day",
        outcomes=events(rate),
        days=(1, 2, 4),
        units=30_000,
        relative=relative,
        late=((1.0,), (1.0,)),
    )


LAWS: Mapping[str, Ramp] = {
    "solved": _ramp(0.2),
    "asked": _ramp(0.1),
    "failed": _ramp(0.01, relative=True),
}


class DrawnRollout:
    """One drawn rollout in the place of exposures and outcomes; nothing is lost, nobody crosses."""

    def __init__(self, ramp: Ramp, metrics: Mapping[str, Cells], run: int) -> None:
        self.ramp = ramp
        self.metrics = metrics
        self.run = run
        self._cells = next(iter(metrics.values()))
        self._states = {name: epochs_of(cells, run) for name, cells in metrics.items()}

    def steps(self, as_of: datetime) -> tuple[Step, ...]:
        """The shares that were served until a moment."""
        shown, n = self._exposed(as_of), self._cells.n[self.run]
        steps = []
        for stage, share in enumerate(self.ramp.served):
            at = np.flatnonzero(shown & (self._cells.stage == stage))
            if at.size:
                steps.append(
                    Step(
                        name=f"{100 * share:g} %",
                        share=share,
                        attempt=1,
                        first=LAUNCH + timedelta(hours=int(at[0])),
                        last=LAUNCH + timedelta(hours=int(at[-1])),
                        units=ByArm(*map(int, n[:, at].sum(axis=1))),
                    )
                )
        return tuple(steps)

    def integrity(self, as_of: datetime) -> Integrity:
        """Everybody was dealt as promised; arms are as large as they were drawn."""
        steps = self.steps(as_of)
        units = sum(sum(step.units) for step in steps)
        return Integrity(
            rows=units,
            units=units,
            bucketings={"shipcall-v1:drawn": units},
            dealt={
                (place, float(self.ramp.dealt[place])): step.units
                for place, step in enumerate(steps)
            },
        )

    def entered(
        self, requests: Sequence[OutcomeRequest], as_of: datetime
    ) -> dict[tuple[str, Slice], Entered | Absent]:
        """The units whose windows have closed, by hour of exposure."""
        found: dict[tuple[str, Slice], Entered | Absent] = {}
        for request in requests:
            horizon = as_of - timedelta(hours=request.window_hours)
            last = int((horizon - LAUNCH) / timedelta(hours=1)) - 1
            seen = self._states[request.metric].until(last)
            for part in request.slices:
                found[request.metric, part] = Entered(epochs=seen, missing=_all_known(seen))
        return found

    def _exposed(self, as_of: datetime) -> np.ndarray:
        hours = (as_of - LAUNCH) / timedelta(hours=1)
        return np.asarray(np.arange(self._cells.stage.size) < hours)


def _all_known(seen: Epochs) -> Epochs:
    return Epochs(
        cells={cell: Pair(*(Sums(n=arm.n) for arm in pair)) for cell, pair in seen.cells.items()}
    )


@dataclass(frozen=True, kw_only=True)
class RolloutCalls:
    """A whole rollout contract, asked every evening until it ships or rolls back.

    The shares are served as scheduled. Events: `harm` (ROLL BACK), `ship` (SHIP at the last
    share; `shown` where no promise speaks of it), `absent` (a check without data on the last
    evening), and the day of a ROLL BACK.
    """

    name: str
    effects: Mapping[str, float] = field(default_factory=dict)
    """Metric -> its true effect; others keep their room."""
    promises: Mapping[str, float] = field(default_factory=dict)
    power_at: None = None

    def draw(self, rng: Rng, runs: int) -> Tally:
        """Draw the rollout `runs` times."""
        tally = Tally()
        effects = {**ROOM, **self.effects}
        arrived = LAWS["solved"].arrive(rng, runs)
        metrics = {name: ramp.observe(rng, arrived, effects[name]) for name, ramp in LAWS.items()}
        for run in range(runs):
            tally.add(self._called(DrawnRollout(LAWS["solved"], metrics, run)))
        return tally

    def _called(self, drawn: DrawnRollout) -> Outcome:
        ramp = drawn.ramp
        for day in range(1, sum(ramp.days) + ramp.window_days + 1):
            plan = plan_at(self._contract, ramp, DAY * day - 1)
            findings = examine(plan, drawn)
            final = bool(plan.progress and plan.progress.final)
            at = Situation(stage="rollout", sealed=True, exposed=True, final=final)
            call = decide(plan.checks, findings, at).call
            if call is Action.ROLL_BACK:
                return Outcome(("harm",), day=day)
            if call is Action.SHIP:
                return Outcome(("ship" if "ship" in self.promises else "shown",))
        absent = any(isinstance(finding.measured, Absent) for finding in findings)
        return Outcome(("absent",) if absent else ())

    @cached_property
    def _contract(self) -> Contract:
        return rollout_contract(LAWS["solved"], WHOLE)


ROOM: Mapping[str, float] = {"solved": 0.02, "asked": 0.0, "failed": 0.0}
"""True effects with which every bar is met."""


def rollout_calls() -> tuple[RolloutCalls, ...]:
    """The whole contracts of the certificate: what lies on its bar, and what is promised then."""
    return (
        RolloutCalls(name="the goal on its bar", effects={"solved": 0.0}, promises={"ship": 0.05}),
        RolloutCalls(
            name="both guardrails on their bars",
            effects={"asked": 0.02, "failed": 0.5},
            promises={"harm": 0.05, "ship": 0.05},
        ),
        RolloutCalls(name="every bar met with room to spare", promises={"harm": 0.05}),
    )
