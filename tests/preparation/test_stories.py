"""Stories: what a listener would ask, how often each was told, and what was put down stays."""

from pathlib import Path

import pytest

from shipcall.app.prepare import Desk, desk_at
from shipcall.app.prepare_stories import (
    stories_view,
    story_added,
    story_form,
    story_markdown,
    story_used,
    story_view,
)
from shipcall.core import UsageError
from shipcall.preparation.question import Family
from shipcall.preparation.story import OFTEN, RULES, Story, fitting, story_lints

WHOLE = {
    "id": "late-prices",
    "title": "Prices that came late",
    "about": ["drift and incidents"],
    "situation": "For 5 hours sellers saw prices of another currency.",
    "data": "Rates of one country arrived as text.",
    "model": "It took them for zero and predicted prices 8 times too low.",
    "product": "61 sellers sold below cost.",
    "back": "The sales were logged and trained the next version.",
    "decision": "I took the model back everywhere, instead of in that country alone.",
    "evidence": "12 of the first 15 complaints were about one currency; 3 were not.",
    "result": "4,100 listings were wrong, some 3,800 to 4,500.",
    "process": "A listing in each currency is asked every 10 minutes.",
}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return desk_at(tmp_path)


def sheet(**changed: str) -> str:
    lines = []
    for name, told in {**WHOLE, **changed}.items():
        lines.append(f"{name} = {told!r}")
    return "\n".join(lines)


def rules(**changed: str) -> list[tuple[str, str]]:
    return [(one.rule, one.part) for one in story_lints(Story.model_validate({**WHOLE, **changed}))]


def test_a_whole_story_leaves_nothing_to_ask() -> None:
    assert rules() == []


@pytest.mark.parametrize(
    ("changed", "rule", "part"),
    [
        ({"result": "It went back to normal."}, "no-number", "result"),
        ({"result": "It fell by 12 %."}, "no-range", "result"),
        ({"decision": "We rolled back instead of waiting."}, "no-own-decision", "decision"),
        ({"decision": "I rolled back at once, everywhere."}, "no-alternative", "decision"),
        ({"back": ""}, "no-loop", "back"),
        ({"model": " - "}, "no-loop", "model"),
        ({"process": ""}, "no-process", "process"),
        ({"evidence": "?"}, "blank-field", "evidence"),
        ({"situation": "and then " * 40}, "long-situation", "situation"),
    ],
)
def test_a_listener_asks_for_what_is_not_there(
    changed: dict[str, str], rule: str, part: str
) -> None:
    assert (rule, part) in rules(**changed)
    assert rule in RULES


def test_an_empty_story_is_not_called_whole() -> None:
    bare = Story(id="bare", title="", about=(Family.PEOPLE,))
    assert {one.part for one in story_lints(bare)} == set(WHOLE) - {"id", "title", "about"}


def test_the_empty_frame_asks_for_a_family_first(desk: Desk) -> None:
    with pytest.raises(UsageError, match=r"about: Tuple should have at least 1 item") as wrong:
        story_added(desk, story_form("late-prices")["template"])
    assert "practice stories template" in str(wrong.value)
    assert desk.diary is None


@pytest.mark.parametrize("name", ["Late", "a b", "", "-x", "x--y"])
def test_what_is_no_id_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="is no id"):
        story_form(name)


def test_a_later_story_takes_the_place_and_the_diary_keeps_both(desk: Desk) -> None:
    story_added(desk, sheet(result="Fine."))
    assert story_added(desk, sheet())["lints"] == []
    assert len(stories_view(desk)["stories"]) == 1
    diary = desk.diary
    assert diary is not None
    assert len(diary.entries) == 2


def test_the_third_telling_warns_and_the_same_company_twice_does_too(desk: Desk) -> None:
    story_added(desk, sheet())
    story_used(desk, "late-prices", interview=False, to="lead-the-tariff-post-mortem")
    second = story_used(desk, "late-prices", interview=True, to="Acme")
    assert not second["told"]["often"]
    third = story_used(desk, "late-prices", interview=True, to=" acme ")
    assert third["told"] == {
        "rehearsals": 1,
        "interviews": 2,
        "companies": ["acme"],
        "often": True,
    }
    assert OFTEN == 3


def test_a_story_fits_questions_of_its_families_that_ask_for_events() -> None:
    found = [one.id for one in fitting(Story.model_validate(WHOLE))]
    assert "lead-the-tariff-post-mortem" in found
    assert "ship-new-recommender" not in found


def test_looking_at_stories_writes_nothing(desk: Desk) -> None:
    assert stories_view(desk)["stories"] == []
    assert not desk.folder.exists()


def test_a_story_that_is_not_there_is_refused(desk: Desk) -> None:
    with pytest.raises(UsageError, match=r"no story 'charm'\. There is none yet"):
        story_view(desk, "charm")
    story_added(desk, sheet())
    with pytest.raises(UsageError, match="There are: late-prices"):
        story_used(desk, "charm", interview=True)


def test_a_story_is_written_as_it_is_told(desk: Desk) -> None:
    text = story_markdown(story_added(desk, sheet(process="")))
    assert text.startswith("# Prices that came late\n\n**Situation.** For 5 hours")
    assert "Process" not in text
