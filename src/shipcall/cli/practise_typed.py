"""Typed: what a person typed in a play, as numbers and names. 40, 40% and 0.4 are the same."""

from collections.abc import Sequence

from shipcall.core import UsageError


def number(text: str) -> float:
    """Read a number.

    Raises:
        UsageError: If it is none.
    """
    try:
        return float(text.strip().rstrip(","))
    except ValueError as wrong:
        raise UsageError(f"{text[:40]!r} is no number.") from wrong


def share(text: str) -> float:
    """Read a share: 40, 40% and 0.4 are the same; 1 is one percent.

    Raises:
        UsageError: If it is no number from 0 to 100.
    """
    bare = text.strip().rstrip(",")
    value = number(bare.removesuffix("%"))
    if not bare.endswith("%") and bare.lstrip("+").startswith(("0.", ".")):
        value *= 100
    if not 0 <= value <= 100:
        raise UsageError(f"{text[:40]!r} is no share: type 0 to 100, in percent.")
    return value / 100


def shares(words: Sequence[str], names: Sequence[str]) -> dict[str, float]:
    """Read shares of the first so many names, in their order; `-` leaves one out.

    Raises:
        UsageError: If there are more of them than names, or one is no share.
    """
    if len(words) > len(names):
        raise UsageError(f"{len(words)} shares for {len(names)} entries; type one for each.")
    return {name: share(text) for name, text in zip(names, words, strict=False) if text != "-"}


def extra_time(text: str) -> float | None:
    """Read a factor on the clock; "none" takes the clock away.

    Raises:
        UsageError: If it is neither.
    """
    return None if text.strip().lower() == "none" else number(text)
