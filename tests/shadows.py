"""Shadow mode for tests: a contract, its pairs, and the verdict on them."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from shipcall.contract.contract import Contract
from shipcall.contract.parse import parse_contract
from shipcall.contract.plan import Plan
from shipcall.contract.shadow import PAIRS, shadow_plan
from shipcall.core import Finding, Situation, Verdict, decide
from shipcall.data.evidence import Evidence
from shipcall.release.sources import open_evidence
from shipcall.stages.shadow import SHADOW

CONTRACT = """
shipcall = 1
[release]
id = "r1"
kind = "classifier"
owner = "team"
baseline = "old"
candidate = "fresh"
change = "weights"
[unit]
id = "user"
time = "at"
[evidence]
scores = "scores.csv"
shadow_pairs = {{ path = "pairs.parquet"{source} }}
[metric]
unsafe = {{ level = "safety", better = "lower", kind = "proportion" }}
latency = {{ level = "operations", better = "lower", kind = "quantile", q = 0.9 }}
failed = {{ level = "operations", kind = "error_share" }}
spent = {{ level = "cost", kind = "cost" }}
right = {{ level = "model", better = "higher", kind = "mean" }}
{metric}
[[check]]
id = "shadow.spent"
stage = "shadow"
role = "goal"
metric = "spent"
better_by = "5%"
[slices]
by = ["country"]
metric = "right"
may_lose = 0.1
protected = ["country=NZ"]
{rest}
[shadow]
{shadow}
"""
ASKED: Mapping[str, str] = {
    "min_pairs": "1_000",
    "min_days": "7",
    "cover": '{ slices = "all", min_pairs = 100 }',
    "disagreement": "{ decision = true, at_most = 0.4 }",
    "safety": '{ metric = "unsafe", at_most = 0.01 }',
    "latency": '{ metric = "latency", at_most = 1_000 }',
}
MONDAY = datetime(2026, 10, 5, tzinfo=UTC)
Columns = dict[str, Any]


def contract(source: str = "", rest: str = "", metric: str = "", **asked: str | None) -> Contract:
    """A contract whose [shadow] asks for ASKED, but for what is given; None leaves a key out."""
    keys = {**ASKED, **asked}
    shadow = "\n".join(f"{name} = {value}" for name, value in keys.items() if value is not None)
    text = CONTRACT.format(source=source, rest=rest, metric=metric, shadow=shadow)
    return parse_contract(text, file="contract.toml")


def columns(pairs: int = 2_000, days: float = 7, seed: int = 1) -> Columns:
    """Pairs of two good models, spread evenly over some days from a Monday on."""
    rng = np.random.default_rng(seed)
    moments = [MONDAY + timedelta(days=days * i / pairs) for i in range(pairs)]
    decided = rng.random((2, pairs)) < 0.5
    agrees = rng.random(pairs) < 0.8
    decided[1] = np.where(agrees, decided[0], decided[1])
    table: Columns = {
        "request": [f"q{i:06}" for i in range(pairs)],
        "at": moments,
        "user": [f"u{i:06}" for i in range(pairs)],
        "country": rng.choice(["NZ", "US"], pairs, p=[0.2, 0.8]).tolist(),
    }
    for arm, said, price in zip(("baseline", "candidate"), decided, (1.0, 0.8), strict=True):
        table |= {
            f"status_{arm}": ["ok"] * pairs,
            f"decision_{arm}": np.where(said, "yes", "no").tolist(),
            f"safety_{arm}": [0.0] * pairs,
            f"latency_ms_{arm}": rng.exponential(200, pairs).tolist(),
            f"cost_{arm}": (price * rng.uniform(0.5, 1.5, pairs)).tolist(),
        }
    return table


def changed(table: Columns, name: str, change: Callable[[int, Any], Any]) -> Columns:
    """The same pairs with one column changed row by row."""
    return table | {name: [change(i, value) for i, value in enumerate(table[name])]}


def kept(table: Columns, keep: Callable[[int], bool]) -> Columns:
    """Some of the pairs."""
    rows = [i for i in range(len(table["request"])) if keep(i)]
    return {name: [values[i] for i in rows] for name, values in table.items()}


class Shadowed(NamedTuple):
    """What shadow mode made of some pairs."""

    plan: Plan
    evidence: Evidence
    verdict: Verdict

    def finding(self, name: str) -> Finding:
        return next(f for f in self.verdict.findings if f.check.id == name)

    def standing(self, name: str) -> str:
        return str(self.finding(name).standing)


def write_pairs(folder: Path, table: Columns | pa.Table) -> None:
    """Write pairs.parquet."""
    folder.mkdir(parents=True, exist_ok=True)
    known = table if isinstance(table, pa.Table) else pa.table(table)
    pq.write_table(known, folder / "pairs.parquet")


def judged(
    folder: Path,
    table: Columns | pa.Table | None,
    promised: Contract | None = None,
    review: Mapping[str, int] | None = None,
) -> Shadowed:
    """Hold pairs against a contract as if it were sealed; None: nothing lies there."""
    ours = promised or contract()
    if table is not None:
        write_pairs(folder, table)
    evidence = open_evidence(ours, folder, SHADOW.reads)
    plan = shadow_plan(ours, evidence.levels(["country"], PAIRS), review)
    verdict = decide(
        plan.checks,
        SHADOW.examine(plan, evidence),
        Situation(stage="shadow", sealed=True),
        not_assessed=SHADOW.not_assessed(plan, evidence),
    )
    return Shadowed(plan, evidence, verdict)
