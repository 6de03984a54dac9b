"""Every stage keeps the same rules."""

from pathlib import Path

import numpy as np
import pytest

from builders import (
    judge_scores,
    run_gate,
    score_rows,
    scores_contract,
    write_contract,
    write_csv,
)
from shipcall.contract.parse import read_contract
from shipcall.contract.plan import plan
from shipcall.core import Absent, Action, Role, canonical_bytes
from shipcall.release.sources import open_evidence, read_levels
from shipcall.stages import STAGES, Stage

EVERY = pytest.mark.parametrize("stage", STAGES.values(), ids=list(STAGES))
REST = '[slices]\nby = ["country"]\nmetric = "right"\nmay_lose = 0.2\nmin_units = 5\n'


def rows(seed: int = 1) -> list[dict[str, object]]:
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, 2, (2, 200)).astype(float).tolist()
    return score_rows(*drawn, country=lambda _, i: "NZ" if i % 4 else "BR")


@EVERY
def test_there_is_one_finding_per_check_in_the_promised_order(stage: Stage, tmp_path: Path) -> None:
    contract = read_contract(write_contract(tmp_path, scores_contract(200, rest=REST)))
    write_csv(tmp_path / "scores.csv", rows())
    evidence = open_evidence(contract, tmp_path)
    promised = plan(contract, stage.name, read_levels(contract, evidence) or {})
    found = stage.examine(promised, evidence)
    assert [f.check for f in found] == list(promised.checks)


@EVERY
def test_no_evidence_is_all_absent_and_never_a_ship(stage: Stage, tmp_path: Path) -> None:
    verdict = run_gate(tmp_path, scores_contract(200, rest=REST), stage=stage.name).verdict
    judged = [f for f in verdict.findings if f.check.role is not Role.SANITY]
    assert all(isinstance(f.measured, Absent) for f in judged)
    assert verdict.call is Action.HOLD
    assert not any(f.satisfied for f in verdict.findings if f.check.metric == "found")


@EVERY
def test_order_of_rows_changes_no_byte(stage: Stage, tmp_path: Path) -> None:
    ordered = rows()
    shuffled = [ordered[i] for i in np.random.default_rng(2).permutation(len(ordered))]
    assert stage.name == "gate"
    text = scores_contract(200, rest=REST)
    one = judge_scores(tmp_path / "a", text, ordered)
    other = judge_scores(tmp_path / "b", text, shuffled)
    assert canonical_bytes(one) == canonical_bytes(other)


@EVERY
def test_losing_rows_never_creates_a_ship(stage: Stage, tmp_path: Path) -> None:
    assert stage.decides
    text = scores_contract(200, bar="may_lose = 0.5", rest=REST)
    rng = np.random.default_rng(7)
    for draw in range(8):
        kept = [row for row in rows(draw) if rng.random() > 0.02]
        verdict = judge_scores(tmp_path / str(draw), text, kept)
        assert verdict.call is Action.HOLD


@EVERY
def test_it_reads_formats_that_exist(stage: Stage) -> None:
    from shipcall.formats import FORMATS  # noqa: PLC0415

    assert set(stage.reads) <= set(FORMATS)
