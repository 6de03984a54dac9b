"""Weights: how heavy the rows of a table are, and tables whose weights no metric reads."""

from collections.abc import Collection, Iterable

from shipcall.core import Absent, Reason
from shipcall.data.cells import as_number
from shipcall.data.connect import Engine
from shipcall.data.plan import Request, sliced_by
from shipcall.data.views import Bound

WEIGHT = "weight"
"""Column that says how many rows a row stands for."""


def heaviest_weight(bound: Bound, engine: Engine) -> float:
    """Find the greatest weight of a row; 1 where rows have none.

    Args:
        bound: Predictions whose weights were checked: finite and above zero.
        engine: Where the table is.
    """
    if not bound.parts.has(WEIGHT):
        return 1.0
    t = bound.table
    weight = as_number(bound.parts.cell(t, WEIGHT))
    greatest = engine.row(t.aggregate(greatest=weight.max()), bound.source.path)["greatest"]
    return 1.0 if greatest is None else float(greatest)


def named_in(requests: Iterable[Request]) -> set[str]:
    """Columns of the files that requests slice by or measure."""
    requests = tuple(requests)
    named = {name for r in requests for name in (r.options.column, r.options.per) if name}
    return named | sliced_by(requests)


def unread_weight(bound: Bound, named: Collection[str] = ()) -> Absent | None:
    """Refuse a table with weights in a format whose metrics take all rows alike.

    A number of such a table would be taken for a weighted one.

    Args:
        bound: Any table; of predictions the weights are read.
        named: Columns that are sliced by or measured: a column named here is no weight.
    """
    if WEIGHT in bound.parts.format.names or WEIGHT not in bound.parts.slices or WEIGHT in named:
        return None
    name = bound.parts.format.name
    detail = (
        f"{bound.source.path} has a column 'weight', and metrics of {name} take all rows alike; "
        "only predictions are weighed. Leave the column out, or rename it if it is no weight"
    )
    return Absent(reason=Reason.NOT_MEASURABLE, detail=detail)
