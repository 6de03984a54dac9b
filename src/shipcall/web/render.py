"""Render: a view as a page. Whatever a view holds is escaped; nothing inline runs or styles."""

import csv
import io
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from shipcall.report import words
from shipcall.report.html import coded
from shipcall.report.palette import DARK, LIGHT
from shipcall.report.text import clean, clean_view, shorten
from shipcall.web.address import address_of
from shipcall.web.page import Charts, Drawn, Page, View

RISKY = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is a formula to a spreadsheet."""
NAV = (
    ("inbox", "/", "Inbox"),
    ("releases", "/releases", "Releases"),
    ("practice", "/practice", "Practice"),
    ("studies", "/studies", "Studies"),
    ("ledger", "/ledger", "Ledger"),
)
"""(name, address, word) of the navigation."""
_BACK = {
    "prepare": (
        ("/prepare", "Preparing"),
        ("/prepare/loops", "Loops"),
        ("/prepare/simulations", "Simulations"),
    ),
    "practice": (("/practice", "Practice"), ("/practice/me", "Your plays")),
    "studies": (("/studies", "Studies"),),
    "ledger": (("/ledger", "Ledger"),),
}
"""First part of an address -> where somebody goes on whom a page of it could not serve."""
_ANYWHERE = (("/", "Inbox"), ("/releases", "Releases"))


def drawing(page: Page, view: View) -> tuple[View, Drawn, Charts]:
    """Draw what is on a page once: its view without control characters, its pieces, its pictures.

    Args:
        page: The page.
        view: What it shows.
    """
    harmless = clean_view(view)
    drawn = page.more(harmless)
    return harmless, drawn, page.charts(harmless, drawn)


def html(page: Page, view: View, *, address: str, token: str, query: str = "") -> str:
    """Draw a page.

    Args:
        page: The page.
        view: What it shows.
        address: Its own path, for links to its twins.
        token: What forms have to carry.
        query: What stands behind its question mark: its twins show the same.
    """
    harmless, drawn, charts = drawing(page, view)
    template = environment().get_template(page.template)
    around = {
        "charts": charts,
        "title": page.title.format_map(_Plain(harmless)),
        "address": address,
        "query": query,
        "token": token,
        "nav": NAV,
        "here": page.nav,
    }
    return template.render({"view": harmless, **drawn, **around})


def fault(message: str, *, status: int, address: str) -> str:
    """Draw what went wrong as a page."""
    words_of = {400: "That can't be done", 404: "Not here", 500: "Our fault"}
    template = environment().get_template("fault.html.j2")
    return template.render(
        title=words_of.get(status, "That can't be done"),
        message=clean(message, keep="\n\t"),
        status=status,
        back=_BACK.get(address.strip("/").partition("/")[0], _ANYWHERE),
        address=address,
        query="",
        token="",
        nav=NAV,
        here="",
        charts={},
        view={"kind": "fault"},
    )


def csv_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Write rows as CSV that no spreadsheet takes for formulas.

    A text that begins like a formula gets an apostrophe before it; numbers stay numbers.
    """
    stream = io.StringIO()
    if rows:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows({name: _tame(value) for name, value in row.items()} for row in rows)
    return stream.getvalue()


def _tame(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(RISKY) else value


def stylesheet() -> str:
    """Give the one style sheet: that of reports, then that of pages; paper is never dark."""
    sheets = ("report.css.j2", "release.css.j2")
    base = "".join(environment().get_template(sheet).render() for sheet in sheets)
    own = (files("shipcall.web") / "static" / "web.css").read_text(encoding="utf-8")
    dark = "".join(f"--{name}:{colour};" for name, colour in DARK.items())
    light = "".join(f"--{name}:{colour};" for name, colour in LIGHT.items())
    chosen = (
        f"@media screen{{:root[data-theme=dark]{{color-scheme:dark;{dark}}}}}\n"
        f":root[data-theme=light]{{color-scheme:light;{light}}}\n"
    )
    return base + chosen + own


@cache
def environment() -> Environment:
    """The templates of pages, and below them those of reports."""
    made = Environment(
        loader=ChoiceLoader([PackageLoader("shipcall.web"), PackageLoader("shipcall.report")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals.update(light=LIGHT, dark=DARK, w=words, to=address_of, asked=urlencode)
    made.filters["name"] = shorten
    made.filters["coded"] = coded
    return made


class _Plain(dict[str, Any]):
    """Titles name fields of a view; one that is not there leaves nothing."""

    def __missing__(self, key: str) -> str:
        return ""
