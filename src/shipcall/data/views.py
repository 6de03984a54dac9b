"""Views: what one line means to a metric, as expressions over the relations that were read.

A line that cannot be used stays in its view with nulls in place of what is not known: whoever
sums counts it as lost. Slice columns are called s0, s1, … here, in the order they were asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any

import ibis

from shipcall.data.cells import as_number, as_text, as_value, is_one_of
from shipcall.data.columns import Parts
from shipcall.data.sources import ARMS, NO_LEVEL, MetricUse, Source

MEASURES = ("latency_ms", "cost", "tokens")
"""Columns of `scores` that may be measured instead of the grade."""
PAIRED = ("item_hash", "prompt_hash", "cluster")
"""Columns of `scores` that have to agree between the two runs of a pair."""
ANSWER = ("text", "number", "truth", "confidence", "square")
"""What is read of one model's answer in a table of predictions."""
_WHOLE = "1"
"""The repeat of every run, where runs are not numbered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A relation with the parts its columns play."""

    table: Any
    parts: Parts
    source: Source
    unique: bool = False
    """Every row is known to have a unit of its own."""
    heaviest: float = 1.0
    """Greatest weight of a row of predictions."""
    answered: Any = None
    """What `answered` gives of predictions, under a name in the engine; None: it has none."""

    def levels(self, t: Any, sliced: Sequence[str]) -> Mapping[str, Any]:
        """Slice columns s0, s1, … of a relation; null is the level "(none)"."""
        columns = self.parts.slices
        return {
            f"s{i}": as_text(t[columns[name]]).fill_null(NO_LEVEL) for i, name in enumerate(sliced)
        }


def predictions(bound: Bound, sliced: Sequence[str]) -> Any:
    """One line per row: what both models said of one item.

    Answers on a row whose unit another row has too are null: nobody knows which one counts.
    Every further column of the files is there as a number, called own_ and its name.

    Weights are shares of the heaviest row's, because only their ratios mean something: rows that
    all weigh the same weigh 1, and sums of weights count rows as heavy as the heaviest. No floor
    on a number of rows is passed by writing larger weights, and a lost row weighs as much as any.
    """
    t, parts = answered(bound) if bound.answered is None else bound.answered, bound.parts
    unit = as_text(parts.cell(t, "unit"))
    label = parts.cell(t, "label")
    columns: dict[str, Any] = {
        "unit": unit,
        "cluster": as_text(parts.cell(t, "cluster")) if parts.has("cluster") else unit,
        "repeat": ibis.literal(_WHOLE),
        "weight": _weight(bound, t),
        "label": as_value(label),
        "label_number": as_number(label),
        **{f"own_{name}": as_number(t[place]) for name, place in parts.slices.items()},
        **bound.levels(t, sliced),
    }
    answers = [f"{arm}_{name}" for arm in ARMS for name in ANSWER]
    view = t.select(**columns, **{name: t[name] for name in answers})
    if bound.unique:
        return view
    once = view.count().over(ibis.window(group_by=view.unit)) == 1
    return view.mutate(
        **{name: once.ifelse(view[name], ibis.null(view[name].type())) for name in answers}
    )


def answered(bound: Bound) -> Any:
    """The rows of predictions with what each model said beside them, read the same way in all."""
    t = bound.table
    said = {
        arm: _numbered(bound, t, arm) if bound.parts.classes else _plain(bound, t, arm)
        for arm in ARMS
    }
    return t.mutate(**{f"{arm}_{name}": said[arm][name] for arm in ARMS for name in ANSWER})


def _weight(bound: Bound, t: Any) -> Any:
    if not bound.parts.has("weight"):
        return ibis.literal(1.0)
    weight = as_number(bound.parts.cell(t, "weight"))
    return weight if bound.heaviest == 1.0 else weight / bound.heaviest


def _plain(bound: Bound, t: Any, arm: str) -> Mapping[str, Any]:
    cell = bound.parts.cell(t, arm)
    known = ~is_one_of(cell, bound.source.sentinels)
    number = ibis.null("float64")
    return {
        "text": known.ifelse(as_value(cell), ibis.null("string")),
        "number": known.ifelse(as_number(cell), number),
        "truth": number,
        "confidence": number,
        "square": number,
    }


def _numbered(bound: Bound, t: Any, arm: str) -> Mapping[str, Any]:
    """Read what a model said from one probability per class; all of it or nothing."""
    cells = [bound.parts.cell(t, f"{arm}_{i}") for i in range(bound.parts.classes)]
    known = reduce(
        and_, [cell.notnull() & ~is_one_of(cell, bound.source.sentinels) for cell in cells]
    )
    shares = ibis.array([as_number(cell) for cell in cells])
    label = as_value(bound.parts.cell(t, "label")).try_cast("int64")
    answer = {
        "text": shares.index(shares.maxs()).cast("string"),
        "number": ibis.null("float64"),
        "truth": shares[label],
        "confidence": shares.maxs(),
        "square": shares.map(lambda share: share * share).sums(),
    }
    return {name: known.ifelse(value, ibis.null(value.type())) for name, value in answer.items()}


def runs(bound: Bound, uses: Mapping[str, MetricUse], sliced: Sequence[str]) -> Any:
    """One line per graded run of one arm, with its final status and its value.

    Grades: ok -> the number; a model error -> the worst end of the declared range, null without
    one; everything else -> null. A sentinel, a grade outside its range and an ok without a grade
    are judge errors (or what the contract says of the sentinel).
    """
    t, parts = bound.table, bound.parts
    if parts.wide:
        arms = [
            _runs(bound, uses, sliced, ibis.literal(arm), t[parts.columns[arm]]) for arm in ARMS
        ]
        return ibis.union(*arms, distinct=False)
    return _runs(bound, uses, sliced, arm_of(bound, t), parts.cell(t, "value"))


def arm_of(bound: Bound, t: Any) -> Any:
    """Name of the arm in our words; null for an arm that the contract does not name.

    The names of the contract come first; a file may use ours all the same.
    """
    seen, arms = as_text(bound.parts.cell(t, "arm")), bound.source.arms
    named = [(seen == arms[arm], arm) for arm in ARMS if arm in arms]
    return ibis.cases(*named, *((seen == arm, arm) for arm in ARMS))


def in_use(bound: Bound, uses: Mapping[str, MetricUse], t: Any) -> Any:
    """Does a row of the relation belong to an arm and a metric that the contract names?"""
    metric = as_text(bound.parts.cell(t, "metric"))
    used = metric.isin(sorted(uses)) if uses else metric.notnull()
    return used if bound.parts.wide else used & arm_of(bound, t).notnull()


def _runs(
    bound: Bound, uses: Mapping[str, MetricUse], sliced: Sequence[str], arm: Any, cell: Any
) -> Any:
    t, parts = bound.table, bound.parts
    item = as_text(parts.cell(t, "item"))
    columns = {
        "arm": arm,
        "unit": item,
        "repeat": as_text(parts.cell(t, "repeat")) if parts.has("repeat") else ibis.literal(_WHOLE),
        "metric": as_text(parts.cell(t, "metric")),
        "cluster": as_text(parts.cell(t, "cluster")) if parts.has("cluster") else item,
        **_grades(bound, uses, cell),
    }
    ran = columns["status"].isin(["ok", "model_error", "judge_error"])
    columns["error"] = (columns["status"] == "model_error").cast("float64")
    for name in MEASURES:
        if parts.has(name):
            measure = as_number(parts.cell(t, name))
            columns[name] = ran.ifelse(measure, ibis.null("float64"))
    for name in ("item_hash", "prompt_hash", "scorer", "eval_set"):
        if parts.has(name):
            columns[name] = as_text(parts.cell(t, name))
    columns |= bound.levels(t, sliced)
    return t.filter(in_use(bound, uses, t)).select(**columns)


def _grades(bound: Bound, uses: Mapping[str, MetricUse], cell: Any) -> dict[str, Any]:
    """Final status and value of the grades in one column, and why they are not as stated."""
    t, parts, sentinels = bound.table, bound.parts, bound.source.sentinels
    metric, stated = as_text(parts.cell(t, "metric")), as_text(parts.cell(t, "status"))
    number, graded = as_number(cell), stated == "ok"
    ranges = {name: use.range for name, use in uses.items() if use.range is not None}
    beyond = {name: ~number.between(*ends) for name, ends in ranges.items()}
    worst = {name: _worst(uses[name].better, ends) for name, ends in ranges.items()}
    sentinel = graded & is_one_of(cell, sentinels)
    outside = graded & ~sentinel & _by_metric(metric, beyond, "boolean").fill_null(False)
    meant = ibis.cases(
        *((is_one_of(cell, [seen]), status) for seen, status in sorted(sentinels.items())),
        (ibis.literal(True), "judge_error"),
    )
    status = ibis.cases(
        (sentinel, meant), (outside | (graded & number.isnull()), "judge_error"), else_=stated
    )
    value = ibis.cases(
        (status == "ok", number),
        (status == "model_error", _by_metric(metric, worst, "float64")),
    )
    return {"status": status, "sentinel": sentinel, "outside": outside, "value": value}


def _by_metric(metric: Any, values: Mapping[str, Any], kind: str) -> Any:
    if not values:
        return ibis.null(kind)
    return ibis.cases(*((metric == name, value) for name, value in sorted(values.items())))


def _worst(better: str, ends: tuple[float, float]) -> float:
    return float(ends[0] if better == "higher" else ends[1])


def lines(runs_: Any) -> Any:
    """One line per metric, item and repeat: the run of each arm, null where there is not one.

    An arm with two rows under one key has no value there: nobody knows which one counts.
    `differs` says that what names the item's content or slice is not the same in both arms;
    the value of such a line is null too where a slice differs.
    """
    names = runs_.columns
    levels = [name for name in names if name[0] == "s" and name[1:].isdigit()]
    compared = [name for name in PAIRED if name in names]
    measured = ["value", "error", *(name for name in MEASURES if name in names)]
    of = {arm: runs_.arm == arm for arm in ARMS}
    sums = {f"{arm}_rows": runs_.count(where=of[arm]) for arm in ARMS}
    for name in (*levels, *compared, *measured):
        sums |= {f"{arm}_{name}": runs_[name].max(where=of[arm]) for arm in ARMS}
    t = runs_.group_by("metric", "unit", "repeat").aggregate(**sums)
    moved = _differ(t, levels)
    columns = {
        "metric": t.metric,
        "unit": t.unit,
        "repeat": t.repeat,
        "cluster": ibis.coalesce(t.baseline_cluster, t.candidate_cluster),
        "differs": _differ(t, [*levels, *compared]),
        "hashed": _hashed(t, compared),
        **{name: ibis.coalesce(t[f"baseline_{name}"], t[f"candidate_{name}"]) for name in levels},
    }
    for arm in ARMS:
        known = (t[f"{arm}_rows"] == 1) & ~moved
        columns[f"{arm}_rows"] = t[f"{arm}_rows"]
        for name in measured:
            columns[f"{arm}_{name}"] = known.ifelse(t[f"{arm}_{name}"], ibis.null("float64"))
    return t.select(**columns)


def _differ(t: Any, names: Sequence[str]) -> Any:
    differ = ibis.literal(False)
    for name in names:
        unlike = t[f"baseline_{name}"] != t[f"candidate_{name}"]
        differ |= unlike.fill_null(False)
    return differ


def _hashed(t: Any, names: Sequence[str]) -> Any:
    """Does some hash stand beside both runs?"""
    hashed = ibis.literal(False)
    for name in names:
        if name.endswith("_hash"):
            hashed |= t[f"baseline_{name}"].notnull() & t[f"candidate_{name}"].notnull()
    return hashed


def items(lines_: Any, threshold: float) -> Any:
    """One line per item: runs, their total and the hits of each arm.

    An item with a run that is lost in either arm is lost: its counts are null.
    """
    levels = [name for name in lines_.columns if name[0] == "s" and name[1:].isdigit()]
    lost = lines_.baseline_value.isnull() | lines_.candidate_value.isnull()
    sums = {
        "cluster": lines_.cluster.max(),
        "lost": lost.any(),
        "runs": lines_.count(),
        **{name: lines_[name].max() for name in levels},
    }
    for arm in ARMS:
        value = lines_[f"{arm}_value"]
        sums[f"{arm}_hits"] = (value >= threshold).sum()
        sums[f"{arm}_total"] = value.collect(order_by=lines_.repeat).sums()
    t = lines_.group_by("unit").aggregate(**sums)
    columns = {
        "unit": t.unit,
        "cluster": t.cluster,
        "repeat": ibis.literal(_WHOLE),
        "runs": t.runs,
        **{name: t[name] for name in levels},
    }
    for arm in ARMS:
        columns[f"{arm}_count"] = t.lost.ifelse(ibis.null("int64"), t.runs)
        columns[f"{arm}_hits"] = t.lost.ifelse(ibis.null("int64"), t[f"{arm}_hits"])
        columns[f"{arm}_total"] = t.lost.ifelse(ibis.null("float64"), t[f"{arm}_total"])
    return t.select(**columns)
