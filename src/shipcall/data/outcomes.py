"""Outcomes: the units of a rollout whose windows have closed, summed by epoch in the engine."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import ibis

from shipcall.core import Absent, Reason, Slice
from shipcall.data.bins import ONE, bin_of, edges_of, masses_of
from shipcall.data.cells import as_micros, as_number, as_text, exactly, is_one_of
from shipcall.data.exposures import Exposures
from shipcall.data.facts import Counted
from shipcall.data.faults import Trouble, refuse
from shipcall.data.ramp import Entered, OutcomeRequest, States
from shipcall.data.silence import HOUR, End, closes, ends, window_of
from shipcall.data.views import Bound
from shipcall.stats.sequential.epochs import STEP, Cell, Epochs, Pair, Sums

KEYS = ("epoch", "step", "chance", "candidate")
"""What tells the cells of a state apart, and the arms within them."""
_ONE = round(1.0 / STEP)
_FINER = 2.0**10
"""Rows are rounded on a grid so much finer than units, so that a mean of them is rounded once."""
_MOST = 2.0**30
"""Squares of greater values would not add up exactly on the grid."""

Line = Mapping[str, Any]
"""One group, as fetched."""
_Key = tuple[str, ...]
"""Levels of a slice, in the order of its columns."""


def entered(bound: Bound, shown: Exposures, requests: Sequence[OutcomeRequest]) -> States:
    """Sum what every request asks for, grouped in the engine.

    Args:
        bound: The table of outcomes.
        shown: The exposures until the time of the verdict, with the slice columns asked for.
        requests: Metrics on slices, each metric once.

    Returns:
        One entry for every metric and slice. A slice by a column that is not there and one to
        which no unit belongs are absent.

    Raises:
        EvidenceError: On a value that is too large to be summed exactly.
    """
    rows = outcome_rows(bound, shown.as_of)
    known = ends(rows, shown, requests, bound.source.path) if requests else {}
    found: dict[tuple[str, Slice], Entered | Absent] = {}
    for request in requests:
        metric = _Metric(request, _usable(rows, request), shown, known[request.metric], bound)
        states = metric.states()
        found |= {(request.metric, part): states[part] for part in request.slices}
    return found


def outcome_rows(bound: Bound, as_of: int) -> Any:
    """Every outcome until a moment: unit, metric, at (microseconds) and value, null where lost."""
    t, parts = bound.table, bound.parts
    cell = parts.cell(t, "value")
    known = ~is_one_of(cell, bound.source.sentinels)
    view = t.select(
        unit=as_text(parts.cell(t, "unit")),
        metric=as_text(parts.cell(t, "metric")),
        at=as_micros(parts.cell(t, "at")),
        value=known.ifelse(as_number(cell), ibis.null("float64")),
    )
    return view.filter(view["at"] <= as_of)


def _usable(rows: Any, request: OutcomeRequest) -> Any:
    """The rows of one metric; a value outside its range is null, and `outside` says so."""
    t = rows.filter(rows.metric == request.name)
    outside = ibis.literal(False)
    if request.range is not None:
        low, high = request.range
        outside = ((t.value < exactly(low)) | (t.value > exactly(high))).fill_null(False)
    t = t.mutate(outside=outside)
    return t.mutate(value=t.outside.ifelse(ibis.null("float64"), t.value))


def grid_of(request: OutcomeRequest) -> float:
    """Step of the grid: `STEP`, and finer by a power of two where the range lies within one."""
    greatest = max(map(abs, request.range)) if request.range else 1.0
    if request.per_unit in ("any", "sum") or not 0 < greatest < 1:
        return STEP
    return math.ldexp(STEP, math.frexp(greatest)[1])


@dataclass(frozen=True)
class _Fold:
    """Rows of one unit in its window, as columns of a joined relation."""

    value: Any
    at: Any
    step: float
    threshold: float

    @property
    def steps(self) -> Any:
        """Values on the finer grid; integers, so that sums do not depend on the order of rows."""
        return (self.value * exactly(_FINER / self.step)).cast("int64")

    def any(self) -> Any:
        """One if some value reaches the threshold."""
        return (self.value >= exactly(self.threshold)).any().ifelse(_ONE, 0)

    def sum(self) -> Any:
        """All values together."""
        return (self.steps.sum().cast("float64") / _FINER).cast("int64")

    def mean(self) -> Any:
        """The mean value."""
        return (self.steps.sum().cast("float64") / self.value.count() / _FINER).cast("int64")

    def last(self) -> Any:
        """The latest value; the greatest of those that came at the same time."""
        latest = ibis.struct({"at": self.at, "steps": self.steps}).max(where=self.value.notnull())
        return (latest["steps"].cast("float64") / _FINER).cast("int64")


_FOLDS: Mapping[str, Callable[[_Fold], Any]] = {
    "any": _Fold.any,
    "sum": _Fold.sum,
    "mean": _Fold.mean,
    "last": _Fold.last,
}


class _Tally(NamedTuple):
    """What is wrong with the rows of a metric, whoever's they are."""

    out_of_range: Counted
    duplicates: Counted


class _Groups(NamedTuple):
    """What is grouped by slices; expressions."""

    units: Any
    """Units that are due, folded."""
    waiting: Any
    """Units that are not."""
    moved: Any
    bins: Any
    """Mass by bin; None unless a quantile is asked for."""


@dataclass(frozen=True)
class _Metric:
    """One request, its rows and what is known of its end."""

    request: OutcomeRequest
    rows: Any
    shown: Exposures
    end: End
    bound: Bound

    @property
    def what(self) -> str:
        return self.bound.source.path

    def states(self) -> Mapping[Slice, Entered | Absent]:
        """Every slice that is asked for, with one query for each set of columns."""
        cuts: dict[tuple[str, ...], list[Slice]] = {}
        found: dict[Slice, Entered | Absent] = {}
        for part in self.request.slices:
            cuts.setdefault(part.columns, []).append(part)
        tally = self._tally()
        units = self._due()
        folded = self._folded(units.filter(units.due))
        groups = _Groups(
            units=folded,
            waiting=units.filter(~units.due),
            moved=self._moved(units.filter(units.due & units.both)),
            bins=self._binned(folded) if self.request.quantile else None,
        )
        for columns, parts in cuts.items():
            unknown = [name for name in columns if name not in self.shown.sliced]
            if unknown:
                detail = f"{self.shown.what} has no column {unknown[0]!r}"
                found |= dict.fromkeys(parts, Absent(reason=Reason.WRONG_COLUMNS, detail=detail))
            else:
                cut = _Cut(self, columns, parts)
                found |= cut.states(groups, tally)
        return found

    def _tally(self) -> _Tally:
        t, engine = self.rows, self.shown.engine
        seen = engine.row(
            t.aggregate(
                outside=t.outside.sum(),
                example=t.unit.min(where=t.outside),
                greatest=t.value.abs().max(),
            ),
            self.what,
        )
        if (seen["greatest"] or 0) >= _MOST and not self.request.quantile:
            raise refuse(
                Trouble.NOT_A_NUMBER,
                self.what,
                seen=f"a value of {seen['greatest']:g} of metric {self.request.name!r}",
                expected=f"values below {_MOST:g}",
                fix="Log it in a larger unit, or declare its range so that it counts as lost.",
            )
        keyed = t.group_by("unit", "at").aggregate(n=t.count())
        keyed = keyed.filter(keyed.n > 1)
        twice = engine.row(keyed.aggregate(rows=keyed.n.sum(), example=keyed.unit.min()), self.what)
        return _Tally(
            Counted(seen["outside"] or 0, seen["example"]),
            Counted(int(twice["rows"] or 0), twice["example"]),
        )

    def _due(self) -> Any:
        """The units that enter at all; `due` where the windows of their whole epoch closed."""
        window, length = window_of(self.request), self.request.epoch_hours * HOUR
        t = self.shown.entries.filter(self.shown.entries.enters)
        opens = t["at"] - t["at"] % length
        return t.select(
            *("unit", "step", "chance", "candidate", "both", "at", *self.shown.levels),
            epoch=(opens // length).cast("int64"),
            until=closes(t["at"], window),
            due=opens + length + window <= self.end.horizon,
        )

    def _folded(self, units: Any) -> Any:
        """One line per unit that is due: its value on the grid, and whether that is lost."""
        request = self.request
        rows = self.rows.select(who="unit", when="at", value="value")
        within = [units.unit == rows.who, rows.when >= units["at"], rows.when <= units["until"]]
        t = units.left_join(rows, within)
        sums = {"y": ibis.null("int64")}
        if not request.quantile:
            fold = _Fold(t.value, t.when, grid_of(request), request.threshold)
            sums = {"y": _FOLDS[request.per_unit](fold)}
        kept = ("at", "until", "epoch", "chance", "candidate", *self.shown.levels)
        grouped = t.group_by("unit", "step").aggregate(
            **{name: t[name].arbitrary() for name in kept},
            rows=t.when.count(),
            known=t.value.count(),
            **sums,
        )
        nothing = ibis.literal(not request.zero)
        lost = (grouped.rows > grouped.known) | ((grouped.rows == 0) & nothing)
        y = lost.ifelse(ibis.null("int64"), grouped.y.fill_null(0)).cast("decimal(38, 0)")
        return self.shown.engine.keep("units", grouped.mutate(lost=lost, y=y), self.what)

    def _moved(self, units: Any) -> Any:
        """The units that are due and were shown the other arm in their window."""
        used = self.shown.used.select(who="unit", when="at", other="candidate")
        within = [
            units.unit == used.who,
            used.when >= units["at"],
            used.when <= units["until"],
            used.other != units.candidate,
        ]
        return self.shown.engine.keep("moved", units.semi_join(used, within), self.shown.what)

    def _binned(self, units: Any) -> Any:
        """The mass of the units that are not lost, each spread evenly over its rows, by bin."""
        rows = self.rows.select(who="unit", when="at", value="value")
        units = units.filter(~units.lost)
        within = [units.unit == rows.who, rows.when >= units["at"], rows.when <= units["until"]]
        t = units.join(rows, within)
        mass = (float(ONE) / t.rows).cast("int64")
        t = t.mutate(bin=bin_of(t.value, edges_of(self.request.range)), mass=mass)
        grouped = t.group_by(*KEYS, "bin", *self.shown.levels).aggregate(mass=t.mass.sum())
        return self.shown.engine.keep("bins", grouped, self.what)


@dataclass(frozen=True)
class _Cut:
    """Slices by the same columns."""

    metric: _Metric
    columns: tuple[str, ...]
    parts: Sequence[Slice]

    @property
    def levels(self) -> list[str]:
        """The columns in the tables of the engine."""
        return [f"s{self.metric.shown.sliced.index(name)}" for name in self.columns]

    def states(self, groups: _Groups, tally: _Tally) -> Mapping[Slice, Entered | Absent]:
        """Group what is asked for; only groups leave the engine."""
        units, waiting, moved, bins = groups
        sums = {
            "n": units.count(),
            "lost": units.lost.sum(),
            "empty": ((units.rows == 0) & ~units.lost).sum(),
            "y": units.y.sum(),
            "yy": (units.y * units.y).sum().cast("decimal(38, 0)"),
        }
        cells = self._grouped(units, KEYS, **sums)
        young = self._grouped(waiting, (), n=waiting.count())
        gone = self._grouped(moved, (), n=moved.count(), example=moved.unit.min())
        spread: Mapping[_Key, list[Line]] = {}
        if bins is not None:
            spread = self._grouped(bins, (*KEYS, "bin"), mass=bins.mass.sum())
        found: dict[Slice, Entered | Absent] = {}
        for part in self.parts:
            key = tuple(level for _, level in part.pairs)
            seen = _Seen(*(each.get(key, []) for each in (cells, young, gone, spread)))
            found[part] = self._state(seen, tally, part)
        return found

    def _grouped(self, t: Any, keys: Sequence[str], **sums: Any) -> Mapping[_Key, list[Line]]:
        """Group by levels and keys; levels -> lines, for the levels that are asked for."""
        by = [*self.levels, *keys]
        grouped = t.group_by(by).aggregate(**sums) if by else t.aggregate(**sums)
        for place, level in enumerate(self.levels):
            asked = sorted({part.pairs[place][1] for part in self.parts})
            grouped = grouped.filter(grouped[level].isin(asked))
        found: dict[_Key, list[Line]] = {}
        for line in self.metric.shown.engine.fetch(grouped, self.metric.what).to_pylist():
            found.setdefault(tuple(line[level] for level in self.levels), []).append(line)
        return found

    def _state(self, seen: "_Seen", tally: _Tally, part: Slice) -> Entered | Absent:
        maturing = sum(line["n"] for line in seen.waiting)
        if not maturing and not seen.cells:
            detail = f"no unit of {part} entered the rollout"
            return Absent(reason=Reason.NO_ROWS, detail=detail)
        request, end = self.metric.request, self.metric.end
        gone: Line = seen.moved[0] if seen.moved else {"n": 0, "example": None}
        masses = None
        if request.quantile:
            masses = masses_of(edges_of(request.range), seen.bins, seen.cells)
        return Entered(
            epochs=None if request.quantile else _epochs(seen.cells, grid_of(request)),
            masses=masses,
            missing=_missing(seen.cells),
            maturing=maturing,
            moved=Counted(gone["n"], gone["example"]),
            out_of_range=tally.out_of_range,
            duplicates=tally.duplicates,
            horizon=end.at,
            silent_hours=end.silent_hours,
        )


class _Seen(NamedTuple):
    """The groups of one slice."""

    cells: Sequence[Line]
    waiting: Sequence[Line]
    moved: Sequence[Line]
    bins: Sequence[Line]


def _epochs(lines: Sequence[Line], step: float) -> Epochs:
    """The outcomes of the units that have one."""
    return _summed(
        step,
        [
            (line, Sums(n=line["n"] - line["lost"], y=int(line["y"]), yy=int(line["yy"])))
            for line in lines
            if line["n"] > line["lost"]
        ],
    )


def _missing(lines: Sequence[Line]) -> Epochs:
    """One for each unit whose outcome is lost, zero for each that has one."""
    return _summed(
        STEP,
        [
            (line, Sums(n=line["n"], y=line["lost"] * _ONE, yy=line["lost"] * _ONE * _ONE))
            for line in lines
        ],
    )


def _summed(step: float, sums: Sequence[tuple[Line, Sums]]) -> Epochs:
    cells: dict[Cell, Pair] = {}
    for line, own in sums:
        cell = Cell(line["epoch"], line["step"], line["chance"])
        arm = "candidate" if line["candidate"] else "baseline"
        cells[cell] = cells.get(cell, Pair())._replace(**{arm: own})
    return Epochs(step=step, cells=dict(sorted(cells.items())))
