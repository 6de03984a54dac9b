"""Logged choices as lines: what one query says of two models, and which queries say nothing."""

from pathlib import Path
from typing import Any

import pytest

from data.tables import evidence, pair, sample, write
from shipcall.core import Absent, EvidenceError, Reason
from shipcall.data.evidence import Evidence
from shipcall.data.sources import UnitColumns

CHANCE = {"order": "chance"}


def row(query: str, item: str, **columns: Any) -> dict[str, Any]:
    """One item of one query: not shown, unless a reward is given."""
    plain = {"relevance": None, "baseline": 0.5, "candidate": 0.5, "propensity": 0.5}
    return {"query": query, "item": item, **plain, "reward": None, "expected_reward": 0.5} | columns


def log(folder: Path, rows: list[dict[str, Any]], **source: Any) -> Evidence:
    write(folder / "r.csv", rows)
    unit = UnitColumns(id="query")
    return evidence(folder, "r.csv", format="rankings", unit=unit, metrics={}, **source)


def two() -> list[dict[str, Any]]:
    """Two queries with items a and b; the log showed b (chance 1/4, reward 1), then a (3/4, 0)."""
    return [
        row("q1", "a", baseline=0.6, candidate=0.2, propensity=0.75, expected_reward=0.2),
        row("q1", "b", baseline=0.4, candidate=0.8, propensity=0.25, reward=1, expected_reward=0.6),
        row("q2", "a", baseline=0.6, candidate=0.3, propensity=0.75, reward=0, expected_reward=0.1),
        row("q2", "b", baseline=0.4, candidate=0.7, propensity=0.25, expected_reward=0.5),
    ]


def test_the_weight_is_the_chance_of_the_choice_over_that_of_the_log(tmp_path: Path) -> None:
    """By hand: weights .4/.25 = 1.6 and .6/.75 = .8; .8/.25 = 3.2 and .3/.75 = .4."""
    found = log(tmp_path, two(), constants=CHANCE)
    ips, snips = (pair(found, kind, evidence="rankings") for kind in ("ips", "snips"))
    assert (ips.baseline, ips.candidate) == pytest.approx((0.8, 1.6))
    assert (snips.baseline, snips.candidate) == pytest.approx((1.6 / 2.4, 3.2 / 3.6))
    assert ips.overlap is not None
    assert [w.mean for w in ips.overlap.weights] == pytest.approx([1.2, 1.8])
    assert [w.largest for w in ips.overlap.weights] == pytest.approx([1.6, 3.2])


def test_the_doubly_robust_value_corrects_what_was_expected(tmp_path: Path) -> None:
    """By hand: candidate .2*.2 + .8*.6 = .52, .3*.1 + .7*.5 = .38; corrected 3.2*.4, -.4*.1."""
    seen = pair(log(tmp_path, two(), constants=CHANCE), "doubly_robust", evidence="rankings")
    assert seen.candidate == pytest.approx((0.52 + 3.2 * 0.4 + 0.38 - 0.4 * 0.1) / 2)
    assert seen.baseline == pytest.approx((0.36 + 1.6 * 0.4 + 0.26 - 0.8 * 0.1) / 2)


def test_a_model_that_gives_scores_shows_its_first_item(tmp_path: Path) -> None:
    """By hand: the candidate puts b first in both; the log showed b once, with chance 1/4."""
    found = log(tmp_path, two())
    ips, robust = (pair(found, kind, evidence="rankings") for kind in ("ips", "doubly_robust"))
    assert (ips.baseline, ips.candidate) == pytest.approx((0.0, 4 / 2))
    assert robust.candidate == pytest.approx((0.6 + 4 * 0.4 + 0.5) / 2)


@pytest.mark.parametrize(
    "changed",
    [
        {"reward": None},
        {"propensity": None},
        {"candidate": None},
        {"item": "a"},
    ],
    ids=["nothing shown", "chance unknown", "model silent", "item twice"],
)
def test_a_query_that_says_nothing_is_lost(tmp_path: Path, changed: dict[str, Any]) -> None:
    rows = two()
    rows[1] |= changed
    seen = pair(log(tmp_path, rows, constants=CHANCE), "ips", evidence="rankings")
    assert (seen.rows, seen.lost.rows, seen.lost.range) == (1, 1, None)


def test_a_query_with_two_choices_is_lost(tmp_path: Path) -> None:
    rows = two()
    rows[0] |= {"reward": 0}
    assert pair(log(tmp_path, rows, constants=CHANCE), "ips", evidence="rankings").lost.rows == 1


@pytest.mark.parametrize(
    "changed",
    [{"candidate": 0.4}, {"expected_reward": None}],
    ids=["chances that are not 1 together", "expectation unknown"],
)
def test_the_doubly_robust_value_needs_all_items(tmp_path: Path, changed: dict[str, Any]) -> None:
    rows = two()
    rows[0] |= changed
    found = log(tmp_path, rows, constants=CHANCE)
    assert pair(found, "doubly_robust", evidence="rankings").lost.rows == 1
    assert pair(found, "ips", evidence="rankings").lost.rows == 0


@pytest.mark.parametrize("chance", [0, 1.2, 25, -0.1])
def test_an_impossible_propensity_is_refused(tmp_path: Path, chance: float) -> None:
    rows = two()
    rows[1] |= {"propensity": chance}
    with pytest.raises(EvidenceError, match=r"(?s)'propensity'.*above 0 for what was shown"):
        sample(log(tmp_path, rows, constants=CHANCE), "ips", evidence="rankings")


def test_an_item_that_could_not_be_shown_is_no_fault(tmp_path: Path) -> None:
    rows = two()
    rows[0] |= {"propensity": 0}
    assert pair(log(tmp_path, rows, constants=CHANCE), "ips", evidence="rankings").lost.rows == 0


def test_chances_in_percent_are_refused(tmp_path: Path) -> None:
    rows = [r | {"candidate": 100 * r["candidate"]} for r in two()]
    with pytest.raises(EvidenceError, match=r"(?s)'candidate'.*\[0, 1\]"):
        sample(log(tmp_path, rows, constants=CHANCE), "ips", evidence="rankings")
    assert pair(log(tmp_path, rows), "ips", evidence="rankings").lost.rows == 0


@pytest.mark.parametrize("column", ["propensity", "reward"])
def test_a_log_without_its_chances_or_rewards_is_no_log(tmp_path: Path, column: str) -> None:
    rows = [{name: cell for name, cell in r.items() if name != column} for r in two()]
    absent = sample(log(tmp_path, rows), "snips", evidence="rankings")
    assert isinstance(absent, Absent)
    assert absent.reason is Reason.WRONG_COLUMNS
    assert column in absent.detail
