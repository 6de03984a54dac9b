"""Every page in a real browser: read without JavaScript, by everybody, on a phone, in the dark."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from browsing import SCREENS, Visitor
from shipcall.report.palette import DARK, LIGHT
from visits import EVERY, VISITS, Visit

EACH = pytest.mark.parametrize("visit", EVERY, ids=lambda visit: visit.address)
ONE_EACH = pytest.mark.parametrize(
    "visit", [visits[0] for visits in VISITS.values()], ids=lambda visit: visit.address
)
THEMES = {"light": LIGHT, "dark": DARK}
BACKGROUND = "getComputedStyle(document.body).backgroundColor"
BY_COLOUR = ["color-contrast", "link-in-text-block"]
"""Rules of axe-core that ask for colours; the others find in the dark what they find in light."""


def colour(text: str) -> str:
    """A colour of the palette as a browser tells it."""
    return f"rgb({', '.join(str(int(text[i : i + 2], 16)) for i in (1, 3, 5))})"


def words(visitor: Visitor) -> list[str]:
    """What can be read, without what changes from second to second."""
    text = visitor.page.locator("main").inner_text()
    return [word for word in text.split() if not re.fullmatch(r"\d+:\d\d", word)]


def grave(visitor: Visitor, **options: object) -> list[tuple[str, list[object]]]:
    """What axe-core finds that keeps somebody out: rule, and up to three places."""
    found = Axe().run(visitor.page, options={"resultTypes": ["violations"], **options})
    return [
        (one["id"], [node["target"] for node in one["nodes"]][:3])
        for one in found.response["violations"]
        if one["impact"] in ("serious", "critical")
    ]


@EACH
def test_a_page_loads_with_no_trouble_and_asks_nobody_else(visit: Visit, visitor: Visitor) -> None:
    """What it must not do is held when the window is left."""
    page = visitor.goes(visit.address)
    page.wait_for_load_state("networkidle")
    assert page.locator("h1").count() == 1
    assert page.locator("h1").is_visible()


@EACH
def test_a_page_is_read_without_javascript(
    visit: Visit, visitor: Visitor, plain_visitor: Visitor
) -> None:
    """All words that are there with it."""
    visitor.goes(visit.address)
    plain = plain_visitor.goes(visit.address)
    assert plain.locator("h1").is_visible()
    assert not plain.locator(".tools").is_visible()
    assert set(words(visitor)) <= set(words(plain_visitor))


@EACH
def test_a_page_fits_a_phone(visit: Visit, visitor: Visitor) -> None:
    """Wide tables and pictures scroll in themselves; the page does not."""
    visitor.page.set_viewport_size(SCREENS["phone"])
    page = visitor.goes(visit.address)
    assert page.evaluate("document.documentElement.scrollWidth") <= SCREENS["phone"]["width"]


@EACH
def test_nothing_on_a_page_keeps_anybody_out(visit: Visit, examiner: Visitor) -> None:
    """axe-core finds nothing serious or critical in light, and no colour in the dark."""
    page = examiner.goes(visit.address)
    assert grave(examiner) == []
    page.emulate_media(color_scheme="dark")
    assert grave(examiner, runOnly=BY_COLOUR) == []


@ONE_EACH
def test_a_page_is_dark_where_the_system_is(visit: Visit, visitor: Visitor) -> None:
    page = visitor.goes(visit.address)
    for theme, colours in THEMES.items():
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        assert page.evaluate(BACKGROUND) == colour(colours["bg"])


def test_the_switch_turns_the_light_and_is_remembered(stranger: Visitor) -> None:
    page = stranger.goes("/")
    switch = page.get_by_role("button", name="Theme")
    for theme in ("dark", "light"):
        switch.click()
        page.reload()
        stranger.goes("/releases")
        assert page.evaluate(BACKGROUND) == colour(THEMES[theme]["bg"])
    switch.click()
    assert page.locator("html").get_attribute("data-theme") is None


def test_dark_by_the_switch_can_be_read_as_dark_by_the_system_can(examiner: Visitor) -> None:
    page = examiner.goes("/releases")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert page.evaluate(BACKGROUND) == colour(DARK["bg"])
    assert grave(examiner, runOnly=BY_COLOUR) == []


def test_what_keeps_somebody_out_is_found(examiner: Visitor) -> None:
    """Else the tests above would hold nothing: a picture without words, and grey on grey."""
    page = examiner.goes("/")
    page.evaluate(
        "() => { document.querySelector('main').innerHTML ="
        " '<img src=/static/icon.svg><p style=\"color:#999;background:#aaa\">Grey</p>' }"
    )
    assert {rule for rule, _ in grave(examiner)} >= {"image-alt", "color-contrast"}
