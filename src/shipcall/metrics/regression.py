"""Metrics of numbers: how far the answers are from the truth."""

from collections.abc import Mapping
from typing import Any

from shipcall.metrics.classification import mean_of
from shipcall.metrics.metric import Metric, Options, Statistic

_ARMS = ("baseline", "candidate")


def _errors(t: Any) -> dict[str, Any]:
    """Answer less truth of each model."""
    return {arm: t[f"{arm}_number"] - t.label_number for arm in _ARMS}


def _mae(t: Any, _options: Options) -> Mapping[str, Any]:
    return mean_of(t, {arm: error.abs() for arm, error in _errors(t).items()})


def _rmse(t: Any, _options: Options) -> Mapping[str, Any]:
    return mean_of(t, {arm: error * error for arm, error in _errors(t).items()})


def _mean_error(t: Any, _options: Options) -> Mapping[str, Any]:
    return mean_of(t, _errors(t))


def _pinball(t: Any, options: Options) -> Mapping[str, Any]:
    q = options.q or 0.5
    losses = {}
    for arm, error in _errors(t).items():
        losses[arm] = (error >= 0).ifelse((1.0 - q) * error, -q * error)
    return mean_of(t, losses)


MAE = Metric(
    kind="mae",
    title="Mean absolute error",
    doc="Mean of the distance of the answer from the truth, in the unit of the label. Paired, "
    "clustered t with corrections for small samples and skewness. Heavy tails make it wide; "
    "without a declared `range` of the distance lost rows cannot be filled, so they leave no "
    "data. It says nothing about the direction of errors: look at the mean error beside it.",
    formats=("predictions",),
    statistic=Statistic.RATIO,
    rows=_mae,
    range=None,
    numbers=True,
    better="lower",
    options=("range",),
)

RMSE = Metric(
    kind="rmse",
    title="Root mean squared error",
    doc="Root of the mean squared distance of the answer from the truth, in the unit of the "
    "label. A model's own value and a relative change take the roots of the ends of the mean "
    "squares; a difference is linearised (delta method). Nothing bounds a square, so lost rows "
    "leave no data. A few large errors make most of it: where they are errors of the data, "
    "promise the mean absolute error.",
    formats=("predictions",),
    statistic=Statistic.ROOT,
    rows=_rmse,
    range=None,
    numbers=True,
    better="lower",
)

MEAN_ERROR = Metric(
    kind="mean_error",
    title="Mean error",
    doc="Mean of the answer less the truth, in the unit of the label; 0 is right, above it "
    "answers are too high. Paired, clustered t. Without a declared `range` of the error lost rows "
    "leave no data. Zero is no praise: errors of both signs cancel.",
    formats=("predictions",),
    statistic=Statistic.RATIO,
    rows=_mean_error,
    range=None,
    numbers=True,
    options=("range",),
)

PINBALL = Metric(
    kind="pinball",
    title="Pinball loss",
    doc="Mean loss of an answer that is meant to be the `q` quantile of the truth: q times what "
    "the truth lies above it, 1 - q times what it lies below (Koenker & Bassett 1978); at q = 0.5 "
    "half of the mean absolute error. Paired, clustered t; for extreme q few rows make most of "
    "it. Without a declared `range` of the loss lost rows leave no data.",
    formats=("predictions",),
    statistic=Statistic.RATIO,
    rows=_pinball,
    range=None,
    numbers=True,
    better="lower",
    options=("q", "range"),
    required=("q",),
)
