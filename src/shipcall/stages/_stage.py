"""Stage: one moment in a release's life. They all share one shape."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from shipcall.contract.plan import Plan
from shipcall.core import Absent, Finding, Measured, Slice, Validity
from shipcall.data.facts import Facts
from shipcall.data.plan import StatisticsPlan
from shipcall.stats.sample import Sample

Samples = Mapping[tuple[str, Slice], Sample | Absent]
"""(metric, slice) -> what was summed of it."""


class Summed(Protocol):
    """What a stage asks of its evidence: read from files, or drawn before there are any."""

    def samples(self, plan: StatisticsPlan, /) -> Samples:
        """One entry for every metric and slice that is asked for."""
        ...

    def undecided(self, plan: StatisticsPlan, /) -> Mapping[str, Absent]:
        """Metrics whose decisions never vary, and why."""
        ...

    def facts(self, format: str, /) -> Facts:  # noqa: A002 - the word of the contract
        """What one table holds, counted."""
        ...


class Measuring(Protocol):
    """Turns samples into estimates: one for every check of the plan that is no count."""

    def __call__(self, plan: Plan, samples: Samples, /) -> Mapping[str, Measured]:
        """Check id -> what was measured."""
        ...


class Examine(Protocol):
    """Measures every check of a plan: one finding per check."""

    def __call__(self, plan: Plan, evidence: Summed, /) -> list[Finding]:
        """The findings, in the promised order."""
        ...


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
