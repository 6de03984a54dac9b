"""Columns: what each kind of metric needs of a row, from rows that are held in memory.

The same quantities as the expressions in `metrics`, which need an engine; a test draws rows,
writes them to files, and holds the two against each other.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from shipcall.metrics import Options
from shipcall.metrics.classification import LEAST_PROBABILITY
from shipcall.stats.sample import Floats
from shipcall.world.populations.compared import PLACES
from shipcall.world.populations.rows import Rows

Columns = Mapping[str, Floats]
Mask = NDArray[np.bool_]


def columns_of(kind: str, rows: Rows, options: Options) -> Columns:
    """Give the columns from which a sample of this kind is summed.

    Args:
        kind: Key of METRICS.
        rows: With labels where the kind needs them.
        options: As the contract wrote them.

    Returns:
        Name -> values, shape (lines,); a line is a row, or a cluster for `pass_k`.
    """
    return rows.columns if rows.columns is not None else _COLUMNS[kind](rows, options)


def _labels(rows: Rows) -> Floats:
    if rows.label is None:
        raise ValueError("these rows have no labels; this kind of metric needs them")
    return rows.label


def _weight(rows: Rows) -> Floats:
    """Weights as shares of the greatest, as files of them are read."""
    return np.ones(rows.baseline.size) if rows.weight is None else rows.weight / rows.weight.max()


def _mean_of(baseline: Floats, candidate: Floats, rows: Rows) -> Columns:
    weight = _weight(rows)
    return {
        "num_baseline": baseline * weight,
        "den_baseline": weight,
        "num_candidate": candidate * weight,
        "den_candidate": weight,
    }


def _mean(rows: Rows, _options: Options) -> Columns:
    return _mean_of(rows.baseline, rows.candidate, rows)


def _at_least(values: Floats, bound: float) -> Floats:
    """1 where a value reaches the bound, 0 where it does not, NaN where it is lost."""
    return np.where(np.isnan(values), np.nan, values >= bound)


def _proportion(rows: Rows, options: Options) -> Columns:
    bound = options.threshold
    return _mean_of(_at_least(rows.baseline, bound), _at_least(rows.candidate, bound), rows)


def _disagreement(rows: Rows, options: Options) -> Columns:
    said = [_at_least(values, options.threshold) for values in (rows.baseline, rows.candidate)]
    apart = np.where(np.isnan(said[0] + said[1]), np.nan, said[0] != said[1])
    return _mean_of(apart * 0.0, apart, rows)


def _accuracy(rows: Rows, options: Options) -> Columns:
    label = _labels(rows)
    said = [_at_least(values, options.threshold) for values in (rows.baseline, rows.candidate)]
    right = [np.where(np.isnan(one), np.nan, one == label) for one in said]
    return _mean_of(right[0], right[1], rows)


def _log_loss(rows: Rows, _options: Options) -> Columns:
    losses = [-np.log(np.maximum(p, LEAST_PROBABILITY)) for p in _chances_of_truth(rows)]
    return _mean_of(losses[0], losses[1], rows)


def _brier(rows: Rows, _options: Options) -> Columns:
    losses = [(1.0 - truth) ** 2 for truth in _chances_of_truth(rows)]
    return _mean_of(losses[0], losses[1], rows)


def _chances_of_truth(rows: Rows) -> list[Floats]:
    positive = _labels(rows) == 1
    return [np.where(positive, said, 1.0 - said) for said in (rows.baseline, rows.candidate)]


def _precision(rows: Rows, options: Options) -> Columns:
    said = [_said(values, options) for values in (rows.baseline, rows.candidate)]
    positive = _labels(rows) == 1
    return _ratio([one & positive for one in said], said)


def _recall(rows: Rows, options: Options) -> Columns:
    return _called(rows, _labels(rows) == 1, options)


def _false_positive_rate(rows: Rows, options: Options) -> Columns:
    return _called(rows, _labels(rows) == 0, options)


def _called(rows: Rows, among: Mask, options: Options) -> Columns:
    said = [_said(values, options) for values in (rows.baseline, rows.candidate)]
    return _ratio([one & among for one in said], [among, among])


def _said(values: Floats, options: Options) -> Mask:
    return values >= options.threshold


def _ratio(hits: list[Mask], counted: list[Mask]) -> Columns:
    return {
        "num_baseline": hits[0].astype(np.float64),
        "den_baseline": counted[0].astype(np.float64),
        "num_candidate": hits[1].astype(np.float64),
        "den_candidate": counted[1].astype(np.float64),
    }


def _specificity(rows: Rows, options: Options) -> Columns:
    negative = _labels(rows) == 0
    said = [_said(values, options) for values in (rows.baseline, rows.candidate)]
    return _ratio([negative & ~one for one in said], [negative, negative])


def _f1(rows: Rows, options: Options) -> Columns:
    truth, columns = _labels(rows), {}
    for arm, values in (("baseline", rows.baseline), ("candidate", rows.candidate)):
        called = _said(values, options).astype(np.float64)
        columns[f"num_{arm}"] = called * truth
        columns[f"den_{arm}"] = (called + truth) * 0.5
    return columns


def _balanced_accuracy(rows: Rows, options: Options) -> Columns:
    return {"label": _labels(rows), **_accuracy(rows, options)}


def _weighted_recall(rows: Rows, options: Options) -> Columns:
    worth = _weight(rows) * _labels(rows)
    said = [_said(values, options) for values in (rows.baseline, rows.candidate)]
    return {
        "num_baseline": worth * said[0],
        "den_baseline": worth,
        "num_candidate": worth * said[1],
        "den_candidate": worth,
    }


def _net_benefit(rows: Rows, options: Options) -> Columns:
    odds = options.threshold / (1.0 - options.threshold)
    gain = np.where(_labels(rows) == 1, 1.0, -odds)
    net = [
        np.where(_said(values, options), gain, 0.0) for values in (rows.baseline, rows.candidate)
    ]
    return _mean_of(net[0], net[1], rows)


def _expected_cost(rows: Rows, options: Options) -> Columns:
    if options.prices is None:
        raise ValueError("a cost needs prices")
    prices, positive, costs = options.prices, _labels(rows) == 1, []
    for values in (rows.baseline, rows.candidate):
        called = _said(values, options)
        right = np.where(called, prices.true_positive, prices.false_negative)
        wrong = np.where(called, prices.false_positive, prices.true_negative)
        costs.append(np.where(positive, right, wrong))
    return _mean_of(costs[0], costs[1], rows)


def _errors(rows: Rows, loss: Callable[[Floats], Floats]) -> Columns:
    truth = _labels(rows)
    return _mean_of(loss(rows.baseline - truth), loss(rows.candidate - truth), rows)


def _mae(rows: Rows, _options: Options) -> Columns:
    return _errors(rows, np.abs)


def _rmse(rows: Rows, _options: Options) -> Columns:
    return _errors(rows, np.square)


def _mean_error(rows: Rows, _options: Options) -> Columns:
    return _errors(rows, lambda error: error)


def _pinball(rows: Rows, options: Options) -> Columns:
    q = options.q or 0.5
    return _errors(rows, lambda error: np.where(error >= 0, (1.0 - q) * error, -q * error))


def _listed(kind: str) -> Callable[[Rows, Options], Columns]:
    """A list with one relevant item, of which each model says the rank."""

    def columns(rows: Rows, _options: Options) -> Columns:
        worth = PLACES[kind]
        return _mean_of(worth(rows.baseline), worth(rows.candidate), rows)

    return columns


def _pass_at_k(rows: Rows, options: Options) -> Columns:
    turned = replace(rows, baseline=1.0 - rows.baseline, candidate=1.0 - rows.candidate)
    columns = dict(_pass_k(turned, options))
    for arm in ("baseline", "candidate"):
        columns[f"num_{arm}"] = columns[f"den_{arm}"] - columns[f"num_{arm}"]
    return columns


def _pass_k(rows: Rows, options: Options) -> Columns:
    k = options.k or 1
    counts = np.bincount(rows.cluster)
    values = []
    for grades in (rows.baseline, rows.candidate):
        hits = np.bincount(rows.cluster, weights=grades >= options.threshold)
        parts = [np.maximum(hits - i, 0.0) / (counts - i) for i in range(k)]
        values.append(np.prod(parts, axis=0))
    one = np.ones(counts.size)
    return {
        "num_baseline": values[0],
        "den_baseline": one,
        "num_candidate": values[1],
        "den_candidate": one,
    }


def _ece(rows: Rows, _options: Options) -> Columns:
    label = _labels(rows)
    return {
        "confidence_baseline": rows.baseline,
        "outcome_baseline": label,
        "confidence_candidate": rows.candidate,
        "outcome_candidate": label,
    }


def _roc_auc(rows: Rows, _options: Options) -> Columns:
    return {
        "label": _labels(rows),
        "score_baseline": rows.baseline,
        "score_candidate": rows.candidate,
    }


def _average_precision(rows: Rows, options: Options) -> Columns:
    return {**_roc_auc(rows, options), "weight": np.ones(rows.baseline.size)}


def _quantile(rows: Rows, _options: Options) -> Columns:
    return {"value_baseline": rows.baseline, "value_candidate": rows.candidate}


_COLUMNS: Mapping[str, Callable[[Rows, Options], Columns]] = {
    "mean": _mean,
    "proportion": _proportion,
    "accuracy": _accuracy,
    "log_loss": _log_loss,
    "brier": _brier,
    "precision": _precision,
    "recall": _recall,
    "false_positive_rate": _false_positive_rate,
    "pass_k": _pass_k,
    "ece": _ece,
    "roc_auc": _roc_auc,
    "quantile": _quantile,
    "specificity": _specificity,
    "f1": _f1,
    "balanced_accuracy": _balanced_accuracy,
    "weighted_recall": _weighted_recall,
    "net_benefit": _net_benefit,
    "expected_cost": _expected_cost,
    "mae": _mae,
    "rmse": _rmse,
    "mean_error": _mean_error,
    "pinball": _pinball,
    "calibration_slope": _ece,
    "calibration_intercept": _ece,
    "average_precision": _average_precision,
    "pass_at_k": _pass_at_k,
    "disagreement": _disagreement,
    "timeout_share": _proportion,
    "fallback_share": _proportion,
    **{kind: _listed(kind) for kind in PLACES},
}
