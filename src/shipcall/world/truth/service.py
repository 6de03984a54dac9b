"""Service: how requests are served, copied and recorded, and what goes wrong on the way."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from shipcall.world.truth.section import ArmName, Nonnegative, Positive, Section, Share, Where


class Rollout(Section):
    """The shares, as they were really served."""

    shares: list[Share] = Field(default=[0.01, 0.1, 0.5, 1.0], min_length=1)
    """Share of the candidate in each stage."""
    hours: list[Positive] = [24.0, 48.0, 72.0, 24.0]
    """Length of each stage."""
    holdback: Share = 0.0
    """Kept on the baseline at the end."""
    salt: str = "rollout"
    """Names the assignment: the same salt gives the same positions."""
    contract: str = ""
    """SHA-256 of the contract, as it stands in every exposure."""

    @model_validator(mode="after")
    def _timed(self) -> "Rollout":
        if len(self.shares) != len(self.hours):
            raise ValueError(f"{len(self.shares)} shares for {len(self.hours)} lengths in hours")
        return self


class Shadow(Section):
    """Live requests answered by both models."""

    days: Positive = 7.0
    """How long, before the rollout."""
    sample: Share = 0.1
    """Share of the requests that are copied."""
    skipped: Where = {}
    """People whose requests the sampler never copies."""


class Stream(Section):
    """What one model served, day by day."""

    rows_per_day: int = Field(default=2_000, ge=1)
    """Rows on an average day; the weekdays and the season of `people` move it."""
    model: ArmName = "baseline"
    """The model that serves."""
    canary: Share = 0.0
    """Share of the rows that the other model serves, as planned."""
    features: int = Field(default=2, ge=1, le=20)
    """Numeric inputs x1, x2, …: standard normal, each pulls on the label. x1 is what history
    tells: for a unit nobody has seen before it is served as 0."""
    idle: int = Field(default=1, ge=0, le=20)
    """More numeric inputs, numbered on, which pull nothing."""
    pull: float = 0.8
    """Log odds of the label for one unit of every feature that pulls."""
    positive: Annotated[float, Field(gt=0, lt=1)] = 0.3
    """Chance of the positive class where all features are 0; also the score of the fallback."""
    unseen: Share = 0.05
    """Share of the rows of units that were not there at training."""
    exploration: Share = 0.0
    """Share of the rows whose prediction is a coin, written as `explored`."""
    recomputed: Share = 0.0
    """Share of the rows for which the features were computed again, as `x1_recomputed`, …"""
    threshold: Share = 0.5
    """Score from which on the positive class is served."""
    fallback: Share = 0.002
    """Share answered by a fallback, with a constant score."""
    timeout_ms: Positive = 5_000.0
    """Slower answers are given by the fallback."""


class Fault(Section):
    """Something that goes wrong, or only looks so. The kinds are in `faults.catalogue.FAULTS`."""

    kind: str
    """What kind of fault."""
    severity: Annotated[float, Field(gt=0, le=1)] = 0.5
    """1 is the strongest of its kind in the catalogue."""
    day: Nonnegative = 0.0
    """Days after `start` on which it begins."""
    days: Positive | None = None
    """How long it lasts; None: to the end."""
    shape: Literal["step", "ramp", "pulse", "weekly"] = "step"
    """Ramp: grows to full strength over `days`, or a week; pulse: one day; weekly: Saturdays and
    Sundays."""
    share: Share = 1.0
    """Part of the rows it touches."""
    where: Where = {}
    """For whom."""
    logged: bool = False
    """The change log names it."""
    decoy: bool = False
    """The change log names an innocent deploy on the same day."""
