"""Diary: what a person did to prepare, one line each, only ever added to.

Answers, readings of them, lessons, recalled cards and rounds stand in one journal, so that what
was done when is never reconstructed from something that was overwritten.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shipcall.practice.journal import Entry, Journal
from shipcall.preparation.answer import Answer, Met, Reading
from shipcall.preparation.clock import MOVED, Clock, offset_in

FILE = "diary.jsonl"
ANSWERED, READ, GUESSED, TAUGHT = "answered", "read", "guessed", "taught"
REHEARSED, RECALLED = "rehearsed", "recalled"
KEPT = "kept"
"""A word that becomes a card."""
GRADED, UNGRADED, VALIDATED = "graded", "ungraded", "validated"
BEGUN = "begun"
"""What the diary says of an aim."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """An answer with when it was locked."""

    at: str
    wall: float
    """Seconds since 1970."""
    answer: Answer


class Diary:
    """The diary of one person in one workspace."""

    def __init__(self, journal: Journal, machine: Clock) -> None:
        self._journal = journal
        self._machine = machine

    @classmethod
    def open(cls, folder: Path, machine: Clock | None = None) -> "Diary":
        """Open the diary of a folder; make it on first use.

        Args:
            folder: Where it lies.
            machine: By which clock lines are written, unless the plan names a zone.

        Raises:
            UsageError: If it was changed by anything but adding, or cannot be read.
        """
        path = folder / FILE
        journal = Journal.resume(path) if path.exists() else Journal.begin(path)
        return cls(journal, machine or Clock())

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Everything that stands in it, oldest first."""
        return tuple(self._journal.entries)

    @property
    def clock(self) -> Clock:
        """The clock of the person: in the zone that the newest plan names, or of the machine.

        Raises:
            UsageError: If that zone is not known here.
        """
        begun = next((one for one in reversed(self.entries) if one.did == BEGUN), None)
        return self._machine.named(str(begun.held.get("zone", "")) if begun else "")

    def add(self, did: str, what: str, held: Mapping[str, Any]) -> None:
        """Write one line with the time it is, and wait until it is on disk.

        Where the clock is not as far from UTC as it was, a line says so first.

        Args:
            did: One of the words above.
            what: Id of the question, lesson or card.
            held: The rest, plain.

        Raises:
            UsageError: If it cannot be kept; nothing is half-written.
        """
        clock, so_far = self.clock, 0
        for one in self.entries:
            so_far = offset_in(one, so_far)
        wall = clock.now()
        offset = clock.offset(wall)
        if offset != so_far:
            self._append(MOVED, str(clock.zone or ""), {"offset": offset}, wall)
        self._append(did, what, held, wall)

    def _append(self, did: str, what: str, held: Mapping[str, Any], wall: float) -> None:
        n = len(self._journal.entries)
        self._journal.append(Entry(n=n, wall=wall, seconds=0.0, did=did, what=what, held=held))

    def of(self, did: str, what: str | None = None) -> Iterator[Entry]:
        """Give the lines that say this, of one thing or of all."""
        for entry in self.entries:
            if entry.did == did and what in (None, entry.what):
                yield entry

    def answers(self, question: str | None = None) -> list[Dated]:
        """Give the locked answers, oldest first."""
        return [
            Dated(
                at=instant(entry.wall),
                wall=entry.wall,
                answer=Answer(
                    question=entry.what, text=entry.held["text"], seconds=entry.held["seconds"]
                ),
            )
            for entry in self.of(ANSWERED, question)
        ]

    def readings(self, question: str | None = None) -> list[Reading]:
        """Give what readers found in answers, oldest first."""
        return [
            Reading(
                question=entry.what,
                reader=entry.held["reader"],
                answer=entry.held["answer"],
                met=tuple(
                    Met(criterion=one["criterion"], quotes=tuple(one["quotes"]))
                    for one in entry.held["met"]
                ),
            )
            for entry in self.of(READ, question)
        ]


def instant(wall: float) -> str:
    """Write wall time as everything else is dated: UTC, to the second."""
    return datetime.fromtimestamp(wall, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
