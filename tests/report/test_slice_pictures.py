"""Pictures of slices read together and of judges: every number, honest where there is none."""

import copy
from typing import Any

import pytest

from report.test_judges import shown as judged
from shipcall.report.exhibit_rows import exhibit_rows
from shipcall.report.exhibits import exhibit_svgs
from shipcall.report.intervals import Line, Mark, axis_of, intervals
from shipcall.report.shown import read_together, size_text
from shipcall.report.slice_pictures import ends_of

GONE = {"absent": "unsound", "detail": "too few", "n": 0}


def known(value: float, half: float = 0.02) -> dict[str, Any]:
    return {"value": value, "low": value - half, "high": value + half, "n": 200, "method": "m"}


def cut(slices: int = 3, column: str = "country") -> dict[str, Any]:
    return {
        "columns": [column],
        "metric": "right",
        "estimand": "difference",
        "slices": slices,
        "together": slices,
        "spread": known(0.03),
        "gap": {"baseline": known(0.05), "candidate": known(0.06), "difference": known(0.07)},
        "reversal": GONE,
        "shrunk": [
            {"slice": f"{column}=<{i:02}>", **known(0.01 * i), "raw": known(0.02 * i, 0.05)}
            for i in range(slices)
        ],
    }


def found(*, confirmed: bool) -> dict[str, Any]:
    one = {
        "slice": "device=tv",
        "units": 90,
        "searched": 4.0,
        "p_value": 0.001,
        "confirmed": confirmed,
        "difference": known(-0.2),
        "searched_half": known(-0.3),
    }
    return {
        "tried": 12, "lost": 0, "columns": ["device"], "unsearched": [],
        "false_discoveries": 0.05, "found": [one],
    }  # fmt: skip


def view(**exhibits: Any) -> dict[str, Any]:
    findings = [{"metric": "right", "unit": "share"}]
    return {"stage": "gate", "exhibits": exhibits, "findings": findings}


def test_every_picture_has_its_numbers() -> None:
    shown = view(slices=[cut(), cut(2, "age")], discovered=found(confirmed=True), **judged())
    pictures, tables = exhibit_svgs(shown), exhibit_rows(shown)
    expected = ["apart", "discovered", "pulled-country", "pulled-age", "judge-judge-a"]
    assert list(pictures) == expected
    assert pictures.keys() <= tables.keys()
    assert tables["pulled-country"][2]["alone_value"] == pytest.approx(0.04)
    assert tables["pulled-country"][2]["pulled_value"] == pytest.approx(0.02)
    assert tables["discovered"][0]["searched_value"] == pytest.approx(-0.3)
    assert len(tables["apart"]) == 8


def test_both_halves_and_their_answer_stand_in_the_picture() -> None:
    sure = exhibit_svgs(view(slices=[cut()], discovered=found(confirmed=True)))["discovered"]
    unsure = exhibit_svgs(view(slices=[cut()], discovered=found(confirmed=False)))["discovered"]
    assert "searched \u221230.0 pp" in sure
    assert "\u25a0 other \u221220.0 pp" in sure
    assert "\u25c6 other \u221220.0 pp" in unsure
    assert "not confirmed" in unsure


def test_names_of_slices_are_escaped() -> None:
    drawn = exhibit_svgs(view(slices=[cut()]))["pulled-country"]
    assert "&lt;00&gt;" in drawn
    assert "<00>" not in drawn


def test_of_many_slices_the_lowest_and_the_highest_are_drawn_and_the_others_counted() -> None:
    many = cut(30)
    drawn = exhibit_svgs(view(slices=[many]))["pulled-country"]
    assert "18 slices in the middle are not drawn" in drawn
    assert "&lt;00&gt;" in drawn
    assert "&lt;29&gt;" in drawn
    assert "&lt;15&gt;" not in drawn
    assert len(exhibit_rows(view(slices=[many]))["pulled-country"]) == 30
    kept = [one["slice"] for one in ends_of(many, 3)]
    assert kept == ["country=<00>", "country=<28>", "country=<29>"]


def test_slices_of_which_nothing_is_known_have_no_picture_and_a_reason_in_the_numbers() -> None:
    bare = {**cut(), "spread": GONE, "gap": dict.fromkeys(cut()["gap"], GONE)}
    bare["shrunk"] = [{"slice": "country=BR", **GONE, "raw": known(0.1)}]
    assert exhibit_svgs(view(slices=[bare], discovered=GONE)) == {}
    (row,) = exhibit_rows(view(slices=[bare]))["pulled-country"]
    assert row["pulled_why_none"] == "too few"
    assert row["alone_value"] == pytest.approx(0.1)


def test_a_verdict_from_before_has_pulled_slices_alone() -> None:
    """Older records have neither the slices by themselves nor the half that was searched."""
    older = copy.deepcopy(cut())
    for one in older["shrunk"]:
        del one["raw"]
    hunted = found(confirmed=True)
    del hunted["found"][0]["searched_half"]
    shown = view(slices=[older], discovered=hunted)
    assert "alone" not in exhibit_svgs(shown)["pulled-country"].split("<text", 1)[1]
    assert exhibit_rows(shown)["discovered"][0]["searched_why_none"] == "not recorded"


def test_only_the_gate_reads_slices_together() -> None:
    other = {**view(slices=[cut()]), "stage": "rollout"}
    assert read_together(other) == {"slices": [], "discovered": None}


def test_a_size_has_no_sign() -> None:
    assert size_text(known(0.03), "share", "difference") == "3.0 pp (1.0 to 5.0)"


def test_the_bar_of_a_judge_is_drawn_where_it_was_promised() -> None:
    shown = judged()
    shown["preferences"] |= {
        "promised": 0.6,
        "rates": [
            {"of": "judges", "metric": "", **known(0.645)},
            {"of": "corrected", "metric": "preferred", **GONE},
        ],
    }
    card = exhibit_svgs(view(**shown))["judge-judge-a"]
    assert "at least 0.6 promised" in card
    assert "stroke-dasharray" in card
    bare = exhibit_svgs(view(**judged()))["judge-judge-a"]
    assert "nothing promised" in bare
    assert "stroke-dasharray" not in bare
    rates = exhibit_svgs(view(**shown))["wins"]
    assert "64.5 %" in rates
    assert "no data: too few" in rates
    assert exhibit_rows(view(**shown))["wins"][1]["why_none"] == "too few"


def test_a_habit_of_a_judge_stands_before_that_of_people() -> None:
    card = exhibit_svgs(view(**judged()))["judge-judge-a"]
    assert "people 58.6 %" in card
    assert "without the habit 50 %" in card


def test_an_interval_that_reaches_far_out_is_cut_with_an_arrow() -> None:
    usual = [Line(str(i), [Mark(known(0.1 * i), "")]) for i in range(3)]
    far = Line("far", [Mark({**known(0.1), "low": -9.0, "high": None}, "far")])
    axis = axis_of([*usual, far])
    assert axis.low > -1.0
    drawn = intervals("c", "t", "s", [*usual, far])
    body = drawn.split("</defs>")[1]
    assert body.count("<path") == 4 + 2


def test_what_has_no_estimate_is_hatched() -> None:
    drawn = intervals("c", "t", "s", [Line("a", [Mark(GONE, "no data: too few")])])
    assert drawn.count("url(#h") == 1
    assert "no data: too few" in drawn
