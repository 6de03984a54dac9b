"""Rollouts for the tests of `data`: by hand or by chance, and the same rules in plain Python."""

import datetime as dt
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from data.tables import write
from shipcall.core import Slice
from shipcall.data.evidence import Evidence
from shipcall.data.ramp import Entered, OutcomeRequest
from shipcall.data.sources import Source, UnitColumns
from shipcall.stats.sequential.epochs import Entries, Epochs, collect, conditional_share

START = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
BEGIN = int(START.timestamp()) // 3600
"""Hours since 1970 at `START`."""
LATE = 10_000.0
ALL = Slice()
NZ, BR = Slice.of({"country": "NZ"}), Slice.of({"country": "BR"})
"""Slices of these rollouts."""
Row = dict[str, Any]


def at(hours: float) -> dt.datetime:
    """A moment so many hours after the start."""
    return START + dt.timedelta(hours=hours)


def shown(
    unit: str, arm: str, hours: float, share: float = 0.5, stage: str | None = None, **more: Any
) -> Row:
    """One exposure; a stage is named after its share unless said."""
    stage = f"{100 * share:g}" if stage is None else stage
    moment = at(hours).isoformat()
    return {"unit": unit, "arm": arm, "stage": stage, "share": share, "at": moment, **more}


def told(unit: str, value: float | None, hours: float, metric: str = "m") -> Row:
    """One outcome."""
    return {"unit": unit, "metric": metric, "value": value, "at": at(hours).isoformat()}


def heartbeat(until: float, every: float = 1.0) -> tuple[list[Row], list[Row]]:
    """A unit of each arm whose outcomes come all the time, so that no metric falls silent."""
    arms = ("baseline", "candidate")
    hours = np.arange(every, until + 1e-9, every)
    return (
        [shown(f"beat-{arm}", arm, 0.0) for arm in arms],
        [told(f"beat-{arm}", 0.0, float(hour)) for hour in hours for arm in arms],
    )


def ramp(
    folder: Path,
    exposures: Sequence[Row],
    outcomes: Sequence[Row] = (),
    *,
    suffix: str = "csv",
    files: int = 1,
    **source: Any,
) -> Evidence:
    """Write a rollout and open it; rows may be dealt to several files."""
    sources = {}
    for name, rows in (("exposures", exposures), ("outcomes", outcomes)):
        for number in range(files):
            part = rows[number::files]
            if part:
                write(folder / f"{name}-{number}.{suffix}", part)
        sources[name] = Source(format=name, path=f"{name}-*.{suffix}", **source)
    return Evidence(sources, root=folder, unit=UnitColumns(id="unit"), metrics={})


def asked(**options: Any) -> OutcomeRequest:
    """A request about the metric m with a window of two hours."""
    return OutcomeRequest(**{"metric": "m", "name": "m", "window_hours": 2.0, **options})


def state(found: Evidence, hours: float = LATE, **options: Any) -> Entered:
    """What entered of all units."""
    request = asked(**options)
    (one,) = found.entered([request], at(hours)).values()
    assert isinstance(one, Entered), one
    return one


def units_of(epochs: Epochs | None) -> dict[tuple[int, int, float], tuple[int, int]]:
    """(epoch since the start, step, chance) -> units of the arms."""
    assert epochs is not None
    return {
        (cell.epoch - BEGIN, cell.stage, cell.share): (pair.baseline.n, pair.candidate.n)
        for cell, pair in epochs.cells.items()
    }


def drawn(rng: np.random.Generator) -> tuple[list[Row], list[Row]]:
    """Draw a ramp in which all that can go wrong goes wrong: times of a quarter of an hour."""
    shares = [0.1, 0.5, 0.25, 0.0, 0.5, 1.0]
    exposures, outcomes = [], []
    for number in range(60):
        unit, place = f"u{number}", rng.random()
        for step, share in enumerate(shares):
            for _ in range(rng.integers(3)):
                hours = 12 * step + rng.integers(56) / 4
                inside = (place < share) != (rng.random() < 0.04)
                moved = rng.random() < 0.05
                row = shown(unit, "candidate" if inside else "baseline", hours, share, f"s{step}")
                row |= {
                    "reason": str(rng.choice(["SPLIT", "ERROR"], p=[0.95, 0.05])),
                    "bucketing": "other" if moved else "one",
                    "country": ["NZ", "BR", None][number % 3],
                }
                exposures.append(row)
                outcomes += [
                    told(
                        unit, _value(rng), hours + rng.integers(17) / 4, str(rng.choice(["m", "n"]))
                    )
                    for _ in range(rng.integers(3))
                ]
    return exposures, outcomes


def _value(rng: np.random.Generator) -> float | None:
    """A multiple of 1/1024 in [0, 1], seldom nothing or a value beyond."""
    kind = rng.random()
    if kind < 0.05:
        return None
    return 1.5 if kind > 0.97 else float(rng.integers(1025)) / 1024


class Entry(NamedTuple):
    """A unit that enters, as the plain rules find it."""

    unit: str
    step: int
    candidate: bool
    chance: float
    moment: dt.datetime
    first: Row


class Plain(NamedTuple):
    """What the plain rules say of exposures."""

    entries: list[Entry]
    crossed: set[str]
    steps: list[tuple[str, float]]


def plain(exposures: Sequence[Row], until: dt.datetime) -> Plain:
    """Walk through the life of every unit, row by row."""
    rows = [
        {**row, "when": dt.datetime.fromisoformat(row["at"])}
        for row in exposures
        if str(row.get("reason", "")).upper() not in ("ERROR", "DEFAULT")
    ]
    rows = [row for row in rows if row["when"] <= until]
    firsts: dict[tuple[str, float], dt.datetime] = {}
    for row in rows:
        key = (row["stage"], row["share"])
        firsts[key] = min(firsts.get(key, row["when"]), row["when"])
    steps = sorted(firsts, key=lambda key: (firsts[key], key[1], key[0]))
    entries: list[Entry] = []
    crossed: set[str] = set()
    rows.sort(key=lambda row: (row["unit"], row["when"], steps.index((row["stage"], row["share"]))))
    for unit, own in groupby(rows, key=lambda row: str(row["unit"])):
        found, crossing = _walk(list(own), steps)
        entries += [one for one in found if crossing is None or one.moment < crossing]
        crossed |= {unit} if crossing is not None else set()
    return Plain(entries, crossed, steps)


def _walk(
    rows: Sequence[Row], steps: Sequence[tuple[str, float]]
) -> tuple[list[Entry], dt.datetime | None]:
    arms: dict[int, set[str]] = {}
    had: list[tuple[str, float]] = []
    greatest: float | None = None
    entries: list[Entry] = []
    crossing: dt.datetime | None = None
    for (when, step), group in groupby(
        rows, key=lambda row: (row["when"], steps.index((row["stage"], row["share"])))
    ):
        same = list(group)
        seen = {row["arm"] for row in same}
        new = step not in arms
        arms.setdefault(step, set()).update(seen)
        bad = len(arms[step]) == 2
        if new and len(seen) == 1:
            row = min(same, key=lambda row: str(row.get("bucketing", "")))
            share, candidate = row["share"], row["arm"] == "candidate"
            chance = _chance(greatest, share)
            bucketing = str(row.get("bucketing", ""))
            bad = not candidate and any(b == bucketing and s <= share for b, s in had)
            bad |= not had and chance == (0 if candidate else 1)
            if not had:
                entries.append(Entry(str(row["unit"]), step, candidate, chance, when, row))
            had += [(bucketing, share)] if candidate else []
            greatest = share if greatest is None else max(greatest, share)
        if bad and crossing is None:
            crossing = when
    return entries, crossing


def _chance(before: float | None, share: float) -> float:
    if before is None:
        return share
    if before >= 1 or share <= before:
        return 0.0
    return conditional_share(before, share)


def plain_epochs(
    entries: Sequence[Entry], outcomes: Sequence[Row], horizon: dt.datetime, request: OutcomeRequest
) -> tuple[Epochs, Epochs]:
    """Sum outcomes and losses of the entries whose windows have closed."""
    window = dt.timedelta(hours=request.window_hours)
    length = dt.timedelta(hours=request.epoch_hours)
    closed, values = [], []
    for entry in entries:
        epoch = int((entry.moment - at(-BEGIN)) // length)
        if at(-BEGIN) + (epoch + 1) * length + window <= horizon:
            closed.append((entry, epoch))
            own = [
                (dt.datetime.fromisoformat(row["at"]), row["value"])
                for row in outcomes
                if row["unit"] == entry.unit and row["metric"] == request.name
            ]
            within = [(w, v) for w, v in own if entry.moment <= w <= entry.moment + window]
            values.append(folded(within, request))
    known = np.array([value is not None for value in values], dtype=bool)
    return (
        _collected(closed, values, known),
        _collected(closed, [float(value is None) for value in values], np.ones(len(values), bool)),
    )


def folded(
    rows: Sequence[tuple[dt.datetime, float | None]], request: OutcomeRequest
) -> float | None:
    """The value of a unit, None where it is lost."""
    low, high = request.range or (-np.inf, np.inf)
    known = [(when, value) for when, value in rows if value is not None and low <= value <= high]
    if len(known) < len(rows):
        return None
    if not rows:
        return 0.0 if request.zero else None
    values = [value for _, value in sorted(known)]
    folds = {
        "any": float(max(values) >= request.threshold),
        "sum": sum(values),
        "mean": sum(values) / len(values),
        "last": values[-1],
    }
    return folds[request.per_unit]


def _collected(closed: Sequence[tuple[Entry, int]], values: Sequence[Any], some: Any) -> Epochs:
    kept = [(one, value) for one, value, keep in zip(closed, values, some, strict=True) if keep]
    return collect(
        Entries(
            epoch=np.array([epoch for (_, epoch), _ in kept], dtype=np.int64),
            stage=np.array([entry.step for (entry, _), _ in kept], dtype=np.int64),
            share=np.array([entry.chance for (entry, _), _ in kept], dtype=np.float64),
            candidate=np.array([entry.candidate for (entry, _), _ in kept], dtype=bool),
            outcome=np.array([value for _, value in kept], dtype=np.float64),
        )
    )
