"""Exports: what is on record about a release, in the forms that others read."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from shipcall.app.onepage import one_page
from shipcall.app.release import recorded_view
from shipcall.app.release_report import release_report
from shipcall.app.writing import write_whole
from shipcall.report.html import html_report
from shipcall.report.markdown import markdown_report
from shipcall.report.onepage import one_page_markdown

View = dict[str, Any]


class Export(NamedTuple):
    """One form of export."""

    view: Callable[[Path], View]
    """Contract file -> the facts."""
    write: Callable[[Mapping[str, Any]], str]
    """The facts -> the text."""


EXPORTS: Mapping[str, Export] = {
    "html": Export(recorded_view, html_report),
    "markdown": Export(recorded_view, markdown_report),
    "release": Export(release_report, html_report),
    "aspredicted": Export(one_page, one_page_markdown),
}


def export_view(kind: str, file: Path) -> View:
    """Give the facts of an export.

    Args:
        kind: Key of EXPORTS.
        file: The contract file.
    """
    return EXPORTS[kind].view(file)


def export_text(kind: str, file: Path, output: Path | None) -> str:
    """Write an export.

    Args:
        kind: Key of EXPORTS.
        file: The contract file.
        output: Where to; None only returns the text.
    """
    text = EXPORTS[kind].write(export_view(kind, file))
    if output is not None:
        write_whole(output, text)
    return text
