"""Halls: the room of practice of each workspace, with what was drawn and told kept at hand.

Drawing a case and telling it back take seconds. The first time somebody waits for it on the page
of a job; after that it is at hand until the server ends.
"""

import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from shipcall.app import practise
from shipcall.app.practise_room import open_room
from shipcall.core import UsageError
from shipcall.web.address import address_of
from shipcall.web.jobs import JOBS, PATIENCE, Job
from shipcall.web.page import View

MOST_DRAWN, MOST_TOLD = 6, 20
"""Plays that are kept in memory; older ones are drawn again when somebody asks."""


class Hall:
    """One workspace. What is done to one play is done one after the other."""

    def __init__(self, root: Path) -> None:
        self.room = open_room(root)
        self._told: dict[str, tuple[int, View]] = {}
        self._turns: dict[str, threading.RLock] = {}
        self._waited: dict[str, Job] = {}
        self._lock = threading.Lock()

    def turn(self, play: str) -> threading.RLock:
        """Give the lock that whoever writes to a play has to hold."""
        with self._lock:
            return self._turns.setdefault(play, threading.RLock())

    def view(self, play: str) -> View:
        """Give what `practise.resumed` gives; a debrief from memory where nothing happened."""
        with self.turn(play):
            size, known = self._size(play), self._told.get(play)
            if known is not None and known[0] == size:
                return known[1]
            view = practise.resumed(self.room, play)
            if view["kind"] == "practice_debrief":
                self._told[play] = (self._size(play), view)
            self._forget()
            return view

    def shown(self, play: str, target: str) -> View:
        """Give the same, or, where it takes longer than a page may wait, how far it is.

        Args:
            play: Id of the play.
            target: Address to go to when it is there.

        Raises:
            UsageError: If there is no such play, or it cannot go on.
        """
        known = self._told.get(play)
        if play in self.room.drawn or (known is not None and known[0] == self._size(play)):
            return self.view(play)
        job = self._waited.get(play)
        if job is None or job.target != target:
            title = "Laying out the case"
            job = self._waited[play] = JOBS.start(title, target, lambda _: self.view(play))
        if job.thread is not None:
            job.thread.join(PATIENCE)
        if job.ended is None:
            return {"kind": "practice_waiting", "id": play, "go": address_of("jobs", job.name)}
        self._waited.pop(play, None)
        if job.failed:
            raise UsageError(job.failed)
        return self.view(play)

    def carry(self, play: str, rule: str) -> None:
        """Keep the one rule, also in what was told already."""
        with self.turn(play):
            practise.carry(self.room, play, rule)
            if play in self._told:
                view = self._told[play][1]
                finished = {**view["finished"], "rule": rule}
                self._told[play] = (self._size(play), {**view, "finished": finished})

    def job(self, title: str, target: str, work: Callable[[], Any], *, back: str = "") -> str:
        """Do something that may take seconds, and say where to go meanwhile.

        Args:
            title: What is done.
            target: Where to go when it is done, unless the work gives an address itself.
            work: What is done.
            back: Where to go when it could not be done.
        """
        return JOBS.where(JOBS.start(title, target, lambda _: work(), back=back))

    def _size(self, play: str) -> int:
        path = self.room.journal_path(play)
        return path.stat().st_size if path.is_file() else -1

    def _forget(self) -> None:
        with self._lock:
            for known, most in ((self.room.drawn, MOST_DRAWN), (self._told, MOST_TOLD)):
                for play in list(known)[:-most]:
                    known.pop(play, None)


@cache
def hall_of(root: Path) -> Hall:
    """Give the hall of a workspace; there is one."""
    return Hall(root)
