"""Names, texts and files that want to be more than text are text on every page."""

import csv
import io
import json
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from asking import Pages, client_of, twin_of
from hostile import FILE, ID, IDS, MARK, TURNED, judged, only_names
from shipcall.cli.main import shipcall
from shipcall.report.text import clean
from shipcall.web.address import address_of
from shipcall.web.render import RISKY, csv_text
from shipcall.web.routes import PAGES
from visits import ALONE

CHECK = f"c/{MARK}.json"
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
ELSEWHERE = {
    "/": "/",
    "/releases": "/releases?q=" + quote(MARK) + "&stage=" + quote(MARK),
    "/ledger": "/ledger?release=" + quote(ID, safe=""),
    "/ledger/verify": "/ledger/verify?head=" + quote(MARK),
    "/ledger/{index}": "/ledger/0",
}
"""Pages that are of no release."""


class Tags(HTMLParser):
    """Elements and attributes as a browser would find them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name in ("href", "action", "src")}


def harmless(text: str) -> Tags:
    """Hold that nothing of what was brought along became part of a page."""
    tags = Tags(text)
    assert "xss" not in tags.names
    assert not {name for name in tags.attributes if name.startswith("on")}
    assert CONTROLS.findall(unescape(text)) == []
    assert "49&amp;lt;" not in text
    assert [link for link in tags.links if not link.startswith(("/", "#", "?"))] == []
    assert [link for link in tags.links if link.startswith("//")] == []
    return tags


def address(path: str) -> str:
    """Where a page of the hostile release is."""
    if path in ELSEWHERE:
        return ELSEWHERE[path]
    return path.replace("{release:path}", quote(ID, safe="")).replace(
        "{check:path}", address_of(CHECK)[1:]
    )


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    folder = tmp_path_factory.mktemp("hostile")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHIPCALL_KEY", str(folder / "signing.key"))
        patch.setenv("SHIPCALL_BY", f"{MARK}{TURNED}")
        return Pages(judged(folder / FILE))


@pytest.mark.parametrize("path", [page.path for page in PAGES if page.path not in ALONE])
def test_on_every_page_what_is_hostile_is_text(path: str, hostile: Pages) -> None:
    got = hostile.get(address(path))
    assert got.status_code in (200, 400)
    harmless(got.text)
    told = json.loads(hostile.get(twin_of(address(path))).content)
    assert "kind" in told or "verdict" in told


def test_the_pages_of_a_hostile_release_are_there_and_name_it(hostile: Pages) -> None:
    """An address that were refused would be harmless too."""
    for path in ("gate", "slices", "calibration", "contract", "report"):
        got = hostile.get(f"{address_of('releases', ID)}/{path}")
        assert got.status_code == 200, got.text
        assert "xss onxss=1" in unescape(got.text)
    got = hostile.get(address("/releases/{release:path}/check/{check:path}"))
    assert got.status_code == 200
    assert "xss onxss=1" in unescape(got.text)


def test_every_chart_of_a_hostile_release_is_harmless(hostile: Pages) -> None:
    """The picture draws text; no cell of the numbers begins like a formula."""
    links = set()
    for path in ("gate", "slices", "calibration"):
        links |= harmless(hostile.get(f"{address_of('releases', ID)}/{path}").text).links
    charts = [link for link in links if "/charts/" in link]
    assert charts
    for link in charts:
        got = hostile.get(link)
        assert got.status_code == 200, link
        if ".svg" in link:
            harmless(got.text)
        else:
            rows = list(csv.reader(io.StringIO(got.text)))
            texts = [cell for row in rows for cell in row if not is_number(cell)]
            assert [cell for cell in texts if cell.startswith(RISKY)] == []


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "=cmd()|'/C calc'!A1"])
def test_a_text_that_begins_like_a_formula_is_quoted(cell: str) -> None:
    """OWASP, CSV injection: these are the characters which a spreadsheet takes for a formula."""
    (_, row) = csv.reader(io.StringIO(csv_text([{"name": cell, "value": -1.5}])))
    assert row == [f"'{cell}", "-1.5"]


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return only_names(tmp_path_factory.mktemp("named"))


@pytest.mark.parametrize("name", IDS, ids=range(len(IDS)))
def test_a_release_of_any_name_has_its_own_pages(name: str, named: Path) -> None:
    """What a person clicks in the list leads to that release, and not to one with half its name."""
    asked = client_of(named)
    linked = harmless(asked.get("/releases").text).links
    own = address_of("releases", clean(name))
    assert own in linked
    for tab in ("", "/contract"):
        got = asked.get(own + tab)
        assert got.status_code == 200, got.text
        assert {own, f"{own}/contract"} <= harmless(got.text).links
    assert json.loads(asked.get(f"{own}.json").content)["id"] == name
    command = ["releases", str(named), "--id", name, "--json"]
    said = CliRunner().invoke(shipcall, command, standalone_mode=False)
    assert asked.get(f"{own}.json").content == said.stdout_bytes


@pytest.mark.parametrize(
    "address",
    [
        "/%00",
        "/releases/%ff%fe",
        "/releases/%",
        "/releases/..%2f..%2fetc%2fpasswd",
        "/static/..%2f..%2fserver.py",
        "/static/%2e%2e/page.py",
        "/releases?q=%00&stage=%ff",
        "/releases/" + "a" * 5_000,
        "/ledger/" + "9" * 400,
        "/ledger?page=" + "9" * 5_000,
        "/ledger/verify?head=%3Cxss%3E",
        "/%3Cxss%20onxss=1%3E",
        "/releases/%3Cxss%20onxss=1%3E/gate",
        "/jobs/%3Cxss%20onxss=1%3E",
    ],
    ids=lambda address: address[:30],
)
def test_an_address_that_nobody_links_is_answered_without_harm(address: str, named: Path) -> None:
    got = client_of(named).get(address)
    assert got.status_code in (200, 400, 404)
    assert "root:" not in got.text
    harmless(got.text)
