"""The rows behind a number: which are losses, wins and ties, in which order, page by page."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from builders import write_csv
from shipcall.core import Absent, Estimand, Slice
from shipcall.data.evidence import Evidence
from shipcall.data.examples import Examples, Wanted
from shipcall.data.plan import Request
from shipcall.data.sources import MetricUse, Source, UnitColumns
from shipcall.data.table import Table
from shipcall.metrics import METRICS, Options

ALL = Slice()


def opened(folder: Path, rows: Sequence[Mapping[str, Any]], kind: str = "predictions") -> Table:
    write_csv(folder / f"{kind}.csv", rows)
    source = Source(format=kind, path=f"{kind}.csv")
    metrics = {"right": MetricUse(name="right", range=(0.0, 1.0), thresholds=(0.5,))}
    unit = UnitColumns(id="unit")
    return Evidence({kind: source}, root=folder, unit=unit, metrics=metrics).opened(kind)


def request(kind: str, evidence: str = "predictions", **options: Any) -> Request:
    metric = METRICS[kind]
    return Request(
        metric="m",
        kind=kind,
        options=Options(name="right", **{"better": metric.better, **options}),
        evidence=evidence,
        statistic=metric.statistic,
        granularity=metric.granularity,
        slices=(ALL,),
        influence=False,
    )


def listed(
    table: Table,
    asked: Request,
    group: str,
    *,
    first: int = 0,
    rows: int = 20,
    at: float = 0.5,
    part: Slice = ALL,
    estimand: Estimand = Estimand.DIFFERENCE,
    unit: str = "",
) -> Examples:
    found = table.examples(asked, part, estimand, at, Wanted(group, first, rows, unit))
    assert not isinstance(found, Absent)
    return found


def labelled(*rows: tuple[int, float, float]) -> list[dict[str, Any]]:
    return [
        {"unit": f"u{i}", "label": y, "baseline": b, "candidate": c, "part": "ab"[i % 2]}
        for i, (y, b, c) in enumerate(rows)
    ]


FOUR = labelled((1, 0.9, 0.2), (0, 0.8, 0.3), (1, 0.7, 0.6), (0, 0.1, 0.9))
"""Accuracy at 0.5: u0 is lost by the candidate, u1 won, u2 a tie, u3 lost."""


def test_losses_and_wins_are_the_rows_on_which_one_model_alone_is_right(tmp_path: Path) -> None:
    table, asked = opened(tmp_path, FOUR), request("accuracy")
    groups = {name: listed(table, asked, name) for name in ("losses", "wins", "ties", "lost")}
    assert sorted(row.unit for row in groups["losses"].rows) == ["u0", "u3"]
    assert [row.unit for row in groups["wins"].rows] == ["u1"]
    assert [row.unit for row in groups["ties"].rows] == ["u2"]
    assert dict(groups["wins"].counts) == {
        "losses": 2, "wins": 1, "ties": 1, "lost": 0, "uncounted": 0,
    }  # fmt: skip


def test_a_slice_lists_its_own_rows_only(tmp_path: Path) -> None:
    table, part = opened(tmp_path, FOUR), Slice.of({"part": "a"})
    found = listed(table, request("accuracy"), "losses", part=part)
    assert [row.unit for row in found.rows] == ["u0"]
    assert sum(found.counts.values()) == 2


def test_a_slice_of_a_column_that_is_not_there_is_absent(tmp_path: Path) -> None:
    table = opened(tmp_path, FOUR)
    wanted = Wanted("losses", 0, 20)
    part = Slice.of({"moon": "full"})
    found = table.examples(request("accuracy"), part, Estimand.DIFFERENCE, 0.5, wanted)
    assert isinstance(found, Absent)


def test_a_row_is_worth_the_first_order_of_what_it_changes(tmp_path: Path) -> None:
    """Precision V = A / B: exchanging one row changes it by (dA - V dB) / B, here times B.

    By hand with V = 0.5: u0 (right call given up): -1 + 0.5 = -0.5; u1 (wrong call given up):
    0 + 0.5; u3 (wrong call made): 0 - 0.5; u2 is called by both: 0.
    """
    table, asked = opened(tmp_path, FOUR), request("precision")
    worth = {
        row.unit: row.worth
        for group in ("losses", "wins", "ties")
        for row in listed(table, asked, group, at=0.5).rows
    }
    assert worth == pytest.approx({"u0": -0.5, "u1": 0.5, "u2": 0.0, "u3": -0.5})


def test_rows_that_are_no_part_of_a_number_are_not_listed(tmp_path: Path) -> None:
    """A recall counts positives: u1 and u3 are negatives."""
    found = listed(opened(tmp_path, FOUR), request("recall"), "ties")
    assert found.counts["uncounted"] == 2
    assert [row.unit for row in found.rows] == ["u2"]


def test_lower_is_better_turns_losses_into_wins(tmp_path: Path) -> None:
    """False-positive rate: u1 (a false call given up) is the win, u3 the loss."""
    table, asked = opened(tmp_path, FOUR), request("false_positive_rate")
    assert [row.unit for row in listed(table, asked, "wins").rows] == ["u1"]
    assert [row.unit for row in listed(table, asked, "losses").rows] == ["u3"]


def test_the_worst_loss_comes_first(tmp_path: Path) -> None:
    """Brier: errors grow by 0.63 (u0: 0.64 - 0.01) and by 0.80 (u3: 0.81 - 0.01)."""
    found = listed(opened(tmp_path, FOUR), request("brier"), "losses")
    assert [row.unit for row in found.rows] == ["u3", "u0", "u2"]
    assert [row.worth for row in found.rows] == pytest.approx([-0.80, -0.63, -0.07])


def test_confidence_and_ranks_and_quantiles_have_losses_too(tmp_path: Path) -> None:
    """By hand: gaps |p - y| grow most for u3; ranks of u0 fall from 3rd to lowest of four."""
    table = opened(tmp_path, FOUR)
    assert listed(table, request("ece"), "losses").rows[0].unit == "u3"
    ranked = {row.unit: row.worth for row in listed(table, request("roc_auc"), "losses").rows}
    assert ranked["u0"] == pytest.approx(-1.0)


def test_the_candidates_own_value_lists_rows_below_it(tmp_path: Path) -> None:
    """A share of 0.5 of its own: wrong rows lie below, right ones above, whatever the baseline."""
    table, own = opened(tmp_path, FOUR), Estimand.CANDIDATE
    found = listed(table, request("accuracy"), "losses", estimand=own)
    assert sorted(row.unit for row in found.rows) == ["u0", "u3"]
    wins = listed(table, request("accuracy"), "wins", estimand=own)
    assert sorted(row.unit for row in wins.rows) == ["u1", "u2"]


def test_a_row_without_an_answer_is_lost_and_nothing_else(tmp_path: Path) -> None:
    rows = [*FOUR, {**FOUR[0], "unit": "u4", "candidate": ""}]
    found = listed(opened(tmp_path, rows), request("accuracy"), "lost")
    assert [(row.unit, row.worth) for row in found.rows] == [("u4", None)]
    assert found.counts["lost"] == 1


def many(order: int) -> list[dict[str, Any]]:
    rows = labelled(*((i % 2, 0.9, 0.2) for i in range(60)))
    return rows[::order]


def test_pages_hold_every_row_once_in_an_order_that_rows_and_files_do_not_change(
    tmp_path: Path,
) -> None:
    asked = request("accuracy")
    table = opened(tmp_path / "one", many(1))
    pages = [listed(table, asked, "losses", first=10 * i, rows=10).rows for i in range(3)]
    units = [row.unit for page in pages for row in page]
    assert len(set(units)) == 30
    other = listed(opened(tmp_path / "other", many(-1)), asked, "losses", rows=30)
    assert [row.unit for row in other.rows] == units
    assert units != sorted(units)


def test_units_can_be_looked_for_by_name(tmp_path: Path) -> None:
    found = listed(opened(tmp_path, many(1)), request("accuracy"), "losses", unit="U11")
    assert [row.unit for row in found.rows] == ["u11"]
    assert (found.found, found.counts["losses"]) == (1, 30)


def graded() -> list[dict[str, Any]]:
    return [
        {"arm": arm, "item": f"i{n}", "repeat": r, "metric": "right", "status": status,
         "value": value, "output": f"{arm} {n}", "topic": "a"}
        for arm, grades in (("baseline", (1, 1, 0)), ("candidate", (0, 1, 1)))
        for n, value in enumerate(grades)
        for r in (0, 1)
        for status in ("ok",)
    ]  # fmt: skip


def test_runs_are_told_with_what_both_models_said(tmp_path: Path) -> None:
    table, asked = opened(tmp_path, graded(), "scores"), request("proportion", "scores")
    lost = listed(table, asked, "losses").rows
    assert sorted((row.unit, row.repeat) for row in lost) == [("i0", "0"), ("i0", "1")]
    told = table.told(asked, ["i0"])["i0"]
    assert dict(told.about) == {"topic": "a"}
    assert dict(told.baseline) == {"grades": "1, 1", "output": "baseline 0"}
    assert dict(told.candidate) == {"grades": "0, 0", "output": "candidate 0"}


def test_answers_are_told_with_their_label(tmp_path: Path) -> None:
    table, asked = opened(tmp_path, FOUR), request("accuracy")
    told = table.told(asked, ["u0"])["u0"]
    assert dict(told.about) == {"label": "1", "part": "a"}
    assert (dict(told.baseline), dict(told.candidate)) == ({"answer": "0.9"}, {"answer": "0.2"})


def test_without_clusters_every_run_counts_by_itself(tmp_path: Path) -> None:
    table, asked = opened(tmp_path, graded(), "scores"), request("proportion", "scores")
    together, apart = table.samples([asked])["m", ALL], table.sample_apart(asked)["m", ALL]
    assert not isinstance(together, Absent)
    assert not isinstance(apart, Absent)
    assert (together.clusters, apart.clusters) == (3, 6)


def test_the_query_sums_what_the_check_was_made_of(tmp_path: Path) -> None:
    """By hand: the candidate is right on u1 and u2, the baseline on u0, u2 and u3."""
    table, asked = opened(tmp_path, FOUR), request("accuracy")
    query = table.query(asked, ALL, "duckdb")
    lines = [
        (row["unit"], str(row["label"]), 1.0, *(row[a] for a in ("baseline", "candidate")))
        for row in FOUR
    ]
    engine = duckdb.connect()
    engine.execute(
        "CREATE TABLE predictions_by_item (cluster TEXT, label TEXT, weight DOUBLE, "
        "baseline_number DOUBLE, candidate_number DOUBLE, baseline_text TEXT, candidate_text TEXT)"
    )
    engine.executemany("INSERT INTO predictions_by_item VALUES (?, ?, ?, ?, ?, '', '')", lines)
    summed = engine.execute(query).fetchdf().sum(numeric_only=True)
    assert (summed["num_baseline"], summed["den_baseline"]) == (3, 4)
    assert (summed["num_candidate"], summed["den_candidate"]) == (2, 4)


def test_a_query_names_slices_as_the_files_do(tmp_path: Path) -> None:
    rows = [{**row, "it's": 'a "level"'} for row in FOUR]
    table, part = opened(tmp_path, rows), Slice.of({"it's": 'a "level"'})
    query = table.query(request("roc_auc"), part, "duckdb")
    assert "it's" in query
    assert "score_candidate" in query


def test_a_query_of_a_column_that_is_not_there_is_empty(tmp_path: Path) -> None:
    table = opened(tmp_path, FOUR)
    assert table.query(request("accuracy"), Slice.of({"moon": "full"}), "duckdb") == ""
