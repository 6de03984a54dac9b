"""Score: what can be said of one sheet on one play, part by part. Every part may be absent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Grade = Literal["best", "good", "inaccuracy", "mistake", "blunder"]
GRADES: Mapping[Grade, float] = {
    "best": 0.01,
    "good": 0.03,
    "inaccuracy": 0.08,
    "mistake": 0.20,
    "blunder": float("inf"),
}
"""Grade -> the largest share of the stake it may lose."""
DUE_DAYS: dict[Grade, int] = {"blunder": 2, "mistake": 2, "inaccuracy": 4, "good": 7, "best": 14}
"""Grade -> days until the same archetype comes back, freshly drawn. Fixed, and guesses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A call held against the best one, given the evidence; luck and hindsight apart.

    All in points of the case. The evidence is everything the case can show, opened or not: looking
    is part of deciding. `as_looked` takes only what was opened.
    """

    option: str | None
    expected: Mapping[str, float]
    """Option -> expected worth."""
    best: str
    loss: float
    """Expected worth of the best option less that of this one; never below 0."""
    stake: float
    """Expected worth of the best option less that of the worst."""
    loss_share: float
    """loss / stake, in [0, 1]; 1 where no call was made, else 0 where nothing is at stake."""
    losses: Mapping[str, float]
    """One of PRIORS -> share of the stake lost under it."""
    grade: Grade
    """A mistake or blunder only if it is one under every prior; else at most an inaccuracy."""
    as_looked: float
    """The same share to somebody who knows only the panels that were opened, of the stake then."""
    in_minutes: float
    """Share of the stake that the best reader of the best panels for the minutes would lose."""
    luck: float
    """Worth at what was so less the expected worth of this call."""
    hindsight: float
    """Worth of the best option at what was so less that of this one; never rated."""

    @property
    def as_good(self) -> list[str]:
        """Options within one hundredth of the stake of the best: each of them is a best call."""
        top = self.expected[self.best]
        return [
            name
            for name, worth in self.expected.items()
            if top - worth <= GRADES["best"] * self.stake
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Causes:
    """Probabilities of causes, in bits of divergence: 0 is best."""

    inference: float
    """Bits lost against the posterior at the panels that were opened, both above a floor of one
    hundredth: KL(posterior || person) wherever the floor does not bind."""
    investigation: float
    """Bits left by the panels opened on average, less those left by the best for the minutes."""
    posterior: Mapping[str, float]
    """At the panels that were opened."""
    realised: float
    """-log2 of the probability given to what was so, above the same floor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimScore:
    """One claim."""

    name: str
    stated: float
    posterior: float
    """At the panels that were opened."""
    excess: float
    """(stated - posterior)^2: the expected Brier score less the best possible one."""
    so: bool
    brier: float
    """(stated - truth)^2, for the calibration curve only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastScore:
    """A forecast by bins."""

    excess: float
    """Expected ranked probability score less that of the posterior's own forecast; 0 is best."""
    posterior: Sequence[float]
    """Of each bin, at the panels that were opened."""
    stated: Sequence[float]
    realised: float
    """What was then seen."""
    realised_score: float
    """Ranked probability score of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerScore:
    """A trigger, executed on replays of worlds drawn from the posterior at all panels."""

    replays: int
    fired_false: float | None
    """Share of replays without harm in which it fired; None: all that may be does harm."""
    missed: float | None
    """Share of replays with harm in which it never fired; None: nothing that may be does."""
    days_to_fire: float | None
    """Median over the replays with harm in which it fired; None: it never did."""
    loss: float
    """Expected points lost."""
    best_loss: float
    """Expected points lost by the best rule of this form."""
    best: Mapping[str, float | str]
    """Its scope, bar and window."""
    curve: Sequence[Mapping[str, float | None]]
    """bar, fired_false, missed, loss over a range of bars at this scope and window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeScore:
    """A number of units, labels or days."""

    stated: float
    reference: float
    log_ratio: float
    """|log(stated / reference)|."""
    within: bool
    """Within a factor of 1.5."""
    formula: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """Which panels were opened, in what order."""

    opened: Sequence[str]
    minutes: float
    bits: float
    """Information about the cause that these panels bring on average, in bits."""
    best_bits: float
    """The most known to be had within the evidence-minutes of the case."""
    pace: float
    """Area under bits over all evidence-minutes, over that of the best order; in [0, 1]."""
    best: Sequence[str]
    """The best order within the evidence-minutes of the case."""
    missed: str | None
    """The panel not opened that would have told most per minute; None: no other tells more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractScore:
    """A contract, executed on worlds of the case."""

    faults: Sequence[str]
    lints: Sequence[str]
    worlds: int
    ships_bad: float | None
    """Share of traps it lets pass; None: not executed."""
    blocks_good: float | None
    """Share of twins it does not let pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonScore:
    """A text: what can be told about it without anybody's opinion."""

    words: int
    found: Mapping[str, bool]
    """Lint or criterion -> was a sign of it found?"""
    quotes: Mapping[str, str]
    """The same -> the piece of the person's own text in which it was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateScore:
    """A person's estimate of its own loss."""

    stated: float
    so: bool
    brier: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """All parts. What was not asked or not answered is None, or an empty list."""

    decision: Decision
    causes: Causes | None
    claims: Sequence[ClaimScore]
    forecast: ForecastScore | None
    trigger: TriggerScore | None
    size: SizeScore | None
    looking: Looking
    contract: ContractScore | None
    reason: ReasonScore | None
    estimate: EstimateScore | None
    unanswered: Sequence[str]
    """Parts that the case asks and the sheet leaves open."""
