"""Stage: one moment in a release's life. They all share one shape."""

from collections.abc import Callable
from dataclasses import dataclass

from shipcall.contract.plan import Plan
from shipcall.core import Finding, Validity
from shipcall.data.evidence import Evidence

Examine = Callable[[Plan, Evidence], list[Finding]]


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
