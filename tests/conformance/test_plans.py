"""Every metric that can be measured can be planned, or the plan says why not."""

import pytest

from shipcall.contract.parse import parse_contract
from shipcall.contract.plan import plan
from shipcall.metrics import METRICS
from shipcall.metrics.kinds import KINDS
from shipcall.release.foresight.chances import GAIN, HARM, chances
from shipcall.release.foresight.nuisance import assumed
from shipcall.release.foresight.outlook import Question, unknowable
from shipcall.stages import STAGES

TEXT = """
shipcall = 1
[release]
id = "r"
kind = "llm"
owner = "o"
baseline = "v1"
candidate = "v2"
change = "prompt"
[unit]
id = "item"
[harness]
repeats = {repeats}
[evidence]
{table} = {{ path = "rows.csv", expect = {{ units = {units} }} }}
[metric.m]
level = "model"
kind = "{kind}"
{better}
{options}
[metric.other]
level = "model"
kind = "{kind}"
{better}
{options}
[[check]]
id = "goal"
stage = "gate"
role = "goal"
metric = "other"
{goal}
[[check]]
id = "kept"
stage = "gate"
role = "guardrail"
metric = "m"
{bar}
"""
BARS = {
    "difference": ("better_by = 0.01", "may_lose = 0.02"),
    "relative": ('better_by = "1%"', 'may_lose = "5%"'),
    "either way": ("better_by = 0.01", "within = 0.1"),
    "value": ("within = [0.2, 0.9]", "within = [0.2, 0.9]"),
}
AIMED = {k for k in KINDS if KINDS[k].target is not None}
REFUSED = (
    {("ece", "relative")}
    | {(k, "relative") for k in KINDS if not KINDS[k].relative}
    | {(k, bars) for k in AIMED for bars in BARS if bars != "value"}
)
"""Bars that no contract may set on this kind."""
GATED = [kind for kind, m in METRICS.items() if set(m.formats) & set(STAGES["gate"].reads)]
"""Kinds that the gate can measure; others have tables of their own."""
PAIRS = [(kind, bars) for kind in GATED for bars in BARS if (kind, bars) not in REFUSED]
OPTIONS = {
    "k": "k = 2",
    "q": "q = 0.9",
    "threshold": "threshold = 0.5",
    "weight": 'weight = "amount"',
    "column": 'column = "cost"',
    "per": 'per = "tokens"',
}
ALWAYS = {"expected_cost": "prices = { false_positive = 1.0, false_negative = 5.0 }"}
"""Kind -> what it needs in one form or another, so that no single option is required."""


@pytest.mark.parametrize("units", [1, 3, 40, 400])
@pytest.mark.parametrize(("kind", "bars"), PAIRS)
def test_a_metric_is_drawn_or_the_plan_says_why_not(kind: str, bars: str, units: int) -> None:
    metric = METRICS[kind]
    goal, bar = BARS[bars]
    needed = [ALWAYS[kind]] if kind in ALWAYS else []
    text = TEXT.format(
        kind=kind,
        better="" if KINDS[kind].target is not None else f'better = "{metric.better}"',
        table=metric.formats[0],
        units=units,
        repeats=3 if metric.formats[0] == "scores" else 1,
        options="\n".join([OPTIONS[name] for name in metric.required] + needed),
        goal=goal,
        bar=bar,
    )
    contract = parse_contract(text, file="contract.toml")
    promised = plan(contract, "gate", None)
    taken = assumed(contract, promised)
    unknown = unknowable(contract, promised, taken)
    if unknown:
        assert "m: " in unknown
        return
    asked = Question(contract=contract, nuisance=taken, levels=None, gains={}, seed="s")
    here = asked.at(1.0)
    found = [chances(here, one, 4) for one in asked.situations(here)]
    assert {one.situation.name for one in found} >= {GAIN, HARM}
    for one in found:
        assert one.go.value + one.hold.value + one.refuse.value == pytest.approx(1.0)
