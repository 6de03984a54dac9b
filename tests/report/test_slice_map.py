"""The map of slices by metrics: every number once, promised or not, and none better than it is."""

import re
from typing import Any

import pytest

from report.views import estimate, finding, load, sliced
from shipcall.report.exhibits import exhibit_lines
from shipcall.report.html import html_report
from shipcall.report.slice_map import (
    BETTER,
    LEVEL,
    PLAIN,
    WORSE,
    map_cells,
    map_lines,
    map_rows,
    slice_map,
)

View = dict[str, Any]
GONE = {"absent": "too_few_units", "detail": "9 of 30 units", "n": 9}


def beside(value: float, half: float = 0.01) -> View:
    return {"value": value, "low": value - half, "high": value + half, "n": 500, "method": "t"}


def verdict(**cells: View) -> View:
    """Slices of `m`, of which more is better; beside it `loss`, of which less is."""
    view = load("hold")
    view["findings"] = [
        finding(estimate(0.01, 0.0, 0.02), 0.0, id="gate.m", unit="share"),
        finding(estimate(0.0, -0.1, 0.1), None, 0.1, id="gate.loss", metric="loss", better="lower"),
        sliced("NZ", estimate(0.02, 0.01, 0.03), unit="share"),
        sliced("BR", estimate(-0.05, -0.07, -0.03), unit="share", protected=True),
        sliced("MT", None, unit="share"),
    ]
    view["exhibits"] = {
        "across": {
            "metrics": [{"metric": "loss", "estimand": "difference"}],
            "slices": [
                {"slice": f"country={level}", "cells": {"loss": cell}}
                for level, cell in cells.items()
            ],
            "unmeasured": 0,
        }
    }
    return view


FULL = verdict(NZ=beside(0.2), BR=beside(-0.3), MT=GONE)


def cell(view: View, level: str, metric: str) -> Any:
    told = slice_map(map_cells(view))
    assert told is not None
    (row,) = (row for row in told.rows if row.name == f"country={level}")
    return row.cells[[head.metric for head in told.heads].index(metric)]


def test_the_most_urgent_slice_is_on_top_and_one_without_data_at_the_end() -> None:
    told = slice_map(map_cells(FULL))
    assert told is not None
    assert [row.name for row in told.rows] == ["country=BR", "country=NZ", "country=MT"]
    assert [row.protected for row in told.rows] == [True, False, False]


def test_a_check_has_its_answer_and_nothing_beside_it_has_one() -> None:
    promised, bare = cell(FULL, "BR", "m"), cell(FULL, "BR", "loss")
    assert (promised.mark.word, promised.check) == ("fail", "slices.country=BR")
    assert (bare.mark, bare.check) == (BETTER, "")


def test_a_plus_is_better_whichever_way_a_metric_counts() -> None:
    """The loss of NZ rises by 0.2, which is bad; that of BR falls by 0.3."""
    worse, better = cell(FULL, "NZ", "loss"), cell(FULL, "BR", "loss")
    assert (worse.mark, worse.text) == (WORSE, "\u22120.2000")
    assert worse.ends == "[\u22120.2100, \u22120.1900]"
    assert (better.mark, better.text, better.ends) == (BETTER, "+0.3000", "[+0.2900, +0.3100]")


def test_the_numbers_to_take_away_keep_the_direction_of_their_metric() -> None:
    rows = map_rows(map_cells(FULL))
    (row,) = (r for r in rows if (r["slice"], r["metric"]) == ("country=NZ", "loss"))
    assert (row["value"], row["better"], row["answer"], row["check"]) == (0.2, "lower", "", "")
    assert len(rows) == 6
    assert all(set(row) == set(rows[0]) for row in rows)


def test_what_is_absent_says_why_and_never_points_up() -> None:
    bare, promised = cell(FULL, "MT", "loss"), cell(FULL, "MT", "m")
    assert (bare.known, bare.text, bare.ends) == (False, "no data", "9 of 30 units")
    assert (promised.known, promised.mark.word) == (False, "no data")
    unmeasured = cell(verdict(NZ=beside(0.2)), "BR", "loss")
    assert (unmeasured.known, unmeasured.ends) == (False, "not measured")


def test_an_interval_that_holds_zero_tells_nothing() -> None:
    assert cell(verdict(NZ=beside(0.001)), "NZ", "loss").mark is LEVEL


def test_an_end_that_nothing_bounds_is_on_no_side() -> None:
    open_end = {**beside(0.2), "low": None}
    assert cell(verdict(NZ=open_end), "NZ", "loss").mark is LEVEL


def test_a_metric_without_a_better_side_has_no_sign() -> None:
    view = verdict(NZ=beside(0.2))
    view["findings"][1]["better"] = ""
    assert cell(view, "NZ", "loss").mark is PLAIN


def test_the_caption_says_how_many_would_stand_out_by_luck() -> None:
    """Two numbers without a promise, both apart from 0; 5 % of 2 is 0.1."""
    told = slice_map(map_cells(FULL))
    assert told is not None
    said = " ".join(told.sentences)
    assert "2 cells that nobody promised" in said
    assert "2 of 2 lie apart from 0" in said
    assert "0.1 would on average" in said


@pytest.mark.parametrize("exhibits", [None, {}, {"slices": []}])
def test_one_metric_makes_no_map(exhibits: View | None) -> None:
    """As in every verdict that was recorded before there was one."""
    view = {**FULL, "exhibits": exhibits}
    assert map_cells(view) == []
    assert slice_map([]) is None
    assert map_lines([], width=80) == []


def many(count: int) -> View:
    levels = [f"town-{i:02}" for i in range(count)]
    view = verdict(**{level: beside(0.01) for level in levels})
    view["findings"] = view["findings"][:2] + [
        sliced(level, estimate(0.001 * i, 0.001 * i - 0.02, 0.001 * i + 0.02), unit="share")
        for i, level in enumerate(levels)
    ]
    return view


def test_of_many_slices_the_rest_is_counted_and_stands_in_the_numbers() -> None:
    cells = map_cells(many(70))
    told = slice_map(cells)
    assert told is not None
    assert (len(told.rows), told.left) == (50, 20)
    assert told.sentences[0] == "The 50 most urgent slices; 20 more are in the numbers."
    assert len(map_rows(cells)) == 140


def test_a_terminal_has_twelve_lines_and_says_how_many_are_left() -> None:
    lines = map_lines(map_cells(many(52)), width=76)
    assert sum("country=town" in line for line in lines) == 12
    assert "  and 40 more slices: --json, or the page of slices" in lines
    assert max(map(len, lines)) <= 78


@pytest.mark.parametrize("width", [60, 100])
def test_metrics_that_do_not_fit_a_terminal_are_counted(width: int) -> None:
    view = verdict(NZ=beside(0.2))
    across = view["exhibits"]["across"]
    for number in range(6):
        name = f"metric_of_some_length_{number}"
        across["metrics"].append({"metric": name, "estimand": "difference"})
        across["slices"][0]["cells"][name] = beside(0.1)
    lines = map_lines(map_cells(view), width=width)
    drawn = sum(word.startswith("metric_") for word in lines[1].split()) + 2
    assert max(map(len, lines)) <= width + 2
    assert any(f"{8 - drawn} more metric" in line for line in lines)


def test_only_the_slices_of_one_column_are_kept() -> None:
    view = verdict(NZ=beside(0.2), BR=beside(0.1), MT=GONE)
    tv = {"id": "slices.device=tv", "slice": "device=tv", "slice_pairs": [["device", "tv"]]}
    view["findings"].append(sliced("NZ", estimate(0.0, -0.1, 0.1), **tv))
    assert {one["slice"] for one in map_cells(view, column="device")} == {"device=tv"}
    assert len({one["slice"] for one in map_cells(view)}) == 4


def test_the_report_has_the_map_as_a_table_with_headings() -> None:
    page = html_report(FULL)
    table = re.search(r'<table class="map">(.*?)</table>', page, re.DOTALL)
    assert table
    assert table[1].count('scope="row"') == 3
    assert table[1].count('scope="col"') == 4
    assert '<td class="fail promised">' in table[1]
    assert '<span class="unseen">, fail</span>' in table[1]
    assert "nobody promised" in page
    assert '<table class="map">' not in html_report(load("ship"))


def test_names_from_evidence_are_text() -> None:
    view = many(3)
    view["findings"][2]["slice"] = "country=<script>alert(1)</script>"
    assert "<script>" not in html_report(view)


def test_the_gate_on_a_terminal_has_the_map_above_what_slices_say_together() -> None:
    lines = exhibit_lines(FULL)
    assert lines[0] == "slices by metrics, the most urgent on top; + is better"
    assert "Checks: ● pass, ■ fail, ○ no data" in " ".join(lines)
