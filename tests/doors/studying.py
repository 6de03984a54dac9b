"""Studying: the command `study`, and a contract of predictions or of graded runs to ask about."""

import json
from typing import Any

from click.testing import CliRunner, Result

from shipcall.cli.main import shipcall

HEAD = """
shipcall = 1

[release]
id = "screen-2"
kind = "classifier"
owner = "screening"
baseline = "screen-1"
candidate = "screen-2"
change = "weights"
"""
PREDICTIONS = """
[unit]
id = "unit"

[evidence]
predictions = "rows.csv"

[metric]
accuracy = { level = "model", kind = "accuracy", threshold = 0.4 }
found = { level = "safety", kind = "recall", threshold = 0.4 }

[[check]]
id = "gate.accuracy"
stage = "gate"
role = "guardrail"
metric = "accuracy"
may_lose = 0.02

[[check]]
id = "gate.found"
stage = "gate"
role = "guardrail"
metric = "found"
may_lose = 0.05

[slices]
by = ["site"]
metric = "accuracy"
may_lose = 0.05
protected = ["site=north"]
"""
COSTS = """
[costs]
currency = "EUR"
inference_each = 0.0002
label_each = 0.5
"""
SCORES = """
[unit]
id = "item"

[evidence]
scores = { path = "runs.csv", constants = { metric = "right" } }

[metric]
right = { level = "model", better = "higher", kind = "proportion" }
wrong = { level = "model", better = "lower", kind = "proportion", name = "right" }

[[check]]
id = "gate.right"
stage = "gate"
role = "goal"
metric = "right"
better_by = 0.0
"""


def call(*arguments: object) -> Result:
    return CliRunner().invoke(shipcall, [str(a) for a in arguments], catch_exceptions=False)


def study(*arguments: object) -> dict[str, Any]:
    said = call("study", *arguments, "--json")
    view: dict[str, Any] = json.loads(said.stdout)
    return view


def table(view: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = next(t["rows"] for t in view["tables"] if t["name"] == name)
    return rows
