"""Online: one metric of a rollout, from units by epoch to an estimate that holds at every look."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from shipcall.contract.plan import Measure, Plan, Progress
from shipcall.core import Absent, Check, Estimand, Measured, Reason, Slice, Tails
from shipcall.core.estimate import Estimate
from shipcall.data.ramp import Entered, OutcomeRequest
from shipcall.stages._integrity import lost_and_units, score_plan
from shipcall.stats.sequential.betting import BettingPlan, Range, arm_mean
from shipcall.stats.sequential.epochs import Cell, Epochs, Pair, Sums
from shipcall.stats.sequential.exceedance import Masses, QuantilePlan, quantile_estimate
from shipcall.stats.sequential.rare import rare_estimate
from shipcall.stats.sequential.score import score_estimate
from shipcall.stats.sequential.tuning import Tuned, tuned

MEASURABLE = ("proportion", "mean", "cost", "quantile")
"""Kinds that can be followed while people are exposed."""
QUANTILE_UNITS = 1000.0
"""Units of the smaller arm at which a quantile shall be tightest."""
ALL = Slice()
_DAY = 24


def progress_in(plan: Plan) -> Progress:
    """How far the rollout is of which this is a plan."""
    if plan.progress is None:
        raise ValueError(f"the plan of stage {plan.stage!r} does not say how far the rollout is")
    return plan.progress


def requests(plan: Plan) -> list[OutcomeRequest]:
    """Ask for every metric once: on all units, and on each slice in which some check needs it."""
    wanted: dict[str, dict[Slice, None]] = {}
    for check in plan.checks:
        if is_outcome(check) and plan.measures[check.metric].kind in MEASURABLE:
            wanted.setdefault(check.metric, {ALL: None})[check.slice] = None
    return [request_of(plan.measures[name], tuple(parts)) for name, parts in wanted.items()]


def is_outcome(check: Check) -> bool:
    """Is the check about what people did, and not about counts of the evidence?"""
    return check.estimand is not Estimand.COUNT


def request_of(measure: Measure, slices: tuple[Slice, ...]) -> OutcomeRequest:
    """Ask for the units of one metric."""
    quantile = measure.kind == "quantile"
    return OutcomeRequest(
        metric=measure.name,
        name=measure.options.name,
        quantile=quantile,
        per_unit=measure.per_unit,
        threshold=measure.options.threshold,
        window_hours=measure.window_hours,
        zero=measure.zero,
        range=measure.options.range,
        slices=slices,
        epoch_hours=_DAY if quantile else 1,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Online:
    """How one metric is estimated at the present look."""

    measure: Measure
    progress: Progress
    estimand: Estimand
    tails: Tails

    @property
    def binary(self) -> bool:
        """One 0/1 value for each unit."""
        return self.measure.kind == "proportion" and self.measure.per_unit == "any"

    @property
    def range(self) -> tuple[float, float] | None:
        """Least and greatest value of a unit, where something bounds it."""
        if self.measure.kind == "proportion":
            return (0.0, 1.0)
        return None if self.measure.per_unit == "sum" else self.measure.options.range

    @property
    def rare(self) -> bool:
        """Events that are hoped never to happen, held against a ratio: judged by their arms."""
        relative = self.estimand is Estimand.RELATIVE
        return self.binary and relative and self.measure.level == "safety"


def estimate_online(how: Online, entered: Entered | Absent) -> Measured:
    """Estimate one metric on one slice; the interval holds at every look of the rollout.

    Units whose outcome is lost are filled in at their worst, for each end of the interval apart;
    without a range nothing bounds them and there is no estimate.
    """
    if isinstance(entered, Absent):
        return entered
    lost, units = lost_and_units(entered)
    absent = _silent(how, entered) or (None if units else _nothing(entered))
    if absent is not None:
        return absent
    if entered.masses is not None:
        return _quantile(how, entered.masses, lost)
    found = tuned(entered.epochs, binary=how.binary) if entered.epochs is not None else None
    if found is None:
        detail = f"{units:,} units so far; the first are spent on tuning the sequence"
        return Absent(reason=Reason.TOO_FEW_UNITS, detail=detail, n=units)
    return _filled(how, found, entered.missing) if lost else _sequence(how, found, found.epochs)


def _silent(how: Online, entered: Entered) -> Absent | None:
    hours, limit = entered.silent_hours, how.progress.max_silence_hours
    if hours is None or limit is None or hours <= limit:
        return None
    detail = f"no {how.measure.name} for {hours:.1f} h; {limit:g} h are allowed"
    return Absent(reason=Reason.SILENT, detail=detail, silent_hours=hours)


def _nothing(entered: Entered) -> Absent:
    if entered.maturing:
        detail = f"{entered.maturing:,} units, the window of none has closed"
        return Absent(reason=Reason.MATURING, detail=detail)
    return Absent(reason=Reason.NO_ROWS, detail="no unit was exposed")


def _sequence(how: Online, found: Tuned, epochs: Epochs) -> Measured:
    plan = score_plan(found, how.progress, epoch_hours=1)
    if how.estimand in (Estimand.CANDIDATE, Estimand.BASELINE):
        if how.range is None:
            detail = f"a bar on the own value of {how.measure.name} needs a declared range"
            return Absent(reason=Reason.UNSOUND, detail=detail)
        bets = BettingPlan(start=found.start, range=Range(*how.range), information=plan.information)
        return arm_mean(epochs, how.estimand, bets, how.tails)
    if how.rare:
        return rare_estimate(epochs, how.tails)
    return score_estimate(epochs, plan, how.estimand, how.tails)


def _filled(how: Online, found: Tuned, missing: Epochs) -> Measured:
    """Widen the interval to what holds whatever the lost outcomes were."""
    if how.range is None:
        detail = "units have no outcome, and no range bounds what it would have been"
        return Absent(reason=Reason.ROWS_MISSING, detail=detail)
    first = min((cell.epoch for cell in found.epochs.cells), default=0)
    lost = {cell: pair for cell, pair in missing.cells.items() if cell.epoch >= first}
    one = round(1.0 / missing.step)
    counts = {
        cell: (pair.baseline.y // one, pair.candidate.y // one) for cell, pair in lost.items()
    }
    low, high = how.range
    own = _sequence(how, found, found.epochs)
    worst = _sequence(how, found, _with(found.epochs, counts, (high, low)))
    best = _sequence(how, found, _with(found.epochs, counts, (low, high)))
    parts = (own, worst, best)
    absent = next((part for part in parts if isinstance(part, Absent)), None)
    if absent is not None:
        return absent
    seen = [part for part in parts if isinstance(part, Estimate)]
    return replace(
        seen[0],
        low=min(part.low for part in seen),
        high=max(part.high for part in seen),
        method=f"{seen[0].method}, lost outcomes at their worst",
    )


def _with(
    epochs: Epochs, counts: Mapping[Cell, tuple[int, int]], values: tuple[float, float]
) -> Epochs:
    """Add lost units with a value of their arm each."""
    steps = [round(value / epochs.step) for value in values]
    cells = {}
    for cell, numbers in counts.items():
        sums = [
            Sums(n=count, y=count * y, yy=count * y * y)
            for count, y in zip(numbers, steps, strict=True)
        ]
        cells[cell] = Pair(*sums)
    return epochs.merge(Epochs(step=epochs.step, cells=cells))


def _quantile(how: Online, masses: Masses, lost: int) -> Measured:
    if lost:
        detail = f"{lost:,} units have no value, and nothing bounds a quantile of theirs"
        return Absent(reason=Reason.ROWS_MISSING, detail=detail)
    plan = QuantilePlan(how.measure.options.q or 0.5, QUANTILE_UNITS)
    return quantile_estimate(masses, plan, how.estimand, how.tails)
