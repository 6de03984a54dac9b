"""Metrics of labelled answers: right or wrong, how sure, and how well ordered."""

from collections.abc import Mapping
from typing import Any

from shipcall.metrics.metric import Metric, Options, Statistic

_ARMS = ("baseline", "candidate")

LEAST_PROBABILITY = 1e-15
"""Probabilities are cut here before a logarithm, so that a certain error costs 34.5 nats."""


def said_positive(t: Any, arm: str, options: Options) -> Any:
    """Did a model call the row positive? By its score against the threshold, or in words."""
    answer, number = t[f"{arm}_text"], t[f"{arm}_number"]
    named = answer == options.positive_class
    if options.numbered:
        return named
    return number.isnull().ifelse(named, number >= options.threshold)


def is_right(t: Any, arm: str, options: Options) -> Any:
    """Is a model's answer the label?"""
    if options.numbered or options.positive_class is None:
        return t[f"{arm}_text"] == t.label
    return said_positive(t, arm, options) == (t.label == options.positive_class)


def ratio(t: Any, options: Options, counted: Any, hit: Any) -> Mapping[str, Any]:
    """Sum of weights of hits over sum of weights of rows that count, for each model."""
    columns = {}
    for arm in _ARMS:
        counts = counted(t, arm, options)
        hits = counts & hit(t, arm, options)
        columns[f"num_{arm}"] = hits.cast("float64") * t.weight
        columns[f"den_{arm}"] = counts.cast("float64") * t.weight
    return columns


def mean_of(t: Any, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Weigh one value per row and model."""
    columns = {}
    for arm in _ARMS:
        columns[f"num_{arm}"] = values[arm] * t.weight
        columns[f"den_{arm}"] = t.weight
    return columns


def positive(t: Any, arm: str, options: Options) -> Any:
    """Is the row positive? Null without an answer, which counts nowhere: the row is lost."""
    return t[f"{arm}_text"].notnull().ifelse(t.label == options.positive_class, None)


def negative(t: Any, arm: str, options: Options) -> Any:
    """Is the row not positive? Null without an answer."""
    return t[f"{arm}_text"].notnull().ifelse(t.label != options.positive_class, None)


def truly_positive(t: Any, _arm: str, options: Options) -> Any:
    """Is the label the positive class?"""
    return t.label == options.positive_class


def by_label(t: Any, options: Options, positive: Any, negative: Any) -> Any:
    """Take one value where the label is the positive class, the other where it is not.

    Null without a label: a row of which nobody knows what it is counts as neither.
    """
    told = (t.label == options.positive_class).ifelse(positive, negative)
    return t.label.notnull().ifelse(told, None)


def _accuracy(t: Any, options: Options) -> Mapping[str, Any]:
    return mean_of(t, {arm: is_right(t, arm, options).cast("float64") for arm in _ARMS})


def _precision(t: Any, options: Options) -> Mapping[str, Any]:
    return ratio(t, options, said_positive, truly_positive)


def _recall(t: Any, options: Options) -> Mapping[str, Any]:
    return ratio(t, options, positive, said_positive)


def _false_positive_rate(t: Any, options: Options) -> Mapping[str, Any]:
    return ratio(t, options, negative, said_positive)


def _probability_of_truth(t: Any, arm: str, options: Options) -> Any:
    if options.numbered:
        return t[f"{arm}_truth"]
    number = t[f"{arm}_number"]
    return by_label(t, options, number, 1 - number)


def _log_loss(t: Any, options: Options) -> Mapping[str, Any]:
    said = {arm: _probability_of_truth(t, arm, options) for arm in _ARMS}
    return mean_of(t, {arm: -p.clip(lower=LEAST_PROBABILITY).ln() for arm, p in said.items()})


def _brier(t: Any, options: Options) -> Mapping[str, Any]:
    if options.numbered:
        errors = {arm: t[f"{arm}_square"] - 2 * t[f"{arm}_truth"] + 1 for arm in _ARMS}
    else:
        missed = {arm: 1 - _probability_of_truth(t, arm, options) for arm in _ARMS}
        errors = {arm: miss * miss for arm, miss in missed.items()}
    return mean_of(t, errors)


def confidence(t: Any, options: Options) -> Mapping[str, Any]:
    """Stated probability and what happened: the positive class, or the greatest of several."""
    columns = {}
    for arm in _ARMS:
        if options.numbered:
            columns[f"confidence_{arm}"] = t[f"{arm}_confidence"]
            columns[f"outcome_{arm}"] = is_right(t, arm, options).cast("float64")
        else:
            columns[f"confidence_{arm}"] = t[f"{arm}_number"]
            columns[f"outcome_{arm}"] = (t.label == options.positive_class).cast("float64")
    return columns


def weights(t: Any, options: Options) -> Mapping[str, Any]:
    """Weight of each row, for a statistic that takes all rows alike where there is none."""
    return {"weight": t.weight} if options.weighed else {}


def weighed_confidence(t: Any, options: Options) -> Mapping[str, Any]:
    """As `confidence`, with the weights of the rows where they have any."""
    return {**confidence(t, options), **weights(t, options)}


def _ordered(t: Any, options: Options) -> Mapping[str, Any]:
    return {**_scores(t, options), **weights(t, options)}


def _scores(t: Any, options: Options) -> Mapping[str, Any]:
    return {
        "label": (t.label == options.positive_class).cast("float64"),
        "score_baseline": t.baseline_number,
        "score_candidate": t.candidate_number,
    }


def _weighed_scores(t: Any, options: Options) -> Mapping[str, Any]:
    return {**_scores(t, options), "weight": t.weight}


ACCURACY = Metric(
    kind="accuracy",
    title="Accuracy",
    doc="Share of rows answered right. Two classes with scores: right means that the score is on "
    "the label's side of `threshold` (0.5 unless the contract says otherwise). Differences are "
    "paired; small or sparse samples get the exact interval for a paired difference. "
    "Do not use it where one class is rare: always answering the common one looks good.",
    formats=("predictions",),
    statistic=Statistic.RATIO,
    rows=_accuracy,
    binary=True,
    options=("threshold", "positive", "chance"),
)

PRECISION = Metric(
    kind="precision",
    title="Precision",
    doc="Of the rows called positive, the share that is. The two models call different rows "
    "positive, so the difference is one of two ratios on the same clusters (delta method); fewer "
    "than 30 calls by either model are no data. Says nothing about what was missed.",
    formats=("predictions",),
    statistic=Statistic.RATIO,
    rows=_precision,
    binary=True,
    options=("threshold", "positive"),
)

RECALL = Metric(
    kind="recall",
    title="Recall",
    doc="Of the positive rows, the share called positive. Paired on the positive rows; exact for "
    "few of them. Can be had for nothing by calling everything positive: promise precision or the "
    "false-positive rate beside it.",
    formats=("predictions",),
    statistic=Statistic.RATIO,
    rows=_recall,
    binary=True,
    options=("threshold", "positive"),
)

FALSE_POSITIVE_RATE = Metric(
    kind="false_positive_rate",
    title="False-positive rate",
    doc="Of the negative rows, the share called positive. Paired on the negative rows; exact "
    "bounds where events are rare.",
    formats=("predictions",),
    statistic=Statistic.RATIO,
    rows=_false_positive_rate,
    better="lower",
    binary=True,
    options=("threshold", "positive"),
)

LOG_LOSS = Metric(
    kind="log_loss",
    title="Log loss",
    doc="Mean of minus the natural logarithm of the probability given to the truth, in nats. "
    "Probabilities are cut at 1e-15. Unbounded, so lost rows cannot be filled and one certain "
    "error can dominate: look at Brier beside it.",
    formats=("predictions",),
    statistic=Statistic.RATIO,
    rows=_log_loss,
    range=None,
    better="lower",
    unit="nats",
    probability=True,
    options=("positive",),
)

BRIER = Metric(
    kind="brier",
    title="Brier score",
    doc="Mean squared error of the probabilities: (p - y)^2 for two classes, the sum over classes "
    "for several (Brier 1950), so 0 to 1 and 0 to 2.",
    formats=("predictions",),
    statistic=Statistic.RATIO,
    rows=_brier,
    range=(0.0, 2.0),
    better="lower",
    probability=True,
    options=("positive",),
)

ECE = Metric(
    kind="ece",
    title="Calibration error (ECE)",
    doc="Expected calibration error: mean absolute gap between confidence and outcome over bins, "
    "with the bias that noise adds taken out. Two classes: the probability of the positive class; "
    "several: the greatest probability against being right. Bins are quantiles of the baseline's "
    'confidence, the same for both models; `binning = "width"` for figures that have to match '
    "other tools. A weighted row counts as so many rows of its cluster, also for the edges. "
    "Depends on the number of bins: compare only like with like.",
    formats=("predictions",),
    statistic=Statistic.BINS,
    rows=weighed_confidence,
    better="lower",
    probability=True,
    options=("bins", "binning", "positive"),
)

ROC_AUC = Metric(
    kind="roc_auc",
    title="ROC AUC",
    doc="Chance that a positive row is scored above a negative one, ties half. Difference by "
    "DeLong's covariance, summed over clusters (Obuchowski 1997). Fewer than ten positives or "
    "negatives are no data, and so are lost rows. A weighted row counts as so many rows of its "
    "cluster. Blind to calibration and to where the threshold lies.",
    formats=("predictions",),
    statistic=Statistic.RANKS,
    rows=_ordered,
    options=("positive", "chance"),
)

AVERAGE_PRECISION = Metric(
    kind="average_precision",
    title="Average precision",
    doc="Precision at the score of each positive row, averaged over them; rows of one score are "
    "called together. Paired by the influence function of both values, summed over clusters. The "
    "value itself is a little too high, by about (1 - precision) over the rows called, averaged: "
    "the low end of its interval pays for that, a difference hardly notices. Fewer than 20 "
    "effective clusters with a positive, lost rows, and models without a single error are no "
    "data. Chance alone gives the share of positives, so tables with another share cannot be "
    "compared. Boyd, Eng & Page 2013.",
    formats=("predictions",),
    statistic=Statistic.AVERAGE_PRECISION,
    rows=_weighed_scores,
    options=("positive",),
)
