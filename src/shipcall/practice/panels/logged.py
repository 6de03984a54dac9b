"""Logged: the log of changes of some days, as it is: honest, silent, or about something else.

Which lines stand in the log follows from the point alone: a fault that is `logged`, a `decoy`, and
faults with a share of 0, which touch nothing and stand in the log all the same.

given = { first = 19, days = 5 }
"""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Annotated

import numpy as np
from pydantic import Field

from shipcall.formats.monitoring import CHANGE_KINDS
from shipcall.practice.language import Panel, Section
from shipcall.practice.laws import Floats, Silent, Stack, Tallies
from shipcall.practice.panels.panel import FromLaw, Reading, Setting, Shown
from shipcall.world.streams.changes import rows as changes
from shipcall.world.truth import World

_MOST = 3
"""Entries alike on one day that are told apart by their number."""
Entry = tuple[int, str, str]
"""Day of the world, kind of change, what it says."""


class Days(Section):
    """What a panel of this kind reads."""

    first: Annotated[int, Field(ge=0)]
    days: Annotated[int, Field(ge=1)]


class Logged(FromLaw):
    """Entries of the log of changes; at every point the law is sure what it holds."""

    def stack(self, panel: Panel, setting: Setting) -> Stack:
        """Every possible entry, with how often it stands there, 0 to 3 times."""
        logs = _logs(panel, setting)
        known = _entries(logs)
        if not known:
            return Silent(len(logs))
        chances = np.zeros((len(logs), len(known), _MOST + 1))
        for number, log in enumerate(logs):
            for place, entry in enumerate(known):
                chances[number, place, min(log[entry], _MOST)] = 1.0
        return Tallies(np.ones(len(known)), chances)

    def shown(self, panel: Panel, seen: Floats, setting: Setting) -> Shown:
        """A row for each entry; a reading for each kind of change: how many entries."""
        known = _entries(_logs(panel, setting))
        times = seen.reshape(len(known), -1).argmax(axis=1) if known else []
        found = [entry for entry, n in zip(known, times, strict=True) for _ in range(n)]
        rows = [
            {"day": _date(setting.drawn, day), "kind": kind, "what": what}
            for day, kind, what in found
        ]
        kinds = Counter(kind for _, kind, _ in found)
        readings = [_reading(kind, kinds[kind]) for kind in CHANGE_KINDS]
        text = panel.text if rows else [*panel.text, "No entry. Nobody has to write one."]
        return Shown(rows=rows, readings=readings, text=text)


def _reading(kind: str, count: int) -> Reading:
    """A count of entries has no error: all of them were read."""
    title = f"entries of kind {kind}"
    return Reading(name=kind, title=title, value=count, low=count, high=count)


def _date(world: World, day: int) -> str:
    return (world.start + timedelta(days=day)).date().isoformat()


def _logs(panel: Panel, setting: Setting) -> list[Counter[Entry]]:
    """Log of every point; points with the same lines are read once."""
    told = Days.model_validate(panel.given)
    lines = [_lines(world) for world in setting.worlds]
    worlds = dict(zip(lines, setting.worlds, strict=True))
    read = {
        line: _log(world.model_dump_json(), told.first, told.days) for line, world in worlds.items()
    }
    return [read[line] for line in lines]


def _lines(world: World) -> tuple[tuple[str, float, bool, bool], ...]:
    """What the log depends on, where only faults differ."""
    return tuple((fault.kind, fault.day, fault.logged, fault.decoy) for fault in world.fault)


@lru_cache(maxsize=4_096)
def _log(text: str, first: int, days: int) -> Counter[Entry]:
    world = World.model_validate_json(text)
    entries = [
        ((row["at"] - world.start).days, row["kind"], row["what"])
        for row in changes(world, 0).to_pylist()
    ]
    return Counter(e for e in entries if first <= e[0] < first + days)


def _entries(logs: Sequence[Counter[Entry]]) -> list[Entry]:
    return sorted({entry for log in logs for entry in log})
