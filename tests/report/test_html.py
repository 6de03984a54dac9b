import copy
import re
from html.parser import HTMLParser

import pytest

from report.views import KINDS, VERDICTS, load, many_slices
from shipcall.report.html import LIMIT, html_report

VOID = {"meta", "br"}
OPTIONAL = {"td", "tr", "th"}
INSIDE_SVG = {
    "svg",
    "title",
    "desc",
    "defs",
    "pattern",
    "path",
    "rect",
    "circle",
    "polygon",
    "polyline",
    "text",
}
KNOWN = INSIDE_SVG | VOID | OPTIONAL | {
    "html", "head", "style", "body", "main", "section", "div", "p", "span", "bdi", "b", "small",
    "h1", "h2", "h3", "nav", "a", "ul", "li", "table", "thead", "tbody", "figure", "figcaption",
    "details", "summary", "dl", "dt", "dd", "pre", "code", "footer",
}  # fmt: skip


class Page(HTMLParser):
    """Reads a report: tags, attributes and text, with elements closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        while self.open[-1] != tag and self.open[-1] in OPTIONAL:
            self.open.pop()
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module", params=KINDS)
def page(request: pytest.FixtureRequest) -> Page:
    return Page(html_report(load(request.param)))


def test_no_tag_or_handler_but_our_own_is_on_the_page(page: Page) -> None:
    assert set(page.tags) <= KNOWN
    assert not [name for name, _ in page.attributes if name.startswith("on")]


def test_every_element_is_closed(page: Page) -> None:
    assert [tag for tag in page.open if tag not in OPTIONAL] == []


def test_nothing_is_loaded_from_anywhere(page: Page) -> None:
    assert not [name for name, _ in page.attributes if name in ("src", "srcset", "data", "action")]
    links = [value for name, value in page.attributes if name in ("href", "xlink:href")]
    assert all(link.startswith("#") for link in links)


@pytest.mark.parametrize("name", KINDS)
def test_styles_and_pictures_refer_to_nothing_outside(name: str) -> None:
    text = html_report(load(name))
    assert "<script" not in text
    assert "@import" not in text
    assert all(target.startswith("#h") for target in re.findall(r"url\(([^)]*)\)", text))
    assert not re.search(r"""(?:src|href)\s*=\s*["']?\s*(?:https?:|//|data:|javascript:)""", text)


def test_ids_are_unique_and_every_reference_has_its_target(page: Page) -> None:
    ids = [value for name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    wanted = [value[1:] for name, value in page.attributes if name == "href"]
    for name, value in page.attributes:
        wanted += value.split() if name == "aria-labelledby" else []
    assert set(wanted) <= set(ids)


def test_every_picture_has_title_and_description(page: Page) -> None:
    pictures = page.tags.count("svg")
    assert page.tags.count("desc") == pictures
    assert page.tags.count("title") == pictures + 1


@pytest.mark.parametrize("name_length", [0, 200])
def test_two_thousand_slices_fit_into_the_limit(name_length: int) -> None:
    text = html_report(many_slices(2000, name_length))
    assert len(text.encode()) <= LIMIT
    shown = int(re.findall(r"([\d,]+) slices, 1 protected", text)[0].replace(",", ""))
    assert shown == 2066
    assert "more in the JSON of this page" in text


@pytest.mark.large
def test_a_huge_contract_and_thousands_of_checks_fit_too() -> None:
    view = load("hold")
    view["contract"]["text"] = "# \u00e9\n" * 30_000
    view["not_assessed"] = ["x" * 5000] * 300
    view["unproven"] = [f"slices.{i}" * 30 for i in range(3000)]
    check = view["findings"][0]
    view["findings"] += [{**copy.deepcopy(check), "id": f"gate.{i}"} for i in range(1000)]
    text = html_report(view)
    assert len(text.encode()) <= LIMIT
    assert "\u25c6</span> HOLD" in text


def test_the_verdict_comes_before_everything_else() -> None:
    text = html_report(load("hold"))
    order = [text.index(f'id="{name}"') for name in (
        "why", "checks", "slices", "evidence", "promises", "limits", "contract", "reproduce",
    )]  # fmt: skip
    assert text.index('class="banner') < order[0]
    assert order == sorted(order)


@pytest.mark.parametrize("name", VERDICTS)
def test_the_page_says_call_reason_and_what_would_change_it(name: str) -> None:
    view = load(name)
    text = Page(html_report(view)).text
    assert view["call"] in text
    assert view["rule"]["sentence"] in text
    if name != "hostile":
        assert view["sentence"] in text
        assert all(sentence in text for sentence in view["would_change"])


def test_hostile_text_is_shown_as_text() -> None:
    text = Page(html_report(load("hostile"))).text
    for seen in ('<script>alert("x")</script>', "{{ 7*7 }}{% raw %}", r"\u202eexe.txt", "$(rm"):
        assert seen in text


def test_nothing_absent_looks_like_a_pass() -> None:
    view = load("untrusted")
    rows = re.split(r'<tr class="main"', html_report(view))
    row = next(part for part in rows if "gate.ndcg" in part)
    assert "\u25cb</span> no data" in row
    assert "\u25cf</span> pass" not in row.split("</tr>")[0]


def test_sanity_that_nobody_checked_is_said_aloud() -> None:
    assert "Nothing was checked about the evidence itself." in html_report(load("hostile"))


def test_hashes_amendments_lints_calls_and_the_contract_are_on_the_page() -> None:
    view = load("hold")
    text = Page(html_report(view)).text
    for said in (
        view["contract"]["sha256"], view["ledger"]["head"], view["evidence"][0]["sha256"],
        "loosening", "W207", "hide rate hints", view["contract"]["text"], view["reproduce"][0],
    ):  # fmt: skip
        assert said in text


def test_light_and_dark_and_print_have_their_styles() -> None:
    text = html_report(load("ship"))
    assert "prefers-color-scheme:dark" in text
    assert "@media print" in text


@pytest.mark.parametrize("name", KINDS)
def test_a_report_leaves_its_view_alone_and_repeats_its_bytes(name: str) -> None:
    view = load(name)
    first = html_report(view)
    assert view == load(name)
    assert html_report(view) == first


def test_what_stands_between_backticks_is_code_and_stays_escaped() -> None:
    view = load("hold")
    view["would_change"] = ["amend `max_missing`, or `<b>x</b>`"]
    text = html_report(view)
    assert "amend <code>max_missing</code>, or <code>&lt;b&gt;x&lt;/b&gt;</code>" in text


def test_nothing_is_announced_that_is_not_there() -> None:
    whole = html_report(load("hold"))
    view = load("hold")
    view["release"] |= {"surface": "", "hypothesis": "", "value": ""}
    view["because"] = [f["id"] for f in view["findings"] if f["role"] == "sanity"]
    bare = html_report(view)
    for said in ("Hypothesis.", "Why it would pay:", "Checks with a line at their left"):
        assert said in whole
        assert said not in bare
    assert "<bdi></bdi>" not in bare.split('id="checks"')[0]


def test_a_long_reason_may_wrap_and_an_interval_may_not() -> None:
    text = html_report(load("untrusted"))
    assert '<span class="small none">' in text
    assert '<span class="num small"><b>' in html_report(load("ship"))
    assert '<span class="num small"><span' not in text
