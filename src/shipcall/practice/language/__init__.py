"""Language: what a case file may say. `case` is the root; the others are its parts."""

from shipcall.practice.language.asked import Claim, Forecast, Scope, Size, Trigger
from shipcall.practice.language.case import (
    PRIORS,
    Case,
    Cause,
    Option,
    Panel,
    Parameter,
    State,
)
from shipcall.practice.language.section import Linear, Name, Section, Share
from shipcall.practice.language.told import Criterion, Debrief, Rule, Telling

__all__ = [
    "PRIORS",
    "Case",
    "Cause",
    "Claim",
    "Criterion",
    "Debrief",
    "Forecast",
    "Linear",
    "Name",
    "Option",
    "Panel",
    "Parameter",
    "Rule",
    "Scope",
    "Section",
    "Share",
    "Size",
    "State",
    "Telling",
    "Trigger",
]
