"""Every page in a real browser: read without JavaScript, by everybody, on a phone, on paper."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe

from browsing import SCREENS, Visitor
from flights import OPEN
from shipcall.report.palette import DARK, LIGHT
from visits import EVERY, VISITS, Visit

Opens = Callable[..., Visitor]
EACH = pytest.mark.parametrize("visit", EVERY, ids=lambda visit: visit.address)
ONE_EACH = pytest.mark.parametrize(
    "visit", [visits[0] for visits in VISITS.values()], ids=lambda visit: visit.address
)
THEMES = {"light": LIGHT, "dark": DARK}
BACKGROUND = "getComputedStyle(document.body).backgroundColor"


def colour(text: str) -> str:
    """A colour of the palette as a browser tells it."""
    return f"rgb({', '.join(str(int(text[i : i + 2], 16)) for i in (1, 3, 5))})"


def words(visitor: Visitor) -> list[str]:
    """What can be read, without what changes from second to second."""
    text = visitor.page.locator("main").inner_text()
    return [word for word in text.split() if not re.fullmatch(r"\d+:\d\d", word)]


@EACH
def test_a_page_loads_with_no_trouble_and_asks_nobody_else(visit: Visit, visitor: Visitor) -> None:
    """What it must not do is held when the window closes."""
    page = visitor.goes(visit.address)
    page.wait_for_load_state("networkidle")
    assert page.locator("h1").count() == 1
    assert page.locator("h1").is_visible()


@EACH
def test_a_page_is_read_without_javascript(visit: Visit, visits: Opens) -> None:
    """All words that are there with it."""
    with_it, without = visits(), visits(java_script_enabled=False)
    with_it.goes(visit.address)
    without.goes(visit.address)
    assert without.page.locator("h1").is_visible()
    assert not without.page.locator(".tools").is_visible()
    assert set(words(with_it)) <= set(words(without))


@EACH
def test_a_page_fits_a_phone(visit: Visit, visits: Opens) -> None:
    """Wide tables and pictures scroll in themselves; the page does not."""
    page = visits(viewport=SCREENS["phone"]).goes(visit.address)
    assert page.evaluate("document.documentElement.scrollWidth") <= SCREENS["phone"]["width"]


@EACH
@pytest.mark.parametrize("theme", THEMES)
def test_nothing_on_a_page_keeps_anybody_out(visit: Visit, theme: str, visits: Opens) -> None:
    """axe-core finds nothing serious or critical, contrast included."""
    page = visits(color_scheme=theme, bypass_csp=True).goes(visit.address)
    found = Axe().run(page).response["violations"]
    grave = [one for one in found if one["impact"] in ("serious", "critical")]
    assert [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in grave] == []


@ONE_EACH
def test_a_page_is_dark_where_the_system_is(visit: Visit, visits: Opens) -> None:
    for theme, colours in THEMES.items():
        page = visits(color_scheme=theme).goes(visit.address)
        assert page.evaluate(BACKGROUND) == colour(colours["bg"])


@ONE_EACH
def test_on_paper_a_page_is_what_it_says(visit: Visit, visitor: Visitor) -> None:
    """No navigation, no forms, no buttons of the frame; dark ink on light paper."""
    page = visitor.goes(visit.address)
    page.emulate_media(media="print")
    for part in ("header.top", "footer.bottom", "nav.tabs", "form.call", "dialog"):
        for place in page.locator(part).all():
            assert not place.is_visible()
    assert page.locator("h1").is_visible()


@pytest.mark.parametrize(("tab", "most"), [("report", 6), ("contract/page", 1)])
def test_what_is_signed_or_filed_fits_its_paper(tab: str, most: int, visitor: Visitor) -> None:
    paper = visitor.goes(f"/releases/{OPEN}/{tab}").pdf(format="A4")
    pages = len(re.findall(rb"/Type\s*/Page\b", paper))
    assert 1 <= pages <= most


def test_the_switch_turns_the_light_and_is_remembered(visitor: Visitor) -> None:
    page = visitor.goes("/")
    switch = page.get_by_role("button", name="Theme")
    for theme in ("dark", "light"):
        switch.click()
        page.reload()
        visitor.goes("/releases")
        assert page.evaluate(BACKGROUND) == colour(THEMES[theme]["bg"])
    switch.click()
    assert page.locator("html").get_attribute("data-theme") is None
