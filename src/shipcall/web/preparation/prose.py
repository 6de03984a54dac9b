"""Prose: the little Markdown of lessons as HTML in which nothing but text can stand.

Paragraphs, headings, lists, fenced and inline code, bold and italic; everything else is text.
Lessons hold no digits of their own, so every number in a filled text was computed: it is set off.
"""

import re
from collections.abc import Iterator

from markupsafe import Markup, escape

_BLOCKS = re.compile(r"\n[ \t]*\n")
_INLINE = re.compile(r"`(?P<code>[^`]+)`|\*\*(?P<strong>[^*]+)\*\*|\*(?P<em>[^*\s][^*]*)\*")
_NUMBER = re.compile("[-\N{MINUS SIGN}]?\\d[\\d,]*(?:\\.\\d+)?")
_COMPUTED = Markup('<b class="computed">{}</b>')


def rendered(text: str) -> Markup:
    """Write a lesson as HTML.

    Args:
        text: Markdown, with its numbers filled in.

    Examples:
        >>> rendered("It loses *3* points & more.")
        Markup('<p>It loses <em><b class="computed">3</b></em> points &amp; more.</p>')
    """
    return Markup("\n").join(_block(one.strip("\n")) for one in _blocks(text))


def _blocks(text: str) -> Iterator[str]:
    """Parts between empty lines; a fence holds its empty lines together."""
    for place, part in enumerate(text.strip().split("```")):
        if place % 2:
            yield f"```{part}"
        else:
            yield from (one for one in _BLOCKS.split(part) if one.strip())


def _block(text: str) -> Markup:
    if text.startswith("```"):
        _, _, code = text[3:].partition("\n")
        return Markup("<pre><code>{}</code></pre>").format(code.rstrip("\n"))
    if text.startswith("#"):
        level = len(text) - len(text.lstrip("#"))
        tag = Markup("h2") if level <= 2 else Markup("h3")
        return Markup("<{0}>{1}</{0}>").format(tag, _inline(text.lstrip("# ")))
    lines = text.split("\n")
    if all(line.lstrip().startswith("- ") for line in lines):
        items = (Markup("<li>{}</li>").format(_inline(line.lstrip()[2:])) for line in lines)
        return Markup("<ul>{}</ul>").format(Markup("").join(items))
    return Markup("<p>{}</p>").format(_inline(" ".join(lines)))


def _inline(text: str) -> Markup:
    pieces, end = [], 0
    for found in _INLINE.finditer(text):
        pieces += [_plain(text[end : found.start()]), _marked(found)]
        end = found.end()
    return Markup("").join([*pieces, _plain(text[end:])])


def _marked(found: re.Match[str]) -> Markup:
    if found["code"] is not None:
        return Markup("<code>{}</code>").format(found["code"])
    if found["strong"] is not None:
        return Markup("<strong>{}</strong>").format(_plain(found["strong"]))
    return Markup("<em>{}</em>").format(_plain(found["em"]))


def _plain(text: str) -> Markup:
    pieces, end = [], 0
    for found in _NUMBER.finditer(text):
        pieces += [escape(text[end : found.start()]), _COMPUTED.format(found[0])]
        end = found.end()
    return Markup("").join([*pieces, escape(text[end:])])
