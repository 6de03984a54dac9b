"""Runs that are cast as a release say what files with the same rows say."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builders import write_contract, write_csv
from shipcall.contract.contract import Contract
from shipcall.contract.parse import read_contract
from shipcall.contract.plan import Plan
from shipcall.core import Finding, Standing, plain
from shipcall.release.sources import open_evidence
from shipcall.stages.gate import examine, measured
from shipcall.trial.played import relabelled, whole
from shipcall.trial.quick import standings
from trial.opened import held_runs
from trial.replicated import contract_text, write_release, write_runs

PREDICTIONS = """
shipcall = 1
[release]
id = "p1"
kind = "classifier"
owner = "team"
baseline = "v1"
candidate = "v2"
change = "weights"
[unit]
id = "unit"
[evidence]
predictions = "predictions.csv"
[metric]
accuracy = { level = "model", kind = "accuracy" }
auc = { level = "model", kind = "roc_auc" }
ece = { level = "model", kind = "ece" }
log_loss = { level = "model", kind = "log_loss" }
precision = { level = "model", kind = "precision" }
[slices]
by = ["country"]
metric = "accuracy"
may_lose = 0.05
"""


def checks_on(*metrics: str) -> str:
    return "".join(
        f'[[check]]\nid = "gate.{name}"\nstage = "gate"\nrole = "guardrail"\n'
        f'metric = "{name}"\nmay_lose = 0.02\n'
        for name in metrics
    )


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def findings_from_files(contract: Contract, promised: Plan, root: Path) -> list[Finding]:
    return examine(promised, open_evidence(contract, root))


def forms(findings: list[Finding]) -> list[Any]:
    """Findings without notes: those name examples, which only files have."""
    return [{**plain(finding), "note": ""} for finding in findings]


@pytest.mark.parametrize("errors", [0.0, 0.03])
def test_whole_runs_give_the_findings_of_files(tmp_path: Path, errors: float) -> None:
    how: dict[str, Any] = {"repeats": 3, "metrics": ("right", "grade"), "errors": errors}
    paths = write_runs(tmp_path, 3, 120, **how)
    contract = read_contract(write_contract(tmp_path, contract_text(120, more=True, repeats=3)))
    promised, held = held_runs(contract, paths)
    for baseline, candidate in ((0, 1), (2, 0)):
        write_release(tmp_path, read(paths[baseline]), read(paths[candidate]))
        seen = examine(promised, whole(held, baseline, candidate))
        assert forms(seen) == forms(findings_from_files(contract, promised, tmp_path))


def scored(rng: np.random.Generator, units: int) -> list[dict[str, Any]]:
    labels = np.arange(units) % 3 == 0
    scores = np.clip(0.3 + 0.4 * labels + 0.2 * rng.standard_normal(units), 0.01, 0.99)
    return [
        {"unit": f"u{i:04}", "label": int(labels[i]), "score": scores[i], "country": f"c{i % 2}"}
        for i in range(units)
    ]


def told_as_by_files(
    folder: Path, runs: list[list[dict[str, Any]]], *castings: tuple[int, int]
) -> list[Finding]:
    """Findings of the last casting; those of every casting are the same from files.

    Each run begins at another row, so that no file has the bytes of another one.
    """
    paths = []
    for number, rows in enumerate(runs):
        own = [{**row, "candidate": row["score"]} for row in rows]
        for row in own:
            del row["score"]
        paths.append(write_csv(folder / f"run-{number}.csv", own[number:] + own[:number]))
    text = PREDICTIONS + checks_on("accuracy", "auc", "ece", "log_loss", "precision")
    contract = read_contract(write_contract(folder, text))
    promised, held = held_runs(contract, paths)
    seen: list[Finding] = []
    for baseline, candidate in castings:
        both = zip(runs[baseline], runs[candidate], strict=True)
        rows = [{**a, "baseline": a["score"], "candidate": b["score"]} for a, b in both]
        for row in rows:
            del row["score"]
        write_csv(folder / "predictions.csv", rows)
        seen = examine(promised, whole(held, baseline, candidate))
        assert forms(seen) == forms(findings_from_files(contract, promised, folder))
    return seen


def test_whole_runs_of_predictions_give_the_findings_of_files(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    runs = [scored(rng, 300) for _ in range(3)]
    runs[1][7]["score"] = None
    told_as_by_files(tmp_path, runs, (0, 2), (1, 0))


def test_runs_of_predictions_that_agree_on_every_row_are_one_model_given_twice(
    tmp_path: Path,
) -> None:
    runs = [scored(np.random.default_rng(5), 60) for _ in range(3)]
    seen = told_as_by_files(tmp_path, runs, (0, 2))
    constant = next(one for one in seen if one.check.metric == "constant")
    assert constant.standing is Standing.BREACH


def test_every_cluster_is_dealt_two_different_runs(tmp_path: Path) -> None:
    paths = write_runs(tmp_path, 3, 40)
    contract = read_contract(write_contract(tmp_path, contract_text(40)))
    _, held = held_runs(contract, paths)
    rng = np.random.default_rng(3)
    casts = np.stack([relabelled(held, rng).cast for _ in range(600)])
    assert not (casts[:, 0] == casts[:, 1]).any()
    pairs = 3 * casts[:, 0] + casts[:, 1]
    shares = np.bincount(pairs.ravel(), minlength=9)[[1, 2, 3, 5, 6, 7]] / pairs.size
    assert np.abs(shares - 1 / 6).max() < 0.01


@pytest.mark.slow
def test_quick_standings_are_those_of_the_gate(tmp_path: Path) -> None:
    """Small slices and a bar near zero, so that every standing occurs, within families too."""
    how: dict[str, Any] = {"repeats": 1, "metrics": ("right", "grade")}
    paths = write_runs(tmp_path, 2, 160, drift=0.12, seed=8, **how)
    text = contract_text(160, more=True, may_lose=0.01).replace(
        'may_lose = 0.05\n"""', "may_lose = 0.0"
    )
    contract = read_contract(write_contract(tmp_path, text))
    promised, held = held_runs(contract, paths)
    rng = np.random.default_rng(2)
    casts = [whole(held, 0, 1), whole(held, 1, 0), *(relabelled(held, rng) for _ in range(25))]
    met: set[Standing] = set()
    for cast in casts:
        exact, quick = (
            [(f.check.id, f.standing) for f in examine(promised, cast, measuring)]
            for measuring in (measured, standings)
        )
        assert quick == exact
        met |= {standing for _, standing in exact}
    assert met >= {Standing.CLEAR, Standing.OPEN, Standing.BREACH}
