"""Repeats: how much of what graded runs say is luck of the runs, beside the checks on them."""

from typing import Any

import numpy as np

from shipcall.contract.plan import Measure, Plan
from shipcall.core import Absent, Reason, Slice
from shipcall.data.evidence import Evidence
from shipcall.data.plan import Request
from shipcall.data.repeated import Repeated, repeated
from shipcall.metrics import METRICS
from shipcall.stages._shown import LEVEL, shown
from shipcall.stats.clusters import Clusters
from shipcall.stats.luck import luck
from shipcall.stats.sample import Floats
from shipcall.stats.variance import spread_estimate

TABLE = "scores"
KINDS = ("proportion", "mean", "pass_k", "pass_at_k")
"""Kinds that are made of graded runs."""
MOST_METRICS = 4
LARGE = 2_000_000
"""Rows from which on runs are not read one by one; the study of repeats reads them when asked."""


def repeats_exhibit(plan: Plan, evidence: Evidence) -> list[dict[str, Any]]:
    """Show for each metric of repeated runs how much of an item's result is luck.

    Returns:
        Empty where the contract promises one run of each item. Else for each metric, with
        estimates at 95 % for the difference of the models: `share` (of the variance of an item's
        mean that lies between its runs), `twice` and `endless` (width of the interval with twice
        the runs, and with runs without end, as a multiple of today's); `items`, `runs` of an item
        on average, and `flaky`: items with different grades from run to run, by model.
    """
    if plan.repeats < 2 or not evidence.present(TABLE):
        return []
    asked: dict[tuple[str, str, float], Measure] = {}
    for check in plan.checks:
        how = plan.measures.get(check.metric)
        if how is not None and how.evidence == TABLE and how.kind in KINDS:
            threshold = 0.0 if how.kind == "mean" else how.options.threshold
            asked.setdefault((how.options.name, how.options.column or "value", threshold), how)
    return [_of_metric(how, evidence) for how in list(asked.values())[:MOST_METRICS]]


def _of_metric(how: Measure, evidence: Evidence) -> dict[str, Any]:
    head = {"metric": how.name}
    rows = evidence.facts(TABLE).rows
    if rows > LARGE:
        detail = f"{rows:,} rows: ask `shipcall study repeats` for it"
        return {**head, **shown(Absent(reason=Reason.NOT_MEASURABLE, detail=detail))}
    seen = repeated(evidence.opened(TABLE), _request(how), how.options.column or "value")
    if isinstance(seen, Absent):
        return {**head, **shown(seen)}
    before, after = _grades(how, seen.baseline), _grades(how, seen.candidate)
    there = np.isfinite(after - before)
    if not there.any():
        detail = "no run has a grade of both models"
        return {**head, **shown(Absent(reason=Reason.NO_ROWS, detail=detail))}
    items = Clusters.of(seen.item[there])
    spread = spread_estimate((after - before)[there], items, LEVEL)
    found = luck(spread.agreement, items.rows / items.count)
    return {
        **head,
        "items": items.count,
        "runs": items.rows / items.count,
        "flaky": {"baseline": _flaky(seen, before), "candidate": _flaky(seen, after)},
        "share": shown(found.share),
        "twice": shown(found.twice),
        "endless": shown(found.endless),
    }


def _request(how: Measure) -> Request:
    return Request(
        metric=how.name,
        kind=how.kind,
        options=how.options,
        evidence=how.evidence,
        statistic=METRICS[how.kind].statistic,
        granularity=METRICS[how.kind].granularity,
        slices=(Slice(),),
        influence=False,
    )


def _grades(how: Measure, values: Floats) -> Floats:
    """Count a run as passed from the threshold on, where the metric counts; a lost one is NaN."""
    if how.kind == "mean":
        return values
    return np.where(np.isnan(values), np.nan, values >= how.options.threshold)


def _flaky(seen: Repeated, grades: Floats) -> int:
    """Items whose runs do not all have one grade."""
    there = np.isfinite(grades)
    size = int(seen.item.max(initial=-1)) + 1
    low, high = np.full(size, np.inf), np.full(size, -np.inf)
    np.minimum.at(low, seen.item[there], grades[there])
    np.maximum.at(high, seen.item[there], grades[there])
    return int(np.count_nonzero(low < high))
