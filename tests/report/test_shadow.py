"""Shadow screens: whole, narrow enough, honest about what is not known, and harmless."""

import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from report.test_palette import THEMES, contrast, rgb
from report.views import load
from shipcall.core import Tails
from shipcall.core.canonical import plain
from shipcall.data import pairbook
from shipcall.formats import STATUSES as KNOWN_STATUSES
from shipcall.report import shadow
from shipcall.report.exhibits import exhibit_lines, exhibit_svgs
from shipcall.report.html import LIMIT, html_report
from shipcall.report.palette import LIGHT
from shipcall.report.shadow import decisions_of, part_text, shadow_lines, slices_of
from shipcall.report.shadow_pictures import NEUTRAL_DEEPEST, shadow_svgs
from shipcall.report.text import display_width
from shipcall.stages.shadow import WEEKDAYS
from shipcall.stats.proportions import clopper_pearson

PICTURES = ["coverage", "decisions", "latency", "review"]
HOSTILE = """<script>alert("x")</script> & 'y'"""


def exhibits() -> dict[str, Any]:
    """A week of two countries; 60 of 1,000 decisions differ, in 5 nobody decided."""
    return {
        "coverage": {
            "weekdays": list(WEEKDAYS),
            "slices": [
                {"slice": "all", "pairs": [400, 100, 100, 100, 100, 100, 100]},
                {"slice": "country=DE", "pairs": [300, 90, 95, 80, 85, 90, 100]},
                {"slice": "country=NZ", "pairs": [100, 10, 5, 20, 15, 10, 0]},
            ],
        },
        "decisions": {
            "classes": ["later", "urgent", "(no answer)"],
            "counts": [[600, 40, 3], [15, 335, 2], [0, 0, 5]],
        },
        "latency_ms": {
            "baseline": {"p50": 80.8, "p90": 174.4, "p99": 324.222},
            "candidate": {"p50": 65.9, "p90": 149.6, "p99": 958.091},
        },
        "statuses": {
            "baseline": {"ok": 1_000},
            "candidate": {"ok": 995, "model_error": 4, "infra_error": 1},
        },
        "review": reading(candidate=9, baseline=1, same=10),
    }


def reading(*, candidate: int, baseline: int, same: int, unsafe: int = 0) -> dict[str, Any]:
    votes = {"candidate": candidate, "baseline": baseline, "same": same}
    more = {"unsafe_baseline": 0, "unsafe_candidate": unsafe, "skipped": 2}
    share = clopper_pearson(candidate, candidate + baseline, Tails(0.025, 0.025))
    return votes | more | {"candidate_preferred": plain(share)}


def said(shown: dict[str, Any]) -> str:
    return " ".join(" ".join(shadow_lines(shown)).split())


def texts(svg: Any) -> list[str]:
    tree = ET.fromstring(str(svg))  # noqa: S314 - our own picture
    return [element.text or "" for element in tree.iter() if element.tag.endswith("text")]


def test_lines_fit_a_terminal_and_name_every_part() -> None:
    lines = shadow_lines(exhibits())
    assert max(display_width(line) for line in lines) <= 80
    for wanted in (
        "Mon Tue Wed Thu Fri Sat Sun all",
        "country=NZ 100 10 5 20 15 10 0 160",
        "No pair of country=NZ on Sunday.",
        "Decisions differ in 60 of 1,000 pairs (6.0 %)",
        "Of 5 more it is not known",
        "later urgent 40 4.0 %",
        "p50 80.8 65.9",
        "p90 174 150",
        "p99 324 958",
        "answered 1,000 (100 %) 995 (99.5 %)",
        "the model failed 0 (0 %) 4 (0.4 %)",
        "the machinery failed 0 (0 %) 1 (0.1 %)",
        "20 pairs read, blind. Preferred: the candidate 9, the baseline 1, neither 10.",
    ):
        assert wanted in " ".join(" ".join(lines).split()), wanted


def test_preferences_have_the_exact_interval_and_name_the_side_of_half() -> None:
    """R 4.3: binom.test(9, 10)$conf.int gives 0.5549839 0.9974714."""
    text = said(exhibits())
    assert "90.0 % [55.5, 99.7] of the preferences (95 %): half lies outside" in text
    assert "readers prefer the candidate" in text
    other = said(exhibits() | {"review": reading(candidate=1, baseline=9, same=0)})
    assert "readers prefer the baseline" in other
    few = said(exhibits() | {"review": reading(candidate=2, baseline=1, same=1, unsafe=3)})
    assert "half lies inside" in few
    assert "7 pairs read" in few
    assert "Called unsafe: the baseline 0, the candidate 3." in few


def test_the_thinnest_slices_come_first_after_all_of_them() -> None:
    names = [row.name for row in slices_of(exhibits()["coverage"])]
    assert names == ["all", "country=NZ", "country=DE"]


def test_slices_that_are_not_listed_are_counted() -> None:
    many = [{"slice": f"city={n:02}", "pairs": [n] * 7} for n in range(40)]
    shown = exhibits() | {"coverage": {"weekdays": list(WEEKDAYS), "slices": many}}
    assert "35 slices with more pairs are not listed." in said(shown)
    assert "No pair of city=00 on any day." in said(shown)
    assert "24 slices with more pairs are not drawn." in texts(shadow_svgs(shown)["coverage"])


def test_more_empty_days_than_are_named_are_counted() -> None:
    gaps = [{"slice": f"city={n}", "pairs": [1, 1, 1, 1, 1, 0, 0]} for n in range(4)]
    shown = {"coverage": {"weekdays": list(WEEKDAYS), "slices": gaps}}
    assert "city=1 on Saturday; city=1 on Sunday, and 4 more." in said(shown)


def test_what_the_matrix_cannot_tell_is_neither_alike_nor_different() -> None:
    """By hand: 2 + 3 + 4 + 5 lie beside the diagonal, 7 rare ones and 6 without any on it."""
    view = {
        "classes": ["a", "(no answer)", "(others)"],
        "counts": [[10, 2, 3], [0, 6, 4], [0, 5, 7]],
    }
    found = decisions_of(view)
    assert (found.pairs, found.differ, found.unknown) == (37, 14, 13)
    words = texts(shadow_svgs({"decisions": view})["decisions"])
    assert {"? 6", "? 7", "= 10"} <= set(words)
    assert "= 6" not in words


def test_the_names_of_what_is_no_decision_are_those_of_the_pair_book() -> None:
    assert (shadow.OTHERS, shadow.NO_ANSWER) == (pairbook.OTHERS, pairbook.NO_ANSWER)
    assert set(shadow.STATUSES) == set(KNOWN_STATUSES)


@pytest.mark.parametrize(
    ("some", "total", "text"),
    [(0, 9, "0 %"), (9, 9, "100 %"), (1, 9_999, "<0.1 %"), (9_998, 9_999, ">99.9 %"),
     (1, 3, "33.3 %")],
)  # fmt: skip
def test_a_share_is_0_or_100_only_where_it_is(some: int, total: int, text: str) -> None:
    assert part_text(some, total) == text


def test_large_counts_stay_in_their_columns() -> None:
    week = [99_999, 100_000, 1_234_567, 9_999_499, 9_999_500, 123_456_789, 0]
    shown = {"coverage": {"weekdays": list(WEEKDAYS), "slices": [{"slice": "all", "pairs": week}]}}
    assert "all 99,999 100k 1,235k 9,999k 10M 123M 0 145M" in said(shown)
    assert max(display_width(line) for line in shadow_lines(shown)) <= 80


@pytest.mark.parametrize("part", ["coverage", "decisions", "latency_ms", "statuses", "review"])
@pytest.mark.parametrize("gone", [True, False])
def test_a_part_without_data_says_so_and_has_no_picture(part: str, *, gone: bool) -> None:
    shown = exhibits() | {part: {}}
    if gone:
        del shown[part]
    assert said(shown).count("No data:") == 1
    pictures = [name for name in PICTURES if not part.startswith(name)]
    assert list(shadow_svgs(shown)) == pictures


def test_empty_lists_are_no_data_as_well() -> None:
    empty = {
        "coverage": {"weekdays": list(WEEKDAYS), "slices": []},
        "decisions": {"classes": [], "counts": []},
        "latency_ms": {"baseline": {}, "candidate": {}},
        "statuses": {"baseline": {}, "candidate": {}},
    }
    assert said(empty).count("No data:") == 5
    assert shadow_svgs(empty) == {}
    assert shadow_lines({}) == []
    assert shadow_svgs({}) == {}


def test_a_model_without_latency_or_runs_has_no_data_and_no_dot() -> None:
    shown = exhibits()
    shown["latency_ms"]["candidate"] = {}
    shown["statuses"]["candidate"] = {}
    assert "p99 324 no data" in said(shown)
    assert "answered 1,000 (100 %) no data" in said(shown)
    assert "candidate no data" in texts(shadow_svgs(shown)["latency"])


def test_readers_without_a_preference_are_said_and_not_drawn() -> None:
    review = {"candidate": 0, "baseline": 0, "same": 4, "unsafe_baseline": 0,
              "unsafe_candidate": 0, "skipped": 0}  # fmt: skip
    assert "No pair has a preferred answer." in said({"review": review})
    assert "review" not in shadow_svgs({"review": review})
    absent = {"absent": {"code": "c"}, "detail": "because of this", "n": 0}
    refused = review | {"candidate_preferred": absent}
    assert "No data: because of this." in said({"review": refused})
    assert "review" not in shadow_svgs({"review": refused})


def test_equal_decisions_everywhere_mark_nothing() -> None:
    shown = {"decisions": {"classes": ["a", "b"], "counts": [[5, 0], [0, 6]]}}
    assert "Decisions differ in 0 of 11 pairs (0 %)" in said(shown)
    assert "font-weight" not in str(shadow_svgs(shown)["decisions"])


def test_every_picture_is_whole_says_what_it_shows_and_stays_inside_its_frame() -> None:
    pictures = shadow_svgs(exhibits())
    assert list(pictures) == PICTURES
    for name, picture in pictures.items():
        assert not re.search(r"\b(nan|inf|None)\b", str(picture)), name
        svg = ET.fromstring(str(picture))  # noqa: S314 - our own picture
        _, _, width, height = (float(part) for part in svg.attrib["viewBox"].split())
        assert width <= 1_040
        assert svg[0].text
        assert svg[1].text
        assert len(svg[1].text) > 30
        for shape in svg.iter():
            if shape.tag.endswith(("text", "rect")):
                x, y = float(shape.attrib["x"]), float(shape.attrib["y"])
                assert 0 <= x <= width, (name, shape.text)
                assert 0 <= y <= height, (name, shape.text)
            if shape.tag.endswith("rect"):
                assert x + float(shape.attrib["width"]) <= width + 1
                assert y + float(shape.attrib["height"]) <= height


def test_the_largest_matrix_fits_the_page() -> None:
    names = [f"class number {n}" for n in range(12)] + ["(others)"]
    counts = [[i * 13 + j for j in range(13)] for i in range(13)]
    picture = shadow_svgs({"decisions": {"classes": names, "counts": counts}})["decisions"]
    assert float(ET.fromstring(str(picture)).attrib["width"]) <= 1_040  # noqa: S314 - our own
    assert len(re.findall(r'stroke-width="2.5"', str(picture))) == 3


def test_a_day_without_pairs_is_hatched_and_says_none() -> None:
    picture = shadow_svgs(exhibits())["coverage"]
    assert texts(picture).count("none") == 1
    assert str(picture).count('fill="url(#h') == 1


def test_pictures_use_the_colours_of_the_palette_only() -> None:
    for picture in shadow_svgs(exhibits()).values():
        assert set(re.findall(r"#[0-9a-f]{6}\b", str(picture))) <= set(LIGHT.values())


@pytest.mark.parametrize("theme", THEMES)
def test_counts_can_be_read_in_the_darkest_cell(theme: str) -> None:
    colours = THEMES[theme]
    pairs = zip(rgb(colours["mute"]), rgb(colours["bg"]), strict=True)
    cell = tuple(NEUTRAL_DEEPEST * top + (1 - NEUTRAL_DEEPEST) * below for top, below in pairs)
    assert contrast(rgb(colours["ink"]), cell) >= 4.5


def test_both_models_differ_by_shape_and_word_and_not_by_colour_alone() -> None:
    found = shadow_svgs(exhibits())
    for name in ("latency", "review"):
        text = " ".join(texts(found[name]))
        assert "baseline" in text
        assert "candidate" in text
        assert "<circle" in found[name]
        assert "l4.6 4.6" in found[name]


def test_a_name_from_a_file_cannot_break_out_of_a_picture() -> None:
    shown = exhibits()
    shown["coverage"]["slices"][1]["slice"] = f"c={HOSTILE}"
    shown["decisions"]["classes"][0] = HOSTILE
    pictures = shadow_svgs(shown)
    assert all("<script" not in picture for picture in pictures.values())
    assert any(text.startswith("c=<script") for text in texts(pictures["coverage"]))
    assert any(text.startswith("<script") for text in texts(pictures["decisions"]))


def test_wide_letters_do_not_widen_the_lines() -> None:
    shown = exhibits()
    shown["coverage"]["slices"][1]["slice"] = "country=" + "\u8fd4" * 60
    shown["decisions"]["classes"][0] = "\u8fd4" * 60
    assert max(display_width(line) for line in shadow_lines(shown)) <= 80


def test_a_shadow_verdict_shows_its_exhibits() -> None:
    view = {"stage": "shadow", "exhibits": exhibits()}
    assert exhibit_lines(view) == shadow_lines(exhibits())
    assert exhibit_svgs(view) == shadow_svgs(exhibits())


def test_a_report_of_a_shadow_verdict_is_whole_small_and_leads_to_its_pictures() -> None:
    shown = exhibits()
    shown["coverage"]["slices"] += [
        {"slice": f"{HOSTILE}{n}", "pairs": [n] * 7} for n in range(2_000)
    ]
    text = html_report(load("ship") | {"stage": "shadow", "exhibits": shown})
    assert len(text.encode()) <= LIMIT
    assert "<script" not in text
    assert '<a href="#beside">' in text
    assert all(f"<h3>{name.capitalize()}</h3>" in text for name in PICTURES)


def test_the_same_exhibits_give_the_same_bytes() -> None:
    assert shadow_svgs(exhibits()) == shadow_svgs(exhibits())
