"""Ramps: contracts with a rollout, and drawn rollouts handed to the stage as if they were read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from shipcall.contract.contract import Contract
from shipcall.contract.parse import parse_contract
from shipcall.core import Absent, Action, Slice, decide
from shipcall.data.ramp import ByArm, Entered, Integrity, OutcomeRequest, Step
from shipcall.release.foresight.crowd import DAY
from shipcall.release.foresight.crowd import Sums as Drawn
from shipcall.release.foresight.ramp import BEGIN, Ramp
from shipcall.release.promise import situation
from shipcall.stages import STAGES
from shipcall.stages.rollout import examine
from shipcall.stats.sequential.epochs import STEP, Cell, Entries, Epochs, Pair, Sums, collect

HEAD = """
shipcall = 1
[release]
id = "r"
kind = "ranker"
owner = "o"
baseline = "a"
candidate = "b"
change = "weights"
[unit]
id = "user"
[evidence]
exposures = "e.parquet"
outcomes = "o.parquet"
"""


def contract(rest: str) -> Contract:
    """A contract with everything that a rollout needs, and this."""
    return parse_contract(HEAD + rest, file="contract.toml")


def check(id_: str, metric: str, bar: str, role: str = "guardrail", more: str = "") -> str:
    """One check of the rollout."""
    return (
        f'[[check]]\nid = "rollout.{id_}"\nstage = "rollout"\nrole = "{role}"\n'
        f'metric = "{metric}"\n{bar}\n{more}\n'
    )


@dataclass(frozen=True)
class Shown:
    """One drawn rollout, as the stage would read it: an `Exposed`."""

    ramp: Ramp
    sums: Drawn
    rollout: int
    entered_at: tuple[int, ...]
    """Look at which each share was entered."""

    def steps(self, as_of: datetime, /) -> tuple[Step, ...]:
        found = []
        for place, day in enumerate(self.entered_at):
            first = BEGIN + timedelta(days=day)
            if first < as_of:
                share = self.ramp.shares[place]
                found.append(
                    Step(name=str(place), share=share, attempt=1, first=first,
                         last=as_of, units=ByArm())
                )  # fmt: skip
        return tuple(found)

    def integrity(self, _as_of: datetime, /) -> Integrity:
        return Integrity(rows=1000, units=1000, bucketings={"shipcall-v1": 1000})

    def entered(
        self, requests: Sequence[OutcomeRequest], as_of: datetime, /
    ) -> Mapping[tuple[str, Slice], Entered | Absent]:
        return {
            (request.metric, part): self._state(request, part, as_of)
            for request in requests
            for part in request.slices
        }

    def _state(self, request: OutcomeRequest, part: Slice, as_of: datetime) -> Entered:
        hours = (as_of - BEGIN).total_seconds() / 3600 - request.window_hours
        ends = self.ramp.blocks.end
        outcomes, missing = {}, {}
        for at in np.flatnonzero(ends <= hours):
            place = sum(ends[at] > day * DAY for day in self.entered_at) - 1
            cell = Cell(int(ends[at]) - 1, place, self.ramp.shares[place])
            n, y, yy = (
                part_of[self.rollout, :, at]
                for part_of in (
                    self.sums.n[part],
                    self.sums.y[request.metric, part],
                    self.sums.yy[request.metric, part],
                )
            )
            if n.sum():
                outcomes[cell] = Pair(
                    *(Sums(int(n[a]), round(y[a] / STEP), round(yy[a] / STEP**2)) for a in (0, 1))
                )
                missing[cell] = Pair(*(Sums(int(n[a])) for a in (0, 1)))
        return Entered(epochs=Epochs(cells=outcomes), missing=Epochs(cells=missing), horizon=as_of)


SMALL = contract(
    """
[metric]
good = { level = "product", better = "higher", kind = "proportion", window = "1h" }
hide = { level = "product", better = "lower", kind = "proportion", window = "1h" }
[rollout]
stages = [1, 10, 50]
min_hours = [72, 96]
max_days = 21
"""
    + check("good", "good", "better_by = 0.0", "goal")
    + check("kept", "hide", "may_lose = 0.005")
)
"""1 % for three days, 10 % for four, 50 % until the end, with one goal and one guardrail."""
SHORT = SMALL.model_copy(
    update={
        "rollout": SMALL.rollout
        and SMALL.rollout.model_copy(update={"stages": [10, 50], "min_hours": [48], "max_days": 7})
    }
)
"""The same in a week, from 10 % on."""


def unit_by_unit(
    ramp: Ramp, means: Mapping[str, tuple[float, float]], rng: np.random.Generator
) -> str:
    """Live through one rollout unit by unit, epochs of one hour, and let the stage judge it.

    Shares nothing with the drawing of sums: arrivals are Poisson, every unit is drawn for itself.

    Args:
        ramp: Says shares, days and units a day.
        means: Metric -> rate of the baseline and of the candidate, outcomes within the hour.
        rng: Where chance comes from.
    """
    states: dict[str, Epochs] = {name: Epochs() for name in means}
    steps: list[Step] = []
    entered: tuple[int, ...] = (0,)
    for day in range(1, ramp.days + 2):
        place = len(entered) - 1
        share = ramp.shares[place]
        n = rng.poisson(ramp.crowd.per_day)
        epoch = (day - 1) * DAY + rng.integers(0, DAY, n)
        candidate = rng.random(n) < share
        for name, (baseline, other) in means.items():
            outcome = (rng.random(n) < np.where(candidate, other, baseline)).astype(float)
            new = Entries(
                epoch=epoch,
                stage=np.full(n, place),
                share=np.full(n, share),
                candidate=candidate,
                outcome=outcome,
            )
            states[name] = states[name].merge(collect(new))
        now = BEGIN + timedelta(days=day)
        if len(steps) <= place:
            first = BEGIN + timedelta(days=entered[-1])
            steps.append(
                Step(name=str(place), share=share, attempt=1, first=first, last=now, units=ByArm())
            )
        plan = ramp.plan_at(place, entered[-1], day)
        verdict = decide(
            plan.checks,
            examine(plan, Lived(states, tuple(steps), day * DAY - 2)),
            situation(ramp.contract, STAGES["rollout"], plan, spent=False, sealed=True),
        )
        if verdict.call is Action.ADVANCE:
            entered = (*entered, day)
        elif verdict.call is not Action.HOLD:
            return verdict.call.value
    return "HOLD"


@dataclass(frozen=True)
class Lived:
    """A rollout that was lived through until now: an `Exposed`."""

    states: Mapping[str, Epochs]
    shown: tuple[Step, ...]
    last: int
    """Last hour whose windows have closed."""

    def steps(self, _as_of: datetime, /) -> tuple[Step, ...]:
        return self.shown

    def integrity(self, _as_of: datetime, /) -> Integrity:
        return Integrity(rows=1000, units=1000, bucketings={"shipcall-v1": 1000})

    def entered(
        self, requests: Sequence[OutcomeRequest], as_of: datetime, /
    ) -> Mapping[tuple[str, Slice], Entered | Absent]:
        found = {}
        for request in requests:
            epochs = self.states[request.metric].until(self.last)
            missing = {
                cell: Pair(*(Sums(arm.n) for arm in pair)) for cell, pair in epochs.cells.items()
            }
            found[request.metric, Slice()] = Entered(
                epochs=epochs, missing=Epochs(cells=missing), horizon=as_of
            )
        return found
