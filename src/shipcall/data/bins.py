"""Bins: rows placed on sealed edges in the engine, for quantiles.

A bin is found by a logarithm and then corrected by comparing with the edges themselves, so that
it is the very bin of `numpy.searchsorted` whatever the last bit of the logarithm.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import ibis

from shipcall.data.cells import exactly
from shipcall.stats.sequential.epochs import Cell
from shipcall.stats.sequential.exceedance import Arms, Masses, log_edges

LEAST, GREATEST, ERROR = 1e-3, 1e7, 0.01
"""Edges where no range is declared, and width of a bin over its lower edge."""
ONE = 2**30
"""Mass of a unit."""


def edges_of(range_: tuple[float, float] | None) -> tuple[float, ...]:
    """Lay the edges for a metric: over its declared range, a bin at most 1 % wide.

    A range that begins at zero or below has its first edge at 0.001, or a millionth of its end if
    that is less; values up to there share a bin.
    """
    low, high = range_ or (LEAST, GREATEST)
    if not 0 < high < math.inf:
        low, high = LEAST, GREATEST
    least = low if low > 0 else min(LEAST, high * 1e-6)
    return log_edges(least, high, ERROR) if least < high else log_edges(high / 2, high, ERROR)


def bin_of(value: Any, edges: Sequence[float]) -> Any:
    """Number of edges below a value: an expression of the engine.

    Args:
        value: Column of float64.
        edges: Ascending, on a logarithmic scale, > 0.
    """
    laid = ibis.literal(",".join(map(repr, edges))).split(",").cast("array<float64>")
    width = math.log(edges[-1] / edges[0]) / (len(edges) - 1)
    above = ibis.greatest(value, exactly(edges[0]))
    guess = (above / exactly(edges[0])).ln() / exactly(width)
    first = ibis.least(ibis.greatest(guess.floor().cast("int64") - 1, 0), len(edges) - 1)
    found = first
    for ahead in range(3):
        found = found + (laid[first + ahead] < value).fill_null(False).cast("int64")
    return found


def masses_of(
    edges: tuple[float, ...], lines: Sequence[Mapping[str, Any]], cells: Sequence[Mapping[str, Any]]
) -> Masses:
    """Make the state from grouped masses.

    Args:
        edges: As in `bin_of`.
        lines: epoch, step, chance, candidate, bin and mass.
        cells: epoch, step, chance, candidate and `empty`: units whose value is zero because they
            have no row.
    """
    nothing = [0] * (len(edges) + 1)
    found: dict[Cell, tuple[list[int], list[int]]] = {}
    zeros = [{**cell, "bin": 0, "mass": cell["empty"] * ONE} for cell in cells if cell["empty"]]
    for line in (*lines, *zeros):
        cell = Cell(line["epoch"], line["step"], line["chance"])
        arms = found.setdefault(cell, (nothing.copy(), nothing.copy()))
        arms[bool(line["candidate"])][line["bin"]] += int(line["mass"])
    return Masses(
        edges=edges,
        cells={cell: Arms(*map(tuple, arms)) for cell, arms in sorted(found.items())},
    )
