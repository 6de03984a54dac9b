"""Ramp nuisance: what has to be taken before a rollout can be drawn, each number with its source.

How many units come, what a unit of the baseline does, how large a slice is: no contract promises
it, and all of it decides how soon a harm is seen.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from shipcall.contract.contract import Contract
from shipcall.contract.plan import NOT_READ, Measure, Plan
from shipcall.core import Absent, Check, Estimand, Slice, UsageError
from shipcall.data.evidence import Evidence
from shipcall.data.ramp import Entered
from shipcall.release.foresight.crowd import ALL, Crowd, Law
from shipcall.release.foresight.lookout import drawable
from shipcall.release.foresight.nuisance import ASSUMED, CONTRACT, PILOT, STATED, Known, half_way
from shipcall.release.foresight.pilot import LEAST_UNITS
from shipcall.stages._online import is_outcome, requests
from shipcall.stats.sequential.epochs import Epochs

RATE = 0.1
"""Share of units with the event, where nobody knows."""
MEAN = 1.0
"""Mean of a value, and its standard deviation, where nobody knows."""
SLICE_SHARE = 0.1
"""Share of all units that a slice is taken to have."""
_LATER = datetime(9999, 1, 1, tzinfo=UTC)

Level = tuple[str, str]
"""A column and one of its levels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeNuisance:
    """What is taken of one online metric."""

    kind: str
    """Of `Law`: event, amount or normal."""
    value: Known
    """Mean of a unit under the baseline, in the unit of the metric."""
    spread: Known
    """Standard deviation between units."""

    @property
    def law(self) -> Law:
        """What its outcomes are drawn from."""
        return Law(kind=self.kind, mean=self.value.value, spread=self.spread.value)

    def scaled(self, factor: float) -> "OutcomeNuisance":
        """So many times the rate, or the spread, where it is an assumption."""
        if self.kind == "event" and self.value.source == ASSUMED:
            return _event(Known(min(self.value.value * factor, 0.9), ASSUMED))
        if self.kind != "event" and self.spread.source == ASSUMED:
            return replace(self, spread=Known(self.spread.value * factor, ASSUMED))
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class RampNuisance:
    """Everything that is taken of a rollout."""

    per_day: Known | None
    """New units a day, both arms together; None where nobody says."""
    metrics: Mapping[str, OutcomeNuisance]
    levels: Mapping[Level, Known]
    """Share of all units."""
    slices: tuple[Slice, ...]
    """Those that checks name."""
    left_out: Mapping[str, str]
    """Check -> why nothing of it can be drawn."""

    @property
    def guessed(self) -> bool:
        """Is the rate or the spread of a metric an assumption?"""
        return any(one.scaled(2.0) != one for one in self.metrics.values())

    def scaled(self, factor: float) -> "RampNuisance":
        """So many times every assumed rate, and every assumed spread."""
        return replace(self, metrics={n: m.scaled(factor) for n, m in self.metrics.items()})

    def crowd(self, factor: float = 1.0) -> Crowd:
        """Who comes, with so many times the units a day.

        Raises:
            ValueError: If nobody says how many come.
        """
        if self.per_day is None:
            raise ValueError("units a day are not known; nothing can be drawn")
        shares = {level: known.value for level, known in self.levels.items()}
        return Crowd(self.per_day.value * factor, self.slices, shares)

    @property
    def laws(self) -> dict[str, Law]:
        """Metric -> what its outcomes are drawn from."""
        return {name: one.law for name, one in self.metrics.items()}


def assumed_ramp(
    contract: Contract, plan: Plan, sizes: Mapping[Slice, int] | None, per_day: float | None
) -> RampNuisance:
    """Take stated assumptions for everything that no pilot says.

    Args:
        contract: With [rollout]; may say how many exposures are expected.
        plan: Its plan at the last share.
        sizes: Units of each slice of the gate; None while nobody could count them.
        per_day: New units a day, as stated.
    """
    drawn: dict[str, list[Check]] = {}
    left_out = {}
    columns: dict[Level, Known] = {}
    for check in plan.checks:
        if not is_outcome(check):
            continue
        if not drawable(check, plan):
            kind = plan.measures[check.metric].kind
            left_out[check.id] = f"outcomes of kind {kind!r} cannot be drawn before there are rows"
            continue
        drawn.setdefault(check.metric, []).append(check)
        for level in check.slice.pairs:
            columns[level] = _share_of(level, sizes)
    return RampNuisance(
        per_day=_per_day(contract, per_day),
        metrics={name: _taken(plan.measures[name], checks) for name, checks in drawn.items()},
        levels=_bounded(columns),
        slices=tuple(check.slice for checks in drawn.values() for check in checks),
        left_out=left_out,
    )


def _per_day(contract: Contract, stated: float | None) -> Known | None:
    if stated is not None:
        return Known(stated, STATED)
    sources = {str(name): source for name, source in contract.evidence.items()}
    source, rollout = sources.get("exposures"), contract.rollout
    if source is None or source.expect.units is None or rollout is None or not rollout.max_days:
        return None
    return Known(source.expect.units / rollout.max_days, CONTRACT)


def _share_of(level: Level, sizes: Mapping[Slice, int] | None) -> Known:
    column = {part: n for part, n in (sizes or {}).items() if part.columns == (level[0],)}
    known = {part: n for part, n in column.items() if part.pairs[0][1] != NOT_READ}
    units = known.get(Slice((level,)), 0)
    return Known(units / sum(known.values()), CONTRACT) if units else Known(SLICE_SHARE, ASSUMED)


def _bounded(levels: Mapping[Level, Known]) -> dict[Level, Known]:
    """Levels of one column have no more than all units together."""
    totals: dict[str, float] = {}
    for (column, _), known in levels.items():
        totals[column] = totals.get(column, 0.0) + known.value
    return {
        level: known._replace(value=known.value / max(totals[level[0]], 1.0))
        for level, known in levels.items()
    }


def _taken(how: Measure, checks: Sequence[Check]) -> OutcomeNuisance:
    bounds = (0.0, 1.0) if how.kind == "proportion" else how.options.range
    bar = next((check for check in checks if check.estimand is Estimand.CANDIDATE), None)
    value = None if bar is None else Known(half_way(bar, bounds), CONTRACT)
    if how.kind == "proportion":
        return _event(value or Known(RATE, ASSUMED))
    if bounds is not None:
        value = value or Known((bounds[0] + bounds[1]) / 2, ASSUMED)
        kind = "amount" if bounds[0] >= 0 else "normal"
        return OutcomeNuisance(
            kind=kind, value=value, spread=Known((bounds[1] - bounds[0]) / 4, ASSUMED)
        )
    value = value or Known(MEAN, ASSUMED)
    spread = Known(abs(value.value) or MEAN, ASSUMED)
    return OutcomeNuisance(
        kind="amount" if value.value > 0 else "normal", value=value, spread=spread
    )


def _event(value: Known) -> OutcomeNuisance:
    rate = min(max(value.value, 1e-9), 1 - 1e-9)
    spread = Known(math.sqrt(rate * (1 - rate)), value.source)
    return OutcomeNuisance(kind="event", value=value._replace(value=rate), spread=spread)


def learned_ramp(nuisance: RampNuisance, plan: Plan, evidence: Evidence) -> RampNuisance:
    """Replace assumptions by what the baseline's units of an earlier rollout did.

    Args:
        nuisance: From `assumed_ramp`.
        plan: The plan at the last share.
        evidence: Exposures and outcomes of the pilot.

    Raises:
        EvidenceError: If the pilot cannot be read as what the contract says it is.
        UsageError: If no metric has enough units in it.
    """
    states = evidence.entered(requests(plan), _LATER)
    metrics, levels = dict(nuisance.metrics), dict(nuisance.levels)
    learned = 0
    for (name, part), entered in states.items():
        if isinstance(entered, Absent) or name not in metrics or entered.epochs is None:
            continue
        if part == ALL:
            seen = _seen(metrics[name], entered.epochs)
            learned += seen is not None
            metrics[name] = seen or metrics[name]
        elif len(part.pairs) == 1:
            whole = states[name, ALL]
            share = _units(entered) / max(_units(whole), 1)
            levels[part.pairs[0]] = Known(min(max(share, 1e-6), 1.0), PILOT)
    if not learned:
        raise UsageError(
            f"--pilot outcomes: no metric of the rollout has {LEAST_UNITS} units of the baseline "
            "with an outcome in it. Bring more, or leave the pilot out."
        )
    return replace(nuisance, metrics=metrics, levels=_bounded(levels))


def _units(entered: Entered | Absent) -> int:
    if isinstance(entered, Absent):
        return 0
    return sum(arm.n for pair in entered.missing.cells.values() for arm in pair)


def _seen(taken: OutcomeNuisance, epochs: Epochs) -> OutcomeNuisance | None:
    """Mean and spread of the baseline's units; None where there are too few, or one value only."""
    table = epochs.table()
    n, y, yy = (float(part[0].sum()) for part in (table.n, table.y, table.yy))
    if n < LEAST_UNITS:
        return None
    mean = y / n
    variance = max(yy / n - mean**2, 0.0) * n / (n - 1.0)
    if taken.kind == "event":
        return _event(Known((y + 0.5) / (n + 1.0), PILOT))
    if variance <= 0:
        return None
    kind = "amount" if mean > 0 and taken.kind == "amount" else "normal"
    spread = Known(math.sqrt(variance), PILOT)
    return OutcomeNuisance(kind=kind, value=Known(mean, PILOT), spread=spread)
