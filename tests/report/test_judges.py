"""Cards of judges: whole, narrow enough, and honest about what is not known."""

from typing import Any

import pytest

from report.views import load
from shipcall.report.exhibits import exhibit_lines
from shipcall.report.html import html_report
from shipcall.report.judges import judge_lines
from shipcall.report.text import display_width


def known(value: float, low: float, high: float) -> dict[str, Any]:
    return {"value": value, "low": low, "high": high, "n": 300, "method": "m"}


def unknown(detail: str) -> dict[str, Any]:
    return {"absent": "no_rows", "detail": detail, "n": 0}


def shown() -> dict[str, Any]:
    habits = {
        "comparisons": 3_000,
        "items": 1_500,
        "invalid": known(0.01, 0.005, 0.02),
        "swap": known(0.615, 0.59, 0.64),
        "again": unknown("no item was shown to one rater twice in one order"),
        "position": known(0.586, 0.57, 0.602),
        "length": known(0.1, 0.05, 0.15),
    }
    judge = {
        "rater": "judge-a",
        **habits,
        "agreement": known(0.44, 0.37, 0.51),
        "agreed": known(0.685, 0.644, 0.724),
        "beside_people": 308,
    }
    people = {**habits, "alpha": unknown("no item was compared by two people"), "raters": 7}
    return {"preferences": {"judges": [judge], "unshown": 0, "people": people}}


def test_a_card_says_every_number_with_its_interval() -> None:
    text = "\n".join(judge_lines(shown()))
    assert "judge judge-a: 3,000 comparisons of 1,500 items" in text
    assert "kappa 0.44 [0.37, 0.51], 68.5 % [64.4, 72.4] alike" in text
    assert "of 308 items" in text
    assert "61.5 % [59.0, 64.0]" in text
    assert "7 people" in text
    assert "no data: no item was compared by two people" in text


def test_twice_the_length_is_the_slope_times_the_logarithm_of_2() -> None:
    """0.1 * ln 2 = 0.0693, 0.05 * ln 2 = 0.0347, 0.15 * ln 2 = 0.1040"""
    text = "\n".join(judge_lines(shown()))
    assert "+6.9 pp [+3.5, +10.4]" in text


def test_what_was_never_asked_again_has_no_line_and_what_was_has_one() -> None:
    assert "asked again" not in "\n".join(judge_lines(shown()))
    again = shown()
    again["preferences"]["judges"][0]["again"] = known(0.9, 0.85, 0.93)
    assert "same when asked again   90.0 % [85.0, 93.0]" in "\n".join(judge_lines(again))


def test_nobody_compared_leaves_no_line() -> None:
    assert judge_lines({}) == []
    assert judge_lines({"slices": {}}) == []


def test_judges_without_a_card_are_counted() -> None:
    many = shown()
    many["preferences"]["unshown"] = 3
    assert "3 more judges with fewer comparisons" in judge_lines(many)


@pytest.mark.parametrize("name", ["judge", "x" * 300, "裁判" * 40])
def test_lines_stay_narrow(name: str) -> None:
    strange = shown()
    strange["preferences"]["judges"][0]["rater"] = name
    strange["preferences"]["judges"][0]["swap"] = unknown("no item " * 30)
    assert all(display_width(line) <= 80 for line in judge_lines(strange))


def test_it_stands_beside_the_checks_of_a_gate_and_is_harmless_in_a_report() -> None:
    view = {**load("hold"), "exhibits": shown()}
    assert set(judge_lines(shown())) <= set(exhibit_lines(view))
    strange = shown()
    strange["preferences"]["judges"][0]["rater"] = '<script>alert("x")</script>'
    page = html_report({**load("hold"), "exhibits": strange})
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
