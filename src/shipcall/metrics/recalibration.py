"""Metrics of the line that would make stated probabilities right: its slope, its intercept."""

from shipcall.metrics.classification import weighed_confidence
from shipcall.metrics.metric import Metric, Statistic

CALIBRATION_SLOPE = Metric(
    kind="calibration_slope",
    title="Calibration slope",
    doc="Slope of the true log odds on the stated ones (logistic recalibration, Cox 1958); 1 is "
    "right, below 1 a model is too sure of both answers, above it too modest. Bound it with "
    "`within`. Two classes: the probability of the positive class; several: the greatest "
    "probability against being right. Sandwich over clusters. Probabilities are kept 1e-6 away "
    "from 0 and 1. Fewer than 20 effective clusters with the rarer outcome, lost rows, and models "
    "that are never wrong are no data. A weighted row counts as so many rows of its cluster. A "
    "curve that bends can have a slope of 1: promise the calibration error beside it.",
    formats=("predictions",),
    statistic=Statistic.SLOPE,
    rows=weighed_confidence,
    range=None,
    fills=False,
    probability=True,
    options=("positive",),
)

CALIBRATION_INTERCEPT = Metric(
    kind="calibration_intercept",
    title="Calibration intercept",
    doc="What has to be added to all stated log odds so that as much happens as was said "
    "(calibration in the large, slope kept at 1); 0 is right, below it a model says too much. "
    "Bound it with `within`. Probabilities, clusters, lost rows and small samples as for the "
    "slope. It moves with the share of positives, so it holds for traffic like the evaluation's. "
    "Zero is no praise: too sure of one kind and too modest of the other cancel.",
    formats=("predictions",),
    statistic=Statistic.INTERCEPT,
    rows=weighed_confidence,
    range=None,
    fills=False,
    probability=True,
    options=("positive",),
)
