"""Timeline: what a person did in one play, step by step, as the debrief tells it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from shipcall.practice.sheet import Sheet

Did = Literal["began", "opened", "answered", "hinted", "paused", "locked", "retried", "revealed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that was done."""

    seconds: float
    """On the clock of the play, from its beginning."""
    did: Did
    what: str = ""
    """Panel, part of the sheet, or hint."""
    minutes: float = 0.0
    """Evidence-minutes it cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One play as a person went through it, with the sheet as it was locked."""

    steps: Sequence[Step]
    sheet: Sheet
    ran_out: bool
    """The clock locked the sheet, not the person."""
    second: Sheet | None = None
    """What was answered in a second try before the reveal; never rated."""

    @property
    def opened(self) -> list[str]:
        """Panels in the order in which they were opened, each once."""
        return list(dict.fromkeys(step.what for step in self.steps if step.did == "opened"))
