"""The pictures of the pages: one of every page in light and dark, small, and shown."""

import re
from pathlib import Path

from visits import VISITS, picture_of

DOCS = Path(__file__).parents[2] / "docs"
PICTURES = DOCS / "img" / "web"
LARGEST = 60_000
"""Bytes of one picture: a page shows many."""


def test_every_page_is_pictured_in_light_and_dark_and_shown_once() -> None:
    wanted = sorted(picture_of(path, theme) for path in VISITS for theme in ("light", "dark"))
    shown = re.findall(r"\]\(img/web/([\w-]+\.png)\)", (DOCS / "pages.md").read_text("utf-8"))
    assert sorted(shown) == wanted
    assert sorted(file.name for file in PICTURES.iterdir()) == wanted


def test_every_picture_is_small_and_none_is_of_another_page() -> None:
    """A page that fell back to another would have the bytes of that other."""
    pictures = [file.read_bytes() for file in PICTURES.glob("*.png")]
    assert all(one.startswith(b"\x89PNG") for one in pictures)
    assert max(map(len, pictures)) <= LARGEST
    assert len(set(pictures)) == len(pictures)
