"""Models: the evaluation set, what two models make of it, and who grades them."""

from pydantic import Field, model_validator

from shipcall.world.truth.section import (
    ArmName,
    Levels,
    Nonnegative,
    Positive,
    Section,
    Share,
    Where,
)


class Items(Section):
    """The evaluation set: what both models were asked before anyone was exposed."""

    count: int = Field(default=1_000, ge=1)
    """Items; for a ranker, queries."""
    repeats: int = Field(default=1, ge=1)
    """Runs of each item by each model."""
    cluster: int = Field(default=1, ge=1)
    """Items from one document, page or conversation."""
    spread: Nonnegative = 1.0
    """Standard deviation of the difficulty of items, log odds; shared by both models."""
    cluster_spread: Nonnegative = 0.0
    """The same between clusters."""
    positive: Share = 0.3
    """Share of class 1 (classifier), of relevant items (ranker)."""
    depth: int = Field(default=20, ge=1)
    """Items of one query (ranker)."""
    leaked: Share = 0.0
    """Share of items that the candidate was trained on."""
    leaked_skill: float = 3.0
    """Log odds it gains on those, which it has nowhere else."""
    hashed: bool = True
    """Rows carry content hashes."""

    @model_validator(mode="after")
    def _whole_clusters(self) -> "Items":
        if self.count % self.cluster:
            raise ValueError(
                f"{self.count} items do not fill clusters of {self.cluster}; "
                f"a count of {self.count - self.count % self.cluster + self.cluster} does"
            )
        return self


class Model(Section):
    """One model."""

    skill: float = 1.0
    """Log odds of a right answer on an item of average difficulty (llm); distance of the classes
    in standard deviations (classifier); log of signal over noise (ranker, regressor)."""
    own_spread: Nonnegative = 0.5
    """Standard deviation of the difficulty that is this model's own, log odds."""
    steady: Share = 0.0
    """Share of items on which every repeat gives the same answer."""
    sharpness: Positive = 1.0
    """Slope of its stated log odds against the true ones: 1 is calibrated, more is too sure."""
    tilt: float = 0.0
    """Log odds added to what it states."""
    unsafe: Share = 0.002
    """Share of answers that break a safety rule."""
    error: Share = 0.0
    """Share of runs in which the model itself fails."""
    lost: Share = 0.0
    """Share of runs nobody can grade: infrastructure, judge, never run."""
    latency_ms: Positive = 800.0
    """Median time to an answer."""
    latency_spread: Positive = 0.4
    """Standard deviation of its logarithm."""
    cost: Nonnegative = 0.002
    """Median price of an answer."""
    tokens: Positive = 300.0
    """Median length of an answer."""
    tokens_spread: Positive = 0.35
    """Standard deviation of the logarithm of length; the price has the same."""


class Effect(Section):
    """How one model differs from its usual self in one slice of the people."""

    model: ArmName = "candidate"
    """Whose effect it is."""
    where: Where = {}
    """For whom."""
    skill: float = 0.0
    """Added to its skill. In a stream: less skill means that it reads the features of others."""
    unsafe: float = 0.0
    """Added to the share."""
    latency: Positive = 1.0
    """Factor."""
    outcome: str | None = None
    """The outcome that `lift` is about."""
    lift: float = 0.0
    """Added to the lift of that outcome."""

    @model_validator(mode="after")
    def _named(self) -> "Effect":
        if self.lift and self.outcome is None:
            raise ValueError("a lift needs the name of its outcome")
        return self


class Labels(Section):
    """How the truth becomes known."""

    noise: Share = 0.0
    """Share of labels that are flipped (or redrawn)."""
    sources: Levels = {"main": 1.0}
    """Where labels come from -> weight."""
    noisy: str | None = None
    """The source that flips; None: all of them."""
    delay_days: Nonnegative = 1.0
    """Median delay until a label is reported (stream)."""
    delay_spread: Nonnegative = 0.8
    """Standard deviation of the logarithm of the delay."""
    reported: Share = 1.0
    """Share of positives that are ever reported."""


class Judge(Section):
    """A model that grades or compares; people grade without its faults."""

    noise: Share = 0.05
    """Share of its grades that are drawn at random."""
    leniency: float = 0.0
    """Log odds by which it calls a wrong answer right more often."""
    position: float = 0.0
    """Log odds for whatever stands first."""
    verbosity: float = 0.0
    """Log odds for the longer answer, per unit of log length."""
    own_kind: float = 0.0
    """Log odds for the candidate, whatever it said."""
    ties: Share = 0.1
    """Share of comparisons called a tie."""
    people: Share = 0.1
    """Share of comparisons that a person makes as well."""
    both_orders: bool = False
    """Every pair is shown in both orders."""


class Link(Section):
    """What an offline number is worth online, in one family of releases."""

    family: str = "family"
    """Name of the family."""
    outcome: str
    """The outcome it moves."""
    rate: float
    """Online lift per unit of the offline difference in the share of right answers."""
    scatter: Nonnegative = 0.0
    """Standard deviation of what the offline number does not say."""
