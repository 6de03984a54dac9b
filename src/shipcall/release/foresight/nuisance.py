"""Nuisance: what has to be known beside the contract before chances can be stated.

How good the baseline is, how much the two models differ from unit to unit, how alike the runs of
one unit are: none of it is promised, all of it decides how many units are enough. Every number
says where it comes from: a pilot, the person who asks, the bar itself, or a stated assumption.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from shipcall.contract.contract import Contract
from shipcall.contract.plan import NOT_READ, Measure, Plan
from shipcall.core import Check, Estimand, Role
from shipcall.metrics import METRICS, Statistic

DISCORDANCE = 0.2
"""Share of rows on which two models are taken to differ, where nobody knows."""
DRAWN = (
    Statistic.RATIO,
    Statistic.BALANCED,
    Statistic.ROOT,
    Statistic.RANKS,
    Statistic.BINS,
    Statistic.QUANTILE,
)
"""Statistics for which there is a law and a pilot tells everything that the law needs."""
ASSUMED_ONLY = (
    Statistic.AVERAGE_PRECISION,
    Statistic.SLOPE,
    Statistic.INTERCEPT,
    Statistic.PREFERENCE,
)
"""Statistics for which there is a law that rests on assumptions, whatever a pilot says."""
UNDRAWN: Mapping[str, str] = {
    "corrected_win_rate": "how many items people will label, and how closely the judge follows "
    "them, is not known before they do; plan a `win_rate` of people to see what labels buy",
    "catalogue_coverage": "it counts items of a catalogue that nobody has described yet",
    **dict.fromkeys(
        ("ips", "snips", "doubly_robust"),
        "its error hangs on the chances in the log; the study `offpolicy` says it of a log",
    ),
}
"""Kind -> why no law draws it."""
WON = 0.45
"""Standard deviation that is taken for what an item's comparisons say: ties in a few of them."""
TOGETHER = 0.5
"""Correlation that is taken for the runs of one unit."""
COUNTING = 0.5
"""Share of rows that is taken to be in the denominator of recall, precision and their kind."""


class Known(NamedTuple):
    """A number and where it comes from."""

    value: float
    source: str
    """`pilot`, `stated`, `contract`, `counted` or `assumed`."""


ASSUMED, STATED, PILOT, CONTRACT = "assumed", "stated", "pilot", "contract"
COUNTED = "counted"
"""In rows that are there already, without a promise that they are all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricNuisance:
    """What is taken of one metric."""

    metric: str
    value: Known
    """The baseline's value, in the unit of the metric."""
    differ: Known | None = None
    """0/1 rows: share of the rows on which the two models differ."""
    spread: Known | None = None
    """Other rows: standard deviation of one row's value (quantiles: of its logarithm)."""
    difference: Known | None = None
    """Standard deviation of one row's paired difference, in the same unit."""
    together: Known | None = None
    """Correlation of the rows of one cluster, in [0, 1], where a cluster has several."""
    counting: Known | None = None
    """Share of the rows that are in the denominator; for AUC the share of positives."""
    lost: Known | None = None
    """Share of its rows without a usable value, in [0, 1); None: as in the whole table."""

    def scaled(self, factor: float) -> "MetricNuisance":
        """The same with so many times the spread of the difference between the models."""
        differ = self.differ and self.differ._replace(value=min(self.differ.value * factor**2, 1.0))
        difference = self.difference and self.difference._replace(
            value=self.difference.value * factor
        )
        return replace(self, differ=differ, difference=difference)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableNuisance:
    """What is taken of one table of evidence."""

    table: str
    units: Known | None
    """Units that were promised or counted; None where nobody said."""
    runs: Known
    """Graded runs of each unit by each model; 1 for predictions."""
    cluster: Known
    """Units of one cluster, at least 1."""
    lost: Known
    """Share of rows lost for either model, in [0, 1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nuisance:
    """Everything that is taken, and what could not be."""

    metrics: Mapping[str, MetricNuisance]
    tables: Mapping[str, TableNuisance]
    correlation: Mapping[tuple[str, str], Known]
    """Of the differences of two metrics over units; pairs that are not named have none."""
    unknown: Mapping[str, str]
    """Metric -> why nothing can be drawn of it."""

    def scaled(self, factor: float) -> "Nuisance":
        """The same with so many times the spread of every difference between the models."""
        return replace(self, metrics={n: m.scaled(factor) for n, m in self.metrics.items()})

    @property
    def guessed(self) -> bool:
        """Is the spread of any metric an assumption?"""
        spreads = [k for m in self.metrics.values() for k in (m.differ, m.difference)]
        return any(known is not None and known.source == ASSUMED for known in spreads)


def assumed(contract: Contract, promised: Plan, *, discordance: float | None = None) -> Nuisance:
    """Take stated assumptions for everything that no pilot says.

    Args:
        contract: Says units, repeats and ranges.
        promised: The plan of the stage; only metrics of checks that decide are asked for.
        discordance: Share of rows on which the two models differ; None: DISCORDANCE.
    """
    metrics, unknown = {}, {}
    for name, checks in deciding(promised).items():
        how = promised.measures[name]
        taken = _metric(contract, how, checks, discordance)
        if isinstance(taken, str):
            unknown[name] = taken
        else:
            metrics[name] = taken
    tables = {
        table: _table(contract, promised, table)
        for table in dict.fromkeys(promised.measures[name].evidence for name in metrics)
    }
    return Nuisance(
        metrics=united(metrics, promised), tables=tables, correlation={}, unknown=unknown
    )


def united(metrics: Mapping[str, MetricNuisance], promised: Plan) -> dict[str, MetricNuisance]:
    """Let pass^k take what is known of the runs it is made of.

    A share of runs and pass^k of the same grades come from the same rows. Where the contract has
    no such share, what is taken for pass^k is what is taken of its runs.

    Args:
        metrics: What is taken of each metric.
        promised: How the metrics are measured.
    """
    runs = {
        _rows_of(promised.measures[name]): taken
        for name, taken in metrics.items()
        if promised.measures[name].kind == "proportion"
    }
    found = dict(metrics)
    for name in metrics:
        how = promised.measures[name]
        if how.kind == "pass_k" and _rows_of(how) in runs:
            found[name] = replace(runs[_rows_of(how)], metric=name)
    return found


def _rows_of(how: Measure) -> tuple[str, str, float]:
    return how.evidence, how.options.name, how.options.threshold


def deciding(promised: Plan) -> dict[str, list[Check]]:
    """Metric -> its checks that can move the call."""
    found: dict[str, list[Check]] = {}
    for check in promised.checks:
        if check.role in (Role.GOAL, Role.GUARDRAIL):
            found.setdefault(check.metric, []).append(check)
    return found


_VALUES = {
    "brier": 0.15,
    "log_loss": 0.4,
    "ece": 0.05,
    "roc_auc": 0.8,
    "average_precision": 0.6,
    "calibration_slope": 1.0,
    "calibration_intercept": 0.0,
}
"""Values of a baseline that are taken where no bar says one."""
_SPREADS = {"brier": 0.2, "log_loss": 0.6, "ece": 0.1}
"""Standard deviations of one row."""
_LOGARITHM = 0.5
"""Standard deviation of the logarithm of latencies and costs."""


def _metric(
    contract: Contract, how: Measure, checks: list[Check], discordance: float | None
) -> MetricNuisance | str:
    if how.kind not in METRICS:
        return f"{how.name}: this version cannot measure {how.kind}, so the gate will hold"
    if METRICS[how.kind].statistic not in (*DRAWN, *ASSUMED_ONLY):
        why = UNDRAWN.get(how.kind, "no law is known for it")
        return f"{how.name}: {how.kind} cannot be drawn before there are rows: {why}"
    value = Known(0.5, ASSUMED) if how.kind == "win_rate" else _value(how, checks)
    if value is None:
        return (
            f"{how.name}: its scale is not known before there is a number. Bring a pilot "
            "(--pilot), declare a range, or set a relative or absolute bar"
        )
    metric, share = METRICS[how.kind], discordance if discordance is not None else DISCORDANCE
    said = STATED if discordance is not None else ASSUMED
    common = MetricNuisance(
        metric=how.name,
        value=value,
        together=_together(contract, how),
        counting=Known(COUNTING, ASSUMED) if _counts_some(how.kind) else None,
    )
    if metric.binary or how.kind == "pass_k":
        most = 2.0 * value.value * (1.0 - value.value)
        differ = Known(share, said) if share <= most else Known(most, ASSUMED)
        return replace(common, differ=differ)
    if how.kind == "win_rate":
        # One model's wins are the other's losses: the difference varies twice as much.
        return replace(common, spread=Known(WON, ASSUMED), difference=Known(2 * WON, ASSUMED))
    spread = _spread(how, value.value)
    return replace(
        common,
        spread=Known(spread, ASSUMED),
        difference=Known(2.0 * spread * math.sqrt(share), said),
    )


_COUNTED = ("recall", "precision", "specificity", "false_positive_rate")
"""Kinds of which a share of the rows is in the denominator."""


def _counts_some(kind: str) -> bool:
    return kind in (*_COUNTED, "roc_auc", "average_precision")


def _together(contract: Contract, how: Measure) -> Known | None:
    repeats = contract.harness.repeats if contract.harness else 1
    several = how.evidence == "scores" and repeats > 1
    return Known(TOGETHER, ASSUMED) if several else None


def _spread(how: Measure, value: float) -> float:
    if METRICS[how.kind].statistic is Statistic.QUANTILE:
        return _LOGARITHM
    bounds = how.options.range
    if bounds is not None:
        return (bounds[1] - bounds[0]) / 4
    return _SPREADS.get(how.kind, _LOGARITHM * abs(value) or _LOGARITHM)


def _value(how: Measure, checks: list[Check]) -> Known | None:
    """The baseline's value: half-way from an absolute bar to the better end, else a usual one."""
    metric = METRICS[how.kind]
    bounds = how.options.range or metric.range
    if metric.statistic is Statistic.QUANTILE:
        bounds = None
    for check in checks:
        if check.estimand is Estimand.CANDIDATE:
            return Known(half_way(check, bounds), CONTRACT)
    if how.kind in _VALUES:
        return Known(_VALUES[how.kind], ASSUMED)
    if bounds == (0.0, 1.0):
        usual = 0.8 if how.options.better == "higher" else 0.2
        chance = how.options.chance
        return Known(max(usual, (1.0 + chance) / 2) if chance else usual, ASSUMED)
    if bounds is not None:
        return Known((bounds[0] + bounds[1]) / 2, ASSUMED)
    if all(check.estimand is Estimand.RELATIVE for check in checks):
        return Known(1.0, ASSUMED)
    return None


def half_way(check: Check, bounds: tuple[float, float] | None) -> float:
    """A value half-way from an absolute bar to the better end of a range."""
    low, high = check.bar.low, check.bar.high
    if check.bar.two_sided:
        return (low + high) / 2
    if math.isfinite(low):
        return (low + bounds[1]) / 2 if bounds else (1.5 * low if low > 0 else low / 2)
    return (high + bounds[0]) / 2 if bounds else (0.5 * high if high > 0 else 1.5 * high)


def _table(contract: Contract, promised: Plan, table: str) -> TableNuisance:
    repeats = contract.harness.repeats if contract.harness else 1
    runs = Known(float(repeats) if table == "scores" else 1.0, CONTRACT)
    return TableNuisance(
        table=table,
        units=_units(contract, promised, table),
        runs=runs,
        cluster=Known(1.0, ASSUMED if _clustered(contract) else CONTRACT),
        lost=Known(0.0, ASSUMED),
    )


def _clustered(contract: Contract) -> bool:
    return contract.unit.cluster not in (None, contract.unit.id)


def _units(contract: Contract, promised: Plan, table: str) -> Known | None:
    """Units of a table: as promised, else as counted in the slices."""
    source = {str(name): source for name, source in contract.evidence.items()}.get(table)
    if source is None:
        return None
    if source.expect.units is not None:
        return Known(float(source.expect.units), CONTRACT)
    if source.expect.rows is not None:
        each = 2 * promised.runs_per_unit.get(table, 1) if table == "scores" else 1
        return Known(float(max(source.expect.rows // each, 1)), CONTRACT)
    columns: dict[tuple[str, ...], int] = {}
    for part, units in promised.levels.items():
        if any(level == NOT_READ for _, level in part.pairs):
            continue
        columns[part.columns] = columns.get(part.columns, 0) + units
    counted = max(columns.values(), default=0)
    return Known(float(counted), COUNTED) if counted > 0 else None
