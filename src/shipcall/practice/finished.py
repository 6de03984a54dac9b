"""Finished: one play as it is kept: what was answered, what it scored, and whether it is rated."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

Mode = Literal["learn", "stress", "spot", "replay"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """One finished play, as plain as it is stored and exported."""

    id: str
    case: str
    """Id of the case, "C16"; of a replay, the id of the release."""
    mode: Mode
    at: str
    """When it was revealed, UTC."""
    seconds: float
    """On the clock."""
    minutes: float
    """Evidence-minutes used."""
    extra_time: float
    """Factor on the clock; above 1 the rating carries a mark."""
    chosen: bool
    """The person chose the case; else it came from the mixed queue."""
    hints: int
    repeat: bool
    """This drawing was seen before by this person."""
    sheet: Mapping[str, Any]
    """`core.plain` of the sheet."""
    score: Mapping[str, Any]
    """`core.plain` of the score."""
    so: Mapping[str, Any]
    """What was so: state, role, cause and values."""
    rule: str = ""
    """The rule the person carried on, in its own words."""

    @property
    def rated(self) -> bool:
        """First look at this drawing, in time, without hints, not in learn mode or a replay."""
        return self.mode in ("stress", "spot") and not self.hints and not self.repeat


def finished_from(form: Mapping[str, Any]) -> Finished:
    """Read back what `core.plain` made of it."""
    return Finished(**{one.name: form[one.name] for one in fields(Finished) if one.name in form})
