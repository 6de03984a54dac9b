"""Kinds: every kind of metric a contract may name, as one table.

The table says what a contract has to state about a kind. Which of the kinds this version can
measure is another question: METRICS answers it.
"""

from collections.abc import Mapping

from shipcall.metrics.kind import Kind

_CUT = ("threshold", "positive")
_SCORED = ("positive",)
_LISTED = ("threshold", "empty", "unjudged")
_HIGHER = "higher"
_LOWER = "lower"

_CLASSIFICATION = (
    Kind(
        name="accuracy",
        meaning="Share of items whose class was right.",
        better=_HIGHER,
        optional=(*_CUT, "chance"),
        share=True,
    ),
    Kind(
        name="balanced_accuracy",
        meaning="Mean over the classes of the share of each that was found.",
        better=_HIGHER,
        optional=(*_CUT, "chance"),
        share=True,
    ),
    Kind(
        name="precision",
        meaning="Share of the items called positive that are positive.",
        better=_HIGHER,
        optional=_CUT,
        share=True,
    ),
    Kind(
        name="recall",
        meaning="Share of the positive items that were called positive.",
        better=_HIGHER,
        optional=_CUT,
        share=True,
    ),
    Kind(
        name="weighted_recall",
        meaning="Share of a weight, such as money, of the positive items that was found.",
        better=_HIGHER,
        required=("weight",),
        optional=_CUT,
        share=True,
        online=True,
    ),
    Kind(
        name="specificity",
        meaning="Share of the negative items that were called negative.",
        better=_HIGHER,
        optional=_CUT,
        share=True,
    ),
    Kind(
        name="false_positive_rate",
        meaning="Share of the negative items that were called positive.",
        better=_LOWER,
        optional=_CUT,
        share=True,
    ),
    Kind(
        name="f1",
        meaning="Harmonic mean of precision and recall.",
        better=_HIGHER,
        optional=_CUT,
        share=True,
    ),
    Kind(
        name="roc_auc",
        meaning="Chance that a positive item is scored above a negative one; ties count half.",
        better=_HIGHER,
        optional=("positive", "chance"),
        share=True,
    ),
    Kind(
        name="average_precision",
        meaning="Precision averaged over the positive items in the order of the score.",
        better=_HIGHER,
        optional=_SCORED,
        share=True,
    ),
    Kind(
        name="log_loss",
        meaning="Mean of minus the logarithm of the probability given to the truth.",
        better=_LOWER,
        optional=_SCORED,
    ),
    Kind(
        name="brier",
        meaning="Mean squared distance between the probability and what happened.",
        better=_LOWER,
        optional=_SCORED,
    ),
    Kind(
        name="ece",
        meaning="Expected calibration error: mean gap between confidence and outcome, in bins.",
        better=_LOWER,
        optional=("bins", "binning", "positive"),
        share=True,
        relative=False,
    ),
    Kind(
        name="calibration_slope",
        meaning="Slope of the outcome on the log odds of the probability; 1 is right.",
        target=1.0,
        optional=("target", "positive"),
        relative=False,
    ),
    Kind(
        name="calibration_intercept",
        meaning="What has to be added to the log odds of the probabilities; 0 is right.",
        target=0.0,
        optional=("positive",),
        relative=False,
    ),
    Kind(
        name="expected_cost",
        meaning="Mean cost of the decisions the model takes, per row.",
        better=_LOWER,
        optional=("prices", "column", "threshold", "positive", "weight", "range"),
        online=True,
    ),
    Kind(
        name="net_benefit",
        meaning="True positives less false positives weighed by the odds of the threshold.",
        better=_HIGHER,
        required=("threshold",),
        optional=_SCORED,
        relative=False,
    ),
)

_REGRESSION = (
    Kind(name="mae", meaning="Mean absolute error.", better=_LOWER, optional=("range",)),
    Kind(name="rmse", meaning="Root of the mean squared error.", better=_LOWER),
    Kind(
        name="mean_error",
        meaning="Mean of prediction less truth; 0 is right.",
        target=0.0,
        optional=("range",),
        relative=False,
    ),
    Kind(
        name="pinball",
        meaning="Mean loss of a predicted quantile.",
        better=_LOWER,
        required=("q",),
        optional=("range",),
    ),
)

_RANKING = (
    Kind(
        name="ndcg",
        meaning="Discounted gain of the first k items over the best possible.",
        better=_HIGHER,
        required=("k",),
        optional=("gain", "empty", "unjudged"),
        share=True,
    ),
    Kind(
        name="mrr",
        meaning="Mean of one over the place of the first relevant item.",
        better=_HIGHER,
        optional=("k", *_LISTED),
        share=True,
    ),
    Kind(
        name="map",
        meaning="Mean over queries of the average precision of the list.",
        better=_HIGHER,
        optional=("k", *_LISTED),
        share=True,
    ),
    Kind(
        name="hit_rate",
        meaning="Share of queries with a relevant item among the first k.",
        better=_HIGHER,
        required=("k",),
        optional=_LISTED,
        share=True,
    ),
    Kind(
        name="precision_at_k",
        meaning="Share of the first k items that are relevant.",
        better=_HIGHER,
        required=("k",),
        optional=_LISTED,
        share=True,
    ),
    Kind(
        name="recall_at_k",
        meaning="Share of the relevant items that are among the first k.",
        better=_HIGHER,
        required=("k",),
        optional=_LISTED,
        share=True,
    ),
    Kind(
        name="catalogue_coverage",
        meaning="Share of the catalogue that is shown to somebody.",
        better=_HIGHER,
        optional=("k",),
        share=True,
    ),
    Kind(
        name="novelty", meaning="How rare the shown items are.", optional=("k", "column", "range")
    ),
    Kind(
        name="diversity",
        meaning="How different the items of one list are from each other.",
        optional=("k", "column"),
        share=True,
    ),
    Kind(
        name="ips",
        meaning="Value of a policy from logged rewards, weighed by inverse propensities.",
        better=_HIGHER,
    ),
    Kind(
        name="snips",
        meaning="The same, divided by the sum of the weights.",
        better=_HIGHER,
    ),
    Kind(
        name="doubly_robust",
        meaning="Value of a policy from a reward model corrected by inverse propensities.",
        better=_HIGHER,
        optional=("column",),
    ),
)

_GENERATION = (
    Kind(
        name="mean",
        meaning="Mean of a graded value.",
        optional=("column", "chance", "range", "empty", "per_unit"),
        online=True,
    ),
    Kind(
        name="proportion",
        meaning="Share of rows with a yes.",
        optional=("column", "chance", "threshold", "empty", "per_unit"),
        share=True,
        online=True,
    ),
    Kind(
        name="pass_at_k",
        meaning="Chance that at least one of k tries succeeds.",
        better=_HIGHER,
        required=("k",),
        share=True,
        optional=("threshold",),
    ),
    Kind(
        name="pass_k",
        meaning="Chance that all of k tries succeed (pass^k).",
        better=_HIGHER,
        required=("k",),
        share=True,
        optional=("threshold",),
    ),
    Kind(
        name="error_share",
        meaning="Share of runs in which the model failed to answer.",
        better=_LOWER,
        share=True,
        online=True,
    ),
    Kind(
        name="win_rate",
        meaning="Share of comparisons the candidate wins; ties count half.",
        better=_HIGHER,
        optional=("raters", "judge_agreement"),
        share=True,
        relative=False,
    ),
    Kind(
        name="corrected_win_rate",
        meaning="Share of items on which people prefer the candidate: from a judge, set right "
        "by people's comparisons of some of them.",
        better=_HIGHER,
        optional=("column",),
        share=True,
        relative=False,
    ),
    Kind(
        name="disagreement",
        meaning="Share of rows which the two models answer differently.",
        better=_LOWER,
        optional=("k", "column", *_CUT),
        share=True,
        relative=False,
    ),
)

_OPERATIONS = (
    Kind(
        name="quantile",
        meaning="A quantile of a value, such as the latency that 99 % stay below.",
        required=("q",),
        optional=("column", "range"),
        online=True,
    ),
    Kind(
        name="cost",
        meaning="Mean price per row.",
        better=_LOWER,
        optional=("column", "range"),
        online=True,
    ),
    Kind(
        name="unit_cost",
        meaning="Price of one unit of what was got, such as one success.",
        better=_LOWER,
        required=("column", "per"),
    ),
    Kind(
        name="timeout_share",
        meaning="Share of answers that came too late or not at all.",
        better=_LOWER,
        required=("threshold",),
        optional=("column",),
        share=True,
    ),
    Kind(
        name="fallback_share",
        meaning="Share of requests that something else than the model answered.",
        better=_LOWER,
        optional=("column",),
        share=True,
    ),
    Kind(
        name="retention",
        meaning="Share of units that are back on a given day after exposure.",
        better=_HIGHER,
        required=("day",),
        share=True,
        online=True,
    ),
    Kind(
        name="restricted_mean",
        meaning="Mean number of active days up to a given day.",
        better=_HIGHER,
        required=("day",),
        online=True,
    ),
)

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (*_CLASSIFICATION, *_REGRESSION, *_RANKING, *_GENERATION, *_OPERATIONS)
}

OTHER_NAMES: Mapping[str, str] = {
    "pass^k": "pass_k",
    "pass_hat_k": "pass_k",
    "pass@k": "pass_at_k",
    "auc": "roc_auc",
    "auroc": "roc_auc",
    "auprc": "average_precision",
    "ap": "average_precision",
    "fpr": "false_positive_rate",
    "tpr": "recall",
    "sensitivity": "recall",
    "tnr": "specificity",
    "nll": "log_loss",
    "cross_entropy": "log_loss",
    "logloss": "log_loss",
    "rate": "proportion",
    "share": "proportion",
    "average": "mean",
    "percentile": "quantile",
    "latency": "quantile",
    "mean_absolute_error": "mae",
    "mean_squared_error": "rmse",
    "bias": "mean_error",
    "quantile_loss": "pinball",
    "f1_score": "f1",
    "pr_auc": "average_precision",
    "top_k_accuracy": "hit_rate",
}
"""What others call a kind -> the kind."""
