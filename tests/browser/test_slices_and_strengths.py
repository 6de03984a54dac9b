"""Slices by metrics, strengths, and links that follow a page that moves: in a browser."""

import re

from playwright.sync_api import expect

from browsing import SCREENS, Visitor, presses
from flights import OPEN
from studied import LEAGUE, ROUTER


def test_a_person_goes_from_the_map_to_the_check_of_a_cell(visitor: Visitor) -> None:
    page = visitor.goes(f"/releases/{OPEN}/slices")
    cells = page.get_by_role("region", name="Slices by metrics")
    expect(cells.get_by_role("columnheader", name="brier")).to_be_visible()
    row = cells.get_by_role("row", name="country=NZ")
    expect(row.get_by_role("link")).to_have_count(1)
    row.get_by_role("link").click()
    expect(page.locator("h1")).to_contain_text("slice.country=NZ")


def test_on_a_phone_the_map_moves_inside_its_own_box(visitor: Visitor) -> None:
    """The page stays as wide as the phone, and the names of the slices stay where they are."""
    page = visitor.goes(f"/releases/{OPEN}/slices")
    page.set_viewport_size(SCREENS["phone"])
    box = page.get_by_role("region", name="Slices by metrics")
    box.evaluate("box => { box.style.width = '210px' }")
    name = box.get_by_role("rowheader").first
    before = name.bounding_box()
    box.evaluate("box => { box.scrollLeft = 60 }")
    after = name.bounding_box()
    assert before is not None
    assert after is not None
    assert box.evaluate("box => box.scrollLeft") > 0
    assert abs(before["x"] - after["x"]) < 4
    assert page.evaluate("document.documentElement.scrollWidth") <= SCREENS["phone"]["width"]


def test_somebody_ranks_three_models_without_a_contract(visitor: Visitor) -> None:
    page = visitor.goes("/studies/strengths")
    expect(page.get_by_label("File of comparisons")).to_have_value(LEAGUE)
    page.get_by_role("button", name="Work it out").click()
    expect(page.locator("h1")).to_have_text("Strengths of 3 models")
    expect(page.locator("svg.ranks")).to_contain_text("Places that are left to each model")
    expect(page.locator("svg.strengths")).to_contain_text("rank 3")
    page.get_by_text("What was said").click()
    page.get_by_label("Tell strengths against").fill("small")
    page.get_by_role("button", name="Work it out").click()
    expect(page.get_by_role("heading", name="Strength against small")).to_be_visible()
    with page.expect_download() as taken:
        page.locator("#as-data a[href*='ranks.csv']").evaluate("link => { link.download = ''; }")
        page.locator("#as-data a[href*='ranks.csv']").click()
    text = taken.value.path().read_text(encoding="utf-8")
    assert "small,3,3,0.0" in text


def test_links_to_the_numbers_follow_the_threshold(visitor: Visitor) -> None:
    page = visitor.goes(f"/studies/cascade?file={ROUTER}/contract.toml&signal=sure&threshold=0.3")
    twins = page.locator("#as-data a")
    expect(twins.first).to_have_attribute("href", re.compile(r"threshold=0\.3$"))
    page.get_by_role("slider", name="Threshold").focus()
    presses(page, "End")
    expect(page.locator("#designer svg")).to_contain_text("asked for: 0.9")
    expect(twins.first).to_have_attribute("href", re.compile(r"threshold=0\.9"))
    assert page.locator("#as-data").count() == 1
    for link in twins.all():
        assert "threshold=0.9" in str(link.get_attribute("href"))
