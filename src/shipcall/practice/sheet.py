"""Sheet: everything a person answers in one case. What is not answered stays None or empty."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerAnswer:
    """The rule that is to roll back by itself."""

    scope: str
    """Name of a scope of the case's trigger."""
    bar: float
    """It fires where the mean over the window is above this, in the unit of the metric."""
    window_days: int
    """Days that are averaged."""
    action: str = "ROLL BACK"


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfEstimate:
    """What a person thinks of its own call before anything is revealed."""

    loss_below: float
    """Share of the stake, in [0, 1]."""
    probability: float
    """Chance, in [0, 1], that the loss is below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The answers; parts A to J of a case, each optional."""

    option: str | None = None
    """A: name of the option that is taken."""
    causes: Mapping[str, float] = field(default_factory=dict)
    """B: cause -> probability."""
    claims: Mapping[str, float] = field(default_factory=dict)
    """C: claim -> probability that it is so."""
    forecast: tuple[float, ...] = ()
    """D: probability of each bin, one more than the forecast has edges."""
    trigger: TriggerAnswer | None = None
    """E."""
    size: float | None = None
    """F."""
    contract: str | None = None
    """H: text of a contract, written before anything was looked at."""
    reason: str = ""
    """I: at most 120 words."""
    estimate: SelfEstimate | None = None
    """J."""


def sheet_from(form: Mapping[str, Any]) -> Sheet:
    """Read back what `core.plain` made of a sheet."""
    told = {one.name: form[one.name] for one in fields(Sheet) if form.get(one.name) is not None}
    if "trigger" in told:
        told["trigger"] = TriggerAnswer(**told["trigger"])
    if "estimate" in told:
        told["estimate"] = SelfEstimate(**told["estimate"])
    if "forecast" in told:
        told["forecast"] = tuple(told["forecast"])
    return Sheet(**told)
