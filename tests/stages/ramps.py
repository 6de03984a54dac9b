"""A rollout drawn unit by unit, in the form in which a stage asks for it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from shipcall.core import Absent, Slice
from shipcall.data.facts import Counted
from shipcall.data.ramp import ByArm, Entered, Integrity, OutcomeRequest, States, Step
from shipcall.stats.sequential.epochs import Entries, Epochs, collect

START = datetime(2026, 11, 2, tzinfo=UTC)
FIRST_HOUR = int(START.timestamp()) // 3600
CONTRACT = """
shipcall = 1
[release]
id = "v2"
kind = "ranker"
owner = "o"
baseline = "v1"
candidate = "v2"
change = "weights"
[unit]
id = "unit"
[evidence]
exposures = "exposures.csv"
outcomes = "outcomes.csv"
[metric]
useful = { level = "product", kind = "proportion", better = "higher", window = "1h" }
hide = { level = "product", kind = "proportion", better = "lower", window = "1h" }
unsafe = { level = "safety", kind = "proportion", better = "lower", window = "1h" }
[[check]]
id = "rollout.useful"
stage = "rollout"
role = "goal"
metric = "useful"
better_by = 0.0
[[check]]
id = "rollout.hides"
stage = "rollout"
role = "guardrail"
metric = "hide"
may_lose = 0.02
[[check]]
id = "rollout.unsafe"
stage = "rollout"
role = "guardrail"
metric = "unsafe"
may_lose = "100%"
[rollout]
stages = [10, 50]
min_hours = [24]
max_days = 30
max_silence = "6h"
at_deadline = "NO SHIP"
"""


@dataclass
class DrawnRamp:
    """New units every hour through two shares; outcomes are known an hour later."""

    rates: dict[str, tuple[float, float]]
    """Metric -> rate of the baseline and of the candidate."""
    hours: tuple[int, ...] = (48, 120)
    shares: tuple[float, ...] = (0.1, 0.5)
    per_hour: int = 60
    seed: int = 1
    leak: float = 0.0
    """Share of the candidate's units that never arrive."""
    lost: tuple[float, float] = (0.0, 0.0)
    """Share of units without an outcome, by arm."""
    integrity_changes: dict[str, object] = field(default_factory=dict)
    silent_hours: float | None = None
    ends_after: float | None = None
    """Hours from the start after which outcomes are not known; None: they are up to date."""
    absent: Absent | None = None

    def __post_init__(self) -> None:
        rng = np.random.default_rng(self.seed)
        n = self.per_hour * sum(self.hours)
        self.epoch = FIRST_HOUR + np.repeat(np.arange(sum(self.hours)), self.per_hour)
        self.stage = np.repeat(np.arange(len(self.hours)), np.array(self.hours) * self.per_hour)
        self.share = np.array(self.shares)[self.stage]
        self.candidate = rng.random(n) < self.share
        kept = ~self.candidate | (rng.random(n) >= self.leak)
        for name in ("epoch", "stage", "share", "candidate"):
            setattr(self, name, getattr(self, name)[kept])
        arms = self.candidate.astype(int)
        self.gone = rng.random(arms.size) < np.array(self.lost)[arms]
        self.outcomes = {
            name: (rng.random(arms.size) < np.array(rates)[arms]).astype(float)
            for name, rates in self.rates.items()
        }

    def _until(self, as_of: datetime) -> int:
        return int(as_of.timestamp()) // 3600

    def steps(self, as_of: datetime) -> tuple[Step, ...]:
        found, begin = [], START
        for at, (hours, share) in enumerate(zip(self.hours, self.shares, strict=True)):
            here = (self.stage == at) & (self.epoch < self._until(as_of))
            if here.any():
                units = ByArm(
                    int((here & ~self.candidate).sum()), int((here & self.candidate).sum())
                )
                end = begin + timedelta(hours=hours)
                found.append(
                    Step(
                        name=str(at + 1), share=share, attempt=1, first=begin, last=end, units=units
                    )
                )
            begin += timedelta(hours=hours)
        return tuple(found)

    def integrity(self, as_of: datetime) -> Integrity:
        seen = self.epoch < self._until(as_of)
        dealt = {
            (at, share): ByArm(
                int((seen & (self.stage == at) & ~self.candidate).sum()),
                int((seen & (self.stage == at) & self.candidate).sum()),
            )
            for at, share in enumerate(self.shares)
        }
        found = {
            "rows": int(seen.sum()),
            "units": int(seen.sum()),
            "misplaced": Counted(),
            "bucketings": {"shipcall-v1:x": int(seen.sum())},
            "dealt": {key: arms for key, arms in dealt.items() if sum(arms)},
        }
        return Integrity(**(found | self.integrity_changes))  # type: ignore[arg-type]

    def entered(self, requests: Sequence[OutcomeRequest], as_of: datetime) -> States:
        states: dict[tuple[str, Slice], Entered | Absent] = {}
        for request in requests:
            for part in request.slices:
                states[request.metric, part] = self.absent or self._entered(request.metric, as_of)
        return states

    def _entered(self, metric: str, as_of: datetime) -> Entered:
        ends = as_of if self.ends_after is None else START + timedelta(hours=self.ends_after)
        known = self.epoch + 2 <= self._until(min(as_of, ends))
        return Entered(
            epochs=self._collect(self.outcomes[metric], known & ~self.gone),
            missing=self._collect(self.gone.astype(float), known),
            maturing=int((~known).sum()),
            silent_hours=self.silent_hours,
            horizon=min(as_of, ends),
        )

    def _collect(self, values: np.ndarray, kept: np.ndarray) -> Epochs:
        return collect(
            Entries(
                epoch=self.epoch[kept],
                stage=self.stage[kept],
                share=self.share[kept],
                candidate=self.candidate[kept],
                outcome=values[kept],
            )
        )
