"""Served: the rows that one model served, day by day, with all that goes wrong in them.

    counts of kinds (panels) -> score, features -> label, its delay, latency, moment

The counts are drawn first; then, for every row, features are proposed until one agrees with the
kind it has to be. Rows so drawn follow the stated law exactly, and their counts are the panel.
"""

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import special

from shipcall.formats.monitoring import STREAM
from shipcall.world.chance.draws import Floats, Ints, Rng, Table, generator
from shipcall.world.chance.names import chosen, constant, ordered
from shipcall.world.people.cells import latency_ms
from shipcall.world.people.traffic import clock, days, moments
from shipcall.world.streams.panels import (
    AGES,
    OUTCOMES,
    SERVICES,
    Scene,
    Scored,
    delays,
    faster,
    favoured,
    index,
    outcomes,
    part_counts,
    remaining,
    scene,
    service_ends,
)
from shipcall.world.streams.regime import Strand, known_pull, seen_through, stream_of
from shipcall.world.truth import World

BOTS = 6
"""Units from which all bots come."""
_PROPOSALS = 8_000
_MOST_TRIES = 512
_UNLABELLED = len(OUTCOMES) - 1
_FALLBACK = len(SERVICES) - 1


class Kinds(NamedTuple):
    """What was drawn of each row before anything else, shape (rows,) each."""

    cell: Ints
    source: Ints
    service: Ints
    score: Ints
    outcome: Ints


class Features(NamedTuple):
    """Score and features of rows."""

    stated: Floats
    """Log odds that the model stated, shape (rows,)."""
    served: Floats
    """Features as served, shape (rows, features)."""
    real: Floats
    """Features as they are, shape (rows, features)."""


def rows(world: World, chunk: int) -> pa.Table:
    """Draw the rows of one chunk: a part of one day, in the order in which they were served."""
    seen = scene(world)
    day, part = divmod(chunk, seen.parts)
    drawn, numbers, count = [], [], 0
    for strand, (scored, counts) in enumerate(part_counts(seen, day, part)):
        rng = generator(world, "stream", day, part, strand)
        table = _strand_rows(seen, scored, counts, (day, part), rng)
        again = 1 + scored.strand.copied
        numbers.append(count + np.tile(np.arange(len(table)), again))
        drawn += [table] * again
        count += len(table)
    whole = pa.concat_tables(drawn)
    order = np.argsort(whole["at"].to_numpy(), kind="stable")
    request = _by_appearance(np.concatenate(numbers)[order])
    named = _joined(f"r{day}-{part}-", request)
    return whole.take(pa.array(order)).combine_chunks().add_column(1, "request", named)


def _strand_rows(
    seen: Scene, scored: Scored, counts: Ints, when: tuple[int, int], rng: Rng
) -> pa.Table:
    day, part = when
    kinds = Kinds(*(np.repeat(axis, counts[counts > 0]) for axis in np.nonzero(counts)))
    features = _features(seen, scored.strand, kinds, day, rng)
    busy = clock(seen.world)
    first, last = busy.busy(np.array([24.0 * day, 24.0 * (day + 1)]))
    share = (part + rng.random(kinds.cell.size)) / seen.parts
    at = moments(seen.world, busy.when(first + share * (last - first)))
    columns = {
        "at": _times(at),
        "unit": _units(seen.world, scored.strand, kinds, day, rng),
        "version": constant(scored.strand.version, kinds.cell.size),
        **_answers(seen, scored.strand, kinds, features, rng),
        **_labels(seen, scored.strand, kinds, day, rng),
        "source": chosen(list(seen.world.labels.sources), kinds.source),
        **_service(seen, scored.strand, kinds, rng),
        **_inputs(seen.world, scored.strand, features, rng),
        **seen.cells.texts(kinds.cell),
    }
    return ordered(STREAM, columns)


def _features(seen: Scene, strand: Strand, kinds: Kinds, day: int, rng: Rng) -> Features:
    """Propose score and features within the bin until the outcome agrees."""
    law = index(seen.world, seen.cells, strand)
    low = np.where(kinds.service == _FALLBACK, -np.inf, seen.edges[kinds.score])
    high = np.where(kinds.service == _FALLBACK, np.inf, seen.edges[kinds.score + 1])
    chances = outcomes(seen, strand, day)[kinds.source, :, kinds.outcome]
    constant = np.array([special.logit(stream_of(seen.world).positive)])
    size = strand.mean.size
    found = Features(np.empty(low.size), np.empty((low.size, size)), np.empty((low.size, size)))
    left = np.arange(low.size)
    while left.size:
        tries = min(_MOST_TRIES, max(1, _PROPOSALS // left.size))
        some = np.repeat(left, tries)
        stated = _within(low[some], high[some], law.stated[kinds.cell[some]], law.spread, rng)
        told = (stated - law.stated[kinds.cell[some]]) / law.spread
        unlike = _given(seen.world, strand, told, rng)
        real = rng.normal(size=unlike.shape) if strand.stale else unlike
        answered = np.where(kinds.service[some] == _FALLBACK, constant, stated)
        true = (
            strand.odds[kinds.cell[some]]
            + (strand.mean + strand.spread * real) @ strand.pull
            + favoured(seen, strand, answered)
        )
        right = special.expit(true)
        chance = (1 - right) * chances[some, 0] + right * chances[some, 1]
        taken = np.flatnonzero(rng.random(some.size) * chances[some].max(axis=1) < chance)
        agreed, first = np.unique(some[taken], return_index=True)
        chosen = taken[first]
        found.stated[agreed] = answered[chosen]
        found.served[agreed] = strand.mean + strand.spread * unlike[chosen]
        found.real[agreed] = strand.mean + strand.spread * real[chosen]
        left = np.setdiff1d(left, agreed, assume_unique=True)
    return found


def _within(low: Floats, high: Floats, mean: Floats, spread: float, rng: Rng) -> Floats:
    """Draw from a normal law inside a range; the last place of the range belongs to the next."""
    below, above = (low - mean) / spread, (high - mean) / spread
    flip = below > 0
    first = special.ndtr(np.where(flip, -above, below))
    last = special.ndtr(np.where(flip, -below, above))
    z = special.ndtri(first + rng.random(low.size) * (last - first))
    value = mean + spread * np.where(flip, -z, z)
    return np.asarray(np.clip(value, low, np.nextafter(high, -np.inf)))


def _given(world: World, strand: Strand, told: Floats, rng: Rng) -> Floats:
    """Draw standard features whose weighted sum, as the model reads it, is given in its spread."""
    weights, _ = seen_through(strand)
    loading = known_pull(world) * weights * strand.spread
    unlike: Floats = rng.normal(size=(told.size, loading.size))
    length = float(np.sqrt((loading**2).sum()))
    if length == 0:
        return unlike
    direction = loading / length
    told_of = unlike @ direction
    return np.asarray(unlike + (told - told_of)[:, None] * direction)


def _answers(
    seen: Scene, strand: Strand, kinds: Kinds, features: Features, rng: Rng
) -> dict[str, pa.Array]:
    stream = stream_of(seen.world)
    said = (features.stated >= special.logit(stream.threshold)).astype(np.int64)
    if strand.explored:
        said = (rng.random(said.size) < 0.5).astype(np.int64)
    answers = {
        "prediction": pa.array(said),
        "score": pa.array(special.expit(features.stated)),
        "fallback": pa.array((kinds.service == _FALLBACK).astype(np.int64)),
    }
    if stream.exploration:
        answers["explored"] = pa.array(np.full(said.size, int(strand.explored)))
    return answers


def _labels(seen: Scene, strand: Strand, kinds: Kinds, day: int, rng: Rng) -> dict[str, pa.Array]:
    """Give label and the moment it became known; null where it was not known in time.

    The delay is counted from the end of the day on which the row was served.
    """
    labels, late = seen.world.labels, remaining(seen, day)
    unknown = kinds.outcome == _UNLABELLED
    age = np.where(unknown, 0, kinds.outcome % 4)
    ends = np.minimum(np.array([0.0, *AGES]), late)
    first, last = delays(seen, strand, ends)[age], delays(seen, strand, ends)[age + 1]
    z = special.ndtri(first + rng.random(age.size) * (last - first))
    with np.errstate(over="ignore", invalid="ignore"):
        delay = labels.delay_days * strand.later * np.exp(max(labels.delay_spread, 1e-9) * z)
    delay = np.where(unknown, 0.0, np.clip(delay, ends[age], np.nextafter(ends[age + 1], 0.0)))
    known = moments(seen.world, 24.0 * (day + 1 + delay))
    return {
        "label": pa.array(np.where(unknown, 0, kinds.outcome // 4), mask=unknown),
        "label_at": _times(known, unknown),
    }


def _service(seen: Scene, strand: Strand, kinds: Kinds, rng: Rng) -> dict[str, pa.Array]:
    """Give the latency: inside its service, or the timeout itself."""
    stream = stream_of(seen.world)
    ends = service_ends(seen)
    below = faster(seen, strand, ends)[kinds.cell]
    place, whole = np.arange(kinds.cell.size), kinds.service == _FALLBACK
    low = np.where(whole, 0, kinds.service)
    high = np.where(whole, len(ends) - 1, kinds.service + 1)
    first, last = below[place, low], below[place, high]
    cut = (1 - stream.fallback) * (1 - below[:, -1])
    out = whole & (rng.random(place.size) * (cut + stream.fallback) < cut)
    shares = first + rng.random(place.size) * (last - first)
    latency = np.clip(_latency(seen, strand, shares, kinds.cell), ends[low], ends[high])
    return {"latency_ms": pa.array(np.where(out, stream.timeout_ms, latency))}


def _latency(seen: Scene, strand: Strand, shares: Floats, cell: Ints) -> Floats:
    model = seen.world.model_of(strand.arm)
    median = strand.slower * latency_ms(seen.world, strand.arm, seen.cells)[cell]
    return np.asarray(median * np.exp(model.latency_spread * special.ndtri(shares)))


def _inputs(world: World, strand: Strand, features: Features, rng: Rng) -> dict[str, pa.Array]:
    stream = stream_of(world)
    served = features.served * strand.scale
    if strand.who == "new":
        served[:, 0] = 0.0
    columns = {f"x{number + 1}": pa.array(x) for number, x in enumerate(served.T)}
    if strand.nulled:
        columns["x1"] = pa.nulls(len(served), pa.float64())
    if stream.recomputed:
        mask = rng.random(len(served)) >= stream.recomputed
        again = features.real.copy()
        if strand.who == "new":
            again[:, 0] = 0.0
        for number, x in enumerate(again.T):
            columns[f"x{number + 1}_recomputed"] = pa.array(x, mask=mask)
    return columns


def _units(world: World, strand: Strand, kinds: Kinds, day: int, rng: Rng) -> pa.Array:
    size = kinds.cell.size
    if strand.who == "known":
        return _joined("u", rng.integers(world.people.count, size=size))
    if strand.who == "bot":
        return _joined("b", rng.integers(BOTS, size=size))
    return _joined(f"n{day}-", rng.integers(2**40, size=size))


def _by_appearance(numbers: Ints) -> Ints:
    """Number things by the order in which they first stand there."""
    _, first, thing = np.unique(numbers, return_index=True, return_inverse=True)
    rank = np.empty_like(first)
    rank[np.argsort(first)] = np.arange(first.size)
    return np.asarray(rank[thing])


def _joined(start: str, numbers: Ints) -> pa.Array:
    return pc.binary_join_element_wise(start, pa.array(numbers).cast(pa.string()), "")


def _times(micros: Ints, absent: Any = None) -> pa.Array:
    return pa.array(micros, mask=absent).cast(pa.timestamp("us", tz="UTC"))


TABLE = Table(
    format="stream",
    asked=lambda world: world.stream is not None,
    chunks=lambda world: days(world) * scene(world).parts,
    rows=rows,
)
