"""How far the candidate's answers are from the baseline's: how much changes, not its worth."""

from collections.abc import Mapping
from typing import Any

from shipcall.metrics.classification import mean_of, said_positive
from shipcall.metrics.metric import Metric, Options, Statistic

_ARMS = ("baseline", "candidate")


def _differs(t: Any, options: Options) -> Mapping[str, Any]:
    """Candidate against baseline: 0 where they agree, 1 where they have nothing in common.

    The baseline agrees with itself, so that the candidate's value is the disagreement.
    """
    apart = _apart(t, options)
    values = {"baseline": apart * 0.0, "candidate": apart}
    if "label" in t.columns:
        return mean_of(t, values)
    counts = {f"den_{arm}": value.notnull().cast("float64") for arm, value in values.items()}
    return {f"num_{arm}": value for arm, value in values.items()} | counts


def _apart(t: Any, options: Options) -> Any:
    if options.column == "top_k":
        return _lists_apart(t.baseline_top_k, t.candidate_top_k, options.k)
    one, other = (_said(t, arm, options) for arm in _ARMS)
    return (one != other).cast("float64")


def _said(t: Any, arm: str, options: Options) -> Any:
    """What a model said of a prediction, which side its grade is on, or its live answer."""
    if "label" in t.columns:
        in_words = options.numbered or options.positive_class is None
        return t[f"{arm}_text"] if in_words else said_positive(t, arm, options)
    if f"{arm}_value" in t.columns:
        return t[f"{arm}_value"] >= options.threshold
    return t[f"{arm}_answer" if options.column == "output" else f"{arm}_decision"]


def _lists_apart(one: Any, other: Any, k: int | None) -> Any:
    """1 - |A and B| / k of the first k items; by the longer list where both are shorter."""
    first, second = (items[: k or None].unique() for items in (one, other))
    longer = (first.length() >= second.length()).ifelse(first.length(), second.length())
    return 1.0 - first.intersect(second).length().cast("float64") / longer.nullif(0)


DISAGREEMENT = Metric(
    kind="disagreement",
    title="Disagreement",
    doc="How far the candidate's answer is from the baseline's on the same row, 0 to 1. On "
    "predictions the share of rows of which the two say another class (scores: another side of "
    "`threshold`); on scores the share of runs whose grade changes sides of `threshold`, up or "
    "down, so that gains cannot hide losses of the same size. On live requests `column` decision "
    "(the default) or output counts answers that differ; top_k is 1 - |A and B| / k of the first "
    "`k` items in either order. It says how much will change, not whether it gets better: read it "
    "beside a review. Two runs of one sampled model disagree as well; see what that is with A/A.",
    formats=("predictions", "scores", "shadow_pairs"),
    statistic=Statistic.RATIO,
    rows=_differs,
    binary=True,
    better="lower",
    options=("k", "column", "threshold", "positive"),
)
