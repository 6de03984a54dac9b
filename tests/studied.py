"""Studied: two small releases whose outcomes were looked at, so that every study has one to read.

Everything in them is invented.
"""

from pathlib import Path

import numpy as np

from builders import write_contract, write_csv
from shipcall.app.study import opened

LEAGUE = "league/comparisons.csv"
"""Comparisons of three models that belong to no contract."""
ROUTER, SLOT = "router-flight", "slot-flight"
"""A small and a large model that answered the same questions twice; a log of single choices."""

_HEAD = """
shipcall = 1
[release]
id = "{id}"
kind = "{kind}"
surface = "{surface}"
owner = "answers"
baseline = "{baseline}"
candidate = "{candidate}"
change = "weights"
data_seen = "outcomes"
[unit]
id = "{unit}"
[decision]
blind = false
"""
_ROUTER = """
[evidence]
scores = { path = "runs.csv", constants = { metric = "right" } }
[metric]
right = { level = "model", better = "higher", kind = "proportion" }
[[check]]
id = "gate.right"
stage = "gate"
role = "goal"
metric = "right"
better_by = 0.02
[costs]
currency = "USD"
inference_each = 0.0002
label_each = 0.4
"""
_SLOT = """
[evidence]
rankings = { path = "log.csv", constants = { order = "chance" } }
[metric]
clicks = { level = "product", kind = "ips" }
[[check]]
id = "gate.clicks"
stage = "gate"
role = "goal"
metric = "clicks"
better_by = 0.0
"""


def study_all(root: Path) -> None:
    """Bring both releases into a workspace, with the first look at their outcomes on record.

    A league of models lies beside them.

    Args:
        root: The workspace.
    """
    (root / LEAGUE).parent.mkdir()
    write_csv(root / LEAGUE, _league())
    for file in (_router(root / ROUTER), _slot(root / SLOT)):
        with opened(file):
            pass


def _league(items: int = 150) -> list[dict[str, object]]:
    """Two judges a question; who is stronger by 1 wins 73 of 100, and the first a little more."""
    rng = np.random.default_rng(13)
    strength = {"small": -0.8, "large": 0.4, "tuned": 0.5}
    rows: list[dict[str, object]] = []
    for item in range(items):
        for judge in ("ann", "bea"):
            first, second = rng.permutation(list(strength))[:2].tolist()
            gap = strength[first] - strength[second] + 0.2
            won = first if rng.random() < 1 / (1 + np.exp(-gap)) else second
            row = {"item": f"q{item:03}", "first": first, "second": second, "judge": judge}
            rows.append({**row, "preferred": "tie" if rng.random() < 0.1 else won})
    return rows


def _router(folder: Path, items: int = 700) -> Path:
    rng = np.random.default_rng(11)
    sure = np.round(rng.random(items), 4)
    right = {"baseline": 0.4 + 0.55 * sure, "candidate": np.full(items, 0.9)}
    rows = [
        {
            "arm": arm,
            "item": f"q{item:03}",
            "repeat": run,
            "value": int(rng.random() < right[arm][item]),
            "status": "ok",
            "cost": 0.0004 if arm == "baseline" else 0.012,
            "latency_ms": round(float(rng.gamma(6, 15 if arm == "baseline" else 90)), 1),
            "sure": sure[item],
        }
        for arm in right
        for item in range(items)
        for run in range(2)
    ]
    text = _HEAD.format(
        id=ROUTER,
        kind="llm",
        surface="First answer of the assistant",
        baseline="small-2",
        candidate="large-1",
        unit="item",
    )
    file = write_contract(folder, text.lstrip() + _ROUTER)
    write_csv(folder / "runs.csv", rows)
    return file


def _slot(folder: Path, queries: int = 600) -> Path:
    rng = np.random.default_rng(12)
    rows: list[dict[str, object]] = []
    for query in range(queries):
        shown = int(rng.random() < 0.5)
        clicked = int(rng.random() < (0.12, 0.3)[shown])
        rows += [
            {
                "query": f"s{query:03}",
                "item": "ab"[item],
                "relevance": 0,
                "baseline": (0.6, 0.4)[item],
                "candidate": (0.2, 0.8)[item],
                "propensity": 0.5,
                "reward": clicked if item == shown else "",
            }
            for item in (0, 1)
        ]
    text = _HEAD.format(
        id=SLOT,
        kind="ranker",
        surface="Slot above the results",
        baseline="slot-1",
        candidate="slot-2",
        unit="query",
    )
    file = write_contract(folder, text.lstrip() + _SLOT)
    write_csv(folder / "log.csv", rows)
    return file
