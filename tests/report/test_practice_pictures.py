"""Pictures of practice: they show what their views say, and nothing that is not there."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from markupsafe import Markup

from shipcall.report.practice.beside import beside_svg, bin_titles, fan_svg
from shipcall.report.practice.habits import good_strip, rating_svg, said_svg
from shipcall.report.practice.readings import cell_text, panel_table, readings_rows, readings_svg
from shipcall.report.practice.replays import replays_svg
from shipcall.report.practice.rungs import ladder_svg, path_svg, weights_svg

HOSTILE = '<script>alert("x")</script>'


def panel(*rows: dict[str, Any], readings: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": "effect",
        "title": "Effect",
        "asks": "What changed?",
        "text": [],
        "rows": list(rows),
        "readings": readings,
    }


def reading(
    name: str, value: float, low: float, high: float, unit: str = "share"
) -> dict[str, Any]:
    return {"name": name, "title": name, "value": value, "low": low, "high": high, "unit": unit}


def lengths(svg: str) -> list[float]:
    """Lengths of the thick bars of a picture."""
    found = re.findall(r'<path d="M([\d.]+) [\d.]+H([\d.]+)" stroke="[^"]+" stroke-width="6"', svg)
    return [float(stop) - float(start) for start, stop in found]


def widths(svg: str) -> list[float]:
    """Widths of the bars of a picture, without the page's own ground."""
    return [float(one) for one in re.findall(r'<rect [^>]*width="([\d.]+)" height="13"', svg)]


# ── panels


def test_the_interval_of_a_row_is_drawn_once_and_its_columns_are_left_out() -> None:
    rows = [
        {"slice": "BR", "change": 0.02, "low": -0.01, "high": 0.05, "empty": None},
        {"slice": "NZ", "change": -0.04, "low": -0.10, "high": 0.02, "empty": ""},
    ]
    readings = [reading("c BR", 0.02, -0.01, 0.05), reading("c NZ", -0.04, -0.10, 0.02)]
    table = panel_table(panel(*rows, readings=readings))
    assert table.names == ["slice", "change"]
    assert table.right == [False, True]
    assert [lane.interval for lane in table.lanes] == ["[-0.01, 0.05]", "[-0.1, 0.02]"]
    short, long = (lengths(str(lane.strip))[0] for lane in table.lanes)
    assert long == pytest.approx(2 * short, abs=0.3)


def test_a_row_without_a_reading_has_no_interval() -> None:
    rows: list[dict[str, Any]] = [
        {"what": "seen", "value": 1.5, "low": 1.0, "high": 2.0},
        {"what": "not counted", "value": None, "low": None, "high": None},
    ]
    table = panel_table(panel(*rows, readings=[reading("seen", 1.5, 1.0, 2.0, "")]))
    assert [lane.interval for lane in table.lanes] == ["[1, 2]", "no interval"]
    assert table.lanes[1].strip is None


def test_a_panel_of_words_has_no_picture() -> None:
    words = panel(readings=[])
    assert panel_table(words).lanes == []
    assert readings_svg(words) is None
    assert readings_rows(words | {"text": ["A line."]}) == [{"text": "A line."}]


def test_a_count_and_its_ratio_stand_on_axes_of_their_own() -> None:
    rows = [
        {"what": "alarms", "daily": 40.0, "low": 30.0, "high": 50.0},
        {"what": "against before", "daily": 1.2, "low": 0.9, "high": 1.5},
    ]
    readings = [
        reading("false", 40.0, 30.0, 50.0, ""),
        reading("false ratio", 1.2, 0.9, 1.5, ""),
    ]
    lanes = panel_table(panel(*rows, readings=readings)).lanes
    assert all(lengths(str(lane.strip))[0] > 50 for lane in lanes)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), (0.123456, "0.1235"), (1234.5, "1,234"), (1234567, "1,234,567"), ("a\nb", "a b")],
)
def test_cells_are_short(value: object, text: str) -> None:
    assert cell_text(value) == text


# ── the debrief


def test_what_was_said_and_what_was_allowed_have_bars_of_their_shares() -> None:
    rows: list[dict[str, Any]] = [
        {"title": "rot", "stated": 0.5, "posterior": 0.25, "so": True},
        {"title": "sound", "stated": None, "posterior": 0.75, "so": False},
    ]
    svg = str(beside_svg(rows, "Causes"))
    mine, theirs, other = widths(svg)
    assert mine == pytest.approx(2 * theirs)
    assert other == pytest.approx(3 * theirs)
    assert "not said" in svg
    assert "\u25cf rot" in svg
    assert "\u25cf sound" not in svg


def test_bins_are_named_with_both_open_ends() -> None:
    told = bin_titles({"edges": [-1.5, 0.0, 2.0], "unit": "pp"})
    assert told == ["below -1.5 pp", "-1.5 to 0 pp", "0 to 2 pp", "above 2 pp"]


@pytest.mark.parametrize("came", [0, 2])
def test_a_forecast_marks_the_bin_that_came(came: int) -> None:
    bins = [
        {"title": str(n), "stated": share, "posterior": 0.3, "came": n == came}
        for n, share in enumerate((0.2, 0.3, 0.5))
    ]
    svg = str(fan_svg(bins, 1.25, "pp"))
    assert svg.count("\u25b2 1.25 pp came") == 1


def test_the_ladder_has_a_bar_for_everybody_and_marks_the_person() -> None:
    rows: list[dict[str, Any]] = [
        {"who": "oracle", "call": "HOLD", "loss_share": 0.0, "you": False},
        {"who": "you", "call": None, "loss_share": 1.0, "you": True},
    ]
    svg = str(ladder_svg(rows))
    assert "\u25b6 you" in svg
    assert "no call" in svg
    assert "100 %" in svg


def test_panels_weigh_to_the_side_they_speak_for() -> None:
    row = {
        "title": "a",
        "ratio": "8 : 1",
        "text": "",
        "opened": 1,
        "missed": False,
        "told_by": None,
    }
    svg = str(
        weights_svg([row | {"bits": 3.0}, row | {"bits": -3.0, "opened": None, "missed": True}])
    )
    right, left = re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', svg)
    assert float(left[0]) + float(left[1]) == pytest.approx(float(right[0]))
    assert "missed" in svg


def test_belief_fills_the_whole_width_at_every_step() -> None:
    path: list[dict[str, Any]] = [
        {"after": None, "trap": 0.25, "twin": 0.25, "other": 0.5},
        {"after": "p", "trap": 0.9, "twin": 0.1, "other": 0.0},
    ]
    svg = str(path_svg(path, {"p": "Panel"}))
    whole = [float(one) for one in re.findall(r'width="([\d.]+)" height="20"', svg)]
    assert sum(whole[:3]) == pytest.approx(sum(whole[3:]), abs=0.2)
    assert "after Panel" in svg


def test_replays_without_harm_on_one_side_leave_that_line_out() -> None:
    points = [{"bar": bar, "fired_false": 0.5, "missed": None} for bar in (0.0, 1.0, 2.0)]
    svg = str(replays_svg(points, {"bar": 1.0}, "pp"))
    assert svg.count("<polyline") == 1
    assert "missed harm" not in svg


# ── habits


def bins(*, shown: bool) -> list[dict[str, Any]]:
    so = (
        {"so": 0.7, "so_low": 0.5, "so_high": 0.85}
        if shown
        else dict.fromkeys(("so", "so_low", "so_high"))
    )
    return [
        {"low": 0.8, "high": 1.0, "claims": 12, "plays": 12, "stated": 0.9, "shown": shown} | so
    ]


def test_a_bin_with_too_few_plays_is_hatched_and_has_no_point() -> None:
    assert str(said_svg(bins(shown=True))).count("<circle") == 1
    covered = str(said_svg(bins(shown=False)))
    assert "<circle" not in covered
    assert "url(#h" in covered
    assert "Too few plays" in covered


def test_a_rating_that_may_not_be_shown_has_no_picture() -> None:
    day = {"on": "2026-11-20", "plays": 1, "rating": None, "deviation": 300.0}
    assert rating_svg([day], []) is None
    svg = str(
        rating_svg([day | {"rating": 1500.0, "deviation": 90.0}], [{"who": "coin", "rating": 1200}])
    )
    assert "1500 \u00b190" in svg
    assert "coin 1200" in svg


def test_the_interval_of_good_calls_is_as_long_as_it_is_wide() -> None:
    wide = good_strip({"share": 0.5, "low": 0.0, "high": 1.0}, "a")
    half = good_strip({"share": 0.5, "low": 0.25, "high": 0.75}, "b")
    assert lengths(str(wide))[0] == pytest.approx(2 * lengths(str(half))[0])


# ── all of them


def test_names_from_elsewhere_are_escaped_and_bytes_are_the_same_each_time() -> None:
    row = {"title": HOSTILE, "stated": 0.5, "posterior": 0.5, "so": False}
    step = {"after": None, "trap": 0.5, "twin": 0.5, "other": 0.0}
    hostile = panel(
        {"slice": HOSTILE, "low": 0.0, "high": 1.0}, readings=[reading("x", 0.5, 0.0, 1.0)]
    )
    draws: tuple[Callable[[], Markup | None], ...] = (
        lambda: beside_svg([row], HOSTILE),
        lambda: fan_svg([row | {"came": True}], 1.0, HOSTILE),
        lambda: ladder_svg([{"who": HOSTILE, "call": "HOLD", "loss_share": 0.1, "you": True}]),
        lambda: path_svg([step | {"after": "p"}], {"p": HOSTILE}),
        lambda: readings_svg(hostile),
    )
    for draw in draws:
        svg = str(draw())
        assert "<script" not in svg
        assert "style=" not in svg
        assert svg == str(draw())
