"""A small release for every stage, which that stage lets pass."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from builders import score_rows, scores_contract
from shipcall.core import Action

Rows = list[dict[str, Any]]
DAYS = [f"2026-11-{day:02d}" for day in range(5, 20)]
HEAD = """
shipcall = 1
[release]
id = "v2"
kind = "ranker"
owner = "o"
baseline = "v1"
candidate = "v2"
change = "weights"
[unit]
id = "unit"
"""


@dataclass(frozen=True)
class Case:
    """A small release that its stage lets pass."""

    contract: str
    tables: Callable[[int], dict[str, Rows]]
    """Seed -> name of the file -> its rows."""
    passes: Action


def graded(seed: int) -> dict[str, Rows]:
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, 2, (2, 200)).astype(float).tolist()
    return {"scores": score_rows(*drawn, country=lambda _, i: "NZ" if i % 4 else "BR")}


def shadowed(seed: int) -> dict[str, Rows]:
    rng = np.random.default_rng(seed)
    return {
        "shadow_pairs": [
            {
                "request": f"r{i}",
                "at": f"{DAYS[i % 14]}T{i % 24:02d}:00:00Z",
                "unit": f"u{i}",
                "latency_ms_baseline": float(rng.integers(50, 90)),
                "latency_ms_candidate": float(rng.integers(50, 90)),
                "status_baseline": "ok",
                "status_candidate": "ok",
            }
            for i in range(600)
        ]
    }


def exposed(seed: int) -> dict[str, Rows]:
    rng = np.random.default_rng(seed)
    exposures, outcomes = [], []
    for i in range(4_000):
        at = f"{DAYS[i % 13]}T{i % 24:02d}:{i % 60:02d}"
        arm = ("baseline", "candidate")[int(rng.random() < 0.5)]
        exposures.append(
            {
                "unit": f"u{i}",
                "arm": arm,
                "stage": "1",
                "share": 0.5,
                "at": f"{at}:00Z",
                "bucketing": "shipcall-v1",
            }
        )
        value = int(rng.random() < (0.6 if arm == "candidate" else 0.3))
        outcomes.append({"unit": f"u{i}", "metric": "useful", "value": value, "at": f"{at}:30Z"})
    return {"exposures": exposures, "outcomes": outcomes}


def returning(seed: int) -> dict[str, Rows]:
    rng = np.random.default_rng(seed)
    rows: Rows = []
    for i in range(900):
        first = i % 8
        arm = ("baseline", "candidate")[int(rng.random() < 0.5)]
        ages = [age for age in range(len(DAYS) - first) if age == 0 or rng.random() < 0.5]
        rows += [
            {"unit": f"u{i}", "day": DAYS[first + age], "arm": arm, "sessions": 1} for age in ages
        ]
    return {"activity": rows}


CASES = {
    "gate": Case(
        scores_contract(
            200,
            bar="may_lose = 0.5",
            rest='[slices]\nby = ["country"]\nmetric = "right"\nmay_lose = 0.9\nmin_units = 5\n',
        ),
        graded,
        Action.SHIP,
    ),
    "shadow": Case(
        HEAD
        + """
[evidence]
shadow_pairs = { path = "shadow_pairs.csv", expect = { units = 600 } }
[metric]
wait = { level = "operations", kind = "mean", better = "lower", column = "latency_ms" }
[[check]]
id = "wait"
stage = "shadow"
role = "goal"
metric = "wait"
may_lose = 20
[shadow]
min_pairs = 500
min_days = 7
""",
        shadowed,
        Action.SHIP,
    ),
    "rollout": Case(
        HEAD
        + """
[evidence]
exposures = "exposures.csv"
outcomes = "outcomes.csv"
[metric]
useful = { level = "product", kind = "proportion", better = "higher", window = "1h" }
[[check]]
id = "useful"
stage = "rollout"
role = "goal"
metric = "useful"
better_by = 0.0
[rollout]
stages = [50]
""",
        exposed,
        Action.SHIP,
    ),
    "cohort": Case(
        HEAD
        + """
[evidence]
activity = "activity.csv"
[metric]
back = { level = "product", kind = "retention", day = 3 }
[[check]]
id = "back"
stage = "cohort"
role = "guardrail"
metric = "back"
may_lose = 0.4
""",
        returning,
        Action.NO_OBJECTION,
    ),
}
