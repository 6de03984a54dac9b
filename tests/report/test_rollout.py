"""A rollout on screen: shares, bands over the looks, and the warning about a plain comparison."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from markupsafe import Markup

from report.views import estimate, finding, load
from shipcall.report.band import SIZE, band
from shipcall.report.course import ladder, looks_of, mixed_text, since_text
from shipcall.report.html import html_report
from shipcall.report.markdown import markdown_report
from shipcall.report.rollout import situation_text
from shipcall.report.terminal import render

START = datetime(2026, 11, 2, tzinfo=UTC)
NOW = "2026-11-09T00:00:00Z"


def at(hours: float) -> str:
    return (START + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def step(share: float, first: float, attempt: int = 1) -> dict[str, Any]:
    return {
        "name": f"{share}",
        "share": share,
        "attempt": attempt,
        "first": at(first),
        "last": at(first + 1),
        "baseline": 900,
        "candidate": 100,
    }


def look(hours: float, value: float, half: float | None, share: float = 0.1) -> dict[str, Any]:
    low, high = (None, None) if half is None else (value - half, value + half)
    return {"at": at(hours), "share": share, "value": value, "low": low, "high": high, "n": 500}


def silent(hours: float) -> dict[str, Any]:
    return {"at": at(hours), "share": 0.01, "absent": "too_few_units"}


def hides(value: float, half: float, **changes: Any) -> dict[str, Any]:
    """May lose one point: the difference has to stay at most at 0.01."""
    measured = estimate(value, value - half, value + half, validity="anytime")
    made = {"id": "rollout.hides", "unit": "share", "better": "lower", **changes}
    return finding(measured, None, 0.01, **made)


def ramp(
    found: dict[str, Any],
    looks: list[dict[str, Any]],
    pooled: tuple[float, float, float] | None = None,
) -> dict[str, Any]:
    plain = None if pooled is None else dict(zip(("value", "low", "high"), pooled, strict=True))
    return {
        "as_of": NOW,
        "findings": [found],
        "rollout": {
            "steps": [step(0.01, 0), step(0.1, 24)],
            "sequences": {found["id"]: looks},
            "pooled": {} if plain is None else {found["id"]: plain},
            "maturing": {},
            "progress": {
                "shares": [0.01, 0.1, 0.5, 0.99],
                "position": 1,
                "share": 0.1,
                "attempt": 1,
                "hours": 144.0,
                "days": 7.0,
            },
        },
    }


def drawn(found: dict[str, Any], looks: list[dict[str, Any]]) -> Markup:
    view = ramp(found, looks)
    return band(found, looks_of(view, found), view["rollout"]["steps"], NOW)


def polygon(svg: str) -> list[tuple[float, float]]:
    (corners,) = re.findall(r'<polygon points="([^"]+)"', svg)
    places = [corner.split(",") for corner in corners.split()]
    return [(float(x), float(y)) for x, y in places]


def requirement(svg: str) -> float:
    """Height of the dashed line."""
    (y,) = re.findall(r'<path d="M72 ([\d.]+)H1028" stroke="[^"]+" stroke-width="2"', svg)
    return float(y)


def test_shares_are_served_now_or_to_come() -> None:
    rungs = ladder(ramp(hides(0.0, 0.1), [])["rollout"], NOW)
    assert [(rung.share, rung.state) for rung in rungs] == [
        (0.01, "served"),
        (0.1, "now"),
        (0.5, "to come"),
        (0.99, "to come"),
    ]
    assert [rung.hours for rung in rungs] == [24.0, 144.0, None, None]


def test_before_the_first_exposure_every_share_is_to_come() -> None:
    view = ramp(hides(0.0, 0.1), [])
    view["rollout"]["steps"] = []
    view["rollout"]["progress"] |= {"position": -1, "share": None}
    assert {rung.state for rung in ladder(view["rollout"], NOW)} == {"to come"}
    assert situation_text(view["rollout"]) == "nobody is exposed"


def test_a_share_that_nobody_promised_is_shown_and_the_greater_ones_are_to_come() -> None:
    view = ramp(hides(0.0, 0.1), [])
    view["rollout"]["steps"].append(step(0.2, 48))
    view["rollout"]["progress"]["position"] = -1
    rungs = ladder(view["rollout"], NOW)
    assert [(rung.share, rung.state) for rung in rungs][2:] == [
        (0.2, "now"),
        (0.5, "to come"),
        (0.99, "to come"),
    ]


def test_each_look_stands_to_the_bar_as_its_interval_does() -> None:
    found = hides(0.03, 0.01)
    looks = [silent(1), look(2, 0.0, None), look(3, 0.0, 0.005), look(4, 0.03, 0.01)]
    standings = [one["standing"] for one in looks_of(ramp(found, looks), found)]
    assert standings == ["ABSENT", "OPEN", "CLEAR", "BREACH"]


def test_since_when_an_answer_has_stood_is_the_first_of_the_looks_that_agree() -> None:
    found = hides(0.03, 0.01)
    values = [(1, 0.03), (2, 0.0), (3, 0.03), (4, 0.03)]
    looks = looks_of(ramp(found, [look(hour, value, 0.01) for hour, value in values]), found)
    assert since_text(looks) == "fail since 2026-11-02 03:00 UTC"


@pytest.mark.parametrize(
    ("value", "half", "pooled", "warned"),
    [
        pytest.param(0.03, 0.01, (-0.02, -0.03, -0.01), True, id="other sign"),
        pytest.param(0.03, 0.01, (0.005, 0.001, 0.009), True, id="pass where it fails"),
        pytest.param(0.0, 0.009, (0.03, 0.02, 0.04), True, id="fail where it passes"),
        pytest.param(0.005, 0.02, (0.04, 0.03, 0.05), True, id="outside the sequence"),
        pytest.param(0.03, 0.01, (0.031, 0.025, 0.037), False, id="the same"),
        pytest.param(0.001, 0.05, (-0.001, -0.004, 0.002), False, id="noise around zero"),
        pytest.param(0.005, 0.02, (0.004, 0.001, 0.007), False, id="only narrower"),
    ],
)
def test_a_plain_comparison_is_warned_of_where_it_would_say_otherwise(
    value: float, half: float, pooled: tuple[float, float, float], *, warned: bool
) -> None:
    found = hides(value, half)
    assert bool(mixed_text(ramp(found, [], pooled), found)) is warned


def test_the_warning_names_both_numbers() -> None:
    found = hides(0.03, 0.01)
    text = mixed_text(ramp(found, [], (-0.0064, -0.0100, -0.0028)), found)
    assert "would say \u22120.64 pp" in text
    assert "it is +3.00 pp" in text


def test_a_plain_comparison_says_nothing_of_the_candidates_own_value() -> None:
    found = hides(0.03, 0.01, estimand="candidate")
    assert not mixed_text(ramp(found, [], (-0.02, -0.03, -0.01)), found)


def test_a_relative_estimate_is_compared_by_its_sign_alone() -> None:
    found = hides(0.03, 0.01, estimand="relative")
    assert not mixed_text(ramp(found, [], (0.9, 0.8, 1.0)), found)
    assert "pp" in mixed_text(ramp(found, [], (-0.9, -1.0, -0.8)), found)


def test_a_band_lies_within_its_picture_and_has_a_requirement() -> None:
    svg = drawn(hides(0.03, 0.01), [look(10, 0.9, 0.8), look(40, 0.05, 0.05), look(80, 0.03, 0.01)])
    width, height = SIZE
    assert all(0 <= x <= width and 0 <= y <= height for x, y in polygon(svg))
    assert 22 < requirement(svg) < 214
    assert "nan" not in svg.lower()
    assert "inf" not in re.sub(r"<(title|desc).*?</\1>", "", svg)


def test_a_band_that_fails_lies_wholly_on_the_forbidden_side() -> None:
    """At most 0.01: above the dashed line, that is at smaller heights, it must not be."""
    svg = drawn(hides(0.03, 0.01), [look(10, 0.03, 0.01), look(80, 0.03, 0.01)])
    assert all(y < requirement(svg) for _, y in polygon(svg))
    assert f'height="{requirement(svg) - 22:g}" fill="url(#h' in svg


def test_a_band_that_passes_lies_wholly_on_the_allowed_side() -> None:
    svg = drawn(hides(0.0, 0.0099), [look(10, 0.0, 0.0099), look(80, 0.0, 0.0099)])
    assert all(y > requirement(svg) for _, y in polygon(svg))


def test_an_end_that_nothing_bounds_runs_out_of_the_picture() -> None:
    svg = drawn(hides(0.03, 0.01), [look(10, 0.03, None), look(80, 0.03, 0.01)])
    heights = [y for x, y in polygon(svg) if x < 500]
    assert sorted(heights) == [22.0, 214.0]


def test_a_band_is_broken_where_there_was_no_estimate() -> None:
    looks = [look(10, 0.03, 0.01), silent(20), look(30, 0.03, 0.01)]
    svg = drawn(hides(0.03, 0.01), looks)
    assert svg.count("<polygon") == 2


def test_a_check_without_any_estimate_still_has_its_requirement_and_its_marks() -> None:
    found = finding(None, None, 0.01, id="rollout.hides", unit="share")
    svg = drawn(found, [silent(10), silent(20)])
    assert 22 < requirement(svg) < 214
    assert "\u25cb\u25cb" in svg
    assert "<polygon" not in svg


def test_shape_and_word_stand_beside_colour() -> None:
    svg = drawn(hides(0.03, 0.01), [look(10, 0.0, 0.05), look(80, 0.03, 0.01)])
    assert "verdict: \u25a0 fail" in svg
    assert ">\u25c6</text>" in svg
    assert ">\u25a0</text>" in svg
    assert "1 %" in svg
    assert "10 %" in svg


def test_ten_checks_of_forty_looks_fit_a_page() -> None:
    view = load("rollout")
    (first, *_) = [f for f in view["findings"] if f["id"] == "rollout.hide"]
    looks = view["rollout"]["sequences"]["rollout.hide"]
    assert len(looks) == 40
    for number in range(10):
        name = f"rollout.hide.{number}"
        view["findings"].append({**first, "id": name})
        view["rollout"]["sequences"][name] = looks
    page = html_report(view)
    assert page.count("over the rollout:") == 12
    assert len(page.encode()) < 300_000


def test_every_form_of_the_report_tells_of_the_shares_and_of_the_warning() -> None:
    view = load("rollout")
    for text in (render(view), markdown_report(view), html_report(view)):
        assert "to come" in text
        assert "would say \u22123.06 pp" in text
        assert "fail since 2031-03-07 18:00 UTC" in text.replace("Fail since", "fail since")


def test_the_looks_of_one_check_are_drawn_with_its_requirement() -> None:
    text = render(load("rollout"), why="rollout.hide")
    rows = [line for line in text.splitlines() if re.match(r"2031-03-0\d \d\d:", line)]
    assert 5 <= len(rows) <= 12
    assert all("\u2506" in row for row in rows[1:])
    assert rows[-1].endswith("\u25a0 fail")


def test_no_line_is_wider_than_the_terminal() -> None:
    for why in (None, "rollout.hide"):
        text = render(load("rollout"), width=80, why=why)
        assert max(len(line) for line in text.splitlines()) <= 80


def test_other_changes_stand_on_the_band_by_their_number() -> None:
    found = hides(0.0, 0.004)
    view = ramp(found, [look(48, 0.0, 0.01), look(100, 0.0, 0.004)])
    followed = found, looks_of(view, found), view["rollout"]["steps"], NOW
    changes = [{"at": at(hours)} for hours in (10, 60, 60.5, 120)]
    text = str(band(*followed, changes))
    assert text.count("\u25b2") == 4
    for number in (">1<", ">2\u20133<", ">4<"):
        assert number in text
    assert "\u25b2" not in str(band(*followed))
