"""Passes: what is asked of a table too long to hold, summed in passes over blocks of its lines.

The engine puts the lines in order and spills what it cannot hold; from there on nothing is kept
per line, but where a statistic needs the order of its numbers (see `PASSED`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from shipcall.core import Absent, Slice
from shipcall.data.connect import Engine
from shipcall.data.kernel import ORDER, Frame, Lines, Quantities, no_column, placing, refusal
from shipcall.data.slices import Codes, arranged, lines_of
from shipcall.data.spool import Columns, Spool, spooled
from shipcall.metrics import METRICS, Statistic
from shipcall.stats.calibration import quantile_edges, width_edges
from shipcall.stats.clusters import Clusters
from shipcall.stats.passes.balanced import BalancedPasses
from shipcall.stats.passes.bins import BinPasses
from shipcall.stats.passes.lines import LinePasses
from shipcall.stats.passes.pairs import PairPasses
from shipcall.stats.passes.precision import PrecisionPasses
from shipcall.stats.passes.preference import PreferencePasses
from shipcall.stats.passes.quantiles import QuantilePasses
from shipcall.stats.passes.ranks import RankPasses
from shipcall.stats.roots import root_sample
from shipcall.stats.sample import Floats, Lost, PairSample, Sample


class Room(NamedTuple):
    """How much of a table is held at once."""

    rows: int = 1_000_000
    """Of more rows than this, sums are taken in passes over blocks on disk."""
    block: int = 500_000
    """Lines of a block."""


HOLDING = frozenset({Statistic.RANKS, Statistic.AVERAGE_PRECISION, Statistic.QUANTILE})
"""Statistics of an order: they hold numbers, so slices of one column are summed at a time."""
PASSED = HOLDING | {
    Statistic.RATIO,
    Statistic.ROOT,
    Statistic.BINS,
    Statistic.BALANCED,
    Statistic.PREFERENCE,
    Statistic.SLOPE,
    Statistic.INTERCEPT,
}
"""Statistics that can be summed in passes. Beyond a block, BINS hold the baseline's confidences
until their quantiles are known (16 bytes a row for a moment, 40 where rows have weights), RANKS
the scores (16 bytes a row, 24 for a moment; with weights 32 and 56), AVERAGE_PRECISION what is
known at the scores of positive rows (80 bytes for each of those, 120 for a moment), QUANTILE the
values and their clusters, also in the sample (32 bytes a row, for all rows and for the slices of
each column; 56 for a moment), the others nothing."""


_ONE_BIN = np.array([0.0, 1.0])
"""Edges where there is no row to take quantiles of."""


def can_pass(quantities: Quantities) -> bool:
    """Can a request be summed in passes?"""
    return quantities.request.statistic in PASSED


class Passes(Protocol):
    """A statistic that is summed in two passes; the first may have to be taken several times."""

    def first(self, columns: Mapping[str, Floats], clusters: Clusters) -> None:
        """See a block before what it contributes can be told."""

    def settle(self) -> bool:
        """Go on once all blocks were seen; False where `first` has to see them all again."""

    def second(self, columns: Mapping[str, Floats], clusters: Clusters) -> None:
        """See a block for the last time."""

    def sample(self, lost: Lost) -> Sample:
        """Give the sample of all blocks."""


_OTHER: Mapping[Statistic, Callable[..., Passes]] = {
    Statistic.RANKS: RankPasses,
    Statistic.AVERAGE_PRECISION: PrecisionPasses,
    Statistic.PREFERENCE: PreferencePasses,
    Statistic.SLOPE: partial(LinePasses, slope=True),
    Statistic.INTERCEPT: partial(LinePasses, slope=False),
}
"""Statistics that need to know of nothing but whether joint methods ask for contributions."""


@dataclass(slots=True)
class _Part:
    """One request on one slice."""

    asked: int
    """Place of the request among all."""
    part: Slice
    passes: Passes
    lines: int = 0
    usable: int = 0


def sum_in_passes(  # noqa: PLR0913 - one query, and where it comes from
    view: Any,
    asked: Sequence[Quantities],
    sliced: Sequence[str],
    engine: Engine,
    what: str,
    *,
    unfound: int,
    block: int,
) -> dict[tuple[str, Slice], Sample | Absent]:
    """Sum every request on every slice it asks for, holding one block of lines at a time.

    Gives what `kernel.project` and `kernel.sum_up` give, to about ten digits, where contributions
    of clusters are kept in buckets.

    Args:
        view: Lines with cluster, unit, repeat and slices s0, s1, …
        asked: Requests that `can_pass`.
        sliced: Names of the slice columns, in the order of s0, s1, …
        engine: Where the view lives.
        what: Names the evidence in an error.
        unfound: Lines that were promised and are nowhere.
        block: Lines of a block; one with a cluster of more lines is as large as the cluster.
    """
    named, placed = placing(asked)
    levels = {name: f"s{i}" for i, name in enumerate(sliced)}
    taken = view.select(
        **{name: view[name] for name in (*ORDER, *levels.values())}, **named
    ).order_by(list(ORDER))
    wanted = taken.select("cluster", *levels.values(), *named)
    batches = engine.batches(wanted, what)
    with spooled(batches, tuple(named), tuple(levels.values()), block=block, what=what) as spool:
        return _Table(spool, asked, placed, levels, unfound).samples()


class _Table:
    """Spooled lines and what is asked of them."""

    def __init__(
        self,
        spool: Spool,
        asked: Sequence[Quantities],
        placed: Sequence[Mapping[str, str]],
        levels: Mapping[str, str],
        unfound: int,
    ) -> None:
        self._spool, self._asked, self._placed = spool, asked, placed
        self._levels, self._unfound = levels, unfound

    def samples(self) -> dict[tuple[str, Slice], Sample | Absent]:
        found: dict[tuple[str, Slice], Sample | Absent] = {}
        groups: dict[tuple[str, ...], list[_Part]] = {}
        for place, (request, _, _) in enumerate(self._asked):
            edges = self._edges(place)
            for part in request.slices:
                if not set(part.columns) <= set(self._levels):
                    found[request.metric, part] = no_column(part)
                    continue
                held = request.statistic in HOLDING
                group = groups.setdefault(tuple(part.columns) if held else (), [])
                group.append(_Part(place, part, self._passes(place, edges)))
        for members in groups.values():
            self._run(members)
            for one in members:
                found[self._asked[one.asked].request.metric, one.part] = self._sample(one)
            members.clear()
        return found

    def _passes(self, place: int, edges: Floats) -> Passes:
        request, options, _ = self._asked[place]
        metric = METRICS[request.kind]
        if request.statistic is Statistic.BINS:
            return BinPasses(edges)
        if request.statistic is Statistic.BALANCED:
            return BalancedPasses(classes=len(options.sides), influence=request.influence)
        if request.statistic is Statistic.QUANTILE:
            return QuantilePasses(q=options.q or 0.5)
        if request.statistic in _OTHER:
            return _OTHER[request.statistic](influence=request.influence)
        return PairPasses(
            range=options.range or metric.range,
            binary=metric.binary,
            influence=request.influence,
            amounts=metric.amounts,
        )

    def _edges(self, place: int) -> Floats:
        """Edges of calibration bins: from the baseline, once for all slices and both models."""
        request, options, _ = self._asked[place]
        if request.statistic is not Statistic.BINS:
            return np.empty(0)
        if options.binning == "width":
            return width_edges(options.bins)
        names, pieces = self._placed[place], []
        for block in self._spool.blocks():
            columns = {name: block[at] for name, at in names.items()}
            read = [columns[name] for name in ("confidence_baseline", "weight") if name in columns]
            usable = _usable(columns)
            pieces.append([one[usable].astype(np.float64, copy=False) for one in read])
        held = [np.concatenate(column) for column in zip(*pieces, strict=True)]
        pieces.clear()
        return quantile_edges(held[0], options.bins, *held[1:]) if held[0].size else _ONE_BIN

    def _run(self, members: Sequence[_Part]) -> None:
        unsettled = list(members)
        while unsettled:
            for one, _, kept in self._seen(unsettled):
                if kept.size:
                    one.passes.first(kept.gather(self._columns(one, kept)), kept.clusters)
            unsettled = [one for one in unsettled if not one.passes.settle()]
        for one, lines, kept in self._seen(members):
            one.lines += lines
            one.usable += kept.size
            if kept.size:
                one.passes.second(kept.gather(self._columns(one, kept)), kept.clusters)

    def _seen(self, members: Sequence[_Part]) -> Iterator[tuple[_Part, int, Lines]]:
        for block in self._spool.blocks():
            yield from self._parts(block, members)

    @staticmethod
    def _columns(one: _Part, lines: Lines) -> Mapping[str, Floats]:
        return lines.frame.columns[one.asked]

    def _parts(
        self, block: Columns, members: Sequence[_Part]
    ) -> Iterator[tuple[_Part, int, Lines]]:
        """Say of each member which lines of a block are in its slice, and on which it counts."""
        frame = self._frame(block, {one.asked for one in members})
        usable = {one: _usable(frame.columns[one]) for one in {one.asked for one in members}}
        by_part: dict[Slice, list[_Part]] = {}
        for one in members:
            by_part.setdefault(one.part, []).append(one)
        for part, ones in by_part.items():
            lines = Lines(frame, lines_of(part, frame.slices) if part.pairs else None)
            for one in ones:
                yield one, lines.size, lines.usable(usable[one.asked])

    def _frame(self, block: Columns, asked: set[int]) -> Frame:
        places = sorted({at for one in asked for at in self._placed[one].values()})
        held = {at: block[at] for at in places}
        return Frame(
            clusters=block["cluster"],
            units=pa.chunked_array([], pa.string()),
            runs=None,
            columns=[
                {name: held[at] for name, at in names.items()} if place in asked else {}
                for place, names in enumerate(self._placed)
            ],
            slices={
                name: arranged(Codes(block[at], self._spool.levels[at]))
                for name, at in self._levels.items()
            },
        )

    def _sample(self, one: _Part) -> Sample | Absent:
        request, options, _ = self._asked[one.asked]
        refused = refusal(options.name, one.part, one.lines, one.usable)
        if refused is not None:
            return refused
        metric = METRICS[request.kind]
        possible = (options.range or metric.range) if metric.fills else None
        lost = Lost(rows=one.lines - one.usable + self._unfound, range=possible)
        summed = one.passes.sample(lost)
        if request.statistic is Statistic.ROOT and isinstance(summed, PairSample):
            return root_sample(summed)
        return summed


def _usable(columns: Mapping[str, Floats]) -> NDArray[np.bool_]:
    usable: NDArray[np.bool_] = np.all([np.isfinite(one) for one in columns.values()], axis=0)
    return usable
