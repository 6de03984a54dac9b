"""Panels: every kind of screen a case can show. PANELS is the one table."""

from collections.abc import Mapping

from shipcall.practice.panels.answered import Answered
from shipcall.practice.panels.copied import Copied
from shipcall.practice.panels.entered import Entered
from shipcall.practice.panels.graded import Graded
from shipcall.practice.panels.logged import Logged
from shipcall.practice.panels.moved import Moved
from shipcall.practice.panels.noted import Noted
from shipcall.practice.panels.paired import Paired
from shipcall.practice.panels.panel import Kind, Reading, Row, Setting, Shown
from shipcall.practice.panels.profiled import Profiled
from shipcall.practice.panels.requested import Requested
from shipcall.practice.panels.stated import Stated
from shipcall.practice.panels.streamed import Streamed
from shipcall.practice.panels.words import Words

PANELS: Mapping[str, Kind] = {
    "answered": Answered(),
    "entered": Entered(),
    "copied": Copied(),
    "graded": Graded(),
    "logged": Logged(),
    "moved": Moved(),
    "noted": Noted(),
    "paired": Paired(),
    "requested": Requested(),
    "profiled": Profiled(),
    "stated": Stated(),
    "streamed": Streamed(),
    "words": Words(),
}
"""Kind, as case files name it -> how it is drawn, weighed and shown."""

__all__ = ["PANELS", "Kind", "Reading", "Row", "Setting", "Shown"]
