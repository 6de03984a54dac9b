"""Examples: the rows behind one number, for people to read: losses, wins, ties and lost rows.

What a row is worth comes from the metric's own quantities, so that what is listed as a loss is
what lowered the number. Rows of equal worth stand in the order of a hash of their unit: a sample
that depends on the names alone, the same on every machine and every page.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import ibis

from shipcall.core import Estimand, Slice
from shipcall.data.cells import is_not_finite
from shipcall.data.connect import Engine
from shipcall.data.plan import Request
from shipcall.data.sources import ARMS
from shipcall.metrics import Options, Statistic

GROUPS = ("losses", "wins", "ties", "lost")
UNCOUNTED = "uncounted"
SEED = "shipcall-examples-1"
"""Stands before a unit when it is hashed; another seed would list others of equal worth."""
_SAME = 1e-12


class Wanted(NamedTuple):
    """Which rows a person wants to see."""

    group: str
    """One of GROUPS."""
    first: int
    """Rows before those that are wanted."""
    rows: int
    """Most rows."""
    unit: str = ""
    """A text in the name of the unit, whatever its case; empty for all."""


class Example(NamedTuple):
    """One row: what each model did there, and what it is worth to the candidate."""

    unit: str
    repeat: str
    worth: float | None
    """What the number gains by the candidate's answer here, positive is better; None: lost."""
    values: Mapping[str, float | None]
    """Quantity -> what the metric read from this row; None where there is nothing."""


class Examples(NamedTuple):
    """Some rows of one group, and how many every group has."""

    counts: Mapping[str, int]
    """Group -> rows of the slice, of whatever unit; `uncounted`: rows that are no part of the
    number, such as negatives in a recall."""
    found: int
    """Rows of the wanted group and units."""
    rows: tuple[Example, ...]


def worth(
    columns: Mapping[str, Any], request: Request, options: Options, estimand: Estimand, at: float
) -> Any:
    """Say what one row is worth to the candidate, positive is better, from its quantities.

    A ratio: the first order of what the number gains when this row's answer of the baseline is
    exchanged for the candidate's, up to a factor: with V = A / B, dV = (dA - V dB) / B. The
    candidate's own value: how far the row lies from it, in the same units. Confidence: by how
    much the candidate's lies closer to the outcome. Ranks: by how much of all rows the score
    rises where it should. Quantiles: the difference of the two values. Comparisons: won or not.

    Args:
        columns: Name -> expression, as the metric gave them.
        request: Which statistic they are for.
        options: Which direction is better.
        estimand: The candidate's own value, or a comparison.
        at: The value around which a ratio is taken: the baseline's, or the candidate's own.

    Returns:
        The expression; None where one row by itself has no worth.
    """
    gain = _gain(columns, request, estimand, at)
    ordered = "score_candidate" in columns or "confidence_candidate" in columns
    return gain if gain is None or ordered or options.better == "higher" else -gain


def _gain(columns: Mapping[str, Any], request: Request, estimand: Estimand, at: float) -> Any:
    """How much higher the candidate's row is; scores and confidence: how much better."""
    if "score_candidate" in columns:
        moved = _rank(columns["score_candidate"]) - _rank(columns["score_baseline"])
        return moved * (2.0 * columns["label"] - 1.0)
    if "won" in columns:
        return columns["won"] - 0.5
    if "confidence_candidate" in columns:
        one, other = (
            (columns[f"confidence_{arm}"] - columns[f"outcome_{arm}"]).abs() for arm in ARMS
        )
        return one - other
    for name in ("value", "shown"):
        if f"{name}_candidate" in columns:
            return columns[f"{name}_candidate"] - columns[f"{name}_baseline"]
    if "num_candidate" not in columns:
        return None
    return _of_ratio(columns, estimand, at * at if request.statistic is Statistic.ROOT else at)


def _of_ratio(columns: Mapping[str, Any], estimand: Estimand, at: float) -> Any:
    candidate = columns["num_candidate"] - at * columns["den_candidate"]
    if estimand is Estimand.CANDIDATE:
        return candidate
    return candidate - (columns["num_baseline"] - at * columns["den_baseline"])


def _rank(score: Any) -> Any:
    """Share of the other rows that lie below, over all rows of the table."""
    return score.percent_rank()


def examples(  # noqa: PLR0913 - what a list of rows depends on
    view: Any,
    columns: Mapping[str, Any],
    value: Any,
    inside: Any,
    wanted: Wanted,
    *,
    engine: Engine,
    what: str,
) -> Examples:
    """List rows of one group on one slice.

    Args:
        view: Lines with unit and repeat.
        columns: Name -> expression over the view, as the metric gave it.
        value: From `worth`.
        inside: Does a line of the view belong to the slice?
        wanted: Which rows.
        engine: Where the view lives.
        what: Names the evidence in an error.
    """
    quantities = {f"q{i}": column.cast("float64") for i, column in enumerate(columns.values())}
    lines = view.select("unit", "repeat", inside=inside, worth=value.cast("float64"), **quantities)
    lines = lines.filter(lines.inside)
    lines = lines.mutate(
        group=_group(lines, list(columns)),
        lot=(ibis.literal(SEED) + lines.unit).hexdigest("md5"),
    )
    counted = engine.fetch(lines.group_by("group").aggregate(n=lines.count()), what).to_pylist()
    counts = dict.fromkeys((*GROUPS, UNCOUNTED), 0)
    counts |= {row["group"]: int(row["n"]) for row in counted}
    chosen = lines.filter(lines.group == wanted.group)
    found = counts[wanted.group]
    if wanted.unit:
        chosen = chosen.filter(chosen.unit.lower().contains(wanted.unit.lower()))
        found = int(engine.row(chosen.aggregate(n=chosen.count()), what)["n"])
    ordered = chosen.order_by([*_order(chosen, wanted.group), chosen.lot, chosen.repeat])
    rows = engine.fetch(ordered.limit(wanted.rows, offset=wanted.first), what).to_pylist()
    shown = tuple(_example(row, list(columns), wanted.group) for row in rows)
    return Examples(counts, found, shown)


def _group(lines: Any, columns: Sequence[str]) -> Any:
    """Name the group of each line; a line with a quantity that is not there is lost."""
    lost, counts = ibis.literal(False), ibis.literal(False)
    for i, name in enumerate(columns):
        lost |= lines[f"q{i}"].isnull() | is_not_finite(lines[f"q{i}"])
        if name.startswith("den_"):
            counts |= lines[f"q{i}"] != 0
    ratio = any(name.startswith("den_") for name in columns)
    return ibis.cases(
        (lost, "lost"),
        (ibis.literal(ratio) & ~counts, UNCOUNTED),
        (lines.worth < -_SAME, "losses"),
        (lines.worth > _SAME, "wins"),
        else_="ties",
    )


def _order(lines: Any, group: str) -> list[Any]:
    """The worst losses and the best wins come first; ties and lost rows as the hash has them."""
    if group == "losses":
        return [lines.worth.round(12)]
    return [lines.worth.round(12).desc()] if group == "wins" else []


def within(view: Any, part: Slice, sliced: Sequence[str]) -> Any:
    """Does a line belong to a slice?

    Args:
        view: With the slice columns s0, s1, …
        part: The slice.
        sliced: Names of s0, s1, …
    """
    inside = ibis.literal(True)
    for column, level in part.pairs:
        inside &= view[f"s{list(sliced).index(column)}"] == level
    return inside


def _example(row: Mapping[str, Any], columns: Sequence[str], group: str) -> Example:
    return Example(
        unit=row["unit"],
        repeat=row["repeat"],
        worth=None if group == "lost" else row["worth"],
        values={name: row[f"q{i}"] for i, name in enumerate(columns)},
    )
