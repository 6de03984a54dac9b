"""Truth: what is so in a stream on each day, and in each slice over all days."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import special

from shipcall.world.chance.draws import Floats
from shipcall.world.people.cells import Fact
from shipcall.world.streams.panels import Scene, Scored, fallback_right, scene
from shipcall.world.streams.regime import stream_of
from shipcall.world.truth import World

_PARTS = ("rows", "positive", "served_positive", "right", "stated", "fallback", "nulls")


def stream_truth(world: World) -> list[Fact]:
    """State the expected counts and shares of a stream: each day for all, each slice for all days.

    * rows: requests that are expected, without their copies.
    * positive: share with a positive true label, before any flip.
    * served_positive: share that is served positive.
    * right: share whose prediction is the true label.
    * stated: mean score.
    * fallback, nulls: share answered by the fallback; share without x1.

    Facts have `value` in place of the values of two models, and `day` where they are of one day.
    """
    seen = scene(world)
    by_day = np.stack([_day(seen, day) for day in range(len(seen.rates))])
    stated: list[Fact] = []
    everybody = np.ones(len(seen.cells), dtype=bool)
    for day, sums in enumerate(by_day):
        stated += [one | {"day": day} for one in _facts(sums, "all", everybody)]
    for name, inside in seen.cells.slices():
        stated += _facts(by_day.sum(axis=0), name, inside)
    return stated


def _facts(sums: Floats, name: str, inside: NDArray[np.bool_]) -> list[Fact]:
    """State one value for each part; shares of no rows at all are left out."""
    totals = sums[:, inside].sum(axis=1)
    values = {"rows": totals[0]}
    if totals[0] > 0:
        values |= {part: value / totals[0] for part, value in zip(_PARTS, totals, strict=True)}
        values["rows"] = totals[0]
    return [
        {"table": "stream", "metric": part, "slice": name, "value": float(value)}
        for part, value in values.items()
    ]


def _day(seen: Scene, day: int) -> Floats:
    """Expected sums of one day, shape (parts, cells)."""
    sums = [_strand(seen, scored) * scored.strand.weight for scored in seen.scored(day)]
    return np.asarray(float(seen.rates[day]) * np.sum(sums, axis=0))


def _strand(seen: Scene, scored: Scored) -> Floats:
    """Shares of one strand in each cell, shape (parts, cells)."""
    stream = stream_of(seen.world)
    fallback = scored.service[:, -1]
    served = seen.edges[:-1] >= special.logit(stream.threshold)
    constant = float(stream.positive >= stream.threshold)
    positive = fallback_right(seen, scored.strand)
    model = _answered(scored.mass, scored.right, served, coin=scored.strand.explored)
    spare = _answered(
        np.ones((len(fallback), 1)),
        positive[:, None],
        np.array([constant > 0]),
        coin=scored.strand.explored,
    )
    mixed = [(1 - fallback) * a + fallback * b for a, b in zip(model, spare, strict=True)]
    stated = (1 - fallback) * scored.stated + fallback * stream.positive
    nulls = np.full(len(fallback), float(scored.strand.nulled))
    return np.stack([np.ones(len(fallback)), *mixed, stated, fallback, nulls])


def _answered(
    mass: Floats, right: Floats, served: NDArray[np.bool_], *, coin: bool
) -> Sequence[Floats]:
    """Share of positive labels, of rows served positive, and of right answers, by cell."""
    positive = right.sum(axis=1)
    if coin:
        half = np.full(len(mass), 0.5)
        return positive, half, half
    hits = right[:, served].sum(axis=1) + (mass - right)[:, ~served].sum(axis=1)
    return positive, mass[:, served].sum(axis=1), hits
