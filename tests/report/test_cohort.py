"""Cohort screens: whole, narrow enough, honest about what is absent, and harmless."""

import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from shipcall.report.cohort_pictures import cohort_svgs
from shipcall.report.palette import LIGHT, paint
from shipcall.report.terminal_cohort import cohort_lines
from shipcall.report.text import display_width

PICTURES = ["retention", "survival", "fatigue", "depth", "migration", "changes", "forecast"]


def one(value: float, half: float = 0.02) -> dict[str, Any]:
    return {"value": value, "low": value - half, "high": value + half, "n": 500, "method": "m"}


def none(detail: str = "12 of 40 windows have closed") -> dict[str, Any]:
    return {"absent": "maturing", "detail": detail, "n": 40}


def arms(baseline: float, candidate: float, half: float = 0.02) -> dict[str, Any]:
    return {
        "baseline": one(baseline, half),
        "candidate": one(candidate, half),
        "difference": one(candidate - baseline, half),
    }


NOT_KNOWN = {"baseline": none(), "candidate": none(), "difference": none()}


def exhibits() -> dict[str, Any]:
    """Two cohorts, two ages, one of four cells not known."""
    cells = [("2026-10-05", 1, arms(0.4, 0.3)), ("2026-10-05", 7, arms(0.3, 0.31)),
             ("2026-10-12", 1, arms(0.4, 0.4)), ("2026-10-12", 7, NOT_KNOWN)]  # fmt: skip
    alike = {"distance": 9.0, "noise": 3.0, "p": 0.004, "n": 900}
    moves = [
        {"before": b, "after": a, **arms(0.4, 0.6 if b == "casual" else 0.4), "p": 0.001,
         "marked": b == "casual"}
        for b in ("casual", "heavy") for a in ("no day", "1-2 days")
    ]  # fmt: skip
    days = [f"2026-10-{number:02d}" for number in range(5, 15)]
    line = [0.4 - 0.01 * number for number in range(10)]
    change = {"at": one(4.5, 1.0), "day": "2026-10-10", "size": -0.05}
    found = {"block": 1, "p": 0.005, "changes": [change], "abruptness": one(2.0, 1.0)}
    return {
        "people": {
            "baseline": 1_200, "candidate": 1_100, "first": "2026-10-05", "last": "2026-10-20",
            "gaps": ["2026-10-09"], "moved": 0, "crossed": 0, "exposed": True, "level": 0.95,
        },
        "retention": {
            "window": "calendar", "cohort_days": 7, "ages": [1, 7],
            "cohorts": [{"name": n, "baseline": 600, "candidate": 550}
                        for n in ("2026-10-05", "2026-10-12")],
            "cells": [{"cohort": c, "age": a, "state": "gap" if "absent" in v["baseline"]
                       else "known", **v} for c, a, v in cells],
            "columns": [{"age": 1, "cohorts": 2, **arms(0.4, 0.35)},
                        {"age": 7, "cohorts": 1, **arms(0.3, 0.31)}],
        },
        "survival": {
            "quiet_days": 7,
            "curve": [{"age": age, **arms(0.9 - 0.02 * age, 0.9 - 0.03 * age)}
                      for age in range(1, 13)],
            "log_rank": {"dropped": 90, "expected": 70.0, "z": 3.1, "p": 0.002},
            "horizon": 12, "mean": arms(9.0, 8.2, 0.3),
        },
        "fatigue": {
            "hazards": [{"exposures": n, **arms(0.1, 0.12 - 0.01 * n)} for n in (1, 2, 3)],
            "slope": arms(-0.4, -0.2, 0.1),
            "trend": {"baseline": {"z": -2.0, "p": 0.04}, "candidate": none()},
        },
        "novelty": none("nobody was followed for 28 days"),
        "depth": {
            "quantiles": [{"q": q, **arms(2.0 + q, 2.1 + q, 0.3)} for q in (0.25, 0.5)],
            "distance": one(0.1, 0.1),
            "classes": [{"least": 1.0, **arms(0.5, 0.6)}],
        },
        "taste": {"surprise": none("activity has no column 'surprise'"),
                  "predictability": {"quantiles": [{"q": 0.5, **arms(0.2, 0.3)}],
                                     "distance": one(0.1)}},
        "reengagement": {"quiet_days": 7, "back_days": 7,
                         "of_lapsed": arms(0.5, 0.4) | {"difference": none("not alike")},
                         "of_all": arms(0.1, 0.2)},
        "migration": {"by": "segment", "until": 28, "n": 900, "before": ["casual", "heavy"],
                      "after": ["no day", "1-2 days"],
                      "units": {"baseline": [300, 150], "candidate": [290, 160]},
                      "moves": moves, "alike": alike},
        "changes": {"days": days,
                    "series": {"baseline": line, "candidate": [*line[:9], None],
                               "difference": [*[0.0] * 9, None]},
                    "found": {"baseline": none("gap"), "candidate": found | {"changes": []},
                              "difference": found}},
        "forecast": {"age": 28, "from": 9, "quiet_days": 7, "cohorts": 4, "older": 0,
                     "first": "2026-10-05", **arms(0.5, 0.45, 0.2)},
    }  # fmt: skip


def drawn() -> Iterator[tuple[str, ET.Element]]:
    for name, svg in cohort_svgs(exhibits()).items():
        yield name, ET.fromstring(str(svg))  # noqa: S314 - our own picture


def test_lines_fit_a_terminal_and_name_every_part() -> None:
    lines = cohort_lines(exhibits())
    assert max(display_width(line) for line in lines) <= 80
    text = " ".join(" ".join(lines).split())
    for wanted in (
        "1,200 units of the baseline and 1,100 of the candidate, first exposed from 2026-10-05",
        "Nobody has a row on 2026-10-09",
        "1 40.0 % 35.0 % \u22125.0 pp [\u22127.0, \u22123.0], 2 cohorts *",
        "Log-rank within cohorts: p 0.002",
        "difference +0.20 [+0.10, +0.30]",
        "No data: nobody was followed for 28 days",
        "quantile 0.5: candidate 2.60, baseline 2.50",
        "surprise: no data, activity has no column 'surprise'",
        "difference no data: not alike",
        "2 of 4 moves differ beyond noise",
        "difference: \u22125.0 pp from 2026-10-10 on (p 0.005), within 2 days [1, 3]",
        "candidate: no change found",
        "the width is a stated doubt",
    ):
        assert wanted in text, wanted


def test_a_difference_never_stands_without_its_interval() -> None:
    text = " ".join(" ".join(cohort_lines(exhibits())).split())
    differences = re.findall(r"difference [+\u2212]?[\d.]+( \w+)?( \[[^\]]+\])?", text)
    assert len(differences) > 10
    assert all(interval for _, interval in differences)


def test_nothing_is_drawn_or_said_of_nothing() -> None:
    assert cohort_lines({}) == []
    assert cohort_svgs({}) == {}
    missing = {"absent": "no_evidence", "detail": "activity: no file at 'a.csv'"}
    assert cohort_lines(missing) == ["No data: activity: no file at 'a.csv'."]
    assert cohort_svgs(missing) == {}


@pytest.mark.parametrize(
    "part", ["retention", "survival", "depth", "migration", "changes", "forecast"]
)
def test_a_part_without_data_says_why_and_has_no_picture(part: str) -> None:
    shown = exhibits() | {part: none("because of this")}
    assert "because of this" in " ".join(" ".join(cohort_lines(shown)).split())
    assert part not in cohort_svgs(shown)


def test_every_picture_is_whole_says_what_it_shows_and_stays_inside_its_frame() -> None:
    found = dict(drawn())
    assert list(found) == PICTURES
    for name, svg in found.items():
        _, _, width, height = (float(part) for part in svg.attrib["viewBox"].split())
        title, desc = svg[0], svg[1]
        assert title.text
        assert desc.text
        assert len(desc.text) > 30
        for text in svg.iter("text"):
            x, y = float(text.attrib["x"]), float(text.attrib["y"])
            assert 0 <= x <= width, (name, text.text)
            assert 0 <= y <= height, (name, text.text)


def test_pictures_use_the_colours_of_the_palette_only() -> None:
    for _, svg in drawn():
        text = ET.tostring(svg, encoding="unicode")
        assert set(re.findall(r"#[0-9a-f]{6}\b", text)) <= set(LIGHT.values())


def test_both_arms_differ_by_shape_and_word_and_not_by_colour_alone() -> None:
    found = dict(drawn())
    for name in ("survival", "fatigue", "changes"):
        text = [element.text for element in found[name].iter("text")]
        assert {"baseline", "candidate"} <= set(text)
        assert list(found[name].iter("circle"))
        assert any("l4.6 4.6" in path.attrib["d"] for path in found[name].iter("path"))


def test_an_interval_that_leaves_the_picture_goes_on_as_an_arrow() -> None:
    """And an estimate above the picture has no mark: one at the edge would be another number."""
    shown = exhibits()
    wide = one(0.5, 0.3) | {"n": 10}
    shown["fatigue"]["hazards"].append({"exposures": 4, **arms(0.1, 0.1), "candidate": wide})
    before = dict(drawn())["fatigue"]
    after = ET.fromstring(str(cohort_svgs(shown)["fatigue"]))  # noqa: S314 - our own picture
    arrows = [
        path.attrib["d"].count("L")
        for path in after.iter("path")
        if path.attrib.get("stroke") == paint("candidate")
    ]
    assert len(list(after.iter("circle"))) == len(list(before.iter("circle"))) + 1
    assert arrows.count(2) == 1
    assert "An arrow: the interval goes on" in str(after[1].text)


def test_a_cell_that_is_not_known_is_hatched_with_its_reason() -> None:
    svg = dict(drawn())["retention"]
    words = [element.text for element in svg.iter("text")]
    assert "a day without" in words
    assert any("url(#h" in rect.attrib["fill"] for rect in svg.iter("rect"))
    assert "\u221210.0 pp *" in words


def test_a_name_from_a_file_cannot_break_out_of_a_picture() -> None:
    shown = exhibits()
    shown["migration"]["before"] = ["<script>", "heavy"]
    for move in shown["migration"]["moves"]:
        move["before"] = move["before"].replace("casual", "<script>")
    assert "<script>" not in str(cohort_svgs(shown)["migration"])


def test_the_same_exhibits_give_the_same_bytes() -> None:
    assert cohort_svgs(exhibits()) == cohort_svgs(exhibits())
