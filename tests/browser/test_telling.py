"""Telling in a browser: a story of one's own, parts of a working day, an offer, and a grader."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from browsing import Visitor
from endpoint import Mood, endpoint
from flights import UNANSWERED
from shipcall.preparation.grading.provider import MODEL, URL
from shipcall.preparation.question import load_question
from shipcall.preparation.simulations import morning, postmortem

MINE = "A price per call is no bill."
SAID = f"{MINE}\nI ask how many calls a user makes."
SHOWN = {one.id: one.shown for one in load_question(UNANSWERED).criteria}


def pointing(_sent: str, criteria: list[str], sentences: list[str]) -> dict[str, list[int]]:
    """Find passages of the strong answer, and for the first criterion our own sentence."""
    found: dict[str, list[int]] = {name: [] for name in criteria}
    for place, sentence in enumerate(sentences, 1):
        for name in criteria:
            if SHOWN[name].split(".")[0] in sentence:
                found[name].append(place)
        if sentence == MINE:
            found[next(iter(SHOWN))].append(place)
    return found


@pytest.fixture
def mood(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mood]:
    """A grader on this machine that is named."""
    mood = Mood(reader=pointing)
    with endpoint(mood) as base:
        monkeypatch.setenv(URL, base)
        monkeypatch.setenv(MODEL, "small")
        yield mood


def locks(page: Page) -> None:
    """Answer a question that nobody answered, and lock the answer."""
    page.get_by_label("What you would say").fill(SAID)
    page.get_by_role("button", name="Lock my answer").click()
    expect(page.get_by_role("heading", name="A strong answer")).to_be_visible()


def seed_of(page: Page) -> int:
    """The drawing that a simulation shows, once it does."""
    page.wait_for_url("**?seed=*")
    return int(parse_qs(urlsplit(page.url).query)["seed"][0])


def named(page: Page, name: str) -> Locator:
    """A field."""
    return page.locator(f"[name='{name}']")


def test_a_grader_quotes_the_answer_and_says_that_nobody_proved_it(
    owner: Visitor, mood: Mood
) -> None:
    page = owner.goes(f"/prepare/question/{UNANSWERED}")
    expect(page.get_by_role("button", name="Ask the grader")).to_have_count(0)
    locks(page)
    assert mood.asked == []
    page.get_by_role("button", name="Ask the grader").click()
    told = page.locator("#grader ~ p").first
    expect(told).to_contain_text("small")
    expect(told).to_contain_text("Unvalidated")
    expect(told).to_contain_text(f"1 of {len(SHOWN)} criteria")
    quoted = page.locator("#grader ~ ul.criteria blockquote")
    expect(quoted).to_have_count(1)
    expect(quoted).to_have_text(f"“{MINE}”")
    expect(page.locator("p.tally")).to_have_count(0)
    assert mood.asked
    owner.goes("/prepare")
    expect(page.locator("main")).to_contain_text("was locked and not read")


def test_a_grader_that_is_down_says_so_and_practice_goes_on(owner: Visitor, mood: Mood) -> None:
    mood.status, mood.body = 503, b""
    page = owner.goes(f"/prepare/question/{UNANSWERED}")
    locks(page)
    page.get_by_role("button", name="Ask the grader").click()
    expect(page.get_by_role("alert")).to_contain_text("No reading by the grader")
    page.get_by_role("link", name="Back", exact=True).click()
    expect(page.get_by_role("button", name="Ask the grader")).to_be_visible()
    expect(page.locator("#grader ~ ul.criteria")).to_have_count(0)
    page.locator("table.pointing tbody tr").first.locator("input").first.check()
    page.get_by_role("button", name="Keep this reading").click()
    expect(page.locator("p.tally")).to_contain_text(f"1 of {len(SHOWN)} criteria met")


def test_an_incident_becomes_a_story_that_is_asked_about_and_told(owner: Visitor) -> None:
    page = owner.goes("/prepare/stories")
    page.get_by_label("Short name").fill("frozen-orders")
    page.get_by_label("Title").fill("Orders that froze")
    page.get_by_label("drift and incidents").check()
    named(page, "situation").fill("On 3 May 400 orders waited for an hour.")
    named(page, "decision").fill("We rolled back.")
    named(page, "result").fill("It got better.")
    page.get_by_role("button", name="Keep it", exact=True).click()
    expect(page.locator("h1")).to_have_text("Orders that froze")
    flags = page.locator("ul.flags")
    expect(flags).to_contain_text("what did you decide?")
    expect(flags).to_contain_text("An outcome without a number")
    page.get_by_text("Change it").click()
    named(page, "decision").fill("I took it back everywhere instead of waiting for a cause.")
    page.get_by_role("button", name="Keep it so").click()
    expect(flags).not_to_contain_text("what did you decide?")
    expect(flags).to_contain_text("An outcome without a number")
    page.get_by_label("To whom").fill("Acme")
    page.get_by_role("button", name="Told in an interview").click()
    expect(page.locator("#told")).to_contain_text("1 time in interviews")
    page.locator("nav.rooms").get_by_role("link", name="Stories").click()
    expect(page.locator("tbody tr", has_text="Orders that froze")).to_contain_text("no number")


def begins(owner: Visitor, name: str) -> tuple[Page, int]:
    """Begin a simulation with its clock."""
    page = owner.goes("/prepare/simulations")
    page.locator("li", has_text=name).get_by_role("button", name="Begin").click()
    seed = seed_of(page)
    expect(page.get_by_role("timer")).to_be_visible()
    return page, seed


def test_a_morning_is_put_in_order_and_held_against_the_best_one(owner: Visitor) -> None:
    page, seed = begins(owner, "A morning")
    items = morning.draw_inbox(seed).items
    ways = morning.best_ways(items)
    for place, name in enumerate(morning.best_order(items, ways), 1):
        named(page, f"place.{name}").fill(str(place))
        page.locator(f"[name='do.{name}'][value='{ways[name]}']").check()
    page.get_by_role("button", name="Hand it in").click()
    expect(page.locator("#score")).to_contain_text("lost on average")
    told = page.locator("dl.story dd")
    expect(told.nth(0)).to_have_text("0")
    expect(told.nth(1)).to_have_text("0")
    expect(page.locator("p.meta")).to_contain_text("within the clock")


def test_a_post_mortem_finds_causes_and_asks_for_owners(owner: Visitor) -> None:
    page, seed = begins(owner, "A post-mortem")
    incident = postmortem.draw_incident(seed)
    for place, event in enumerate(incident.scene.event, 1):
        named(page, f"place.{event.id}").fill(str(place))
    named(page, "seen").fill(str(incident.seen))
    blamed = next(one for one in incident.scene.statement if one.kind == "blame")
    cause = next(one for one in incident.scene.statement if one.kind == "contributing")
    named(page, f"cause.{blamed.id}").check()
    named(page, f"cause.{cause.id}").check()
    page.locator("fieldset", has=named(page, f"cause.{cause.id}")).locator("summary").click()
    named(page, f"what.{cause.id}").fill("Ask a listing in each currency")
    page.get_by_role("button", name="Hand it in").click()
    expect(page.locator("#score")).to_contain_text("0 of")
    expect(page.locator("#score")).to_contain_text("you named that day")
    flags = page.locator("ul.flags").first
    expect(flags.locator("li", has_text=cause.says)).to_contain_text("found")
    expect(flags.locator("li", has_text=blamed.says)).to_contain_text("blame")
    expect(page.get_by_role("heading", name="To be asked")).to_be_visible()


def test_a_minute_with_sales_is_timed_flagged_and_read(owner: Visitor) -> None:
    page, _ = begins(owner, "A minute with sales")
    page.get_by_label("What you would say").fill("It is always right. Ask us where it fails.")
    expect(page.locator("#words")).to_have_text("9 words")
    page.get_by_role("button", name="Hand it in").click()
    expect(page.locator("#score")).to_contain_text("9 words")
    expect(page.locator("ul.flags").first).to_contain_text("“It is always right.”")
    page.get_by_label("sentences that meet").first.fill("2")
    page.get_by_role("button", name="Keep this reading").click()
    expect(page.locator("main")).to_contain_text(re.compile(r"1 of \d+ met, read by you"))


def test_an_offer_is_filled_in_field_by_field(owner: Visitor) -> None:
    page = owner.goes("/prepare/negotiation")
    named(page, "walk_away").fill("a lot")
    page.get_by_role("button", name="Check and add up").click()
    expect(page.get_by_role("alert")).to_contain_text("Not kept yet")
    field = page.locator(".field", has=named(page, "walk_away"))
    expect(field).to_contain_text("is no number")
    named(page, "walk_away").fill("85,000")
    named(page, "non_cash").fill("Three days at home")
    named(page, "known.2.what").fill("base")
    named(page, "known.2.low").fill("80000")
    named(page, "known.2.high").fill("92000")
    named(page, "known.2.source").fill("the range in the advert")
    named(page, "known.2.as_of").fill("October 2026")
    page.get_by_role("button", name="Check and add up").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator("main")).to_contain_text("No rule finds anything that is not there.")
    expect(page.locator("main")).to_contain_text("below your walk-away")
    expect(named(page, "known.2.source")).to_have_value("the range in the advert")
