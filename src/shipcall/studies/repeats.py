"""Repeats: what runs of one item tell, how to split money between items and runs, flaky items.

Twice as many runs of the same items never help as much as twice as many items; how much less is
one number, the agreement of two runs. Everything said here of other numbers of runs follows from
it, and so do the intervals.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from shipcall.core import Absent, Estimand, Estimate, Measured, Tails
from shipcall.stats.clusters import Clusters
from shipcall.stats.means import pair_estimate
from shipcall.stats.moments import pair_sample
from shipcall.stats.sample import Floats, Ints
from shipcall.stats.variance import Spread, spread_estimate
from shipcall.studies.study import Cell, Chart, Column, Line, Mark, Point, Study, Table

TRIED = (1, 2, 3, 4, 5, 6, 8, 10)
"""Numbers of runs of an item that are weighed."""
LISTED = 20
"""Most flaky items in the table."""
_SURE = 1.0 - 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Runs:
    """Graded runs of both models."""

    names: Sequence[str]
    """Name of every item, by its code."""
    item: Ints
    """Code of the item of each line; shape (lines,)."""
    cluster: Ints
    """Code of the cluster of each line; shape (lines,)."""
    baseline: Floats
    """Grades, NaN where a run is lost; shape (lines,)."""
    candidate: Floats


class Prices(NamedTuple):
    """What the next evaluation costs, as somebody states it, in one currency."""

    item: float
    """An item beside its runs: writing it, labelling it; not negative."""
    run: float
    """One run of both models with its grades; above 0."""


def repeats_study(runs: Runs, prices: Prices | None, title: str, unit: str, tails: Tails) -> Study:
    """Split the spread of graded runs into items and chance, and say what more runs would buy.

    Args:
        runs: Of both models; runs of one number need not belong together.
        prices: As stated, or None: then the price at which a run pays is given.
        title: Of the study.
        unit: Of the grades: share, or empty.
        tails: One-sided error level of each end of every interval.
    """
    rows = [
        _row(name, values, runs, tails, _limits(name, unit))
        for name, values in _series(runs).items()
    ]
    compared = rows[-1]
    agreement = compared.spread.agreement
    flaky = _flaky(runs)
    tables = [_parts_table(rows, unit)]
    charts: tuple[Chart, ...] = ()
    if isinstance(agreement, Estimate):
        tables.append(_budget_table(agreement, compared.each))
        charts = (_chart(agreement, compared.each, prices),)
    tables.append(_flaky_table(flaky))
    return Study(
        name="repeats",
        title=title,
        sentence=_sentence(compared, prices, flaky),
        questions=_questions(compared, prices),
        stated=()
        if prices is None
        else (f"an item costs {prices.item:g} beside its runs, a run of both {prices.run:g}",),
        tables=tuple(tables),
        charts=charts,
        notes=_notes(runs),
    )


class _Row(NamedTuple):
    """What repeats say of one series of values."""

    name: str
    items: int
    repeated: int
    each: float
    """Runs of an item, on average."""
    mean: Measured
    spread: Spread


def _series(runs: Runs) -> dict[str, Floats]:
    return {
        "baseline": runs.baseline,
        "candidate": runs.candidate,
        "difference": runs.candidate - runs.baseline,
    }


def _limits(name: str, unit: str) -> tuple[float, float] | None:
    """Say between what each value lies, where it is a share or a difference of two."""
    if unit != "share":
        return None
    return (-1.0, 1.0) if name == "difference" else (0.0, 1.0)


def _row(
    name: str, values: Floats, runs: Runs, tails: Tails, limits: tuple[float, float] | None
) -> _Row:
    there = np.isfinite(values)
    kept, items = values[there], Clusters.of(runs.item[there])
    ones = np.ones(kept.size)
    sample = pair_sample(kept, ones, kept, ones, Clusters.of(runs.cluster[there]), range=limits)
    return _Row(
        name=name,
        items=items.count,
        repeated=int(np.count_nonzero(items.sizes > 1)),
        each=items.rows / max(items.count, 1),
        mean=pair_estimate(sample, Estimand.CANDIDATE, tails),
        spread=spread_estimate(kept, items, tails),
    )


class _Change(NamedTuple):
    """What the error becomes, as a multiple of what it is, from the agreement r of two runs."""

    same_items: Callable[[float], float]
    same_runs: Callable[[float], float]
    pays: Callable[[float], float]
    """From so many runs' price of an item on, this number of runs beats one less."""


def _change(runs: int, each: float) -> _Change:
    """The variance of a mean over I items of m runs is proportional to (r + (1 - r) / m) / I."""

    def of(agreement: float, number: float) -> float:
        return agreement + (1.0 - agreement) / number

    return _Change(
        same_items=lambda r: math.sqrt(of(r, runs) / of(r, each)),
        same_runs=lambda r: math.sqrt(of(r, runs) * runs / (of(r, each) * each)),
        pays=lambda r: runs * (runs - 1) * r / (1.0 - r),
    )


def _carried(agreement: Estimate, value: Callable[[float], float]) -> Cell:
    """Carry the interval of the agreement over to something that moves one way with it.

    Where it does not move with it at all, it is plain arithmetic.
    """
    low, middle, high = (
        value(min(max(end, 0.0), _SURE)) for end in (agreement.low, agreement.value, agreement.high)
    )
    tails = agreement.tails
    if high < low:
        low, high, tails = high, low, Tails(tails.high, tails.low)
    if not low < high or math.isinf(middle):
        return None if math.isinf(middle) else middle
    method = "from the agreement of runs"
    return replace(agreement, value=middle, low=low, high=high, tails=tails, method=method)


def best_number(agreement: Estimate, prices: Prices) -> Cell:
    """Estimate how many runs of an item give the least error for the money; at least 1.

    sqrt(c_i (1 - r) / (c_r r)), which falls with the agreement r, so that its ends are those of
    the agreement: I items of m runs cost I (c_i + c_r m), and (r + (1 - r) / m) / I is least
    there (Cochran 1977, Sampling techniques, section 10.6).

    Args:
        agreement: Of two runs of one item.
        prices: As stated.

    Returns:
        An estimate; 1.0 where one run is best in any case; None where items are not seen to
        differ, so that no number is too great.
    """

    def best(agreed: float) -> float:
        if agreed <= 0:
            return math.inf if prices.item > 0 else 1.0
        return max(math.sqrt(prices.item * (1.0 - agreed) / (prices.run * agreed)), 1.0)

    return _carried(agreement, best)


def _parts_table(rows: Sequence[_Row], unit: str) -> Table:
    return Table(
        name="parts",
        title="Where the spread lies: between items, or between runs of one item",
        columns=(
            Column(name="of", title="of"),
            Column(name="items", title="items"),
            Column(name="repeated", title="with repeats"),
            Column(name="runs", title="runs of an item"),
            Column(name="mean", title="mean", unit=unit),
            Column(name="between", title="sd between items"),
            Column(name="within", title="sd of runs"),
            Column(name="agreement", title="agreement of two runs (ICC)"),
        ),
        rows=tuple(
            {
                "of": row.name,
                "items": row.items,
                "repeated": row.repeated,
                "runs": round(row.each, 2),
                "mean": row.mean,
                **row.spread._asdict(),
            }
            for row in rows
        ),
    )


def _budget_table(agreement: Estimate, each: float) -> Table:
    rows: list[dict[str, Cell]] = []
    for runs in TRIED:
        change = _change(runs, each)
        pays: Cell = None if runs == 1 else _carried(agreement, change.pays)
        rows.append(
            {
                "runs": runs,
                "same_items": _carried(agreement, change.same_items),
                "same_runs": _carried(agreement, change.same_runs),
                "pays": pays,
            }
        )
    return Table(
        name="budget",
        title="What another number of runs does to the error of the difference",
        columns=(
            Column(name="runs", title="runs of an item"),
            Column(name="same_items", title="error, same items: times"),
            Column(name="same_runs", title="error, as many runs in all: times"),
            Column(name="pays", title="pays where an item costs so many runs"),
        ),
        rows=tuple(rows),
    )


class _Flaky(NamedTuple):
    """An item whose runs of one model do not agree."""

    item: str
    model: str
    values: Floats


def _flaky(runs: Runs) -> list[_Flaky]:
    """Every item and model whose runs differ: the greatest variance first, then by name."""
    found = []
    for model, column in (("baseline", runs.baseline), ("candidate", runs.candidate)):
        there = np.flatnonzero(np.isfinite(column))
        there = there[np.argsort(runs.item[there], kind="stable")]
        codes, starts = np.unique(runs.item[there], return_index=True)
        groups = np.split(column[there], starts[1:])
        found += [
            _Flaky(runs.names[code], model, values)
            for code, values in zip(codes.tolist(), groups, strict=True)
            if values.size and values.min() < values.max()
        ]
    return sorted(found, key=lambda one: (-float(one.values.var()), one.item, one.model))


def _flaky_table(flaky: Sequence[_Flaky]) -> Table:
    return Table(
        name="flaky",
        title="Items whose runs do not agree, the most divided first",
        columns=(
            Column(name="item", title="item"),
            Column(name="model", title="model"),
            Column(name="runs", title="runs"),
            Column(name="mean", title="mean of its runs"),
            Column(name="least", title="least"),
            Column(name="most", title="greatest"),
        ),
        rows=tuple(
            {
                "item": one.item,
                "model": one.model,
                "runs": one.values.size,
                "mean": round(float(one.values.mean()), 4),
                "least": float(one.values.min()),
                "most": float(one.values.max()),
            }
            for one in flaky[:LISTED]
        ),
    )


def _chart(agreement: Estimate, each: float, prices: Prices | None) -> Chart:
    marks = [Mark(x=each, title="now")]
    if prices is not None:
        best = best_number(agreement, prices)
        value = best.value if isinstance(best, Estimate) else best
        if isinstance(value, float) and value <= TRIED[-1]:
            marks.append(Mark(x=value, title="best for the money"))
    more, fewer = (
        tuple(_point(runs, agreement, each, which) for runs in TRIED)
        for which in ("same_items", "same_runs")
    )
    return Chart(
        name="repeats",
        title="Error of the difference against runs of an item",
        says=f"With {TRIED[-1]} runs of the same items the error is {more[-1].y:.2g} times what "
        f"it is; with as many runs in all, on fewer items, {fewer[-1].y:.2g} times.",
        x_title="runs of an item",
        y_title="error, times",
        lines=(
            Line(title="same items", tone="candidate", points=more),
            Line(title="as many runs in all", tone="baseline", points=fewer),
        ),
        marks=tuple(marks),
    )


def _point(runs: int, agreement: Estimate, each: float, which: str) -> Point:
    cell = _carried(agreement, getattr(_change(runs, each), which))
    if isinstance(cell, Estimate):
        return Point(x=runs, y=cell.value, low=cell.low, high=cell.high)
    return Point(x=runs, y=cell if isinstance(cell, float) else 1.0)


def _sentence(compared: _Row, prices: Prices | None, flaky: Sequence[_Flaky]) -> str:
    agreement = compared.spread.agreement
    counts = [sum(one.model == model for one in flaky) for model in ("baseline", "candidate")]
    divided = f"{counts[0]:,} items of the baseline and {counts[1]:,} of the candidate have runs"
    divided += " that do not agree."
    if isinstance(agreement, Absent):
        why = f"{agreement.reason.sentence} {agreement.detail}."
        return f"Can't tell what repeats are worth. {why} {divided}"
    more = _carried(agreement, _change(2, 1.0).same_items)
    told = f"Two runs of an item instead of one make the error {_ranged(more)} times"
    told += f" what it was, twice as many items {math.sqrt(0.5):.2f} times. {divided}"
    if prices is None:
        return told
    best = best_number(agreement, prices)
    if best is None:
        return f"Items are not seen to differ, so runs are worth as much as items. {told}"
    return f"Best for the money: {_ranged(best)} runs of an item. {told}"


def _ranged(cell: Cell) -> str:
    """A number with its ends: "0.72 (0.71 to 0.74)"."""
    if not isinstance(cell, Estimate):
        return f"{cell:.2f}"
    high = "any number" if math.isinf(cell.high) else f"{cell.high:.2f}"
    return f"{cell.value:.2f} ({cell.low:.2f} to {high})"


def _questions(compared: _Row, prices: Prices | None) -> tuple[str, ...]:
    asked = []
    if not compared.repeated:
        asked.append("Were items run more than once? Number the runs in a column `repeat`.")
    if prices is None:
        asked.append(
            "What does an item cost beside its runs, and what a run of both models? Say it with "
            "--item-price and --run-price."
        )
    return tuple(asked)


def _notes(runs: Runs) -> tuple[str, ...]:
    lost = int(np.count_nonzero(~(np.isfinite(runs.baseline) & np.isfinite(runs.candidate))))
    notes = [
        "Runs of one item have to be runs: answers from a cache repeat themselves and look sure.",
        (
            "Errors of another number of runs follow from the agreement of the difference alone; "
            "items count as independent."
        ),
    ]
    if lost:
        notes.append(f"{lost:,} runs without a grade of both models are left out.")
    return tuple(notes)
