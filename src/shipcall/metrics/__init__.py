"""What is measured on a row. METRICS is the one table of what this version can measure."""

from collections.abc import Mapping

from shipcall.metrics.classification import (
    ACCURACY,
    AVERAGE_PRECISION,
    BRIER,
    ECE,
    FALSE_POSITIVE_RATE,
    LOG_LOSS,
    PRECISION,
    RECALL,
    ROC_AUC,
)
from shipcall.metrics.decisions import (
    BALANCED_ACCURACY,
    EXPECTED_COST,
    F1,
    NET_BENEFIT,
    SPECIFICITY,
    WEIGHTED_RECALL,
)
from shipcall.metrics.disagreement import DISAGREEMENT
from shipcall.metrics.generation import (
    ERROR_SHARE,
    MEAN,
    PASS_AT_K,
    PASS_K,
    PROPORTION,
)
from shipcall.metrics.metric import Granularity, Metric, Options, Prices, Statistic
from shipcall.metrics.operations import (
    COST,
    FALLBACK_SHARE,
    QUANTILE,
    TIMEOUT_SHARE,
    UNIT_COST,
)
from shipcall.metrics.preference import CORRECTED_WIN_RATE, WIN_RATE
from shipcall.metrics.ranking import (
    CATALOGUE_COVERAGE,
    DIVERSITY,
    DOUBLY_ROBUST,
    HIT_RATE,
    IPS,
    MAP,
    MRR,
    NDCG,
    NOVELTY,
    PRECISION_AT_K,
    RECALL_AT_K,
    SNIPS,
)
from shipcall.metrics.recalibration import CALIBRATION_INTERCEPT, CALIBRATION_SLOPE
from shipcall.metrics.regression import MAE, MEAN_ERROR, PINBALL, RMSE
from shipcall.metrics.retention import RESTRICTED_MEAN, RETENTION

METRICS: Mapping[str, Metric] = {
    metric.kind: metric
    for metric in (
        ACCURACY,
        BALANCED_ACCURACY,
        PRECISION,
        RECALL,
        WEIGHTED_RECALL,
        SPECIFICITY,
        FALSE_POSITIVE_RATE,
        F1,
        LOG_LOSS,
        BRIER,
        ECE,
        CALIBRATION_SLOPE,
        CALIBRATION_INTERCEPT,
        ROC_AUC,
        AVERAGE_PRECISION,
        EXPECTED_COST,
        NET_BENEFIT,
        MAE,
        RMSE,
        MEAN_ERROR,
        PINBALL,
        MEAN,
        PROPORTION,
        PASS_K,
        PASS_AT_K,
        QUANTILE,
        ERROR_SHARE,
        DISAGREEMENT,
        COST,
        UNIT_COST,
        TIMEOUT_SHARE,
        FALLBACK_SHARE,
        RETENTION,
        RESTRICTED_MEAN,
        NDCG,
        PRECISION_AT_K,
        RECALL_AT_K,
        HIT_RATE,
        MRR,
        MAP,
        CATALOGUE_COVERAGE,
        NOVELTY,
        DIVERSITY,
        IPS,
        SNIPS,
        DOUBLY_ROBUST,
        WIN_RATE,
        CORRECTED_WIN_RATE,
    )
}

__all__ = ["METRICS", "Granularity", "Metric", "Options", "Prices", "Statistic"]
