"""Metrics of running a model: how long it takes and what it costs."""

from collections.abc import Mapping
from typing import Any

from shipcall.metrics.metric import Metric, Options, Statistic


def _values(t: Any, options: Options) -> Mapping[str, Any]:
    column = options.column or "value"
    return {f"value_{arm}": t[f"{arm}_{column}"] for arm in ("baseline", "candidate")}


def _price(t: Any, options: Options) -> Mapping[str, Any]:
    columns: dict[str, Any] = {}
    for arm in ("baseline", "candidate"):
        price = t[f"{arm}_{options.column or 'cost'}"]
        columns |= {f"num_{arm}": price, f"den_{arm}": price.notnull().cast("float64")}
    return columns


QUANTILE = Metric(
    kind="quantile",
    title="Quantile",
    doc="The `q` quantile of `column` (latency_ms, cost, tokens, or the grade). Order statistics "
    "where every cluster has one run: a p99 needs 299 of them for a one-sided 95 % bound, fewer "
    "are no data. Repeats are clustered (Woodruff). On shadow pairs an operations metric reads "
    "latency_ms unasked.",
    formats=("scores", "shadow_pairs"),
    statistic=Statistic.QUANTILE,
    rows=_values,
    range=None,
    better="lower",
    options=("q", "column", "name", "unit"),
    required=("q",),
)

COST = Metric(
    kind="cost",
    title="Cost",
    doc="Mean price of an answer to a live request, in the unit of the column. Without a declared "
    "`range` requests without a price cannot be filled, so they leave no data. A mean hides what a "
    "few long answers cost: look at a high quantile of cost beside it.",
    formats=("shadow_pairs",),
    statistic=Statistic.RATIO,
    rows=_price,
    range=None,
    better="lower",
    options=("column", "range"),
)
