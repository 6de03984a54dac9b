"""Noted: numbers whose law the case file states outright: flags, tickets, records, readings.

given = { line = [ { name, title, law, … }, … ] }, where a line is one of

    law = "share",  n = 9,  of = {linear: log odds}     how many of n
    law = "count",  of = {linear: log of the rate}       how many
    law = "rate",   n = 3,  of = {linear: mean in one}   how many in n, told for one
    law = "number", of = {linear}, error = 0.4           a measured number

A line with `buckets` lies in the files of the play as well; see `bucketed`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import Field, model_validator
from scipy import special

from shipcall.practice.language import Linear, Panel, Section
from shipcall.practice.laws import Events, Floats, Joined, Measured, Stack, Tallies
from shipcall.practice.panels.bucketed import Buckets, Written, tables
from shipcall.practice.panels.panel import FromLaw, Reading, Setting, Shown, between
from shipcall.practice.points import Point, line

_ROUNDED = 1e-3
"""How far an error in a case file may be off from that of its rows, as a share."""


class Line(Section):
    """One number of a panel."""

    name: str
    title: str
    law: Literal["share", "count", "rate", "number"]
    of: Linear
    """Log odds of a share, log of the rate of a count, mean of a rate (never below 0) or number."""
    by_cause: dict[str, float] = {}
    """Cause -> what is added to `of` where that is so."""
    n: Annotated[int, Field(ge=1)] = 1
    error: Annotated[float, Field(gt=0)] = 1.0
    unit: str = ""
    buckets: Buckets | None = None
    """How its rows lie in the files; None: a note, of which there are no rows."""

    @model_validator(mode="after")
    def _rows_have_its_law(self) -> Self:
        if self.buckets is None:
            return self
        if self.law == "share":
            raise ValueError(f"line {self.name!r}: buckets hold numbers and counts, no shares")
        if self.law == "number" and abs(self.buckets.error / self.error - 1) > _ROUNDED:
            raise ValueError(
                f"line {self.name!r}: its error is {self.error:g}, that of its buckets "
                f"{self.buckets.error:.4g}. Take spread = error * sqrt(count / 2)."
            )
        return self


class Noted(FromLaw):
    """Numbers with stated laws; each line is independent given the point."""

    def stack(self, panel: Panel, setting: Setting) -> Stack:
        """One part for each line."""
        lines = _lines(panel)
        parts = tuple(_law(line, setting) for line in lines)
        return Joined(parts, tuple(2 if line.law == "share" else 1 for line in lines))

    def shown(self, panel: Panel, seen: Floats, setting: Setting) -> Shown:
        """A row and a reading for each line."""
        del setting
        readings = list(_readings(_lines(panel), seen))
        rows = [
            {"what": told, "value": reading.value, "low": reading.low, "high": reading.high}
            for told, reading in readings
        ]
        return Shown(rows=rows, readings=[r for _, r in readings], text=panel.text)

    def files(
        self, panels: Sequence[tuple[Panel, Floats]], setting: Setting
    ) -> Mapping[str, Mapping[str, Any]]:
        """Lay out the lines that have rows.

        Returns:
            "exposures" and "outcomes": column of the format -> values; nothing without rows.
        """
        written = [one for panel, seen in panels for one in _written(_lines(panel), seen)]
        return tables(written, setting.drawn) if written else {}


def _lines(panel: Panel) -> list[Line]:
    return [Line.model_validate(told) for told in panel.given["line"]]


def _law(told: Line, setting: Setting) -> Stack:
    mean = line(told.of, setting.points) + _added(told, setting.points)
    if told.law == "share":
        chance = special.expit(mean)
        kinds = np.stack([chance, 1 - chance], axis=-1)
        return Tallies(np.array([float(told.n)]), kinds[:, None, :])
    if told.law == "count":
        return Events(np.exp(mean)[:, None])
    if told.law == "rate":
        return Events(told.n * mean[:, None])
    return Measured(mean[:, None], np.full((len(mean), 1), told.error))


def _added(told: Line, found: Sequence[Point]) -> Floats:
    return np.array([told.by_cause.get(point.state.cause, 0.0) for point in found])


def _readings(lines: list[Line], seen: Floats) -> Iterator[tuple[str, Reading]]:
    place = 0
    for told in lines:
        value = float(seen[place])
        if told.law == "share":
            low, high = _share_bounds(value, told.n)
            text, value = f"{told.title}: {value:.0f} of {told.n}", value / told.n
        elif told.law == "count":
            low, high = _count_bounds(value)
            text = told.title
        elif told.law == "rate":
            low, high = (bound / told.n for bound in _count_bounds(value))
            text = told.title if told.n == 1 else f"{told.title}: {value:.0f} in {told.n}"
            value = value / told.n
        else:
            low, high = between(value, told.error)
            text = told.title
        place += 2 if told.law == "share" else 1
        reading = Reading(
            name=told.name, title=told.title, value=value, low=low, high=high, unit=told.unit
        )
        yield text, reading


def _written(lines: list[Line], seen: Floats) -> Iterator[Written]:
    place = 0
    for told in lines:
        if told.buckets is not None:
            yield Written(told.buckets, float(seen[place]), told.n, told.law != "number")
        place += 2 if told.law == "share" else 1


def _share_bounds(hits: float, n: int) -> tuple[float, float]:
    """Clopper and Pearson (1934): exact 95 % bounds of a share."""
    low = float(special.betaincinv(hits, n - hits + 1, 0.025)) if hits > 0 else 0.0
    high = float(special.betaincinv(hits + 1, n - hits, 0.975)) if hits < n else 1.0
    return low, high


def _count_bounds(count: float) -> tuple[float, float]:
    """Garwood (1936): exact 95 % bounds of a Poisson mean."""
    low = float(special.gammaincinv(count, 0.025)) if count > 0 else 0.0
    return low, float(special.gammaincinv(count + 1, 0.975))
