"""Every stage keeps the same rules."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builders import run_gate, score_rows, scores_contract, write_csv
from shipcall.core import Absent, Action, EvidenceError, Role, Verdict, canonical_bytes
from shipcall.formats import FORMATS, READ
from shipcall.stages import STAGES, Stage

Rows = list[dict[str, Any]]
DAYS = [f"2026-11-{day:02d}" for day in range(5, 20)]
GOOD = {Action.SHIP, Action.ADVANCE, Action.NO_OBJECTION}
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
            {"unit": f"u{i}", "arm": arm, "stage": "1", "share": 0.5, "at": f"{at}:00Z"}
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
EVERY = pytest.mark.parametrize("stage", STAGES.values(), ids=list(STAGES))


def judged(folder: Path, stage: Stage, tables: dict[str, Rows]) -> Verdict:
    for name, rows in tables.items():
        write_csv(folder / f"{name}.csv", rows)
    return run_gate(folder, CASES[stage.name].contract, stage=stage.name).verdict


@EVERY
def test_it_lets_a_good_release_pass_with_one_finding_for_each_check(
    stage: Stage, tmp_path: Path
) -> None:
    case = CASES[stage.name]
    verdict = judged(tmp_path, stage, case.tables(1))
    assert verdict.call is case.passes, (verdict.rule, verdict.because)
    ids = [f.check.id for f in verdict.findings]
    assert len(ids) == len(set(ids))
    assert {f.check.stage for f in verdict.findings} == {stage.name}


@EVERY
def test_no_evidence_is_all_absent_and_never_a_ship(stage: Stage, tmp_path: Path) -> None:
    verdict = judged(tmp_path, stage, {})
    judged_ = [f for f in verdict.findings if f.check.role in (Role.GOAL, Role.GUARDRAIL)]
    about_people = [f for f in judged_ if not f.check.id.startswith("stage.")]
    assert about_people
    assert all(isinstance(f.measured, Absent) for f in about_people)
    assert verdict.call is Action.HOLD


@EVERY
def test_order_of_rows_changes_no_byte(stage: Stage, tmp_path: Path) -> None:
    ordered = CASES[stage.name].tables(1)
    rng = np.random.default_rng(2)
    shuffled = {
        name: [rows[i] for i in rng.permutation(len(rows))] for name, rows in ordered.items()
    }
    one = judged(tmp_path / "a", stage, ordered)
    other = judged(tmp_path / "b", stage, shuffled)
    assert canonical_bytes(one) == canonical_bytes(other)


@EVERY
def test_a_table_that_is_gone_never_creates_a_pass(stage: Stage, tmp_path: Path) -> None:
    tables = CASES[stage.name].tables(1)
    for name in tables:
        rest = {other: rows for other, rows in tables.items() if other != name}
        assert judged(tmp_path / name, stage, rest).call not in GOOD


@EVERY
def test_one_arm_alone_never_passes(stage: Stage, tmp_path: Path) -> None:
    tables = {
        name: [
            {k: v for k, v in row.items() if not k.endswith("_candidate")}
            for row in rows
            if row.get("arm") != "candidate"
        ]
        for name, rows in CASES[stage.name].tables(1).items()
    }
    try:
        call = judged(tmp_path, stage, tables).call
    except EvidenceError:
        return
    assert call not in GOOD


@EVERY
def test_constant_values_never_pass_for_a_gain(stage: Stage, tmp_path: Path) -> None:
    tables = CASES[stage.name].tables(1)
    for rows in tables.values():
        for row in rows:
            for name in ("value", "latency_ms_baseline", "latency_ms_candidate"):
                if name in row:
                    row[name] = 1.0
    if stage.name == "cohort":
        tables["activity"] = [row for row in tables["activity"] if row["day"] == DAYS[0]]
    assert judged(tmp_path, stage, tables).call not in GOOD


@EVERY
def test_it_reads_formats_that_exist(stage: Stage) -> None:
    assert set(stage.reads) <= set(FORMATS)
    assert set(stage.reads) <= set(READ)
