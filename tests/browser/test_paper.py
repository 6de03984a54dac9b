"""Pages on paper: what is printed is the page, without what only a screen can do."""

import re

import pytest

from browsing import Visitor
from flights import BLIND, OPEN, STAGED, TOLD
from visits import VISITS, Visit

ONE_EACH = pytest.mark.parametrize(
    "visit", [visits[0] for visits in VISITS.values()], ids=lambda visit: visit.address
)
FRAME = "header.top, footer.bottom, nav, form:not(.sheet), button, .button, dialog, .skip"
"""What is of no use on paper."""
SEEN = "all => all.filter(it => it.checkVisibility()).map(it => it.outerHTML)"
MOST = {
    "/": 1,
    "/releases": 1,
    f"/releases/{OPEN}": 1,
    f"/releases/{OPEN}/gate": 5,
    f"/releases/{BLIND}/gate": 1,
    f"/releases/{STAGED['shadow']}/shadow": 7,
    f"/releases/{STAGED['rollout']}/rollout": 7,
    f"/releases/{STAGED['cohort']}/cohort": 7,
    f"/releases/{OPEN}/slices": 1,
    f"/releases/{OPEN}/calibration": 5,
    f"/releases/{OPEN}/contract": 3,
    f"/releases/{OPEN}/contract/page": 1,
    f"/releases/{OPEN}/report": 6,
    f"/practice/play/{TOLD}/debrief": 5,
    "/practice/me": 2,
    "/ledger": 1,
    "/ledger/verify": 1,
}
"""Address -> sheets of A4 that it may take: long ones have one to spare, as fonts differ."""


@ONE_EACH
def test_on_paper_a_page_is_what_it_says(visit: Visit, visitor: Visitor) -> None:
    """No navigation, no forms, no buttons; the heading and every picture are there."""
    page = visitor.goes(visit.address)
    page.emulate_media(media="print")
    left = page.locator(FRAME).evaluate_all(SEEN)
    assert left == []
    pictures = page.locator("main svg")
    assert len(pictures.evaluate_all(SEEN)) == pictures.count()
    assert page.locator("h1").is_visible()


@pytest.mark.parametrize("by", ["system", "switch"])
def test_ink_is_dark_where_the_screen_was(by: str, stranger: Visitor) -> None:
    """Browsers print no backgrounds: the light ink of a dark screen would not be seen."""
    page = stranger.goes("/releases")
    page.emulate_media(color_scheme="dark")
    if by == "switch":
        page.get_by_role("button", name="Theme").click()
    ink = "getComputedStyle(document.body).color"
    dark = page.evaluate(ink)
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(ink) == "rgb(22, 25, 29)" != dark


@pytest.mark.parametrize(("address", "most"), MOST.items())
def test_a_page_takes_few_sheets(address: str, most: int, visitor: Visitor) -> None:
    paper = visitor.goes(address).pdf(format="A4")
    sheets = len(re.findall(rb"/Type\s*/Page\b", paper))
    assert 1 <= sheets <= most
