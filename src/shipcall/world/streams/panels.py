"""Panels: how many rows of each kind a stream holds, and the law of these counts.

Rows come independently, so counts of kinds are Poisson, whatever is counted together: days or
windows, slices, scores, labels. Their rates are exact but for one integral, that of the chance
of the label over the score inside a bin, which is a Gauss rule of 16 nodes in the score and of
15 in what the score does not know of the truth.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy import special

from shipcall.world.chance.draws import CHUNK, Floats, Ints, generator
from shipcall.world.chance.laws import Poisson
from shipcall.world.faults.catalogue import strength, weekend
from shipcall.world.people.cells import Cells, cells, latency_ms
from shipcall.world.people.traffic import clock, days
from shipcall.world.streams.regime import Strand, known_pull, odds, seen_through, strands, stream_of
from shipcall.world.truth import World

AGES = (1.0, 2.0, 4.0, math.inf)
"""Days after the day of the row until which its label came, for the four ages of a label."""
SERVICES = ("fast", "usual", "slow", "fallback")
"""Faster than the median of a usual day; than its 95 % quantile; than the timeout; fallback."""
OUTCOMES = (*tuple(f"{label} at age {age}" for label in (0, 1) for age in range(4)), "unlabelled")
_SHARES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
_WHO = ("known", "new", "bot")
_OUTER = np.polynomial.legendre.leggauss(16)
_INNER = np.polynomial.hermite_e.hermegauss(15)
"""Nodes and weights over the score, and over what the score does not know."""
_REACH = 9.0
"""Standard deviations beyond which no score is looked for."""
_LEAST = 1e-9


class Index(NamedTuple):
    """Score and truth of the rows of a strand: a bivariate normal law in each cell."""

    stated: Floats
    """Mean stated log odds, shape (cells,)."""
    spread: float
    """Their standard deviation inside a cell."""
    true: Floats
    """Mean true log odds, shape (cells,)."""
    slope: float
    """What one stated log odds more says of the true ones."""
    rest: float
    """Standard deviation of the true log odds at one stated value."""


class Scored(NamedTuple):
    """Where the scores of a strand lie, and how often the label is positive there."""

    strand: Strand
    mass: Floats
    """Share of the rows in each bin, shape (cells, bins)."""
    right: Floats
    """Share of the rows in each bin with a positive true label, shape (cells, bins)."""
    stated: Floats
    """Mean stated probability, shape (cells,)."""
    service: Floats
    """Share of each service, shape (cells, services)."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What the panels and the rows of one stream share."""

    world: World
    cells: Cells
    edges: Floats
    """Stated log odds at which the bins end, from -inf to inf, shape (bins + 1,)."""
    fallback_bin: int
    versions: tuple[str, ...]
    rates: Floats
    """Rows of a usual day, by weekday and season, shape (days,)."""
    parts: int
    """Chunks of one day."""
    memo: dict[tuple[float, ...], list[Scored]] = field(default_factory=dict)

    def scored(self, day: int) -> list[Scored]:
        """Score the strands of one day; days on which the same is wrong are scored once."""
        key = self._regime(day)
        if key not in self.memo:
            mixture = strands(self.world, self.cells, day)
            self.memo[key] = [_scored(self, strand) for strand in mixture]
        return self.memo[key]

    def regimes(self, window: Sequence[int]) -> Mapping[tuple[float, ...], list[int]]:
        """Sort days by what is wrong on them."""
        sorted_days: dict[tuple[float, ...], list[int]] = {}
        for day in window:
            sorted_days.setdefault(self._regime(day), []).append(day)
        return sorted_days

    def _regime(self, day: int) -> tuple[float, ...]:
        strengths = [strength(fault, self.world, day) for fault in self.world.fault]
        return (*strengths, float(weekend(self.world, day)))

    @property
    def sizes(self) -> dict[str, int]:
        """Axis of a panel -> its length."""
        return {
            "who": len(_WHO),
            "version": len(self.versions),
            "explored": 2,
            "nulled": 2,
            "copied": 2,
            "cell": len(self.cells),
            "source": len(self.world.labels.sources),
            "service": len(SERVICES),
            "score": len(self.edges) - 1,
            "outcome": len(OUTCOMES),
        }


def scene(world: World) -> Scene:
    """Lay out the stream of a world; the same world is laid out once."""
    return _scene(world.model_dump_json())


@lru_cache(maxsize=64)
def _scene(text: str) -> Scene:
    world = World.model_validate_json(text)
    stream = stream_of(world)
    shares = sorted({*_SHARES, stream.threshold} - {0.0, 1.0})
    edges = np.concatenate([[-np.inf], special.logit(shares), [np.inf]])
    busy = clock(world).busy(np.arange(0.0, 24.0 * days(world) + 1, 24.0))
    rates = stream.rows_per_day * np.diff(busy)
    suffixes = ["+1" * n for n in range(sum(f.kind == "serving_change" for f in world.fault) + 1)]
    fallback = float(special.logit(stream.positive))
    return Scene(
        world=world,
        cells=cells(world),
        edges=edges,
        fallback_bin=int(np.searchsorted(edges, fallback, side="right")) - 1,
        versions=tuple(
            dict.fromkeys(name + s for s in suffixes for name in (world.baseline, world.candidate))
        ),
        rates=rates,
        parts=max(1, math.ceil(float(rates.max()) / CHUNK)),
    )


def stream_law(world: World, windows: Sequence[Sequence[int]], axes: Sequence[str]) -> Poisson:
    """Give the law of the counts of rows.

    Args:
        world: A world with a stream.
        windows: Days of each window, counted from the start of the world.
        axes: What the rows are told apart by, some of `Scene.sizes` in their order. Rows that
            differ in nothing else are counted together.

    Returns:
        Rates of shape (windows, *lengths of the axes).
    """
    seen = scene(world)
    shape = [seen.sizes[axis] for axis in axes]
    rates = np.zeros((len(windows), *shape))
    for number, window in enumerate(windows):
        for some in seen.regimes(window).values():
            for scored in seen.scored(some[0]):
                expected = [
                    rate * outcomes(seen, scored.strand, d) for d, rate in _rated(seen, some)
                ]
                rates[(number, *_place(seen, scored.strand, axes))] += _summed(
                    seen, scored, np.sum(expected, axis=0), axes
                )
    return Poisson(rates)


def stream_counts(world: World, windows: Sequence[Sequence[int]], axes: Sequence[str]) -> Ints:
    """Count the rows that `stream.TABLE` writes, without writing them; shaped as the law."""
    seen = scene(world)
    shape = [seen.sizes[axis] for axis in axes]
    counts = np.zeros((len(windows), *shape), dtype=np.int64)
    kept = [place for place, axis in enumerate(_INSIDE) if axis in axes]
    summed = tuple(place for place in range(len(_INSIDE)) if place not in kept)
    for number, window in enumerate(windows):
        for day in window:
            for part in range(seen.parts):
                for scored, drawn in part_counts(seen, day, part):
                    place = _place(seen, scored.strand, axes)
                    counts[(number, *place)] += drawn.sum(axis=summed)
    return counts


def part_counts(seen: Scene, day: int, part: int) -> list[tuple[Scored, Ints]]:
    """Draw how many rows of each kind one part of a day holds, for each strand.

    Returns:
        Counts of shape (cells, sources, services, bins, outcomes) for each strand.
    """
    rng = generator(seen.world, "panels", "stream", day, part)
    rate = float(seen.rates[day]) / seen.parts
    drawn = []
    for scored in seen.scored(day):
        rates = rate * _summed(seen, scored, outcomes(seen, scored.strand, day), _INSIDE)
        drawn.append((scored, rng.poisson(np.maximum(rates, 0.0))))
    return drawn


def delays(seen: Scene, strand: Strand, day_ends: Floats) -> Floats:
    """Chance that a label came so many days after the day of its row."""
    labels = seen.world.labels
    median = max(labels.delay_days * strand.later, _LEAST)
    with np.errstate(divide="ignore"):
        z = (np.log(day_ends) - math.log(median)) / max(labels.delay_spread, _LEAST)
    return np.asarray(special.ndtr(z))


def remaining(seen: Scene, day: int) -> int:
    """Whole days of the world that follow a day: what was reported later is not in its files."""
    return len(seen.rates) - day - 1


def outcomes(seen: Scene, strand: Strand, day: int) -> Floats:
    """Chance of each outcome by source and true label, shape (sources, 2, outcomes)."""
    ends = np.minimum(np.array([0.0, *AGES]), remaining(seen, day))
    ages = np.diff(delays(seen, strand, ends))
    said = np.stack([ages, ages * seen.world.labels.reported])
    chances = np.zeros((strand.flips.size, 2, len(OUTCOMES)))
    for true in (0, 1):
        for label in (0, 1):
            share = strand.flips if label != true else 1 - strand.flips
            chances[:, true, 4 * label : 4 * label + 4] = share[:, None] * said[label]
    chances[:, :, -1] = 1 - chances[:, :, :-1].sum(axis=2)
    return chances


def index(world: World, found: Cells, strand: Strand) -> Index:
    """Tell how the score and the truth of a strand go together, in every cell."""
    model = world.model_of(strand.arm)
    usual = model.sharpness * known_pull(world)
    weights, shift = seen_through(strand)
    loading = usual * weights * strand.spread
    spread = float(np.sqrt((loading**2).sum()))
    own = strand.pull * strand.spread
    shared = 0.0 if strand.stale else float(loading @ own)
    slope = shared / spread**2 if spread > 0 else 0.0
    rest = math.sqrt(max(0.0, float((own**2).sum()) - slope * shared))
    base = model.sharpness * odds(world, found) + model.tilt + strand.tilt
    return Index(
        stated=base + float(usual @ (weights * strand.mean + shift)),
        spread=max(spread, _LEAST),
        true=strand.odds + float(strand.pull @ strand.mean),
        slope=slope,
        rest=rest,
    )


def services(seen: Scene, strand: Strand) -> Floats:
    """Share of each service in each cell, shape (cells, services)."""
    below = faster(seen, strand, service_ends(seen))
    answered = (1 - stream_of(seen.world).fallback) * np.diff(below, axis=1)
    return np.column_stack([answered, 1 - answered.sum(axis=1)])


def service_ends(seen: Scene) -> Floats:
    """Latencies at which services end: 0, median, 95 % quantile, timeout; in milliseconds."""
    stream = stream_of(seen.world)
    model = seen.world.model_of(stream.model)
    high = model.latency_ms * math.exp(model.latency_spread * float(special.ndtri(0.95)))
    return np.minimum([0.0, model.latency_ms, high, stream.timeout_ms], stream.timeout_ms)


def faster(seen: Scene, strand: Strand, ends: Floats) -> Floats:
    """Chance of an answer before each of some latencies, shape (cells, ends)."""
    model = seen.world.model_of(strand.arm)
    median = strand.slower * latency_ms(seen.world, strand.arm, seen.cells)
    with np.errstate(divide="ignore"):
        z = (np.log(ends) - np.log(median)[:, None]) / model.latency_spread
    return np.asarray(special.ndtr(z))


_INSIDE = ("cell", "source", "service", "score", "outcome")
"""Axes inside a strand; the others are the same for all its rows."""


def _rated(seen: Scene, some: Sequence[int]) -> list[tuple[int, float]]:
    return [(day, float(seen.rates[day])) for day in some]


def _place(seen: Scene, strand: Strand, axes: Sequence[str]) -> tuple[int, ...]:
    places = {
        "who": _WHO.index(strand.who),
        "version": seen.versions.index(strand.version),
        "explored": int(strand.explored),
        "nulled": int(strand.nulled),
        "copied": int(strand.copied),
    }
    return tuple(places[axis] for axis in axes if axis in places)


def _summed(seen: Scene, scored: Scored, chances: Floats, axes: Sequence[str]) -> Floats:
    """Sum the kinds of one strand over what is not asked for, per row of a usual day."""
    weights = np.array(list(seen.world.labels.sources.values()))
    source = weights / weights.sum()
    model, fallback = scored.service.copy(), scored.service.copy()
    model[:, -1], fallback[:, :-1] = 0.0, 0.0
    constant = np.zeros_like(scored.mass)
    constant[:, seen.fallback_bin] = 1.0
    positive = constant * fallback_right(seen, scored.strand)[:, None]
    more = chances[:, 1] - chances[:, 0]
    letters = dict(zip(_INSIDE, "csvno", strict=True))
    form = "c,s,cv,cn,so->" + "".join(letters[axis] for axis in axes if axis in letters)
    total = np.zeros(())
    for share, mass, right in (
        (model, scored.mass, scored.right),
        (fallback, constant, positive),
    ):
        weight = scored.strand.weight
        total = total + np.einsum(form, weight, source, share, mass, chances[:, 0], optimize=True)
        total = total + np.einsum(form, weight, source, share, right, more, optimize=True)
    return total


def favoured(seen: Scene, strand: Strand, edges: Floats) -> Floats:
    """Log odds added for scores from these edges on: those of what the model serves positive."""
    served = edges >= special.logit(stream_of(seen.world).threshold)
    return np.where(served, 0.0 if strand.explored else strand.favour, 0.0)


def _scored(seen: Scene, strand: Strand) -> Scored:
    law = index(seen.world, seen.cells, strand)
    z = (seen.edges - law.stated[:, None]) / law.spread
    mass = _between(z[:, :-1], z[:, 1:])
    low, high = np.clip(z[:, :-1], -_REACH, _REACH), np.clip(z[:, 1:], -_REACH, _REACH)
    nodes, weights = _OUTER
    at = (low + high)[..., None] / 2 + (high - low)[..., None] / 2 * nodes
    heavy = weights * np.exp(-0.5 * (at**2 - (at**2).min(axis=-1, keepdims=True)))
    heavy = heavy / heavy.sum(axis=-1, keepdims=True)
    added = favoured(seen, strand, seen.edges[:-1])[:, None]
    true = law.true[:, None, None] + law.slope * law.spread * at + added
    stated = special.expit(law.stated[:, None, None] + law.spread * at)
    return Scored(
        strand=strand,
        mass=mass,
        right=mass * (heavy * _positive(true, law.rest)).sum(axis=-1),
        stated=(mass * (heavy * stated).sum(axis=-1)).sum(axis=-1),
        service=services(seen, strand),
    )


def _between(low: Floats, high: Floats) -> Floats:
    """Normal chance of a range, exact in both tails."""
    flip = low > 0
    return np.asarray(
        np.where(
            flip, special.ndtr(-low) - special.ndtr(-high), special.ndtr(high) - special.ndtr(low)
        )
    )


def _positive(mean: Floats, spread: float) -> Floats:
    """Mean chance of a positive label where its log odds are normal."""
    if spread == 0:
        return np.asarray(special.expit(mean))
    nodes, weights = _INNER
    return np.asarray(special.expit(mean[..., None] + spread * nodes) @ (weights / weights.sum()))


def fallback_right(seen: Scene, strand: Strand) -> Floats:
    """Chance of a positive true label where the fallback answers, shape (cells,)."""
    law = index(seen.world, seen.cells, strand)
    edge = np.array([special.logit(stream_of(seen.world).positive)])
    added = float(favoured(seen, strand, edge)[0])
    whole = math.hypot(law.rest, law.slope * law.spread)
    return _positive(law.true + added, whole)
