"""Contracts: read, questioned, and run on traps and twins of the case."""

import pytest

from practice.tiny import tiny_play
from shipcall.core import ContractError
from shipcall.practice.scoring import contracts
from shipcall.practice.scoring.contracts import contract_score
from shipcall.practice.scoring.score import ContractScore

SHARP = """
shipcall = 1

[release]
id         = "filter-2"
kind       = "classifier"
surface    = "Mail filter"
owner      = "mail-team"
baseline   = "v1"
candidate  = "v2"
change     = "weights"
hypothesis = "Cleaner text lets the filter find more of what nobody reads."
value      = "A mail that nobody has to read saves ten seconds."
data_seen  = "none"
reversible = "minutes"
decide_by  = 2026-11-09

[unit]
id = "unit"

[evidence]
predictions = { path = "evidence/predictions.parquet", expect = { units = 400 } }

[metric]
right = { level = "model", kind = "accuracy" }

[[check]]
id        = "gate.right"
stage     = "gate"
role      = "goal"
metric    = "right"
better_by = 0.0
"""
PLAY = tiny_play(stage="gate")


def scored(text: str, worlds: int = 0) -> ContractScore:
    found = contract_score(PLAY, text, worlds=worlds)
    assert found is not None
    return found


def test_every_fault_is_told_and_nothing_is_run() -> None:
    found = scored(SHARP.replace("better_by", "beter_by").replace('kind = "accuracy"', ""), 2)
    assert len(found.faults) > 1
    assert (found.worlds, found.ships_bad, found.blocks_good) == (0, None, None)


def test_a_contract_is_questioned_as_at_work() -> None:
    found = scored(SHARP)
    assert found.faults == ()
    assert any(lint.startswith("W204 no numbers that block") for lint in found.lints)
    assert (found.worlds, found.ships_bad) == (0, None)


def test_no_stage_runs_nothing() -> None:
    found = contract_score(tiny_play(stage=None), SHARP, worlds=2)
    assert found is not None
    assert (found.worlds, found.blocks_good) == (0, None)


def test_no_contract_has_no_score() -> None:
    assert contract_score(PLAY, None, worlds=2) is None


def test_what_cannot_judge_is_a_fault_and_no_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise ContractError([])

    monkeypatch.setattr(contracts, "judge_play", refuse)
    found = scored(SHARP, 2)
    assert len(found.faults) == 1
    assert (found.worlds, found.ships_bad, found.blocks_good) == (0, None, None)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "ships_bad", "blocks_good"),
    [
        (SHARP, 0.0, 0.0),
        (SHARP.replace("better_by = 0.0", "may_lose = 0.6"), 1.0, 0.0),
        (SHARP.replace("better_by = 0.0", "better_by = 0.6"), 0.0, 1.0),
        (SHARP.replace("evidence/predictions", "evidence/elsewhere"), 0.0, 1.0),
    ],
    ids=["sharp", "lax", "greedy", "blind"],
)
def test_a_contract_ships_and_blocks_what_it_promises(
    text: str, ships_bad: float, blocks_good: float
) -> None:
    """The trap lies 0.5 deviations below the baseline, its twin 1.0 above, on 400 items."""
    found = scored(text, 5)
    assert (found.worlds, found.ships_bad, found.blocks_good) == (4, ships_bad, blocks_good)
