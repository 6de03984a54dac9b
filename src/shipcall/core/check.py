"""Check: one promise of a contract. Comes from `plan()` only."""

import math
from dataclasses import dataclass, field
from enum import StrEnum

from shipcall.core.estimate import Tails, Validity


class Role(StrEnum):
    """What a check is for."""

    GOAL = "goal"
    """Must be shown: the gain the release was built for."""
    GUARDRAIL = "guardrail"
    """Must not be lost."""
    SANITY = "sanity"
    """Can the evidence be trusted at all?"""
    WATCH = "watch"
    """Reported, never moves the call."""


class Need(StrEnum):
    """Burden of proof of a check."""

    SHOWN = "shown"
    """The `clear_at` side of the interval lies inside the bar."""
    NOT_REFUTED = "not_refuted"
    """There is evidence, and it does not breach the bar."""


class Estimand(StrEnum):
    """Which number is held against the bar."""

    DIFFERENCE = "difference"
    """Candidate minus baseline, in the unit of the metric."""
    RELATIVE = "relative"
    """Candidate over baseline, minus one."""
    CANDIDATE = "candidate"
    """The candidate's own value."""
    BASELINE = "baseline"
    """The baseline's own value (sanity only)."""
    COUNT = "count"
    """A count or share of rows of the evidence itself."""


@dataclass(frozen=True, slots=True, order=True)
class Slice:
    """A part of the units: column = level pairs, sorted; no pair means all units."""

    pairs: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if list(self.pairs) != sorted(self.pairs):
            raise ValueError(f"slice pairs {self.pairs} are not sorted; use Slice.of")

    @classmethod
    def of(cls, levels: dict[str, str]) -> "Slice":
        """Make the slice with these column = level pairs."""
        return cls(tuple(sorted(levels.items())))

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the slicing columns."""
        return tuple(column for column, _ in self.pairs)

    def __str__(self) -> str:
        return "*".join(f"{column}={level}" for column, level in self.pairs) or "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Where the estimand has to lie: at least `low`, at most `high`, or between both."""

    low: float = -math.inf
    high: float = math.inf
    text: str
    """The promise in the contract's words: "may lose 0.010"."""

    def __post_init__(self) -> None:
        if math.isnan(self.low) or math.isnan(self.high) or self.low > self.high:
            raise ValueError(f"bar [{self.low}, {self.high}] is empty")
        if math.isinf(self.low) and math.isinf(self.high):
            raise ValueError("a bar without a bound promises nothing")

    @property
    def two_sided(self) -> bool:
        """True where both ends are bounds (equivalence)."""
        return math.isfinite(self.low) and math.isfinite(self.high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Checks whose breaches share one error level, judged by a joint method inside `stats`."""

    name: str
    breach_at: float
    """Error level of the whole family, in (0, 1)."""
    method: str
    """`max-t` (simultaneous bounds) or `holm` (step-down decisions)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One promise: a metric on a slice held against a bar, with its allotted error levels."""

    id: str
    stage: str
    role: Role
    need: Need
    metric: str
    """Name of the metric in the contract; for sanity checks the fact that is counted."""
    slice: Slice = field(default_factory=Slice)
    bar: Bar
    estimand: Estimand
    clear_at: float
    """One-sided error level at which the bar may be called cleared, in (0, 1)."""
    breach_at: float
    """One-sided error level at which the bar may be called breached, in (0, 1)."""
    validity: Validity = Validity.FIXED
    family: Family | None = None
    min_units: int = 0
    """Fewer independent units than this are no data."""
    protected: bool = False
    on_breach_hold: bool = False
    """A breach asks for HOLD only (`on_breach = "HOLD"`)."""
    evidence: str = ""
    """Name of the evidence table the check reads."""
    line: int | None = None
    """Line of the contract that promised it."""

    def __post_init__(self) -> None:
        for name, error in (("clear_at", self.clear_at), ("breach_at", self.breach_at)):
            if not 0 < error < 1:
                raise ValueError(f"check {self.id!r}: {name} = {error} is not in (0, 1)")

    @property
    def tails(self) -> Tails:
        """One-sided error levels that an interval needs to be held against this bar."""
        if self.bar.two_sided:
            error = min(self.clear_at, self.breach_at / 2)
            return Tails(error, error)
        if math.isfinite(self.bar.low):
            return Tails(self.clear_at, self.breach_at)
        return Tails(self.breach_at, self.clear_at)
