"""The outlook of a plan, in words and as a picture."""

import re
from itertools import pairwise
from typing import Any

import pytest

from report.views import load
from shipcall.report.curve import chance_curve
from shipcall.report.html import html_report
from shipcall.report.markdown import markdown_report
from shipcall.report.outlook import (
    advice,
    assumed_sentences,
    chance_table,
    cost_sentences,
    curve_table,
    help_sentences,
    least_sentence,
    outlook_sentence,
    percent,
    sensitivity_sentences,
)
from shipcall.report.terminal import render

View = dict[str, Any]


def without_chances() -> View:
    view = load("plan")
    nothing: View = {"chances": [], "curve": [], "buy_first": [], "sensitivity": [], "hopes": {}}
    return {**view, **nothing, "least": None, "cost": None, "unknown": "no units were promised"}


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "< 1 %"), (0.004, "< 1 %"), (0.347, "35 %"), (1.0, "> 99 %")]
)
def test_a_drawn_chance_is_never_written_as_never_or_always(share: float, text: str) -> None:
    assert percent(share) == text


def test_every_situation_has_a_row_with_the_guardrail_that_is_harmed() -> None:
    table = chance_table(load("plan"))
    assert [row[0] for row in table.rows] == [
        "nothing changed",
        "the gain that is hoped for",
        "the gain, and harm in one guardrail (gate.unsafe)",
        "the gain, and harm in one protected slice (slices.country=NZ)",
    ]
    assert all(len(row) == len(table.titles) for row in table.rows)


def test_every_size_has_a_row_and_harms_that_nobody_looked_at_have_no_column() -> None:
    view = load("plan")
    assert len(curve_table(view).rows) == 6
    for point in view["curve"]:
        point["chances"] = [c for c in point["chances"] if c["situation"] in ("no_change", "gain")]
    assert curve_table(view).titles == ("units", "gain goes on")


def test_the_least_sample_is_said_or_what_stands_in_its_way() -> None:
    view = load("plan")
    assert least_sentence(view).startswith("Least sample that decides: about ")
    view["least"] = {"factor": None, "units": None, "why": "even with 128 times gate.x is unmet"}
    assert least_sentence(view) == (
        "No size that was tried decides 8 times in 10: even with 128 times gate.x is unmet."
    )


def test_the_least_size_that_was_tried_is_not_called_the_least_that_decides() -> None:
    view = load("plan")
    view["least"] = {"factor": 0.25, "units": {"predictions": 25_000_000}, "why": ""}
    assert least_sentence(view).startswith(
        "Less would do: with 25,000,000 units of predictions (0.25 times what is promised), the "
        "least that was tried, the hoped gain goes on"
    )


def test_help_that_would_not_be_seen_is_not_offered() -> None:
    view = load("plan")
    gain = next(c for c in view["chances"] if c["situation"] == "gain")
    chance = {"value": 0.6, "low": 0.5, "high": 0.7}
    view["buy_first"] = [
        {"kind": "units", "check": None, "chance": chance},
        {"kind": "check", "check": "gate.ndcg", "chance": gain["go"]},
    ]
    (sentence,) = help_sentences(view)
    assert sentence == "The hoped gain goes on in 60 % instead of < 1 % with twice the units."


def test_costs_are_silent_where_neither_price_nor_days_are_known() -> None:
    view = load("plan")
    bare = {"units": 10, "labels": None, "days": None}
    view["cost"] = {"currency": "EUR", "promised": bare, "least": None}
    assert cost_sentences(view) == []
    view["cost"]["promised"] = {**bare, "days": 1}
    assert cost_sentences(view) == ["The promised 10 units: 1 day."]


def test_assumptions_name_their_source() -> None:
    said = " ".join(assumed_sentences(load("plan")))
    assert "share of rows on which the models differ 0.2 (assumed)" in said
    assert "units 569 (from the contract)" in said
    assert len(sensitivity_sentences(load("plan"))) == 2


@pytest.mark.parametrize("form", [render, markdown_report, html_report])
def test_a_plan_without_chances_says_why_in_every_form(form: Any) -> None:
    text = " ".join(form(without_chances()).split())
    assert "The chance of each call is not known: no units were promised." in text
    assert "if this is true" not in text
    assert outlook_sentence(without_chances()) == ""
    assert advice(without_chances())[0].startswith("The chance of each call is not known")


def test_the_picture_says_in_words_what_it_shows() -> None:
    svg = str(chance_curve(load("plan")))
    assert "<title" in svg
    described = re.search(r"<desc[^>]*>(.*?)</desc>", svg)
    assert described is not None
    assert "the gain that is hoped for goes on in" in described[1]
    for word in ("goes on", "HOLD", "NO SHIP"):
        assert svg.count(f">{word}</text>") == 4


def test_the_picture_has_a_shape_for_every_call_and_size() -> None:
    svg = str(chance_curve(load("plan")))
    assert svg.count("<circle") == svg.count("h8v8h-8z") == svg.count("l5 5-5 5-5-5z") == 4 * 6


def test_labels_of_calls_do_not_lie_on_each_other() -> None:
    svg = str(chance_curve(load("plan")))
    places: dict[str, list[float]] = {}
    for x, y in re.findall(r'<text x="([\d.]+)" y="([\d.]+)"[^>]*>(?:goes on|HOLD|NO SHIP)<', svg):
        places.setdefault(x, []).append(float(y))
    for heights in places.values():
        for panel in (sorted(heights)[:3], sorted(heights)[3:]):
            gaps = [b - a for a, b in pairwise(panel)]
            assert all(gap >= 15 for gap in gaps)
