"""Silence: until when the outcomes of a metric are known, and whether they stopped coming."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from shipcall.data.exposures import Exposures, moment
from shipcall.data.ramp import OutcomeRequest

HOUR = 3_600_000_000
"""In microseconds, as all times here."""
_CHANCE = 1e-6
"""A gap that chance alone would make less often than this is a silence."""


class Logged(NamedTuple):
    """Rows of one metric from units of one arm."""

    rows: int
    last: int


class Dealt(NamedTuple):
    """Units whose first exposure was to one arm."""

    first: int
    """First exposure of the arm."""
    closed: int
    """Units whose window has closed."""


class End(NamedTuple):
    """How far the outcomes of a metric can be followed."""

    horizon: int
    silent_hours: float | None

    @property
    def at(self) -> datetime:
        """The horizon as a moment in UTC."""
        return moment(self.horizon)


def window_of(request: OutcomeRequest) -> int:
    """Length of the window of a metric, in microseconds."""
    return round(request.window_hours * HOUR)


def closes(at: Any, window: int) -> Any:
    """Last moment that still counts for an exposure; without a window its hour's last moment."""
    return at + window if window else at - at % HOUR + (HOUR - 1)


def ends(
    rows: Any, shown: Exposures, requests: Sequence[OutcomeRequest], what: str
) -> Mapping[str, End]:
    """Find the horizon of every request.

    It is the time of the verdict, or that of the last row of exposures and outcomes if that is
    earlier, or the last row of the metric in an arm in which it fell silent.

    Args:
        rows: Outcomes of all metrics: unit, metric, at.
        shown: The exposures.
        requests: What is asked.
        what: Path of the outcomes, for errors.

    Returns:
        Name of the metric in the contract -> its end.
    """
    engine = shown.engine
    table = engine.row(rows.aggregate(last=rows["at"].max()), what)["last"]
    t = shown.rows
    exposed = engine.row(t.aggregate(last=t["at"].max()), shown.what)["last"]
    last = max((at for at in (table, exposed) if at is not None), default=shown.as_of)
    horizon = min(shown.as_of, last)
    logged = _logged(rows, shown, sorted({request.name for request in requests}), what)
    return {
        request.metric: _end(request, _dealt(shown, window_of(request)), logged, shown, horizon)
        for request in requests
    }


def _logged(
    rows: Any, shown: Exposures, names: Sequence[str], what: str
) -> Mapping[tuple[str, bool], Logged]:
    """(metric, candidate) -> rows since the first exposure of the arm, by the unit's first arm."""
    units = shown.entries.filter(shown.entries.newcomer)
    firsts = units.group_by("candidate").aggregate(begins=units["at"].min())
    units = units.select("unit", "candidate").join(firsts, "candidate")
    t = rows.filter(rows.metric.isin(names)).select("unit", "metric", "at").join(units, "unit")
    t = t.filter(t["at"] >= t.begins)
    counts = t.group_by("metric", "candidate").aggregate(rows=t.count(), last=t["at"].max())
    return {
        (row["metric"], row["candidate"]): Logged(row["rows"], row["last"])
        for row in shown.engine.fetch(counts, what).to_pylist()
    }


def _dealt(shown: Exposures, window: int) -> Mapping[bool, Dealt]:
    t = shown.entries.filter(shown.entries.newcomer)
    counts = t.group_by("candidate").aggregate(
        first=t["at"].min(), closed=(closes(t["at"], window) <= shown.as_of).sum()
    )
    return {
        row["candidate"]: Dealt(row["first"], row["closed"])
        for row in shown.engine.fetch(counts, shown.what).to_pylist()
    }


def _end(
    request: OutcomeRequest,
    dealt: Mapping[bool, Dealt],
    logged: Mapping[tuple[str, bool], Logged],
    shown: Exposures,
    horizon: int,
) -> End:
    """Bring the horizon of one metric back to where it fell silent in an arm."""
    gaps = []
    for arm, units in dealt.items():
        seen = logged.get((request.name, arm))
        if seen is not None:
            since = _since(seen, units, shown.as_of)
        else:
            other = logged.get((request.name, not arm))
            since = _never(request, units, dealt.get(not arm), other)
        if since is not None:
            gaps.append((shown.as_of - since) / HOUR)
            horizon = min(horizon, seen.last if seen else units.first)
    return End(horizon, max(gaps, default=None))


def _since(seen: Logged, units: Dealt, as_of: int) -> int | None:
    """Last row of an arm, if at its rate such a gap would be a rarity; None otherwise.

    The rate is that of its rows since its first exposure, over an hour at least.
    """
    rate = seen.rows / max(seen.last - units.first, HOUR)
    silent = math.exp(-rate * (as_of - seen.last)) < _CHANCE
    return seen.last if silent else None


def _never(
    request: OutcomeRequest, units: Dealt, others: Dealt | None, other: Logged | None
) -> int | None:
    """When the first window of an arm without any row closed; None where none is due yet.

    Where no row means zero, and the other arm has rows, none is due before so many units that at
    the other arm's rate their silence would be a rarity: rare events take their time.
    """
    if not units.closed:
        return None
    if request.zero and other is not None and others is not None:
        expected = other.rows / max(others.closed, 1) * units.closed
        if math.exp(-expected) >= _CHANCE:
            return None
    window = window_of(request)
    return units.first + window if window else units.first - units.first % HOUR + HOUR - 1
