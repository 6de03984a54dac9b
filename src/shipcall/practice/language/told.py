"""Told: rules of the bots, and the words of a case that are read after the call."""

from typing import Literal

from shipcall.practice.language.section import Name, Section


class Rule(Section):
    """If a reading of a panel lies so, take an option; without a panel it always holds."""

    panel: Name | None = None
    reading: str = ""
    """Name of a reading of that panel."""
    lies: Literal["above", "below", "surely_above", "surely_below", "not_surely_above"] | None = (
        None
    )
    """"surely": with the whole interval."""
    bar: float = 0.0
    option: Name


class Criterion(Section):
    """Something a good answer in words holds."""

    text: str
    words: list[str] = []
    """Any of these, in lower case, hints that it is there; a person decides."""


class Telling(Section):
    """The answer in words."""

    asks: str = "Write the message to the team: your call, and why, in at most 120 words."
    criteria: list[Criterion] = []
    weak: str = ""
    strong: str = ""
    follow_ups: list[str] = []
    """What an interviewer asks next; the last ones weigh most."""


class Debrief(Section):
    """What is told once the call is made."""

    trap: str
    """The mistake this case invites, named."""
    twin: str
    """What the harmless look-alike would have looked like."""
    distinguishes: Name
    """The panel that tells the two apart."""
    rule: str
    """The one sentence to carry on."""
    clause: str = ""
    """TOML of the contract that catches it."""
    ethics: str
    """A question of ethics or privacy that goes with it."""
    data_source: str
    """A question about where the data come from."""
    sales: str
    """What to tell the sales team in 60 seconds."""
