"""Metrics of graded runs: means, shares and reliability over repeats."""

from collections.abc import Mapping
from functools import reduce
from operator import mul
from typing import Any

from shipcall.metrics.metric import Granularity, Metric, Options, Statistic

_ARMS = ("baseline", "candidate")


def _value(t: Any, arm: str, options: Options) -> Any:
    return t[f"{arm}_{options.column or 'value'}"]


def _over_rows(values: Mapping[str, Any]) -> Mapping[str, Any]:
    columns = {}
    for arm, value in values.items():
        columns[f"num_{arm}"] = value
        columns[f"den_{arm}"] = value.notnull().cast("float64")
    return columns


def _mean(t: Any, options: Options) -> Mapping[str, Any]:
    return _over_rows({arm: _value(t, arm, options) for arm in _ARMS})


def _proportion(t: Any, options: Options) -> Mapping[str, Any]:
    values = {arm: _value(t, arm, options) for arm in _ARMS}
    return _over_rows({a: (v >= options.threshold).cast("float64") for a, v in values.items()})


def _all_right(hits: Any, count: Any, k: int) -> Any:
    """C(hits, k) / C(count, k), null where there are fewer than k runs."""
    factors = [(hits - i).cast("float64") / (count - i).nullif(0) for i in range(k)]
    # With hits < k one factor is zero, so the product is zero whatever follows it.
    return (count >= k).ifelse(reduce(mul, factors), None)


def _pass_k(t: Any, options: Options) -> Mapping[str, Any]:
    k = options.k or 1
    return _over_rows({arm: _all_right(t[f"{arm}_hits"], t[f"{arm}_count"], k) for arm in _ARMS})


def _pass_at_k(t: Any, options: Options) -> Mapping[str, Any]:
    k = options.k or 1
    values = {}
    for arm in _ARMS:
        count = t[f"{arm}_count"]
        values[arm] = 1.0 - _all_right(count - t[f"{arm}_hits"], count, k)
    return _over_rows(values)


def _failed(t: Any, _options: Options) -> Mapping[str, Any]:
    return _over_rows({arm: t[f"{arm}_error"] for arm in _ARMS})


MEAN = Metric(
    kind="mean",
    title="Mean score",
    doc="Mean of the grades (or of `column`: latency_ms, cost, tokens) over all runs; repeats of "
    "an item are one cluster. Without a declared `range` lost runs cannot be filled, so they leave "
    "no data. On shadow pairs the mean of `column`: latency_ms, cost, output where it is a number, "
    "score_gap (how far apart the two outputs are), or NAME where the files have NAME_baseline and "
    "NAME_candidate; without `column` the metric's own name.",
    formats=("scores", "shadow_pairs"),
    statistic=Statistic.RATIO,
    rows=_mean,
    range=None,
    options=("column", "range", "chance", "name", "unit"),
)

PROPORTION = Metric(
    kind="proportion",
    title="Share",
    doc="Share of runs whose value is at least `threshold` (0.5, so 0/1 grades are counted as "
    "they are). Paired; exact bounds for small samples and rare events. On shadow pairs it counts "
    "`column`: safety, which a safety metric reads unasked, or NAME where the files have "
    "NAME_baseline and NAME_candidate.",
    formats=("scores", "shadow_pairs"),
    statistic=Statistic.RATIO,
    rows=_proportion,
    binary=True,
    options=("column", "threshold", "chance", "name", "window"),
)

PASS_K = Metric(
    kind="pass_k",
    title="pass^k",
    doc="Chance that k runs of one item all succeed, averaged over items: C(c, k) / C(n, k) with c "
    "successes in n runs, unbiased for each item (tau-bench, Yao et al. 2024). An item with fewer "
    "than k runs is lost. It measures reliability; pass@k measures luck.",
    formats=("scores",),
    statistic=Statistic.RATIO,
    rows=_pass_k,
    granularity=Granularity.UNIT,
    options=("k", "threshold", "name"),
    required=("k",),
)

PASS_AT_K = Metric(
    kind="pass_at_k",
    title="pass@k",
    doc="Chance that at least one of k runs of an item succeeds, averaged over items: "
    "1 - C(n - c, k) / C(n, k) with c successes in n runs, unbiased for each item (Chen et al. "
    "2021, equation 1). An item with fewer than k runs is lost. It measures luck: use it where "
    "somebody or something picks the right one of k answers, and pass^k where every answer counts.",
    formats=("scores",),
    statistic=Statistic.RATIO,
    rows=_pass_at_k,
    granularity=Granularity.UNIT,
    options=("k", "threshold", "name"),
    required=("k",),
)

ERROR_SHARE = Metric(
    kind="error_share",
    title="Share of failed answers",
    doc="Share of live requests on which the model failed to answer: status model_error, such as "
    "a time-out. Requests lost by the machinery count for neither side. Paired; exact bounds for "
    "rare failures. It says nothing about how good the answers are that did come.",
    formats=("shadow_pairs",),
    statistic=Statistic.RATIO,
    rows=_failed,
    binary=True,
    better="lower",
)
