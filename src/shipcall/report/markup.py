"""Markup: text from elsewhere as Markdown that shows it and obeys none of it."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from shipcall.report.text import isolated, shorten

_SPECIAL = re.compile(r"([\\`*_{}\[\]#|~!$])")
_FORMULA = ("=", "+", "-", "@", "\t")
_LONGEST = 300


class Section(NamedTuple):
    """Lines that belong together: only those of the body may be cut."""

    head: list[str]
    body: list[str]
    tail: list[str]


def escaped(text: str, *, most: int = _LONGEST) -> str:
    r"""Escape text for a line or a table cell of GitHub's Markdown.

    Markdown and HTML lose their meaning, names after @ notify nobody, addresses become no
    links, and a leading formula character gets an apostrophe, for those who paste the table
    into a spreadsheet.

    Args:
        text: One line, already `clean`.
        most: Longer texts lose their middle.

    Examples:
        >>> escaped("=a|<b>")
        "'=a\\|&lt;b&gt;"
    """
    short = isolated(shorten(text.replace("\n", " "), most))
    quoted = "'" + short if short.startswith(_FORMULA) else short
    plain = quoted.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    marked = _SPECIAL.sub(r"\\\1", plain)
    return marked.replace("@", "@&#8203;").replace("://", "&#58;//").replace("www.", "www&#46;")


def fenced(text: str, kind: str = "") -> list[str]:
    """A block of code whose fence no text inside can close."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [fence + kind, *text.rstrip("\n").split("\n"), fence]


def cells(texts: Iterable[str]) -> str:
    """One row of a table; the texts are escaped already."""
    return f"| {' | '.join(texts)} |"


def capped(sections: Sequence[Section], limit: int) -> str:
    """Join sections until `limit` bytes are full, and say how many lines were cut.

    Args:
        sections: The most important first.
        limit: Most bytes of the whole text in UTF-8.
    """
    lines: list[str] = []
    room, cut = limit - 200, 0
    for section in sections:
        frame = _size([*section.head, *section.tail])
        if frame > room or cut:
            cut += len(section.head) + len(section.body)
            continue
        room -= frame
        kept = _kept(section.body, room)
        room -= _size(kept)
        cut += len(section.body) - len(kept)
        lines += [*section.head, *kept, *section.tail]
    if cut:
        lines.append(
            f"**Cut here:** {cut:,} more lines did not fit into {limit // 1024} KB; "
            "the JSON and the HTML report have them."
        )
    return "\n".join(lines).rstrip("\n") + "\n"


def _kept(body: Sequence[str], room: int) -> list[str]:
    kept: list[str] = []
    for line in body:
        room -= _size([line])
        if room < 0:
            break
        kept.append(line)
    return kept


def _size(lines: Iterable[str]) -> int:
    return sum(len(line.encode()) + 1 for line in lines)
