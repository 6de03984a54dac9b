"""What is measured on a row. METRICS is the one table of what this version can measure."""

from collections.abc import Mapping

from shipcall.metrics.classification import (
    ACCURACY,
    BRIER,
    ECE,
    FALSE_POSITIVE_RATE,
    LOG_LOSS,
    PRECISION,
    RECALL,
    ROC_AUC,
)
from shipcall.metrics.generation import (
    DISAGREEMENT,
    ERROR_SHARE,
    MEAN,
    PASS_K,
    PROPORTION,
)
from shipcall.metrics.metric import Granularity, Metric, Options, Statistic
from shipcall.metrics.operations import COST, QUANTILE
from shipcall.metrics.retention import RESTRICTED_MEAN, RETENTION

METRICS: Mapping[str, Metric] = {
    metric.kind: metric
    for metric in (
        ACCURACY,
        PRECISION,
        RECALL,
        FALSE_POSITIVE_RATE,
        LOG_LOSS,
        BRIER,
        ECE,
        ROC_AUC,
        MEAN,
        PROPORTION,
        PASS_K,
        QUANTILE,
        ERROR_SHARE,
        DISAGREEMENT,
        COST,
        RETENTION,
        RESTRICTED_MEAN,
    )
}

__all__ = ["METRICS", "Granularity", "Metric", "Options", "Statistic"]
