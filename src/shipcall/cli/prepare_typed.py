"""Typed: what somebody types or hands in while preparing; nothing of it is lost to a slip."""

import time
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, TypeVar

import click

from shipcall.cli.practise_screen import flowing, tell
from shipcall.core.errors import UsageError

SHEET = click.File("rb")
"""A file with an answer; `-` is what comes in."""
BACK = "-"
_Read = TypeVar("_Read")


def text_of(file: BinaryIO) -> str:
    """Read the text of a file in UTF-8, with or without its mark.

    Raises:
        UsageError: If it is no text in UTF-8.
    """
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise UsageError(f"{file.name} is no text in UTF-8. Save it as such.") from wrong
    return text.replace("\r\n", "\n").replace("\r", "\n")


def until(asks: str, read: Callable[[str], _Read], *, default: str | None = None) -> _Read:
    """Ask until what was typed can be read; what was typed before stays.

    Args:
        asks: What is asked.
        read: Reads it, and says as a `UsageError` why it cannot.
        default: What an empty line stands for; None: it is asked again.
    """
    while True:
        try:
            return read(click.prompt(asks, default=default, show_default=False))
        except UsageError as wrong:
            tell(flowing(str(wrong)))


def written(draft: str, keep: Callable[[str], None]) -> tuple[str, float]:
    """Take lines up to one that holds only a point; every line is kept before the next is typed.

    Args:
        draft: What was written before and not locked.
        keep: Keeps all lines so far.

    Returns:
        The text, and the seconds since the first line was asked for.
    """
    began, lines = time.monotonic(), draft.split("\n") if draft else []
    if lines:
        tell(["This stands there since you left:", *(f"| {line}" for line in lines)])
    while (line := click.prompt("", default="", show_default=False, prompt_suffix="| ")) != ".":
        if line == BACK:
            tell([f"taken back: {lines.pop()}" if lines else "nothing is left to take back"])
        else:
            lines.append(line)
        keep("\n".join(lines))
    return "\n".join(lines), time.monotonic() - began


def places(text: str, *, most: int | None = None) -> list[int]:
    """Read the numbers of sentences, such as 1,3, or nothing.

    Args:
        text: As it was typed.
        most: How many sentences there are; None: that is seen later.

    Raises:
        UsageError: If something is no number, or there is no such sentence.
    """
    found = text.replace(",", " ").split()
    if not all(one.isdecimal() for one in found):
        raise UsageError(f"{text!r}: give the numbers of sentences, such as 1,3, or nothing.")
    numbers = [int(one) for one in found]
    if most is not None and not all(1 <= one <= most for one in numbers):
        raise UsageError(f"{text!r}: the answer has sentences 1 to {most}.")
    return numbers


def number(text: str) -> float:
    """Read a number, with or without a percent sign.

    Raises:
        UsageError: If it is none.
    """
    try:
        return float(text.replace("%", "").strip())
    except ValueError:
        raise UsageError(f"{text!r} is no number.") from None


def pointed(view: Mapping[str, Any]) -> dict[str, list[int]]:
    """Ask for every criterion which sentences of a locked answer meet it."""
    most = len(view["answer"]["sentences"])
    return {
        one["id"]: until(one["says"], lambda text: places(text, most=most), default="")
        for one in view["criteria"]
    }


def guessed(begun: Mapping[str, Any]) -> dict[str, float]:
    """Ask for every guess of a lesson; who gives none reads without."""
    found = {one["of"]: until(one["asks"], _number_if_any, default="") for one in begun["guesses"]}
    return {name: value for name, value in found.items() if value is not None}


def _number_if_any(text: str) -> float | None:
    return number(text) if text.strip() else None
