"""Differences: two texts side by side, marked word by word where they differ."""

import re
from difflib import SequenceMatcher
from typing import NamedTuple

MOST_WORDS = 1_200
"""Words and gaps of a text; longer texts are shown without marks."""
_TOKEN = re.compile(r"\s+|\d+(?:\.\d+)?|\w+|[^\w\s]")


class Piece(NamedTuple):
    """A stretch of one text."""

    text: str
    own: bool
    """Only this text has it."""


class Differences(NamedTuple):
    """Two texts in pieces; the texts of the pieces of one side are the whole side."""

    one: tuple[Piece, ...]
    other: tuple[Piece, ...]
    compared: bool
    """False where the texts were too long to be compared word by word."""


def differences(one: str, other: str) -> Differences:
    """Mark the words which only one of two texts has.

    Args:
        one: Any text.
        other: The text that it is held against.

    Examples:
        >>> [piece.text for piece in differences("one old day", "one new day").other if piece.own]
        ['new']
    """
    first, second = _TOKEN.findall(one), _TOKEN.findall(other)
    if max(len(first), len(second)) > MOST_WORDS:
        return Differences((Piece(one, own=False),), (Piece(other, own=False),), compared=False)
    left: list[Piece] = []
    right: list[Piece] = []
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        same = kind == "equal"
        if b > a:
            left.append(Piece("".join(first[a:b]), own=not same))
        if d > c:
            right.append(Piece("".join(second[c:d]), own=not same))
    return Differences(tuple(left), tuple(right), compared=True)
