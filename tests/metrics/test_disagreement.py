"""Disagreement at the gate: counted by hand on classes, scores and grades."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from scipy.stats import beta

from builders import HEAD, run_gate, scores_contract, write_csv
from shipcall.core import Estimate, Role

Pairs = Sequence[tuple[object, object]]
MISSING = "units = 40 }, max_missing = 0.1"

PREDICTIONS = (
    HEAD
    + """
[evidence]
predictions = {{ path = "p.csv", expect = {{ units = {units} }} }}
[metric]
changed = {{ level = "model", kind = "disagreement"{options} }}
[[check]]
id = "gate.changed"
stage = "gate"
role = "goal"
metric = "changed"
at_most = 0.9
"""
)


def changed(folder: Path, contract: str) -> Estimate:
    """What the one check of the contract found."""
    (one,) = [f for f in run_gate(folder, contract).verdict.findings if f.check.role is Role.GOAL]
    assert isinstance(one.measured, Estimate)
    return one.measured


def table(pairs: Pairs) -> list[dict[str, object]]:
    """Labels are 0 and 1 in turn; they do not matter here."""
    return [
        {"item": f"q{i}", "label": i % 2, "baseline": one, "candidate": other}
        for i, (one, other) in enumerate(pairs)
    ]


def predictions(folder: Path, pairs: Pairs, options: str = "") -> float:
    """The value for these answers of the two models."""
    write_csv(folder / "p.csv", table(pairs))
    return changed(folder, PREDICTIONS.format(units=len(pairs), options=options)).value


def test_scores_disagree_where_they_lie_on_two_sides(tmp_path: Path) -> None:
    pairs: Pairs = [(0.1, 0.2)] * 12 + [(0.2, 0.4)] * 18 + [(0.4, 0.6)] * 6 + [(0.9, 0.5)] * 4
    assert predictions(tmp_path, pairs) == pytest.approx(6 / 40)
    above = predictions(tmp_path / "b", pairs, ", threshold = 0.3")
    assert above == pytest.approx(18 / 40)


def test_words_disagree_where_they_differ(tmp_path: Path) -> None:
    pairs: Pairs = [("cat", "cat")] * 31 + [("cat", "dog")] * 9
    rows = [
        {"item": f"q{i}", "label": ("cat", "dog", "hen")[i % 3], "baseline": one, "candidate": two}
        for i, (one, two) in enumerate(pairs)
    ]
    write_csv(tmp_path / "p.csv", rows)
    value = changed(tmp_path, PREDICTIONS.format(units=40, options="")).value
    assert value == pytest.approx(9 / 40)


def test_gains_do_not_hide_losses_of_the_same_size(tmp_path: Path) -> None:
    """60 of 80 grades stay, 10 go up and 10 down.

    The upper end is that of Clopper and Pearson (1934) for 20 of 80: beta quantile (21, 60).
    """
    grades = [(1, 1)] * 30 + [(0, 0)] * 30 + [(0, 1)] * 10 + [(1, 0)] * 10
    rows = [
        {"item": f"q{i}", "arm": arm, "metric": "right", "value": grade, "status": "ok"}
        for i, pair in enumerate(grades)
        for arm, grade in zip(("old", "fresh"), pair, strict=True)
    ]
    write_csv(tmp_path / "scores.csv", rows)
    contract = scores_contract(80, kind="disagreement", bar="at_most = 0.9")
    found = changed(tmp_path, contract.replace('better = "higher"', 'better = "lower"'))
    assert found.value == pytest.approx(20 / 80)
    assert found.high == pytest.approx(beta.ppf(0.95, 21, 60), abs=1e-6)


def test_an_answer_that_is_not_there_is_filled_at_its_worst(tmp_path: Path) -> None:
    """Nobody differs in 38 rows; of 40 rows two without an answer may."""
    pairs: Pairs = [(0.2, 0.3)] * 30 + [(0.8, 0.9)] * 8 + [(0.2, ""), ("", 0.2)]
    write_csv(tmp_path / "p.csv", table(pairs))
    text = PREDICTIONS.format(units=40, options="").replace("units = 40 }", MISSING)
    assert changed(tmp_path, text).high >= beta.ppf(0.95, 3, 38) - 1e-6
