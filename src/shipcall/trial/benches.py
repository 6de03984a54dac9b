"""Benches: a population, a contract whose bar is the truth, and the code that makes a verdict.

A bench draws evidence again and again and says what each draw came to. Checks and error levels
come from `contract.plan`, sums from the kernel, standings from `core`, calls from `core.decide`.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np

from shipcall.contract.parse import parse_contract
from shipcall.contract.plan import Measure, Plan, plan
from shipcall.core import Absent, Bar, Check, Estimand, Finding, Measured, Standing
from shipcall.data.plan import StatisticsPlan
from shipcall.metrics import METRICS
from shipcall.stages.gate import measure, statistics_plan
from shipcall.stats.sample import Sample
from shipcall.trial.evidence import DrawnEvidence
from shipcall.trial.tally import Outcome, Tally
from shipcall.world.populations.releases import Items
from shipcall.world.populations.rows import Drawn, Rows, Tabled, rows_of

Rng = np.random.Generator
Judge = Callable[[Check, Measure, Sample | Absent], Measured]

SPLIT = 20
"""Announced looks of the contract by which small error levels are measured: 0.05 / 20."""

RELEASE = """
shipcall = 1
[release]
id = "r"
kind = "llm"
owner = "o"
baseline = "v1"
candidate = "v2"
change = "prompt"
[unit]
id = "unit"
"""
"""How every contract begins that judges draws."""
HEAD = f"""{RELEASE}[risk]
looks = {{looks}}
attempts = {{attempts}}
[evidence]
predictions = "predictions.csv"
scores = "scores.csv"
"""
ONE_GOAL = """
[metric]
m = {{ level = "model", {metric} }}
[[check]]
id = "gate.m"
stage = "gate"
role = "goal"
metric = "m"
{bar}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BarKey:
    """How a bar that is exactly the truth is written into a contract."""

    estimand: Estimand
    write: Callable[[float], str]


def _percent(share: float) -> str:
    return f"{100 * share!r}%"


WIDE = 10.0
"""How far the other end of a bar with two ends lies away."""
BARS: Mapping[str, BarKey] = {
    "may_lose": BarKey(
        estimand=Estimand.DIFFERENCE, write=lambda truth: f"may_lose = {abs(truth)!r}"
    ),
    "better_by": BarKey(
        estimand=Estimand.DIFFERENCE, write=lambda truth: f"better_by = {abs(truth)!r}"
    ),
    "may_lose %": BarKey(
        estimand=Estimand.RELATIVE, write=lambda truth: f'may_lose = "{_percent(abs(truth))}"'
    ),
    "within": BarKey(estimand=Estimand.DIFFERENCE, write=lambda truth: f"within = {abs(truth)!r}"),
    "between": BarKey(
        estimand=Estimand.CANDIDATE, write=lambda truth: f"within = [{truth - WIDE!r}, {truth!r}]"
    ),
    "at_least": BarKey(estimand=Estimand.CANDIDATE, write=lambda truth: f"at_least = {truth!r}"),
    "at_most": BarKey(estimand=Estimand.CANDIDATE, write=lambda truth: f"at_most = {truth!r}"),
}
"""The amounts of a contract, which carry no sign: the direction comes from the metric."""


def _table(metric: str) -> str:
    """Declare the table that a metric reads, where the head of every contract does not."""
    table = METRICS[metric.split('"')[1]].formats[0]
    return "" if f"\n{table} = " in HEAD else f'[evidence.{table}]\npath = "{table}.csv"\n'


class Bench(Protocol):
    """What a row of the certificate is measured on."""

    @property
    def promises(self) -> Mapping[str, float]:
        """Event -> greatest rate that is promised."""

    @property
    def power_at(self) -> float | None:
        """How far inside its bar the truth is when `shown` is counted; None: not one distance."""

    def draw(self, rng: Rng, runs: int) -> Tally:
        """Draw evidence `runs` times and count what it came to."""


def contract_text(body: str, *, looks: int = 1, attempts: int = 1) -> str:
    """Write a contract with a given number of announced looks and attempts."""
    return HEAD.format(looks=looks, attempts=attempts) + body


@dataclass(frozen=True, kw_only=True)
class OneCheck:
    """One check whose bar is exactly the truth; every error of either side is counted.

    Events: `ship` and `block` at 0.05, `split_ship` and `split_block` at 0.0025 (the levels of a
    contract with 20 looks), `missed` by the two-sided 95 % interval, `shown` when the bar is
    moved away by `distance`, `absent`.
    """

    population: Drawn | Tabled
    metric: str
    """The metric as a contract writes it."""
    bar: str
    """Key of BARS."""
    distance: float | None = None
    """How far inside its bar the truth is when power is counted; None: the population's step."""
    judge: Judge = measure

    @property
    def promises(self) -> Mapping[str, float]:
        """Each end holds its own level, the two-sided interval both together."""
        small = 0.05 / SPLIT
        return {
            "ship": 0.05,
            "block": 0.05,
            "split_ship": small,
            "split_block": small,
            "missed": 0.05,
        }

    def draw(self, rng: Rng, runs: int) -> Tally:
        """Draw evidence `runs` times; equal tables are judged once."""
        tally = Tally()
        if isinstance(self.population, Drawn):
            for _ in range(runs):
                tally.add(self._judged(self.population.draw(rng)))
            return tally
        tables = self.population.tables(rng, runs)
        for table, often in zip(*np.unique(tables, axis=0, return_counts=True), strict=True):
            tally.add(self._judged(rows_of(table)), int(often))
        return tally

    def judged(self, runs: int) -> int:
        """Say how many of so many draws are judged: equal tables are judged once."""
        if isinstance(self.population, Drawn):
            return runs
        return len(np.unique(self.population.tables(np.random.default_rng(0), runs), axis=0))

    @property
    def power_at(self) -> float:
        """Distance between truth and bar at which power is counted, on the estimand's scale."""
        return self.population.step if self.distance is None else self.distance

    @cached_property
    def estimand(self) -> Estimand:
        """Which number is held against the bar."""
        return self._plans[0].checks[0].estimand

    @cached_property
    def truth(self) -> float:
        """The true value of that number."""
        return self.population.truth[BARS[self.bar].estimand]

    @cached_property
    def _plans(self) -> tuple[Plan, Plan]:
        bar = BARS[self.bar].write(self.truth)
        body = _table(self.metric) + ONE_GOAL.format(metric=self.metric, bar=bar)
        once, often = (
            plan(
                parse_contract(contract_text(body, looks=looks), file="contract.toml"), "gate", None
            )
            for looks in (1, SPLIT)
        )
        return once, often

    @cached_property
    def _asked(self) -> StatisticsPlan:
        return statistics_plan(self._plans[0])

    @cached_property
    def _checks(self) -> "_Levels":
        full, split = (promised.checks[0] for promised in self._plans)
        ends = (full.bar.low, full.bar.high)
        if not any(math.isclose(end, self.truth, rel_tol=1e-9) for end in ends):
            raise ValueError(f"the bar {full.bar.text!r} is not at the truth, {self.truth:g}")
        two_sided = full.bar.two_sided
        return _Levels(
            full=full,
            split=split,
            cover=replace(full, clear_at=0.025, breach_at=0.05 if two_sided else 0.025),
            far=replace(full, bar=_moved(full, self.truth, self.power_at)),
        )

    def _judged(self, rows: Rows) -> Outcome:
        evidence = DrawnEvidence(Items(metrics={"m": rows}, slices={}))
        (sample,) = evidence.samples(self._asked).values()
        checks, how = self._checks, self._plans[0].measures["m"]
        full = self.judge(checks.full, how, sample)
        if isinstance(full, Absent):
            return Outcome(("absent",))
        split = self.judge(checks.split, how, sample)
        cover = self.judge(checks.cover, how, sample)
        events = [
            *_erred(checks.full, full, ""),
            *_erred(checks.split, split, "split_"),
            *_missed(cover, self.truth),
        ]
        if Finding(check=checks.far, measured=full).standing is Standing.CLEAR:
            events.append("shown")
        width = None if isinstance(cover, Absent) else cover.high - cover.low
        return Outcome(tuple(events), full.value - self.truth, width)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Levels:
    """One check at the levels at which it is measured."""

    full: Check
    split: Check
    cover: Check
    far: Check


def _erred(check: Check, measured: Measured, prefix: str) -> Iterator[str]:
    standing = Finding(check=check, measured=measured).standing
    if standing is Standing.CLEAR:
        yield f"{prefix}ship"
    if standing is Standing.BREACH:
        yield f"{prefix}block"


def _missed(measured: Measured, truth: float) -> Iterator[str]:
    if not isinstance(measured, Absent) and not measured.low <= truth <= measured.high:
        yield "missed"


def _moved(check: Check, truth: float, distance: float) -> Bar:
    """Move the end of the bar on which the truth lies, so that the truth is well inside."""
    bar = check.bar
    at_low = math.isfinite(bar.low) and abs(bar.low - truth) <= abs(bar.high - truth)
    if at_low:
        return replace(bar, low=bar.low - distance)
    return replace(bar, high=bar.high + distance)
