"""The designer: small charts above one axis, with what nobody knows hatched and said."""

import re
from typing import Any

from shipcall.core import Absent, Estimate, Reason, Tails, plain
from shipcall.core.estimate import census
from shipcall.report.designer import between, designer_rows, designer_svg

ABSENT = Absent(reason=Reason.NO_EVIDENCE, detail="nobody says how long an answer takes")


def number(value: float) -> Estimate:
    low, high = value - 0.02, value + 0.02
    return Estimate(value=value, low=low, high=high, tails=Tails(0.025, 0.025), n=400, method="m")


def row(threshold: float | str, value: float) -> dict[str, Any]:
    cells: dict[str, Any] = plain(
        {
            "threshold": threshold,
            "fallback": number(1 - value),
            "value": number(value),
            "over_random": census(0.0, "no row is picked"),
            "cost": number(2 - value),
            "p50": ABSENT,
            "p99": ABSENT,
        }
    )
    return cells


def view(rows: list[dict[str, Any]], **more: list[dict[str, Any]]) -> dict[str, Any]:
    units = {"fallback": "share", "value": "share", "over_random": "share", "cost": "EUR"}
    columns = [
        {
            "name": name,
            "title": name,
            "unit": units.get(name, ""),
            "difference": name == "over_random",
        }
        for name in row("keep all", 0.5)
    ]
    tables = {"settings": rows, **more}
    return {
        "kind": "study",
        "study": "cascade",
        "tables": [{"name": n, "columns": columns, "rows": found} for n, found in tables.items()],
    }


HIGH = [row("keep all", 0.5), row(0.2, 0.6), row(0.6, 0.8), row("ask the second every time", 0.9)]
LOW = [row("keep all", 0.5), row(0.6, 0.6), row(0.2, 0.8), row("ask the second every time", 0.9)]


def texts(svg: object) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", str(svg))


def place_of(svg: object, text: str) -> float:
    found = re.search(rf'<text x="([\d.]+)"[^>]*>{text}</text>', str(svg))
    assert found
    return float(found[1])


def test_what_nobody_knows_is_hatched_and_says_why() -> None:
    svg = designer_svg(view(HIGH))
    assert "no data: nobody says how long an answer takes" in texts(svg)
    assert str(svg).count("url(#h") == 1
    assert "style=" not in str(svg)


def test_more_falls_back_to_the_left_where_a_low_signal_is_kept() -> None:
    for rows, rising in ((HIGH, True), (LOW, False)):
        svg = designer_svg(view(rows))
        assert (place_of(svg, "keep all") < place_of(svg, "ask always")) == rising


def test_the_threshold_asked_for_is_marked_and_told_in_words() -> None:
    svg = designer_svg(view(HIGH, chosen=[row(0.4, 0.7)]))
    assert "asked for: 0.4" in texts(svg)
    assert "At 0.4: worth 70 %, price 1.3 EUR." in str(svg)
    assert "asked for" not in str(designer_svg(view(HIGH)))


def test_a_threshold_that_was_shown_is_marked_and_one_that_was_not_is_absent() -> None:
    shown = {"claim": "c", "threshold": 0.6, "passed": "1 of 2"}
    lost = {"claim": "c", "threshold": "none was shown"}
    svg = designer_svg(view(HIGH, tested=[shown, lost, {"claim": "d", "difference": {}}]))
    assert [text for text in texts(svg) if text.startswith("shown")] == ["shown: 0.6"]


def test_the_numbers_are_those_of_the_tables() -> None:
    rows = designer_rows(view(HIGH, chosen=[row(0.4, 0.7)]))
    assert [one["threshold"] for one in rows] == [one["threshold"] for one in HIGH] + [0.4]
    assert [one["asked_for"] for one in rows] == [False] * 4 + [True]
    assert rows[1]["value_value"] == 0.6
    assert rows[1]["p99_value"] is None
    assert between(view(LOW)) == [0.6, 0.2]


def test_there_is_nothing_to_design_without_thresholds_or_a_cascade() -> None:
    assert designer_svg(view([HIGH[0], HIGH[-1]])) is None
    assert designer_svg({**view(HIGH), "study": "costs"}) is None
    assert designer_svg({"study": "bill", "tables": []}) is None
