"""The keyboard: letters lead about, the focus is seen, and letters can be switched off."""

import pytest

from browsing import Visitor, presses
from flights import OPEN

FOCUSED = "document.activeElement"


@pytest.mark.parametrize(
    ("keys", "there"),
    [("gr", "/releases"), ("gp", "/practice"), ("gs", "/studies"), ("gl", "/ledger"), ("gi", "/")],
)
def test_two_letters_lead_to_every_part(keys: str, there: str, visitor: Visitor) -> None:
    page = visitor.goes("/ledger/0")
    for key in keys:
        presses(page, key)
    page.wait_for_url(visitor.site + there)


def test_a_slash_searches_and_letters_are_then_letters(visitor: Visitor) -> None:
    page = visitor.goes("/releases")
    presses(page, "/")
    page.keyboard.type("gr blind")
    assert page.locator("input[name=q]").input_value() == "gr blind"
    assert visitor.at == "/releases"


def test_j_and_k_walk_the_list_and_enter_opens(visitor: Visitor) -> None:
    page = visitor.goes("/releases")
    rows = page.locator("[data-list] tbody tr")
    for key in ("j", "j", "k"):
        presses(page, key)
    assert "at" in (rows.nth(0).get_attribute("class") or "")
    link = rows.nth(0).locator("a").first
    assert link.evaluate(f"(it) => it === {FOCUSED}")
    there = link.get_attribute("href")
    presses(page, "Enter")
    page.wait_for_url(f"{visitor.site}{there}")


def test_a_question_mark_tells_the_keys_and_escape_closes_them(visitor: Visitor) -> None:
    page = visitor.goes("/")
    presses(page, "?")
    dialog = page.locator("dialog#keys")
    assert dialog.is_visible()
    presses(page, "j")
    assert dialog.is_visible()
    presses(page, "Escape")
    assert not dialog.is_visible()


def test_c_leads_to_the_call(visitor: Visitor) -> None:
    page = visitor.goes(f"/releases/{OPEN}/gate")
    presses(page, "c")
    assert page.evaluate(f"{FOCUSED}.name") == "action"


def test_letters_can_be_switched_off_for_good(stranger: Visitor) -> None:
    """For those whose voice or hand presses letters they do not mean (WCAG 2.1.4)."""
    page = stranger.goes("/")
    presses(page, "?")
    page.get_by_label("Single letters act outside of fields").uncheck()
    presses(page, "Escape")
    for _ in range(2):
        presses(page, "g")
        presses(page, "l")
        presses(page, "?")
        assert stranger.at == "/"
        assert not page.locator("dialog#keys").is_visible()
        page.reload()


def test_letters_with_a_modifier_are_left_to_the_browser(visitor: Visitor) -> None:
    page = visitor.goes("/")
    for keys in ("g", "Control+r"):
        presses(page, keys)
    assert visitor.at == "/"


@pytest.mark.parametrize("address", ["/", "/releases", f"/releases/{OPEN}/gate", "/ledger"])
def test_whatever_has_the_focus_shows_it(address: str, visitor: Visitor) -> None:
    """An outline or a change of the border of at least two pixels; the first stop skips ahead."""
    page = visitor.goes(address)
    presses(page, "Tab")
    assert page.evaluate(f"{FOCUSED}.textContent") == "To the page"
    for _ in range(12):
        presses(page, "Tab")
        outline = page.evaluate(
            f"(() => {{ const s = getComputedStyle({FOCUSED});"
            " return s.outlineStyle === 'none' ? 0 : parseFloat(s.outlineWidth); })()"
        )
        assert outline >= 2, page.evaluate(f"{FOCUSED}.outerHTML")
