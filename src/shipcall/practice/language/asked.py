"""Asked: the questions of a case beside the call, each with what makes its answer right."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from shipcall.practice.language.section import Linear, Name, Section, Share

Positive = Annotated[float, Field(gt=0)]


class Claim(Section):
    """A statement that is so or is not; a person gives its probability."""

    name: Name
    text: str
    of: Linear = {}
    """It is so where this is above `above`, …"""
    above: float = 0.0
    causes: list[Name] = []
    """… or where one of these is the cause, if any are named."""

    @model_validator(mode="after")
    def _of_one_kind(self) -> "Claim":
        if bool(self.of) == bool(self.causes):
            raise ValueError("a claim is about parameters (`of`) or about causes, not both")
        return self


class Forecast(Section):
    """A number that will be seen later; a person spreads probability over its bins."""

    text: str
    unit: str
    of: Linear
    """Its expectation."""
    error: Positive
    """Standard deviation of what will be seen about its expectation."""
    edges: Annotated[list[float], Field(min_length=3)]
    """Inner edges of the bins, rising; the first and last bins are open."""

    @model_validator(mode="after")
    def _rising(self) -> "Forecast":
        if sorted(set(self.edges)) != self.edges:
            raise ValueError("the edges of a forecast rise")
        return self


class Scope(Section):
    """Where a trigger may look."""

    name: Name
    title: str
    of: Linear
    """What is seen there every day, on average: above 0 is harm, in the unit of the metric."""
    error: Positive
    """Standard deviation of one day's value about it."""


class Trigger(Section):
    """The rule that rolls back by itself; a person names scope, bar, window and action."""

    text: str
    metric: str
    unit: str
    days: Annotated[int, Field(ge=2, le=60)]
    """How long a replay runs."""
    scope: Annotated[list[Scope], Field(min_length=1)]
    loses: Linear
    """Points a day that the release costs while it is out; below zero it earns."""
    false_costs: Positive
    """Points that rolling back a release costs which does no harm."""
    windows: Annotated[list[int], Field(min_length=1)] = [1, 2, 3, 5, 7]
    """Days over which the best rule may average."""


class Size(Section):
    """How many are needed; a person gives one number."""

    text: str
    kind: Literal["two_proportions", "mean_difference", "zero_events", "margin"]
    """Formula: see `practice.scoring.sizes`."""
    level: Share = 0.05
    """One-sided error."""
    power: Share = 0.8
    base: float = 0.0
    """Share under the baseline (two_proportions)."""
    difference: float = 0.0
    """What is to be found, in the unit of the metric."""
    spread: float = 0.0
    """Standard deviation of one unit (mean_difference, margin: of the paired difference)."""
    most: float = 0.0
    """Share that is to be excluded (zero_events)."""
