import re

import pytest

from report.views import KINDS, load, many_slices
from shipcall.report.markdown import LIMIT, markdown_report
from shipcall.report.markup import Section, capped, escaped, fenced

OURS = {"<details>", "</details>", "<summary>", "</summary>"}


def without_code(text: str) -> str:
    return re.sub(r"(`{3,})\w*\n.*?\n\1(\n|$)", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("name", KINDS)
def test_no_tag_but_our_own_reaches_the_page(name: str) -> None:
    tags = set(re.findall(r"<[^>\n]*>", without_code(markdown_report(load(name)))))
    assert tags <= OURS


@pytest.mark.parametrize("name", KINDS)
def test_every_row_of_a_table_has_the_cells_of_its_heading(name: str) -> None:
    wide = 0
    for line in without_code(markdown_report(load(name))).split("\n"):
        pipes = len(re.findall(r"(?<!\\)\|", line))
        if not line.startswith("|"):
            wide = 0
        elif wide:
            assert pipes == wide
        else:
            wide = pipes


@pytest.mark.parametrize("name", KINDS)
def test_the_outcome_comes_first_at_heading_level_three(name: str) -> None:
    lines = markdown_report(load(name)).split("\n")
    assert lines[0].startswith("### ")
    assert not [line for line in lines[1:] if line.startswith("#")]


@pytest.mark.parametrize("name", KINDS)
def test_details_are_opened_and_closed_in_pairs(name: str) -> None:
    text = markdown_report(load(name))
    assert text.count("<details>") == text.count("</details>")


@pytest.mark.parametrize("name_length", [0, 200])
def test_a_large_verdict_is_cut_below_the_limit_and_says_so(name_length: int) -> None:
    text = markdown_report(many_slices(2000, name_length))
    assert len(text.encode()) <= LIMIT
    assert "**Cut here:**" in text
    assert text.count("<details>") == text.count("</details>")


def test_nothing_is_cut_where_there_is_room() -> None:
    assert "Cut here" not in markdown_report(load("hold"))


def test_the_verdict_names_hashes_and_the_command_that_repeats_it() -> None:
    view = load("hold")
    text = markdown_report(view)
    assert view["contract"]["sha256"] in text
    assert view["ledger"]["head"] in text
    assert view["evidence"][0]["sha256"] in text
    assert view["reproduce"][0] in text


def test_a_protected_slice_without_data_is_in_the_first_table_of_slices() -> None:
    first = markdown_report(load("hold")).split("<details>")[0]
    assert "country=NZ (protected)" in first
    assert "41 of 400" in first


@pytest.mark.parametrize(
    ("seen", "written"),
    [
        ("a|b", r"a\|b"),
        ("`x`", r"\`x\`"),
        ("<b>&", "&lt;b&gt;&amp;"),
        ("=1+1", "'=1+1"),
        ("@everyone", "'@&#8203;everyone"),
        ("![i](http://e)", r"\!\[i\](http&#58;//e)"),
        ("$x$ ~~y~~ #1", r"\$x\$ \~\~y\~\~ \#1"),
        ("a\\|b", r"a\\\|b"),
    ],
)
def test_text_from_elsewhere_loses_its_meaning(seen: str, written: str) -> None:
    assert escaped(seen) == written


def test_no_text_can_close_its_fence() -> None:
    assert fenced("a\n````\nb", "sh") == ["`````sh", "a", "````", "b", "`````"]


def test_a_section_is_cut_inside_its_body_and_keeps_its_end() -> None:
    rows = [f"row {i}" for i in range(1000)]
    text = capped([Section(["head"], rows, ["tail"]), Section(["later"], [], [])], 1000)
    assert text.startswith("head\nrow 0\n")
    assert "\ntail\n**Cut here:**" in text
    assert "later" not in text
    assert len(text.encode()) <= 1000
