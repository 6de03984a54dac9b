"""Bucketed: a noted number as rows of evidence: what every bucket of people brought or cost.

A line of a panel says how its number lies in the files of the play:

    buckets = { metric = "revenue", count = 1000, base = 100.0, spread = 4.472 }
    buckets = { metric = "answers", count = 1000 }

People are dealt to buckets, so many to each model, and a bucket is the unit. The number of the
line is the difference of the means of both models, to the last digit.

A `number` is a difference of means of normal values: their mean and their deviations from it are
independent, so deviations that are drawn afresh and moved to the number on the panel have the law
of the rows given that panel. A `rate` or `count` is a sum of Poisson counts: given their sum, each
event lies in any bucket with the same chance. The baseline has none of them.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple

import numpy as np
from pydantic import Field

from shipcall.assign import shipcall_v1
from shipcall.practice.language import Section
from shipcall.practice.laws import Floats
from shipcall.world.chance.draws import Rng, generator
from shipcall.world.people.traffic import moments
from shipcall.world.truth import ARMS, World

_FIRST_HOURS = 24
"""Everybody meets the model within so many hours of the first day."""
_KNOWN_HOURS = 24 * 13 - 0.01
"""What a bucket brought is written down so long after that, just within thirteen days."""


REGIONS = ("north", "south")
"""Every second bucket is of either. No line of a case depends on it."""


class Buckets(Section):
    """How a number lies in the files."""

    metric: str
    count: Annotated[int, Field(ge=2)]
    """Buckets of each model."""
    base: float = 0.0
    """Mean of the baseline."""
    spread: Annotated[float, Field(ge=0)] = 0.0
    """Standard deviation between buckets, for a `number`."""

    @property
    def error(self) -> float:
        """Standard error of the difference of both means."""
        return float(self.spread * np.sqrt(2 / self.count))


class Written(NamedTuple):
    """One line with what was seen of it."""

    told: Buckets
    seen: float
    """The number, or how many events."""
    n: int
    """Events are told for one of so many."""
    counted: bool
    """Events, and no measured number."""


def tables(lines: Sequence[Written], world: World, share: float = 0.5) -> dict[str, dict[str, Any]]:
    """Lay lines out as evidence.

    Args:
        lines: At least one; all of them of the same buckets.
        world: Has the first day, and the seed of the rows.
        share: Of the candidate among those who take part, in (0, 1).

    Returns:
        "exposures" and "outcomes": column of the format -> values.
    """
    (count,) = {line.told.count for line in lines}
    rng = generator(world, "bucketed")
    units = np.array([f"bucket-{number:05d}" for number in range(2 * count)])
    arms = rng.permutation(np.repeat(np.array(ARMS), count))
    hours = np.sort(rng.uniform(0, _FIRST_HOURS, 2 * count))
    values = {line.told.metric: _values(line, arms == ARMS[1], rng) for line in lines}
    return {
        "exposures": {
            "unit": units,
            "arm": arms,
            "stage": np.full(2 * count, "1"),
            "share": np.full(2 * count, share),
            "at": _times(world, hours),
            "reason": np.full(2 * count, "SPLIT"),
            "bucketing": np.full(2 * count, shipcall_v1.NAME),
            "region": rng.permutation(np.resize(np.array(REGIONS), 2 * count)),
        },
        "outcomes": _outcomes(units, values, _times(world, hours + _KNOWN_HOURS)),
    }


def _outcomes(units: Any, values: Mapping[str, Floats], at: Any) -> dict[str, Any]:
    rows = len(values)
    return {
        "unit": np.tile(units, rows),
        "metric": np.repeat(np.array(list(values)), len(units)),
        "value": np.concatenate(list(values.values())),
        "at": np.tile(at, rows),
    }


def _values(line: Written, candidate: Any, rng: Rng) -> Floats:
    told = line.told
    if line.counted:
        where = rng.choice(np.flatnonzero(candidate), size=int(line.seen))
        events = np.bincount(where, minlength=len(candidate))
        return np.asarray(events * (told.count / line.n) + told.base)
    found: Floats = rng.normal(0.0, told.spread, len(candidate))
    for arm, mean in ((~candidate, told.base), (candidate, told.base + line.seen)):
        found[arm] += mean - found[arm].mean()
    return found


def _times(world: World, hours: Floats) -> Any:
    return moments(world, hours).astype("datetime64[us]")
