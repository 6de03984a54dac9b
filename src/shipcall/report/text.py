"""Text from elsewhere, made harmless and measured: control characters, width, shortening."""

import unicodedata
from collections.abc import Mapping
from typing import Any

ELLIPSIS = "\u2026"
MINUS = "\u2212"
_JOINERS = "\u200c\u200d"
_ASCII = str.maketrans(
    {
        MINUS: "-",
        ELLIPSIS: "~",
        "\u00b7": "-",
        "\u00a0": " ",
        "\u2010": "-",
        "\u2011": "-",
        "\u2013": "-",
        "\u2014": "-",
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2192": ">",
        "\u2500": "-",
    }
)


def clean(text: str, *, keep: str = "") -> str:
    r"""Show control characters, line breaks and bidirectional overrides as escapes.

    What a terminal, a browser or a parser would obey becomes visible text. Letters of every
    script and emoji stay as they are.

    Args:
        text: Any text, also with lone surrogates.
        keep: Control characters that may stay, such as the line breaks of a contract.

    Examples:
        >>> clean("BR\x1b[2J")
        'BR\\x1b[2J'
    """
    if text.isprintable():
        return text
    return "".join(char if _harmless(char, keep) else _escaped(char) for char in text)


def _harmless(char: str, keep: str) -> bool:
    if char in keep or char in _JOINERS:
        return True
    category = unicodedata.category(char)
    return not category.startswith("C") and category not in ("Zl", "Zp")


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def clean_view(thing: Any, *, ascii_only: bool = False, key: str = "") -> Any:
    """Copy a view with every string, also of keys, made harmless.

    Args:
        thing: Dictionary, list, string, number or None.
        ascii_only: Also turn what is not ASCII into look-alikes or escapes.
        key: Name under which `thing` stands; the line breaks of `text` are kept.
    """
    if isinstance(thing, str):
        kept = clean(thing, keep="\n\t" if key == "text" else "")
        return to_ascii(kept) if ascii_only else kept
    if isinstance(thing, Mapping):
        return {
            clean(str(name)): clean_view(value, ascii_only=ascii_only, key=str(name))
            for name, value in thing.items()
        }
    if isinstance(thing, list | tuple):
        return [clean_view(value, ascii_only=ascii_only) for value in thing]
    return thing


def to_ascii(text: str) -> str:
    r"""Write text in ASCII: punctuation by look-alikes of the same width, the rest as escapes.

    Examples:
        >>> to_ascii("\u22120.5")
        '-0.5'
    """
    return text.translate(_ASCII).encode("ascii", "backslashreplace").decode("ascii")


def display_width(text: str) -> int:
    """Count the terminal columns of a text: wide characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def shorten(text: str, width: int) -> str:
    """Cut the middle out of a text that is wider than `width` columns; both ends stay.

    Levels of one slicing column often begin alike, so the end is kept as well.

    Args:
        text: One line.
        width: Columns there are, at least 1.
    """
    if 2 * len(text) <= width or display_width(text) <= width:
        return text
    head = _fitting(text, width - 1 - (width - 1) // 3)
    tail = _fitting(text[::-1], (width - 1) // 3)[::-1]
    return f"{head}{ELLIPSIS}{tail}"


def _fitting(text: str, width: int) -> str:
    taken = 0
    for place, char in enumerate(text):
        taken += _columns(char)
        if taken > width:
            return text[:place]
    return text


def pad(text: str, width: int, *, right: bool = False) -> str:
    """Fill a text with spaces to `width` columns; `right` aligns it to the right."""
    space = " " * max(0, width - display_width(text))
    return space + text if right else text + space


def isolated(text: str) -> str:
    """Wrap text that runs from right to left, so that it cannot reorder what stands beside it."""
    if text.isascii():
        return text
    runs_left = any(unicodedata.bidirectional(char) in ("R", "AL", "AN") for char in text)
    return f"\u2068{text}\u2069" if runs_left else text


def wrapped(text: str, width: int) -> list[str]:
    """Break a text into lines of at most `width` columns; too long words are cut."""
    lines, line = [], ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if display_width(joined) <= width:
            line = joined
            continue
        lines += [line] if line else []
        line = word
        while display_width(line) > width:
            head = _fitting(line, width)
            lines.append(head)
            line = line[len(head) :]
    return [*lines, line]
