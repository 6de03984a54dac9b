"""Metrics of who comes back: grouped by cohort and age, never summed row by row."""

from collections.abc import Mapping
from typing import Any

from shipcall.metrics.metric import Granularity, Metric, Options, Statistic


def _nothing(_t: Any, _options: Options) -> Mapping[str, Any]:
    """Ask for no sum: a unit that stayed away has no row, so rows alone cannot say who did."""
    return {}


RETENTION = Metric(
    kind="retention",
    title="Retention",
    doc="Share of all units that began together which are active on calendar day `day` after the "
    "day of their first exposure; who never came again counts as not back. Cohorts are days, and "
    "enter only when that day is over for both models; they weigh alike in both. Korn-Graubard "
    "where fewer than ten came or stayed away, Wilson otherwise. Not for a day on which the "
    "baseline is no longer served: such cohorts are left out.",
    formats=("activity",),
    statistic=Statistic.COHORTS,
    rows=_nothing,
    granularity=Granularity.UNIT,
    binary=True,
    options=("day",),
    required=("day",),
    stages=frozenset({"cohort"}),
)

RESTRICTED_MEAN = Metric(
    kind="restricted_mean",
    title="Active days",
    doc="Mean number of active days among the first `day` calendar days after the day of the first "
    "exposure: the area under the curve of retention up to there. Over all units that began, in "
    "cohorts for which all those days are over. t over cohorts; exact ends where fewer than ten "
    "units came at all. Curves that cross are summed up fairly; it does not say when people "
    "stopped coming.",
    formats=("activity",),
    statistic=Statistic.COHORTS,
    rows=_nothing,
    granularity=Granularity.UNIT,
    range=None,
    unit="days",
    options=("day",),
    required=("day",),
    stages=frozenset({"cohort"}),
)
