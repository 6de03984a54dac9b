"""Streamed: rows of a stream, counted by window and group, as shares, rates or distances.

A panel is a table of windows x groups x kinds. Rows of a stream come independently, so its counts
are Poisson with rates from `world.streams.panels.stream_law`, and the law is exact. Two panels are
independent given the point where they count other rows: let `where` give each its own part of the
log (a trait that pulls nothing, say a shard by the hash of the request), or name one in `holds`.

given = {
    window = [ { name, title, first, days }, … ],   days of the world; the first window is compared
                                                    with, the last one is now
    where  = { shard = ["a"] },                     rows that count at all
    by     = [ { name, title, is, score }, … ],     groups, one after the other in the table
    kind   = [ { name, title, is, score, told }, … ],   what is told apart in each group
    shows  = "share" | "rate" | "distance",
}

`is` has axis -> levels: a trait, source, service, who, version, nulled, explored ("no", "yes"),
label ("0", "1", "none") and age ("1", "2", "4" days at most, or "later"). A row belongs to the
first group and the first kind that fit; a row that fits none is left out.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, model_validator

from shipcall.practice.language import Name, Panel, Section
from shipcall.practice.laws import Events, Floats, Stack
from shipcall.practice.panels.counted import (
    distance,
    rate_bounds,
    ratio_bounds,
    share_bounds,
    share_change_bounds,
)
from shipcall.practice.panels.panel import Reading, Row, Setting, Shown
from shipcall.practice.panels.served import bare, picked, refuse_copies, rows_of, thinned
from shipcall.world.streams.panels import scene, stream_counts, stream_law
from shipcall.world.truth import World


class Window(Section):
    """Some days on end."""

    name: Name
    title: str
    first: Annotated[int, Field(ge=0)]
    """Day of the world, from 0."""
    days: Annotated[int, Field(ge=1)]


class Group(Section):
    """Some rows."""

    name: Name
    title: str
    is_: Annotated[dict[str, list[str]], Field(alias="is")] = {}
    """Axis -> levels; every axis has to fit."""
    score: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None
    """Scores from … to below; both are ends of bins of the stream, 0 or 1."""
    told: bool = True
    """Has a line in the table; of the last kind, what is left over needs none."""


_ALL = Group(name="all", title="all")


class Given(Section):
    """What a panel of this kind counts."""

    window: Annotated[list[Window], Field(min_length=1)]
    where: dict[str, list[str]] = {}
    by: Annotated[list[Group], Field(min_length=1)] = [_ALL]
    kind: Annotated[list[Group], Field(min_length=1)]
    shows: Literal["share", "rate", "distance"] = "share"

    @model_validator(mode="after")
    def _apart(self) -> "Given":
        if any(b.first < a.first + a.days for a, b in pairwise(self.window)):
            raise ValueError("windows follow each other and share no day")
        if self.shows == "distance" and len(self.by) > 1:
            raise ValueError("a distance is taken over one group")
        return self

    @property
    def days(self) -> tuple[tuple[int, ...], ...]:
        """Days of each window."""
        return tuple(tuple(range(w.first, w.first + w.days)) for w in self.window)


class Streamed:
    """Counts of the rows of a stream."""

    def stack(self, panel: Panel, setting: Setting) -> Stack:
        """Poisson rates at every point; points of the same stream are worked out once."""
        refuse_copies(setting.worlds)
        told = Given.model_validate(panel.given)
        asked = told.model_dump_json(by_alias=True)
        return Events(np.stack([_rates(bare(world), asked) for world in setting.worlds]))

    def seen(
        self, panel: Panel, setting: Setting, stack: Stack, rng: np.random.Generator
    ) -> Floats:
        """Count the rows that the drawn world writes."""
        del stack, rng
        told = Given.model_validate(panel.given)
        axes, picks = _picks(setting.drawn, told)
        counts = _counts(setting.drawn.model_dump_json(), told.days, axes)
        return (counts @ picks).ravel()

    def shown(self, panel: Panel, seen: Floats, setting: Setting) -> Shown:
        """Show counts with shares, rates or distances, and what changed from the first window."""
        del setting
        told = Given.model_validate(panel.given)
        counts = seen.reshape(len(told.window), len(told.by), len(told.kind))
        rows, readings = _TABLES[told.shows](told, counts)
        return Shown(rows=rows, readings=readings, text=panel.text)


def _picks(world: World, told: Given) -> tuple[tuple[str, ...], Floats]:
    """Give the axes that are needed, and which of their cells each group and kind takes."""
    seen = scene(world)
    everywhere = rows_of(seen, told.where)
    by = [rows_of(seen, group.is_, group.score) for group in told.by]
    kinds = [rows_of(seen, group.is_, group.score) for group in told.kind]
    return picked(seen, everywhere, by, kinds)


@lru_cache(maxsize=2_048)
def _rates(text: str, asked: str) -> Floats:
    told = Given.model_validate_json(asked)
    used = {axis for group in (*told.by, *told.kind) for axis in group.is_}
    world, share, where = thinned(World.model_validate_json(text), told.where, used)
    axes, picks = _picks(world, told.model_copy(update={"where": where}))
    rates = _law(world.model_dump_json(), told.days, axes)
    found: Floats = share * (rates @ picks).ravel()
    return found


@lru_cache(maxsize=256)
def _law(text: str, days: tuple[tuple[int, ...], ...], axes: tuple[str, ...]) -> Floats:
    """Rates, shape (windows, cells of the axes); the same axes serve most panels of a case."""
    rates = stream_law(World.model_validate_json(text), days, axes).rate
    return rates.reshape(len(days), -1)


@lru_cache(maxsize=8)
def _counts(text: str, days: tuple[tuple[int, ...], ...], axes: tuple[str, ...]) -> Floats:
    """Counts of the file, shaped as the law."""
    counts = stream_counts(World.model_validate_json(text), days, axes)
    return counts.reshape(len(days), -1).astype(np.float64)


_Table = tuple[list[Row], list[Reading]]


def _groups(told: Given) -> Iterator[tuple[int, Group, int, Group]]:
    for g, group in enumerate(told.by):
        for k, kind in enumerate(told.kind):
            if kind.told:
                yield g, group, k, kind


def _shares(told: Given, counts: Floats) -> _Table:
    """A line for each window, group and kind: count of rows, share with exact 95 % bounds."""
    rows: list[Row] = []
    readings: list[Reading] = []
    totals = counts.sum(axis=2)
    for g, group, k, kind in _groups(told):
        for w, window in enumerate(told.window):
            count, n = float(counts[w, g, k]), float(totals[w, g])
            low, high = share_bounds(count, n)
            rows.append(
                _line(told, window, group, kind)
                | {"count": int(count), "rows": int(n), "share": count / n if n else None}
                | {"low": low, "high": high}
            )
        first, last = ((float(counts[w, g, k]), float(totals[w, g])) for w in (0, -1))
        readings += _share_readings(_named(told, group, kind), first, last, told)
    return rows, readings


def _share_readings(
    name: tuple[str, str], first: tuple[float, float], last: tuple[float, float], told: Given
) -> Iterator[Reading]:
    """Share in the last window, and its change from the first; without rows: anything goes."""
    short, title = name
    low, high = share_bounds(*last)
    share = last[0] / last[1] if last[1] else 0.5
    yield Reading(name=short, title=title, value=share, low=low, high=high, unit="share")
    if len(told.window) > 1:
        before = first[0] / first[1] if first[1] else 0.5
        low, high = share_change_bounds(first, last)
        yield Reading(
            name=f"{short} change",
            title=f"{title}: change since {told.window[0].title}",
            value=share - before,
            low=low,
            high=high,
            unit="share",
        )


def _rated(told: Given, counts: Floats) -> _Table:
    """A line for each window, group and kind: count, and how many a day with exact bounds."""
    rows: list[Row] = []
    readings: list[Reading] = []
    for g, group, k, kind in _groups(told):
        for w, window in enumerate(told.window):
            count = float(counts[w, g, k])
            low, high = rate_bounds(count, window.days)
            rows.append(
                _line(told, window, group, kind)
                | {"count": int(count), "days": window.days, "daily": count / window.days}
                | {"low": low, "high": high}
            )
        short, title = _named(told, group, kind)
        value, low, high = (rows[-1][key] for key in ("daily", "low", "high"))
        readings.append(Reading(name=short, title=title, value=value, low=low, high=high))
        if len(told.window) > 1:
            readings.append(_ratio(told, counts[:, g, k], short, title))
    return rows, readings


def _ratio(told: Given, counts: Floats, short: str, title: str) -> Reading:
    (before, after), first, last = counts[[0, -1]], told.window[0], told.window[-1]
    low, high = ratio_bounds((before, first.days), (after, last.days))
    return Reading(
        name=f"{short} ratio",
        title=f"{title}: times as many a day as in {first.title}",
        value=float((after / last.days) / (max(before, 0.5) / first.days)),
        low=low,
        high=high,
    )


def _distances(told: Given, counts: Floats) -> _Table:
    """A line for each window: rows, KL against the first window with bounds, share of each kind."""
    rows: list[Row] = []
    readings: list[Reading] = []
    reference = counts[0, 0]
    for w, window in enumerate(told.window):
        bands = counts[w, 0]
        n = float(bands.sum())
        row: dict[str, Any] = {"window": window.title, "rows": int(n)}
        row |= {"kl": None, "low": None, "high": None}
        if w:
            found = distance(bands, reference)
            row |= {"kl": found.value, "low": found.low, "high": found.high}
            readings.append(
                Reading(
                    name=f"kl {window.name}",
                    title=f"KL of {window.title}",
                    value=found.value,
                    low=found.low,
                    high=found.high,
                )
            )
        row |= {
            kind.title: float(band) / n if n else None
            for kind, band in zip(told.kind, bands, strict=True)
        }
        rows.append(row)
    return rows, readings


def _line(told: Given, window: Window, group: Group, kind: Group) -> dict[str, Any]:
    of = {"of": group.title} if len(told.by) > 1 else {}
    return {"window": window.title, **of, "what": kind.title}


def _named(told: Given, group: Group, kind: Group) -> tuple[str, str]:
    """Name and title of a reading: "false", or "false review" where there are several groups."""
    if len(told.by) == 1:
        return kind.name, kind.title
    return f"{kind.name} {group.name}", f"{kind.title}, {group.title}"


_TABLES: Mapping[str, Any] = {"share": _shares, "rate": _rated, "distance": _distances}

__all__: Sequence[str] = ["Given", "Group", "Streamed", "Window"]
