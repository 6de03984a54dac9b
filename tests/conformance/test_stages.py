"""Every stage keeps the same rules."""

from pathlib import Path

import numpy as np
import pytest

from builders import run_gate, write_csv
from passing import CASES, DAYS, Rows
from shipcall.core import Absent, Action, EvidenceError, Role, Verdict, canonical_bytes
from shipcall.formats import FORMATS, READ
from shipcall.stages import STAGES, Stage

GOOD = {Action.SHIP, Action.ADVANCE, Action.NO_OBJECTION}
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
