"""Rooms for tests: a workspace with the tiny case, and a clock that goes on when it is told to."""

from typing import Any

from practice.shelves import case_of, hidden
from shipcall.app import practise
from shipcall.app.practise_room import Room

CASE = case_of(hidden())
"""The tiny case, as it lies on the shelf of these tests."""
MINUTES = 60.0
"""Seconds of one."""


class Watch:
    """A wall clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def wait(self, minutes: float) -> None:
        self.now += minutes * MINUTES


def begun(room: Room, **wish: Any) -> str:
    """Id of a play of the tiny case whose clock runs."""
    play = str(practise.start(room, practise.Wish(**({"case": "tiny"} | wish)))["id"])
    practise.go(room, play)
    return play


def left(room: Room, play: str) -> float | None:
    view = practise.at(room, play)
    seconds = view["clock"]["left"]
    return None if seconds is None else seconds / MINUTES
