"""Pages of the plan: a quarter of an hour from a company's name to today's work, by forms alone."""

import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from starlette.routing import Match
from starlette.testclient import TestClient

from asking import TOKEN, client_of
from flights import patient
from practice.shelves import use_shelf
from shipcall.app import prepare_diagnostic
from shipcall.app.prepare import desk_at, lesson_told
from shipcall.app.prepare_plan import begin_plan, plan_view
from shipcall.cli.main import shipcall
from shipcall.preparation.diagnostic import APART, CARDS, CLAIMS
from shipcall.preparation.question import load_question
from shipcall.web.practice import halls


class Newcomer:
    """Somebody who opens the pages for the first time, without JavaScript."""

    def __init__(self, root: Path) -> None:
        self.client: TestClient = client_of(root)

    def sees(self, address: str) -> str:
        got = self.client.get(address)
        assert got.status_code == 200, got.text
        return unescape(got.text)

    def posts(self, address: str, **fields: str) -> Response:
        got: Response = self.client.post(address, data={"token": TOKEN} | fields)
        return got

    def does(self, address: str, **fields: str) -> str:
        got = self.posts(address, **fields)
        assert got.status_code == 303, got.text
        return str(got.headers["location"])

    def hidden(self, address: str, name: str) -> str:
        return self.hidden_of(self.sees(address), name)

    def hidden_of(self, page: str, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', page)
        assert found is not None
        return found[1]


AT = "/prepare/diagnostic"


@pytest.fixture(autouse=True)
def waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for whatever takes long, as these tests cannot watch a job."""
    patient(monkeypatch)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder, two small cases to decide, and a diagnostic with both of them."""
    use_shelf(tmp_path / "shelf", monkeypatch)
    monkeypatch.setattr("shipcall.preparation.diagnostic.SPOTS", 2)
    root = tmp_path / "work"
    root.mkdir()
    yield root
    halls.hall_of.cache_clear()


def diagnosed(root: Path) -> dict[str, Any]:
    """Where the diagnostic stands."""
    return prepare_diagnostic.diagnostic_view(root)


@pytest.mark.slow
def test_a_newcomers_first_quarter_of_an_hour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shipcall.preparation.diagnostic.SPOTS", 1)
    person = Newcomer(tmp_path)
    assert "Name company and day" in person.sees("/prepare/today")
    assert person.does("/prepare/begin", company="Anthropic", interview="30d", hours="6") == AT
    assert person.does(f"{AT}/begin") == AT
    for _ in range(1):
        assert person.does(f"{AT}/spot") == AT
        page = person.sees(AT)
        option = re.search(r'name="call" value="([^"]+)"', page)
        assert option is not None
        assert 'role="timer"' in page
        assert person.does(f"{AT}/call", call=option[1], chance="60") == AT
    for _ in range(CLAIMS):
        assert person.does(f"{AT}/claim", id=person.hidden(AT, "id"), chance="70") == AT
    for _ in range(CARDS):
        front = person.sees(AT)
        shown = re.search(r"shown=([a-z0-9-]+)", front)
        assert shown is not None
        assert 'name="grade"' not in front
        assert 'name="grade"' in person.sees(f"{AT}?shown={shown[1]}")
        assert person.does(f"{AT}/card", id=shown[1], grade="good") == AT
    assert load_question(APART).asks in person.sees(AT)
    assert person.does(f"{AT}/apart", weak="1") == AT
    page = person.sees(AT)
    assert page.count("not enough seen") >= 10
    assert "/prepare/question/ship-new-recommender" in page
    assert "/prepare/lesson/" in person.sees("/prepare/today")


def decides(person: Newcomer, **fields: str) -> str:
    """Start the clock of the decision whose story lies there, and send the sheet."""
    person.does(f"{AT}/spot")
    option = person.hidden_of(person.sees(AT), "call")
    sheet = {"play": person.hidden(AT, "play"), "call": option, "chance": "60"}
    person.does(f"{AT}/call", **sheet | fields)
    return sheet["play"]


def test_a_story_is_read_before_its_clock_runs(shelf: Path) -> None:
    person = Newcomer(shelf)
    person.does(f"{AT}/begin")
    page = person.sees(AT)
    assert "A tiny release" in page or "A tinier release" in page
    assert "Start the clock" in page
    assert 'role="timer"' not in page
    assert 'name="call"' not in page
    person.does(f"{AT}/spot")
    assert 'role="timer"' in person.sees(AT)


def test_one_begun_elsewhere_shows_the_story_before_its_clock_too(shelf: Path) -> None:
    prepare_diagnostic.begin_diagnostic(shelf)
    person = Newcomer(shelf)
    assert "Show the story" in person.sees(AT)
    person.does(f"{AT}/spot")
    page = person.sees(AT)
    assert "Start the clock" in page
    assert 'role="timer"' not in page


def test_a_sheet_sent_twice_decides_one_release(shelf: Path) -> None:
    person = Newcomer(shelf)
    person.does(f"{AT}/begin")
    first = decides(person)
    assert diagnosed(shelf)["done"]["spots"] == [1, 2]
    person.does(f"{AT}/call", play=first, call="ship", chance="60")
    person.does(f"{AT}/spot")
    person.does(f"{AT}/call", play=first, call="ship", chance="60")
    assert diagnosed(shelf)["done"]["spots"] == [1, 2]
    assert 'role="timer"' in person.sees(AT)


def test_begin_pressed_twice_draws_one_diagnostic(shelf: Path) -> None:
    person = Newcomer(shelf)
    person.does(f"{AT}/begin")
    drawn = diagnosed(shelf)["next"]
    person.does(f"{AT}/begin")
    assert diagnosed(shelf)["next"] == drawn


def test_at_the_end_every_decision_leads_to_its_debrief(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = Newcomer(shelf)
    person.does(f"{AT}/begin")
    plays = [decides(person), decides(person)]
    for part in ("claims", "cards"):
        monkeypatch.setitem(prepare_diagnostic._COMING, part, lambda *_: None)  # noqa: SLF001
    person.does(f"{AT}/apart", weak="1")
    person.does(f"{AT}/apart", weak="2")
    page = person.sees(AT)
    for play in plays:
        assert f'href="/practice/play/{play}/debrief"' in page
    told = diagnosed(shelf)["told"]
    assert [one["play"] for one in told["spots"]] == plays
    assert told["apart"]["said"] == 1


def test_a_button_pressed_twice_answers_one_claim(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepare_diagnostic, "_next_spot", lambda *_: None)
    coming = {**prepare_diagnostic._COMING, "spots": lambda *_: None}  # noqa: SLF001
    monkeypatch.setattr(prepare_diagnostic, "_COMING", coming)
    person = Newcomer(tmp_path)
    person.does(f"{AT}/begin")
    first = person.hidden(AT, "id")
    person.does(f"{AT}/claim", id=first, chance="70")
    person.does(f"{AT}/claim", id=first, chance="20")
    assert prepare_diagnostic.diagnostic_view(tmp_path)["done"]["claims"] == [1, CLAIMS]


@pytest.mark.parametrize("name", ["today", "plan"])
def test_before_it_is_begun_a_page_says_how_and_its_twin_is_an_error(
    tmp_path: Path, name: str
) -> None:
    person = Newcomer(tmp_path)
    assert "/prepare/begin" in person.sees(f"/prepare/{name}")
    got = person.client.get(f"/prepare/{name}.json")
    assert got.status_code >= 400
    assert "practice begin" in got.text


def test_a_day_that_makes_no_sense_is_refused_in_words(tmp_path: Path) -> None:
    got = Newcomer(tmp_path).posts("/prepare/begin", company="A", interview="1999-01-01")
    assert got.status_code >= 400
    assert "past" in got.text


def test_a_chosen_loop_is_taken(tmp_path: Path) -> None:
    person = Newcomer(tmp_path)
    fields = {"company": "Nobody", "interview": "9d", "hours": "", "loop.openai": "1"}
    person.does("/prepare/begin", **fields)
    assert "openai" in person.sees("/prepare/plan")


def test_the_first_page_asks_for_company_and_day_and_then_holds_todays_work(
    tmp_path: Path,
) -> None:
    person = Newcomer(tmp_path)
    page = person.sees("/prepare")
    assert 'action="/prepare/begin"' in page
    assert 'class="todo"' not in page
    person.does("/prepare/begin", company="Anthropic", interview="30d", hours="6")
    page = person.sees("/prepare")
    assert 'action="/prepare/begin"' not in page
    assert "Anthropic" in page
    assert "30 days left" in page
    for one in plan_view(tmp_path)["days"][0]["tasks"]:
        assert f"{one['minutes']} min" in page
        assert one["kind"] == "paper" or f'href="{one["page"]}"' in page
        assert f'name="task" value="{one["id"]}"' in page
    assert "%" not in re.sub(r"<[^>]*>", "", page)


def test_a_task_ticked_on_the_first_page_is_done_there(tmp_path: Path) -> None:
    person = Newcomer(tmp_path)
    begin_plan(tmp_path, "Valve", "6d")
    before = person.sees("/prepare")
    (task, *_) = re.findall(r'name="task" value="([a-z0-9-]+)"', before)
    assert person.does("/prepare/today/tick", task=task, back="/prepare") == "/prepare#work"
    page = person.sees("/prepare")
    assert f'name="task" value="{task}"' not in page
    assert "1 of " in page
    elsewhere = person.does("/prepare/today/tick", task=task, back="https://example.com")
    assert elsewhere == "/prepare/today#work"


def test_the_first_page_says_how_many_cards_are_due_and_after_the_interview_what_to_do(
    tmp_path: Path,
) -> None:
    person = Newcomer(tmp_path)
    begin_plan(tmp_path, "Valve", "6d")
    lesson_told(desk_at(tmp_path), "the-call")
    assert "3 cards due" in person.sees("/prepare")
    begin_plan(tmp_path, "Valve", "3d", today=date(2026, 1, 5))
    page = person.sees("/prepare")
    assert "Write it down" in page
    assert 'class="todo"' not in page


def test_a_case_of_today_is_played_from_the_list(tmp_path: Path) -> None:
    begin_plan(tmp_path, "Valve", "6d", hours=20)
    page = Newcomer(tmp_path).sees("/prepare")
    cases = re.findall(r'name="case" value="([^"]+)"', page)
    tasks = plan_view(tmp_path)["days"][0]["tasks"]
    assert cases
    assert cases == [one["id"].removeprefix("case-") for one in tasks if one["kind"] == "case"]


def test_a_zone_is_named_on_the_page_and_one_that_is_not_known_refused(tmp_path: Path) -> None:
    person = Newcomer(tmp_path)
    fields = {"company": "Valve", "interview": "6d", "hours": "6"}
    assert person.posts("/prepare/begin", **fields, zone="Mars").status_code == 400
    assert "Days begin at midnight of this clock" in person.sees("/prepare")
    person.does("/prepare/begin", **fields, zone="Asia/Kathmandu")
    page = person.sees("/prepare/begin")
    assert 'value="Asia/Kathmandu"' in page
    assert "5:45 ahead of UTC" in page


def test_paper_is_ticked_on_the_page(tmp_path: Path) -> None:
    begin_plan(tmp_path, "Valve", "6d")
    person = Newcomer(tmp_path)
    paper = re.search(r'name="task" value="([a-z-]+)">Done', person.sees("/prepare/today"))
    assert paper is not None
    person.does("/prepare/today/tick", task=paper[1])
    page = person.sees("/prepare/today")
    assert "1 of " in page
    assert f'value="{paper[1]}"' not in page


@pytest.mark.parametrize(
    ("ending", "begins"),
    [(".ics", "BEGIN:VCALENDAR\r\n"), (".md", "# "), (".txt", "#separator:tab")],
)
def test_the_plan_is_taken_away_as_a_file(tmp_path: Path, ending: str, begins: str) -> None:
    begin_plan(tmp_path, "Valve", "6d")
    got = Newcomer(tmp_path).client.get(f"/prepare/plan{ending}")
    assert got.status_code == 200
    assert got.content.decode("utf-8").startswith(begins)


def test_an_interview_is_written_down_and_ended(tmp_path: Path) -> None:
    person = Newcomer(tmp_path)
    person.does("/prepare/interviews", company="<b>A</b>", asked="one\r\ntwo", said="three")
    person.does("/prepare/interviews/ended", of="1", ended="a letter")
    page = person.client.get("/prepare/interviews").text
    assert "<b>A</b>" not in page
    assert "a letter" in page


def test_every_task_of_a_plan_leads_to_a_page_and_a_command_that_are_there(tmp_path: Path) -> None:
    begin_plan(tmp_path, "Google", "45d", hours=20)
    app = client_of(tmp_path).app
    tasks = [one for day in plan_view(tmp_path)["days"] for one in day["tasks"]]
    assert {one["kind"] for one in tasks} >= {"lesson", "question", "case", "form", "loop", "paper"}
    routes = app.routes  # type: ignore[attr-defined]
    practice = shipcall.commands["practice"].commands  # type: ignore[attr-defined]
    for one in tasks:
        scope = {"type": "http", "method": "GET", "path": one["page"]}
        assert any(route.matches(scope)[0] is Match.FULL for route in routes), one["page"]
        assert one["command"].split()[2] in practice, one["command"]
