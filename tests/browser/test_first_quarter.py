"""The first quarter of an hour in a browser: a company, where one begins, the question, today."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from browsing import Visitor, served
from shipcall.preparation.diagnostic import CARDS, CLAIMS
from shipcall.preparation.question import load_question

SAID = "Before training we write down what better means.\nNew users may lose half a point."


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Address of a server on a folder in which nothing was done."""
    monkeypatch.setattr("shipcall.preparation.diagnostic.SPOTS", 1)
    root = tmp_path / "mine"
    (root / ".shipcall").mkdir(parents=True)
    with served(root) as site:
        yield site


def begins(page: Page) -> None:
    """Name company and day."""
    page.get_by_label("Company").fill("Google")
    page.get_by_label("Day of the interview").fill(page.evaluate(_IN_30_DAYS))
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/prepare/diagnostic")


_IN_30_DAYS = "new Date(Date.now() + 30 * 864e5).toISOString().slice(0, 10)"


def decides(page: Page) -> None:
    """Make one call and give one chance, while the clock runs."""
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Start the clock").click()
    expect(page.get_by_role("timer")).to_be_visible(timeout=60_000)
    page.locator("input[name=call]").first.check()
    page.get_by_label("How likely").fill("60")
    page.get_by_role("button", name="Lock it").click()
    expect(page.locator("form.onething")).to_be_visible(timeout=60_000)


def goes_on(page: Page) -> None:
    """Claims, cards, and two answers."""
    for done in range(CLAIMS):
        expect(page.locator("ol.steps [aria-current]")).to_contain_text(f"{done} of {CLAIMS}")
        page.get_by_label("How likely").fill("70")
        page.get_by_role("button", name="Next").click()
    for done in range(CARDS):
        expect(page.locator("ol.steps [aria-current]")).to_contain_text(f"{done} of {CARDS}")
        page.get_by_role("link", name="Say it").click()
        page.locator("form.grades button").nth(done % 4).click()
    page.get_by_role("button", name="This one is weak").first.click()
    expect(page.locator("table.modest")).to_contain_text("not enough seen")


def ends_the_day(page: Page) -> None:
    """Read the lesson of today, which ticks itself, and tick by hand what was done on paper."""
    page.locator("ol.todo a[href^='/prepare/lesson/']").first.click()
    page.get_by_role("button", name="Read the lesson").click()
    expect(page.get_by_role("heading", name="To be remembered")).to_be_visible()
    page.locator("nav.rooms").get_by_role("link", name="Preparing").click()
    expect(page.locator("ol.todo li.done", has_text="Lesson")).to_have_count(1)
    page.wait_for_load_state()
    while page.get_by_role("button", name="Tick").count():
        left = page.get_by_role("button", name="Tick").count()
        page.get_by_role("button", name="Tick").first.click()
        expect(page.get_by_role("button", name="Tick")).to_have_count(left - 1)
        page.wait_for_load_state()
    tasks = page.locator("ol.todo li")
    expect(tasks.filter(has_text="done")).to_have_count(tasks.count())
    expect(page.locator("h1")).to_contain_text("Google")
    expect(page).to_have_url(re.compile(r"/prepare#work$"))
    page.locator("nav.rooms").get_by_role("link", name="Plan").click()
    expect(page.locator("ol.days li").first).to_contain_text("done")
    expect(page.locator("ol.days")).to_contain_text("(a forecast)")
    page.locator("nav.rooms").get_by_role("link", name="Cards").click()
    expect(page.locator(".onecard .front")).to_be_visible()


def test_a_newcomer_has_todays_work_after_a_quarter_of_an_hour(
    browser: Browser, empty: str
) -> None:
    newcomer = Visitor(browser, empty)
    page = newcomer.goes("/prepare")
    begins(page)
    decides(page)
    goes_on(page)
    strong = load_question("ship-new-recommender").strong[:40]
    page.get_by_role("link", name="Research hands you").click()
    expect(page.get_by_label("What you would say")).to_be_visible()
    assert strong not in page.content()
    page.get_by_label("What you would say").fill(SAID)
    page.get_by_role("button", name="Lock my answer").click()
    expect(page.get_by_role("heading", name="A strong answer")).to_be_visible()
    page.locator("nav.rooms").get_by_role("link", name="Preparing").click()
    first = page.locator("ol.todo li").first
    expect(first).to_contain_text("done")
    expect(page.locator("h1")).to_contain_text("days left")
    ends_the_day(page)
    newcomer.leaves()
