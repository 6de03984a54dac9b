"""Ramp: what a rollout left behind, counted: its steps, its integrity, its units by epoch.

Plain data: read from exposures and outcomes, or drawn before there are any.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from shipcall.core import Absent, Slice
from shipcall.data.facts import Counted
from shipcall.stats.sequential.epochs import Epochs
from shipcall.stats.sequential.exceedance import Masses


class ByArm(NamedTuple):
    """A count for each arm."""

    baseline: int = 0
    candidate: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One stage of the rollout as its exposures tell it; steps are in order of first exposure."""

    name: str
    """As logged."""
    share: float
    """Share of the candidate, as logged, in [0, 1]."""
    attempt: int
    """1, and one more for each time the share fell before it."""
    first: datetime
    last: datetime
    """First and last exposure of the step, in UTC."""
    units: ByArm
    """Different units exposed in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Integrity:
    """Whether the exposures are those of the promised assignment; counts, nothing estimated."""

    rows: int = 0
    units: int = 0
    repeated: int = 0
    """Rows that repeat an exposure of the same unit in the same stage and arm; the first counts."""
    errored: ByArm = field(default_factory=ByArm)
    """Rows whose reason is ERROR or DEFAULT: the provider failed towards an arm; never used."""
    crossed: Counted = field(default_factory=Counted)
    """Units with both arms in one stage, or back from the candidate to the baseline."""
    misplaced: Counted | None = None
    """Units whose arm is not the one that the recorded bucketing gives them; None where exposures
    do not say with which salt they were dealt."""
    bucketings: Mapping[str, int] = field(default_factory=dict)
    """Bucketing as logged ("" where nothing is) -> rows."""
    contracts: Mapping[str, int] = field(default_factory=dict)
    """Contract as logged ("" where nothing is) -> rows."""
    dealt: Mapping[tuple[int, float], ByArm] = field(default_factory=dict)
    """(position of the step, chance of the candidate given the past) -> units that came, whether
    or not their outcome is known. Chances of 0 and 1 are not in it: nothing was dealt there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRequest:
    """One online metric on some slices."""

    metric: str
    """Name in the contract."""
    name: str
    """Value of the `metric` column."""
    quantile: bool = False
    """The values of a unit are wanted, not one value for each unit."""
    per_unit: str = "mean"
    """any (1 if some value is at least `threshold`, else 0), mean, sum or last."""
    threshold: float = 0.5
    window_hours: float = 0.0
    """An outcome counts from the exposure until so many hours later."""
    zero: bool = False
    """A unit without an outcome has the value 0; otherwise it is lost."""
    range: tuple[float, float] | None = None
    """Declared range; a value outside it is counted and makes its unit lost."""
    slices: tuple[Slice, ...] = (Slice(),)
    epoch_hours: int = 1
    """Length of an epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """The units of one metric on one slice whose windows have closed, by epoch of exposure.

    A whole epoch enters at once, when the window of its youngest possible unit has closed before
    the evidence ends, so that looking more often changes nothing.
    """

    epochs: Epochs | None = None
    """Outcomes of the units that have one; None for a quantile. `epoch` counts epochs of the
    request's length since 1970."""
    masses: Masses | None = None
    """For a quantile: values by bin, mass one for each unit."""
    missing: Epochs
    """1 for each unit whose outcome is lost, 0 for each that has one: n counts both."""
    maturing: int = 0
    """Units of the slice whose epoch has not entered yet."""
    moved: Counted = field(default_factory=Counted)
    """Entered units that had another arm before their window had closed."""
    out_of_range: Counted = field(default_factory=Counted)
    duplicates: Counted = field(default_factory=Counted)
    """Rows of outcomes that share unit, metric and time."""
    horizon: datetime | None = None
    """Outcomes are known until here: the evidence or the metric ends, or the verdict's time."""
    silent_hours: float | None = None
    """Hours from the last row of this metric to the verdict, in the arm where that is longest, if
    chance alone would hardly (one in a million) make such a gap; None otherwise."""


States = Mapping[tuple[str, Slice], Entered | Absent]
"""(metric, slice) -> its units."""
