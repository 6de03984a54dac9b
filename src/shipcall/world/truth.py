"""Truth: everything that is so in a world, as named parameters. One file, one seed.

    people x traits -> requests -> two models -> answers -> labels, judges, outcomes
                                   faults change any of it from some day on

Shares are in [0, 1], durations carry their unit, "log odds" are natural. A parameter that is not
written has its default, and with all defaults nothing is wrong: both models are alike.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Nonnegative = Annotated[float, Field(ge=0)]
Levels = dict[str, Positive]
Where = dict[str, str]
"""Trait -> level; empty: everybody."""
ArmName = Literal["baseline", "candidate"]
ARMS: tuple[ArmName, ArmName] = ("baseline", "candidate")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _moment(value: Any) -> Any:
    """A day or a moment; without a time zone it is UTC."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    elif not isinstance(value, datetime) and hasattr(value, "year"):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, datetime) and value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    return value


class People(_Section):
    """Who uses the product, how often, and how that moves."""

    count: int = Field(default=10_000, ge=1)
    """People who are there on the first day."""
    growth: Nonnegative = 0.0
    """New people a day, as a share of `count`."""
    churn: Share = 0.0
    """Chance that a person leaves for good on a day."""
    visits: Positive = 1.0
    """Requests of a person a day, on average over people."""
    spread: Nonnegative = 0.5
    """Standard deviation of the logarithm of that rate between people: their habit."""
    session: Positive = 3.0
    """Requests in a session, on average."""
    weekday: list[Nonnegative] = Field(default=[1.0] * 7, min_length=7, max_length=7)
    """How busy Monday to Sunday are; only the proportions count."""
    season: Share = 0.0
    """Amplitude of a yearly wave, as a share of the mean; its peak is on 15 December."""
    night: Share = 0.6
    """Amplitude of the daily wave; its peak is at 19:00 UTC."""

    @model_validator(mode="after")
    def _open(self) -> "People":
        if not any(self.weekday):
            raise ValueError("on some weekday somebody has to come")
        return self


class Trait(_Section):
    """One column by which people differ; columns are independent of each other."""

    column: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    """Name of the column."""
    levels: Levels
    """Level -> weight; the weights are divided by their sum."""
    visits: dict[str, Positive] = {}
    """Level -> factor on the number of requests."""
    growth: dict[str, float] = {}
    """Level -> change a day of the log weight among new people: the mix of traffic moves."""
    odds: dict[str, float] = {}
    """Level -> log odds of the positive class, added for these people (stream)."""


class Items(_Section):
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


class Model(_Section):
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


class Effect(_Section):
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


class Labels(_Section):
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


class Judge(_Section):
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


class Outcome(_Section):
    """One thing people do after an exposure, and what the candidate changes about it."""

    name: str
    """Name of the metric in the file."""
    kind: Literal["proportion", "mean"] = "proportion"
    """Something that happens or not, or an amount."""
    base: float = 0.2
    """Value under the baseline."""
    spread: Nonnegative = 1.0
    """Standard deviation between units, for a mean (gamma distributed)."""
    habit: float = 0.0
    """How much more a person with twice the habit does it (log odds, or log of the mean)."""
    window_hours: Positive = 24.0
    """How long after the exposure it counts."""
    lift: float = 0.0
    """Lasting effect of the candidate, in the unit of the outcome."""
    novelty: float = 0.0
    """Added at first exposure; it fades with `novelty_days`."""
    novelty_days: Positive = 5.0
    """Days in which novelty halves."""
    fatigue: float = 0.0
    """Approached with continued exposure, with `fatigue_days`."""
    fatigue_days: Positive = 14.0
    """Days in which half of fatigue has come."""
    carry_over: Share = 0.0
    """Part of the effect that stays with a unit which goes back to the baseline."""
    lost: Share = 0.0
    """Share of outcomes that are never logged."""

    @model_validator(mode="after")
    def _possible(self) -> "Outcome":
        if self.kind == "proportion" and not 0 <= self.base <= 1:
            raise ValueError("the base of a proportion is a share")
        if self.kind == "mean" and not self.base > 0:
            raise ValueError("the base of a mean is above zero")
        return self


class Migration(_Section):
    """How people move between behaviours: casual, regular, heavy, lapsed."""

    start: Levels = {"casual": 0.5, "regular": 0.35, "heavy": 0.15}
    """Behaviour -> weight on the first day."""
    up: Share = 0.01
    """Chance a day to go to the next busier behaviour."""
    down: Share = 0.01
    """Chance a day to go to the next quieter one; from casual that is lapsed."""
    candidate_up: float = 0.0
    """Added to `up` under the candidate."""
    candidate_down: float = 0.0
    """Added to `down` under the candidate."""
    candidate_down_casual: float = 0.0
    """Added to `down` under the candidate, for casual people alone."""
    pace: dict[str, Positive] = {"casual": 0.5, "regular": 1.0, "heavy": 2.5}
    """Behaviour -> factor on the number of requests; who has lapsed makes none."""

    @model_validator(mode="after")
    def _known(self) -> "Migration":
        unknown = {*self.start, *self.pace} - {"lapsed", "casual", "regular", "heavy"}
        if unknown:
            raise ValueError(f"unknown behaviour {min(unknown)!r}")
        return self


class Link(_Section):
    """What an offline number is worth online, in one family of releases."""

    family: str = "family"
    """Name of the family."""
    outcome: str
    """The outcome it moves."""
    rate: float
    """Online lift per unit of the offline difference in the share of right answers."""
    scatter: Nonnegative = 0.0
    """Standard deviation of what the offline number does not say."""


class Rollout(_Section):
    """The shares, as they were really served."""

    shares: list[Share] = Field(default=[0.01, 0.1, 0.5, 1.0], min_length=1)
    """Share of the candidate in each stage."""
    hours: list[Positive] = [24.0, 48.0, 72.0, 24.0]
    """Length of each stage."""
    holdback: Share = 0.0
    """Kept on the baseline at the end."""
    salt: str = "rollout"
    """Names the assignment: the same salt gives the same positions."""
    contract: str = ""
    """SHA-256 of the contract, as it stands in every exposure."""

    @model_validator(mode="after")
    def _timed(self) -> "Rollout":
        if len(self.shares) != len(self.hours):
            raise ValueError(f"{len(self.shares)} shares for {len(self.hours)} lengths in hours")
        return self


class Shadow(_Section):
    """Live requests answered by both models."""

    days: Positive = 7.0
    """How long, before the rollout."""
    sample: Share = 0.1
    """Share of the requests that are copied."""
    skipped: Where = {}
    """People whose requests the sampler never copies."""


class Stream(_Section):
    """What one model served, day by day."""

    rows_per_day: int = Field(default=2_000, ge=1)
    """Rows on an average day; the weekdays and the season of `people` move it."""
    model: ArmName = "baseline"
    """The model that serves."""
    canary: Share = 0.0
    """Share of the rows that the other model serves, as planned."""
    features: int = Field(default=2, ge=1, le=20)
    """Numeric inputs x1, x2, …: standard normal, each pulls on the label. x1 is what history
    tells: for a unit nobody has seen before it is served as 0."""
    idle: int = Field(default=1, ge=0, le=20)
    """More numeric inputs, numbered on, which pull nothing."""
    pull: float = 0.8
    """Log odds of the label for one unit of every feature that pulls."""
    positive: Annotated[float, Field(gt=0, lt=1)] = 0.3
    """Chance of the positive class where all features are 0; also the score of the fallback."""
    unseen: Share = 0.05
    """Share of the rows of units that were not there at training."""
    exploration: Share = 0.0
    """Share of the rows whose prediction is a coin, written as `explored`."""
    recomputed: Share = 0.0
    """Share of the rows for which the features were computed again, as `x1_recomputed`, …"""
    threshold: Share = 0.5
    """Score from which on the positive class is served."""
    fallback: Share = 0.002
    """Share answered by a fallback, with a constant score."""
    timeout_ms: Positive = 5_000.0
    """Slower answers are given by the fallback."""


class Fault(_Section):
    """Something that goes wrong, or only looks so. The kinds are in `faults.FAULTS`."""

    kind: str
    """What kind of fault."""
    severity: Annotated[float, Field(gt=0, le=1)] = 0.5
    """1 is the strongest of its kind in the catalogue."""
    day: Nonnegative = 0.0
    """Days after `start` on which it begins."""
    days: Positive | None = None
    """How long it lasts; None: to the end."""
    shape: Literal["step", "ramp", "pulse", "weekly"] = "step"
    """Ramp: grows to full strength over `days`, or a week; pulse: one day; weekly: Saturdays and
    Sundays."""
    share: Share = 1.0
    """Part of the rows it touches."""
    where: Where = {}
    """For whom."""
    logged: bool = False
    """The change log names it."""
    decoy: bool = False
    """The change log names an innocent deploy on the same day."""


class World(_Section):
    """One world: everything that is so, from which all evidence is drawn."""

    shipcall_world: Literal[1]
    """Version of this language."""
    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    """Name of the world; letters, digits, dots, dashes and underscores."""
    seed: int = Field(ge=0, lt=2**63)
    """Where all chance comes from: the same seed gives the same bytes."""
    kind: Literal["classifier", "ranker", "llm", "regressor"] = "llm"
    """What the models do, and so which offline table is written."""
    start: Annotated[datetime, BeforeValidator(_moment)] = datetime(2026, 10, 5, tzinfo=UTC)
    """Its first moment; without a time zone it is UTC."""
    days: int = Field(default=28, ge=1)
    """Days it lasts; longer where shadow mode and rollout take longer."""
    baseline: str = "v1"
    """Version of the baseline, as files name it."""
    candidate: str = "v2"
    """Version of the candidate."""
    write: list[str] = []
    """Tables to write; empty: those of the sections that are there."""
    people: People = People()
    trait: list[Trait] = []
    items: Items | None = None
    model: dict[ArmName, Model] = {}
    effect: list[Effect] = []
    labels: Labels = Labels()
    judge: Judge | None = None
    outcome: list[Outcome] = []
    migration: Migration | None = None
    link: Link | None = None
    rollout: Rollout | None = None
    shadow: Shadow | None = None
    stream: Stream | None = None
    fault: list[Fault] = []

    def model_of(self, arm: ArmName) -> Model:
        """The parameters of one model."""
        return self.model.get(arm, Model())

    @property
    def traits(self) -> tuple[str, ...]:
        """Columns by which people differ, as written."""
        return tuple(trait.column for trait in self.trait)
