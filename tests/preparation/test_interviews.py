"""The log of real interviews, and the table: what one wrote, and nothing that it does not say."""

from datetime import timedelta
from pathlib import Path

import pytest

from shipcall.app.prepare import desk_at, lock_answer, read_answer
from shipcall.app.prepare_tracker import (
    interview_ended,
    interview_written,
    interviews_view,
    tracker_view,
)
from shipcall.core import UsageError
from shipcall.preparation.skills import ENOUGH
from shipcall.preparation.table import chances


def test_an_interview_is_kept_in_ones_own_words(tmp_path: Path) -> None:
    on = desk_at(tmp_path).clock.today - timedelta(days=1)
    told = interview_written(
        tmp_path,
        on=on,
        company="Anthropic",
        round_="safety",
        asked="Who decides?",
        change="Name one.",
    )
    (one,) = told["interviews"]
    assert (one["company"], one["round"], one["asked"], one["said"], one["ended"]) == (
        "Anthropic",
        "safety",
        "Who decides?",
        "",
        "",
    )
    assert "nothing can be read" in told["note"]


def test_how_it_ended_is_added_later_and_the_newest_word_counts(tmp_path: Path) -> None:
    interview_written(tmp_path, on=desk_at(tmp_path).clock.today, company="A", asked="x")
    interview_written(
        tmp_path, on=desk_at(tmp_path).clock.today, company="B", asked="y", ended="waiting"
    )
    interview_ended(tmp_path, 2, "a second round")
    assert [one["ended"] for one in interviews_view(tmp_path)["interviews"]] == [
        "",
        "a second round",
    ]


@pytest.mark.parametrize(
    ("company", "asked", "days"), [("", "x", 0), ("A", " ", 0), ("A", "x", 1), ("A", "x" * 5000, 0)]
)
def test_what_is_no_interview_is_refused(
    tmp_path: Path, company: str, asked: str, days: int
) -> None:
    with pytest.raises(UsageError):
        interview_written(
            tmp_path,
            on=desk_at(tmp_path).clock.today + timedelta(days=days),
            company=company,
            asked=asked,
        )
    assert interviews_view(tmp_path)["interviews"] == []


@pytest.mark.parametrize("number", [0, 2])
def test_only_an_interview_that_was_written_down_can_end(tmp_path: Path, number: int) -> None:
    interview_written(tmp_path, on=desk_at(tmp_path).clock.today, company="A", asked="x")
    with pytest.raises(UsageError, match="no interview"):
        interview_ended(tmp_path, number, "well")


def test_an_empty_table_has_rows_of_nothing_and_no_percent(tmp_path: Path) -> None:
    view = tracker_view(tmp_path)
    assert {row["group"] for row in view["rows"]} == {"skill", "case", "round"}
    for row in view["rows"]:
        assert row["done"] == 0
        assert row["days_since"] is None
        assert row["chances"]["came"] is None
        for name in ("plays", "own", "peer"):
            assert (row[name]["items"], row[name]["low"]) == (0, None)


def test_a_table_has_no_number_over_its_rows(tmp_path: Path) -> None:
    assert set(tracker_view(tmp_path)) == {"kind", "today", "note", "rows"}


def test_own_and_peers_readings_stay_apart(tmp_path: Path) -> None:
    desk, name = desk_at(tmp_path), "ship-new-recommender"
    lock_answer(desk, name, "We agree before training. Half a point may be lost.", seconds=5)
    read_answer(desk, name, {"together-before-training": [1], "regression-budget": [2]})
    read_answer(desk, name, {"together-before-training": [1]}, reader="Ada")
    rows = {row["name"]: row for row in tracker_view(tmp_path)["rows"]}
    for row in (rows["release call"], rows["technical"]):
        assert row["own"]["held"] == pytest.approx(2 / 9)
        assert row["peer"]["held"] == pytest.approx(1 / 9)
        assert (row["plays"]["items"], row["days_since"], row["done"]) == (0, 0, 1)


def test_days_since_are_days_of_the_calendar(tmp_path: Path) -> None:
    desk = desk_at(tmp_path)
    desk.write().add("recalled", "non-inferiority", {"grade": 3})
    for days in (0, 1, 9):
        view = tracker_view(tmp_path, desk_at(tmp_path).clock.today + timedelta(days=days))
        row = next(one for one in view["rows"] if one["name"] == "release call")
        assert row["days_since"] == days


def test_chances_are_held_against_what_came_from_six_on() -> None:
    stated = [(0.9, True), (0.9, False), (0.2, False), (0.2, False), (0.6, True)]
    assert chances(stated).came is None
    found = chances([*stated, (0.5, True)])
    assert found.count == ENOUGH
    assert found.stated == pytest.approx((0.9 + 0.9 + 0.8 + 0.8 + 0.6 + 0.5) / 6)
    assert found.came == pytest.approx(5 / 6)
