"""An answer in a field when its page is left: it stands there when somebody comes back."""

import re
import time
from pathlib import Path

from playwright.sync_api import expect

from browsing import LONGEST, Visitor
from shipcall.app.prepare import desk_at
from shipcall.app.prepare_drafts import draft_of

NAME = "leaks-found-half"
SAID = "Of 100 holes 92 are wet.\nHalf of the leaks run on."


def kept(root: Path) -> str:
    """What the server was told, which may come after the next page."""
    ends = time.monotonic() + LONGEST / 1000
    while time.monotonic() < ends and not draft_of(desk_at(root), NAME):
        time.sleep(0.05)
    return draft_of(desk_at(root), NAME)


def test_an_answer_that_was_not_locked_is_there_when_one_comes_back(
    owner: Visitor, tmp_path: Path
) -> None:
    page = owner.goes(f"/prepare/question/{NAME}")
    expect(page.locator(".tools")).to_be_visible()
    page.get_by_label("What you would say").fill(SAID)
    owner.goes("/prepare/cards")
    assert kept(tmp_path / "workspace") == SAID
    owner.goes(f"/prepare/question/{NAME}")
    expect(page.get_by_label("What you would say")).to_have_value(SAID)


def test_a_clock_that_begins_below_five_minutes_does_not_say_five(visitor: Visitor) -> None:
    page = visitor.goes(f"/prepare/question/{NAME}?began={int(time.time()) - 200}")
    expect(page.locator(".tools")).to_be_visible()
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"[34]:\d\d"))
    expect(page.locator("#saytime")).to_be_empty()
