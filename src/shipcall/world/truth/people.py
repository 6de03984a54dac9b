"""People: who they are, how they differ, and what they do after an exposure."""

from typing import Literal

from pydantic import Field, model_validator

from shipcall.world.truth.section import Levels, Nonnegative, Positive, Section, Share


class People(Section):
    """Who uses the product, how often, and how that moves."""

    count: int = Field(default=10_000, ge=1)
    """People who are there on the first day."""
    growth: Nonnegative = 0.0
    """New people a day, as a share of `count`."""
    churn: Share = 0.0
    """Chance that a person leaves for good on a day."""
    visits: Positive = 1.0
    """Requests of a person a day, on average over people."""
    spread: Nonnegative = 0.5
    """Standard deviation of the logarithm of that rate between people: their habit."""
    session: Positive = 3.0
    """Requests in a session, on average."""
    weekday: list[Nonnegative] = Field(default=[1.0] * 7, min_length=7, max_length=7)
    """How busy Monday to Sunday are; only the proportions count."""
    season: Share = 0.0
    """Amplitude of a yearly wave, as a share of the mean; its peak is on 15 December."""
    night: Share = 0.6
    """Amplitude of the daily wave; its peak is at 19:00 UTC."""

    @model_validator(mode="after")
    def _open(self) -> "People":
        if not any(self.weekday):
            raise ValueError("on some weekday somebody has to come")
        return self


class Trait(Section):
    """One column by which people differ; columns are independent of each other."""

    column: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    """Name of the column."""
    levels: Levels
    """Level -> weight; the weights are divided by their sum."""
    visits: dict[str, Positive] = {}
    """Level -> factor on the number of requests."""
    growth: dict[str, float] = {}
    """Level -> change a day of the log weight among new people: the mix of traffic moves."""
    odds: dict[str, float] = {}
    """Level -> log odds of the positive class, added for these people (stream)."""


class Outcome(Section):
    """One thing people do after an exposure, and what the candidate changes about it."""

    name: str
    """Name of the metric in the file."""
    kind: Literal["proportion", "mean"] = "proportion"
    """Something that happens or not, or an amount."""
    base: float = 0.2
    """Value under the baseline."""
    spread: Nonnegative = 1.0
    """Standard deviation between units, for a mean (gamma distributed)."""
    habit: float = 0.0
    """How much more a person with twice the habit does it (log odds, or log of the mean)."""
    window_hours: Positive = 24.0
    """How long after the exposure it counts."""
    lift: float = 0.0
    """Lasting effect of the candidate, in the unit of the outcome."""
    novelty: float = 0.0
    """Added at first exposure; it fades with `novelty_days`."""
    novelty_days: Positive = 5.0
    """Days in which novelty halves."""
    fatigue: float = 0.0
    """Approached with continued exposure, with `fatigue_days`."""
    fatigue_days: Positive = 14.0
    """Days in which half of fatigue has come."""
    carry_over: Share = 0.0
    """Part of the effect that stays with a unit which goes back to the baseline."""
    lost: Share = 0.0
    """Share of outcomes that are never logged."""

    @model_validator(mode="after")
    def _possible(self) -> "Outcome":
        if self.kind == "proportion" and not 0 <= self.base <= 1:
            raise ValueError("the base of a proportion is a share")
        if self.kind == "mean" and not self.base > 0:
            raise ValueError("the base of a mean is above zero")
        return self


class Migration(Section):
    """How people move between behaviours: casual, regular, heavy, lapsed."""

    start: Levels = {"casual": 0.5, "regular": 0.35, "heavy": 0.15}
    """Behaviour -> weight on the first day."""
    up: Share = 0.01
    """Chance a day to go to the next busier behaviour."""
    down: Share = 0.01
    """Chance a day to go to the next quieter one; from casual that is lapsed."""
    candidate_up: float = 0.0
    """Added to `up` under the candidate."""
    candidate_down: float = 0.0
    """Added to `down` under the candidate."""
    candidate_down_casual: float = 0.0
    """Added to `down` under the candidate, for casual people alone."""
    pace: dict[str, Positive] = {"casual": 0.5, "regular": 1.0, "heavy": 2.5}
    """Behaviour -> factor on the number of requests; who has lapsed makes none."""

    @model_validator(mode="after")
    def _known(self) -> "Migration":
        unknown = {*self.start, *self.pace} - {"lapsed", "casual", "regular", "heavy"}
        if unknown:
            raise ValueError(f"unknown behaviour {min(unknown)!r}")
        return self
