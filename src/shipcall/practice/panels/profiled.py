"""Profiled: one numeric input of a stream as it was served, counted by bands and windows.

The value of an input is normal within each strand of the stream, is 0 where the unit is new
(x1 alone), and is not there where the feed lost it. Rows come independently, so the counts are
Poisson with exact rates. What the panel shows is counted in the rows themselves.

given = {
    input  = "x1",
    title  = "amount against the usual of this buyer",
    edges  = [-2, -1, 0, 1, 2],        inner ends of the bands, rising
    window = [ { name, title, first, days }, … ],
    where  = { shard = ["b"] },
}
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Annotated

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, model_validator
from scipy import special

from shipcall.practice.language import Panel, Section
from shipcall.practice.laws import Events, Floats, Stack
from shipcall.practice.panels.counted import share_bounds, share_change_bounds
from shipcall.practice.panels.panel import Reading, Row, Setting, Shown
from shipcall.practice.panels.served import bare, refuse_copies, rows_of
from shipcall.practice.panels.streamed import Window
from shipcall.world.streams.panels import Scene, scene
from shipcall.world.streams.regime import Strand
from shipcall.world.streams.served import TABLE
from shipcall.world.truth import World


class Profile(Section):
    """What a panel of this kind counts."""

    input: Annotated[str, Field(pattern=r"^x[1-9]\d?$")]
    title: str
    edges: Annotated[list[float], Field(min_length=2)]
    window: Annotated[list[Window], Field(min_length=1)]
    where: dict[str, list[str]] = {}

    @model_validator(mode="after")
    def _rising(self) -> "Profile":
        if sorted(set(self.edges)) != self.edges:
            raise ValueError("the edges of an input rise")
        return self

    @property
    def number(self) -> int:
        """Place of the input among the features."""
        return int(self.input[1:]) - 1

    @property
    def bands(self) -> list[str]:
        """What the bands are called, the one without a value last."""
        inner = [f"{low:g} to {high:g}" for low, high in pairwise(self.edges)]
        return [
            f"below {self.edges[0]:g}",
            *inner,
            f"{self.edges[-1]:g} and above",
            "no value",
        ]


class Profiled:
    """How an input is spread."""

    def stack(self, panel: Panel, setting: Setting) -> Stack:
        """Poisson rates at every point."""
        refuse_copies(setting.worlds)
        asked = Profile.model_validate(panel.given).model_dump_json()
        return Events(np.stack([_rates(bare(world), asked) for world in setting.worlds]))

    def seen(
        self, panel: Panel, setting: Setting, stack: Stack, rng: np.random.Generator
    ) -> Floats:
        """Count the rows of the drawn world."""
        del stack, rng
        told = Profile.model_validate(panel.given)
        parts = scene(setting.drawn).parts
        counts = [
            np.sum(
                [
                    _counted(TABLE.rows(setting.drawn, day * parts + part), told)
                    for day in range(window.first, window.first + window.days)
                    for part in range(parts)
                ],
                axis=0,
            )
            for window in told.window
        ]
        found: Floats = np.concatenate(counts)
        return found

    def shown(self, panel: Panel, seen: Floats, setting: Setting) -> Shown:
        """A line for each window and band; a reading for each band and its change."""
        del setting
        told = Profile.model_validate(panel.given)
        counts = seen.reshape(len(told.window), -1)
        rows: list[Row] = []
        for window, line in zip(told.window, counts, strict=True):
            for band, count in zip(told.bands, line, strict=True):
                n = float(line.sum())
                low, high = share_bounds(float(count), n)
                rows.append(
                    {"window": window.title, told.title: band, "count": int(count)}
                    | {"rows": int(n), "share": float(count) / n if n else None}
                    | {"low": low, "high": high}
                )
        return Shown(rows=rows, readings=_readings(told, counts), text=panel.text)


def _readings(told: Profile, counts: Floats) -> list[Reading]:
    """Change of the share of each band from the first window to the last."""
    first, last = counts[0], counts[-1]
    n, m = float(first.sum()), float(last.sum())
    readings = []
    for number, band in enumerate(told.bands):
        before, after = (float(first[number]), n), (float(last[number]), m)
        low, high = share_change_bounds(before, after)
        value = after[0] / m - before[0] / n if n and m else 0.0
        readings.append(
            Reading(
                name=f"{band} change",
                title=f"{told.title}, {band}: change since {told.window[0].title}",
                value=value,
                low=low,
                high=high,
                unit="share",
            )
        )
    return readings


@lru_cache(maxsize=1_024)
def _rates(text: str, asked: str) -> Floats:
    told = Profile.model_validate_json(asked)
    seen = scene(World.model_validate_json(text))
    cells = rows_of(seen, told.where).get("cell", np.ones(len(seen.cells)))
    found: Floats = np.concatenate(
        [_window(seen, range(w.first, w.first + w.days), cells, told) for w in told.window]
    )
    return found


def _window(seen: Scene, window: Sequence[int], cells: Floats, told: Profile) -> Floats:
    rates: Floats = np.zeros(len(told.bands))
    for some in seen.regimes(window).values():
        rows = sum(float(seen.rates[day]) for day in some)
        for scored in seen.scored(some[0]):
            weight = rows * float(scored.strand.weight @ cells)
            rates = rates + weight * _spread(scored.strand, told)
    return rates


def _spread(strand: Strand, told: Profile) -> Floats:
    """Chance of each band in one strand, the one without a value last."""
    edges = np.array([-np.inf, *told.edges, np.inf])
    if strand.nulled and told.number == 0:
        return np.append(np.zeros(len(edges) - 1), 1.0)
    if strand.who == "new" and told.number == 0:
        inside = (edges[:-1] <= 0) & (edges[1:] > 0)
        return np.append(inside.astype(np.float64), 0.0)
    scale = float(strand.scale[told.number])
    mean, spread = scale * strand.mean[told.number], abs(scale) * strand.spread[told.number]
    return np.append(np.diff(special.ndtr((edges - mean) / spread)), 0.0)


def _counted(rows: pa.Table, told: Profile) -> Floats:
    for column, levels in told.where.items():
        rows = rows.filter(pc.is_in(rows[column], pa.array(levels, pa.string())))
    values = rows[told.input]
    known = values.drop_null().to_numpy()
    bands = np.searchsorted(told.edges, known, side="right")
    counts = np.bincount(bands, minlength=len(told.edges) + 1).astype(np.float64)
    return np.append(counts, float(values.null_count))
