"""Drawn contracts: random contracts with a truth behind each, and rows drawn from it."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shipcall.contract.contract import Contract
from shipcall.contract.parse import parse_contract
from shipcall.core import Slice
from shipcall.stats.sample import Floats, Ints

SEED = 20_261_121


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One contract with the truth behind it."""

    contract: Contract
    units: int
    runs: int
    levels: dict[Slice, int]
    share: float
    """Baseline's share of runs that are right."""
    together: float
    same: float
    """Share of units on which both models are equally good."""
    gain: float
    cost: tuple[float, float, float]
    """Mean, spread of one unit, and spread of its difference."""
    rise: float
    """By how much the cost rises."""
    lost: float
    harmed: float
    """Loss in the protected slice instead of the gain; 0: none."""


HEAD = """
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
repeats = {runs}
[evidence]
scores = {{ path = "scores.csv", expect = {{ units = {units} }}, max_missing = 0.05 }}
[metric]
right = {{ level = "model", kind = "proportion", better = "higher" }}
[metric.price]
level  = "cost"
kind   = "mean"
better = "lower"
column = "cost"
name   = "right"
range  = [-10.0, 14.0]
[[check]]
id = "goal"
stage = "gate"
role = "goal"
metric = "right"
{goal}
{guardrail}
{slices}
[risk]
looks = {looks}
"""
GUARDRAIL = """
[[check]]
id = "price"
stage = "gate"
role = "guardrail"
metric = "price"
{bar}
"""
SLICES = """
[slices]
by = ["part"]
metric = "right"
may_lose = 0.05
min_units = 30
protected = ["part=a"]
correction = "{correction}"
"""


def case_of(number: int) -> Case:
    """Draw a contract and a truth."""
    rng = np.random.default_rng([SEED, number])
    units, runs = int(rng.choice([120, 200, 400, 800])), int(rng.choice([1, 1, 2, 4]))
    goal = str(rng.choice(["better_by = 0.0", "better_by = 0.02", "may_lose = 0.03"]))
    bar = str(rng.choice(['may_lose = "5%"', "may_lose = 0.1", "at_most = 2.2"]))
    sliced, guarded = rng.random() < 0.5, rng.random() < 0.6
    correction = str(rng.choice(["max-t", "holm"]))
    text = HEAD.format(
        units=units,
        runs=runs,
        goal=goal,
        guardrail=GUARDRAIL.format(bar=bar) if guarded else "",
        slices=SLICES.format(correction=correction) if sliced else "",
        looks=int(rng.choice([1, 1, 2])),
    )
    sizes = {"a": 0.3, "b": 0.5, "c": 0.2}
    levels = {Slice.of({"part": p}): round(units * s) for p, s in sizes.items()}
    return Case(
        contract=parse_contract(text, file="contract.toml"),
        units=units,
        runs=runs,
        levels=levels if sliced else {},
        share=float(rng.uniform(0.6, 0.9)),
        together=float(rng.uniform(0.2, 0.6)),
        same=float(rng.uniform(0.4, 0.8)),
        gain=float(rng.uniform(-0.02, 0.09)),
        cost=(2.0, float(rng.uniform(0.3, 0.8)), float(rng.uniform(0.2, 0.5))),
        rise=float(rng.uniform(-0.05, 0.12)),
        lost=float(rng.choice([0.0, 0.0, 0.0, 0.01])),
        harmed=float(rng.uniform(0.05, 0.2)) if sliced and rng.random() < 0.4 else 0.0,
    )


class Rows(NamedTuple):
    """Rows of one draw: values of both models and where they belong; shapes (rows,)."""

    unit: Ints
    part: Ints
    right: tuple[Floats, Floats]
    price: tuple[Floats, Floats]
    usable: NDArray[np.bool_]


PARTS = ("a", "b", "c")


def draw_rows(case: Case, units: int, rng: np.random.Generator) -> Rows:
    """Draw rows: chances of units from a beta law, runs from them, gains as mended runs."""
    share, together = case.share, case.together
    scale = (1 - together) / together
    own = [rng.beta(share * scale, (1 - share) * scale, units) for _ in range(2)]
    other = np.where(rng.random(units) < case.same, own[0], own[1])
    part = rng.permutation(np.repeat(np.arange(3), _sizes(units)))
    effect = np.full(units, case.gain)
    if case.harmed:
        effect[part == 0] = -case.harmed
    unit = np.repeat(np.arange(units), case.runs)
    baseline = (rng.random(unit.size) < own[0][unit]).astype(np.float64)
    candidate = (rng.random(unit.size) < other[unit]).astype(np.float64)
    mended = rng.random(unit.size) < np.maximum(effect, 0.0)[unit] / (1 - share)
    ruined = rng.random(unit.size) < np.maximum(-effect, 0.0)[unit] / share
    candidate = np.where(mended, 1.0, np.where(ruined, 0.0, candidate))
    mean, spread, difference = case.cost
    price = mean + spread * rng.standard_normal(units)
    dearer = price + case.rise + difference * rng.standard_normal(units)
    return Rows(
        unit=unit,
        part=part[unit],
        right=(baseline, candidate),
        price=(price[unit], dearer[unit]),
        usable=rng.random(unit.size) >= case.lost,
    )


def _sizes(units: int) -> list[int]:
    first, second = round(0.3 * units), round(0.5 * units)
    return [first, second, units - first - second]
