"""Replays as people ask for them: one's own past releases, the verdict hidden until the call."""

from pathlib import Path
from typing import Any

from shipcall.app.workspace import sound_entries, who, workspace_of
from shipcall.core import Action, Call, UsageError
from shipcall.ledger.entry import Entry
from shipcall.practice.replay import Past, covered, opened, past_of, pasts

View = dict[str, Any]


def replays(place: Path) -> View:
    """List the verdicts of a workspace that can be replayed."""
    return {
        "kind": "replays",
        "replays": [
            {
                "id": past.id,
                "release": past.release,
                "stage": past.verdict.body["stage"],
                "as_of": past.verdict.body["as_of"],
            }
            for past in pasts(_entries(place))
        ],
    }


def replay_begun(place: Path, wanted: str) -> View:
    """Show what was measured and promised then, without any answer."""
    return covered(_past(place, wanted))


def replay_told(place: Path, wanted: str, action: str, *, probability: float, why: str) -> View:
    """Take the call, and show what the contract said and what came of it.

    Raises:
        UsageError: If there is no such replay, or the call is none.
    """
    try:
        said = Action(action.strip().upper().replace("_", " ").replace("-", " "))
        call = Call(action=said, probability=probability, why=why, by=who(), blind=True)
    except ValueError as wrong:
        raise UsageError(f"{wrong}. Calls: {', '.join(Action)}.") from wrong
    return opened(_past(place, wanted), call)


def _past(place: Path, wanted: str) -> Past:
    return past_of(_entries(place), wanted)


def _entries(place: Path) -> list[Entry]:
    ledger = workspace_of(place).ledger_if_any()
    if ledger is None:
        raise UsageError("there is no ledger here, so no release of yours can be replayed.")
    return sound_entries(ledger)
