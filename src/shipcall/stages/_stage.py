"""Stage: one moment in a release's life. They all share one shape."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from shipcall.contract.plan import Plan
from shipcall.core import Absent, Finding, Measured, Slice, Validity
from shipcall.data.evidence import Evidence
from shipcall.data.facts import Facts
from shipcall.data.plan import StatisticsPlan
from shipcall.data.ramp import Integrity, OutcomeRequest, States, Step
from shipcall.stats.sample import Sample

Samples = Mapping[tuple[str, Slice], Sample | Absent]
"""(metric, slice) -> what was summed of it."""


class Summed(Protocol):
    """What a stage of paired evidence asks: read from files, or drawn before there are any."""

    def samples(self, plan: StatisticsPlan, /) -> Samples:
        """One entry for every metric and slice that is asked for."""
        ...

    def undecided(self, plan: StatisticsPlan, /) -> Mapping[str, Absent]:
        """Metrics whose decisions never vary, and why."""
        ...

    def facts(self, format: str, /) -> Facts:  # noqa: A002 - the word of the contract
        """What one table holds, counted."""
        ...


class Exposed(Protocol):
    """What a stage asks whose units were dealt to the arms: read from files, or drawn."""

    def steps(self, as_of: datetime, /) -> tuple[Step, ...]:
        """The shares that were served until a moment, in order of their first exposure."""
        ...

    def integrity(self, as_of: datetime, /) -> Integrity:
        """Whether the exposures until a moment are those of the promised assignment."""
        ...

    def entered(self, requests: Sequence[OutcomeRequest], as_of: datetime, /) -> States:
        """The units whose windows have closed: one entry for every metric and slice."""
        ...


class Measuring(Protocol):
    """Turns samples into estimates: one for every check of the plan that is no count."""

    def __call__(self, plan: Plan, samples: Samples, /) -> Mapping[str, Measured]:
        """Check id -> what was measured."""
        ...


class Examine(Protocol):
    """Measures every check of a plan: one finding per check."""

    def __call__(self, plan: Plan, evidence: Evidence, /) -> list[Finding]:
        """The findings, in the promised order."""
        ...


Exhibits = Mapping[str, Any]
"""Name -> plain data: what a person wants to see beside the findings. It never moves the call."""


def no_exhibits(_plan: Plan, _evidence: Evidence) -> Exhibits:
    """Show nothing beside the findings."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What a stage reads, whether people are exposed in it, and how it examines evidence."""

    name: str
    reads: tuple[str, ...]
    """Formats it can read."""
    exposed: bool
    """People are exposed to the candidate while it runs."""
    decides: bool
    """It may call SHIP or ADVANCE; others may only ask for HOLD or ROLL BACK."""
    validity: Validity
    """How often its intervals may be looked at."""
    examine: Examine
    not_assessed: Callable[[Plan, Evidence], list[str]]
    """Sentences on what nobody looked at, so that a reader does not think it was."""
    exhibits: Callable[[Plan, Evidence], Exhibits] = no_exhibits
