"""Part: what every part of the debrief has, and how numbers are said in its sentences."""

from collections.abc import Sequence
from typing import Any

Part = dict[str, Any]


def part(key: str, title: str, says: Sequence[str], **held: Any) -> Part:
    """Make a part: a key for programs, a title and sentences for people, and what it holds."""
    return {"key": key, "title": title, "says": [text for text in says if text]} | held


def percent(share: float) -> str:
    """Say a share in whole percent, and never 0 % or 100 % where it is not.

    Examples:
        >>> percent(0.061), percent(0.0004), percent(1.0)
        ('6 %', 'less than 1 %', '100 %')
    """
    if 0 < share < 0.005:
        return "less than 1 %"
    if 0.995 <= share < 1:
        return "more than 99 %"
    return f"{100 * share:.0f} %"


def points(worth: float) -> str:
    """Say a worth with one digit.

    Examples:
        >>> points(1.0), points(-2.34)
        ('1.0 points', '-2.3 points')
    """
    return f"{worth + 0.0:.1f} points"


def clock(seconds: float) -> str:
    """Say a time on the clock.

    Examples:
        >>> clock(83.4)
        '1:23'
    """
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02d}"
