"""Metrics of running a model: how long it takes and what it costs."""

from collections.abc import Mapping
from typing import Any

from shipcall.metrics.metric import Metric, Options, Statistic

_ARMS = ("baseline", "candidate")


def _values(t: Any, options: Options) -> Mapping[str, Any]:
    column = options.column or "value"
    return {f"value_{arm}": t[f"{arm}_{column}"] for arm in ("baseline", "candidate")}


def _price(t: Any, options: Options) -> Mapping[str, Any]:
    columns: dict[str, Any] = {}
    for arm in ("baseline", "candidate"):
        price = t[f"{arm}_{options.column or 'cost'}"]
        columns |= {f"num_{arm}": price, f"den_{arm}": price.notnull().cast("float64")}
    return columns


def _timed_out(t: Any, options: Options) -> Mapping[str, Any]:
    """1 where the answer took too long or none came; a run that did not fail needs a time."""
    columns: dict[str, Any] = {}
    for arm in _ARMS:
        late = (t[f"{arm}_{options.column}"] >= options.threshold).cast("float64")
        if f"{arm}_error" in t.columns:
            late = (t[f"{arm}_error"] == 1).ifelse(1.0, late)
        columns |= _counted(arm, late)
    return columns


def _fell_back(t: Any, options: Options) -> Mapping[str, Any]:
    columns: dict[str, Any] = {}
    for arm in _ARMS:
        columns |= _counted(arm, (t[f"{arm}_{options.column}"] >= 0.5).cast("float64"))
    return columns


def _counted(arm: str, value: Any) -> dict[str, Any]:
    return {f"num_{arm}": value, f"den_{arm}": value.notnull().cast("float64")}


def _price_per(t: Any, options: Options) -> Mapping[str, Any]:
    columns: dict[str, Any] = {}
    for arm in _ARMS:
        units = t[f"{arm}_{options.per}"]
        columns[f"num_{arm}"] = t[f"{arm}_{options.column}"]
        columns[f"den_{arm}"] = (units >= 0).ifelse(units, None)
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

TIMEOUT_SHARE = Metric(
    kind="timeout_share",
    title="Time-out share",
    doc="Share of answers that took `threshold` or longer by `column` (latency_ms), or that never "
    "came: a run that ended in model_error counts as one, whatever its time. "
    "Paired; exact bounds where time-outs are rare. It says nothing about how late the others "
    "are: look at a high quantile beside it.",
    formats=("scores", "shadow_pairs"),
    statistic=Statistic.RATIO,
    rows=_timed_out,
    binary=True,
    better="lower",
    column="latency_ms",
    options=("threshold", "column", "name"),
    required=("threshold",),
)

FALLBACK_SHARE = Metric(
    kind="fallback_share",
    title="Fallback share",
    doc="Share of live requests that something else than the model answered: `column` (fallback) "
    "is 0 or 1 and stands in the files as NAME_baseline and NAME_candidate. A request without it "
    "is lost, not answered. Paired; exact bounds where fallbacks are rare.",
    formats=("shadow_pairs",),
    statistic=Statistic.RATIO,
    rows=_fell_back,
    binary=True,
    better="lower",
    column="fallback",
    options=("column",),
)

UNIT_COST = Metric(
    kind="unit_cost",
    title="Cost per unit",
    doc="Sum of `column` (cost, tokens, latency_ms) over the sum of `per` (value for graded "
    "successes, tokens): what one success or one token costs. One ratio of sums for each model on "
    "the same clusters (delta method); both sums move together, so dividing two means that were "
    "bounded apart would be wrong. Fewer than 30 units of `per` for either model are no data, and "
    "so are lost runs, which nothing bounds, and a negative `per`.",
    formats=("scores", "shadow_pairs"),
    statistic=Statistic.RATIO,
    rows=_price_per,
    range=None,
    better="lower",
    options=("column", "per", "name", "unit"),
    required=("column", "per"),
)
