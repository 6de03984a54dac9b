"""Plan: from the contract to checks with their error levels. Levels are allotted here only.

Showing is an intersection: every goal and guardrail that must be shown clears at the full
`alpha`, divided by looks and attempts, never over checks or slices, because a SHIP needs all of
them (intersection-union test, Berger 1982). A breach of any one refuses the release, so `block`
is a union and is split: half over aggregate checks, half over slices. Sanity has 0.01, split.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from shipcall.contract.bars import bar_of
from shipcall.contract.contract import CheckSpec, Contract, MetricSpec, Slices, Source
from shipcall.contract.course import OFFLINE
from shipcall.contract.duration import hours
from shipcall.contract.sanity import sanity_checks
from shipcall.core import Check, Family, Need, Role, Slice
from shipcall.metrics import METRICS, Options, Prices
from shipcall.metrics.kinds import KINDS

SLICE_FAMILY = "slices"
COLUMN_UNITS: Mapping[str, str] = {"latency_ms": "ms"}
"""Column of a format that settles the unit of its values -> that unit."""
NOT_READ = "(levels not read)"
"""Level of a slice column before any row was there: it has no data, which is a HOLD."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """How one metric of the contract is measured at this stage."""

    name: str
    kind: str
    options: Options
    evidence: str
    """Name of the evidence table; empty where this version cannot measure the kind."""
    level: str
    """model, product, safety, operations or cost."""
    window_hours: float = 0.0
    """Online: an outcome counts from the exposure until so many hours later."""
    per_unit: str = "mean"
    """Online: how several outcomes of a unit become one value: any, mean, sum or last."""
    zero: bool = False
    """Online: a unit without an outcome has the value 0; otherwise it is lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a rollout is at the time of a verdict."""

    as_of: datetime
    shares: tuple[float, ...]
    """Shares of the candidate that the contract goes through, in (0, 1], holdback taken off."""
    position: int
    """Which of them is served now; -1 before the first exposure."""
    attempt: int = 1
    began: datetime | None = None
    """First exposure of this attempt."""
    entered: datetime | None = None
    """First exposure at the present share."""
    least_hours: tuple[float, ...] = ()
    """Hours that each share but the last has to last."""
    max_silence_hours: float | None = None
    contracts: frozenset[str] = frozenset()
    """Digests of this contract as sealed and amended; exposures name one of them."""
    bucketing: str = ""
    """Algorithm that the contract names."""
    cluster: str | None = None
    """Column that groups dependent units, where the contract names one beside the unit."""

    @property
    def final(self) -> bool:
        """Is the last share served?"""
        return self.position == len(self.shares) - 1

    @property
    def hours(self) -> float:
        """Hours at the present share."""
        return _hours(self.entered, self.as_of)

    @property
    def days(self) -> float:
        """Days since the first exposure of this attempt."""
        return _hours(self.began, self.as_of) / 24


def _hours(since: datetime | None, until: datetime) -> float:
    return 0.0 if since is None else max((until - since).total_seconds() / 3600, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything promised for one stage, in the promised order."""

    stage: str
    checks: tuple[Check, ...]
    measures: Mapping[str, Measure]
    levels: Mapping[Slice, int]
    """Units of each enumerated slice, counted in the baseline's rows."""
    runs_per_unit: Mapping[str, int]
    """Per long table: graded runs that the contract promises of each unit and model."""
    repeats: int = 1
    """Runs of each item, grade and model that the contract promises."""
    progress: Progress | None = None
    """How far the rollout is; None at stages without one."""
    review: Mapping[str, int] = field(default_factory=dict)
    """What people said of the pairs they read on this evidence: answer -> how often."""
    hunted: int = 0
    """Slices that nobody named to look for; they are watched."""


def plan(contract: Contract, stage: str, levels: Mapping[Slice, int] | None) -> Plan:
    """Turn the contract into the checks of one stage and allot their error levels.

    Args:
        contract: As parsed, without faults.
        stage: A stage this version can examine: "gate".
        levels: Units of every level of the columns in `[slices] by`, as sealed; None while no
            row was there to read them from.

    Returns:
        Checks in the order: as written, slices by name, sanity.
    """
    measures = measures_of(contract)
    sources: dict[str, Source] = {str(k): source for k, source in contract.evidence.items()}
    written = [written_check(contract, check) for check in contract.checks_of(stage)]
    known = levels or unread_levels(contract)
    sliced = _sliced(contract.slices, contract, known) if contract.slices else []
    judged = [
        replace(check, evidence=measures[check.metric].evidence)
        for check in allotted(contract, [*written, *sliced])
    ]
    read = list(dict.fromkeys(check.evidence for check in judged if check.evidence))
    chances = {measure.name: measure.options.chance for measure in measures.values()}
    return Plan(
        stage=stage,
        checks=(*judged, *sanity_checks(stage, sources, read, judged, chances)),
        measures=measures,
        levels=dict(known),
        runs_per_unit=_runs_per_unit(contract, measures, judged),
        repeats=contract.harness.repeats if contract.harness else 1,
    )


def _runs_per_unit(
    contract: Contract, measures: Mapping[str, Measure], judged: Sequence[Check]
) -> dict[str, int]:
    """`[harness] repeats`, for each name that is graded in a long table."""
    repeats = contract.harness.repeats if contract.harness else 1
    used = [measures[check.metric] for check in judged]
    graded = {measure.options.name for measure in used if measure.evidence == "scores"}
    return {"scores": repeats * len(graded)} if graded else {}


def measures_of(contract: Contract, formats: Sequence[str] = OFFLINE) -> dict[str, Measure]:
    """Say how each metric of the contract is measured on tables of these formats."""
    return {name: _measure(contract, name, spec, formats) for name, spec in contract.metric.items()}


def _measure(contract: Contract, name: str, spec: MetricSpec, read: Sequence[str]) -> Measure:
    metric = METRICS.get(spec.kind)
    known = [f for f in (metric.formats if metric else ()) if f in read]
    formats = [f for f in known if spec.format in (None, f)]
    present = [str(f) for f in contract.evidence if f in formats]
    given = spec.model_dump(include=set(metric.options), exclude_none=True) if metric else {}
    for other in ("unit", "window", "name", "per_unit"):
        given.pop(other, None)
    if metric and metric.kind == "roc_auc":
        given.setdefault("chance", 0.5)
    if metric and metric.column:
        given.setdefault("column", metric.column)
    if "prices" in given:
        given["prices"] = Prices(**given["prices"])
    options = Options(name=graded_name(contract, name), better=better_of(spec), **given)
    if metric and metric.bounds and options.range is None:
        options = replace(options, range=metric.bounds(options))
    evidence = (present or formats or [""])[0]
    return Measure(
        name=name,
        kind=spec.kind,
        options=options,
        evidence=evidence,
        level=spec.level,
        window_hours=hours(spec.window or "") or 0.0,
        per_unit=spec.per_unit or ("any" if spec.kind == "proportion" else "mean"),
        zero=spec.empty == "zero",
    )


def graded_name(contract: Contract, name: str) -> str:
    """Say under which name the `metric` column of a long table holds the rows of a metric.

    As written, else its own name; a metric of a column such as `latency_ms` has no grade of its
    own and reads the rows of the first metric that has.
    """
    spec = contract.metric[name]
    if spec.name or read_column(spec) is None:
        return spec.name or name
    graded = [
        other.name or key
        for key, other in contract.metric.items()
        if read_column(other) is None
        and "scores" in getattr(METRICS.get(other.kind), "formats", ())
    ]
    return graded[0] if graded else name


def read_column(spec: MetricSpec) -> str | None:
    """Name the column that a metric reads: as written, else its kind's own, else none."""
    metric = METRICS.get(spec.kind)
    return spec.column or (metric.column if metric else None)


def better_of(spec: MetricSpec) -> str:
    """Say which direction is better: as written, else the kind's own, else higher."""
    return spec.better or KINDS[spec.kind].better or "higher"


def written_check(contract: Contract, spec: CheckSpec) -> Check:
    """Make the check that a contract wrote; its error levels are allotted afterwards."""
    bar, estimand = bar_of(spec.bars(), better_of(contract.metric[spec.metric]))
    return Check(
        id=spec.id,
        stage=spec.stage,
        role=Role(spec.role),
        need=Need(spec.need or "shown"),
        metric=spec.metric,
        slice=Slice.of(spec.slice),
        bar=bar,
        estimand=estimand,
        clear_at=contract.risk.alpha,
        breach_at=contract.risk.block,
        min_units=1,
        on_breach_hold=spec.on_breach == "HOLD",
    )


def _sliced(slices: Slices, contract: Contract, levels: Mapping[Slice, int]) -> list[Check]:
    bar, estimand = bar_of({"may_lose": slices.may_lose}, better_of(contract.metric[slices.metric]))
    protected = {slice_named(name) for name in slices.protected}
    units = {**dict.fromkeys(protected, 0), **levels}
    return [
        Check(
            id=f"slice.{part}",
            stage="gate",
            role=_slice_role(slices, part in protected, count),
            need=Need.SHOWN if part in protected else Need(slices.need),
            metric=slices.metric,
            slice=part,
            bar=bar,
            estimand=estimand,
            clear_at=contract.risk.alpha,
            breach_at=contract.risk.block,
            min_units=slices.min_units,
            protected=part in protected,
        )
        for part, count in sorted(units.items())
    ]


def unread_levels(contract: Contract) -> dict[Slice, int]:
    """Promise one level for each column whose levels nobody could read: it has no data."""
    if contract.slices is None:
        return {}
    crosses = ([part.strip() for part in by.split("*")] for by in contract.slices.by)
    count = max(contract.slices.min_units, 1)
    return {Slice.of(dict.fromkeys(columns, NOT_READ)): count for columns in crosses}


def _slice_role(slices: Slices, protected: bool, units: int) -> Role:  # noqa: FBT001
    """A slice that was too small when sealed is reported and cannot move the call.

    One that was large enough and has lost its rows since is a guardrail without data: HOLD.
    """
    if protected or units >= slices.min_units or slices.need == "shown":
        return Role.GUARDRAIL
    return Role.WATCH


def slice_named(name: str) -> Slice:
    """Read "country=NZ" or "tenure=new*device=tv" as a slice."""
    pairs = (part.split("=", 1) for part in name.split("*"))
    return Slice.of({column.strip(): level.strip() for column, level in pairs})


def allotted(contract: Contract, checks: Sequence[Check]) -> list[Check]:
    """Give the checks of a stage before exposure their error levels; sanity has its own.

    Args:
        contract: With the promised rates in [risk].
        checks: Goals, guardrails and watches, in the promised order.
    """
    risk = contract.risk
    tries = risk.looks * risk.attempts
    clear_at, block = risk.alpha / tries, risk.block / tries
    blocking = [c for c in checks if c.role in (Role.GOAL, Role.GUARDRAIL)]
    aggregate = [c for c in blocking if not c.slice.pairs]
    in_slices = [c for c in blocking if c.slice.pairs]
    half = 0.5 if aggregate and in_slices else 1.0
    family = _family(contract, in_slices, half * block)

    def allot(check: Check) -> Check:
        if check.role is Role.WATCH:
            return replace(check, clear_at=clear_at, breach_at=block)
        if family is not None and check.id.startswith("slice."):
            # Joint inside stats: each bound is held at the level of the whole family.
            return replace(check, clear_at=clear_at, breach_at=family.breach_at, family=family)
        group = in_slices if check.slice.pairs else aggregate
        return replace(check, clear_at=clear_at, breach_at=half * block / len(group))

    return [allot(check) for check in checks]


def _family(contract: Contract, in_slices: Sequence[Check], budget: float) -> Family | None:
    members = [check for check in in_slices if check.id.startswith("slice.")]
    if not members or contract.slices is None:
        return None
    return Family(
        name=SLICE_FAMILY,
        breach_at=budget * len(members) / len(in_slices),
        method=contract.slices.correction,
    )
