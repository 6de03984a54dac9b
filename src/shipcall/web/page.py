"""Page: an address, the view that is shown there, and how it is drawn."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from markupsafe import Markup

View = dict[str, Any]
Asked = Mapping[str, str]
"""Parts of the address, and what stands behind its question mark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A picture with its numbers."""

    title: str
    svg: Markup
    rows: Sequence[Mapping[str, Any]]
    """The table twin: the same columns in every row."""


Charts = Mapping[str, Chart]
"""Name in the address -> chart."""


Drawn = Mapping[str, Any]
"""Pieces that are already drawn: what a template needs beside the view."""


def no_charts(view: View, drawn: Drawn) -> Charts:
    """A page without pictures."""
    del view, drawn
    return {}


def nothing_more(view: View) -> Drawn:
    """A page whose template needs the view alone."""
    del view
    return {}


def in_order(view: View) -> int:
    """A page that answers what was asked."""
    del view
    return 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page. Its .json twin gives the bytes of the command that shows the same."""

    path: str
    """As Starlette reads it: "/releases/{release:path}/gate"."""
    title: str
    """Of the window; fields of the view may stand in it: "{id}"."""
    template: str
    view: Callable[[Path, Asked], View]
    """(workspace, what was asked for) -> view."""
    twin: Callable[[Path, Asked], View] | None = None
    """What the .json twin gives, where that is not the view itself."""
    more: Callable[[View], Drawn] = nothing_more
    """Draws what the template needs beside the view, which is clean of control characters."""
    charts: Callable[[View, Drawn], Charts] = no_charts
    """The pictures that have addresses of their own, from the view and what was drawn of it."""
    files: Mapping[str, Callable[[Path, Asked], str]] = field(default_factory=dict)
    """Files to take away: ending (".html", ".md") -> what is in them."""
    status: Callable[[View], int] = in_order
    """Of the answer: 400 where a form comes back with what is wrong in it."""
    nav: str = ""
    """Which entry of the navigation is marked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something a form does. It answers with the address to go to."""

    path: str
    act: Callable[[Path, Asked, Mapping[str, str]], str]
    """(workspace, parts of the address, fields of the form) -> where to go then."""
    fields: Sequence[str] = field(default_factory=tuple)
    """Fields that must be there."""
