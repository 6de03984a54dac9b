"""Ramps: contracts with a rollout, and drawn rollouts handed to the stage as if they were read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from shipcall.contract.contract import Contract
from shipcall.contract.parse import parse_contract
from shipcall.core import Absent, Slice
from shipcall.data.ramp import ByArm, Entered, Integrity, OutcomeRequest, Step
from shipcall.release.foresight.crowd import ALL, DAY
from shipcall.release.foresight.crowd import Sums as Drawn
from shipcall.release.foresight.ramp import BEGIN, Ramp
from shipcall.stats.sequential.epochs import STEP, Cell, Epochs, Pair, Sums

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

    def integrity(self, as_of: datetime, /) -> Integrity:
        return Integrity(rows=1000, units=1000)

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


def whole(part: Slice) -> bool:
    """Is it everybody?"""
    return part == ALL
