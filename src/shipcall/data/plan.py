"""Statistics plan: what an engine is asked to sum, as plain data.

The plan names no engine. A local kernel and a remote database answer the same plan with the same
small tables (`stats.sample`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from shipcall.core import Slice
from shipcall.metrics.metric import Granularity, Options, Statistic


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One metric on some slices."""

    metric: str
    """Name in the contract."""
    kind: str
    """Key of METRICS."""
    options: Options
    evidence: str
    """Name of the evidence table."""
    statistic: Statistic
    granularity: Granularity
    slices: tuple[Slice, ...]
    influence: bool
    """Keep what each cluster contributes, for joint methods over the slices."""


def sliced_by(requests: Iterable[Request]) -> set[str]:
    """Name the columns by which some of these requests are cut."""
    return {column for r in requests for part in r.slices for column in part.columns}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticsPlan:
    """Everything one stage needs of the evidence, in one object: one pass per granularity."""

    requests: tuple[Request, ...]

    def covers(self, other: "StatisticsPlan") -> bool:
        """Does whoever answered this plan know everything that another one asks?"""
        known = {replace(one, slices=()): set(one.slices) for one in self.requests}
        return all(
            set(one.slices) <= known.get(replace(one, slices=()), set()) for one in other.requests
        )
