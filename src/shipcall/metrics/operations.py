"""Metrics of running a model."""

from collections.abc import Mapping
from typing import Any

from shipcall.metrics.metric import Metric, Options, Statistic


def _values(t: Any, options: Options) -> Mapping[str, Any]:
    column = options.column or "value"
    return {f"value_{arm}": t[f"{arm}_{column}"] for arm in ("baseline", "candidate")}


QUANTILE = Metric(
    kind="quantile",
    title="Quantile",
    doc="The `q` quantile of `column` (latency_ms, cost, tokens, or the grade). Order statistics "
    "where every cluster has one run: a p99 needs 299 of them for a one-sided 95 % bound, fewer "
    "are no data. Repeats are clustered (Woodruff).",
    formats=("scores",),
    statistic=Statistic.QUANTILE,
    rows=_values,
    range=None,
    better="lower",
    options=("q", "column", "name", "unit"),
    required=("q",),
)
