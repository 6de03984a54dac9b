"""Durations: "30m", "6h", "7d", "2w"; nothing else can be sealed."""

import re

_DURATION = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)(m|h|d|w)", re.ASCII)
_HOURS = {"m": 1 / 60, "h": 1.0, "d": 24.0, "w": 168.0}


def hours(text: str) -> float | None:
    """Read a duration as hours, above zero; None where the text is not one.

    Examples:
        >>> hours("6h"), hours("7d"), hours("30m"), hours("a week")
        (6.0, 168.0, 0.5, None)
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    return float(match[1]) * _HOURS[match[2]] or None
