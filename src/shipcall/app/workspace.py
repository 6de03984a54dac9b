"""Workspace: the nearest folder with .shipcall, which holds the ledger."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from shipcall.app.newest import Newest
from shipcall.app.place import FOLDER, make, root_of
from shipcall.core import LedgerError, UsageError
from shipcall.ledger.entry import Entry
from shipcall.ledger.sign import SigningKey, default_path
from shipcall.ledger.store import Ledger
from shipcall.ledger.verify import verify

BEGAN = "ledger-began"
"""Says that there has been a ledger, so that one that is gone is not taken for a new one."""
REMEMBERED = 4
"""Ledgers of which sound entries are kept."""
_SOUND = Newest[tuple[tuple[int, int, int, bytes], tuple[Entry, ...]]](REMEMBERED)


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder with contracts, evidence and one ledger."""

    root: Path

    @property
    def ledger_path(self) -> Path:
        """Where the ledger lies."""
        return self.root / FOLDER / "ledger.db"

    def ledger(self) -> Ledger:
        """Open the ledger; make it on first use."""
        self._refuse_lost()
        folder = self.root / FOLDER
        began = folder / BEGAN
        make(folder)
        ledger = Ledger.open(self.ledger_path, create=not self.ledger_path.exists())
        if not began.exists():
            began.write_text(f"{now()}\n", encoding="utf-8")
        return ledger

    def ledger_if_any(self) -> Ledger | None:
        """Open the ledger if there is one; reading alone makes nothing.

        Raises:
            LedgerError: If there was one and it is gone: that is not a workspace without releases.
        """
        self._refuse_lost()
        return Ledger.open(self.ledger_path) if self.ledger_path.exists() else None

    def _refuse_lost(self) -> None:
        if (self.root / FOLDER / BEGAN).exists() and not self.ledger_path.exists():
            raise LedgerError(
                f"{self.ledger_path} is gone, and a ledger was begun here. Restore it; without it "
                "no look and no seal can be counted."
            )


def sound_entries(ledger: Ledger) -> list[Entry]:
    """Read the whole ledger after checking every hash, signature and link.

    What was found sound is kept as long as the file is as it was: a server reads it for every
    page. Whoever wants it checked anew, whatever was seen before, asks `ledger.verify`.

    Raises:
        LedgerError: If anything is wrong with it: nothing is counted from a damaged ledger.
    """
    state = _state(ledger.path)
    known = _SOUND.get(ledger.path)
    if known is None or known[0] != state:
        verify(ledger).demand()
        known = _SOUND.keep(ledger.path, (state, tuple(ledger.entries())))
    return list(known[1])


def _state(path: Path) -> tuple[int, int, int, bytes]:
    """Say in which state the file of a ledger is; no two states of it say the same.

    Bytes 24 to 27 of an SQLite file count its transactions (SQLite, Database File Format, 1.3.7),
    so two writes within one tick of the clock differ too.
    """
    with path.open("rb") as file:
        found = os.fstat(file.fileno())
        return found.st_ino, found.st_size, found.st_mtime_ns, file.read(100)[24:28]


def workspace_of(place: Path) -> Workspace:
    """Find the workspace of a contract file or folder: the nearest .shipcall, else its folder."""
    return Workspace(root_of(place))


def signing_key() -> SigningKey:
    """Load this person's signing key; make it on first use, readable by its owner alone."""
    return SigningKey.load_or_create(default_path(os.environ))


def now() -> str:
    """Say the time, UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def as_of(text: str | None) -> str:
    """Read `--as-of`, or take the clock.

    Raises:
        UsageError: If it is no time, or has no time zone.
    """
    if text is None:
        return now()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise UsageError(
            f"--as-of {text!r} is not a time with a zone. Write it as 2026-11-20T13:31:04Z."
        )
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def who() -> str:
    """Name the person at the keyboard, as the operating system knows them."""
    return os.environ.get("SHIPCALL_BY") or os.environ.get("USER") or "unknown"
