"""Repeated: every graded run of both models with the item it is a run of."""

from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from shipcall.core import Absent, Reason
from shipcall.data.plan import Request
from shipcall.data.slices import encode
from shipcall.data.table import Table
from shipcall.stats.sample import Floats, Ints

_ORDER = ("cluster", "unit", "repeat")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Repeated:
    """The runs of one metric, in the order of cluster, item and repeat."""

    names: tuple[str, ...]
    """Name of every item, by its code."""
    item: Ints
    """Code of the item of each line; shape (lines,)."""
    cluster: Ints
    """Code of the cluster of each line; shape (lines,)."""
    baseline: Floats
    """Grade of the baseline's run, NaN where it is lost; shape (lines,)."""
    candidate: Floats
    """Grade of the candidate's run of the same number; shape (lines,)."""


def repeated(table: Table, request: Request, column: str) -> Repeated | Absent:
    """Fetch every run of one metric.

    Args:
        table: A table of scores.
        request: Names the metric; lines are not sliced.
        column: What is read of a run: `value`, or a measure such as latency_ms.

    Returns:
        The runs; Absent where the table has no such column.

    Raises:
        EvidenceError: If the table cannot be read as what it claims to be.
    """
    view = table.paired(request.options.name)
    if f"baseline_{column}" not in view.columns:
        detail = f"the evidence has no column {column!r}"
        return Absent(reason=Reason.WRONG_COLUMNS, detail=detail)
    keys = {name: view[name] for name in _ORDER}
    values = {arm: view[f"{arm}_{column}"].cast("float64") for arm in ("baseline", "candidate")}
    fetched = table.engine.fetch(view.select(**keys, **values), table.what)
    order = pc.sort_indices(fetched, sort_keys=[(name, "ascending") for name in _ORDER])
    sorted_ = fetched.take(order)
    items, clusters = encode(sorted_["unit"]), encode(sorted_["cluster"])
    before, after = (
        np.asarray(sorted_[arm].to_numpy(), dtype=np.float64) for arm in ("baseline", "candidate")
    )
    return Repeated(
        names=tuple(str(name) for name in items.values.to_pylist()),
        item=items.codes.astype(np.int64, copy=False),
        cluster=clusters.codes.astype(np.int64, copy=False),
        baseline=before,
        candidate=after,
    )
