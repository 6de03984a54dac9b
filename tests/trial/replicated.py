"""Runs of a model that nobody changed, as files, with the contract that judges them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from builders import write_contract, write_csv

CONTRACT = """
shipcall = 1
[release]
id = "{release}"
kind = "llm"
owner = "team"
baseline = "v1"
candidate = "v2"
change = "prompt"
[unit]
id = "item"
[harness]
scorer = "{scorer}"
eval_set = {{ name = "golden" }}
repeats = {repeats}
[evidence]
scores = {{ path = "scores.csv", expect = {{ units = {units} }}, max_missing = 0.05 }}
[metric]
right = {{ level = "model", kind = "proportion", better = "higher" }}
{metrics}
[[check]]
id = "gate.right"
stage = "gate"
role = "goal"
metric = "right"
better_by = 0.0
[[check]]
id = "gate.kept"
stage = "gate"
role = "guardrail"
metric = "right"
may_lose = {may_lose}
{checks}
"""

MORE_METRICS = """
all_right = { level = "model", kind = "pass_k", k = 2, name = "right" }
grade = { level = "product", kind = "mean", better = "higher", range = [0, 1] }
p90 = { level = "operations", better = "lower", kind = "quantile", q = 0.9, column = "latency_ms" }
"""
MORE_CHECKS = """
[[check]]
id = "gate.all_right"
stage = "gate"
role = "guardrail"
metric = "all_right"
may_lose = 0.05
[[check]]
id = "gate.grade"
stage = "gate"
role = "guardrail"
metric = "grade"
may_lose = "5%"
[[check]]
id = "gate.p90"
stage = "gate"
role = "guardrail"
metric = "p90"
may_lose = "20%"
[slices]
by = ["topic"]
metric = "right"
may_lose = 0.05
"""


def contract_text(
    units: int,
    *,
    more: bool = False,
    release: str = "r1",
    scorer: str = "judge 1",
    repeats: int = 1,
    may_lose: float = 0.1,
) -> str:
    """A contract on graded runs: a goal, a guardrail, and with `more` three kinds and slices."""
    return CONTRACT.format(
        release=release,
        units=units,
        scorer=scorer,
        repeats=repeats,
        metrics=MORE_METRICS if more else "",
        checks=MORE_CHECKS if more else "",
        may_lose=may_lose,
    )


def graded(
    rng: np.random.Generator,
    units: int,
    *,
    shift: float = 0.0,
    repeats: int = 1,
    metrics: Sequence[str] = ("right",),
    errors: float = 0.0,
    columns: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """One run: every item is right with a chance of its own, moved by `shift` as a whole."""
    chances = np.linspace(0.3, 0.95, units)
    rows = []
    for number in range(units):
        for repeat in range(repeats):
            lucky = rng.random() < np.clip(chances[number] + shift, 0, 1)
            noisy = np.clip(chances[number] + shift + 0.1 * rng.standard_normal(), 0, 1)
            failed = rng.random() < errors
            status = str(rng.choice(["model_error", "judge_error"])) if failed else "ok"
            latency = round(float(rng.lognormal(6, 0.3)))
            for metric in metrics:
                value = float(lucky) if metric == "right" else round(float(noisy), 4)
                rows.append(
                    {
                        "item": f"q{number:04}",
                        "repeat": repeat,
                        "metric": metric,
                        "value": value if status == "ok" else None,
                        "status": status,
                        "latency_ms": latency,
                        "item_hash": f"h{number}",
                        "scorer": "judge 1",
                        "topic": f"t{number % 4}",
                        **(columns or {}),
                    }
                )
    return rows


def write_runs(folder: Path, count: int, units: int, *, seed: int = 1, **how: Any) -> list[Path]:
    """Write runs of one model, a file for each; `drift` moves each as a whole."""
    rng = np.random.default_rng(seed)
    drift = how.pop("drift", 0.0)
    return [
        write_csv(
            folder / f"run-{number}.csv",
            graded(rng, units, shift=drift * float(rng.standard_normal()), **how),
        )
        for number in range(count)
    ]


def write_release(folder: Path, baseline: Sequence[Any], candidate: Sequence[Any]) -> Path:
    """Write two runs as the evidence of a release."""
    pairs = (("baseline", baseline), ("candidate", candidate))
    rows = [{"arm": arm, **row} for arm, own in pairs for row in own]
    return write_csv(folder / "scores.csv", rows)


__all__ = ["contract_text", "graded", "write_contract", "write_release", "write_runs"]
