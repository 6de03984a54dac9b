"""Benches of whole contracts: families of slices, several checks, looks, attempts, files."""

import csv
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from shipcall.contract.parse import parse_contract, read_contract
from shipcall.contract.plan import Plan, plan
from shipcall.core import Absent, Action, Check, Finding, Situation, Slice, Standing, decide
from shipcall.ledger.sign import SigningKey
from shipcall.ledger.store import Ledger
from shipcall.release.history import sealed_contract
from shipcall.release.judge import judge
from shipcall.release.sealing import seal
from shipcall.stages.gate import examine
from shipcall.trial.benches import ONE_GOAL, contract_text
from shipcall.trial.evidence import DrawnEvidence, first_items
from shipcall.trial.tally import Outcome, Tally
from shipcall.world.populations.releases import Items, Release

Rng = np.random.Generator
AT = "2026-11-20T12:00:00Z"

SLICES = """
[slices]
by = [{by}]
metric = "m"
may_lose = {may_lose!r}
correction = "{correction}"
"""
WHOLE = """
[metric]
right = { level = "model", kind = "proportion", better = "higher" }
grade = { level = "product", kind = "mean", better = "higher", range = [0, 1] }
unsafe = { level = "safety", kind = "proportion", better = "lower" }
[[check]]
id = "gate.right"
stage = "gate"
role = "goal"
metric = "right"
better_by = 0.02
[[check]]
id = "gate.grade"
stage = "gate"
role = "guardrail"
metric = "grade"
may_lose = 0.03
[[check]]
id = "gate.unsafe"
stage = "gate"
role = "guardrail"
metric = "unsafe"
at_most = 0.03
[slices]
by = ["country"]
metric = "right"
may_lose = 0.05
protected = ["country=p0"]
"""
"""A goal, two guardrails, three slices of which one is protected."""


def levels_of(release: Release) -> dict[Slice, int]:
    """Name the levels of a drawn release as a contract would enumerate them."""
    return {
        Slice.of({column: f"p{level}"}): units
        for column, levels in release.levels.items()
        for level, units in levels.items()
    }


def planned(text: str, release: Release) -> Plan:
    """Plan a contract on the levels of a drawn release."""
    return plan(parse_contract(text, file="contract.toml"), "gate", levels_of(release))


def examined(promised: Plan, items: Items) -> list[Finding]:
    """Measure every check of a plan on drawn items, as the gate does."""
    return examine(promised, DrawnEvidence(items))


@dataclass(frozen=True, kw_only=True)
class Family:
    """Slices that all lie on their bars: is any refused?

    Events: `block` when any slice is in breach, `absent` when any has no data. The aggregate
    check lies on its bar as well and is not counted; its level is its own.
    """

    population: Release
    metric: str
    correction: str = "max-t"
    power_at: None = None

    @property
    def promises(self) -> Mapping[str, float]:
        """The slices share half of `block`."""
        family = self._checks[0].family
        return {"block": family.breach_at if family else 0.0}

    def draw(self, rng: Rng, runs: int) -> Tally:
        """Draw the release `runs` times."""
        tally = Tally()
        for _ in range(runs):
            findings = examined(self._plan, self.population.draw(rng))
            sliced = [one.standing for one in findings if one.check.id.startswith("slice.")]
            events = [("block", Standing.BREACH), ("absent", Standing.ABSENT)]
            tally.add(Outcome(tuple(word for word, standing in events if standing in sliced)))
        return tally

    @cached_property
    def _plan(self) -> Plan:
        loss = abs(self.population.truth["m"])
        by = ", ".join(f'"{column}"' for column in self.population.levels)
        body = ONE_GOAL.format(metric=self.metric, bar=f"may_lose = {loss!r}")
        body += SLICES.format(by=by, may_lose=loss, correction=self.correction)
        return planned(contract_text(body), self.population)

    @property
    def _checks(self) -> list[Check]:
        return [check for check in self._plan.checks if check.id.startswith("slice.")]


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A whole contract on drawn items, folded by `core.decide`.

    With several looks the gate is asked after equal parts of the items, and the first call that
    is not HOLD stands. With several attempts each has evidence of its own, which is the worst
    case, and a SHIP of any of them counts.
    Events: `ship` (`shown` where no promise speaks of it, because all bars are met with room to
    spare), `block` (a NO SHIP), `absent` (a check without data at the last look).
    """

    population: Release
    promises: Mapping[str, float]
    looks: int = 1
    attempts: int = 1
    power_at: None = None

    def draw(self, rng: Rng, runs: int) -> Tally:
        """Draw the release `runs` times, as often as attempts are allowed each time."""
        tally = Tally()
        for _ in range(runs):
            tried = {event for _ in range(self.attempts) for event in self._attempt(rng)}
            tally.add(Outcome(tuple(sorted(tried))))
        return tally

    def _attempt(self, rng: Rng) -> list[str]:
        items = self.population.draw(rng)
        for look in range(1, self.looks + 1):
            seen = first_items(items, self.population.units * look // self.looks)
            findings = examined(self._plan, seen)
            call = decide(self._plan.checks, findings, _SITUATION).call
            if call is not Action.HOLD:
                return [_event(call, self.promises)]
        absent = any(isinstance(finding.measured, Absent) for finding in findings)
        return ["absent"] if absent else []

    @cached_property
    def _plan(self) -> Plan:
        text = contract_text(WHOLE, looks=self.looks, attempts=self.attempts)
        return planned(text, self.population)


def _event(call: Action, promises: Mapping[str, float]) -> str:
    if call is Action.SHIP:
        return "ship" if "ship" in promises else "shown"
    return "block"


_SITUATION = Situation(stage="gate", sealed=True, final=True)


@dataclass(frozen=True, kw_only=True)
class Files:
    """From files to the verdict: sealed, read, examined, decided. Events as for `Whole`."""

    population: Release
    promises: Mapping[str, float]
    power_at: None = None

    def draw(self, rng: Rng, runs: int) -> Tally:
        """Write, seal and judge the release `runs` times."""
        tally = Tally()
        with tempfile.TemporaryDirectory() as folder:
            for run in range(runs):
                call = self._called(Path(folder) / str(run), rng)
                tally.add(Outcome(() if call is Action.HOLD else (_event(call, self.promises),)))
        return tally

    def _called(self, root: Path, rng: Rng) -> Action:
        root.mkdir()
        write_scores(root / "scores.csv", self.population.draw(rng))
        file = root / "contract.toml"
        text = contract_text(WHOLE).replace('predictions = "predictions.csv"\n', "")
        file.write_text(text.replace('id = "unit"', 'id = "item"'), encoding="utf-8")
        contract = read_contract(file)
        ledger = Ledger.open(root / "ledger.db", create=True)
        seal(contract, file, ledger=ledger, key=SigningKey.load_or_create(root / "key"), at=AT)
        entries = list(ledger.entries())
        sealed = sealed_contract(entries, contract.release.id)
        judged = judge(contract, "gate", root=root, as_of=AT, sealed=sealed, entries=entries)
        return judged.verdict.call


def write_scores(path: Path, items: Items) -> None:
    """Write drawn items as a table of graded runs, one row per item, metric and model."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(("arm", "item", "metric", "status", "value", *items.slices))
        levels = list(zip(*items.slices.values(), strict=True))
        for name, rows in items.metrics.items():
            for arm, grades in (("baseline", rows.baseline), ("candidate", rows.candidate)):
                for place, (grade, level) in enumerate(zip(grades, levels, strict=True)):
                    cells = (f"p{one}" for one in level)
                    writer.writerow((arm, f"q{place}", name, "ok", repr(float(grade)), *cells))
