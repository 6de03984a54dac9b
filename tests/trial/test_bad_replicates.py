"""What are no replicates is refused, with the file and what to do; never taken for good news."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builders import write_contract, write_csv
from shipcall.contract.parse import parse_contract, read_contract
from shipcall.core import EvidenceError, Fault
from trial.opened import held_runs, opened
from trial.replicated import contract_text, graded, write_runs

Rows = list[dict[str, Any]]
UNITS = 40


def refused(folder: Path, paths: list[Path], text: str | None = None) -> tuple[Fault, ...]:
    contract = read_contract(write_contract(folder, text or contract_text(UNITS, more=False)))
    with pytest.raises(EvidenceError) as error:
        held_runs(contract, paths)
    assert error.value.exit_code == 3
    return error.value.faults


def changed(path: Path, change: Callable[[Rows], Rows]) -> None:
    with path.open(newline="", encoding="utf-8") as file:
        rows: Rows = list(csv.DictReader(file))
    write_csv(path, change(rows))


def one(faults: tuple[Fault, ...]) -> Fault:
    (fault,) = faults
    assert fault.code == "E220"
    assert fault.fix
    return fault


def test_one_run_is_none(tmp_path: Path) -> None:
    fault = one(refused(tmp_path, write_runs(tmp_path, 1, UNITS)))
    assert "column 'arm'" in fault.seen
    assert "--run COLUMN" in fault.fix


def test_one_run_in_a_column_is_none(tmp_path: Path) -> None:
    rows = [{**row, "arm": "monday"} for row in graded(np.random.default_rng(1), UNITS)]
    fault = one(refused(tmp_path, [write_csv(tmp_path / "runs.csv", rows)]))
    assert "one run (monday)" in fault.seen


def test_a_row_of_no_run_is_refused(tmp_path: Path) -> None:
    """Dropping it would lose it in silence."""
    rows = [
        {**row, "arm": "ab"[n % 2]} for n, row in enumerate(graded(np.random.default_rng(1), UNITS))
    ]
    rows[3]["arm"] = None
    (fault,) = refused(tmp_path, [write_csv(tmp_path / "runs.csv", rows)])
    assert (fault.code, fault.seen) == ("E218", "rows without a value in column 'arm'")


def test_the_same_file_twice_is_one_run(tmp_path: Path) -> None:
    paths = write_runs(tmp_path, 2, UNITS)
    copy = tmp_path / "copy.csv"
    shutil.copy(paths[0], copy)
    fault = one(refused(tmp_path, [*paths, copy]))
    assert (fault.file, fault.seen) == ("copy.csv", "the same bytes as run-0.csv")


def test_a_run_from_a_cache_is_refused_beside_runs_that_differ(tmp_path: Path) -> None:
    paths = write_runs(tmp_path, 3, UNITS)
    shutil.copy(paths[0], paths[2])
    changed(paths[2], lambda rows: [{**row, "saved": "tuesday"} for row in rows])
    fault = one(refused(tmp_path, paths))
    assert fault.file == "run-2.csv"
    assert "agree in every number" in fault.seen


def test_a_run_that_lost_rows_is_named_with_how_many(tmp_path: Path) -> None:
    paths = write_runs(tmp_path, 3, UNITS)
    changed(paths[1], lambda rows: rows[3:])
    fault = one(refused(tmp_path, paths))
    assert fault.file == "run-1.csv"
    assert "lacks 3 of 40 rows of 'right'" in fault.seen
    assert "'q0000'" in fault.seen


def test_an_item_too_many_is_lacking_in_the_others(tmp_path: Path) -> None:
    paths = write_runs(tmp_path, 3, UNITS)
    changed(paths[0], lambda rows: [*rows, {**rows[0], "item": "extra"}])
    assert [fault.file for fault in refused(tmp_path, paths)] == ["run-1.csv", "run-2.csv"]


def test_a_row_twice_is_refused(tmp_path: Path) -> None:
    paths = write_runs(tmp_path, 2, UNITS)
    changed(paths[1], lambda rows: [*rows, rows[5]])
    fault = one(refused(tmp_path, paths))
    assert "has rows twice: 1 more than once, first 'q0005'" in fault.seen


@pytest.mark.parametrize("column", ["item_hash", "prompt_hash", "eval_set"])
def test_other_content_under_the_same_name_is_refused(tmp_path: Path, column: str) -> None:
    paths = write_runs(tmp_path, 2, UNITS, columns={column: "one"})
    changed(paths[1], lambda rows: [{**rows[0], column: "other"}, *rows[1:]])
    fault = one(refused(tmp_path, paths))
    assert f"first 'q0000': `{column}` is 'other' and 'one'" in fault.seen


def test_another_slice_of_the_same_item_is_refused(tmp_path: Path) -> None:
    paths = write_runs(tmp_path, 2, UNITS, metrics=("right", "grade"))
    changed(paths[1], lambda rows: [{**row, "topic": "t9"} for row in rows[:2]] + rows[2:])
    faults = refused(tmp_path, paths, contract_text(UNITS, more=True))
    assert {"a slice column is 't9' and 't0'" in fault.seen for fault in faults} == {True}


def test_runs_of_two_judges_are_refused(tmp_path: Path) -> None:
    paths = write_runs(tmp_path, 2, UNITS)
    changed(paths[1], lambda rows: [{**row, "scorer": "judge 2"} for row in rows])
    fault = one(refused(tmp_path, paths))
    assert "graded by 'judge 2'" in fault.seen


def test_the_evidence_of_a_release_is_no_set_of_replicates(tmp_path: Path) -> None:
    rows = graded(np.random.default_rng(1), UNITS)
    both = [{"arm": arm, **row} for arm in ("baseline", "candidate") for row in rows]
    fault = one(refused(tmp_path, [write_csv(tmp_path / "scores.csv", both)]))
    assert "'candidate' is the candidate" in fault.seen


def test_a_metric_that_no_run_grades_is_refused(tmp_path: Path) -> None:
    paths = write_runs(tmp_path, 2, UNITS)
    faults = refused(tmp_path, paths, contract_text(UNITS, more=True))
    assert "no row of 'grade' in any run" in {fault.seen for fault in faults}


def test_values_of_a_run_are_checked_as_those_of_evidence(tmp_path: Path) -> None:
    paths = write_runs(tmp_path, 2, UNITS)
    changed(paths[1], lambda rows: [{**rows[0], "value": "good"}, *rows[1:]])
    (fault,) = refused(tmp_path, paths)
    assert (fault.file, fault.line, fault.code) == ("run-1.csv", 2, "E211")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    paths = [*write_runs(tmp_path, 2, UNITS), tmp_path / "run-9.csv"]
    (fault,) = refused(tmp_path, paths)
    assert (fault.file, fault.seen) == ("run-9.csv", "no such file")


def test_runs_of_one_table_are_told_apart_by_any_column(tmp_path: Path) -> None:
    """Repeats of the baseline as runs; the candidate's rows are left alone."""
    rng = np.random.default_rng(1)
    rows = [{"arm": arm, **row} for arm in ("v1", "v2") for row in graded(rng, UNITS, repeats=3)]
    path = write_csv(tmp_path / "scores.csv", rows)
    contract = parse_contract(contract_text(UNITS), file="contract.toml")
    runs = opened(contract, [path], column="repeat")
    assert runs.names == ("0", "1", "2")
    assert runs.suite.items == UNITS


def test_files_of_one_arm_and_files_without_an_arm_are_read_alike(tmp_path: Path) -> None:
    plain = write_runs(tmp_path / "plain", 2, UNITS)
    named = [tmp_path / "named" / path.name for path in plain]
    for before, after in zip(plain, named, strict=True):
        after.parent.mkdir(exist_ok=True)
        shutil.copy(before, after)
        changed(after, lambda rows: [{"arm": "v1", **row} for row in rows])
    contract = read_contract(write_contract(tmp_path, contract_text(UNITS)))
    values = [held_runs(contract, paths)[1].rows[0].value for paths in (plain, named)]
    assert np.array_equal(values[0], values[1])


def test_predictions_of_two_models_in_one_file_are_refused(tmp_path: Path) -> None:
    text = contract_text(UNITS).split("[evidence]")[0] + PREDICTIONS
    rows = [{"unit": f"u{i}", "label": i % 2, "baseline": 0.4, "candidate": 0.6} for i in range(9)]
    paths = [write_csv(tmp_path / f"run-{n}.csv", rows[n:]) for n in range(2)]
    fault = one(refused(tmp_path, paths, text))
    assert "both 'baseline', 'candidate'" in fault.seen


PREDICTIONS = """
[evidence]
predictions = "predictions.csv"
[metric]
accuracy = { level = "model", kind = "accuracy" }
[[check]]
id = "gate.accuracy"
stage = "gate"
role = "guardrail"
metric = "accuracy"
may_lose = 0.1
"""
