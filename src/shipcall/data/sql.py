"""SQL: what one check would ask of a database, in words that a database understands."""

from collections.abc import Sequence
from typing import Any

import ibis

from shipcall.core import Slice
from shipcall.data.plan import Request
from shipcall.metrics import METRICS, Options

_LINES = {
    "predictions": "predictions_by_item",
    "scores": "scores_by_run",
    "shadow_pairs": "pairs_by_request",
    "rankings": "rankings_by_query",
    "preferences": "preferences_by_comparison",
}
"""Format -> what its lines are called once both models stand side by side."""


def summing_sql(  # noqa: PLR0913 - what a query depends on
    view: Any,
    request: Request,
    options: Options,
    part: Slice,
    sliced: Sequence[str],
    *,
    dialect: str = "duckdb",
) -> str:
    """Write the query that sums what one check needs.

    Its table has one line for each item with what both models did there. Ratios come summed by
    cluster, from which value and variance follow; other statistics come line by line.

    Args:
        view: Lines with cluster and the slice columns s0, s1, …; only its columns are used.
        request: How the metric is measured, and on which table.
        options: Of the metric, completed by what the evidence holds.
        part: The slice; its columns stand in the query by their names.
        sliced: Names of s0, s1, …
        dialect: Any that the engine's compiler knows.
    """
    names = {f"s{i}": name for i, name in enumerate(sliced)}
    taken = set(view.columns)
    names = {s: name if name not in taken else f"slice_{name}" for s, name in names.items()}
    columns = {names.get(name, name): kind for name, kind in view.schema().items()}
    lines = ibis.table(columns, name=_LINES.get(request.evidence, request.evidence))
    for column, level in part.pairs:
        lines = lines.filter(lines[names[f"s{list(sliced).index(column)}"]] == level)
    wanted = METRICS[request.kind].rows(lines, options)
    if all(name.startswith(("num_", "den_")) for name in wanted):
        sums = {name: column.sum() for name, column in wanted.items()}
        query = lines.group_by("cluster").aggregate(**sums).order_by("cluster")
    else:
        query = lines.select("cluster", **wanted)
    return str(ibis.to_sql(query, dialect=dialect))
