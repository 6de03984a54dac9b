"""Interviews: a log of real ones, in the person's own words. Nothing is concluded from it.

What was asked helps to choose what to prepare, and what one would change helps the next time. How
an interview ended says hardly anything about an answer: others were better or worse, a place was
filled or closed, and whoever is not taken rarely learns why.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from shipcall.core import UsageError
from shipcall.practice.journal import Entry

INTERVIEWED, ENDED = "interviewed", "ended"
"""What the diary says of an interview, and of how it ended."""
MOST = 4_000
"""Characters of one field."""
NOTE = (
    "Your own notes. From how few interviews ended nothing can be read about your answers, and "
    "nothing here is used to predict anything."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interview:
    """One round of one real interview."""

    id: int
    """From 1, in the order in which they were written down."""
    on: date
    company: str
    round: str
    asked: str
    said: str
    change: str
    """What one would do otherwise."""
    ended: str
    """In one's own words; empty: not known."""


def written(  # noqa: PLR0913 - the fields of one interview
    *, on: date, company: str, round_: str, asked: str, said: str, change: str, today: date
) -> dict[str, Any]:
    """Check the notes of one interview, as the diary keeps them.

    Raises:
        UsageError: If the day has not come, or company or question is not named.
    """
    if on > today:
        raise UsageError(f"{on} has not come yet; today is {today}. Write it down afterwards.")
    told = {"company": company, "round": round_, "asked": asked, "said": said, "change": change}
    kept = {name: text.strip() for name, text in told.items()}
    for name in ("company", "asked"):
        if not kept[name]:
            raise UsageError(f"say {name!r}: an interview is at least a company and a question.")
    long = [name for name, text in kept.items() if len(text) > MOST]
    if long:
        raise UsageError(f"{long[0]!r} has more than {MOST:,} characters. Shorten it.")
    return {"on": on.isoformat(), **kept}


def interviews(entries: Sequence[Entry]) -> list[Interview]:
    """Read the log from a diary, in the order in which it was written."""
    begun = [one for one in entries if one.did == INTERVIEWED]
    ended = {one.what: str(one.held["text"]) for one in entries if one.did == ENDED}
    return [
        _interview(number, one.held, ended.get(str(number), ""))
        for number, one in enumerate(begun, 1)
    ]


def _interview(number: int, held: Mapping[str, Any], ended: str) -> Interview:
    return Interview(
        id=number,
        on=date.fromisoformat(held["on"]),
        company=held["company"],
        round=held["round"],
        asked=held["asked"],
        said=held["said"],
        change=held["change"],
        ended=ended,
    )
