"""Shown: an estimate beside the findings as plain data, with an interval of its own."""

from typing import Any

from shipcall.core import Absent, Measured, Tails

LEVEL = Tails(0.025, 0.025)
"""Error levels of what no check asks for: 95 %, for its number alone."""


def shown(measured: Measured) -> dict[str, Any]:
    """Give an estimate, or why there is none, as plain data."""
    if isinstance(measured, Absent):
        return {"absent": measured.reason.code, "detail": measured.detail, "n": measured.n}
    return {
        "value": measured.value,
        "low": measured.low,
        "high": measured.high,
        "n": measured.n,
        "method": measured.method,
    }
