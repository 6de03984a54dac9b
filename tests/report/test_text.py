import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipcall.report.text import (
    clean,
    clean_view,
    display_width,
    isolated,
    pad,
    shorten,
    to_ascii,
    wrapped,
)


@pytest.mark.parametrize(
    ("seen", "shown"),
    [
        ("BR\x1b[2J", r"BR\x1b[2J"),
        ("a\nb\tc", r"a\nb\tc"),
        ("\u202etxt.exe", r"\u202etxt.exe"),
        ("\ud800", r"\ud800"),
        ("\u2028", r"\u2028"),
        ("\x9b31m", r"\x9b31m"),
    ],
)
def test_what_a_terminal_would_obey_becomes_visible(seen: str, shown: str) -> None:
    assert clean(seen) == shown


def test_letters_of_every_script_and_joined_emoji_stay() -> None:
    kept = "\u6771\u4eac \u0627\u0644 \U0001f468\u200d\U0001f4bb na\u00efve"
    assert clean(kept) == kept


def test_line_breaks_stay_in_the_contract_only() -> None:
    view = clean_view({"text": "a\nb", "why": "a\nb", "k\x1b": ["\x07"]})
    assert view == {"text": "a\nb", "why": r"a\nb", r"k\x1b": [r"\x07"]}


def test_ascii_keeps_numbers_readable_and_escapes_the_rest() -> None:
    assert to_ascii("\u22120.5 caf\u00e9 \u2026") == r"-0.5 caf\xe9 ~"


@given(st.text())
def test_clean_text_can_be_written_to_any_utf8_stream(text: str) -> None:
    written = clean(text).encode("utf-8").decode("utf-8")
    categories = {unicodedata.category(char) for char in written if char not in "\u200c\u200d"}
    assert not categories & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.text(), st.integers(1, 60))
def test_shortened_text_fits(text: str, width: int) -> None:
    assert display_width(shorten(clean(text), width)) <= width


def test_shortening_keeps_both_ends() -> None:
    assert shorten("country=aaaaaaaaaaaaaaaaaaaa-17", 16) == "country=aa\u2026aa-17"


@given(st.text(), st.integers(10, 60))
def test_wrapped_lines_fit_and_lose_no_word(text: str, width: int) -> None:
    lines = wrapped(clean(text), width)
    assert all(display_width(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == clean(text).replace(" ", "")


def test_wide_characters_take_two_columns_and_marks_none() -> None:
    assert display_width("\u6771\u4eac") == 4
    assert display_width("e\u0301") == 1
    assert pad("\u6771", 4) == "\u6771  "
    assert pad("7", 3, right=True) == "  7"


def test_text_from_right_to_left_is_isolated_and_other_text_is_not() -> None:
    assert isolated("\u0627") == "\u2068\u0627\u2069"
    assert isolated("caf\u00e9") == "caf\u00e9"
