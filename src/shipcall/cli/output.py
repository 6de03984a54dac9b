"""Output: results to stdout, everything else to stderr; JSON, colour and width as asked."""

import json
import os
import shutil
import sys
import time
from collections.abc import Mapping
from typing import Any, Self

import click

from shipcall.core.readable import json_bytes

EXIT_CODES = {
    "ADVANCE": 0,
    "SHIP": 0,
    "NO OBJECTION": 0,
    "HOLD": 10,
    "NO SHIP": 20,
    "ROLL BACK": 20,
}
"""Exit code of a call. 1 our fault, 2 usage or contract, 3 evidence, 4 ledger."""


def print_json(thing: Mapping[str, Any]) -> None:
    """Print canonical JSON: sorted keys, UTF-8, one line end."""
    sys.stdout.buffer.write(json_bytes(thing))
    sys.stdout.buffer.flush()


def print_line(thing: Mapping[str, Any]) -> None:
    """Print JSON as one line, at once: for what goes on."""
    text = json.dumps(thing, sort_keys=True, ensure_ascii=False, allow_nan=False)
    sys.stdout.buffer.write(text.encode("utf-8") + b"\n")
    sys.stdout.buffer.flush()


def unicode_stream() -> bool:
    """Can stdout show ● and ◆?"""
    encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower().replace("-", "")
    return encoding in ("utf8", "utf16", "utf32", "cp65001")


def colour_wanted() -> bool:
    """Colour only for a terminal that wants it."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stdout.isatty()


def width() -> int:
    """Columns to fill: the terminal's, between 80 and 120; 100 where there is none."""
    if not sys.stdout.isatty():
        return 100
    return min(max(shutil.get_terminal_size((100, 24)).columns, 80), 120)


def say(text: str) -> None:
    """Tell a person something that is not the result."""
    click.echo(text, err=True)


class Progress:
    """Tells a person at a terminal what is being worked out, once it has taken a second."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._told = False

    def __enter__(self) -> Self:
        return self

    def __call__(self, text: str) -> None:
        """Say what comes next."""
        if sys.stderr.isatty() and time.monotonic() - self._began > 1:
            click.echo(f"\r{text} …\x1b[K", nl=False, err=True)
            self._told = True

    def __exit__(self, *_: object) -> None:
        if self._told:
            click.echo("\r\x1b[K", nl=False, err=True)


def render_view(view: Mapping[str, Any], *, slices: str = "worst", why: str | None = None) -> None:
    """Print a verdict, comparison or plan for people."""
    from shipcall.report.terminal import render  # noqa: PLC0415

    text = render(
        view,
        width=width(),
        colour=colour_wanted(),
        unicode=unicode_stream(),
        slices=slices,
        why=why,
    )
    click.echo(text, color=colour_wanted())
