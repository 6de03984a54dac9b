"""Metrics of decisions about labelled rows: what each class, and what each error, is worth."""

from collections.abc import Mapping
from typing import Any

from shipcall.metrics.classification import (
    by_label,
    is_right,
    mean_of,
    negative,
    ratio,
    said_positive,
)
from shipcall.metrics.metric import Metric, Options, Statistic

_ARMS = ("baseline", "candidate")
_CUT = ("threshold", "positive")
_OWN_WEIGHT = "weight"
"""Name of the column by which every metric weighs a row anyway."""


def _is_positive(t: Any, options: Options) -> Any:
    return t.label == options.positive_class


def _amount(t: Any, options: Options) -> Any:
    """Say what a row is worth; null where nobody knows, or where it is worth less than nothing."""
    if options.weight in (None, _OWN_WEIGHT):
        return t.weight
    amount = t[f"own_{options.weight}"]
    return (amount >= 0).ifelse(amount, None) * t.weight


def _left_alone(t: Any, arm: str, options: Options) -> Any:
    return ~said_positive(t, arm, options)


def _specificity(t: Any, options: Options) -> Mapping[str, Any]:
    return ratio(t, options, negative, _left_alone)


def _weighted_recall(t: Any, options: Options) -> Mapping[str, Any]:
    columns = {}
    for arm in _ARMS:
        found = said_positive(t, arm, options)
        worth = found.notnull().ifelse(_amount(t, options), None)
        # Only positive rows are in play: what is not known of the others is not missed.
        columns[f"num_{arm}"] = by_label(t, options, found.cast("float64") * worth, 0.0)
        columns[f"den_{arm}"] = by_label(t, options, worth, 0.0)
    return columns


def _f1(t: Any, options: Options) -> Mapping[str, Any]:
    """Hits over the mean of calls and positive rows: a row counts for 0, one half or 1."""
    columns = {}
    truth = _is_positive(t, options).cast("float64")
    for arm in _ARMS:
        called = said_positive(t, arm, options).cast("float64")
        columns[f"num_{arm}"] = called * truth * t.weight
        columns[f"den_{arm}"] = (called + truth) * 0.5 * t.weight
    return columns


def _balanced_accuracy(t: Any, options: Options) -> Mapping[str, Any]:
    right = {arm: is_right(t, arm, options).cast("float64") for arm in _ARMS}
    return {"label": _class_number(t, options), **mean_of(t, right)}


def _class_number(t: Any, options: Options) -> Any:
    sides = options.sides
    if sides == ("", options.positive_class) or not sides:
        return _is_positive(t, options).cast("float64")
    return t.label.cases(*((name, float(number)) for number, name in enumerate(sides)))


def _net_benefit(t: Any, options: Options) -> Mapping[str, Any]:
    gain = by_label(t, options, 1.0, -_odds(options))
    called = {arm: t[f"{arm}_number"] >= options.threshold for arm in _ARMS}
    return mean_of(t, {arm: said.cast("float64") * gain for arm, said in called.items()})


def _odds(options: Options) -> float:
    return options.threshold / (1.0 - options.threshold)


def _net_benefit_bounds(options: Options) -> tuple[float, float]:
    return -_odds(options), 1.0


def _expected_cost(t: Any, options: Options) -> Mapping[str, Any]:
    prices = options.prices
    if prices is None:
        nothing = {arm: t.weight.nullif(t.weight) for arm in _ARMS}
        return mean_of(t, nothing)
    columns = {}
    for arm in _ARMS:
        called = said_positive(t, arm, options).cast("float64")
        missed = prices.false_negative + called * (prices.true_positive - prices.false_negative)
        alarmed = prices.true_negative + called * (prices.false_positive - prices.true_negative)
        cost = by_label(t, options, missed, alarmed)
        columns[f"num_{arm}"] = cost * _amount(t, options)
        columns[f"den_{arm}"] = t.weight
    return columns


def _cost_bounds(options: Options) -> tuple[float, float] | None:
    """Least and greatest price; nothing bounds what is multiplied by an amount."""
    if options.prices is None or options.weight not in (None, _OWN_WEIGHT):
        return None
    low, high = min(options.prices), max(options.prices)
    return (low, high) if low < high else None


SPECIFICITY = Metric(
    kind="specificity",
    title="Specificity",
    doc="Of the negative rows, the share called negative: one less the false-positive rate. "
    "Paired on the negative rows; exact for few of them and where errors are rare. Can be had for "
    "nothing by calling nothing positive: promise recall beside it.",
    formats=("predictions",),
    statistic=Statistic.RATIO,
    rows=_specificity,
    binary=True,
    options=_CUT,
)

WEIGHTED_RECALL = Metric(
    kind="weighted_recall",
    title="Weighted recall",
    doc="Of the sum of the column `weight` (money, say) over the positive rows, the share on rows "
    "called positive. A ratio of sums on the same clusters (delta method): a few large amounts "
    "make most of the value and of its spread, and an amount that was never seen leaves no trace, "
    "so look at plain recall beside it. Positive rows without an answer, or with an amount that "
    "is missing or negative, leave no data: nobody knows what they weigh. With "
    "fewer than 600 positive units its ends miss a little more often than their levels say, and "
    "that stands beside the number.",
    formats=("predictions",),
    statistic=Statistic.RATIO,
    rows=_weighted_recall,
    fills=False,
    amounts=True,
    declared_from=600,
    options=("weight", *_CUT),
    required=("weight",),
)

F1 = Metric(
    kind="f1",
    title="F1",
    doc="Harmonic mean of precision and recall: hits over the mean of the rows called positive "
    "and the rows that are (van Rijsbergen 1979). One ratio of sums for each model, so the "
    "difference is paired on the same clusters (delta method); less than 30 of that mean for "
    "either model is no data. A lost row is filled as a hit or as two errors. It ignores true "
    "negatives and weighs both errors alike: where their prices are known promise the expected "
    "cost.",
    formats=("predictions",),
    statistic=Statistic.RATIO,
    rows=_f1,
    options=_CUT,
)

BALANCED_ACCURACY = Metric(
    kind="balanced_accuracy",
    title="Balanced accuracy",
    doc="Mean over the classes of the share of each that was answered right: with `positive` the "
    "mean of recall and specificity, else over all labels of the table. Each class brings its own "
    "paired interval, exact where it has few rows, and these are joined (Zou & Donner 2008); the "
    "t interval of the whole is kept where it is wider. A class without a row in a slice is no "
    "data. A rare class counts as much as a common one, so a few of its rows make most of the "
    "spread.",
    formats=("predictions",),
    statistic=Statistic.BALANCED,
    rows=_balanced_accuracy,
    options=(*_CUT, "chance"),
)

NET_BENEFIT = Metric(
    kind="net_benefit",
    title="Net benefit",
    doc="Share of rows that are called positive and are, less the share that are called positive "
    "and are not times the odds t / (1 - t) of the `threshold` t (Vickers & Elkin 2006): what a "
    "missed positive is worth beside a false alarm is read from t. In units of positives found "
    "per row. A paired mean, bounded by -odds and 1. It needs calibrated probabilities, and says "
    "nothing at another threshold.",
    formats=("predictions",),
    statistic=Statistic.RATIO,
    rows=_net_benefit,
    range=None,
    bounds=_net_benefit_bounds,
    probability=True,
    options=("threshold", "positive"),
    required=("threshold",),
)

EXPECTED_COST = Metric(
    kind="expected_cost",
    title="Expected cost",
    doc="Mean price of the decisions, per row: `prices` names what a false positive and a false "
    "negative cost, and what right decisions do (nothing, unless stated); with `weight` each "
    "price is multiplied by that column. A paired mean, bounded by the prices; with amounts "
    "nothing bounds it, so lost rows need a declared `range`. Rare dear errors make most of the "
    "spread: with few of them the interval is wide. It is as right as its prices, and they have "
    "to suit the share of positives in the field.",
    formats=("predictions",),
    statistic=Statistic.RATIO,
    rows=_expected_cost,
    range=None,
    bounds=_cost_bounds,
    better="lower",
    options=("prices", "weight", "range", *_CUT),
)
