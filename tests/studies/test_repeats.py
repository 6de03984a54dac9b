"""What repeats are worth: hand arithmetic, a grid, promised rates."""

import math

import numpy as np
import pytest

from shipcall.core import Absent, Estimate, Tails
from shipcall.studies.repeats import TRIED, Prices, Runs, best_number, repeats_study
from shipcall.studies.study import Cell, Study

TAILS = Tails(0.025, 0.025)


def _runs(rng: np.random.Generator, items: int, each: int, agreement: float) -> Runs:
    """Normal grades with variance 1: the models' items differ by `agreement` of a difference."""
    item = np.repeat(np.arange(items), each)
    common = rng.standard_normal(items)
    shift = math.sqrt(2 * agreement / (1 - agreement)) * rng.standard_normal(items)
    baseline = common[item] + rng.standard_normal(item.size)
    candidate = (common + shift)[item] + rng.standard_normal(item.size)
    names = [f"q{i:03}" for i in range(items)]
    return Runs(names=names, item=item, cluster=item, baseline=baseline, candidate=candidate)


def _study(runs: Runs, prices: Prices | None = None) -> Study:
    return repeats_study(runs, prices, "a study", "", TAILS)


def _table(study: Study, name: str) -> list[dict[str, Cell]]:
    return [dict(row) for table in study.tables if table.name == name for row in table.rows]


def _agreement(value: float) -> Estimate:
    return Estimate(value=value, low=0.0, high=0.9, tails=TAILS, n=99, method="stated")


def test_the_best_number_of_runs_is_that_of_a_grid() -> None:
    """Least of (r + (1 - r) / m) (c_i + c_r m) over m in 1 … 20, r = .2, prices 2 and .5."""
    grid = np.linspace(1, 20, 19_001)
    least = grid[np.argmin((0.2 + 0.8 / grid) * (2.0 + 0.5 * grid))]
    best = best_number(_agreement(0.2), Prices(2.0, 0.5))
    assert isinstance(best, Estimate)
    assert best.value == pytest.approx(least, abs=2e-3)
    assert best.low == pytest.approx(1.0)
    assert best.high == math.inf


def test_an_item_that_costs_nothing_is_run_once() -> None:
    assert best_number(_agreement(0.2), Prices(0.0, 0.5)) == 1.0


def test_where_items_do_not_differ_no_number_is_too_great() -> None:
    assert best_number(_agreement(0.0), Prices(2.0, 0.5)) is None


def test_errors_follow_from_the_agreement_by_hand() -> None:
    """r = g: same items, m against 2: sqrt((g + (1 - g) / m) / (g + (1 - g) / 2))."""
    study = _study(_runs(np.random.default_rng(1), 300, 2, 0.4))
    agreed = _table(study, "parts")[2]["agreement"]
    assert isinstance(agreed, Estimate)
    g = agreed.value
    for row in _table(study, "budget"):
        m, same, fewer = row["runs"], row["same_items"], row["same_runs"]
        assert isinstance(m, int)
        wanted = math.sqrt((g + (1 - g) / m) / (g + (1 - g) / 2))
        if m == 2:
            assert (same, fewer) == (1.0, 1.0)
            continue
        assert isinstance(same, Estimate)
        assert isinstance(fewer, Estimate)
        assert same.value == pytest.approx(wanted)
        assert fewer.value == pytest.approx(wanted * math.sqrt(m / 2))
    assert [row["runs"] for row in _table(study, "budget")] == list(TRIED)


def test_a_run_pays_where_both_plans_cost_the_same_for_the_same_error() -> None:
    """At c_i / c_r = m (m - 1) r / (1 - r): (r + (1 - r) / m) (c_i + m) is that of m - 1."""
    study = _study(_runs(np.random.default_rng(2), 200, 3, 0.5))
    r = _table(study, "parts")[2]["agreement"]
    pays = _table(study, "budget")[3]["pays"]
    assert isinstance(r, Estimate)
    assert isinstance(pays, Estimate)
    cost = [(r.value + (1 - r.value) / m) * (pays.value + m) for m in (3, 4)]
    assert cost[0] == pytest.approx(cost[1])


def test_divided_items_come_first_and_agreeing_ones_not_at_all() -> None:
    grades = np.array([1.0, 1, 1, 1, 0, 1, 1, 0, 0, 1, 1, 1])
    runs = Runs(
        names=["a", "b", "c"],
        item=np.repeat(np.arange(3), 4),
        cluster=np.repeat(np.arange(3), 4),
        baseline=grades,
        candidate=np.ones(12),
    )
    assert [(row["item"], row["model"], row["mean"]) for row in _table(_study(runs), "flaky")] == [
        ("b", "baseline", 0.5),
        ("c", "baseline", 0.75),
    ]


def test_without_repeats_nothing_is_told_of_them() -> None:
    study = _study(_runs(np.random.default_rng(3), 50, 1, 0.3))
    assert study.sentence.startswith("Can't tell what repeats are worth.")
    assert isinstance(_table(study, "parts")[0]["agreement"], Absent)
    assert not _table(study, "budget")
    assert not study.charts
    assert any("column `repeat`" in question for question in study.questions)


def test_copies_of_one_run_are_no_agreement() -> None:
    runs = _runs(np.random.default_rng(4), 50, 1, 0.3)
    twice = Runs(
        names=runs.names,
        item=np.repeat(runs.item, 2),
        cluster=np.repeat(runs.item, 2),
        baseline=np.repeat(runs.baseline, 2),
        candidate=np.repeat(runs.candidate, 2),
    )
    study = _study(twice)
    assert isinstance(_table(study, "parts")[2]["agreement"], Absent)
    assert "Can't tell" in study.sentence


def test_lost_runs_are_left_out_and_counted() -> None:
    runs = _runs(np.random.default_rng(5), 60, 3, 0.3)
    runs.baseline[:5] = np.nan
    study = _study(runs, Prices(3.0, 1.0))
    assert any(note.startswith("5 runs without a grade") for note in study.notes)
    assert _table(study, "parts")[1]["items"] == 60
    assert _table(study, "parts")[0]["items"] == 59
    assert study.sentence.startswith("Best for the money: ")


@pytest.mark.slow
def test_what_more_runs_do_is_covered() -> None:
    """Normal grades, r = 1 / 3, 40 items of 3 runs, 150 draws, 5 % in all, + 3 errors."""
    rng = np.random.default_rng(6)
    truth = math.sqrt((1 / 3 + (2 / 3) / 10) / (1 / 3 + (2 / 3) / 3))
    misses = 0
    for _ in range(150):
        cell = _table(_study(_runs(rng, 40, 3, 1 / 3)), "budget")[-1]["same_items"]
        assert isinstance(cell, Estimate)
        misses += not cell.low <= truth <= cell.high
    assert misses / 150 <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 150)


@pytest.mark.parametrize(("items", "passed"), [(2, [1.0, 0.5]), (60, [1.0] * 60)])
def test_the_mean_of_a_share_stays_between_0_and_1(items: int, passed: list[float]) -> None:
    """60 items that passed in every run: the exact bound of 60 of 60 at 0.025 is 0.025^(1/60)."""
    item = np.repeat(np.arange(items), 2)
    values = np.ravel([[1.0, 2 * share - 1] for share in passed])
    names = [f"q{i}" for i in range(items)]
    runs = Runs(names=names, item=item, cluster=item, baseline=values, candidate=values)
    parts = _table(repeats_study(runs, None, "a study", "share", TAILS), "parts")
    seen = parts[0]["mean"]
    assert isinstance(seen, Estimate)
    assert 0.0 <= seen.low < seen.value <= seen.high <= 1.0
    if items == 60:
        assert seen.low == pytest.approx(0.025 ** (1 / 60), abs=2e-3)
