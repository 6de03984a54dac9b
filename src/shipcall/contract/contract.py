"""Contract: what "better" means, written before the evidence exists. One model per section."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict

from shipcall.contract.amount import AmountField

StageName = Literal["gate", "shadow", "rollout", "drift", "cohort"]
RoleName = Literal["goal", "guardrail", "sanity", "watch"]
NeedName = Literal["shown", "not_refuted"]
FormatName = Literal[
    "predictions",
    "scores",
    "rankings",
    "preferences",
    "shadow_pairs",
    "exposures",
    "outcomes",
    "activity",
    "stream",
    "changes",
    "lineage",
]


Pair = Annotated[tuple[float, float], Strict(strict=False)]
"""Two numbers; TOML has arrays and no tuples."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)


class Release(_Section):
    """Which release this is about, and why it exists."""

    id: str = Field(min_length=1)
    kind: Literal["classifier", "ranker", "llm", "regressor"]
    surface: str = ""
    owner: str = Field(min_length=1)
    baseline: str = Field(min_length=1)
    candidate: str = Field(min_length=1)
    change: Literal["weights", "prompt", "guardrail", "data", "threshold", "retrieval", "cascade"]
    hypothesis: str = ""
    value: str = ""
    data_seen: Literal["none", "unlabelled", "shadow", "outcomes"] = "none"
    reversible: Literal["minutes", "hours", "days", "never"] = "minutes"
    decide_by: date | None = None


class Unit(_Section):
    """Who is assigned, and which rows are not independent of each other."""

    id: str = Field(min_length=1)
    cluster: str | None = None
    time: str | None = None


class EvalSet(_Section):
    """The evaluation set, by name and content."""

    name: str
    sha256: str | None = None


class Harness(_Section):
    """The evaluation itself: owned, versioned, defended."""

    eval_set: EvalSet | None = None
    scorer: str | None = None
    repeats: int = Field(default=1, ge=1)
    owner: str | None = None
    why: str | None = None


class Expect(_Section):
    """How much evidence was promised."""

    units: int | None = Field(default=None, ge=1)
    rows: int | None = Field(default=None, ge=1)


class ArmPaths(_Section):
    """One file or pattern for each arm, where every run was written to a file of its own."""

    baseline: str = Field(min_length=1)
    candidate: str = Field(min_length=1)


class Source(_Section):
    """Where a table of evidence lies and how its columns are named."""

    path: Annotated[str, Field(min_length=1)] | ArmPaths
    expect: Expect = Expect()
    columns: dict[str, str] = {}
    """Column of the format -> column of the file."""
    constants: dict[str, str] = {}
    """Column of the format -> the same value for every row."""
    arms: dict[str, str] = {}
    """baseline, candidate -> how the file names that arm."""
    sentinels: dict[str, Literal["model_error", "infra_error", "judge_error", "not_run"]] = {}
    """A value that stands for no value -> the status it means."""
    max_missing: float = Field(default=0.0, ge=0, lt=1)
    """Greatest share of rows that may be lost; the call must survive their worst-case fill."""

    @property
    def where(self) -> str:
        """The path, or both, for people."""
        if isinstance(self.path, str):
            return self.path
        return f"{self.path.baseline} | {self.path.candidate}"


def _source(seen: Any) -> Any:
    return {"path": seen} if isinstance(seen, str) else seen


SourceField = Annotated[Source, BeforeValidator(_source)]


class TrainingData(_Section):
    """What the candidate learned from."""

    sources: list[str] = []
    version: str | None = None
    labels: str | None = None
    known_gaps: list[str] = []


class PriceList(_Section):
    """What a decision about two classes costs, by its kind; a gain is a negative price."""

    false_positive: float
    false_negative: float
    true_positive: float = 0.0
    true_negative: float = 0.0


class MetricSpec(_Section):
    """One metric: its level, its direction and its kind with options."""

    level: Literal["model", "product", "safety", "operations", "cost"]
    better: Literal["higher", "lower"] | None = None
    """None: the kind's own direction."""
    kind: str = Field(min_length=1)
    format: FormatName | None = None
    name: str | None = None
    """Value of the `metric` column, if it differs from the name here."""
    column: str | None = None
    unit: str | None = None
    window: str | None = None
    delay: str | None = None
    k: int | None = Field(default=None, ge=1)
    q: float | None = Field(default=None, gt=0, lt=1)
    day: int | None = Field(default=None, ge=1)
    bins: int | None = Field(default=None, ge=2, le=1000)
    binning: Literal["quantile", "width"] | None = None
    threshold: float | None = None
    positive: str | None = None
    range: Pair | None = None
    chance: float | None = Field(default=None, ge=0, le=1)
    target: float | None = None
    weight: str | None = None
    gain: Literal["linear", "exponential"] | None = None
    empty: Literal["zero", "drop"] | None = None
    unjudged: Literal["lost", "irrelevant"] | None = None
    per_unit: Literal["any", "mean", "sum", "last"] | None = None
    prices: PriceList | None = None
    per: str | None = None
    raters: Literal["judge", "human"] | None = None
    judge_agreement: float | None = Field(default=None, gt=0, le=1)


class CheckSpec(_Section):
    """One promise."""

    id: str = Field(min_length=1)
    stage: StageName
    role: RoleName
    metric: str
    slice: dict[str, str] = {}
    better_by: AmountField | None = None
    may_lose: AmountField | None = None
    at_least: float | None = None
    at_most: float | None = None
    within: Pair | Annotated[float, Field(gt=0)] | None = None
    """A number: |difference| at most this. A pair: the candidate's own value lies between."""
    need: NeedName | None = None
    on_breach: Literal["HOLD", "NO SHIP", "ROLL BACK"] | None = None

    def bars(self) -> dict[str, Any]:
        """The bars that were written: exactly one is allowed."""
        names = ("better_by", "may_lose", "at_least", "at_most", "within")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}


class Slices(_Section):
    """The slices in which nothing may be lost."""

    by: list[str] = Field(min_length=1)
    metric: str
    may_lose: AmountField
    min_units: int = Field(default=0, ge=0)
    protected: list[str] = []
    need: NeedName = "not_refuted"
    correction: Literal["max-t", "holm"] = "max-t"
    discover: int = Field(default=0, ge=0)


class Cover(_Section):
    """Which slices shadow mode must have seen."""

    slices: Literal["all", "protected"] = "all"
    min_pairs: int = Field(default=0, ge=0)


class Disagreement(_Section):
    """How often the two models may differ in shadow mode."""

    top: int | None = Field(default=None, ge=1)
    decision: bool | None = None
    at_most: float = Field(ge=0, le=1)


class ShadowBar(_Section):
    """A bar on a metric in shadow mode."""

    metric: str
    at_most: float


class Shadow(_Section):
    """What shadow mode must show."""

    min_pairs: int = Field(default=0, ge=0)
    min_days: float = Field(default=0, ge=0)
    max_days: float | None = Field(default=None, gt=0)
    cover: Cover = Cover()
    disagreement: Disagreement | None = None
    safety: ShadowBar | None = None
    latency: ShadowBar | None = None
    review_sample: int = Field(default=0, ge=0)
    why_short: str | None = None
    """Why shadow mode may be shorter than a whole week."""


class Rollout(_Section):
    """The shares, their times and what happens at the end."""

    stages: list[Annotated[float, Field(gt=0, le=100)]] = Field(min_length=1)
    min_hours: list[Annotated[float, Field(ge=0)]] = []
    max_days: float | None = Field(default=None, gt=0)
    bucketing: Literal[
        "shipcall-v1", "growthbook-v1", "growthbook-v2", "flagd-v1", "flagd-v2", "flagd-v3"
    ] = "shipcall-v1"
    max_silence: str | None = None
    at_deadline: Literal["HOLD", "NO SHIP", "ROLL BACK"] = "HOLD"
    holdback: float = Field(default=0, ge=0, lt=100)


class Expectation(_Section):
    """An 80 % interval for an online effect, written down now; positive is better."""

    low: float
    mid: float
    high: float


class Prediction(_Section):
    """Which offline number should move which online number."""

    offline: str
    online: str
    expect: Expectation
    probability: float = Field(ge=0, le=1)


class Risk(_Section):
    """The error rates that are promised."""

    alpha: float = Field(default=0.05, gt=0, lt=0.5)
    harm: float = Field(default=0.05, gt=0, lt=0.5)
    block: float = Field(default=0.05, gt=0, lt=0.5)
    looks: int = Field(default=1, ge=1)
    attempts: int = Field(default=1, ge=1)
    detect_at: float = Field(default=2.0, gt=1)


class Costs(_Section):
    """Prices, for cost studies and for scoring in practice."""

    currency: str = "EUR"
    inference_each: float | None = Field(default=None, ge=0)
    inferences_per_user_day: float | None = Field(default=None, ge=0)
    label_each: float | None = Field(default=None, ge=0)


class Failure(_Section):
    """A failure mode, written before launch."""

    mode: str
    detector: str
    containment: str


class DesignSheet(_Section):
    """Input, model, output, feedback."""

    input: str | None = None
    model: str | None = None
    output: str | None = None
    feedback: str | None = None


class Decision(_Section):
    """Who decides."""

    signatures: list[str] = []
    override: Literal["allowed", "forbidden"] = "allowed"
    blind: bool = False


class Exploratory(_Section):
    """What people are curious about; it can never move the call."""

    metrics: list[str] = []


class Contract(_Section):
    """A release contract, as read. See DESIGN for the meaning of each section."""

    shipcall: Literal[1]
    release: Release
    unit: Unit
    harness: Harness | None = None
    evidence: dict[FormatName, SourceField] = {}
    training_data: TrainingData | None = None
    metric: dict[str, MetricSpec] = {}
    check: list[CheckSpec] = []
    slices: Slices | None = None
    shadow: Shadow | None = None
    rollout: Rollout | None = None
    prediction: list[Prediction] = []
    risk: Risk = Risk()
    costs: Costs | None = None
    failure: list[Failure] = []
    design: DesignSheet | None = None
    decision: Decision = Decision()
    exploratory: Exploratory = Exploratory()

    def checks_of(self, stage: str) -> list[CheckSpec]:
        """The checks written for one stage, in their order."""
        return [check for check in self.check if check.stage == stage]

    @property
    def stages(self) -> tuple[str, ...]:
        """The deciding stages this release goes through, in order."""
        present = {check.stage for check in self.check}
        if self.slices is not None:
            present.add("gate")
        if self.shadow is not None:
            present.add("shadow")
        if self.rollout is not None:
            present.add("rollout")
        return tuple(stage for stage in ("gate", "shadow", "rollout") if stage in present)

    def final_stage(self, stage: str) -> bool:
        """Is this the contract's last deciding stage?"""
        return bool(self.stages) and self.stages[-1] == stage
