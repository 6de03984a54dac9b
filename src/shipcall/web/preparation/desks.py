"""Desks: where one prepares in each workspace, one writer at a time, and where a hint leads on."""

import time
from contextlib import AbstractContextManager
from pathlib import Path
from threading import RLock

from shipcall.app.prepare import Desk, desk_at
from shipcall.core import UsageError
from shipcall.web.address import address_of
from shipcall.web.page import View

_TURN = RLock()
_BEGUN = "shipcall practice "


def desk_of(root: Path) -> Desk:
    """Find the desk of a workspace."""
    return desk_at(root)


def turn() -> AbstractContextManager[bool]:
    """Give the lock that whoever writes to a diary has to hold: it has one line after another."""
    return _TURN


def ahead(told: str) -> View:
    """Say where a drill or a hint of a lesson leads: a case, a page or a command.

    Args:
        told: "C08", "form dvl", "shipcall practice start C08", a study or an exercise.

    Returns:
        `kind` (case, page or command), `says`, and `to`, which is empty for a command.
    """
    short = told.removeprefix(_BEGUN)
    word, _, name = short.partition(" ")
    if word == "start" or (not name and word[:1] == "C" and word[1:].isdecimal()):
        return {"kind": "case", "says": name or word, "to": "/practice/start"}
    if word in {"form", "question", "lesson"}:
        return {"kind": "page", "says": short, "to": address_of("prepare", word, name)}
    if word == "study":
        return {"kind": "command", "says": f"shipcall {short}", "to": ""}
    exercise = short if word == "exercise" else f"exercise {short}"
    return {"kind": "command", "says": f"{_BEGUN}{exercise}", "to": ""}


def whole(text: str, *, what: str) -> int:
    """Read a whole number from 0 on, as it stands in an address or a field.

    Raises:
        UsageError: If it is none.
    """
    told = text.strip()
    if not told.isdecimal() or len(told) > 18:
        raise UsageError(f"{what}: {text[:40]!r} is no whole number from 0 on.")
    return int(told)


def number(text: str, *, what: str) -> float:
    """Read a number, with or without a percent sign.

    Raises:
        UsageError: If it is none.
    """
    try:
        return float(text.replace("%", "").replace(",", "").strip())
    except ValueError:
        raise UsageError(f"{what}: {text[:40]!r} is no number.") from None


def now() -> int:
    """Seconds since 1970: when a clock began stands in the address."""
    return int(time.time())
