"""The plan: what a loop asks, what is open, days that are replanned, tasks that tick themselves."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import binomtest

from shipcall.app.prepare import desk_at, lock_answer, read_answer
from shipcall.app.prepare_plan import aim_view, begin_plan, plan_view, tick, today_view
from shipcall.core import UsageError
from shipcall.practice.finished import Finished
from shipcall.practice.journal import Entry
from shipcall.preparation.aim import FARTHEST, SHORT, Aim, aimed, day_of, loops_of, remarks
from shipcall.preparation.lesson import lesson_slugs
from shipcall.preparation.loop import load_loop
from shipcall.preparation.plan import (
    CASES_A_DAY,
    TITLES,
    Known,
    Plan,
    Shelved,
    plan,
    themes_from,
)
from shipcall.preparation.question import Family, question_ids
from shipcall.preparation.seen import items_of, placed
from shipcall.preparation.skills import (
    ENOUGH,
    FLOOR,
    PRIOR_GAP,
    Held,
    Item,
    floored,
    gap,
    held,
    needs,
    skill_of_case,
    skills,
    weights,
)
from shipcall.preparation.tasks import papers

TODAY = date(2026, 11, 22)


def aim_in(days: int, *, hours: float = 6.0, company: str = "Anthropic") -> Aim:
    return aimed(company, TODAY + timedelta(days=days), today=TODAY, hours=hours)


def known(aim: Aim, *, items: list[Item] | None = None, diagnosed: bool = True) -> Known:
    cases = [
        Shelved(
            id=f"C{n:02d}",
            slug=f"case-{n}",
            title=f"Case {n}",
            minutes=12,
            skill=skill_of_case(f"C{n:02d}"),
            due=None,
        )
        for n in (1, 3, 6, 7, 8, 10, 11, 16, 17, 18, 20, 21, 24, 33)
    ]
    return Known(needs=needs(aim.loops, items or []), cases=cases, diagnosed=diagnosed)


def planned(days: int, *, hours: float = 6.0) -> Plan:
    aim = aim_in(days, hours=hours)
    return plan(aim, TODAY, known(aim))


def test_there_is_a_skill_for_every_family_and_every_lesson_belongs_to_one() -> None:
    assert {one.family for one in skills()} == set(Family)
    slugs = [slug[3:] for slug in lesson_slugs()]
    assert sorted(slug for one in skills() for slug in one.lessons) == sorted(slugs)


def test_every_transfer_has_a_sentence_that_says_on_what_it_rests() -> None:
    assert all(one.why.endswith(".") and 0 < one.transfer <= 1 for one in skills())


def test_a_round_asks_for_a_skill_as_often_as_the_bank_does() -> None:
    found = weights([load_loop("generic")])
    assert sum(found.values()) == pytest.approx(1)
    assert all(share > 0 for share in found.values())


def test_two_accounts_of_one_company_count_alike() -> None:
    one, other = load_loop("google-rounds"), load_loop("google-weights")
    both = weights([one, other])
    apart = [weights([one]), weights([other])]
    for name, share in both.items():
        assert share == pytest.approx(sum(found[name] for found in apart) / 2)


def test_a_gap_is_half_until_something_was_seen_and_only_data_from_six_items_on() -> None:
    assert gap(held([])) == PRIOR_GAP
    bad = [Item(skill="data", source="plays", held=0.0, wall=0.0)] * ENOUGH
    assert gap(held(bad[:2])) == pytest.approx((2 + 4 * 0.5) / 6)
    assert gap(held(bad)) == 1


def test_the_interval_of_what_was_held_is_clopper_pearson() -> None:
    """scipy.stats.binomtest(3, 10).proportion_ci(0.90, "exact")"""
    items = [Item(skill="data", source="plays", held=float(n < 3), wall=0.0) for n in range(10)]
    found, oracle = held(items), binomtest(3, 10).proportion_ci(0.90, "exact")
    assert found.low == pytest.approx(oracle.low)
    assert found.high == pytest.approx(oracle.high)


def test_of_nothing_there_is_no_interval() -> None:
    assert held([]) == Held(items=0, held=0.0, low=None, high=None)


@given(st.lists(st.floats(0, 10), min_size=1, max_size=20))
@example([0.0, 5e-324])
def test_shares_of_time_have_a_floor_and_sum_to_one(raw: list[float]) -> None:
    found = floored({str(n): value for n, value in enumerate(raw)})
    assert sum(found.values()) == pytest.approx(1)
    assert all(share >= min(FLOOR, 1 / len(raw)) - 1e-9 for share in found.values())


def test_above_the_floor_shares_are_in_proportion() -> None:
    found = floored({"a": 4.0, "b": 2.0, "c": 0.0})
    assert found["a"] / found["b"] == pytest.approx(2)
    assert found["c"] == FLOOR


def test_what_went_badly_gets_more_time_than_what_went_well() -> None:
    loops = aim_in(30).loops
    for share, better in ((0.0, False), (1.0, True)):
        items = [Item(skill="design", source="plays", held=share, wall=0.0)] * ENOUGH
        before = {one.skill: one.share for one in needs(loops, [])}
        after = {one.skill: one.share for one in needs(loops, items)}
        assert (after["design"] < before["design"]) is better


@pytest.mark.parametrize(
    ("stated", "so", "well"), [(1.0, True, 1.0), (0.5, False, 0.0), (0.0, True, 0.0)]
)
def test_a_chance_is_placed_against_saying_a_half(stated: float, so: bool, well: float) -> None:  # noqa: FBT001
    assert placed(stated, so=so) == well


def test_a_drawing_that_was_seen_before_tells_nothing() -> None:
    play = Finished(
        id="a",
        case="C01",
        mode="spot",
        at="2026-11-22T10:00:00Z",
        seconds=1,
        minutes=0,
        extra_time=1,
        chosen=True,
        hints=0,
        repeat=False,
        sheet={},
        score={"decision": {"as_looked": 0.25, "loss_share": 0.5, "grade": "good"}, "claims": []},
        so={},
    )
    (item,) = items_of((), [play])
    assert (item.skill, item.held) == ("release call", 0.75)
    assert items_of((), [replace(play, repeat=True)]) == []
    assert items_of((), [replace(play, mode="stress")])[0].held == 0.5


@pytest.mark.parametrize("name", ["Google", "google", "  GOOGLE "])
def test_a_company_is_found_however_it_is_written(name: str) -> None:
    assert {one.id for one in loops_of(name)} == {"google-rounds", "google-weights"}


def test_an_unknown_company_gets_the_generic_loop_and_is_told_so() -> None:
    aim = aim_in(30, company="Haberdashers United")
    assert [one.id for one in aim.loops] == ["generic"]
    assert "generic loop" in " ".join(remarks(aim, TODAY))


@pytest.mark.parametrize("days", [-1, -400, FARTHEST + 1])
def test_a_day_that_is_past_or_far_away_is_refused(days: int) -> None:
    with pytest.raises(UsageError, match=r"past|right"):
        aim_in(days)


@pytest.mark.parametrize(
    ("days", "word"),
    [(0, "today"), (1, "tomorrow"), (5, "mixed"), (20, "pressed"), (30, "whole"), (90, "until 30")],
)
def test_every_distance_has_its_words(days: int, word: str) -> None:
    assert word in remarks(aim_in(days), TODAY)[-1]


@pytest.mark.parametrize("text", ["30d", "30 days", "2026-12-22", " 30D "])
def test_a_day_is_a_date_or_a_number_of_days(text: str) -> None:
    assert day_of(text, TODAY) == date(2026, 12, 22)


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "22.12.2026", "-3d"])
def test_other_words_are_no_day(text: str) -> None:
    with pytest.raises(UsageError, match="is no day"):
        day_of(text, TODAY)


@given(st.integers(0, 120))
def test_a_plan_has_one_theme_for_every_day_until_the_interview(days: int) -> None:
    themes = themes_from(aim_in(days), TODAY)
    assert len(themes) == days
    assert set(themes) <= set(TITLES)
    if days <= SHORT:
        assert set(themes) <= {"mixed", "mocks"}
    else:
        assert (themes[0], themes[-2:]) == ("begin", ["light", "rest"])
        assert "mocks" in themes


def test_more_than_a_month_begins_gently() -> None:
    themes = themes_from(aim_in(45), TODAY)
    assert themes[1:16] == ["gently"] * 15


def test_thirty_days_are_shaped_as_announced() -> None:
    themes = themes_from(aim_in(30), TODAY)
    assert [themes.count(name) for name in ("core", "rollout", "incidents", "users")] == [
        4,
        5,
        5,
        3,
    ]
    assert themes[27] == "weakest"


@given(st.integers(1, 60), st.floats(1, 40))
def test_no_day_has_more_than_two_cases_and_no_task_comes_twice_but_cases_and_habits(
    days: int, hours: float
) -> None:
    made = planned(days, hours=hours)
    once = [
        one.id
        for day in made.days
        for one in day.tasks
        if one.kind not in {"cards", "spot", "case"}
    ]
    assert len(once) == len(set(once))
    for day in made.days:
        assert sum(one.kind == "case" for one in day.tasks) <= CASES_A_DAY
        assert day.tasks or day.theme == "rest"


@pytest.mark.parametrize("hours", [2.0, 6.0, 14.0])
def test_a_day_takes_about_the_minutes_there_are(hours: float) -> None:
    made = planned(30, hours=hours)
    minutes = [day.minutes for day in made.days if day.theme not in {"rest", "mocks", "begin"}]
    assert sum(minutes) / len(minutes) == pytest.approx(hours * 60 / 7, rel=0.5)


def test_a_rehearsal_takes_two_days_and_is_followed_by_another_kind_of_day() -> None:
    kinds = [
        [one.kind for one in day.tasks if one.kind in {"loop", "packets"}]
        for day in planned(30).days
        if day.theme == "mocks"
    ]
    assert kinds == [["loop"], ["packets"], [], ["loop"], ["packets"]]


def test_a_rehearsal_that_was_begun_goes_on() -> None:
    aim = aim_in(2)
    begun = replace(known(aim), rehearsals=1, unread=True)
    made = plan(aim, TODAY, begun)
    assert [one.kind for one in made.days[1].tasks if one.kind in {"loop", "packets"}] == [
        "packets"
    ]


def test_without_a_diagnostic_it_is_the_first_thing_on_whichever_day() -> None:
    for days in (1, 10, 30, 60):
        aim = aim_in(days)
        made = plan(aim, TODAY, known(aim, diagnosed=False))
        assert [one.kind for one in made.days[0].tasks].count("diagnostic") == 1


def test_what_is_due_again_comes_before_what_is_new() -> None:
    aim = aim_in(20)
    there = known(aim)
    cases = [replace(one, due=TODAY) if one.id == "C24" else one for one in there.cases]
    made = plan(aim, TODAY + timedelta(days=2), replace(there, cases=cases))
    assert next(one.id for one in made.days[0].tasks if one.kind == "case") == "case-C24"


def test_what_was_done_does_not_come_again() -> None:
    aim = aim_in(30)
    done = replace(
        known(aim),
        questions=frozenset(question_ids()),
        lessons=frozenset(slug[3:] for slug in lesson_slugs()),
        ticked=frozenset(one.id for one in papers()),
    )
    kinds = {one.kind for day in plan(aim, TODAY, done).days for one in day.tasks}
    assert not kinds & {"question", "lesson", "paper"}


def test_thirty_days_deal_everything_that_is_done_on_paper() -> None:
    dealt = [one.id for day in planned(30).days for one in day.tasks if one.kind == "paper"]
    assert sorted(dealt) == sorted(one.id for one in papers())
    assert Counter(one.wish for one in papers()) == {"P95": 7, "P96": 7, "P97": 5}


def test_a_plan_is_the_same_each_time_it_is_asked() -> None:
    assert planned(30) == planned(30)


def test_looking_at_a_plan_before_it_was_begun_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="practice begin"):
        plan_view(tmp_path)


def test_the_newest_aim_counts_and_keeps_its_loops(tmp_path: Path) -> None:
    begin_plan(tmp_path, "Valve", "20d", today=TODAY)
    begin_plan(tmp_path, "Meta", "10d", hours=3, today=TODAY)
    found = aim_view(tmp_path, TODAY)
    assert (found["company"], found["days"], found["hours"]) == ("Meta", 10, 3)
    assert [one["id"] for one in found["loops"]] == ["meta-rounds", "meta-weights"]


def test_a_loop_may_be_chosen_or_brought(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(
        'id = "mine"\ncompany = "Mine"\nsays = "One."\nclaimed_by = "a friend"\nstatus = "own"\n'
        'round = [{ name = "one", kind = "technical" }]\n',
        encoding="utf-8",
    )
    found = begin_plan(tmp_path, "Mine", "9d", loops=["openai", str(mine)], today=TODAY)
    assert [one["id"] for one in found["loops"]] == ["openai", "mine"]
    assert found["known"]


def test_what_is_done_today_is_ticked_and_changes_the_next_morning(tmp_path: Path) -> None:
    begin_plan(tmp_path, "Anthropic", "30d")
    tomorrow = desk_at(tmp_path).clock.today + timedelta(days=1)
    before = today_view(tmp_path)["day"]["tasks"]
    desk = desk_at(tmp_path)
    lesson = next(one for one in before if one["kind"] == "lesson")
    slug = lesson["id"].removeprefix("lesson-")
    desk.write().add("taught", slug, {})
    after = today_view(tmp_path)["day"]["tasks"]
    assert [one["id"] for one in after] == [one["id"] for one in before]
    assert [one["id"] for one in after if one["done"]] == [lesson["id"]]
    later = plan_view(tmp_path, tomorrow)
    assert lesson["id"] not in {one["id"] for day in later["days"] for one in day["tasks"]}
    assert len(later["days"]) == 29


def test_a_question_is_done_when_it_was_answered_and_read(tmp_path: Path) -> None:
    begin_plan(tmp_path, "Anthropic", "30d", hours=20)
    name = "ship-new-recommender"
    tasks = [one for one in today_view(tmp_path)["day"]["tasks"] if one["kind"] == "question"]
    name = tasks[0]["id"].removeprefix("question-")
    desk = desk_at(tmp_path)
    lock_answer(desk, name, "I would hold it.", seconds=5)
    assert not _done(tmp_path, tasks[0]["id"])
    read_answer(desk, name, {})
    assert _done(tmp_path, tasks[0]["id"])


def test_paper_is_ticked_by_hand_and_does_not_come_back(tmp_path: Path) -> None:
    begin_plan(tmp_path, "Anthropic", "6d")
    paper = next(one for one in today_view(tmp_path)["day"]["tasks"] if one["kind"] == "paper")
    tick(tmp_path, paper["id"])
    assert _done(tmp_path, paper["id"])
    later = plan_view(tmp_path, desk_at(tmp_path).clock.today + timedelta(days=1))
    assert paper["id"] not in {one["id"] for day in later["days"] for one in day["tasks"]}


def test_only_what_is_on_the_list_is_ticked(tmp_path: Path) -> None:
    begin_plan(tmp_path, "Anthropic", "6d")
    with pytest.raises(UsageError, match="no task"):
        tick(tmp_path, "sleep")


def test_after_the_interview_there_is_nothing_to_do_but_to_write_it_down(tmp_path: Path) -> None:
    begin_plan(tmp_path, "Anthropic", "3d", today=TODAY)
    view = today_view(tmp_path, TODAY + timedelta(days=5))
    assert view["day"] is None
    assert "interviews --add" in view["aim"]["remarks"][-1]


def _done(place: Path, task: str) -> bool:
    return next(bool(o["done"]) for o in today_view(place)["day"]["tasks"] if o["id"] == task)


def test_a_recall_counts_once_and_in_the_persons_own_eyes() -> None:
    entries = [
        Entry(
            n=n,
            wall=float(n),
            seconds=0.0,
            did="recalled",
            what="non-inferiority",
            held={"grade": g},
        )
        for n, g in enumerate((1, 3))
    ]
    (item,) = items_of(entries, ())
    assert (item.source, item.held) == ("cards", 1.0)
