"""Views for the tests of reports: the fixtures, and findings made on the spot."""

import json
from pathlib import Path
from typing import Any

VERDICTS = ("hold", "ship", "untrusted", "no_ship", "hostile", "rollout")
KINDS = (*VERDICTS, "comparison", "plan")
_FIXTURES = Path(__file__).parent / "fixtures"
_ANSWERS = {"CLEAR": "pass", "OPEN": "can't tell", "BREACH": "fail", "ABSENT": "no data"}


def load(name: str) -> dict[str, Any]:
    view: dict[str, Any] = json.loads((_FIXTURES / f"{name}.json").read_text("utf-8"))
    return view


def estimate(value: float, low: float | None, high: float | None, **changes: Any) -> dict[str, Any]:
    made = {
        "value": value,
        "low": low,
        "high": high,
        "tails": [0.025, 0.025],
        "level": 0.95,
        "n": 1000,
        "method": "cluster t",
        "validity": "fixed",
        "census": False,
    }
    return {**made, **changes}


def absent(detail: str = "41 of 400 units", n: int = 41) -> dict[str, Any]:
    return {
        "code": "too_few_units",
        "sentence": "Fewer units than the contract asks for.",
        "next_step": "Collect more units.",
        "detail": detail,
        "n": n,
    }


def standing(measured: dict[str, Any] | None, low: float | None, high: float | None) -> str:
    """Repeats core.judge on the plain dictionary, with None for an infinite bound."""
    if measured is None:
        return "ABSENT"
    inf = float("inf")
    start = -inf if measured["low"] is None else measured["low"]
    stop = inf if measured["high"] is None else measured["high"]
    floor, ceiling = (-inf if low is None else low), (inf if high is None else high)
    if start >= floor and stop <= ceiling:
        return "CLEAR"
    return "BREACH" if stop < floor or start > ceiling else "OPEN"


def finding(
    measured: dict[str, Any] | None,
    low: float | None = None,
    high: float | None = None,
    **changes: Any,
) -> dict[str, Any]:
    stands = standing(measured, low, high)
    made = {
        "id": "gate.m",
        "role": "guardrail",
        "need": "shown",
        "metric": "m",
        "metric_title": "M",
        "unit": "",
        "better": "higher",
        "slice": "all",
        "slice_pairs": [],
        "estimand": "difference",
        "bar": {"low": low, "high": high, "text": "the bar"},
        "standing": stands,
        "answer": _ANSWERS[stands],
        "satisfied": stands == "CLEAR",
        "estimate": measured,
        "absent": absent() if measured is None else None,
        "arms": None,
        "missing_units": None,
        "note": "",
        "protected": False,
        "family": None,
        "min_units": 400,
        "clear_at": 0.05,
        "breach_at": 0.0025,
        "line": None,
    }
    return {**made, **changes}


def sliced(level: str, measured: dict[str, Any] | None, **changes: Any) -> dict[str, Any]:
    made = {
        "id": f"slices.country={level}",
        "slice": f"country={level}",
        "slice_pairs": [["country", level]],
    }
    return finding(measured, -0.01, None, **{**made, **changes})


def many_slices(count: int, name: int = 0) -> dict[str, Any]:
    """The verdict `hold` with so many further slices, their names `name` characters long."""
    view = load("hold")
    for i in range(count):
        level = f"town-{i}".ljust(name, "x")
        value = (i % 37) / 1000
        view["findings"].append(sliced(level, estimate(value, value - 0.012, value + 0.012)))
    return view
