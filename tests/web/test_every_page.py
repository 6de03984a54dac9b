"""Every page: it is there, its twin says what the command says, and nothing in it is inline."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from asking import Pages, twin_of
from docs.pages import DOCS
from shipcall.cli.main import shipcall
from shipcall.report.words import CALLS
from shipcall.web.guard import CONTENT_RULES
from shipcall.web.render import NAV
from shipcall.web.routes import ACTIONS, PAGES
from visits import ALONE, EVERY, VISITS, Visit

pytestmark = pytest.mark.usefixtures("at_home")
EACH = pytest.mark.parametrize("visit", EVERY, ids=lambda visit: visit.address)
HANDLERS = re.compile(r"^on[a-z]+$")


class Page(HTMLParser):
    """What a test asks of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def values(self, name: str) -> list[str]:
        """Every value of an attribute."""
        return [given[name] or "" for _, given in self.tags if name in given]


def test_every_page_has_an_address_here_and_no_other_has() -> None:
    """A new page needs one line in tests/visits.py; then all tests of this file hold for it."""
    assert {page.path for page in PAGES} == VISITS.keys() | ALONE.keys()


@EACH
def test_a_page_is_a_whole_page_of_its_own(visit: Visit, pages: Pages) -> None:
    got = pages.get(visit.address)
    assert got.status_code == 200
    assert got.headers["content-type"] == "text/html; charset=utf-8"
    assert got.headers["content-security-policy"] == CONTENT_RULES
    page = Page(got.text)
    kinds = [tag for tag, _ in page.tags]
    assert kinds.count("h1") == kinds.count("main") == 1
    assert kinds.index("title") < kinds.index("body")
    assert dict(page.tags)["html"] == {"lang": "en"}


@EACH
def test_nothing_on_a_page_is_inline_or_from_elsewhere(visit: Visit, pages: Pages) -> None:
    page = Page(pages.get(visit.address).text)
    assert page.values("style") == []
    assert [tag for tag, _ in page.tags if tag in ("style", "iframe", "object", "base")] == []
    assert all(given.get("src") for tag, given in page.tags if tag == "script")
    assert [key for _, given in page.tags for key in given if HANDLERS.match(key)] == []
    for name in ("src", "href", "action", "hx-get", "hx-post"):
        assert [to for to in page.values(name) if not to.startswith(("/", "#", "?"))] == []
        assert [to for to in page.values(name) if to.startswith("//")] == []


@EACH
def test_no_two_things_on_a_page_have_the_same_name(visit: Visit, pages: Pages) -> None:
    names = Page(pages.get(visit.address).text).values("id")
    assert sorted(names) == sorted(set(names))


@EACH
def test_a_twin_has_the_bytes_of_its_command(
    visit: Visit, workspace: Path, desk: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workspace)
    said = CliRunner().invoke(shipcall, visit.arguments(workspace), standalone_mode=False)
    assert said.exception is None
    got = desk.get(twin_of(visit.address))
    assert got.status_code == 200
    assert got.headers["content-type"] == "application/json"
    assert got.content == said.stdout_bytes


@EACH
def test_every_link_of_a_page_leads_somewhere(visit: Visit, pages: Pages) -> None:
    """Twins and charts have tests of their own."""
    page = Page(pages.get(visit.address).text)
    links = {given["href"] or "" for tag, given in page.tags if tag == "a" and "href" in given}
    inside = set(page.values("id"))
    for link in links:
        path, _, mark = link.partition("#")
        if "/charts/" in path or ".json" in path:
            continue
        if path:
            whole = visit.address.partition("?")[0] + path if path.startswith("?") else path
            assert pages.get(whole).status_code == 200, link
        else:
            assert mark in inside


@EACH
def test_every_chart_of_a_page_has_its_picture_and_its_numbers(visit: Visit, pages: Pages) -> None:
    """The page names them; the picture stands alone, the numbers have a row for a heading."""
    named = re.findall(r'href="([^"]*/charts/[^"]+)"', pages.get(visit.address).text)
    for address in named:
        got = pages.get(address.replace("&amp;", "&"))
        assert got.status_code == 200
        if ".svg" in address:
            assert got.headers["content-type"] == "image/svg+xml"
            assert got.text.startswith('<svg xmlns="http://www.w3.org/2000/svg" ')
            assert "style=" not in got.text
        else:
            assert got.headers["content-type"] == "text/csv; charset=utf-8"
            assert len(got.text.splitlines()) > 1


@EACH
def test_a_covered_verdict_is_on_no_page_of_its_release(visit: Visit, pages: Pages) -> None:
    """The blind reader's verdict is SHIP, by the same evidence as that of the open one."""
    if "/blind-reader" not in visit.address:
        return
    for address in (visit.address, twin_of(visit.address)):
        text = pages.get(address).text
        told = re.sub(r"<form class=\"call\".*?</form>", "", text, flags=re.DOTALL)
        assert not re.search(r"\bSHIP\b", told)
        assert "everything that had to be shown" not in told.lower()


def test_the_navigation_leads_to_pages() -> None:
    paths = {page.path for page in PAGES}
    assert [address for _, address, _ in NAV if address not in paths] == []
    assert {page.nav for page in PAGES} <= {name for name, _, _ in NAV}


def test_every_page_and_form_is_in_the_guide() -> None:
    text = (DOCS / "guides" / "web.md").read_text(encoding="utf-8")
    for path in (*(page.path for page in PAGES), *(act.path for act in ACTIONS)):
        assert f"`{path.replace(':path', '')}`" in text


def test_every_call_can_be_made_on_a_page(pages: Pages) -> None:
    page = Page(pages.get("/releases/open-reader/gate").text)
    offered = [given["value"] for tag, given in page.tags if given.get("name") == "action"]
    assert set(offered) == CALLS.keys() - {"NO OBJECTION"}
