"""Faults of a contract: the codes, the collection, and the nearest known word."""

import difflib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from shipcall.contract.positions import Path, Place, Positions
from shipcall.core.errors import Fault
from shipcall.formats.address import masked

TITLES: Mapping[str, str] = {
    "E001": "not valid TOML",
    "E002": "cannot be read",
    "E003": "another language",
    "E101": "missing key",
    "E102": "unknown key",
    "E103": "wrong value",
    "E104": "an amount with a sign",
    "E110": "unknown metric",
    "E111": "not exactly one bar",
    "E112": "named twice",
    "E113": "stages out of step",
    "E114": "slice that is not examined",
    "E115": "unknown kind of metric",
    "E116": "missing option",
    "E117": "no direction",
    "E118": "contradiction",
    "E119": "on_breach without effect",
    "E120": "prediction about nothing",
    "E121": "expectation out of order",
    "E122": "no evidence promised",
    "E123": "amount that makes no sense",
    "E124": "not a duration",
    "E125": "slices of an unknown metric",
    "E126": "range upside down",
    "E127": "option that is not read",
    "E128": "unknown column",
    "E129": "reserved id",
    "E130": "cannot fail",
    "E131": "no address of a table",
}
"""Every code a contract can fail with -> its title. Codes never change their meaning."""

_MOST_FUZZY = 120
_MOST_NAMED = 24
_LONGEST_SEEN = 60


@dataclass(slots=True)
class FaultList:
    """Faults of one file as they are found, each put to its place."""

    file: str
    positions: Positions
    unreadable: frozenset[int] = frozenset()
    """Lines that have been reported already: whatever else they say is not to be trusted."""
    faults: list[Fault] = field(default_factory=list)
    touched: set[Path] = field(default_factory=set)
    """Every path at or below which something is wrong."""

    def key(self, code: str, path: Path, *, seen: str, expected: str, fix: str) -> None:
        """Report a fault of a key, or of what should stand there."""
        self._add(code, path, self.positions.key(path), seen=seen, expected=expected, fix=fix)

    def value(self, code: str, path: Path, *, seen: str, expected: str, fix: str) -> None:
        """Report a fault of a value."""
        self._add(code, path, self.positions.value(path), seen=seen, expected=expected, fix=fix)

    def _add(  # noqa: PLR0913 - a fault has these parts
        self, code: str, path: Path, place: Place | None, *, seen: str, expected: str, fix: str
    ) -> None:
        self.touched.update(path[:length] for length in range(len(path) + 1))
        at = place or self.positions.at(0)
        if at.line in self.unreadable:
            return
        self.faults.append(
            fault_at(self.file, code, at, seen=seen, expected=expected, fix=fix),
        )

    def broken(self, path: Path) -> bool:
        """Has a fault been reported at this path or below it?"""
        return path in self.touched

    def in_order(self) -> tuple[Fault, ...]:
        """The faults from the top of the file to its end, each said once."""
        ordered = sorted(self.faults, key=lambda f: (f.line or 0, f.column or 0, f.code))
        return tuple(dict.fromkeys(ordered))


def fault_at(  # noqa: PLR0913 - a fault has these parts
    file: str, code: str, place: Place | None, *, seen: str, expected: str, fix: str
) -> Fault:
    """Make a fault with the title of its code; a password in a URL is not repeated."""
    return Fault(
        file=file,
        line=place.line if place else None,
        column=place.column if place else None,
        code=code,
        title=TITLES[code],
        seen=masked(seen),
        expected=expected,
        fix=fix,
        source=masked(place.source) if place else "",
    )


def nearest(word: str, known: Iterable[str], also: Mapping[str, str] | None = None) -> str | None:
    """The known word that was probably meant, or None.

    Args:
        word: What was written.
        known: What could have been written.
        also: Other names -> the known word they stand for.
    """
    words = list(known)
    low = word.strip().lower().replace("-", "_").replace(" ", "_")
    if also and low in also:
        return also[low]
    by_low = {name.lower(): name for name in words}
    if low in by_low:
        return by_low[low]
    if len(words) > _MOST_FUZZY or len(word) > _LONGEST_SEEN:
        return None
    close = difflib.get_close_matches(low, by_low, n=1, cutoff=0.65)
    return by_low[close[0]] if close else None


def meant(
    word: str, known: Iterable[str], otherwise: str, also: Mapping[str, str] | None = None
) -> str:
    """A fix: the near miss if there is one, else what to do instead."""
    near = nearest(word, known, also)
    return f"did you mean {near!r}?" if near is not None else otherwise


def listed(names: Collection[str]) -> str:
    """Write names for people, not more than fit on a few lines."""
    shown = sorted(names)[:_MOST_NAMED]
    more = len(names) - len(shown)
    return (", ".join(shown) or "none") + (f" and {more} more" if more > 0 else "")


def quoted(value: Any) -> str:
    """Say what a value is, briefly, as the file would write it."""
    if isinstance(value, dict):
        return f"a table ({listed([str(key) for key in value])})" if value else "an empty table"
    if isinstance(value, list | tuple):
        return f"an array of {len(value)}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, int) and abs(value) >= 2**63:
        return "a very large whole number"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST_SEEN else f"{text[: _LONGEST_SEEN - 1]}…"
