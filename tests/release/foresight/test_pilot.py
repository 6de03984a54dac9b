"""A pilot tells spread, never the effect."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shipcall.contract.contract import Contract
from shipcall.contract.parse import parse_contract
from shipcall.contract.plan import plan
from shipcall.core import Slice, UsageError
from shipcall.release.foresight.nuisance import Nuisance, assumed
from shipcall.release.foresight.pilot import learned, open_pilot, pilot_levels

CONTRACT = """
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
scores = {{ path = "later/*.csv", expect = {{ units = 900 }}, max_missing = 0.05 }}
predictions = {{ path = "later/p.csv", expect = {{ units = 900 }} }}
[metric]
{metrics}
{checks}
[slices]
by = ["part", "size"]
metric = "{first}"
may_lose = 0.05
"""
SCORES = {
    "right": 'level = "model", kind = "proportion", better = "higher"',
    "both": 'level = "model", kind = "pass_k", k = 2, name = "right"',
    "cost": 'level = "cost", kind = "mean", better = "lower", column = "cost", name = "right"',
    "wait": 'level = "operations", kind = "quantile", q = 0.9, better = "lower", '
    'column = "latency_ms", name = "right"',
}
PREDICTIONS = {
    "accuracy": 'level = "model", kind = "accuracy"',
    "found": 'level = "model", kind = "recall"',
    "auc": 'level = "model", kind = "roc_auc"',
    "brier": 'level = "model", kind = "brier"',
    "ece": 'level = "model", kind = "ece"',
}


def contract(metrics: dict[str, str], runs: int = 1) -> Contract:
    checks = "".join(
        f'[[check]]\nid = "gate.{name}"\nstage = "gate"\nrole = "guardrail"\nmetric = "{name}"\n'
        f"may_lose = 0.05\n"
        for name in metrics
    )
    lines = "\n".join(f"{name} = {{ {options} }}" for name, options in metrics.items())
    text = CONTRACT.format(runs=runs, metrics=lines, checks=checks, first=next(iter(metrics)))
    return parse_contract(text, file="contract.toml")


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def scores(folder: Path, units: int, runs: int, gain: float, seed: int = 1) -> None:
    rng = np.random.default_rng(seed)
    chance = rng.beta(3.5, 1.5, units)
    same = rng.random(units) < 0.5
    other = np.where(same, chance, rng.beta(3.5, 1.5, units))
    price = rng.normal(2, 0.5, units)
    dearer = price + rng.normal(0.4, 0.3, units)
    slow = 100 * np.exp(rng.normal(0, 0.4, (2, units)))
    rows = []
    for arm, (own, cost) in enumerate(((chance, price), (np.clip(other + gain, 0, 1), dearer))):
        rows += [
            {
                "arm": f"v{arm + 1}",
                "item": f"q{unit}",
                "repeat": run,
                "metric": "right",
                "value": int(rng.random() < own[unit]),
                "status": "infra_error" if unit < units // 50 and arm == 0 else "ok",
                "cost": cost[unit],
                "latency_ms": slow[arm, unit],
                "part": "ab"[unit % 2],
                "size": "ab"[unit % 2] if unit % 3 else "c",
            }
            for unit in range(units)
            for run in range(runs)
        ]
    write(folder / "pilot.csv", rows)


def predictions(folder: Path, units: int) -> None:
    rng = np.random.default_rng(2)
    label = (rng.random(units) < 0.3).astype(int)
    shared = rng.normal(0, 1, units)
    columns = [
        1 / (1 + np.exp(-(2.2 * label - 1.5 + 0.9 * shared + 0.4 * rng.normal(0, 1, units))))
        for _ in range(2)
    ]
    rows = [
        {
            "unit": f"u{i}",
            "label": label[i],
            "baseline": columns[0][i],
            "candidate": columns[1][i],
            "part": "ab"[i % 2],
            "size": "c",
        }
        for i in range(units)
    ]
    write(folder / "pilot.csv", rows)


def taken(of: Contract, folder: Path, table: str) -> Nuisance:
    promised = plan(of, "gate", None)
    evidence = open_pilot(of, {table: "pilot.csv"}, folder)
    try:
        return learned(assumed(of, promised), promised, evidence)
    finally:
        evidence.close()


def test_runs_are_taken_apart_into_what_units_and_what_luck_differ_by(tmp_path: Path) -> None:
    """Beta(3.5, 1.5): mean 0.7, correlation of two runs 1 / (1 + 5) = 1/6.

    Runs differ on 2 p q (1 - s / 2) = 0.385 of the repeats, as half of the units are equally
    good in both models.
    """
    scores(tmp_path, 2_000, 3, 0.0)
    right = taken(contract(SCORES, 3), tmp_path, "scores").metrics["right"]
    assert right.value.value == pytest.approx(0.7, abs=0.02)
    assert right.together is not None
    assert right.together.value == pytest.approx(1 / 6, abs=0.03)
    assert right.differ is not None
    assert right.differ.value == pytest.approx(0.42 * (1 - 1 / 12), abs=0.03)


def test_pass_k_takes_what_is_known_of_its_runs(tmp_path: Path) -> None:
    scores(tmp_path, 400, 3, 0.0)
    found = taken(contract(SCORES, 3), tmp_path, "scores").metrics
    assert found["both"].value == found["right"].value
    assert found["both"].differ == found["right"].differ


def test_costs_and_latencies_are_known_by_their_spread(tmp_path: Path) -> None:
    scores(tmp_path, 2_000, 1, 0.0)
    found = taken(contract(SCORES), tmp_path, "scores")
    cost, wait = found.metrics["cost"], found.metrics["wait"]
    assert cost.spread is not None
    assert cost.difference is not None
    assert (cost.value.value, cost.spread.value) == pytest.approx((2, 0.5), rel=0.05)
    assert cost.difference.value == pytest.approx(0.3, rel=0.05)
    assert wait.spread is not None
    assert wait.spread.value == pytest.approx(0.4, rel=0.1)
    assert wait.value.value == pytest.approx(100 * np.exp(0.4 * 1.2816), rel=0.05)
    assert found.unknown == {}


def test_the_gain_of_a_pilot_is_not_taken(tmp_path: Path) -> None:
    values = []
    for number, gain in enumerate((0.0, 0.3)):
        folder = tmp_path / str(number)
        folder.mkdir()
        scores(folder, 800, 1, gain)
        values.append(taken(contract(SCORES), folder, "scores").metrics["right"].value)
    assert values[0] == values[1]


def test_lost_rows_of_a_pilot_are_expected_again(tmp_path: Path) -> None:
    scores(tmp_path, 1_000, 1, 0.0)
    found = taken(contract(SCORES), tmp_path, "scores")
    lost = found.metrics["right"].lost
    assert lost is not None
    assert lost.value == pytest.approx(0.02)


def test_labelled_answers_are_known_by_table_area_and_gap(tmp_path: Path) -> None:
    predictions(tmp_path, 1_500)
    found = taken(contract(PREDICTIONS), tmp_path, "predictions")
    counting = found.metrics["found"].counting
    assert counting is not None
    assert counting.value == pytest.approx(0.3, abs=0.03)
    assert 0.75 < found.metrics["auc"].value.value < 0.95
    assert found.metrics["ece"].value.source == "pilot"
    assert ("accuracy", "brier") in found.correlation
    assert found.correlation["accuracy", "brier"].value < 0


def test_slices_of_a_pilot_are_counted_with_their_crossing(tmp_path: Path) -> None:
    scores(tmp_path, 300, 1, 0.0)
    of = contract(SCORES)
    evidence = open_pilot(of, {"scores": "pilot.csv"}, tmp_path)
    found = pilot_levels(of, evidence)
    evidence.close()
    assert found is not None
    assert found[Slice.of({"part": "a"})] == 150
    assert Slice.of({"part": "a", "size": "b"}) not in found
    assert found[Slice.of({"part": "a", "size": "a"})] == 100


def test_each_model_may_have_a_file_of_its_own(tmp_path: Path) -> None:
    scores(tmp_path, 100, 1, 0.0)
    with (tmp_path / "pilot.csv").open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    for arm in ("v1", "v2"):
        own = [line for line in lines if line["arm"] == arm]
        write(tmp_path / f"{arm}.csv", [{k: v for k, v in r.items() if k != "arm"} for r in own])
    of = contract(SCORES)
    promised = plan(of, "gate", None)
    evidence = open_pilot(of, {"scores": "v1.csv|v2.csv"}, tmp_path)
    found = learned(assumed(of, promised), promised, evidence)
    evidence.close()
    assert found.metrics["right"].value.source == "pilot"


def test_a_pilot_of_a_handful_of_units_is_refused(tmp_path: Path) -> None:
    scores(tmp_path, 12, 1, 0.0)
    with pytest.raises(UsageError, match="12 units; at least 20"):
        taken(contract(SCORES), tmp_path, "scores")


def test_a_pilot_that_is_not_there_or_not_read_is_refused(tmp_path: Path) -> None:
    of = contract(SCORES)
    with pytest.raises(UsageError, match="there is no such file"):
        open_pilot(of, {"scores": "nowhere.csv"}, tmp_path)
    with pytest.raises(UsageError, match="reads no such table"):
        open_pilot(of, {"rankings": "pilot.csv"}, tmp_path)
