"""Preparing in a browser: a question, a lesson and a rehearsal, by clicking, as people do it."""

import re

from playwright.sync_api import Browser, Page, expect

from browsing import Visitor, presses
from flights import UNANSWERED
from shipcall.preparation.question import load_question

SAID = "A price per call is no bill.\nI ask how many calls a user makes, and say 40 to 60 cents."


def reads(page: Page, *places: int) -> None:
    """Tick the first criteria at these sentences, and keep the reading."""
    for place in places:
        page.locator("table.pointing tbody tr").nth(place - 1).locator("input").first.check()
    page.get_by_role("button", name="Keep this reading").click()
    expect(page.locator("ol.criteria")).to_be_visible()


def answered(page: Page) -> None:
    """Answer the question of the bank that nobody answered, lock it, and read it."""
    one = load_question(UNANSWERED)
    page.locator("nav.rooms").get_by_role("link", name="Questions").click()
    page.get_by_label("Search").fill("nine million")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("ul.asked a")).to_have_count(1)
    page.locator("ul.asked a").click()
    expect(page.locator("h1")).to_have_text("Price per call")
    page.get_by_label("What you would say").fill("A price per call")
    page.get_by_role("button", name="Start the clock").click()
    expect(page.get_by_role("timer")).to_be_visible()
    expect(page.get_by_label("What you would say")).to_have_value("A price per call")
    assert one.strong[:30] not in page.content()
    page.get_by_label("What you would say").fill(SAID)
    page.get_by_role("button", name="Lock my answer").click()
    expect(page.get_by_role("heading", name="A strong answer")).to_be_visible()
    expect(page.locator("table.pointing tbody tr")).to_have_count(2)
    reads(page, 1, 2)
    quoted = page.locator("ol.criteria li").first
    expect(quoted).to_contain_text("“A price per call is no bill.”")
    expect(quoted).to_contain_text("40 to 60 cents")
    expect(page.locator("p.tally")).to_contain_text(f"1 of {len(one.criteria)} criteria met")


def test_a_question_is_answered_locked_and_read(owner: Visitor) -> None:
    page = owner.goes("/practice")
    page.get_by_role("link", name="prepare", exact=True).click()
    answered(page)
    page.get_by_role("link", name="Let somebody else read it").click()
    expect(page.locator("table.pointing input:checked")).to_have_count(0)
    page.get_by_label("Read by").fill("Ada")
    reads(page)
    expect(page.locator("p.tally")).to_contain_text("read by Ada")
    expect(page.locator("ol.criteria li").first).to_contain_text("readers differ")


def test_the_same_without_a_script(browser: Browser, writing: str) -> None:
    plain = Visitor(browser, writing, java_script_enabled=False)
    answered(plain.goes("/prepare"))
    plain.leaves()


def test_a_lesson_is_guessed_at_and_a_knob_turned(owner: Visitor) -> None:
    page = owner.goes("/prepare/lessons")
    page.get_by_role("link", name="Many slices").click()
    page.locator("form.guesses input[type=number]").first.fill("12")
    page.get_by_role("button", name="Read the lesson").click()
    expect(page.locator("table.guessed tbody tr")).to_have_count(1)
    before = page.locator("b.computed").all_inner_texts()
    knob = page.locator("form.knobs input[name^='set.']").first
    knob.fill(knob.get_attribute("max") or "")
    page.get_by_role("button", name="Turn").click()
    expect(page.locator(".notice")).to_contain_text("Another world")
    assert page.locator("b.computed").all_inner_texts() != before
    expect(page.locator("table.guessed tbody tr")).to_have_count(1)
    owner.goes("/prepare/cards")
    presses(page, "s")
    expect(page.locator(".onecard .back")).to_be_visible()
    front = page.locator(".onecard .front").inner_text()
    presses(page, "3")
    expect(page.locator(".onecard .back")).to_have_count(0)
    expect(page.locator(".onecard .front")).not_to_have_text(front)


def test_a_rehearsal_is_gone_through_to_the_committee(owner: Visitor) -> None:
    """Round after round by the buttons; of the whole nothing is said before the last reading."""
    page = owner.goes("/prepare/loops")
    page.get_by_role("link", name="meta-weights").click()
    page.get_by_label("Seed").fill("2")
    page.get_by_role("button", name="Begin a rehearsal").click()
    expect(page.locator("#committee ~ .notice")).to_be_visible()
    page.wait_for_load_state()
    rounds = page.locator("ol.roundlist > li")
    for place in range(rounds.count()):
        expect(page.locator("#committee ~ .notice")).to_contain_text("Nothing is said of the whole")
        rounds.nth(place).get_by_role("button", name="with a clock").click()
        while True:
            expect(page.get_by_role("timer")).to_have_count(2)
            page.get_by_label("What you would say").fill("We promise a number. We look at it.")
            page.get_by_role("button", name="Lock my answer").click()
            reads(page, *range(1, place % 3))
            following = page.get_by_role("button", name="Next question of this round")
            page.wait_for_load_state()
            if not following.count():
                break
            following.click()
        page.get_by_role("link", name="back to the rehearsal").click()
    expect(page.locator("svg.packets")).to_be_visible()
    expect(page.locator(".tiles")).to_contain_text("weighted over the rounds")
    assert re.search(r"\d+ %", page.locator(".tiles").inner_text())
    assert "Nothing is said of the whole" not in page.content()
