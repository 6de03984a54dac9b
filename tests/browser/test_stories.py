"""Stories: what a person does here, from the first page to the line in the ledger."""

import re

from playwright.sync_api import Locator, Page, expect

from browsing import Visitor, presses
from flights import BLIND, OPEN, REVIEWED, SAID, STAGED
from practice.shelves import SECRET_WORDS
from studied import ROUTER


def shown(part: Locator) -> str:
    """What a part of a page says once the page is whole, with its style and its place."""
    expect(part).to_be_visible()
    part.page.wait_for_load_state()
    return part.inner_text()


def calls(page: Page, action: str, percent: str, why: str) -> None:
    """Fill in the form of the call and send it."""
    form = page.locator("form.call")
    form.get_by_role("radio", name=action, exact=True).or_(
        form.locator(f"input[value='{action}']")
    ).first.check()
    form.locator("input[name=probability]").fill(percent)
    form.locator("input[name=why]").fill(why)
    form.get_by_role("button", name="Record my call").click()


def test_the_first_five_minutes_of_a_new_user(owner: Visitor) -> None:
    """Inbox, release, why, call, the line in the ledger, and that the ledger is whole."""
    page = owner.goes("/")
    page.locator("ul.inbox").get_by_role("link", name=OPEN).click()
    page.wait_for_url(f"**/releases/{OPEN}/gate")
    expect(page.locator(".banner")).to_contain_text("SHIP")
    page.get_by_role("link", name="gate.accuracy").first.click()
    page.wait_for_url("**/check/gate.accuracy**")
    expect(page.get_by_role("heading", name="Told whole")).to_be_visible()
    page.go_back()
    calls(page, "SHIP", "85", "it keeps what it promised")
    page.wait_for_url(f"**/releases/{OPEN}/gate")
    expect(page.locator("main")).to_contain_text("it keeps what it promised")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Ledger").click()
    newest = page.locator("[data-list] tbody tr").first
    expect(newest).to_contain_text("call")
    expect(newest).to_contain_text("SHIP")
    expect(newest).to_contain_text("noor")
    page.get_by_role("link", name="Verify all of it").click()
    expect(page.locator(".banner")).to_contain_text("Whole")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Inbox").click()
    expect(page.locator("ul.inbox li", has_text=OPEN)).to_contain_text("Not signed yet")


def test_a_blind_call_comes_before_the_verdict_which_is_nowhere_until_then(
    owner: Visitor,
) -> None:
    told = "everything that had to be shown"
    covered = [f"/releases/{BLIND}", f"/releases/{BLIND}/gate", "/", "/releases", "/ledger"]
    for address in covered:
        page = owner.goes(address)
        assert told not in page.content().lower()
    page = owner.goes(f"/releases/{BLIND}/gate")
    assert page.locator(".banner").count() == 0
    calls(page, "HOLD", "40", "the sample is small")
    page.wait_for_url(f"**/releases/{BLIND}/gate")
    expect(page.locator(".banner")).to_contain_text("SHIP")
    assert told in page.content().lower()
    expect(page.locator("main")).to_contain_text("the sample is small")
    expect(page.locator("main")).to_contain_text("before the verdict was shown")


def test_a_block_refuses_and_the_inbox_says_so_first(owner: Visitor) -> None:
    page = owner.goes(f"/releases/{OPEN}")
    form = page.locator("form.inline").first
    form.get_by_label("Why").fill("the clerks were not asked")
    form.get_by_role("button", name="Refuse").click()
    expect(page.locator("main")).to_contain_text("the clerks were not asked")
    owner.goes("/")
    first = page.locator("ul.inbox li").first
    expect(first).to_contain_text(OPEN)
    expect(first).to_contain_text("refused to sign")


def test_pairs_are_read_by_the_keyboard_alone_and_no_side_has_a_name(owner: Visitor) -> None:
    page = owner.goes(f"/releases/{STAGED['shadow']}/shadow/review")
    main = page.locator("main")
    for read, key in zip(range(REVIEWED), "bces", strict=True):
        expect(main).to_contain_text(f"{read} of {REVIEWED} read")
        text = main.inner_text().lower()
        assert all(said in text for said in SAID.values())
        assert "candidate" not in text
        assert "baseline" not in text
        presses(page, key)
    expect(main).to_contain_text(f"pair {REVIEWED + 1}")
    expect(main).to_contain_text(f"{REVIEWED - 1} of {REVIEWED} read")
    presses(page, "b")
    expect(page.get_by_role("button", name="Record the review")).to_be_visible()
    presses(page, "f")
    expect(main).to_contain_text("This review is recorded")
    owner.goes("/ledger")
    expect(page.locator("[data-list] tbody tr").first).to_contain_text("reviewed")


def test_a_case_of_practice_is_played_to_the_rule_that_is_carried_on(owner: Visitor) -> None:
    """From the front page; the truth is nowhere before the reveal, and every answer is kept."""
    page = owner.goes("/practice")
    page.locator("button[name=case][value=tiny]").click()
    page.wait_for_url("**/practice/play/*")
    page.get_by_role("button", name="Start the clock").click()
    expect(page.locator("[role=timer]")).to_be_visible()
    page.wait_for_load_state()
    presses(page, "1")
    expect(page.locator("#panels-shown section")).to_have_count(1)
    page.locator("input[name=call]").first.check()
    page.locator("input[name='causes.rot']").fill("50")
    page.locator("input[name='causes.sound']").fill("30")
    page.locator("input[name='causes.log']").fill("20")
    expect(page.locator("#sum-causes")).to_contain_text("100 %")
    page.locator("textarea[name=why]").fill("It loses more than it may.")
    expect(page.locator("#kept-why")).to_contain_text("kept")
    page.reload()
    expect(page.locator("input[name=call]").first).to_be_checked()
    expect(page.locator("textarea[name=why]")).to_have_value("It loses more than it may.")
    assert not any(word in page.content().lower() for word in SECRET_WORDS)
    page.get_by_role("button", name="Lock", exact=True).click()
    page.get_by_role("button", name="Lock it so").click()
    page.get_by_role("button", name="Reveal").click()
    page.wait_for_url("**/debrief**")
    expect(page.locator("h1")).to_contain_text("Debrief")
    assert any(word in page.content().lower() for word in SECRET_WORDS)
    page.locator("form[action$='/carry'] [name=rule]").fill("Ask for the interval first.")
    page.locator("form[action$='/carry'] button").first.click()
    expect(page.locator("#carry")).to_contain_text("Ask for the interval first.")
    owner.goes("/practice/me")
    expect(page.locator("main")).to_contain_text("Ask for the interval first.")


def test_the_threshold_of_a_cascade_moves_and_its_numbers_with_it(
    visitor: Visitor, plain_visitor: Visitor
) -> None:
    """By the slider, by the buttons and by the table; without JavaScript by all of them too."""
    start = f"/studies/cascade?file={ROUTER}/contract.toml&signal=sure"
    page = visitor.goes("/releases")
    presses(page, "g")
    presses(page, "s")
    page.wait_for_url("**/studies")
    visitor.goes(start)
    expect(page.locator("#designer .tile")).to_have_count(0)
    page.get_by_role("link", name="Begin in the middle").click()
    falls = page.locator("#designer .tile", has_text="falls back")
    first = shown(falls)
    page.get_by_role("slider", name="Threshold").focus()
    presses(page, "End")
    expect(falls).not_to_have_text(first, use_inner_text=True)
    expect(page).to_have_url(re.compile(r"threshold=0\.9"))
    expect(page.locator("#designer svg")).to_contain_text("asked for: 0.9")
    page.go_back()
    expect(falls).to_have_text(first, use_inner_text=True)
    plain = plain_visitor.goes(start)
    plain.locator("table.study a").first.click()
    falls = plain.locator("#designer .tile", has_text="falls back")
    first = shown(falls)
    plain.locator("#designer a[rel=next]").click()
    plain.wait_for_url("**threshold=**")
    expect(falls).not_to_have_text(first, use_inner_text=True)
    second = shown(falls)
    plain.get_by_role("slider", name="Threshold").focus()
    presses(plain, "End")
    plain.get_by_role("button", name="Look there").click()
    expect(falls).not_to_have_text(second, use_inner_text=True)
    assert shown(falls) != first
    expect(plain.locator("#command")).to_contain_text("--threshold 0.9")


def test_a_stage_is_judged_again_from_its_page(owner: Visitor) -> None:
    page = owner.goes(f"/releases/{OPEN}/gate")
    page.get_by_role("button", name="Judge again now").click()
    page.wait_for_url(f"**/releases/{OPEN}/gate**")
    expect(page.locator(".banner")).to_be_visible()
    owner.goes("/ledger?kind=verdict")
    expect(page.locator("[data-list] tbody tr").first).to_contain_text(OPEN)
